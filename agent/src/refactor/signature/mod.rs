//! Changes the parameters of a function, with those of all that override it and with every call.
//!
//! A change that every old call survives (a new parameter with a default, at the end or by name
//! alone) needs no call to be known. Any other has to know all of them: where one cannot be proven,
//! or a function is handed on as a value, it is refused with the places.
//!
//! Reading order: [`change`] (what is asked for), `shape` (one function's parameters before and
//! after), `call` (what becomes of arguments),
//! `constructor` (who calls one), `list` (how that is written), `body` (whether a
//! parameter is used), [`obstacle`].

mod body;
mod call;
pub mod change;
mod constructor;
mod list;
pub mod obstacle;
mod shape;

use std::collections::BTreeMap;

use flux_core::{ByteSpan, DefinitionRef, FileId, Occurrence, RepoPath, Target, Tier};
use flux_engine::query::graph::Described;
use flux_engine::syntax::{Before, Use, WordRole};
use flux_engine::{EngineError, Snapshot, Workspace};

use self::call::{Calls, Unclear, Written};
use self::change::SignatureChange;
use self::list::ListEdit;
use self::obstacle::SignatureObstacle;
use self::shape::Shape;
use super::family::{Family, Nature};
use super::obstacle::{Obstacle, RefactorError};
use super::places::{Certainty, Place, Places};
use super::rename::{Accounted, RenameRequest, find, is_foreign, refused, shown};
use super::sources::{Source, Sources};
use super::weigh::weigh;
use super::{outside, public};
use crate::edit::refusal::Candidate;
use crate::edit::{Change, Checked, EditPlan, Indexed, Refused};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct SignatureRequest<'a> {
    /// The function or method: `pkg.module.name`, `crate::path::name`, `path:line`.
    pub symbol: &'a str,
    /// What becomes of its parameters.
    pub change: &'a SignatureChange,
    /// How sure calls have to be that change.
    pub certainty: Certainty,
    /// Whether functions that code outside the tree may call are changed.
    pub changes_api: bool,
}

/// A change of a signature that can be made.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The name of the function.
    pub name: String,
    /// The definitions that change, by file and position.
    pub definitions: Vec<Described>,
    /// The parameters of the one asked for, before and after.
    pub parameters: (String, String),
    /// Calls that change.
    pub changed: Vec<Candidate>,
    /// Calls that mean the same as before.
    pub kept: usize,
    /// Places that may call it and are left as they are.
    pub unproven: Vec<Candidate>,
    /// What a reader should look at.
    pub notes: Vec<String>,
    /// What is to become of the files.
    pub plan: EditPlan,
}

impl Signature {
    /// The plan, checked as an edit is.
    pub fn checked(&self) -> Result<Checked, Refused> {
        let mut checked = Checked::check(self.plan.clone(), &Accounted, &[])?;
        checked.notes.extend(self.notes.iter().cloned());
        Ok(checked)
    }
}

/// Plans a change of a signature.
pub fn signature(
    workspace: &Workspace,
    snapshot: &Snapshot,
    request: &SignatureRequest<'_>,
) -> Result<Signature, RefactorError> {
    let sources = Sources::new(workspace, snapshot)?;
    let symbol = constructor::meant(&sources, find(&sources, request.symbol)?)?;
    let family = Family::of(&sources, &symbol)?;
    let family = if constructor::is_one(&family) { family.alone() } else { family };
    if let Some(obstacle) = unsuited(&sources, &family)? {
        return Err(obstacle.into());
    }
    let shapes = shapes(&sources, &family, request.change)?;
    let mut work = Work::new(&sources, &family, request, &shapes);
    work.look()?;
    work.finish(workspace, snapshot)
}

