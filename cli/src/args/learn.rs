//! What can be typed for suggestions and what they are learned from.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct SuggestArgs {
    /// Files whose change is asked about; what is changed in the work tree without them.
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Answer from the index as it is, without looking at the tree.
    #[arg(long)]
    pub(crate) no_refresh: bool,
}

const FORGET: &str = "\
Learned is what the agent and workflows did in this tree, in a file of the state folder that \
--json names. `enabled = false` below [learn] in config.toml, or FLUX_LEARN=0, turns learning off.";

#[derive(Debug, Args)]
#[command(after_help = FORGET)]
pub(crate) struct LearnArgs {
    /// Show what was learned of this tree, which is what happens without options.
    #[arg(long, conflicts_with = "forget")]
    pub(crate) show: bool,
    /// Forget it: everything, or queries, checks, commands, or what has this text as its search,
    /// file or command.
    #[arg(long, value_name = "WHAT", num_args = 0..=1, default_missing_value = "everything")]
    pub(crate) forget: Option<String>,
    /// Print JSON.
    #[arg(long, conflicts_with = "forget")]
    pub(crate) json: bool,
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
}
