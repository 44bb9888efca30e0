//! The definition at its new place, with the imports that it needs there.

use std::collections::BTreeSet;
use std::rc::Rc;

use flux_core::Target;
use flux_engine::EngineError;
use flux_engine::syntax::{ImportPart, ImportScope, PartKind, Word, WordRole};

use super::Python;
use super::cycle::{Added, imported};
use super::modules::relative;
use super::names::{Binding, Need, Needs, bindings};
use crate::edit::refusal::Candidate;
use crate::refactor::moving::edits::{cut_lines, spliced};
use crate::refactor::moving::obstacle::MoveObstacle;
use crate::refactor::obstacle::Obstacle;
use crate::refactor::sources::Source;

/// Lines that import, of the target.
#[derive(Default)]
struct Arriving {
    /// Those that are always carried out.
    always: Vec<String>,
    /// Those for what checks types.
    for_types: Vec<String>,
    /// Names that the definition needs at once and that the target defines itself.
    defined_there: Vec<Candidate>,
}

impl Python<'_, '_> {
    /// Writes the definition into the target and takes it out of its old module.
    pub(super) fn arrive(&mut self, needs: &Needs) -> Result<(), EngineError> {
        for obstacle in &needs.obstacles {
            self.work.refuse(obstacle.clone());
        }
        self.check_names_there(needs);
        self.check_annotations();
        let mut arriving = Arriving::default();
        for (name, need) in &needs.bound {
            self.arrange(name, need, &mut arriving);
        }
        let text = self.moved_text();
        let source = self.work.source.clone();
        self.work.edits.replace(&source, cut_lines(&source.text, self.work.item.span), "");
        self.work.imports = arriving.always.iter().chain(&arriving.for_types).cloned().collect();
        match self.target.clone() {
            Some(target) => self.write_into(&target, &text, &arriving),
            None => self.write_file(&text, &arriving),
        }
        Ok(())
    }

    /// Names of the target that would mean something else than they do, or than the definition
    /// means by them.
    fn check_names_there(&mut self, needs: &Needs) {
        let Some(target) = self.target.clone() else { return };
        let there = bindings(&target);
        let own = self.work.family.name.clone();
        let module = self.modules.module(target.file);
        match there.get(&own) {
            Some(binding) if !self.is_import_of_it(&module, binding) => {
                let at = vec![target.shown(binding.span().start)];
                self.work.refuse(Obstacle::NameTaken { name: own, at });
            }
            Some(_) => {}
            None => self.check_captured(&target, &own),
        }
        for name in &needs.builtin {
            if let Some(binding) = there.get(name) {
                let at = vec![target.shown(binding.span().start)];
                self.work.refuse(Obstacle::Captured { name: name.clone(), at });
            }
        }
    }

    fn is_import_of_it(&self, own: &super::Module, binding: &Binding) -> bool {
        binding.import().is_some_and(|(_, part)| {
            part.kind == PartKind::Name
                && part.path == self.work.family.name
                && self.modules.means(own, &part.prefix, &self.from.name)
        })
    }

    /// Refuses a name that the target gets and that means something there without being bound.
    fn check_captured(&mut self, target: &Rc<Source>, name: &str) {
        let Some(syntax) = target.syntax() else { return };
        let words = syntax.words(&target.text, name);
        let is_meant = |word: &&Word| {
            matches!(word.role, WordRole::Bare | WordRole::Shorthand)
                && !word.is_in_import
                && !self
                    .work
                    .own
                    .iter()
                    .any(|place| place.file == target.file && place.span == word.span)
                && target
                    .at(word.span.start)
                    .iter()
                    .any(|one| !matches!(one.target, Target::Local(_)))
                && !is_member_name(target, word)
        };
        let at: Vec<Candidate> =
            words.iter().filter(is_meant).map(|word| target.shown(word.span.start)).collect();
        if !at.is_empty() {
            self.work.refuse(Obstacle::Captured { name: name.to_owned(), at });
        }
    }

