use foretoken_core::{Claim, Ledger, NodeId, Notes, SourceId, Token, TokenTree};
use serde::{Deserialize, Serialize};

use super::curve::Curve;
use super::mixer::{Mixer, Voices};

/// Depths 1, 2, 3 and 4, and all beyond: claims on them err differently.
const DEPTHS: [usize; 3] = [1, 2, 4];

/// Siblings exclude one another: their chances add up to less than this.
const SIBLINGS: f32 = 0.98;

/// What a token gets of the chance that a source leaves to all tokens it does
/// not guess.
const LEFT: f32 = 0.05;

/// A source speaks against tokens that it does not guess if what it does guess
/// has this chance at least: otherwise it only says that it does not know.
const DISSENT: f32 = 0.3;

/// How much each source's claims are worth believing, learned from what came
/// out.
///
/// A source claims the chance of a path. What is calibrated is the chance of a
/// node *if its parent is right*: a curve per source and depth maps the claim
/// to what turned out. Where several sources guess below the same node, their
/// chances are mixed; a source that guesses other tokens there speaks against
/// this one. Every guess below a right node teaches, verified or not, since
/// the token that really came there is known: a source whose guesses were not
/// worth verifying for a while is noticed when it gets better.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calibration {
    sources: Vec<SourceCurves>,
    mixer: Mixer,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SourceCurves {
    name: String,
    depths: [Curve; DEPTHS.len() + 1],
}

/// What a source says of a node if its parent is right.
#[derive(Clone, Copy, Debug)]
struct Voice {
    /// Which curves are the source's.
    source: usize,
    /// What it claims.
    claimed: f32,
    /// What that has turned out to be worth.
    chance: f32,
}

impl Calibration {
    /// Which curves belong to each source of the ledger.
    fn curves_of(&mut self, ledger: &Ledger) -> Vec<usize> {
        ledger.names().map(|name| self.enter(name)).collect()
    }

    fn enter(&mut self, name: &str) -> usize {
        let found = self.sources.iter().position(|source| source.name == name);
        found.unwrap_or_else(|| {
            let depths = std::array::from_fn(|_| Curve::default());
            self.sources.push(SourceCurves { name: name.to_owned(), depths });
            self.sources.len() - 1
        })
    }

    /// The chance of each node's path, by index, into `chances`. A child's is
    /// never above its parent's.
    pub(crate) fn expect(
        &mut self,
        ledger: &Ledger,
        tree: &TokenTree,
        notes: &Notes,
        chances: &mut Vec<f32>,
    ) {
        let curves = self.curves_of(ledger);
        chances.clear();
        chances.resize(tree.len(), 1.0);
        for node in tree.nodes() {
            let children = self.children(&curves, tree, notes, node);
            let mixed: Vec<f32> = (0..children.len())
                .map(|child| self.mixer.chance(&voices(&children, child)))
                .collect();
            let share = (SIBLINGS / mixed.iter().sum::<f32>()).min(1.0) * chances[node.index()];
            for ((child, _), chance) in children.iter().zip(mixed) {
                chances[child.index()] = chance * share;
            }
        }
    }

    /// Learns from what came out below each node of the accepted path: `emitted[i]` after `accepted[i]`.
    pub(crate) fn learn(
        &mut self,
        ledger: &Ledger,
        tree: &TokenTree,
        notes: &Notes,
        accepted: &[NodeId],
        emitted: &[Token],
    ) {
        let curves = self.curves_of(ledger);
        for (&node, &token) in accepted.iter().zip(emitted) {
            let children = self.children(&curves, tree, notes, node);
            for (index, (child, said)) in children.iter().enumerate() {
                let right = tree.token(*child) == token;
                self.mixer.learn(&voices(&children, index), right);
                let depth = depth_class(tree.depth(*child));
                for voice in said {
                    self.sources[voice.source].depths[depth].learn(voice.claimed, right);
                }
            }
        }
    }

    /// The children of a node, with what each source that guesses them says.
    fn children(
        &self,
        curves: &[usize],
        tree: &TokenTree,
        notes: &Notes,
        node: NodeId,
    ) -> Vec<(NodeId, Vec<Voice>)> {
        let said = |child: NodeId| {
            let depth = depth_class(tree.depth(child));
            let voice = |claim: Claim| {
                let source = *curves.get(claim.source.index())?;
                let claimed = conditional(tree, notes, child, claim.source, claim.probability);
                let chance = self.sources[source].depths[depth].chance(claimed);
                Some(Voice { source, claimed, chance })
            };
            (child, notes.claims(child).filter_map(voice).collect())
        };
        tree.children(node).map(said).collect()
    }
}

