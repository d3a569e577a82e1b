//! The pairs of words that never meet in a training document.
//!
//! Each animal has two objects, and each child one place, that no document with it mentions. The rule is arithmetic on
//! their positions in the lists, so that every word of the lists is seen in training, only not in these pairs.

use super::words::{ANIMALS, OBJECTS, PEOPLE, PLACES};

/// The two positions in the objects that are kept from the animal at position `animal`.
pub(crate) const fn objects_kept_from(animal: usize) -> [usize; 2] {
    [(animal * 5 + 3) % OBJECTS.len(), (animal * 5 + 17) % OBJECTS.len()]
}

/// The position in the places that is kept from the child at position `person`.
pub(crate) const fn place_kept_from(person: usize) -> usize {
    (person * 5 + 2) % PLACES.len()
}

/// Whether both words of some pair occur in `text`.
pub(crate) fn occurs_in(text: &str) -> bool {
    let (mut animals, mut objects, mut people, mut places) = (0_u64, 0_u64, 0_u64, 0_u64);
    for word in text.split(|character: char| !character.is_ascii_alphabetic()) {
        mark(&mut people, PEOPLE.iter().position(|person| person.name == word));
        let word = word.to_ascii_lowercase();
        mark(&mut animals, ANIMALS.iter().position(|animal| animal.name == word));
        mark(&mut objects, OBJECTS.iter().position(|object| *object == word));
        mark(&mut places, PLACES.iter().position(|place| place.name == word));
    }
    let animal_meets =
        |animal: usize| objects_kept_from(animal).iter().any(|object| objects >> object & 1 == 1);
    let person_meets = |person: usize| places >> place_kept_from(person) & 1 == 1;
    (0..ANIMALS.len()).any(|animal| animals >> animal & 1 == 1 && animal_meets(animal))
        || (0..PEOPLE.len()).any(|person| people >> person & 1 == 1 && person_meets(person))
}

fn mark(seen: &mut u64, position: Option<usize>) {
    if let Some(position) = position {
        *seen |= 1 << position;
    }
}

#[cfg(test)]
mod tests {
    use super::{objects_kept_from, occurs_in, place_kept_from};
    use crate::corpus::{
        documents, held_out_prompts,
        words::{ANIMALS, OBJECTS, PEOPLE, PLACES},
    };
    use std::collections::HashSet;

    #[test]
    fn a_pair_is_found_wherever_it_stands() {
        for (at, animal) in ANIMALS.iter().enumerate() {
            for object in objects_kept_from(at).map(|object| OBJECTS[object]) {
                assert!(occurs_in(&format!("The {object}, said the {}.", animal.name)));
                assert!(occurs_in(&format!("{}\n- {}\n", object.to_uppercase(), animal.name)));
                assert!(!occurs_in(&format!("The {object}s and the {}.", animal.name)));
            }
        }
        for (at, person) in PEOPLE.iter().enumerate() {
            assert!(occurs_in(&format!("{} is {}.", person.name, PLACES[place_kept_from(at)].at)));
        }
        assert!(!occurs_in("Mia and Tom. A fox."));
    }

    /// The pairs spelled out once more, without the bit sets that the stream is filtered with.
    #[test]
    fn the_stream_has_every_word_and_no_pair() {
        let mut pairs: Vec<[String; 2]> = Vec::new();
        for (at, animal) in ANIMALS.iter().enumerate() {
            pairs.extend(
                objects_kept_from(at)
                    .map(|object| [animal.name.to_owned(), OBJECTS[object].to_owned()]),
            );
        }
        for (at, person) in PEOPLE.iter().enumerate() {
            pairs.push([person.name.to_lowercase(), PLACES[place_kept_from(at)].name.to_owned()]);
        }
        let mut seen: HashSet<String> = HashSet::new();
        for document in documents(3).take(5_000) {
            let words: HashSet<String> = document
                .text
                .split(|character: char| !character.is_ascii_alphabetic())
                .map(str::to_lowercase)
                .collect();
            for pair in &pairs {
                assert!(
                    !pair.iter().all(|word| words.contains(word)),
                    "{pair:?}: {}",
                    document.text
                );
            }
            seen.extend(words);
        }
        for word in pairs.iter().flatten() {
            assert!(seen.contains(word), "{word} never occurs");
        }
    }

    #[test]
    fn thirty_prompts_hold_a_pair() {
        assert_eq!(held_out_prompts().iter().filter(|prompt| occurs_in(&prompt.text)).count(), 30);
    }
}
