//! One `Cargo.toml`, as far as it can be read.

use flux_core::FileId;
use toml::de::{DeTable, DeValue};

use super::{DependencyKind, Feature, join};

/// A manifest, of a package or a workspace or both.
pub(super) struct Manifest<'a> {
    pub(super) file: FileId,
    /// Its folder.
    pub(super) directory: Box<str>,
    /// The name of its package.
    pub(super) name: Option<Box<str>>,
    table: DeTable<'a>,
}

/// A dependency as a manifest states it.
pub(super) struct Stated {
    pub(super) name: Box<str>,
    pub(super) package: Box<str>,
    pub(super) kind: DependencyKind,
    /// The folder that its path leads to.
    pub(super) directory: Option<Box<str>>,
}

/// The tables of dependencies, with the old spelling.
const SECTIONS: [(&str, DependencyKind); 5] = [
    ("dependencies", DependencyKind::Normal),
    ("dev-dependencies", DependencyKind::Development),
    ("dev_dependencies", DependencyKind::Development),
    ("build-dependencies", DependencyKind::Build),
    ("build_dependencies", DependencyKind::Build),
];

impl<'a> Manifest<'a> {
    pub(super) fn read(file: FileId, path: &str, text: &'a str) -> Self {
        let table = DeTable::parse_recoverable(text).0.into_inner();
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory).into();
        let mut manifest = Self { file, directory, name: None, table };
        manifest.name = manifest.package().and_then(|table| string(table, "name")).map(Into::into);
        manifest
    }

    pub(super) fn package(&self) -> Option<&DeTable<'a>> {
        table(&self.table, "package").or_else(|| table(&self.table, "project"))
    }

    /// A table at the top.
    pub(super) fn section(&self, name: &str) -> Option<&DeTable<'a>> {
        table(&self.table, name)
    }

    /// A list of tables at the top: `[[bin]]`.
    pub(super) fn list(&self, name: &str) -> Vec<&DeTable<'a>> {
        let list = self.table.get(name).and_then(|value| value.get_ref().as_array());
        list.into_iter().flatten().filter_map(|value| value.get_ref().as_table()).collect()
    }

    pub(super) fn is_workspace(&self) -> bool {
        self.section("workspace").is_some()
    }

    /// Whether the workspace leaves out what lies in `directory`.
    pub(super) fn excludes(&self, directory: &str) -> bool {
        let list = self.section("workspace").and_then(|table| table.get("exclude"));
        let list = list.and_then(|value| value.get_ref().as_array()).into_iter().flatten();
        let mut folders = list.filter_map(|value| join(&self.directory, value.get_ref().as_str()?));
        folders.any(|folder| {
            directory
                .strip_prefix(&*folder)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The folder of the workspace, if the package names it.
    pub(super) fn workspace_path(&self) -> Option<Box<str>> {
        join(&self.directory, string(self.package()?, "workspace")?)
    }

    pub(super) fn edition(&self, root: Option<&Self>) -> u16 {
        let stated = self.package().and_then(|package| package.get("edition"));
        let inherited = || {
            let workspace = table(root?.section("workspace")?, "package")?;
            string(workspace, "edition")
        };
        let text = match stated.map(|value| value.get_ref()) {
            Some(value) => value.as_str().or_else(inherited),
            None => None,
        };
        text.and_then(|text| text.parse().ok()).unwrap_or(2015)
    }

    pub(super) fn features(&self) -> Vec<Feature> {
        let list = |value: &DeValue<'_>| {
            let list = value.as_array().into_iter().flatten();
            list.filter_map(|value| Some(value.get_ref().as_str()?.into())).collect()
        };
        let features = self.section("features").into_iter().flatten();
        let mut features: Vec<Feature> = features
            .map(|(name, value)| Feature {
                name: (**name.get_ref()).into(),
                enables: list(value.get_ref()),
            })
            .collect();
        features.sort_by(|a, b| a.name.cmp(&b.name));
        features
    }

    /// Its dependencies, those of every platform, with what the workspace says of them.
    pub(super) fn dependencies(&self, root: Option<&Self>) -> Vec<Stated> {
        let platforms = self.section("target").into_iter().flatten();
        let platforms = platforms.filter_map(|(_, value)| value.get_ref().as_table());
        let mut all = Vec::new();
        for part in std::iter::once(&self.table).chain(platforms) {
            for (section, kind) in SECTIONS {
                let stated = table(part, section).into_iter().flatten();
                all.extend(stated.filter_map(|(name, value)| {
                    self.dependency(name.get_ref(), value.get_ref(), kind, root)
                }));
            }
        }
        all
    }

    fn dependency(
        &self,
        name: &str,
        value: &DeValue<'_>,
        kind: DependencyKind,
        root: Option<&Self>,
    ) -> Option<Stated> {
        let own = value.as_table();
        let is_inherited = own.is_some_and(|table| flag(table, "workspace") == Some(true));
        let (holder, details) = if is_inherited {
            let shared = root.and_then(|root| {
                let list = table(root.section("workspace")?, "dependencies")?;
                Some((root, list.get(name)?.get_ref().as_table()))
            });
            shared.unwrap_or((self, None))
        } else {
            (self, own)
        };
        let text = |key: &str| details.and_then(|details| string(details, key));
        Some(Stated {
            name: name.into(),
            package: text("package").unwrap_or(name).into(),
            kind,
            directory: text("path").and_then(|path| join(&holder.directory, path)),
        })
    }
}

fn table<'t, 'a>(table: &'t DeTable<'a>, key: &str) -> Option<&'t DeTable<'a>> {
    table.get(key)?.get_ref().as_table()
}

/// A string of a table.
pub(super) fn string<'a>(table: &'a DeTable<'_>, key: &str) -> Option<&'a str> {
    table.get(key)?.get_ref().as_str()
}

/// A flag of a table.
pub(super) fn flag(table: &DeTable<'_>, key: &str) -> Option<bool> {
    table.get(key)?.get_ref().as_bool()
}
