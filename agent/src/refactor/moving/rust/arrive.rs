//! The item at its new place, with the imports that it needs there.

use std::collections::BTreeSet;

use flux_core::{ByteSpan, DefinitionIndex, DefinitionRef, FileId, SymbolKind, Target};
use flux_engine::EngineError;
use flux_engine::syntax::{ImportScope, ImportStatement, PartKind, Word, WordRole, offsets};

use super::Rust;
use super::needs::{Binding, Needs, STANDARD_TRAITS, bindings};
use super::paths::ModulePath;
use super::uses::{has_imports, is_imported_around, joined};
use crate::edit::refusal::Candidate;
use crate::refactor::moving::edits::{cut_lines, head_gaps, spliced};
use crate::refactor::moving::obstacle::MoveObstacle;
use crate::refactor::obstacle::Obstacle;
use crate::refactor::sources::Source;

impl Rust<'_, '_> {
    /// Works out what is needed, and takes the item out of its old module.
    pub(super) fn arrive(&mut self) -> Result<(), EngineError> {
        let needs = self.needs()?;
        self.check_macros(&needs);
        self.check_names_there(&needs)?;
        self.show_needs()?;
        let mut lines = BTreeSet::new();
        for (name, (binding, at)) in &needs.bound {
            self.arrange(name, binding, at, &mut lines)?;
        }
        for (definition, at) in &needs.direct {
            self.arrange_direct(*definition, at, &mut lines)?;
        }
        let further = needs.unnamed.iter().chain(&needs.globs);
        let carried: Vec<String> = further
            .map(|(statement, part)| self.carried(&self.work.source, statement, *part))
            .collect();
        let there = self.paths_there();
        lines.extend(carried.into_iter().filter(|line| !there.contains(line)));
        self.work.imports = lines.iter().cloned().collect();
        self.lines = lines;
        self.absolute_paths();
        self.leave(&needs)
    }

    fn check_macros(&mut self, needs: &Needs) {
        let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let is_same_folder =
            folder(self.work.source.path.as_str()) == folder(self.target.path.as_str());
        let mut at = Vec::new();
        for (name, place) in &needs.macros {
            let is_path = name.starts_with("include");
            let is_module = matches!(name.as_str(), "module_path" | "file");
            let is_known = is_path && is_same_folder
                || !is_path && !is_module && self.target.text.contains(&format!("{name}!"));
            if !is_known {
                at.push(place.clone());
            }
        }
        if !at.is_empty() {
            self.work.refuse(MoveObstacle::Macro(at));
        }
    }

    /// Names of the target that would mean something else than they do, or than the item means.
    fn check_names_there(&mut self, needs: &Needs) -> Result<(), EngineError> {
        let target = self.target.clone();
        let there = bindings(&target);
        let own = self.work.family.name.clone();
        match there.get(&own) {
            Some(Binding::Use { statement, part }) if self.is_import_of_it(statement, *part) => {}
            Some(binding) => {
                let at = vec![target.shown(binding.span().start)];
                self.work.refuse(Obstacle::NameTaken { name: own, at });
            }
            None => self.check_captured(&own, None),
        }
        for name in &needs.free {
            if let Some(binding) = there.get(name) {
                let at = vec![target.shown(binding.span().start)];
                self.work.refuse(Obstacle::Captured { name: name.clone(), at });
            }
        }
        // A glob may bring another `Result`.
        let glob = self.foreign_glob(&target);
        if let Some(at) = glob.filter(|_| needs.free.contains("Result")) {
            self.work.refuse(MoveObstacle::Star(vec![at]));
        }
        self.globs_there(needs)
    }

