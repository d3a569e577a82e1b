//! What was measured, where and how.

use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

use foretoken_core::{CostTable, Sampling};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything but the prompts that figures depend on; results of another setting never mix.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Setting {
    /// The program's version.
    pub version: String,
    /// The model's name.
    pub model: String,
    /// How most of its weights are kept, as `Q4_1`.
    pub file_type: String,
    /// The processor's name.
    pub machine: String,
    /// The instruction set of the kernels, as `avx2`.
    pub level: String,
    /// Threads that computed.
    pub threads: usize,
    /// Most tokens of an output.
    pub max_new_tokens: usize,
    /// Most tokens of prompt and output together.
    #[serde(default)]
    pub context: usize,
    /// How keys and values were kept, as `f32`.
    #[serde(default)]
    pub cache: String,
    /// Measured runs of each strategy on each prompt, of which medians were taken.
    #[serde(default = "one")]
    pub runs: usize,
    /// How tokens were chosen.
    pub sampling: Sampling,
    /// How guesses were chosen: `adaptive` or `fixed`.
    pub budget: String,
    /// Most guesses of a pass.
    pub max_nodes: usize,
    /// Whether strategies guessed from earlier prompts, too.
    pub shared_pool: bool,
    /// The strategies, plain decoding first.
    pub strategies: Vec<String>,
    /// The times of passes, if they were calibrated.
    pub costs: Option<CostTable>,
    /// Bytes a second that memory gives, in units of 10^9, if it was calibrated.
    pub bandwidth_gb_s: Option<f64>,
    /// Bytes of weights that any pass reads.
    pub weight_bytes: u64,
}

fn one() -> usize {
    1
}

/// What was measured of the machine and does not make a setting another one.
const MEASURED: [&str; 2] = ["costs", "bandwidth_gb_s"];

impl Setting {
    /// Reads a setting that [`save`] wrote; `None` if there is no file.
    ///
    /// # Errors
    /// A file that cannot be read, or holds something else.
    pub fn read(path: &Path) -> io::Result<Option<Self>> {
        match fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        }
    }

    /// The first thing in which `other` is another setting, in words: `threads is 2 there and 4 here`. Times of passes and
    /// memory, which differ from one measurement to the next, are not compared.
    pub fn difference(&self, other: &Self) -> Option<String> {
        // By way of text, so that numbers read as they were written.
        let value = |setting: &Self| -> Option<Value> {
            serde_json::from_str(&serde_json::to_string(setting).ok()?).ok()
        };
        let (mut there, mut here) = (value(self)?, value(other)?);
        for side in [&mut there, &mut here] {
            let fields = side.as_object_mut()?;
            fields.retain(|name, _| !MEASURED.contains(&name.as_str()));
        }
        difference("", &there, &here)
    }
}

fn difference(name: &str, there: &Value, here: &Value) -> Option<String> {
    if let (Value::Object(there), Value::Object(here)) = (there, here) {
        let names = there.keys().chain(here.keys());
        let dot = if name.is_empty() { "" } else { "." };
        let of = |fields: &serde_json::Map<String, Value>, field: &str| {
            fields.get(field).cloned().unwrap_or_default()
        };
        return names.into_iter().find_map(|field| {
            difference(&format!("{name}{dot}{field}"), &of(there, field), &of(here, field))
        });
    }
    (there != here).then(|| format!("{name} is {there} there and {here} here"))
}

/// Writes a value as JSON in place of what the file holds: all of it or, if the program is killed, nothing.
///
/// # Errors
/// A file that cannot be written.
pub fn save(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let temporary = path.with_added_extension("part");
    fs::write(&temporary, serde_json::to_string_pretty(value)? + "\n")?;
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting() -> Setting {
        Setting {
            version: "0.1.0".to_owned(),
            threads: 2,
            runs: 1,
            sampling: Sampling::default().with_temperature(0.7),
            strategies: vec!["autoregressive".to_owned()],
            ..Setting::default()
        }
    }

    #[test]
    fn what_differs_is_named() {
        let here = |change: fn(&mut Setting)| {
            let mut here = setting();
            change(&mut here);
            setting().difference(&here)
        };
        assert_eq!(here(|_| {}), None);
        assert_eq!(here(|s| s.bandwidth_gb_s = Some(3.0)), None);
        assert_eq!(here(|s| s.costs = CostTable::linear(0.1, 0.1).ok()), None);
        assert_eq!(here(|s| s.threads = 4).unwrap(), "threads is 2 there and 4 here");
        assert_eq!(
            here(|s| s.sampling.temperature = 0.8).unwrap(),
            "sampling.temperature is 0.7 there and 0.8 here"
        );
        assert_eq!(
            here(|s| s.strategies.push("auto".to_owned())).unwrap(),
            r#"strategies is ["autoregressive"] there and ["autoregressive","auto"] here"#
        );
    }

    #[test]
    fn a_setting_is_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("setting.json");
        assert_eq!(Setting::read(&path).unwrap(), None);
        save(&path, &setting()).unwrap();
        assert_eq!(Setting::read(&path).unwrap(), Some(setting()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing beside it");
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(Setting::read(&path).is_err());
    }
}
