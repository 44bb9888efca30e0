//! The whole way of a script, and pictures of a tree to compare.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use flux_agent::edit::apply::files::Disk;
use flux_agent::edit::{
    About, Accept, ApplyError, Checked, EditPlan, EditScript, Journal, Kind, NoReferences,
    NoSymbols, Tree,
};

/// Parses, plans, checks and applies a script. The words for what stands in the way, if something
/// does.
pub(crate) fn edit(tree: &Tree, script: &str, accept: &[Accept]) -> Result<(), Vec<String>> {
    let script =
        EditScript::parse(script, None).map_err(|error| vec![error.fault.name().to_owned()])?;
    let words = |refused: flux_agent::edit::Refused| -> Vec<String> {
        refused.0.iter().map(|one| one.reason.name().to_owned()).collect()
    };
    let plan = EditPlan::of_script(tree, &script, &NoSymbols).map_err(words)?;
    let references = NoReferences("none in tests".to_owned());
    let checked = Checked::check(plan, &references, accept).map_err(words)?;
    let journal = Journal::open(tree, &Disk, Duration::ZERO).unwrap();
    let now = SystemTime::UNIX_EPOCH;
    let about = About { kind: Kind::Edit, title: "test".to_owned(), now };
    match journal.apply(&checked, &about) {
        Ok(_) => Ok(()),
        Err(ApplyError::Refused(refused)) => Err(words(refused)),
        Err(error) => Err(vec![error.to_string()]),
    }
}

/// The bytes of every file below a folder, and where links lead.
pub(crate) fn picture(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let kind = fs::symlink_metadata(&path).unwrap().file_type();
            let name = path.strip_prefix(root).unwrap().to_owned();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                found.insert(name, fs::read(&path).unwrap());
            } else if kind.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                found.insert(name, target.to_string_lossy().into_owned().into_bytes());
            }
        }
    }
    found
}

/// Runs each of the scenarios, at least `least`, of a folder of fixtures. `failure` says in words
/// what is wrong with one.
#[track_caller]
pub(crate) fn check_scenarios(folder: &str, least: usize, failure: fn(&Path) -> Option<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(folder);
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut scenarios: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    scenarios.sort();
    assert!(scenarios.len() >= least, "{}", scenarios.len());
    let failures: Vec<String> = scenarios.iter().filter_map(|path| failure(path)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
