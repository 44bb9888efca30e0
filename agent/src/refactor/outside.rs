//! What lies outside the tree and may use a name: bases that may define it, decorators that may
//! read it, and the standard library, whose members a name without a known receiver may mean.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use flux_core::{ByteSpan, DefinitionRef, SymbolKind, Target};
use flux_engine::EngineError;

use super::family::{Family, Nature, hierarchy};
use super::obstacle::Obstacle;
use super::places::{Certainty, Places};
use super::rename::RenameRequest;
use super::sources::{Source, Sources};
use crate::edit::refusal::Candidate;

/// Members of the classes of Python's standard library, by module.
fn python_members() -> &'static BTreeMap<&'static str, BTreeSet<&'static str>> {
    static MEMBERS: OnceLock<BTreeMap<&str, BTreeSet<&str>>> = OnceLock::new();
    MEMBERS.get_or_init(|| {
        let lines = include_str!("../../data/python-members.txt").lines();
        let lines = lines.filter(|line| !line.starts_with('#'));
        let entries = lines.filter_map(|line| line.split_once(':'));
        entries.map(|(module, names)| (module, names.split_whitespace().collect())).collect()
    })
}

/// Members of types of Rust's standard library that nearly every program calls, beside those that
/// the tree itself uses and the graph saw.
const RUST_MEMBERS: &[&str] = &[
    "and_then",
    "as_bytes",
    "as_mut",
    "as_ref",
    "as_slice",
    "as_str",
    "borrow",
    "borrow_mut",
    "bytes",
    "chars",
    "clear",
    "clone",
    "cloned",
    "cmp",
    "collect",
    "contains",
    "contains_key",
    "copied",
    "count",
    "default",
    "deref",
    "drain",
    "drop",
    "end",
    "ends_with",
    "entry",
    "enumerate",
    "eq",
    "err",
    "extend",
    "filter",
    "find",
    "first",
    "flush",
    "fmt",
    "fold",
    "from",
    "get",
    "get_mut",
    "hash",
    "index",
    "insert",
    "into",
    "into_iter",
    "is_empty",
    "iter",
    "iter_mut",
    "join",
    "keys",
    "kind",
    "last",
    "len",
    "lines",
    "lock",
    "map",
    "map_err",
    "max",
    "min",
    "name",
    "new",
    "next",
    "ok",
    "parse",
    "partial_cmp",
    "path",
    "peek",
    "pop",
    "position",
    "push",
    "push_str",
    "read",
    "remove",
    "replace",
    "rev",
    "set",
    "skip",
    "sort",
    "split",
    "start",
    "starts_with",
    "sum",
    "swap",
    "take",
    "to_owned",
    "to_string",
    "to_vec",
    "trim",
    "truncate",
    "unwrap",
    "unwrap_or",
    "value",
    "values",
    "write",
    "zip",
];

/// Whether a member of the standard library has a name.
pub(crate) fn is_standard_member(language: &str, name: &str) -> bool {
    match language {
        "python" => python_members().values().any(|names| names.contains(name)),
        _ => RUST_MEMBERS.contains(&name),
    }
}

