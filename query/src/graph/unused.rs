//! Definitions without a known inbound reference.
//!
//! Tools of this kind are wrong most of the time, because a missing edge looks like a missing
//! use. So a finding needs more than an empty list: nothing outside the definition may hold its
//! name, in code, text or configuration, and nothing may be able to call it unseen. What fails
//! the second test is unsure, with the reason.

use flux_core::{
    Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileClass, FileId, Occurrence,
    SymbolKind, Target, Unresolved,
};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::mentions::words;
use super::reflection::Pieces;
use super::view::{GraphView, Texts};
use crate::error::QueryError;

/// Why a definition without a known reference may be used all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unsure {
    /// Other packages may use it.
    Exported,
    /// A decorator, attribute or annotation may register it.
    Decorated,
    /// It lies in a type that extends something outside the tree, which may call it.
    Framework,
    /// A macro makes it, or its name says that it is not meant to be used.
    Made,
    /// The name stands elsewhere: in a string, a macro, a call that could not be resolved.
    Mentioned,
}

impl Unsure {
    /// Every reason.
    pub const ALL: &[Self] =
        &[Self::Exported, Self::Decorated, Self::Framework, Self::Made, Self::Mentioned];

    /// The words shown to people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exported => "other packages may use it",
            Self::Decorated => "a decorator or attribute may register it",
            Self::Framework => "its type extends something outside the tree",
            Self::Made => "a macro makes it, or its name says that nothing uses it",
            Self::Mentioned => "its name stands elsewhere, or may be put together of strings",
        }
    }
}

/// A definition without a known inbound reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unused {
    /// Which.
    pub definition: DefinitionRef,
    /// Why it may be used all the same; `None` for a finding.
    pub unsure: Option<Unsure>,
}

/// Definitions without a known inbound reference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnusedReport {
    /// Nothing in the tree mentions them, by file and position.
    pub findings: Vec<Unused>,
    /// Those that something may use unseen, by file and position.
    pub unsure: Vec<Unused>,
    /// Files that had changed since they were indexed and were not looked into.
    pub unread: usize,
}

