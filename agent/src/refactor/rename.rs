//! Gives a symbol another name, everywhere.
//!
//! All obstacles are gathered before one is reported, so that whoever asked sees the whole of it.

use std::collections::BTreeSet;

use flux_core::{DefinitionRef, FileClass, RepoPath, Tier};
use flux_engine::query::graph::{Described, Named};
use flux_engine::{EngineError, Snapshot, Workspace};

use super::family::Family;
use super::obstacle::{Obstacle, RefactorError};
use super::places::{Certainty, Place, Places};
use super::sources::Sources;
use super::weigh::weigh;
use super::{conflicts, identifier, modules, outside, public, written};
use crate::edit::refusal::{Candidate, Reason, Refusal, Refused};
use crate::edit::{Checked, EditPlan, Indexed, References};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct RenameRequest<'a> {
    /// The symbol: `pkg.module.name`, `crate::path::name`, `path:line`.
    pub symbol: &'a str,
    /// Its new name.
    pub new: &'a str,
    /// How sure places have to be that change.
    pub certainty: Certainty,
    /// Whether names that code outside the tree may use are renamed.
    pub renames_api: bool,
}

/// A rename that can be made.
#[derive(Clone, Debug)]
pub struct Rename {
    /// The old name.
    pub old: String,
    /// The new one.
    pub new: String,
    /// The definitions that get it, by file and position.
    pub definitions: Vec<Described>,
    /// The places that change.
    pub places: Vec<Place>,
    /// What could not be proven to mean it and is left as it is: names without a known receiver,
    /// words in strings, comments and documents.
    pub unproven: Vec<Place>,
    /// What is to become of the files.
    pub plan: EditPlan,
    /// Definitions that mention the symbol, of code and of tests.
    pub touched: (usize, usize),
}

impl Rename {
    /// The plan, checked as an edit is. References were accounted for one by one, so that they are
    /// not looked up again.
    pub fn checked(&self) -> Result<Checked, Refused> {
        let mut checked = Checked::check(self.plan.clone(), &Accounted, &[])?;
        checked.removed.clear();
        Ok(checked)
    }
}

/// References that were accounted for.
pub(crate) struct Accounted;

impl References for Accounted {
    fn references_to(
        &self,
        _path: &RepoPath,
        _name: &str,
    ) -> Result<Option<Vec<flux_engine::Site>>, String> {
        Ok(Some(Vec::new()))
    }
}

/// Plans a rename.
pub fn rename(
    workspace: &Workspace,
    snapshot: &Snapshot,
    request: &RenameRequest<'_>,
) -> Result<Rename, RefactorError> {
    let sources = Sources::new(workspace, snapshot)?;
    let symbol = find(&sources, request.symbol)?;
    let family = Family::of(&sources, &symbol)?;
    if !is_named_at(&sources, &family, request.symbol)? {
        return Err(Reason::NoSymbol(Vec::new()).into());
    }
    if let Some(obstacle) = identifier::check(&family, request.new) {
        return Err(obstacle.into());
    }
    if family.name == request.new {
        return Err(Reason::NoChange.into());
    }
    let mut places = Places::of(&sources, &family)?;
    written::settle(&sources, &family, &mut places)?;
    let (moves, mut obstacles) = match modules::moves(&sources, &family, request.new)? {
        Ok(moves) => (moves, Vec::new()),
        Err(obstacle) => (Vec::new(), vec![obstacle]),
    };
    let weighed = weigh(&sources, &family, &places)?;
    places.open.clear();
    places.own.extend(weighed.inferred);
    places.text.extend(weighed.listed);
    places.own.sort_by_key(|place| (place.file, place.span.start));
    obstacles.extend(obstructions(&sources, &family, &places, request)?);
    if !weighed.blocking.is_empty() {
        obstacles.push(Obstacle::Unresolved(shown(&weighed.blocking)));
    }
    if !obstacles.is_empty() {
        return Err(refused(obstacles));
    }
    let mut changes = moves;
    for place in &places.own {
        let Some(source) = sources.file(place.file)? else { continue };
        changes.push(place.change(&source.text, &family.name, request.new));
    }
    let tree = Indexed { workspace, snapshot: Some(snapshot) }.tree();
    let plan = EditPlan::of_changes(&tree, &changes)?;
    let described: Result<Vec<Described>, EngineError> =
        family.members.iter().map(|member| sources.graph.describe(*member)).collect();
    Ok(Rename {
        old: family.name.clone(),
        new: request.new.to_owned(),
        definitions: described?,
        touched: touched(&sources, &family)?,
        places: places.own,
        unproven: places.text,
        plan,
    })
}

