//! `edit`, `write_file`, `delete_file` and `move_file`: the edits of a turn are one transaction.
//!
//! Beyond what every edit is checked for, a model's edits are held to what models get wrong: a file
//! is read at its current state first, and an edit is as small as what it changes.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::time::Duration;

use flux_core::{RepoPath, Symbol, SymbolKind};
use flux_engine::syntax::Syntax;
use flux_engine::{RefreshLimit, Site, Snapshot};
use serde::Deserialize;
use similar::{ChangeTag, TextDiff};

use super::access::{Access, Paths};
use super::bench::{Bench, Done};
use super::seen::Sight;
use crate::edit::apply::files::Disk;
use crate::edit::check::definitions;
use crate::edit::path::checked_path;
use crate::edit::script::{Action, Operation, Which};
use crate::edit::text::SourceText;
use crate::edit::{
    About, Accept, Checked, EditPlan, EditScript, FileEdit, Indexed, Journal, Kind, Receipt,
    References, Refusal, Refused, Symbols,
};

/// How long an edit waits for another process that edits the tree.
const PATIENCE: Duration = Duration::from_secs(10);
/// An edit whose old text is shorter is small enough, whatever it changes of it.
const SMALL_LINES: usize = 30;
/// The least share of a long old text that an edit changes, as one in so many lines.
const LEAST_SHARE: usize = 4;
/// Lines that an edit may take away on balance without saying that it means to.
const GONE_LINES: usize = 30;

/// Arguments of `edit`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Replace {
    path: String,
    old: String,
    new: String,
    #[serde(default)]
    all: bool,
    #[serde(default)]
    line: Option<u32>,
    #[serde(default)]
    accept: Vec<Accepted>,
}

/// Arguments of `write_file`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Write {
    path: String,
    content: String,
    #[serde(default)]
    accept: Vec<Accepted>,
}

/// Arguments of `delete_file`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delete {
    path: String,
    #[serde(default)]
    accept: Vec<Accepted>,
}

/// Arguments of `move_file`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Move {
    from: String,
    to: String,
}

/// A finding that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Accepted {
    Syntax,
    Elision,
    Deletion,
    Removals,
}

/// A change that a call asks for.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub(super) action: Action,
    accept: Vec<Accepted>,
}

impl From<Replace> for Edit {
    fn from(asked: Replace) -> Self {
        let Replace { path, old, new, all, line, accept } = asked;
        let which = match (all, line) {
            (true, _) => Which::All,
            (false, Some(line)) => Which::Line(line),
            (false, None) => Which::Only,
        };
        Self { action: Action::Text { path, old, new, which }, accept }
    }
}

impl From<Write> for Edit {
    fn from(asked: Write) -> Self {
        let Write { path, content, accept } = asked;
        Self { action: Action::Write { path, content }, accept }
    }
}

impl From<Delete> for Edit {
    fn from(asked: Delete) -> Self {
        let Delete { path, accept } = asked;
        Self { action: Action::Delete { path, content: None }, accept }
    }
}

impl From<Move> for Edit {
    fn from(asked: Move) -> Self {
        Self { action: Action::Move { from: asked.from, to: asked.to }, accept: Vec::new() }
    }
}

impl Edit {
    /// The same with paths relative to the root.
    pub(super) fn inside(mut self, bench: &Bench<'_>) -> Self {
        match &mut self.action {
            Action::Text { path, .. }
            | Action::Write { path, .. }
            | Action::Delete { path, .. } => {
                *path = bench.path(path);
            }
            Action::Move { from, to } => {
                *from = bench.path(from);
                *to = bench.path(to);
            }
            Action::Lines { .. }
            | Action::Create { .. }
            | Action::Executable { .. }
            | Action::Symbol { .. } => {}
        }
        self
    }

    pub(super) fn access(&self) -> Access {
        Access::writing(Paths::of(self.paths()))
    }

    fn paths(&self) -> Vec<&str> {
        match &self.action {
            Action::Text { path, .. }
            | Action::Write { path, .. }
            | Action::Delete { path, .. } => {
                vec![path]
            }
            Action::Move { from, to } => vec![from, to],
            Action::Lines { .. }
            | Action::Create { .. }
            | Action::Executable { .. }
            | Action::Symbol { .. } => Vec::new(),
        }
    }

