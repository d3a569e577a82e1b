//! Functions of one or two numbers.

use super::{
    Family, Function,
    values::{list, number_name, truth},
};
use crate::corpus::random::Dice;

pub(super) const FAMILIES: [Family; 15] = [
    add,
    multiply,
    square,
    difference,
    larger,
    is_even,
    absolute,
    factorial,
    sum_to,
    power,
    common_divisor,
    is_prime,
    fibonacci,
    convert,
    countdown,
];

fn two_names(dice: &mut Dice) -> [&'static str; 2] {
    dice.pick(&[["a", "b"], ["x", "y"], ["first", "second"], ["left", "right"]])
}

/// Examples of a function of two numbers.
fn of_two(
    function: Function,
    dice: &mut Dice,
    low: i64,
    high: i64,
    compute: fn(i64, i64) -> i64,
) -> Function {
    let mut function = function;
    for _ in 0..2 {
        let (a, b) = (dice.between(low, high), dice.between(low, high));
        function = function.example(format!("{a}, {b}"), compute(a, b).to_string());
    }
    function
}

/// Examples of a function of one number.
fn of_one(
    function: Function,
    dice: &mut Dice,
    low: i64,
    high: i64,
    compute: impl Fn(i64) -> String,
) -> Function {
    let mut function = function;
    for _ in 0..2 {
        let number = dice.between(low, high);
        function = function.example(number.to_string(), compute(number));
    }
    function
}

fn add(dice: &mut Dice) -> Function {
    let name = dice.pick(&["add", "add_numbers", "sum_of_two", "plus"]);
    let body = dice.pick(&[
        "return @ + $",
        "total = @ + $\nreturn total",
        "result = @ + $\nreturn result",
    ]);
    let function =
        Function::new(name, &two_names(dice), "return the sum of two numbers").body(body);
    of_two(function, dice, 0, 20, |a, b| a + b)
}

fn multiply(dice: &mut Dice) -> Function {
    let name = dice.pick(&["multiply", "product", "times", "multiply_numbers"]);
    let body = dice.pick(&["return @ * $", "result = @ * $\nreturn result"]);
    let function =
        Function::new(name, &two_names(dice), "return the product of two numbers").body(body);
    of_two(function, dice, 1, 10, |a, b| a * b)
}

pub(super) fn square(dice: &mut Dice) -> Function {
    let body = dice.pick(&["return @ * @", "return @ ** 2", "result = @ * @\nreturn result"]);
    let function =
        Function::new("square", &[number_name(dice)], "return the square of a number").body(body);
    of_one(function, dice, 1, 12, |n| (n * n).to_string())
}

fn difference(dice: &mut Dice) -> Function {
    let name = dice.pick(&["difference", "distance", "gap"]);
    let body = dice.pick(&["return abs(@ - $)", "if @ > $:\n    return @ - $\nreturn $ - @"]);
    let function =
        Function::new(name, &two_names(dice), "return the distance between two numbers").body(body);
    of_two(function, dice, 0, 30, |a, b| (a - b).abs())
}

fn larger(dice: &mut Dice) -> Function {
    if dice.chance(50) {
        let name = dice.pick(&["larger", "max_of_two", "bigger"]);
        let body = dice.pick(&[
            "if @ > $:\n    return @\nreturn $",
            "if @ > $:\n    return @\nelse:\n    return $",
        ]);
        let function =
            Function::new(name, &two_names(dice), "return the larger of two numbers").body(body);
        of_two(function, dice, 0, 50, i64::max)
    } else {
        let name = dice.pick(&["smaller", "min_of_two"]);
        let body = dice.pick(&[
            "if @ < $:\n    return @\nreturn $",
            "if @ < $:\n    return @\nelse:\n    return $",
        ]);
        let function =
            Function::new(name, &two_names(dice), "return the smaller of two numbers").body(body);
        of_two(function, dice, 0, 50, i64::min)
    }
}

pub(super) fn is_even(dice: &mut Dice) -> Function {
    let (name, sort, rest) = dice.pick(&[("is_even", "even", 0), ("is_odd", "odd", 1)]);
    let body = if dice.chance(60) {
        format!("return @ % 2 == {rest}")
    } else {
        format!("if @ % 2 == {rest}:\n    return True\nreturn False")
    };
    let function =
        Function::new(name, &[number_name(dice)], format!("check whether a number is {sort}"))
            .body(&body);
    of_one(function, dice, 1, 40, |n| truth(n % 2 == rest).to_owned())
}

fn absolute(dice: &mut Dice) -> Function {
    let name = dice.pick(&["absolute", "absolute_value", "size"]);
    let body = "if @ < 0:\n    return -@\nreturn @";
    let function =
        Function::new(name, &[number_name(dice)], "return the absolute value of a number")
            .body(body);
    of_one(function, dice, -20, 20, |n| n.abs().to_string())
}

