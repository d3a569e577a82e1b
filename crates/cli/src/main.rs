//! The program `foretoken`: generate text, race decoding strategies on a model, and measure the model itself.
//!
//! `main` parses and dispatches; each subcommand is a module. Exit codes are in [`exit`], errors become one line on
//! standard error there, and standard output carries results only.

mod args;
mod bench;
mod calibrate;
mod chat;
mod choices;
mod compare;
mod dataset;
#[cfg(test)]
mod documented;
mod exit;
mod fetch;
mod generate;
mod interrupt;
mod locate;
mod memory;
mod models;
mod output;
mod palette;
mod perplexity;
mod pool;
mod progress;
mod prompt;
mod race;
mod replay;
mod report;
mod session;
mod strategies;
mod strategy_list;
mod stream;
mod structure;
mod table;
mod threads;
mod trace;
mod unended;
mod usage;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use exit::Exit;

fn main() -> ExitCode {
    exit::panic_in_one_line();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage::explain(&error).into(),
    };
    let result = interrupt::install().and_then(|()| match arguments.command {
        None => race::run(&arguments.race),
        Some(Command::Generate(args)) => generate::run(&args),
        Some(Command::Chat(args)) => chat::run(&args),
        Some(Command::Compare(args)) => compare::run(&args),
        Some(Command::Calibrate(args)) => calibrate::run(&args),
        Some(Command::Trace(args)) => trace::run(&args),
        Some(Command::Replay(args)) => replay::run(&args),
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Report(args)) => report::run(&args),
        Some(Command::Perplexity(args)) => perplexity::run(&args),
        Some(Command::Strategies) => strategies::run(),
        Some(Command::Models(args)) => models::run(&args),
        Some(Command::Pool(args)) => pool::run(&args.command),
    });
    result.unwrap_or_else(|error| Exit::report(&error)).into()
}
