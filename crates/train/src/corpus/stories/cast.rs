//! Who and what a story is about, chosen once and used throughout.

use super::Plot;
use crate::corpus::{
    phrase::{Slots, with_article},
    random::Dice,
    words::{
        ANIMALS, Animal, COLORS, FOODS, Gender, NUMBER_WORDS, OBJECTS, PEOPLE, PET_NAMES, PLACES,
        Person, Place,
    },
};

const SIZES: [&str; 5] = ["little", "small", "young", "little", "kind"];
const SKILLS: [&str; 7] = ["swim", "climb", "jump", "dance", "sing", "dive", "skate"];
const OBJECT_LOOKS: [&str; 5] = ["old", "small", "shiny", "pretty", "little"];

/// A character, as every sentence about it needs to know it.
#[derive(Clone, Debug)]
struct Character {
    /// How it is called once it is known: a name, or "the fox".
    called: String,
    /// How it comes in: "a little fox named Rusty".
    introduced: String,
    /// What the topic says: "a fox", "a girl named Mia".
    sort: String,
    gender: Gender,
}

/// Hero, friend, object and place of one story.
#[derive(Clone, Debug)]
pub(super) struct Cast {
    hero: Character,
    friend: Character,
    home: &'static str,
    food: &'static str,
    topping: &'static str,
    object: &'static str,
    look: &'static str,
    other_object: &'static str,
    other_color: &'static str,
    skill: &'static str,
    coins: &'static str,
    place: Place,
    other_place: Place,
}

impl Character {
    fn child(person: Person, dice: &mut Dice) -> Self {
        let noun = if person.gender == Gender::She { "girl" } else { "boy" };
        Self {
            called: person.name.to_owned(),
            introduced: format!("a {} named {}", describe(noun, dice), person.name),
            sort: format!("a {noun} named {}", person.name),
            gender: person.gender,
        }
    }

    fn named(animal: Animal, person: Person, dice: &mut Dice) -> Self {
        Self {
            called: person.name.to_owned(),
            introduced: format!("a {} named {}", describe(animal.name, dice), person.name),
            sort: with_article(animal.name),
            gender: person.gender,
        }
    }

    /// How the other speaks to it.
    fn addressed(&self) -> &str {
        if self.called.starts_with("the ") { "my friend" } else { &self.called }
    }

    fn nameless(animal: Animal, gender: Gender, dice: &mut Dice) -> Self {
        Self {
            called: format!("the {}", animal.name),
            introduced: format!("a {}", describe(animal.name, dice)),
            sort: with_article(animal.name),
            gender,
        }
    }
}

fn describe(noun: &str, dice: &mut Dice) -> String {
    if dice.chance(70) { format!("{} {noun}", dice.pick(&SIZES)) } else { noun.to_owned() }
}

impl Cast {
    /// Draws a cast in which no two share a name, a species or (mostly) their pronouns.
    pub(super) fn draw(plot: &Plot, dice: &mut Dice) -> Self {
        let animals = dice.pick_some(&ANIMALS, 2);
        let [hero_gender, friend_gender] =
            if dice.chance(50) { [Gender::She, Gender::He] } else { [Gender::He, Gender::She] };
        let (hero, friend) = match dice.below(10) {
            0..=2 => (
                Character::child(named(&PEOPLE, hero_gender, dice), dice),
                Character::child(named(&PEOPLE, friend_gender, dice), dice),
            ),
            3 => (
                Character::child(named(&PEOPLE, hero_gender, dice), dice),
                Character::named(animals[1], named(&PET_NAMES, friend_gender, dice), dice),
            ),
            4..=6 => (
                Character::named(animals[0], named(&PET_NAMES, hero_gender, dice), dice),
                Character::named(animals[1], named(&PET_NAMES, friend_gender, dice), dice),
            ),
            _ => (
                Character::nameless(animals[0], hero_gender, dice),
                Character::nameless(animals[1], friend_gender, dice),
            ),
        };
        let hero_is_animal = !hero.sort.contains("named");
        let object = dice.pick(if plot.objects.is_empty() { &OBJECTS } else { plot.objects });
        let others: Vec<&str> = OBJECTS.into_iter().filter(|other| *other != object).collect();
        let places = dice.pick_some(&PLACES, 2);
        let looks = if dice.chance(60) { &COLORS[..] } else { &OBJECT_LOOKS[..] };
        Self {
            home: if hero_is_animal { animals[0].home } else { "house" },
            food: if hero_is_animal { animals[0].food } else { dice.pick(&FOODS) },
            topping: dice.pick(&["berries", "apples", "nuts", "honey", "cream"]),
            hero,
            friend,
            object,
            look: dice.pick(looks),
            other_object: dice.pick(&others),
            coins: NUMBER_WORDS[dice.between(3, 9) as usize],
            skill: if hero_is_animal { animals[0].skill } else { dice.pick(&SKILLS) },
            other_color: dice.pick(&COLORS),
            place: places[0],
            other_place: places[1],
        }
    }

    /// What the patterns of stories may name.
    pub(super) fn slots(&self) -> Slots {
        let mut slots = Slots::default();
        let [he, him, his, himself] = self.hero.gender.pronouns();
        let [fhe, fhim, fhis, _] = self.friend.gender.pronouns();
        for (name, value) in [
            ("hero", self.hero.called.as_str()),
            ("a_hero", &self.hero.introduced),
            ("a_kind", &self.hero.sort),
            ("he", he),
            ("him", him),
            ("his", his),
            ("himself", himself),
            ("friend", &self.friend.called),
            ("dear", self.friend.addressed()),
            ("a_friend", &self.friend.introduced),
            ("a_friend_kind", &self.friend.sort),
            ("fhe", fhe),
            ("fhim", fhim),
            ("fhis", fhis),
            ("home", self.home),
            ("food", self.food),
            ("food_topping", self.topping),
            ("obj", self.object),
            ("a_obj", &with_article(self.object)),
            ("look", self.look),
            ("a_look_obj", &with_article(&format!("{} {}", self.look, self.object))),
            ("skill", self.skill),
            ("coins", self.coins),
            ("obj2", self.other_object),
            ("a_obj2", &with_article(self.other_object)),
            ("color2", self.other_color),
            ("place", self.place.name),
            ("at", self.place.at),
            ("place2", self.other_place.name),
            ("at2", self.other_place.at),
        ] {
            slots.bind(name, value);
        }
        slots
    }
}

fn named(people: &[Person], gender: Gender, dice: &mut Dice) -> Person {
    let of_gender: Vec<Person> =
        people.iter().copied().filter(|person| person.gender == gender).collect();
    dice.pick(&of_gender)
}
