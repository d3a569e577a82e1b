//! What runs the forward passes.

mod cost;
mod error;
mod forward;
mod info;
mod pass;
mod step;

pub use cost::{ContextCosts, CostTable, CostTableError};
pub use error::{ModelError, ModelErrorKind};
pub use info::{ModelInfo, TokenSet};
pub use pass::Pass;
pub use step::{SeqId, Step, Want};

use crate::{NodeId, async_trait};

/// A language model that verifies token trees.
///
/// A sequence has a cache of *committed* tokens. [`forward`](Self::forward)
/// computes every node of a tree that hangs off the committed tokens, without
/// committing any; [`commit`](Self::commit) then keeps one path of it. Node 0,
/// the root, is computed like every other node: it is the last emitted token
/// and not in the cache yet. A node's position is `len(seq) + depth`, and it
/// attends to the committed tokens, its ancestors and itself
/// ([`TreeMask`](crate::tree::TreeMask) is that rule as masks).
///
/// # Contract
///
/// - *Row invariance*: what a pass says of a node depends on the committed
///   tokens and the node's own path only, not on which other nodes, steps or
///   sequences ran with it. Losslessness rests on this.
/// - `forward` may be called again without `commit`; the earlier pass is dropped.
/// - `commit` is allowed once after each `forward`, for each of its sequences.
///
/// # A complete implementation
///
/// A "model" over the tokens 0 to 9 that counts: the next token is the sum of
/// all tokens so far, modulo 10.
///
/// ```
/// use foretoken_core::{
///     async_trait, Model, ModelError, ModelInfo, NodeId, Pass, SeqId, Step, Token, Want,
///     blocking::{BlockingModel, BlockingPass}, tree::TokenTree,
/// };
///
/// struct Sums { info: ModelInfo, cache: Vec<Token>, open: bool, last: Option<TokenTree> }
///
/// impl Sums {
///     fn new() -> Self {
///         let info = ModelInfo::new("sums", 10, 4096);
///         Self { info, cache: Vec::new(), open: false, last: None }
///     }
/// }
///
/// #[async_trait]
/// impl Model for Sums {
///     fn info(&self) -> &ModelInfo { &self.info }
///
///     fn open(&mut self) -> Result<SeqId, ModelError> {
///         if self.open { return Err(ModelError::unsupported("a second sequence")); }
///         self.open = true;
///         Ok(SeqId::new(0))
///     }
///
///     fn close(&mut self, _seq: SeqId) { self.open = false; self.cache.clear(); self.last = None; }
///
///     fn len(&self, _seq: SeqId) -> usize { self.cache.len() }
///
///     async fn forward<'m>(&'m mut self, steps: &[Step<'_>]) -> Result<Box<dyn Pass + 'm>, ModelError> {
///         let [step] = steps else { return Err(ModelError::unsupported("several steps in a pass")) };
///         self.last = Some(step.tree.clone());
///         let committed: Token = self.cache.iter().sum();
///         Ok(Box::new(SumsPass { committed, tree: step.tree.clone() }))
///     }
///
///     fn commit(&mut self, _seq: SeqId, path: &[NodeId]) -> Result<(), ModelError> {
///         let tree = self.last.take().ok_or_else(|| ModelError::misuse("commit without forward"))?;
///         self.cache.extend(path.iter().map(|&node| tree.token(node)));
///         Ok(())
///     }
///
///     fn truncate(&mut self, _seq: SeqId, len: usize) -> Result<(), ModelError> {
///         self.cache.truncate(len);
///         Ok(())
///     }
/// }
///
/// struct SumsPass { committed: Token, tree: TokenTree }
///
/// #[async_trait]
/// impl Pass for SumsPass {
///     async fn logits(&mut self, _step: usize, node: NodeId, out: &mut [f32]) -> Result<(), ModelError> {
///         let path: Token = self.tree.path_tokens(node).iter().sum();
///         out.fill(0.0);
///         out[((self.committed + path) % 10) as usize] = 1.0;
///         Ok(())
///     }
///     fn vocabulary(&self) -> usize { 10 }
/// }
///
/// let mut model = Sums::new();
/// let seq = model.open()?;
/// let tree = TokenTree::chain(3, &[4, 4]);
/// let mut pass = model.forward_blocking(&[Step::new(seq, &tree, &[])])?;
/// assert_eq!(pass.argmax_blocking(0, NodeId::new(1))?, 7); // 3 + 4
/// drop(pass);
/// model.commit(seq, &[NodeId::ROOT, NodeId::new(1)])?;
/// assert_eq!(model.len(seq), 2);
/// # Ok::<(), ModelError>(())
/// ```
#[async_trait]
pub trait Model: Send {
    /// Vocabulary, context length, end-of-sequence tokens and the like.
    fn info(&self) -> &ModelInfo;

    /// Starts an empty sequence.
    ///
    /// # Errors
    ///
    /// If the model has no room for one more.
    fn open(&mut self) -> Result<SeqId, ModelError>;

    /// Starts a sequence that shares the first `len` committed tokens of `seq`.
    ///
    /// # Errors
    ///
    /// If the model has no room for one more, or cannot fork at all, which is
    /// what the provided method says.
    fn fork(&mut self, seq: SeqId, len: usize) -> Result<SeqId, ModelError> {
        let _ = (seq, len);
        Err(ModelError::unsupported("forking a sequence"))
    }

    /// Ends a sequence and frees its cache. An unknown one is ignored.
    fn close(&mut self, seq: SeqId);

    /// Committed tokens of a sequence; 0 for an unknown one.
    fn len(&self, seq: SeqId) -> usize;

    /// One pass over the trees of all steps.
    ///
    /// Prefill is the same call with a chain. Nothing is committed. The pass
    /// computes what [`Step::wants`] asks for at least; more may be asked of
    /// it afterwards, at a cost.
    ///
    /// # Errors
    ///
    /// If a sequence is unknown, a token lies outside the vocabulary, a node's
    /// position reaches the context length, or the backend fails.
    async fn forward<'m>(
        &'m mut self,
        steps: &[Step<'_>],
    ) -> Result<Box<dyn Pass + 'm>, ModelError>;

    /// Keeps the cache rows of `path` and drops the other rows of the last
    /// pass. `path` begins with node 0 and goes from parent to child.
    ///
    /// # Errors
    ///
    /// If there was no pass to commit, or `path` is no path of its tree.
    fn commit(&mut self, seq: SeqId, path: &[NodeId]) -> Result<(), ModelError>;

    /// Forgets all but the first `len` committed tokens; more than there are
    /// is no change.
    ///
    /// # Errors
    ///
    /// If the sequence is unknown or the backend cannot.
    fn truncate(&mut self, seq: SeqId, len: usize) -> Result<(), ModelError>;
}
