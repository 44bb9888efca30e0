//! The uses of the item, written anew.

use std::rc::Rc;

use flux_core::{ByteSpan, SymbolKind};
use flux_engine::EngineError;
use flux_engine::syntax::{ImportPart, ImportStatement, PartKind, WordRole};

use super::paths::{Lead, inline_modules, last_word, path_before};
use super::{Rust, User};
use crate::refactor::moving::edits::head_gaps;
use crate::refactor::moving::obstacle::MoveObstacle;
use crate::refactor::obstacle::Obstacle;
use crate::refactor::places::{Certainty, Place};
use crate::refactor::rename::shown;
use crate::refactor::sources::Source;

impl Rust<'_, '_> {
    /// Looks at all of them.
    pub(super) fn uses(&mut self) -> Result<(), EngineError> {
        for place in self.work.own.clone() {
            if place.is_definition {
                continue;
            }
            let Some(source) = self.work.sources.file(place.file)? else { continue };
            let before = source.text[..place.span.start as usize].trim_end();
            match place.word.role {
                WordRole::Comment | WordRole::Prose => self.link(&source, &place),
                WordRole::String => self.string(&source, &place)?,
                _ if place.word.is_in_import => self.imported(&source, &place)?,
                _ if before.ends_with("::") => self.behind_path(&source, &place)?,
                _ => self.alone(&source, &place)?,
            }
        }
        self.macros_at_home();
        if self.work.family.kind == SymbolKind::Trait {
            self.methods_of_it()?;
        }
        Ok(())
    }

    /// Tokens of macros that name it and that nobody could resolve mean it wherever they end up.
    fn macros_at_home(&mut self) {
        let source = self.work.source.clone();
        let Some(syntax) = source.syntax() else { return };
        let words = syntax.words(&source.text, &self.work.family.name);
        let is_open = |span: ByteSpan| {
            let mut own = self.work.own.iter();
            !own.any(|place| place.file == source.file && place.word.span == span)
                && !self.is_inside(&source, span.start)
        };
        let found = words
            .iter()
            .filter(|word| word.is_in_macro && word.role.is_code() && is_open(word.span));
        let at: Vec<_> = found.map(|word| source.shown(word.span.start)).collect();
        if !at.is_empty() {
            self.work.refuse(MoveObstacle::Macro(at));
        }
    }

    fn unclear(&mut self, place: &Place) {
        self.work.refuse(MoveObstacle::Unclear(vec![place.shown.clone()]));
    }

    fn user(&mut self, source: &Source, place: &Place) -> Result<(), EngineError> {
        if let Some(module) = self.modules.at(source, place.span.start)? {
            self.users.push(User { module, at: place.shown.clone() });
        }
        Ok(())
    }

    /// Whether a place stands directly in the module that it moves to.
    fn is_there(&self, source: &Source, at: u32) -> bool {
        source.file == self.target.file && inline_modules(source, at).is_empty()
    }

    /// How the new module is written where `first` began the path to the old one.
    fn base(&self, source: &Source, first: &str) -> Result<Option<String>, EngineError> {
        let own = self.modules.of_file(source.file)?;
        let is_one = own.is_some_and(|own| own.root == self.to.root);
        Ok(match first {
            "$crate" => Some(self.to.written("$crate")),
            _ if is_one => Some(self.to.written("crate")),
            "crate" | "self" | "super" | "" => None,
            first => Some(self.to.written(first)),
        })
    }

