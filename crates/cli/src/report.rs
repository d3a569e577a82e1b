//! `foretoken report`: a results folder as a page.

use foretoken_report::html;

use crate::{args::ReportArgs, exit::Exit, output};

/// Runs the subcommand.
pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<Exit> {
    let file = args.out.clone().unwrap_or_else(|| args.dir.join("report.html"));
    html::write_to(&args.dir, &file)?;
    output::print(&format!("{}\n", file.display()))?;
    Ok(Exit::Done)
}
