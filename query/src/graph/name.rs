//! From what people type to definitions: `Class.method`, `module::f`, `path:line`, an id.
//!
//! A name is compared part by part with the path of the file and the names around the definition.
//! Parts may be left out between, because a name is typed as it is imported and not as it is
//! stored: `click.Command` lies in `src/click/core.py`.

use flux_core::{ByteSpan, DefinitionIndex, DefinitionRef, FileClass, FileId, RepoPath, Target};
use flux_store::SymbolId;

use super::view::GraphView;
use crate::error::QueryError;
use crate::suggest::similar_names;

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// One symbol: its definition, or several that count as one (overloads, a declaration and
    /// what it declares, alternatives of one platform each).
    One {
        /// The definitions, best first; never empty.
        definitions: Vec<DefinitionRef>,
        /// Namesakes in tests, examples and other people's code, which were passed over.
        passed_over: Vec<DefinitionRef>,
    },
    /// Several, best first.
    Many(Vec<DefinitionRef>),
    /// Nothing; names that are close to it.
    Nothing(Vec<String>),
}

/// A place in a file, as typed behind a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, 1-based.
    pub line: u32,
    /// The column in bytes, 1-based.
    pub column: Option<u32>,
}

/// Finds what `text` means. Paths are tried below `folder`, a folder of the tree, first.
pub fn find(view: &GraphView<'_>, text: &str, folder: &str) -> Result<Named, QueryError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(QueryError::Empty);
    }
    if let Ok(id) = text.parse::<SymbolId>()
        && let Some(found) = view.graph.find(id)?
    {
        return Ok(one(vec![found]));
    }
    let (path, place) = split_place(text);
    if let Some(file) = file_of(view, path, folder) {
        return of_file(view, file, place);
    }
    by_parts(view, text)
}

/// The file that `path` names: below `folder`, from the root, or the only one that ends so.
pub fn file_of(view: &GraphView<'_>, path: &str, folder: &str) -> Option<FileId> {
    let path = path.trim_start_matches("./");
    let below = format!("{}/{path}", folder.trim_end_matches('/'));
    let files = view.snapshot.view();
    let exact = [below.as_str(), path].into_iter().find_map(|path| files.find(path));
    if exact.is_some() || !path.contains('.') || path.contains("::") {
        return exact;
    }
    let end = format!("/{path}");
    let mut ending = files.iter().filter(|(_, entry)| entry.path.as_str().ends_with(&end));
    match (ending.next(), ending.next()) {
        (Some((file, _)), None) => Some(file),
        _ => None,
    }
}

/// Splits `path:line` and `path:line:column`.
fn split_place(text: &str) -> (&str, Option<Place>) {
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
    let Some((before, last)) = text.rsplit_once(':') else { return (text, None) };
    let Some(last) = number(last) else { return (text, None) };
    match before.rsplit_once(':').and_then(|(path, line)| Some((path, number(line)?))) {
        Some((path, line)) => (path, Some(Place { line, column: Some(last) })),
        None => (before, Some(Place { line: last, column: None })),
    }
}

fn one(definitions: Vec<DefinitionRef>) -> Named {
    Named::One { definitions, passed_over: Vec::new() }
}

fn of_file(view: &GraphView<'_>, file: FileId, place: Option<Place>) -> Result<Named, QueryError> {
    if !view.graph.has(file)? {
        return Ok(Named::Nothing(Vec::new()));
    }
    let Some(place) = place else {
        return Ok(one(vec![DefinitionRef { file, index: DefinitionIndex::MODULE }]));
    };
    let starts = view.graph.line_starts(file)?;
    let Some(start) = starts.get(place.line as usize - 1) else {
        return Ok(Named::Nothing(Vec::new()));
    };
    if let Some(column) = place.column {
        let offset = start.saturating_add(column - 1);
        if let Some(target) = at_offset(view, file, offset)? {
            return Ok(one(vec![target]));
        }
    }
    at_line(view, file, *start, starts.get(place.line as usize).copied())
}

