//! Two functions, of which the second calls the first.

use super::{
    Function, lists, numbers, strings,
    values::{
        WORDS, list, numbers_name, quoted, quoted_list, some_numbers, some_words, text_name, truth,
        words_name,
    },
};
use crate::corpus::random::Dice;

type PairFamily = fn(&mut Dice) -> [Function; 2];

pub(super) const FAMILIES: [PairFamily; 8] =
    [sum_of_squares, count_even, primes, most_vowels, list_average, areas, shouts, minutes];

fn of_numbers(function: Function, dice: &mut Dice, compute: impl Fn(&[i64]) -> String) -> Function {
    let numbers = some_numbers(dice, 1, 12);
    function.example(list(&numbers), compute(&numbers))
}

fn sum_of_squares(dice: &mut Dice) -> [Function; 2] {
    let first = numbers::square(dice);
    let body = dice.pick(&[
        "total = 0\nfor number in @:\n    total += square(number)\nreturn total",
        "return sum(square(number) for number in @)",
    ]);
    let purpose = "return the sum of the squares of a list";
    let second = Function::new("sum_of_squares", &[numbers_name(dice)], purpose).body(body);
    let second = of_numbers(second, dice, |numbers| {
        numbers.iter().map(|number| number * number).sum::<i64>().to_string()
    });
    [first, second]
}

fn count_even(dice: &mut Dice) -> [Function; 2] {
    let first = numbers::is_even(dice);
    let sort = first.name.trim_start_matches("is_").to_owned();
    let rest = i64::from(sort == "odd");
    let counts = dice.chance(50);
    let (start, purpose, body) = if counts {
        (
            "count",
            format!("count the {sort} numbers in a list"),
            "count = 0\nfor number in @:\n    if TEST(number):\n        count += 1\nreturn count",
        )
    } else {
        (
            "keep",
            format!("return the {sort} numbers of a list"),
            dice.pick(&[
                "result = []\nfor number in @:\n    if TEST(number):\n        result.append(number)\nreturn result",
                "return [number for number in @ if TEST(number)]",
            ]),
        )
    };
    let second = Function::new(&format!("{start}_{sort}"), &[numbers_name(dice)], purpose)
        .body(&body.replace("TEST", &first.name));
    let second = of_numbers(second, dice, |numbers| {
        let kept: Vec<i64> = numbers.iter().copied().filter(|number| number % 2 == rest).collect();
        if counts { kept.len().to_string() } else { list(&kept) }
    });
    [first, second]
}

fn primes(dice: &mut Dice) -> [Function; 2] {
    let first = numbers::is_prime(dice);
    let name = dice.pick(&["primes_up_to", "list_primes"]);
    let body = dice.pick(&[
        "result = []\nfor i in range(2, @ + 1):\n    if is_prime(i):\n        result.append(i)\nreturn result",
        "return [i for i in range(2, @ + 1) if is_prime(i)]",
    ]);
    let limit = dice.between(5, 20);
    let primes: Vec<i64> = (2..=limit).filter(|n| (2..*n).all(|i| n % i != 0)).collect();
    let second = Function::new(name, &["limit"], "return all primes up to a limit").body(body);
    [first, second.example(limit.to_string(), list(&primes))]
}

fn most_vowels(dice: &mut Dice) -> [Function; 2] {
    let word = dice.pick(&WORDS);
    let first = Function::new("is_vowel", &["letter"], "check whether a letter is a vowel")
        .body(dice.pick(&["return @ in 'aeiou'", "return @ in ['a', 'e', 'i', 'o', 'u']"]))
        .example("'a'", truth(true))
        .example("'b'", truth(false));
    let second = Function::new("count_vowels", &[text_name(dice)], "count the vowels in a string")
        .body(dice.pick(&[
            "count = 0\nfor letter in @:\n    if is_vowel(letter):\n        count += 1\nreturn count",
            "return sum(1 for letter in @ if is_vowel(letter))",
        ]))
        .example(quoted(word), strings::vowels_in(word).to_string());
    [first, second]
}

fn list_average(dice: &mut Dice) -> [Function; 2] {
    let first = lists::sum_list(dice);
    let body = "return SUM(@) / len(@)".replace("SUM", &first.name);
    let (middle, step) = (dice.between(4, 12), dice.between(0, 3));
    let second = Function::new(
        dice.pick(&["average", "mean"]),
        &[numbers_name(dice)],
        "return the average of a list",
    )
    .body(&body)
    .example(list(&[middle - step, middle, middle + step]), format!("{middle}.0"));
    [first, second]
}

fn areas(dice: &mut Dice) -> [Function; 2] {
    let (width, height) = (dice.between(2, 9), dice.between(2, 9));
    let depth = dice.between(2, 5);
    let first = Function::new(
        dice.pick(&["area", "rectangle_area"]),
        &["width", "height"],
        "return the area of a rectangle",
    )
    .body("return @ * $")
    .example(format!("{width}, {height}"), (width * height).to_string());
    let second = Function::new(
        dice.pick(&["volume", "box_volume"]),
        &["width", "height", "depth"],
        "return the volume of a box",
    )
    .body(&format!("return {}(@, $) * depth", first.name))
    .example(format!("{width}, {height}, {depth}"), (width * height * depth).to_string());
    [first, second]
}

fn shouts(dice: &mut Dice) -> [Function; 2] {
    let word = dice.pick(&WORDS);
    let words = some_words(dice);
    let shouted: Vec<String> =
        words.iter().map(|word| format!("{}!", word.to_uppercase())).collect();
    let first =
        Function::new("shout", &[text_name(dice)], "return a string in upper case with a mark")
            .body("return @.upper() + '!'")
            .example(quoted(word), quoted(&format!("{}!", word.to_uppercase())));
    let second = Function::new("shout_all", &[words_name(dice)], "shout every word in a list")
        .body(dice.pick(&[
            "return [shout(word) for word in @]",
            "result = []\nfor word in @:\n    result.append(shout(word))\nreturn result",
        ]))
        .example(quoted_list(&words), quoted_list(&shouted));
    [first, second]
}

fn minutes(dice: &mut Dice) -> [Function; 2] {
    let (hours, minutes) = (dice.between(1, 5), dice.between(1, 59));
    let first = Function::new("to_minutes", &["hours"], "convert hours to minutes")
        .body("return @ * 60")
        .example(hours.to_string(), (hours * 60).to_string());
    let second =
        Function::new("total_minutes", &["hours", "minutes"], "return the minutes of a time")
            .body("return to_minutes(@) + $")
            .example(format!("{hours}, {minutes}"), (hours * 60 + minutes).to_string());
    [first, second]
}
