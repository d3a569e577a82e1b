//! The token tree of one decoding step, and its tree-attention masks.
//!
//! Every strategy's guesses form a tree of tokens under the *root*, the last
//! emitted token, which is not in the model's cache yet. [`TokenTree`] holds
//! that tree as a struct of arrays in topological order (parents before
//! children), with siblings unique: equal paths from the root mean equal
//! logits, so a guess that two sources share is one node with both of them in
//! its [`SourceSet`].
//!
//! [`TreeMask`] is the one place where a tree becomes attention: positions,
//! ancestor lists, bitset rows and a dense additive mask, each from the same
//! tree and all agreeing with one definition:
//!
//! > a node sees the committed prefix, its own ancestors and itself, and
//! > nothing else; in a sliding-window layer, of these only positions closer
//! > than the window.
//!
//! This crate knows nothing of tensors or models.
//!
//! ```
//! use foretoken_tree::{Limits, NodeId, SourceId, TokenTree, TreeMask};
//!
//! // The last emitted token is 7; two guesses continue it, one of them twice.
//! let mut tree = TokenTree::new(7, Limits::default());
//! let suffix = SourceId::new(0);
//! let a = tree.add(NodeId::ROOT, 10, suffix, 0.6)?;
//! let b = tree.add(a, 11, suffix, 0.3)?;
//! let c = tree.add(NodeId::ROOT, 12, suffix, 0.2)?;
//! assert_eq!(tree.add(NodeId::ROOT, 10, SourceId::new(1), 0.1)?, a); // merged
//!
//! // 5 tokens are committed: the root stands at position 5.
//! let mask = TreeMask::new(&tree, 5);
//! assert_eq!(mask.positions(), [5, 6, 7, 6]);
//! assert!(mask.sees(b, a) && !mask.sees(b, c));
//! # Ok::<(), foretoken_tree::TreeError>(())
//! ```

mod error;
mod limits;
pub mod mask;
mod node;
mod path;
mod prune;
mod source;
mod tree;

pub use error::TreeError;
pub use limits::Limits;
pub use mask::{Ancestors, BitRows, MaskValue, TreeMask};
pub use node::NodeId;
pub use path::Ancestry;
pub use prune::Pruned;
pub use source::{SourceId, SourceSet};
pub use tree::TokenTree;

/// A token's index in the model's vocabulary.
pub type Token = u32;
