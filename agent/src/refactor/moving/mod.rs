//! Moves a definition to another module, with the imports of everything that uses it and of
//! everything that it uses.
//!
//! The places that name it are found and weighed as those of a rename are. What is new is what the
//! definition itself needs: a name means nothing without the module that it stands in, so each one
//! is either imported there from where it came, or the move is refused.
//!
//! Reading order: [`obstacle`], `edits`, `target` (the module that was asked for), `python`, `rust`.

mod edits;
pub mod obstacle;
mod python;
mod rust;
mod target;

use std::rc::Rc;

use flux_core::{ByteSpan, SymbolKind};
use flux_engine::query::graph::Described;
use flux_engine::syntax::{Item, ItemPlace};
use flux_engine::{EngineError, Snapshot, Workspace};

use self::edits::Edits;
use self::obstacle::MoveObstacle;
use self::target::Target;
use super::family::{Family, Nature};
use super::obstacle::{Obstacle, RefactorError};
use super::places::{Certainty, Place, Places};
use super::rename::{Accounted, find, is_foreign, refused, shown};
use super::sources::{Source, Sources};
use super::weigh::weigh;
use super::{outside, written};
use crate::edit::refusal::Candidate;
use crate::edit::{Checked, EditPlan, Indexed, Refused};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct MoveRequest<'a> {
    /// The definition: `pkg.module.name`, `crate::path::name`, `path:line`.
    pub symbol: &'a str,
    /// The module that it goes to: `pkg.other`, `crate::other`, or the path of a file.
    pub module: &'a str,
    /// How sure places have to be that change.
    pub certainty: Certainty,
    /// Whether names that code outside the tree may use are moved.
    pub moves_api: bool,
    /// Whether the old module goes on offering the name.
    pub reexports: bool,
}

/// A move that can be made.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The name.
    pub name: String,
    /// The file it leaves.
    pub from: String,
    /// The file it goes to.
    pub to: String,
    /// Whether that file is made.
    pub is_created: bool,
    /// What moves.
    pub definitions: Vec<Described>,
    /// The uses that are written anew.
    pub uses: Vec<Candidate>,
    /// The imports that the definition needs at its new place.
    pub imports: Vec<String>,
    /// What has to be visible further than it was.
    pub widened: Vec<Candidate>,
    /// Places that may mean it and are left as they are.
    pub unproven: Vec<Candidate>,
    /// What a reader should look at.
    pub notes: Vec<String>,
    /// What is to become of the files.
    pub plan: EditPlan,
}

impl Moved {
    /// The plan, checked as an edit is. References were accounted for one by one.
    pub fn checked(&self) -> Result<Checked, Refused> {
        let mut checked = Checked::check(self.plan.clone(), &Accounted, &[])?;
        checked.removed.clear();
        checked.notes.extend(self.notes.iter().cloned());
        Ok(checked)
    }
}

/// Plans a move.
pub fn move_symbol(
    workspace: &Workspace,
    snapshot: &Snapshot,
    request: &MoveRequest<'_>,
) -> Result<Moved, RefactorError> {
    let sources = Sources::new(workspace, snapshot)?;
    let symbol = find(&sources, request.symbol)?;
    let family = Family::of(&sources, &symbol)?;
    let (source, item) = suited(&sources, &family)??;
    let target = target::find(&sources, &family, request.module)??;
    let mut work = Work::new(&sources, &family, request, source, item, target);
    work.look()?;
    match family.language.as_str() {
        "python" => python::plan(&mut work)?,
        _ => rust::plan(&mut work)?,
    }
    work.finish(workspace, snapshot)
}

