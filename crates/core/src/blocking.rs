//! A blocking twin of each entry point, for programs without an executor.
//!
//! ```
//! assert_eq!(foretoken_core::blocking::block_on(async { 6 * 7 }), 42);
//! ```

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread::{self, Thread};

use crate::{
    CandidateSource, Context, DecodeError, Decoder, Draft, Generation, Model, ModelError, NodeId,
    Pass, Request, SourceError, Step, Token, TokenSink,
};

/// Runs a future to its end on this thread, which sleeps while the future waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = TaskContext::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// [`Model`] without an executor.
pub trait BlockingModel: Model {
    /// [`Model::forward`].
    ///
    /// # Errors
    ///
    /// As [`Model::forward`].
    fn forward_blocking<'m>(
        &'m mut self,
        steps: &[Step<'_>],
    ) -> Result<Box<dyn Pass + 'm>, ModelError> {
        block_on(self.forward(steps))
    }
}

impl<M: Model + ?Sized> BlockingModel for M {}

/// [`Pass`] without an executor.
pub trait BlockingPass: Pass {
    /// [`Pass::argmax`].
    ///
    /// # Errors
    ///
    /// As [`Pass::argmax`].
    fn argmax_blocking(&mut self, step: usize, node: NodeId) -> Result<Token, ModelError> {
        block_on(self.argmax(step, node))
    }

    /// [`Pass::top_k`].
    ///
    /// # Errors
    ///
    /// As [`Pass::top_k`].
    fn top_k_blocking(
        &mut self,
        step: usize,
        node: NodeId,
        k: usize,
    ) -> Result<Vec<(Token, f32)>, ModelError> {
        block_on(self.top_k(step, node, k))
    }

    /// [`Pass::logits`].
    ///
    /// # Errors
    ///
    /// As [`Pass::logits`].
    fn logits_blocking(
        &mut self,
        step: usize,
        node: NodeId,
        out: &mut [f32],
    ) -> Result<(), ModelError> {
        block_on(self.logits(step, node, out))
    }
}

impl<P: Pass + ?Sized> BlockingPass for P {}

/// [`CandidateSource`] without an executor.
pub trait BlockingSource: CandidateSource {
    /// [`CandidateSource::propose`].
    ///
    /// # Errors
    ///
    /// As [`CandidateSource::propose`].
    fn propose_blocking(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        block_on(self.propose(context, draft))
    }
}

impl<S: CandidateSource + ?Sized> BlockingSource for S {}

/// [`Decoder`] without an executor.
pub trait BlockingDecoder: Decoder {
    /// [`Decoder::decode`].
    ///
    /// # Errors
    ///
    /// As [`Decoder::decode`].
    fn decode_blocking(
        &mut self,
        request: &Request,
        sink: &mut dyn TokenSink,
    ) -> Result<Generation, DecodeError> {
        block_on(self.decode(request, sink))
    }
}

impl<D: Decoder + ?Sized> BlockingDecoder for D {}
