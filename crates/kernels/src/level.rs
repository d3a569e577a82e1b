//! The instruction-set level that kernels run at, chosen once.

use std::fmt;
use std::str::FromStr;

use crate::error::{KernelError, Kind};

/// The environment variable that may lower what [`Level::detect`] chooses.
pub const LEVEL_VARIABLE: &str = "FORETOKEN_LEVEL";

/// An instruction-set level.
///
/// A level is chosen once, when weights are laid out, and never by the number of rows of a product: every kernel of this crate gives the same
/// bits for a row however many rows run with it. The quantized and floating-point products promise more: the same bits at every level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// Plain Rust, on any machine; the definition that the other levels are tested against.
    Portable,
    /// `aarch64` with the dot-product extension.
    Neon,
    /// `x86-64` with AVX2, FMA and F16C.
    Avx2,
    /// `x86-64` with AVX-512 F, BW, VL and VNNI, besides what [`Level::Avx2`] needs.
    Avx512Vnni,
}

impl Level {
    /// Every level, the slowest first.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Neon, Self::Avx2, Self::Avx512Vnni];

    /// The fastest level of this machine, or the one that `FORETOKEN_LEVEL` names if this machine can run it.
    ///
    /// An unknown name, or a level that this machine lacks, leaves the choice as it is.
    pub fn detect() -> Self {
        let best = Self::ALL
            .into_iter()
            .rev()
            .find(|level| level.is_available())
            .unwrap_or(Self::Portable);
        std::env::var(LEVEL_VARIABLE)
            .ok()
            .and_then(|name| name.parse::<Self>().ok())
            .filter(|level| level.is_available())
            .unwrap_or(best)
    }

    /// All levels that this machine can run, the slowest first.
    pub fn available() -> Vec<Self> {
        Self::ALL.into_iter().filter(|level| level.is_available()).collect()
    }

    /// Whether this machine can run the level.
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            Self::Neon => neon_available(),
            Self::Avx2 => avx2_available(),
            Self::Avx512Vnni => avx512_vnni_available(),
        }
    }

    /// The level itself if this machine can run it.
    ///
    /// # Errors
    /// If this machine lacks the level's instructions.
    pub fn require(self) -> Result<Self, KernelError> {
        if self.is_available() { Ok(self) } else { Err(Kind::LevelMissing { level: self }.into()) }
    }

    /// Output rows that are interleaved in a packed matrix, one to a lane of the level's vectors.
    pub(crate) const fn lanes(self) -> usize {
        match self {
            Self::Portable | Self::Neon | Self::Avx2 => 8,
            Self::Avx512Vnni => 16,
        }
    }

    /// Input rows that a kernel runs together, the weights unpacked once for all of them.
    pub(crate) const fn group_rows(self) -> usize {
        match self {
            Self::Portable | Self::Neon | Self::Avx2 => 4,
            Self::Avx512Vnni => 8,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Neon => "neon",
            Self::Avx2 => "avx2",
            Self::Avx512Vnni => "avx512-vnni",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Level {
    type Err = KernelError;

    fn from_str(name: &str) -> Result<Self, KernelError> {
        Self::ALL
            .into_iter()
            .find(|level| level.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| Kind::LevelUnknown { name: name.to_owned() }.into())
    }
}

#[cfg(target_arch = "x86_64")]
fn avx2_available() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("f16c")
}

#[cfg(not(target_arch = "x86_64"))]
fn avx2_available() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
fn avx512_vnni_available() -> bool {
    avx2_available()
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni")
}

#[cfg(not(target_arch = "x86_64"))]
fn avx512_vnni_available() -> bool {
    false
}

#[cfg(target_arch = "aarch64")]
fn neon_available() -> bool {
    std::arch::is_aarch64_feature_detected!("neon")
        && std::arch::is_aarch64_feature_detected!("dotprod")
}

#[cfg(not(target_arch = "aarch64"))]
fn neon_available() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for level in Level::ALL {
            assert_eq!(level.to_string().parse::<Level>().unwrap(), level);
        }
        assert!("sse9".parse::<Level>().is_err());
    }

    #[test]
    fn portable_is_always_there_and_detection_stays_within_what_is() {
        assert!(Level::available().contains(&Level::Portable));
        assert!(Level::detect().is_available());
        assert!(
            Level::ALL.into_iter().all(|level| level.require().is_ok() == level.is_available())
        );
    }
}
