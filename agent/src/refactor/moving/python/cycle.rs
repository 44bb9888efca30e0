//! Whether modules would import each other while they are imported.
//!
//! What a module does when it is imported is what stands outside of its functions. A package that a
//! module lies in is being imported already, and is no step of its own unless something is taken
//! from it by name.

use std::collections::{BTreeMap, BTreeSet};

use flux_core::FileId;
use flux_engine::EngineError;
use flux_engine::syntax::{ImportPart, ImportScope, ImportStatement, PartKind};

use super::modules::{Module, Modules, joined};
use crate::edit::refusal::Candidate;
use crate::refactor::moving::edits::Edits;
use crate::refactor::moving::obstacle::MoveObstacle;
use crate::refactor::sources::Sources;

/// A place in the circle: a file, or the one that is to be made.
pub(super) type Node = Option<FileId>;

/// An import that comes with the move.
pub(super) struct Added {
    pub(super) from: Node,
    pub(super) to: Node,
    /// What needs it.
    pub(super) at: Candidate,
}

/// Imports before the move, without those that go, and with those that come.
pub(super) struct Circle<'a> {
    pub(super) sources: &'a Sources<'a>,
    pub(super) modules: &'a Modules,
    pub(super) edits: &'a Edits,
    pub(super) added: &'a [Added],
    /// The path of the file that is to be made.
    pub(super) created: &'a str,
}

impl Circle<'_> {
    /// The first circle that an import which comes would close.
    pub(super) fn closed(&self) -> Result<Option<MoveObstacle>, EngineError> {
        for added in self.added {
            if added.from == added.to {
                continue;
            }
            if let Some(chain) = self.way(added.to, added.from)? {
                let start = std::iter::once(added.from);
                let chain = start.chain(chain).map(|node| self.name(node)).collect();
                return Ok(Some(MoveObstacle::Cycle { chain, at: vec![added.at.clone()] }));
            }
        }
        Ok(None)
    }

    fn name(&self, node: Node) -> String {
        match node {
            Some(file) => self.sources.view.entry(file).path.to_string(),
            None => self.created.to_owned(),
        }
    }

    /// The files on a shortest way from one to another, both of them included.
    fn way(&self, from: Node, to: Node) -> Result<Option<Vec<Node>>, EngineError> {
        let mut came: BTreeMap<Node, Node> = BTreeMap::new();
        let mut seen: BTreeSet<Node> = [from].into();
        let mut open = vec![from];
        while !open.is_empty() {
            let mut next = Vec::new();
            for at in open {
                if at == to {
                    let mut chain = vec![at];
                    let mut back = at;
                    while let Some(before) = came.get(&back) {
                        chain.push(*before);
                        back = *before;
                    }
                    chain.reverse();
                    return Ok(Some(chain));
                }
                for further in self.steps(at)? {
                    if seen.insert(further) {
                        came.insert(further, at);
                        next.push(further);
                    }
                }
            }
            open = next;
        }
        Ok(None)
    }

    fn steps(&self, from: Node) -> Result<BTreeSet<Node>, EngineError> {
        let mut found: BTreeSet<Node> =
            self.added.iter().filter(|one| one.from == from).map(|one| one.to).collect();
        let Some(file) = from else { return Ok(found) };
        let Some(source) = self.sources.file(file)? else { return Ok(found) };
        let Some(syntax) = source.syntax() else { return Ok(found) };
        let own = self.modules.module(file);
        for statement in syntax.imports(&source.text) {
            if !is_immediate(&statement) {
                continue;
            }
            for (index, part) in statement.parts.iter().enumerate() {
                if !self.edits.drops(&source, &statement, index) {
                    found.extend(imported(self.modules, &own, part).into_iter().map(Some));
                }
            }
        }
        Ok(found)
    }
}

/// Whether a statement is carried out when its module is imported.
pub(super) fn is_immediate(statement: &ImportStatement) -> bool {
    matches!(statement.scope, ImportScope::File | ImportScope::Conditional | ImportScope::Class)
}

/// The files that an import of a module carries out.
pub(super) fn imported(modules: &Modules, own: &Module, part: &ImportPart) -> BTreeSet<FileId> {
    let mut found = BTreeSet::new();
    let written = match part.kind {
        PartKind::Module => part.path.as_str(),
        PartKind::Name | PartKind::Star | PartKind::List => part.prefix.as_str(),
    };
    let Some(file) = modules.resolve(own, written) else { return found };
    let name = modules.module(file).name;
    let below = modules.find(&joined(&name, &part.path));
    let is_around = |name: &str| own.name == name || own.name.starts_with(&format!("{name}."));
    match (part.kind, below) {
        (PartKind::Name, Some(below)) => {
            found.insert(below);
            if !is_around(&name) {
                found.insert(file);
            }
        }
        _ => drop(found.insert(file)),
    }
    let mut above = name.as_str();
    while let Some((package, _)) = above.rsplit_once('.') {
        above = package;
        if !is_around(package) {
            found.extend(modules.find(package));
        }
    }
    found
}
