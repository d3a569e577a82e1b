use crate::Context;

/// Changes logits before a token is chosen from them.
///
/// # Contract
///
/// What it makes of the logits depends on them and on the path so far
/// ([`Context::history`] and [`Context::prompt_len`]) alone, not on when or how
/// often it is asked: steps verify several tokens, and a path may be asked
/// about again. State may only save work. Then every strategy says what plain
/// decoding with the same processor says.
///
/// Setting a logit to negative infinity forbids its token. A logit must not
/// become NaN, and one at least must stay above negative infinity.
///
/// # A complete implementation
///
/// Makes the token before last less likely, so that nothing is said twice in a row of two.
///
/// ```
/// use foretoken_core::{Context, LogitsProcessor, TokenSet};
///
/// #[derive(Clone)]
/// struct NoPingPong { penalty: f32 }
///
/// impl LogitsProcessor for NoPingPong {
///     fn process(&mut self, context: &Context<'_>, logits: &mut [f32]) {
///         if let [.., token, _] = *context.history {
///             logits[token as usize] -= self.penalty;
///         }
///     }
///
///     fn fork(&self) -> Box<dyn LogitsProcessor> { Box::new(self.clone()) }
/// }
///
/// // Object-safe:
/// let mut processor: Box<dyn LogitsProcessor> = Box::new(NoPingPong { penalty: 2.0 });
/// let (mut logits, end) = ([1.0, 3.0, 2.0], TokenSet::default());
/// processor.process(&Context::new(&[0, 1, 2], 3, 3, &end), &mut logits);
/// assert_eq!(logits, [1.0, 1.0, 2.0]);
/// ```
pub trait LogitsProcessor: Send {
    /// Changes the logits of the token after [`Context::history`], one per
    /// token of the vocabulary.
    fn process(&mut self, context: &Context<'_>, logits: &mut [f32]);

    /// A copy that goes its own way.
    fn fork(&self) -> Box<dyn LogitsProcessor>;
}

macro_rules! forward_processor {
    ($($pointer:ty),*) => {$(
        impl<P: LogitsProcessor + ?Sized> LogitsProcessor for $pointer {
            fn process(&mut self, context: &Context<'_>, logits: &mut [f32]) {
                (**self).process(context, logits);
            }

            fn fork(&self) -> Box<dyn LogitsProcessor> {
                (**self).fork()
            }
        }
    )*};
}

forward_processor!(&mut P, Box<P>);
