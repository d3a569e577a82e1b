use foretoken_core::{NodeId, Notes, TokenTree};

/// What verifying guesses is weighed against.
pub(crate) struct Price<'a> {
    /// Seconds of a pass over so many nodes, the root included.
    pub(crate) seconds: &'a dyn Fn(usize) -> f64,
    /// Tokens that a second is worth: the running rate.
    pub(crate) tokens_per_second: f64,
    /// Most guesses.
    pub(crate) most: usize,
}

impl Price<'_> {
    /// What a pass with so many guesses costs, in tokens.
    fn tokens(&self, guesses: usize) -> f64 {
        self.tokens_per_second * (self.seconds)(guesses + 1)
    }
}

/// Marks the guesses that are worth verifying, ancestors included.
///
/// The chances of the marked nodes add up to the tokens that they are expected
/// to yield in this step; the time of the pass costs what could be decoded in
/// it at the running rate. The marks maximise the difference over all numbers
/// of guesses, since the time of a pass has steps: several more guesses may be
/// worth it where one more is not. Nodes that must be verified come first; what
/// is worth something in later steps comes last, each node with the ancestors
/// it lacks.
///
/// `chances` must not grow from parent to child. Node 0 is always marked.
pub(crate) fn choose(
    tree: &TokenTree,
    notes: &Notes,
    chances: &[f32],
    price: &Price<'_>,
) -> Vec<bool> {
    let mut marked = vec![false; tree.len()];
    marked[0] = true;
    let mut guesses = 0;
    for node in tree.nodes().filter(|&node| notes.worth(node) == f32::INFINITY) {
        guesses += mark(tree, node, &mut marked, price.most - guesses);
    }

    let mut others: Vec<usize> = (1..tree.len()).filter(|&node| !marked[node]).collect();
    // Parents come before children: their chance is no smaller, their index is.
    others.sort_by(|&a, &b| chances[b].total_cmp(&chances[a]).then(a.cmp(&b)));
    others.truncate(price.most - guesses);
    let (mut sum, mut best) = (0.0, (-price.tokens(guesses), 0));
    for (index, &node) in others.iter().enumerate() {
        sum += f64::from(chances[node]);
        let value = sum - price.tokens(guesses + index + 1);
        if value > best.0 {
            best = (value, index + 1);
        }
    }
    for &node in &others[..best.1] {
        marked[node] = true;
    }
    guesses += best.1;

    for node in tree.nodes().filter(|&node| notes.worth(node) > 0.0) {
        let missing: Vec<NodeId> =
            tree.ancestry(node).take_while(|above| !marked[above.index()]).collect();
        if missing.is_empty() || missing.len() > price.most - guesses {
            continue;
        }
        let now: f64 = missing.iter().map(|above| f64::from(chances[above.index()])).sum();
        let cost = price.tokens(guesses + missing.len()) - price.tokens(guesses);
        if now + f64::from(notes.worth(node)) > cost {
            guesses += mark(tree, node, &mut marked, missing.len());
        }
    }
    marked
}

/// Marks a node and its ancestors, if no more than `most` are new. Says how many were.
fn mark(tree: &TokenTree, node: NodeId, marked: &mut [bool], most: usize) -> usize {
    let missing = tree.ancestry(node).take_while(|above| !marked[above.index()]).count();
    if missing > most {
        return 0;
    }
    for above in tree.ancestry(node).take(missing) {
        marked[above.index()] = true;
    }
    missing
}

#[cfg(test)]
mod tests {
    use foretoken_core::tree::Limits;
    use foretoken_core::{Draft, Ledger};
    use proptest::prelude::*;

    use super::*;

    /// A random tree: each node's parent, as a share of the nodes before it, and its chance
    /// if the parent is right.
    fn trees() -> impl Strategy<Value = (TokenTree, Vec<f32>)> {
        prop::collection::vec((0.0..1.0f64, 0.0..1.0f32), 0..12).prop_map(|nodes| {
            let mut tree = TokenTree::new(0, Limits::UNLIMITED);
            let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
            let mut chances = vec![1.0f32];
            for (index, (parent, chance)) in nodes.into_iter().enumerate() {
                let parent = NodeId::new((parent * tree.len() as f64) as usize);
                let path = chances[parent.index()] * chance;
                let mut draft = Draft::new(&mut tree, &mut notes, &mut ledger, "a", 100);
                draft.add(parent, index as u32, path);
                chances.push(path);
            }
            (tree, chances)
        })
    }

    fn closed(tree: &TokenTree, marked: &[bool]) -> bool {
        tree.nodes().all(|node| {
            !marked[node.index()] || tree.ancestry(node).all(|above| marked[above.index()])
        })
    }

    proptest! {
        #[test]
        fn no_other_set_is_worth_more(
            (tree, chances) in trees(),
            steps in prop::collection::vec(0.0..0.6f64, 13),
            most in 0..12usize,
        ) {
            let seconds = |nodes: usize| 1.0 + steps[..nodes - 1].iter().sum::<f64>();
            let price = Price { seconds: &seconds, tokens_per_second: 1.0, most };
            let value = |marked: &[bool]| {
                let chosen: Vec<usize> = (1..tree.len()).filter(|&node| marked[node]).collect();
                let sum: f64 = chosen.iter().map(|&node| f64::from(chances[node])).sum();
                sum - seconds(chosen.len() + 1)
            };
            let marked = choose(&tree, &Notes::new(), &chances, &price);
            prop_assert!(closed(&tree, &marked));
            let guesses = tree.guesses();
            for set in 0..1u32 << guesses {
                let other: Vec<bool> =
                    (0..tree.len()).map(|node| node == 0 || set >> (node - 1) & 1 == 1).collect();
                if set.count_ones() as usize <= most && closed(&tree, &other) {
                    prop_assert!(value(&marked) >= value(&other) - 1e-6);
                }
            }
        }
    }

    /// A chain of three guesses with small chances, the last worth `worth` later.
    fn window(worth: f32, seconds: &dyn Fn(usize) -> f64, most: usize) -> usize {
        let mut tree = TokenTree::new(0, Limits::UNLIMITED);
        let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
        let mut draft = Draft::new(&mut tree, &mut notes, &mut ledger, "window", 100);
        let last = draft.add_chain(NodeId::ROOT, &[1, 2, 3], 0.1);
        draft.worth(last, worth);
        let chances = [1.0, 0.1, 0.01, 0.001];
        let price = Price { seconds, tokens_per_second: 1.0, most };
        choose(&tree, &notes, &chances, &price).into_iter().filter(|&marked| marked).count() - 1
    }

    #[test]
    fn a_window_is_verified_if_it_will_pay_or_must_be() {
        let seconds = |nodes: usize| 1.0 + 0.2 * (nodes as f64 - 1.0);
        assert_eq!(window(0.0, &seconds, 64), 0);
        assert_eq!(window(0.4, &seconds, 64), 0);
        assert_eq!(window(0.6, &seconds, 64), 3);
        assert_eq!(window(f32::INFINITY, &seconds, 64), 3);
        assert_eq!(window(f32::INFINITY, &seconds, 2), 0, "not in part");
    }
}
