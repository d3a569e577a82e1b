//! Ways to damage a file.
#![allow(dead_code)] // Each test file uses a part.

pub(crate) mod fields;

use std::ops::Range;

/// Random numbers, the same on every machine.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Damages `bytes` as storage and networks do: bits flipped, the end cut off, a stretch overwritten, a stretch that
/// belongs elsewhere. Half of the damage is within `head`, since the rest of a model is mostly numbers. Says what it did.
pub(crate) fn damage(bytes: &mut Vec<u8>, head: Range<usize>, dice: &mut Dice) -> String {
    let within = if dice.below(2) == 0 { head } else { 0..bytes.len() };
    let place = |dice: &mut Dice| within.start + dice.below(within.len());
    let at = place(dice);
    match dice.below(4) {
        0 => {
            let flips = 1 + dice.below(8);
            for _ in 0..flips {
                let at = place(dice);
                bytes[at] ^= 1 << dice.below(8);
            }
            format!("{flips} bits flipped")
        }
        1 => {
            bytes.truncate(at);
            format!("cut off at {at}")
        }
        2 => {
            let end = (at + 1 + dice.below(64)).min(bytes.len());
            bytes[at..end].fill(0xff);
            format!("{at}..{end} overwritten")
        }
        _ => {
            let len = 1 + dice.below(256);
            let from = dice.below(bytes.len());
            let piece = bytes[from..(from + len).min(bytes.len())].to_vec();
            let end = (at + dice.below(2) * piece.len()).min(bytes.len());
            bytes.splice(at..end, piece);
            format!("{at}..{end} replaced by {from}..{}", from + len)
        }
    }
}
