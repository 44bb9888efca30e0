//! The uses of the definition, written anew.

use std::rc::Rc;

use flux_core::{ByteSpan, DefinitionIndex, Target};
use flux_engine::EngineError;
use flux_engine::syntax::{ImportPart, ImportStatement, PartKind, WordRole};

use super::Python;
use super::cycle::is_immediate;
use super::modules::{Module, joined, parent, rewritten};
use super::names::{bindings, is_deferred, is_store, path_before};
use crate::refactor::moving::obstacle::MoveObstacle;
use crate::refactor::obstacle::Obstacle;
use crate::refactor::places::{Certainty, Place};
use crate::refactor::rename::shown;
use crate::refactor::sources::Source;

/// What stands before a name in a path that leads to it.
enum Before {
    /// Its module.
    Module(ByteSpan),
    /// Another module, which offers it too.
    Another,
    /// Something else.
    Unknown,
}

impl Python<'_, '_> {
    /// Looks at all of them.
    pub(super) fn uses(&mut self) -> Result<(), EngineError> {
        let mut texts = Vec::new();
        for place in self.work.own.clone() {
            if place.is_definition {
                continue;
            }
            let Some(source) = self.work.sources.file(place.file)? else { continue };
            match place.word.role {
                WordRole::String | WordRole::Comment | WordRole::Prose => {
                    texts.push((source, place));
                }
                _ if place.word.is_in_import => self.imported(&source, &place),
                WordRole::Bare | WordRole::Shorthand => self.alone(&source, &place),
                WordRole::Member => self.member(&source, &place)?,
                _ => self.unclear(&place),
            }
        }
        for (source, place) in texts {
            self.text(&source, &place)?;
        }
        if self.keeps_name() {
            self.import_at_home();
        }
        Ok(())
    }

    /// Whether the module that it leaves still has the name afterwards.
    pub(super) fn keeps_name(&self) -> bool {
        self.work.request.reexports || self.seen.at_home.is_some()
    }

    fn unclear(&mut self, place: &Place) {
        self.work.refuse(MoveObstacle::Unclear(vec![place.shown.clone()]));
    }

    fn replaced(&mut self, place: &Place) {
        let name = self.work.family.name.clone();
        self.work.refuse(MoveObstacle::Replaced { name, at: vec![place.shown.clone()] });
    }

    /// `from a import f`.
    fn imported(&mut self, source: &Rc<Source>, place: &Place) {
        let Some((statement, index)) = part_at(source, place.span) else {
            return self.unclear(place);
        };
        let part = &statement.parts[index];
        let own = self.modules.module(source.file);
        if part.kind != PartKind::Name {
            return self.unclear(place);
        }
        if !self.modules.means(&own, &part.prefix, &self.from.name) {
            // Another module offers it, by an import that changes itself.
            return;
        }
        let is_target = Some(source.file) == self.work.target.file;
        if self.work.moves(place) || source.file == self.work.source.file {
            return self.unclear(place);
        }
        if is_target && part.has_alias {
            return self.unclear(place);
        }
        self.work.used(place);
        self.touched.insert(source.file, source.clone());
        self.work.edits.drop_part(source, &statement, index);
        if is_target {
            return;
        }
        let written = rewritten(&own, &part.prefix, &self.from.name, &self.to);
        let line = format!("from {written} import {}", part.span.of(&source.text));
        self.needs_line(source, statement.span.start, line);
        if is_immediate(&statement) {
            self.comes_to_target(source.file, &place.shown);
        }
    }

    /// `f` where scopes lead to it.
    fn alone(&mut self, source: &Rc<Source>, place: &Place) {
        if self.work.moves(place) {
            self.seen.by_itself.push(place.shown.clone());
            return;
        }
        let is_target = Some(source.file) == self.work.target.file;
        let is_home = source.file == self.work.source.file;
        if (is_home || is_target) && is_store(source, place.span) {
            return self.replaced(place);
        }
        if is_home {
            self.seen.at_home.get_or_insert_with(|| place.shown.clone());
            self.work.used(place);
        }
        if is_target && !is_deferred(source, place.span.start) {
            self.seen.immediate_there.push(place.shown.clone());
        }
    }

    /// `a.f`.
    fn member(&mut self, source: &Rc<Source>, place: &Place) -> Result<(), EngineError> {
        let path = match self.before(source, place.span) {
            Before::Module(path) => path,
            Before::Another => return Ok(()),
            Before::Unknown => {
                self.unclear(place);
                return Ok(());
            }
        };
        if is_store(source, place.span) {
            self.replaced(place);
            return Ok(());
        }
        self.work.used(place);
        if Some(source.file) == self.work.target.file || self.work.moves(place) {
            let span = ByteSpan::new(path.start, place.span.end);
            self.work.edits.replace(source, span, self.work.family.name.clone());
            if !self.work.moves(place) && !is_deferred(source, place.span.start) {
                self.seen.immediate_there.push(place.shown.clone());
            }
            return Ok(());
        }
        self.seen.through_module.push(place.shown.clone());
        match self.module_in(source, place, path) {
            Some(new) => self.work.edits.replace(source, path, new),
            None => self.unclear(place),
        }
        Ok(())
    }

