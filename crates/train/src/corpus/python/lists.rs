//! Functions of lists of numbers.

use super::{
    Family, Function,
    values::{list, numbers_name, some_numbers, truth},
};
use crate::corpus::random::Dice;

pub(super) const FAMILIES: [Family; 13] = [
    sum_list,
    largest,
    smallest,
    average,
    count_matching,
    keep_matching,
    scale,
    reverse,
    contains,
    position,
    running_total,
    unique,
    last,
];

fn of_numbers(
    function: Function,
    dice: &mut Dice,
    [low, high]: [i64; 2],
    compute: impl Fn(&[i64]) -> String,
) -> Function {
    let mut function = function;
    for _ in 0..2 {
        let numbers = some_numbers(dice, low, high);
        function = function.example(list(&numbers), compute(&numbers));
    }
    function
}

pub(super) fn sum_list(dice: &mut Dice) -> Function {
    let name = dice.pick(&["sum_list", "total", "sum_numbers", "add_all"]);
    let body = dice.pick(&[
        "total = 0\nfor number in @:\n    total += number\nreturn total",
        "result = 0\nfor number in @:\n    result += number\nreturn result",
        "return sum(@)",
    ]);
    let purpose = dice
        .pick(&["return the sum of a list of numbers", "return the sum of all numbers in a list"]);
    let function = Function::new(name, &[numbers_name(dice)], purpose).body(body);
    of_numbers(function, dice, [0, 12], |numbers| numbers.iter().sum::<i64>().to_string())
}

fn largest(dice: &mut Dice) -> Function {
    let name = dice.pick(&["largest", "find_max", "maximum", "largest_number"]);
    let body = dice.pick(&[
        "best = @[0]\nfor number in @:\n    if number > best:\n        best = number\nreturn best",
        "return max(@)",
        "result = @[0]\nfor number in @[1:]:\n    if number > result:\n        result = number\nreturn result",
    ]);
    let purpose =
        dice.pick(&["return the largest number in a list", "return the largest number of a list"]);
    let function = Function::new(name, &[numbers_name(dice)], purpose).body(body);
    of_numbers(function, dice, [0, 30], |numbers| {
        numbers.iter().max().map_or(0, |&best| best).to_string()
    })
}

fn smallest(dice: &mut Dice) -> Function {
    let name = dice.pick(&["smallest", "find_min", "minimum", "smallest_number"]);
    let body = dice.pick(&[
        "best = @[0]\nfor number in @:\n    if number < best:\n        best = number\nreturn best",
        "return min(@)",
        "result = @[0]\nfor number in @[1:]:\n    if number < result:\n        result = number\nreturn result",
    ]);
    let purpose = dice
        .pick(&["return the smallest number in a list", "return the smallest number of a list"]);
    let function = Function::new(name, &[numbers_name(dice)], purpose).body(body);
    of_numbers(function, dice, [0, 30], |numbers| {
        numbers.iter().min().map_or(0, |&best| best).to_string()
    })
}

fn average(dice: &mut Dice) -> Function {
    let name = dice.pick(&["average", "mean"]);
    let body = dice.pick(&[
        "return sum(@) / len(@)",
        "total = 0\nfor number in @:\n    total += number\nreturn total / len(@)",
        "if not @:\n    return 0\nreturn sum(@) / len(@)",
    ]);
    let mut function =
        Function::new(name, &[numbers_name(dice)], "return the average of a list of numbers")
            .body(body);
    for _ in 0..2 {
        let (middle, step) = (dice.between(4, 12), dice.between(0, 3));
        function =
            function.example(list(&[middle - step, middle, middle + step]), format!("{middle}.0"));
    }
    function
}

/// Two ways to choose numbers: the word, the condition in Python, the name's end.
const CONDITIONS: [(&str, &str, &str); 4] = [
    ("even", "number % 2 == 0", "even"),
    ("odd", "number % 2 == 1", "odd"),
    ("positive", "number > 0", "positive"),
    ("negative", "number < 0", "negative"),
];

fn matches(sort: &str, number: i64) -> bool {
    match sort {
        "even" => number % 2 == 0,
        "odd" => number % 2 != 0,
        "positive" => number > 0,
        _ => number < 0,
    }
}

fn count_matching(dice: &mut Dice) -> Function {
    let (sort, condition, end) = dice.pick(&CONDITIONS);
    let body = dice.pick(&[
        "count = 0\nfor number in @:\n    if COND:\n        count += 1\nreturn count",
        "return sum(1 for number in @ if COND)",
    ]);
    let purpose = format!("count the {sort} numbers in a list");
    let function = Function::new(&format!("count_{end}"), &[numbers_name(dice)], purpose)
        .body(&body.replace("COND", condition));
    of_numbers(function, dice, [-9, 20], |numbers| {
        numbers.iter().filter(|&&number| matches(sort, number)).count().to_string()
    })
}

fn keep_matching(dice: &mut Dice) -> Function {
    let (sort, condition, end) = dice.pick(&CONDITIONS);
    let start = dice.pick(&["keep", "only", "filter"]);
    let body = dice.pick(&[
        "result = []\nfor number in @:\n    if COND:\n        result.append(number)\nreturn result",
        "return [number for number in @ if COND]",
    ]);
    let purpose = format!("return the {sort} numbers of a list");
    let function = Function::new(&format!("{start}_{end}"), &[numbers_name(dice)], purpose)
        .body(&body.replace("COND", condition));
    of_numbers(function, dice, [-9, 20], |numbers| {
        list(&numbers.iter().copied().filter(|&number| matches(sort, number)).collect::<Vec<_>>())
    })
}

