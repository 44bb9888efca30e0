//! BM25F (Robertson, Zaragoza, "The Probabilistic Relevance Framework", 2009, section 3.6): the
//! frequencies of a term in all fields are weighted and added before they saturate.
//!
//! Chunks and whole files are scored in one pass. Sums over the chunks of a file are taken in
//! fixed point, because floating-point sums would depend on the order of segments.

use flux_core::FileId;
use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{TERMINATED, TantivyError, Term};

use crate::error::StoreError;
use crate::lexical::index::{Field, guarded};
use crate::lexical::reader::{LexicalReader, Segment};

/// One idea of a query and the terms that express it.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryTerm {
    /// Terms as the analyzer makes them, each with what it counts relative to the first.
    pub variants: Vec<(String, f32)>,
    /// What the idea counts in the query.
    pub weight: f32,
}

/// Parameters of the scorer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// What a match counts, by [`Field::ALL`].
    pub field: [f32; 5],
    /// How much length matters, by [`Field::ALL`].
    pub length: [f32; 5],
    /// Usual length in terms, by [`Field::ALL`].
    pub usual: [f32; 5],
    /// Saturation of chunks.
    pub k1: f32,
    /// Saturation of files.
    pub file_k1: f32,
    /// How much the number of chunks of a file matters.
    pub file_length: f32,
}

/// The score of one chunk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChunkScore {
    /// Its file.
    pub file: FileId,
    /// Its position in the file's outline.
    pub chunk: u32,
    /// BM25F over the chunk.
    pub score: f32,
    /// Which query terms it holds: bit `i` for term `i`, the first 64 only.
    pub matched: u64,
}

/// The score of one file as a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FileScore {
    /// The file.
    pub file: FileId,
    /// BM25F over the file.
    pub score: f32,
    /// Which query terms it holds.
    pub matched: u64,
}

/// Everything that matched, ordered by file and chunk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// Chunks.
    pub chunks: Vec<ChunkScore>,
    /// Files.
    pub files: Vec<FileScore>,
    /// Weight of each query term after its rarity among chunks is taken in.
    pub rarity: Vec<f32>,
}

/// Fixed-point scale of sums over a file.
const SCALE: f32 = 65_536.0;
/// Usual number of chunks of a file.
const USUAL_CHUNKS: f32 = 8.0;

impl LexicalReader {
    /// Scores every live chunk and file that holds one of `terms`.
    pub fn score(&self, terms: &[QueryTerm], weights: &Weights) -> Result<Scores, StoreError> {
        let documents = self.total_chunks() as usize;
        let mut pass = Pass {
            reader: self,
            weights,
            frequency: vec![0.0; documents],
            touched: Vec::new(),
            chunk_score: vec![(0.0, 0); documents],
            file_frequency: vec![0; self.file_chunks.len()],
            file_touched: Vec::new(),
            file_score: vec![(0.0, 0); self.file_chunks.len()],
            rarity: Vec::with_capacity(terms.len()),
        };
        for (number, term) in terms.iter().enumerate() {
            guarded(self.layout(), || pass.collect(term))?;
            pass.saturate(number, term.weight);
        }
        Ok(pass.finish())
    }
}

struct Pass<'a> {
    reader: &'a LexicalReader,
    weights: &'a Weights,
    /// Weighted frequency of the current term, by document over all segments.
    frequency: Vec<f32>,
    touched: Vec<(u32, FileId)>,
    chunk_score: Vec<(f32, u64)>,
    file_frequency: Vec<u64>,
    file_touched: Vec<FileId>,
    file_score: Vec<(f32, u64)>,
    rarity: Vec<f32>,
}

