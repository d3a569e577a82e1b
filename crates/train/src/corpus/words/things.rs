//! Things, places, food and colours.

/// A place of the stories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The word.
    pub(crate) name: &'static str,
    /// Being there.
    pub(crate) at: &'static str,
}

const fn place(name: &'static str, at: &'static str) -> Place {
    Place { name, at }
}

/// The places.
pub(crate) const PLACES: [Place; 12] = [
    place("forest", "in the forest"),
    place("garden", "in the garden"),
    place("park", "in the park"),
    place("beach", "on the beach"),
    place("hill", "on the hill"),
    place("river", "by the river"),
    place("lake", "by the lake"),
    place("farm", "on the farm"),
    place("village", "in the village"),
    place("meadow", "in the meadow"),
    place("market", "at the market"),
    place("mill", "by the mill"),
];

/// Things small enough to be carried, lost and found.
pub(crate) const OBJECTS: [&str; 28] = [
    "key", "drum", "lamp", "coin", "bell", "ball", "kite", "hat", "book", "shell", "stone", "map",
    "ring", "cup", "spoon", "flute", "scarf", "boat", "whistle", "basket", "button", "feather",
    "mirror", "candle", "rope", "blanket", "umbrella", "clock",
];

/// Food that one takes along.
pub(crate) const FOODS: [&str; 8] =
    ["bread", "apples", "cheese", "cake", "soup", "nuts", "berries", "honey"];

/// Colours of things.
pub(crate) const COLORS: [&str; 8] =
    ["red", "blue", "green", "yellow", "white", "black", "brown", "orange"];
