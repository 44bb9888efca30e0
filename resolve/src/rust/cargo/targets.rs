//! The crates of a package: those its manifest lists, and those found by where files lie.

use flux_core::FileId;
use toml::de::DeTable;

use super::manifest::{Manifest, flag, string};
use super::{Target, TargetKind, join};
use crate::layer::Files;

/// A kind of crate, its list in the manifest, the flag that stops discovery, and its folder.
const KINDS: [(TargetKind, &str, &str, &str); 4] = [
    (TargetKind::Binary, "bin", "autobins", "src/bin"),
    (TargetKind::Example, "example", "autoexamples", "examples"),
    (TargetKind::Test, "test", "autotests", "tests"),
    (TargetKind::Bench, "bench", "autobenches", "benches"),
];

pub(super) fn targets(
    manifest: &Manifest<'_>,
    package: &str,
    edition: u16,
    files: &dyn Files,
) -> Vec<Target> {
    let finder = Finder { manifest, package, files };
    let mut targets: Vec<Target> = finder.library().into_iter().collect();
    for (kind, list, auto, folder) in KINDS {
        let listed = manifest.list(list);
        // The first edition looked for files only when nothing was listed.
        let is_auto = manifest.package().and_then(|table| flag(table, auto));
        let mut found: Vec<Target> =
            listed.iter().filter_map(|table| finder.listed(kind, table, folder)).collect();
        if is_auto.unwrap_or(edition > 2015 || listed.is_empty()) {
            finder.discover(kind, folder, &mut found);
        }
        targets.append(&mut found);
    }
    targets.extend(finder.build_script());
    targets.sort();
    targets
}

struct Finder<'a> {
    manifest: &'a Manifest<'a>,
    package: &'a str,
    files: &'a dyn Files,
}

impl Finder<'_> {
    fn at(&self, path: &str) -> Option<FileId> {
        self.files.find(&join(&self.manifest.directory, path)?)
    }

    fn library(&self) -> Option<Target> {
        let table = self.manifest.section("lib");
        let text = |key| table.and_then(|table| string(table, key));
        let is_set = |key| table.and_then(|table| flag(table, key)) == Some(true);
        let root = self.at(text("path").unwrap_or("src/lib.rs"))?;
        let is_proc_macro = is_set("proc-macro") || is_set("proc_macro");
        let name = text("name").unwrap_or(self.package);
        Some(Target { is_proc_macro, ..target(TargetKind::Library, name, root) })
    }

    fn build_script(&self) -> Option<Target> {
        let stated = self.manifest.package().and_then(|table| table.get("build"));
        let path = match stated.map(|value| value.get_ref()) {
            Some(value) if value.as_bool() == Some(false) => return None,
            Some(value) => value.as_str().unwrap_or("build.rs"),
            None => "build.rs",
        };
        Some(target(TargetKind::BuildScript, "build_script_build", self.at(path)?))
    }

    /// One that the manifest lists, with its path or where its name leads.
    fn listed(&self, kind: TargetKind, table: &DeTable<'_>, folder: &str) -> Option<Target> {
        let name = string(table, "name")?;
        let root = match string(table, "path") {
            Some(path) => self.at(path)?,
            None => self
                .at(&format!("{folder}/{name}.rs"))
                .or_else(|| self.at(&format!("{folder}/{name}/main.rs")))
                .or_else(|| self.at("src/main.rs").filter(|_| kind == TargetKind::Binary))?,
        };
        Some(target(kind, name, root))
    }

    /// Adds the crates in `folder` that are not in `found` yet.
    fn discover(&self, kind: TargetKind, folder: &str, found: &mut Vec<Target>) {
        let mut add = |name: &str, root: FileId| {
            if found.iter().all(|target| target.root != root) {
                found.push(target(kind, name, root));
            }
        };
        if kind == TargetKind::Binary
            && let Some(root) = self.at("src/main.rs")
        {
            add(self.package, root);
        }
        let Some(mut prefix) = join(&self.manifest.directory, folder).map(String::from) else {
            return;
        };
        prefix.push('/');
        for file in files_from(self.files, &prefix) {
            let Some(rest) = self.files.path(file).strip_prefix(&*prefix) else { break };
            let Some(stem) = rest.strip_suffix(".rs") else { continue };
            let name = stem.strip_suffix("/main").unwrap_or(stem);
            if !name.contains('/') {
                add(name, file);
            }
        }
    }
}

fn target(kind: TargetKind, name: &str, root: FileId) -> Target {
    Target { kind, root, name: name.replace('-', "_").into(), is_proc_macro: false }
}

/// The files from `path` on, in order.
fn files_from(files: &dyn Files, path: &str) -> impl Iterator<Item = FileId> {
    let (mut low, mut high) = (0, files.len() as u32);
    while low < high {
        let middle = low.midpoint(high);
        if files.path(FileId(middle)) < path { low = middle + 1 } else { high = middle }
    }
    (low..files.len() as u32).map(FileId)
}
