//! Damage: files of other versions, missing files, flipped and cut bytes. Whatever lies on disk,
//! the answer is a value or an error that names the file, and a rebuild mends it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use flux_core::ModelId;
use proptest::prelude::*;

use super::{EXTRACTOR, Files, NOW, Store, candidates, check, found};
use crate::error::StoreError;
use crate::maintain::{collect, verify};
use crate::writer::Writer;

const FILES: Files<'_> = &[
    ("a.txt", "alpha\nfirst line\nsecond line"),
    ("b.txt", "beta\nfirst line\nthird line"),
    ("c/d.txt", "gamma"),
    ("c/e.txt", "delta\nfirst line"),
];

fn store() -> Store {
    let store = Store::new();
    for files in [&FILES[..2], FILES] {
        let mut writer = store.writer();
        super::vectors::embed(&mut writer, &model(), files);
        super::graph::commit(&store, writer, "tree", files, |path| path == "a.txt");
    }
    store
}

fn model() -> ModelId {
    ModelId::new("test/1")
}

fn rebuild(store: &Store) {
    let writer = Writer::rebuild(&store.layout, EXTRACTOR, NOW).unwrap();
    store.commit_with(writer, "tree", FILES);
    check(&store.snapshot("tree"), FILES);
    assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
}

/// Every file of the store whose name ends so.
fn files_ending(store: &Store, ending: &str) -> Vec<PathBuf> {
    let files = store.all_files().into_iter();
    files.filter(|path| path.to_str().is_some_and(|path| path.ends_with(ending))).collect()
}

#[test]
fn a_component_of_another_version_is_named_and_rebuilt() {
    for (ending, component) in [(".facts", "facts"), (".grams", "trigrams"), (".view", "view")] {
        let store = store();
        let path = files_ending(&store, ending).pop().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes[8] += 1;
        fs::write(&path, &bytes).unwrap();
        let error = store.open("tree").unwrap_err();
        assert!(error.is_mended_by_rebuild());
        let StoreError::Version { path: named, component: name, found, wanted } = error else {
            panic!("{error}");
        };
        assert_eq!((named, name, found), (path, component, wanted + 1));
        rebuild(&store);
    }
}

#[test]
fn a_manifest_of_another_version_is_named_and_rebuilt() {
    let store = store();
    let text = fs::read_to_string(store.layout.manifest()).unwrap();
    fs::write(store.layout.manifest(), text.replacen("\"version\":1", "\"version\":2", 1)).unwrap();
    for error in [
        store.open("tree").unwrap_err(),
        Writer::open(&store.layout, EXTRACTOR, NOW).err().unwrap(),
    ] {
        let named = matches!(error, StoreError::Version { component: "manifest", found: 2, .. });
        assert!(named && error.is_mended_by_rebuild(), "{error}");
    }
    rebuild(&store);
}

#[test]
fn a_manifest_that_is_no_manifest_is_damaged_and_rebuilt() {
    let store = store();
    for text in ["", "{", "[]", "{\"version\":1}", "\u{0}\u{0}\u{0}"] {
        fs::write(store.layout.manifest(), text).unwrap();
        let error = store.open("tree").unwrap_err();
        assert!(
            matches!(&error, StoreError::Damaged { path, .. } if *path == store.layout.manifest())
        );
    }
    rebuild(&store);
}

#[test]
fn a_list_of_segments_that_is_none_is_damage_of_the_full_text_part() {
    let store = store();
    let text = fs::read_to_string(store.layout.manifest()).unwrap();
    fs::write(store.layout.manifest(), text.replace("segments", "sediments")).unwrap();
    let error = store.open("tree").unwrap_err();
    assert!(matches!(error, StoreError::Lexical { .. }) && error.is_mended_by_rebuild(), "{error}");
    assert_eq!(verify(&store.layout).unwrap().len(), 1);
    rebuild(&store);
}

#[test]
fn a_missing_file_is_an_error_of_opening_and_of_verify() {
    for number in 0..image().len() {
        let (store, path) = damaged(number, |_| {});
        fs::remove_file(&path).unwrap();
        check_lost(&store, &path);
    }
}

#[test]
fn an_empty_file_is_an_error_of_whoever_needs_it_and_of_verify() {
    for number in 0..image().len() {
        let (store, path) = damaged(number, Vec::clear);
        check_lost(&store, &path);
    }
}

/// Asserts that a store notices that it lost the file at `path`, of which some have no use.
#[track_caller]
fn check_lost(store: &Store, path: &Path) {
    if *path == store.layout.manifest() {
        assert!(verify(&store.layout).is_err());
    } else if path.extension().is_some_and(|ending| ending != "store" && ending != "pos") {
        assert!(!verify(&store.layout).unwrap().is_empty(), "{}", path.display());
        let opened = open_any(store);
        if path.extension().is_some_and(|ending| ending == "vec") {
            assert_eq!(opened.unwrap().vector_coverage(&model()).missing(), 2);
            return;
        }
        if path.parent() == Some(&store.layout.graphs()) {
            assert!(opened.unwrap().graph().is_none());
            return;
        }
        // Words are read when they are first asked for.
        let error = opened.and_then(|snapshot| snapshot.lexical().map(drop)).unwrap_err();
        assert!(error.is_mended_by_rebuild(), "{}: {error:?}", path.display());
    }
}

