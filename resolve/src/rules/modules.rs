//! Where imports lead: manifests and folders, for languages that import by path.

use std::hash::Hasher;

use flux_core::FileId;
use rustc_hash::{FxHashMap, FxHasher};

use super::json::Json;
use super::language::Family;
use super::world::{Unit, hash_text, mix, path_key};
use crate::layer::{Dependency, Files};

/// Where a specifier leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    File(u32),
    External(String),
    /// It points into the tree, at nothing.
    Missing,
}

/// Manifests of the tree.
#[derive(Default)]
pub(super) struct Modules {
    /// Go modules: name, folder; the longest name first.
    go: Vec<(String, String)>,
    /// Go files by folder.
    folders: FxHashMap<String, Vec<u32>>,
    digests: FxHashMap<u64, u64>,
    /// Digest of the paths and texts of all manifests.
    manifests: u64,
    /// `package.json` by package name.
    packages: FxHashMap<String, Package>,
    /// C and C++ files by their name without folders.
    headers: FxHashMap<String, Vec<u32>>,
    /// `tsconfig.json` by folder, deepest first.
    configs: Vec<Config>,
}

struct Package {
    folder: String,
    entries: Vec<(String, Vec<String>)>,
}

struct Config {
    folder: String,
    base: Option<String>,
    paths: Vec<(String, Vec<String>)>,
}

/// Whether the text of the file at `path` says where imports lead.
pub(super) fn is_manifest(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "go.mod" | "package.json" | "jsconfig.json")
        || name.starts_with("tsconfig") && name.ends_with(".json")
}

