//! What is printed at the end.

use std::fmt::Write;

use console::{Style, style};
use foretoken_report::{Figures, Setting, Summary};

use crate::table::Table;

/// How to read what the columns hold.
const LEGEND: &str = "\
95%: what holds 95% of the speedups of resampled prompts (bootstrap). Loops cut: without endless repetition.
+prefill: the passes over prompts count as well.";

/// A heading that says what was measured where, and a row for all tasks and for each, strategy by strategy.
pub(super) fn render(title: &str, setting: &Setting, summary: &Summary) -> String {
    let Setting { machine, level, threads, version, .. } = setting;
    let threads = if *threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
    let title = style(title).bold();
    let mut text = format!("{title}, foretoken {version}\n{machine}, {threads}, {level}\n");
    let mut table = Table::new([
        "task",
        "tok/s",
        "speedup",
        "95%",
        "loops cut",
        "5% below",
        "+prefill",
        "tok/step",
        "nodes",
    ]);
    for strategy in &summary.strategies {
        table.row(cells("all", &strategy.overall), Style::new());
        for (task, figures) in &strategy.tasks {
            table.row(cells(task, figures), Style::new().dim());
        }
    }
    let rendered = table.render();
    let mut lines = rendered.lines();
    let mut next = |text: &mut String| {
        *text += lines.next().unwrap_or_default();
        text.push('\n');
    };
    text.push('\n');
    next(&mut text);
    for strategy in &summary.strategies {
        let differs = if strategy.overall.identical { "" } else { " (OTHER OUTPUT)" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{}{differs}", style(&strategy.strategy).bold());
        for _ in 0..=strategy.tasks.len() {
            next(&mut text);
        }
    }
    let outputs = summary.strategies.first().map_or(0, |plain| plain.overall.turns);
    if summary.identical() {
        let _ = writeln!(text, "\nAll strategies said the same, token by token, {outputs} times.");
    }
    text + LEGEND + "\n"
}

fn cells(task: &str, figures: &Figures) -> [String; 9] {
    let [low, high] = figures.speedup_interval;
    let per_second =
        if figures.seconds > 0.0 { figures.tokens as f64 / figures.seconds } else { 0.0 };
    [
        task.to_owned(),
        format!("{per_second:.1}"),
        format!("{:.2}", figures.speedup),
        format!("{low:.2}-{high:.2}"),
        format!("{:.2}", figures.speedup_loops_cut),
        format!("{:.2}", figures.speedup_p5),
        format!("{:.2}", figures.speedup_with_prefill),
        format!("{:.2}", figures.tokens_per_step),
        format!("{:.2}", figures.nodes_per_step),
    ]
}
