//! Animals and what is true of them.

/// An animal of the stories, and of the questions about the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Animal {
    /// One of them.
    pub(crate) name: &'static str,
    /// Many of them.
    pub(crate) plural: &'static str,
    /// Where it sleeps.
    pub(crate) home: &'static str,
    /// What it likes to eat.
    pub(crate) food: &'static str,
    /// What it is good at.
    pub(crate) skill: &'static str,
}

const fn animal(
    name: &'static str,
    plural: &'static str,
    home: &'static str,
    food: &'static str,
    skill: &'static str,
) -> Animal {
    Animal { name, plural, home, food, skill }
}

/// The animals.
pub(crate) const ANIMALS: [Animal; 24] = [
    animal("fox", "foxes", "den", "berries", "run"),
    animal("bear", "bears", "cave", "honey", "climb"),
    animal("rabbit", "rabbits", "burrow", "carrots", "hop"),
    animal("mouse", "mice", "hole", "cheese", "hide"),
    animal("owl", "owls", "tree", "worms", "fly"),
    animal("duck", "ducks", "nest", "seeds", "swim"),
    animal("frog", "frogs", "pond", "flies", "jump"),
    animal("cat", "cats", "house", "fish", "climb"),
    animal("dog", "dogs", "kennel", "meat", "run"),
    animal("hedgehog", "hedgehogs", "pile of leaves", "apples", "roll"),
    animal("squirrel", "squirrels", "tree", "nuts", "climb"),
    animal("turtle", "turtles", "pond", "lettuce", "swim"),
    animal("goat", "goats", "barn", "grass", "climb"),
    animal("pig", "pigs", "sty", "corn", "dig"),
    animal("horse", "horses", "stable", "hay", "run"),
    animal("sheep", "sheep", "barn", "grass", "jump"),
    animal("goose", "geese", "nest", "grass", "swim"),
    animal("otter", "otters", "den", "fish", "swim"),
    animal("badger", "badgers", "burrow", "worms", "dig"),
    animal("deer", "deer", "thicket", "leaves", "run"),
    animal("crow", "crows", "nest", "corn", "fly"),
    animal("beaver", "beavers", "lodge", "bark", "swim"),
    animal("mole", "moles", "tunnel", "worms", "dig"),
    animal("donkey", "donkeys", "stable", "hay", "climb"),
];
