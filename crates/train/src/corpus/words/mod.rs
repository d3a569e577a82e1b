//! The vocabulary that the grammars share.

mod animals;
mod people;
mod things;
mod time;

pub(crate) use animals::{ANIMALS, Animal};
pub(crate) use people::{Gender, PEOPLE, PET_NAMES, Person};
pub(crate) use things::{COLORS, FOODS, OBJECTS, PLACES, Place};
pub(crate) use time::{CITIES, DAYS, MONTHS, NUMBER_WORDS, listed};
