//! Moves a definition of Python.
//!
//! A module is a place where names live while the program runs: tests put others in their place, and
//! functions look them up there. So the move is refused where somebody replaces a name that the
//! definition looks up, and imports are added only where they cannot meet themselves.

mod arrive;
mod cycle;
mod leave;
mod modules;
mod names;
mod replaced;
mod uses;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use flux_core::FileId;
use flux_engine::EngineError;

use self::cycle::{Added, Circle, Node};
use self::modules::{Module, Modules};
use super::Work;
use super::edits::head_gaps;
use super::obstacle::MoveObstacle;
use crate::edit::refusal::Candidate;
use crate::refactor::obstacle::Obstacle;
use crate::refactor::public;
use crate::refactor::sources::Source;

/// Lines by the path of a file and the offset at which they go.
type Lines = BTreeMap<(String, u32), Vec<String>>;

/// A move within a tree of Python.
struct Python<'w, 'a> {
    work: &'w mut Work<'a>,
    modules: Modules,
    /// The module that the definition leaves.
    from: Module,
    /// The module that it goes to.
    to: Module,
    /// The file of that, if it is there.
    target: Option<Rc<Source>>,
    /// Imports that come.
    added: Vec<Added>,
    /// Lines in the place of, or behind, statements that import.
    instead: Lines,
    /// Files with statements that change.
    touched: BTreeMap<FileId, Rc<Source>>,
    /// What uses do to the module that it leaves.
    seen: Seen,
}

/// What is found of uses that say something about all others.
#[derive(Default)]
struct Seen {
    /// Its own module uses it, and needs an import.
    at_home: Option<Candidate>,
    /// It is reached through its module somewhere: `a.f`.
    through_module: Vec<Candidate>,
    /// It names itself.
    by_itself: Vec<Candidate>,
    /// It is used in the module that it goes to, while that is imported.
    immediate_there: Vec<Candidate>,
    /// Whether its module listed it in `__all__`.
    is_exported: bool,
}

/// Plans it.
pub(super) fn plan(work: &mut Work<'_>) -> Result<(), EngineError> {
    let modules = Modules::of(work.sources);
    let target = match work.target.file {
        Some(file) => work.sources.file(file)?,
        None => None,
    };
    let from = modules.module(work.source.file);
    let to = match work.target.file {
        Some(file) => modules.module(file),
        None => {
            Module { name: modules::dotted(work.sources, &work.target.path), is_package: false }
        }
    };
    let mut python = Python {
        work,
        modules,
        from,
        to,
        target,
        added: Vec::new(),
        instead: Lines::new(),
        touched: BTreeMap::new(),
        seen: Seen::default(),
    };
    python.plan()
}

impl Python<'_, '_> {
    fn plan(&mut self) -> Result<(), EngineError> {
        self.check_package();
        if !self.work.request.moves_api && !self.work.request.reexports {
            self.work.obstacles.extend(public::check(self.work.sources, self.work.family)?);
        }
        self.stars()?;
        let needs = names::needs(self.work.sources, &self.work.source, self.work.item.span)?;
        self.uses()?;
        self.replaced_needs(&needs)?;
        self.arrive(&needs)?;
        self.leave(&needs)?;
        let sources: Vec<Rc<Source>> = self.touched.values().cloned().collect();
        self.work.edits.settle_imports(&sources, &self.instead);
        let circle = Circle {
            sources: self.work.sources,
            modules: &self.modules,
            edits: &self.work.edits,
            added: &self.added,
            created: &self.work.target.path,
        };
        let closed = circle.closed()?;
        self.work.obstacles.extend(closed.map(Obstacle::from));
        Ok(())
    }

    /// Whether the two modules lie in one package, or in one folder that is none.
    fn check_package(&mut self) {
        let top = |module: &Module| {
            let name = module.name.split('.').next().unwrap_or_default().to_owned();
            (module.name.contains('.') || module.is_package).then_some(name)
        };
        let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let (from, to) = (self.work.source.path.to_string(), self.work.target.path.clone());
        let is_one = match (top(&self.from), top(&self.to)) {
            (Some(one), Some(two)) => {
                one == two && roots(&from, &self.from) == roots(&to, &self.to)
            }
            (None, None) => folder(&from) == folder(&to),
            _ => false,
        };
        if !is_one {
            self.work.refuse(MoveObstacle::OtherPackage { from, to });
        }
    }

