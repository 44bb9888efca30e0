//! What an item needs of the names around it.

use std::collections::{BTreeMap, BTreeSet};

use flux_core::{
    ByteSpan, Definition, DefinitionIndex, DefinitionRef, EdgeKind, SymbolKind, Target,
};
use flux_engine::EngineError;
use flux_engine::syntax::{ImportScope, ImportStatement, PartKind, Word, WordRole, offsets};

use super::Rust;
use super::paths::ModulePath;
use super::uses::joined;
use crate::edit::refusal::Candidate;
use crate::refactor::sources::Source;

/// What gives a name its meaning in a module.
#[derive(Clone, Debug)]
pub(super) enum Binding {
    /// A part of a `use`.
    Use {
        /// The statement.
        statement: ImportStatement,
        /// The index of the part.
        part: usize,
    },
    /// An item, by its name.
    Item(ByteSpan),
    /// A module that lies in another file.
    Child(ByteSpan),
}

impl Binding {
    pub(super) fn span(&self) -> ByteSpan {
        match self {
            Self::Use { statement, part } => statement.parts[*part].span,
            Self::Item(span) | Self::Child(span) => *span,
        }
    }
}

/// What a file binds at its outermost level.
pub(super) fn bindings(source: &Source) -> BTreeMap<String, Binding> {
    let mut found = BTreeMap::new();
    let Some(syntax) = source.syntax() else { return found };
    for statement in syntax.imports(&source.text) {
        if statement.scope != ImportScope::File {
            continue;
        }
        for (part, one) in statement.parts.iter().enumerate() {
            if let Some(name) = one.binds.clone() {
                found.insert(name, Binding::Use { statement: statement.clone(), part });
            }
        }
    }
    for one in &source.occurrences {
        let before = source.text[..one.span.start as usize].trim_end();
        let is_declared = one.kind == EdgeKind::Imports
            && one.enclosing == DefinitionIndex::MODULE
            && (before.ends_with(" mod") || before.ends_with("\nmod") || before == "mod");
        if is_declared {
            found.insert(one.span.of(&source.text).to_owned(), Binding::Child(one.span));
        }
    }
    for one in source.definitions.iter().skip(1) {
        if one.parent == DefinitionIndex::MODULE && !is_block(one) {
            found.insert(one.name.to_string(), Binding::Item(one.name_span));
        }
    }
    found
}

/// Whether a definition stands for an implementation, whose name is that of its type.
fn is_block(one: &Definition) -> bool {
    one.name_span.is_empty()
}

/// What the item needs.
#[derive(Default)]
pub(super) struct Needs {
    /// Names that its module binds.
    pub(super) bound: BTreeMap<String, (Binding, Candidate)>,
    /// Definitions of the tree that came by a glob, or traits whose methods it calls.
    pub(super) direct: BTreeMap<DefinitionRef, Candidate>,
    /// Traits that are imported without a name.
    pub(super) unnamed: Vec<(ImportStatement, usize)>,
    /// Globs of other packages.
    pub(super) globs: Vec<(ImportStatement, usize)>,
    /// Names that the language or its prelude defines.
    pub(super) free: BTreeSet<String>,
    /// Macros that only the order of the text brings into scope.
    pub(super) macros: Vec<(String, Candidate)>,
}

/// What is seen of the words on the way.
#[derive(Default)]
struct Seen {
    /// Names behind a dot or `::`.
    members: BTreeSet<String>,
    /// Packages, and whether there are names of which nobody knows where they are from.
    packages: BTreeSet<String>,
    has_unknown: bool,
}

impl Rust<'_, '_> {
    /// Finds what moves needs.
    pub(super) fn needs(&self) -> Result<Needs, EngineError> {
        let source = self.work.source.clone();
        let mut needs = Needs::default();
        let mut seen = Seen::default();
        let Some(syntax) = source.syntax() else { return Ok(needs) };
        let here = bindings(&source);
        for span in &self.work.spans {
            for word in syntax.names(*span) {
                self.word(&here, &word, &mut needs, &mut seen)?;
            }
            self.strings(&here, *span, &mut needs);
        }
        self.traits(&here, &mut needs, &seen)?;
        self.globs_of_others(&mut needs, &seen);
        needs.bound.remove(&self.work.family.name);
        needs.direct.remove(&self.work.family.first);
        Ok(needs)
    }

