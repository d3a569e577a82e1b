//! Which strategy to use, in words.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    folder::Folder,
    wording::{code, count, escape, list, ratio, task, thousands, three_digits},
};
use crate::{Strategy, Summary};

/// Speedups closer than this are taken for the same, and one within it of 1 for none.
const SAME: f64 = 1.02;

/// The first lines of the page, as HTML.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    /// One sentence.
    headline: String,
    /// Where it is otherwise.
    detail: String,
    /// Whether all outputs are those of plain decoding.
    identical: bool,
    verdict: String,
}

impl Answer {
    pub(super) fn new(folder: &Folder) -> Self {
        let (headline, detail) = match recommended(&folder.summary) {
            Some(best) if best.overall.speedup >= SAME => (
                gain(best, folder.prompts()),
                [others(&folder.summary, best), losses(best)].concat().trim().to_owned(),
            ),
            Some(best) => (
                format!(
                    "Nothing here is faster than plain decoding: the best, {}, comes to {} times its speed over {}.",
                    code(&best.strategy),
                    ratio(best.overall.speedup),
                    count(folder.prompts(), "prompt"),
                ),
                others(&folder.summary, &folder.summary.strategies[0]),
            ),
            None => (alone(&folder.summary), String::new()),
        };
        let (identical, verdict) = verdict(folder);
        Self { headline, detail, identical, verdict }
    }
}

/// The fastest of the strategies that say what plain decoding says; `None` if there is none.
pub(super) fn recommended(summary: &Summary) -> Option<&Strategy> {
    let others = summary.strategies.iter().skip(1);
    others
        .filter(|other| other.overall.identical && other.overall.speedup.is_finite())
        .max_by(|a, b| a.overall.speedup.total_cmp(&b.overall.speedup))
}

/// The strategy to use over all: the recommended one, or plain decoding if that gains nothing.
pub(super) fn for_all(summary: &Summary) -> Option<&Strategy> {
    let gains = recommended(summary).filter(|best| best.overall.speedup >= SAME);
    gains.or(summary.strategies.first())
}

/// The strategy to use for a kind of task: the recommended one, unless another is clearly faster there.
pub(super) fn for_task<'a>(summary: &'a Summary, name: &str) -> Option<&'a Strategy> {
    let speedup = |strategy: &Strategy| {
        let figures = strategy.tasks.get(name).filter(|figures| figures.identical)?;
        Some(figures.speedup).filter(|speedup| speedup.is_finite() && figures.prompts > 0)
    };
    let best = summary.strategies.iter().filter(|strategy| speedup(strategy).is_some());
    let best = best.max_by(|a, b| {
        let [a, b] = [a, b].map(|strategy| speedup(strategy).unwrap_or(0.0));
        a.total_cmp(&b)
    })?;
    let most = speedup(best)?;
    // Among equals the recommended one, unless it gains nothing, and the one that needs no strategy.
    let first = [for_all(summary), summary.strategies.first()].into_iter().flatten();
    let mut first = first.filter(|one| speedup(one).is_some_and(|speedup| speedup * SAME >= most));
    Some(first.next().unwrap_or(best))
}

fn gain(best: &Strategy, prompts: usize) -> String {
    let overall = &best.overall;
    let same = if overall.identical { ", the same tokens" } else { "" };
    format!(
        "Use {}: {} times as fast as plain decoding over {}{same}.",
        code(&best.strategy),
        ratio(overall.speedup),
        count(prompts, "prompt"),
    )
}

/// Which other strategies are better for what.
fn others(summary: &Summary, best: &Strategy) -> String {
    let mut better: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, figures) in &best.tasks {
        let Some(other) = for_task(summary, name) else { continue };
        if other.strategy != best.strategy {
            let called = format!(
                "{} ({} against {})",
                escape(&task(name)),
                ratio(other.tasks[name].speedup),
                ratio(figures.speedup)
            );
            better.entry(&other.strategy).or_default().push(called);
        }
    }
    let plain = summary.strategies.first().map_or("", |plain| plain.strategy.as_str());
    let sentences = better.into_iter().map(|(name, tasks)| {
        let name = if name == plain { "Plain decoding".to_owned() } else { code(name) };
        format!("{name} is better for {}. ", list(&tasks))
    });
    sentences.collect()
}

/// How much the best strategy gains from task to task.
fn losses(best: &Strategy) -> String {
    let by_speedup = |a: &(&String, f64), b: &(&String, f64)| a.1.total_cmp(&b.1);
    let tasks = || best.tasks.iter().map(|(name, figures)| (name, figures.speedup));
    let (Some(least), Some(most)) = (tasks().min_by(by_speedup), tasks().max_by(by_speedup)) else {
        return String::new();
    };
    if best.tasks.len() < 2 {
        return String::new();
    }
    let place =
        |(name, speedup): (&String, f64)| format!("{} for {}", ratio(speedup), escape(&task(name)));
    format!("By task, {} is between {} and {}.", code(&best.strategy), place(least), place(most))
}

