//! Pairs of one commit: its message against what it changed.

use std::collections::BTreeSet;

use flux_core::{FileClass, RepoPath};
use flux_grammars::{Category, Grammar};

use super::contamination::KnownLines;
use super::git::Repository;
use super::pair::{Kind, MIN_TEXT, Pair, Selection};
use super::patch::{Commit, Commits, FORMAT, Hunk, MAX_FILES};
use super::prose;
use super::tree::{Tree, class_and_grammar, is_unwanted};

/// Newest commits read. Older ones are of code that is no longer there.
const MAX_COMMITS: usize = 1500;
/// Fewest words of a paragraph that reads like a report of a fault.
const MIN_ISSUE_WORDS: usize = 8;
/// Starts of subjects that tell of no change in what the code does, in lower case.
const NO_CHANGE: &[&str] = &[
    "merge",
    "bump",
    "release",
    "revert",
    "upgrade",
    "version",
    "prepare",
    "wip",
    "typo",
    "fix typo",
    "fix lint",
    "lint",
    "format",
    "reformat",
    "changelog",
    "update changelog",
    "update dependency",
    "update dependencies",
    "update readme",
    "update license",
    "update copyright",
    "chore(deps",
    "build(deps",
    "chore(release",
    "apply suggestion",
    "address review",
    "address comments",
    "code review",
    "cleanup",
    "clean up",
    "cosmetic",
    "whitespace",
    "style:",
    "fix build",
    "fix ci",
    "fix tests",
    "fix test",
    "ci:",
    "v0",
    "v1",
    "v2",
    "v3",
    "v4",
    "v5",
    "[skip ci]",
    "[ci skip]",
    "auto-",
    "automated",
    "autofix",
    "run ",
    "rebase",
    "squash",
    "initial commit",
    "first commit",
    "publish",
    "deps:",
    "chore: release",
    "set version",
    "next version",
];
/// Lines of messages that name people, tickets and other commits, in lower case.
const TRAILERS: &[&str] = &[
    "signed-off-by",
    "co-authored-by",
    "reviewed-by",
    "acked-by",
    "tested-by",
    "cc:",
    "cc ",
    "fixes #",
    "closes #",
    "fix #",
    "close #",
    "refs",
    "see #",
    "ref:",
    "change-id",
    "bug:",
    "reviewed-on",
    "pr-url",
    "pull request",
    "git-svn-id",
    "cherry picked",
    "(cherry",
    "author:",
    "reported-by",
    "suggested-by",
    "link:",
    "issue:",
    "pr:",
    "test plan",
    "differential",
    "http",
    "resolves",
    "part of #",
    "related to",
    "co-committed",
    "backport",
    "summary:",
    "bug=",
];

