//! The parts by themselves: keys, frames of components, views, merged trigrams.

use std::path::Path;

use flux_core::{FileClass, FileId, Language, RepoPath, SkipReason};
use proptest::prelude::*;

use super::{Store, candidates, check};
use crate::component::{CHECKSUM_LEN, ComponentWriter, FACTS, HEADER_LEN, VIEW, write_component};
use crate::error::StoreError;
use crate::key::{ContentKey, UnitKey, ViewKey};
use crate::layout::Layout;
use crate::view::{FileState, NewEntry, Stamp, View, Witness};

#[test]
fn a_content_is_its_bytes_language_and_extractor() {
    let key = ContentKey::of(b"text", "rust", 1);
    assert_eq!(key, ContentKey::of(b"text", "rust", 1));
    let others = [
        ContentKey::of(b"texts", "rust", 1),
        ContentKey::of(b"text", "go", 1),
        ContentKey::of(b"text", "rust", 2),
        ContentKey::of(b"ttext", "rus", 1),
    ];
    assert!(others.iter().all(|other| *other != key));
    assert_eq!(format!("{key:?}").len(), 32);
}

#[test]
fn a_unit_is_a_content_at_a_path() {
    let content = ContentKey([1; 16]);
    let unit = |content, path: &str| UnitKey::of(content, &RepoPath::new(path));
    assert_eq!(unit(content, "a.rs"), unit(content, "a.rs"));
    assert_ne!(unit(content, "a.rs"), unit(content, "b.rs"));
    assert_ne!(unit(content, "a.rs"), unit(ContentKey([2; 16]), "a.rs"));
}

#[test]
fn a_tree_s_key_names_its_view_file() {
    let key = ViewKey::of(Path::new("/some/tree"));
    assert_ne!(key, ViewKey::of(Path::new("/some/tree2")));
    assert!(key.as_str().len() == 16 && key.as_str().bytes().all(|b| b.is_ascii_hexdigit()));
    let path = Layout::new("/store").view(&key, 12);
    assert_eq!(path, Path::new("/store/views").join(format!("{}-12.view", key.as_str())));
}

#[test]
fn a_component_is_framed_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1.facts");
    write_component(FACTS, path.clone(), b"the body").unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(bytes.len(), HEADER_LEN + 8 + CHECKSUM_LEN);
    assert_eq!(FACTS.body(&path, &bytes).unwrap(), b"the body");
    FACTS.verify(&path, &bytes).unwrap();
    let error = VIEW.body(&path, &bytes).unwrap_err();
    assert!(error.to_string().contains("1.facts is damaged: not a view file"), "{error}");
    for length in 0..HEADER_LEN + CHECKSUM_LEN {
        let cut = FACTS.body(&path, &bytes[..length]);
        assert!(matches!(cut, Err(StoreError::Damaged { .. })), "{length} bytes");
    }
    for place in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[place] ^= 0x10;
        assert!(FACTS.verify(&path, &flipped).is_err(), "byte {place}");
    }
}

#[test]
fn a_component_written_again_leaves_the_bytes_of_its_readers_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1.facts");
    write_component(FACTS, path.clone(), &[1; 9000]).unwrap();
    let reader = crate::map::MappedFile::open(&path).unwrap();
    let mut writer = ComponentWriter::create(FACTS, path.clone()).unwrap();
    writer.write(b"short").unwrap();
    assert_eq!(writer.position(), 5);
    writer.finish().unwrap();
    assert_eq!(FACTS.body(&path, reader.as_ref()).unwrap(), &[1; 9000]);
    assert_eq!(FACTS.body(&path, &std::fs::read(&path).unwrap()).unwrap(), b"short");
}

fn entry(path: &str, language: &str, state: FileState) -> NewEntry {
    NewEntry {
        path: RepoPath::new(path),
        stamp: Stamp { size: 3, modified: -4, changed: 6, inode: 5 },
        racy: path.starts_with('r'),
        language: Language::new(language),
        class: FileClass::TEST,
        state,
    }
}

