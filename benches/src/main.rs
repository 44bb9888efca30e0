//! `flux-bench` measures how fast the `flux` binary is, as a user would run it.
//!
//! Every figure comes with a floor that was measured between the same runs: seconds differ from
//! machine to machine and from minute to minute, ratios much less. Everything measured, floors
//! included, is a process of its own, so that all pay for their start and none for the memory of
//! another; processor time is what is compared, because the machine may be busy. No figure is
//! asserted here: a bar that fails on a slow day would teach people to ignore it.
//!
//! Reading order: [`arguments`], [`process`] (running and measuring), [`statistics`], [`floor`],
//! [`flux`] (asking the binary), then the benches [`index`], [`update`],
//! [`search`] and [`graph`].
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to its user")]

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

mod arguments;
mod copy;
mod edit;
mod floor;
mod flux;
mod graph;
mod index;
mod machine;
mod process;
mod queries;
mod record;
mod search;
mod statistics;
mod update;
mod usage;

use arguments::{Arguments, BenchArguments, Command, FloorArguments};
use flux::Flux;
use record::{Record, Results};

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flux-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Index(arguments) => bench(&arguments, &["index"]),
        Command::Update(arguments) => bench(&arguments, &["update"]),
        Command::Search(arguments) => bench(&arguments, &["search"]),
        Command::Graph(arguments) => bench(&arguments, &["graph"]),
        Command::All(arguments) => bench(&arguments, &["index", "update", "search", "graph"]),
        Command::FloorList(FloorArguments { repo, .. }) => {
            println!("{}", floor::list_tree(&repo).len());
            Ok(())
        }
        Command::FloorParse(FloorArguments { repo, skip }) => {
            let skipped = skip.map(|file| floor::read_skipped(&file)).transpose()?;
            let parsed = floor::parse_tree(&repo, &skipped.unwrap_or_default())?;
            println!("{}", serde_json::to_string(&parsed)?);
            Ok(())
        }
    }
}

fn bench(arguments: &BenchArguments, wanted: &[&str]) -> anyhow::Result<()> {
    let flux = Flux::find(arguments)?;
    let mut results = Results::default();
    let runs = arguments.runs.max(1);
    for bench in wanted {
        eprintln!("{bench}: {} runs", runs);
        match *bench {
            "index" => results.index = Some(index::bench(&flux, runs)?),
            "update" => results.update = Some(update::bench(&flux, runs)?),
            "graph" => results.graph = Some(graph::bench(&flux, runs)?),
            _ => results.search = Some(search::bench(&flux, runs)?),
        }
    }
    let record = Record::new(&flux, results)?;
    print!("{record}");
    if let Some(path) = &arguments.out {
        let json = serde_json::to_string_pretty(&record)?;
        std::fs::write(path, json + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
