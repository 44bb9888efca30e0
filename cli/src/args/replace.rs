//! What can be typed for structural search and replace.

use clap::Args;

use super::{ApplyArgs, EditAccept};

#[derive(Debug, Args)]
#[command(after_help = "\
A pattern is code with holes: $NAME stands for one piece of code, $$$NAME for any number of them (such
as arguments or statements), $_ and $$$ for such that need no name. Holes of one name hold the same.
Spaces, line breaks and comments do not count; text in strings and comments does not match. \\$ is the
sign itself. Quote patterns, so that the shell does not read them:

  flux replace '$X == None' '$X is None' --lang python
  flux replace 'old($$$ARGS)' 'new($$$ARGS)' --path src --dry-run
  flux replace '$X.unwrap()' --lang rust

Only what lies in the folder of --tree is looked into. What the rewrite leaves as it is between two holes keeps its line breaks and comments. Of matches
within matches the outermost is replaced.")]
pub(crate) struct ReplaceArgs {
    /// The code to look for.
    pub(crate) pattern: String,
    /// What comes instead; without it the matches are listed.
    pub(crate) rewrite: Option<String>,
    /// Only files in this language; may be repeated. Without it, programs in all languages.
    #[arg(long, value_name = "NAME")]
    pub(crate) lang: Vec<String>,
    /// Only files that match this glob or lie in this folder; `!` in front leaves out.
    #[arg(long, value_name = "GLOB")]
    pub(crate) path: Vec<String>,
    /// Look into hidden files, too.
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Findings that are meant; may be repeated.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KIND")]
    pub(crate) accept: Vec<EditAccept>,
    #[command(flatten)]
    pub(crate) how: ApplyArgs,
}