#[test]
fn a_view_is_ordered_and_found_by_path() {
    let indexed = FileState::Indexed(ContentKey([9; 16]));
    let skipped = FileState::Skipped(SkipReason::Binary.code());
    let entries = vec![
        entry("src/b.rs", "rust", indexed),
        entry("racy.py", "python", indexed),
        entry("src-x/a.rs", "rust", skipped),
        entry("a.rs", "rust", FileState::Skipped(200)),
    ];
    let witness = |path: &str| Witness { path: path.into(), stamp: None, racy: false };
    let view = View::new(entries.clone(), vec![witness("src"), witness("")]);
    let paths: Vec<&str> = view.files().iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["a.rs", "racy.py", "src-x/a.rs", "src/b.rs"]);
    assert_eq!(view.languages(), [Language::new("python"), Language::new("rust")]);
    assert_eq!(&*view.witnesses[0].path, "");
    for (file, found) in view.iter() {
        assert_eq!(view.find(found.path.as_str()), Some(file));
        let written = entries.iter().find(|entry| entry.path == found.path).unwrap();
        let again = view.to_new_entry(view.file(file));
        assert_eq!(format!("{again:?}"), format!("{written:?}"));
    }
    assert_eq!(view.find("src"), None);
    let file = |number| view.file(FileId(number));
    assert_eq!((file(2).skipped(), file(2).content()), (Some(SkipReason::Binary), None));
    assert_eq!((file(3).skipped(), file(3).content()), (None, Some(ContentKey([9; 16]))));
    assert_eq!(file(0).skipped(), None, "a reason that only a later version knows");
    assert!(file(1).racy && file(1).class().has(FileClass::TEST));
}

#[test]
fn errors_name_the_file_and_say_what_to_do() {
    let path = Path::new("/store/packs/1.facts").to_owned();
    let version =
        StoreError::Version { path: path.clone(), component: "facts", found: 2, wanted: 1 };
    let damaged = StoreError::Damaged { path: path.clone(), what: "cut".to_owned() };
    for error in [&version, &damaged] {
        let text = error.to_string();
        assert!(text.contains("/store/packs/1.facts") && text.contains("--rebuild"), "{text}");
        assert!(error.is_mended_by_rebuild() && !error.is_vanished_file());
    }
    let gone = StoreError::io("open", &path)(std::io::ErrorKind::NotFound.into());
    assert!(gone.is_vanished_file() && !gone.is_mended_by_rebuild());
    let refused = StoreError::io("open", &path)(std::io::ErrorKind::PermissionDenied.into());
    assert!(!refused.is_vanished_file());
    assert_eq!(refused.to_string(), "cannot open /store/packs/1.facts");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Enough contents that common trigrams lose their lists, and enough commits for two merges.
    #[test]
    fn merged_trigrams_rule_out_no_file_that_holds_the_text(
        words in prop::collection::vec("[a-d]{3,6}", 80..90),
    ) {
        let store = Store::new();
        let texts: Vec<(String, String)> = words
            .iter()
            .enumerate()
            .map(|(i, word)| (format!("f{i}.txt"), format!("uniq{i}x {word} common")))
            .collect();
        let files: Vec<(&str, &str)> =
            texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        for commit in 1..=10 {
            store.commit("tree", &files[..files.len() * commit / 10]);
        }
        let snapshot = store.snapshot("tree");
        for word in words.iter().map(String::as_str).chain(["common", "uniq7x"]) {
            let found = candidates(&snapshot, word);
            for (path, _) in files.iter().filter(|(_, text)| text.contains(word)) {
                prop_assert!(found.iter().any(|f| f == path), "{} in {}", word, path);
            }
        }
        prop_assert_eq!(candidates(&snapshot, "uniq7x"), ["f7.txt"]);
    }
}

#[test]
fn an_empty_tree_is_a_tree() {
    let store = Store::new();
    store.commit("tree", &[]);
    check(&store.snapshot("tree"), &[]);
    assert_eq!(candidates(&store.snapshot("tree"), "anything"), Vec::<String>::new());
    store.commit("tree", &[("empty.txt", "")]);
    assert_eq!(store.snapshot("tree").view().files().len(), 1);
}
