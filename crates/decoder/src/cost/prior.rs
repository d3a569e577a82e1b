use foretoken_core::{ContextCosts, CostTable};

/// t(n) / t(1) of a quantized model of 135M parameters on two AVX2 cores.
const RATIOS: [(usize, f64); 10] = [
    (1, 1.0),
    (2, 1.15),
    (3, 1.3),
    (4, 1.45),
    (6, 1.95),
    (8, 2.4),
    (12, 3.4),
    (16, 4.4),
    (32, 8.6),
    (64, 17.0),
];

/// What passes are assumed to cost until some are timed: typical of a
/// quantized model on a CPU, with t(1) = 10 ms.
#[expect(clippy::missing_panics_doc, reason = "the ratios are constants")]
pub fn prior() -> CostTable {
    let points = RATIOS.iter().map(|&(nodes, ratio)| (nodes, 0.01 * ratio)).collect();
    CostTable::new(vec![ContextCosts { context: 0, points }]).expect("the ratios above are sound")
}