    fn word(
        &self,
        here: &BTreeMap<String, Binding>,
        word: &Word,
        needs: &mut Needs,
        seen: &mut Seen,
    ) -> Result<(), EngineError> {
        let source = &self.work.source;
        let name = word.span.of(&source.text).trim_start_matches("r#").to_owned();
        let before = source.text[..word.span.start as usize].trim_end();
        let after = source.text[word.span.end as usize..].trim_start();
        if before.ends_with(['.', '\'', '$']) && !before.ends_with("..") || before.ends_with("::") {
            seen.members.insert(name);
            return Ok(());
        }
        let is_inner_import = word.is_in_import && !before.ends_with("use");
        if word.role == WordRole::Keyword || is_inner_import {
            return Ok(());
        }
        let found: Vec<Target> = source
            .at(word.span.start)
            .iter()
            .filter(|one| !one.is_implicit)
            .map(|one| one.target)
            .collect();
        if found.iter().any(|target| self.is_own(*target)) || self.is_defined_inside(word.span) {
            return Ok(());
        }
        let is_hidden = found.is_empty() && !word.is_in_macro && !word.is_in_attribute;
        let at = source.shown(word.span.start);
        let is_called_macro = after.starts_with('!') && !after.starts_with("!=");
        if is_called_macro {
            return self.called_macro(here, &name, &found, at, needs);
        }
        if let Some(binding) = here.get(&name) {
            if !is_hidden {
                needs.bound.entry(name).or_insert((binding.clone(), at));
            }
            return Ok(());
        }
        for target in &found {
            match target {
                Target::Definition(one) => self.take_from_glob(*one, &at, needs)?,
                Target::External(package) => {
                    let package = self.work.sources.view.graph.package(source.file, *package)?;
                    needs.free.insert(name.clone());
                    if !after.starts_with("::") {
                        seen.packages.insert(package.to_owned());
                    }
                }
                Target::Unresolved(_) => {
                    needs.free.insert(name.clone());
                    seen.has_unknown = true;
                }
                Target::Local(_) => {}
            }
        }
        if found.is_empty() && name.starts_with(char::is_uppercase) {
            needs.free.insert(name);
        }
        Ok(())
    }

    /// A definition of the tree that is named without anything in the file that binds the name.
    fn take_from_glob(
        &self,
        one: DefinitionRef,
        at: &Candidate,
        needs: &mut Needs,
    ) -> Result<(), EngineError> {
        if one.index == DefinitionIndex::MODULE {
            // The root of another crate is named by the manifest.
            let path = self.modules.of_file(one.file)?;
            if path.is_some_and(|path| !path.parts.is_empty()) {
                needs.direct.insert(one, at.clone());
            }
            return Ok(());
        }
        let found = self.work.sources.definition(one)?;
        let is_outermost = found.parent == DefinitionIndex::MODULE;
        if is_outermost || found.kind == SymbolKind::EnumMember {
            needs.direct.insert(one, at.clone());
        }
        Ok(())
    }

    fn called_macro(
        &self,
        here: &BTreeMap<String, Binding>,
        name: &str,
        found: &[Target],
        at: Candidate,
        needs: &mut Needs,
    ) -> Result<(), EngineError> {
        if let Some(binding @ Binding::Use { .. }) = here.get(name) {
            needs.bound.entry(name.to_owned()).or_insert((binding.clone(), at));
            return Ok(());
        }
        let is_own = matches!(here.get(name), Some(Binding::Item(_)));
        let mut is_of_tree = is_own;
        for target in found {
            is_of_tree |= matches!(target, Target::Definition(_));
        }
        let is_path =
            matches!(name, "include" | "include_str" | "include_bytes" | "module_path" | "file");
        if is_of_tree || is_path {
            needs.macros.push((name.to_owned(), at));
        }
        Ok(())
    }

