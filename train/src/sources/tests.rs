//! Tests of the manifest: licences by their texts, roles, and what is left out.

use std::fs;
use std::path::{Path, PathBuf};

use flux_fixtures::world::git;

use super::licence::{Verdict, detect};
use super::{Arguments, Exclusions, Manifest, Role, run};

const MIT: &str = "Copyright 2020 Somebody\n\nPermission is hereby granted, free of charge, to \
    any person obtaining a copy of this software and associated documentation files\n";

#[track_caller]
fn check(text: &str, expected: &'static str) {
    assert_eq!(detect(text), Verdict::Free(vec![expected]));
}

#[test]
fn the_usual_licences_are_told_by_their_texts() {
    let redistribution = "Redistribution and use in source and binary forms, with or without\n\
        modification, are permitted provided that the following conditions are met:\n";
    let purpose = "Permission to use, copy, modify, and/or distribute this software for any\n\
        # purpose with or without fee is hereby granted";
    check(MIT, "MIT");
    check("  Apache License\n  Version 2.0, January 2004\n", "Apache-2.0");
    check(redistribution, "BSD-2-Clause");
    check(&format!("{redistribution}\n* Neither the name of the owner nor"), "BSD-3-Clause");
    check(&format!("{purpose}, provided that the above\ncopyright notice"), "ISC");
    check(&format!("{purpose}."), "0BSD");
    check("This is free and unencumbered software released into the public domain.", "Unlicense");
    check("2. Altered source versions must be plainly marked as such", "Zlib");
    check("Creative Commons Legal Code\n\nCC0 1.0 Universal\n", "CC0-1.0");
    check("Boost Software License - Version 1.0 - August 17th, 2003", "BSL-1.0");
    check("PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2", "PSF-2.0");
}

#[test]
fn what_asks_for_more_or_is_unknown_is_not_free() {
    let gnu = "                    GNU GENERAL PUBLIC LICENSE\n  Version 3, 29 June 2007\n";
    assert_eq!(detect(gnu), Verdict::Foreign("gnu general public license"));
    assert!(matches!(detect(&format!("{MIT}\n{gnu}")), Verdict::Foreign(_)));
    assert!(matches!(detect("Mozilla Public License Version 2.0"), Verdict::Foreign(_)));
    assert!(matches!(detect(&format!("\"Commons Clause\" {MIT}")), Verdict::Foreign(_)));
    let mention = format!("{MIT}\nIt is compatible with the GNU General Public License.");
    assert_eq!(detect(&mention), Verdict::Free(vec!["MIT"]));
    assert_eq!(detect("All rights reserved."), Verdict::Unknown);
}

#[test]
fn copies_and_new_names_of_excluded_repositories_are_excluded() {
    let exclusions = Exclusions::of("# not these\nRed/Stone\nziglang/zig\n");
    assert_eq!(exclusions.names.len(), 2);
    for name in ["red/stone", "someone/Stone", "ziglang/zig-bootstrap"] {
        assert!(exclusions.reason(name).is_some(), "{name}");
    }
    assert_eq!(exclusions.reason("red/brick"), None);
}

/// A repository with one licence file among the mirrors in `folder`.
fn mirror(folder: &Path, name: &str, licence: &str) {
    let repository = folder.join(name).join("repo");
    fs::create_dir_all(&repository).unwrap();
    fs::write(repository.join("LICENSE"), licence).unwrap();
    git(&repository, &["init", "--quiet", "--initial-branch=main"]);
    git(&repository, &["add", "--all"]);
    git(&repository, &["commit", "--quiet", "--message", "first"]);
}

fn arguments(folder: &Path, held_out: &str) -> Arguments {
    let path = |name: &str| -> PathBuf { folder.join(name) };
    Arguments {
        repos: path("mirror"),
        exclude: path("exclude.txt"),
        ranker: path("ranker"),
        held_out: vec![held_out.to_owned()],
        out: path("sources.toml"),
    }
}

#[test]
fn a_manifest_gives_each_repository_its_commit_licence_and_role_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let mirrors = folder.path().join("mirror");
    for name in ["a+plain", "a+measure", "b+measure", "a+rank", "a+secret", "b+secret"] {
        mirror(&mirrors, name, MIT);
    }
    mirror(&mirrors, "a+gnu", "GNU GENERAL PUBLIC LICENSE");
    fs::create_dir_all(folder.path().join("ranker/rank")).unwrap();
    fs::write(folder.path().join("exclude.txt"), "a/secret\n").unwrap();
    run(arguments(folder.path(), "a/measure")).unwrap();
    let manifest = Manifest::read(&folder.path().join("sources.toml")).unwrap();
    let roles: Vec<(&str, Role)> =
        manifest.repositories.iter().map(|source| (&*source.name, source.role)).collect();
    let expected =
        [("a/measure", Role::HeldOut), ("a/plain", Role::Train), ("a/rank", Role::Ranker)];
    assert_eq!(roles, expected);
    assert_eq!(manifest.excluded_count, 1);
    assert_eq!(manifest.excluded_hash.len(), 16);
    let plain = &manifest.repositories[1];
    assert_eq!((plain.licence.as_str(), plain.commit.len()), ("MIT", 40));

    let repository = mirrors.join("a+plain/repo");
    git(&repository, &["commit", "--quiet", "--allow-empty", "--message", "second"]);
    run(arguments(folder.path(), "a/plain")).unwrap();
    let again = Manifest::read(&folder.path().join("sources.toml")).unwrap();
    assert_eq!(again.repositories[1], *plain);
}