    /// Annotations are read when the definition is made, or never, as each file says.
    fn check_annotations(&mut self) {
        let Some(target) = self.target.clone() else { return };
        let (here, there) = (is_postponed(&self.work.source), is_postponed(&target));
        if here == there {
            return;
        }
        let text = self.work.item.bare.of(&self.work.source.text);
        let is_class = self.work.item.kind == "class_definition";
        let head = text.split('\n').next().unwrap_or_default();
        let has_annotations = is_class
            || text.contains("->")
            || head.contains(": ")
            || self.work.source.syntax().is_some_and(|syntax| {
                let name = self.work.family.first;
                let span = self.work.sources.definition(name).map(|one| one.name_span);
                span.ok().and_then(|span| syntax.parameters(span)).is_some_and(|parameters| {
                    parameters.all.iter().any(|one| one.annotation.is_some())
                })
            });
        let is_read = is_class || self.work.item.span.of(&self.work.source.text).starts_with('@');
        if has_annotations && (here || is_read) {
            self.work.refuse(MoveObstacle::Annotations);
        }
    }

    /// One name that the definition needs.
    fn arrange(&mut self, name: &str, need: &Need, arriving: &mut Arriving) {
        match self.offered_there(name, need) {
            Offered::Same => return,
            Offered::Defined => {
                if need.is_immediate {
                    arriving.defined_there.push(need.at.clone());
                }
                return;
            }
            Offered::Another(at) => {
                let name = name.to_owned();
                return self.work.refuse(Obstacle::NameTaken { name, at: vec![at] });
            }
            Offered::Missing => {}
        }
        if let Some(target) = self.target.clone()
            && !bindings(&target).contains_key(name)
        {
            self.check_captured(&target, name);
        }
        let home = self.from.clone();
        match need.binding.import() {
            Some((statement, part)) => {
                let line = self.carried(part);
                if statement.scope == ImportScope::TypeChecking {
                    return push(&mut arriving.for_types, line);
                }
                push(&mut arriving.always, line);
                let files = imported(&self.modules, &home, part);
                let from = self.there();
                for file in files {
                    self.added.push(Added { from, to: Some(file), at: need.at.clone() });
                }
            }
            None => {
                let written = self.written_in(self.target.as_deref(), &self.to, &home);
                push(&mut arriving.always, format!("from {written} import {name}"));
                let to = Some(self.work.source.file);
                self.added.push(Added { from: self.there(), to, at: need.at.clone() });
            }
        }
    }

    /// What the target has of a name that is needed.
    fn offered_there(&self, name: &str, need: &Need) -> Offered {
        if let Some((_, part)) = need.binding.import()
            && part.kind == PartKind::Name
            && self.modules.means(&self.from, &part.prefix, &self.to.name)
        {
            let at = self.work.source.shown(part.span.start);
            return if part.has_alias { Offered::Another(at) } else { Offered::Defined };
        }
        let Some(target) = &self.target else { return Offered::Missing };
        let there = bindings(target);
        let Some(binding) = there.get(name) else { return Offered::Missing };
        let another = Offered::Another(target.shown(binding.span().start));
        let Some((statement, other)) = binding.import() else { return another };
        if statement.scope == ImportScope::TypeChecking && !need.binding.is_for_types() {
            return Offered::Missing;
        }
        let module = self.modules.module(target.file);
        match need.binding.import() {
            None => {
                let is_it = other.kind == PartKind::Name
                    && other.path == name
                    && self.modules.means(&module, &other.prefix, &self.from.name);
                if is_it { Offered::Same } else { another }
            }
            Some((_, part)) => {
                let path =
                    |own, part: &ImportPart| self.modules.absolute(own, &part.full_path("."));
                let is_package = part.kind == PartKind::Module
                    && other.kind == PartKind::Module
                    && !part.has_alias
                    && !other.has_alias;
                match path(&self.from, part) == path(&module, other) {
                    true => Offered::Same,
                    // `import a.b` beside `import a.c`.
                    false if is_package => Offered::Missing,
                    false => another,
                }
            }
        }
    }

