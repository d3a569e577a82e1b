//! The page `report.html`: what a results folder holds, to look at.
//!
//! ```no_run
//! foretoken_report::html::write(std::path::Path::new("results"))?;
//! # Ok::<(), foretoken_report::html::Error>(())
//! ```
//!
//! The page is one file and asks the network for nothing. It opens with the answer, which strategy to use for what, and goes on
//! with why: the time of a pass, what a step yields against what it costs, which guesses are right, where time goes, the
//! worst prompts, and generations token by token. Only the last needs its script. What is not in the folder is left out, with
//! a sentence that says how to get it.
//!
//! Architecture invariant: prompts, outputs and names are hostile text. Templates escape it, the writer of SVG does, and
//! the script makes text nodes of it.

mod acceptance;
mod answer;
mod axis;
mod captions;
mod chart;
mod error;
mod folder;
mod looks;
mod matrix;
mod passes;
mod phases;
mod place;
mod prompts;
mod svg;
mod trace;
mod trade;
mod wording;

use std::{fs, path::Path};

use minijinja::{Environment, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;

pub use error::Error;
use folder::{Folder, cannot};
use looks::Looks;

/// The templates by name: the page, and its sections in order.
const TEMPLATES: [(&str, &str); 9] = [
    ("page.html", include_str!("assets/page.html")),
    ("answer.html", include_str!("assets/answer.html")),
    ("passes.html", include_str!("assets/passes.html")),
    ("trade.html", include_str!("assets/trade.html")),
    ("acceptance.html", include_str!("assets/acceptance.html")),
    ("phases.html", include_str!("assets/phases.html")),
    ("prompts.html", include_str!("assets/prompts.html")),
    ("trace.html", include_str!("assets/trace.html")),
    ("parts.html", include_str!("assets/parts.html")),
];

/// What the templates are given.
#[derive(Serialize)]
struct Page<'a> {
    style: &'static str,
    script: &'static str,
    model: Option<&'a str>,
    place: Vec<String>,
    prompts: String,
    answer: answer::Answer,
    matrix: matrix::Matrix,
    passes: Option<passes::Passes>,
    trade: Option<chart::Chart>,
    panels: Vec<acceptance::Panel>,
    phases: Option<phases::Phases>,
    spread: Option<prompts::Prompts>,
    traces: Option<trace::Traces>,
}

/// The page of a results folder, as text.
///
/// # Errors
/// A folder without results; a file that cannot be read or is damaged. A last line that a killed run left incomplete is no error.
pub fn render(dir: &Path) -> Result<String, Error> {
    let folder = Folder::read(dir)?;
    let looks = Looks::new(folder.strategies.iter().map(String::as_str), folder.sources());
    let setting = folder.setting.as_ref();
    let page = Page {
        style: include_str!("assets/style.css"),
        script: include_str!("assets/trace.js"),
        model: setting.map(|setting| setting.model.as_str()),
        place: place::parts(setting),
        prompts: wording::count(folder.prompts(), "prompt"),
        answer: answer::Answer::new(&folder),
        matrix: matrix::Matrix::new(&folder, &looks),
        passes: passes::Passes::new(setting),
        trade: trade::chart(&folder, &looks),
        panels: acceptance::panels(&folder, &looks),
        phases: phases::Phases::new(&folder, &looks),
        spread: prompts::Prompts::new(&folder, &looks),
        traces: trace::Traces::new(&folder, &looks),
    };
    Ok(environment()?.get_template("page.html")?.render(Serde(page))?)
}

/// The templates; those named `.html`, which all are, escape what they are given.
fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_debug(false);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

/// Writes the page of a results folder to `report.html` in it.
///
/// # Errors
/// Those of [`render`]; a file that cannot be written.
pub fn write(dir: &Path) -> Result<(), Error> {
    write_to(dir, &dir.join("report.html"))
}

/// Writes the page of a results folder to a file, which is replaced whole or not at all.
///
/// # Errors
/// Those of [`render`]; a file that cannot be written.
pub fn write_to(dir: &Path, file: &Path) -> Result<(), Error> {
    let page = render(dir)?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = file.with_file_name(name);
    fs::write(&part, page)
        .and_then(|()| fs::rename(&part, file))
        .map_err(|source| cannot("write", file, source))
}
