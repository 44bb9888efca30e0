//! What names mean in a module of Python: what it imports and defines at its outermost level, and
//! what a definition needs of that.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use flux_core::{ByteSpan, Definition, DefinitionIndex, Occurrence, Target};
use flux_engine::EngineError;
use flux_engine::syntax::{ImportPart, ImportScope, ImportStatement, PartKind, WordRole};

use crate::edit::refusal::Candidate;
use crate::refactor::moving::obstacle::MoveObstacle;
use crate::refactor::sources::{Source, Sources};

/// What gives a name its meaning.
#[derive(Clone, Debug)]
pub(super) enum Binding {
    /// An import that is always, or never, carried out.
    Import {
        /// The statement.
        statement: ImportStatement,
        /// The index of the part.
        part: usize,
    },
    /// A definition, or an import that depends on a condition: known only by its module.
    Own(ByteSpan),
}

impl Binding {
    /// The part of an import.
    pub(super) fn import(&self) -> Option<(&ImportStatement, &ImportPart)> {
        match self {
            Self::Import { statement, part } => Some((statement, &statement.parts[*part])),
            Self::Own(_) => None,
        }
    }

    /// Where it stands.
    pub(super) fn span(&self) -> ByteSpan {
        match self {
            Self::Import { statement, part } => statement.parts[*part].span,
            Self::Own(span) => *span,
        }
    }

    /// Whether only what checks types sees it.
    pub(super) fn is_for_types(&self) -> bool {
        self.import().is_some_and(|(one, _)| one.scope == ImportScope::TypeChecking)
    }
}

/// What a module binds at its outermost level. A definition hides an import of its name.
pub(super) fn bindings(source: &Source) -> BTreeMap<String, Binding> {
    let mut found = BTreeMap::new();
    let Some(syntax) = source.syntax() else { return found };
    for statement in syntax.imports(&source.text) {
        let is_known = match statement.scope {
            ImportScope::File | ImportScope::TypeChecking => true,
            ImportScope::Conditional => false,
            ImportScope::Class | ImportScope::Function | ImportScope::InlineModule => continue,
        };
        for (part, one) in statement.parts.iter().enumerate() {
            let Some(name) = one.binds.clone() else { continue };
            let new = match is_known {
                true => Binding::Import { statement: statement.clone(), part },
                false => Binding::Own(one.span),
            };
            let is_better = match found.get(&name) {
                // `import a` and `import a.b` bind one name; so do both sides of a condition.
                Some(Binding::Own(_)) => false,
                Some(old) => !new.is_for_types() && (old.is_for_types() || !is_known),
                None => true,
            };
            if is_better {
                found.insert(name, new);
            }
        }
    }
    for one in outermost(source) {
        found.insert(one.name.to_string(), Binding::Own(one.name_span));
    }
    found
}

/// Definitions directly in a file.
pub(super) fn outermost(source: &Source) -> impl Iterator<Item = &Definition> {
    source.definitions.iter().skip(1).filter(|one| one.parent == DefinitionIndex::MODULE)
}

/// The stars of a file at its outermost level.
pub(super) fn stars(source: &Source) -> Vec<(ImportStatement, usize)> {
    let Some(syntax) = source.syntax() else { return Vec::new() };
    let mut found = Vec::new();
    for statement in syntax.imports(&source.text) {
        let star = statement.parts.iter().position(|part| part.kind == PartKind::Star);
        found.extend(star.map(|part| (statement.clone(), part)));
    }
    found
}

/// What a definition needs from around it.
#[derive(Default)]
pub(super) struct Needs {
    /// Names that its module binds, with whether they are needed while the definition is made.
    pub(super) bound: BTreeMap<String, Need>,
    /// Names that the language defines.
    pub(super) builtin: BTreeSet<String>,
    /// What stands in the way.
    pub(super) obstacles: Vec<MoveObstacle>,
}

/// A name that is needed.
pub(super) struct Need {
    pub(super) binding: Binding,
    /// Whether it is needed when the module is imported.
    pub(super) is_immediate: bool,
    /// A place that needs it.
    pub(super) at: Candidate,
}

/// Names that say what a module is called, or where it lies.
const OF_THE_MODULE: &[&str] =
    &["__name__", "__file__", "__package__", "__spec__", "__path__", "__loader__", "globals"];

