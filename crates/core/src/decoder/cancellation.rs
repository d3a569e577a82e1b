use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A wish, from anywhere, that a generation end.
///
/// Clones share it. It stays cancelled: a new request needs a new one. Two are
/// equal if they are clones of one another.
///
/// ```
/// use foretoken_core::{Cancellation, Request};
///
/// let cancellation = Cancellation::new();
/// let request = Request::new([1]).with_cancellation(cancellation.clone());
/// std::thread::spawn(move || cancellation.cancel()).join().unwrap();
/// assert!(request.cancellation.is_some_and(|cancellation| cancellation.is_cancelled()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    /// Nothing is cancelled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the generations that look at it, each within one pass.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether anyone cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl PartialEq for Cancellation {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Cancellation {}