/// What all sources that guess any of `children` say of one of them. Those
/// that do not guess it leave it a share of what their own guesses leave.
fn voices(children: &[(NodeId, Vec<Voice>)], child: usize) -> Voices {
    let mut sums: Voices = Vec::new();
    for voice in children.iter().flat_map(|(_, said)| said) {
        match sums.iter_mut().find(|(source, _)| *source == voice.source) {
            Some((_, sum)) => *sum += voice.chance,
            None => sums.push((voice.source, voice.chance)),
        }
    }
    let guesses = |source: usize| children[child].1.iter().find(|voice| voice.source == source);
    sums.retain(|&(source, sum)| sum >= DISSENT || guesses(source).is_some());
    for (source, sum) in &mut sums {
        let left = LEFT * (1.0 - *sum).max(0.0);
        *sum = guesses(*source).map_or(left, |voice| voice.chance);
    }
    sums.sort_unstable_by_key(|&(source, _)| source);
    sums
}

fn depth_class(depth: usize) -> usize {
    DEPTHS.partition_point(|&deepest| deepest < depth)
}

fn parent(tree: &TokenTree, node: NodeId) -> NodeId {
    tree.parent(node).unwrap_or(NodeId::ROOT)
}

/// The chance that `source` gives `node` if its parent is right.
fn conditional(tree: &TokenTree, notes: &Notes, node: NodeId, source: SourceId, path: f32) -> f32 {
    let parent = parent(tree, node);
    let above = if parent.is_root() {
        1.0
    } else {
        let others = || notes.claims(parent).map(|claim| claim.probability).fold(0.0, f32::max);
        notes.claim(parent, source).unwrap_or_else(others)
    };
    if above > 0.0 { (path / above).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use foretoken_core::Draft;
    use foretoken_core::tree::Limits;

    use super::*;

    /// One step: source `a` is right a third as often as it claims, `b` as
    /// often as it claims.
    fn step(calibration: &mut Calibration, round: usize) -> Vec<f32> {
        let mut tree = TokenTree::new(0, Limits::UNLIMITED);
        let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
        Draft::new(&mut tree, &mut notes, &mut ledger, "a", 100).add(NodeId::ROOT, 1, 0.75);
        Draft::new(&mut tree, &mut notes, &mut ledger, "b", 100).add(NodeId::ROOT, 2, 0.5);
        let mut chances = Vec::new();
        calibration.expect(&ledger, &tree, &notes, &mut chances);
        let came = [1, 2, 3, 2][round % 4];
        calibration.learn(&ledger, &tree, &notes, &[NodeId::ROOT], &[came]);
        chances
    }

    #[test]
    fn learns_whom_to_believe() {
        let mut calibration = Calibration::default();
        let first = step(&mut calibration, 0);
        assert!(first[1] > first[2], "claims are believed at first: {first:?}");
        for round in 0..400 {
            step(&mut calibration, round);
        }
        let last = step(&mut calibration, 0);
        assert!((last[1] - 0.25).abs() < 0.1 && (last[2] - 0.5).abs() < 0.1, "{last:?}");
    }

    #[test]
    fn survives_being_saved() {
        let mut calibration = Calibration::default();
        for round in 0..40 {
            step(&mut calibration, round);
        }
        let saved = serde_json::to_string(&calibration).unwrap();
        assert_eq!(serde_json::from_str::<Calibration>(&saved).unwrap(), calibration);
    }

    #[test]
    fn chances_never_grow_downwards_and_siblings_share() {
        let mut tree = TokenTree::new(0, Limits::UNLIMITED);
        let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
        let mut draft = Draft::new(&mut tree, &mut notes, &mut ledger, "a", 100);
        for token in 1..5 {
            draft.add_chain(NodeId::ROOT, &[token, token, token], 0.9);
        }
        let mut chances = Vec::new();
        Calibration::default().expect(&ledger, &tree, &notes, &mut chances);
        let first: f32 = tree.children(NodeId::ROOT).map(|node| chances[node.index()]).sum();
        assert!(first <= 1.0, "{first}");
        for node in tree.nodes().skip(1) {
            assert!(chances[node.index()] <= chances[parent(&tree, node).index()]);
        }
    }
}
