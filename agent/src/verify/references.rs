//! Places that refer to a definition which is not there any more.

use std::collections::{BTreeMap, BTreeSet};

use flux_core::{RepoPath, Symbol};
use flux_engine::syntax::Syntax;
use flux_engine::{EngineError, Snapshot};

use super::changes::Change;
use crate::edit::check::definitions;
use crate::tools::Bench;

/// What refers to nothing any more.
pub(super) struct Dangling {
    /// Names that are gone, each with the places that still use it, as `path:line`.
    pub(super) names: BTreeMap<String, Vec<String>>,
    /// Files of which that cannot be said, because they are not as they were indexed.
    pub(super) unread: BTreeSet<String>,
}

/// Looks for uses of what a change removed. A place counts if its file used the
/// definition before and now uses the name more often without a meaning.
pub(super) fn dangling(
    bench: &Bench<'_>,
    changes: &[Change],
    before: &Snapshot,
    after: &Snapshot,
) -> Result<Dangling, EngineError> {
    let (mut found, mut unread) = (BTreeMap::new(), BTreeSet::new());
    for change in changes {
        for name in gone(change) {
            let sites = bench.workspace.references_to(before, &change.from, &name)?;
            let users: BTreeSet<RepoPath> =
                sites.into_iter().flatten().map(|site| site.path).collect();
            let last = name.rsplit('.').next().unwrap_or(&name);
            let mut places = Vec::new();
            for user in users {
                match left(bench, changes, (before, after), &user, last)? {
                    Some(left) => places.extend(left),
                    None => {
                        unread.insert(user.to_string());
                    }
                }
            }
            if !places.is_empty() {
                found.insert(name, places);
            }
        }
    }
    Ok(Dangling { names: found, unread })
}

/// The definitions of a file that are not there afterwards, or not in the same file.
fn gone(change: &Change) -> Vec<String> {
    let Some(before) = change.before.as_deref().and_then(|text| Syntax::of(&change.from, text))
    else {
        return Vec::new();
    };
    let is_moved = change.from != change.path;
    let after = change.after.as_deref().filter(|_| !is_moved);
    let after = after.and_then(|text| Syntax::of(&change.path, text));
    let kept: BTreeSet<String> =
        after.iter().flat_map(definitions).map(Symbol::qualified_name).collect();
    let names = definitions(&before).map(Symbol::qualified_name);
    names.filter(|name| !kept.contains(name)).collect::<BTreeSet<String>>().into_iter().collect()
}

/// Where a file that used `name` uses it without a meaning, if it does so more often than before.
/// `None` if its text is not as it was indexed.
fn left(
    bench: &Bench<'_>,
    changes: &[Change],
    (before, after): (&Snapshot, &Snapshot),
    user: &RepoPath,
    name: &str,
) -> Result<Option<Vec<String>>, EngineError> {
    let change = changes.iter().find(|change| change.from == *user);
    let now = change.map_or(user, |change| &change.path);
    let Some(text) = bench.workspace.current_text(now.as_str()) else {
        return Ok(Some(Vec::new()));
    };
    let old = match change {
        Some(change) => change.before.clone().unwrap_or_default(),
        None => text.clone(),
    };
    let lines = bench.workspace.unresolved_uses(after, now, &text, name)?;
    let known = bench.workspace.unresolved_uses(before, user, &old, name)?;
    let (Some(lines), Some(known)) = (lines, known) else { return Ok(None) };
    if lines.len() <= known.len() {
        return Ok(Some(Vec::new()));
    }
    Ok(Some(lines.iter().map(|line| format!("{now}:{line}")).collect()))
}
