use std::fmt;
use std::sync::Arc;

use foretoken_core::Token;
use llguidance::ParserFactory;
use llguidance::earley::SlicedBiasComputer;
use toktrie::{InferenceCapabilities, TokEnv, TokRxInfo, TokTrie, TokenId, TokenizerEnv};

use crate::{GrammarError, GrammarErrorKind};

/// The texts of a model's tokens, which grammars are matched against.
///
/// Clones are cheap and share everything: make one for a model and all of its
/// grammars.
#[derive(Clone)]
pub struct Vocabulary(Arc<Shared>);

struct Shared {
    factory: ParserFactory,
    tokens: TokEnv,
    /// How many tokens there are; this number stands for the end of a text.
    len: usize,
    /// Tokens with the text of another one, which comes first.
    twins: Vec<(Token, Token)>,
    encode: Option<Box<Encode>>,
}

type Encode = dyn Fn(&str) -> Vec<Token> + Send + Sync;

/// No vocabulary has longer tokens; a trie has no room for them.
const LONGEST_TOKEN: usize = 1000;

/// Work that goes into one set of allowed tokens at most. It is bounded so that
/// an absurd grammar ends in an error, and far above what real ones need: work
/// that was done for earlier sets is remembered, so a bound that is met would
/// make a set depend on those.
const MOST_WORK: u64 = 50_000_000;
const MOST_ITEMS: usize = 5_000_000;

impl Vocabulary {
    /// A vocabulary whose token with number `i` has the `i`-th of these texts.
    ///
    /// A token that is no text (it ends a sequence, or steers the model in some
    /// other way) has an empty one: no grammar allows it, other than the end
    /// where a sequence may end. Texts need not be whole characters.
    ///
    /// # Errors
    ///
    /// [`GrammarErrorKind::Vocabulary`] if no token has a text.
    pub fn new<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Result<Self, GrammarError> {
        let mut words: Vec<Vec<u8>> = texts.into_iter().map(|text| text.as_ref().into()).collect();
        let len = words.len();
        for word in &mut words {
            // This byte is in no text, and marks special tokens for the trie.
            if word.len() > LONGEST_TOKEN || word.contains(&TokTrie::SPECIAL_TOKEN_MARKER) {
                word.clear();
            }
        }
        if words.iter().all(Vec::is_empty) {
            return Err(unusable("no token has a text"));
        }
        let end = u32::try_from(len).ok().filter(|&end| end < 1 << 22);
        let end = end.ok_or_else(|| unusable("it has too many tokens"))?;
        words.push(END.into());

        let trie = TokTrie::from(&TokRxInfo::new(end + 1, end), &words);
        let twins = (0..end)
            .filter_map(|token| {
                let first = trie.token_id_at_bytes(trie.token(token));
                first.filter(|&first| first != token).map(|first| (token, first))
            })
            .collect();
        let tokens: TokEnv = Arc::new(Texts(trie));
        let slices = SlicedBiasComputer::general_slices();
        let mut factory = ParserFactory::new(&tokens, InferenceCapabilities::default(), &slices)
            .map_err(unusable)?;
        factory.quiet();
        let limits = factory.limits_mut();
        limits.verbose_errors = false;
        limits.step_lexer_fuel = MOST_WORK;
        limits.step_max_items = MOST_ITEMS;
        Ok(Self(Arc::new(Shared { factory, tokens, len, twins, encode: None })))
    }

    /// The same with the model's own way to cut a text into tokens, without any
    /// that begin or end a sequence. It makes guesses at forced text better;
    /// the longest tokens that fit are guessed otherwise. What is allowed does
    /// not depend on it.
    ///
    /// # Errors
    ///
    /// [`GrammarErrorKind::Vocabulary`] if there are clones of this vocabulary already.
    pub fn with_encoder(
        self,
        encode: impl Fn(&str) -> Vec<Token> + Send + Sync + 'static,
    ) -> Result<Self, GrammarError> {
        let mut shared = Arc::into_inner(self.0)
            .ok_or_else(|| unusable("an encoder is given before the vocabulary is cloned"))?;
        shared.encode = Some(Box::new(encode));
        Ok(Self(Arc::new(shared)))
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.0.len
    }

    /// Whether there are none, which never is.
    pub fn is_empty(&self) -> bool {
        self.0.len == 0
    }

    pub(crate) fn factory(&self) -> &ParserFactory {
        &self.0.factory
    }

    pub(crate) fn trie(&self) -> &TokTrie {
        self.0.tokens.tok_trie()
    }

    pub(crate) fn twins(&self) -> &[(Token, Token)] {
        &self.0.twins
    }

    /// The number that stands for the end of a text.
    pub(crate) fn end(&self) -> TokenId {
        self.0.len as TokenId
    }

    /// The text of a token; none for one that is no text.
    pub(crate) fn text(&self, token: Token) -> &[u8] {
        if (token as usize) < self.0.len { self.trie().token(token) } else { &[] }
    }

    pub(crate) fn encode(&self, text: &str) -> Option<Vec<Token>> {
        self.0.encode.as_ref().map(|encode| encode(text))
    }
}

/// The text that stands for the end, with the byte that marks special tokens.
const END: &[u8] = b"\xff<end>";

fn unusable(detail: impl fmt::Display) -> GrammarError {
    GrammarError::new(GrammarErrorKind::Vocabulary, detail)
}

impl fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vocabulary").field("len", &self.0.len).finish_non_exhaustive()
    }
}

/// Tokens that are not tied to one way of cutting a text: all that spell an
/// allowed text are allowed.
struct Texts(TokTrie);

impl TokenizerEnv for Texts {
    fn tok_trie(&self) -> &TokTrie {
        &self.0
    }

    fn tokenize_bytes(&self, text: &[u8]) -> Vec<TokenId> {
        self.0.greedy_tokenize(text)
    }

    fn tokenize_is_canonical(&self) -> bool {
        false
    }
}