/// Why a symbol's signature is not changed at all.
fn unsuited(sources: &Sources<'_>, family: &Family) -> Result<Option<Obstacle>, EngineError> {
    if !matches!(family.language.as_str(), "python" | "rust") {
        let language = family.language.clone();
        return Ok(Some(SignatureObstacle::Language(language).into()));
    }
    let name = &family.name;
    let is_special = name.starts_with("__") && name.ends_with("__");
    if family.language == "python" && is_special && !constructor::is_one(family) {
        return Ok(Some(Obstacle::SpecialName(name.clone(), "the language calls it")));
    }
    let is_function = matches!(family.nature, Nature::Plain | Nature::Member)
        && (family.kind.is_callable() || family.kind == flux_core::SymbolKind::Test);
    if !is_function {
        return Ok(Some(SignatureObstacle::NotFunction(sources.shown(family.first)?).into()));
    }
    let is_called_by_name = family.language == "python"
        && sources.view.is_test(family.first)?
        && name.starts_with("test");
    let why = "what runs tests calls it";
    Ok(is_called_by_name.then(|| Obstacle::SpecialName(name.clone(), why)))
}

/// The parameters of every member, before and after.
fn shapes(
    sources: &Sources<'_>,
    family: &Family,
    change: &SignatureChange,
) -> Result<BTreeMap<DefinitionRef, Shape>, RefactorError> {
    let asked = shape::own(sources, family, family.first)?;
    let wanted = asked.wanted(change)?;
    let mut shapes = BTreeMap::new();
    let mut differing = Vec::new();
    for member in &family.members {
        let shape = shape::own(sources, family, *member)?;
        match shape.changed(&asked, &wanted, change) {
            Some(shape) => drop(shapes.insert(*member, shape)),
            None => differing.push(sources.shown(*member)?),
        }
    }
    if differing.is_empty() {
        return Ok(shapes);
    }
    Err(Obstacle::from(SignatureObstacle::Differ(differing)).into())
}

/// Whether a string is a dotted path that ends with the name: what replaces a function in tests or
/// looks one up is told so, and expects its arguments as they were.
fn is_path_in_string(sources: &Sources<'_>, place: &Place) -> Result<bool, EngineError> {
    let Some(source) = sources.file(place.file)? else { return Ok(false) };
    let (before, after) =
        (&source.text[..place.span.start as usize], &source.text[place.span.end as usize..]);
    let path = before.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.'));
    // `"use 'a.b' instead"` is a sentence with a path in it.
    let opening = u32::try_from(path.len()).unwrap_or(u32::MAX);
    let around = ByteSpan::new(opening.saturating_sub(2), opening.saturating_sub(1));
    let is_whole = source.word(around).role != WordRole::String;
    Ok(source.language == "python"
        && is_whole
        && place.word.role == WordRole::String
        && before.ends_with('.')
        && path.ends_with(['"', '\''])
        && after.starts_with(['"', '\'']))
}

/// Whether a macro of Rust makes a function of that name, whose parameters are nobody's to change.
fn is_made_by_macro(sources: &Sources<'_>, place: &Place) -> Result<bool, EngineError> {
    let Some(source) = sources.file(place.file)? else { return Ok(false) };
    let before = source.text[..place.span.start as usize].trim_end();
    Ok(source.language == "rust" && place.word.is_in_macro && before.ends_with("fn"))
}

/// How the first argument of a method comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Receiver {
    /// As what is before the dot says.
    Seen,
    /// The call makes it.
    Made,
}

/// The place of an occurrence, whatever is written there.
fn mentioned(source: &Source, one: &Occurrence) -> Place {
    Place {
        file: source.file,
        path: source.path.clone(),
        span: one.span,
        word: source.word(one.span),
        certainty: match one.tier {
            Tier::Exact => Certainty::Proven,
            Tier::Likely | Tier::Name => Certainty::Inferred,
        },
        is_definition: false,
        is_unresolved: false,
        is_local: false,
        shown: source.shown(one.span.start),
    }
}

/// What is found on the way through the places.
struct Work<'a> {
    sources: &'a Sources<'a>,
    family: &'a Family,
    request: &'a SignatureRequest<'a>,
    shapes: &'a BTreeMap<DefinitionRef, Shape>,
    /// Whether every old call means the same afterwards.
    is_harmless: bool,
    /// Where the name stands.
    places: Places,
    edits: BTreeMap<FileId, Vec<ListEdit>>,
    /// Places of arguments that go.
    dropped: BTreeMap<FileId, Vec<ByteSpan>>,
    calls: Calls,
    passed: Vec<Place>,
    unread: Vec<Place>,
    inferred: Vec<Place>,
    blocking: Vec<Place>,
    unproven: Vec<Candidate>,
    obstacles: Vec<Obstacle>,
}

