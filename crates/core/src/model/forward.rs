//! `&mut M` and `Box<M>` are models too.

use super::{Model, ModelError, ModelInfo, Pass, SeqId, Step};
use crate::{NodeId, async_trait};

macro_rules! forward_model {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<M: Model + ?Sized> Model for $pointer {
            fn info(&self) -> &ModelInfo {
                (**self).info()
            }

            fn open(&mut self) -> Result<SeqId, ModelError> {
                (**self).open()
            }

            fn fork(&mut self, seq: SeqId, len: usize) -> Result<SeqId, ModelError> {
                (**self).fork(seq, len)
            }

            fn close(&mut self, seq: SeqId) {
                (**self).close(seq);
            }

            fn len(&self, seq: SeqId) -> usize {
                (**self).len(seq)
            }

            async fn forward<'m>(
                &'m mut self,
                steps: &[Step<'_>],
            ) -> Result<Box<dyn Pass + 'm>, ModelError> {
                (**self).forward(steps).await
            }

            fn commit(&mut self, seq: SeqId, path: &[NodeId]) -> Result<(), ModelError> {
                (**self).commit(seq, path)
            }

            fn truncate(&mut self, seq: SeqId, len: usize) -> Result<(), ModelError> {
                (**self).truncate(seq, len)
            }
        }
    )*};
}

forward_model!(&mut M, Box<M>);
