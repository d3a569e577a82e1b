//! JSON records of people, animals, books, orders and the weather.

use super::{
    random::Dice,
    words::{ANIMALS, CITIES, COLORS, DAYS, FOODS, OBJECTS, PEOPLE, PET_NAMES, listed},
};

/// A JSON value as far as records need it.
#[derive(Clone, Debug)]
enum Value {
    Number(i64),
    Flag(bool),
    Text(String),
    List(Vec<Value>),
    Record(Vec<(&'static str, Value)>),
}

impl Value {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    fn texts(texts: &[&str]) -> Self {
        Self::List(texts.iter().copied().map(Self::text).collect())
    }

    /// Pretty-printed with two spaces a level; a list of plain values stays in one line.
    fn print(&self, indent: usize) -> String {
        let space = "  ".repeat(indent + 1);
        let end = "  ".repeat(indent);
        match self {
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Text(text) => format!("\"{text}\""),
            Self::List(values) if values.iter().any(|value| matches!(value, Self::Record(_))) => {
                let values: Vec<String> = values
                    .iter()
                    .map(|value| format!("{space}{}", value.print(indent + 1)))
                    .collect();
                format!("[\n{}\n{end}]", values.join(",\n"))
            }
            Self::List(values) => {
                let values: Vec<String> = values.iter().map(|value| value.print(indent)).collect();
                format!("[{}]", values.join(", "))
            }
            Self::Record(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("{space}\"{name}\": {}", value.print(indent + 1)))
                    .collect();
                format!("{{\n{}\n{end}}}", fields.join(",\n"))
            }
        }
    }
}

/// A value and what it is: "a girl named Mia who is 9 years old".
struct Described {
    value: Value,
    description: String,
}

/// Writes a record or a list of them: bare, or after an instruction that tells what it holds.
pub(super) fn write(dice: &mut Dice) -> String {
    let kinds = [person, pet, book, order, weather, people, toy, team, room];
    let described = kinds[dice.below(kinds.len() as u64) as usize](dice);
    let json = described.value.print(0);
    match dice.below(3) {
        0 => format!("Write a JSON record of {}.\n\n{json}\n", described.description),
        _ => format!("{json}\n"),
    }
}

fn person(dice: &mut Dice) -> Described {
    let (person, age, city) = (dice.pick(&PEOPLE), dice.between(5, 40), dice.pick(&CITIES));
    let mut fields = vec![
        ("name", Value::text(person.name)),
        ("age", Value::Number(age)),
        ("city", Value::text(city)),
    ];
    let mut description = format!("{} who is {age} years old and lives in {city}", person.name);
    if dice.chance(50) {
        let count = dice.between(1, 3) as usize;
        let likes = dice.pick_some(&FOODS, count);
        description = format!(
            "{} who is {age} years old, lives in {city} and likes {}",
            person.name,
            listed(&likes)
        );
        fields.push(("likes", Value::texts(&likes)));
    }
    if dice.chance(30) {
        fields.push(("student", Value::Flag(age < 20)));
    }
    Described { value: Value::Record(fields), description }
}

fn people(dice: &mut Dice) -> Described {
    let count = dice.between(2, 4) as usize;
    let people = dice.pick_some(&PEOPLE, count);
    let records = people
        .iter()
        .map(|person| {
            Value::Record(vec![
                ("name", Value::text(person.name)),
                ("age", Value::Number(dice.between(5, 15))),
            ])
        })
        .collect();
    let names: Vec<&str> = people.iter().map(|person| person.name).collect();
    let description = format!("the children {}", listed(&names));
    Described { value: Value::List(records), description }
}

fn pet(dice: &mut Dice) -> Described {
    let (animal, name, color) =
        (dice.pick(&ANIMALS), dice.pick(&PET_NAMES).name, dice.pick(&COLORS));
    let age = dice.between(1, 9);
    let fields = vec![
        ("name", Value::text(name)),
        ("kind", Value::text(animal.name)),
        ("color", Value::text(color)),
        ("age", Value::Number(age)),
        ("food", Value::text(animal.food)),
    ];
    let color = super::phrase::with_article(color);
    Described {
        value: Value::Record(fields),
        description: format!("{color} {} named {name}", animal.name),
    }
}

fn book(dice: &mut Dice) -> Described {
    let (animal, author) = (dice.pick(&ANIMALS), dice.pick(&PEOPLE).name);
    let object = super::phrase::capitalized(dice.pick(&OBJECTS));
    let title = match dice.below(3) {
        0 => format!("The {} and the {object}", super::phrase::capitalized(animal.name)),
        1 => format!("The {} {object}", super::phrase::capitalized(dice.pick(&COLORS))),
        _ => format!("A Day with {}", animal.plural),
    };
    let pages = dice.between(2, 30) * 10;
    let fields = vec![
        ("title", Value::text(title.clone())),
        ("author", Value::text(author)),
        ("pages", Value::Number(pages)),
        ("read", Value::Flag(dice.chance(50))),
    ];
    let description = format!("the book \"{title}\" by {author} with {pages} pages");
    Described { value: Value::Record(fields), description }
}

fn order(dice: &mut Dice) -> Described {
    let (customer, count) = (dice.pick(&PEOPLE).name, dice.between(1, 3) as usize);
    let goods = dice.pick_some(&["apple", "bread", "cake", "pen", "tea", "milk", "cup"], count);
    let mut total = 0;
    let items = goods
        .iter()
        .map(|good| {
            let (amount, price) = (dice.between(1, 4), dice.between(1, 9));
            total += amount * price;
            Value::Record(vec![
                ("name", Value::text(*good)),
                ("count", Value::Number(amount)),
                ("price", Value::Number(price)),
            ])
        })
        .collect();
    let id = dice.between(1, 99);
    let fields = vec![
        ("id", Value::Number(id)),
        ("customer", Value::text(customer)),
        ("items", Value::List(items)),
        ("total", Value::Number(total)),
    ];
    Described {
        value: Value::Record(fields),
        description: format!("order {id} of {customer} for {}", listed(&goods)),
    }
}

fn weather(dice: &mut Dice) -> Described {
    let (city, day, degrees) = (dice.pick(&CITIES), dice.pick(&DAYS), dice.between(-5, 35));
    let sky = if degrees < 1 {
        dice.pick(&["snow", "clear", "clouds"])
    } else {
        dice.pick(&["sun", "rain", "clouds", "wind", "clear"])
    };
    let fields = vec![
        ("city", Value::text(city)),
        ("day", Value::text(day)),
        ("temperature", Value::Number(degrees)),
        ("sky", Value::text(sky)),
    ];
    let description = format!("the weather in {city} on {day}");
    Described { value: Value::Record(fields), description }
}

fn toy(dice: &mut Dice) -> Described {
    let (object, color, price) = (dice.pick(&OBJECTS), dice.pick(&COLORS), dice.between(1, 30));
    let fields = vec![
        ("name", Value::text(object)),
        ("color", Value::text(color)),
        ("price", Value::Number(price)),
        ("sold", Value::Flag(dice.chance(40))),
    ];
    let description =
        format!("{} {object} that costs {price} coins", super::phrase::with_article(color));
    Described { value: Value::Record(fields), description }
}

fn team(dice: &mut Dice) -> Described {
    let (color, count) = (dice.pick(&COLORS), dice.between(2, 4) as usize);
    let names: Vec<&str> =
        dice.pick_some(&PEOPLE, count).iter().map(|person| person.name).collect();
    let fields = vec![
        ("team", Value::text(color)),
        ("players", Value::texts(&names)),
        ("size", Value::Number(names.len() as i64)),
        ("wins", Value::Number(dice.between(0, 9))),
    ];
    Described {
        value: Value::Record(fields),
        description: format!("the {color} team with {}", listed(&names)),
    }
}

fn room(dice: &mut Dice) -> Described {
    let (room, count) = (
        dice.pick(&["kitchen", "bedroom", "garden", "hall", "school", "shop"]),
        dice.between(2, 3) as usize,
    );
    let things = dice.pick_some(
        &["table", "chair", "lamp", "bed", "door", "window", "clock", "shelf", "box"],
        count,
    );
    let fields = vec![
        ("room", Value::text(room)),
        (
            "things",
            Value::List(
                things
                    .iter()
                    .map(|thing| {
                        Value::Record(vec![
                            ("name", Value::text(*thing)),
                            ("count", Value::Number(dice.between(1, 6))),
                            ("color", Value::text(dice.pick(&COLORS))),
                        ])
                    })
                    .collect(),
            ),
        ),
    ];
    let description = format!("a room, the {room}, with these things: {}", listed(&things));
    Described { value: Value::Record(fields), description }
}
