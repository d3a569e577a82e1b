//! From the window and the pool to nodes of a step's tree.

use foretoken_core::{Draft, NodeId, Token, TokenTree, Want};

use crate::window::Window;

/// The chance that the first token of the best-ranked n-gram is right, the
/// factor for each further rank, and the chance of each next token after a
/// right one. With the cells', the chances of a step's first tokens add up to
/// at most 1, whatever G is.
const GUESS: f32 = 0.4;
const RANK: f32 = 0.5;
const NEXT: f32 = 0.7;

/// The same for window cells: they are there for what is predicted after them.
const CELL: f32 = 0.1;
const NEXT_CELL: f32 = 0.3;

/// Adds n-grams under the root, the best first, each cut to `depth` tokens, in
/// at most `nodes` nodes altogether. What is in the tree already is free.
pub(crate) fn add_guesses(grams: &[&[Token]], depth: usize, nodes: usize, draft: &mut Draft<'_>) {
    let end = draft.tree().guesses() + nodes.min(draft.remaining());
    let mut first = GUESS;
    for gram in grams {
        let gram = &gram[..gram.len().min(depth)];
        let left = end - draft.tree().guesses();
        let excess = missing(draft.tree(), NodeId::ROOT, gram).saturating_sub(left);
        let mut node = NodeId::ROOT;
        let mut path = first;
        for &token in &gram[..gram.len() - excess] {
            let Some(child) = draft.add(node, token, path) else { break };
            node = child;
            path *= NEXT;
        }
        first *= RANK;
    }
}

/// Adds columns from the left as long as whole ones fit: a column whose last
/// cell is missing would yield nothing. Their last
/// nodes, of which the predictions are wanted, are pushed to `cells`; each
/// column is worth `worth` tokens later.
pub(crate) fn add_columns(
    window: &Window,
    depth: usize,
    worth: f32,
    cells: &mut Vec<NodeId>,
    draft: &mut Draft<'_>,
) {
    let mut trunk = NodeId::ROOT;
    for (index, column) in window.columns().enumerate() {
        // Column 0's level 0 is the root itself.
        let path = if index == 0 { &column[1..] } else { column };
        let too_deep = index + column.len() - 1 > depth;
        if too_deep || missing(draft.tree(), trunk, path) > draft.remaining() {
            break;
        }
        let mut node = trunk;
        for (level, &token) in path.iter().enumerate() {
            let edges = draft.tree().depth(node) as i32;
            let Some(child) = draft.add(node, token, CELL * NEXT_CELL.powi(edges)) else { return };
            node = child;
            if index > 0 && level == 0 {
                trunk = child;
            }
        }
        draft.want(node, Want::Argmax);
        draft.worth(node, worth);
        cells.push(node);
    }
}

/// How many nodes the path below `parent` would add.
fn missing(tree: &TokenTree, parent: NodeId, path: &[Token]) -> usize {
    let mut node = parent;
    let mut rest = path.iter();
    while let Some(&token) = rest.clone().next()
        && let Some(child) = tree.child(node, token)
    {
        node = child;
        rest.next();
    }
    rest.len()
}
