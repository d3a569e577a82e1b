//! Generations with every token marked by who guessed it, and the trees behind it.

use serde::Serialize;

use super::{
    folder::Folder,
    looks::{Look, Looks},
    wording::{count, escape, percent, ratio, task},
};
use crate::{StepTree, Steps};

/// The section's content.
#[derive(Debug, Serialize)]
pub(super) struct Traces {
    generations: Vec<Generation>,
    /// What the script draws trees from: JSON that may stand in a script element.
    data: String,
}

/// One generation as text.
#[derive(Debug, Serialize)]
struct Generation {
    /// What it is chosen by.
    name: String,
    strategy: Look,
    prompt: String,
    /// How many tokens and steps, in words.
    tally: String,
    legend: Vec<Marked>,
    /// The marked text, as HTML.
    text: String,
}

/// A source and what came of it.
#[derive(Debug, Serialize)]
struct Marked {
    look: Look,
    tokens: String,
}

/// What the script needs.
#[derive(Serialize)]
struct Data<'a> {
    traces: &'a [Steps],
    /// For each trace, the looks of its sources.
    looks: Vec<Vec<&'a Look>>,
}

impl Traces {
    /// `None` if no generation was kept step by step.
    pub(super) fn new(folder: &Folder, looks: &Looks) -> Option<Self> {
        let traces = &folder.traces;
        if traces.is_empty() {
            return None;
        }
        let of = |trace: &Steps| trace.sources.iter().map(|name| looks.of(name)).collect();
        Some(Self {
            generations: traces.iter().map(|trace| Generation::new(trace, looks)).collect(),
            data: for_script(&Data { traces, looks: traces.iter().map(of).collect() }),
        })
    }
}

impl Generation {
    fn new(trace: &Steps, looks: &Looks) -> Self {
        let mut guessed = vec![0; trace.sources.len()];
        let (mut tokens, mut marked, mut text) = (0, 0, String::new());
        for (index, step) in trace.steps.iter().enumerate() {
            tokens += step.emitted.len();
            text += "<span class=\"step\" role=\"option\" aria-selected=\"false\" tabindex=\"";
            text += if index == 0 { "0\">" } else { "-1\">" };
            for (position, emitted) in step.emitted.iter().enumerate() {
                let sources = guessers(step, position);
                for &source in sources {
                    guessed[source] += 1;
                }
                marked += usize::from(!sources.is_empty());
                text += &token(
                    emitted,
                    sources.first().map(|&source| looks.of(&trace.sources[source])),
                );
            }
            text += "</span>";
        }
        let steps = trace.steps.len();
        let turn =
            if trace.turn == 0 { String::new() } else { format!(", turn {}", trace.turn + 1) };
        let legend = trace.sources.iter().zip(guessed).map(|(name, guessed)| Marked {
            look: looks.of(name).clone(),
            tokens: count(guessed, "token"),
        });
        Self {
            name: format!("{}: {}{turn}, {}", task(&trace.task), trace.id, trace.strategy),
            strategy: looks.of(&trace.strategy).clone(),
            prompt: trace.prompt.clone(),
            tally: format!(
                "{} in {}: {} a step; {} of them were guessed.",
                count(tokens, "token"),
                count(steps, "step"),
                ratio(tokens as f64 / steps as f64),
                percent(marked as f64 / tokens as f64),
            ),
            legend: legend.collect(),
            text,
        }
    }
}

/// Who guessed the token that came out at this place of the step; nobody guessed the last one.
fn guessers(step: &StepTree, position: usize) -> &[usize] {
    let node = step.path.get(position + 1).and_then(|&node| step.nodes.get(node));
    node.map_or(&[], |node| &node.sources)
}

/// A token as HTML; line breaks get a sign that can carry a mark.
fn token(text: &str, look: Option<&Look>) -> String {
    let Some(look) = look else { return escape(text) };
    let shown = escape(text).replace('\n', "<i>↵</i>\n");
    let shown = if text.is_empty() { "<i>·</i>".to_owned() } else { shown };
    let (class, letter) = (escape(&look.class), escape(&look.letter));
    format!("<span class=\"token {class}\" data-by=\"{letter}\">{shown}</span>")
}

/// JSON in which nothing ends a script element or begins a comment there.
fn for_script(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("maps with names as keys serialize");
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Node;

    #[test]
    fn a_token_is_marked_by_the_first_who_guessed_it() {
        let node = |parent, sources: &[usize]| Node {
            parent,
            text: "x".to_owned(),
            sources: sources.to_vec(),
            probability: 0.5,
        };
        let step = StepTree {
            nodes: vec![node(0, &[]), node(0, &[0]), node(0, &[1, 0])],
            path: vec![0, 2],
            emitted: vec!["a\n".to_owned(), "<b>".to_owned()],
        };
        assert_eq!((guessers(&step, 0), guessers(&step, 1)), (&[1, 0][..], &[][..]));
        let sources = vec!["first".to_owned(), "second".to_owned()];
        let trace = Steps { sources, steps: vec![step], ..Steps::default() };
        let looks = Looks::new(["plain"], ["first", "second"]);
        let generation = Generation::new(&trace, &looks);
        assert_eq!(
            generation.text,
            "<span class=\"step\" role=\"option\" aria-selected=\"false\" tabindex=\"0\">\
             <span class=\"token c2 u2\" data-by=\"S\">a<i>↵</i>\n</span>&lt;b&gt;</span>"
        );
        assert!(generation.tally.starts_with("2 tokens in 1 step: 2.00 a step; 50%"));
        assert_eq!(generation.legend[0].tokens, "1 token");
    }

    #[test]
    fn data_stays_in_its_script() {
        let data = for_script(&["</script><!--\u{2028}&"]);
        assert_eq!(data, "[\"\\u003c/script\\u003e\\u003c!--\\u2028\\u0026\"]");
        let back: Vec<String> = serde_json::from_str(&data).unwrap();
        assert_eq!(back, ["</script><!--\u{2028}&"]);
    }
}
