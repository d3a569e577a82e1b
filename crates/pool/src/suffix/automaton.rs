use foretoken_core::Token;

use super::edges::Edges;

/// The empty string's state.
pub(crate) const START: u32 = 0;
/// No state.
const NONE: u32 = u32::MAX;

/// The suffix automaton of a text, with counts.
///
/// A state stands for strings that occur at the same places: the longest of
/// them and some of its suffixes (Blumer et al., 1985). Its link leads to the
/// longest suffix that occurs at more places, so following links from the
/// state of the whole text visits all its suffixes, from long to short.
///
/// [`count`](Self::count) and [`end`](Self::end) are exact for every string of
/// at most `depth` tokens; counting stops there, so that a token costs
/// amortised constant time even in a text of one repeated token.
///
/// [`pop`](Self::pop) takes a token back exactly: a log of what each token
/// changed restores the automaton of the shorter text, state by state. Memory
/// is at most 200 bytes and four times `depth` a token, some 150 in prose.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub(crate) struct Automaton {
    depth: u32,
    text: Vec<Token>,
    states: Vec<State>,
    edges: Edges,
    /// The state of the whole text.
    last: u32,
    /// The text's last `depth` tokens.
    recent: Place,
    log: Vec<Pushed>,
    /// Edges that were led to a clone instead, in the order of time.
    redirected: Vec<u32>,
    /// What [`State::end`] was before it changed, in the order of time.
    ends: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    /// The length of its longest string.
    length: u32,
    link: u32,
    /// How often its strings occur.
    count: u32,
    /// The index of the token after their last occurrence.
    end: u32,
}

/// What one token changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pushed {
    states: u32,
    edges: u32,
    redirected: u32,
    ends: u32,
    last: u32,
    recent: Place,
    /// The state that was split, if one was, and its link before.
    split: u32,
    link: u32,
}

/// A string that occurs in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) state: u32,
    /// Its length; the state tells it only up to the longest one.
    pub(crate) length: u32,
}

impl Place {
    const START: Self = Self { state: START, length: 0 };
}

impl Automaton {
    /// The automaton of the empty text, counting strings of up to `depth` tokens, at least 1.
    pub(crate) fn new(depth: usize) -> Self {
        Self {
            depth: depth as u32,
            text: Vec::new(),
            states: vec![State { length: 0, link: NONE, count: 0, end: 0 }],
            edges: Edges::new(),
            last: START,
            recent: Place::START,
            log: Vec::new(),
            redirected: Vec::new(),
            ends: Vec::new(),
        }
    }

    pub(crate) fn text(&self) -> &[Token] {
        &self.text
    }

    /// Appends a token.
    pub(crate) fn push(&mut self, token: Token) {
        let mut pushed = Pushed {
            states: self.states.len() as u32,
            edges: self.edges.len(),
            redirected: self.redirected.len() as u32,
            ends: self.ends.len() as u32,
            last: self.last,
            recent: self.recent,
            split: NONE,
            link: NONE,
        };
        let length = self.states[self.last as usize].length + 1;
        let added = self.add(State { length, link: START, count: 0, end: 0 });
        let mut from = self.last;
        let known = loop {
            if let Some(edge) = self.edges.find(from, token) {
                break Some(self.edges.target(edge));
            }
            self.edges.add(from, token, added);
            from = self.states[from as usize].link;
            if from == NONE {
                break None;
            }
        };
        if let Some(known) = known {
            let length = self.states[from as usize].length + 1;
            self.states[added as usize].link = if self.states[known as usize].length == length {
                known
            } else {
                (pushed.split, pushed.link) = (known, self.states[known as usize].link);
                self.split(known, from, token, length)
            };
        }
        self.last = added;
        self.text.push(token);
        self.log.push(pushed);
        self.count_recent(token);
    }

    /// Splits the strings of at most `length` tokens off `state`; the edges for
    /// `token` that lead to it, from `from` on along the links, then lead to them.
    fn split(&mut self, state: u32, mut from: u32, token: Token, length: u32) -> u32 {
        let clone = self.add(State { length, ..self.states[state as usize] });
        self.edges.copy(state, clone);
        while from != NONE {
            match self.edges.find(from, token) {
                Some(edge) if self.edges.target(edge) == state => {
                    self.edges.redirect(edge, clone);
                    self.redirected.push(edge);
                }
                _ => break,
            }
            from = self.states[from as usize].link;
        }
        self.states[state as usize].link = clone;
        clone
    }

