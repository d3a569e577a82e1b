use foretoken_core::Token;
use llguidance::Matcher;
use toktrie::SimpleVob;

use crate::Vocabulary;

/// How far an output matches: a parser that goes along the path.
///
/// What it answers depends on the path alone. It goes on from the path before,
/// back to where the two part and forward again, so the steps of a walk and the
/// nodes of a tree cost their own tokens only.
pub(crate) struct Matching {
    /// At the beginning; it stays there.
    fresh: Matcher,
    parser: Matcher,
    /// What the parser has read.
    path: Vec<Token>,
    vocabulary: Vocabulary,
    /// The last set that was worked out.
    set: SimpleVob,
}

/// Tokens that may follow.
pub(crate) struct Allowed<'a> {
    /// One bit for each token, from the lowest of the first word on.
    pub(crate) words: &'a [u32],
    /// Whether the text may end.
    pub(crate) end: bool,
}

/// Guesses at most so far ahead of the parser are looked at without moving it.
const AHEAD: usize = 64;

impl Matching {
    /// From the beginning of a text.
    pub(crate) fn new(fresh: Matcher, vocabulary: Vocabulary) -> Self {
        let (parser, set) = (fresh.clone(), SimpleVob::new());
        Self { fresh, parser, path: Vec::new(), vocabulary, set }
    }

    /// A copy that goes its own way. What the parser learned of the grammar is
    /// shared, which saves work and changes no answer.
    pub(crate) fn fork(&self) -> Self {
        Self {
            fresh: self.fresh.clone(),
            parser: self.parser.clone(),
            path: self.path.clone(),
            vocabulary: self.vocabulary.clone(),
            set: SimpleVob::new(),
        }
    }

    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// What may follow a path; nothing if the path itself may not come out.
    pub(crate) fn allowed(&mut self, path: &[Token]) -> Option<Allowed<'_>> {
        if !self.go_to(path) {
            return None;
        }
        if self.is_complete() {
            return Some(Allowed { words: &[], end: true });
        }
        let Ok(set) = self.parser.compute_mask() else {
            self.start_over();
            return None;
        };
        self.set = set;
        for &(twin, first) in self.vocabulary.twins() {
            if self.set.is_allowed(first) {
                self.set.allow_token(twin);
            }
        }
        let end = self.set.is_allowed(self.vocabulary.end());
        self.set.disallow_token(self.vocabulary.end());
        Some(Allowed { words: self.set.as_slice(), end })
    }

    /// Whether anything, the end included, may follow a path.
    pub(crate) fn allows_anything(&mut self, path: &[Token]) -> bool {
        self.allowed(path).is_some_and(|set| set.end || set.words.iter().any(|&word| word != 0))
    }

    /// Whether `token`, or the end for none, may follow a path.
    pub(crate) fn permits(&mut self, path: &[Token], token: Option<Token>) -> bool {
        let ahead = path.strip_prefix(self.path.as_slice());
        let ahead = match ahead.filter(|ahead| ahead.len() <= AHEAD) {
            Some(ahead) => ahead,
            None if self.go_to(path) => &[],
            None => return false,
        };
        if self.is_complete() {
            return ahead.is_empty() && token.is_none();
        }
        if ahead.iter().chain(&token).any(|&token| self.vocabulary.text(token).is_empty()) {
            return false;
        }
        let last = token.unwrap_or(self.vocabulary.end());
        let chain = [ahead, &[last]].concat();
        let Ok(valid) = self.parser.validate_tokens(&chain) else {
            self.start_over();
            return false;
        };
        valid == chain.len()
    }

    /// The bytes that must follow a path, as far as no choice is left.
    pub(crate) fn forced(&mut self, path: &[Token]) -> Vec<u8> {
        if !self.go_to(path) || self.is_complete() {
            return Vec::new();
        }
        let text = self.parser.compute_ff_bytes();
        if self.parser.is_error() {
            self.start_over();
        }
        text
    }

    /// Whether the text is complete: it ends here, and nothing may follow.
    /// Of the path before.
    pub(crate) fn is_complete(&self) -> bool {
        self.parser.is_stopped() && !self.parser.is_error()
    }

    /// Reads a path; no if it may not come out.
    fn go_to(&mut self, path: &[Token]) -> bool {
        let common = self.path.iter().zip(path).take_while(|(a, b)| a == b).count();
        if self.parser.rollback(self.path.len() - common).is_err() {
            self.start_over();
            return self.read(path);
        }
        self.path.truncate(common);
        self.read(&path[common..])
    }

    fn read(&mut self, tokens: &[Token]) -> bool {
        let texts = tokens.iter().take_while(|&&token| !self.vocabulary.text(token).is_empty());
        let texts = &tokens[..texts.count()];
        let Ok(read) = self.parser.try_consume_tokens(texts) else {
            self.start_over();
            return false;
        };
        self.path.extend_from_slice(&texts[..read]);
        read == tokens.len()
    }

    /// Leaves a parser behind that can go neither forward nor back.
    fn start_over(&mut self) {
        self.parser = self.fresh.clone();
        self.path.clear();
    }
}
