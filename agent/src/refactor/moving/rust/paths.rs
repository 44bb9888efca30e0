//! Modules of Rust as paths from the roots of their crates, and who may see what.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use flux_core::{ByteSpan, DefinitionIndex, DefinitionRef, EdgeKind, FileId, SymbolKind, Target};
use flux_engine::EngineError;
use flux_engine::syntax::Visibility;

use crate::refactor::sources::{Source, Sources};

/// Where a module lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ModulePath {
    /// The file of the crate's root.
    pub(super) root: FileId,
    /// The names from there.
    pub(super) parts: Vec<String>,
    /// Conditions under which it is compiled.
    pub(super) conditions: Vec<String>,
    /// Whether other crates declare the file as well.
    pub(super) is_shared: bool,
}

impl ModulePath {
    /// It as a path, behind `crate` or the name of the crate.
    pub(super) fn written(&self, start: &str) -> String {
        let parts = std::iter::once(start).chain(self.parts.iter().map(String::as_str));
        parts.collect::<Vec<_>>().join("::")
    }

    /// Whether it lies in a module, or is it.
    pub(super) fn is_in(&self, root: FileId, parts: &[String]) -> bool {
        self.root == root && self.parts.starts_with(parts)
    }

    /// The path of a module within it.
    fn below(&self, inner: &[String]) -> Self {
        let mut parts = self.parts.clone();
        parts.extend_from_slice(inner);
        Self { parts, ..self.clone() }
    }
}

/// How far something has to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// As far as it is.
    Same,
    /// In the module around its own.
    Above,
    /// In all of the crate.
    Crate,
}

impl Reach {
    pub(super) fn written(self) -> &'static str {
        match self {
            Self::Same => "",
            Self::Above => "pub(super)",
            Self::Crate => "pub(crate)",
        }
    }
}

/// The modules of a tree.
pub(super) struct Modules<'a> {
    sources: &'a Sources<'a>,
    known: RefCell<BTreeMap<FileId, Option<Rc<ModulePath>>>>,
}

/// A `mod name;`.
#[derive(Clone)]
pub(super) struct Declaration {
    pub(super) source: Rc<Source>,
    pub(super) name: ByteSpan,
}

impl<'a> Modules<'a> {
    pub(super) fn new(sources: &'a Sources<'a>) -> Self {
        Self { sources, known: RefCell::default() }
    }

    /// The module of a file; `None` if its declarations circle.
    pub(super) fn of_file(&self, file: FileId) -> Result<Option<Rc<ModulePath>>, EngineError> {
        if let Some(found) = self.known.borrow().get(&file) {
            return Ok(found.clone());
        }
        // Damage may circle.
        self.known.borrow_mut().insert(file, None);
        let found = self.worked_out(file)?.map(Rc::new);
        self.known.borrow_mut().insert(file, found.clone());
        Ok(found)
    }

    fn worked_out(&self, file: FileId) -> Result<Option<ModulePath>, EngineError> {
        if !self.sources.view.graph.has(file)? {
            return Ok(None);
        }
        let mut conditions = self.inner_conditions(file)?;
        let declarations = declarations(self.sources, file)?;
        let Some(first) = declarations.first() else {
            let parts = Vec::new();
            return Ok(Some(ModulePath { root: file, parts, conditions, is_shared: false }));
        };
        let Some(above) = self.of_file(first.source.file)? else { return Ok(None) };
        let name = first.name.of(&first.source.text).trim_start_matches("r#").to_owned();
        let inline = inline_modules(&first.source, first.name.start);
        let mut path = above.below(&inline);
        path.parts.push(name);
        if let Some(syntax) = first.source.syntax() {
            let attributes = syntax.decorators(first.name).into_iter();
            let texts = attributes.map(|span| span.of(&first.source.text).to_owned());
            conditions.extend(texts.filter(|text| text.contains("cfg")));
        }
        path.conditions.extend(conditions);
        path.conditions.sort();
        path.is_shared |= declarations.len() > 1;
        Ok(Some(path))
    }

    fn inner_conditions(&self, file: FileId) -> Result<Vec<String>, EngineError> {
        let Some(source) = self.sources.file(file)? else { return Ok(Vec::new()) };
        let lines = source.text.lines().filter(|line| line.starts_with("#![cfg("));
        Ok(lines.map(|line| line.replacen("#!", "#", 1)).collect())
    }

    /// The module around an offset of a file, inline ones included.
    pub(super) fn at(&self, source: &Source, at: u32) -> Result<Option<ModulePath>, EngineError> {
        let found = self.of_file(source.file)?;
        Ok(found.map(|path| path.below(&inline_modules(source, at))))
    }

    /// How far a definition would have to be seen, beyond what it says, to be seen from `user`.
    /// `None` if it is in another crate and not public.
    pub(super) fn missing_reach(
        &self,
        home: &ModulePath,
        visibility: &str,
        user: &ModulePath,
    ) -> Option<Reach> {
        let above = &home.parts[..home.parts.len().saturating_sub(1)];
        let is_seen = match visibility {
            "pub" => true,
            "" | "pub(self)" => user.is_in(home.root, &home.parts),
            "pub(crate)" => user.root == home.root,
            "pub(super)" => user.is_in(home.root, above),
            within => within
                .trim_start_matches("pub(in ")
                .trim_end_matches(')')
                .strip_prefix("crate::")
                .is_some_and(|path| {
                    let parts: Vec<String> = path.split("::").map(str::to_owned).collect();
                    user.is_in(home.root, &parts)
                }),
        };
        if is_seen {
            return Some(Reach::Same);
        }
        if user.root != home.root {
            return None;
        }
        let is_above = user.is_in(home.root, above) && !home.parts.is_empty();
        Some(if is_above { Reach::Above } else { Reach::Crate })
    }

