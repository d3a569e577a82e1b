//! Children's names, and names that animals carry in stories.

/// Which pronouns a character takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gender {
    /// she, her, her, herself
    She,
    /// he, him, his, himself
    He,
}

impl Gender {
    /// Subject, object, possessive and reflexive.
    pub(crate) const fn pronouns(self) -> [&'static str; 4] {
        match self {
            Self::She => ["she", "her", "her", "herself"],
            Self::He => ["he", "him", "his", "himself"],
        }
    }
}

/// A name and the pronouns that go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) gender: Gender,
}

const fn she(name: &'static str) -> Person {
    Person { name, gender: Gender::She }
}

const fn he(name: &'static str) -> Person {
    Person { name, gender: Gender::He }
}

/// The children.
pub(crate) const PEOPLE: [Person; 24] = [
    she("Mia"),
    he("Tom"),
    she("Amara"),
    he("Ben"),
    she("Lena"),
    he("Omar"),
    she("Yuki"),
    he("Diego"),
    she("Priya"),
    he("Kofi"),
    she("Sara"),
    he("Ivan"),
    she("Nina"),
    he("Ravi"),
    she("Zoe"),
    he("Leo"),
    she("Aisha"),
    he("Finn"),
    she("Elif"),
    he("Mateo"),
    she("Ling"),
    he("Noah"),
    she("Rosa"),
    he("Sami"),
];

/// The names of animals.
pub(crate) const PET_NAMES: [Person; 12] = [
    she("Dot"),
    he("Rusty"),
    she("Hazel"),
    he("Bruno"),
    she("Luna"),
    he("Oscar"),
    she("Tilly"),
    he("Max"),
    she("Ruby"),
    he("Pip"),
    she("Coco"),
    he("Toby"),
];
