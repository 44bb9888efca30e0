//! The model from its bytes up: words, pieces, the file, vectors, and the model that is shipped.

use flux_core::{Embedder, Passage};

use super::format::{FormatError, HEADER, Trained, Weights, write};
use super::tokenizer::{MAX_WORD, for_each_piece, for_each_word};
use super::{BuiltinModel, PieceTable, table_bytes};

#[track_caller]
fn words(text: &str, expected: &str) {
    let mut found = Vec::new();
    for_each_word(text, |word| found.push(String::from_utf8_lossy(word).into_owned()));
    assert_eq!(found.join(" "), expected);
}

#[test]
fn identifiers_fall_apart_at_changes_of_case() {
    words("parseHTTPResponse", "parse http response");
    words("HTTPServer XMLReader IOError", "http server xml reader io error");
    words("snake_case SCREAMING_CASE kebab-case", "snake case screaming case kebab case");
    words("aB Ab AB aBC", "a b ab ab a bc");
    words("Vec<u8> utf8Len x86_64", "vec u 8 utf 8 len x 86 64");
}

#[test]
fn what_is_no_letter_and_no_digit_is_left_out() {
    words("", "");
    words("+-*/ \n\t{}();", "");
    words("a→b «c» 3×4", "a b c 3 4");
}

#[test]
fn letters_beyond_ascii_keep_their_case() {
    words("ГлавнаяСтраница naïve ÉCOLE", "главная страница naïve école");
    words("größeÄndern", "größe ändern");
    words("日本語 text", "日本語 text");
    words("İstanbul", "i\u{307}stanbul");
}

#[test]
fn a_run_of_letters_without_end_is_cut() {
    let run = "a".repeat(2 * MAX_WORD + 3);
    let (whole, rest) = ("a".repeat(MAX_WORD), "aaa");
    words(&run, &format!("{whole} {whole} {rest}"));
    let wide = "語".repeat(MAX_WORD);
    let part = "語".repeat(MAX_WORD / 3);
    words(&wide, &[part.as_str(); 3].join(" "));
}

/// `read`, `reader`, `re`, `q`; and `##er`, `##e`.
fn pieces() -> Vec<String> {
    ["read", "reader", "re", "q", "er", "e"].map(str::to_owned).to_vec()
}

#[track_caller]
fn cut(text: &str, expected: &[u16]) {
    let (slots, offsets, strings) = table_bytes(&pieces(), 4);
    let table = PieceTable::new(&slots, &offsets, &strings, 4).unwrap();
    let mut found = Vec::new();
    for_each_piece(&table, text, |piece| found.push(piece));
    assert_eq!(found, expected);
}

#[test]
fn a_word_is_one_piece_or_the_longest_that_fit() {
    cut("Read", &[0]);
    cut("reader", &[1]);
    cut("readerer", &[1, 4]);
    cut("ree", &[2, 5]);
    cut("q", &[3]);
}

#[test]
fn letters_without_a_piece_are_left_out() {
    cut("zzz", &[]);
    cut("readzer", &[0, 4]);
    cut("er", &[]);
}

#[test]
fn every_piece_is_found_and_nothing_else() {
    let all: Vec<String> = (0..3000).map(|at| format!("w{}", at % 1500)).collect();
    let (slots, offsets, strings) = table_bytes(&all, 1500);
    let table = PieceTable::new(&slots, &offsets, &strings, 1500).unwrap();
    for at in 0..1500_u16 {
        let text = format!("w{at}");
        assert_eq!(table.start(text.as_bytes()), Some(at));
        assert_eq!(table.continuation(text.as_bytes()), Some(at + 1500));
        assert_eq!(table.text(at), text.as_bytes());
    }
    assert_eq!((table.len(), table.starts()), (3000, 1500));
    assert_eq!(table.start(b"w1500"), None);
    assert_eq!(table.text(3000), b"");
}

/// Four words on two axes: reading and speed.
fn small() -> Vec<u8> {
    let pieces = ["read", "load", "fast", "the"].map(str::to_owned);
    let rows = [1.0, 0.0, 0.9, 0.1, 0.0, 0.5, 0.1, 0.1];
    let weights = [1.0, 1.0, 2.0, 0.0];
    write(&Trained { version: 7, pieces: &pieces, starts: 4, rows: &rows, weights: &weights })
}

fn passage<'a>(context: &'a str, text: &'a str) -> Passage<'a> {
    Passage { context, text }
}

#[track_caller]
fn is_near(found: &[f32], expected: &[f32]) {
    let is_near = found.len() == expected.len()
        && found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 0.01);
    assert!(is_near, "{found:?} is not {expected:?}");
}

#[test]
fn a_passage_is_the_direction_of_the_sum_of_its_pieces() {
    let model = BuiltinModel::new(small()).unwrap();
    let found = model
        .embed_passages(&[
            passage("", "read fast"),
            passage("", "read read read read fast"),
            passage("fast", "read"),
            passage("", "unknown"),
        ])
        .unwrap();
    is_near(&found[0], &[0.894, 0.447]);
    is_near(&found[1], &[0.970, 0.243]);
    is_near(&found[2], &[0.555, 0.832]);
    is_near(&found[3], &[0.0, 0.0]);
}

