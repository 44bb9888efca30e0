//! The definitions that share one name by necessity: alternatives of one symbol, a method and all
//! that override it, a parameter in all of these.

use std::collections::BTreeSet;

use flux_core::{DefinitionIndex, DefinitionRef, EdgeKind, FileId, SymbolKind, Target};
use flux_engine::EngineError;

use super::sources::Sources;

/// What kind of name it is, which says how it can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// A file, as a module.
    Module,
    /// Of a module, or local to a function: written alone, or behind the module.
    Plain,
    /// Of a type: written behind a value or the type.
    Member,
    /// A parameter: written alone in its function, and before `=` in calls.
    Parameter,
}

/// Definitions that share a name.
#[derive(Clone, Debug)]
pub struct Family {
    /// All of them, by file and position; never empty.
    pub members: Vec<DefinitionRef>,
    /// The one that was asked for.
    pub first: DefinitionRef,
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// How it is written.
    pub nature: Nature,
    /// Whether it lies in a function, so that nothing outside of it can use the name.
    pub is_inside_function: bool,
    /// The language of the one that was asked for.
    pub language: String,
    /// Where parameters of the family are named, as local references point at them.
    locals: BTreeSet<(FileId, u32)>,
}

impl Family {
    /// The family of a symbol, given by its definitions; never none.
    pub fn of(sources: &Sources<'_>, symbol: &[DefinitionRef]) -> Result<Self, EngineError> {
        let first = symbol[0];
        let found = sources.definition(first)?;
        let nature = nature(sources, first)?;
        let entry = sources.view.entry(first.file);
        let language = sources.view.snapshot.view().language(entry).as_str().to_owned();
        let symbol = &alternatives(sources, symbol, &language)?;
        let name = match (nature, language.as_str()) {
            (Nature::Module, "rust") => declared_name(sources, first)?,
            _ => None,
        };
        let members = match (nature, language.as_str()) {
            (Nature::Member, _) => methods(sources, symbol, &found.name, &language)?,
            (Nature::Parameter, "python") => parameters(sources, symbol, &found.name)?,
            (Nature::Parameter | Nature::Plain | Nature::Module, _) => {
                symbol.iter().copied().collect()
            }
        };
        let mut locals = BTreeSet::new();
        for member in &members {
            locals.insert((member.file, sources.definition(*member)?.name_span.start));
        }
        Ok(Self {
            members: members.into_iter().collect(),
            first,
            name: name.unwrap_or_else(|| found.name.into()),
            kind: found.kind,
            nature,
            is_inside_function: match sources.parent(first)? {
                Some(parent) => sources.definition(parent)?.kind.is_callable(),
                None => false,
            },
            language,
            locals,
        })
    }

    /// The family of one, for what is looked up by the type and not by its name: constructors.
    pub(crate) fn alone(self) -> Self {
        Self { members: vec![self.first], ..self }
    }

    /// Whether a target, in `file`, is one of them.
    pub fn is_target(&self, file: FileId, target: Target) -> bool {
        match target {
            Target::Definition(definition) => self.has(definition),
            Target::Local(offset) => self.locals.contains(&(file, offset)),
            Target::External(_) | Target::Unresolved(_) => false,
        }
    }

    /// Whether a definition is one of them.
    pub fn has(&self, definition: DefinitionRef) -> bool {
        self.members.binary_search(&definition).is_ok()
    }
}

/// The definitions of one symbol: those of the same name in the same place, in Rust of the same
/// `impl`, because two traits may each ask for a method of that name.
fn alternatives(
    sources: &Sources<'_>,
    symbol: &[DefinitionRef],
    language: &str,
) -> Result<Vec<DefinitionRef>, EngineError> {
    let first = symbol[0];
    let Some(source) = sources.file(first.file)? else { return Ok(symbol.to_vec()) };
    if first.index == DefinitionIndex::MODULE {
        return Ok(vec![first]);
    }
    let base = |span| {
        let bases = source.syntax().map(|syntax| syntax.supertypes(span)).unwrap_or_default();
        bases.first().map(|span| span.of(&source.text).to_owned())
    };
    let own = sources.definition(first)?;
    let mut found = Vec::new();
    for (index, one) in (0..).map(DefinitionIndex).zip(&source.definitions).skip(1) {
        let is_same = one.name == own.name && one.parent == own.parent;
        let is_field = |kind: SymbolKind| !kind.is_callable();
        let is_alike = language != "rust"
            || (is_field(one.kind) == is_field(own.kind)
                && (!own.kind.is_callable() || base(one.name_span) == base(own.name_span)));
        if is_same && is_alike {
            found.push(DefinitionRef { index, ..first });
        }
    }
    Ok(found)
}

