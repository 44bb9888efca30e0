//! The full-text part as a whole: what is added is found, scored and removed.

use flux_core::FileId;
use rustc_hash::FxHashMap;

use super::index::Load;
use super::text::exact_name;
use super::{
    ChunkDocument, Field, LexicalReader, LexicalWriter, MappedSegments, QueryTerm, Scores, Weights,
};
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
        let files: FxHashMap<UnitKey, FileId> =
            (0..).zip(units).map(|(file, unit)| (UnitKey(*unit), FileId(file))).collect();
        let segments = MappedSegments::map(&self.layout, &self.meta).unwrap();
        segments.read(&files, units.len()).unwrap()
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
    reader
        .chunks_with(Field::Name, &exact_name("SESSION"), |file, chunk| found.push((file.0, chunk)))
        .unwrap();
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

#[test]
fn a_chunk_s_score_is_bm25f() {
    let mut world = World::new();
    world.add(&[(1, 0, "alpha", "alpha beta"), (2, 0, "beta", "gamma")]);
    let scores = score(&world.reader(&[1, 2]), &["alpha"]);
    // One of two chunks: ln(1 + 1.5 / 1.5). Name: `alpha` and its exact form; body: two words.
    let rarity = 2.0_f32.ln();
    let frequency = 2.0 / (0.5 + 0.5 * 2.0 / 4.0) + 1.0 / (0.5 + 0.5 * 2.0 / 130.0);
    assert_eq!(scores.rarity, [rarity]);
    assert_eq!(scores.chunks.len(), 1);
    let found = scores.chunks[0];
    assert_eq!((found.file, found.chunk, found.matched), (FileId(0), 0, 1));
    let expected = rarity * frequency / (1.2 + frequency);
    assert!((found.score - expected).abs() < 1e-5, "{} is not {expected}", found.score);
}

#[test]
fn what_no_view_holds_changes_no_score() {
    let chunks = [(1, 0, "alpha", "alpha beta"), (2, 0, "beta", "gamma")];
    let mut alone = World::new();
    alone.add(&chunks);
    let mut crowded = World::new();
    crowded.add(&[(3, 0, "alpha", "alpha alpha alpha"), (4, 0, "beta", "beta")]);
    crowded.add(&chunks);
    for words in [&["alpha"][..], &["beta", "gamma"], &["absent"]] {
        assert_eq!(score(&crowded.reader(&[1, 2]), words), score(&alone.reader(&[1, 2]), words));
    }
    assert_eq!(crowded.reader(&[1, 2]).live_chunks(), 2);
    assert_eq!(crowded.reader(&[1, 2]).total_chunks(), 4);
}

#[test]
fn a_rare_word_outweighs_a_common_one_and_a_variant_counts_for_less() {
    let mut world = World::new();
    let common: Vec<(u64, u32, &str, &str)> =
        (1..=20).map(|unit| (unit, 0, "", "common")).collect();
    world.add(&common);
    world.add(&[(21, 0, "", "rare"), (22, 0, "", "synonym")]);
    let units: Vec<u64> = (1..=22).collect();
    let reader = world.reader(&units);
    let both = score(&reader, &["common", "rare"]);
    assert!(both.rarity[1] > both.rarity[0] * 4.0, "{:?}", both.rarity);
    let best = both.chunks.iter().max_by(|a, b| a.score.total_cmp(&b.score)).unwrap();
    assert_eq!((best.file, best.matched), (FileId(20), 0b10));
    let variants = vec![("rare".to_owned(), 1.0), ("synonym".to_owned(), 0.3)];
    let term = QueryTerm { variants, weight: 1.0 };
    let scores = reader.score(&[term], &WEIGHTS).unwrap();
    let [typed, variant] = &scores.chunks[..] else { panic!("{scores:?}") };
    assert!(typed.score > variant.score && variant.score > 0.0);
    assert_eq!((typed.matched, variant.matched), (1, 1));
}