    pub(super) fn shown(&self) -> String {
        match &self.action {
            Action::Text { path, .. } => format!("change {path}"),
            Action::Write { path, .. } => format!("write {path}"),
            Action::Delete { path, .. } => format!("delete {path}"),
            Action::Move { from, to } => format!("move {from} to {to}"),
            Action::Lines { .. }
            | Action::Create { .. }
            | Action::Executable { .. }
            | Action::Symbol { .. } => "change a file".to_owned(),
        }
    }

    /// What changes, for a person who is asked: a diff of the texts.
    pub(super) fn detail(&self, bench: &Bench<'_>) -> String {
        let (old, new) = match &self.action {
            Action::Text { old, new, .. } => (old.clone(), new),
            Action::Write { path, content } => (current(bench, path).unwrap_or_default(), content),
            _ => return String::new(),
        };
        let diff = TextDiff::from_lines(&old, new);
        let shown = diff.unified_diff().context_radius(1).to_string();
        shown.lines().filter(|line| !line.starts_with("@@")).collect::<Vec<_>>().join("\n")
    }

    /// What a model gets wrong: editing what it has not read, and more than it changes.
    fn fault(&self, bench: &Bench<'_>) -> Option<String> {
        match &self.action {
            Action::Text { path, old, new, .. } => {
                unread(bench, path).or_else(|| self.too_large(old, new))
            }
            Action::Write { path, .. } | Action::Delete { path, .. } => unread(bench, path),
            Action::Move { from, .. } => unread(bench, from),
            Action::Lines { .. }
            | Action::Create { .. }
            | Action::Executable { .. }
            | Action::Symbol { .. } => None,
        }
    }

    fn too_large(&self, old: &str, new: &str) -> Option<String> {
        if old.is_empty() {
            return Some("`old` is empty: show the text that is to be replaced".to_owned());
        }
        let before = old.lines().count();
        if before < SMALL_LINES {
            return None;
        }
        let diff = TextDiff::from_lines(old, new);
        let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
        let (gone, added) = (count(ChangeTag::Delete), count(ChangeTag::Insert));
        if gone.saturating_sub(added) > GONE_LINES && !self.accept.contains(&Accepted::Deletion) {
            return Some(format!(
                "the edit removes {} lines\nhint: pass \"accept\": [\"deletion\"] if that is meant; \
                 else show only the lines that change",
                gone - added
            ));
        }
        (gone.max(added) * LEAST_SHARE < before).then(|| {
            format!(
                "`old` has {before} lines, of which only {gone} change: the edit is too large\n\
                 hint: show only the lines that change and a line or two around them"
            )
        })
    }
}

/// The text of a file as it is.
fn current(bench: &Bench<'_>, path: &str) -> Option<String> {
    let content = bench.tree.read(&checked_path(path).ok()?).ok()??;
    Some(SourceText::decode(&content.bytes).ok()?.text)
}

/// Why a file that is there may not be edited yet.
fn unread(bench: &Bench<'_>, path: &str) -> Option<String> {
    // What is wrong with a path is found again, and said better, when the plan is made.
    let checked = checked_path(path).ok()?;
    let content = bench.tree.read(&checked).ok()??;
    match bench.seen.of(checked.as_str(), content.hash()) {
        Sight::Current => None,
        Sight::Unread => {
            Some(format!("{path} has not been read in this conversation\nhint: read it first"))
        }
        Sight::Changed => Some(format!("{path} changed since it was read\nhint: read it again")),
    }
}

/// Said of an edit that was fine, in a transaction that was not.
const NOT_APPLIED: &str = "not applied: the edits of one turn are one transaction, and another of \
                           them was refused; nothing was written";

/// Makes the edits, all or none, and says of each what came of it.
pub(super) fn run(bench: &Bench<'_>, edits: &[Edit]) -> Vec<Done> {
    let faults: Vec<Option<String>> = edits.iter().map(|edit| edit.fault(bench)).collect();
    if faults.iter().any(Option::is_some) {
        return told(faults);
    }
    match transaction(bench, edits) {
        Ok((checked, receipt)) => applied(bench, edits, &checked, &receipt),
        Err(Failed::Refused(refused)) => told(by_edit(edits, &refused)),
        Err(Failed::Other(why)) => edits.iter().map(|_| Done::badly(why.clone())).collect(),
    }
}

fn told(faults: Vec<Option<String>>) -> Vec<Done> {
    let one = |fault: Option<String>| match fault {
        Some(fault) => Done::badly(format!("refused, nothing was written: {fault}")),
        None => Done::badly(NOT_APPLIED),
    };
    faults.into_iter().map(one).collect()
}

