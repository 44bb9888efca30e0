//! One module for each command.

mod agent;
mod context;
mod edit;
mod export;
mod graph;
mod index;
mod learn;
mod map;
mod mcp;
mod model;
mod output;
mod refactor;
mod replace;
mod search;
mod shown;
mod tree;

use flux_agent::edit::Turn;

use crate::args::{Args, Command};
use crate::context::Context;
use crate::exit::Outcome;

/// Runs what was typed.
pub(crate) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let context = Context::new(args)?;
    match &args.command {
        Command::Index(args) => index::run(&context, args),
        Command::Search(args) => search::run(&context, args),
        command @ (Command::Symbol(_)
        | Command::Refs(_)
        | Command::Callers(_)
        | Command::Callees(_)
        | Command::Path(_)
        | Command::Impls(_)
        | Command::Hierarchy(_)
        | Command::Imports(_)
        | Command::Cycles(_)
        | Command::Unused(_)
        | Command::Impact(_)) => graph::run(&context, command),
        Command::Mcp(args) => mcp::run(&context, args),
        Command::Context(args) => context::run(&context, args),
        Command::Map(args) => map::run(&context, args),
        Command::Export(args) => export::run(&context, args),
        Command::Status(args) => tree::status(&context, args),
        Command::Coverage(args) => tree::coverage(&context, args),
        Command::Verify(args) => tree::verify(&context, args),
        Command::Gc(args) => tree::gc(&context, args),
        Command::Edit(args) => edit::run(&context, args),
        Command::Rename(args) => refactor::rename(&context, args),
        Command::Move(args) => refactor::move_symbol(&context, args),
        Command::Signature(args) => refactor::signature(&context, args),
        Command::Replace(args) => replace::run(&context, args),
        Command::Undo(args) => edit::turn(&context, args, Turn::Undo),
        Command::Redo(args) => edit::turn(&context, args, Turn::Redo),
        Command::History(args) => edit::history(&context, args),
        Command::Agent(args) => agent::agent(&context, args),
        Command::Ask(args) => agent::ask(&context, args),
        Command::Chat(args) => agent::chat(&context, args),
        Command::Session(command) => agent::session::run(&context, command),
        Command::Workflow(command) => agent::workflow::run(&context, command),
        Command::Suggest(args) => learn::suggest(&context, args),
        Command::Learn(args) => learn::learn(&context, args),
        Command::Model(command) => model::run(&context, command),
    }
}
