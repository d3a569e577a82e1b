//! Attention against its definition in `f64`, and a row's bits in every company.

use proptest::prelude::*;

use super::*;
use crate::cache::{KvShape, KvType};
use crate::rotary::{Rotary, RotaryStyle};

/// A model's attention, a committed prefix and a tree of rows.
#[derive(Clone, Debug)]
struct Case {
    kv_heads: usize,
    group: usize,
    head_dim: usize,
    kind: KvType,
    soft_cap: Option<f32>,
    window: Option<usize>,
    prefix: usize,
    /// For each row of the pass but the root, its parent.
    parents: Vec<usize>,
    threads: usize,
    seed: u64,
}

/// A value in -1..1 that only depends on its place.
fn noise(seed: u64, place: usize) -> f32 {
    let mut x = seed ^ (place as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x >> 40) as f32 / (1u64 << 23) as f32) - 1.0
}

/// A row: how many rows come before it, and a number that no other row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row(usize);

impl Case {
    fn shape(&self) -> AttentionShape {
        AttentionShape {
            heads: self.kv_heads * self.group,
            kv_heads: self.kv_heads,
            head_dim: self.head_dim,
            scale: 1.5 / (self.head_dim as f32).sqrt(),
            soft_cap: self.soft_cap,
            window: self.window,
        }
    }

    fn cache(&self) -> KvCache {
        let capacity = self.prefix + self.parents.len() + 1 + 40;
        let shape =
            KvShape { layers: 2, kv_heads: self.kv_heads, head_dim: self.head_dim, capacity };
        KvCache::new(shape, self.kind).unwrap()
    }

    fn key(&self, row: Row) -> Vec<f32> {
        let width = self.kv_heads * self.head_dim;
        (0..width).map(|i| 3.0 * noise(self.seed, row.0 * width + i)).collect()
    }

    fn value(&self, row: Row) -> Vec<f32> {
        let width = self.kv_heads * self.head_dim;
        (0..width).map(|i| noise(!self.seed, row.0 * width + i)).collect()
    }

    fn query(&self, row: Row) -> Vec<f32> {
        let width = self.kv_heads * self.group * self.head_dim;
        (0..width).map(|i| 2.0 * noise(self.seed.rotate_left(9), row.0 * width + i)).collect()
    }

    fn write(&self, cache: &mut KvCache, first_slot: usize, rows: &[Row]) {
        let keys: Vec<f32> = rows.iter().flat_map(|row| self.key(*row)).collect();
        let values: Vec<f32> = rows.iter().flat_map(|row| self.value(*row)).collect();
        cache.write(1, first_slot, &keys, &values).unwrap();
    }

    fn prefix_rows(&self) -> Vec<Row> {
        (0..self.prefix).map(Row).collect()
    }

    /// The rows of the pass.
    fn rows(&self) -> Vec<Row> {
        (self.prefix..=self.prefix + self.parents.len()).map(Row).collect()
    }

    /// The path to a node, itself included.
    fn path(&self, node: usize) -> Vec<usize> {
        let mut path = vec![node];
        while let Some(child) = path[0].checked_sub(1) {
            path.insert(0, self.parents[child]);
        }
        path
    }

    /// The rows that a node sees, its own last, without regard to a window.
    fn history(&self, node: usize) -> Vec<Row> {
        let path = self.path(node).into_iter().map(|node| Row(self.prefix + node));
        self.prefix_rows().into_iter().chain(path).collect()
    }

    fn csr(&self) -> (Vec<u32>, Vec<u32>) {
        let (mut offsets, mut indices) = (vec![0], Vec::new());
        for node in 0..=self.parents.len() {
            indices.extend(self.path(node).into_iter().map(|node| node as u32));
            offsets.push(indices.len() as u32);
        }
        (offsets, indices)
    }

    fn attend(
        &self,
        level: Level,
        threads: usize,
        cache: &KvCache,
        prefix: usize,
        ancestors: Ancestors<'_>,
        rows: &[Row],
    ) -> Vec<f32> {
        let queries: Vec<f32> = rows.iter().flat_map(|row| self.query(*row)).collect();
        let mut out = vec![f32::NAN; queries.len()];
        let pass = AttentionPass { cache, layer: 1, prefix, ancestors, queries: &queries };
        let mut scratch = AttentionScratch::default();
        let attention = Attention::new(self.shape()).unwrap();
        attention.run(&ThreadPool::new(threads), level, &pass, &mut scratch, &mut out).unwrap();
        out
    }

    fn as_tree(&self, level: Level, threads: usize) -> Vec<f32> {
        let mut cache = self.cache();
        self.write(&mut cache, 0, &self.prefix_rows());
        self.write(&mut cache, self.prefix, &self.rows());
        let (offsets, indices) = self.csr();
        let ancestors = Ancestors::tree(&offsets, &indices).unwrap();
        self.attend(level, threads, &cache, self.prefix, ancestors, &self.rows())
    }

