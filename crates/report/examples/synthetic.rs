//! Writes a results folder that nobody measured, and its page: `cargo run -p foretoken-report --example synthetic -- DIR`.

#[path = "../tests/synthetic/mod.rs"]
mod synthetic;

fn main() -> Result<(), foretoken_report::html::Error> {
    let dir = std::env::args_os().nth(1).unwrap_or_else(|| "synthetic".into());
    let dir = std::path::Path::new(&dir);
    synthetic::write(dir);
    foretoken_report::html::write(dir)?;
    println!("{}", dir.join("report.html").display());
    Ok(())
}
