//! Structural search: a piece of code with holes, looked for in the tree as it is now. It needs no
//! index.

use flux_core::Cancel;
pub use flux_indexer::structural::{Capture, Found, FoundInFile, Match};
use flux_indexer::structural::{FoundInTree, PatternError, PatternText, Wanted, find};
use flux_query::filter::PathFilter;

use crate::error::EngineError;
use crate::workspace::Workspace;

/// A structural search.
#[derive(Clone, Debug, Default)]
pub struct StructuralRequest {
    /// The pattern.
    pub pattern: String,
    /// What comes instead of each match.
    pub rewrite: Option<String>,
    /// Names of languages; empty for all languages of programs in which the pattern parses.
    pub languages: Vec<String>,
    /// Globs, folders or files, as in [`flux_query::Filter`].
    pub paths: Vec<String>,
    /// Whether hidden files are looked into, too.
    pub is_hidden_wanted: bool,
}

/// What a structural search found.
#[derive(Debug)]
pub struct StructuralReply {
    /// Files with matches, by path.
    pub files: Vec<FoundInFile>,
    /// How many files were looked into.
    pub searched: usize,
    /// What could not be looked into, in lines.
    pub notes: Vec<String>,
}

/// Names of skipped files that are listed one by one.
const SHOWN_SKIPPED: usize = 5;

impl Workspace {
    /// Looks for a pattern. A text that is no pattern in any language of the tree is an error.
    pub fn structural(
        &self,
        request: &StructuralRequest,
        cancel: &Cancel,
    ) -> Result<StructuralReply, EngineError> {
        let pattern = PatternText::parse(&request.pattern)?;
        let rewrite = request.rewrite.as_deref().map(|text| pattern.rewrite(text)).transpose()?;
        for language in &request.languages {
            let known = flux_indexer::structural::languages();
            if !known.contains(&language.as_str()) {
                let (language, known) = (language.clone(), known.join(", "));
                return Err(flux_query::QueryError::Language { language, known }.into());
            }
        }
        let paths = PathFilter::new(&request.paths)?;
        let wanted = Wanted {
            pattern: &pattern,
            rewrite: rewrite.as_ref(),
            languages: &request.languages,
            admits: &|path| paths.admits(path),
            is_hidden_wanted: request.is_hidden_wanted,
        };
        let found = find(self.root(), &wanted, cancel)?;
        if let Some(error) = found.unread.values().next().filter(|_| found.searched.is_empty()) {
            return Err(worst(&found, error).into());
        }
        let notes = notes(&found);
        Ok(StructuralReply { searched: found.searched.values().sum(), notes, files: found.files })
    }
}

/// What to say of a pattern that no language reads: the reason that says most.
fn worst(found: &FoundInTree, first: &PatternError) -> PatternError {
    let is_telling = |error: &&PatternError| {
        !matches!(error, PatternError::NoParse { .. } | PatternError::Unsupported(_))
    };
    found.unread.values().find(is_telling).unwrap_or(first).clone()
}

fn notes(found: &FoundInTree) -> Vec<String> {
    let mut notes = Vec::new();
    if !found.unread.is_empty() {
        let languages: Vec<&str> = found.unread.keys().copied().collect();
        notes.push(format!("no pattern in {}, not looked into", languages.join(", ")));
    }
    for (path, reason) in found.skipped.iter().take(SHOWN_SKIPPED) {
        notes.push(format!("not looked into: {path}: {reason}"));
    }
    if found.skipped.len() > SHOWN_SKIPPED {
        notes.push(format!("and {} more files", found.skipped.len() - SHOWN_SKIPPED));
    }
    let inside: usize = found.files.iter().map(|file| file.found.inside).sum();
    if inside > 0 {
        notes.push(format!("{inside} matches lie within others and wait for the next run"));
    }
    let matches = found.files.iter().flat_map(|file| &file.found.matches);
    let lost: usize = matches.map(|one| one.lost_comments).sum();
    if lost > 0 {
        notes.push(format!("{lost} comments between holes are dropped"));
    }
    notes
}