    fn add(&mut self, state: State) -> u32 {
        self.states.push(state);
        self.edges.add_state();
        (self.states.len() - 1) as u32
    }

    /// Counts the strings that the last token, `token`, completed.
    fn count_recent(&mut self, token: Token) {
        // The last push may have split the state that it was in.
        let before = self.shortened(self.recent, self.depth);
        let recent = self.next(before, token).expect("the end of the text occurs in it");
        self.recent = self.shortened(recent, self.depth);
        let end = self.text.len() as u32;
        let mut at = self.recent.state;
        while at != START {
            let state = &mut self.states[at as usize];
            self.ends.push(state.end);
            state.count += 1;
            state.end = end;
            at = state.link;
        }
    }

    /// Takes the last token back; of the empty text, nothing.
    pub(crate) fn pop(&mut self) {
        let (Some(pushed), Some(_)) = (self.log.pop(), self.text.pop()) else { return };
        let mut at = self.recent.state;
        for &end in &self.ends[pushed.ends as usize..] {
            let state = &mut self.states[at as usize];
            state.count -= 1;
            state.end = end;
            at = state.link;
        }
        self.ends.truncate(pushed.ends as usize);
        for &edge in &self.redirected[pushed.redirected as usize..] {
            self.edges.redirect(edge, pushed.split);
        }
        self.redirected.truncate(pushed.redirected as usize);
        if pushed.split != NONE {
            self.states[pushed.split as usize].link = pushed.link;
        }
        self.edges.truncate(pushed.edges, pushed.states);
        self.states.truncate(pushed.states as usize);
        (self.last, self.recent) = (pushed.last, pushed.recent);
    }

    /// The last `most` tokens of the text, `depth` at most.
    pub(crate) fn suffix(&self, most: usize) -> Place {
        self.shortened(self.recent, self.depth.min(most as u32))
    }

    /// The suffix of `place` with at most `most` tokens. `place` is at most one
    /// token longer, or its state was split since.
    fn shortened(&self, place: Place, most: u32) -> Place {
        let mut place = Place { state: place.state, length: place.length.min(most) };
        while place.state != START {
            let link = self.states[place.state as usize].link;
            if self.states[link as usize].length < place.length {
                break;
            }
            place.state = link;
        }
        place
    }

    /// The string of `place` with `token` after it, if it occurs.
    fn next(&self, place: Place, token: Token) -> Option<Place> {
        let state = self.continuation(place.state, token)?;
        Some(Place { state, length: place.length + 1 })
    }

    /// The longest suffix, of at most `most` tokens, of the string of `place`
    /// and `token` that occurs; `most` is at least the length of `place`.
    pub(crate) fn follow(&self, mut place: Place, token: Token, most: usize) -> Place {
        loop {
            if let Some(next) = self.next(place, token) {
                return self.shortened(next, most as u32);
            }
            match self.shorter(place) {
                Some(shorter) => place = shorter,
                None => return Place::START,
            }
        }
    }

    /// The longest suffix of `place` that occurs at more places than it does.
    pub(crate) fn shorter(&self, place: Place) -> Option<Place> {
        let link = self.states[place.state as usize].link;
        (link != NONE).then(|| Place { state: link, length: self.states[link as usize].length })
    }

    /// How often a string of at most `depth` tokens occurs; not for the empty one.
    pub(crate) fn count(&self, state: u32) -> u32 {
        self.states[state as usize].count
    }

    /// How often a token follows such a string: as often as it occurs, but
    /// for the end of the text.
    pub(crate) fn followed(&self, state: u32) -> u32 {
        let state = &self.states[state as usize];
        state.count - u32::from(state.end as usize == self.text.len())
    }

    /// The index of the token after the last occurrence of such a string.
    pub(crate) fn end(&self, state: u32) -> u32 {
        self.states[state as usize].end
    }

    /// How many different tokens follow the string.
    pub(crate) fn degree(&self, state: u32) -> u32 {
        self.edges.degree(state)
    }

    /// The state of the string with `token` after it, if it occurs.
    pub(crate) fn continuation(&self, state: u32, token: Token) -> Option<u32> {
        self.edges.find(state, token).map(|edge| self.edges.target(edge))
    }

    /// The tokens that follow the string, and the states of the string with each.
    pub(crate) fn continuations(&self, state: u32) -> impl Iterator<Item = (Token, u32)> + '_ {
        self.edges.of(state)
    }
}

#[cfg(test)]
#[path = "automaton_tests.rs"]
mod tests;
