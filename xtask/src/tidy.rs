//! `cargo xtask tidy`: the rules of the house that no compiler lint covers.
//!
//! Each rule is a function from values to problems, so that its tests need neither git nor cargo;
//! this module alone finds the files and the packages and prints what is wrong.
//!
//! Reading order: [`layers`] (who may use whom), [`source`] (lines of a Rust file), [`syntax`]
//! (its items), [`text`] (any tracked file).

use std::fmt;

use anyhow::ensure;
use cargo_metadata::{Metadata, MetadataCommand};
use xshell::{Shell, cmd};

mod layers;
mod source;
mod syntax;
mod text;

/// One breach of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    path: String,
    line: usize,
    message: String,
}

impl Problem {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// How strictly a Rust file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CrateRole {
    /// Takes values and returns values.
    Library,
    /// Talks to a person: the binary and the support crates.
    Face,
}

/// A folder that holds a package, relative to the root.
struct Home {
    folder: String,
    role: CrateRole,
}

/// Checks the whole workspace and prints every problem.
pub(crate) fn run(shell: &Shell) -> anyhow::Result<()> {
    let metadata = MetadataCommand::new().current_dir(shell.current_dir()).no_deps().exec()?;
    let homes = homes(&metadata);
    let listed =
        cmd!(shell, "git ls-files -z --cached --others --exclude-standard").quiet().read()?;
    // A file may be deleted and not yet committed; a link to a folder has no text.
    let is_file = |path: &&str| shell.current_dir().join(path).is_file();
    let paths: Vec<&str> = listed.split('\0').filter(is_file).collect();
    let mut problems = layers::check(&layers::uses(&metadata));
    for &path in &paths {
        // Binary fixtures are no text, so no rule is about them.
        if let Ok(text) = String::from_utf8(shell.read_binary_file(path)?) {
            problems.extend(check_file(path, &text, &homes));
        }
    }
    problems.sort();
    for problem in &problems {
        println!("{problem}");
    }
    ensure!(problems.is_empty(), "tidy found {} problems", problems.len());
    println!("tidy: {} files are in order", paths.len());
    Ok(())
}

fn check_file(path: &str, text: &str, homes: &[Home]) -> Vec<Problem> {
    let mut problems = text::absolute_paths(path, text);
    if let Some(role) = rust_role(path, homes) {
        problems.extend(source::module_docs(path, text));
        problems.extend(source::length(path, text));
        problems.extend(source::markers(path, text));
        problems.extend(syntax::check(path, text, role));
        if role == CrateRole::Library {
            problems.extend(source::crate_paragraph(path, text));
        }
    }
    problems
}

fn homes(metadata: &Metadata) -> Vec<Home> {
    let root = &metadata.workspace_root;
    let home = |package: &&cargo_metadata::Package| {
        let folder = package.manifest_path.parent()?.strip_prefix(root).ok()?;
        Some(Home { folder: format!("{folder}/"), role: layers::role(&package.name) })
    };
    metadata.workspace_packages().iter().filter_map(home).collect()
}

/// The role of the crate that a Rust file belongs to; `None` for other files and for sources that
/// are test data.
fn rust_role(path: &str, homes: &[Home]) -> Option<CrateRole> {
    let home = homes.iter().find(|home| path.starts_with(&home.folder))?;
    let inside = &path[home.folder.len()..];
    let is_data = inside.split('/').any(|part| matches!(part, "fixtures" | "languages"));
    // A library's examples and build script are programs, and speak through what they print.
    let is_program = inside.starts_with("examples/") || inside == "build.rs";
    let role = if is_program { CrateRole::Face } else { home.role };
    (path.ends_with(".rs") && !is_data).then_some(role)
}

#[cfg(test)]
mod tests {
    use super::{CrateRole, Home, check_file, rust_role};

    fn homes() -> Vec<Home> {
        let home = |folder: &str, role| Home { folder: folder.to_owned(), role };
        vec![
            home("core/", CrateRole::Library),
            home("cli/", CrateRole::Face),
            home("fixtures/support/", CrateRole::Face),
        ]
    }

    #[test]
    fn only_sources_of_a_package_count_as_rust() {
        let role = |path| rust_role(path, &homes());
        assert_eq!(role("core/src/a.rs"), Some(CrateRole::Library));
        assert_eq!(role("core/examples/a.rs"), Some(CrateRole::Face));
        assert_eq!(role("fixtures/support/src/lib.rs"), Some(CrateRole::Face));
        for path in ["core/Cargo.toml", "core/tests/fixtures/a.rs", "fixtures/languages/rust/s.rs"]
        {
            assert_eq!(role(path), None, "{path}");
        }
    }

    #[test]
    fn every_rule_reaches_a_file() {
        let path = concat!("/", "root/x");
        let text = format!("pub fn a() {{ println!(\"{path}\") }}\n");
        let messages: Vec<String> = check_file("core/src/lib.rs", &text, &homes())
            .into_iter()
            .map(|problem| problem.message)
            .collect();
        assert_eq!(messages.len(), 4, "{messages:?}");
    }

    #[test]
    fn a_tidy_file_has_no_problem() {
        let text = "//! The vocabulary that all the other crates share: names, spans and paths.\n\n\
                    /// Nothing.\npub fn a() {}\n";
        assert_eq!(check_file("core/src/lib.rs", text, &homes()), []);
    }
}