    /// Names that a glob of the target takes from a module of the tree.
    fn globs_there(&mut self, needs: &Needs) -> Result<(), EngineError> {
        let target = self.target.clone();
        let Some(syntax) = target.syntax() else { return Ok(()) };
        for statement in syntax.imports(&target.text) {
            for part in &statement.parts {
                if part.kind != PartKind::Star || statement.scope != ImportScope::File {
                    continue;
                }
                let inside = target.occurrences.iter().filter(|one| {
                    part.span.start <= one.span.start && one.span.end <= part.span.end
                });
                for one in inside {
                    let Target::Definition(module) = one.target else { continue };
                    for member in self.work.sources.view.members(module)? {
                        let name = self.work.sources.definition(member)?.name.to_string();
                        if needs.free.contains(&name) {
                            let at = vec![target.shown(statement.span.start)];
                            self.work.refuse(Obstacle::Captured { name, at });
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn foreign_glob(&self, target: &Source) -> Option<Candidate> {
        let statements = target.syntax()?.imports(&target.text);
        let is_foreign = |one: &ImportStatement| {
            one.scope == ImportScope::File
                && one.parts.iter().any(|part| {
                    let path = part.full_path("::");
                    let is_inner = ["crate", "self", "super"]
                        .contains(&path.split("::").next().unwrap_or_default());
                    part.kind == PartKind::Star && !is_inner && !path.ends_with("prelude")
                })
        };
        statements.iter().find(|one| is_foreign(one)).map(|one| target.shown(one.span.start))
    }

    fn is_import_of_it(&self, statement: &ImportStatement, part: usize) -> bool {
        let part = &statement.parts[part];
        let inside = self
            .target
            .occurrences
            .iter()
            .filter(|one| part.span.start <= one.span.start && one.span.end <= part.span.end);
        let mut targets = inside.map(|one| one.target);
        !part.has_alias
            && targets.any(|target| self.work.family.is_target(self.target.file, target))
    }

    /// Refuses a name that the target gets and that means something else there without being bound.
    fn check_captured(&mut self, name: &str, meant: Option<DefinitionRef>) {
        let target = self.target.clone();
        let Some(syntax) = target.syntax() else { return };
        let is_other = |word: &&Word| {
            let after = target.text[word.span.end as usize..].trim_start();
            let found = target.at(word.span.start);
            let is_it = found.iter().any(|one| {
                self.work.family.is_target(target.file, one.target)
                    || meant.is_some_and(|meant| one.target == Target::Definition(meant))
            });
            let is_name = found.iter().any(|one| !matches!(one.target, Target::Local(_)))
                || (word.is_in_macro && name.starts_with(char::is_uppercase));
            matches!(word.role, WordRole::Bare | WordRole::Shorthand)
                && !word.is_in_import
                && !is_it
                && is_name
                && (!after.starts_with('!') || after.starts_with("!="))
                && !is_imported_around(&target, name, word.span.start)
        };
        let words = syntax.words(&target.text, name);
        let at: Vec<Candidate> =
            words.iter().filter(is_other).map(|word| target.shown(word.span.start)).collect();
        if !at.is_empty() {
            self.work.refuse(Obstacle::Captured { name: name.to_owned(), at });
        }
    }

    /// One name that the item needs and its old module binds.
    fn arrange(
        &mut self,
        name: &str,
        binding: &Binding,
        at: &Candidate,
        lines: &mut BTreeSet<String>,
    ) -> Result<(), EngineError> {
        let source = self.work.source.clone();
        let user = (*self.to).clone();
        let (line, meant) = match binding {
            Binding::Use { statement, part } => {
                let targets = self.targets_of(statement, *part);
                let meant = targets.iter().find_map(|target| match target {
                    Target::Definition(one) => Some(*one),
                    Target::Local(_) | Target::External(_) | Target::Unresolved(_) => None,
                });
                (self.carried(&source, statement, *part), meant)
            }
            Binding::Item(span) => {
                let path = self.from.written("crate");
                (format!("use {path}::{name};"), self.definition_at(*span))
            }
            Binding::Child(span) => {
                let path = self.from.written("crate");
                let found = source.at(span.start).iter().find_map(|one| match one.target {
                    Target::Definition(one) => Some(one),
                    Target::Local(_) | Target::External(_) | Target::Unresolved(_) => None,
                });
                (format!("use {path}::{name};"), found)
            }
        };
        if self.is_offered(name, &line, meant) {
            return Ok(());
        }
        match binding {
            Binding::Use { statement, part } => {
                self.show_path(statement, *part, &user, at)?;
            }
            Binding::Item(_) | Binding::Child(_) => {
                self.show_way(source.file, &user, at)?;
                if let Some(meant) = meant {
                    self.show(meant, &user, at.clone())?;
                }
            }
        }
        lines.insert(line);
        Ok(())
    }

    /// Whether the target has a name already; refuses where it means something else by it.
    fn is_offered(&mut self, name: &str, line: &str, meant: Option<DefinitionRef>) -> bool {
        let target = self.target.clone();
        let there = bindings(&target);
        let Some(binding) = there.get(name) else {
            self.check_captured(name, meant);
            // A module that lies below the target is `self` or `super` to it.
            return meant.is_some_and(|meant| {
                meant.file == target.file
                    && meant.index == DefinitionIndex::MODULE
                    && name == "self"
            });
        };
        let is_same = match binding {
            Binding::Use { statement, part } => {
                let written = self.carried(&target, statement, *part);
                let part = &statement.parts[*part];
                let inside = target.occurrences.iter().filter(|one| {
                    part.span.start <= one.span.start && one.span.end <= part.span.end
                });
                let mut targets = inside.map(|one| one.target);
                written == line
                    || meant.is_some_and(|meant| {
                        targets.any(|target| target == Target::Definition(meant))
                    })
            }
            Binding::Item(span) => meant.is_some_and(|meant| {
                meant.file == target.file
                    && target
                        .definitions
                        .get(meant.index.0 as usize)
                        .is_some_and(|one| one.name_span == *span)
            }),
            Binding::Child(span) => meant.is_some_and(|meant| {
                target.at(span.start).iter().any(|one| one.target == Target::Definition(meant))
            }),
        };
        if !is_same {
            let at = vec![target.shown(binding.span().start)];
            self.work.refuse(Obstacle::NameTaken { name: name.to_owned(), at });
        }
        true
    }

    /// A definition that is imported by the path to where it is defined.
    fn arrange_direct(
        &mut self,
        definition: DefinitionRef,
        at: &Candidate,
        lines: &mut BTreeSet<String>,
    ) -> Result<(), EngineError> {
        let user = (*self.to).clone();
        let Some(path) = self.canonical(definition)? else { return Ok(()) };
        let name = path.rsplit("::").next().unwrap_or_default().to_owned();
        let is_there = definition.file == self.target.file
            && self.work.sources.definition(definition)?.parent == DefinitionIndex::MODULE
            && definition.index != DefinitionIndex::MODULE;
        let line = format!("use {path};");
        if is_there || self.is_offered(&name, &line, Some(definition)) {
            return Ok(());
        }
        self.show_way(definition.file, &user, at)?;
        self.show(definition, &user, at.clone())?;
        lines.insert(line);
        Ok(())
    }

    /// The path to where something is defined; `None` for what lies in another crate.
    fn canonical(&self, definition: DefinitionRef) -> Result<Option<String>, EngineError> {
        let Some(module) = self.modules.of_file(definition.file)? else { return Ok(None) };
        if module.root != self.to.root {
            return Ok(None);
        }
        let path = module.written("crate");
        if definition.index == DefinitionIndex::MODULE {
            return Ok(Some(path));
        }
        let mut names = vec![self.work.sources.definition(definition)?.name.to_string()];
        for around in self.work.sources.view.ancestors(definition)? {
            names.push(self.work.sources.definition(around)?.name.to_string());
        }
        names.reverse();
        Ok(Some(joined(&path, &names.join("::"))))
    }

    /// A `use` of a file as a statement of its own, by a path that means the same everywhere.
    fn carried(&self, source: &Source, statement: &ImportStatement, part: usize) -> String {
        let module = self.modules.of_file(source.file).ok().flatten();
        let one = &statement.parts[part];
        let written = one.full_path("::");
        let path = match module {
            Some(module) => self.absolute(source, &module, &written),
            None => written,
        };
        let text = one.span.of(&source.text);
        let alias =
            text.rsplit_once(" as ").map_or(String::new(), |(_, alias)| format!(" as {alias}"));
        let alias = if one.has_alias { alias } else { String::new() };
        let star = if one.kind == PartKind::Star { "::*" } else { "" };
        let head = ByteSpan::new(statement.whole.start, statement.span.start).of(&source.text);
        let conditions: String = head
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("#[cfg"))
            .map(|line| format!("{line}\n"))
            .collect();
        format!("{conditions}use {path}{star}{alias};")
    }

    /// The statements that the target has, each as one of its own.
    fn paths_there(&self) -> BTreeSet<String> {
        let target = &self.target;
        let statements = target.syntax().map(|one| one.imports(&target.text)).unwrap_or_default();
        let mut found = BTreeSet::new();
        for statement in statements.iter().filter(|one| one.scope == ImportScope::File) {
            for part in 0..statement.parts.len() {
                found.insert(self.carried(target, statement, part));
            }
        }
        found
    }

    /// Makes what a `use` of the old module names visible from the target.
    fn show_path(
        &mut self,
        statement: &ImportStatement,
        part: usize,
        user: &ModulePath,
        at: &Candidate,
    ) -> Result<(), EngineError> {
        let source = self.work.source.clone();
        let path = statement.parts[part].full_path("::");
        let segments: Vec<&str> = path.split("::").collect();
        let first = statement.parts[part].span;
        for one in source.occurrences.clone() {
            let is_inside = statement.span.start <= one.span.start && one.span.end <= first.end;
            let text = one.span.of(&source.text);
            if !is_inside || !segments.contains(&text) {
                continue;
            }
            if let Target::Definition(found) = one.target {
                self.show(found, user, at.clone())?;
            }
        }
        Ok(())
    }

    /// `super::` and `self::` of what moves, from the root of the crate.
    fn absolute_paths(&mut self) {
        let source = self.work.source.clone();
        let text = &source.text;
        let mut found = Vec::new();
        for keyword in ["super", "self"] {
            for at in offsets(text, keyword) {
                let is_path = text[at as usize + keyword.len()..].starts_with("::");
                let is_start = !text[..at as usize].ends_with("::");
                if !is_path || !is_start || !self.is_inside(&source, at) {
                    continue;
                }
                let mut parts = self.from.parts.clone();
                let mut end = at as usize;
                loop {
                    if text[end..].starts_with("super::") {
                        parts.pop();
                        end += "super::".len();
                    } else if text[end..].starts_with("self::") {
                        end += "self::".len();
                    } else {
                        break;
                    }
                }
                let above = ModulePath { parts, ..(*self.from).clone() };
                let span = ByteSpan::new(at, end as u32);
                let is_taken = self
                    .inside
                    .iter()
                    .any(|(other, _)| other.start <= span.start && span.start < other.end);
                if !is_taken {
                    found.push((span, format!("{}::", above.written("crate"))));
                }
            }
        }
        self.inside.extend(found);
    }

    /// Writes it into the target.
    pub(super) fn write(&mut self) {
        let source = self.work.source.clone();
        let target = self.target.clone();
        let Some(syntax) = target.syntax() else { return };
        let texts: Vec<String> = self
            .work
            .spans
            .iter()
            .map(|span| spliced(&source.text, *span, &self.inside).trim_end().to_owned())
            .collect();
        for span in self.work.spans.clone() {
            self.work.edits.replace(&source, cut_lines(&source.text, span), "");
        }
        if !self.lines.is_empty() {
            let (head, _) = syntax.import_place(&target.text, 0);
            let conditions: String =
                self.own_conditions().iter().map(|one| format!("{one}\n")).collect();
            let block: String =
                self.lines.iter().map(|line| format!("{conditions}{line}\n")).collect();
            let (start, end) = head_gaps(&target.text, head, has_imports(&target, head, 0), "\n");
            self.work.edits.insert(&target, head, format!("{start}{block}{end}"));
        }
        let at = syntax.end_place(&target.text);
        let before = &target.text[..at as usize];
        let after = &target.text[at as usize..];
        let start =
            match (before.trim().is_empty(), before.ends_with("\n\n"), before.ends_with('\n')) {
                (true, _, _) if !self.lines.is_empty() => "\n",
                (true, _, _) | (_, true, _) => "",
                (_, _, true) => "\n",
                _ => "\n\n",
            };
        let end = if after.trim().is_empty() { "" } else { "\n" };
        self.work.edits.insert(&target, at, format!("{start}{}\n{end}", texts.join("\n\n")));
    }

    /// Imports of the old module that only what moves used.
    fn leave(&mut self, needs: &Needs) -> Result<(), EngineError> {
        let source = self.work.source.clone();
        let below: Vec<FileId> = self.rust_files().into_iter().collect();
        for (name, (binding, _)) in &needs.bound {
            let Binding::Use { statement, part } = binding else { continue };
            let is_plain = statement.visibility.is_none() && statement.whole == statement.span;
            let is_mentioned = offsets(&source.text, name).into_iter().any(|at| {
                let is_import = source.word(ByteSpan::new(at, at + name.len() as u32)).is_in_import
                    && statement.span.start <= at
                    && at < statement.span.end;
                !is_import && !self.is_inside(&source, at)
            });
            if !is_plain || is_mentioned || self.may_be_trait(name, statement, *part)? {
                continue;
            }
            let mut is_wanted = false;
            for file in &below {
                let path = self.modules.of_file(*file)?;
                let is_below = *file != source.file
                    && path.is_some_and(|path| path.is_in(self.from.root, &self.from.parts));
                if is_below && let Some(other) = self.work.sources.file(*file)? {
                    is_wanted |= !offsets(&other.text, name).is_empty();
                }
            }
            if !is_wanted {
                self.touched.insert(source.file, source.clone());
                self.work.edits.drop_part(&source, statement, *part);
            }
        }
        Ok(())
    }

    /// Whether an import may be there for the methods of a trait, which nobody names.
    fn may_be_trait(
        &self,
        name: &str,
        statement: &ImportStatement,
        part: usize,
    ) -> Result<bool, EngineError> {
        for target in self.targets_of(statement, part) {
            if let Target::Definition(one) = target {
                let kind = self.work.sources.definition(one)?.kind;
                return Ok(matches!(kind, SymbolKind::Trait | SymbolKind::Macro));
            }
        }
        let path = statement.parts[part].full_path("::");
        let last = path.rsplit("::").next().unwrap_or_default();
        let known = STANDARD_TRAITS.iter().find(|(known, _)| *known == last && *known != "Error");
        if let Some((_, methods)) = known.filter(|_| path.starts_with("std::")) {
            let source = &self.work.source;
            let is_left = |at: u32| !self.is_inside(source, at);
            let mut words = methods.split(' ').chain(["write", "writeln"]);
            return Ok(words.any(|word| offsets(&source.text, word).into_iter().any(is_left)));
        }
        let is_type = PLAIN.iter().any(|known| path.starts_with(known));
        Ok(name.starts_with(char::is_uppercase) && !is_type)
    }
}

/// Paths of the standard library below which there are types and no traits.
const PLAIN: &[&str] = &[
    "std::collections::",
    "std::path::",
    "std::sync::",
    "std::time::",
    "std::rc::",
    "std::cell::",
    "std::num::",
    "std::fs::",
    "std::env::",
    "std::thread::",
    "std::process::Command",
    "std::process::Child",
    "std::process::Stdio",
    "std::process::ExitCode",
    "std::process::ExitStatus",
    "std::process::Output",
    "std::ffi::",
    "std::io::BufReader",
    "std::io::BufWriter",
    "std::io::Cursor",
    "std::io::Error",
    "std::io::Result",
    "std::io::Std",
    "std::borrow::Cow",
    "std::cmp::Ordering",
    "std::cmp::Reverse",
    "std::fmt::Formatter",
    "std::fmt::Result",
    "std::marker::PhantomData",
    "std::ops::Range",
    "std::net::Ip",
    "std::net::Socket",
    "std::net::Tcp",
];
