//! Paths as the index sees them: relative to the root, UTF-8, separated by `/`.
//!
//! A file whose name is not UTF-8 has no [`RepoPath`]; the indexer lists it as skipped.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A path relative to the indexed root, UTF-8, separated by `/`, never empty, never starting
/// with `/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RepoPath(Box<str>);

impl RepoPath {
    /// Takes a relative path as text; backslashes are left alone because they are legal in names.
    pub fn new(path: impl Into<Box<str>>) -> Self {
        Self(path.into())
    }

    /// The whole path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the last `/`.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The file name up to its last dot; the whole name when it has none or starts with it.
    pub fn stem(&self) -> &str {
        match self.file_name().rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => self.file_name(),
        }
    }

    /// The part after the last dot of the file name, without the dot.
    pub fn extension(&self) -> Option<&str> {
        let (stem, extension) = self.file_name().rsplit_once('.')?;
        (!stem.is_empty()).then_some(extension)
    }

    /// The path up to the last `/`, empty for a file at the root.
    pub fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    /// What the file is called as a module: its name up to the first dot. `None` for a file that
    /// stands for its folder, as `__init__.py`, `mod.rs`, `lib.rs` and `index.ts` do.
    pub fn module_name(&self) -> Option<&str> {
        let name = self.file_name();
        let stem = name.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or(name);
        let is_folder = matches!(
            (stem, self.extension()),
            ("__init__" | "index", _) | ("mod" | "lib" | "main", Some("rs")) | ("main", Some("go"))
        );
        (!is_folder).then_some(stem)
    }

    /// Whether a component starts with a dot, as ripgrep decides what is hidden.
    pub fn is_hidden(&self) -> bool {
        self.0.split('/').any(|part| part.starts_with('.'))
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::RepoPath;

    #[test]
    fn a_dot_file_has_a_stem_and_no_extension() {
        let path = RepoPath::new("src/.env");
        assert_eq!((path.stem(), path.extension()), (".env", None));
    }

    #[test]
    fn a_path_falls_apart_into_parent_stem_and_extension() {
        let path = RepoPath::new("a/b.c/d.tar.gz");
        assert_eq!((path.parent(), path.stem(), path.extension()), ("a/b.c", "d.tar", Some("gz")));
    }

    #[test]
    fn a_file_that_stands_for_its_folder_has_no_name_as_a_module() {
        for path in ["a/__init__.py", "src/lib.rs", "a/mod.rs", "src/main.rs", "ui/index.test.ts"] {
            assert_eq!(RepoPath::new(path).module_name(), None, "{path}");
        }
        for (path, name) in [("a/main.py", "main"), ("lib.py", "lib"), ("a/b.test.ts", "b")] {
            assert_eq!(RepoPath::new(path).module_name(), Some(name), "{path}");
        }
    }

    #[test]
    fn a_file_below_a_dot_folder_is_hidden() {
        assert!(RepoPath::new(".github/workflows/ci.yml").is_hidden());
        assert!(!RepoPath::new("src/a.b.rs").is_hidden());
    }
}
