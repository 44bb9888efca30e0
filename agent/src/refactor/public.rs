//! Whether code outside the tree may use a name.
//!
//! Python: whatever a distributed package does not mark as its own. A tree is distributed when it
//! says how it is packaged; then a name counts as public if it lies in a package or a module beside
//! the packaging file, and neither it nor anything around it starts with an underscore or belongs
//! to tests, examples or documents. A module's `__all__` decides for what the module defines.
//!
//! Rust: what is `pub`, and so is everything around it, in a crate with a library. Fields and
//! variants that a derive from outside the tree turns into data or arguments count as well.

use flux_core::{DefinitionIndex, DefinitionRef, EdgeKind, FileClass, SymbolKind, Target};
use flux_engine::EngineError;
use flux_engine::syntax::WordRole;

use super::family::{Family, Nature};
use super::obstacle::Obstacle;
use super::sources::{Source, Sources};

/// Says why code outside the tree may use the family, if it may.
pub(crate) fn check(
    sources: &Sources<'_>,
    family: &Family,
) -> Result<Option<Obstacle>, EngineError> {
    for member in &family.members {
        let Some(source) = sources.file(member.file)? else { continue };
        let apart = [FileClass::TEST, FileClass::EXAMPLE, FileClass::DOCUMENT];
        if apart.iter().any(|class| source.class.has(*class)) || sources.view.is_test(*member)? {
            continue;
        }
        let why = match family.language.as_str() {
            "python" => python(sources, &source, *member)?,
            _ => rust(sources, &source, family, *member)?,
        };
        if let Some(why) = why {
            return Ok(Some(Obstacle::PublicApi { why }));
        }
    }
    Ok(None)
}

/// Files that say how a tree of Python is distributed.
const PACKAGING: &[&str] = &["pyproject.toml", "setup.py", "setup.cfg"];

fn python(
    sources: &Sources<'_>,
    source: &Source,
    member: DefinitionRef,
) -> Result<Option<String>, EngineError> {
    let files = sources.view.snapshot.view();
    let folder = source.path.parent();
    let is_packaged = PACKAGING.iter().any(|name| files.find(name).is_some());
    let is_module_of_package = files.find(&beside(folder, "__init__.py")).is_some();
    let is_script = !is_module_of_package && !folder.is_empty() && folder != "src";
    if !is_packaged || is_script || PACKAGING.contains(&source.path.as_str()) {
        return Ok(None);
    }
    let is_private = |name: &str| name.starts_with('_') && !name.ends_with("__");
    let stem = |part: &str| part.strip_suffix(".py").unwrap_or(part).to_owned();
    if source.path.as_str().split('/').any(|part| is_private(&stem(part))) {
        return Ok(None);
    }
    let mut outermost = None;
    let mut chain = vec![member];
    chain.extend(sources.view.ancestors(member)?);
    for at in chain.iter().filter(|at| at.index != DefinitionIndex::MODULE) {
        let found = sources.definition(*at)?;
        // What is defined in a function is nobody else's, except for its parameters.
        let is_hidden = sources.parent(*at)?.is_some_and(|parent| {
            sources.definition(parent).is_ok_and(|parent| parent.kind.is_callable())
        }) && !sources.view.is_inside_function(*at)?;
        if is_private(&found.name) || is_hidden {
            return Ok(None);
        }
        outermost = Some(found.name);
    }
    if let (Some(name), Some(exported)) = (&outermost, exported(source))
        && !exported.iter().any(|one| **one == **name)
    {
        return Ok(None);
    }
    Ok(Some(format!("{} is part of a package that is distributed", source.path)))
}

