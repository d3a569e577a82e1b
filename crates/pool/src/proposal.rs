use foretoken_core::{Context, Draft, NodeId, Token, TokenSet};

/// The continuations that one step guesses.
pub(crate) struct Proposal<'p, 'd> {
    draft: &'p mut Draft<'d>,
    end_of_sequence: &'p TokenSet,
    depth: usize,
    most: usize,
    chosen: Vec<Vec<Token>>,
}

impl<'p, 'd> Proposal<'p, 'd> {
    /// At most `candidates` continuations of at most `tokens` tokens each.
    pub(crate) fn new(
        context: &Context<'p>,
        draft: &'p mut Draft<'d>,
        candidates: usize,
        tokens: usize,
    ) -> Self {
        // A path of d guesses yields d + 1 tokens.
        let useful = context.remaining.saturating_sub(1);
        let depth = tokens.min(draft.budget().depth).min(useful);
        let end_of_sequence = context.end_of_sequence;
        Self { draft, end_of_sequence, depth, most: candidates, chosen: Vec::new() }
    }

    /// The most tokens of a continuation that can be of use.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether nothing more can be guessed.
    pub(crate) fn is_full(&self) -> bool {
        self.depth == 0 || self.chosen.len() >= self.most || self.draft.remaining() == 0
    }

    /// Guesses `continuation`, unless it says nothing new. `matched` is the
    /// length of the match that it follows.
    ///
    /// It ends before an end of sequence: the model's own choice after the
    /// path before it costs no row.
    pub(crate) fn offer(&mut self, continuation: &[Token], matched: usize) {
        let ends = |&token: &Token| self.end_of_sequence.contains(token);
        let length = continuation.iter().position(ends).unwrap_or(usize::MAX);
        let useful = &continuation[..continuation.len().min(length).min(self.depth)];
        let known = self.chosen.iter().any(|chosen| chosen.starts_with(useful));
        if self.is_full() || useful.is_empty() || known {
            return;
        }
        let each = prior(matched);
        let mut probability = 1.0 / (self.chosen.len() + 1) as f32;
        let mut node = NodeId::ROOT;
        for &token in useful {
            probability *= each;
            let shared = self.draft.tree().child(node, token).is_some();
            if !shared && self.draft.remaining() == 0 {
                break;
            }
            match self.draft.add(node, token, probability) {
                Some(child) => node = child,
                None => break,
            }
        }
        self.chosen.push(useful.to_vec());
    }
}

/// The chance that the next token is what followed the last `matched` tokens
/// before: `m / (m + 1.5)`, so 0.4 for one token, 0.67 for three, 0.87 for ten.
///
/// A guess that only ranks candidates; the `r`-th candidate of a step has an
/// `r`-th of it.
pub(crate) fn prior(matched: usize) -> f32 {
    let matched = matched as f32;
    matched / (matched + 1.5)
}
