//! Small classes with two methods.

use crate::corpus::random::Dice;

/// A class as text, with `{` for nothing but Python: marks in capitals are replaced.
struct Class {
    request: &'static str,
    text: &'static str,
}

const CLASSES: [Class; 4] = [
    Class {
        request: "a counter that starts at 0",
        text: "class NAME:\n    \"\"\"A counter that starts at 0.\"\"\"\n\n    def __init__(self):\n        self.FIELD = 0\n\n    def STEP(self):\n        \"\"\"Add one.\"\"\"\n        self.FIELD += 1\n\n    def reset(self):\n        \"\"\"Start again at 0.\"\"\"\n        self.FIELD = 0\n",
    },
    Class {
        request: "a bank account",
        text: "class Account:\n    \"\"\"A bank account.\"\"\"\n\n    def __init__(self, owner):\n        self.owner = owner\n        self.balance = 0\n\n    def deposit(self, amount):\n        \"\"\"Add money to the account.\"\"\"\n        self.balance += amount\n\n    def withdraw(self, amount):\n        \"\"\"Take money from the account.\"\"\"\n        if amount > self.balance:\n            return False\n        self.balance -= amount\n        return True\n",
    },
    Class {
        request: "a rectangle",
        text: "class Rectangle:\n    \"\"\"A rectangle.\"\"\"\n\n    def __init__(self, width, height):\n        self.width = width\n        self.height = height\n\n    def area(self):\n        \"\"\"Return the area of the rectangle.\"\"\"\n        return self.width * self.height\n\n    def perimeter(self):\n        \"\"\"Return the length of all sides.\"\"\"\n        return 2 * (self.width + self.height)\n",
    },
    Class {
        request: "PET with a name and an age",
        text: "class SORT:\n    \"\"\"PET with a name and an age.\"\"\"\n\n    def __init__(self, name, age):\n        self.name = name\n        self.age = age\n\n    def speak(self):\n        \"\"\"Return what the PETNAME says.\"\"\"\n        return self.name + ' says SOUND!'\n\n    def birthday(self):\n        \"\"\"Make the PETNAME one year older.\"\"\"\n        self.age += 1\n",
    },
];

pub(super) fn write(dice: &mut Dice) -> String {
    let class = &CLASSES[dice.below(CLASSES.len() as u64) as usize];
    let (field, step) =
        dice.pick(&[("count", "add"), ("value", "increase"), ("count", "step"), ("total", "add")]);
    let (pet, sound) = dice.pick(&[
        ("dog", "woof"),
        ("cat", "meow"),
        ("duck", "quack"),
        ("sheep", "baa"),
        ("frog", "croak"),
        ("owl", "hoot"),
    ]);
    let article = crate::corpus::phrase::with_article(pet);
    let code = class
        .text
        .replace("NAME:", dice.pick(&["Counter:", "Tally:", "Counter:"]))
        .replace("FIELD", field)
        .replace("STEP", step)
        .replace("PETNAME", pet)
        .replace("PET", &crate::corpus::phrase::capitalized(&article))
        .replace("SORT", &crate::corpus::phrase::capitalized(pet))
        .replace("SOUND", sound);
    if dice.chance(40) {
        format!("Write a Python class for {}.\n\n{code}", class.request.replace("PET", &article))
    } else {
        code
    }
}