    /// Whether a target moves along, or is a variable of what moves.
    fn is_own(&self, target: Target) -> bool {
        let source = &self.work.source;
        match target {
            Target::Local(at) => self.is_inside(source, at),
            Target::Definition(one) if one.file == source.file => {
                let found = source.definitions.get(one.index.0 as usize);
                one.index != DefinitionIndex::MODULE
                    && found.is_some_and(|found| self.is_inside(source, found.name_span.start))
            }
            Target::Definition(_) | Target::External(_) | Target::Unresolved(_) => false,
        }
    }

    /// Whether a word is the name of a definition that moves.
    fn is_defined_inside(&self, span: ByteSpan) -> bool {
        self.work.source.definitions.iter().skip(1).any(|one| one.name_span == span)
    }

    /// Names within strings that code reads: `"{NAME}"` of formats, paths of attributes.
    fn strings(&self, here: &BTreeMap<String, Binding>, span: ByteSpan, needs: &mut Needs) {
        let source = &self.work.source;
        for (name, binding) in here {
            for at in offsets(span.of(&source.text), name) {
                let start = span.start + at;
                let end = start + name.len() as u32;
                let word = source.word(ByteSpan::new(start, end));
                let before = &source.text[..start as usize];
                let after = &source.text[end as usize..];
                let is_format = before.ends_with('{') && after.starts_with(['}', ':']);
                let is_path = word.is_in_attribute
                    && before.ends_with('"')
                    && (after.starts_with('"') || after.starts_with("::"));
                // Variables of a function come before what the module has.
                let is_constant = name.starts_with(char::is_uppercase);
                if word.role == WordRole::String && (is_format && is_constant || is_path) {
                    let at = source.shown(start);
                    needs.bound.entry(name.clone()).or_insert((binding.clone(), at));
                }
            }
        }
    }

    /// Traits that have to be in scope for the methods that are called.
    fn traits(
        &self,
        here: &BTreeMap<String, Binding>,
        needs: &mut Needs,
        seen: &Seen,
    ) -> Result<(), EngineError> {
        let source = self.work.source.clone();
        for (name, binding) in here {
            let is_needed = match binding {
                Binding::Item(span) => {
                    let definition = self.definition_at(*span);
                    self.is_trait_with(definition, &seen.members)?
                }
                Binding::Use { statement, part } => {
                    self.is_trait_import(name, statement, *part, seen)?
                }
                Binding::Child(_) => false,
            };
            if is_needed {
                let at = source.shown(binding.span().start);
                needs.bound.entry(name.clone()).or_insert((binding.clone(), at));
            }
        }
        let statements = source.syntax().map(|one| one.imports(&source.text)).unwrap_or_default();
        for statement in statements.into_iter().filter(|one| one.scope == ImportScope::File) {
            for part in 0..statement.parts.len() {
                let one = &statement.parts[part];
                let is_unnamed = one.kind == PartKind::Name && one.binds.is_none();
                if is_unnamed && !seen.members.is_empty() {
                    needs.unnamed.push((statement.clone(), part));
                }
            }
        }
        for trait_of in self.traits_of_methods()? {
            let found = self.work.sources.definition(trait_of)?;
            if !here.contains_key(&*found.name) {
                let at = source.shown(self.work.item.bare.start);
                needs.direct.entry(trait_of).or_insert(at);
            }
        }
        Ok(())
    }

    pub(super) fn definition_at(&self, name: ByteSpan) -> Option<DefinitionRef> {
        let source = &self.work.source;
        let index = source.definitions.iter().position(|one| one.name_span == name)?;
        Some(DefinitionRef { file: source.file, index: DefinitionIndex(index as u32) })
    }

