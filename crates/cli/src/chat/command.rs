use foretoken::strategy::Spec;

/// What a line that begins with a slash asks for.
#[derive(Debug)]
pub(super) enum Command {
    /// Another strategy, or which one it is.
    Strategy(Option<Spec>),
    Stats,
    Reset,
    /// Another role for the model, in a new conversation.
    System(Option<String>),
    Help,
    Quit,
}

/// What there is.
pub(super) const HELP: &str = "\
/strategy [SPEC]  which strategy guesses, or another one from the next answer on
/stats            what the answers took
/system [TEXT]    begins a new conversation with another role for the model, or none
/reset            begins a new conversation
/quit             ends the program, as Ctrl-D does";

impl Command {
    /// `None` if the line is no command; otherwise the command, or what is wrong with it.
    pub(super) fn parse(line: &str) -> Option<Result<Self, String>> {
        let (name, rest) = line
            .trim()
            .strip_prefix('/')
            .map(|command| command.split_once(char::is_whitespace).unwrap_or((command, "")))?;
        let rest = rest.trim();
        let given = (!rest.is_empty()).then_some(rest);
        Some(match (name, given) {
            ("strategy", spec) => {
                let spec = spec.map(str::parse).transpose();
                spec.map(Self::Strategy).map_err(|error| format!("{error}"))
            }
            ("system", text) => Ok(Self::System(text.map(str::to_owned))),
            ("stats", None) => Ok(Self::Stats),
            ("reset", None) => Ok(Self::Reset),
            ("help" | "?", None) => Ok(Self::Help),
            ("quit" | "exit", None) => Ok(Self::Quit),
            ("stats" | "reset" | "help" | "?" | "quit" | "exit", Some(more)) => {
                Err(format!("/{name} takes nothing more, but {more} follows it"))
            }
            _ => Err(format!("there is no command /{name}: /help lists those there are")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Command;

    #[test]
    fn commands_are_told_from_questions() {
        assert!(Command::parse("what is 1/2?").is_none());
        assert!(matches!(Command::parse(" /stats "), Some(Ok(Command::Stats))));
        assert!(matches!(Command::parse("/strategy"), Some(Ok(Command::Strategy(None)))));
        let other = Command::parse("/strategy lookahead:w=3+prompt-lookup");
        assert!(matches!(other, Some(Ok(Command::Strategy(Some(_))))));
        assert!(
            matches!(Command::parse("/system  Be brief. "), Some(Ok(Command::System(Some(text)))) if text == "Be brief.")
        );
        for wrong in ["/", "/stat", "/stats x", "/strategy nonsense"] {
            let Some(Err(message)) = Command::parse(wrong) else { panic!("{wrong}") };
            assert!(!message.is_empty() && !message.contains('\n'), "{message}");
        }
    }
}