fn scale(dice: &mut Dice) -> Function {
    let (name, purpose, term, factor, offset) = dice.pick(&[
        ("double_all", "double every number in a list", "number * 2", 2, 0),
        ("triple_all", "triple every number in a list", "number * 3", 3, 0),
        ("add_one", "add one to every number in a list", "number + 1", 1, 1),
        ("add_ten", "add ten to every number in a list", "number + 10", 1, 10),
    ]);
    let body = dice.pick(&[
        "result = []\nfor number in @:\n    result.append(TERM)\nreturn result",
        "return [TERM for number in @]",
    ]);
    let function =
        Function::new(name, &[numbers_name(dice)], purpose).body(&body.replace("TERM", term));
    of_numbers(function, dice, [0, 12], |numbers| {
        list(&numbers.iter().map(|number| number * factor + offset).collect::<Vec<_>>())
    })
}

fn reverse(dice: &mut Dice) -> Function {
    let name = dice.pick(&["reverse_list", "reverse", "backwards"]);
    let body = dice.pick(&[
        "return @[::-1]",
        "result = []\nfor item in @:\n    result.insert(0, item)\nreturn result",
        "return list(reversed(@))",
    ]);
    let function =
        Function::new(name, &[numbers_name(dice)], "return a list in reverse order").body(body);
    of_numbers(function, dice, [0, 20], |numbers| {
        list(&numbers.iter().rev().copied().collect::<Vec<_>>())
    })
}

fn contains(dice: &mut Dice) -> Function {
    let name = dice.pick(&["contains", "is_in_list", "has_item"]);
    let body = dice.pick(&[
        "for item in @:\n    if item == $:\n        return True\nreturn False",
        "return $ in @",
    ]);
    let mut function = Function::new(
        name,
        &[numbers_name(dice), "target"],
        "check whether a list contains a number",
    )
    .body(body);
    for _ in 0..2 {
        let numbers = some_numbers(dice, 0, 9);
        let target = dice.between(0, 9);
        function = function
            .example(format!("{}, {target}", list(&numbers)), truth(numbers.contains(&target)));
    }
    function
}

fn position(dice: &mut Dice) -> Function {
    let name = dice.pick(&["find_index", "position", "find", "index_of"]);
    let body = dice.pick(&[
        "for i in range(len(@)):\n    if @[i] == $:\n        return i\nreturn -1",
        "for i, item in enumerate(@):\n    if item == $:\n        return i\nreturn -1",
    ]);
    let purpose = "return the index of a number in a list, or -1";
    let mut function = Function::new(name, &[numbers_name(dice), "target"], purpose).body(body);
    for _ in 0..2 {
        let numbers = some_numbers(dice, 0, 9);
        let target = if dice.chance(70) { dice.pick(&numbers) } else { dice.between(0, 9) };
        let index =
            numbers.iter().position(|&number| number == target).map_or(-1, |index| index as i64);
        function = function.example(format!("{}, {target}", list(&numbers)), index.to_string());
    }
    function
}

fn running_total(dice: &mut Dice) -> Function {
    let name = dice.pick(&["running_total", "running_sum"]);
    let body = "total = 0\nresult = []\nfor number in @:\n    total += number\n    result.append(total)\nreturn result";
    let function =
        Function::new(name, &[numbers_name(dice)], "return the running sums of a list").body(body);
    of_numbers(function, dice, [0, 9], |numbers| {
        let mut total = 0;
        let sums: Vec<i64> = numbers
            .iter()
            .map(|number| {
                total += number;
                total
            })
            .collect();
        list(&sums)
    })
}

fn unique(dice: &mut Dice) -> Function {
    let name = dice.pick(&["unique", "remove_duplicates"]);
    let body = "result = []\nfor item in @:\n    if item not in result:\n        result.append(item)\nreturn result";
    let function =
        Function::new(name, &[numbers_name(dice)], "return the items of a list without duplicates")
            .body(body);
    of_numbers(function, dice, [1, 4], |numbers| {
        let mut seen = Vec::new();
        for &number in numbers {
            if !seen.contains(&number) {
                seen.push(number);
            }
        }
        list(&seen)
    })
}

fn last(dice: &mut Dice) -> Function {
    if dice.chance(50) {
        let function =
            Function::new("last_item", &[numbers_name(dice)], "return the last item of a list")
                .body("return @[-1]");
        of_numbers(function, dice, [0, 20], |numbers| numbers[numbers.len() - 1].to_string())
    } else {
        let name = dice.pick(&["sort_numbers", "sorted_copy"]);
        let body = "result = list(@)\nresult.sort()\nreturn result";
        let function =
            Function::new(name, &[numbers_name(dice)], "return a sorted copy of a list").body(body);
        of_numbers(function, dice, [0, 20], |numbers| {
            let mut sorted = numbers.to_vec();
            sorted.sort_unstable();
            list(&sorted)
        })
    }
}
