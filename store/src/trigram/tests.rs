//! The index against a naive map, and against bytes that are not an index.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{
    TRIGRAM_VERSION, TrigramBuilder, TrigramError, TrigramIndex, TrigramQuery, TrigramSet, trigram,
};

fn naive(text: &[u8]) -> Vec<u32> {
    let windows = text.windows(3).filter(|window| !window.contains(&b'\n'));
    let set: BTreeSet<u32> =
        windows.map(|window| trigram([window[0], window[1], window[2]])).collect();
    set.into_iter().collect()
}

fn build(documents: &[Vec<u32>]) -> Vec<u8> {
    let mut builder = TrigramBuilder::new();
    for (id, trigrams) in documents.iter().enumerate() {
        builder.push(id as u32, trigrams);
    }
    builder.finish()
}

fn index(texts: &[&str]) -> TrigramIndex<Vec<u8>> {
    let documents: Vec<_> = texts.iter().map(|text| naive(text.as_bytes())).collect();
    TrigramIndex::open(build(&documents)).unwrap()
}

fn letter(name: &[u8; 3]) -> TrigramQuery {
    TrigramQuery::Trigram(trigram(*name))
}

#[test]
fn extraction_folds_letters_and_stops_at_line_feeds() {
    let mut set = TrigramSet::new();
    assert_eq!(set.extract(b"ABCd"), [trigram(*b"abc"), trigram(*b"bcd")]);
    assert_eq!(set.extract(b"ab\ncd\n\nefg\n"), [trigram(*b"efg")]);
    assert_eq!(set.extract(b""), Vec::<u32>::new());
    assert_eq!(set.extract("É".as_bytes()), Vec::<u32>::new());
    assert_eq!(set.extract(&[0xff, 0, 0xfe]), [0x00ff_00fe]);
}

#[test]
fn a_common_trigram_gives_every_document_only_in_large_indexes() {
    let many: Vec<_> = (0..64).map(|id| naive(if id % 2 == 0 { b"abc" } else { b"xyz" })).collect();
    let large = TrigramIndex::open(build(&many)).unwrap();
    assert!(large.postings(trigram(*b"abc")).is_every());
    assert_eq!(large.postings(trigram(*b"abc")).count(), 64);

    let small = TrigramIndex::open(build(&many[..63])).unwrap();
    assert!(!small.postings(trigram(*b"abc")).is_every());
    assert_eq!(small.postings(trigram(*b"abc")).count(), 32);
}

#[test]
fn documents_without_trigrams_are_counted() {
    let mut builder = TrigramBuilder::new();
    builder.push(3, &naive(b"abc"));
    builder.push(9, &[]);
    let index = TrigramIndex::open(builder.finish()).unwrap();
    assert_eq!(index.document_count(), 10);
    assert_eq!(index.postings(trigram(*b"abc")).collect::<Vec<_>>(), [3]);
    assert_eq!(index.candidates(&TrigramQuery::All).len(), 10);
}

#[test]
fn an_index_without_documents_answers_nothing() {
    let index = TrigramIndex::open(TrigramBuilder::new().finish()).unwrap();
    assert_eq!(index.document_count(), 0);
    assert_eq!(index.candidates(&TrigramQuery::All), Vec::<u32>::new());
    assert_eq!(index.postings(0).next(), None);
}

#[test]
fn queries_are_boolean() {
    let index = index(&["abcd", "bcde", "abc cde", "zzz"]);
    let check = |query: TrigramQuery, expected: &[u32]| {
        assert_eq!(index.candidates(&query), expected, "{query:?}");
    };
    check(letter(b"abc"), &[0, 2]);
    check(letter(b"qqq"), &[]);
    check(TrigramQuery::None, &[]);
    check(TrigramQuery::And(vec![]), &[0, 1, 2, 3]);
    check(TrigramQuery::Or(vec![]), &[]);
    check(TrigramQuery::And(vec![letter(b"abc"), letter(b"cde")]), &[2]);
    check(TrigramQuery::Or(vec![letter(b"zzz"), letter(b"abc")]), &[0, 2, 3]);
    check(TrigramQuery::Or(vec![letter(b"zzz"), TrigramQuery::All]), &[0, 1, 2, 3]);
    check(TrigramQuery::And(vec![TrigramQuery::All, letter(b"bcd")]), &[0, 1]);
    check(TrigramQuery::literal(b"BCDE"), &[1]);
    check(TrigramQuery::literal(b"zz"), &[0, 1, 2, 3]);
}