    fn is_trait_with(
        &self,
        definition: Option<DefinitionRef>,
        members: &BTreeSet<String>,
    ) -> Result<bool, EngineError> {
        let Some(definition) = definition else { return Ok(false) };
        if self.work.sources.definition(definition)?.kind != SymbolKind::Trait {
            return Ok(false);
        }
        for member in self.work.sources.view.members(definition)? {
            if members.contains(&*self.work.sources.definition(member)?.name) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_trait_import(
        &self,
        name: &str,
        statement: &ImportStatement,
        part: usize,
        seen: &Seen,
    ) -> Result<bool, EngineError> {
        let source = &self.work.source;
        if seen.members.is_empty() || !name.starts_with(char::is_uppercase) {
            return Ok(false);
        }
        for target in self.targets_of(statement, part) {
            if let Target::Definition(one) = target {
                return self.is_trait_with(Some(one), &seen.members);
            }
        }
        let path = statement.parts[part].full_path("::");
        if path.starts_with("std::") || path.starts_with("core::") || path.starts_with("alloc::") {
            let methods = STANDARD_TRAITS
                .iter()
                .find(|(known, _)| *known == path.rsplit("::").next().unwrap_or_default());
            return Ok(methods.is_some_and(|(_, methods)| {
                methods.split(' ').any(|method| seen.members.contains(method))
                    || (name == "Write" && self.calls_write())
            }));
        }
        // What nobody names is imported for its methods.
        let is_named = offsets(&source.text, name).into_iter().any(|at| {
            let is_import = source.word(ByteSpan::new(at, at + name.len() as u32)).is_in_import;
            let is_code = source.word(ByteSpan::new(at, at + name.len() as u32)).role.is_code();
            !is_import && is_code
        });
        Ok(!is_named || name.ends_with("Ext"))
    }

    fn calls_write(&self) -> bool {
        let text = &self.work.source.text;
        self.work.spans.iter().any(|span| span.of(text).contains("write"))
    }

    /// What the last name of a part refers to.
    pub(super) fn targets_of(&self, statement: &ImportStatement, part: usize) -> Vec<Target> {
        let source = &self.work.source;
        let part = &statement.parts[part];
        let last = part.path.rsplit("::").next().unwrap_or_default();
        let inside = source.occurrences.iter().filter(|one| {
            part.span.start <= one.span.start
                && one.span.end <= part.span.end
                && one.span.of(&source.text) == last
        });
        inside.map(|one| one.target).collect()
    }

    /// Traits of the tree that define, or ask for, the methods that are called.
    fn traits_of_methods(&self) -> Result<BTreeSet<DefinitionRef>, EngineError> {
        let source = self.work.source.clone();
        let graph = self.work.sources.view.graph;
        let mut found = BTreeSet::new();
        for one in &source.occurrences {
            let Target::Definition(method) = one.target else { continue };
            if !self.is_inside(&source, one.span.start) || method.index == DefinitionIndex::MODULE {
                continue;
            }
            let mut methods = vec![method];
            let overridden = graph.relations_of(method)?.into_iter();
            methods
                .extend(overridden.filter(|one| one.kind == EdgeKind::Overrides).map(|one| one.to));
            for method in methods {
                let Some(parent) = self.work.sources.parent(method)? else { continue };
                if self.work.sources.definition(parent)?.kind == SymbolKind::Trait {
                    found.insert(parent);
                }
            }
        }
        Ok(found)
    }

    fn globs_of_others(&self, needs: &mut Needs, seen: &Seen) {
        let source = self.work.source.clone();
        let statements = source.syntax().map(|one| one.imports(&source.text)).unwrap_or_default();
        for statement in statements.into_iter().filter(|one| one.scope == ImportScope::File) {
            for (part, one) in statement.parts.iter().enumerate() {
                let path = one.full_path("::");
                let first = path.split("::").next().unwrap_or_default();
                let is_inner = matches!(first, "crate" | "self" | "super");
                if one.kind != PartKind::Star || is_inner {
                    continue;
                }
                // It may bring a trait whose methods are called.
                let is_prelude = !seen.members.is_empty();
                let is_named = seen.packages.contains(first) || seen.has_unknown;
                if is_prelude || is_named {
                    needs.globs.push((statement.clone(), part));
                }
            }
        }
    }

    /// A path as it is written in a file's module, from the root of the crate.
    pub(super) fn absolute(&self, source: &Source, module: &ModulePath, path: &str) -> String {
        self.absolute_within(source, module, path, 8)
    }

    fn absolute_within(
        &self,
        source: &Source,
        module: &ModulePath,
        path: &str,
        depth: usize,
    ) -> String {
        let (first, rest) = path.split_once("::").unwrap_or((path, ""));
        let mut parts = module.parts.clone();
        match first {
            "crate" => return path.to_owned(),
            "self" => {
                return joined(&module.written("crate"), rest);
            }
            "super" => {
                let mut rest = path;
                while let Some(inner) = rest.strip_prefix("super") {
                    parts.pop();
                    rest = inner.trim_start_matches("::");
                }
                let above = ModulePath { parts, ..module.clone() };
                return joined(&above.written("crate"), rest);
            }
            _ => {}
        }
        match bindings(source).get(first) {
            Some(Binding::Use { statement, part }) => {
                let full = statement.parts[*part].full_path("::");
                if full == first || full.split("::").next() == Some(first) || depth == 0 {
                    return path.to_owned();
                }
                let outer = self.absolute_within(source, module, &full, depth - 1);
                joined(&outer, rest)
            }
            Some(Binding::Item(_) | Binding::Child(_)) => joined(&module.written("crate"), path),
            None => path.to_owned(),
        }
    }
}

/// Traits of the standard library that are not in the prelude, and their methods.
pub(super) const STANDARD_TRAITS: &[(&str, &str)] = &[
    ("Read", "read read_to_end read_to_string read_exact bytes chain take by_ref read_vectored"),
    ("Write", "write write_all flush write_fmt write_str write_char by_ref"),
    ("BufRead", "lines read_line read_until split fill_buf consume"),
    ("Seek", "seek rewind stream_position seek_relative"),
    ("FromStr", "from_str"),
    ("Borrow", "borrow"),
    ("BorrowMut", "borrow_mut"),
    ("Hash", "hash"),
    ("Hasher", "finish write write_u8 write_u32 write_u64 write_usize"),
    ("BuildHasher", "build_hasher hash_one"),
    ("Any", "type_id"),
    ("Error", "source description cause"),
    ("Deref", "deref"),
    ("DerefMut", "deref_mut"),
    ("Index", "index"),
    ("Add", "add"),
    ("Sub", "sub"),
    ("Mul", "mul"),
    ("Div", "div"),
    ("Not", "not"),
    ("Neg", "neg"),
    ("Display", "fmt"),
    ("Debug", "fmt"),
    ("RangeBounds", "start_bound end_bound contains"),
    ("ToSocketAddrs", "to_socket_addrs"),
    ("FromIterator", "from_iter"),
    ("Future", "poll"),
    ("IntoFuture", "into_future"),
    ("Termination", "report"),
    ("AsFd", "as_fd"),
    ("AsRawFd", "as_raw_fd"),
    ("FromRawFd", "from_raw_fd"),
    ("OsStrExt", "as_bytes from_bytes encode_wide"),
    ("OsStringExt", "into_vec from_vec"),
    ("PermissionsExt", "mode set_mode from_mode"),
    ("MetadataExt", "dev ino mode nlink uid gid rdev size atime mtime ctime blksize blocks"),
    ("FileTypeExt", "is_block_device is_char_device is_fifo is_socket"),
    ("OpenOptionsExt", "mode custom_flags"),
    ("CommandExt", "uid gid exec pre_exec process_group arg0"),
    ("ExitStatusExt", "signal from_raw core_dumped"),
    ("FileExt", "read_at write_at read_exact_at write_all_at"),
    ("DirBuilderExt", "mode"),
    ("IsTerminal", "is_terminal"),
    ("TryFrom", "try_from"),
    ("TryInto", "try_into"),
];
