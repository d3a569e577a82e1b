//! Facts that a document states and then asks about.

use super::Exchange;
use crate::corpus::{
    phrase::with_article,
    random::Dice,
    words::{COLORS, FOODS, NUMBER_WORDS, OBJECTS, PEOPLE, PLACES},
};

/// A few sentences and two questions about them.
pub(super) fn write(dice: &mut Dice) -> (String, Vec<Exchange>) {
    let kinds = [owners, wheres, ages, likes, counts];
    let (facts, exchanges) = kinds[dice.below(kinds.len() as u64) as usize](dice);
    let count = dice.between(1, 2) as usize;
    (facts.join(" "), dice.pick_some(&exchanges, count))
}

type Facts = (Vec<String>, Vec<Exchange>);

fn names(dice: &mut Dice) -> Vec<&'static str> {
    let count = dice.between(2, 3) as usize;
    dice.pick_some(&PEOPLE, count).iter().map(|person| person.name).collect()
}

fn owners(dice: &mut Dice) -> Facts {
    let (names, objects, colors) =
        (names(dice), dice.pick_some(&OBJECTS, 3), dice.pick_some(&COLORS, 3));
    let mut facts = Facts::default();
    for (name, (object, color)) in names.iter().zip(objects.iter().zip(&colors)) {
        facts.0.push(format!("{name} has {} {object}.", with_article(color)));
        facts.1.push(Exchange::new(
            format!("Who has the {object}?"),
            format!("{name} has the {object}."),
        ));
        facts.1.push(Exchange::new(
            format!("What does {name} have?"),
            format!("{name} has {} {object}.", with_article(color)),
        ));
        facts.1.push(Exchange::new(
            format!("What color is the {object}?"),
            format!("The {object} is {color}."),
        ));
    }
    facts
}

fn wheres(dice: &mut Dice) -> Facts {
    let (names, places) = (names(dice), dice.pick_some(&PLACES, 3));
    let mut facts = Facts::default();
    for (name, place) in names.iter().zip(&places) {
        facts.0.push(format!("{name} is {}.", place.at));
        facts
            .1
            .push(Exchange::new(format!("Where is {name}?"), format!("{name} is {}.", place.at)));
        facts.1.push(Exchange::new(
            format!("Who is {}?", place.at),
            format!("{name} is {}.", place.at),
        ));
    }
    facts
}

fn ages(dice: &mut Dice) -> Facts {
    let names = names(dice);
    let ages = dice.pick_some(&(5..=15).collect::<Vec<i64>>(), names.len());
    let mut facts = Facts::default();
    let mut by_age: Vec<(i64, &str)> = ages.iter().copied().zip(names.iter().copied()).collect();
    for (age, name) in &by_age {
        facts.0.push(format!("{name} is {age} years old."));
        facts.1.push(Exchange::new(
            format!("How old is {name}?"),
            format!("{name} is {age} years old."),
        ));
    }
    by_age.sort_unstable();
    let (youngest, oldest) = (by_age[0].1, by_age[by_age.len() - 1].1);
    facts.1.push(Exchange::new("Who is the oldest?", format!("{oldest} is the oldest.")));
    facts.1.push(Exchange::new("Who is the youngest?", format!("{youngest} is the youngest.")));
    facts
}

fn likes(dice: &mut Dice) -> Facts {
    let (names, foods) = (names(dice), dice.pick_some(&FOODS, 3));
    let mut facts = Facts::default();
    for (name, food) in names.iter().zip(&foods) {
        facts.0.push(format!("{name} likes {food}."));
        facts.1.push(Exchange::new(
            format!("What does {name} like?"),
            format!("{name} likes {food}."),
        ));
        facts.1.push(Exchange::new(format!("Who likes {food}?"), format!("{name} likes {food}.")));
    }
    facts
}

fn counts(dice: &mut Dice) -> Facts {
    let name = dice.pick(&PEOPLE).name;
    let thing = dice.pick(&["apples", "coins", "nuts", "books", "pens", "eggs"]);
    let (had, more) = (dice.between(2, 9), dice.between(2, 9));
    let other = if name == "Tom" { "Nina" } else { "Tom" };
    let word = |number: i64| NUMBER_WORDS[number as usize];
    let (total, asked) = (word(had + more), format!("How many {thing} does {name} have now?"));
    let facts = vec![
        format!("{name} had {} {thing}.", word(had)),
        format!("Then {other} gave {name} {} more {thing}.", word(more)),
    ];
    let exchanges = vec![
        Exchange::new(
            asked,
            format!(
                "{name} has {total} {thing} now, because {} and {} is {total}.",
                word(had),
                word(more)
            ),
        ),
        Exchange::new(
            format!("Who gave {name} {thing}?"),
            format!("{other} gave {name} {} {thing}.", word(more)),
        ),
    ];
    (facts, exchanges)
}