    fn before(&self, source: &Source, member: ByteSpan) -> Before {
        let Some(path) = path_before(source, member) else { return Before::Unknown };
        let last = path.of(&source.text).rsplit('.').next().unwrap_or_default();
        let at = path.end - last.len() as u32;
        let mut another = Before::Unknown;
        for one in source.at(at) {
            if let Target::Definition(found) = one.target
                && found.index == DefinitionIndex::MODULE
            {
                if found.file == self.work.source.file {
                    return Before::Module(path);
                }
                another = Before::Another;
            }
        }
        another
    }

    /// What stands for the target's module in a file, where `path` stood for the old one. The import
    /// that it needs is added beside the one that the old one has.
    fn module_in(&mut self, source: &Rc<Source>, place: &Place, path: ByteSpan) -> Option<String> {
        let written = path.of(&source.text);
        let first = written.split('.').next().unwrap_or_default();
        let (statement, index) = binding_of(source, first, place.span.start)?;
        let part = &statement.parts[index];
        let own = self.modules.module(source.file);
        let last = self.to.name.rsplit('.').next().unwrap_or_default().to_owned();
        let (name, line) = if part.kind == PartKind::Module && !part.has_alias {
            let new = rewritten(&own, written, &self.from.name, &self.to);
            if new == written || !self.modules.means(&own, written, &self.from.name) {
                return None;
            }
            if !new.contains('.') && !self.is_free(source, &new) {
                return None;
            }
            (new.clone(), format!("import {new}"))
        } else if let Some(bound) = self.bound_to_target(source, &own) {
            return Some(bound);
        } else {
            let candidates = [last.clone(), format!("{last}_module")];
            let name = candidates.into_iter().find(|name| self.is_free(source, name))?;
            let line = self.import_of_target(&own, part, &last, &name);
            (name, line)
        };
        self.needs_line(source, statement.span.start, line);
        if is_immediate(&statement) {
            self.comes_to_target(source.file, &place.shown);
        }
        Some(name)
    }

    fn import_of_target(&self, own: &Module, part: &ImportPart, last: &str, name: &str) -> String {
        let alias = if last == name { String::new() } else { format!(" as {name}") };
        let above = Module { name: parent(&self.to.name).to_owned(), is_package: true };
        if above.name.is_empty() {
            return format!("import {last}{alias}");
        }
        if part.kind == PartKind::Module {
            return format!("import {}{alias}", self.to.name);
        }
        let old = part.full_path(".");
        let absolute = self.modules.absolute(own, &part.prefix).unwrap_or_default();
        let old_above = joined(&absolute, &part.path);
        let old_above = parent(&old_above).to_owned();
        let written = if old.starts_with('.') {
            rewritten(own, &part.prefix, &old_above, &above)
        } else {
            // Folders without `__init__` stay before it.
            let known = parent(&self.from.name);
            rewritten(own, &part.prefix, known, &above)
        };
        format!("from {written} import {last}{alias}")
    }

    /// The name that the target's module has in a file already.
    fn bound_to_target(&self, source: &Source, own: &Module) -> Option<String> {
        bindings(source).into_iter().find_map(|(name, binding)| {
            let (_, part) = binding.import().filter(|_| !binding.is_for_types())?;
            let is_it = match part.kind {
                PartKind::Module => part.has_alias && part.path == self.to.name,
                PartKind::Name => {
                    self.modules.absolute(own, &part.full_path(".")).as_deref()
                        == Some(self.to.name.as_str())
                }
                PartKind::Star | PartKind::List => false,
            };
            is_it.then_some(name)
        })
    }

    /// Whether a name stands nowhere in the code of a file.
    fn is_free(&self, source: &Source, name: &str) -> bool {
        let words = source.syntax().map(|syntax| syntax.words(&source.text, name));
        words.unwrap_or_default().iter().all(|word| {
            let is_member = word.role == WordRole::Member && !word.is_in_import;
            is_member || !word.role.is_code()
        })
    }

