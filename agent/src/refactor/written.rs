//! Names within strings and comments that certainly, or very likely, mean the family: `__all__`,
//! dotted paths, links of documentation, `getattr` with a receiver that is known.
//!
//! Everything else that stands in text is listed and left alone.

use std::collections::BTreeSet;

use flux_core::{DefinitionIndex, DefinitionRef, FileId, RepoPath, SymbolKind, Target};
use flux_engine::EngineError;
use flux_engine::syntax::WordRole;

use super::family::{Family, Nature, hierarchy};
use super::places::{Certainty, Place, Places};
use super::sources::{Source, Sources};

/// What a word of text is to the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// It means the family.
    Own(Certainty),
    /// It may mean it, and the program breaks if it does and is left.
    Open,
    /// It is only text.
    Text,
}

/// Moves those places of text that mean the family to its own, and those that may to the open ones.
pub(crate) fn settle(
    sources: &Sources<'_>,
    family: &Family,
    places: &mut Places,
) -> Result<(), EngineError> {
    let context = Context::of(sources, family, places)?;
    for place in std::mem::take(&mut places.text) {
        let Some(source) = sources.file(place.file)? else { continue };
        match context.meaning(&source, &place)? {
            Meaning::Own(certainty) => places.own.push(Place { certainty, ..place }),
            Meaning::Open => places.open.push(Place { is_unresolved: true, ..place }),
            Meaning::Text => places.text.push(place),
        }
    }
    Ok(())
}

struct Context<'a> {
    family: &'a Family,
    /// Dotted paths, and those with `::`, behind which the name means the family.
    prefixes: BTreeSet<String>,
    /// Names of the types that the family's members lie in.
    owners: BTreeSet<String>,
    /// The types themselves, and all of their hierarchy.
    types: BTreeSet<DefinitionRef>,
    /// Whether no other definition of the tree has the name.
    is_only: bool,
    /// Files in which the name stands alone in code, or is defined.
    bound: BTreeSet<FileId>,
}

impl<'a> Context<'a> {
    fn of(
        sources: &'a Sources<'a>,
        family: &'a Family,
        places: &Places,
    ) -> Result<Self, EngineError> {
        let mut context = Self {
            family,
            prefixes: BTreeSet::new(),
            owners: BTreeSet::new(),
            types: BTreeSet::new(),
            is_only: others(sources, family)?.is_empty(),
            bound: BTreeSet::new(),
        };
        for member in &family.members {
            let path = &sources.view.entry(member.file).path;
            let mut module = module_path(path);
            if family.nature == Nature::Module {
                module = module.rsplit_once('.').map_or("", |(above, _)| above).to_owned();
            }
            let chain: Result<Vec<String>, EngineError> = sources
                .view
                .ancestors(*member)?
                .into_iter()
                .rev()
                .map(|at| Ok(sources.definition(at)?.name.into()))
                .collect();
            context.prefixes.insert(joined(&module, &chain?.join(".")));
            context.bound.insert(member.file);
            if let (Nature::Member, Some(owner)) = (family.nature, sources.parent(*member)?) {
                context.owners.insert(sources.definition(owner)?.name.into());
                context.types.extend(hierarchy(sources, owner)?);
            }
        }
        for place in &places.own {
            let is_alone = place.word.role == WordRole::Bare || place.word.is_in_import;
            if is_alone && family.nature != Nature::Member {
                context.bound.insert(place.file);
            }
            if place.word.is_in_import && family.nature == Nature::Plain {
                context.prefixes.insert(module_path(&place.path));
            }
        }
        context.prefixes.remove("");
        Ok(context)
    }

    fn meaning(&self, source: &Source, place: &Place) -> Result<Meaning, EngineError> {
        match self.family.language.as_str() {
            "python" => self.in_python(source, place),
            _ => Ok(self.in_rust(source, place)),
        }
    }

