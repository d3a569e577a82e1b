//! Functions of text.

use super::{
    Family, Function,
    values::{WORDS, list, quoted, quoted_list, some_words, text_name, truth, words_name},
};
use crate::corpus::random::Dice;

pub(super) const FAMILIES: [Family; 12] = [
    reverse_text,
    count_vowels,
    count_words,
    is_palindrome,
    shout,
    greet,
    count_letter,
    first_letter,
    lengths,
    longest,
    join,
    repeat,
];

fn of_words(function: Function, dice: &mut Dice, compute: impl Fn(&str) -> String) -> Function {
    let mut function = function;
    for word in dice.pick_some(&WORDS, 2) {
        function = function.example(quoted(word), compute(word));
    }
    function
}

fn of_lists(
    function: Function,
    dice: &mut Dice,
    compute: impl Fn(&[String]) -> String,
) -> Function {
    let mut function = function;
    for _ in 0..2 {
        let words = some_words(dice);
        function = function.example(quoted_list(&words), compute(&words));
    }
    function
}

fn reversed(word: &str) -> String {
    word.chars().rev().collect()
}

fn reverse_text(dice: &mut Dice) -> Function {
    let name = dice.pick(&["reverse_string", "reverse_text", "reverse_word"]);
    let body = dice.pick(&[
        "return @[::-1]",
        "result = ''\nfor letter in @:\n    result = letter + result\nreturn result",
    ]);
    let function =
        Function::new(name, &[text_name(dice)], "return a string in reverse order").body(body);
    of_words(function, dice, |word| quoted(&reversed(word)))
}

pub(super) fn vowels_in(word: &str) -> usize {
    word.chars().filter(|letter| "aeiou".contains(*letter)).count()
}

fn count_vowels(dice: &mut Dice) -> Function {
    let body = dice.pick(&[
        "count = 0\nfor letter in @:\n    if letter in 'aeiou':\n        count += 1\nreturn count",
        "return sum(1 for letter in @ if letter in 'aeiou')",
    ]);
    let function =
        Function::new("count_vowels", &[text_name(dice)], "count the vowels in a string")
            .body(body);
    of_words(function, dice, |word| vowels_in(word).to_string())
}

fn count_words(dice: &mut Dice) -> Function {
    let name = dice.pick(&["count_words", "word_count", "number_of_words"]);
    let body = dice.pick(&[
        "return len(@.split())",
        "words = @.split()\nreturn len(words)",
        "words = @.split(' ')\nreturn len(words)",
    ]);
    let mut function =
        Function::new(name, &[text_name(dice)], "count the words in a string").body(body);
    for _ in 0..2 {
        let words = some_words(dice);
        function = function.example(quoted(&words.join(" ")), words.len().to_string());
    }
    function
}

fn is_palindrome(dice: &mut Dice) -> Function {
    let body = dice.pick(&[
        "return @ == @[::-1]",
        "backwards = @[::-1]\nreturn @ == backwards",
        "for i in range(len(@) // 2):\n    if @[i] != @[-i - 1]:\n        return False\nreturn True",
    ]);
    let purpose = dice.pick(&[
        "check whether a string is a palindrome",
        "check whether a word reads the same backwards",
    ]);
    let function = Function::new("is_palindrome", &[text_name(dice)], purpose).body(body);
    let function = function.example(quoted(dice.pick(&["level", "noon"])), "True");
    of_words(function, dice, |word| truth(word == reversed(word)).to_owned())
}

fn shout(dice: &mut Dice) -> Function {
    if dice.chance(50) {
        let name = dice.pick(&["shout", "to_upper", "upper_case"]);
        let body = dice.pick(&["return @.upper()", "result = @.upper()\nreturn result"]);
        let function =
            Function::new(name, &[text_name(dice)], "return a string in upper case").body(body);
        of_words(function, dice, |word| quoted(&word.to_uppercase()))
    } else {
        let name = dice.pick(&["capitalize_word", "capitalize"]);
        let body = dice.pick(&["return @.capitalize()", "return @[0].upper() + @[1:]"]);
        let function =
            Function::new(name, &[text_name(dice)], "return a word with a capital letter")
                .body(body);
        of_words(function, dice, |word| quoted(&crate::corpus::phrase::capitalized(word)))
    }
}

