//! The random number of a position.

/// A number in `0..1`, a function of `seed` and `position` alone.
///
/// The law, which is part of the library's promise of equal seeds, equal
/// output: run Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as
/// easy as 1, 2, 3") with the key (low word, high word of the seed) and the
/// counter (low word, high word of the position, 0, 0); the first word of the
/// result is the low half of a 64-bit number, the second its high half; the
/// upper 53 bits of that number, times 2^-53, are the answer.
pub(crate) fn uniform(seed: u64, position: u64) -> f64 {
    let [low, high, ..] = philox(words(seed), {
        let [low, high] = words(position);
        [low, high, 0, 0]
    });
    let bits = (u64::from(high) << 32 | u64::from(low)) >> 11;
    bits as f64 / (1u64 << 53) as f64
}

/// Philox4x32 with ten rounds.
fn philox(mut key: [u32; 2], mut counter: [u32; 4]) -> [u32; 4] {
    for round in 0..10 {
        if round > 0 {
            key[0] = key[0].wrapping_add(0x9e37_79b9);
            key[1] = key[1].wrapping_add(0xbb67_ae85);
        }
        let [low0, high0] = words(0xd251_1f53 * u64::from(counter[0]));
        let [low1, high1] = words(0xcd9e_8d57 * u64::from(counter[2]));
        counter = [high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0];
    }
    counter
}

/// The low and the high half.
fn words(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use super::{philox, uniform};

    /// The known answers that the authors publish with their reference implementation.
    #[test]
    fn known_answers() {
        assert_eq!(philox([0; 2], [0; 4]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox([u32::MAX; 2], [u32::MAX; 4]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0xa409_3822, 0x299f_31d0],
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    /// Numbers of neighbouring positions, and of neighbouring seeds, fill a
    /// square evenly: chi-square over 16 by 16 cells, 255 degrees of freedom.
    #[test]
    fn neighbours_are_independent() {
        let pairs: [fn(u64) -> (f64, f64); 2] = [
            |n| (uniform(7, 2 * n), uniform(7, 2 * n + 1)),
            |n| (uniform(2 * n, 100), uniform(2 * n + 1, 100)),
        ];
        for pair in pairs {
            let mut cells = [0u32; 256];
            for n in 0..51_200 {
                let (x, y) = pair(n);
                assert!((0.0..1.0).contains(&x));
                cells[(x * 16.0) as usize * 16 + (y * 16.0) as usize] += 1;
            }
            let expected = 200.0;
            let statistic: f64 =
                cells.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
            assert!((150.0..380.0).contains(&statistic), "{statistic}");
        }
    }
}