enum Failed {
    Refused(Refused),
    Other(String),
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

fn transaction(bench: &Bench<'_>, edits: &[Edit]) -> Result<(Checked, Receipt), Failed> {
    let operation = |(at, edit): (usize, &Edit)| Operation {
        line: u32::try_from(at + 1).unwrap_or(u32::MAX),
        action: edit.action.clone(),
    };
    let operations = edits.iter().enumerate().map(operation).collect();
    let script = EditScript { operations };
    let indexed = WhenAsked { bench, snapshot: OnceCell::new() };
    let plan = EditPlan::of_script(&bench.tree, &script, &indexed)?;
    let accept: Vec<Accept> =
        edits.iter().flat_map(|edit| &edit.accept).map(|kind| accepted(*kind)).collect();
    let checked = Checked::check(plan, &indexed, &accept)?;
    let receipt = commit(bench, &checked, title(edits))?;
    Ok((checked, receipt))
}

/// The graph, brought up to date and opened when somebody asks: most edits remove no definition, and
/// need not wait for it.
struct WhenAsked<'a> {
    bench: &'a Bench<'a>,
    snapshot: OnceCell<Option<Snapshot>>,
}

impl WhenAsked<'_> {
    fn indexed(&self) -> Indexed<'_> {
        let Self { bench, snapshot } = self;
        let opened = snapshot.get_or_init(|| {
            let opened = bench.workspace.graph_snapshot(RefreshLimit::A_SECOND, &bench.cancel);
            opened.ok().map(|(snapshot, _)| snapshot)
        });
        Indexed { workspace: bench.workspace, snapshot: opened.as_ref() }
    }
}

impl Symbols for WhenAsked<'_> {
    fn named(&self, name: &str) -> Result<Vec<(RepoPath, String, u32)>, String> {
        self.indexed().named(name)
    }
}

impl References for WhenAsked<'_> {
    fn references_to(&self, path: &RepoPath, name: &str) -> Result<Option<Vec<Site>>, String> {
        self.indexed().references_to(path, name)
    }
}

/// Applies what was checked, through the journal.
pub(super) fn commit_checked(
    bench: &Bench<'_>,
    checked: &Checked,
    title: String,
) -> Result<Receipt, String> {
    commit(bench, checked, title).map_err(|failed| match failed {
        Failed::Refused(refused) => refused.to_string(),
        Failed::Other(why) => why,
    })
}

fn commit(bench: &Bench<'_>, checked: &Checked, title: String) -> Result<Receipt, Failed> {
    use crate::edit::ApplyError;
    let about = About { kind: Kind::Edit, title, now: (bench.clock)() };
    let journal = Journal::open(&bench.tree, &Disk, PATIENCE);
    let applied = journal.and_then(|journal| journal.apply(checked, &about));
    let receipt = applied.map_err(|error| match error {
        ApplyError::Refused(refused) => Failed::Refused(refused),
        error => Failed::Other(format!("rolled back, nothing was written: {error}")),
    })?;
    for entry in &receipt.entries {
        if let Some(from) = &entry.from {
            bench.seen.forget(from.as_str());
        }
        match &entry.after {
            Some(after) => {
                bench.seen.note(entry.path.as_str(), blake3::Hash::from_bytes(after.hash));
            }
            None => bench.seen.forget(entry.path.as_str()),
        }
    }
    Ok(receipt)
}

fn accepted(kind: Accepted) -> Accept {
    match kind {
        Accepted::Syntax => Accept::Syntax,
        Accepted::Elision => Accept::Elision,
        Accepted::Deletion => Accept::Deletion,
        Accepted::Removals => Accept::Removals,
    }
}

fn title(edits: &[Edit]) -> String {
    match edits {
        [edit] => edit.shown(),
        edits => format!("{} and {} more", edits[0].shown(), edits.len() - 1),
    }
}

/// The refusals of each edit: by the number of its operation, else by its path.
fn by_edit(edits: &[Edit], refused: &Refused) -> Vec<Option<String>> {
    let mut told: Vec<Option<String>> = vec![None; edits.len()];
    for refusal in &refused.0 {
        let of_line = |(at, _): &(usize, &Edit)| refusal.line == u32::try_from(at + 1).ok();
        let of_path = |(_, edit): &(usize, &Edit)| edit.paths().contains(&refusal.path.as_str());
        let found = edits.iter().enumerate().find(of_line);
        let found = found.or_else(|| edits.iter().enumerate().find(of_path));
        let at = found.map_or(0, |(at, _)| at);
        let text = worded(refusal);
        told[at] = Some(match told[at].take() {
            Some(before) => format!("{before}\n{text}"),
            None => text,
        });
    }
    told
}

