//! What has to be seen further than it is, because the two sides of it part.

use std::rc::Rc;

use flux_core::{ByteSpan, DefinitionIndex, DefinitionRef, SymbolKind, Target};
use flux_engine::EngineError;
use flux_engine::syntax::{Visibility, WordRole};

use super::paths::{Declaration, ModulePath, Reach, visibility};
use super::{Rust, User};
use crate::edit::refusal::Candidate;
use crate::refactor::moving::obstacle::MoveObstacle;
use crate::refactor::sources::Source;

impl Rust<'_, '_> {
    /// Everything that what moves names has to be seen from the target.
    pub(super) fn show_needs(&mut self) -> Result<(), EngineError> {
        let source = self.work.source.clone();
        let user = (*self.to).clone();
        for one in source.occurrences.clone() {
            if !self.is_inside(&source, one.span.start) {
                continue;
            }
            if let Target::Definition(found) = one.target {
                self.show(found, &user, source.shown(one.span.start))?;
            }
        }
        self.show_unresolved(&user)
    }

    /// Members that nobody could resolve, which only the old module may see.
    fn show_unresolved(&mut self, user: &ModulePath) -> Result<(), EngineError> {
        let source = self.work.source.clone();
        let Some(syntax) = source.syntax() else { return Ok(()) };
        let mut hidden = Vec::new();
        for span in self.work.spans.clone() {
            for word in syntax.names(span) {
                let found = source.at(word.span.start);
                let is_known = found.iter().any(|one| !matches!(one.target, Target::Unresolved(_)));
                let is_member = matches!(
                    word.role,
                    WordRole::Member
                        | WordRole::Keyword
                        | WordRole::Shorthand
                        | WordRole::ShorthandPattern(_)
                );
                if !is_member || is_known {
                    continue;
                }
                let name = word.span.of(&source.text);
                for (index, one) in source.definitions.iter().enumerate().skip(1) {
                    let is_it = &*one.name == name
                        && one.parent != DefinitionIndex::MODULE
                        && !self.is_inside(&source, one.name_span.start);
                    if is_it {
                        let index = DefinitionIndex(index as u32);
                        hidden.push((DefinitionRef { file: source.file, index }, word.span.start));
                    }
                }
            }
        }
        for (definition, at) in hidden {
            self.show(definition, user, source.shown(at))?;
        }
        Ok(())
    }

    /// Makes a definition of the tree visible from a module.
    pub(super) fn show(
        &mut self,
        definition: DefinitionRef,
        user: &ModulePath,
        at: Candidate,
    ) -> Result<(), EngineError> {
        if definition.index == DefinitionIndex::MODULE {
            let declaration = super::paths::declarations(self.work.sources, definition.file)?;
            let Some(declaration) = declaration.into_iter().next() else { return Ok(()) };
            let Some(home) = self.modules.at(&declaration.source, declaration.name.start)? else {
                return Ok(());
            };
            let (_, said) = visibility(&declaration.source, declaration.name);
            let reach = self.modules.missing_reach(&home, &said, user);
            return self.declare(&declaration, reach, &at);
        }
        let found = self.work.sources.definition(definition)?;
        let Some(source) = self.work.sources.file(definition.file)? else { return Ok(()) };
        if self.is_inside(&source, found.name_span.start) || is_variable(self, definition)? {
            return Ok(());
        }
        let Some(home) = self.modules.at(&source, found.name_span.start)? else { return Ok(()) };
        let (place, said) = visibility(&source, found.name_span);
        let name = found.name.to_string();
        if found.kind == SymbolKind::Struct {
            self.show_tuple(&source, found.name_span, &home, user);
        }
        match (place, self.modules.missing_reach(&home, &said, user)) {
            (Visibility::Inherited, _) | (_, Some(Reach::Same)) => Ok(()),
            (Visibility::At(span), Some(reach)) => {
                self.widen(&source, span, reach);
                Ok(())
            }
            (Visibility::At(_), None) => {
                self.work.refuse(MoveObstacle::NotVisible { name, at: vec![at] });
                Ok(())
            }
        }
    }

