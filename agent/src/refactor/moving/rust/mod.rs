//! Moves an item of Rust, with the implementations of a type that lie in the same file.
//!
//! What a name means depends on the module it stands in, and so does who may use it. Names are
//! imported where they arrive; what was private to the old module and is used across the two is made
//! visible as far as that needs, and no further.

mod arrive;
mod needs;
mod paths;
mod uses;
mod visible;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use flux_core::{ByteSpan, FileId, SymbolKind};
use flux_engine::EngineError;
use flux_engine::syntax::ItemPlace;

use self::paths::{ModulePath, Modules, Reach};
use super::Work;
use super::obstacle::MoveObstacle;
use crate::edit::refusal::Candidate;
use crate::refactor::obstacle::Obstacle;
use crate::refactor::public;
use crate::refactor::sources::{Source, Sources};

/// A move within a crate.
struct Rust<'w, 'a> {
    work: &'w mut Work<'a>,
    modules: Modules<'a>,
    from: Rc<ModulePath>,
    to: Rc<ModulePath>,
    target: Rc<Source>,
    /// Changes within what moves.
    inside: Vec<(ByteSpan, String)>,
    /// Statements in the place of others that import.
    instead: BTreeMap<(String, u32), Vec<String>>,
    /// Files with statements that change.
    touched: BTreeMap<FileId, Rc<Source>>,
    /// Where it is used afterwards.
    users: Vec<User>,
    /// Blocks that need an import of it, by file and an offset within.
    wanting: BTreeMap<(FileId, Vec<String>), u32>,
    /// Statements that the target gets.
    lines: BTreeSet<String>,
    /// What has to be seen further than it says, by file and the span where it says so.
    widened: BTreeMap<(FileId, u32, u32), (Rc<Source>, Reach)>,
}

/// A module that uses what moves.
#[derive(Clone)]
struct User {
    module: ModulePath,
    at: Candidate,
}

/// The root of the crate that a file belongs to.
pub(super) fn root_of(sources: &Sources<'_>, file: FileId) -> Result<Option<FileId>, EngineError> {
    Ok(Modules::new(sources).of_file(file)?.map(|path| path.root))
}

/// Plans it.
pub(super) fn plan(work: &mut Work<'_>) -> Result<(), EngineError> {
    let modules = Modules::new(work.sources);
    let Some(file) = work.target.file else { return Ok(()) };
    let target = work.sources.file(file)?;
    let paths = (modules.of_file(work.source.file)?, modules.of_file(file)?);
    let (Some(target), (Some(from), Some(to))) = (target, paths) else {
        let at = vec![work.source.shown(0)];
        work.refuse(Obstacle::Unparsed(at));
        return Ok(());
    };
    let mut rust = Rust {
        work,
        modules,
        from,
        to,
        target,
        inside: Vec::new(),
        instead: BTreeMap::new(),
        touched: BTreeMap::new(),
        users: Vec::new(),
        wanting: BTreeMap::new(),
        lines: BTreeSet::new(),
        widened: BTreeMap::new(),
    };
    rust.plan()
}

impl Rust<'_, '_> {
    fn plan(&mut self) -> Result<(), EngineError> {
        self.check_crate();
        if !self.work.request.moves_api && !self.work.request.reexports {
            self.work.obstacles.extend(public::by_path(self.work.sources, self.work.family)?);
        }
        self.take_implementations();
        self.stars()?;
        self.uses()?;
        self.arrive()?;
        self.import_where_wanted()?;
        self.widen_it()?;
        self.write_widened();
        self.write();
        let sources: Vec<Rc<Source>> = self.touched.values().cloned().collect();
        self.work.edits.settle_imports(&sources, &self.instead);
        Ok(())
    }

    /// Whether the two modules are compiled together.
    fn check_crate(&mut self) {
        let (from, to) = (self.work.source.path.to_string(), self.work.target.path.clone());
        if self.from.root != self.to.root {
            return self.work.refuse(MoveObstacle::OtherPackage { from, to });
        }
        let at = vec![self.work.source.shown(0), self.target.shown(0)];
        if self.from.is_shared || self.to.is_shared {
            return self.work.refuse(Obstacle::Shared(at));
        }
        if self.from.conditions != self.to.conditions {
            self.work.refuse(MoveObstacle::Conditional(at));
        }
    }

    /// A type takes its implementations along.
    fn take_implementations(&mut self) {
        let is_type = matches!(self.work.family.kind, SymbolKind::Struct | SymbolKind::Enum)
            || self.work.item.kind == "union_item";
        let source = self.work.source.clone();
        let Some(syntax) = source.syntax().filter(|_| is_type) else { return };
        for block in syntax.impls(&source.text, &self.work.family.name) {
            if block.place == ItemPlace::File {
                self.work.spans.push(block.span);
            }
        }
        self.work.spans.sort_by_key(|span| span.start);
    }

    /// Whether an offset of the old file moves.
    fn is_inside(&self, source: &Source, at: u32) -> bool {
        source.file == self.work.source.file
            && self.work.spans.iter().any(|span| span.start <= at && at < span.end)
    }

    /// Globs that offer it to others from its old module.
    fn stars(&mut self) -> Result<(), EngineError> {
        if self.work.request.reexports {
            return Ok(());
        }
        let own = self.own_visibility();
        let mut at = Vec::new();
        for (source, statement, _) in self.globs()? {
            if statement.visibility.is_some() && !own.is_empty() {
                at.push(source.shown(statement.span.start));
            }
        }
        if !at.is_empty() {
            self.work.refuse(MoveObstacle::Star(at));
        }
        Ok(())
    }

    fn own_visibility(&self) -> String {
        let name = self.work.sources.definition(self.work.family.first).map(|one| one.name_span);
        name.map_or(String::new(), |name| paths::visibility(&self.work.source, name).1)
    }

    /// Conditions under which the item itself is compiled, which its imports share.
    fn own_conditions(&self) -> Vec<String> {
        let source = &self.work.source;
        let name = self.work.sources.definition(self.work.family.first).map(|one| one.name_span);
        let Some((syntax, name)) = source.syntax().zip(name.ok()) else { return Vec::new() };
        let attributes = syntax.decorators(name).into_iter();
        let texts = attributes.map(|span| span.of(&source.text).to_owned());
        texts.filter(|text| text.starts_with("#[cfg(")).collect()
    }

    /// Globs of the old module, with the file and the offset of their statement.
    fn globs(
        &self,
    ) -> Result<Vec<(Rc<Source>, flux_engine::syntax::ImportStatement, usize)>, EngineError> {
        use flux_engine::syntax::PartKind;
        let mut found = Vec::new();
        for file in self.rust_files() {
            let Some(source) = self.work.sources.file(file)? else { continue };
            if !source.text.contains("*;")
                && !source.text.contains("*,")
                && !source.text.contains("*}")
            {
                continue;
            }
            let Some(syntax) = source.syntax() else { continue };
            for statement in syntax.imports(&source.text) {
                for (index, part) in statement.parts.iter().enumerate() {
                    if part.kind == PartKind::Star && self.is_home(&source, &statement, index)? {
                        found.push((source.clone(), statement.clone(), index));
                    }
                }
            }
        }
        Ok(found)
    }

    /// Files of Rust that may have to do with the old module: those of its crate, and those that
    /// name it.
    fn rust_files(&self) -> BTreeSet<FileId> {
        let files = self.work.sources.view.snapshot.view();
        let is_rust = |entry: &flux_core::RepoPath| entry.extension() == Some("rs");
        files.iter().filter(|(_, entry)| is_rust(&entry.path)).map(|(file, _)| file).collect()
    }
}
