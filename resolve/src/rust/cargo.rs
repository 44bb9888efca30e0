//! Packages: what the manifests of a tree say about crates, their roots and what they can name.
//!
//! A package belongs to the workspace of the nearest folder above it that has one and does not
//! exclude it. The lists of members are not read: a package that nobody lists still has to be
//! understood, and paths between packages make them members anyway.

mod cfg;
mod manifest;
mod targets;
#[cfg(test)]
mod tests;

use flux_core::FileId;
use rustc_hash::FxHashMap;

use crate::layer::Files;
use manifest::{Manifest, Stated};

pub(crate) use cfg::{Truth, cfg};

/// One package of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its `Cargo.toml`.
    pub(crate) manifest: FileId,
    /// The folder of the manifest, without `/` at the end; empty for the root.
    pub(crate) directory: Box<str>,
    /// Its name, as in the manifest.
    pub(crate) name: Box<str>,
    /// The year of its edition.
    pub(crate) edition: u16,
    /// Its crates: the library first, then by kind and root.
    pub(crate) targets: Vec<Target>,
    /// What its crates can name, by name and kind.
    pub(crate) dependencies: Vec<Dependency>,
    /// Its features, by name.
    pub(crate) features: Vec<Feature>,
}

#[cfg(test)]
impl Package {
    /// The crate that other packages see.
    pub(crate) fn library(&self) -> Option<&Target> {
        self.targets.iter().find(|target| target.kind == TargetKind::Library)
    }
}

/// One crate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    /// What is built from it.
    pub(crate) kind: TargetKind,
    /// Its root module.
    pub(crate) root: FileId,
    /// Its name in paths, with `_` for `-`.
    pub(crate) name: Box<str>,
    /// Whether the compiler runs it: derives, attributes and function-like macros.
    pub(crate) is_proc_macro: bool,
}

/// What a crate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum TargetKind {
    /// The library of its package.
    Library,
    /// A program.
    Binary,
    /// A program that shows how the library is used.
    Example,
    /// A test of its own.
    Test,
    /// A benchmark.
    Bench,
    /// What runs before the package is built.
    BuildScript,
}

/// A package that the crates of another can name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dependency {
    /// Its name in paths.
    pub(crate) name: Box<str>,
    /// Which crates can name it.
    pub(crate) kind: DependencyKind,
    /// The name of the package.
    pub(crate) package: Box<str>,
    /// The position of the package among [`packages`], if it is one of the tree.
    pub(crate) member: Option<u32>,
}

/// Which crates of a package can name a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum DependencyKind {
    /// All but the build script.
    Normal,
    /// Tests, examples and benchmarks, and the tests inside of others.
    Development,
    /// The build script.
    Build,
}

/// A feature and what it turns on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Feature {
    /// Its name.
    pub(crate) name: Box<str>,
    /// Features, `dep:package` and `package/feature`.
    pub(crate) enables: Vec<Box<str>>,
}

/// Every package of the tree, in order of the paths of their manifests. Of a broken manifest, what
/// could be read.
pub(crate) fn packages(files: &dyn Files) -> Vec<Package> {
    let texts = texts(files);
    let manifests: Vec<Manifest<'_>> =
        texts.iter().map(|(file, text)| Manifest::read(*file, files.path(*file), text)).collect();
    let by_directory: FxHashMap<&str, usize> =
        manifests.iter().enumerate().map(|(at, found)| (&*found.directory, at)).collect();
    let workspace = |manifest: &Manifest<'_>| {
        let root = workspace_of(manifest, &manifests, &by_directory)?;
        Some(&manifests[root])
    };
    let mut packages = Vec::new();
    let mut stated = Vec::new();
    for manifest in &manifests {
        let Some(name) = &manifest.name else { continue };
        let root = workspace(manifest);
        let edition = manifest.edition(root);
        packages.push(Package {
            manifest: manifest.file,
            directory: manifest.directory.clone(),
            name: name.clone(),
            edition,
            targets: targets::targets(manifest, name, edition, files),
            dependencies: Vec::new(),
            features: manifest.features(),
        });
        stated.push((manifest.dependencies(root), root.map(|root| &*root.directory)));
    }
    let known = Known::new(&packages, &stated);
    let dependencies: Vec<Vec<Dependency>> =
        stated.iter().map(|(list, root)| known.resolve(list, *root)).collect();
    for (package, dependencies) in packages.iter_mut().zip(dependencies) {
        package.dependencies = dependencies;
    }
    packages
}

