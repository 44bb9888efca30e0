//! Copies of repositories that measure, which no model may see before it is measured on them.
//!
//! A text is a copy when its two longest lines both stand in such a repository. Lines that three
//! of these repositories share (licences, banners) tell nothing and do not count.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rustc_hash::FxHashMap;

use super::pair::hash;

/// Shorter lines, trimmed and in bytes, occur everywhere.
const MIN_LINE: usize = 30;
/// Larger files, in bytes, are data.
const MAX_FILE: u64 = 2 << 20;
/// Lines that this many repositories hold are nobody's.
const COMMON: u8 = 3;

/// The long lines of repositories that measure.
#[derive(Debug, Default)]
pub(crate) struct KnownLines {
    lines: FxHashMap<u64, Holders>,
}

#[derive(Clone, Copy, Debug)]
struct Holders {
    last: u8,
    count: u8,
}

impl KnownLines {
    /// Reads every file below each of the folders in each of `corpora`, a repository each.
    pub(crate) fn read(corpora: &[PathBuf]) -> anyhow::Result<Self> {
        let mut known = Self::default();
        let mut number: u8 = 0;
        for corpus in corpora {
            for folder in entries(corpus)? {
                known.read_below(&folder, number)?;
                // More than 255 repositories would only blur the count of those that share a line.
                number = number.wrapping_add(1);
            }
        }
        Ok(known)
    }

    /// Number of distinct long lines.
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether the two longest lines of `text` stand in one of these repositories.
    pub(crate) fn holds(&self, text: &str) -> bool {
        let mut lines: Vec<&str> = long_lines(text).filter(|line| !self.is_common(line)).collect();
        lines.sort_by(|one, other| other.len().cmp(&one.len()).then(one.cmp(other)));
        lines.dedup();
        lines.len() >= 2 && lines[..2].iter().all(|line| self.lines.contains_key(&hash(&[line])))
    }

    fn is_common(&self, line: &str) -> bool {
        self.lines.get(&hash(&[line])).is_some_and(|holders| holders.count >= COMMON)
    }

    fn read_below(&mut self, path: &Path, number: u8) -> anyhow::Result<()> {
        let metadata = fs::symlink_metadata(path)?;
        if metadata.is_dir() && path.file_name().is_some_and(|name| name != ".git") {
            for entry in entries(path)? {
                self.read_below(&entry, number)?;
            }
        } else if metadata.is_file() && metadata.len() <= MAX_FILE {
            let bytes = fs::read(path).with_context(|| path.display().to_string())?;
            if let Ok(text) = std::str::from_utf8(&bytes) {
                self.add(text, number);
            }
        }
        Ok(())
    }

    fn add(&mut self, text: &str, number: u8) {
        for line in long_lines(text) {
            let first = Holders { last: number, count: 1 };
            let holders = self.lines.entry(hash(&[line])).or_insert(first);
            if holders.last != number {
                *holders = Holders { last: number, count: holders.count.saturating_add(1) };
            }
        }
    }
}

fn long_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| line.len() >= MIN_LINE)
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths: Vec<PathBuf> =
        listed.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::KnownLines;

    const LICENCE: &str = "// Permission is granted to everybody, whoever they may be.\n";
    const CODE: &str = "let answer = compute_the_answer(question, &mut patience);\n\
                        let doubt = question.words().filter(is_unclear).count();\n";

    fn known() -> KnownLines {
        let mut known = KnownLines::default();
        for number in 0..3 {
            known.add(LICENCE, number);
        }
        known.add(CODE, 1);
        known
    }

    #[test]
    fn a_copy_is_known_by_its_two_longest_lines() {
        assert!(known().holds(&format!("fn f() {{\n    {CODE}}}\n")));
        let longer = "let something_else = of_our_own(with, many, more, words, than, the, copy);\n";
        assert!(!known().holds(&format!("{CODE}{longer}")));
    }

    #[test]
    fn licences_and_short_lines_are_nobodys() {
        assert!(!known().holds(LICENCE));
        assert!(known().holds(&format!("{LICENCE}{CODE}")));
        assert!(!known().holds("fn main() {}\nreturn x;\n"));
    }
}
