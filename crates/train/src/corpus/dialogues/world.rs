//! Simple knowledge of the world.

use super::Exchange;
use crate::corpus::{
    phrase::{capitalized, with_article},
    random::Dice,
    words::{ANIMALS, DAYS, MONTHS, NUMBER_WORDS},
};

const OPPOSITES: [(&str, &str); 20] = [
    ("big", "small"),
    ("hot", "cold"),
    ("fast", "slow"),
    ("old", "new"),
    ("happy", "sad"),
    ("wet", "dry"),
    ("high", "low"),
    ("light", "heavy"),
    ("open", "closed"),
    ("full", "empty"),
    ("long", "short"),
    ("loud", "quiet"),
    ("early", "late"),
    ("hard", "soft"),
    ("strong", "weak"),
    ("good", "bad"),
    ("day", "night"),
    ("left", "right"),
    ("first", "last"),
    ("near", "far"),
];

const COLORED: [(&str, &str); 14] = [
    ("the sky", "blue"),
    ("the grass", "green"),
    ("the sun", "yellow"),
    ("snow", "white"),
    ("a banana", "yellow"),
    ("a carrot", "orange"),
    ("a tomato", "red"),
    ("milk", "white"),
    ("coal", "black"),
    ("a frog", "green"),
    ("a lemon", "yellow"),
    ("the sea", "blue"),
    ("a cherry", "red"),
    ("wood", "brown"),
];

const SOUNDS: [(&str, &str); 10] = [
    ("dog", "woof"),
    ("cat", "meow"),
    ("duck", "quack"),
    ("sheep", "baa"),
    ("frog", "croak"),
    ("owl", "hoot"),
    ("cow", "moo"),
    ("pig", "oink"),
    ("crow", "caw"),
    ("goose", "honk"),
];

const USES: [(&str, &str); 16] = [
    ("a key", "open a door"),
    ("a pen", "write a letter"),
    ("a cup", "drink tea"),
    ("a spoon", "eat soup"),
    ("an umbrella", "stay dry in the rain"),
    ("a lamp", "see in the dark"),
    ("a clock", "know the time"),
    ("a map", "find the way"),
    ("a bed", "sleep"),
    ("a book", "read a story"),
    ("a scarf", "keep warm"),
    ("a boat", "cross the water"),
    ("a drum", "make music"),
    ("a ball", "play a game"),
    ("a bridge", "cross a river"),
    ("a basket", "carry apples"),
];

const LEGS: [(&str, usize); 9] = [
    ("dog", 4),
    ("cat", 4),
    ("duck", 2),
    ("spider", 8),
    ("bee", 6),
    ("horse", 4),
    ("goose", 2),
    ("fish", 0),
    ("ant", 6),
];

/// One question with its answer.
pub(super) fn exchange(dice: &mut Dice) -> Exchange {
    let kinds = [
        sum, sum, rest, opposite, color, sound, after, before, food, home, skill, purpose, legs,
        count_on, larger,
    ];
    kinds[dice.below(kinds.len() as u64) as usize](dice)
}

/// Two or three different questions.
pub(super) fn exchanges(dice: &mut Dice) -> Vec<Exchange> {
    let count = dice.between(2, 3) as usize;
    let mut exchanges: Vec<Exchange> = Vec::with_capacity(count);
    while exchanges.len() < count {
        let next = exchange(dice);
        if !exchanges.contains(&next) {
            exchanges.push(next);
        }
    }
    exchanges
}

fn sum(dice: &mut Dice) -> Exchange {
    let (a, b) = (dice.between(0, 10), dice.between(0, 9));
    let total = a + b;
    if dice.chance(40) {
        let [a, b, total] = [a, b, total].map(|number| NUMBER_WORDS[number as usize]);
        return Exchange::new(
            format!("How much is {a} plus {b}?"),
            format!("{} plus {b} is {total}.", capitalized(a)),
        );
    }
    Exchange::new(format!("What is {a} + {b}?"), format!("{a} + {b} = {total}."))
}

fn rest(dice: &mut Dice) -> Exchange {
    let (a, b) = (dice.between(5, 19), dice.between(0, 5));
    if dice.chance(40) {
        let [a, b, left] = [a, b, a - b].map(|number| NUMBER_WORDS[number as usize]);
        return Exchange::new(
            format!("How much is {a} minus {b}?"),
            format!("{} minus {b} is {left}.", capitalized(a)),
        );
    }
    Exchange::new(format!("What is {a} - {b}?"), format!("{a} - {b} = {}.", a - b))
}