#[test]
fn terms_are_listed_by_prefix_up_to_a_length_and_until_told_to_stop() {
    let mut world = World::new();
    world.add(&[(1, 0, "", "parse parser token")]);
    world.add(&[(2, 0, "", "parade parse")]);
    let reader = world.reader(&[1, 2]);
    let terms = |prefix, longest| reader.terms_with_prefix(Field::Body, prefix, longest).unwrap();
    assert_eq!(terms("par", 10), ["parad", "pars", "parser"]);
    assert_eq!(terms("par", 5), ["parad", "pars"], "no term is longer than asked for");
    assert_eq!(terms("x", 10), Vec::<String>::new());
    let mut seen = Vec::new();
    let each = |term: &str| {
        seen.push(term.to_owned());
        false
    };
    reader.each_term(Field::Body, "pars", each).unwrap();
    assert_eq!(seen, ["pars", "pars"], "the first of each segment");
}

#[test]
fn removed_units_are_gone_and_compacting_leaves_one_segment() {
    let mut world = World::new();
    for unit in 1..=4 {
        world.add(&[(unit, 0, "shared", ""), (unit, 1, "shared", "")]);
    }
    let mut writer = LexicalWriter::open(&world.layout, &world.meta, Load::Update).unwrap();
    writer.remove(UnitKey(2));
    world.meta = writer.finish(true).unwrap();
    let reader = world.reader(&[1, 2, 3, 4]);
    assert_eq!((reader.segments.len(), reader.total_chunks(), reader.live_chunks()), (1, 6, 6));
    let mut units: Vec<u64> = super::reader::known_units(&world.layout, &world.meta)
        .unwrap()
        .into_iter()
        .map(|unit| unit.0)
        .collect();
    units.sort_unstable();
    assert_eq!(units, [1, 3, 4]);
}

mod words {
    use proptest::prelude::*;

    use super::super::text::{Analyzer, TermKind, exact_name, parts, runs, whole};

    fn wholes(text: &str) -> Vec<String> {
        let terms = Analyzer::default().terms(text).into_iter();
        terms.filter(|(kind, _)| *kind == TermKind::Whole).map(|(_, term)| term).collect()
    }

    #[test]
    fn every_spelling_of_a_name_meets_the_others() {
        let spellings = ["parse_http_body", "parseHttpBody", "ParseHTTPBody", "PARSE_HTTP_BODY"];
        for spelling in spellings {
            assert_eq!(wholes(spelling), ["parsehttpbody"], "{spelling}");
            assert_eq!(exact_name(spelling), "=parsehttpbody");
        }
        assert_eq!(whole("some-css-class"), "somecssclass");
        assert_eq!(whole("ŽLUŤ_Kůň"), "žluťkůň");
    }

    #[test]
    fn short_and_foreign_words_are_not_stemmed() {
        let terms = |text: &str| -> Vec<String> {
            Analyzer::default().terms(text).into_iter().map(|(_, term)| term).collect()
        };
        assert_eq!(terms("is IDs größer users"), ["is", "ids", "größer", "user"]);
        assert_eq!(terms(""), Vec::<String>::new());
        assert_eq!(terms("___ --- ..."), Vec::<String>::new());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn parts_are_the_run_without_its_underscores(run in "[a-zA-Z0-9_žŽ析解ǅ]{0,20}") {
            prop_assert_eq!(parts(&run).collect::<String>(), run.replace('_', ""));
            prop_assert!(parts(&run).all(|part| !part.is_empty()));
        }

        #[test]
        fn terms_are_lower_case_words_and_repeat_themselves(text in "\\PC{0,60}") {
            let mut analyzer = Analyzer::default();
            let terms = analyzer.terms(&text);
            prop_assert_eq!(&analyzer.terms(&text), &terms, "the memo changes nothing");
            for (_, term) in &terms {
                prop_assert!(!term.is_empty() && term.len() <= 64);
                prop_assert_eq!(runs(term).count(), 1, "{}", term);
            }
        }
    }
}