fn greet(dice: &mut Dice) -> Function {
    let name = dice.pick(&["greet", "say_hello", "greeting"]);
    let hello = dice.pick(&["Hello", "Hi", "Good morning", "Welcome"]);
    let body = dice.pick(&[
        "return 'HELLO, ' + @ + '!'",
        "return f'HELLO, {@}!'",
        "message = 'HELLO, ' + @ + '!'\nreturn message",
    ]);
    let mut function = Function::new(name, &["name"], "return a greeting for a name")
        .body(&body.replace("HELLO", hello));
    for person in dice.pick_some(&crate::corpus::words::PEOPLE, 2) {
        function =
            function.example(quoted(person.name), quoted(&format!("{hello}, {}!", person.name)));
    }
    function
}

fn count_letter(dice: &mut Dice) -> Function {
    let name = dice.pick(&["count_letter", "count_char", "letter_count"]);
    let body = dice.pick(&[
        "count = 0\nfor c in @:\n    if c == $:\n        count += 1\nreturn count",
        "return @.count($)",
    ]);
    let mut function = Function::new(
        name,
        &[text_name(dice), "letter"],
        "count how often a letter is in a string",
    )
    .body(body);
    for word in dice.pick_some(&WORDS, 2) {
        let letter = dice.pick(&['a', 'e', 'o', 'r', 'l']);
        let count = word.chars().filter(|&c| c == letter).count();
        function = function.example(format!("'{word}', '{letter}'"), count.to_string());
    }
    function
}

fn first_letter(dice: &mut Dice) -> Function {
    let (name, purpose, body, at_start) = dice.pick(&[
        ("first_letter", "return the first letter of a word", "return @[0]", true),
        ("last_letter", "return the last letter of a word", "return @[-1]", false),
    ]);
    let function = Function::new(name, &["word"], purpose).body(body);
    of_words(function, dice, |word| {
        let letter = if at_start { word.chars().next() } else { word.chars().last() };
        quoted(&letter.map_or_else(String::new, String::from))
    })
}

fn lengths(dice: &mut Dice) -> Function {
    let name = dice.pick(&["word_lengths", "lengths"]);
    let body = dice.pick(&[
        "return [len(word) for word in @]",
        "result = []\nfor word in @:\n    result.append(len(word))\nreturn result",
    ]);
    let function =
        Function::new(name, &[words_name(dice)], "return the lengths of the words in a list")
            .body(body);
    of_lists(function, dice, |words| {
        list(&words.iter().map(|word| word.len() as i64).collect::<Vec<_>>())
    })
}

fn longest(dice: &mut Dice) -> Function {
    let (name, purpose, sign) = dice.pick(&[
        ("longest_word", "return the longest word in a list", '>'),
        ("shortest_word", "return the shortest word in a list", '<'),
    ]);
    let body = format!(
        "best = @[0]\nfor word in @:\n    if len(word) {sign} len(best):\n        best = word\nreturn best"
    );
    let function = Function::new(name, &[words_name(dice)], purpose).body(&body);
    of_lists(function, dice, |words| {
        let mut best = &words[0];
        for word in words {
            let is_better =
                if sign == '>' { word.len() > best.len() } else { word.len() < best.len() };
            if is_better {
                best = word;
            }
        }
        quoted(best)
    })
}

fn join(dice: &mut Dice) -> Function {
    let (name, purpose, sign) = dice.pick(&[
        ("join_words", "join a list of words with spaces", " "),
        ("join_with_dash", "join a list of words with dashes", "-"),
        ("join_with_comma", "join a list of words with commas", ", "),
    ]);
    let body = format!("return '{sign}'.join(@)");
    let function = Function::new(name, &[words_name(dice)], purpose).body(&body);
    of_lists(function, dice, |words| quoted(&words.join(sign)))
}

fn repeat(dice: &mut Dice) -> Function {
    let name = dice.pick(&["repeat", "repeat_text", "repeat_word"]);
    let body = dice
        .pick(&["return @ * $", "result = ''\nfor _ in range($):\n    result += @\nreturn result"]);
    let mut function =
        Function::new(name, &[text_name(dice), "times"], "repeat a string a number of times")
            .body(body);
    for word in dice.pick_some(&["ab", "ha", "no", "la", "go", "hey"], 2) {
        let times = dice.between(2, 4);
        function =
            function.example(format!("'{word}', {times}"), quoted(&word.repeat(times as usize)));
    }
    function
}