fn opposite(dice: &mut Dice) -> Exchange {
    let (one, other) = dice.pick(&OPPOSITES);
    let (one, other) = if dice.chance(50) { (one, other) } else { (other, one) };
    Exchange::new(
        format!("What is the opposite of {one}?"),
        format!("The opposite of {one} is {other}."),
    )
}

fn color(dice: &mut Dice) -> Exchange {
    let (thing, color) = dice.pick(&COLORED);
    Exchange::new(format!("What color is {thing}?"), format!("{} is {color}.", capitalized(thing)))
}

fn sound(dice: &mut Dice) -> Exchange {
    let (animal, sound) = dice.pick(&SOUNDS);
    let animal = with_article(animal);
    Exchange::new(
        format!("What does {animal} say?"),
        format!("{} says {sound}.", capitalized(&animal)),
    )
}

fn after(dice: &mut Dice) -> Exchange {
    let (names, sort) = if dice.chance(60) { (&DAYS[..], "day") } else { (&MONTHS[..], "month") };
    let at = dice.below(names.len() as u64) as usize;
    let next = names[(at + 1) % names.len()];
    Exchange::new(
        format!("Which {sort} comes after {}?", names[at]),
        format!("{next} comes after {}.", names[at]),
    )
}

fn before(dice: &mut Dice) -> Exchange {
    let (names, sort) = if dice.chance(60) { (&DAYS[..], "day") } else { (&MONTHS[..], "month") };
    let at = dice.below(names.len() as u64) as usize;
    let next = names[(at + 1) % names.len()];
    Exchange::new(
        format!("Which {sort} comes before {next}?"),
        format!("{} comes before {next}.", names[at]),
    )
}

fn food(dice: &mut Dice) -> Exchange {
    let animal = dice.pick(&ANIMALS);
    Exchange::new(
        format!("What do {} like to eat?", animal.plural),
        format!("{} like to eat {}.", capitalized(animal.plural), animal.food),
    )
}

fn home(dice: &mut Dice) -> Exchange {
    let animal = dice.pick(&ANIMALS);
    let (one, home) = (with_article(animal.name), with_article(animal.home));
    Exchange::new(
        format!("Where does {one} sleep?"),
        format!("{} sleeps in {home}.", capitalized(&one)),
    )
}

fn skill(dice: &mut Dice) -> Exchange {
    let animal = dice.pick(&ANIMALS);
    let one = with_article(animal.name);
    if dice.chance(50) {
        Exchange::new(
            format!("What can {one} do well?"),
            format!("{} can {} well.", capitalized(&one), animal.skill),
        )
    } else {
        Exchange::new(
            format!("Can {one} {}?", animal.skill),
            format!("Yes, {one} can {}.", animal.skill),
        )
    }
}

fn purpose(dice: &mut Dice) -> Exchange {
    let (thing, purpose) = dice.pick(&USES);
    if dice.chance(50) {
        Exchange::new(
            format!("What do you need to {purpose}?"),
            format!("You need {thing} to {purpose}."),
        )
    } else {
        Exchange::new(
            format!("What can you do with {thing}?"),
            format!("With {thing} you can {purpose}."),
        )
    }
}

fn legs(dice: &mut Dice) -> Exchange {
    let (animal, legs) = dice.pick(&LEGS);
    let animal = with_article(animal);
    let legs = if legs == 0 { "no" } else { NUMBER_WORDS[legs] };
    Exchange::new(
        format!("How many legs does {animal} have?"),
        format!("{} has {legs} legs.", capitalized(&animal)),
    )
}

fn count_on(dice: &mut Dice) -> Exchange {
    let start = dice.between(1, 15) as usize;
    let [a, b, c, d] = [start, start + 1, start + 2, start + 3].map(|number| NUMBER_WORDS[number]);
    Exchange::new(
        format!("What comes next: {a}, {b}, {c}?"),
        format!("After {a}, {b}, {c} comes {d}."),
    )
}

fn larger(dice: &mut Dice) -> Exchange {
    let numbers = dice.pick_some(&(1..=50).collect::<Vec<i64>>(), 2);
    let (a, b) = (numbers[0], numbers[1]);
    Exchange::new(
        format!("Which number is larger, {a} or {b}?"),
        format!("{} is larger than {}.", a.max(b), a.min(b)),
    )
}
