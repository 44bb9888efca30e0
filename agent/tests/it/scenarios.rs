//! The scenarios of `fixtures/edits`; its README says how to read one.

use std::fs;
use std::path::Path;

use flux_agent::edit::{Accept, Tree};
use flux_fixtures::world::World;

use crate::support::{check_scenarios, edit, picture};

#[test]
fn every_scenario_ends_as_it_says() {
    check_scenarios("edits", 40, failure);
}

/// What is wrong with a scenario, in words.
fn failure(folder: &Path) -> Option<String> {
    let name = folder.file_name().unwrap().to_string_lossy();
    let world = World::new("");
    for (path, bytes) in picture(&folder.join("input")) {
        world.write(path.to_str().unwrap(), bytes);
    }
    let before = picture(world.root());
    let tree = Tree { root: world.root().to_owned(), own: world.beside("index") };
    let words = |name: &str| -> Vec<String> {
        let text = fs::read_to_string(folder.join(name)).unwrap_or_default();
        text.split_whitespace().map(str::to_owned).collect()
    };
    let accepted = words("accept");
    let is_accepted = |kind: &&Accept| accepted.iter().any(|word| word == kind.as_str());
    let accept: Vec<Accept> = Accept::ALL.iter().filter(is_accepted).copied().collect();
    let script = fs::read_to_string(folder.join("edit")).unwrap();
    let result = edit(&tree, &script, &accept);
    let refused = words("refused");
    let after = picture(world.root());
    match result {
        Err(found) if found != refused => Some(format!("{name}: refused by {found:?}")),
        Err(_) => (after != before).then(|| format!("{name}: refused, but something is written")),
        Ok(()) if !refused.is_empty() => Some(format!("{name}: not refused")),
        Ok(()) => {
            let expected = picture(&folder.join("expected"));
            (after != expected).then(|| format!("{name}: {after:?} instead of {expected:?}"))
        }
    }
}
