//! A list, a question about it, and the answer.

use super::{
    phrase::capitalized,
    random::Dice,
    words::{ANIMALS, CITIES, COLORS, NUMBER_WORDS, OBJECTS, PEOPLE, listed},
};

/// A list's title and the items to choose from.
struct Topic {
    title: &'static str,
    items: Vec<&'static str>,
}

fn topic(dice: &mut Dice) -> Topic {
    let titles = ["Shopping list", "Animals", "In my bag", "Friends", "Cities", "Colors", "To do"];
    let title = dice.pick(&titles);
    let items = match title {
        "Shopping list" => vec![
            "apples", "bread", "milk", "cheese", "tea", "honey", "eggs", "rice", "butter", "soup",
            "cake", "nuts",
        ],
        "Animals" => ANIMALS.iter().map(|animal| animal.name).collect(),
        "In my bag" => OBJECTS.to_vec(),
        "Friends" => PEOPLE.iter().map(|person| person.name).collect(),
        "Cities" => CITIES.to_vec(),
        "Colors" => COLORS.to_vec(),
        _ => vec![
            "clean the room",
            "feed the cat",
            "write a letter",
            "call Nina",
            "buy bread",
            "wash the cups",
            "water the flowers",
            "read a book",
            "bake a cake",
            "fix the chair",
        ],
    };
    Topic { title, items }
}

/// Writes a list with one or two questions; a third of them after an instruction.
pub(super) fn write(dice: &mut Dice) -> String {
    let Topic { title, items: all } = topic(dice);
    let count = dice.between(3, 6) as usize;
    let items = dice.pick_some(&all, count);
    let lines: Vec<String> = items.iter().map(|item| format!("- {item}\n")).collect();
    let list = format!("{title}:\n{}", lines.concat());
    let (question, answer) = question(&items, &all, dice);
    match dice.below(9) {
        0..=2 => format!("Answer the question about the list: {question}\n\n{list}\n{answer}\n"),
        3 | 4 => {
            let things = listed(&items);
            format!("Make a list of {things}.\n\n{list}")
        }
        5 => {
            let (second, reply) = self::question(&items, &all, dice);
            if second == question {
                format!("{list}\nQ: {question}\nA: {answer}\n")
            } else {
                format!("{list}\nQ: {question}\nA: {answer}\n\nQ: {second}\nA: {reply}\n")
            }
        }
        _ => format!("{list}\nQ: {question}\nA: {answer}\n"),
    }
}

fn question(items: &[&str], all: &[&'static str], dice: &mut Dice) -> (String, String) {
    let last = items.len() - 1;
    match dice.below(6) {
        0 => ("What is the first item?".to_owned(), format!("The first item is {}.", items[0])),
        1 => ("What is the last item?".to_owned(), format!("The last item is {}.", items[last])),
        2 => (
            "How many items are on the list?".to_owned(),
            format!("There are {} items on the list.", NUMBER_WORDS[items.len()]),
        ),
        3 => {
            let at = dice.below(last as u64) as usize;
            let (item, next) = (items[at], items[at + 1]);
            (
                format!("What comes after {item}?"),
                format!("{} comes after {item}.", capitalized(next)),
            )
        }
        4 => {
            let item = dice.pick(items);
            (format!("Is {item} on the list?"), format!("Yes, {item} is on the list."))
        }
        _ => {
            let item = dice.pick(all);
            if items.contains(&item) {
                (format!("Is {item} on the list?"), format!("Yes, {item} is on the list."))
            } else {
                (format!("Is {item} on the list?"), format!("No, {item} is not on the list."))
            }
        }
    }
}