    fn stored(&self, rows: &[Vec<f32>]) -> Vec<Vec<f64>> {
        let round = |x: &f32| match self.kind {
            KvType::F32 => f64::from(*x),
            KvType::F16 => half::f16::from_f32(*x).to_f64(),
        };
        rows.iter().map(|row| row.iter().map(round).collect()).collect()
    }

    /// The definition, in `f64`: the output of every node.
    fn expected(&self) -> Vec<Vec<f64>> {
        let rows = 0..=self.prefix + self.parents.len();
        let keys = self.stored(&rows.clone().map(|row| self.key(Row(row))).collect::<Vec<_>>());
        let values = self.stored(&rows.map(|row| self.value(Row(row))).collect::<Vec<_>>());
        (0..=self.parents.len()).map(|node| self.expected_of(node, &keys, &values)).collect()
    }

    fn expected_of(&self, node: usize, keys: &[Vec<f64>], values: &[Vec<f64>]) -> Vec<f64> {
        let mut history = self.history(node);
        let seen =
            history.len() - self.window.map_or(0, |window| history.len().saturating_sub(window));
        history.drain(..history.len() - seen);
        let query = self.query(Row(self.prefix + node));
        let shape = self.shape();
        let mut out = Vec::new();
        for head in 0..shape.heads {
            let query = &query[head * self.head_dim..(head + 1) * self.head_dim];
            let span = head / self.group * self.head_dim..(head / self.group + 1) * self.head_dim;
            let score = |row: &Row| {
                let key = &keys[row.0][span.clone()];
                let dot: f64 = query.iter().zip(key).map(|(q, k)| f64::from(*q) * k).sum();
                let score = dot * f64::from(shape.scale);
                shape.soft_cap.map_or(score, |cap| f64::from(cap) * (score / f64::from(cap)).tanh())
            };
            let scores: Vec<f64> = history.iter().map(score).collect();
            let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let weights: Vec<f64> = scores.iter().map(|score| (score - top).exp()).collect();
            let total: f64 = weights.iter().sum();
            for i in span {
                let weighted = history
                    .iter()
                    .zip(&weights)
                    .map(|(row, weight)| weight / total * values[row.0][i]);
                out.push(weighted.sum());
            }
        }
        out
    }
}

fn case(most_prefix: usize, most_rows: usize) -> impl Strategy<Value = Case> {
    let heads =
        (1usize..4, 1usize..8, prop_oneof![Just(64), Just(16), Just(8), Just(40), Just(128)]);
    let kind = prop_oneof![Just(KvType::F32), Just(KvType::F16)];
    let cap = prop_oneof![2 => Just(None), 1 => Just(Some(20.0)), 1 => Just(Some(2.5))];
    let window = prop_oneof![2 => Just(None), 2 => (1usize..300).prop_map(Some), 1 => (1usize..9).prop_map(Some)];
    let parents =
        prop::collection::vec(any::<prop::sample::Index>(), 0..most_rows).prop_map(|picks| {
            picks.iter().enumerate().map(|(i, pick)| i - pick.index(i + 1).min(6)).collect()
        });
    (heads, kind, cap, window, 0..most_prefix, parents, 1usize..4, any::<u64>()).prop_map(
        |((kv_heads, group, head_dim), kind, soft_cap, window, prefix, parents, threads, seed)| {
            Case {
                kv_heads,
                group,
                head_dim,
                kind,
                soft_cap,
                window,
                prefix,
                parents,
                threads,
                seed,
            }
        },
    )
}