/// Whether the file at `path` is the manifest of a package or workspace.
pub(crate) fn is_manifest(path: &str) -> bool {
    path == "Cargo.toml" || path.ends_with("/Cargo.toml")
}

/// The manifests of the tree that can be read.
fn texts(files: &dyn Files) -> Vec<(FileId, String)> {
    let all = (0..files.len() as u32).map(FileId);
    let named = all.filter(|file| is_manifest(files.path(*file)));
    named.filter_map(|file| Some((file, files.text(file)?))).collect()
}

/// The manifest of the workspace that a package belongs to.
fn workspace_of(
    manifest: &Manifest<'_>,
    all: &[Manifest<'_>],
    by_directory: &FxHashMap<&str, usize>,
) -> Option<usize> {
    if let Some(stated) = manifest.workspace_path() {
        return by_directory.get(&*stated).copied();
    }
    let mut directory = &*manifest.directory;
    loop {
        let found = by_directory.get(directory).copied();
        if let Some(at) = found.filter(|at| all[*at].is_workspace())
            && !all[at].excludes(&manifest.directory)
        {
            return Some(at);
        }
        if directory.is_empty() {
            return None;
        }
        directory = directory.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
}

/// Where packages can be found.
struct Known<'a> {
    by_directory: FxHashMap<&'a str, u32>,
    /// Positions and workspaces.
    by_name: FxHashMap<&'a str, Vec<(u32, Option<&'a str>)>>,
}

impl<'a> Known<'a> {
    fn new(packages: &'a [Package], stated: &[(Vec<Stated>, Option<&'a str>)]) -> Self {
        let mut by_directory = FxHashMap::default();
        let mut by_name: FxHashMap<&str, Vec<_>> = FxHashMap::default();
        for (at, (package, (_, root))) in packages.iter().zip(stated).enumerate() {
            by_directory.insert(&*package.directory, at as u32);
            by_name.entry(&package.name).or_default().push((at as u32, *root));
        }
        Self { by_directory, by_name }
    }

    fn resolve(&self, stated: &[Stated], root: Option<&str>) -> Vec<Dependency> {
        let one = |stated: &Stated| Dependency {
            name: stated.name.replace('-', "_").into(),
            kind: stated.kind,
            package: stated.package.clone(),
            member: self.member(stated, root),
        };
        let mut all: Vec<Dependency> = stated.iter().map(one).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// By its path; or by its name, if that is no riddle: many projects name their own packages by
    /// version, as published.
    fn member(&self, stated: &Stated, root: Option<&str>) -> Option<u32> {
        if let Some(directory) = &stated.directory
            && let Some(&at) = self.by_directory.get(&**directory)
        {
            return Some(at);
        }
        let named = self.by_name.get(&*stated.package)?;
        if let [(at, _)] = named[..] {
            return Some(at);
        }
        let mut near = named.iter().filter(|(_, other)| *other == root);
        match (near.next(), near.next()) {
            (Some((at, _)), None) => Some(*at),
            _ => None,
        }
    }
}

/// `path`, seen from `directory`, without `.` and `..`; `None` when it leaves the tree.
fn join(directory: &str, path: &str) -> Option<Box<str>> {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            _ => parts.push(part),
        }
    }
    Some(parts.join("/").into())
}
