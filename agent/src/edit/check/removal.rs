//! Definitions that go, or whose file goes elsewhere, and who still refers to them.
//!
//! The graph says who referred to them before the edit. A reference is taken care of if its text
//! goes too, or if the plan gives its file another way to the name.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use flux_core::{EdgeKind, RepoPath, Symbol};
use flux_engine::Site;
use flux_engine::syntax::Syntax;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Accept, Parsed, References, definitions};
use crate::edit::refusal::{Candidate, Reason, Refusal};

/// A definition that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its file.
    pub path: RepoPath,
    /// Its name within the file.
    pub name: String,
    /// Its line, 1-based.
    pub line: u32,
    /// Places that refer to it and stay.
    pub sites: Vec<Candidate>,
}

impl Removed {
    /// What is wrong with it, if something is.
    pub(super) fn finding(&self) -> Option<(Accept, Refusal)> {
        if self.sites.is_empty() {
            return None;
        }
        let reason = Reason::StillReferenced { name: self.name.clone(), sites: self.sites.clone() };
        Some((Accept::Removals, reason.at(None, self.path.as_str())))
    }
}

/// All definitions that go.
pub(super) fn removed(
    files: &[Parsed<'_>],
    references: &dyn References,
    notes: &mut Vec<String>,
) -> Vec<Removed> {
    let edits: BTreeMap<&RepoPath, Edited<'_>> =
        files.iter().map(|parsed| (parsed.file.source(), Edited::of(parsed))).collect();
    let mut removed = Vec::new();
    for parsed in files {
        for symbol in gone(parsed) {
            let (path, name) = (parsed.file.source(), symbol.qualified_name());
            let sites = match references.references_to(path, &name) {
                Ok(sites) => sites.unwrap_or_default(),
                Err(note) => {
                    let note = format!("references were not looked up: {note}");
                    if !notes.contains(&note) {
                        notes.push(note);
                    }
                    Vec::new()
                }
            };
            let sites = staying(parsed, symbol, sites, &edits);
            let line = symbol.lines.start;
            removed.push(Removed { path: path.clone(), name, line, sites });
        }
    }
    removed
}

/// The definitions of a file that are not there afterwards under the same name, or not in the same
/// place of the tree.
fn gone<'a>(parsed: &'a Parsed<'_>) -> Vec<&'a Symbol> {
    let Some(before) = &parsed.before else { return Vec::new() };
    let is_elsewhere =
        parsed.file.from.as_ref().is_some_and(|from| module(from) != module(&parsed.file.path));
    let after = parsed.after.as_ref().filter(|_| !is_elsewhere);
    let kept: BTreeSet<String> =
        after.iter().flat_map(|syntax| definitions(syntax)).map(Symbol::qualified_name).collect();
    let mut seen = BTreeSet::new();
    definitions(before)
        .filter(|symbol| !kept.contains(&symbol.qualified_name()))
        .filter(|symbol| !after.is_some_and(|syntax| is_imported(syntax, &symbol.name)))
        .filter(|symbol| seen.insert(symbol.qualified_name()))
        .collect()
}

/// What a path is called in languages where a folder stands for a file in it.
fn module(path: &RepoPath) -> &str {
    let stem = path.as_str().rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem);
    let folder = ["/mod", "/__init__", "/index"].iter().find_map(|end| stem.strip_suffix(end));
    folder.unwrap_or(stem)
}

fn is_imported(syntax: &Syntax, name: &str) -> bool {
    let is_it = |import: &flux_core::Import| &*import.alias == name || &*import.name == name;
    syntax.imports.iter().any(is_it)
}

/// What the plan does to a file that refers to something.
struct Edited<'a> {
    parsed: &'a Parsed<'a>,
    /// Made when somebody asks: most files hold no reference that matters.
    ops: OnceCell<Vec<DiffOp>>,
}

impl<'a> Edited<'a> {
    fn of(parsed: &'a Parsed<'a>) -> Self {
        Self { parsed, ops: OnceCell::new() }
    }

    /// What becomes of a line, 1-based.
    fn op(&self, line: u32) -> Option<&DiffOp> {
        let ops = self.ops.get_or_init(|| {
            let (old, new) = (self.parsed.file.old_text(), self.parsed.file.new_text());
            let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
            capture_diff_slices(Algorithm::Myers, &old, &new)
        });
        let line = (line as usize).saturating_sub(1);
        ops.iter().find(|op| op.old_range().contains(&line))
    }

    fn is_same_line(&self, line: u32) -> bool {
        self.op(line).is_some_and(|op| matches!(op, DiffOp::Equal { .. }))
    }

    /// Whether what refers to `name` on a line stays there.
    fn keeps(&self, line: u32, name: &str) -> bool {
        let Some(op) = self.op(line) else { return false };
        let range = op.new_range();
        let mut lines = self.parsed.file.new_text().lines().skip(range.start).take(range.len());
        matches!(op, DiffOp::Equal { .. }) || lines.any(|line| has_word(line, name))
    }

    /// Whether its new text has the name from elsewhere.
    fn binds(&self, name: &str) -> bool {
        self.parsed.after.as_ref().is_some_and(|syntax| {
            is_imported(syntax, name) || definitions(syntax).any(|symbol| &*symbol.name == name)
        })
    }
}

/// The references that the plan leaves without their definition.
fn staying(
    parsed: &Parsed<'_>,
    symbol: &Symbol,
    sites: Vec<Site>,
    edits: &BTreeMap<&RepoPath, Edited<'_>>,
) -> Vec<Candidate> {
    let name = &*symbol.name;
    let is_moved = parsed.file.from.is_some() && parsed.after.is_some();
    let rebound: BTreeSet<&RepoPath> = edits
        .iter()
        .filter(|(path, edited)| {
            let is_import = |site: &&Site| site.kind == EdgeKind::Imports && site.path == ***path;
            let mut imports = sites.iter().filter(is_import).peekable();
            imports.peek().is_some()
                && imports.any(|site| !edited.is_same_line(site.line))
                && edited.binds(name)
        })
        .map(|(path, _)| *path)
        .collect();
    let is_left = |site: &&Site| match edits.get(&site.path) {
        None => true,
        Some(_) if is_moved && site.path == *parsed.file.source() => false,
        Some(edited) => !rebound.contains(&site.path) && edited.keeps(site.line, name),
    };
    let shown = |site: &Site| Candidate {
        path: site.path.to_string(),
        line: site.line,
        text: edits.get(&site.path).map_or_else(
            || format!("{} ({})", site.kind.as_str(), site.tier.as_str()),
            |edited| {
                let old = edited.parsed.file.old_text();
                let line = old.lines().nth((site.line as usize).saturating_sub(1));
                line.map_or_else(String::new, |line| line.trim().to_owned())
            },
        ),
    };
    let mut left: Vec<Candidate> = sites.iter().filter(is_left).map(shown).collect();
    left.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    left.dedup_by(|a, b| (&a.path, a.line) == (&b.path, b.line));
    left
}

fn has_word(line: &str, name: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(name).any(|(at, _)| {
        !line[..at].ends_with(is_letter) && !line[at + name.len()..].starts_with(is_letter)
    })
}