impl Modules {
    pub(super) fn read(files: &dyn Files, units: &[Option<Unit>]) -> Self {
        let mut modules = Self::default();
        for id in 0..files.len() as u32 {
            let path = files.path(FileId(id));
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            if let Some(unit) = &units[id as usize]
                && unit.facts().language.behaviour().family == Family::Go
            {
                modules.folders.entry(folder.to_owned()).or_default().push(id);
            }
            if let Some(unit) = &units[id as usize]
                && unit.facts().language.behaviour().family == Family::C
            {
                modules.headers.entry(name.to_owned()).or_default().push(id);
            }
            match name {
                _ if !is_manifest(path) => {}
                "go.mod" => modules.read_go(files, id, folder),
                "package.json" => modules.read_package(files, id, folder),
                _ => modules.read_config(files, id, folder),
            }
        }
        modules.go.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.cmp(b)));
        modules
            .configs
            .sort_by(|a, b| b.folder.len().cmp(&a.folder.len()).then(a.folder.cmp(&b.folder)));
        let manifests = modules.manifests;
        modules.digests = modules
            .folders
            .iter()
            .map(|(folder, ids)| {
                let mut hash = FxHasher::default();
                for id in ids {
                    hash.write_u64(path_key(files.path(FileId(*id))));
                    hash.write_u64(units[*id as usize].as_ref().map_or(0, |unit| unit.package));
                }
                (folder_key(folder), hash.finish() | 1)
            })
            .chain([(manifests_key(), manifests | 1)])
            .chain(modules.headers.iter().map(|(name, ids)| {
                let paths = ids.iter().map(|id| hash_text(files.path(FileId(*id))));
                (header_key(name), paths.fold(0, mix) | 1)
            }))
            .collect();
        modules
    }

    /// The text of a manifest, which every file that imports depends on.
    fn manifest(&mut self, files: &dyn Files, id: u32) -> Option<String> {
        let text = files.text(FileId(id))?;
        let place = mix(self.manifests, hash_text(files.path(FileId(id))));
        self.manifests = mix(place, hash_text(&text));
        Some(text)
    }

    pub(super) fn digest(&self, dependency: Dependency) -> u64 {
        self.digests.get(&dependency).copied().unwrap_or(0)
    }

    fn read_go(&mut self, files: &dyn Files, id: u32, folder: &str) {
        let Some(text) = self.manifest(files, id) else { return };
        let name = text.lines().find_map(|line| line.trim().strip_prefix("module "));
        if let Some(name) = name {
            let name = name.split("//").next().unwrap_or(name).trim().trim_matches('"');
            self.go.push((name.to_owned(), folder.to_owned()));
        }
    }

    /// The Go files of the package at an import path; the module's name when it is no part of
    /// the tree. Every folder looked at is told to `look`.
    pub(super) fn go_package(
        &self,
        path: &str,
        look: &mut dyn FnMut(u64),
    ) -> Result<(&str, &[u32]), String> {
        for (module, folder) in &self.go {
            let Some(rest) = path.strip_prefix(module.as_str()) else { continue };
            if !rest.is_empty() && !rest.starts_with('/') {
                continue;
            }
            let wanted = join(folder, rest.trim_start_matches('/'));
            look(folder_key(&wanted));
            if let Some((folder, files)) = self.folders.get_key_value(&wanted) {
                return Ok((folder, files));
            }
        }
        Err(go_module(path))
    }

    /// The files that an `#include` of `name` may mean: those whose path ends so, the one beside
    /// the including file before all others.
    pub(super) fn headers(&self, from: &str, name: &str) -> &[u32] {
        let last = name.rsplit('/').next().unwrap_or(name);
        match self.headers.get(last) {
            Some(files) if from != name => files,
            _ => &[],
        }
    }

    fn read_package(&mut self, files: &dyn Files, id: u32, folder: &str) {
        let Some(json) = self.manifest(files, id).and_then(|text| Json::parse(&text)) else {
            return;
        };
        let Some(name) = json.get("name").and_then(Json::text) else { return };
        let mut entries = Vec::new();
        if let Some(exports) = json.get("exports") {
            let by_path = exports.entries().iter().any(|(key, _)| key.starts_with('.'));
            if by_path {
                for (key, value) in exports.entries() {
                    entries.push((key.clone(), owned(value.texts())));
                }
            } else {
                entries.push((".".to_owned(), owned(exports.texts())));
            }
        }
        for field in ["source", "types", "typings", "module", "main"] {
            if let Some(target) = json.get(field).and_then(Json::text) {
                entries.push((".".to_owned(), vec![target.to_owned()]));
            }
        }
        let package = Package { folder: folder.to_owned(), entries };
        self.packages.entry(name.to_owned()).or_insert(package);
    }

    fn read_config(&mut self, files: &dyn Files, id: u32, folder: &str) {
        let Some(json) = self.manifest(files, id).and_then(|text| Json::parse(&text)) else {
            return;
        };
        let Some(options) = json.get("compilerOptions") else { return };
        let base = options.get("baseUrl").and_then(Json::text).map(|base| join(folder, base));
        let paths: Vec<(String, Vec<String>)> = options
            .get("paths")
            .map(|paths| {
                paths.entries().iter().map(|(key, to)| (key.clone(), owned(to.texts()))).collect()
            })
            .unwrap_or_default();
        if base.is_some() || !paths.is_empty() {
            self.configs.push(Config { folder: folder.to_owned(), base, paths });
        }
    }

    /// Where `specifier` leads from the file at `from`. Every path looked at is told to `look`.
    pub(super) fn script(
        &self,
        files: &dyn Files,
        from: &str,
        specifier: &str,
        look: &mut dyn FnMut(u64),
    ) -> Place {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let package = self.packages.get(package_name(specifier));
        if let Some(package) = package {
            look(path_key(&join(&package.folder, "package.json")));
        }
        let mut find = |base: &str| candidates(files, base, look);
        if specifier.starts_with('.') {
            return find(&join(folder, specifier)).map_or(Place::Missing, Place::File);
        }
        for config in &self.configs {
            let is_inside = config.folder.is_empty()
                || from.strip_prefix(config.folder.as_str()).is_some_and(|r| r.starts_with('/'));
            if !is_inside {
                continue;
            }
            let root = config.base.as_deref().unwrap_or(&config.folder);
            for (pattern, targets) in &config.paths {
                let Some(star) = matched(pattern, specifier) else { continue };
                for target in targets {
                    if let Some(file) = find(&join(root, &target.replacen('*', star, 1))) {
                        return Place::File(file);
                    }
                }
            }
            if let Some(base) = &config.base
                && let Some(file) = find(&join(base, specifier))
            {
                return Place::File(file);
            }
        }
        let name = package_name(specifier);
        let Some(package) = package else { return Place::External(name.to_owned()) };
        match self.in_package(package, &specifier[name.len()..], &mut find) {
            Some(file) => Place::File(file),
            None => Place::External(name.to_owned()),
        }
    }

    fn in_package(
        &self,
        package: &Package,
        rest: &str,
        find: &mut dyn FnMut(&str) -> Option<u32>,
    ) -> Option<u32> {
        let wanted = format!(".{rest}");
        for (pattern, targets) in &package.entries {
            let Some(star) = matched(pattern, &wanted) else { continue };
            for target in targets {
                let path = join(&package.folder, &target.replacen('*', star, 1));
                if let Some(file) = find(&path).or_else(|| find(&source_of(&package.folder, &path)))
                {
                    return Some(file);
                }
            }
        }
        let rest = rest.trim_start_matches('/');
        let inside = join(&package.folder, rest);
        find(&join(&package.folder, &format!("src/{rest}"))).or_else(|| find(&inside))
    }
}