    /// The fields without names of a struct, where what moves may read them or make one.
    fn show_tuple(
        &mut self,
        source: &Rc<Source>,
        name: ByteSpan,
        home: &ModulePath,
        user: &ModulePath,
    ) {
        let text = &self.work.source.text;
        let made = format!("{}(", name.of(&source.text));
        let is_used = self.work.spans.iter().any(|span| {
            let text = span.of(text);
            let mut dots = text.match_indices('.');
            text.contains(&made)
                || text.contains("Self(")
                || dots
                    .any(|(at, _)| text[at + 1..].starts_with(|next: char| next.is_ascii_digit()))
        });
        let fields = source.syntax().map(|one| one.tuple_fields(name)).unwrap_or_default();
        for span in fields.into_iter().filter(|_| is_used) {
            let said = span.of(&source.text).to_owned();
            if let Some(reach) = self.modules.missing_reach(home, &said, user)
                && reach != Reach::Same
            {
                self.widen(source, span, reach);
            }
        }
    }

    /// Makes the way to a file visible from a module.
    pub(super) fn show_way(
        &mut self,
        file: flux_core::FileId,
        user: &ModulePath,
        at: &Candidate,
    ) -> Result<(), EngineError> {
        match self.modules.hidden_on_the_way(file, user)? {
            Ok(hidden) => {
                for (declaration, reach) in hidden {
                    self.declare(&declaration, Some(reach), at)?;
                }
                Ok(())
            }
            Err(declaration) => self.declare(&declaration, None, at),
        }
    }

    fn declare(
        &mut self,
        declaration: &Declaration,
        reach: Option<Reach>,
        at: &Candidate,
    ) -> Result<(), EngineError> {
        let source = &declaration.source;
        match (reach, visibility(source, declaration.name).0) {
            (Some(Reach::Same), _) => {}
            (Some(reach), Visibility::At(span)) => self.widen(&source.clone(), span, reach),
            _ => {
                let name = declaration.name.of(&source.text).to_owned();
                let at = vec![at.clone(), source.shown(declaration.name.start)];
                self.work.refuse(MoveObstacle::NotVisible { name, at });
            }
        }
        Ok(())
    }

    /// Writes a wider visibility, if no wider one is written yet.
    fn widen(&mut self, source: &Rc<Source>, span: ByteSpan, reach: Reach) {
        let key = (source.file, span.start, span.end);
        let entry = self.widened.entry(key).or_insert_with(|| (source.clone(), Reach::Same));
        entry.1 = entry.1.max(reach);
    }

    /// Writes all of them.
    pub(super) fn write_widened(&mut self) {
        for ((_, start, end), (source, reach)) in std::mem::take(&mut self.widened) {
            let span = ByteSpan::new(start, end);
            let space = if span.is_empty() { " " } else { "" };
            let new = format!("{}{space}", reach.written());
            self.work.widened.push(source.shown(start));
            if self.is_inside(&source, start) {
                self.inside.push((span, new));
            } else {
                self.work.edits.replace(&source, span, new);
            }
        }
    }

    /// What moves has to be seen from where it is used.
    pub(super) fn widen_it(&mut self) -> Result<(), EngineError> {
        let users = self.users.clone();
        let source = self.work.source.clone();
        let name = self.work.sources.definition(self.work.family.first)?.name_span;
        let file = self.target.file;
        let (place, said) = visibility(&source, name);
        for User { module, at } in &users {
            self.show_way(file, module, at)?;
            let reach = self.modules.missing_reach(&self.to, &said, module);
            match (reach, place) {
                (Some(Reach::Same), _) | (_, Visibility::Inherited) => {}
                (Some(reach), Visibility::At(span)) => self.widen(&source, span, reach),
                (None, Visibility::At(_)) => {
                    let name = self.work.family.name.clone();
                    self.work.refuse(MoveObstacle::NotVisible { name, at: vec![at.clone()] });
                }
            }
        }
        self.widen_members()
    }

    /// Fields and methods that move, for those who could see them and use them from outside.
    fn widen_members(&mut self) -> Result<(), EngineError> {
        let source = self.work.source.clone();
        for (index, one) in source.definitions.iter().enumerate().skip(1) {
            let definition =
                DefinitionRef { file: source.file, index: DefinitionIndex(index as u32) };
            let is_member = self.is_inside(&source, one.name_span.start)
                && !self.work.family.has(definition)
                && !is_variable(self, definition)?;
            if !is_member {
                continue;
            }
            let (Visibility::At(span), said) = visibility(&source, one.name_span) else { continue };
            if said == "pub" || said == "pub(crate)" {
                continue;
            }
            for user in self.users_of(definition, &one.name)? {
                if let Some(reach) = self.modules.missing_reach(&self.to, &said, &user)
                    && reach != Reach::Same
                {
                    self.widen(&source, span, reach);
                }
            }
        }
        self.widen_tuple()
    }

