//! Markdown tables, and sentences that read them right.

use std::fmt::Write;

use super::{
    phrase::{Slots, say},
    random::Dice,
    words::{CITIES, COLORS, FOODS, PEOPLE},
};

/// What a table with one column of numbers is about.
struct Topic {
    /// After "a table of".
    name: &'static str,
    headers: [&'static str; 2],
    rows: fn() -> Vec<&'static str>,
    /// Lowest and highest number.
    range: [i64; 2],
    /// What the largest and the smallest row is called: patterns with `{row}` and `{number}`.
    largest: &'static str,
    smallest: &'static str,
    /// A third column that some tables have: its header and its values.
    extra: Option<(&'static str, &'static [&'static str])>,
    /// One of the rows, and several.
    noun: [&'static str; 2],
}

fn people() -> Vec<&'static str> {
    PEOPLE.iter().map(|person| person.name).collect()
}

fn cities() -> Vec<&'static str> {
    CITIES.to_vec()
}

fn goods() -> Vec<&'static str> {
    vec![
        "apples", "bread", "milk", "cheese", "tea", "honey", "eggs", "rice", "butter", "soup",
        "cake", "nuts",
    ]
}

fn tools() -> Vec<&'static str> {
    vec!["pencil", "paper", "glue", "ruler", "notebook", "eraser", "pen", "bag", "chalk", "brush"]
}

fn trees() -> Vec<&'static str> {
    vec!["oak", "pine", "birch", "maple", "willow", "ash", "elm", "palm"]
}

fn teams() -> Vec<&'static str> {
    vec!["Red", "Blue", "Green", "Yellow", "White", "Black", "Orange", "Brown"]
}

fn days() -> Vec<&'static str> {
    super::words::DAYS.to_vec()
}

const TOPICS: [Topic; 9] = [
    Topic {
        name: "cities and temperatures",
        headers: ["City", "Temperature"],
        rows: cities,
        range: [-5, 35],
        largest: "[The warmest city is {row}|It is warmest in {row}] with {number} degrees.",
        smallest: "[The coldest city is {row}|It is coldest in {row}] with {number} degrees.",
        extra: Some(("Sky", &["sun", "rain", "clouds", "wind"])),
        noun: ["city", "cities"],
    },
    Topic {
        name: "goods and prices",
        headers: ["Item", "Price"],
        rows: goods,
        range: [1, 20],
        largest: "The [most expensive|highest] price is {number}, for {row}.",
        smallest: "The [lowest|smallest] price is {number}, for {row}.",
        extra: Some(("Sold", &["yes", "no"])),
        noun: ["item", "items"],
    },
    Topic {
        name: "pupils and ages",
        headers: ["Name", "Age"],
        rows: people,
        range: [5, 15],
        largest: "The oldest [pupil|child] is {row}, who is {number} years old.",
        smallest: "The youngest [pupil|child] is {row}, who is {number} years old.",
        extra: Some(("Likes", &FOODS)),
        noun: ["pupil", "pupils"],
    },
    Topic {
        name: "players and points",
        headers: ["Player", "Points"],
        rows: people,
        range: [0, 50],
        largest: "{row} [won|has the most points] with {number} points.",
        smallest: "{row} [came last|has the fewest points] with {number} points.",
        extra: Some(("Team", &COLORS)),
        noun: ["player", "players"],
    },
    Topic {
        name: "teams and goals",
        headers: ["Team", "Goals"],
        rows: teams,
        range: [0, 9],
        largest: "The {row} team has the most goals.",
        smallest: "The {row} team has the fewest goals.",
        extra: None,
        noun: ["team", "teams"],
    },
    Topic {
        name: "trees and heights",
        headers: ["Tree", "Height"],
        rows: trees,
        range: [3, 40],
        largest: "The tallest tree is the {row} with {number} meters.",
        smallest: "The smallest tree is the {row} with {number} meters.",
        extra: Some(("Leaves", &["green", "yellow", "red", "brown"])),
        noun: ["tree", "trees"],
    },
    Topic {
        name: "days and visitors",
        headers: ["Day", "Visitors"],
        rows: days,
        range: [10, 90],
        largest: "Most visitors came on {row}.",
        smallest: "The fewest visitors came on {row}.",
        extra: Some(("Weather", &["sunny", "rainy", "windy", "cloudy"])),
        noun: ["day", "days"],
    },
    Topic {
        name: "school things and how many there are",
        headers: ["Thing", "Count"],
        rows: tools,
        range: [1, 30],
        largest: "The largest count is {number}, for the {row}.",
        smallest: "The smallest count is {number}, for the {row}.",
        extra: Some(("Color", &COLORS)),
        noun: ["thing", "things"],
    },
    Topic {
        name: "children and books they read",
        headers: ["Child", "Books"],
        rows: people,
        range: [1, 20],
        largest: "{row} read the most books.",
        smallest: "{row} read the fewest books.",
        extra: Some(("Likes", &FOODS)),
        noun: ["child", "children"],
    },
];

