use foretoken_core::Token;

use super::automaton::Automaton;

/// The automaton of the text's last tokens, as many as are remembered.
///
/// When the text grows beyond that, its older half is forgotten, and the
/// automaton of the rest is built anew. Where the window begins depends on
/// the length of the text only, so that a text that was cut back, or reached
/// in pieces, has the automaton that it would have had at once.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    automaton: Automaton,
    depth: usize,
    most: usize,
    /// The index of the automaton's first token in the text.
    start: usize,
}

impl Window {
    /// Counts strings of up to `depth` tokens among the last `most`, at least 2.
    pub(crate) fn new(depth: usize, most: usize) -> Self {
        Self { automaton: Automaton::new(depth), depth, most, start: 0 }
    }

    pub(crate) fn automaton(&self) -> &Automaton {
        &self.automaton
    }

    /// The length of the text, with what was forgotten of it.
    pub(crate) fn len(&self) -> usize {
        self.start + self.automaton.text().len()
    }

    /// Makes `text` the text: appends what is new, after taking back what
    /// cannot belong to it.
    pub(crate) fn follow(&mut self, text: &[Token]) {
        let start = self.start_for(text.len());
        if start != self.start {
            self.keep(0);
            self.start = start;
        }
        let text = &text[start..];
        let known = self.automaton.text();
        // Whoever cuts a sequence back says so, so the last tokens tell enough.
        let recent = known.len().saturating_sub(16);
        if text.get(recent..known.len()) != Some(&known[recent..]) {
            let common = known.iter().zip(text).take_while(|(left, right)| left == right);
            let common = common.count();
            self.keep(common);
        }
        for &token in &text[self.automaton.text().len()..] {
            self.automaton.push(token);
        }
    }

    /// Takes back all but the first `len` tokens of the text.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.keep(len.saturating_sub(self.start));
    }

    /// Takes back all but the first `len` tokens of the window.
    fn keep(&mut self, len: usize) {
        if len == 0 {
            // Returns the memory, too.
            self.automaton = Automaton::new(self.depth);
        }
        while self.automaton.text().len() > len {
            self.automaton.pop();
        }
    }

    fn start_for(&self, len: usize) -> usize {
        let half = self.most / 2;
        len.saturating_sub(self.most).div_ceil(half) * half
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn holds_the_last_tokens_however_it_got_there(
            texts in prop::collection::vec(
                (prop::collection::vec(0..3u32, 0..60), 0..60usize, any::<bool>()),
                1..6,
            ),
            most in 2..30usize,
        ) {
            let mut window = Window::new(4, most);
            let mut text = Vec::new();
            for (round, (more, cut, told)) in texts.into_iter().enumerate() {
                text.truncate(cut);
                if told {
                    window.truncate(cut);
                }
                // What differs lies in the last tokens, or it was announced.
                text.extend(if told { more } else { more.iter().map(|t| t + 9 * round as Token).collect() });
                window.follow(&text);
                let mut fresh = Window::new(4, most);
                fresh.follow(&text);
                let held = window.automaton().text();
                prop_assert!(text.ends_with(held));
                prop_assert!(held.len() <= most && held.len() >= text.len().min(most / 2));
                prop_assert_eq!(window.start + held.len(), text.len());
                prop_assert_eq!(window.automaton(), fresh.automaton());
            }
        }
    }
}
