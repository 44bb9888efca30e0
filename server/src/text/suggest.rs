//! Suggestions, and what they rest on, as lines.

use flux_agent::learn::{Learned, Runs};
use flux_agent::suggest::{Place, Suggestions, Unseen};
use flux_core::RepoPath;

/// Lines of one kind that are shown; the rest is counted.
const MOST: usize = 10;

/// What is suggested.
pub fn suggestions(found: &Suggestions, shown: &dyn Fn(&RepoPath) -> String) -> Vec<String> {
    let mut lines = Vec::new();
    if found.changed.is_empty() {
        lines.push("no file is changed here; pass files to ask what goes with them".to_owned());
    }
    let companions = found.companions.iter().map(|one| {
        let (path, with) = (shown(&one.path), shown(&one.with));
        format!("{path}: changed with {with} in {} of {} commits", one.together, one.of)
    });
    section(&mut lines, "usually changed as well:", companions.collect());
    let unseen: Vec<String> = found.unseen.iter().flat_map(|one| used(one, shown)).collect();
    section(&mut lines, "used in files that are not changed:", unseen);
    let tests = found.tests.iter().map(|one| {
        let count = match one.tests {
            0 => "imports it".to_owned(),
            1 => "1 test".to_owned(),
            count => format!("{count} tests"),
        };
        format!("{}: {count}", shown(&one.path))
    });
    section(&mut lines, "tests of what changed:", tests.collect());
    let warnings = found.warnings.iter().map(|one| {
        let Runs { runs, failed, .. } = one.runs;
        format!("after edits of {} `{}` failed {failed} of {runs} times", one.path, one.check)
    });
    section(&mut lines, "beware:", warnings.collect());
    if let Some((command, runs)) = &found.check {
        let Runs { runs, failed, .. } = runs;
        lines.push(format!("the usual check: `{command}` ({runs} runs, {failed} failed)"));
    }
    if found.is_empty() && !found.changed.is_empty() {
        let what = match found.changed.len() {
            1 => "nothing goes with the one file that is changed or asked about".to_owned(),
            count => format!("nothing goes with the {count} files that are changed or asked about"),
        };
        lines.insert(0, what);
    }
    lines.extend(found.notes.iter().map(|note| format!("not seen: {}", note.replace('\n', "; "))));
    lines
}

fn section(lines: &mut Vec<String>, title: &str, entries: Vec<String>) {
    if entries.is_empty() {
        return;
    }
    lines.push(title.to_owned());
    let rest = entries.len().saturating_sub(MOST);
    lines.extend(entries.into_iter().take(MOST).map(|entry| format!("  {entry}")));
    if rest > 0 {
        lines.push(format!("  … {rest} more"));
    }
}

fn used(one: &Unseen, shown: &dyn Fn(&RepoPath) -> String) -> Vec<String> {
    let (kind, name, change) = (one.kind.as_str(), &one.name, one.change.as_str());
    let count = one.places.len();
    let (path, line) = (shown(&one.path), one.line);
    let mut lines = vec![format!("{path}:{line}: {change} of {kind} {name}, {count} places:")];
    lines.extend(one.places.iter().take(MOST).map(|place| use_line(place, shown)));
    if count > MOST {
        lines.push(format!("  … {} more", count - MOST));
    }
    lines
}

fn use_line(place: &Place, shown: &dyn Fn(&RepoPath) -> String) -> String {
    let within = place.within.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
    let likely = if place.is_likely { " (likely)" } else { "" };
    format!("  {}:{}:{within}{likely}", shown(&place.path), place.line)
}

/// All that was learned.
pub fn learned(learned: &Learned) -> Vec<String> {
    let mut lines = Vec::new();
    for (query, known) in &learned.queries {
        lines.push(format!("after the search `{query}`:"));
        for (path, used) in &known.used {
            lines.push(format!("  {path}: read {}, edited {}", used.read, used.edited));
        }
    }
    for (path, checks) in &learned.checks {
        for (check, runs) in checks {
            let Runs { runs, failed, .. } = runs;
            lines.push(format!("after edits of {path} `{check}` failed {failed} of {runs} times"));
        }
    }
    for (command, runs) in &learned.commands {
        let Runs { runs, failed, .. } = runs;
        lines.push(format!("`{command}`: {runs} runs, {failed} failed"));
    }
    let warned = learned.warned;
    if warned.given > 0 {
        let silent = if warned.is_trusted() { "" } else { "; none are given any more" };
        lines.push(format!("warnings: {} of {} were right{silent}", warned.right, warned.given));
    }
    lines
}
