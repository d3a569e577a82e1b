/// Takes numbers and slices from the front of some bytes; `None` where they end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A count: a number that is neither negative nor infinite.
    pub(super) fn count(&mut self) -> Option<f32> {
        let count = self.array().map(f32::from_le_bytes)?;
        (count.is_finite() && count >= 0.0).then_some(count)
    }
}

/// FNV-1a, 64 bits.
pub(super) fn checksum<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let step = |sum: u64, &byte: &u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    parts.into_iter().flatten().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the algorithm's published test vectors.
    #[test]
    fn the_checksum_is_the_published_one() {
        assert_eq!(checksum([&b""[..]]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(checksum([&b"a"[..]]), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(checksum([&b"foo"[..], b"bar"]), 0x8594_4171_f739_67e8);
    }
}