fn same(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits() && !a.is_nan())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn outputs_match_the_definition(case in case(400, 30)) {
        let out = case.as_tree(Level::detect(), case.threads);
        let width = case.shape().heads * case.head_dim;
        for (node, (out, expected)) in out.chunks(width).zip(case.expected()).enumerate() {
            for (got, expected) in out.iter().zip(expected) {
                prop_assert!((f64::from(*got) - expected).abs() < 2e-5, "node {}: {} for {}", node, got, expected);
            }
        }
    }

    #[test]
    fn a_row_alone_and_a_row_in_a_tree_agree_to_the_bit(case in case(400, 30)) {
        let level = Level::detect();
        let tree = case.as_tree(level, case.threads);
        let width = case.shape().heads * case.head_dim;
        for node in 0..=case.parents.len() {
            let expected = &tree[node * width..(node + 1) * width];
            let history = case.history(node);
            // Its ancestors committed, nothing beside it.
            let mut cache = case.cache();
            case.write(&mut cache, 0, &history);
            let last = history.len() - 1;
            let alone = case.attend(level, 1, &cache, last, Ancestors::chain(1), &history[last..]);
            prop_assert!(same(&alone, expected), "alone, node {}", node);
            // In a chain behind another prefix: a prompt that ends with it.
            let start = noise(case.seed, node).abs().mul_add(last as f32, 0.0) as usize;
            let chain = case.attend(level, 2, &cache, start, Ancestors::chain(last + 1 - start), &history[start..]);
            prop_assert!(same(&chain[chain.len() - width..], expected), "chain from {}, node {}", start, node);
        }
    }

    #[test]
    fn levels_and_threads_agree_to_the_bit(case in case(300, 20)) {
        let expected = case.as_tree(Level::Portable, 1);
        for level in Level::available() {
            for threads in 1..4 {
                prop_assert!(same(&case.as_tree(level, threads), &expected), "{} with {} threads", level, threads);
            }
        }
    }

    #[test]
    fn a_committed_path_reads_as_if_it_had_been_decoded_alone(case in case(300, 30), pick: prop::sample::Index) {
        let level = Level::detect();
        let node = pick.index(case.parents.len() + 1);
        let (path, history) = (case.path(node), case.history(node));
        let mut cache = case.cache();
        case.write(&mut cache, 0, &case.prefix_rows());
        case.write(&mut cache, case.prefix, &case.rows());
        cache.commit(case.prefix, &path).unwrap();
        let next = Row(case.prefix + case.parents.len() + 1);
        case.write(&mut cache, history.len(), &[next]);
        let mut fresh = case.cache();
        case.write(&mut fresh, 0, &history);
        case.write(&mut fresh, history.len(), &[next]);
        let after = case.attend(level, 1, &cache, history.len(), Ancestors::chain(1), &[next]);
        let expected = case.attend(level, 1, &fresh, history.len(), Ancestors::chain(1), &[next]);
        prop_assert!(same(&after, &expected));
        // A fork reads the same, too.
        let mut fork = case.cache();
        fork.copy_from(&cache, history.len()).unwrap();
        case.write(&mut fork, history.len(), &[next]);
        prop_assert!(same(&case.attend(level, 1, &fork, history.len(), Ancestors::chain(1), &[next]), &expected));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn a_step_is_its_parts(case in case(300, 40), interleaved: bool, norms: bool, first_angle in 0usize..3) {
        let shape = case.shape();
        let (head_dim, rows) = (case.head_dim, case.rows());
        let style = if interleaved { RotaryStyle::Interleaved } else { RotaryStyle::HalfSplit };
        let rotary = Rotary::new(style, vec![0.9; head_dim / 2 - 1]).unwrap();
        let (offsets, indices) = case.csr();
        let ancestors = Ancestors::tree(&offsets, &indices).unwrap();
        let mut angles = RotaryAngles::default();
        let positions = (0..rows.len()).map(|node| case.prefix + ancestors.depth(node));
        angles.fill(&rotary, std::iter::repeat_n(7, first_angle).chain(positions));
        let weight: Vec<f32> = (0..head_dim).map(|i| 1.0 + noise(case.seed, i)).collect();
        let norm = RmsNorm::new(weight, 1e-5).unwrap();
        let queries: Vec<f32> = rows.iter().flat_map(|row| case.query(*row)).collect();
        let keys: Vec<f32> = rows.iter().flat_map(|row| case.key(*row)).collect();
        let values: Vec<f32> = rows.iter().flat_map(|row| case.value(*row)).collect();
        let attention = Attention::new(shape).unwrap();
        let mut scratch = AttentionScratch::default();
        let filled = || {
            let mut cache = case.cache();
            case.write(&mut cache, 0, &case.prefix_rows());
            cache
        };

        let level = Level::Portable;
        let (mut rotated_queries, mut rotated_keys) = (queries.clone(), keys.clone());
        for (width, x) in [(shape.heads * head_dim, &mut rotated_queries), (shape.kv_heads * head_dim, &mut rotated_keys)] {
            if norms {
                norm.apply_in_place(level, x);
            }
            for (row, x) in x.chunks_exact_mut(width).enumerate() {
                angles.rotate(level, first_angle + row, x, head_dim);
            }
        }
        let mut cache = filled();
        cache.write(1, case.prefix, &rotated_keys, &values).unwrap();
        let mut expected = vec![0.0; queries.len()];
        let pass =
            AttentionPass { cache: &cache, layer: 1, prefix: case.prefix, ancestors, queries: &rotated_queries };
        attention.run(&ThreadPool::new(1), level, &pass, &mut scratch, &mut expected).unwrap();

        for level in Level::available() {
            let (mut queries, mut keys, mut cache) = (queries.clone(), keys.clone(), filled());
            let mut out = vec![f32::NAN; expected.len()];
            let step = AttentionStep {
                cache: &mut cache,
                layer: 1,
                prefix: case.prefix,
                ancestors,
                queries: &mut queries,
                keys: &mut keys,
                values: &values,
                head_norms: norms.then_some([&norm, &norm]),
                angles: &angles,
                first_angle,
            };
            attention.step(&ThreadPool::new(case.threads), level, step, &mut scratch, &mut out).unwrap();
            prop_assert!(same(&out, &expected), "{}", level);
            prop_assert!(same(&queries, &rotated_queries) && same(&keys, &rotated_keys));
            // The cache holds the same, too.
            let pass = AttentionPass { cache: &cache, queries: &queries, ..pass };
            attention.run(&ThreadPool::new(1), level, &pass, &mut scratch, &mut out).unwrap();
            prop_assert!(same(&out, &expected));
        }
    }
}

