//! What the parser of the command line has to say.

use std::io;

use clap::error::ErrorKind;

use crate::exit::{self, Exit};

/// Prints what was asked for (help, the version), or says in one line what is wrong.
pub(crate) fn explain(error: &clap::Error) -> Exit {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return match error.print() {
            Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => Exit::Failed,
            _ => Exit::Done,
        };
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        exit::complain("a subcommand is missing; try --help");
        return Exit::BadInput;
    }
    exit::complain(&one_sentence(&error.render().to_string()));
    Exit::BadInput
}

/// The parser's paragraphs without its usage, which --help shows better.
fn one_sentence(rendered: &str) -> String {
    let mut paragraphs = rendered
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .take_while(|paragraph| !paragraph.starts_with("Usage:"))
        .filter(|paragraph| !paragraph.is_empty() && !paragraph.starts_with("For more information"))
        .map(|paragraph| {
            let text = paragraph.strip_prefix("error: ").or(paragraph.strip_prefix("tip: "));
            text.unwrap_or(&paragraph).to_owned()
        })
        .collect::<Vec<_>>();
    paragraphs.push("try --help".to_owned());
    paragraphs.join("; ")
}

#[cfg(test)]
mod tests {
    use super::one_sentence;

    #[test]
    fn keeps_the_error_and_the_tip() {
        let rendered = "error: unexpected argument '--modle' found\n\n  tip: a similar argument exists: '--model'\n\n\
                        Usage: foretoken generate --model <PATH>\n\nFor more information, try '--help'.\n";
        assert_eq!(
            one_sentence(rendered),
            "unexpected argument '--modle' found; a similar argument exists: '--model'; try --help"
        );
        let missing = "error: the following required arguments were not provided:\n  --model <PATH>\n\nUsage: x\n";
        assert_eq!(
            one_sentence(missing),
            "the following required arguments were not provided: --model <PATH>; try --help"
        );
    }
}
