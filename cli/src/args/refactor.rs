//! What can be typed for refactorings.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "\
SYMBOL is a name as it is imported (pkg.module.Class.method, crate::path::name), path:line, or the
path of a file for a module. Changed are definitions, references, imports, re-exports, the methods
that override or are overridden, names of arguments, __all__, links of documentation, and files of
modules. What would break the program is refused (exit code 5); what cannot be proven is listed.")]
pub(crate) struct RenameArgs {
    /// The symbol: a function, method, class, field, constant, parameter or module.
    #[arg(value_name = "SYMBOL")]
    pub(crate) symbol: String,
    /// Its new name.
    #[arg(value_name = "NEW")]
    pub(crate) new: String,
    /// Change places as well that are inferred from types and not proven.
    #[arg(long)]
    pub(crate) likely: bool,
    /// Rename what code outside this tree may use.
    #[arg(long)]
    pub(crate) api: bool,
    #[command(flatten)]
    pub(crate) how: ApplyArgs,
}

/// How a refactoring is shown and applied.
#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
    /// Print what would change as a diff, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Apply without asking.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