    /// `use a::f;` and all else that a tree of `use` may hold.
    fn imported(&mut self, source: &Rc<Source>, place: &Place) -> Result<(), EngineError> {
        let Some((statement, index)) = part_at(source, place.span) else {
            self.unclear(place);
            return Ok(());
        };
        let part = &statement.parts[index];
        let written = ByteSpan::new(part.span.start, place.span.start).of(&source.text);
        let own: String = written.split_whitespace().collect();
        let path = match own.strip_suffix("::") {
            Some(own) => joined(&part.prefix, own),
            None => part.prefix.clone(),
        };
        if path.is_empty() {
            // `use f::*` within a function: `f` is what its module has.
            return self.alone(source, place);
        }
        let lead = match self.last_of(source, &statement, part, place.span) {
            Some(last) => self.modules.leads(source, &path, last, self.work.source.file)?,
            None => Lead::Unknown,
        };
        match lead {
            Lead::Home => {}
            Lead::Another if self.is_there(source, place.span.start) => {
                // Offered by another module, and defined here from now on.
                if part.has_alias || part.span.end != place.span.end {
                    self.unclear(place);
                    return Ok(());
                }
                self.touched.insert(source.file, source.clone());
                self.work.edits.drop_part(source, &statement, index);
                return Ok(());
            }
            Lead::Another => return self.user(source, place),
            Lead::Unknown => {
                self.unclear(place);
                return Ok(());
            }
        }
        if self.is_inside(source, place.span.start) {
            // A function that imports the item it lies in.
            self.unclear(place);
            return Ok(());
        }
        let first = path.split("::").next().unwrap_or_default().to_owned();
        let Some(base) = self.base(source, &first)? else {
            self.unclear(place);
            return Ok(());
        };
        self.work.used(place);
        self.user(source, place)?;
        self.touched.insert(source.file, source.clone());
        self.work.edits.drop_part(source, &statement, index);
        let rest = ByteSpan::new(place.span.start, part.span.end).of(&source.text);
        if self.is_there(source, place.span.start) && rest == self.work.family.name {
            return Ok(());
        }
        let head = ByteSpan::new(statement.whole.start, statement.span.start).of(&source.text);
        let visibility = statement.visibility.map_or("", |span| span.of(&source.text));
        let space = if visibility.is_empty() { "" } else { " " };
        let line = format!("{head}{visibility}{space}use {base}::{rest};");
        let key = (source.path.to_string(), statement.span.start);
        let lines = self.instead.entry(key).or_default();
        if !lines.contains(&line) {
            lines.push(line);
        }
        Ok(())
    }

    /// The last word of the path before a name within a statement.
    fn last_of(
        &self,
        source: &Source,
        statement: &ImportStatement,
        part: &ImportPart,
        name: ByteSpan,
    ) -> Option<ByteSpan> {
        if let Some(path) =
            path_before(&source.text, name).filter(|path| path.start >= part.span.start)
        {
            return Some(last_word(&source.text, path));
        }
        last_of_list(source, statement, part)
    }

    /// Whether a star, or what a part names, stands for the old module's names.
    pub(super) fn is_home(
        &self,
        source: &Source,
        statement: &ImportStatement,
        index: usize,
    ) -> Result<bool, EngineError> {
        let part = &statement.parts[index];
        let path = part.full_path("::");
        let text = part.span.of(&source.text);
        let end = text.trim_end_matches('*').trim_end().trim_end_matches("::").trim_end().len();
        let span = ByteSpan::new(part.span.start, part.span.start + end as u32);
        let last = match end {
            0 => last_of_list(source, statement, part),
            _ => Some(last_word(&source.text, span)),
        };
        let Some(last) = last else { return Ok(false) };
        let lead = self.modules.leads(source, &path, last, self.work.source.file)?;
        Ok(matches!(lead, Lead::Home))
    }

    /// `a::f`.
    fn behind_path(&mut self, source: &Rc<Source>, place: &Place) -> Result<(), EngineError> {
        let Some(path) = path_before(&source.text, place.span) else {
            self.unclear(place);
            return Ok(());
        };
        let written = path.of(&source.text).to_owned();
        let last = last_word(&source.text, path);
        match self.modules.leads(source, &written, last, self.work.source.file)? {
            Lead::Home => {}
            Lead::Another => return self.user(source, place),
            Lead::Unknown => {
                self.unclear(place);
                return Ok(());
            }
        }
        let whole = ByteSpan::new(path.start, place.span.end);
        let name = source.text[place.span.start as usize..place.span.end as usize].to_owned();
        if self.is_inside(source, place.span.start) {
            self.inside.push((whole, name));
            return Ok(());
        }
        self.work.used(place);
        self.user(source, place)?;
        if self.is_there(source, place.span.start) {
            self.work.edits.replace(source, whole, name);
            return Ok(());
        }
        let first = written.split("::").next().unwrap_or_default();
        match self.base(source, first)? {
            Some(base) => self.work.edits.replace(source, path, base),
            None => self.unclear(place),
        }
        Ok(())
    }

