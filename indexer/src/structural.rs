//! A structural pattern looked for in the files of a tree as they are now. Nothing is stored: a tree
//! of a file costs more to read back than to parse.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::OnceLock;

use flux_core::{Cancel, RepoPath};
use flux_grammars::structural::Pattern;
pub use flux_grammars::structural::{Capture, Found, Match, PatternError, PatternText, Rewrite};
use flux_grammars::{Category, Grammar};
use rayon::prelude::*;

use crate::decode::decode;
use crate::error::IndexError;
use crate::list::{Listed, list};

/// Largest file that is looked into, in bytes: as large as one that is edited may be.
const MAX_BYTES: u64 = 8 << 20;

/// What to look for, and where.
pub struct Wanted<'a> {
    /// The pattern.
    pub pattern: &'a PatternText,
    /// What comes instead.
    pub rewrite: Option<&'a Rewrite>,
    /// Names of languages; empty for all languages of programs in which the pattern parses.
    pub languages: &'a [String],
    /// Which files are looked into.
    pub admits: &'a (dyn Fn(&RepoPath) -> bool + Sync),
    /// Whether hidden files are looked into, too.
    pub is_hidden_wanted: bool,
}

/// What was found in a tree.
#[derive(Debug, Default)]
pub struct FoundInTree {
    /// Files with matches, by path.
    pub files: Vec<FoundInFile>,
    /// How many files were looked into, by language.
    pub searched: BTreeMap<&'static str, usize>,
    /// Languages of the tree that were wanted and in which the pattern cannot be read, with the
    /// number of their files.
    pub unread: BTreeMap<&'static str, (PatternError, usize)>,
    /// Files of wanted languages that could not be looked into, with the reason.
    pub skipped: Vec<(RepoPath, String)>,
}

/// What was found in a file.
#[derive(Debug)]
pub struct FoundInFile {
    /// Its path.
    pub path: RepoPath,
    /// Its language.
    pub language: &'static str,
    /// Its text, decoded.
    pub text: String,
    /// The matches.
    pub found: Found,
}

/// What a look at one file says.
enum Look {
    Unwanted,
    Unread(&'static str, PatternError),
    Skipped(RepoPath, String),
    Searched(&'static str, Option<FoundInFile>),
}

/// Names of the languages in which patterns can be written.
pub fn languages() -> Vec<&'static str> {
    let known = flux_grammars::languages().iter();
    known.filter(|grammar| grammar.has_patterns()).map(|grammar| grammar.name()).collect()
}

/// Looks for a pattern in all files of a tree.
pub fn find(root: &Path, wanted: &Wanted<'_>, cancel: &Cancel) -> Result<FoundInTree, IndexError> {
    let listing = list(root, cancel)?;
    let patterns: Vec<OnceLock<Result<Pattern, PatternError>>> =
        flux_grammars::languages().iter().map(|_| OnceLock::new()).collect();
    let files = listing.files.par_iter().filter(|file| {
        file.skip.is_none()
            && (wanted.is_hidden_wanted || !file.is_hidden)
            && (wanted.admits)(&file.path)
    });
    let looks: Vec<Look> = files
        .map(|file| match cancel.is_cancelled() {
            true => Look::Unwanted,
            false => look(root, file, wanted, &patterns),
        })
        .collect();
    if cancel.is_cancelled() {
        return Err(IndexError::Cancelled);
    }
    let mut found = FoundInTree::default();
    for look in looks {
        match look {
            Look::Unwanted => {}
            Look::Unread(language, error) => {
                found.unread.entry(language).or_insert((error, 0)).1 += 1;
            }
            Look::Skipped(path, reason) => found.skipped.push((path, reason)),
            Look::Searched(language, file) => {
                *found.searched.entry(language).or_default() += 1;
                found.files.extend(file);
            }
        }
    }
    Ok(found)
}

fn look(
    root: &Path,
    file: &Listed,
    wanted: &Wanted<'_>,
    patterns: &[OnceLock<Result<Pattern, PatternError>>],
) -> Look {
    // Most files are told by their names, and need not be read to be passed over.
    if let Some(grammar) = flux_grammars::detect(&file.path, "")
        && !is_wanted(grammar, wanted.languages)
    {
        return Look::Unwanted;
    }
    let bytes = match read(root, file) {
        Ok(bytes) => bytes,
        Err(reason) => return Look::Skipped(file.path.clone(), reason),
    };
    let Ok(text) = decode(&bytes) else { return Look::Unwanted };
    let Some(grammar) = flux_grammars::detect(&file.path, &text) else { return Look::Unwanted };
    if !is_wanted(grammar, wanted.languages) {
        return Look::Unwanted;
    }
    let name = grammar.name();
    let index = flux_grammars::languages().iter().position(|one| one.name() == name);
    let Some(slot) = index.and_then(|index| patterns.get(index)) else { return Look::Unwanted };
    let pattern = match slot.get_or_init(|| Pattern::new(grammar, wanted.pattern)) {
        Ok(pattern) => pattern,
        Err(error) => return Look::Unread(name, error.clone()),
    };
    match pattern.find(&text, wanted.rewrite) {
        Err(error) => Look::Skipped(file.path.clone(), error.to_string()),
        Ok(found) if found.matches.is_empty() => Look::Searched(name, None),
        Ok(found) => {
            let (path, text) = (file.path.clone(), text.into_owned());
            Look::Searched(name, Some(FoundInFile { path, language: name, text, found }))
        }
    }
}

fn is_wanted(grammar: &Grammar, languages: &[String]) -> bool {
    let name = grammar.name();
    match languages {
        [] => grammar.category() == Category::Code,
        // TSX is TypeScript with its own grammar.
        languages => {
            languages.iter().any(|one| one == name || (one == "typescript" && name == "tsx"))
        }
    }
}

fn read(root: &Path, file: &Listed) -> Result<Vec<u8>, String> {
    if file.stamp.size > MAX_BYTES {
        return Err(format!("larger than {MAX_BYTES} bytes"));
    }
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(root.join(file.path.as_str()));
    let read = opened.and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| error.to_string())
}