/// The definition as a piece of its file, or why it is none that can be moved.
fn suited(
    sources: &Sources<'_>,
    family: &Family,
) -> Result<Result<(Rc<Source>, Item), Obstacle>, EngineError> {
    if !matches!(family.language.as_str(), "python" | "rust") {
        return Ok(Err(MoveObstacle::Language(family.language.clone()).into()));
    }
    let at = sources.shown(family.first)?;
    let source = sources.file(family.first.file)?;
    let definition = sources.definition(family.first)?;
    let item = source.as_ref().and_then(|source| {
        source.syntax().and_then(|syntax| syntax.item(&source.text, definition.name_span))
    });
    let (Some(source), Some(item)) = (source, item) else {
        return Ok(Err(MoveObstacle::NotTopLevel(at).into()));
    };
    if family.kind == SymbolKind::Macro {
        return Ok(Err(MoveObstacle::Macro(vec![at]).into()));
    }
    if family.nature != Nature::Plain || item.place == ItemPlace::Inner {
        return Ok(Err(MoveObstacle::NotTopLevel(at).into()));
    }
    if family.members.len() > 1 || item.place == ItemPlace::Conditional {
        let at: Result<Vec<Candidate>, EngineError> =
            family.members.iter().map(|member| sources.shown(*member)).collect();
        return Ok(Err(MoveObstacle::Conditional(at?).into()));
    }
    if is_test(sources, family, &source)? {
        let why = "what runs tests looks for it there";
        return Ok(Err(Obstacle::SpecialName(family.name.clone(), why)));
    }
    let name = family.name.as_str();
    let is_special = match family.language.as_str() {
        "python" => name.starts_with("__") && name.ends_with("__"),
        _ => name == "main",
    };
    if is_special {
        let why = "the language looks for it there";
        return Ok(Err(Obstacle::SpecialName(family.name.clone(), why)));
    }
    Ok(Ok((source, item)))
}

/// Whether something runs tests by their files: moved elsewhere, they are found no more.
fn is_test(sources: &Sources<'_>, family: &Family, source: &Source) -> Result<bool, EngineError> {
    if family.kind == SymbolKind::Test {
        return Ok(true);
    }
    let is_in_test = sources.view.is_test(family.first)?;
    let name = family.name.as_str();
    Ok(match family.language.as_str() {
        "python" => is_in_test && (name.starts_with("test") || name.starts_with("Test")),
        _ => source.syntax().is_some_and(|syntax| {
            let at = sources.definition(family.first).map(|one| one.name_span);
            let spans = at.map(|at| syntax.decorators(at)).unwrap_or_default();
            spans.iter().any(|span| span.of(&source.text).contains("test]"))
        }),
    })
}

/// What is found on the way.
struct Work<'a> {
    sources: &'a Sources<'a>,
    family: &'a Family,
    request: &'a MoveRequest<'a>,
    /// The file that the definition leaves.
    source: Rc<Source>,
    item: Item,
    target: Target,
    /// All spans of the file that move, in order.
    spans: Vec<ByteSpan>,
    /// Places that mean it.
    own: Vec<Place>,
    edits: Edits,
    obstacles: Vec<Obstacle>,
    uses: Vec<Candidate>,
    imports: Vec<String>,
    widened: Vec<Candidate>,
    unproven: Vec<Candidate>,
    notes: Vec<String>,
}

