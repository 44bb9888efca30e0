//! Counts against those of tiktoken.

use flux_core::TokenCounter;
use serde::Deserialize;

use crate::{Counter, Tokenizer};

#[derive(Deserialize)]
struct Golden {
    cases: Vec<(String, usize, usize)>,
}

#[test]
fn counts_are_those_of_tiktoken() {
    let golden: Golden = toml::from_str(include_str!("golden.toml")).unwrap();
    let (cl100k, o200k) =
        (Counter::exact(Tokenizer::Cl100kBase), Counter::exact(Tokenizer::O200kBase));
    for (text, by_cl100k, by_o200k) in golden.cases {
        assert_eq!((cl100k.count(&text), o200k.count(&text)), (by_cl100k, by_o200k), "{text:?}");
    }
}

#[test]
fn an_estimate_rounds_up() {
    let estimate = Counter::estimate(Tokenizer::O200kBase, 1.5);
    assert_eq!((estimate.count("hello"), estimate.count("")), (2, 0));
    assert!(!estimate.is_exact());
    assert_eq!(estimate.name(), "estimate: 1.5 × o200k_base");
}

#[test]
fn a_long_run_without_breaks_is_counted_in_good_time() {
    let text = "ab".repeat(100_000);
    assert!(Counter::exact(Tokenizer::O200kBase).count(&text) > 1000);
}
