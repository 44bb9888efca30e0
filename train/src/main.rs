//! `flux-train`: mines pairs of question and code from public repositories, trains the built-in
//! embedding model on them, and measures it on repositories that it never saw.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to its user")]

use clap::{Parser, Subcommand};

mod batches;
mod cache;
mod commands;
mod corpus;
mod fit;
mod init;
mod loss;
mod measure;
mod mine;
mod pairs;
mod random;
mod report;
mod run;
mod sources;
mod suite;
mod table;
mod vocabulary;

#[cfg(test)]
mod tests;

#[derive(Parser)]
#[command(name = "flux-train", version, about = "Trains the built-in embedding model")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes the manifest of repositories to learn from
    Sources(sources::Arguments),
    /// Mines pairs of question and code from repositories
    Mine(mine::Arguments),
    /// Counts pairs by kind and language
    Statistics(mine::statistics::Arguments),
    /// Chooses the word pieces
    Vocabulary(vocabulary::Arguments),
    /// Makes the rows that training begins with, from a model that knows language
    Init(commands::InitArguments),
    /// Trains a table
    Fit(commands::FitArguments),
    /// Measures a model
    Evaluate(commands::EvaluateArguments),
    /// Writes a model's file from one or several tables
    Export(commands::ExportArguments),
    /// Does all of this, from the pairs to the model and its report
    Run(run::Arguments),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Sources(arguments) => sources::run(arguments),
        Command::Mine(arguments) => mine::run(arguments),
        Command::Statistics(arguments) => mine::statistics::run(&arguments),
        Command::Vocabulary(arguments) => vocabulary::run(&arguments),
        Command::Init(arguments) => commands::init(&arguments),
        Command::Fit(arguments) => commands::fit(&arguments),
        Command::Evaluate(arguments) => commands::evaluate(&arguments),
        Command::Export(arguments) => commands::export(&arguments),
        Command::Run(arguments) => run::run(&arguments),
    }
}