/// Writes a table: bare, after an instruction, or with a sentence that reads it.
pub(super) fn write(dice: &mut Dice) -> String {
    let topic = &TOPICS[dice.below(TOPICS.len() as u64) as usize];
    let count = dice.between(3, 6) as usize;
    let mut rows = dice.pick_some(&(topic.rows)(), count);
    if topic.headers[0] == "Day" {
        rows.sort_by_key(|row| super::words::DAYS.iter().position(|day| day == row));
    }
    let [low, high] = topic.range;
    let numbers = dice.pick_some(&(low..=high).collect::<Vec<_>>(), count);
    let extra = topic.extra.filter(|_| dice.chance(25));

    let mut text = preface(topic, &rows, dice);
    text.push_str(&header(topic, extra.map(|(header, _)| header)));
    for (row, number) in rows.iter().zip(&numbers) {
        let _ = write!(text, "| {row} | {number} |");
        if let Some((_, values)) = extra {
            let _ = write!(text, " {} |", dice.pick(values));
        }
        text.push('\n');
    }
    if dice.chance(60) {
        let _ = write!(text, "\n{}\n", reading(topic, &rows, &numbers, dice));
    }
    text
}

fn preface(topic: &Topic, rows: &[&str], dice: &mut Dice) -> String {
    match dice.below(6) {
        0 => format!("Make a table of {}.\n\n", topic.name),
        1 => format!("Make a table of {} for {}.\n\n", topic.name, super::words::listed(rows)),
        2 => format!("# A table of {}\n\n", topic.name),
        _ => String::new(),
    }
}

fn header(topic: &Topic, extra: Option<&str>) -> String {
    let [first, second] = topic.headers;
    match extra {
        Some(third) => format!("| {first} | {second} | {third} |\n| --- | --- | --- |\n"),
        None => format!("| {first} | {second} |\n| --- | --- |\n"),
    }
}

/// One or two true sentences about the rows, whose numbers all differ.
fn reading(topic: &Topic, rows: &[&str], numbers: &[i64], dice: &mut Dice) -> String {
    let mut by_number: Vec<(i64, &str)> =
        numbers.iter().copied().zip(rows.iter().copied()).collect();
    by_number.sort_unstable();
    let sentence = |pattern: &str, (number, row): (i64, &str), dice: &mut Dice| {
        let mut slots = Slots::default();
        slots.bind("row", row);
        slots.bind("number", number.to_string());
        say(pattern, &slots, dice)
    };
    let smallest = sentence(topic.smallest, by_number[0], dice);
    let largest = sentence(topic.largest, by_number[by_number.len() - 1], dice);
    match dice.below(5) {
        0 | 1 => largest,
        2 => smallest,
        3 => format!("{largest} {smallest}"),
        _ => format!(
            "The table has {} {}. {largest}",
            super::words::NUMBER_WORDS[rows.len()],
            topic.noun[1]
        ),
    }
}