fn factorial(dice: &mut Dice) -> Function {
    let body = dice.pick(&[
        "result = 1\nfor i in range(1, @ + 1):\n    result *= i\nreturn result",
        "if @ <= 1:\n    return 1\nreturn @ * factorial(@ - 1)",
    ]);
    let function =
        Function::new("factorial", &["n"], "return the factorial of a number").body(body);
    of_one(function, dice, 1, 7, |n| (1..=n).product::<i64>().to_string())
}

fn sum_to(dice: &mut Dice) -> Function {
    let name = dice.pick(&["sum_to", "sum_up_to", "total_to"]);
    let body = dice.pick(&[
        "total = 0\nfor i in range(1, @ + 1):\n    total += i\nreturn total",
        "return @ * (@ + 1) // 2",
        "total = 0\nwhile @ > 0:\n    total += @\n    @ -= 1\nreturn total",
    ]);
    let function =
        Function::new(name, &["n"], "return the sum of the numbers from 1 to n").body(body);
    of_one(function, dice, 1, 12, |n| (n * (n + 1) / 2).to_string())
}

fn power(dice: &mut Dice) -> Function {
    let body = dice
        .pick(&["result = 1\nfor _ in range($):\n    result *= @\nreturn result", "return @ ** $"]);
    let function =
        Function::new("power", &["base", "exponent"], "return a number raised to a power")
            .body(body);
    of_two(function, dice, 1, 4, |base, exponent| base.pow(exponent as u32))
}

fn common_divisor(dice: &mut Dice) -> Function {
    let name = dice.pick(&["gcd", "common_divisor"]);
    let body = "while $ != 0:\n    @, $ = $, @ % $\nreturn @";
    let function =
        Function::new(name, &["a", "b"], "return the greatest common divisor of two numbers")
            .body(body);
    of_two(function, dice, 2, 24, |mut a, mut b| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    })
}

pub(super) fn is_prime(dice: &mut Dice) -> Function {
    let body = dice.pick(&[
        "if @ < 2:\n    return False\nfor i in range(2, @):\n    if @ % i == 0:\n        return False\nreturn True",
        "if @ < 2:\n    return False\ni = 2\nwhile i * i <= @:\n    if @ % i == 0:\n        return False\n    i += 1\nreturn True",
    ]);
    let function =
        Function::new("is_prime", &[number_name(dice)], "check whether a number is prime")
            .body(body);
    of_one(function, dice, 2, 30, |n| truth((2..n).all(|i| n % i != 0)).to_owned())
}

fn fibonacci(dice: &mut Dice) -> Function {
    let name = dice.pick(&["fibonacci", "fib"]);
    let body = dice
        .pick(&[
            "a, b = 0, 1\nfor _ in range(@):\n    a, b = b, a + b\nreturn a",
            "if @ < 2:\n    return @\nreturn NAME(@ - 1) + NAME(@ - 2)",
        ])
        .replace("NAME", name);
    let function = Function::new(name, &["n"], "return the nth Fibonacci number").body(&body);
    of_one(function, dice, 1, 12, |n| {
        let (mut a, mut b) = (0_i64, 1_i64);
        for _ in 0..n {
            (a, b) = (b, a + b);
        }
        a.to_string()
    })
}

fn convert(dice: &mut Dice) -> Function {
    let (name, parameter, purpose, factor) = dice.pick(&[
        ("to_minutes", "hours", "convert hours to minutes", 60),
        ("to_seconds", "minutes", "convert minutes to seconds", 60),
        ("to_days", "weeks", "convert weeks to days", 7),
        ("to_hours", "days", "convert days to hours", 24),
        ("to_months", "years", "convert years to months", 12),
        ("double", "number", "return twice a number", 2),
        ("triple", "number", "return three times a number", 3),
    ]);
    let function = Function::new(name, &[parameter], purpose).body(&format!("return @ * {factor}"));
    of_one(function, dice, 1, 12, |n| (n * factor).to_string())
}

fn countdown(dice: &mut Dice) -> Function {
    if dice.chance(50) {
        let name = dice.pick(&["countdown", "count_down"]);
        let body = dice.pick(&[
            "result = []\nwhile @ > 0:\n    result.append(@)\n    @ -= 1\nreturn result",
            "return list(range(@, 0, -1))",
        ]);
        let function =
            Function::new(name, &["n"], "return the numbers from n down to 1").body(body);
        of_one(function, dice, 2, 7, |n| list(&(1..=n).rev().collect::<Vec<_>>()))
    } else {
        let name = dice.pick(&["divisors", "find_divisors"]);
        let body = dice.pick(&[
            "result = []\nfor i in range(1, @ + 1):\n    if @ % i == 0:\n        result.append(i)\nreturn result",
            "return [i for i in range(1, @ + 1) if @ % i == 0]",
        ]);
        let function = Function::new(name, &["n"], "return all divisors of a number").body(body);
        of_one(function, dice, 2, 20, |n| list(&(1..=n).filter(|i| n % i == 0).collect::<Vec<_>>()))
    }
}
