//! Vectors: made while files are read, or later; kept by content; never in the way of words.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flux_core::{Cancel, EmbedError, Embedder, ModelId, NoProgress, Pace, Passage};
use flux_store::{VectorCoverage, VectorQuery};

use super::{Indexed, UPDATE, index_with};
use crate::{IndexError, Surroundings, embed_missing, space_of};

/// One number for each of four words, and a count of the passages it was given.
#[derive(Debug)]
struct Counter {
    model: ModelId,
    pace: Pace,
    passages: AtomicUsize,
    fails_after: usize,
}

impl Counter {
    fn new(name: &str, pace: Pace) -> Self {
        let model = ModelId::new(name);
        Self { model, pace, passages: AtomicUsize::new(0), fails_after: usize::MAX }
    }

    fn vector(text: &str) -> Vec<f32> {
        let words = ["socket", "invoice", "matrix", "greeting"];
        words.map(|word| text.matches(word).count() as f32).to_vec()
    }

    fn given(&self) -> usize {
        self.passages.load(Ordering::Relaxed)
    }
}

impl Embedder for Counter {
    fn model(&self) -> &ModelId {
        &self.model
    }

    fn dimensions(&self) -> usize {
        4
    }

    fn pace(&self) -> Pace {
        self.pace
    }

    fn embed_passages(&self, passages: &[Passage<'_>]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let before = self.passages.fetch_add(passages.len(), Ordering::Relaxed);
        if before + passages.len() > self.fails_after {
            return Err(EmbedError { message: "no more".into(), hint: "pay".into() });
        }
        let embed = |one: &Passage<'_>| Self::vector(&format!("{} {}", one.context, one.text));
        Ok(passages.iter().map(embed).collect())
    }

    fn embed_query(&self, query: &str) -> Result<Vec<f32>, EmbedError> {
        Ok(Self::vector(query))
    }
}

const WORLD: &str = "//- /net.py\ndef open_socket(): pass\n//- /bill.py\ndef print_invoice(): pass\n\
                     //- /hello.py\ngreeting = 1\n";

fn embedded(indexed: &Indexed, embedder: &Counter) -> usize {
    let (root, layout) = (indexed.world.root(), &indexed.layout);
    let report = index_with(root, layout, &UPDATE, Some(embedder)).unwrap();
    report.embedded + late(indexed, embedder).unwrap()
}

fn late(indexed: &Indexed, embedder: &Counter) -> Result<usize, IndexError> {
    let cancel = Cancel::default();
    let around = Surroundings { embedder: Some(embedder), progress: &NoProgress, cancel: &cancel };
    embed_missing(indexed.world.root(), &indexed.layout, Duration::ZERO, around)
}

#[track_caller]
fn nearest(indexed: &Indexed, embedder: &Counter, query: &str) -> String {
    let snapshot = indexed.snapshot();
    let vectors = snapshot.vectors(&space_of(embedder.model())).unwrap();
    let query = VectorQuery::new(&Counter::vector(query));
    let hits = vectors.search(&query, 1, &|_| true);
    snapshot.view().file(hits[0].file).path.to_string()
}

fn coverage(indexed: &Indexed, embedder: &Counter) -> VectorCoverage {
    indexed.snapshot().vector_coverage(&space_of(embedder.model()))
}

#[test]
fn a_quick_model_embeds_while_files_are_read_and_only_what_is_new() {
    let indexed = Indexed::unindexed(WORLD);
    indexed.world.settle();
    let model = Counter::new("quick", Pace::Inline);
    assert_eq!(embedded(&indexed, &model), 3);
    assert_eq!(model.given(), 3);
    assert_eq!(nearest(&indexed, &model, "socket"), "net.py");

    indexed.world.write("calc.py", "def invert_matrix(): pass\n");
    assert_eq!(embedded(&indexed, &model), 1);
    assert_eq!(model.given(), 4);
    assert_eq!(nearest(&indexed, &model, "matrix"), "calc.py");
}

#[test]
fn vectors_come_later_for_an_index_made_without_a_model_or_with_another() {
    let indexed = Indexed::new(WORLD);
    let first = Counter::new("first", Pace::Inline);
    assert!(indexed.snapshot().vectors(&space_of(first.model())).is_none());
    assert_eq!(embedded(&indexed, &first), 3);
    assert_eq!(embedded(&indexed, &first), 0);

    let second = Counter::new("second", Pace::Inline);
    assert_eq!(embedded(&indexed, &second), 3);
    assert_eq!(embedded(&indexed, &first), 0, "the first one's vectors are still there");
    assert_eq!(nearest(&indexed, &second, "invoice"), "bill.py");
}

#[test]
fn a_slow_model_waits_until_words_are_committed_and_gives_the_same_vectors() {
    let indexed = Indexed::unindexed(WORLD);
    indexed.world.settle();
    let slow = Counter::new("slow", Pace::Deferred);
    let (root, layout) = (indexed.world.root(), &indexed.layout);
    assert_eq!(index_with(root, layout, &UPDATE, Some(&slow)).unwrap().embedded, 0);
    assert_eq!(indexed.snapshot().view().files().len(), 3);
    assert_eq!(coverage(&indexed, &slow).missing(), 3);
    assert_eq!(late(&indexed, &slow).unwrap(), 3);
    for (word, path) in [("socket", "net.py"), ("invoice", "bill.py"), ("greeting", "hello.py")] {
        assert_eq!(nearest(&indexed, &slow, word), path);
    }
}

#[test]
fn a_model_that_fails_leaves_words_searchable_and_says_why() {
    let indexed = Indexed::unindexed(WORLD);
    indexed.world.settle();
    let slow = Counter { fails_after: 0, ..Counter::new("slow", Pace::Deferred) };
    let (root, layout) = (indexed.world.root(), &indexed.layout);
    index_with(root, layout, &UPDATE, Some(&slow)).unwrap();
    let error = late(&indexed, &slow).unwrap_err();
    assert_eq!(error.to_string(), "no more\nhint: pay");
    assert_eq!(indexed.snapshot().view().files().len(), 3);
    assert_eq!(coverage(&indexed, &slow).missing(), 3);
}

#[test]
fn a_file_that_changed_since_is_not_given_vectors_of_another_text() {
    let indexed = Indexed::new(WORLD);
    indexed.world.write("net.py", "invoice = 1\n");
    let slow = Counter::new("slow", Pace::Deferred);
    assert_eq!(late(&indexed, &slow).unwrap(), 2);
    assert_eq!(coverage(&indexed, &slow).missing(), 1);
    assert_eq!(embedded(&indexed, &slow), 1);
    assert_eq!(coverage(&indexed, &slow).missing(), 0);
}

#[test]
fn a_stop_keeps_what_was_embedded_before() {
    let indexed = Indexed::new(WORLD);
    let slow = Counter::new("slow", Pace::Deferred);
    let cancel = Cancel::default();
    cancel.cancel();
    let around = Surroundings { embedder: Some(&slow), progress: &NoProgress, cancel: &cancel };
    let (root, layout) = (indexed.world.root(), &indexed.layout);
    let error = embed_missing(root, layout, Duration::ZERO, around).unwrap_err();
    assert!(matches!(error, IndexError::Cancelled));
    assert_eq!(slow.given(), 0);
    assert_eq!(late(&indexed, &slow).unwrap(), 3);
}