/// Looks for definitions that nothing refers to.
pub fn unused(view: &GraphView<'_>, texts: Texts<'_>) -> Result<UnusedReport, QueryError> {
    let files: Vec<FileId> = view.files().collect();
    let candidates: Result<Vec<_>, QueryError> =
        files.par_iter().map(|file| candidates_in(view, *file, texts)).collect();
    let candidates: Vec<Candidate> = candidates?.into_iter().flatten().collect();
    let mut wanted: FxHashSet<&str> = candidates.iter().map(|found| &*found.name).collect();
    wanted.extend(candidates.iter().filter_map(|found| bare(&found.name)));
    let parts: Vec<Option<(Words<'_>, Pieces)>> = (files.par_iter())
        .filter(|file| view.entry(**file).content().is_some())
        .map(|file| {
            let text = texts(*file)?;
            Some((count_words(&text, &wanted), Pieces::of(&text)))
        })
        .collect();
    let unread = parts.iter().filter(|part| part.is_none()).count();
    let mut report = UnusedReport { unread, ..UnusedReport::default() };
    let mut own: FxHashMap<&str, usize> = FxHashMap::default();
    for candidate in &candidates {
        *own.entry(&candidate.name).or_default() += candidate.mentions;
    }
    let count =
        |name: &str| -> usize { parts.iter().flatten().filter_map(|part| part.0.get(name)).sum() };
    let counts: FxHashMap<&str, usize> =
        wanted.par_iter().map(|name| (*name, count(name))).collect();
    let pieces = parts.iter().flatten().map(|(_, pieces)| pieces.clone());
    let pieces = pieces.fold(Pieces::default(), Pieces::and);
    for candidate in &candidates {
        let name = &*candidate.name;
        let is_mentioned = counts.get(name) != own.get(name)
            || bare(name).is_some_and(|bare| counts.get(bare).is_some_and(|count| *count > 0))
            || pieces.may_make(name);
        let unsure = candidate.unsure.or(is_mentioned.then_some(Unsure::Mentioned));
        let list = if unsure.is_some() { &mut report.unsure } else { &mut report.findings };
        list.push(Unused { definition: candidate.definition, unsure });
    }
    Ok(report)
}

/// How often each wanted name stands in a text.
type Words<'a> = FxHashMap<&'a str, usize>;

/// A private name without its underscores, by which a module may offer it to others.
fn bare(name: &str) -> Option<&str> {
    let bare = name.trim_start_matches('_');
    (bare.len() < name.len() && !bare.is_empty()).then_some(bare)
}

struct Candidate {
    definition: DefinitionRef,
    name: Box<str>,
    unsure: Option<Unsure>,
    /// How often the definition itself holds its name: once, and more when it calls itself.
    mentions: usize,
}

/// Files in which nobody looks for dead code, or that others keep.
const LEFT_OUT: &[FileClass] = &[
    FileClass::TEST,
    FileClass::VENDORED,
    FileClass::GENERATED,
    FileClass::MINIFIED,
    FileClass::DOCUMENT,
    FileClass::EXAMPLE,
    FileClass::DATA,
];

fn candidates_in(
    view: &GraphView<'_>,
    file: FileId,
    texts: Texts<'_>,
) -> Result<Vec<Candidate>, QueryError> {
    let class = view.entry(file).class();
    // What `.d.ts` declares is defined elsewhere, or added to a type of the platform.
    let is_declaration = view.entry(file).path.as_str().ends_with(".d.ts");
    let is_left_out = is_declaration || LEFT_OUT.iter().any(|left| class.has(*left));
    if is_left_out || !view.graph.has(file)? {
        return Ok(Vec::new());
    }
    let definitions = view.graph.definitions(file)?;
    let occurrences = view.graph.occurrences(file)?;
    let has_rules = |found: &&Occurrence| found.target != Target::Unresolved(Unresolved::NoRules);
    if definitions.len() < 2
        || (!occurrences.is_empty() && !occurrences.iter().any(|o| has_rules(&o)))
    {
        return Ok(Vec::new());
    }
    let language = view.snapshot.view().language(view.entry(file)).as_str();
    let mut text = None;
    let mut found = Vec::new();
    for (index, known) in (0..).map(DefinitionIndex).zip(&definitions).skip(1) {
        let definition = DefinitionRef { file, index };
        if !is_candidate(view, definition, known)? {
            continue;
        }
        let text = text.get_or_insert_with(|| texts(file));
        let Some(text) = text.as_deref() else { break };
        found.push(Candidate {
            definition,
            name: known.name.clone(),
            unsure: unsure(language, known, &definitions, &occurrences, text),
            mentions: words(known.span.of(text), &known.name).len(),
        });
    }
    Ok(found)
}

fn is_candidate(
    view: &GraphView<'_>,
    definition: DefinitionRef,
    known: &Definition,
) -> Result<bool, QueryError> {
    let kind_counts = matches!(
        known.kind,
        SymbolKind::Function
            | SymbolKind::Method
            | SymbolKind::Class
            | SymbolKind::Struct
            | SymbolKind::Enum
            | SymbolKind::Interface
            | SymbolKind::Trait
            | SymbolKind::TypeAlias
            | SymbolKind::Constant
            | SymbolKind::Macro
    );
    let name = &*known.name;
    // `__len__` and `_check_retval_` are what a protocol calls.
    let is_of_protocol = name.starts_with("__") || (name.starts_with('_') && name.ends_with('_'));
    let is_called_by_name =
        is_of_protocol || name.starts_with("test") || matches!(name, "main" | "init");
    if !kind_counts || is_called_by_name || known.name_span.is_empty() || known.span.is_empty() {
        return Ok(false);
    }
    if view.is_test(definition)? || !view.graph.relations_of(definition)?.is_empty() {
        return Ok(false);
    }
    for reference in view.graph.references_to(definition)? {
        let (file, occurrence) = reference?;
        let enclosing = DefinitionRef { file, index: occurrence.enclosing };
        if !view.is_within(enclosing, definition)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn unsure(
    language: &str,
    known: &Definition,
    definitions: &[Definition],
    occurrences: &[Occurrence],
    text: &str,
) -> Option<Unsure> {
    let parent = definitions.get(known.parent.0 as usize)?;
    let is_member = known.parent != DefinitionIndex::MODULE;
    let head = text.get(known.span.start as usize..known.name_span.start as usize)?;
    let is_rust = language == "rust";
    // What is public in Rust without saying so implements a trait.
    if is_rust && known.is_public && is_member && !head.contains("pub") {
        return Some(Unsure::Framework);
    }
    if is_rust && (known.name.starts_with('_') || is_of_macro(known, head)) {
        return Some(Unsure::Made);
    }
    // A public member of a private type may serve as a file, an iterator, a plug-in to those who
    // ask for no more than its name; only Rust has no such callers.
    if known.is_public && (!is_member || parent.is_public || !is_rust) {
        return Some(Unsure::Exported);
    }
    if head.contains('@') || head.contains("#[") || head.trim_start().starts_with('[') {
        return Some(Unsure::Decorated);
    }
    (is_member && extends_outside(known, definitions, occurrences)).then_some(Unsure::Framework)
}

/// Whether no keyword declares a function of Rust: then a macro makes it of its arguments, and
/// may make something else of it that is used, such as a test.
fn is_of_macro(known: &Definition, head: &str) -> bool {
    let is_function = matches!(known.kind, SymbolKind::Function | SymbolKind::Method);
    is_function && !head.split_whitespace().any(|word| word == "fn")
}

/// Whether the type around a member, or the block that implements one, names a supertype that is
/// not of the tree: the nearest such head before the member counts.
fn extends_outside(
    known: &Definition,
    definitions: &[Definition],
    occurrences: &[Occurrence],
) -> bool {
    let parent = &definitions[known.parent.0 as usize];
    let is_head = |found: &&Occurrence| {
        matches!(found.kind, EdgeKind::Inherits | EdgeKind::Implements)
            && parent.span.start <= found.span.start
            && found.span.start < known.span.start
    };
    let is_outside = |found: &Occurrence| !matches!(found.target, Target::Definition(_));
    occurrences.iter().filter(is_head).any(is_outside)
}

fn count_words<'a>(text: &str, wanted: &FxHashSet<&'a str>) -> Words<'a> {
    let mut counts = FxHashMap::default();
    let is_edge = |c: char| !(c.is_alphanumeric() || c == '_');
    for word in text.split(is_edge).filter(|word| !word.is_empty()) {
        if let Some(name) = wanted.get(word) {
            *counts.entry(*name).or_default() += 1;
        }
    }
    counts
}