/// The definition whose name stands at an offset, or that the identifier there refers to; with
/// both, as a parameter's own place has them, the parameter.
fn at_offset(
    view: &GraphView<'_>,
    file: FileId,
    offset: u32,
) -> Result<Option<DefinitionRef>, QueryError> {
    let all = view.graph.definitions(file)?;
    let named = |is_it: &dyn Fn(ByteSpan) -> bool| {
        let found = all.iter().skip(1).position(|one| is_it(one.name_span))?;
        Some(DefinitionRef { file, index: DefinitionIndex(found as u32 + 1) })
    };
    if let Some(own) = named(&|span| span.start <= offset && offset < span.end) {
        return Ok(Some(own));
    }
    let targets = view.graph.occurrences_at(file, offset)?;
    Ok(targets.iter().find_map(|found| match found.target {
        Target::Definition(definition) => Some(definition),
        Target::Local(binding) => named(&|span| span.start == binding && !span.is_empty()),
        Target::External(_) | Target::Unresolved(_) => None,
    }))
}

/// The definition whose name stands on a line, or else the one around it.
fn at_line(
    view: &GraphView<'_>,
    file: FileId,
    start: u32,
    end: Option<u32>,
) -> Result<Named, QueryError> {
    let end = end.unwrap_or(u32::MAX);
    let all = view.graph.definitions(file)?;
    for (index, definition) in (0..).map(DefinitionIndex).zip(&all).skip(1) {
        let found = DefinitionRef { file, index };
        let is_here = (start..end).contains(&definition.name_span.start);
        if is_here && !view.is_inside_function(found)? {
            return Ok(one(vec![found]));
        }
    }
    // The end of the line lies in what the line belongs to, its indentation may not.
    for offset in [end.saturating_sub(2).max(start), start] {
        let index = view.graph.definition_at(file, offset)?.unwrap_or(DefinitionIndex::MODULE);
        if index != DefinitionIndex::MODULE {
            return Ok(one(vec![DefinitionRef { file, index }]));
        }
    }
    Ok(one(vec![DefinitionRef { file, index: DefinitionIndex::MODULE }]))
}

/// The parts of a typed name. What stands for the package itself says nothing.
fn parts(text: &str) -> Vec<String> {
    let text = text.split('(').next().unwrap_or(text);
    let cut = text.replace("::", ".").replace("->", ".");
    let parts =
        cut.split(['.', '#', '/', ':', '\\']).map(str::trim).filter(|part| !part.is_empty());
    let parts = parts.filter(|part| !matches!(*part, "crate" | "self" | "super" | "$crate"));
    parts.map(|part| part.split('<').next().unwrap_or(part).to_owned()).collect()
}

fn by_parts(view: &GraphView<'_>, text: &str) -> Result<Named, QueryError> {
    let typed = parts(text);
    let Some(last) = typed.last() else { return Ok(Named::Nothing(Vec::new())) };
    let mut found = fitting(view, &typed, view.graph.by_name(last)?)?;
    if found.is_empty() {
        found = fitting(view, &typed, view.graph.by_name_ignoring_case(last)?)?;
    }
    if found.is_empty() {
        found = modules(view, &typed)?;
    }
    if found.is_empty() {
        return Ok(Named::Nothing(similar_names(view.snapshot, last)?));
    }
    choose(view, found)
}

/// Those of `candidates` that the typed parts fit best.
fn fitting(
    view: &GraphView<'_>,
    typed: &[String],
    candidates: Vec<DefinitionRef>,
) -> Result<Vec<DefinitionRef>, QueryError> {
    let mut best: Vec<(u32, DefinitionRef)> = Vec::new();
    let mut inside: Vec<(u32, DefinitionRef)> = Vec::new();
    for candidate in candidates {
        let full = full_name(view, candidate)?;
        let Some(fit) = fit(typed, &full) else { continue };
        let list = if view.is_inside_function(candidate)? { &mut inside } else { &mut best };
        list.push((fit, candidate));
    }
    let mut found = if best.is_empty() { inside } else { best };
    let least = found.iter().map(|(fit, _)| *fit).min();
    found.retain(|(fit, _)| Some(*fit) == least);
    Ok(found.into_iter().map(|(_, candidate)| candidate).collect())
}

