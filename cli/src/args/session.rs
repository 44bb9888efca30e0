//! What can be typed for sessions that are over.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List the sessions of this tree, the newest first.
    List(SessionListArgs),
    /// Show a session again, from its transcript: no model, no network, nothing is run.
    Replay(SessionReplayArgs),
    /// Copy a session, to go on from there with --resume; says what the copy is called.
    Fork(SessionForkArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SessionListArgs {
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SessionReplayArgs {
    /// The session, or `last`.
    pub(crate) id: String,
    /// Print all that calls gave, too.
    #[arg(long)]
    pub(crate) results: bool,
    /// Print what happened as JSON, an event a line, as --json of the session did.
    #[arg(long, conflicts_with = "results")]
    pub(crate) json: bool,
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SessionForkArgs {
    /// The session, or `last`.
    pub(crate) id: String,
    /// Copy its first N prompts with their answers only.
    #[arg(long, value_name = "N")]
    pub(crate) at: Option<NonZeroUsize>,
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
}
