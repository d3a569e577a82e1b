//! Generations step by step: texts of our own, and guesses at them that a formula makes.

use foretoken_report::{Node, StepTree, Steps};

use super::Numbers;

/// An id, a task, a strategy, its sources, a prompt, a text.
type Text =
    (&'static str, &'static str, &'static str, &'static [&'static str], &'static str, &'static str);

const TEXTS: [Text; 4] = [
    (
        "humaneval/0",
        "humaneval",
        "auto",
        &["suffix", "recycling", "lookahead"],
        "Write a function that counts the words of a text.",
        "Here is a function that counts the words of a text:\n\n```python\ndef count_words(text):\n    counts = {}\n    \
         for word in text.split():\n        word = word.lower()\n        if word in counts:\n            counts[word] += 1\n        \
         else:\n            counts[word] = 1\n    return counts\n```\n\nThe function goes through the words of the text. \
         If a word is in `counts` already, its count grows by one; else it begins with one.",
    ),
    (
        "summarization/2",
        "summarization",
        "suffix",
        &["suffix"],
        "Summarize: Bees collect nectar from flowers. They carry it to the hive, where other bees turn it into honey.",
        "Bees collect nectar from flowers and carry it to the hive, where other bees turn it into honey. The honey feeds \
         the colony through the winter.\n\nIn short: nectar from flowers becomes honey, and honey feeds the colony.",
    ),
    (
        "mt_bench/1",
        "mt_bench",
        "auto",
        &["suffix", "recycling", "lookahead"],
        "What should I see in Rome? </script><script>alert(1)</script><img src=x onerror=alert(1)>",
        "You should see the Pantheon, the Forum and the Trevi Fountain. Go early in the morning, before the crowds come.\n\n\
         1. The Pantheon: its dome is open to the sky.\n2. The Forum: ruins of temples and markets.\n3. The Trevi Fountain: \
         throw a coin, and you will come back. </script><img src=x onerror=alert(1)> & \"done\"",
    ),
    (
        "qa/4",
        "qa",
        "autoregressive",
        &[],
        "What is the capital of France?",
        "The capital of France is Paris.",
    ),
];

/// All of them.
pub(super) fn traces() -> Vec<Steps> {
    let trace = |(id, task, strategy, sources, prompt, text): &Text| Steps {
        id: (*id).to_owned(),
        task: (*task).to_owned(),
        turn: 0,
        strategy: (*strategy).to_owned(),
        prompt: (*prompt).to_owned(),
        sources: sources.iter().map(|&source| source.to_owned()).collect(),
        steps: steps(&tokens(text), sources.len()),
    };
    TEXTS.iter().map(trace).collect()
}

/// Words with the space before them, signs, line breaks.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    for character in text.chars() {
        match tokens.last_mut() {
            Some(last)
                if character.is_alphanumeric()
                    && last.chars().all(|c| c.is_alphanumeric() || c == ' ')
                    || character == ' ' && last.chars().all(|c| c == ' ') =>
            {
                last.push(character);
            }
            _ => tokens.push(character.to_string()),
        }
    }
    tokens
}

fn steps(tokens: &[String], sources: usize) -> Vec<StepTree> {
    let mut numbers = Numbers(tokens.len() as u64);
    let (mut steps, mut done) = (Vec::new(), 0);
    let mut root = "assistant\n".to_owned();
    while done < tokens.len() {
        let rest = &tokens[done..];
        let right = match sources {
            0 => 0,
            _ => ((numbers.share().powi(2) * 7.0) as usize).min(rest.len() - 1),
        };
        let step = step(&root, rest, right, tokens, sources, &mut numbers);
        done += right + 1;
        root.clone_from(&tokens[done - 1]);
        steps.push(step);
    }
    steps
}

/// A tree in which so many guesses in a row are right, with wrong ones beside and below them.
fn step(
    root: &str,
    rest: &[String],
    right: usize,
    all: &[String],
    sources: usize,
    numbers: &mut Numbers,
) -> StepTree {
    let mut nodes = vec![Node { text: root.to_owned(), probability: 1.0, ..Node::default() }];
    let mut path = vec![0];
    let mut probability = 1.0;
    for depth in 0..=right {
        let parent = path[depth];
        if depth < right {
            probability *= (0.6 + 0.38 * numbers.share()) as f32;
            let first = (numbers.share().powi(2) * sources as f64) as usize;
            let both = sources > 1 && numbers.share() < 0.3;
            let guessers = if both { vec![first, (first + 1) % sources] } else { vec![first] };
            let text = rest[depth].clone();
            nodes.push(Node { parent, text, sources: guessers, probability });
            path.push(nodes.len() - 1);
        }
        let mut wrong = parent;
        let mut chance = probability;
        while sources > 0 && numbers.share() < 0.45 {
            chance *= (0.2 + 0.4 * numbers.share()) as f32;
            let text = all[(numbers.share() * all.len() as f64) as usize].clone();
            if text == rest[depth] {
                break;
            }
            let source = (numbers.share() * sources as f64) as usize;
            nodes.push(Node { parent: wrong, text, sources: vec![source], probability: chance });
            wrong = nodes.len() - 1;
        }
    }
    StepTree { nodes, path, emitted: rest[..=right].to_vec() }
}