fn beside(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The names in a module's `__all__`; `None` if it has none, or is more than a list of strings.
fn exported(source: &Source) -> Option<Vec<String>> {
    let all = source.definitions.iter().find(|one| &*one.name == "__all__")?;
    let rest = source.text.get(all.name_span.end as usize..)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let close = match rest.chars().next()? {
        '[' => ']',
        '(' => ')',
        _ => return None,
    };
    let list = rest.get(1..rest.find(close)?)?;
    let names = list.split(',').map(|one| one.trim().trim_matches(['"', '\'']).to_owned());
    Some(names.filter(|name| !name.is_empty()).collect())
}

fn rust(
    sources: &Sources<'_>,
    source: &Source,
    family: &Family,
    member: DefinitionRef,
) -> Result<Option<String>, EngineError> {
    if let Some(why) = derived(sources, source, family, member)? {
        return Ok(Some(why));
    }
    let Some(root) = library_of(sources, source.path.as_str()) else { return Ok(None) };
    if family.nature == Nature::Parameter {
        return Ok(None);
    }
    for at in std::iter::once(member).chain(sources.view.ancestors(member)?) {
        let found = sources.definition(at)?;
        if found.kind == SymbolKind::Macro {
            let is_exported = source.syntax().is_some_and(|syntax| {
                let spans = syntax.decorators(found.name_span);
                spans.iter().any(|span| span.of(&source.text).contains("macro_export"))
            });
            return Ok(is_exported.then(|| "the macro is exported".to_owned()));
        }
        if at.index != DefinitionIndex::MODULE && !found.is_public {
            return Ok(None);
        }
    }
    let is_reachable = is_module_public(sources, member, &root)? || is_exported(sources, member)?;
    Ok(is_reachable.then(|| format!("it is public, and {root} is a library")))
}

/// Says why code outside the tree may name a plain item by its module: moved, it is there no more,
/// while a `pub use` of it follows.
pub(crate) fn by_path(
    sources: &Sources<'_>,
    family: &Family,
) -> Result<Option<Obstacle>, EngineError> {
    let member = family.first;
    let path = sources.view.entry(member.file).path.as_str();
    let Some(root) = library_of(sources, path) else { return Ok(None) };
    let is_public = sources.definition(member)?.is_public;
    if !is_public || !is_module_public(sources, member, &root)? {
        return Ok(None);
    }
    let why = format!("it is public, and {root} is a library");
    Ok(Some(Obstacle::PublicApi { why }))
}

/// The root of the library that a file belongs to: the nearest `src/lib.rs` above.
fn library_of(sources: &Sources<'_>, path: &str) -> Option<String> {
    let files = sources.view.snapshot.view();
    let mut folder = path;
    while let Some((above, _)) = folder.rsplit_once('/') {
        folder = above;
        let manifest = beside(folder, "Cargo.toml");
        if files.find(&manifest).is_some() {
            let root = beside(folder, "src/lib.rs");
            let is_inside = path.starts_with(&beside(folder, "src/"));
            return (is_inside && files.find(&root).is_some()).then_some(root);
        }
    }
    let is_root = files.find("src/lib.rs").is_some() && path.starts_with("src/");
    is_root.then(|| "src/lib.rs".to_owned())
}

/// Whether every `mod` on the way from the root to the file of `member` is `pub`.
fn is_module_public(
    sources: &Sources<'_>,
    member: DefinitionRef,
    root: &str,
) -> Result<bool, EngineError> {
    let mut file = member.file;
    for _ in 0..MAX_DEPTH {
        if sources.view.entry(file).path.as_str() == root {
            return Ok(true);
        }
        let module = DefinitionRef { file, index: DefinitionIndex::MODULE };
        let Some((above, is_public)) = declared(sources, module)? else { return Ok(false) };
        if !is_public {
            return Ok(false);
        }
        file = above;
    }
    Ok(false)
}

/// Modules nest a dozen deep at most; damage may circle.
const MAX_DEPTH: usize = 64;

/// The file that declares a module by `mod name;`, and whether it is `pub` there.
pub(crate) fn declared(
    sources: &Sources<'_>,
    module: DefinitionRef,
) -> Result<Option<(flux_core::FileId, bool)>, EngineError> {
    for reference in sources.view.graph.references_to(module)? {
        let (file, occurrence) = reference?;
        if occurrence.kind != EdgeKind::Imports || file == module.file {
            continue;
        }
        let Some(source) = sources.file(file)? else { continue };
        let before = source.text[..occurrence.span.start as usize].trim_end();
        if let Some(before) = before.strip_suffix("mod") {
            return Ok(Some((file, before.trim_end().ends_with("pub"))));
        }
    }
    Ok(None)
}

/// Whether a `pub use` names the symbol, or something around it.
fn is_exported(sources: &Sources<'_>, member: DefinitionRef) -> Result<bool, EngineError> {
    let module = DefinitionRef { index: DefinitionIndex::MODULE, ..member };
    let mut chain = vec![member];
    chain.extend(sources.view.ancestors(member)?);
    chain.push(module);
    for at in chain {
        for reference in sources.view.graph.references_to(at)? {
            let (file, occurrence) = reference?;
            if occurrence.kind != EdgeKind::Imports {
                continue;
            }
            let Some(source) = sources.file(file)? else { continue };
            let before = &source.text[..occurrence.span.start as usize];
            let statement = before.rsplit([';', '}']).next().unwrap_or_default();
            if statement.contains("pub use ") {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Derives of Rust's own that write names only for people to read.
const OWN_DERIVES: &[&str] = &["std", "core", "alloc"];

/// Whether a derive from outside the tree gives the names of fields or variants a use.
fn derived(
    sources: &Sources<'_>,
    source: &Source,
    family: &Family,
    member: DefinitionRef,
) -> Result<Option<String>, EngineError> {
    if family.nature != Nature::Member || family.kind.is_callable() {
        return Ok(None);
    }
    let Some(syntax) = source.syntax() else { return Ok(None) };
    for around in sources.view.ancestors(member)? {
        for span in syntax.decorators(sources.definition(around)?.name_span) {
            if !span.of(&source.text).contains("derive") {
                continue;
            }
            let inside = source
                .occurrences
                .iter()
                .filter(|one| span.start <= one.span.start && one.span.end <= span.end);
            for one in inside {
                let is_foreign = match one.target {
                    Target::External(package) => {
                        let package = sources.view.graph.package(source.file, package)?;
                        !OWN_DERIVES.contains(&package)
                    }
                    Target::Unresolved(_) => true,
                    Target::Definition(_) | Target::Local(_) => false,
                };
                if is_foreign && source.word(one.span).role != WordRole::Comment {
                    let name = one.span.of(&source.text);
                    return Ok(Some(format!("`{name}` is derived, which may use the name")));
                }
            }
        }
    }
    Ok(None)
}
