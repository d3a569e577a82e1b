//! The forms of prompt files that are known by the fields of their lines.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Item;

/// What the lines of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// `{"id", "task", "turns"}`.
    Simple,
    /// Spec-Bench and MT-Bench: `{"question_id", "category", "turns"}`.
    Questions,
    /// `{"task_id", "prompt"}`.
    HumanEval,
    /// `{"question", "answer"}`.
    Gsm8k,
}

impl Format {
    const ALL: [Self; 4] = [Self::Simple, Self::Questions, Self::HumanEval, Self::Gsm8k];

    /// The fields that count, for people.
    pub(super) fn form(self) -> &'static str {
        match self {
            Self::Simple => "{\"id\", \"task\", \"turns\"}",
            Self::Questions => "{\"question_id\", \"category\", \"turns\"}",
            Self::HumanEval => "{\"task_id\", \"prompt\"}",
            Self::Gsm8k => "{\"question\", \"answer\"}",
        }
    }

    /// All forms, for people.
    pub(super) fn forms() -> String {
        Self::ALL.map(Self::form).join(" or ")
    }
}

/// The categories of MT-Bench, which Spec-Bench's evaluation counts as one task.
const MT_BENCH: [&str; 8] =
    ["writing", "roleplay", "reasoning", "math", "coding", "extraction", "stem", "humanities"];

#[derive(Deserialize)]
struct Simple {
    id: String,
    task: Option<String>,
    turns: Vec<String>,
}

#[derive(Deserialize)]
struct Asked {
    question_id: Number,
    category: String,
    turns: Vec<String>,
}

/// Written with or without quotes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(u64),
    Text(String),
}

#[derive(Deserialize)]
struct HumanEval {
    task_id: String,
    prompt: String,
}

#[derive(Deserialize)]
struct Gsm8k {
    question: String,
}

impl Format {
    /// The form of a file whose first line is `line`.
    pub(super) fn of(line: &Map<String, Value>) -> Option<Self> {
        let has = |names: [&str; 2]| names.iter().all(|&name| line.contains_key(name));
        match () {
            () if has(["id", "turns"]) => Some(Self::Simple),
            () if has(["question_id", "turns"]) => Some(Self::Questions),
            () if has(["task_id", "prompt"]) => Some(Self::HumanEval),
            () if has(["question", "answer"]) => Some(Self::Gsm8k),
            () => None,
        }
    }

    /// The prompt of line `number`, from 1, of the file `path`.
    ///
    /// # Errors
    /// A field that is missing or of another type.
    pub(super) fn item(self, line: Value, number: usize, path: &Path) -> serde_json::Result<Item> {
        let item = match self {
            Self::Simple => {
                let Simple { id, task, turns } = serde_json::from_value(line)?;
                let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                Item { id, task: task.unwrap_or_else(stem), turns }
            }
            Self::Questions => {
                let Asked { question_id, category, turns } = serde_json::from_value(line)?;
                let task = if MT_BENCH.contains(&category.as_str()) {
                    "mt_bench".to_owned()
                } else {
                    category
                };
                let id = match question_id {
                    Number::Number(number) => format!("{task}/{number}"),
                    Number::Text(text) => format!("{task}/{text}"),
                };
                Item { id, task, turns }
            }
            Self::HumanEval => {
                let HumanEval { task_id, prompt } = serde_json::from_value(line)?;
                Item { id: task_id, task: "humaneval".to_owned(), turns: vec![prompt] }
            }
            Self::Gsm8k => {
                let Gsm8k { question } = serde_json::from_value(line)?;
                let id = format!("gsm8k/{number}");
                Item { id, task: "gsm8k".to_owned(), turns: vec![question] }
            }
        };
        Ok(item)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn item(line: Value) -> Item {
        let format = Format::of(line.as_object().unwrap()).unwrap();
        format.item(line, 7, Path::new("dir/mine.jsonl")).unwrap()
    }

    #[test]
    fn every_form_is_known_by_its_fields() {
        let expected = |id: &str, task: &str, turns: &[&str]| Item {
            id: id.to_owned(),
            task: task.to_owned(),
            turns: turns.iter().map(|&turn| turn.to_owned()).collect(),
        };
        assert_eq!(
            item(json!({"id": "a", "task": "t", "turns": ["x", "y"], "more": 1})),
            expected("a", "t", &["x", "y"])
        );
        assert_eq!(item(json!({"id": "a", "turns": ["x"]})), expected("a", "mine", &["x"]));
        assert_eq!(
            item(json!({"question_id": 241, "category": "summarization", "turns": ["x"]})),
            expected("summarization/241", "summarization", &["x"])
        );
        assert_eq!(
            item(
                json!({"question_id": "81", "category": "coding", "turns": ["x", "y"], "reference": []})
            ),
            expected("mt_bench/81", "mt_bench", &["x", "y"])
        );
        assert_eq!(
            item(
                json!({"task_id": "HumanEval/3", "prompt": "def f():\n", "entry_point": "f", "test": ""})
            ),
            expected("HumanEval/3", "humaneval", &["def f():\n"])
        );
        assert_eq!(
            item(json!({"question": "What is 1 + 1?", "answer": "#### 2"})),
            expected("gsm8k/7", "gsm8k", &["What is 1 + 1?"])
        );
        let other = json!({"question": "x", "turns": ["x"]});
        assert_eq!(Format::of(other.as_object().unwrap()), None);
    }
}
