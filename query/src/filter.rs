//! Filters: exact conditions on files and symbols.

use flux_core::{FileClass, RepoPath, SymbolKind};
use flux_store::{FileEntry, View};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::error::QueryError;

/// Which files and symbols a search may return.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Names of languages; empty for all.
    pub languages: Vec<String>,
    /// Globs, folders or files relative to the root; empty for all. One that starts with `!`
    /// leaves out what it matches.
    pub paths: Vec<String>,
    /// Kinds of symbols; empty for all, and for lines outside symbols.
    pub kinds: Vec<SymbolKind>,
    /// Tests.
    pub tests: Tests,
    /// Whether literal and regex search look into hidden files, which ripgrep leaves out.
    pub hidden: bool,
}

/// Which files count by being tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tests {
    /// All, tests ranked lower.
    #[default]
    Ranked,
    /// Tests only.
    Only,
    /// No tests.
    Never,
}

/// A filter made ready for one view.
pub(crate) struct FileFilter<'a> {
    view: &'a View,
    languages: &'a [String],
    paths: PathFilter,
    pub(crate) tests: Tests,
}

impl<'a> FileFilter<'a> {
    /// Compiles the globs and checks that the languages exist.
    pub(crate) fn new(filter: &'a Filter, view: &'a View) -> Result<Self, QueryError> {
        for language in &filter.languages {
            if !view.languages().iter().any(|known| is_language(language, known.as_str())) {
                let known: Vec<_> = view.languages().iter().map(|known| known.as_str()).collect();
                return Err(QueryError::Language {
                    language: language.clone(),
                    known: known.join(", "),
                });
            }
        }
        let paths = PathFilter::new(&filter.paths)?;
        Ok(Self { view, languages: &filter.languages, paths, tests: filter.tests })
    }

    /// Whether something in a file may be returned. Whether it is a test is asked later: a file
    /// of source can hold tests, too.
    pub(crate) fn admits(&self, entry: &FileEntry) -> bool {
        let language = self.view.language(entry).as_str();
        let is_out = self.tests == Tests::Never && entry.class().has(FileClass::TEST);
        (self.languages.is_empty()
            || self.languages.iter().any(|wanted| is_language(wanted, language)))
            && !is_out
            && self.paths.admits(&entry.path)
    }

    /// Whether something of this class may be returned.
    pub(crate) fn admits_class(&self, class: FileClass) -> bool {
        match self.tests {
            Tests::Ranked => true,
            Tests::Only => class.has(FileClass::TEST),
            Tests::Never => !class.has(FileClass::TEST),
        }
    }
}

/// Which files count by their paths.
#[derive(Clone, Debug)]
pub struct PathFilter {
    included: Option<GlobSet>,
    excluded: GlobSet,
}

impl PathFilter {
    /// Compiles globs, folders and files as [`Filter::paths`] has them.
    pub fn new(paths: &[String]) -> Result<Self, QueryError> {
        let (excluded, included): (Vec<&str>, Vec<&str>) =
            paths.iter().map(String::as_str).partition(|glob| glob.starts_with('!'));
        let included = (!included.is_empty()).then(|| globs(&included)).transpose()?;
        let excluded: Vec<&str> = excluded.iter().map(|glob| &glob[1..]).collect();
        Ok(Self { included, excluded: globs(&excluded)? })
    }

    /// Whether a file counts.
    pub fn admits(&self, path: &RepoPath) -> bool {
        self.included.as_ref().is_none_or(|globs| globs.is_match(path.as_str()))
            && !self.excluded.is_match(path.as_str())
    }
}

/// Whether files in `language` are wanted by who asks for `wanted`. TSX is TypeScript with its
/// own grammar.
fn is_language(wanted: &str, language: &str) -> bool {
    wanted == language || (wanted == "typescript" && language == "tsx")
}

/// A pattern without `/` matches file names anywhere; a folder matches what lies below it.
fn globs(patterns: &[&str]) -> Result<GlobSet, QueryError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let trimmed = pattern.trim_start_matches("./").trim_end_matches('/');
        if trimmed.is_empty() || trimmed == "." {
            add(&mut set, pattern, "**")?;
            continue;
        }
        let anchored = match trimmed.strip_prefix('/') {
            Some(rest) => rest.to_owned(),
            None if trimmed.contains('/') => trimmed.to_owned(),
            None => format!("**/{trimmed}"),
        };
        add(&mut set, pattern, &anchored)?;
        add(&mut set, pattern, &format!("{anchored}/**"))?;
    }
    set.build().map_err(|error| QueryError::Glob {
        glob: patterns.join(", "),
        reason: error.kind().to_string(),
    })
}

fn add(set: &mut GlobSetBuilder, typed: &str, glob: &str) -> Result<(), QueryError> {
    let glob = GlobBuilder::new(glob).literal_separator(true).build();
    set.add(glob.map_err(|error| QueryError::Glob {
        glob: typed.to_owned(),
        reason: error.kind().to_string(),
    })?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::globs;

    #[track_caller]
    fn check(pattern: &str, path: &str, expected: bool) {
        assert_eq!(globs(&[pattern]).unwrap().is_match(path), expected, "{pattern} on {path}");
    }

    #[test]
    fn a_folder_matches_what_lies_below_it() {
        check("src", "src/a/b.rs", true);
        check("src/", "src/a.rs", true);
        check("src/a", "src/ab.rs", false);
        check(".", "anything/at.all", true);
    }

    #[test]
    fn a_name_matches_at_any_depth_and_a_star_stays_within_a_folder() {
        check("*.rs", "a/b/c.rs", true);
        check("src/*.rs", "src/a/b.rs", false);
        check("src/**/*.rs", "src/a/b.rs", true);
        check("/src", "lib/src/a.rs", false);
    }
}