fn alone(summary: &Summary) -> String {
    let Some(plain) = summary.strategies.first().filter(|_| summary.strategies.len() == 1) else {
        return "No strategy says what plain decoding says: do not use these, and please report it."
            .to_owned();
    };
    let rate = plain.overall.tokens as f64 / plain.overall.seconds;
    format!(
        "Plain decoding says {} tokens a second; no strategy was measured beside it.",
        three_digits(rate)
    )
}

fn verdict(folder: &Folder) -> (bool, String) {
    let others = || folder.strategies.iter().skip(1).map(String::as_str);
    let outputs: usize = others().map(|name| folder.runs(name).count()).sum();
    let tokens: usize =
        others().flat_map(|name| folder.runs(name)).map(|(record, _)| record.tokens.len()).sum();
    let differ: Vec<String> = others()
        .filter_map(|name| {
            let other = folder.runs(name).filter(|(_, run)| !run.identical);
            let ids: Vec<&str> = other.map(|(record, _)| record.id.as_str()).collect();
            let (first, rest) = ids.split_first()?;
            let more = if rest.is_empty() {
                String::new()
            } else {
                format!(" and {} more", thousands(rest.len()))
            };
            Some(format!("{} to {}{more}", code(name), code(first)))
        })
        .collect();
    if outputs == 0 {
        return (true, "Nothing to compare with plain decoding.".to_owned());
    }
    if differ.is_empty() {
        let (outputs, tokens) = (count(outputs, "output"), count(tokens, "token"));
        let all =
            format!("All {outputs} are plain decoding’s, token by token ({tokens} compared).");
        return (true, all);
    }
    let who = list(&differ);
    (false, format!("Not what plain decoding says: {who}. This is a defect; please report it."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Figures;

    fn strategy(name: &str, tasks: &[(&str, f64)]) -> Strategy {
        let figures =
            |speedup| Figures { speedup, prompts: 1, identical: true, ..Figures::default() };
        let mean = tasks.iter().map(|task| task.1).sum::<f64>() / tasks.len() as f64;
        Strategy {
            strategy: name.to_owned(),
            tasks: tasks
                .iter()
                .map(|&(task, speedup)| (task.to_owned(), figures(speedup)))
                .collect(),
            overall: figures(mean),
        }
    }

    fn summary(auto: [f64; 2], suffix: [f64; 2]) -> Summary {
        let of = |name, [a, b]: [f64; 2]| strategy(name, &[("humaneval", a), ("qa", b)]);
        Summary { strategies: vec![of("plain", [1.0; 2]), of("auto", auto), of("suffix", suffix)] }
    }

    #[test]
    fn the_exceptions_are_named() {
        let summary = summary([1.4, 1.6], [1.5, 1.1]);
        let best = recommended(&summary).unwrap();
        assert_eq!(
            gain(best, 2),
            "Use <code>auto</code>: 1.50 times as fast as plain decoding over 2 prompts, the same tokens."
        );
        assert_eq!(
            others(&summary, best) + &losses(best),
            "<code>suffix</code> is better for code (1.50 against 1.40). \
             By task, <code>auto</code> is between 1.40 for code and 1.60 for questions."
        );
    }

    #[test]
    fn equals_are_the_recommended_one_and_losses_are_plain_decoding() {
        let equal = summary([1.49, 1.6], [1.5, 1.1]);
        assert_eq!(for_task(&equal, "humaneval").unwrap().strategy, "auto");
        let loss = summary([1.5, 0.9], [1.4, 0.8]);
        assert_eq!(for_task(&loss, "qa").unwrap().strategy, "plain");
        let text = others(&loss, recommended(&loss).unwrap());
        assert_eq!(text, "Plain decoding is better for questions (1.00 against 0.90). ");

        let nothing = summary([1.01, 0.9], [0.6, 1.2]);
        assert_eq!(for_task(&nothing, "humaneval").unwrap().strategy, "plain");
        let text = others(&nothing, &nothing.strategies[0]);
        assert_eq!(text, "<code>suffix</code> is better for questions (1.20 against 1.00). ");
    }

    #[test]
    fn a_strategy_that_says_something_else_is_never_recommended() {
        let mut summary = summary([1.4, 1.6], [1.2, 1.1]);
        summary.strategies[1].overall.identical = false;
        assert_eq!(recommended(&summary).unwrap().strategy, "suffix");
        summary.strategies[2].overall.identical = false;
        assert!(recommended(&summary).is_none());
        assert!(alone(&summary).starts_with("No strategy says"));
    }
}
