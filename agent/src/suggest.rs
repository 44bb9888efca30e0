//! What is probably to be done next, from what is changed now: files that usually change with it,
//! callers of what changed, its tests, and what was learned.
//!
//! Each suggestion says what it rests on. Callers and tests are facts of the graph; companions are
//! counted in the history; warnings are counts of what happened here.

use std::collections::{BTreeMap, BTreeSet};

use flux_core::{DefinitionIndex, RepoPath, SymbolKind, Tier};
use flux_engine::companions::{Bar, Companion};
use flux_engine::query::graph::ImpactLimits;
use flux_engine::{ChangeKind, EngineError, Graph, Snapshot, SymbolChange, Workspace};

use crate::learn::{Learned, Runs, Warning};

/// What is probably to be done next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suggestions {
    /// The files that it is about.
    pub changed: Vec<RepoPath>,
    /// Files that usually change with them and are not changed.
    pub companions: Vec<Companion>,
    /// Changed declarations that are used in files that are not changed.
    pub unseen: Vec<Unseen>,
    /// Files with tests of what changed.
    pub tests: Vec<TestFile>,
    /// Checks that often failed after edits of these files.
    pub warnings: Vec<Warning>,
    /// The check that this project uses most.
    pub check: Option<(String, Runs)>,
    /// What could not be looked at, and why.
    pub notes: Vec<String>,
}

/// A changed declaration, with uses of it that nobody has touched.
#[derive(Clone, Debug, PartialEq)]
pub struct Unseen {
    /// Its file.
    pub path: RepoPath,
    /// Its line.
    pub line: u32,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// What became of it.
    pub change: ChangeKind,
    /// Where it is used.
    pub places: Vec<Place>,
}

/// A use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its file.
    pub path: RepoPath,
    /// Its line.
    pub line: u32,
    /// What it stands in, where the graph knows.
    pub within: Option<String>,
    /// Whether it is inferred and not proven, or still names what is gone.
    pub is_likely: bool,
}

/// A file with tests of what changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestFile {
    /// The file.
    pub path: RepoPath,
    /// How many; none where the file only imports what changed.
    pub tests: usize,
}

/// What suggestions are made from.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The tree.
    pub workspace: &'a Workspace,
    /// Its index with the graph, if there is one.
    pub snapshot: Option<&'a Snapshot>,
    /// What was learned of it.
    pub learned: &'a Learned,
}

/// Suggests what goes with a change of `files`; with what is changed in the work tree, if none are
/// given.
pub fn suggest(known: Known<'_>, files: &[RepoPath]) -> Result<Suggestions, EngineError> {
    let mut found = Suggestions::default();
    match (files, known.workspace.changed_files()) {
        ([], Ok(changed)) => found.changed = changed,
        ([], Err(error)) => found.notes.push(error.to_string()),
        (files, _) => found.changed = files.to_vec(),
    }
    if found.changed.is_empty() {
        return Ok(found);
    }
    match known.workspace.history() {
        Ok(history) => found.companions = history.companions(&found.changed, Bar::default()),
        Err(error) => found.notes.push(error.to_string()),
    }
    let root = known.workspace.root();
    // A file that was moved by hand, or is ignored now, cannot be changed where it was.
    found.companions.retain(|companion| root.join(companion.path.as_str()).is_file());
    match known.snapshot {
        Some(snapshot) => found.look(known.workspace, snapshot)?,
        None => found.notes.push("there is no index, so no callers and tests".to_owned()),
    }
    let names: Vec<String> = found.changed.iter().map(RepoPath::to_string).collect();
    found.warnings = known.learned.warnings(&names);
    let check = known.learned.usual_checks().into_iter().next();
    found.check = check.map(|(command, runs)| (command.to_owned(), runs));
    Ok(found)
}

impl Suggestions {
    /// Whether there is nothing to suggest.
    pub fn is_empty(&self) -> bool {
        self.companions.is_empty()
            && self.unseen.is_empty()
            && self.tests.is_empty()
            && self.warnings.is_empty()
    }

    /// Asks the graph about what changed since the last commit.
    fn look(&mut self, workspace: &Workspace, snapshot: &Snapshot) -> Result<(), EngineError> {
        let changes = match workspace.changes_since(snapshot, "HEAD") {
            Ok(changes) => changes,
            // Before the first commit everything is new.
            Err(EngineError::Git { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        let changed: BTreeSet<RepoPath> = self.changed.iter().cloned().collect();
        let changes: Vec<SymbolChange> =
            changes.into_iter().filter(|change| changed.contains(&change.path)).collect();
        let graph = workspace.graph(snapshot)?;
        for change in &changes {
            let places = match change.change {
                ChangeKind::Signature => callers(&graph, change, &changed)?,
                ChangeKind::Removed => left(change, &changed),
                ChangeKind::Visibility | ChangeKind::Body | ChangeKind::Added => Vec::new(),
            };
            if !places.is_empty() {
                self.unseen.push(Unseen {
                    path: change.path.clone(),
                    line: change.lines.start,
                    name: change.qualified_name.clone(),
                    kind: change.kind,
                    change: change.change,
                    places,
                });
            }
        }
        let roots: Vec<_> = changes.iter().filter_map(|change| change.definition).collect();
        let impact = graph.impact(&roots, ImpactLimits::default())?;
        let mut tests: BTreeMap<RepoPath, usize> = BTreeMap::new();
        for test in impact.tests() {
            let path = graph.describe(test.definition)?.path;
            // The first definition is the file itself, which imports what changed.
            let is_file = test.definition.index == DefinitionIndex(0);
            *tests.entry(path).or_default() += usize::from(!is_file);
        }
        self.tests = tests.into_iter().map(|(path, tests)| TestFile { path, tests }).collect();
        self.tests.sort_by(|one, other| (other.tests, &one.path).cmp(&(one.tests, &other.path)));
        Ok(())
    }
}

/// Callers of a declaration that changed, in files that did not.
fn callers(
    graph: &Graph<'_>,
    change: &SymbolChange,
    changed: &BTreeSet<RepoPath>,
) -> Result<Vec<Place>, EngineError> {
    let Some(definition) = change.definition else { return Ok(Vec::new()) };
    let mut places = Vec::new();
    for caller in graph.callers(&[definition])?.callers {
        let within = graph.describe(caller.definition)?;
        for site in caller.sites.iter().filter(|site| site.tier != Tier::Name) {
            if !changed.contains(&site.path) {
                places.push(Place {
                    path: site.path.clone(),
                    line: site.line,
                    within: Some(within.qualified_name.clone()),
                    is_likely: site.tier != Tier::Exact,
                });
            }
        }
    }
    Ok(places)
}

/// Places in files that did not change that still name what is gone.
fn left(change: &SymbolChange, changed: &BTreeSet<RepoPath>) -> Vec<Place> {
    let unresolved = change.left.iter().flat_map(|left| &left.unresolved);
    let untouched = unresolved.filter(|mention| !changed.contains(&mention.path));
    let place = |mention: &flux_engine::query::graph::Mention| Place {
        path: mention.path.clone(),
        line: mention.line,
        within: None,
        is_likely: true,
    };
    untouched.map(place).collect()
}