#[test]
fn a_long_prompt_agrees_with_its_rows_alone() {
    let case = Case {
        kv_heads: 3,
        group: 3,
        head_dim: 64,
        kind: KvType::F16,
        soft_cap: None,
        window: None,
        prefix: 0,
        parents: (0..699).collect(),
        threads: 2,
        seed: 5,
    };
    let rows = case.rows();
    let mut cache = case.cache();
    case.write(&mut cache, 0, &rows);
    let whole = case.attend(Level::detect(), 2, &cache, 0, Ancestors::chain(700), &rows);
    for row in (0..700).step_by(13) {
        let alone =
            case.attend(Level::detect(), 1, &cache, row, Ancestors::chain(1), &rows[row..=row]);
        assert!(same(&alone, &whole[row * 576..(row + 1) * 576]), "row {row}");
    }
}

#[test]
fn what_is_stale_in_the_cache_is_never_read() {
    let mut case = Case {
        kv_heads: 1,
        group: 2,
        head_dim: 24,
        kind: KvType::F32,
        soft_cap: None,
        window: Some(50),
        prefix: 130,
        parents: vec![0, 0, 1],
        threads: 1,
        seed: 8,
    };
    let expected = case.as_tree(Level::detect(), 1);
    let mut cache = case.cache();
    let poison = vec![f32::NAN; 24 * (130 + 40)];
    cache.write(1, 0, &poison, &poison).unwrap();
    let rows: Vec<Row> = (70..134).map(Row).collect();
    case.write(&mut cache, 70, &rows);
    let (offsets, indices) = case.csr();
    let ancestors = Ancestors::tree(&offsets, &indices).unwrap();
    let out = case.attend(Level::detect(), 1, &cache, 130, ancestors, &case.rows());
    assert!(same(&out, &expected));
    // A value that is not a number, where a row does see it, shows.
    case.window = None;
    let out = case.attend(Level::detect(), 1, &cache, 130, ancestors, &case.rows());
    assert!(out.iter().all(|x| x.is_nan()));
}

#[test]
fn operands_that_do_not_fit_are_refused() {
    let shape = AttentionShape {
        heads: 4,
        kv_heads: 2,
        head_dim: 8,
        scale: 1.0,
        soft_cap: None,
        window: None,
    };
    for wrong in [
        AttentionShape { heads: 3, ..shape },
        AttentionShape { heads: 0, ..shape },
        AttentionShape { kv_heads: 0, ..shape },
        AttentionShape { head_dim: 0, ..shape },
        AttentionShape { scale: 0.0, ..shape },
        AttentionShape { scale: f32::NAN, ..shape },
        AttentionShape { soft_cap: Some(-1.0), ..shape },
        AttentionShape { window: Some(0), ..shape },
    ] {
        assert!(Attention::new(wrong).is_err(), "{wrong:?}");
    }
    let attention = Attention::new(shape).unwrap();
    let size = KvShape { layers: 1, kv_heads: 2, head_dim: 8, capacity: 20 };
    let (cache, other) =
        (KvCache::new(size, KvType::F32).unwrap(), KvShape { head_dim: 16, ..size });
    let other = KvCache::new(other, KvType::F32).unwrap();
    let attend = |cache, layer, prefix, queries: usize| {
        let (queries, mut out) = (vec![0.0; queries], vec![0.0; 64]);
        let pass = AttentionPass {
            cache,
            layer,
            prefix,
            ancestors: Ancestors::chain(2),
            queries: &queries,
        };
        attention.run(
            &ThreadPool::new(1),
            Level::Portable,
            &pass,
            &mut AttentionScratch::default(),
            &mut out,
        )
    };
    assert!(attend(&cache, 0, 18, 64).is_ok());
    assert!(attend(&cache, 0, 19, 64).is_err());
    assert!(attend(&cache, 1, 0, 64).is_err());
    assert!(attend(&cache, 0, 0, 63).is_err());
    assert!(attend(&other, 0, 0, 64).is_err());
}