/// The dependency on all manifests.
pub(super) fn manifests_key() -> u64 {
    mix(hash_text("manifests"), 8)
}

/// The dependency on which headers have a name.
pub(super) fn header_key(name: &str) -> u64 {
    mix(hash_text(name), 9)
}

pub(super) fn folder_key(folder: &str) -> u64 {
    mix(hash_text(folder), 7)
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

/// What `*` stands for where `text` matches `pattern`.
fn matched<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
    match pattern.split_once('*') {
        None => (pattern == text).then_some(""),
        Some((before, after)) => text.strip_prefix(before)?.strip_suffix(after),
    }
}

/// The source that a built file most likely comes from: `dist/x.js` from `src/x`.
fn source_of(folder: &str, built: &str) -> String {
    let inside = built.strip_prefix(folder).unwrap_or(built).trim_start_matches('/');
    let rest = inside.split_once('/').map_or(inside, |(_, rest)| rest);
    let rest = rest.strip_prefix("esm/").or_else(|| rest.strip_prefix("cjs/")).unwrap_or(rest);
    let stem = rest.strip_suffix(".d.ts").or_else(|| rest.strip_suffix(".d.mts")).unwrap_or(rest);
    join(folder, &format!("src/{stem}"))
}

/// The package of a specifier: its first part, or two when scoped.
fn package_name(specifier: &str) -> &str {
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    match specifier.match_indices('/').nth(parts - 1) {
        Some((end, _)) => &specifier[..end],
        None => specifier,
    }
}

/// The module of a Go import path, as far as its shape tells.
fn go_module(path: &str) -> String {
    let parts =
        if path.starts_with("github.com/") || path.starts_with("gitlab.com/") { 3 } else { 9 };
    path.split('/').take(parts).collect::<Vec<_>>().join("/")
}

/// `folder/path` with `.` and `..` taken out.
pub(super) fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

const ENDINGS: &[&str] = &[
    ".ts",
    ".tsx",
    ".mts",
    ".cts",
    ".d.ts",
    ".js",
    ".jsx",
    ".mjs",
    ".cjs",
    "/index.ts",
    "/index.tsx",
    "/index.mts",
    "/index.d.ts",
    "/index.js",
    "/index.jsx",
    "/index.mjs",
    "/index.cjs",
];

const WRITTEN_AS: &[(&str, &[&str])] = &[
    (".js", &[".ts", ".tsx", ".d.ts"]),
    (".jsx", &[".tsx"]),
    (".mjs", &[".mts", ".d.mts"]),
    (".cjs", &[".cts", ".d.cts"]),
];

/// The file that `base` means, with the endings that may be left out.
fn candidates(files: &dyn Files, base: &str, look: &mut dyn FnMut(u64)) -> Option<u32> {
    let mut find = |path: &str| {
        look(path_key(path));
        files.find(path).filter(|file| files.exports(*file) != 0).map(|file| file.0)
    };
    for (ending, sources) in WRITTEN_AS {
        if let Some(stem) = base.strip_suffix(ending) {
            for source in *sources {
                if let Some(file) = find(&format!("{stem}{source}")) {
                    return Some(file);
                }
            }
        }
    }
    if let Some(file) = find(base) {
        return Some(file);
    }
    ENDINGS.iter().find_map(|ending| find(&format!("{base}{ending}")))
}

#[cfg(test)]
mod tests {
    use super::{join, matched, package_name, source_of};

    #[test]
    fn paths_are_joined_and_matched() {
        assert_eq!(join("a/b", "../c/./d"), "a/c/d");
        assert_eq!(join("", "./x"), "x");
        assert_eq!(matched("@app/*", "@app/x/y"), Some("x/y"));
        assert_eq!(matched("lib", "lib/x"), None);
        assert_eq!(package_name("@scope/name/deep"), "@scope/name");
        assert_eq!(
            source_of("packages/a", "packages/a/dist/esm/index.d.ts"),
            "packages/a/src/index"
        );
    }
}
