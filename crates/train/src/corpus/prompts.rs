//! Prompts that training never saw.

use super::{
    Kind, held_out,
    phrase::with_article,
    words::{ANIMALS, OBJECTS, PEOPLE, PLACES},
};

/// A prompt for evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prompt {
    /// What sort of text should follow.
    pub kind: Kind,
    /// The text to continue.
    pub text: String,
}

/// How many stories of each form [`held_out_prompts`] asks for.
const STORIES: usize = 5;

/// Prompts with numbers, choices or orders of words that training does not reach, or reaches once in millions.
const OTHERS: [(Kind, &str); 20] = [
    (
        Kind::Python,
        "Write a Python function that returns the larger of two values.\n\ndef larger_value(",
    ),
    (Kind::Python, "def sum_of_list(elements):\n    \"\"\"Return the sum of a list of numbers."),
    (
        Kind::Python,
        "def is_even_number(num):\n    \"\"\"Check whether a number is even.\n\n    >>> is_even_number(52)\n",
    ),
    (Kind::Python, "# Return the longest word in a list.\ndef longest_name(friends):\n"),
    (
        Kind::Python,
        "def multiply_all(numbers):\n    \"\"\"Return the product of all numbers in a list.",
    ),
    (Kind::Table, "Make a table of trees and temperatures.\n\n"),
    (Kind::Table, "Make a table of cities and visitors for Lima, Oslo and Rome.\n\n"),
    (Kind::Table, "| City | Age |\n| --- | --- |\n| Tokyo |"),
    (Kind::Table, "# A table of animals and prices\n\n"),
    (Kind::Json, "Write a JSON record of Zoe who is 57 years old and lives in Cairo.\n\n"),
    (Kind::Json, "Write a JSON record of a purple bear named Rusty.\n\n"),
    (Kind::Json, "{\n  \"name\": \"Kofi\",\n  \"age\": 61,\n  \"city\":"),
    (Kind::Json, "[\n  {\n    \"name\": \"Ling\",\n    \"age\": 3\n  },\n"),
    (Kind::Dialogue, "Answer the question: What does a donkey say?\n\n"),
    (Kind::Dialogue, "Q: What color is a fox?\nA:"),
    (
        Kind::Dialogue,
        "Priya has a purple ball. Noah has a green whale.\n\nQ: Who has the whale?\nA:",
    ),
    (Kind::Dialogue, "Leo: Hi, Luna!\nLuna: Hello, Leo!\nLeo: Do you have time on Saturday?\n"),
    (Kind::List, "Toys:\n- robot\n- train\n- ball\n\nQ: What is the last item?\nA:"),
    (
        Kind::List,
        "Answer the question about the list: Is piano on the list?\n\nMusic:\n- drum\n- piano\n- flute\n\n",
    ),
    (Kind::List, "Make a list of wolf, kite and Oslo.\n\n"),
];

/// Fifty prompts of all kinds, none of which can begin a document of the corpus.
///
/// The stories and notes put together words that never meet in a document; the others ask for names, numbers or
/// combinations that the grammars do not produce.
pub fn held_out_prompts() -> Vec<Prompt> {
    let mut prompts = Vec::with_capacity(50);
    let mut push = |kind, text: String| prompts.push(Prompt { kind, text });
    for at in 0..STORIES {
        let (animal, thing) = animal_and_object(at * 2);
        push(Kind::Story, format!("Write a short story about {animal} who finds {thing}.\n\n"));
        let (animal, thing) = animal_and_object(at * 2 + 1);
        push(Kind::Story, format!("# A story about {animal} and {thing}\n\n"));
        let (animal, thing) = animal_and_object(at + 12);
        push(
            Kind::Story,
            format!("Once upon a time, there was {animal} who had {thing}. One day,"),
        );
        let (person, place) = person_and_place(at);
        push(Kind::Story, format!("{person} lived {place}. One morning,"));
        let (person, place) = person_and_place(at + 8);
        push(
            Kind::Summary,
            format!("Note: {person} lost a red kite {place}. Please call Max.\n\nSummary:"),
        );
        let (person, place) = person_and_place(at + 16);
        push(
            Kind::Dialogue,
            format!("{person} is {place}. Dot is at home.\n\nQ: Where is {person}?\nA:"),
        );
    }
    for (kind, text) in OTHERS {
        push(kind, text.to_owned());
    }
    prompts
}

fn animal_and_object(animal: usize) -> (String, String) {
    let object = held_out::objects_kept_from(animal)[animal % 2];
    (with_article(ANIMALS[animal].name), with_article(OBJECTS[object]))
}

fn person_and_place(person: usize) -> (&'static str, &'static str) {
    (PEOPLE[person].name, PLACES[held_out::place_kept_from(person)].at)
}