    /// `f` where a scope has it.
    fn alone(&mut self, source: &Rc<Source>, place: &Place) -> Result<(), EngineError> {
        if self.is_inside(source, place.span.start) {
            return Ok(());
        }
        self.user(source, place)?;
        let name = self.work.family.name.clone();
        if !is_imported_around(source, &name, place.span.start)
            && !self.is_there(source, place.span.start)
        {
            self.work.used(place);
            self.want(source, place.span.start);
        }
        Ok(())
    }

    /// Remembers that the module around an offset needs an import.
    pub(super) fn want(&mut self, source: &Rc<Source>, at: u32) {
        let key = (source.file, inline_modules(source, at));
        self.touched.entry(source.file).or_insert_with(|| source.clone());
        self.wanting.entry(key).or_insert(at);
    }

    /// Methods of a trait are found only where the trait is in scope.
    fn methods_of_it(&mut self) -> Result<(), EngineError> {
        let mut names = Vec::new();
        for member in self.work.sources.view.members(self.work.family.first)? {
            names.push(self.work.sources.definition(member)?.name.to_string());
        }
        let home = self.work.source.clone();
        let mut scopes = vec![(home.clone(), Vec::new())];
        for (source, statement, _) in self.globs()? {
            let inline = inline_modules(&source, statement.span.start);
            scopes.push((source, inline));
        }
        for (source, inline) in scopes {
            let Some(syntax) = source.syntax() else { continue };
            let mut found = None;
            for name in &names {
                let words = syntax.words(&source.text, name);
                found = found.or_else(|| {
                    words.iter().map(|word| word.span.start).find(|at| {
                        let here = inline_modules(&source, *at);
                        here.starts_with(&inline) && !self.is_inside(&source, *at)
                    })
                });
            }
            let own = self.work.family.name.clone();
            let Some(at) = found else { continue };
            let is_known = syntax.imports(&source.text).iter().any(|statement| {
                inline_modules(&source, statement.span.start) == inline
                    && statement.parts.iter().any(|part| part.binds.as_deref() == Some(&*own))
            });
            let is_there = source.file == self.target.file && inline.is_empty();
            if is_known || is_there {
                continue;
            }
            let module = self.modules.of_file(source.file)?;
            if let Some(module) = module {
                let module = (*module).clone();
                self.users.push(User { module, at: source.shown(at) });
            }
            self.touched.entry(source.file).or_insert_with(|| source.clone());
            self.wanting.entry((source.file, inline)).or_insert(at);
        }
        Ok(())
    }

    /// A path within a string of an attribute: `#[serde(with = "f")]`.
    fn string(&mut self, source: &Rc<Source>, place: &Place) -> Result<(), EngineError> {
        if !place.word.is_in_attribute || self.is_inside(source, place.span.start) {
            return Ok(());
        }
        if place.certainty == Certainty::Inferred
            && self.work.request.certainty == Certainty::Proven
        {
            self.work.refuse(Obstacle::Inferred(shown(std::slice::from_ref(place))));
            return Ok(());
        }
        match path_before(&source.text, place.span) {
            None => self.alone(source, place)?,
            Some(path) if path.of(&source.text) == self.from.written("crate") => {
                self.work.used(place);
                self.user(source, place)?;
                self.work.edits.replace(source, path, self.to.written("crate"));
            }
            Some(_) => self.unclear(place),
        }
        Ok(())
    }

    /// A link of rustdoc with the path of the old module.
    fn link(&mut self, source: &Rc<Source>, place: &Place) {
        let Some(path) = path_before(&source.text, place.span) else { return };
        let written = path.of(&source.text);
        if written != self.from.written("crate") || self.is_inside(source, place.span.start) {
            return;
        }
        self.work.used(place);
        self.work.edits.replace(source, path, self.to.written("crate"));
    }