/// Opens the one tree of a copied store, whose root lies elsewhere.
fn open_any(store: &Store) -> Result<crate::Snapshot, StoreError> {
    let manifest = crate::manifest::Manifest::read(&store.layout)?;
    let key = manifest.views.keys().next().expect("the image holds a tree");
    crate::Snapshot::open(&store.layout, key, EXTRACTOR)
}

#[test]
fn a_lost_pack_is_rebuilt() {
    let store = store();
    fs::remove_file(files_ending(&store, ".facts").pop().unwrap()).unwrap();
    rebuild(&store);
}

/// The bytes of an undamaged store.
fn image() -> &'static [(PathBuf, Vec<u8>)] {
    static IMAGE: OnceLock<Vec<(PathBuf, Vec<u8>)>> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let store = store();
        let relative = |path: &Path| path.strip_prefix(store.folder.path()).unwrap().to_owned();
        let paths = store.all_files();
        paths.iter().map(|path| (relative(path), fs::read(path).unwrap())).collect()
    })
}

/// A copy of the undamaged store with one file changed by `change`.
fn damaged(number: usize, change: impl Fn(&mut Vec<u8>)) -> (Store, PathBuf) {
    let copy = Store::new();
    let layout = &copy.layout;
    let parts = [layout.packs(), layout.views(), layout.lexical(), layout.vectors()];
    for folder in parts.into_iter().chain([layout.graphs()]) {
        fs::create_dir_all(folder).unwrap();
    }
    for (relative, bytes) in image() {
        fs::write(copy.folder.path().join(relative), bytes).unwrap();
    }
    let (relative, bytes) = &image()[number];
    let path = copy.folder.path().join(relative);
    let mut bytes = bytes.clone();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();
    (copy, path)
}

/// Asks everything; errors are answers, panics are not.
fn ask_everything(store: &Store) {
    let Ok(manifest) = crate::manifest::Manifest::read(&store.layout) else { return };
    for key in manifest.views.keys() {
        let Ok(snapshot) = crate::Snapshot::open(&store.layout, key, EXTRACTOR) else { continue };
        for (file, _) in snapshot.view().iter() {
            if let Ok(outline) = snapshot.outline(file) {
                for chunk in &outline.chunks {
                    assert!(outline.symbols.get(chunk.symbols()).is_some());
                    assert!(chunk.lines.count() > 0 && chunk.span.start <= chunk.span.end);
                }
            }
            snapshot.lowered(file).ok();
            snapshot.exports(file).ok();
        }
        super::graph::ask(&snapshot);
        for word in ["alpha", "first", "line", "absent"] {
            candidates(&snapshot, word);
            found(&snapshot, word).ok();
            super::vectors::answers(&snapshot, &model(), word);
        }
    }
    if let Ok(mut writer) = Writer::open(&store.layout, EXTRACTOR, NOW) {
        writer.units().ok();
        writer.vector_units(&model()).ok();
        for key in manifest.views.keys() {
            writer.view(key).ok();
        }
    }
    verify(&store.layout).unwrap();
    collect(&store.layout, NOW, |_| false).ok();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn flipped_bytes_never_panic_and_verify_finds_them(
        number in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        flip in 1..=255_u8,
    ) {
        let number = number.index(image().len());
        let (store, path) = damaged(number, |bytes| {
            let place = place.index(bytes.len());
            bytes[place] ^= flip;
        });
        let ours = ["facts", "grams", "view", "vec", "base", "delta"];
        let is_ours = path.extension().is_some_and(|ending| ours.iter().any(|e| *e == ending));
        if is_ours {
            let problems = verify(&store.layout).unwrap();
            prop_assert!(problems.iter().any(|p| p.contains(path.to_str().unwrap())), "{:?}", problems);
        }
        ask_everything(&store);
    }

    #[test]
    fn cut_files_never_panic(
        number in any::<prop::sample::Index>(),
        length in any::<prop::sample::Index>(),
    ) {
        let number = number.index(image().len());
        let (store, _) = damaged(number, |bytes| bytes.truncate(length.index(bytes.len())));
        ask_everything(&store);
    }

    #[test]
    fn damage_under_a_checksum_that_fits_never_panics(
        number in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let ours: Vec<usize> = (0..image().len())
            .filter(|i| image()[*i].0.extension().is_some_and(|e| ["facts", "view", "vec", "base", "delta"].iter().any(|ours| e == *ours)))
            .collect();
        let (store, _) = damaged(ours[number.index(ours.len())], |bytes| {
            let body = bytes.len() - crate::component::CHECKSUM_LEN;
            for (place, byte) in &changes {
                let header = crate::component::HEADER_LEN;
                bytes[header + place.index(body - header)] = *byte;
            }
            let checksum = blake3::hash(&bytes[..body]);
            bytes[body..].copy_from_slice(&checksum.as_bytes()[..crate::component::CHECKSUM_LEN]);
        });
        ask_everything(&store);
    }
}