/// Finds what the definition at `span` needs.
pub(super) fn needs(
    sources: &Sources<'_>,
    source: &Rc<Source>,
    span: ByteSpan,
) -> Result<Needs, EngineError> {
    let bindings = bindings(source);
    let mut needs = Needs::default();
    let (mut own_module, mut unknown, mut starred) = (Vec::new(), Vec::new(), Vec::new());
    let inside = source
        .occurrences
        .iter()
        .filter(|one| span.start <= one.span.start && one.span.end <= span.end);
    let inner = inner_imports(source, span);
    for one in inside {
        let name = one.span.of(&source.text);
        let is_inner = inner.iter().any(|(inner, block)| {
            inner == name && block.start <= one.span.start && one.span.end <= block.end
        });
        if !stands_alone(source, one) || is_within(source, span, one.target) || is_inner {
            continue;
        }
        let at = source.shown(one.span.start);
        let is_immediate = !is_deferred(source, one.span.start);
        if let Some(binding) = bindings.get(name) {
            let need = needs.bound.entry(name.to_owned()).or_insert_with(|| Need {
                binding: binding.clone(),
                is_immediate,
                at: at.clone(),
            });
            need.is_immediate |= is_immediate;
            continue;
        }
        match one.target {
            _ if OF_THE_MODULE.contains(&name) => own_module.push(at),
            Target::External(package)
                if sources.view.graph.package(source.file, package)? == "builtins" =>
            {
                needs.builtin.insert(name.to_owned());
            }
            Target::External(_) | Target::Definition(_) => starred.push(at),
            Target::Local(_) | Target::Unresolved(_) => unknown.push(at),
        }
    }
    for line in global_lines(source, span) {
        unknown.push(source.shown(line));
    }
    let has_star = !stars(source).is_empty();
    if has_star {
        starred.append(&mut unknown);
    }
    needs.obstacles.extend((!own_module.is_empty()).then_some(MoveObstacle::OwnModule(own_module)));
    needs.obstacles.extend((!starred.is_empty()).then_some(MoveObstacle::Star(starred)));
    needs.obstacles.extend((!unknown.is_empty()).then_some(MoveObstacle::Unclear(unknown)));
    Ok(needs)
}

/// Names that imports within a span bind, with the blocks in which they do.
fn inner_imports(source: &Source, span: ByteSpan) -> Vec<(String, ByteSpan)> {
    let mut found = Vec::new();
    for statement in source.syntax().map(|one| one.imports(&source.text)).unwrap_or_default() {
        if span.start <= statement.span.start && statement.span.end <= span.end {
            let names = statement.parts.iter().filter_map(|part| part.binds.clone());
            found.extend(names.map(|name| (name, statement.block)));
        }
    }
    found
}

/// Whether an occurrence is a name on its own, in code or in an annotation that is a string.
fn stands_alone(source: &Source, one: &Occurrence) -> bool {
    if one.is_implicit {
        return false;
    }
    let word = source.word(one.span);
    let before = source.text[..one.span.start as usize].trim_end();
    match word.role {
        WordRole::Bare | WordRole::Shorthand => !word.is_in_import,
        WordRole::String => !before.ends_with('.'),
        _ => false,
    }
}

/// Whether a target lies in a span of the file.
fn is_within(source: &Source, span: ByteSpan, target: Target) -> bool {
    let at = match target {
        Target::Local(at) => at,
        Target::Definition(one) if one.file == source.file => {
            match source.definitions.get(one.index.0 as usize) {
                Some(found) if one.index != DefinitionIndex::MODULE => found.name_span.start,
                _ => return false,
            }
        }
        Target::Definition(_) | Target::External(_) | Target::Unresolved(_) => return false,
    };
    span.start <= at && at < span.end
}

/// Offsets of `global` statements within a span.
fn global_lines(source: &Source, span: ByteSpan) -> Vec<u32> {
    let mut at = span.start;
    let mut found = Vec::new();
    for line in span.of(&source.text).split_inclusive('\n') {
        let inner = line.trim_start();
        if inner.starts_with("global ") {
            found.push(at + (line.len() - inner.len()) as u32);
        }
        at += line.len() as u32;
    }
    found
}

/// Whether what stands at an offset is carried out only when a function is called.
pub(super) fn is_deferred(source: &Source, at: u32) -> bool {
    let Some(syntax) = source.syntax() else { return false };
    let around = syntax
        .definitions
        .iter()
        .filter(|one| one.kind.is_callable() && one.span.start <= at && at < one.span.end);
    let mut bodies = around.filter_map(|one| syntax.body(one));
    bodies.any(|body| body.span.start <= at && at < body.span.end)
}

/// Whether the word at a span gets a new value there, or is taken away.
pub(super) fn is_store(source: &Source, span: ByteSpan) -> bool {
    let after = source.text[span.end as usize..].trim_start_matches([' ', '\t']);
    let line = source.text[..span.start as usize].rsplit('\n').next().unwrap_or_default();
    let is_assigned = after.starts_with('=') && !after.starts_with("==")
        || ["+=", "-=", "*=", "/=", "|=", "&=", "^=", "%=", "//=", "**=", ":="]
            .iter()
            .any(|sign| after.starts_with(sign));
    let start = line.trim_start();
    is_assigned && !is_argument(source, span)
        || ["global ", "nonlocal ", "del "].iter().any(|word| start.starts_with(word))
}

/// `f(name=1)` assigns nothing, and neither does a default.
fn is_argument(source: &Source, span: ByteSpan) -> bool {
    source.word(span).role == WordRole::Keyword
        || source.text[..span.start as usize].trim_end().ends_with(['(', ','])
            && !source.text[span.end as usize..].trim_start().starts_with(":=")
}

/// The dotted path before a member, without the last dot; `None` if it is more than names.
pub(super) fn path_before(source: &Source, member: ByteSpan) -> Option<ByteSpan> {
    let text = &source.text;
    let dot = text[..member.start as usize].strip_suffix('.')?.len();
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    let start = text[..dot].trim_end_matches(is_part).len();
    let path = &text[start..dot];
    let is_plain = !path.is_empty()
        && !path.split('.').any(str::is_empty)
        && !path.starts_with(|first: char| first.is_numeric())
        && !text[..start].ends_with([')', ']', '"', '\'']);
    is_plain.then(|| ByteSpan::new(start as u32, dot as u32))
}