    fn in_python(&self, source: &Source, place: &Place) -> Result<Meaning, EngineError> {
        let (before, after) = around(source, place);
        let is_code = source.language == "python" && place.word.role == WordRole::String;
        let path = trailing_path(before);
        let is_whole = before.strip_suffix(path).is_some_and(|rest| rest.ends_with(['"', '\'']))
            && after.trim_start_matches(is_path).starts_with(['"', '\'']);
        if self.is_prefix(path) && (is_manifest(&place.path) || source.language == "python") {
            let is_target = is_code && is_whole || is_manifest(&place.path);
            let certainty = if is_target { Certainty::Inferred } else { Certainty::Proven };
            return Ok(Meaning::Own(certainty));
        }
        if self.is_role(source, place, before) {
            return Ok(Meaning::Own(Certainty::Proven));
        }
        if !is_code || !path.is_empty() || !after.starts_with(['"', '\'']) {
            return Ok(Meaning::Text);
        }
        if self.is_listed(source, place, before)? {
            return Ok(Meaning::Own(Certainty::Proven));
        }
        // A class that writes a method's name in a string means to call it by that.
        let class = source.around(place.span.start).into_iter().find(|one| one.kind.is_type());
        let is_own_class =
            class.is_some_and(|class| self.is_type_named(source, class.name_span.start));
        if is_own_class && self.family.kind.is_callable() && named_access(before).is_none() {
            return Ok(Meaning::Open);
        }
        self.by_name(source, place, before)
    }

    /// Whether a dotted path, with the dot behind it, leads to the family.
    fn is_prefix(&self, path: &str) -> bool {
        let path = path.replace("::", ".").replace(':', ".");
        path.strip_suffix('.').is_some_and(|path| self.prefixes.contains(path))
    }

    /// A role of Sphinx, `:func:`f``, that can mean nothing else.
    fn is_role(&self, source: &Source, place: &Place, before: &str) -> bool {
        let path = trailing_path(before);
        let rest = before.strip_suffix(path).unwrap_or(before);
        let Some(rest) = rest.trim_end_matches(['~', '.', '!']).strip_suffix('`') else {
            return false;
        };
        if source.language != "python" || !rest.ends_with(':') {
            return false;
        }
        let role = rest.trim_end_matches(':').rsplit([':', ' ', '\n']).next().unwrap_or_default();
        let is_fit = match self.family.nature {
            Nature::Module => role == "mod",
            Nature::Member => matches!(role, "meth" | "attr" | "obj" | "any"),
            Nature::Plain => {
                matches!(role, "func" | "class" | "exc" | "data" | "const" | "obj" | "any")
            }
            Nature::Parameter => false,
        };
        let owner = path.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
        let is_own = match owner.is_empty() {
            true => self.is_only || self.bound.contains(&place.file),
            false => self.owners.contains(owner),
        };
        is_fit && is_own
    }

    /// A string of `__all__` or `__slots__`.
    fn is_listed(&self, source: &Source, place: &Place, before: &str) -> Result<bool, EngineError> {
        let list = match self.family.nature {
            Nature::Member => "__slots__",
            Nature::Plain | Nature::Module => "__all__",
            Nature::Parameter => return Ok(false),
        };
        let Some(at) = before.rfind(list) else { return Ok(false) };
        let between = &before[at + list.len()..];
        let is_one = !between.contains([']', ')', '}', ';']) && between.contains('=');
        if !is_one {
            return Ok(false);
        }
        if self.family.nature != Nature::Member {
            return Ok(self.bound.contains(&place.file));
        }
        let class = source.around(at as u32).into_iter().find(|one| one.kind.is_type());
        Ok(class.is_some_and(|class| self.is_type_named(source, class.name_span.start)))
    }

    fn is_type_named(&self, source: &Source, name: u32) -> bool {
        self.types.iter().any(|at| {
            at.file == source.file
                && source
                    .definitions
                    .get(at.index.0 as usize)
                    .is_some_and(|one| one.name_span.start == name)
        })
    }

    /// `getattr(x, "name")` and its like: what is before the comma decides.
    fn by_name(
        &self,
        source: &Source,
        place: &Place,
        before: &str,
    ) -> Result<Meaning, EngineError> {
        let Some((function, receiver)) = named_access(before) else { return Ok(Meaning::Text) };
        let is_member = self.family.nature == Nature::Member;
        if !is_member && self.family.nature != Nature::Plain {
            return Ok(Meaning::Text);
        }
        let Some(receiver) = receiver else {
            let is_open = is_member && matches!(function, "attrgetter" | "methodcaller");
            return Ok(if is_open { Meaning::Open } else { Meaning::Text });
        };
        let last = receiver.rsplit('.').next().unwrap_or(receiver);
        if is_member && matches!(last, "self" | "cls") && !receiver.contains('.') {
            let class = source.around(place.span.start).into_iter().find(|one| one.kind.is_type());
            let is_own =
                class.is_some_and(|class| self.is_type_named(source, class.name_span.start));
            return Ok(if is_own { Meaning::Own(Certainty::Inferred) } else { Meaning::Text });
        }
        let at = before.rfind(receiver).unwrap_or(0) + receiver.len() - last.len();
        let found = source.at(at as u32);
        let is_owner = |target: Target| match target {
            Target::Definition(definition) if is_member => self.types.contains(&definition),
            Target::Definition(definition) => {
                definition.index == DefinitionIndex::MODULE && self.bound.contains(&definition.file)
            }
            _ => false,
        };
        if found.iter().any(|one| is_owner(one.target)) {
            return Ok(Meaning::Own(Certainty::Inferred));
        }
        let is_known = found
            .iter()
            .any(|one| matches!(one.target, Target::Definition(_) | Target::External(_)));
        Ok(if is_member && !is_known { Meaning::Open } else { Meaning::Text })
    }

