//! Structural search: a piece of code with holes, looked for in the tree as it is now. It needs no
//! index.

use flux_core::{Cancel, RepoPath};
pub use flux_indexer::structural::{Capture, Found, FoundInFile, FoundInTree, Match, PatternError};
use flux_indexer::structural::{PatternText, Wanted, find, languages};
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
    /// Folder or file within the tree that is looked into; empty for all.
    pub inside: String,
    /// Whether hidden files are looked into, too.
    pub is_hidden_wanted: bool,
}

impl Workspace {
    /// Looks for a pattern. A text that is no pattern in any language of the tree is an error.
    pub fn structural(
        &self,
        request: &StructuralRequest,
        cancel: &Cancel,
    ) -> Result<FoundInTree, EngineError> {
        let pattern = PatternText::parse(&request.pattern)?;
        let rewrite = request.rewrite.as_deref().map(|text| pattern.rewrite(text)).transpose()?;
        for language in &request.languages {
            let known = languages();
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
            admits: &|path| is_inside(path, &request.inside) && paths.admits(path),
            is_hidden_wanted: request.is_hidden_wanted,
        };
        let found = find(self.root(), &wanted, cancel)?;
        match worst(&found).filter(|_| found.searched.is_empty()) {
            Some(error) => Err(error.into()),
            None => Ok(found),
        }
    }
}

fn is_inside(path: &RepoPath, folder: &str) -> bool {
    let rest = path.as_str().strip_prefix(folder.trim_end_matches('/'));
    folder.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What to say of a pattern that no language reads: the reason that says most, in the language of
/// the most files.
fn worst(found: &FoundInTree) -> Option<PatternError> {
    let weight = |(error, files): &&(PatternError, usize)| {
        let says_little =
            matches!(error, PatternError::NoParse { .. } | PatternError::Unsupported(_));
        (!says_little, *files)
    };
    found.unread.values().max_by_key(weight).map(|(error, _)| error.clone())
}