    /// A word of a string or comment that means it.
    fn text(&mut self, source: &Rc<Source>, place: &Place) -> Result<(), EngineError> {
        let before = &source.text[..place.span.start as usize];
        let is_path = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | ':');
        let path = &before[before.trim_end_matches(is_path).len()..];
        let is_code = place.word.role == WordRole::String && source.language == "python";
        if path.ends_with(['.', ':']) {
            self.path_in_text(source, place, path, is_code);
            return Ok(());
        }
        if is_code && self.is_in_all(source, place) {
            if source.file == self.work.source.file {
                self.seen.is_exported = true;
                if !self.work.request.reexports {
                    let span = entry_of_list(&source.text, place.span);
                    self.work.edits.replace(source, span, "");
                    self.work.used(place);
                }
            }
            return Ok(());
        }
        let is_named = is_code && place.certainty == Certainty::Inferred;
        let is_seen_only_there = self.keeps_name()
            && self.seen.through_module.is_empty()
            && self.seen.by_itself.is_empty();
        if is_named && !is_seen_only_there {
            self.replaced(place);
        }
        Ok(())
    }

    /// `"pkg.a.f"`.
    fn path_in_text(&mut self, source: &Rc<Source>, place: &Place, path: &str, is_code: bool) {
        let start = path.trim_start_matches(['.', ':']).len();
        let written = &path[path.len() - start..];
        let module = written.trim_end_matches(['.', ':']);
        let is_it = module == self.from.name
            || module.ends_with(&format!(".{}", self.from.name)) && !self.from.name.is_empty();
        if !is_it {
            return;
        }
        if self.keeps_name() && is_code && place.certainty == Certainty::Inferred {
            // Whoever replaces it there means what looks it up there.
            let is_elsewhere = !self.seen.through_module.is_empty()
                || !self.seen.by_itself.is_empty()
                || self.seen.at_home.is_none();
            if is_elsewhere {
                self.replaced(place);
            }
            return;
        }
        if place.certainty > self.work.request.certainty {
            self.work.refuse(Obstacle::Inferred(shown(std::slice::from_ref(place))));
            return;
        }
        let end = place.span.start - (written.len() - module.len()) as u32;
        let span = ByteSpan::new(end - self.from.name.len() as u32, end);
        self.work.edits.replace(source, span, self.to.name.clone());
        self.work.used(place);
    }

    fn is_in_all(&self, source: &Source, place: &Place) -> bool {
        let before = &source.text[..place.span.start as usize];
        before.rfind("__all__").is_some_and(|at| {
            let between = &before[at..];
            between.contains('=') && !between.contains([']', ')', '}', ';'])
        })
    }

    /// The import that its old module needs of it.
    fn import_at_home(&mut self) {
        let source = self.work.source.clone();
        let written = self.written_in(Some(&source), &self.from, &self.to);
        let line = format!("from {written} import {}\n", self.work.family.name);
        self.insert_imports(&source, &line);
        let at = match &self.seen.at_home {
            Some(at) => at.clone(),
            None => source.shown(self.work.item.bare.start),
        };
        self.comes_to_target(source.file, &at);
    }
}

/// The part of an import that a span lies in.
fn part_at(source: &Source, span: ByteSpan) -> Option<(ImportStatement, usize)> {
    let syntax = source.syntax()?;
    let statements = syntax.imports(&source.text);
    let holds = |one: &ByteSpan| one.start <= span.start && span.end <= one.end;
    let statement = statements.into_iter().find(|one| holds(&one.span))?;
    let index = statement.parts.iter().rposition(|part| holds(&part.span))?;
    Some((statement, index))
}

/// The import that binds a name where it is used: the innermost one.
fn binding_of(source: &Source, name: &str, at: u32) -> Option<(ImportStatement, usize)> {
    let syntax = source.syntax()?;
    let mut found: Option<(ImportStatement, usize)> = None;
    for statement in syntax.imports(&source.text) {
        let is_around = statement.block.start <= at && at < statement.block.end;
        let part = statement.parts.iter().position(|part| part.binds.as_deref() == Some(name));
        let Some(part) = part.filter(|_| is_around) else { continue };
        let is_inner =
            found.as_ref().is_none_or(|(old, _)| statement.block.len() <= old.block.len());
        if is_inner {
            found = Some((statement, part));
        }
    }
    found
}

/// A string of a list, with its comma and, where it has one of its own, its line.
fn entry_of_list(text: &str, name: ByteSpan) -> ByteSpan {
    let (mut start, mut end) = (name.start as usize - 1, name.end as usize + 1);
    let after = &text[end..];
    let rest = after.trim_start_matches([' ', '\t']);
    if rest.starts_with(',') {
        end += after.len() - rest.len() + 1;
        let line = text[..start].rsplit('\n').next().unwrap_or_default();
        let tail = text[end..].split('\n').next().unwrap_or_default();
        if line.trim().is_empty() && tail.trim().is_empty() && end + tail.len() < text.len() {
            start -= line.len();
            end += tail.len() + 1;
        } else {
            end += text[end..].len() - text[end..].trim_start_matches(' ').len();
        }
    } else {
        let before = text[..start].trim_end();
        if let Some(before) = before.strip_suffix(',') {
            start = before.len();
        }
    }
    ByteSpan::new(start as u32, end as u32)
}
