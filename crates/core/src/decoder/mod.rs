//! What turns a prompt into tokens.

mod cancellation;
mod error;
mod generation;
mod limits;
mod request;
mod score;
mod seconds;
mod sink;
mod statistics;
mod stream;

pub use cancellation::Cancellation;
pub use error::{DecodeError, DecodeErrorKind};
pub use generation::{Generation, StopReason};
pub use limits::{RepetitionGuard, WhenContextFull};
pub use request::Request;
pub use score::Score;
pub use sink::{Emitted, Stepped, TokenSink};
pub use statistics::{DepthCount, SourceStatistics, Statistics};
pub use stream::{Event, EventStream, TokenEvent};

use crate::async_trait;

/// Turns a prompt into tokens, passing each to a sink as soon as it is known.
///
/// # Contract
///
/// The tokens are those of plain decoding of the decoder's model, whatever the
/// decoder does to be faster. The decoder is usable again after an error, and
/// after its future was dropped.
///
/// # A complete implementation
///
/// Plain greedy decoding of any model, one token a pass:
///
/// ```
/// use foretoken_core::{
///     async_trait, DecodeError, Decoder, Emitted, Generation, Model, NodeId, Request, SourceSet,
///     Step, StopReason, TokenSink, TokenTree, Want,
/// };
///
/// struct Plain<M>(M);
///
/// #[async_trait]
/// impl<M: Model> Decoder for Plain<M> {
///     async fn decode(&mut self, request: &Request, sink: &mut dyn TokenSink) -> Result<Generation, DecodeError> {
///         if !request.sampling.is_plain_greedy() {
///             return Err(DecodeError::config("this decoder is greedy only"));
///         }
///         let model = &mut self.0;
///         let seq = model.open()?;
///         let mut output = Generation::default();
///         let (&last, prompt) = request.prompt.split_last().ok_or_else(DecodeError::empty_prompt)?;
///         if let Some((&first, rest)) = prompt.split_first() {
///             let chunk = TokenTree::chain(first, rest);
///             drop(model.forward(&[Step::new(seq, &chunk, &[])]).await?);
///             model.commit(seq, &chunk.nodes().collect::<Vec<_>>())?;
///         }
///         let mut root = last;
///         while output.tokens.len() < request.max_new_tokens {
///             let tree = TokenTree::chain(root, &[]);
///             let mut pass = model.forward(&[Step::new(seq, &tree, &[Want::Argmax])]).await?;
///             root = pass.argmax(0, NodeId::ROOT).await?;
///             drop(pass);
///             model.commit(seq, &[NodeId::ROOT])?;
///             output.tokens.push(root);
///             if sink.token(&Emitted::plain(root, output.tokens.len() - 1)).is_break() {
///                 output.stop = StopReason::Sink;
///                 break;
///             }
///             if model.info().end_of_sequence.contains(root) {
///                 output.stop = StopReason::EndOfSequence;
///                 break;
///             }
///         }
///         model.close(seq);
///         Ok(output)
///     }
/// }
/// ```
#[async_trait]
pub trait Decoder: Send {
    /// Decodes one request.
    ///
    /// # Errors
    ///
    /// If the request is not valid for the model, or a pass fails. Tokens that
    /// came out before are in [`DecodeError::generated`], and the sink has seen them.
    async fn decode(
        &mut self,
        request: &Request,
        sink: &mut dyn TokenSink,
    ) -> Result<Generation, DecodeError>;
}

macro_rules! forward_decoder {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<D: Decoder + ?Sized> Decoder for $pointer {
            async fn decode(
                &mut self,
                request: &Request,
                sink: &mut dyn TokenSink,
            ) -> Result<Generation, DecodeError> {
                (**self).decode(request, sink).await
            }
        }
    )*};
}

forward_decoder!(&mut D, Box<D>);
