use std::{fmt, str::FromStr};

use super::super::Failure;
use crate::error::Error;

/// The branch that is meant where nothing else is said.
const MAIN: &str = "main";

/// A model on the hub that has no name here: `hf:owner/repository/file` for one file, `hf:owner/repository` for a
/// repository with `config.json`, `tokenizer.json` and safetensors. The `hf:` may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    repository: String,
    revision: String,
    file: Option<String>,
}

impl Address {
    /// What such addresses begin with.
    pub const PREFIX: &str = "hf:";

    /// The owner and the name of the repository, with a slash between.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The path of the file in the repository; `None` if the repository as a whole is meant.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// A commit, or a branch.
    pub(in super::super) fn revision(&self) -> &str {
        &self.revision
    }

    /// A file at some revision.
    pub(in super::super) fn of(repository: &str, revision: &str, file: &str) -> Self {
        let (repository, revision) = (repository.to_owned(), revision.to_owned());
        Self { repository, revision, file: Some(file.to_owned()) }
    }

    /// Another file of the same repository.
    #[cfg(feature = "hub")]
    pub(super) fn beside(&self, file: &str) -> Self {
        Self { file: Some(file.to_owned()), ..self.clone() }
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || Failure::Address { address: text.to_owned() };
        let rest = text.strip_prefix(Self::PREFIX).unwrap_or(text);
        let parts: Vec<&str> = rest.split('/').collect();
        let [owner, name, file @ ..] = parts.as_slice() else { return Err(refuse().into()) };
        // Names become folders, so nothing may lead out of them.
        let is_name = |part: &&str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            part.chars().all(allowed) && !part.starts_with('.') && !part.is_empty()
        };
        let is_part = |part: &&str| {
            let allowed = |c: char| !c.is_control() && !matches!(c, '\\' | ':' | '?' | '#' | '%');
            part.chars().all(allowed) && !matches!(*part, "" | "." | "..")
        };
        if ![owner, name].into_iter().all(is_name) || !file.iter().all(is_part) {
            return Err(refuse().into());
        }
        Ok(Self {
            repository: format!("{owner}/{name}"),
            revision: MAIN.to_owned(),
            file: (!file.is_empty()).then(|| file.join("/")),
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::PREFIX, self.repository)?;
        self.file.as_ref().map_or(Ok(()), |file| write!(f, "/{file}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_a_file_or_a_repository() {
        let address: Address = "hf:owner/name-1.5/folder/model.gguf".parse().unwrap();
        assert_eq!(address.repository(), "owner/name-1.5");
        assert_eq!(address.file(), Some("folder/model.gguf"));
        assert_eq!(address.to_string(), "hf:owner/name-1.5/folder/model.gguf");
        let address: Address = "owner/name".parse().unwrap();
        assert_eq!((address.file(), address.to_string().as_str()), (None, "hf:owner/name"));
    }

    #[test]
    fn what_leads_elsewhere_is_no_address() {
        for text in [
            "hf:",
            "hf:name",
            "hf:owner/",
            "hf:/name",
            "hf:../name/file",
            "hf:owner/..",
            "hf:owner/name/",
            "hf:owner/name/../file",
            "hf:owner/name/a//b",
            "hf:owner/name/a\\b",
            "hf:owner/name/C:x",
            "hf:owner/na me/file",
            "hf:owner/name/file?x",
        ] {
            let message = text.parse::<Address>().unwrap_err().to_string();
            assert!(message.contains(text) && message.contains("hf:owner/repository"), "{message}");
        }
    }
}
