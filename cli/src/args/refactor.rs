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

#[derive(Debug, Args)]
#[command(after_help = "\
Changed are the function, all that override it or that it overrides, and every call that is proven
to mean it. A parameter is declared as in code: 'name', 'name: type', 'name = default'; in Rust what
stands behind = is passed by every call. --at and --value belong to the --add at the same place in
their order. What would break the program is refused (exit code 5): a parameter that is used, calls
with *args, a function that is handed on as a value, code outside this tree that may call it.

  flux signature store.open --add 'mode: str = \"r\"'
  flux signature crate::store::open --add 'mode: Mode' --value Mode::Read --at 2
  flux signature Store.get --remove default --reorder key,index")]
pub(crate) struct SignatureArgs {
    /// The function or method.
    #[arg(value_name = "SYMBOL")]
    pub(crate) symbol: String,
    /// A parameter that comes; may be repeated.
    #[arg(long, value_name = "PARAMETER")]
    pub(crate) add: Vec<String>,
    /// The place of the added parameter, from 1, without self; at the end without it.
    #[arg(long, value_name = "N", requires = "add")]
    pub(crate) at: Vec<usize>,
    /// What calls pass for the added parameter.
    #[arg(long, value_name = "EXPR", requires = "add")]
    pub(crate) value: Vec<String>,
    /// A parameter that goes; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub(crate) remove: Vec<String>,
    /// All parameters that can be given by position, in their new order, without self.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub(crate) reorder: Vec<String>,
    /// Change calls as well that are inferred from types and not proven.
    #[arg(long)]
    pub(crate) likely: bool,
    /// Change what code outside this tree may call.
    #[arg(long)]
    pub(crate) api: bool,
    #[command(flatten)]
    pub(crate) how: ApplyArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
SYMBOL is a function, class, struct, enum, trait, constant or type alias directly in a file, as
pkg.module.name, crate::path::name or path:line; in Rust the impl blocks of that file go along. MODULE
is pkg.other, crate::other or the path of a file; a module of Python is made if its package is there.
The imports of what uses it, and those that it needs itself, are written anew. What would break the
program is refused (exit code 5): modules that would import each other, names that are taken, names
that tests replace, code outside this tree that may use it.

  flux move shop.tax.vat shop.rates
  flux move crate::tax::Rate crate::money --dry-run
  flux move shop.tax.vat shop.rates --reexport     # shop.tax goes on offering it")]
pub(crate) struct MoveArgs {
    /// The definition.
    #[arg(value_name = "SYMBOL")]
    pub(crate) symbol: String,
    /// The module that it goes to.
    #[arg(value_name = "MODULE")]
    pub(crate) module: String,
    /// Move it although places may mean it that are inferred from types; they are left alone.
    #[arg(long)]
    pub(crate) likely: bool,
    /// Move what code outside this tree may use.
    #[arg(long)]
    pub(crate) api: bool,
    /// Let the old module go on offering the name.
    #[arg(long)]
    pub(crate) reexport: bool,
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
