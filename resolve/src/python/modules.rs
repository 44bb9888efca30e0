//! Where modules lie: source roots, packages, namespace packages.

use std::hash::{Hash, Hasher};

use flux_core::FileId;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use crate::layer::{Dependency, Files};

/// What the name of a module leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// A file.
    Module(FileId),
    /// A folder without `__init__`, by position in [`Modules`].
    Namespace(u32),
}

/// All modules of the tree, by path.
pub(super) struct Modules {
    /// Modules and folders by the hash of the path without extension.
    places: FxHashMap<u64, Place>,
    folders: Vec<Box<str>>,
    /// Source roots, best first, by the hash of the first part of the names found below them.
    roots: FxHashMap<u64, Vec<Box<str>>>,
}

/// A hash of several texts, the same in every run.
pub(super) fn hash(parts: &[&str]) -> u64 {
    let mut hasher = FxHasher::default();
    for part in parts {
        part.hash(&mut hasher);
    }
    hasher.finish()
}

/// The folder of a path; empty at the top.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The path of `name` in `folder`.
pub(super) fn join(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", _) => name.to_owned(),
        (_, "") => folder.to_owned(),
        _ => format!("{folder}/{name}"),
    }
}

/// How good a file is among those that could be the same module: as the interpreter does it, a
/// package comes before a file beside its folder.
fn rank(path: &str) -> u8 {
    match (path.ends_with(".py"), path.rsplit('/').next().unwrap_or(path).starts_with("__init__."))
    {
        (true, true) => 0,
        (true, false) => 1,
        (false, true) => 2,
        (false, false) => 3,
    }
}

/// The path that a file is imported by: without extension, and without `__init__`.
fn stem(path: &str) -> &str {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    stem.strip_suffix("/__init__").unwrap_or(if stem == "__init__" { "" } else { stem })
}

impl Modules {
    pub(super) fn new(files: &dyn Files) -> Self {
        let all = (0..files.len() as u32).map(FileId);
        let all: Vec<FileId> = all
            .filter(|file| files.language(*file) == "python" && files.exports(*file) != 0)
            .collect();
        let mut ranked: FxHashMap<u64, (u8, FileId)> = FxHashMap::default();
        let mut folders: Vec<Box<str>> = Vec::new();
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        let mut packages: FxHashSet<&str> = FxHashSet::default();
        for &file in &all {
            let path = files.path(file);
            let new = (rank(path), file);
            let found = ranked.entry(hash(&[stem(path)])).or_insert(new);
            *found = (*found).min(new);
            if stem(path) == folder(path) {
                packages.insert(folder(path));
            }
            let mut next = folder(path);
            while !next.is_empty() && seen.insert(next) {
                folders.push(next.into());
                next = folder(next);
            }
        }
        folders.sort();
        let mut places: FxHashMap<u64, Place> = FxHashMap::default();
        for (position, path) in folders.iter().enumerate() {
            places.insert(hash(&[path]), Place::Namespace(position as u32));
        }
        places.extend(ranked.into_iter().map(|(key, (_, file))| (key, Place::Module(file))));
        let roots = roots(files, &all, &folders, &packages);
        Self { places, folders, roots }
    }

    /// The module or folder at `path`, which has no extension.
    pub(super) fn at(&self, path: &str, seen: &mut FxHashSet<Dependency>) -> Option<Place> {
        let key = hash(&[path]);
        seen.insert(key);
        self.places.get(&key).copied()
    }

    /// The path of a namespace package.
    pub(super) fn folder(&self, namespace: u32) -> &str {
        &self.folders[namespace as usize]
    }

    /// The source roots below which something is called `first`.
    pub(super) fn roots(&self, first: &str, seen: &mut FxHashSet<Dependency>) -> &[Box<str>] {
        seen.insert(hash(&["root", first]));
        self.roots.get(&hash(&["root", first])).map_or(&[], |roots| &roots[..])
    }

    /// A digest of what a dependency on a path or on roots stands for.
    pub(super) fn digest(&self, files: &dyn Files, key: Dependency) -> u64 {
        match self.places.get(&key) {
            Some(Place::Module(file)) => return hash(&["file", files.path(*file)]) | 1,
            Some(Place::Namespace(_)) => return 1,
            None => {}
        }
        let mut hasher = FxHasher::default();
        match self.roots.get(&key) {
            Some(roots) => {
                roots.hash(&mut hasher);
                hasher.finish() | 1
            }
            None => 0,
        }
    }
}

/// Whether a folder's name says that modules lie in it; the top is one too.
pub(super) fn is_layout(path: &str) -> bool {
    matches!(path.rsplit('/').next().unwrap_or(path), "" | "src" | "lib" | "python")
}

/// Leaves out roots with nothing but stubs below them, in a tree that has more than stubs: they
/// describe packages that lie elsewhere.
fn drop_stubs(files: &dyn Files, all: &[FileId], roots: &mut FxHashSet<&str>) {
    let mut with_code: FxHashSet<&str> = FxHashSet::default();
    for &file in all {
        let path = files.path(file);
        let mut next = folder(path);
        while !path.ends_with(".pyi") && with_code.insert(next) && !next.is_empty() {
            next = folder(next);
        }
    }
    if !with_code.is_empty() {
        roots.retain(|root| root.is_empty() || with_code.contains(root));
    }
}

/// The folders that absolute imports start from: the top, folders by the names that layouts give
/// them, and parents of packages that are not packages themselves.
fn roots(
    files: &dyn Files,
    all: &[FileId],
    folders: &[Box<str>],
    packages: &FxHashSet<&str>,
) -> FxHashMap<u64, Vec<Box<str>>> {
    let mut roots: FxHashSet<&str> = FxHashSet::default();
    roots.insert("");
    roots.extend(folders.iter().map(|path| &**path).filter(|path| is_layout(path)));
    for &file in all {
        let path = files.path(file);
        let inside = folder(path);
        if packages.contains(inside) && !packages.contains(folder(inside)) {
            roots.insert(folder(inside));
        }
    }
    drop_stubs(files, all, &mut roots);
    let mut by_first: FxHashMap<u64, FxHashSet<&str>> = FxHashMap::default();
    for &file in all {
        let path = stem(files.path(file));
        let mut root = path;
        loop {
            let below =
                if root.is_empty() { path } else { path.get(root.len() + 1..).unwrap_or("") };
            if roots.contains(root) && !below.is_empty() {
                let first = below.split('/').next().unwrap_or(below);
                by_first.entry(hash(&["root", first])).or_default().insert(root);
            }
            if root.is_empty() {
                break;
            }
            root = folder(root);
        }
    }
    let ordered = |roots: FxHashSet<&str>| {
        let mut roots: Vec<Box<str>> = roots.into_iter().map(Into::into).collect();
        let depth = |root: &str| root.bytes().filter(|byte| *byte == b'/').count();
        roots.sort_by_key(|root| (depth(root), &**root != "src", root.clone()));
        roots
    };
    by_first.into_iter().map(|(key, roots)| (key, ordered(roots))).collect()
}