    /// An import of the old module, as the target writes it.
    fn carried(&self, part: &ImportPart) -> String {
        let written = part.span.of(&self.work.source.text);
        match part.kind {
            PartKind::Module => format!("import {written}"),
            PartKind::Name | PartKind::Star | PartKind::List => {
                format!("from {} import {written}", self.seen_from_target(&part.prefix))
            }
        }
    }

    /// A module as the old one writes it, as the target does.
    fn seen_from_target(&self, written: &str) -> String {
        if !written.starts_with('.') {
            return written.to_owned();
        }
        let name = self.modules.absolute(&self.from, written).unwrap_or_default();
        let module = super::Module { name, is_package: false };
        relative(&self.to, &module).unwrap_or(module.name)
    }

    /// The text of the definition, with the relative imports within it as the target writes them.
    fn moved_text(&self) -> String {
        let source = &self.work.source;
        let span = self.work.item.span;
        let mut edits = Vec::new();
        for statement in source.syntax().map(|one| one.imports(&source.text)).unwrap_or_default() {
            let is_inside = span.start <= statement.span.start && statement.span.end <= span.end;
            let prefix = statement.parts.first().map_or("", |part| part.prefix.as_str());
            if !is_inside || !prefix.starts_with('.') {
                continue;
            }
            let text = statement.span.of(&source.text);
            if let Some(at) = text.find(prefix) {
                let start = statement.span.start + at as u32;
                let at = flux_core::ByteSpan::new(start, start + prefix.len() as u32);
                edits.push((at, self.seen_from_target(prefix)));
            }
        }
        spliced(&source.text, span, &edits)
    }

    fn write_file(&mut self, text: &str, arriving: &Arriving) {
        let mut lines = Vec::new();
        if is_postponed(&self.work.source) {
            lines.push("from __future__ import annotations\n".to_owned());
        }
        let block = self.import_block(arriving, &BTreeSet::new());
        if !block.is_empty() {
            lines.push(block);
        }
        let gap = if self.is_plain() { "\n" } else { "\n\n" };
        let head = lines.join("\n");
        let head = if head.is_empty() { head } else { format!("{head}{gap}") };
        let path = self.work.target.path.clone();
        self.work.edits.create(path, format!("{head}{text}\n"));
    }

    /// Whether it is one statement, which needs fewer empty lines.
    fn is_plain(&self) -> bool {
        !matches!(self.work.item.kind, "function_definition" | "class_definition")
    }

    /// Lines that import, sorted, each with a line break.
    fn import_block(&self, arriving: &Arriving, there: &BTreeSet<String>) -> String {
        let mut always = arriving.always.clone();
        let is_known = there.contains("TYPE_CHECKING");
        if !arriving.for_types.is_empty() && !is_known {
            push(&mut always, "from typing import TYPE_CHECKING".to_owned());
        }
        always.sort_by_key(|line| {
            let module = line.split(' ').nth(1).unwrap_or_default().to_owned();
            (module.starts_with('.'), line.starts_with("from"), module)
        });
        let mut text: String = always.iter().map(|line| format!("{line}\n")).collect();
        if !arriving.for_types.is_empty() {
            text.push_str("\nif TYPE_CHECKING:\n");
            text.extend(arriving.for_types.iter().map(|line| format!("    {line}\n")));
        }
        text
    }

