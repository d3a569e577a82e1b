//! What a model's files say about it.

use std::fmt::Write;

use foretoken::candle::{
    Inspection,
    catalogue::{Entry, Source},
    inspect, inspect_bytes,
};
use serde_json::{Value, json};

use super::present;
use crate::{exit::Exit, locate::Named, output};

/// Says what a model is, without loading it.
pub(super) fn run(model: &str, as_json: bool) -> anyhow::Result<Exit> {
    let named = Named::new(model)?;
    let (found, path) = match named {
        Named::Entry(Entry { name, source: Source::Embedded(bytes), .. }) => {
            (inspect_bytes(name, bytes)?, None)
        }
        named => {
            let path = present(&named)?;
            (inspect(&path)?, Some(path))
        }
    };
    if as_json {
        let path = path.map(|path| path.display().to_string());
        output::print_json(&record(&found, path.as_deref()))?;
    } else {
        output::print(&text(&found)?)?;
    }
    Ok(Exit::Done)
}

fn text(found: &Inspection) -> Result<String, std::fmt::Error> {
    let tensors =
        found.tensors.iter().map(|of_type| format!("{} {}", of_type.count, of_type.element));
    let tokenizer = found.tokenizer.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    let template = match &found.chat_template {
        Ok(true) => "yes".to_owned(),
        Ok(false) => "no".to_owned(),
        Err(problem) => format!("yes, but it cannot be used: {problem}"),
    };
    let rows = [
        ("name", found.description.name.clone()),
        ("architecture", found.description.architecture.clone()),
        ("parameters", in_words(found.parameters)),
        ("file type", found.description.file_type.clone()),
        ("tensors", tensors.collect::<Vec<_>>().join(", ")),
        ("layers", format!("{} of width {}", found.layers, found.hidden)),
        ("context", format!("{} tokens", found.context_length)),
        ("vocabulary", format!("{} tokens", found.vocabulary)),
        ("tokenizer", tokenizer),
        ("chat template", template),
        ("size", format!("{:.1} MB", found.description.bytes as f64 / 1e6)),
    ];
    let mut text = String::new();
    for (what, value) in rows {
        writeln!(text, "{what:<14} {}", console::strip_ansi_codes(&value))?;
    }
    Ok(text)
}

/// `134.5 million`, with as many digits as are worth reading.
fn in_words(number: u64) -> String {
    let number = number as f64;
    if number >= 1e9 {
        format!("{:.2} billion", number / 1e9)
    } else if number >= 1e6 {
        format!("{:.1} million", number / 1e6)
    } else {
        format!("{number:.0}")
    }
}

fn record(found: &Inspection, path: Option<&str>) -> Value {
    let tensors: Vec<Value> = found
        .tensors
        .iter()
        .map(|of_type| json!({ "type": of_type.element, "count": of_type.count, "bytes": of_type.bytes }))
        .collect();
    json!({
        "name": found.description.name,
        "path": path,
        "architecture": found.description.architecture,
        "parameters": found.parameters,
        "file_type": found.description.file_type,
        "tensors": tensors,
        "layers": found.layers,
        "hidden_size": found.hidden,
        "context_length": found.context_length,
        "vocabulary_size": found.vocabulary,
        "tokenizer": found.tokenizer.as_ref().map(ToString::to_string),
        "chat_template": found.chat_template.as_ref().is_ok_and(|there| *there),
        "bytes": found.description.bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn numbers_are_rounded_for_readers() {
        assert_eq!(in_words(134_515_008), "134.5 million");
        assert_eq!(in_words(1_711_376_384), "1.71 billion");
        assert_eq!(in_words(512), "512");
    }
}
