use foretoken_core::Token;

/// The longest period that counts as a loop.
const PERIOD: usize = 64;

/// The least number of repeated tokens.
const REPEATED: usize = 24;

/// Where a text that ends in a loop begins to repeat itself: from there on,
/// each token is the one a period earlier, for two more periods at least and
/// two dozen tokens. `None` if it does not.
///
/// Repetition flatters every strategy that looks back, so figures are given
/// with such loops cut off, too.
pub fn loop_start(tokens: &[Token]) -> Option<usize> {
    let starts = (1..=PERIOD.min(tokens.len())).filter_map(|period| {
        let repeated = tokens
            .iter()
            .rev()
            .zip(tokens[..tokens.len() - period].iter().rev())
            .take_while(|(token, earlier)| token == earlier)
            .count();
        (repeated >= REPEATED.max(2 * period)).then(|| tokens.len() - repeated)
    });
    starts.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_repetition() {
        let period = [7, 8, 9];
        let looped: Vec<Token> = (0..5).chain(period.into_iter().cycle().take(40)).collect();
        assert_eq!(loop_start(&looped), Some(5 + 3));
        assert_eq!(loop_start(&looped[..5 + 3 + 20]), None, "too short to be called a loop");
        assert_eq!(loop_start(&(0..200).collect::<Vec<_>>()), None);
        assert_eq!(loop_start(&[4; 30]), Some(1));
        assert_eq!(loop_start(&[]), None);
    }
}
