//! The token tree of one decoding step and its tree-attention masks
