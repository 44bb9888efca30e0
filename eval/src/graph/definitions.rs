//! Judging the declarations a tool lists.

use std::collections::BTreeMap;

use super::answers::Answers;
use super::figures::{ByKind, DefinitionFigures, count, share};
use super::mistakes::Mistakes;
use super::names::{Names, Place, Text};
use super::truth::{Definition, Truth};

/// The figures about declarations; none when the tool lists none.
pub(super) fn judge(
    truth: &Truth,
    answers: &Answers,
    names: &Names,
    mistakes: &mut Mistakes,
) -> Option<DefinitionFigures> {
    if answers.definitions.is_empty() {
        return None;
    }
    let mut by_kind = ByKind::new();
    let listed = lines_by_name(answers);
    for definition in truth.definitions.iter().filter(|one| !one.kind.is_local()) {
        let place = definition.position.place;
        let lines = listed.get(&(place.path, definition.name));
        let is_found = lines.into_iter().flatten().any(|line| covers(definition, *line));
        count(&mut by_kind, &definition.kind, is_found);
    }
    let (found, all) = by_kind.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let known = known_by_name(truth);
    let (mut right, mut wrong) = (0, 0);
    for (place, name) in &answers.definitions {
        match verdict(truth, &known, *place, *name) {
            Some(true) => right += 1,
            Some(false) => {
                wrong += 1;
                let describe = || format!("{} `{}`", names.show_place(*place), names.show(*name));
                mistakes.add("def-fp", describe);
            }
            None => {}
        }
    }
    let recall = Some(found as f64 / all.max(1) as f64);
    Some(DefinitionFigures { precision: share(right, right + wrong), recall, by_kind })
}

type KnownByName<'a> = BTreeMap<(Text, Text), Vec<&'a Definition>>;

fn known_by_name(truth: &Truth) -> KnownByName<'_> {
    let mut known = KnownByName::new();
    for definition in &truth.definitions {
        let key = (definition.position.place.path, definition.name);
        known.entry(key).or_default().push(definition);
    }
    known
}

fn lines_by_name(answers: &Answers) -> BTreeMap<(Text, Text), Vec<u32>> {
    let mut lines: BTreeMap<(Text, Text), Vec<u32>> = BTreeMap::new();
    for (place, name) in &answers.definitions {
        lines.entry((place.path, *name)).or_default().push(place.line);
    }
    lines
}

fn covers(definition: &Definition, line: u32) -> bool {
    definition.first <= line && line <= definition.position.place.line
}

/// Whether a listed declaration is one; nothing where the truth has nothing to say: files and lines
/// that were not compiled, assignments, locals.
fn verdict(truth: &Truth, known: &KnownByName<'_>, place: Place, name: Text) -> Option<bool> {
    if !truth.files.contains(&place.path) {
        return None;
    }
    let same_name = known.get(&(place.path, name)).into_iter().flatten();
    let mut matching = same_name.filter(|definition| covers(definition, place.line)).peekable();
    if matching.peek().is_some() {
        return matching.any(|definition| !definition.kind.is_local()).then_some(true);
    }
    let is_judged = !truth.writes.contains_key(&(place, name)) && truth.lines.contains(&place);
    is_judged.then_some(false)
}
