//! Vectors of a file: each chunk embedded under its path, and drawn towards the rest of its file.

use flux_core::{Embedder, ModelId, Outline, Passage, RepoPath};
use flux_store::PackedVectors;

use crate::document::heading;
use crate::error::IndexError;

/// Version of how passages are made from chunks and vectors from passages. Version 1: the path is
/// the context; owner and text are the text; the file's mean counts [`FILE_SHARE`].
const PASSAGE_VERSION: u32 = 1;

/// What the mean vector of a file counts for in the vectors of its chunks. A chunk seldom says
/// what its file is about.
const FILE_SHARE: f32 = 0.5;

/// The name under which vectors of `model` are stored: they depend on how passages are made, too.
pub fn space_of(model: &ModelId) -> ModelId {
    ModelId::new(format!("{model}+passage-{PASSAGE_VERSION}"))
}

/// The texts that stand for the chunks of one file.
pub(crate) struct Passages {
    context: String,
    texts: Vec<String>,
}

impl Passages {
    /// Those of a file at `path`.
    pub(crate) fn of(path: &RepoPath, text: &str, outline: &Outline) -> Self {
        let of_chunk = |chunk: &flux_core::Chunk| {
            let mut passage = heading(outline, chunk);
            passage.push('\n');
            passage.push_str(chunk.span.of(text));
            passage
        };
        let texts = outline.chunks.iter().map(of_chunk).collect();
        Self { context: path.to_string(), texts }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// The passages, one for each chunk.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Passage<'_>> {
        self.texts.iter().map(|text| Passage { context: &self.context, text })
    }
}

/// Embeds the chunks of one file.
pub(crate) fn vectors(
    embedder: &dyn Embedder,
    path: &RepoPath,
    text: &str,
    outline: &Outline,
) -> Result<PackedVectors, IndexError> {
    let passages = Passages::of(path, text, outline);
    let passages: Vec<Passage<'_>> = passages.iter().collect();
    let vectors = embedder.embed_passages(&passages)?;
    pack(embedder.dimensions(), vectors)
}

/// Rounds the vectors of one file for the store, drawn towards each other.
pub(crate) fn pack(
    dimensions: usize,
    mut vectors: Vec<Vec<f32>>,
) -> Result<PackedVectors, IndexError> {
    draw_together(&mut vectors);
    let mut packed = PackedVectors::new(dimensions)?;
    for (chunk, vector) in (0..).zip(&vectors) {
        packed.push(chunk, vector)?;
    }
    Ok(packed)
}

fn draw_together(vectors: &mut [Vec<f32>]) {
    let mut mean = vec![0.0; vectors.first().map_or(0, Vec::len)];
    for vector in vectors.iter() {
        add(&mut mean, vector, 1.0);
    }
    normalize(&mut mean);
    for vector in vectors {
        add(vector, &mean, FILE_SHARE);
        normalize(vector);
    }
}

fn add(sum: &mut [f32], vector: &[f32], factor: f32) {
    for (total, value) in sum.iter_mut().zip(vector) {
        *total += factor * value;
    }
}

/// A vector of zeros, which says nothing, stays as it is.
fn normalize(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
}

#[cfg(test)]
mod tests {
    use super::draw_together;

    #[test]
    fn chunks_of_a_file_are_drawn_towards_each_other() {
        let mut vectors = [vec![1.0, 0.0], vec![0.0, 1.0]];
        draw_together(&mut vectors);
        let [first, second] = &vectors;
        let product = first[0] * second[0] + first[1] * second[1];
        assert!(0.3 < product && product < 0.6, "{product}");
        assert_eq!((first[0], first[1]), (second[1], second[0]));
        assert!((first[0].hypot(first[1]) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_file_of_one_chunk_keeps_its_vector_and_one_without_words_stays_empty() {
        let mut vectors = [vec![0.6, 0.8]];
        draw_together(&mut vectors);
        assert!((vectors[0][0] - 0.6).abs() < 1e-6 && (vectors[0][1] - 0.8).abs() < 1e-6);
        let mut silent = [vec![0.0, 0.0], vec![0.0, 0.0]];
        draw_together(&mut silent);
        assert_eq!(silent, [vec![0.0, 0.0], vec![0.0, 0.0]]);
    }
}
