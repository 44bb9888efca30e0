//! The full-text part as a whole: what is added is found, scored and removed.

use std::collections::HashMap;

use flux_core::FileId;

use super::index::Load;
use super::text::exact_name;
use super::{ChunkDocument, Field, LexicalReader, LexicalWriter, QueryTerm, Scores, Weights};
use crate::key::UnitKey;
use crate::layout::Layout;

const WEIGHTS: Weights = Weights {
    field: [2.0, 1.0, 1.0, 1.0, 1.0],
    length: [0.5; 5],
    usual: [4.0, 8.0, 14.0, 30.0, 130.0],
    k1: 1.2,
    file_k1: 1.2,
    file_length: 0.3,
};

struct World {
    _folder: tempfile::TempDir,
    layout: Layout,
    meta: String,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        std::fs::create_dir_all(layout.lexical()).unwrap();
        Self { _folder: folder, layout, meta: String::new() }
    }

    /// One commit with a chunk for each (unit, ordinal, name, body).
    fn add(&mut self, chunks: &[(u64, u32, &str, &str)]) {
        let mut writer = LexicalWriter::open(&self.layout, &self.meta, Load::Update).unwrap();
        for (unit, ordinal, name, body) in chunks {
            let document = ChunkDocument {
                ordinal: *ordinal,
                name: (*name).to_owned(),
                body: (*body).to_owned(),
                ..ChunkDocument::default()
            };
            writer.add(UnitKey(*unit), document).unwrap();
        }
        self.meta = writer.finish(false).unwrap();
    }

    fn reader(&self, units: &[u64]) -> LexicalReader {
        let files: HashMap<UnitKey, FileId> =
            (0..).zip(units).map(|(file, unit)| (UnitKey(*unit), FileId(file))).collect();
        LexicalReader::open(&self.layout, &self.meta, &files, units.len()).unwrap()
    }
}

fn score(reader: &LexicalReader, words: &[&str]) -> Scores {
    let terms: Vec<QueryTerm> = words
        .iter()
        .map(|word| QueryTerm { variants: vec![((*word).to_owned(), 1.0)], weight: 1.0 })
        .collect();
    reader.score(&terms, &WEIGHTS).unwrap()
}

#[test]
fn the_same_chunks_score_the_same_however_they_were_committed() {
    let chunks = [
        (1, 0, "parse_json", "fn parse_json(text: &str)"),
        (1, 1, "helper", "fn helper() { parse_json(text) }"),
        (2, 0, "Session", "struct Session { token: String }"),
    ];
    let mut at_once = World::new();
    at_once.add(&chunks);
    let mut by_and_by = World::new();
    by_and_by.add(&[(9, 0, "gone", "fn gone() { parse_json() }")]);
    for chunk in chunks.iter().rev() {
        by_and_by.add(&[*chunk]);
    }
    let words = ["pars", "parsejson", "token"];
    let expected = score(&at_once.reader(&[1, 2]), &words);
    assert_eq!(expected.chunks.len(), 3);
    assert!(expected.chunks[0].score > expected.chunks[1].score, "the definition comes first");
    assert_eq!(score(&by_and_by.reader(&[1, 2]), &words), expected);
}

#[test]
fn an_exact_name_is_found_without_its_compounds() {
    let mut world = World::new();
    world.add(&[(1, 0, "Session", ""), (2, 0, "create_session", ""), (3, 5, "session", "")]);
    let mut found = Vec::new();
    let reader = world.reader(&[1, 2, 3]);
    reader.chunks_with(Field::Name, &exact_name("SESSION"), |file, chunk| found.push((file.0, chunk))).unwrap();
    found.sort_unstable();
    assert_eq!(found, [(0, 0), (2, 5)]);
}

#[test]
fn many_small_commits_are_merged_and_lose_nothing() {
    let mut world = World::new();
    let units: Vec<u64> = (1..=26).collect();
    for unit in &units {
        world.add(&[(*unit, 0, "shared", "fn shared()")]);
    }
    let reader = world.reader(&units);
    assert!(reader.segments.len() <= 13, "{} segments", reader.segments.len());
    assert_eq!(score(&reader, &["share"]).files.len(), units.len());
}
