//! Whether the new name is free where it is defined, and means nothing else where it is used.
//!
//! The check errs to the safe side: scopes are compared by function and by file, so that a name
//! which only looks taken is refused and one that is taken never passes.

use std::collections::{BTreeMap, BTreeSet};

use flux_core::{
    ByteSpan, Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileId, SymbolKind, Target,
};
use flux_engine::EngineError;
use flux_engine::syntax::{Word, WordRole};

use super::family::{Family, Nature, hierarchy};
use super::obstacle::Obstacle;
use super::places::Places;
use super::sources::{Source, Sources};
use crate::edit::refusal::Candidate;

/// Definitions that have the new name where the family's lie.
pub(crate) fn taken(
    sources: &Sources<'_>,
    family: &Family,
    new: &str,
) -> Result<Option<Obstacle>, EngineError> {
    let mut at = Vec::new();
    for member in &family.members {
        for neighbour in neighbours(sources, family, *member)? {
            let found = sources.definition(neighbour)?;
            if *found.name == *new && may_meet(&family.language, family.kind, &found) {
                at.push(sources.shown(neighbour)?);
            }
        }
    }
    at.extend(modules(sources, family, new)?);
    Ok(taken_by(new, at))
}

fn taken_by(new: &str, mut at: Vec<Candidate>) -> Option<Obstacle> {
    at.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    at.dedup();
    (!at.is_empty()).then(|| Obstacle::NameTaken { name: new.to_owned(), at })
}

/// What lies in the same scope as a member of the family.
fn neighbours(
    sources: &Sources<'_>,
    family: &Family,
    member: DefinitionRef,
) -> Result<Vec<DefinitionRef>, EngineError> {
    if member.index == DefinitionIndex::MODULE {
        return Ok(Vec::new());
    }
    let parent = sources.definition(member)?.parent;
    let parent = DefinitionRef { index: parent, ..member };
    let mut found = sources.view.members(parent)?;
    if family.nature == Nature::Member {
        for class in hierarchy(sources, parent)? {
            found.extend(sources.view.members(class)?);
        }
    }
    Ok(found)
}

/// Whether two definitions of one scope and one name meet. Rust keeps types, values and macros
/// apart, and fields from methods.
fn may_meet(language: &str, kind: SymbolKind, other: &Definition) -> bool {
    language != "rust" || space(kind) == space(other.kind)
}

fn space(kind: SymbolKind) -> u8 {
    match kind {
        SymbolKind::Module => 0,
        SymbolKind::Macro => 1,
        SymbolKind::Field | SymbolKind::Property => 2,
        SymbolKind::EnumMember => 3,
        kind if kind.is_type() => 0,
        _ => 4,
    }
}

/// Files and folders that have the new name of a module.
fn modules(
    sources: &Sources<'_>,
    family: &Family,
    new: &str,
) -> Result<Vec<Candidate>, EngineError> {
    if family.nature != Nature::Module {
        return Ok(Vec::new());
    }
    let path = sources.view.entry(family.first.file).path.as_str();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = match name {
        "__init__.py" | "mod.rs" => folder.rsplit_once('/').map_or("", |(above, _)| above),
        _ => folder,
    };
    let beside = |name: &str| match folder {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    };
    let files = [beside(&format!("{new}.py")), beside(&format!("{new}.rs"))];
    let inside = beside(&format!("{new}/"));
    let mut found = Vec::new();
    for (_, entry) in sources.view.snapshot.view().iter() {
        let path = entry.path.as_str();
        if files.iter().any(|file| file == path) || path.starts_with(&inside) {
            found.push(Candidate { path: path.to_owned(), line: 1, text: String::new() });
        }
    }
    for above in [beside("__init__.py"), beside("mod.rs"), beside("lib.rs"), beside("main.rs")] {
        let Some(file) = sources.view.snapshot.view().find(&above) else { continue };
        let module = DefinitionRef { file, index: DefinitionIndex::MODULE };
        for member in sources.view.members(module)? {
            let other = sources.definition(member)?;
            if *other.name == *new && may_meet(&family.language, SymbolKind::Module, &other) {
                found.push(sources.shown(member)?);
            }
        }
    }
    Ok(found)
}

/// Places where the new name, written alone, means something else in the reach of the old one.
pub(crate) fn captured(
    sources: &Sources<'_>,
    family: &Family,
    places: &Places,
    new: &str,
) -> Result<Option<Obstacle>, EngineError> {
    let new = new.strip_prefix("r#").unwrap_or(new);
    let mut at = Vec::new();
    for (file, reach) in reaches(sources, family, places)? {
        let Some(source) = sources.file(file)? else { continue };
        let Some(syntax) = source.syntax() else { continue };
        for word in syntax.words(&source.text, new) {
            if is_bare(&word) && reach.meets(&source, &word) {
                at.push(source.shown(word.span.start));
            }
        }
    }
    at.dedup();
    let name = new.to_owned();
    Ok((!at.is_empty()).then_some(Obstacle::Captured { name, at }))
}

/// Whether a word stands for itself: not behind a dot, and not where a field or argument is named.
fn is_bare(word: &Word) -> bool {
    match word.role {
        WordRole::Bare | WordRole::Shorthand | WordRole::ShorthandPattern(_) => true,
        // An import binds the last name of its path.
        WordRole::Member => word.is_in_import,
        WordRole::Unread => true,
        WordRole::Keyword | WordRole::Comment | WordRole::String | WordRole::Prose => false,
    }
}