pub(crate) fn refused(obstacles: Vec<Obstacle>) -> RefactorError {
    let refusal =
        |obstacle| Refusal { line: None, path: String::new(), reason: Reason::from(obstacle) };
    RefactorError::Refused(Refused(obstacles.into_iter().map(refusal).collect()))
}

/// The definitions that `name` means.
pub fn find(sources: &Sources<'_>, name: &str) -> Result<Vec<DefinitionRef>, RefactorError> {
    let candidates = |many: &[DefinitionRef]| -> Result<Vec<Candidate>, EngineError> {
        many.iter().map(|one| sources.shown(*one)).collect()
    };
    match sources.graph.find(name)? {
        Named::One { definitions, .. } => Ok(definitions),
        Named::Many(many) => Err(Reason::AmbiguousSymbol(candidates(&many)?).into()),
        Named::Nothing(close) => {
            let close = close.into_iter();
            let close = close.map(|text| Candidate { path: text, line: 0, text: String::new() });
            Err(Reason::NoSymbol(close.collect()).into())
        }
    }
}

/// Whether `path:line:column`, if that was typed, names the family and not what lies around it: a
/// local variable is no symbol.
fn is_named_at(sources: &Sources<'_>, family: &Family, symbol: &str) -> Result<bool, EngineError> {
    let mut parts = symbol.rsplitn(3, ':');
    let mut number = || parts.next().and_then(|part| part.parse::<usize>().ok());
    let (Some(column), Some(line)) = (number(), number()) else { return Ok(true) };
    let file = parts.next().and_then(|path| sources.graph.file(path));
    let Some(source) = file.map(|file| sources.file(file)).transpose()?.flatten() else {
        return Ok(true);
    };
    let text = source.text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let (at, length) = (column.saturating_sub(1), family.name.len());
    let first = at.saturating_sub(length);
    Ok((first..=at).any(|start| text.get(start..start + length) == Some(family.name.as_str())))
}

/// Everything that stands in the way, but for what could not be resolved.
fn obstructions(
    sources: &Sources<'_>,
    family: &Family,
    places: &Places,
    request: &RenameRequest<'_>,
) -> Result<Vec<Obstacle>, EngineError> {
    let mut found = Vec::new();
    found.extend(conflicts::taken(sources, family, request.new)?);
    found.extend(conflicts::captured(sources, family, places, request.new)?);
    found.extend(outside::bases(sources, family, places, request)?);
    found.extend(outside::decorators(sources, family)?);
    found.extend(modules::written(sources, family, places)?);
    if !request.renames_api {
        found.extend(public::check(sources, family)?);
    }
    if !places.shared.is_empty() {
        found.push(Obstacle::Shared(shown(&places.shared)));
    }
    let foreign: Vec<Place> =
        places.own.iter().filter(|one| is_foreign(sources, one.file)).cloned().collect();
    if !foreign.is_empty() {
        found.push(Obstacle::Generated(shown(&foreign)));
    }
    let inferred: Vec<Place> =
        places.own.iter().filter(|one| one.certainty > request.certainty).cloned().collect();
    if !inferred.is_empty() {
        found.push(Obstacle::Inferred(shown(&inferred)));
    }
    if !places.unread.is_empty() {
        let unread = places.unread.iter();
        let unread =
            unread.map(|path| Candidate { path: path.to_string(), line: 1, text: String::new() });
        found.push(Obstacle::Unparsed(unread.collect()));
    }
    Ok(found)
}

/// Whether a program or other people write a file.
pub(crate) fn is_foreign(sources: &Sources<'_>, file: flux_core::FileId) -> bool {
    let class = sources.view.entry(file).class();
    [FileClass::GENERATED, FileClass::VENDORED, FileClass::MINIFIED]
        .iter()
        .any(|one| class.has(*one))
}

pub(crate) fn shown(places: &[Place]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = places.iter().map(|place| place.shown.clone()).collect();
    found.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    found.dedup();
    found
}

/// How many definitions mention the family: of code, and of tests.
fn touched(sources: &Sources<'_>, family: &Family) -> Result<(usize, usize), EngineError> {
    let mut seen = BTreeSet::new();
    for member in &family.members {
        for reference in sources.view.graph.references_to(*member)? {
            let (file, occurrence) = reference?;
            if occurrence.tier != Tier::Name {
                seen.insert(DefinitionRef { file, index: occurrence.enclosing });
            }
        }
    }
    let mut touched = (0, 0);
    for one in seen {
        let is_test = sources.view.is_test(one)?;
        *if is_test { &mut touched.1 } else { &mut touched.0 } += 1;
    }
    Ok(touched)
}