/// What `mod name;` calls a file; `#[path]` may call it otherwise than the file is called.
fn declared_name(
    sources: &Sources<'_>,
    module: DefinitionRef,
) -> Result<Option<String>, EngineError> {
    for reference in sources.view.graph.references_to(module)? {
        let (file, occurrence) = reference?;
        let Some(source) = sources.file(file)? else { continue };
        let before = source.text[..occurrence.span.start as usize].trim_end();
        if occurrence.kind == EdgeKind::Imports && before.ends_with("mod") {
            return Ok(Some(occurrence.span.of(&source.text).to_owned()));
        }
    }
    Ok(None)
}

/// How the name of a definition can be written.
pub fn nature(sources: &Sources<'_>, definition: DefinitionRef) -> Result<Nature, EngineError> {
    if definition.index == DefinitionIndex::MODULE {
        return Ok(Nature::Module);
    }
    if sources.view.is_inside_function(definition)? {
        return Ok(Nature::Parameter);
    }
    let Some(parent) = sources.parent(definition)? else { return Ok(Nature::Plain) };
    let kind = sources.definition(parent)?.kind;
    let is_member = kind.is_type() || kind == SymbolKind::EnumMember;
    Ok(if is_member { Nature::Member } else { Nature::Plain })
}

/// A member and all that redefines it or that it redefines, however far up and down. In Python any
/// member of that name in a class of the hierarchy counts, because attributes are looked up so.
fn methods(
    sources: &Sources<'_>,
    symbol: &[DefinitionRef],
    name: &str,
    language: &str,
) -> Result<BTreeSet<DefinitionRef>, EngineError> {
    let mut found: BTreeSet<DefinitionRef> = symbol.iter().copied().collect();
    let mut open: Vec<DefinitionRef> = symbol.to_vec();
    while let Some(member) = open.pop() {
        let mut next = related(sources, member, &[EdgeKind::Overrides], Way::Both)?;
        if language == "python"
            && let Some(class) = sources.parent(member)?
        {
            next.extend(namesakes(sources, class, name)?);
        }
        for further in next {
            if found.insert(further) {
                open.push(further);
            }
        }
    }
    Ok(found)
}

/// The members called `name` of a class, of those below it, and of all that is above those.
fn namesakes(
    sources: &Sources<'_>,
    class: DefinitionRef,
    name: &str,
) -> Result<Vec<DefinitionRef>, EngineError> {
    let mut found = Vec::new();
    for type_of in hierarchy(sources, class)? {
        for member in sources.view.members(type_of)? {
            if &*sources.definition(member)?.name == name {
                found.push(member);
            }
        }
    }
    Ok(found)
}

/// A class, those below it, and all that is above any of these.
pub fn hierarchy(
    sources: &Sources<'_>,
    class: DefinitionRef,
) -> Result<BTreeSet<DefinitionRef>, EngineError> {
    const TYPES: &[EdgeKind] = &[EdgeKind::Inherits, EdgeKind::Implements];
    let below = closure(sources, [class].into(), TYPES, Way::Down)?;
    closure(sources, below, TYPES, Way::Up)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
    Both,
}

fn closure(
    sources: &Sources<'_>,
    start: BTreeSet<DefinitionRef>,
    kinds: &[EdgeKind],
    way: Way,
) -> Result<BTreeSet<DefinitionRef>, EngineError> {
    let mut open: Vec<DefinitionRef> = start.iter().copied().collect();
    let mut found = start;
    while let Some(at) = open.pop() {
        for further in related(sources, at, kinds, way)? {
            if found.insert(further) {
                open.push(further);
            }
        }
    }
    Ok(found)
}

fn related(
    sources: &Sources<'_>,
    of: DefinitionRef,
    kinds: &[EdgeKind],
    way: Way,
) -> Result<Vec<DefinitionRef>, EngineError> {
    let graph = sources.view.graph;
    let mut found = Vec::new();
    if way != Way::Down {
        let up = graph.relations_of(of)?.into_iter().filter(|one| kinds.contains(&one.kind));
        found.extend(up.map(|relation| relation.to));
    }
    if way != Way::Up {
        let down = graph.relations_to(of)?.into_iter().filter(|one| kinds.contains(&one.kind));
        found.extend(down.map(|relation| relation.from));
    }
    Ok(found)
}

/// A parameter, and those of the same name of all functions that override its own.
fn parameters(
    sources: &Sources<'_>,
    symbol: &[DefinitionRef],
    name: &str,
) -> Result<BTreeSet<DefinitionRef>, EngineError> {
    let mut found: BTreeSet<DefinitionRef> = symbol.iter().copied().collect();
    for parameter in symbol {
        let Some(function) = sources.parent(*parameter)? else { continue };
        if nature(sources, function)? != Nature::Member {
            continue;
        }
        let own = sources.definition(function)?.name;
        for method in methods(sources, &[function], &own, "python")? {
            for member in sources.view.members(method)? {
                if &*sources.definition(member)?.name == name {
                    found.insert(member);
                }
            }
        }
    }
    Ok(found)
}
