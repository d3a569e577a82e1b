//! The program, run as its users run it, on a model small enough for every test to write its own.

mod bad_input;
mod bench;
mod chat;
mod compare;
mod datasets;
#[cfg(unix)]
mod endings;
mod generate;
mod listings;
mod measuring;
mod model;
mod models;
mod pool;
mod program;
mod report;
mod structured;
