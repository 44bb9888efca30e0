//! Who may use whom: the table of crates in `ARCHITECTURE.md`, as data.
//!
//! Outside packages are free unless they are heavy: one that shapes a crate (an index, a parser,
//! an async runtime) belongs to the crates named for it here. Support crates may use anything,
//! and no crate may be built on a support crate except in its tests.

use cargo_metadata::{DependencyKind, Metadata};

use super::{CrateRole, Problem};

const SUPPORT: &[&str] = &["flux-fixtures", "flux-benches", "flux-eval", "flux-train", "xtask"];

/// Crate, and those of ours it may use. The `flux` binary may use all.
const OURS: &[(&str, &[&str])] = &[
    ("flux-core", &[]),
    ("flux-grammars", &["flux-core"]),
    ("flux-embed", &["flux-core"]),
    ("flux-tokens", &["flux-core"]),
    ("flux-store", &["flux-core"]),
    ("flux-resolve", &["flux-core", "flux-grammars"]),
    ("flux-indexer", &["flux-core", "flux-grammars", "flux-resolve", "flux-store"]),
    ("flux-query", &["flux-core", "flux-store"]),
    ("flux-exchange", &["flux-core", "flux-store"]),
    ("flux-engine", &["flux-core", "flux-tokens", "flux-store", "flux-indexer", "flux-query"]),
    ("flux-agent", &["flux-core", "flux-engine"]),
    ("flux-server", &["flux-core", "flux-engine", "flux-agent"]),
    ("flux", &["*"]),
];

/// Heavy outside package (a `*` at the end stands for any rest), and the crates that may use it.
const HEAVY: &[(&str, &[&str])] = &[
    ("ast-grep*", &["flux-grammars"]),
    ("axum*", &["flux-server"]),
    ("clap*", &["flux"]),
    ("console", &["flux"]),
    ("crossterm", &["flux"]),
    ("ctrlc", &["flux"]),
    ("fastembed", &["flux-embed"]),
    ("grep-*", &["flux-query"]),
    ("hnsw_rs", &["flux-store"]),
    ("ignore", &["flux-indexer"]),
    ("indicatif", &["flux"]),
    ("memmap2", &["flux-store"]),
    ("notify*", &["flux-indexer"]),
    ("ort*", &["flux-embed"]),
    ("protobuf", &["flux-exchange"]),
    ("rayon*", &["flux-indexer", "flux-query", "flux-resolve"]),
    ("reqwest", &["flux-agent", "flux-embed"]),
    ("rmcp", &["flux-server"]),
    ("landlock", &["flux-agent"]),
    ("rustls*", &["flux-agent", "flux-embed"]),
    ("scip", &["flux-exchange"]),
    // The store's manifest is JSON so that a person can read it; servers of models speak it; some
    // exports are lines of it; answers become JSON in server.
    (
        "serde_json",
        &["flux-agent", "flux-embed", "flux-exchange", "flux-server", "flux-store", "flux"],
    ),
    ("rustyline", &["flux"]),
    ("tantivy*", &["flux-store"]),
    ("tokenizers", &["flux-embed"]),
    ("tokio*", &["flux-agent", "flux-server", "flux"]),
    ("tree-sitter*", &["flux-grammars", "flux-indexer", "flux-resolve"]),
];

/// One dependency of one of our packages.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) manifest: String,
    pub(super) user: String,
    pub(super) used: String,
    pub(super) kind: DependencyKind,
}

/// Every dependency of every package of the workspace.
pub(super) fn uses(metadata: &Metadata) -> Vec<Use> {
    let root = &metadata.workspace_root;
    let mut uses = Vec::new();
    for package in metadata.workspace_packages() {
        let manifest = package.manifest_path.strip_prefix(root).unwrap_or(&package.manifest_path);
        uses.extend(package.dependencies.iter().map(|dependency| Use {
            manifest: manifest.to_string(),
            user: package.name.to_string(),
            used: dependency.name.clone(),
            kind: dependency.kind,
        }));
    }
    uses
}

/// Dependencies that the table forbids.
pub(super) fn check(uses: &[Use]) -> Vec<Problem> {
    uses.iter().filter_map(|one| Some(Problem::new(&one.manifest, 1, fault(one)?))).collect()
}

/// Whether a package is a library or talks to a person.
pub(super) fn role(package: &str) -> CrateRole {
    let is_face = package == "flux" || SUPPORT.contains(&package);
    if is_face { CrateRole::Face } else { CrateRole::Library }
}

fn fault(one: &Use) -> Option<String> {
    let (user, used) = (one.user.as_str(), one.used.as_str());
    if SUPPORT.contains(&user) {
        return None;
    }
    let Some((_, ours)) = OURS.iter().find(|(package, _)| *package == user) else {
        return Some(format!("`{user}` is missing from the table of crates in xtask"));
    };
    if SUPPORT.contains(&used) {
        let is_test_world = used == "flux-fixtures" && one.kind == DependencyKind::Development;
        return (!is_test_world)
            .then(|| format!("`{user}` is built on the support crate `{used}`"));
    }
    if used == "flux" || used.starts_with("flux-") {
        let allowed = ours.contains(&used) || *ours == ["*"];
        return (!allowed).then(|| format!("`{user}` must never know `{used}`"));
    }
    let (_, users) = HEAVY.iter().find(|(pattern, _)| is_like(used, pattern))?;
    (!users.contains(&user)).then(|| {
        format!("`{user}` must never know `{used}`, which belongs to {}", users.join(", "))
    })
}

fn is_like(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use cargo_metadata::DependencyKind;

    use super::{Use, check};

    #[track_caller]
    fn verdict(user: &str, used: &str, kind: DependencyKind, expected: &[&str]) {
        let one = Use {
            manifest: "x/Cargo.toml".to_owned(),
            user: user.to_owned(),
            used: used.to_owned(),
            kind,
        };
        let messages: Vec<String> = check(&[one]).into_iter().map(|found| found.message).collect();
        assert_eq!(messages, expected);
    }

    #[track_caller]
    fn passes(user: &str, used: &str) {
        verdict(user, used, DependencyKind::Normal, &[]);
    }

    #[test]
    fn what_the_table_allows_passes() {
        passes("flux-indexer", "flux-grammars");
        passes("flux", "flux-indexer");
        passes("flux-indexer", "tree-sitter");
        passes("flux-grammars", "tree-sitter-python");
        passes("flux-query", "thiserror");
        passes("flux-eval", "clap");
    }

    #[test]
    fn query_and_indexer_never_see_each_other_even_in_tests() {
        let message = "`flux-query` must never know `flux-indexer`";
        verdict("flux-query", "flux-indexer", DependencyKind::Development, &[message]);
    }

    #[test]
    fn a_heavy_package_belongs_to_its_crates() {
        let message = "`flux-query` must never know `tantivy`, which belongs to flux-store";
        verdict("flux-query", "tantivy", DependencyKind::Normal, &[message]);
    }

    #[test]
    fn support_crates_serve_tests_only() {
        verdict("flux-engine", "flux-fixtures", DependencyKind::Development, &[]);
        let message = "`flux-engine` is built on the support crate `flux-fixtures`";
        verdict("flux-engine", "flux-fixtures", DependencyKind::Normal, &[message]);
    }

    #[test]
    fn a_new_crate_must_enter_the_table() {
        let message = "`flux-new` is missing from the table of crates in xtask";
        verdict("flux-new", "flux-core", DependencyKind::Normal, &[message]);
    }
}