impl<'a> Work<'a> {
    fn new(
        sources: &'a Sources<'a>,
        family: &'a Family,
        request: &'a SignatureRequest<'a>,
        shapes: &'a BTreeMap<DefinitionRef, Shape>,
    ) -> Self {
        Self {
            sources,
            family,
            request,
            shapes,
            is_harmless: shapes.values().all(Shape::is_harmless),
            places: Places::default(),
            edits: BTreeMap::new(),
            dropped: BTreeMap::new(),
            calls: Calls::default(),
            passed: Vec::new(),
            unread: Vec::new(),
            inferred: Vec::new(),
            blocking: Vec::new(),
            unproven: Vec::new(),
            obstacles: Vec::new(),
        }
    }

    /// Looks at every place where the name stands.
    fn look(&mut self) -> Result<(), EngineError> {
        for (member, shape) in self.shapes {
            self.edits.entry(member.file).or_default().push(shape.edit());
        }
        let mut places = Places::of(self.sources, self.family)?;
        let weighed = weigh(self.sources, self.family, &places)?;
        places.own.extend(weighed.inferred);
        self.places = places.clone();
        for place in places.own.iter().filter(|place| !place.is_definition) {
            self.place(place, Receiver::Seen)?;
        }
        for place in &places.text {
            if is_path_in_string(self.sources, place)? {
                self.passed.push(place.clone());
            }
        }
        for place in places.open.iter().chain(&places.own).chain(&places.text) {
            if is_made_by_macro(self.sources, place)? {
                self.unread.push(place.clone());
            }
        }
        for place in self.aliased()? {
            self.place(&place, Receiver::Seen)?;
        }
        if constructor::is_one(self.family) {
            return self.constructed();
        }
        let is_open = |place: &&Place| place.word.role.is_code() && !place.word.is_in_import;
        for place in weighed.blocking.iter().chain(&places.shared).filter(is_open) {
            self.blocking.push(place.clone());
        }
        for place in &weighed.listed {
            if let Some(source) = self.sources.file(place.file)?
                && matches!(self.use_of(&source, place), Use::Call(_))
            {
                self.unproven.push(place.shown.clone());
            }
        }
        // A lock file or a table calls nothing.
        let is_code = |path: &&RepoPath| match self.family.language.as_str() {
            "python" => matches!(path.extension(), Some("py" | "pyi")),
            _ => path.extension() == Some("rs"),
        };
        let unread = places.unread.iter().filter(is_code).map(|path| Candidate {
            path: path.to_string(),
            line: 1,
            text: String::new(),
        });
        let unread: Vec<Candidate> = unread.collect();
        if !unread.is_empty() && !self.is_harmless {
            self.obstacles.push(Obstacle::Unparsed(unread));
        }
        Ok(())
    }

    /// Places that mean the function by another name: `from a import f as g`.
    fn aliased(&self) -> Result<Vec<Place>, EngineError> {
        let mut found = Vec::new();
        for member in &self.family.members {
            for reference in self.sources.view.graph.references_to(*member)? {
                let (file, one) = reference?;
                let Some(source) = self.sources.file(file)? else { continue };
                let written = one.span.of(&source.text);
                let is_name = written.trim_start_matches("r#") == self.family.name;
                if one.is_implicit || one.tier == Tier::Name || is_name {
                    continue;
                }
                found.push(mentioned(&source, &one));
            }
        }
        Ok(found)
    }

    /// The places that call a constructor by its class.
    fn constructed(&mut self) -> Result<(), EngineError> {
        let classes = constructor::classes(self.sources, self.family.first)?;
        let (places, others) = constructor::calls(self.sources, &classes)?;
        for place in &places {
            self.place(place, Receiver::Made)?;
        }
        let unnamed = constructor::unnamed(self.sources, &classes)?;
        let is_sure = self.request.certainty == Certainty::Proven;
        if !unnamed.is_empty() && !self.is_harmless && is_sure {
            self.obstacles.push(Obstacle::Unresolved(unnamed));
        } else {
            self.unproven.extend(unnamed);
        }
        if others > 0 && !self.is_harmless {
            self.calls.named = others;
        }
        Ok(())
    }

