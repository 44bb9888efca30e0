//! Chunks and what they are found under, on texts of every shape.

use flux_core::RepoPath;
use flux_grammars::Extractor;
use flux_store::lexical::Field;
use flux_store::lexical::text::exact_name;
use proptest::prelude::*;

use super::Indexed;
use crate::chunk::chunk;
use crate::lines::Lines;

/// A piece of Python: definitions nested by indentation, blank lines, comments, long bodies.
fn source() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n"),
        Just("# a comment\n"),
        Just("value = compute(value)\n"),
        Just("class Big:\n"),
        Just("def short(self):\n"),
        Just("    def inner(self):\n"),
        Just("        return self.value\n"),
        Just("    \n"),
    ];
    let run = (piece, prop_oneof![Just(1_usize), Just(2), Just(90)]);
    prop::collection::vec(run.prop_map(|(piece, times)| piece.repeat(times)), 0..25)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn chunks_are_ordered_and_cover_every_line_that_is_not_blank(
        text in source(),
        has_end in any::<bool>(),
    ) {
        let text = if has_end { text.as_str() } else { text.trim_end() };
        let lines = Lines::of(text);
        let grammar = flux_grammars::detect(&RepoPath::new("a.py"), text).unwrap();
        // A text that costs too much to parse is cut without symbols, as the indexer does.
        let extracted = Extractor::default().extract(grammar, text);
        let symbols = extracted.map(|extracted| extracted.symbols).unwrap_or_default();
        let chunks = chunk(text, &lines, &symbols);
        let mut covered = vec![0; lines.count() as usize + 1];
        let mut end = 0;
        for chunk in &chunks {
            prop_assert!(chunk.span.start >= end && chunk.span.end as usize <= text.len());
            end = chunk.span.end;
            prop_assert_eq!(lines.start_of(chunk.lines.start), chunk.span.start);
            prop_assert_eq!(lines.start_of(chunk.lines.end + 1), chunk.span.end);
            (chunk.lines.start..=chunk.lines.end).for_each(|line| covered[line as usize] += 1);
            for symbol in &symbols[chunk.symbols()] {
                prop_assert!(chunk.span.contains(symbol.name_span));
            }
            if let Some(owner) = chunk.owner {
                prop_assert!((owner.0 as usize) < symbols.len());
            }
        }
        for (number, line) in (1..).zip(text.lines()) {
            let times: i32 = covered[number];
            prop_assert!(times == 1 || (times == 0 && line.trim().is_empty()), "line {}", number);
        }
        let named: usize = chunks.iter().map(|chunk| chunk.symbols().len()).sum();
        prop_assert_eq!(named, symbols.len(), "every symbol is named in one chunk");
    }
}

/// The files and chunks that a term of a field leads to.
fn found(indexed: &Indexed, field: Field, term: &str) -> Vec<String> {
    let snapshot = indexed.snapshot();
    let mut found = Vec::new();
    let each = |file, chunk| found.push(format!("{} {chunk}", snapshot.view().file(file).path));
    snapshot.lexical().unwrap().chunks_with(field, term, each).unwrap();
    found.sort();
    found
}

#[test]
fn a_chunk_is_found_by_name_path_signature_doc_and_body() {
    let indexed = Indexed::new(
        "//- /net/retry_policy.py\nclass Backoff:\n    \"\"\"Waits between attempts.\"\"\"\n\n    \
         def delay(self, attempt):\n        return jitter(attempt)\n//- /other.py\nx = 1\n",
    );
    let here = ["net/retry_policy.py 0"];
    for (field, term) in [
        (Field::Name, "backoff"),
        (Field::Name, "delay"),
        (Field::Name, &*exact_name("Backoff")),
        (Field::Path, "retri"),
        (Field::Path, "net"),
        (Field::Signature, "backoff"),
        (Field::Doc, "attempt"),
        (Field::Body, "jitter"),
    ] {
        assert_eq!(found(&indexed, field, term), here, "{field:?} {term}");
    }
    assert_eq!(found(&indexed, Field::Path, "other"), ["other.py 0"]);
    assert_eq!(found(&indexed, Field::Name, "jitter"), Vec::<String>::new());
}

#[test]
fn a_moved_file_is_found_under_its_new_path_only() {
    let indexed = Indexed::new("//- /old/place.py\ndef thing(): pass\n");
    indexed.world.rename("old", "fresh");
    assert_eq!(indexed.index().parsed, 0);
    assert_eq!(found(&indexed, Field::Path, "old"), Vec::<String>::new());
    assert_eq!(found(&indexed, Field::Path, "fresh"), ["fresh/place.py 0"]);
    assert_eq!(found(&indexed, Field::Name, "thing"), ["fresh/place.py 0"]);
}

#[test]
fn a_later_chunk_of_a_long_function_is_found_by_the_function_s_name() {
    let body = "    total = total + compute_something(total)\n".repeat(150);
    let indexed =
        Indexed::new(&format!("//- /a.py\ndef accumulate(total):\n{body}    return last\n"));
    let snapshot = indexed.snapshot();
    let outline = snapshot.outline(snapshot.view().find("a.py").unwrap()).unwrap();
    let last = outline.chunks.len() - 1;
    assert!(last > 0, "it is long enough to be cut");
    assert!(found(&indexed, Field::Signature, "accumul").contains(&format!("a.py {last}")));
    assert_eq!(found(&indexed, Field::Name, "accumul"), ["a.py 0"]);
}

#[test]
fn utf_16_is_found_like_any_other_text() {
    let indexed = Indexed::unindexed("");
    let text = "def žluť():\n    return 'kůň'\n";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    indexed.world.write("wide.py", [&[0xFE, 0xFF][..], &bytes].concat());
    indexed.index();
    assert_eq!(found(&indexed, Field::Name, "žluť"), ["wide.py 0"]);
    let snapshot = indexed.snapshot();
    let query = flux_store::trigram::TrigramQuery::literal("return".as_bytes());
    assert_eq!(snapshot.candidates(&query).len(), 1);
}
