//! The whole way from pairs to a model that answers, on a made-up language of topics: each topic
//! is asked about with some words and coded with others, and only training can connect them.

use std::fs;
use std::path::Path;

use flux_core::{Embedder, Passage};
use flux_embed::builtin::BuiltinModel;

use crate::corpus::Side;
use crate::fit::{Options, fit};
use crate::measure::measure;
use crate::pairs::Purpose;
use crate::random::Random;
use crate::table::Table;
use crate::vocabulary::Vocabulary;
use crate::{cache, pairs, run, vocabulary};

const TOPICS: usize = 12;
const REPOSITORIES: usize = 12;

fn options() -> Options {
    Options {
        epochs: 12,
        rate: 0.05,
        scale: 13.0,
        blocks: 2,
        block: 16,
        prefix: 0.3,
        context: 0.5,
        context_weight: 1.0,
        share: 1.0,
        balance: 0.0,
        kind: Vec::new(),
        seed: 1,
        dimensions: 16,
    }
}

/// A word of letters only, so that it is one word: `stem` and the number in letters.
fn word(stem: &str, number: usize) -> String {
    let letter = |value: usize| char::from(b'a' + (value % 26) as u8);
    format!("{stem}{}{}", letter(number / 26), letter(number))
}

/// One of three words for a topic, on the side of the question or of the code.
fn topic(stem: &str, topic: usize, random: &mut Random) -> String {
    word(stem, topic * 3 + random.below(3))
}

fn line(kind: &str, of: usize, random: &mut Random) -> String {
    let query = format!("how is {} {} done", topic("ask", of, random), topic("ask", of, random));
    let noise: Vec<String> = (0..6).map(|_| word("noise", random.below(40))).collect();
    let text = format!(
        "fn {}({}) {{ {} }}",
        topic("code", of, random),
        topic("code", of, random),
        noise.join("; ")
    );
    format!(
        "{{\"kind\":\"{kind}\",\"language\":\"rust\",\"path\":\"src/a.rs\",\"query\":\"{query}\",\
         \"context\":\"src {}\",\"text\":\"{text}\"}}\n",
        word("folder", of)
    )
}

/// Training repositories, and one that is held out, with pairs of every topic.
fn write_pairs(folder: &Path) {
    let mut random = Random::new(5, 0);
    fs::create_dir_all(folder.join("held-out")).unwrap();
    for repository in 0..=REPOSITORIES {
        let lines: String =
            (0..TOPICS * 4).map(|pair| line("doc", pair % TOPICS, &mut random)).collect();
        let name = match repository {
            0 => "held-out/o+kept.jsonl".to_owned(),
            other => format!("o+r{other}.jsonl"),
        };
        fs::write(folder.join(name), lines).unwrap();
    }
}

fn learn(folder: &Path) -> Vocabulary {
    let mut repositories = pairs::repositories(folder).unwrap();
    repositories.retain(|repository| repository.purpose == Purpose::Training);
    vocabulary::learn(&repositories, 400).unwrap()
}

#[test]
fn a_model_learns_which_words_of_code_answer_which_words_of_questions() {
    let folder = tempfile::tempdir().unwrap();
    write_pairs(folder.path());
    let vocabulary = learn(folder.path());
    let corpus = cache::load(folder.path(), &vocabulary, None).unwrap();
    let mut table = Table::random(vocabulary.pieces.len(), 16, 1);
    let held_out = corpus.select(Purpose::HeldOut);
    let (before, _) = measure(&corpus, &held_out, &table);
    fit(&corpus, &corpus.select(Purpose::Training), &mut table, &options());
    let (after, _) = measure(&corpus, &held_out, &table);
    assert!(before.reciprocal_rank < 0.3, "{before:?}");
    // Four pairs of each topic are as good as each other.
    assert!(after.reciprocal_rank > 0.45, "{after:?}");

    let out = folder.path().join("model.flux");
    let name = run::save(&vocabulary, &table, 3, &out).unwrap();
    assert!(name.starts_with("builtin/3-"), "{name}");
    let model = BuiltinModel::new(fs::read(&out).unwrap()).unwrap();
    let texts: Vec<String> =
        (0..TOPICS).map(|topic| format!("{} noiseaa noiseab", word("code", topic * 3))).collect();
    let passages: Vec<Passage<'_>> =
        texts.iter().map(|text| Passage { context: "", text }).collect();
    let vectors = model.embed_passages(&passages).unwrap();
    for topic in 0..TOPICS {
        let query = model.embed_query(&format!("how is {} done", word("ask", topic * 3))).unwrap();
        let cosine =
            |at: &usize| -> f32 { vectors[*at].iter().zip(&query).map(|(a, b)| a * b).sum() };
        let nearest = (0..TOPICS).max_by(|a, b| cosine(a).total_cmp(&cosine(b)));
        assert_eq!(nearest, Some(topic));
    }
    let own = model.query_weight(&word("ask", 0)).unwrap();
    assert!(model.query_weight("how").unwrap() < own / 2.0, "a word of every question says little");
}

#[test]
fn a_seed_makes_training_repeatable() {
    let folder = tempfile::tempdir().unwrap();
    write_pairs(folder.path());
    let vocabulary = learn(folder.path());
    let corpus = cache::load(folder.path(), &vocabulary, None).unwrap();
    let trained = |seed| {
        let mut table = Table::random(vocabulary.pieces.len(), 16, 1);
        let options = Options { seed, epochs: 2, ..options() };
        fit(&corpus, &corpus.select(Purpose::Training), &mut table, &options);
        table
    };
    assert_eq!(trained(1), trained(1));
    assert_ne!(trained(1), trained(2));
}

