//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Measures the speed of flux against floors measured in the same run.
#[derive(Debug, Parser)]
#[command(name = "flux-bench", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// A full index, against reading and parsing the same files.
    Index(BenchArguments),
    /// A search after one edit and after none, against listing the tree.
    Update(BenchArguments),
    /// Searches of many kinds, in fresh processes and in a loaded one, against ripgrep.
    Search(BenchArguments),
    /// What the symbol graph adds to a full index and to an edit, against reading and parsing.
    Graph(BenchArguments),
    /// All four.
    All(BenchArguments),
    /// Lists a tree; one of the floors.
    #[command(hide = true)]
    FloorList(FloorArguments),
    /// Reads and parses a tree; one of the floors.
    #[command(hide = true)]
    FloorParse(FloorArguments),
}

#[derive(Debug, Args)]
pub(crate) struct BenchArguments {
    /// The repository; it is only read.
    #[arg(long, value_name = "PATH")]
    pub(crate) repo: PathBuf,
    /// The flux binary; the one beside this program without it, else the one on the path.
    #[arg(long, value_name = "PATH")]
    pub(crate) flux: Option<PathBuf>,
    /// How often everything is measured.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) runs: usize,
    /// Threads of the index and of its floor; all cores without it.
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Where to write the figures as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct FloorArguments {
    #[arg(long)]
    pub(crate) repo: PathBuf,
    /// JSON list of paths that are not read.
    #[arg(long)]
    pub(crate) skip: Option<PathBuf>,
}