    fn write_into(&mut self, target: &Rc<Source>, text: &str, arriving: &Arriving) {
        let Some(syntax) = target.syntax() else { return };
        let (head, _) = syntax.import_place(&target.text, 0);
        let there: BTreeSet<String> = bindings(target).into_keys().collect();
        let block = self.import_block(arriving, &there);
        if !block.is_empty() {
            self.insert_imports(target, &block);
        }
        self.list_in_all(target);
        let is_early = !self.seen.immediate_there.is_empty();
        if is_early && !arriving.defined_there.is_empty() {
            let mut at = self.seen.immediate_there.clone();
            at.extend(arriving.defined_there.iter().cloned());
            return self.work.refuse(MoveObstacle::Order(at));
        }
        let at = if is_early { head } else { syntax.end_place(&target.text) };
        let before = target.text[..at as usize].trim_end();
        let after = &target.text[at as usize..];
        let gap = if self.is_plain() { "\n" } else { "\n\n" };
        let break_before =
            if target.text[..at as usize].ends_with('\n') || at == 0 { "" } else { "\n" };
        let start = match (before.is_empty(), is_early) {
            (true, _) if block.is_empty() => String::new(),
            (true, _) => gap.to_owned(),
            (false, true) => gap.to_owned(),
            (false, false) => {
                let has = target.text[before.len()..at as usize].matches('\n').count();
                let wanted = gap.len() + 1;
                format!("{break_before}{}", "\n".repeat(wanted.saturating_sub(has.max(1))))
            }
        };
        let has = after.len() - after.trim_start_matches('\n').len();
        let end = match after.trim().is_empty() {
            true => String::new(),
            false => "\n".repeat(gap.len().saturating_sub(has)),
        };
        self.work.edits.insert(target, at, format!("{start}{text}\n{end}"));
    }

    /// Adds the name to the target's `__all__`, if its old module listed it.
    fn list_in_all(&mut self, target: &Rc<Source>) {
        if !self.seen.is_exported {
            return;
        }
        let own = bindings(target).get("__all__").map(Binding::span);
        let Some(all) = own else { return };
        let rest = &target.text[all.end as usize..];
        // Only a plain list that is written out can be added to.
        let line = rest.split('\n').next().unwrap_or_default();
        let Some(behind) = line.find('=').map(|at| at + 1) else { return };
        let open = behind + rest[behind..].len() - rest[behind..].trim_start().len();
        if !rest[open..].starts_with(['[', '(']) {
            return;
        }
        let close = if rest[open..].starts_with('[') { ']' } else { ')' };
        let Some(end) = rest.find(close) else { return };
        let inside = &rest[open + 1..end];
        if inside.contains('#') {
            return;
        }
        let quote = if inside.contains('\'') { '\'' } else { '"' };
        let name = &self.work.family.name;
        let trimmed = inside.trim_end();
        let at = all.end + (open + 1 + trimmed.len()) as u32;
        let comma = if trimmed.is_empty() || trimmed.ends_with(',') { "" } else { "," };
        let new = match inside.rsplit_once('\n') {
            Some(_) => {
                let line = inside.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("    ");
                let start = &line[..line.len() - line.trim_start().len()];
                format!("{comma}\n{start}{quote}{name}{quote},")
            }
            None if trimmed.is_empty() => format!("{quote}{name}{quote}"),
            None => format!("{comma} {quote}{name}{quote}"),
        };
        self.work.edits.insert(target, at, new);
    }
}

/// What a module has of a name.
enum Offered {
    /// The same thing, imported.
    Same,
    /// The same thing, which it defines.
    Defined,
    /// Something else.
    Another(Candidate),
    /// Nothing.
    Missing,
}

fn push(lines: &mut Vec<String>, line: String) {
    if !lines.contains(&line) {
        lines.push(line);
    }
}

/// Whether a file has `from __future__ import annotations`.
fn is_postponed(source: &Source) -> bool {
    bindings(source).get("annotations").is_some_and(|binding| {
        binding.import().is_some_and(|(_, part)| part.prefix == "__future__")
    })
}

/// Whether a word names a member where its class defines it, which says nothing of the module.
fn is_member_name(source: &Source, word: &Word) -> bool {
    source
        .definitions
        .iter()
        .skip(1)
        .any(|one| one.name_span == word.span && one.parent != flux_core::DefinitionIndex::MODULE)
}
