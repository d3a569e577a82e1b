//! Sources that are built from text such as `lookahead:w=5,n=4,g=5`.

mod options;

pub use options::{OptionError, Options};

use crate::CandidateSource;

/// A candidate source with a name and options, as strategy strings and a
/// registry need it.
///
/// ```
/// use foretoken_core::{
///     async_trait, CandidateSource, Context, Draft, NodeId, OptionError, Options, SourceError, Strategy,
/// };
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct Echo { times: usize }
///
/// impl Strategy for Echo {
///     const NAME: &'static str = "echo";
///     const SUMMARY: &'static str = "guesses that the last token comes again";
///     const OPTIONS: &'static [(&'static str, &'static str)] = &[("times", "guesses, 1 to 64; default 3")];
///
///     fn from_options(options: &mut Options) -> Result<Self, OptionError> {
///         let times = options.take("times")?.unwrap_or(3);
///         if !(1..=64).contains(&times) {
///             return Err(OptionError::invalid("times", times, "1 to 64"));
///         }
///         Ok(Self { times })
///     }
///
///     fn options(&self) -> Vec<(&'static str, String)> {
///         vec![("times", self.times.to_string())]
///     }
/// }
/// # #[async_trait]
/// # impl CandidateSource for Echo {
/// #     fn name(&self) -> &str { Self::NAME }
/// #     async fn propose(&mut self, _: &Context<'_>, _: &mut Draft<'_>) -> Result<(), SourceError> { Ok(()) }
/// #     fn fork(&self) -> Box<dyn CandidateSource> { Box::new(self.clone()) }
/// # }
///
/// let echo = Echo::from_options(&mut "times=5".parse()?)?;
/// assert_eq!(echo.options(), [("times", "5".to_owned())]);
/// assert!(Echo::from_options(&mut "times=65".parse()?).is_err());
/// # Ok::<(), OptionError>(())
/// ```
pub trait Strategy: CandidateSource + Sized + 'static {
    /// The name in strategy strings, in kebab case; [`CandidateSource::name`] says the same.
    const NAME: &'static str;

    /// One line on the idea, for listings.
    const SUMMARY: &'static str;

    /// Each option's key with one line on its values and default.
    const OPTIONS: &'static [(&'static str, &'static str)];

    /// Builds the source from options; those that are not given have their defaults.
    ///
    /// Keys that are not taken are reported by whoever calls this.
    ///
    /// # Errors
    ///
    /// If a value does not parse or is out of range.
    fn from_options(options: &mut Options) -> Result<Self, OptionError>;

    /// All options with their values, defaults included:
    /// [`from_options`](Self::from_options) builds an equal source from them.
    fn options(&self) -> Vec<(&'static str, String)>;
}
