//! One edit of a real file: a comment at its end with a word that nobody else has, taken back
//! afterwards.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use flux_core::RepoPath;
use flux_grammars::Category;

use crate::floor::ListedFile;

/// A file with a line added, until it is [restored](Edit::restore).
pub(crate) struct Edit {
    path: PathBuf,
    before: Vec<u8>,
}

impl Edit {
    /// Adds a comment with `word` to the end of the file at `path`.
    pub(crate) fn append(path: &Path, word: &str) -> anyhow::Result<Self> {
        let cannot = |doing: &str| format!("cannot {doing} {}", path.display());
        let before = fs::read(path).with_context(|| cannot("read"))?;
        let mut after = before.clone();
        if !after.ends_with(b"\n") {
            after.push(b'\n');
        }
        let line = format!("{} {word}\n", comment_mark(path));
        after.extend_from_slice(line.as_bytes());
        fs::write(path, after).with_context(|| cannot("write"))?;
        Ok(Self { path: path.to_owned(), before })
    }

    /// Writes the file as it was.
    pub(crate) fn restore(self) -> anyhow::Result<()> {
        let Self { path, before } = self;
        fs::write(&path, before).with_context(|| format!("cannot restore {}", path.display()))
    }
}

fn comment_mark(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("py" | "pyi" | "rb" | "sh" | "bash" | "ex" | "exs") => "#",
        Some("hs" | "lua" | "sql") => "--",
        _ => "//",
    }
}

/// `count` programs among `files`, from the middle of their sizes to near the largest: what is
/// edited is rarely a stub.
pub(crate) fn typical_programs(
    root: &Path,
    files: &[ListedFile],
    skipped: &[&str],
    count: usize,
) -> Vec<PathBuf> {
    let mut programs: Vec<&ListedFile> =
        files.iter().filter(|f| is_program(root, f, skipped)).collect();
    programs.sort_by_key(|file| (file.bytes, &file.path));
    let upper = &programs[programs.len() / 2..programs.len() - programs.len() / 20];
    let step = |index: usize| index * upper.len() / count.max(1);
    (0..count).filter_map(|index| upper.get(step(index))).map(|file| file.path.clone()).collect()
}

fn is_program(root: &Path, file: &ListedFile, skipped: &[&str]) -> bool {
    let Some(path) = file.path.strip_prefix(root).ok().and_then(Path::to_str) else { return false };
    let grammar = flux_grammars::detect(&RepoPath::new(path), "");
    grammar.is_some_and(|grammar| grammar.category() == Category::Code) && !skipped.contains(&path)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Edit, ListedFile, typical_programs};

    #[test]
    fn an_edit_adds_one_comment_and_takes_it_back() {
        let folder = tempfile::tempdir().unwrap();
        for (name, before, after) in [
            ("a.rs", "fn a() {}\n", "fn a() {}\n// word\n"),
            ("a.py", "a = 1", "a = 1\n# word\n"),
            ("a.lua", "", "\n-- word\n"),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, before).unwrap();
            let edit = Edit::append(&path, "word").unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), after, "{name}");
            edit.restore().unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), before, "{name}");
        }
    }

    #[test]
    fn typical_programs_are_neither_data_nor_skipped_nor_small() {
        let root = Path::new("r");
        let file = |name: String, bytes| ListedFile { path: root.join(name), bytes };
        let mut files: Vec<_> = (0..20).map(|i| file(format!("{i}.rs"), i)).collect();
        files.push(file("data.json".into(), 15));
        let chosen = typical_programs(root, &files, &["12.rs"], 3);
        let names: Vec<_> =
            chosen.iter().map(|p| p.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["9.rs", "13.rs", "16.rs"]);
    }

    #[test]
    fn a_tree_without_programs_gives_none() {
        assert!(typical_programs(Path::new("r"), &[], &[], 3).is_empty());
    }
}