#[test]
fn a_question_weighs_its_words() {
    let model = BuiltinModel::new(small()).unwrap();
    is_near(&model.embed_query("the read fast").unwrap(), &[0.707, 0.707]);
    is_near(&[model.query_weight("fast").unwrap()], &[1.0]);
    assert_eq!(model.query_weight("the"), None);
    assert_eq!(model.query_weight("unknown"), None);
}

#[test]
fn a_text_has_the_same_vector_whatever_comes_with_it() {
    let model = BuiltinModel::new(small()).unwrap();
    let alone = model.embed_passages(&[passage("load", "fast the")]).unwrap();
    let together = [passage("the", "read"), passage("load", "fast the")];
    assert_eq!(model.embed_passages(&together).unwrap()[1], alone[0]);
}

#[test]
fn related_words_come_nearest_first_without_the_word_itself() {
    let model = BuiltinModel::new(small()).unwrap();
    let found = model.related("read", 2);
    assert_eq!(found.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>(), ["load", "the"]);
    is_near(&[found[0].1, found[1].1], &[0.994, 0.707]);
    assert_eq!(model.related("read", 0), []);
    assert_eq!(model.related("unknown", 5), []);
}

#[test]
fn the_name_tells_version_and_content() {
    let name = |bytes: Vec<u8>| Weights::read(bytes).unwrap().name();
    let pieces = ["read".to_owned()];
    let one = |value| Trained {
        version: 7,
        pieces: &pieces,
        starts: 1,
        rows: if value { &[1.0, 0.5] } else { &[1.0, 0.4] },
        weights: &[1.0],
    };
    assert!(name(small()).starts_with("builtin/7-"));
    assert_eq!(name(write(&one(true))), name(write(&one(true))));
    assert_ne!(name(write(&one(true))), name(write(&one(false))));
}

#[test]
fn a_file_cut_short_or_made_longer_is_an_error() {
    let whole = small();
    for end in 0..whole.len() {
        assert!(Weights::read(whole[..end].to_vec()).is_err(), "{end}");
    }
    let mut longer = whole;
    longer.push(0);
    assert_eq!(Weights::read(longer).unwrap_err(), FormatError::Damaged("its length"));
}

#[test]
fn a_changed_byte_is_an_error_or_found_by_verifying() {
    let whole = small();
    for at in (0..whole.len()).filter(|at| !(44..HEADER).contains(at)) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        let Ok(model) = BuiltinModel::new(damaged) else { continue };
        assert!(model.verify().is_err(), "{at}");
        // What is not verified may be wrong but never ends the program.
        model.embed_query("read the load faster").unwrap();
        model.embed_passages(&[passage("re", "read fast")]).unwrap();
        model.related("read", 3);
    }
}

#[test]
fn another_file_or_layout_is_refused() {
    assert_eq!(Weights::read(&b"something else"[..]).unwrap_err(), FormatError::NotAModel);
    let mut newer = small();
    newer[8] = 9;
    assert_eq!(Weights::read(newer).unwrap_err(), FormatError::Layout(9));
}

#[test]
fn the_file_may_lie_at_any_address() {
    let model = BuiltinModel::new(small()).unwrap();
    let shifted: &'static [u8] = [vec![0], small()].concat().leak();
    let other = BuiltinModel::new(&shifted[1..]).unwrap();
    assert_eq!(model.embed_query("read fast").unwrap(), other.embed_query("read fast").unwrap());
}

#[test]
fn the_bundled_model_is_whole_and_knows_what_code_is_about() {
    let model = BuiltinModel::bundled().unwrap();
    model.verify().unwrap();
    assert_eq!(model.dimensions(), 256);
    let passages = [
        passage("src/http/client.rs", "fn send(&self, request: Request) -> Response"),
        passage("src/auth/token.py", "def refresh_token(session): return session.renew()"),
        passage("src/math/matrix.c", "void multiply(double *a, double *b, int rows)"),
    ];
    let vectors = model.embed_passages(&passages).unwrap();
    let nearest = |question: &str| {
        let query = model.embed_query(question).unwrap();
        let cosine = |vector: &Vec<f32>| vector.iter().zip(&query).map(|(a, b)| a * b).sum::<f32>();
        let cosines: Vec<f32> = vectors.iter().map(cosine).collect();
        (0..3).max_by(|a, b| cosines[*a].total_cmp(&cosines[*b])).unwrap()
    };
    assert_eq!(nearest("where are web calls made"), 0);
    assert_eq!(nearest("how is a login kept alive"), 1);
    assert_eq!(nearest("linear algebra"), 2);
    for vector in &vectors {
        is_near(&[vector.iter().map(|value| value * value).sum()], &[1.0]);
    }
    let related: Vec<String> =
        model.related("delete", 12).into_iter().map(|found| found.0).collect();
    assert!(related.iter().any(|word| word.starts_with("remove")), "{related:?}");
}