    /// Modules outside of what moves that use a member, or may.
    fn users_of(
        &self,
        definition: DefinitionRef,
        name: &str,
    ) -> Result<Vec<ModulePath>, EngineError> {
        let mut found = Vec::new();
        for reference in self.work.sources.view.graph.references_to(definition)? {
            let (file, one) = reference?;
            let Some(source) = self.work.sources.file(file)? else { continue };
            if !self.is_inside(&source, one.span.start) {
                found.extend(self.modules.at(&source, one.span.start)?);
            }
        }
        for source in self.inner_files()? {
            let Some(syntax) = source.syntax() else { continue };
            for word in syntax.words(&source.text, name) {
                let known = source.at(word.span.start);
                let is_open = known.is_empty()
                    || known.iter().any(|one| matches!(one.target, Target::Unresolved(_)));
                let is_member =
                    !matches!(word.role, WordRole::Comment | WordRole::String | WordRole::Prose);
                if is_open && is_member && !self.is_inside(&source, word.span.start) {
                    found.extend(self.modules.at(&source, word.span.start)?);
                }
            }
        }
        // Whoever writes `..rest` names all fields.
        for place in &self.work.own {
            let Some(source) = self.work.sources.file(place.file)? else { continue };
            let rest = source.text[place.span.end as usize..].trim_start();
            let inner = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
            let has_rest = inner.is_some_and(|inner| {
                inner.rsplit_once("..").is_some_and(|(_, rest)| !rest.trim().is_empty())
            });
            if has_rest && !self.is_inside(&source, place.span.start) {
                found.extend(self.modules.at(&source, place.span.start)?);
            }
        }
        Ok(found)
    }

    /// The files of the old module and of the modules within it: all that sees what is private there.
    fn inner_files(&self) -> Result<Vec<Rc<Source>>, EngineError> {
        let mut found = Vec::new();
        for file in self.rust_files() {
            let path = self.modules.of_file(file)?;
            if path.is_some_and(|path| path.is_in(self.from.root, &self.from.parts)) {
                found.extend(self.work.sources.file(file)?);
            }
        }
        Ok(found)
    }

    /// Fields without names: whoever names the struct, or writes `.0`, may use them.
    fn widen_tuple(&mut self) -> Result<(), EngineError> {
        let source = self.work.source.clone();
        let name = self.work.sources.definition(self.work.family.first)?.name_span;
        let fields = source.syntax().map(|one| one.tuple_fields(name)).unwrap_or_default();
        if fields.is_empty() {
            return Ok(());
        }
        let mut users: Vec<ModulePath> = Vec::new();
        for place in self.work.own.clone() {
            let Some(source) = self.work.sources.file(place.file)? else { continue };
            if !self.is_inside(&source, place.span.start) && !place.word.is_in_import {
                users.extend(self.modules.at(&source, place.span.start)?);
            }
        }
        for inner in self.inner_files()? {
            for (at, _) in inner.text.match_indices(".0") {
                if !self.is_inside(&inner, at as u32) {
                    users.extend(self.modules.at(&inner, at as u32)?);
                }
            }
        }
        // Only those within the old module could use them.
        users.retain(|user| user.is_in(self.from.root, &self.from.parts));
        for span in fields {
            let said = span.of(&source.text).to_owned();
            for user in &users {
                if let Some(reach) = self.modules.missing_reach(&self.to, &said, user)
                    && reach != Reach::Same
                {
                    self.widen(&source, span, reach);
                }
            }
        }
        Ok(())
    }
}

/// Whether a definition is a variable or parameter of a function, or lies in one.
fn is_variable(rust: &Rust<'_, '_>, definition: DefinitionRef) -> Result<bool, EngineError> {
    for around in rust.work.sources.view.ancestors(definition)? {
        let kind = rust.work.sources.definition(around)?.kind;
        if kind.is_callable() || kind == SymbolKind::Test {
            return Ok(true);
        }
    }
    Ok(false)
}
