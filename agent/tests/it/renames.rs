//! The scenarios of `fixtures/renames`; its README says how to read one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use flux_agent::edit::apply::files::Disk;
use flux_agent::edit::{About, Indexed, Journal, Kind, Turn};
use flux_agent::refactor::{Certainty, RefactorError, RenameRequest, rename};
use flux_engine::core::{Cancel, NoProgress};
use flux_engine::{IndexOptions, Location, Workspace};
use flux_fixtures::world::World;

use crate::support::{check_scenarios, picture};

#[test]
fn every_rename_ends_as_it_says() {
    check_scenarios("renames", 50, failure);
}

/// What is wrong with a scenario, in words.
fn failure(folder: &Path) -> Option<String> {
    let name = folder.file_name().unwrap().to_string_lossy();
    let world = World::new("");
    for (path, bytes) in picture(&folder.join("input")) {
        world.write(path.to_str().unwrap(), bytes);
    }
    let before = picture(world.root());
    let typed = fs::read_to_string(folder.join("rename")).unwrap();
    let refused = fs::read_to_string(folder.join("refused")).unwrap_or_default();
    let refused: Vec<&str> = refused.split_whitespace().collect();
    let made = make(&world, &typed);
    let after = picture(world.root());
    match made {
        Err(found) if found != refused => return Some(format!("{name}: refused by {found:?}")),
        Err(_) if after != before => return Some(format!("{name}: refused, but written")),
        Err(_) => return None,
        Ok(()) if !refused.is_empty() => return Some(format!("{name}: not refused")),
        Ok(()) => {}
    }
    let expected = picture(&folder.join("expected"));
    if after != expected {
        return Some(format!("{name}: {}", difference(&after, &expected)));
    }
    undo(&world);
    (picture(world.root()) != before).then(|| format!("{name}: the undo leaves something"))
}

fn difference(
    after: &std::collections::BTreeMap<PathBuf, Vec<u8>>,
    expected: &std::collections::BTreeMap<PathBuf, Vec<u8>>,
) -> String {
    let paths = after.keys().chain(expected.keys());
    let differs = paths.filter(|path| after.get(*path) != expected.get(*path));
    let text = |bytes: Option<&Vec<u8>>| {
        bytes.map_or("nothing".to_owned(), |bytes| String::from_utf8_lossy(bytes).into_owned())
    };
    differs.map(|path| format!("{} is\n{}", path.display(), text(after.get(path)))).collect()
}

fn workspace(world: &World) -> Workspace {
    let (root, index) = (world.root().to_owned(), world.beside("index"));
    Workspace::new(Location { root, index, inside: PathBuf::new() })
}

/// Makes a rename, or says in words what stands in the way.
fn make(world: &World, typed: &str) -> Result<(), Vec<String>> {
    let words: Vec<&str> = typed.split_whitespace().collect();
    let has = |flag: &str| words.contains(&flag);
    let certainty = if has("--likely") { Certainty::Inferred } else { Certainty::Proven };
    let (symbol, new) = (words[0], words[1]);
    let request = RenameRequest { symbol, new, certainty, renames_api: has("--api") };
    let workspace = workspace(world);
    let options =
        IndexOptions { rebuild: false, patience: Duration::ZERO, graph: true, stated: None };
    workspace.index(&options, &NoProgress, &Cancel::default()).unwrap();
    let snapshot = workspace.snapshot().unwrap();
    let reasons = |refused: flux_agent::edit::Refused| -> Vec<String> {
        refused.0.iter().map(|one| one.reason.name().to_owned()).collect()
    };
    let renamed = rename(&workspace, &snapshot, &request).map_err(|error| match error {
        RefactorError::Refused(refused) => reasons(refused),
        RefactorError::Engine(error) => vec![error.to_string()],
    })?;
    let checked = renamed.checked().map_err(reasons)?;
    let tree = Indexed { workspace: &workspace, snapshot: Some(&snapshot) }.tree();
    let about = About { kind: Kind::Edit, title: typed.to_owned(), now: SystemTime::UNIX_EPOCH };
    let journal = Journal::open(&tree, &Disk, Duration::ZERO).unwrap();
    journal.apply(&checked, &about).unwrap();
    Ok(())
}

fn undo(world: &World) {
    let workspace = workspace(world);
    let tree = Indexed { workspace: &workspace, snapshot: None }.tree();
    let journal = Journal::open(&tree, &Disk, Duration::ZERO).unwrap();
    let (of, plan) = journal.turn(Turn::Undo, None).unwrap();
    let kind = Kind::Undo(of.id);
    let about = About { kind, title: "undo".to_owned(), now: SystemTime::UNIX_EPOCH };
    journal.apply(&flux_agent::edit::Checked::of_turn(plan), &about).unwrap();
}
