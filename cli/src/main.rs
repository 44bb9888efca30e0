//! The `flux` program: arguments, printing, exit codes.
//!
//! Only this crate reads the environment, the current directory and the terminal, and only it
//! prints: answers to standard output, talk to standard error.

mod args;
mod commands;
mod config;
mod context;
mod environment;
mod exit;
mod live;
mod markdown;
mod model;
mod progress;
mod style;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit::usage(&error),
    };
    exit::code(commands::run(&args))
}
