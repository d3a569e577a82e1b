//! Values as Python writes them, and words to compute with.

use crate::corpus::random::Dice;

/// Words that strings are made of.
pub(super) const WORDS: [&str; 16] = [
    "apple", "river", "tree", "moon", "star", "house", "green", "banana", "level", "paper", "door",
    "rain", "summer", "noon", "cloud", "table",
];

/// `[1, 2, 3]`
pub(super) fn list(numbers: &[i64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    format!("[{}]", numbers.join(", "))
}

/// `'word'`
pub(super) fn quoted(word: &str) -> String {
    format!("'{word}'")
}

/// `['one', 'two']`
pub(super) fn quoted_list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

/// `True` or `False`
pub(super) fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// A list of `3` to `5` numbers from `low` to `high`.
pub(super) fn some_numbers(dice: &mut Dice, low: i64, high: i64) -> Vec<i64> {
    let count = dice.between(3, 5);
    (0..count).map(|_| dice.between(low, high)).collect()
}

/// Two to four different words.
pub(super) fn some_words(dice: &mut Dice) -> Vec<String> {
    let count = dice.between(2, 4) as usize;
    dice.pick_some(&WORDS, count).into_iter().map(str::to_owned).collect()
}

/// The name of a parameter that holds numbers.
pub(super) fn numbers_name(dice: &mut Dice) -> &'static str {
    dice.pick(&["numbers", "values", "items", "numbers", "data"])
}

/// The name of a parameter that holds one number.
pub(super) fn number_name(dice: &mut Dice) -> &'static str {
    dice.pick(&["n", "number", "x", "value"])
}

/// The name of a parameter that holds text.
pub(super) fn text_name(dice: &mut Dice) -> &'static str {
    dice.pick(&["text", "word", "string", "text"])
}

/// The name of a parameter that holds words.
pub(super) fn words_name(dice: &mut Dice) -> &'static str {
    dice.pick(&["words", "names", "items", "words"])
}
