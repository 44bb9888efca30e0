//! Structural search and replace as an edit: matches become exact changes.

use flux_engine::structural::FoundInTree;

use crate::edit::{Change, EditPlan, Refused, Tree};

/// Makes a plan of what was found for a rewrite. What would stay as it is is left out.
pub fn plan(tree: &Tree, found: &FoundInTree) -> Result<EditPlan, Refused> {
    let mut changes = Vec::new();
    for file in &found.files {
        for one in &file.found.matches {
            let old = one.span.of(&file.text);
            let Some(new) = one.replacement.as_ref().filter(|new| *new != old) else { continue };
            changes.push(Change::Replace {
                path: file.path.to_string(),
                span: one.span,
                old: old.to_owned(),
                new: new.clone(),
            });
        }
    }
    if changes.is_empty() {
        return Ok(EditPlan::default());
    }
    EditPlan::of_changes(tree, &changes)
}

/// Names of skipped files that are listed one by one.
const SHOWN_SKIPPED: usize = 5;

/// What a reader of the plan should know: what was not looked into, and what the plan leaves or
/// drops.
pub fn notes(found: &FoundInTree) -> Vec<String> {
    let mut notes = Vec::new();
    if !found.unread.is_empty() {
        let languages: Vec<&str> = found.unread.keys().copied().collect();
        notes.push(format!("the pattern does not parse as {}", languages.join(", ")));
    }
    for (path, reason) in found.skipped.iter().take(SHOWN_SKIPPED) {
        notes.push(format!("not looked into: {path}: {reason}"));
    }
    if found.skipped.len() > SHOWN_SKIPPED {
        notes.push(format!("and {} more files", found.skipped.len() - SHOWN_SKIPPED));
    }
    let inside: usize = found.files.iter().map(|file| file.found.inside).sum();
    if inside > 0 {
        notes.push(format!("{inside} matches lie within others and are left to another run"));
    }
    let matches = found.files.iter().flat_map(|file| &file.found.matches);
    let lost: usize = matches.map(|one| one.lost_comments).sum();
    if lost > 0 {
        notes.push(format!("{lost} comments in what is replaced are dropped"));
    }
    notes
}
