//! Functions of dictionaries.

use super::{
    Family, Function,
    values::{quoted, quoted_list, some_words},
};
use crate::corpus::random::Dice;

pub(super) const FAMILIES: [Family; 5] = [count_items, most_expensive, total_price, invert, lookup];

const GOODS: [&str; 8] = ["apple", "bread", "milk", "cake", "tea", "pen", "book", "cup"];

/// A dictionary of two or three goods with different prices.
fn prices(dice: &mut Dice) -> Vec<(&'static str, i64)> {
    let count = dice.between(2, 3) as usize;
    let goods = dice.pick_some(&GOODS, count);
    let prices: Vec<i64> = dice.pick_some(&[1, 2, 3, 4, 5, 6, 7, 8, 9], goods.len());
    goods.into_iter().zip(prices).collect()
}

fn dictionary(entries: &[(&str, i64)]) -> String {
    let entries: Vec<String> =
        entries.iter().map(|(key, value)| format!("'{key}': {value}")).collect();
    format!("{{{}}}", entries.join(", "))
}

fn count_items(dice: &mut Dice) -> Function {
    let name = dice.pick(&["count_items", "count_each", "frequencies"]);
    let body = dice.pick(&[
        "counts = {}\nfor item in @:\n    counts[item] = counts.get(item, 0) + 1\nreturn counts",
        "counts = {}\nfor item in @:\n    if item in counts:\n        counts[item] += 1\n    else:\n        counts[item] = 1\nreturn counts",
    ]);
    let mut function =
        Function::new(name, &["items"], "count how often each item is in a list").body(body);
    let mut words = some_words(dice);
    words.push(words[0].clone());
    let mut counts: Vec<(&str, i64)> = Vec::new();
    for word in &words {
        match counts.iter_mut().find(|(counted, _)| counted == word) {
            Some(entry) => entry.1 += 1,
            None => counts.push((word, 1)),
        }
    }
    let value = dictionary(&counts);
    function = function.example(quoted_list(&words), value);
    function
}

fn most_expensive(dice: &mut Dice) -> Function {
    let (name, purpose, sign) = dice.pick(&[
        ("most_expensive", "return the name with the highest price", '>'),
        ("cheapest", "return the name with the lowest price", '<'),
    ]);
    let body = format!(
        "best = None\nfor name, price in @.items():\n    if best is None or price {sign} @[best]:\n        best = name\nreturn best"
    );
    let mut function = Function::new(name, &["prices"], purpose).body(&body);
    let prices = prices(dice);
    let best = if sign == '>' {
        prices.iter().max_by_key(|(_, price)| *price)
    } else {
        prices.iter().min_by_key(|(_, price)| *price)
    };
    function = function.example(dictionary(&prices), quoted(best.map_or("", |(name, _)| name)));
    function
}

fn total_price(dice: &mut Dice) -> Function {
    let name = dice.pick(&["total_price", "total_cost", "sum_prices"]);
    let body = dice.pick(&[
        "return sum(@.values())",
        "total = 0\nfor price in @.values():\n    total += price\nreturn total",
        "total = 0\nfor name in @:\n    total += @[name]\nreturn total",
    ]);
    let function = Function::new(name, &["prices"], "return the sum of all prices").body(body);
    let prices = prices(dice);
    let total: i64 = prices.iter().map(|(_, price)| price).sum();
    function.example(dictionary(&prices), total.to_string())
}

fn invert(dice: &mut Dice) -> Function {
    let name = dice.pick(&["invert", "swap_keys"]);
    let body = dice.pick(&[
        "return {value: key for key, value in @.items()}",
        "result = {}\nfor key, value in @.items():\n    result[value] = key\nreturn result",
    ]);
    let function = Function::new(
        name,
        &[dice.pick(&["table", "data", "mapping"])],
        "swap the keys and values of a dictionary",
    )
    .body(body);
    let prices = prices(dice);
    let swapped: Vec<String> =
        prices.iter().map(|(key, value)| format!("{value}: '{key}'")).collect();
    function.example(dictionary(&prices), format!("{{{}}}", swapped.join(", ")))
}

fn lookup(dice: &mut Dice) -> Function {
    let name = dice.pick(&["get_price", "find_price", "price_of"]);
    let body = dice.pick(&["if $ in @:\n    return @[$]\nreturn 0", "return @.get($, 0)"]);
    let mut function =
        Function::new(name, &["prices", "name"], "return the price of a name, or 0").body(body);
    let prices = prices(dice);
    let (known, price) = dice.pick(&prices);
    function = function.example(format!("{}, '{known}'", dictionary(&prices)), price.to_string());
    function
}