    fn in_rust(&self, source: &Source, place: &Place) -> Meaning {
        let (before, after) = around(source, place);
        if source.language != "rust" {
            return Meaning::Text;
        }
        if place.word.role == WordRole::Comment {
            let certainty = Meaning::Own(Certainty::Proven);
            return if self.is_link(place, before, after) { certainty } else { Meaning::Text };
        }
        if place.word.role != WordRole::String || !place.word.is_in_attribute {
            return Meaning::Text;
        }
        let path = trailing_path(before);
        let is_whole = before.strip_suffix(path).is_some_and(|rest| rest.ends_with('"'))
            && after.starts_with('"');
        match self.family.nature {
            Nature::Member if !self.family.kind.is_callable() => {
                let is_placed = before.ends_with('{') && after.starts_with(['}', ':']);
                let is_inside = self.is_within_owner(source, place);
                match is_inside && (is_placed || is_whole && path.is_empty()) {
                    true => Meaning::Own(Certainty::Inferred),
                    false => Meaning::Text,
                }
            }
            Nature::Plain | Nature::Member if is_whole => {
                let owner = path.trim_end_matches(':').rsplit("::").next().unwrap_or_default();
                let is_own = match owner {
                    "" => self.bound.contains(&place.file) && self.is_only,
                    owner => self.is_only || self.owners.contains(owner),
                };
                if is_own { Meaning::Own(Certainty::Inferred) } else { Meaning::Open }
            }
            Nature::Module if is_whole || after.starts_with("::") => Meaning::Open,
            Nature::Plain | Nature::Member | Nature::Module | Nature::Parameter => Meaning::Text,
        }
    }

    /// Whether a place lies in, or in the attributes before, a type that has the family's fields.
    fn is_within_owner(&self, source: &Source, place: &Place) -> bool {
        self.family.members.iter().filter(|member| member.file == source.file).any(|member| {
            let mut at = *member;
            // A field of a variant lies in the variant, whose attributes are those of the enum.
            for _ in 0..2 {
                let Some(one) = source.definitions.get(at.index.0 as usize) else { break };
                at.index = one.parent;
                let parent = source.definitions.get(at.index.0 as usize);
                if parent.is_some_and(|one| {
                    at.index != DefinitionIndex::MODULE
                        && one.span.start <= place.span.start
                        && place.span.end <= one.span.end
                }) {
                    return true;
                }
            }
            false
        })
    }

    /// A link of rustdoc: `[`f`]`, `[A::f]`, `[text](A::f)`.
    fn is_link(&self, place: &Place, before: &str, after: &str) -> bool {
        let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
        let is_doc = ["///", "//!", "/**", "/*!", "*"].iter().any(|start| line.starts_with(start));
        let path = trailing_path(before);
        let rest = before.strip_suffix(path).unwrap_or(before);
        let rest = rest.trim_end_matches('`');
        let is_open = rest.ends_with('[') || rest.ends_with("](") || rest.ends_with("]: ");
        let after = after.trim_start_matches("::").trim_start_matches(is_path);
        let after = after.trim_start_matches(['(', ')', '!', '`']);
        // What stands before the target of a link is text.
        if after.starts_with("](") && !rest.ends_with("](") {
            return false;
        }
        let is_closed =
            after.is_empty() || after.starts_with([']', '\n', '\r']) || rest.ends_with("](");
        if !is_doc || !is_open || !is_closed {
            return false;
        }
        let owner = path.trim_end_matches(':').rsplit("::").next().unwrap_or_default();
        match owner {
            "" => self.is_only || self.bound.contains(&place.file) && self.is_type_or_plain(),
            "crate" | "self" | "super" => self.is_only,
            "Self" => self.bound.contains(&place.file) && self.family.nature == Nature::Member,
            owner => self.owners.contains(owner) || self.is_prefix_end(path),
        }
    }

