//! What can be typed for edits.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
#[command(after_help = "\
Paths in a script are relative to the root of the tree. The formats:
search-replace  a path, then <<<<<<< SEARCH, =======, >>>>>>> REPLACE
diff            what diff -u and git diff print
patch           *** Begin Patch to *** End Patch
json            {\"edits\": [{\"op\": \"replace\", \"path\", \"old\", \"new\"}, write, create, delete, move,
                replace_body and replace_definition with \"symbol\"]}")]
pub(crate) struct EditArgs {
    /// The script; `-` reads it from standard input.
    #[arg(value_name = "FILE")]
    pub(crate) script: PathBuf,
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
    /// How the script is written.
    #[arg(long, short, value_enum, default_value_t = EditFormat::Auto, value_name = "FORMAT")]
    pub(crate) format: EditFormat,
    /// Print what would change as a diff, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Apply without asking.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Findings that are meant; may be repeated.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KIND")]
    pub(crate) accept: Vec<EditAccept>,
    /// Run the project's own check on a copy of the tree first.
    #[arg(long)]
    pub(crate) check: bool,
    /// The check to run, by a shell, instead of the one in flux.toml or the usual one.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) check_command: Option<String>,
    /// Seconds the check may take.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) check_time: Option<u64>,
    /// What the edit is called in the history.
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EditFormat {
    /// What the script looks like.
    Auto,
    SearchReplace,
    Diff,
    Patch,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EditAccept {
    /// New parse errors.
    Syntax,
    /// Comments that stand for code.
    Elision,
    /// A write that drops most of a file.
    Deletion,
    /// Removing what is still referred to.
    Removals,
}

#[derive(Debug, Args)]
pub(crate) struct TurnArgs {
    /// Number of the edit, as `flux history` lists it; the last one without it.
    #[arg(value_name = "ID")]
    pub(crate) id: Option<u64>,
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
    /// Print what would change as a diff, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// Folder in the tree.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
