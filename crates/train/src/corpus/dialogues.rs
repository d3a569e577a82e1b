//! Questions and answers: about the world, and about facts that the document states itself.

mod facts;
mod world;

use super::{
    random::Dice,
    words::{PEOPLE, Person},
};

/// A question and its answer, both whole sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Exchange {
    question: String,
    answer: String,
}

impl Exchange {
    fn new(question: impl Into<String>, answer: impl Into<String>) -> Self {
        Self { question: question.into(), answer: answer.into() }
    }
}

/// Writes questions with answers, a talk between two children, or an instruction to answer a question.
pub(super) fn write(dice: &mut Dice) -> String {
    match dice.below(10) {
        0..=2 => {
            let Exchange { question, answer } = world::exchange(dice);
            format!("Answer the question: {question}\n\n{answer}\n")
        }
        3 | 4 => asked(&world::exchanges(dice)),
        5 | 6 => {
            let (facts, exchanges) = facts::write(dice);
            format!("{facts}\n\n{}", asked(&exchanges))
        }
        _ => talk(dice),
    }
}

fn asked(exchanges: &[Exchange]) -> String {
    let lines: Vec<String> = exchanges
        .iter()
        .map(|exchange| format!("Q: {}\nA: {}\n", exchange.question, exchange.answer))
        .collect();
    lines.join("\n")
}

/// Two children who greet, ask each other and take leave.
fn talk(dice: &mut Dice) -> String {
    let people: Vec<Person> = dice.pick_some(&PEOPLE, 2);
    let [first, second] = [people[0].name, people[1].name];
    let mut lines = vec![
        (
            first,
            dice.pick(&[
                "Hello, NAME!",
                "Hi, NAME!",
                "Good morning, NAME!",
                "Hi, NAME! How are you?",
            ])
            .replace("NAME", second),
        ),
        (
            second,
            dice.pick(&[
                "Hello, NAME!",
                "Hi, NAME! I am fine.",
                "Good morning!",
                "Hi, NAME! I am glad to see you.",
            ])
            .replace("NAME", first),
        ),
    ];
    if dice.chance(50) {
        lines.append(&mut plans(first, second, dice));
    } else {
        for exchange in world::exchanges(dice) {
            let opening = dice.pick(&["", "Tell me, ", "I have a question. ", ""]);
            let question = if opening.ends_with(", ") {
                uncapitalized(&exchange.question)
            } else {
                exchange.question
            };
            lines.push((first, format!("{opening}{question}")));
            lines.push((second, exchange.answer));
        }
    }
    lines.push((
        first,
        dice.pick(&["Thank you, NAME!", "Thanks! Bye, NAME.", "That is good to know. Bye!"])
            .replace("NAME", second),
    ));
    if dice.chance(60) {
        lines.push((
            second,
            dice.pick(&["Bye, NAME!", "See you tomorrow!", "You are welcome."])
                .replace("NAME", first),
        ));
    }
    let preface = if dice.chance(33) {
        format!("Write a talk between {first} and {second}.\n\n")
    } else {
        String::new()
    };
    let lines: Vec<String> =
        lines.iter().map(|(speaker, line)| format!("{speaker}: {line}\n")).collect();
    format!("{preface}{}", lines.concat())
}

fn uncapitalized(text: &str) -> String {
    text[..1].to_lowercase() + &text[1..]
}

/// A plan to meet: the day, the place and the thing are named once and repeated.
fn plans<'a>(first: &'a str, second: &'a str, dice: &mut Dice) -> Vec<(&'a str, String)> {
    let (day, place, object) = (
        dice.pick(&super::words::DAYS),
        dice.pick(&super::words::PLACES),
        dice.pick(&super::words::OBJECTS),
    );
    let hour = super::words::NUMBER_WORDS[dice.between(2, 6) as usize];
    let object = super::phrase::with_article(object);
    let food = dice.pick(&super::words::FOODS);
    vec![
        (
            first,
            match dice.below(3) {
                0 => format!("Do you have time on {day}?"),
                1 => format!("What are you doing on {day}?"),
                _ => format!("Shall we meet on {day}?"),
            },
        ),
        (
            second,
            match dice.below(3) {
                0 => format!("Yes, I have time on {day}. Where shall we meet?"),
                1 => format!("On {day} I am free. Where do you want to meet?"),
                _ => format!("{day} is good. Where?"),
            },
        ),
        (
            first,
            format!(
                "Let us meet {} at {hour}. {}",
                place.at,
                if dice.chance(50) {
                    format!("I will bring {object}.")
                } else {
                    format!("Please bring {food}.")
                }
            ),
        ),
        (
            second,
            match dice.below(2) {
                0 => format!("Good. So we meet {} on {day} at {hour}.", place.at),
                _ => format!("I will be there at {hour} on {day}."),
            },
        ),
    ]
}
