//! Licences, told by their texts. Only those that let code be reused freely, with no more duty
//! than to name its authors, are let in; anything that is not recognised is not.

use anyhow::ensure;

use crate::mine::git::{Blob, Repository};

/// Starts of the names of files that hold a licence, in lower case.
const FILE_NAMES: &[&str] =
    &["license", "licence", "copying", "unlicense", "mit-license", "apache-license"];
/// Parts of the names of files that hold the licences of what a repository does not hold itself.
const ELSEWHERE: &[&str] = &["third", "3rd", "dependenc", "binary", "vendor"];
/// Starts of the titles of licences that ask for more.
const FOREIGN_TITLES: &[&str] = &[
    "gnu general public license",
    "gnu lesser general public license",
    "gnu library general public license",
    "gnu affero general public license",
    "mozilla public license",
    "eclipse public license",
    "common development and distribution license",
    "business source license",
    "server side public license",
    "elastic license",
    "european union public licence",
    "functional source license",
    "sustainable use license",
    "creative commons attribution-",
    "polyform",
];

/// The licence of a commit as an SPDX expression, told by the files at its root or, if there are
/// none, by those in the folders there, of which every one must do. An error says why it may not
/// be used.
pub(crate) fn of_commit(repository: &Repository, commit: &str) -> anyhow::Result<String> {
    let files = repository.files(commit)?;
    let at_depth = |depth: usize| -> Vec<Blob> {
        let is_licence = |blob: &&Blob| depth_of_licence(&blob.path) == Some(depth);
        files.iter().filter(is_licence).cloned().collect()
    };
    let mut texts = at_depth(0);
    if texts.is_empty() {
        texts = at_depth(1);
    }
    let mut names = Vec::new();
    let mut foreign = None;
    repository.read(&texts, |blob, bytes| match detect(&String::from_utf8_lossy(&bytes)) {
        Verdict::Free(found) => names.extend(found),
        Verdict::Foreign(title) => foreign = Some(format!("{} is the {title}", blob.path)),
        Verdict::Unknown => {}
    })?;
    ensure!(foreign.is_none(), "{}", foreign.unwrap_or_default());
    ensure!(!names.is_empty(), "no licence is recognised");
    names.sort_unstable();
    names.dedup();
    // Several may be a choice or each for a part; who keeps to all of them is right either way.
    Ok(names.join(" AND "))
}

/// How many folders a file that holds a licence lies in.
fn depth_of_licence(path: &str) -> Option<usize> {
    let path = path.to_lowercase();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let is_elsewhere = ELSEWHERE.iter().any(|part| path.contains(part));
    let is_named = FILE_NAMES.iter().any(|start| name.starts_with(start)) || folder == "licenses";
    (is_named && !is_elsewhere).then(|| path.matches('/').count())
}

/// What a text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is or holds these licences.
    Free(Vec<&'static str>),
    /// It is or holds a licence that asks for more.
    Foreign(&'static str),
    /// It is no licence that is known here.
    Unknown,
}

/// Tells the licence of a text.
pub(crate) fn detect(text: &str) -> Verdict {
    let plain = text.to_lowercase();
    let title = |line: &str| {
        let line = line.trim_matches(|c: char| !c.is_alphanumeric());
        let line = line.strip_prefix("the ").unwrap_or(line);
        FOREIGN_TITLES.iter().find(|title| line.starts_with(**title)).copied()
    };
    if let Some(foreign) = plain.lines().find_map(title) {
        return Verdict::Foreign(foreign);
    }
    let letters = |c: char| c.is_alphanumeric() || "'-.".contains(c);
    let words: Vec<&str> = plain.split(|c| !letters(c)).filter(|word| !word.is_empty()).collect();
    let words = words.join(" ");
    if words.contains("commons clause") {
        return Verdict::Foreign("commons clause");
    }
    let found: Vec<&'static str> = names(&words);
    if found.contains(&"BSD-4-Clause") {
        return Verdict::Foreign("BSD licence with the advertising clause");
    }
    if found.is_empty() { Verdict::Unknown } else { Verdict::Free(found) }
}

/// The licences whose telling words stand in a text of words apart by single spaces.
fn names(words: &str) -> Vec<&'static str> {
    let has = |phrase: &str| words.contains(phrase);
    let mut found = Vec::new();
    let mut add = |name, holds: bool| found.extend(holds.then_some(name));
    let grants = "permission is hereby granted free of charge to any person";
    add("MIT", has(&format!("{grants} obtaining a copy")));
    add("BSL-1.0", has("boost software license - version 1.0"));
    add("Apache-2.0", has("apache license version 2.0"));
    let is_bsd = has("redistribution and use in source and binary forms");
    let names_nobody = has("neither the name")
        || has("may not be used to endorse or promote")
        || has("names of its contributors");
    let advertises = has("all advertising materials mentioning features");
    add("BSD-4-Clause", is_bsd && advertises);
    add("BSD-3-Clause", is_bsd && names_nobody && !advertises);
    add("BSD-2-Clause", is_bsd && !names_nobody && !advertises);
    let uses = has("permission to use copy modify and distribute this software for any purpose")
        || has("permission to use copy modify and or distribute this software for any purpose");
    let keeps_notice = has("provided that the above copyright notice");
    add("ISC", uses && keeps_notice);
    add("0BSD", uses && !keeps_notice);
    add("Unlicense", has("free and unencumbered software released into the public domain"));
    add("Zlib", has("altered source versions must be plainly marked"));
    add("CC0-1.0", has("cc0 1.0 universal"));
    add("PSF-2.0", has("python software foundation license version 2"));
    found
}
