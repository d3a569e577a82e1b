//! The prompt: where its text comes from, and how it becomes tokens.

use std::{
    fs,
    io::{self, IsTerminal, Read},
    path::Path,
};

use anyhow::{Context, bail};
use foretoken::{
    Token,
    candle::{Loaded, Message, Special},
};

use crate::{args::PromptArgs, exit::notice};

/// The text that the arguments name; `None` if they name none.
///
/// # Errors
/// A file that cannot be read or is not UTF-8; an empty text.
pub(crate) fn read(args: &PromptArgs) -> anyhow::Result<Option<String>> {
    let text = match (&args.prompt, &args.prompt_file) {
        (Some(text), _) if text != "-" => text.clone(),
        (None, Some(path)) if path != Path::new("-") => from_file(path)?,
        (None, None) if args.standard_input.is_none() => return Ok(None),
        _ => from_standard_input()?,
    };
    if text.is_empty() {
        bail!("the prompt is empty: write something for the model to continue or to answer");
    }
    Ok(Some(text))
}

fn from_file(path: &Path) -> anyhow::Result<String> {
    let origin = format!("the prompt file {}", path.display());
    let bytes = fs::read(path).with_context(|| format!("cannot read {origin}"))?;
    as_text(bytes, &origin).map(without_last_line_break)
}

/// The whole text of a file, or of standard input if it is called `-`.
///
/// # Errors
/// A file that cannot be read or is not UTF-8.
pub(crate) fn whole_text(path: &Path) -> anyhow::Result<String> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;
        return as_text(bytes, "standard input");
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    as_text(bytes, &path.display().to_string())
}

fn from_standard_input() -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        notice("Reading the prompt: end it with Ctrl-D on a line of its own.");
    }
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).context("cannot read the prompt from standard input")?;
    as_text(bytes, "standard input").map(without_last_line_break)
}

fn as_text(bytes: Vec<u8>, origin: &str) -> anyhow::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        anyhow::anyhow!(
            "{origin} is not UTF-8 text (at byte {valid}): convert it, for example with iconv"
        )
    })
}

/// Text as it was meant: editors and `echo` put a line break at its end.
fn without_last_line_break(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

/// The tokens of a text: as a question in the model's chat template if it has one and `--raw` does not forbid it.
///
/// # Errors
/// A template that cannot be used; a system prompt without a template; a text that has no tokens.
pub(crate) fn encode(loaded: &Loaded, args: &PromptArgs, text: &str) -> anyhow::Result<Vec<Token>> {
    let template = if args.raw {
        None
    } else {
        match &loaded.chat_template {
            Ok(template) => template.as_ref(),
            Err(error) => bail!("{error}, with --raw"),
        }
    };
    let whole = match (template, &args.system) {
        (Some(template), system) => {
            let mut messages = Vec::new();
            messages.extend(system.as_ref().map(Message::system));
            messages.push(Message::user(text));
            template.render(&messages, true)?
        }
        (None, Some(_)) => bail!(
            "this model has no chat template, so --system has no place: put it into the prompt"
        ),
        (None, None) => text.to_owned(),
    };
    let tokens = loaded.tokenizer.encode(&whole, Special::ALL)?;
    if tokens.is_empty() {
        bail!("the prompt has no tokens: write something for the model to continue or to answer");
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::{as_text, without_last_line_break};

    #[test]
    fn one_line_break_is_dropped() {
        let text = |text: &str| without_last_line_break(text.to_owned());
        assert_eq!(text("a\n\n"), "a\n");
        assert_eq!(text("a\r\n"), "a");
        assert_eq!(text(" a "), " a ");
        assert_eq!(text("\n"), "");
    }

    #[test]
    fn bytes_that_are_no_text_are_located() {
        let error = as_text(b"ab\xffcd".to_vec(), "standard input").unwrap_err();
        assert!(error.to_string().starts_with("standard input is not UTF-8 text (at byte 2)"));
    }
}
