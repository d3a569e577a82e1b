//! The folder that results go to, and are gone on with.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use foretoken::{decoder::Calibration, measure};
use foretoken_report::{Record, Setting, Steps, Summary};

/// A folder with a setting and what was measured under it.
pub(super) struct Folder {
    path: PathBuf,
    pub(super) setting: Setting,
    pub(super) records: Vec<Record>,
    results: File,
    traced: Vec<Steps>,
    steps: File,
}

/// What claims of each strategy's sources have turned out to be worth so far, so that a run that goes on knows it.
type Learned = BTreeMap<String, Calibration>;

impl Folder {
    /// Begins a folder with `setting`, or goes on with one of the same setting: the times of passes that it was begun with
    /// hold then.
    ///
    /// # Errors
    /// A folder that cannot be written, or holds results of another setting or something else.
    pub(super) fn open(path: &Path, setting: Setting) -> anyhow::Result<Self> {
        let setting = begin(path, setting)?;
        let cannot = || format!("cannot go on with {}", path.display());
        let (results, records) =
            foretoken_report::open(&path.join("results.jsonl")).with_context(cannot)?;
        let (steps, traced) =
            foretoken_report::open_steps(&path.join("steps.jsonl")).with_context(cannot)?;
        Ok(Self { path: path.to_owned(), setting, records, results, traced, steps })
    }

    /// What was measured of a turn.
    pub(super) fn record(&self, id: &str, turn: usize) -> Option<&Record> {
        self.records.iter().find(|record| record.id == id && record.turn == turn)
    }

    /// Whether the trees of a turn were noted.
    pub(super) fn traced(&self, id: &str, turn: usize) -> bool {
        let here = |steps: &&Steps| steps.id == id && steps.turn == turn;
        self.traced.iter().filter(here).count() >= self.setting.strategies.len()
    }

    /// Writes down the trees of a turn; those that were there are not written again.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn add_steps(&mut self, all: Vec<Steps>) -> anyhow::Result<()> {
        for steps in all {
            let same = |known: &Steps| {
                (&known.id, known.turn, &known.strategy) == (&steps.id, steps.turn, &steps.strategy)
            };
            if !self.traced.iter().any(same) {
                foretoken_report::append_steps(&mut self.steps, &steps)
                    .with_context(|| self.cannot())?;
                self.traced.push(steps);
            }
        }
        Ok(())
    }

    /// Writes down a turn.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn add(&mut self, record: Record) -> anyhow::Result<()> {
        foretoken_report::append(&mut self.results, &record).with_context(|| self.cannot())?;
        self.records.push(record);
        Ok(())
    }

    /// Writes down the totals.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn add_summary(&self, summary: &Summary) -> anyhow::Result<()> {
        foretoken_report::save(&self.path.join("summary.json"), summary)
            .with_context(|| self.cannot())
    }

    /// What an earlier run of the program learned; nothing if there was none, or its file cannot be read.
    pub(super) fn learned(&self) -> Learned {
        let read = || serde_json::from_slice(&fs::read(self.learned_path()).ok()?).ok();
        if self.records.is_empty() { Learned::new() } else { read().unwrap_or_default() }
    }

    /// Writes down what was learned so far.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn keep<'c>(
        &self,
        learned: impl IntoIterator<Item = (&'c str, &'c Calibration)>,
    ) -> anyhow::Result<()> {
        let learned: BTreeMap<&str, &Calibration> = learned.into_iter().collect();
        foretoken_report::save(&self.learned_path(), &learned).with_context(|| self.cannot())
    }

    fn learned_path(&self) -> PathBuf {
        self.path.join("learned.json")
    }

    fn cannot(&self) -> String {
        format!("cannot write results to {}", self.path.display())
    }
}

/// The setting of a folder: the one it was begun with, or this one, written down before anything else.
fn begin(folder: &Path, mut setting: Setting) -> anyhow::Result<Setting> {
    let (path, shown) = (folder.join("setting.json"), folder.display());
    let results = fs::metadata(folder.join("results.jsonl")).is_ok_and(|file| file.len() > 0);
    match Setting::read(&path) {
        Ok(Some(known)) => match known.difference(&setting) {
            None => return Ok(known),
            Some(difference) if results => {
                bail!("{shown} holds results of another setting: {difference}; give another --out")
            }
            Some(_) => {}
        },
        Ok(None) if results => {
            bail!("{shown} holds results without their setting.json: give another --out")
        }
        Err(error) if results => {
            let cannot = || format!("{} cannot be used: give another --out", path.display());
            return Err(error).with_context(cannot);
        }
        Ok(None) | Err(_) => {}
    }
    let cannot = || format!("cannot write results to {shown}");
    // Trees of a run that was killed before its first result.
    match fs::remove_file(folder.join("steps.jsonl")) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(cannot);
        }
        _ => {}
    }
    if let Some(threads) = setting.costs.as_ref().and_then(|_| setting.threads.try_into().ok()) {
        // The floor under the times of passes.
        setting.bandwidth_gb_s = Some(measure::bandwidth(threads) * 1e-9);
    }
    foretoken_report::save(&path, &setting).with_context(cannot)?;
    Ok(setting)
}