/// A refusal for a model: without the line of a script that it never wrote, and with the argument
/// in the place of the option.
fn worded(refusal: &Refusal) -> String {
    let text = Refusal { line: None, ..refusal.clone() }.to_string();
    let mut words = Vec::new();
    for line in text.lines() {
        match line.split_once("--accept ") {
            Some((before, after)) => {
                let (kind, rest) = after.split_once(' ').unwrap_or((after, ""));
                words.push(format!("{before}pass \"accept\": [\"{kind}\"] {rest}"));
            }
            None => words.push(line.to_owned()),
        }
    }
    if refusal.reason.name() == "syntax" {
        words
            .push("this is a syntax error that the edit would add; nothing was written".to_owned());
    }
    words.join("\n")
}

fn applied(bench: &Bench<'_>, edits: &[Edit], checked: &Checked, receipt: &Receipt) -> Vec<Done> {
    let mut notes: Vec<String> = checked.notes.clone();
    for removed in &checked.removed {
        let (path, name, line) = (&removed.path, &removed.name, removed.line);
        let count = removed.sites.len();
        notes.push(format!("`{name}` ({path}:{line}) is gone, referred to from {count} places:"));
        let sites = removed.sites.iter().take(MAX_SITES);
        notes.extend(sites.map(|site| format!("  {}:{}: {}", site.path, site.line, site.text)));
    }
    notes.extend(signatures(bench, checked));
    let one = |edit: &Edit| {
        let files = checked.plan.files.iter();
        let own = files.filter(|file| edit.paths().contains(&file.path.as_str()));
        let lines: Vec<String> = own.map(file_line).collect();
        Done::well(format!("applied as edit {}: {}", receipt.id, lines.join(", ")))
    };
    let mut done: Vec<Done> = edits.iter().map(one).collect();
    if let Some(last) = done.last_mut() {
        for note in notes {
            last.answered.text.push_str(&format!("\n{note}"));
        }
        last.receipt = Some(receipt.clone());
    }
    done
}

/// Places that are listed of those that refer to something.
const MAX_SITES: usize = 12;

/// Callers of functions whose signature the edit changed and that it did not touch.
fn signatures(bench: &Bench<'_>, checked: &Checked) -> Vec<String> {
    let mut notes = Vec::new();
    for file in &checked.plan.files {
        for name in changed_signatures(file) {
            if let Some(impact) = bench.knowledge.impact(&name) {
                let lines: Vec<&str> = impact.lines().take(MAX_SITES).collect();
                notes.push(format!(
                    "the signature of `{name}` changed; what can be touched by that:\n{}",
                    lines.join("\n")
                ));
            }
        }
    }
    notes
}

/// The functions of a file that are there before and after, declared otherwise.
fn changed_signatures(file: &FileEdit) -> Vec<String> {
    let (Some(before), Some(after)) = (&file.before, &file.after) else { return Vec::new() };
    let old = Syntax::of(file.source(), &before.text);
    let new = Syntax::of(&file.path, &after.text);
    let (Some(old), Some(new)) = (old, new) else { return Vec::new() };
    let is_function =
        |symbol: &&Symbol| matches!(symbol.kind, SymbolKind::Function | SymbolKind::Method);
    let declared = |syntax: &Syntax| -> BTreeMap<String, String> {
        let functions = definitions(syntax).filter(is_function);
        functions.map(|one| (one.qualified_name(), one.signature.to_string())).collect()
    };
    let (old, new) = (declared(&old), declared(&new));
    let is_changed = |(name, signature): &(&String, &String)| {
        new.get(*name).is_some_and(|other| other != *signature)
    };
    old.iter().filter(is_changed).map(|(name, _)| name.clone()).collect()
}

fn file_line(file: &FileEdit) -> String {
    let hunks = file.hunks.iter().map(|hunk| {
        let (first, last) = hunk.lines;
        let lines = if first == last { format!("{first}") } else { format!("{first}-{last}") };
        let found = hunk.found.as_str();
        if found == "exact" { lines } else { format!("{lines} ({found} match)") }
    });
    let hunks: Vec<String> = hunks.collect();
    let path = &file.path;
    match (&file.from, hunks.is_empty()) {
        (Some(from), _) => format!("moved {from} to {path}"),
        (None, true) => format!("{} {path}", file.verb()),
        (None, false) => format!("{} {path}, lines {}", file.verb(), hunks.join(", ")),
    }
}