/// Files that are called so as modules.
fn modules(view: &GraphView<'_>, typed: &[String]) -> Result<Vec<DefinitionRef>, QueryError> {
    let mut found = Vec::new();
    for (file, entry) in view.snapshot.view().iter() {
        let full = module_parts(&entry.path);
        if fit(typed, &full).is_some_and(|fit| fit == 0) && view.graph.has(file)? {
            found.push(DefinitionRef { file, index: DefinitionIndex::MODULE });
        }
    }
    Ok(found)
}

/// The parts of a file's path that name it as a module.
fn module_parts(path: &RepoPath) -> Vec<String> {
    let folders = path.parent().split('/').filter(|part| !part.is_empty());
    let parts = folders.chain(path.module_name());
    parts.filter(|part| *part != "src").map(|part| part.replace('-', "_")).collect()
}

fn full_name(view: &GraphView<'_>, definition: DefinitionRef) -> Result<Vec<String>, QueryError> {
    let mut full = module_parts(&view.entry(definition.file).path);
    if definition.index != DefinitionIndex::MODULE {
        let name = view.graph.qualified_name(definition)?;
        full.extend(name.split('.').map(str::to_owned));
    }
    Ok(full)
}

/// How well typed parts fit a full name, 0 for its end as it is; `None` when they do not.
fn fit(typed: &[String], full: &[String]) -> Option<u32> {
    let is_same = |a: &String, b: &String| a.replace('-', "_").eq_ignore_ascii_case(b);
    let is_end = |typed: &[String]| {
        typed.len() <= full.len()
            && typed.iter().rev().zip(full.iter().rev()).all(|(a, b)| is_same(a, b))
    };
    let is_scattered = |typed: &[String]| {
        let mut rest = full.iter().rev();
        let is_last = typed.last().zip(full.last()).is_some_and(|(a, b)| is_same(a, b));
        is_last && typed.iter().rev().all(|part| rest.any(|known| is_same(part, known)))
    };
    let behind_package = typed.get(1..).filter(|rest| rest.len() > 1);
    match () {
        () if is_end(typed) => Some(0),
        () if is_scattered(typed) => Some(1),
        // The first part may name a package whose folder is called otherwise.
        () if behind_package.is_some_and(is_end) => Some(2),
        () if behind_package.is_some_and(is_scattered) => Some(3),
        () => None,
    }
}

/// Decides between candidates: what lies in another candidate yields to it (a constructor to its
/// class), then what is not shipped yields to what is.
fn choose(view: &GraphView<'_>, mut found: Vec<DefinitionRef>) -> Result<Named, QueryError> {
    let all = found.clone();
    let mut keep = Vec::new();
    for candidate in &found {
        keep.push(!view.ancestors(*candidate)?.iter().any(|above| all.contains(above)));
    }
    let mut kept = keep.iter();
    found.retain(|_| *kept.next().unwrap_or(&true));
    let mut groups = groups(view, &found)?;
    sort_groups(view, &mut groups)?;
    let mut shipped = Vec::new();
    for group in &groups {
        shipped.push(is_shipped(view, group[0])?);
    }
    let only = shipped.iter().filter(|is| **is).count() == 1;
    if groups.len() > 1 && !only {
        return Ok(Named::Many(groups.into_iter().map(|group| group[0]).collect()));
    }
    let chosen = if groups.len() == 1 { Some(0) } else { shipped.iter().position(|is| *is) };
    let definitions = groups.remove(chosen.unwrap_or_default());
    let passed_over = groups.into_iter().flatten().collect();
    Ok(Named::One { definitions, passed_over })
}