    fn use_of(&self, source: &Source, place: &Place) -> Use {
        source.syntax().map_or(Use::Unread, |syntax| syntax.use_of(place.word.span))
    }

    /// One place that means the function.
    fn place(&mut self, place: &Place, receiver: Receiver) -> Result<(), EngineError> {
        let Some(source) = self.sources.file(place.file)? else { return Ok(()) };
        if !place.word.role.is_code() || place.word.is_in_import {
            return Ok(());
        }
        let call = match self.use_of(&source, place) {
            Use::Import => return Ok(()),
            Use::Call(call) => call,
            Use::Value | Use::Decorator => {
                self.passed.push(place.clone());
                return Ok(());
            }
            Use::Unread => {
                self.unread.push(place.clone());
                return Ok(());
            }
        };
        let shape = self.shape_at(&source, place);
        let is_bound = match receiver {
            Receiver::Seen => self.is_bound(&source, shape, call.before)?,
            Receiver::Made => true,
        };
        match call::rewritten(shape, &call, &source.text, is_bound) {
            Ok(None) => self.calls.kept += 1,
            Ok(Some(_)) if place.certainty > self.request.certainty => {
                self.inferred.push(place.clone());
            }
            Ok(Some(written)) => self.take(&source, place, call.list, written),
            Err(why) => self.calls.unclear(why, &place.shown),
        }
        Ok(())
    }

