use crate::{CandidateSource, OptionError, Options, Strategy};

/// One strategy that strings can name.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// The name.
    pub name: &'static str,
    /// One line on the idea.
    pub summary: &'static str,
    /// Each option's key, with one line on its values and default.
    pub options: &'static [(&'static str, &'static str)],
    build: fn(Options) -> Result<Built, OptionError>,
}

/// A source with the options that build it again.
pub(super) struct Built {
    pub(super) source: Box<dyn CandidateSource>,
    pub(super) options: Vec<(&'static str, String)>,
}

impl Entry {
    #[allow(dead_code)] // Without any strategy's feature nothing is registered.
    const fn of<S: Strategy>() -> Self {
        Self {
            name: S::NAME,
            summary: S::SUMMARY,
            options: S::OPTIONS,
            build: |mut options| {
                let source = S::from_options(&mut options)?;
                let keys: Vec<&str> = S::OPTIONS.iter().map(|&(key, _)| key).collect();
                options.finish(&keys)?;
                Ok(Built { options: source.options(), source: Box::new(source) })
            },
        }
    }

    pub(super) fn build(&self, options: Options) -> Result<Built, OptionError> {
        (self.build)(options)
    }
}

/// All strategies that this build knows, one line each.
pub fn all() -> &'static [Entry] {
    const {
        &[
            #[cfg(all(feature = "lookahead", feature = "pool"))]
            Entry::of::<super::Auto>(),
            #[cfg(feature = "autoregressive")]
            Entry::of::<crate::autoregressive::Autoregressive>(),
            #[cfg(feature = "jacobi")]
            Entry::of::<crate::jacobi::Jacobi>(),
            #[cfg(feature = "lookahead")]
            Entry::of::<crate::lookahead::Lookahead>(),
            #[cfg(feature = "pool")]
            Entry::of::<crate::pool::PromptLookup>(),
            #[cfg(feature = "pool")]
            Entry::of::<crate::pool::NgramPool>(),
            #[cfg(feature = "pool")]
            Entry::of::<crate::pool::Suffix>(),
            #[cfg(feature = "pool")]
            Entry::of::<crate::pool::Recycling>(),
        ]
    }
}
