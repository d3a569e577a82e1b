//! Lists of strategies, whose options have commas too.

use anyhow::bail;
use foretoken::strategy::Spec;

/// A strategy as the user wrote it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Named {
    /// The text, which results are reported under.
    pub(crate) text: String,
    pub(crate) spec: Spec,
    /// Whether it guesses what a constraint forces, if there is one.
    pub(crate) forced: bool,
}

impl Named {
    /// Whether it is plain decoding.
    pub(crate) fn is_plain(&self) -> bool {
        self.spec.names().eq([BASELINE])
    }

    /// The same without guesses at what a constraint forces.
    pub(crate) fn unforced(&self) -> Self {
        let text = format!("{} (unforced)", self.text);
        Self { text, spec: self.spec.clone(), forced: false }
    }
}

/// Parses lists such as `lookahead:w=5,n=4,prompt-lookup`: a piece that is only an option belongs to the strategy
/// before it. A strategy that is listed again is left out.
///
/// # Errors
/// An unknown strategy or option, an option before any strategy, nothing at all.
pub(crate) fn parse(lists: &[String]) -> anyhow::Result<Vec<Named>> {
    let mut strategies: Vec<Named> = Vec::new();
    for list in lists {
        for text in split(list)? {
            let spec = text.parse()?;
            if strategies.iter().all(|named| named.text != text) {
                strategies.push(Named { text, spec, forced: true });
            }
        }
    }
    if strategies.is_empty() {
        bail!("--strategies names none: see `foretoken strategies`");
    }
    Ok(strategies)
}

/// Plain decoding, which everything is compared with.
pub(crate) const BASELINE: &str = "autoregressive";

/// Where plain decoding is in a list.
pub(crate) struct Baseline {
    pub(crate) index: usize,
    /// Whether the list did not have it.
    pub(crate) added: bool,
}

/// Finds plain decoding among the strategies, and puts it first if it is not there.
///
/// # Errors
/// None while the registry has it.
pub(crate) fn baseline(strategies: &mut Vec<Named>) -> anyhow::Result<Baseline> {
    let spec: Spec = BASELINE.parse()?;
    let found = strategies.iter().position(|named| named.spec == spec);
    if found.is_none() {
        strategies.insert(0, Named { text: BASELINE.to_owned(), spec, forced: true });
    }
    Ok(Baseline { index: found.unwrap_or(0), added: found.is_none() })
}

fn split(list: &str) -> anyhow::Result<Vec<String>> {
    let mut texts: Vec<String> = Vec::new();
    for piece in list.split(',').map(str::trim).filter(|piece| !piece.is_empty()) {
        if !is_option(piece) {
            texts.push(piece.to_owned());
            continue;
        }
        match texts.last_mut() {
            // The options belong to the last of the strategies that guess together.
            Some(text) if text.rsplit('+').next().is_some_and(|last| last.contains(':')) => {
                text.push(',');
                text.push_str(piece);
            }
            Some(text) => {
                bail!("{piece:?} is an option after {text:?}, which has none: write {text}:{piece}")
            }
            None => bail!("{piece:?} is an option without a strategy: write STRATEGY:{piece}"),
        }
    }
    Ok(texts)
}

/// Whether a piece begins with `key=`: a strategy with options has a colon before that.
fn is_option(piece: &str) -> bool {
    piece.split_once('=').is_some_and(|(key, _)| !key.contains([':', '+']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lists: &[&str]) -> Result<Vec<String>, String> {
        let lists: Vec<String> = lists.iter().map(|&list| list.to_owned()).collect();
        let named = parse(&lists).map_err(|error| error.to_string())?;
        Ok(named.into_iter().map(|named| named.text).collect())
    }

    #[test]
    fn options_stay_with_their_strategy() {
        assert_eq!(
            texts(&["autoregressive,lookahead:w=5,n=4,jacobi:window=4"]).unwrap(),
            ["autoregressive", "lookahead:w=5,n=4", "jacobi:window=4"]
        );
        assert_eq!(
            texts(&["lookahead:w=5,n=4+prompt-lookup,jacobi", "prompt-lookup+lookahead:w=3,n=3"])
                .unwrap(),
            ["lookahead:w=5,n=4+prompt-lookup", "jacobi", "prompt-lookup+lookahead:w=3,n=3"]
        );
    }

    #[test]
    fn a_strategy_is_listed_once() {
        assert_eq!(
            texts(&["jacobi, jacobi,", "jacobi,lookahead"]).unwrap(),
            ["jacobi", "lookahead"]
        );
    }

    #[test]
    fn plain_decoding_is_found_or_added() {
        let mut without = parse(&["jacobi".to_owned()]).unwrap();
        let added = baseline(&mut without).unwrap();
        assert_eq!((added.index, added.added, without[0].text.as_str()), (0, true, BASELINE));
        let mut with = parse(&["jacobi,autoregressive".to_owned()]).unwrap();
        let found = baseline(&mut with).unwrap();
        assert_eq!((found.index, found.added, with.len()), (1, false, 2));
    }

    #[test]
    fn misplaced_options_are_explained() {
        let error = |list| texts(&[list]).unwrap_err();
        assert_eq!(
            error("w=5,lookahead"),
            "\"w=5\" is an option without a strategy: write STRATEGY:w=5"
        );
        assert!(error("lookahead,w=5").ends_with("write lookahead:w=5"));
        assert!(
            error("lookahead:w=5+jacobi,window=3").ends_with("write lookahead:w=5+jacobi:window=3")
        );
        assert!(error("lookahed").contains("unknown strategy \"lookahed\""));
        assert!(error(" , ").contains("names none"));
    }
}