    /// Adds imports of it where it is used alone and none is left.
    pub(super) fn import_where_wanted(&mut self) -> Result<(), EngineError> {
        let name = self.work.family.name.clone();
        let home = self.work.source.clone();
        let reexports = self.work.request.reexports;
        let conditions = self.own_conditions();
        if reexports {
            let at = self.work.item.bare.start;
            self.want(&home, at);
        }
        let is_home = (home.file, Vec::new());
        let has_home = self.wanting.contains_key(&is_home);
        let scopes: Vec<((flux_core::FileId, Vec<String>), u32)> =
            self.wanting.iter().map(|(key, at)| (key.clone(), *at)).collect();
        for ((file, inline), at) in scopes {
            let Some(source) = self.work.sources.file(file)? else { continue };
            let Some(syntax) = source.syntax() else { continue };
            let is_at_home = file == home.file;
            // A glob takes the import of the module around it along.
            if is_at_home && has_home && inline.len() == 1 && has_glob_of_above(&source, &inline) {
                continue;
            }
            let own = self.modules.of_file(file)?;
            if own.is_none_or(|own| own.root != self.to.root) {
                self.work.refuse(MoveObstacle::Star(vec![source.shown(at)]));
                continue;
            }
            let (place, indentation) = syntax.import_place(&source.text, at);
            let visibility = match self.own_visibility().as_str() {
                "" => String::new(),
                own if reexports && is_at_home && inline.is_empty() => format!("{own} "),
                _ => String::new(),
            };
            let path = self.to.written("crate");
            let conditions: String =
                conditions.iter().map(|one| format!("{indentation}{one}\n")).collect();
            let line = format!("{conditions}{indentation}{visibility}use {path}::{name};\n");
            let has_imports = has_imports(&source, place, at);
            let (start, end) = head_gaps(&source.text, place, has_imports, "\n");
            self.work.edits.insert(&source, place, format!("{start}{line}{end}"));
        }
        Ok(())
    }
}

/// The part of an import that a span lies in, the innermost one.
fn part_at(source: &Source, span: ByteSpan) -> Option<(ImportStatement, usize)> {
    let holds = |one: &ByteSpan| one.start <= span.start && span.end <= one.end;
    let statements = source.syntax()?.imports(&source.text);
    let statement = statements.into_iter().find(|one| holds(&one.span))?;
    let index = statement.parts.iter().rposition(|part| holds(&part.span))?;
    Some((statement, index))
}

/// The last word before the braces that a part stands in.
fn last_of_list(
    source: &Source,
    statement: &ImportStatement,
    part: &ImportPart,
) -> Option<ByteSpan> {
    let mut list = part.list;
    while let Some(index) = list {
        let around = &statement.parts[index];
        if !around.path.is_empty() {
            let text = around.span.of(&source.text);
            let end = text.find('{')?;
            let end = text[..end].trim_end().strip_suffix("::")?.trim_end().len();
            let span = ByteSpan::new(around.span.start, around.span.start + end as u32);
            return Some(last_word(&source.text, span));
        }
        list = around.list;
    }
    None
}

/// Whether a statement around an offset, within the same module, imports a name.
pub(super) fn is_imported_around(source: &Source, name: &str, at: u32) -> bool {
    let Some(syntax) = source.syntax() else { return false };
    let here = inline_modules(source, at);
    syntax.imports(&source.text).iter().any(|statement| {
        let is_around = statement.block.start <= at && at < statement.block.end;
        is_around
            && inline_modules(source, statement.span.start) == here
            && statement
                .parts
                .iter()
                .any(|part| part.kind == PartKind::Name && part.binds.as_deref() == Some(name))
    })
}

/// Whether a statement that imports stands before an offset, in the module around another.
pub(super) fn has_imports(source: &Source, place: u32, at: u32) -> bool {
    let inline = inline_modules(source, at);
    let statements = source.syntax().map(|one| one.imports(&source.text)).unwrap_or_default();
    statements
        .iter()
        .any(|one| one.span.end <= place && inline_modules(source, one.span.start) == inline)
}

/// Whether an inline module has `use super::*`.
fn has_glob_of_above(source: &Source, inline: &[String]) -> bool {
    let Some(syntax) = source.syntax() else { return false };
    syntax.imports(&source.text).iter().any(|statement| {
        inline_modules(source, statement.span.start) == inline
            && statement
                .parts
                .iter()
                .any(|part| part.kind == PartKind::Star && part.full_path("::") == "super")
    })
}

pub(super) fn joined(prefix: &str, rest: &str) -> String {
    match (prefix.is_empty(), rest.is_empty()) {
        (true, _) => rest.to_owned(),
        (_, true) => prefix.to_owned(),
        _ => format!("{prefix}::{rest}"),
    }
}
