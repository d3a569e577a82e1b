//! A note, and its summary: the model has to copy what matters.

use super::{
    phrase::{Slots, say, with_article},
    random::Dice,
    words::{COLORS, DAYS, FOODS, NUMBER_WORDS, OBJECTS, PEOPLE, PLACES},
};

/// A note and what is left of it in one sentence.
struct Note {
    text: &'static str,
    summary: &'static str,
}

const NOTES: [Note; 12] = [
    Note {
        text: "[Hi {name},|Dear {name},] [please|could you] buy {count} {food} {at} on {day}. {filler} [The shop closes at {hour}.|Be there before {hour}.]",
        summary: "{Name} should buy {count} {food} {at} on {day} before {hour}.",
    },
    Note {
        text: "[Hi {name}!|Hello {name},] I will meet you {at} on {day} at {hour}. {filler} Please bring {a_obj}.",
        summary: "Meet {at} on {day} at {hour}. {Name} brings {a_obj}.",
    },
    Note {
        text: "[Yesterday|Last night|This morning] {name} lost a {color} {obj} {at}. {filler} If you find it, please call {other}.",
        summary: "{Name} lost a {color} {obj} {at}.",
    },
    Note {
        text: "The party is {at} on {day}. It starts at {hour}. {filler} {Name} brings {food}, and {other} brings {food2}.",
        summary: "Party {at} on {day} at {hour}, with {food} and {food2}.",
    },
    Note {
        text: "The train leaves on {day} at {hour}. {Name} and {other} must not be late. {filler} They need {a_obj} and some {food}.",
        summary: "{Name} and {other} take the train on {day} at {hour}.",
    },
    Note {
        text: "{Name} is sick [today|this week] and stays at home. {filler} {Other} will bring soup and {a_obj} on {day}.",
        summary: "{Name} is sick. {Other} visits on {day}.",
    },
    Note {
        text: "{Name} went {to} with {other} on {day}. {filler} They found a {color} {obj} and ate {food}.",
        summary: "{Name} and {other} found a {color} {obj} {at}.",
    },
    Note {
        text: "[Please feed|Do not forget to feed] the cat while I am away. {filler} It gets fish at {hour}. I will be back on {day}. Thank you, {name}!",
        summary: "{Name} should feed the cat at {hour} until {day}.",
    },
    Note {
        text: "The school trip goes {to} on {day}. We leave at {hour}. {filler} Every child needs a hat and {food}. [Ask|Call] {name} if you have questions.",
        summary: "School trip {to} on {day} at {hour}.",
    },
    Note {
        text: "{Name} sold a {color} {obj} to {other} for {count} coins. {filler} {Other} paid on {day}.",
        summary: "{Other} bought a {color} {obj} from {name} for {count} coins.",
    },
    Note {
        text: "The lesson on {day} starts at {hour} and not in the morning. {filler} {Name} teaches us how to make {a_obj}.",
        summary: "Lesson with {name} on {day} at {hour}.",
    },
    Note {
        text: "{Name} needs help {at}. {filler} There is a lot of work to do. Come on {day} with {a_obj}, if you can.",
        summary: "{Name} needs help {at} on {day}.",
    },
];

const FILLERS: [&str; 10] = [
    "",
    "It will be [warm|cold|sunny|rainy].",
    "I hope that you are well.",
    "This is important.",
    "The weather was nice.",
    "Everyone is happy about it.",
    "It was a long week.",
    "There is not much time.",
    "We talked about it for a long time.",
    "",
];

/// Writes a note with its summary, a third of them after an instruction.
pub(super) fn write(dice: &mut Dice) -> String {
    let people = dice.pick_some(&PEOPLE, 2);
    let foods = dice.pick_some(&FOODS, 2);
    let place = dice.pick(&PLACES);
    let mut slots = Slots::default();
    let filler = say(dice.pick(&FILLERS), &slots, dice);
    for (name, value) in [
        ("name", people[0].name),
        ("other", people[1].name),
        ("food", foods[0]),
        ("food2", foods[1]),
        ("at", place.at),
        ("to", &format!("to the {}", place.name)),
        ("day", dice.pick(&DAYS)),
        ("hour", NUMBER_WORDS[dice.between(1, 12) as usize]),
        ("count", NUMBER_WORDS[dice.between(2, 9) as usize]),
        ("obj", dice.pick(&OBJECTS)),
        ("color", dice.pick(&COLORS)),
        ("filler", &filler),
    ] {
        slots.bind(name, value);
    }
    let object = dice.pick(&OBJECTS);
    slots.bind("a_obj", with_article(object));
    let note = &NOTES[dice.below(NOTES.len() as u64) as usize];
    let (text, summary) = (say(note.text, &slots, dice), say(note.summary, &slots, dice));
    match dice.below(3) {
        0 => format!("Summarize the note.\n\nNote: {text}\n\nSummary: {summary}\n"),
        _ => format!("Note: {text}\n\nSummary: {summary}\n"),
    }
}
