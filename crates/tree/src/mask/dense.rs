use super::TreeMask;

/// A number that an additive mask can be made of.
pub trait MaskValue: Copy + Send + Sync {
    /// Added to a score that stays.
    const VISIBLE: Self;
    /// Added to a score that must vanish: minus infinity.
    const HIDDEN: Self;
}

macro_rules! mask_value {
    ($($float:ty: $zero:expr, $infinity:expr;)*) => {
        $(impl MaskValue for $float {
            const VISIBLE: Self = $zero;
            const HIDDEN: Self = $infinity;
        })*
    };
}

mask_value! {
    f32: 0.0, f32::NEG_INFINITY;
    f64: 0.0, f64::NEG_INFINITY;
    half::f16: half::f16::ZERO, half::f16::NEG_INFINITY;
    half::bf16: half::bf16::ZERO, half::bf16::NEG_INFINITY;
}

pub(super) fn build<T: MaskValue>(mask: &TreeMask<'_>) -> Vec<T> {
    let columns = mask.prefix() + mask.tree().len();
    let mut values = vec![T::HIDDEN; mask.tree().len() * columns];
    let ancestors = mask.ancestors();
    for (node, row) in mask.tree().nodes().zip(values.chunks_exact_mut(columns)) {
        row[mask.prefix_start(node)..mask.prefix()].fill(T::VISIBLE);
        for &seen in ancestors.row(node) {
            row[mask.prefix() + seen as usize] = T::VISIBLE;
        }
    }
    values
}
