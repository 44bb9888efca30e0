//! What modules of Python are called, and how one is written in the imports of another.

use std::collections::BTreeMap;

use flux_core::FileId;

use crate::refactor::sources::Sources;

/// The modules of a tree by their dotted names.
pub(super) struct Modules {
    by_name: BTreeMap<String, FileId>,
    names: BTreeMap<FileId, String>,
    packages: Vec<FileId>,
}

/// A module, which need not be there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Module {
    /// Its dotted name.
    pub(super) name: String,
    /// Whether it is a package's `__init__`.
    pub(super) is_package: bool,
}

impl Module {
    /// The package that relative imports start from.
    pub(super) fn package(&self) -> &str {
        if self.is_package { &self.name } else { parent(&self.name) }
    }
}

impl Modules {
    /// All modules of a tree.
    pub(super) fn of(sources: &Sources<'_>) -> Self {
        let mut modules =
            Self { by_name: BTreeMap::new(), names: BTreeMap::new(), packages: Vec::new() };
        for (file, entry) in sources.view.snapshot.view().iter() {
            let path = entry.path.as_str();
            if !path.ends_with(".py") {
                continue;
            }
            let name = dotted(sources, path);
            if path.ends_with("__init__.py") {
                modules.packages.push(file);
            }
            modules.by_name.entry(name.clone()).or_insert(file);
            modules.names.insert(file, name);
        }
        modules
    }

    /// The module of a file.
    pub(super) fn module(&self, file: FileId) -> Module {
        let name = self.names.get(&file).cloned().unwrap_or_default();
        Module { name, is_package: self.packages.contains(&file) }
    }

    /// The file of a dotted name.
    pub(super) fn find(&self, name: &str) -> Option<FileId> {
        self.by_name.get(name).copied()
    }

    /// The dotted name that a module written in an import of `from` has.
    pub(super) fn absolute(&self, from: &Module, written: &str) -> Option<String> {
        let rest = written.trim_start_matches('.');
        let dots = written.len() - rest.len();
        if dots == 0 {
            return Some(rest.to_owned());
        }
        let mut package = from.package();
        for _ in 1..dots {
            if package.is_empty() {
                return None;
            }
            package = parent(package);
        }
        Some(joined(package, rest))
    }

    /// Whether a module that is written in an import of `from` is the one called `name`. Folders
    /// without `__init__` may stand before what is known of it.
    pub(super) fn means(&self, from: &Module, written: &str, name: &str) -> bool {
        let Some(absolute) = self.absolute(from, written) else { return false };
        absolute == name || (!name.is_empty() && absolute.ends_with(&format!(".{name}")))
    }

    /// The file of a module as it is written in an import of `from`.
    pub(super) fn resolve(&self, from: &Module, written: &str) -> Option<FileId> {
        let absolute = self.absolute(from, written)?;
        if let Some(found) = self.find(&absolute) {
            return Some(found);
        }
        if written.starts_with('.') {
            return None;
        }
        // Folders without `__init__` before it.
        let mut rest = absolute.as_str();
        while let Some((_, shorter)) = rest.split_once('.') {
            rest = shorter;
            if rest.contains('.')
                && let Some(found) = self.find(rest)
            {
                return Some(found);
            }
        }
        None
    }
}

/// How `to` is written in an import of `from` that had `written` for the module `old`.
pub(super) fn rewritten(from: &Module, written: &str, old: &str, to: &Module) -> String {
    if written.starts_with('.')
        && let Some(relative) = relative(from, to)
    {
        return relative;
    }
    let prefix = written.strip_suffix(old).unwrap_or_default();
    format!("{prefix}{}", to.name)
}

/// How `to` is written in relative imports of `from`; `None` where they share no package.
pub(super) fn relative(from: &Module, to: &Module) -> Option<String> {
    let own: Vec<&str> = from.package().split('.').filter(|part| !part.is_empty()).collect();
    let other: Vec<&str> = to.name.split('.').collect();
    let common = own.iter().zip(&other).take_while(|(one, two)| one == two).count();
    if common == 0 {
        return None;
    }
    Some(format!("{}{}", ".".repeat(own.len() - common + 1), other[common..].join(".")))
}

/// The dotted name of a file: from the first folder that has an `__init__` on.
pub(super) fn dotted(sources: &Sources<'_>, path: &str) -> String {
    let files = sources.view.snapshot.view();
    let stem = path.strip_suffix(".py").unwrap_or(path);
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    let is_init = stem.len() + 3 < path.len();
    let mut start = stem.rfind('/').map_or(0, |at| at + 1);
    let mut folder =
        if is_init { stem } else { stem.rsplit_once('/').map_or("", |(above, _)| above) };
    while !folder.is_empty() && files.find(&format!("{folder}/__init__.py")).is_some() {
        start = folder.rfind('/').map_or(0, |at| at + 1);
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
    stem[start..].replace('/', ".")
}

pub(super) fn parent(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(above, _)| above)
}

pub(super) fn joined(package: &str, rest: &str) -> String {
    match (package.is_empty(), rest.is_empty()) {
        (true, _) => rest.to_owned(),
        (_, true) => package.to_owned(),
        _ => format!("{package}.{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Module, relative, rewritten};

    fn module(name: &str) -> Module {
        let is_package = name.ends_with('/');
        Module { name: name.trim_end_matches('/').to_owned(), is_package }
    }

    #[test]
    fn a_module_is_written_as_the_old_one_was() {
        let new = |from: &str, written: &str, to: &str| {
            rewritten(&module(from), written, "p.a", &module(to))
        };
        assert_eq!(new("p.c", ".a", "p.b"), ".b");
        assert_eq!(new("p.q.c", "..a", "p.q.b"), ".b");
        assert_eq!(new("p/", ".a", "p.q.b"), ".q.b");
        assert_eq!(new("t.c", "p.a", "p.b"), "p.b");
        assert_eq!(new("t.c", "src.p.a", "p.b"), "src.p.b");
        assert_eq!(relative(&module("p.q.c"), &module("p/")).as_deref(), Some(".."));
        assert_eq!(relative(&module("t.c"), &module("p.b")), None);
    }
}