#[test]
fn joining_queries_leaves_out_what_says_nothing() {
    let [first, second] = [letter(b"abc"), letter(b"def")];
    assert_eq!(TrigramQuery::and([TrigramQuery::All, first.clone()]), first);
    assert_eq!(TrigramQuery::and([TrigramQuery::None, first.clone()]), TrigramQuery::None);
    assert_eq!(TrigramQuery::or([TrigramQuery::All, first.clone()]), TrigramQuery::All);
    assert_eq!(TrigramQuery::or([TrigramQuery::None, first.clone()]), first);
    let both = TrigramQuery::and([first.clone(), second.clone()]);
    assert_eq!(both, TrigramQuery::And(vec![first.clone(), second.clone()]));
    assert_eq!(
        TrigramQuery::or([both.clone(), TrigramQuery::or([second.clone(), first.clone()])]),
        { TrigramQuery::Or(vec![both, second, first]) }
    );
}

#[test]
fn foreign_bytes_are_refused_by_what_is_wrong_with_them() {
    let good = build(&[naive(b"abc"), naive(b"abcd")]);
    let open = |bytes: &[u8]| TrigramIndex::open(bytes.to_vec()).unwrap_err();
    assert_eq!(open(b""), TrigramError::NotAnIndex);
    assert_eq!(open(b"something else entirely"), TrigramError::NotAnIndex);
    assert!(matches!(open(&good[..20]), TrigramError::Damaged(_)));
    assert!(matches!(open(&good[..good.len() - 1]), TrigramError::Damaged(_)));
    let mut newer = good.clone();
    newer[8] += 1;
    assert_eq!(open(&newer), TrigramError::Version { found: TRIGRAM_VERSION + 1 });
}

#[test]
fn a_damaged_list_gives_every_document() {
    let mut bytes = build(&[naive(b"abc"), naive(b"abc"), naive(b"abd")]);
    // The only list is the last section: a bitmap of one byte, here with a document too many.
    *bytes.last_mut().unwrap() = 0xff;
    let index = TrigramIndex::open(bytes).unwrap();
    assert_eq!(index.candidates(&letter(b"abc")), [0, 1, 2]);
    let mut postings = index.postings(trigram(*b"abc"));
    assert_eq!(postings.by_ref().count(), 3);
    assert!(postings.is_damaged());
}

#[test]
fn damage_makes_no_trigram_of_more_than_24_bits() {
    let bytes = build(&[naive(b"abcd"), naive(b"bcde"), naive(b"\xff\xff\xff\xff")]);
    for place in 0..bytes.len() {
        for flip in [1, 57, 128, 255] {
            let mut damaged = bytes.clone();
            damaged[place] ^= flip;
            let Ok(index) = TrigramIndex::open(damaged) else { continue };
            if index.document_count() <= 3 {
                let trigrams = index.documents().concat();
                assert!(trigrams.iter().all(|trigram| trigram >> 24 == 0), "at {place}");
            }
        }
    }
}

/// Documents drawn so that some trigrams are rare, some dense and some common.
fn documents() -> impl Strategy<Value = Vec<Vec<u32>>> {
    let skewed = prop_oneof![0_u32..8, 0_u32..400, 0x00ff_fff0_u32..0x0100_0000];
    let document = prop::collection::btree_set(skewed, 0..40);
    prop::collection::vec(document.prop_map(|set| set.into_iter().collect()), 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn extraction_equals_the_naive_set(texts in prop::collection::vec(
        prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'A'), b'a'..b'd', any::<u8>()], 0..60),
        0..4,
    )) {
        let mut set = TrigramSet::new();
        for text in texts {
            prop_assert_eq!(set.extract(&text), naive(&text));
        }
    }

    #[test]
    fn postings_equal_a_naive_map(documents in documents()) {
        let mut expected: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (id, document) in documents.iter().enumerate() {
            for &trigram in document {
                expected.entry(trigram).or_default().push(id as u32);
            }
        }
        let index = TrigramIndex::open(build(&documents)).unwrap();
        prop_assert_eq!(index.document_count() as usize, documents.len());
        for trigram in (0..420).chain(0x00ff_ffe0..0x0100_0000) {
            let postings = index.postings(trigram);
            let naive = expected.get(&trigram).cloned().unwrap_or_default();
            if postings.is_every() {
                prop_assert!(documents.len() >= 64 && naive.len() * 3 > documents.len());
            } else {
                prop_assert_eq!(postings.collect::<Vec<_>>(), naive);
            }
        }
    }

    #[test]
    fn damaged_bytes_never_panic(
        documents in documents(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let mut bytes = build(&documents);
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let Ok(index) = TrigramIndex::open(bytes) else { return Ok(()) };
        for trigram in 0..420 {
            let ids: Vec<u32> = index.postings(trigram).take(1000).collect();
            prop_assert!(ids.iter().all(|id| *id < index.document_count()));
            prop_assert!(ids.is_sorted());
        }
    }
}