#[test]
fn the_cache_holds_what_was_read_and_is_left_when_the_pairs_change() {
    let folder = tempfile::tempdir().unwrap();
    write_pairs(folder.path());
    let vocabulary = learn(folder.path());
    let file = folder.path().join("cache");
    let load = || cache::load(folder.path(), &vocabulary, Some(&file)).unwrap();
    let read = load();
    assert!(file.exists());
    assert_eq!(load(), read);
    fs::write(folder.path().join("o+r1.jsonl"), line("doc", 0, &mut Random::new(9, 0))).unwrap();
    assert!(load().pairs.len() < read.pairs.len());
}

#[test]
fn code_that_a_held_out_repository_has_is_not_trained_on() {
    let folder = tempfile::tempdir().unwrap();
    write_pairs(folder.path());
    let vocabulary = learn(folder.path());
    let before = cache::load(folder.path(), &vocabulary, None).unwrap();
    fs::copy(folder.path().join("o+r1.jsonl"), folder.path().join("held-out/o+copy.jsonl"))
        .unwrap();
    let after = cache::load(folder.path(), &vocabulary, None).unwrap();
    let lost = before.select(Purpose::Training).len() - after.select(Purpose::Training).len();
    let first = before.pairs.iter().filter(|facts| facts.repository == 1).count();
    assert_eq!(lost, first);
}

#[test]
fn a_bag_counts_pieces_in_order_of_first_occurrence() {
    let folder = tempfile::tempdir().unwrap();
    let pair = |query: &str, text: &str| {
        format!("{{\"kind\":\"doc\",\"query\":\"{query}\",\"text\":\"{text}\"}}\n")
    };
    let lines = [
        pair("read it", "a b c a b a"),
        pair("Read it!", "f e d c b a"),
        pair("short", "a b"),
        pair("", "a b c d e f"),
    ];
    fs::write(folder.path().join("o+n.jsonl"), lines.concat()).unwrap();
    let pieces = ["a", "b", "c", "d", "e", "f", "read", "it", "short"].map(str::to_owned).to_vec();
    let vocabulary = Vocabulary { pieces, starts: 9 };
    let corpus = cache::load(folder.path(), &vocabulary, None).unwrap();
    assert_eq!(corpus.pairs.len(), 1, "twice the same question, too short, and none at all");
    assert_eq!(corpus.bag(0, Side::Query).collect::<Vec<_>>(), [(6, 1), (7, 1)]);
    assert_eq!(corpus.bag(0, Side::Context).count(), 0);
    assert_eq!(corpus.bag(0, Side::Text).collect::<Vec<_>>(), [(0, 3), (1, 2), (2, 1)]);
}

#[test]
fn words_of_several_repositories_are_pieces_and_spell_the_others() {
    let folder = tempfile::tempdir().unwrap();
    for repository in 0..4 {
        let own = ["alpha", "beta", "gamma", "delta"][repository];
        let text = format!("shared words parse {own}parser {own}parser");
        let line = format!("{{\"kind\":\"doc\",\"query\":\"shared\",\"text\":\"{text}\"}}\n");
        fs::write(folder.path().join(format!("o+r{repository}.jsonl")), line).unwrap();
    }
    let vocabulary = vocabulary::learn(&pairs::repositories(folder.path()).unwrap(), 200).unwrap();
    let (starts, continued) = vocabulary.pieces.split_at(vocabulary.starts);
    for word in ["shared", "words", "parse", "a", "9"] {
        assert!(starts.contains(&word.to_owned()), "{word}");
    }
    assert!(!starts.contains(&"alphaparser".to_owned()));
    assert!(continued.contains(&"parser".to_owned()), "{continued:?}");

    let file = folder.path().join("vocabulary.txt");
    vocabulary.save(&file).unwrap();
    assert_eq!(Vocabulary::load(&file).unwrap(), vocabulary);
}

#[test]
fn tables_are_kept_averaged_and_mixed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("table");
    let (one, two) = (Table::random(5, 4, 1), Table::random(5, 4, 2));
    one.save(&file).unwrap();
    assert_eq!(Table::load(&file, 5).unwrap(), one);
    assert!(Table::load(&file, 4).is_err(), "20 rows' numbers are none for 4 pieces of 6");
    let mean = Table::mean(&[one.clone(), two.clone()]);
    assert_eq!(mean.rows[7], (one.rows[7] + two.rows[7]) / 2.0);
    let mut mixed = one.clone();
    mixed.mix(&two.rows, 0.25);
    assert!((mixed.rows[3] - (0.75 * one.rows[3] + 0.25 * two.rows[3])).abs() < 1e-6);
}

#[test]
fn rows_to_begin_with_keep_directions_and_shorten_frequent_pieces() {
    let mut random = Random::new(3, 0);
    // Three directions matter, and the rest is faint.
    let vectors = ndarray::Array2::from_shape_fn((50, 10), |(_, column)| {
        random.normal() * if column < 3 { 1.0 } else { 0.001 } + 0.5
    });
    let mut occurrences = vec![1_u64; 50];
    occurrences[0] = 1_000_000;
    let rows = crate::init::rows(&vectors, &occurrences, 3);
    let length = |at: usize| rows[at * 3..at * 3 + 3].iter().map(|x| x * x).sum::<f32>().sqrt();
    assert!((length(1) - 1.6).abs() < 0.01, "{}", length(1));
    assert!(length(0) < 0.01, "{}", length(0));
    let centre = vectors.mean_axis(ndarray::Axis(0)).unwrap();
    let (a, b) = (&vectors.row(1) - &centre, &vectors.row(2) - &centre);
    let before = a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt();
    let after: f32 = (0..3).map(|at| rows[3 + at] * rows[6 + at]).sum::<f32>() / 1.6 / 1.6;
    assert!((before - after).abs() < 0.02, "{before} {after}");
}
