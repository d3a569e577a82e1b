//! Small Python functions with a docstring and examples whose values are right.

mod classes;
mod dictionaries;
mod function;
mod lists;
mod numbers;
mod pairs;
mod strings;
mod values;

use super::random::Dice;
use function::Function;

type Family = fn(&mut Dice) -> Function;

/// Writes one or two functions: bare, or after an instruction that asks for the (last) one.
pub(super) fn write(dice: &mut Dice) -> String {
    let roll = dice.below(100);
    if roll < 8 {
        return classes::write(dice);
    }
    if roll < 25 {
        let [first, second] = (dice.pick(&pairs::FAMILIES))(dice);
        let code = format!("{}\n\n{}", first.code(), second.code());
        return ask(&second, code, dice);
    }
    let families: Vec<Family> =
        [&numbers::FAMILIES[..], &lists::FAMILIES, &strings::FAMILIES, &dictionaries::FAMILIES]
            .concat();
    let function = (dice.pick(&families))(dice);
    let code = function.code();
    ask(&function, code, dice)
}

/// Puts an instruction or a comment before the code of which `function` is the last.
fn ask(function: &Function, code: String, dice: &mut Dice) -> String {
    let (name, request) = (&function.name, function.request());
    match dice.below(8) {
        0 | 1 => format!("Write a Python function that {request}.\n\n{code}"),
        2 => format!("Write a Python function {name} that {request}.\n\n{code}"),
        3 => format!("# {}\n{code}", function.summary()),
        _ => code,
    }
}
