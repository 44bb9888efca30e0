//! How paths are shown: as names that work from where the user stands, as ripgrep shows them.
//!
//! What was typed stays in front (`../lib/a.rs`, `./a.rs`), and without a path the names are
//! relative to the current folder. JSON keeps paths relative to the root, and names the root.

use std::path::{Path, PathBuf};

use flux_core::RepoPath;

/// What was typed, and the folder or file of the tree that it means.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    typed: PathBuf,
    inside: PathBuf,
}

impl Shown {
    /// Adds a place: `inside` the tree, written as `typed`, which is empty for the current folder.
    pub(crate) fn add(&mut self, typed: &Path, inside: &Path) {
        self.places.push(Place { typed: typed.to_owned(), inside: inside.to_owned() });
    }

    /// The name of a file of the tree. One outside every place keeps its path from the root.
    pub(crate) fn path(&self, path: &RepoPath) -> String {
        let below = |place: &Place| {
            let rest = Path::new(path.as_str()).strip_prefix(&place.inside).ok()?;
            let is_file_itself = rest.as_os_str().is_empty();
            let shown = if is_file_itself { place.typed.clone() } else { place.typed.join(rest) };
            Some(shown.to_string_lossy().into_owned())
        };
        self.places.iter().find_map(below).unwrap_or_else(|| path.as_str().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use flux_core::RepoPath;

    use super::Shown;

    #[track_caller]
    fn check(typed: &str, inside: &str, path: &str, expected: &str) {
        let mut shown = Shown::default();
        shown.add(Path::new(typed), Path::new(inside));
        assert_eq!(shown.path(&RepoPath::new(path)), expected);
    }

    #[test]
    fn names_start_with_what_was_typed() {
        check("", "", "src/a.rs", "src/a.rs");
        check("", "src", "src/a.rs", "a.rs");
        check(".", "src", "src/a.rs", "./a.rs");
        check("../lib", "lib", "lib/sub/b.rs", "../lib/sub/b.rs");
        check("lib/", "lib", "lib/b.rs", "lib/b.rs");
        check("b.rs", "lib/b.rs", "lib/b.rs", "b.rs");
        check("/r", "", "lib/b.rs", "/r/lib/b.rs");
    }

    #[test]
    fn a_folder_is_no_prefix_of_its_namesake() {
        check("x", "lib", "library/b.rs", "library/b.rs");
    }
}