    /// The shape of the member that is called at a place.
    fn shape_at(&self, source: &Source, place: &Place) -> &'a Shape {
        let targets = source.at(place.span.start).iter().filter_map(|one| match one.target {
            Target::Definition(definition) => self.shapes.get(&definition),
            Target::Local(_) | Target::External(_) | Target::Unresolved(_) => None,
        });
        let first = self.shapes.get(&self.family.first);
        targets.chain(first).next().expect("the family holds the one it was made of")
    }

    /// Whether the value before the dot is the first argument.
    fn is_bound(
        &self,
        source: &Source,
        shape: &Shape,
        before: Before,
    ) -> Result<bool, EngineError> {
        let Before::Dot(object) = before else { return Ok(false) };
        if self.family.language == "rust" || shape.is_of_class {
            return Ok(true);
        }
        // `Class.method(value)` hands the value over itself.
        let end = object.end;
        let last = source.occurrences.iter().rfind(|one| one.span.end == end && !one.is_implicit);
        let is_class = match last.map(|one| one.target) {
            Some(Target::Definition(definition)) => {
                self.sources.definition(definition)?.kind.is_type()
            }
            _ => false,
        };
        Ok(!is_class)
    }

    fn take(
        &mut self,
        source: &Source,
        place: &Place,
        list: flux_engine::syntax::List,
        written: Written,
    ) {
        self.calls.changed.push(place.shown.clone());
        if written.drops_effects {
            self.calls.dropped_effects.push(place.shown.clone());
        }
        if written.moves_effects {
            self.calls.moved_effects.push(place.shown.clone());
        }
        self.dropped.entry(source.file).or_default().extend(written.dropped);
        self.edits.entry(source.file).or_default().push(ListEdit { list, pieces: written.pieces });
    }

    /// Gathers what stands in the way, or makes the plan.
    fn finish(
        mut self,
        workspace: &Workspace,
        snapshot: &Snapshot,
    ) -> Result<Signature, RefactorError> {
        self.weigh_places()?;
        self.weigh_definitions()?;
        if !self.obstacles.is_empty() {
            return Err(refused(self.obstacles));
        }
        let mut changes = Vec::new();
        for (file, edits) in &self.edits {
            let Some(source) = self.sources.file(*file)? else { continue };
            for (span, new) in list::written(&source.text, edits) {
                let (path, old) = (source.path.to_string(), span.of(&source.text).to_owned());
                changes.push(Change::Replace { path, span, old, new });
            }
        }
        let tree = Indexed { workspace, snapshot: Some(snapshot) }.tree();
        let plan = EditPlan::of_changes(&tree, &changes)?;
        let members = self.family.members.iter();
        let definitions: Result<Vec<Described>, EngineError> =
            members.map(|member| self.sources.graph.describe(*member)).collect();
        let parameters = match self.sources.file(self.family.first.file)? {
            Some(source) => self.shapes[&self.family.first].shown(&source.text),
            None => (String::new(), String::new()),
        };
        Ok(Signature {
            name: self.family.name.clone(),
            definitions: definitions?,
            parameters,
            notes: self.calls.notes(),
            changed: self.calls.changed,
            kept: self.calls.kept,
            unproven: self.unproven,
            plan,
        })
    }

    /// Bases or traits outside the tree that say what the parameters are.
    fn foreign_bases(&self) -> Result<Option<Obstacle>, EngineError> {
        let (sources, family, request) = (self.sources, self.family, self.request);
        if family.language == "rust" {
            return shape::foreign_traits(sources, family);
        }
        if constructor::is_one(family) {
            return Ok(None);
        }
        let as_rename = RenameRequest {
            symbol: request.symbol,
            new: &family.name,
            certainty: request.certainty,
            renames_api: request.changes_api,
        };
        outside::bases(sources, family, &self.places, &as_rename)
    }

    /// Files that would change and that a program or other people write.
    fn foreign(&self) -> Result<Vec<Candidate>, EngineError> {
        let is_foreign = |file: &&FileId| is_foreign(self.sources, **file);
        let mut found = Vec::new();
        for file in self.edits.keys().filter(is_foreign) {
            if let Some(source) = self.sources.file(*file)? {
                found.push(source.shown(0));
            }
        }
        Ok(found)
    }

    /// What the places say against it.
    fn weigh_places(&mut self) -> Result<(), EngineError> {
        let is_sure = self.request.certainty == Certainty::Proven;
        if !self.inferred.is_empty() {
            self.obstacles.push(Obstacle::Inferred(shown(&self.inferred)));
        }
        let unclear = std::mem::take(&mut self.calls.unclear);
        for (why, at) in unclear {
            self.obstacles.push(match why {
                Unclear::NeedsValue(name) => SignatureObstacle::NeedsValue { name, at }.into(),
                Unclear::Arguments => SignatureObstacle::Arguments(at).into(),
            });
        }
        let is_blocking_passed = self.family.language == "rust" || is_sure;
        let passed = shown(&self.passed);
        if !passed.is_empty() && !self.is_harmless && is_blocking_passed {
            self.obstacles.push(SignatureObstacle::PassedOn(passed).into());
        } else {
            self.unproven.extend(passed);
        }
        let unread = shown(&self.unread);
        if !unread.is_empty() && !self.is_harmless {
            self.obstacles.push(Obstacle::Unresolved(unread));
        }
        let blocking = shown(&self.blocking);
        if !blocking.is_empty() && !self.is_harmless && is_sure {
            self.obstacles.push(Obstacle::Unresolved(blocking));
        } else {
            self.unproven.extend(blocking);
        }
        Ok(())
    }

    /// What the definitions say against it.
    fn weigh_definitions(&mut self) -> Result<(), EngineError> {
        let (sources, family) = (self.sources, self.family);
        self.obstacles.extend(self.foreign_bases()?);
        if !self.is_harmless {
            self.obstacles.extend(outside::decorators(sources, family)?);
            if !self.request.changes_api {
                self.obstacles.extend(public::check(sources, family)?);
            }
        }
        self.obstacles.extend(shape::attributes(sources, family)?);
        let foreign = self.foreign()?;
        if !foreign.is_empty() {
            self.obstacles.push(Obstacle::Generated(foreign));
        }
        let mut used = Vec::new();
        for (member, shape) in self.shapes {
            let Some(source) = sources.file(member.file)? else { continue };
            let dropped = self.dropped.get(&member.file).map_or(&[][..], Vec::as_slice);
            used.extend(body::uses(&source, shape, dropped));
        }
        if let Some(name) = used.first().map(|(name, _)| name.clone()) {
            let at = used.into_iter().map(|(_, place)| place).collect();
            self.obstacles.push(SignatureObstacle::Used { name, at }.into());
        }
        Ok(())
    }
}
