//! What a question means: its vector, the vectors it is compared with, and words near its words.

use flux_core::{EmbedError, Embedder};
use flux_indexer::space_of;
use flux_query::kind::is_ranked;
use flux_query::{Meaning, Related, SearchRequest, is_stop_word};
use flux_store::{Snapshot, VectorCoverage, VectorQuery, VectorReader};

use crate::search::MeaningState;
use crate::workspace::Workspace;

/// A question as a model reads it.
pub struct Asked<'a> {
    question: Option<(VectorQuery, &'a VectorReader)>,
    related: Vec<Related>,
    least: f32,
    /// What part vectors have in the answer.
    pub state: MeaningState,
}

impl Asked<'_> {
    /// What ranking takes from it.
    pub fn meaning(&self) -> Option<Meaning<'_>> {
        let (query, vectors) = self.question.as_ref()?;
        Some(Meaning { query, vectors, least: self.least, related: &self.related })
    }

    fn without(state: MeaningState) -> Self {
        Self { question: None, related: Vec::new(), least: 0.0, state }
    }
}

impl Workspace {
    /// Embeds the question of `request`, if there is a model and it has vectors in `snapshot`.
    pub fn ask<'a>(&self, snapshot: &'a Snapshot, request: &SearchRequest) -> Asked<'a> {
        let embedder = self.embedder().filter(|_| is_ranked(&request.text, request.mode));
        let Some(embedder) = embedder else { return Asked::without(MeaningState::Unused) };
        let missing = self.coverage_of(snapshot).map_or(0, VectorCoverage::missing);
        let Some(vectors) = snapshot.vectors(&space_of(embedder.model())) else {
            return Asked::without(MeaningState::Used { missing });
        };
        match query_vector(embedder, &request.text, vectors) {
            Ok(query) => Asked {
                question: Some((query, vectors)),
                related: related(embedder, &request.text),
                least: embedder.least_similarity(),
                state: MeaningState::Used { missing },
            },
            Err(error) => Asked::without(MeaningState::Failed(error)),
        }
    }
}

fn query_vector(
    embedder: &dyn Embedder,
    text: &str,
    vectors: &VectorReader,
) -> Result<VectorQuery, EmbedError> {
    let vector = embedder.embed_query(text)?;
    if vector.len() == vectors.dimensions() {
        return Ok(VectorQuery::new(&vector));
    }
    Err(EmbedError {
        message: format!(
            "{} gave {} numbers for the question, and {} for each chunk before",
            embedder.model(),
            vector.len(),
            vectors.dimensions()
        ),
        hint: "flux index --rebuild embeds everything again".to_owned(),
    })
}

/// Words longer than this are no words.
const MAX_WORD: usize = 40;
/// Words of a question that are looked up: beyond a sentence or two it is a report, whose own
/// words are plenty.
const MAX_WORDS: usize = 16;
/// Near words asked for.
const NEAR_WORDS: usize = 8;
/// From this similarity on a word is taken for nearly the same.
const MIN_SIMILARITY: f32 = 0.5;

fn related(embedder: &dyn Embedder, text: &str) -> Vec<Related> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let mut words: Vec<String> =
        words.filter(|word| (3..MAX_WORD).contains(&word.len())).map(str::to_lowercase).collect();
    words.retain(|word| !is_stop_word(word));
    words.sort_unstable();
    words.dedup();
    if words.len() > MAX_WORDS {
        return Vec::new();
    }
    let near = |word: String| {
        let mut others = embedder.related(&word, NEAR_WORDS);
        others.retain(|(_, similarity)| *similarity >= MIN_SIMILARITY);
        Related { word, others }
    };
    words.into_iter().map(near).filter(|related| !related.others.is_empty()).collect()
}