    /// The declarations on the way to a file that cannot be seen from `user`, with what they lack.
    /// The inner error is a declaration that no word would help.
    pub(super) fn hidden_on_the_way(
        &self,
        file: FileId,
        user: &ModulePath,
    ) -> Result<Result<Vec<(Declaration, Reach)>, Declaration>, EngineError> {
        let mut hidden = Vec::new();
        let mut at = file;
        // Modules nest a dozen deep at most.
        for _ in 0..64 {
            let Some(declaration) = declarations(self.sources, at)?.into_iter().next() else {
                break;
            };
            let Some(home) = self.at(&declaration.source, declaration.name.start)? else { break };
            let (_, visibility) = visibility(&declaration.source, declaration.name);
            match self.missing_reach(&home, &visibility, user) {
                Some(Reach::Same) => {}
                Some(reach) => hidden.push((declaration.clone(), reach)),
                None => return Ok(Err(declaration)),
            }
            at = declaration.source.file;
        }
        Ok(Ok(hidden))
    }
}

/// Where a definition says who may use it, and what it says there.
pub(super) fn visibility(source: &Source, name: ByteSpan) -> (Visibility, String) {
    let item = source.syntax().and_then(|syntax| syntax.item(&source.text, name));
    let found = item.map_or(Visibility::Inherited, |item| item.visibility);
    let text = match found {
        Visibility::At(span) => {
            span.of(&source.text).split_whitespace().collect::<Vec<_>>().join(" ")
        }
        Visibility::Inherited => "pub".to_owned(),
    };
    (found, text)
}

/// The `mod name;` of a file; none for the root of a crate.
pub(super) fn declarations(
    sources: &Sources<'_>,
    file: FileId,
) -> Result<Vec<Declaration>, EngineError> {
    let module = DefinitionRef { file, index: DefinitionIndex::MODULE };
    let mut found: Vec<Declaration> = Vec::new();
    for reference in sources.view.graph.references_to(module)? {
        let (from, occurrence) = reference?;
        if occurrence.kind != EdgeKind::Imports || from == file {
            continue;
        }
        let Some(source) = sources.file(from)? else { continue };
        let before = source.text[..occurrence.span.start as usize].trim_end();
        let is_new = !found.iter().any(|one| one.source.file == from);
        if is_new && (before.ends_with(" mod") || before.ends_with("\nmod") || before == "mod") {
            found.push(Declaration { source, name: occurrence.span });
        }
    }
    Ok(found)
}

/// The names of the inline modules around an offset, the outermost first.
pub(super) fn inline_modules(source: &Source, at: u32) -> Vec<String> {
    let mut around: Vec<String> = source
        .around(at)
        .into_iter()
        .filter(|one| one.kind == SymbolKind::Module && one.name_span.end <= at)
        .map(|one| one.name.to_string())
        .collect();
    around.reverse();
    around
}

/// What stands before a name in a path.
pub(super) enum Lead {
    /// The module of the file that was asked for.
    Home,
    /// Another module.
    Another,
    /// Something that is no module, or that is not known.
    Unknown,
}

impl Modules<'_> {
    /// Whether a path that ends with the word at `last` leads to a file's module. `path` is all of
    /// it, as far as it is written before that word, the word included.
    pub(super) fn leads(
        &self,
        source: &Source,
        path: &str,
        last: ByteSpan,
        home: FileId,
    ) -> Result<Lead, EngineError> {
        let keywords = ["crate", "self", "super", "$crate"];
        let parts: Vec<&str> = path.split("::").filter(|part| !part.is_empty()).collect();
        if parts.iter().all(|part| keywords.contains(part)) {
            let (Some(mut at), Some(home)) = (self.at(source, last.start)?, self.of_file(home)?)
            else {
                return Ok(Lead::Unknown);
            };
            for part in parts {
                match part {
                    "super" => drop(at.parts.pop()),
                    "self" => {}
                    _ => at.parts.clear(),
                }
            }
            let is_home = at.root == home.root && at.parts == home.parts;
            return Ok(if is_home { Lead::Home } else { Lead::Another });
        }
        let mut lead = Lead::Unknown;
        for one in source.at(last.start) {
            let Target::Definition(found) = one.target else { continue };
            if found.index == DefinitionIndex::MODULE {
                if found.file == home {
                    return Ok(Lead::Home);
                }
                lead = Lead::Another;
            } else if self.sources.definition(found)?.kind == SymbolKind::Module {
                lead = Lead::Another;
            }
        }
        Ok(lead)
    }
}

/// The path before a name, without the last `::`; `None` if there is none or it is more than names.
pub(super) fn path_before(text: &str, name: ByteSpan) -> Option<ByteSpan> {
    let end = text[..name.start as usize].trim_end().strip_suffix("::")?.trim_end().len();
    let is_part =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':' | '$' | '#');
    let start = text[..end].trim_end_matches(is_part).len();
    let path = &text[start..end];
    let is_plain = !path.is_empty() && !path.starts_with(':') && !text[..start].ends_with('>');
    is_plain.then(|| ByteSpan::new(start as u32, end as u32))
}

/// The last word of a path.
pub(super) fn last_word(text: &str, path: ByteSpan) -> ByteSpan {
    let last = path.of(text).rsplit("::").next().unwrap_or_default();
    ByteSpan::new(path.end - last.len() as u32, path.end)
}