/// Bases outside the tree that may define the old or the new name of a member.
///
/// A private member that the tree itself uses is taken for the class's own where inferred places
/// may change: what a base calls, its subclasses seldom call.
pub(crate) fn bases(
    sources: &Sources<'_>,
    family: &Family,
    places: &Places,
    request: &RenameRequest<'_>,
) -> Result<Option<Obstacle>, EngineError> {
    if family.nature != Nature::Member {
        return Ok(None);
    }
    let is_used = places.own.iter().any(|place| !place.is_definition);
    let is_own = family.language == "python" && family.name.starts_with('_') && is_used;
    if is_own && request.certainty == Certainty::Inferred {
        return Ok(None);
    }
    let new = request.new;
    let mut at = Vec::new();
    for owner in owners(sources, family)? {
        let Some(source) = sources.file(owner.file)? else { continue };
        let name_span = sources.definition(owner)?.name_span;
        let Some(syntax) = source.syntax() else { continue };
        for span in syntax.supertypes(name_span) {
            let foreign = foreign(sources, &source, family, span, new)?;
            at.extend(foreign.into_iter().map(|offset| source.shown(offset)));
        }
    }
    at.sort_by(|a: &Candidate, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    at.dedup();
    let name = family.name.clone();
    Ok((!at.is_empty()).then_some(Obstacle::ExternalBase { name, at }))
}

/// What states the bases: the classes of the hierarchy in Python, the methods themselves in Rust,
/// where each lies in an `impl` of its own.
fn owners(sources: &Sources<'_>, family: &Family) -> Result<BTreeSet<DefinitionRef>, EngineError> {
    let mut owners = BTreeSet::new();
    for member in &family.members {
        match sources.parent(*member)? {
            Some(class) if family.language == "python" => {
                owners.extend(hierarchy(sources, class)?);
            }
            _ if !matches!(family.kind, SymbolKind::Field | SymbolKind::EnumMember) => {
                owners.insert(*member);
            }
            _ => {}
        }
    }
    Ok(owners)
}

/// Offsets of bases within `span` that are outside the tree and may define the names.
fn foreign(
    sources: &Sources<'_>,
    source: &Source,
    family: &Family,
    span: ByteSpan,
    new: &str,
) -> Result<Vec<u32>, EngineError> {
    let mut found = Vec::new();
    let inside = source
        .occurrences
        .iter()
        .filter(|one| span.start <= one.span.start && one.span.end <= span.end);
    for one in inside {
        let may_define = match one.target {
            Target::External(package) if family.language == "python" => {
                let package = sources.view.graph.package(source.file, package)?;
                match python_members().get(package) {
                    Some(names) => names.contains(&*family.name) || names.contains(new),
                    None => !MEMBERLESS.contains(&package),
                }
            }
            Target::External(_) | Target::Unresolved(_) => true,
            Target::Definition(_) | Target::Local(_) => false,
        };
        // What a package is called before the dot says no more than what is behind it.
        if may_define && !source.text[one.span.end as usize..].starts_with(['.', ':']) {
            found.push(one.span.start);
        }
    }
    Ok(found)
}

/// Packages whose classes have no members of their own that could be meant.
const MEMBERLESS: &[&str] = &["typing", "typing_extensions", "abc", "enum", "zope"];

/// Decorators of Python, outside the tree, that do not use the name of what they decorate.
const HARMLESS: &[&str] = &[
    "abc",
    "atexit",
    "builtins",
    "contextlib",
    "dataclasses",
    "enum",
    "functools",
    "typing",
    "typing_extensions",
    "unittest",
    "warnings",
];

/// Decorators of packages that only wrap what they decorate, or read a class's fields.
const HARMLESS_PACKAGES: &[&str] = &["attr", "attrs", "deprecated", "hypothesis", "mock"];

/// Decorators outside the tree that may use the name: a command line, a route or a fixture is
/// called like its function, and its arguments like its parameters.
pub(crate) fn decorators(
    sources: &Sources<'_>,
    family: &Family,
) -> Result<Option<Obstacle>, EngineError> {
    if family.language != "python" || family.kind == SymbolKind::Field {
        return Ok(None);
    }
    let mut at = Vec::new();
    for member in &family.members {
        let decorated = match family.nature {
            Nature::Parameter => sources.parent(*member)?,
            Nature::Plain | Nature::Member => Some(*member),
            Nature::Module => None,
        };
        let Some(decorated) = decorated else { continue };
        let Some(source) = sources.file(decorated.file)? else { continue };
        let Some(syntax) = source.syntax() else { continue };
        for span in syntax.decorators(sources.definition(decorated)?.name_span) {
            if reads_names(sources, &source, family, span)? {
                at.push(source.shown(span.start));
            }
        }
    }
    Ok((!at.is_empty()).then_some(Obstacle::Decorated(at)))
}

/// Decorators of click that read the parameters' names and not the function's.
const OF_PARAMETERS: &[&str] = &[
    "argument",
    "option",
    "password_option",
    "confirmation_option",
    "version_option",
    "help_option",
    "pass_context",
    "pass_obj",
];

/// Decorators that call what they make like the function, unless a name is given, whoever defines
/// them: a method of an object of the tree may well come from outside.
const NAMING: &[&str] = &["command", "group", "task", "shared_task", "fixture", "endpoint"];

/// Whether a decorator may read the name. The first names decide: `@pytest.fixture(scope=x)`.
fn reads_names(
    sources: &Sources<'_>,
    source: &Source,
    family: &Family,
    span: ByteSpan,
) -> Result<bool, EngineError> {
    let text = span.of(&source.text);
    let (path, arguments) = text.split_once('(').unwrap_or((text, ""));
    let end = span.start + path.len() as u32;
    let last = path.trim().rsplit(['.', '@']).next().unwrap_or_default();
    let is_function = family.nature != Nature::Parameter;
    if NAMING.contains(&last) {
        let is_named = arguments.starts_with(['"', '\'']) || arguments.contains("name=");
        return Ok(!(is_function && is_named));
    }
    let names =
        source.occurrences.iter().filter(|one| span.start <= one.span.start && one.span.end <= end);
    for one in names {
        if let Target::External(package) = one.target {
            let package = sources.view.graph.package(source.file, package)?;
            let is_harmless = HARMLESS.contains(&package)
                || HARMLESS_PACKAGES.contains(&package)
                || (is_function && package == "click" && OF_PARAMETERS.contains(&last));
            return Ok(!is_harmless);
        }
    }
    Ok(false)
}