impl Pass<'_> {
    fn collect(&mut self, term: &QueryTerm) -> Result<(), TantivyError> {
        let mut base = 0;
        for segment in &self.reader.segments {
            for (text, factor) in &term.variants {
                for field in Field::ALL {
                    self.collect_field(segment, base, field, text, *factor)?;
                }
            }
            base += segment.reader.max_doc();
        }
        Ok(())
    }

    fn collect_field(
        &mut self,
        segment: &Segment,
        base: u32,
        field: Field,
        text: &str,
        factor: f32,
    ) -> Result<(), TantivyError> {
        let weight = self.weights.field[field as usize] * factor;
        if weight == 0.0 {
            return Ok(());
        }
        let term = Term::from_field_text(field.number(), text);
        let index = segment.reader.inverted_index(field.number())?;
        let Some(mut postings) = index.read_postings(&term, IndexRecordOption::WithFreqs)? else {
            return Ok(());
        };
        let lengths = segment.reader.get_fieldnorms_reader(field.number())?;
        let b = self.weights.length[field as usize];
        let usual = self.weights.usual[field as usize];
        each_document(&mut postings, |document, count| {
            let Some(file) = segment.file(document) else { return };
            let length = lengths.fieldnorm(document) as f32;
            let frequency = weight * count as f32 / (1.0 - b + b * length / usual);
            let slot = &mut self.frequency[(base + document) as usize];
            if *slot == 0.0 {
                self.touched.push((base + document, file));
            }
            *slot += frequency;
            // Every chunk repeats the path; the file has it once.
            if field != Field::Path || segment.ordinal(document) == 0 {
                let sum = &mut self.file_frequency[file.0 as usize];
                if *sum == 0 {
                    self.file_touched.push(file);
                }
                *sum += (frequency * SCALE) as u64 + 1;
            }
        });
        Ok(())
    }

    fn saturate(&mut self, number: usize, weight: f32) {
        let bit = 1u64.checked_shl(number as u32).unwrap_or(0);
        let rarity = weight * inverse_frequency(self.reader.live_chunks, self.touched.len());
        self.rarity.push(rarity);
        for (document, _) in self.touched.drain(..) {
            let frequency = std::mem::take(&mut self.frequency[document as usize]);
            let slot = &mut self.chunk_score[document as usize];
            slot.0 += rarity * frequency / (self.weights.k1 + frequency);
            slot.1 |= bit;
        }
        let files = self.reader.file_chunks.len() as u32;
        let rarity = weight * inverse_frequency(files, self.file_touched.len());
        for file in self.file_touched.drain(..) {
            let sum = std::mem::take(&mut self.file_frequency[file.0 as usize]);
            let chunks = self.reader.file_chunks[file.0 as usize] as f32;
            let b = self.weights.file_length;
            let frequency = sum as f32 / SCALE / (1.0 - b + b * chunks / USUAL_CHUNKS);
            let slot = &mut self.file_score[file.0 as usize];
            slot.0 += rarity * frequency / (self.weights.file_k1 + frequency);
            slot.1 |= bit;
        }
    }

    fn finish(self) -> Scores {
        let mut chunks = Vec::new();
        let mut base = 0;
        for segment in &self.reader.segments {
            for document in 0..segment.reader.max_doc() {
                let (score, matched) = self.chunk_score[(base + document) as usize];
                if score > 0.0
                    && let Some(file) = segment.file(document)
                {
                    let chunk = segment.ordinal(document);
                    chunks.push(ChunkScore { file, chunk, score, matched });
                }
            }
            base += segment.reader.max_doc();
        }
        chunks.sort_unstable_by_key(|chunk| (chunk.file, chunk.chunk));
        let files = (0u32..)
            .zip(self.file_score)
            .filter(|(_, (score, _))| *score > 0.0)
            .map(|(file, (score, matched))| FileScore { file: FileId(file), score, matched })
            .collect();
        Scores { chunks, files, rarity: self.rarity }
    }
}

fn inverse_frequency(total: u32, holding: usize) -> f32 {
    let (total, holding) = (total as f32, holding as f32);
    (1.0 + (total - holding + 0.5).max(0.0) / (holding + 0.5)).ln()
}

pub(super) fn each_document(postings: &mut impl Postings, mut each: impl FnMut(u32, u32)) {
    let mut document = postings.doc();
    while document != TERMINATED {
        each(document, postings.term_freq());
        document = postings.advance();
    }
}
