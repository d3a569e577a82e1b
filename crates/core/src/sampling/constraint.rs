use super::TokenMask;
use crate::{Context, Token};

/// Which tokens may follow a path: a grammar, a schema, a list of answers.
///
/// A decoder chooses among allowed tokens only, and does not verify guesses
/// that are not allowed.
///
/// # Contract
///
/// What is allowed depends on the path alone ([`Context::history`], of which
/// the tokens from [`Context::prompt_len`] on have come out), not on when or
/// how often it is asked: the branches of a tree are asked about in any order.
/// State may only save work, by going on from the path before.
///
/// A token that ends the sequence comes out only where it is allowed. If
/// nothing is allowed, decoding fails.
///
/// # A complete implementation
///
/// Allows even tokens and odd ones in turn.
///
/// ```
/// use foretoken_core::{Constraint, Context, TokenMask, TokenSet};
///
/// #[derive(Clone)]
/// struct InTurn;
///
/// impl Constraint for InTurn {
///     fn allow(&mut self, context: &Context<'_>, allowed: &mut TokenMask) {
///         let turn = context.emitted().len() as u32;
///         allowed.retain(|token| token % 2 == turn % 2);
///     }
///
///     fn fork(&self) -> Box<dyn Constraint> { Box::new(self.clone()) }
/// }
///
/// let end = TokenSet::default();
/// let context = Context::new(&[7, 7, 2], 2, 10, &end);
/// assert!(InTurn.permits(&context, 5) && !InTurn.permits(&context, 6));
/// ```
pub trait Constraint: Send {
    /// Removes from `allowed`, which has all tokens, those that must not
    /// follow [`Context::history`].
    fn allow(&mut self, context: &Context<'_>, allowed: &mut TokenMask);

    /// Whether `token` may follow. Asked for each guess; the provided method
    /// works out the whole set.
    fn permits(&mut self, context: &Context<'_>, token: Token) -> bool {
        let mut allowed = TokenMask::all(context.vocabulary);
        self.allow(context, &mut allowed);
        allowed.contains(token)
    }

    /// A guess at what follows: a chain of at most `most` tokens, each with the
    /// chance that it is right if those before it are.
    ///
    /// The provided method goes as far as only one token is allowed, with
    /// certainty. A constraint that knows its text better overrides it.
    fn foresee(&mut self, context: &Context<'_>, most: usize) -> Vec<(Token, f32)> {
        let Context { prompt_len, vocabulary, end_of_sequence, remaining, .. } = *context;
        let mut allowed = TokenMask::none(vocabulary);
        let mut path = context.history.to_vec();
        let mut chain = Vec::new();
        while chain.len() < most {
            let here = Context::new(&path, prompt_len, vocabulary, end_of_sequence)
                .with_remaining(remaining.saturating_sub(chain.len()));
            allowed.fill();
            self.allow(&here, &mut allowed);
            let Some(token) = allowed.only() else { break };
            chain.push((token, 1.0));
            if end_of_sequence.contains(token) {
                break;
            }
            path.push(token);
        }
        chain
    }

    /// A copy that goes its own way.
    fn fork(&self) -> Box<dyn Constraint>;
}

macro_rules! forward_constraint {
    ($($pointer:ty),*) => {$(
        impl<C: Constraint + ?Sized> Constraint for $pointer {
            fn allow(&mut self, context: &Context<'_>, allowed: &mut TokenMask) {
                (**self).allow(context, allowed);
            }

            fn permits(&mut self, context: &Context<'_>, token: Token) -> bool {
                (**self).permits(context, token)
            }

            fn foresee(&mut self, context: &Context<'_>, most: usize) -> Vec<(Token, f32)> {
                (**self).foresee(context, most)
            }

            fn fork(&self) -> Box<dyn Constraint> {
                (**self).fork()
            }
        }
    )*};
}

forward_constraint!(&mut C, Box<C>);