fn is_shipped(view: &GraphView<'_>, definition: DefinitionRef) -> Result<bool, QueryError> {
    let class = view.entry(definition.file).class();
    let apart = [FileClass::VENDORED, FileClass::EXAMPLE, FileClass::MINIFIED];
    Ok(!apart.iter().any(|apart| class.has(*apart)) && !view.is_test(definition)?)
}

/// Definitions that count as one: of one qualified name in one file, or, in C and its family and
/// in stubs, in a file and the one that declares what it defines.
fn groups(
    view: &GraphView<'_>,
    found: &[DefinitionRef],
) -> Result<Vec<Vec<DefinitionRef>>, QueryError> {
    let mut groups: Vec<(String, Vec<DefinitionRef>)> = Vec::new();
    for definition in found {
        let entry = view.entry(definition.file);
        let path = entry.path.as_str();
        let name = view.graph.qualified_name(*definition)?;
        let key = match view.snapshot.view().language(entry).as_str() {
            "c" | "cpp" => format!("c {name}"),
            _ => format!(
                "{} {name}",
                path.strip_suffix('i').filter(|path| path.ends_with(".py")).unwrap_or(path)
            ),
        };
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(*definition),
            None => groups.push((key, vec![*definition])),
        }
    }
    let mut groups: Vec<Vec<DefinitionRef>> = groups.into_iter().map(|(_, group)| group).collect();
    for group in &mut groups {
        let mut lengths = Vec::new();
        for definition in &*group {
            let span = view.graph.definition(*definition)?.span;
            lengths.push((std::cmp::Reverse(span.len()), *definition));
        }
        // The one with a body stands for the rest.
        lengths.sort_unstable();
        *group = lengths.into_iter().map(|(_, definition)| definition).collect();
    }
    Ok(groups)
}

/// Shipped code first, then by how much depends on it.
fn sort_groups(
    view: &GraphView<'_>,
    groups: &mut Vec<Vec<DefinitionRef>>,
) -> Result<(), QueryError> {
    let mut keyed = Vec::new();
    for group in std::mem::take(groups) {
        keyed.push((!is_shipped(view, group[0])?, view.graph.rank(group[0])?, group));
    }
    keyed.sort_by(|a, b| (a.0.cmp(&b.0)).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
    groups.extend(keyed.into_iter().map(|(_, _, group)| group));
    Ok(())
}

#[cfg(test)]
mod tests {
    use flux_core::RepoPath;

    use super::{Place, fit, module_parts, parts, split_place};

    #[track_caller]
    fn check(typed: &str, path: &str, qualified: &str, expected: Option<u32>) {
        let mut full = module_parts(&RepoPath::new(path));
        full.extend(qualified.split('.').map(str::to_owned));
        assert_eq!(fit(&parts(typed), &full), expected, "{typed} in {full:?}");
    }

    #[test]
    fn names_fit_as_people_import_them() {
        check("invoke", "src/click/core.py", "Command.invoke", Some(0));
        check("Command.invoke()", "src/click/core.py", "Command.invoke", Some(0));
        check("click.Command", "src/click/core.py", "Command", Some(1));
        check("click.core.Command", "src/click/core.py", "Command", Some(0));
        check("crate::walk::scan", "src/walk.rs", "scan", Some(0));
        check(
            "grep_searcher::Searcher::new",
            "crates/searcher/src/lib.rs",
            "Searcher.new",
            Some(2),
        );
        check("Vec<T>::push", "src/a.rs", "Vec.push", Some(0));
        check("Other.invoke", "src/click/core.py", "Command.invoke", None);
    }

    #[test]
    fn places_follow_a_path() {
        assert_eq!(split_place("a.py:12"), ("a.py", Some(Place { line: 12, column: None })));
        assert_eq!(split_place("a.py:12:3"), ("a.py", Some(Place { line: 12, column: Some(3) })));
        assert_eq!(split_place("a::b"), ("a::b", None));
        assert_eq!(split_place("a.py:0"), ("a.py:0", None));
    }
}