/// Adds the pairs of the newest commits before and at `commit`.
pub(crate) fn mine(
    repository: &Repository,
    commit: &str,
    tree: &Tree,
    measuring: &KnownLines,
    selection: &mut Selection,
) -> anyhow::Result<()> {
    let extensions: BTreeSet<&str> =
        tree.code.iter().filter_map(|file| file.path.extension()).collect();
    if extensions.is_empty() {
        return Ok(());
    }
    let mut arguments: Vec<String> = [
        "--patch",
        "--unified=4",
        "--no-merges",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--no-renames",
        "--diff-filter=AM",
        FORMAT,
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.extend([format!("--max-count={MAX_COMMITS}"), commit.to_owned(), "--".to_owned()]);
    arguments.extend(extensions.iter().map(|extension| format!("*.{extension}")));
    let mut commits = Commits::of(repository.log(&arguments)?)?;
    while let Some(commit) = commits.next()? {
        if (1..=MAX_FILES).contains(&commit.files.len()) {
            mine_commit(&commit, measuring, selection);
        }
    }
    Ok(())
}

/// The subject against the largest hunk and that of another file, and a paragraph of the message
/// against the largest hunk again.
fn mine_commit(commit: &Commit, measuring: &KnownLines, selection: &mut Selection) {
    let mut hunks: Vec<(&Hunk, &'static Grammar)> = commit
        .hunks
        .iter()
        .filter(|hunk| hunk.added > 0 && hunk.text.trim().len() >= MIN_TEXT)
        .filter_map(|hunk| Some((hunk, language_of(hunk)?)))
        .filter(|(hunk, _)| !measuring.holds(&hunk.text))
        .collect();
    hunks.sort_by_key(|(hunk, _)| std::cmp::Reverse(hunk.added));
    let Some((first, language)) = hunks.first() else { return };
    let pair = |kind, query: &str, hunk: &Hunk, language: &Grammar| Pair {
        kind,
        language: language.name().to_owned(),
        path: hunk.path.clone(),
        query: query.to_owned(),
        context: format!("{} {}", hunk.path, hunk.around).trim().to_owned(),
        text: hunk.text.clone(),
    };
    if let Some(paragraph) = issue(&commit.body) {
        selection.add(pair(Kind::Issue, &paragraph, first, language));
    }
    let Some(subject) = subject(&commit.subject) else { return };
    if let Some((other, language)) = hunks.iter().find(|(hunk, _)| hunk.path != first.path) {
        selection.add_another(pair(Kind::Commit, &subject, other, language));
    }
    selection.add(pair(Kind::Commit, &subject, first, language));
}

/// The language of a hunk's file, if somebody would ask about it.
fn language_of(hunk: &Hunk) -> Option<&'static Grammar> {
    let (class, grammar) = class_and_grammar(&RepoPath::new(hunk.path.as_str()));
    let is_asked = !is_unwanted(class) && !class.has(FileClass::TEST);
    grammar.filter(|grammar| is_asked && grammar.category() == Category::Code)
}

/// A subject without tickets and tags, if it tells what changed.
pub(crate) fn subject(text: &str) -> Option<String> {
    let is_dull = |text: &str| {
        let lower = text.to_lowercase();
        let is_update = lower.starts_with("update ") && lower.contains(" to ");
        is_update || NO_CHANGE.iter().any(|start| lower.starts_with(start))
    };
    let untagged = without_tags(text.trim());
    let plain = prose::plain(untagged);
    let is_telling = prose::is_telling(&plain) && !is_dull(text.trim()) && !is_dull(&plain);
    is_telling.then_some(plain)
}

/// A subject without `feat(scope):`, `[TICKET-1]`, `TICKET-1:` in front and `(#12)` behind.
fn without_tags(text: &str) -> &str {
    let mut text = text;
    loop {
        let before = text;
        if let Some((_, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            text = rest;
        }
        if let Some((tag, rest)) = text.split_once([':', ' '])
            && (is_ticket(tag) || (text[tag.len()..].starts_with(':') && is_kind(tag)))
        {
            text = rest;
        }
        if let Some((rest, ticket)) = text.rsplit_once('(')
            && ticket.trim_end().ends_with(')')
            && ticket.chars().any(|letter| letter.is_ascii_digit())
            && !ticket.contains(' ')
        {
            text = rest;
        }
        text = text.trim_matches([' ', ':', '-', '.', '\t']);
        if text == before {
            return text;
        }
    }
}

/// Whether the word in front of a colon says which kind of change it is.
fn is_kind(word: &str) -> bool {
    const KINDS: &[&str] = &[
        "feat",
        "fix",
        "chore",
        "refactor",
        "docs",
        "doc",
        "perf",
        "test",
        "tests",
        "build",
        "ci",
        "style",
        "feature",
        "bugfix",
        "hotfix",
        "bug",
        "minor",
        "breaking",
        "misc",
        "enhancement",
        "improvement",
        "chg",
        "new",
    ];
    let bare = word.split('(').next().unwrap_or(word).trim_end_matches('!');
    KINDS.contains(&bare.to_lowercase().as_str())
}

/// Whether a word is the number of a ticket: `#12`, `GH-12`, `NAME-12`.
fn is_ticket(word: &str) -> bool {
    let is_number =
        |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit());
    let is_project = |text: &str| text.len() > 1 && text.chars().all(|c| c.is_ascii_uppercase());
    word.strip_prefix('#').is_some_and(is_number)
        || word
            .split_once('-')
            .is_some_and(|(project, number)| is_project(project) && is_number(number))
}

/// The first paragraph of a message that is long enough to report a fault.
pub(crate) fn issue(body: &str) -> Option<String> {
    let paragraphs = body.split("\n\n").map(|paragraph| {
        let lines = paragraph.lines().map(str::trim).filter(|line| {
            let lower = line.to_lowercase();
            !TRAILERS.iter().any(|start| lower.starts_with(start))
        });
        prose::plain(&lines.collect::<Vec<_>>().join(" "))
    });
    let is_report = |text: &String| {
        let is_list = text.starts_with(['*', '-', '#', '>', '|']);
        text.split_whitespace().count() >= MIN_ISSUE_WORDS
            && !is_list
            && prose::is_telling(text)
            && prose::is_wanted(text)
    };
    paragraphs.into_iter().find(is_report)
}

#[cfg(test)]
mod tests {
    use super::{issue, subject};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(subject(text).as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn subjects_lose_their_tags_and_tickets() {
        check("feat(parser): read numbers twice (#123)", "read numbers twice");
        check("[CORE-12] fix: close the door first", "close the door first");
        check("LANG-1234: Reads are cached now.", "Reads are cached now");
        check("#77 fix the broken door", "fix the broken door");
        check("net/http: keep idle connections", "net/http: keep idle connections");
        check("Fix the broken door", "Fix the broken door");
    }

    #[test]
    fn subjects_that_tell_no_change_are_turned_down() {
        for text in [
            "Merge branch 'x' into main",
            "Bump serde from 1.0 to 1.1",
            "Update rust crate clap to v4",
            "chore(deps): update all of them",
            "Release 1.2.3 of this",
            "Fix typo in the docs",
            "fix it",
        ] {
            assert_eq!(subject(text), None, "{text}");
        }
    }

    #[test]
    fn the_first_paragraph_with_enough_words_is_the_issue() {
        let body = "Fixes #12\n\nToo short.\n\nWhen the door is closed twice the program\n\
                    crashes with a `KeyError`.\nSigned-off-by: Somebody <a@b.c>\n";
        let expected = "When the door is closed twice the program crashes with a KeyError.";
        assert_eq!(issue(body).as_deref(), Some(expected));
        assert_eq!(issue("* one\n* two\n"), None);
    }
}