impl<'a> Work<'a> {
    fn new(
        sources: &'a Sources<'a>,
        family: &'a Family,
        request: &'a MoveRequest<'a>,
        source: Rc<Source>,
        item: Item,
        target: Target,
    ) -> Self {
        Self {
            sources,
            family,
            request,
            source,
            item,
            target,
            spans: vec![item.span],
            own: Vec::new(),
            edits: Edits::default(),
            obstacles: Vec::new(),
            uses: Vec::new(),
            imports: Vec::new(),
            widened: Vec::new(),
            unproven: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Finds and weighs the places that name it.
    fn look(&mut self) -> Result<(), EngineError> {
        let (sources, family) = (self.sources, self.family);
        let mut places = Places::of(sources, family)?;
        written::settle(sources, family, &mut places)?;
        let weighed = weigh(sources, family, &places)?;
        let is_sure = self.request.certainty == Certainty::Proven;
        let mut inferred = Vec::new();
        for place in places.own.into_iter().chain(weighed.inferred) {
            match place.certainty {
                Certainty::Inferred if is_code_of(&place) => inferred.push(place),
                Certainty::Proven | Certainty::Inferred => self.own.push(place),
            }
        }
        self.own.sort_by_key(|place| (place.file, place.span.start));
        if is_sure && !inferred.is_empty() {
            self.obstacles.push(Obstacle::Inferred(shown(&inferred)));
        }
        self.unproven.extend(shown(&inferred));
        self.unproven.extend(shown(&places.text));
        self.unproven.extend(shown(&weighed.listed));
        if !weighed.blocking.is_empty() {
            self.obstacles.push(Obstacle::Unresolved(shown(&weighed.blocking)));
        }
        if !places.shared.is_empty() {
            self.obstacles.push(Obstacle::Shared(shown(&places.shared)));
        }
        let unread: Vec<Candidate> = places
            .unread
            .iter()
            .map(|path| Candidate { path: path.to_string(), line: 1, text: String::new() })
            .collect();
        if !unread.is_empty() {
            self.obstacles.push(Obstacle::Unparsed(unread));
        }
        self.obstacles.extend(outside::decorators(sources, family)?);
        let foreign = [Some(family.first.file), self.target.file];
        for file in foreign.into_iter().flatten().filter(|file| is_foreign(sources, *file)) {
            if let Some(source) = sources.file(file)? {
                self.obstacles.push(Obstacle::Generated(vec![source.shown(0)]));
            }
        }
        Ok(())
    }

    /// Whether an offset of the file that the definition leaves moves with it.
    fn moves(&self, place: &Place) -> bool {
        place.file == self.source.file
            && self
                .spans
                .iter()
                .any(|span| span.start <= place.span.start && place.span.end <= span.end)
    }

    /// Notes that a use changes, and whether its file may.
    fn used(&mut self, place: &Place) {
        if is_foreign(self.sources, place.file) {
            self.obstacles.push(Obstacle::Generated(vec![place.shown.clone()]));
        }
        self.uses.push(place.shown.clone());
    }

    fn refuse(&mut self, obstacle: impl Into<Obstacle>) {
        let obstacle = obstacle.into();
        if let Obstacle::Move(MoveObstacle::NotVisible { name, at }) = &obstacle {
            for known in &mut self.obstacles {
                if let Obstacle::Move(MoveObstacle::NotVisible { name: other, at: places }) = known
                    && other == name
                {
                    places.extend(
                        at.iter().filter(|one| !places.contains(one)).cloned().collect::<Vec<_>>(),
                    );
                    return;
                }
            }
        }
        if !self.obstacles.contains(&obstacle) {
            self.obstacles.push(obstacle);
        }
    }

    fn finish(self, workspace: &Workspace, snapshot: &Snapshot) -> Result<Moved, RefactorError> {
        if !self.obstacles.is_empty() {
            return Err(refused(self.obstacles));
        }
        let changes = self.edits.changes();
        let tree = Indexed { workspace, snapshot: Some(snapshot) }.tree();
        let plan = EditPlan::of_changes(&tree, &changes)?;
        let members = self.family.members.iter();
        let definitions: Result<Vec<Described>, EngineError> =
            members.map(|member| self.sources.graph.describe(*member)).collect();
        let tidy = |mut list: Vec<Candidate>| {
            list.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
            list.dedup();
            list
        };
        Ok(Moved {
            name: self.family.name.clone(),
            from: self.source.path.to_string(),
            to: self.target.path,
            is_created: self.target.file.is_none(),
            definitions: definitions?,
            uses: tidy(self.uses),
            imports: self.imports,
            widened: tidy(self.widened),
            unproven: tidy(self.unproven),
            notes: self.notes,
            plan,
        })
    }
}

/// Whether a place is code, so that an inferred meaning of it says nothing of how it is written.
fn is_code_of(place: &Place) -> bool {
    place.word.role.is_code()
}
