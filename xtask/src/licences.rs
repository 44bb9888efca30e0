//! `cargo xtask licences`: every package of the lock file carries an allowed licence and comes
//! from crates.io.
//!
//! It reads the same `deny.toml` as cargo-deny, so that there is one allow-list. Unlike
//! cargo-deny it needs nothing installed, which is why it is the gate that always runs.

use anyhow::{Context, ensure};
use cargo_metadata::{MetadataCommand, Package};
use serde::Deserialize;
use xshell::Shell;

mod expression;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The part of `deny.toml` that this check understands.
#[derive(Deserialize)]
struct Rules {
    licenses: LicenceRules,
}

#[derive(Deserialize)]
struct LicenceRules {
    allow: Vec<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// Further licences for one package.
#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    package: String,
    allow: Vec<String>,
}

/// Judges every package of the lock file.
pub(crate) fn run(shell: &Shell) -> anyhow::Result<()> {
    let rules: Rules = toml::from_str(&shell.read_file("deny.toml")?).context("deny.toml")?;
    let metadata = MetadataCommand::new()
        .current_dir(shell.current_dir())
        .other_options(["--locked".to_owned()])
        .exec()?;
    let outside = || metadata.packages.iter().filter(|package| package.source.is_some());
    let problems: Vec<String> = outside().filter_map(|package| problem(package, &rules)).collect();
    for problem in &problems {
        eprintln!("{problem}");
    }
    ensure!(problems.is_empty(), "{} packages may not be used", problems.len());
    println!("licences: {} packages are allowed", outside().count());
    Ok(())
}

fn problem(package: &Package, rules: &Rules) -> Option<String> {
    let source = package.source.as_ref().map_or("", |source| &source.repr);
    let fault = judge(&package.name, package.license.as_deref(), source, rules)?;
    Some(format!("{} {}: {fault}", package.name, package.version))
}

/// Says what is wrong with a package, if anything is.
fn judge(name: &str, licence: Option<&str>, source: &str, rules: &Rules) -> Option<String> {
    if source != CRATES_IO {
        return Some(format!("comes from `{source}` and not from crates.io"));
    }
    let Some(licence) = licence else {
        return Some("declares no licence".to_owned());
    };
    let exceptions = rules.licenses.exceptions.iter().filter(|exception| exception.package == name);
    let allowed: Vec<&str> = (rules.licenses.allow.iter())
        .chain(exceptions.flat_map(|exception| &exception.allow))
        .map(String::as_str)
        .collect();
    match expression::is_satisfied(licence, &|term| allowed.contains(&term)) {
        Ok(true) => None,
        Ok(false) => Some(format!("`{licence}` is not in the allow-list of deny.toml")),
        Err(error) => Some(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{CRATES_IO, Rules, judge};

    fn rules() -> Rules {
        let text = r#"
            [licenses]
            allow = ["MIT", "Apache-2.0"]
            exceptions = [{ crate = "odd", allow = ["MPL-2.0"] }]
        "#;
        toml::from_str(text).unwrap()
    }

    #[track_caller]
    fn check(name: &str, licence: Option<&str>, source: &str, expected: Option<&str>) {
        assert_eq!(judge(name, licence, source, &rules()).as_deref(), expected);
    }

    #[test]
    fn an_allowed_licence_from_crates_io_passes() {
        check("serde", Some("MIT OR Apache-2.0"), CRATES_IO, None);
    }

    #[test]
    fn an_unlisted_licence_fails_except_for_the_package_named_in_an_exception() {
        let fault = "`MPL-2.0` is not in the allow-list of deny.toml";
        check("other", Some("MPL-2.0"), CRATES_IO, Some(fault));
        check("odd", Some("MPL-2.0"), CRATES_IO, None);
    }

    #[test]
    fn a_package_without_licence_or_from_elsewhere_fails() {
        check("bare", None, CRATES_IO, Some("declares no licence"));
        let fault = "comes from `git+https://example.org/x` and not from crates.io";
        check("far", Some("MIT"), "git+https://example.org/x", Some(fault));
    }
}
