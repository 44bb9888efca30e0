//! The places that an answer names, held against the tree: whoever reads it can go there.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use flux_core::RepoPath;
use flux_engine::repository::head_commit;
use regex::Regex;

use crate::edit::path::checked_path;
use crate::tools::Bench;
use crate::tools::git::looking;

/// The places that an answer names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Citations {
    /// Those that are there, in the order in which they are named.
    pub found: Vec<Cited>,
    /// Those that are not, with the reason.
    pub missing: Vec<(Cited, String)>,
    /// The commit that is checked out, if the tree is one of git.
    pub revision: Option<String>,
    /// Files among them that are not as in that commit.
    pub changed: BTreeSet<String>,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cited {
    /// The file, relative to the root.
    pub path: String,
    /// The first line, 1-based.
    pub first: u32,
    /// The last.
    pub last: u32,
}

impl std::fmt::Display for Cited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, first, last } = self;
        match first == last {
            true => write!(f, "{path}:{first}"),
            false => write!(f, "{path}:{first}-{last}"),
        }
    }
}

/// `path:12`, `path:12-20`, `path#L12-L20`. An end of a file's name keeps times of day apart.
static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(\.?[\w@+~-][\w@+~./\[\]-]*\.[A-Za-z]\w*)(?::|#L)(\d{1,7})(?:[-–](?:L)?(\d{1,7}))?",
    )
    .ok()
});

/// Places that are looked at; an answer with more is a listing.
const MOST: usize = 200;

impl Citations {
    /// The places that `answer` names.
    pub fn of(bench: &Bench<'_>, answer: &str) -> Self {
        let mut citations = Self::default();
        for cited in named(answer).into_iter().take(MOST) {
            match missing(bench, &cited) {
                None => citations.found.push(cited),
                Some(why) => citations.missing.push((cited, why)),
            }
        }
        if !citations.found.is_empty() {
            citations.revision = head_commit(&bench.tree.root);
            citations.changed = changed(bench, &citations);
        }
        citations
    }

    /// Whether no place was named.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty() && self.missing.is_empty()
    }

    /// On a line each: what is there, and what is not.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.found.is_empty() {
            let shown = |cited: &Cited| match self.changed.contains(&cited.path) {
                true => format!("{cited} (changed since)"),
                false => cited.to_string(),
            };
            let found: Vec<String> = self.found.iter().map(shown).collect();
            let at = match &self.revision {
                Some(revision) => format!(" at {}", revision.get(..12).unwrap_or(revision)),
                None => String::new(),
            };
            lines.push(format!("sources{at}: {}", found.join(", ")));
        }
        lines.extend(self.missing.iter().map(|(cited, why)| format!("not there: {cited} ({why})")));
        lines
    }
}

/// The places in a text, each once.
fn named(answer: &str) -> Vec<Cited> {
    let Some(place) = &*PLACE else { return Vec::new() };
    let mut places: Vec<Cited> = Vec::new();
    for found in place.captures_iter(answer) {
        let number = |at: usize| found.get(at).and_then(|text| text.as_str().parse::<u32>().ok());
        let (Some(path), Some(first)) = (found.get(1), number(2)) else { continue };
        // What follows a scheme is an address: `http://host.org:8080`.
        if answer[..path.start()].ends_with("//") {
            continue;
        }
        let path = path.as_str().trim_start_matches("./").to_owned();
        let cited = Cited { path, first, last: number(3).unwrap_or(first).max(first) };
        if !places.contains(&cited) {
            places.push(cited);
        }
    }
    places
}

fn missing(bench: &Bench<'_>, cited: &Cited) -> Option<String> {
    let path: RepoPath = match checked_path(&cited.path) {
        Ok(path) => path,
        Err(fault) => return Some(fault.to_string()),
    };
    let content = match bench.tree.read(&path) {
        Ok(Some(content)) => content,
        Ok(None) => return Some("there is no such file".to_owned()),
        Err(reason) => return Some(reason.to_string()),
    };
    let lines = String::from_utf8_lossy(&content.bytes).lines().count();
    let is_there = cited.first >= 1 && (cited.last as usize) <= lines;
    (!is_there).then(|| format!("the file has {lines} lines"))
}

/// Files among the places that git finds changed. Where it cannot be asked none is said to be.
fn changed(bench: &Bench<'_>, citations: &Citations) -> BTreeSet<String> {
    let paths: BTreeSet<&str> = citations.found.iter().map(|cited| cited.path.as_str()).collect();
    let mut words = vec!["status", "--porcelain", "--no-renames", "-z", "--"];
    words.extend(&paths);
    let Ok(ended) = looking(bench, &words).run(bench, 1 << 16) else {
        return BTreeSet::new();
    };
    let entries = ended.output.split('\0').filter(|_| ended.is_success);
    entries.filter_map(|entry| entry.get(3..)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::named;

    fn places(text: &str) -> Vec<String> {
        named(text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn places_are_read_as_models_write_them() {
        let text = "See `src/a.rs:10-20`, ./b.py:3 and (c/d.test.ts#L5-L7); src/a.rs:10–20 again.";
        assert_eq!(places(text), ["src/a.rs:10-20", "b.py:3", "c/d.test.ts:5-7"]);
        let text = "`.github/workflows/ci.yml:10` and app/[id]/page.tsx:3";
        assert_eq!(places(text), [".github/workflows/ci.yml:10", "app/[id]/page.tsx:3"]);
    }

    #[test]
    fn times_addresses_and_versions_are_no_places() {
        for text in ["at 10:30", "http://example.org:8080/x", "1.2.3:4", "Store::open", "a:1"] {
            assert_eq!(places(text), [""; 0], "{text}");
        }
    }
}