    /// Stars that would bring other names than before.
    fn stars(&mut self) -> Result<(), EngineError> {
        let name = self.work.family.name.clone();
        let mut at = Vec::new();
        for file in self.importers()? {
            let Some(source) = self.work.sources.file(file)? else { continue };
            let own = self.modules.module(file);
            for (statement, part) in names::stars(&source) {
                let written = &statement.parts[part].prefix;
                let leaves = self.modules.means(&own, written, &self.from.name)
                    && !self.work.request.reexports
                    && !name.starts_with('_');
                let arrives = self.modules.means(&own, written, &self.to.name);
                if leaves || arrives {
                    at.push(source.shown(statement.span.start));
                }
            }
        }
        if !at.is_empty() {
            self.work.refuse(MoveObstacle::Star(at));
        }
        Ok(())
    }

    /// Files in which a module of the two is named, by the last part of its name.
    fn importers(&self) -> Result<BTreeSet<FileId>, EngineError> {
        let mut found = BTreeSet::new();
        for module in [&self.from, &self.to] {
            let last = module.name.rsplit('.').next().unwrap_or_default();
            found.extend(self.work.sources.graph.files_with(last)?);
            // `from . import *` does not name the package.
            if module.is_package {
                let inside =
                    self.work.sources.view.files().filter(|file| {
                        self.modules.module(*file).package().starts_with(&module.name)
                    });
                found.extend(inside);
            }
        }
        Ok(found)
    }

    /// The place of the target in the circle of imports.
    fn there(&self) -> Node {
        self.work.target.file
    }

    /// An import of the target by a file, when that is imported itself.
    fn comes_to_target(&mut self, file: FileId, at: &Candidate) {
        let to = self.there();
        self.added.push(Added { from: Some(file), to, at: at.clone() });
        // The packages around the target are imported with it.
        let own = self.modules.module(file).name;
        let mut above = self.to.name.clone();
        while let Some((package, _)) = above.clone().rsplit_once('.') {
            let is_around = own == package || own.starts_with(&format!("{package}."));
            if !is_around && let Some(package) = self.modules.find(package) {
                self.added.push(Added { from: Some(file), to: Some(package), at: at.clone() });
            }
            above = package.to_owned();
        }
    }

    /// How a module is written in an import that a file gets: as it writes others of its package.
    fn written_in(&self, source: Option<&Source>, own: &Module, of: &Module) -> String {
        let is_relative = |source: &Source| {
            source.syntax().is_some_and(|syntax| {
                let mut parts = syntax.imports(&source.text).into_iter().flat_map(|one| one.parts);
                parts.any(|part| part.prefix.starts_with('.'))
            })
        };
        let is_absolute = |source: &Source| {
            let top = own.name.split('.').next().unwrap_or_default().to_owned();
            source.syntax().is_some_and(|syntax| {
                let mut parts = syntax.imports(&source.text).into_iter().flat_map(|one| one.parts);
                parts.any(|part| {
                    let path = if part.prefix.is_empty() { &part.path } else { &part.prefix };
                    path.split('.').next() == Some(top.as_str())
                })
            })
        };
        let by_source = source.map(|source| (is_relative(source), is_absolute(source)));
        let is_relative = match by_source {
            Some((true, _)) => true,
            Some((false, true)) => false,
            _ => is_relative(&self.work.source),
        };
        let written = if is_relative { modules::relative(own, of) } else { None };
        written.unwrap_or_else(|| of.name.clone())
    }

    /// Puts statements that import at the head of a file.
    fn insert_imports(&mut self, source: &Rc<Source>, block: &str) {
        let Some(syntax) = source.syntax() else { return };
        let (at, _) = syntax.import_place(&source.text, 0);
        let has_imports = syntax.imports(&source.text).iter().any(|one| one.span.end <= at);
        let rest = source.text[at as usize..].trim_start();
        let is_definition =
            ["def ", "class ", "@", "async "].iter().any(|start| rest.starts_with(start));
        let gap = if is_definition { "\n\n" } else { "\n" };
        let (start, end) = head_gaps(&source.text, at, has_imports, gap);
        self.work.edits.insert(source, at, format!("{start}{block}{end}"));
    }

    fn needs_line(&mut self, source: &Rc<Source>, at: u32, line: String) {
        self.touched.insert(source.file, source.clone());
        let lines = self.instead.entry((source.path.to_string(), at)).or_default();
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
}

/// The folder that the first part of a module's name lies in.
fn roots(path: &str, module: &Module) -> String {
    let stem = path.strip_suffix(".py").unwrap_or(path);
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    let name = module.name.replace('.', "/");
    stem.strip_suffix(&name).unwrap_or(stem).to_owned()
}
