/// Finds the first of some strings in a text that comes in pieces, and holds
/// back what may be the beginning of one.
///
/// The text stops where the first of them is complete, and ends before it; of
/// several that are complete at the same character, before the longest. What
/// comes out does not depend on how the text is cut into pieces.
///
/// ```
/// use foretoken_core::StopStrings;
///
/// let mut stops = StopStrings::new(["\nUser:"])?;
/// assert_eq!(stops.push("fine.\nU"), "fine.");
/// assert_eq!(stops.push("nix\nUs"), "\nUnix");
/// assert_eq!(stops.push("er: and"), "");
/// assert!(stops.found().is_some());
/// # Ok::<(), foretoken_core::StopStringError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct StopStrings {
    strings: Vec<String>,
    held: String,
    found: Option<usize>,
}

/// A stop string that cannot be looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a stop string is empty: it would end the text before it begins")]
pub struct StopStringError(());

impl StopStrings {
    /// Looks for these strings; with none, every text goes through.
    ///
    /// # Errors
    ///
    /// If one of them is empty.
    pub fn new(
        strings: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, StopStringError> {
        let strings: Vec<String> = strings.into_iter().map(Into::into).collect();
        if strings.iter().any(String::is_empty) {
            return Err(StopStringError(()));
        }
        Ok(Self { strings, held: String::new(), found: None })
    }

    /// The part of the text that is certain now. Nothing more once a string
    /// was found.
    pub fn push(&mut self, piece: &str) -> String {
        if self.found.is_some() {
            return String::new();
        }
        self.held.push_str(piece);
        if let Some((start, string)) = self.first() {
            self.found = Some(string);
            self.held.truncate(start);
            return std::mem::take(&mut self.held);
        }
        let rest = self.held.split_off(self.certain());
        std::mem::replace(&mut self.held, rest)
    }

    /// Ends the text: what was held back turned out to be no stop string. The
    /// next piece begins another text.
    pub fn finish(&mut self) -> String {
        self.found = None;
        std::mem::take(&mut self.held)
    }

    /// The string that ended the text.
    pub fn found(&self) -> Option<&str> {
        self.found.map(|string| self.strings[string].as_str())
    }

    /// Where the string that is complete first starts, and which it is.
    fn first(&self) -> Option<(usize, usize)> {
        let places = self.strings.iter().enumerate().filter_map(|(index, string)| {
            self.held.find(string.as_str()).map(|start| (start + string.len(), start, index))
        });
        places.min().map(|(_, start, string)| (start, string))
    }

    /// The length of the text before the longest end that begins a stop string.
    fn certain(&self) -> usize {
        let longest = self.strings.iter().map(String::len).max().unwrap_or_default();
        let from = self.held.len().saturating_sub(longest.saturating_sub(1));
        (from..self.held.len())
            .filter(|&at| self.held.is_char_boundary(at))
            .find(|&at| self.strings.iter().any(|string| string.starts_with(&self.held[at..])))
            .unwrap_or(self.held.len())
    }
}