/// Where a file uses the old name alone.
struct Reach {
    /// Where it does.
    uses: BTreeSet<u32>,
    /// The part of the file in which the name is bound: a function, or all of it.
    bound: ByteSpan,
    /// Whether that part is a class, whose names its functions do not see.
    is_class: bool,
}

impl Reach {
    /// Whether a word lies where the name is bound, and is not a variable of a function that does
    /// not use it.
    fn meets(&self, source: &Source, word: &Word) -> bool {
        let at = word.span.start;
        if at < self.bound.start || self.bound.end <= at {
            return false;
        }
        let functions: Vec<&Definition> =
            source.around(at).into_iter().filter(|one| one.kind.is_callable()).collect();
        if self.is_class && !functions.is_empty() {
            return false;
        }
        let outermost = functions.iter().rev().find(|one| one.span.len() < self.bound.len());
        let Some(function) = outermost else {
            // A member of a class has no say in the module.
            return self.is_class || !is_member_name(source, word);
        };
        let is_used_here = self.uses.range(function.span.start..function.span.end).next().is_some();
        is_used_here || !is_local(source, word)
    }
}

/// Whether a word is the name of a member, as its class defines it.
fn is_member_name(source: &Source, word: &Word) -> bool {
    source.definitions.iter().skip(1).any(|one| {
        let parent = source.definitions.get(one.parent.0 as usize);
        one.name_span == word.span && parent.is_some_and(|parent| parent.kind.is_type())
    })
}

/// Whether a word is a variable or parameter, or what binds one.
fn is_local(source: &Source, word: &Word) -> bool {
    let found = source.at(word.span.start);
    let is_global = |target: Target| !matches!(target, Target::Local(_));
    if found.is_empty() {
        return !word.is_in_macro;
    }
    let is_parameter = |target: Target| match target {
        Target::Definition(definition) if definition.file == source.file => source
            .definitions
            .get(definition.index.0 as usize)
            .and_then(|one| source.definitions.get(one.parent.0 as usize))
            .is_some_and(|parent| parent.kind.is_callable()),
        _ => false,
    };
    !found.iter().any(|one| is_global(one.target) && !is_parameter(one.target))
}

/// The files in which the old name is written alone, and where.
fn reaches(
    sources: &Sources<'_>,
    family: &Family,
    places: &Places,
) -> Result<BTreeMap<FileId, Reach>, EngineError> {
    let mut reaches: BTreeMap<FileId, Reach> = BTreeMap::new();
    let is_class = family.nature == Nature::Member && family.language == "python";
    for place in &places.own {
        let is_alone = match place.word.role {
            WordRole::Bare | WordRole::Shorthand | WordRole::ShorthandPattern(_) => true,
            WordRole::Member | WordRole::Keyword => place.word.is_in_import,
            _ => false,
        };
        let is_member_definition = place.is_definition && family.nature == Nature::Member;
        if !is_alone || is_member_definition {
            continue;
        }
        let Some(source) = sources.file(place.file)? else { continue };
        let bound = bound(&source, family, place.span.start);
        let reach = reaches.entry(place.file).or_insert_with(|| Reach {
            uses: BTreeSet::new(),
            bound,
            is_class,
        });
        reach.bound =
            ByteSpan::new(reach.bound.start.min(bound.start), reach.bound.end.max(bound.end));
        reach.uses.insert(place.span.start);
    }
    if family.language == "python" && family.nature == Nature::Plain {
        starred(sources, family, &mut reaches)?;
    }
    Ok(reaches)
}

/// The part of a file in which the family's name is bound.
fn bound(source: &Source, family: &Family, at: u32) -> ByteSpan {
    let whole = ByteSpan::new(0, u32::try_from(source.text.len()).unwrap_or(u32::MAX));
    let around = source.around(at);
    let mut functions = around.iter().filter(|one| one.kind.is_callable());
    let is_own = |one: &&Definition| one.name_span.start <= at && at < one.name_span.end;
    match family.nature {
        Nature::Parameter => functions.next().map_or(whole, |one| one.span),
        Nature::Plain if family.is_inside_function => {
            functions.find(|one| !is_own(one)).map_or(whole, |one| one.span)
        }
        // A class binds its members for what stands in it directly.
        Nature::Member if family.language == "python" => {
            around.iter().find(|one| one.kind.is_type()).map_or(whole, |one| one.span)
        }
        Nature::Plain | Nature::Member | Nature::Module => whole,
    }
}

/// Files that take all names of a file that binds the name.
fn starred(
    sources: &Sources<'_>,
    family: &Family,
    reaches: &mut BTreeMap<FileId, Reach>,
) -> Result<(), EngineError> {
    let module = DefinitionRef { index: DefinitionIndex::MODULE, ..family.first };
    for reference in sources.view.graph.references_to(module)? {
        let (file, occurrence) = reference?;
        if occurrence.kind != EdgeKind::Imports || reaches.contains_key(&file) {
            continue;
        }
        let Some(source) = sources.file(file)? else { continue };
        let rest = source.text.get(occurrence.span.end as usize..).unwrap_or_default();
        if rest.trim_start().strip_prefix("import").is_some_and(|r| r.trim_start().starts_with('*'))
        {
            let bound = ByteSpan::new(0, u32::try_from(source.text.len()).unwrap_or(u32::MAX));
            reaches.insert(file, Reach { uses: BTreeSet::new(), bound, is_class: false });
        }
    }
    Ok(())
}