    fn is_type_or_plain(&self) -> bool {
        self.family.nature == Nature::Plain || self.family.kind == SymbolKind::Module
    }

    /// Whether the last names of a path are those of the module that the family lies in.
    fn is_prefix_end(&self, path: &str) -> bool {
        let path = path.trim_end_matches(':').replace("::", ".");
        let path = path.trim_start_matches("crate.");
        let is_end = |known: &String| known == path || known.ends_with(&format!(".{path}"));
        self.prefixes.iter().any(is_end)
    }
}

/// The other definitions of the tree, in the family's language, that have its name; parameters
/// are none.
pub(crate) fn others(
    sources: &Sources<'_>,
    family: &Family,
) -> Result<Vec<DefinitionRef>, EngineError> {
    let files = sources.view.snapshot.view();
    let mut found = Vec::new();
    for other in sources.view.graph.by_name(&family.name)? {
        let language = files.language(sources.view.entry(other.file));
        let is_other = !family.has(other)
            && language.as_str() == family.language
            && other.index != DefinitionIndex::MODULE;
        if is_other && !sources.view.is_inside_function(other)? {
            found.push(other);
        }
    }
    Ok(found)
}

/// The text on both sides of a place.
fn around<'a>(source: &'a Source, place: &Place) -> (&'a str, &'a str) {
    let text = &source.text;
    let before = text.get(..place.span.start as usize).unwrap_or_default();
    (before, text.get(place.span.end as usize..).unwrap_or_default())
}

fn is_path(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.' | ':')
}

/// The dotted path, or that with `::`, at the end of a text.
fn trailing_path(text: &str) -> &str {
    let start = text.trim_end_matches(is_path).len();
    let path = &text[start..];
    // What ends in a name and not in a separator is another word.
    if path.ends_with(['.', ':']) { path } else { "" }
}

/// Files that say how a program of Python is started.
fn is_manifest(path: &RepoPath) -> bool {
    matches!(path.file_name(), "pyproject.toml" | "setup.cfg" | "setup.py")
}

/// The dotted path of a module of Python, or the path of one of Rust with dots.
fn module_path(path: &RepoPath) -> String {
    let folders = path.parent().split('/').filter(|part| !part.is_empty());
    let parts: Vec<&str> = folders.chain(path.module_name()).collect();
    let start = parts.iter().rposition(|part| *part == "src").map_or(0, |at| at + 1);
    parts.get(start..).unwrap_or_default().join(".")
}

fn joined(module: &str, rest: &str) -> String {
    match (module.is_empty(), rest.is_empty()) {
        (true, _) => rest.to_owned(),
        (_, true) => module.to_owned(),
        _ => format!("{module}.{rest}"),
    }
}

/// Functions that take a name as a string behind what has it.
const BY_NAME: &[&str] = &[
    "getattr",
    "setattr",
    "hasattr",
    "delattr",
    "object",
    "setitem",
    "attrgetter",
    "methodcaller",
];

/// `getattr(x, "` at the end of a text: the function, and the receiver if it is a plain path.
fn named_access(before: &str) -> Option<(&'static str, Option<&str>)> {
    let before = before.trim_end_matches(['"', '\'']).trim_end();
    if let Some(rest) = before.strip_suffix('(') {
        let function = BY_NAME.iter().find(|name| rest.ends_with(**name))?;
        return Some((function, None));
    }
    let rest = before.strip_suffix(',')?.trim_end();
    let start = rest.trim_end_matches(is_path).len();
    let (rest, receiver) = rest.split_at(start);
    let rest = rest.trim_end();
    if let Some(rest) = rest.strip_suffix('(') {
        let function = BY_NAME.iter().find(|name| rest.ends_with(**name))?;
        return Some((function, Some(receiver).filter(|one| !one.is_empty())));
    }
    // A receiver that is no path: only the start of the line is looked at.
    let line = before.rsplit('\n').next().unwrap_or_default();
    let function = BY_NAME.iter().find(|name| line.contains(&format!("{name}(")))?;
    Some((function, None))
}
