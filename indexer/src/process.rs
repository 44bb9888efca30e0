//! One file: read, decode, classify, parse, chunk. Runs on many threads at once.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use flux_core::{Embedder, FileClass, FileFacts, Language, Outline, RepoPath, SkipReason};
use flux_grammars::{Category, Extracted, Extractor, Grammar};
use flux_store::lexical::ChunkDocument;
use flux_store::pack::PackedFacts;
use flux_store::trigram::TrigramSet;
use flux_store::view::NewEntry;
use flux_store::{Addition, ContentKey, FileState, PackedVectors, Stored, UnitKey};
use tree_sitter::Tree;

use crate::FACTS_VERSION;
use crate::chunk::chunk;
use crate::classify::{MAX_SOURCE_BYTES, class_of_path, is_generated, skip_text};
use crate::decode::{decode, reason_of_zeros};
use crate::document::documents;
use crate::error::IndexError;
use crate::graph::Lowered;
use crate::lines::Lines;
use crate::list::Listed;
use crate::vectors::vectors;

/// What one file adds to the store.
pub(crate) struct Processed {
    /// Its line of the view.
    pub(crate) entry: NewEntry,
    /// Its facts, if the store does not know them.
    pub(crate) addition: Option<Addition>,
    /// The part of those facts that the graph is made of.
    pub(crate) lowered: Option<Arc<Lowered>>,
    /// Its chunks, if the full-text index does not know them.
    pub(crate) unit: Option<(UnitKey, Vec<ChunkDocument>)>,
    /// Its vectors, if there is a quick model and the store does not have them.
    pub(crate) vectors: Option<(UnitKey, PackedVectors)>,
}

impl Processed {
    fn unchanged(entry: NewEntry) -> Self {
        Self { entry, addition: None, lowered: None, unit: None, vectors: None }
    }
}

/// What the store knows already.
pub(crate) struct Known<'a> {
    pub(crate) stored: Stored,
    pub(crate) units: &'a HashSet<UnitKey>,
    /// A model to embed with while the text is at hand, and the units that have its vectors.
    pub(crate) vectors: Option<(&'a dyn Embedder, &'a HashSet<UnitKey>)>,
}

/// Reusable per-thread machinery; parsers and trigram tables are dear to make.
#[derive(Default)]
struct Tools {
    extractor: Extractor,
    trigrams: TrigramSet,
}

thread_local! {
    static TOOLS: RefCell<Tools> = RefCell::default();
}

/// Processes one file of the tree at `root`.
pub(crate) fn process(
    root: &Path,
    file: &Listed,
    known: &Known<'_>,
) -> Result<Processed, IndexError> {
    match read(root, file) {
        Ok(bytes) => TOOLS.with_borrow_mut(|tools| process_bytes(file, &bytes, known, tools)),
        Err(reason) => {
            // Becoming readable leaves no mark on a stamp, so the next run tries again.
            let racy = file.racy || reason == SkipReason::Unreadable;
            let file = Listed { racy, ..file.clone() };
            Ok(skipped(&file, Language::text(), FileClass::default(), reason))
        }
    }
}

/// A larger file is not read as a whole.
const WHOLE_BYTES: u64 = MAX_SOURCE_BYTES * 2;
/// What is read of a larger one, to tell data from text.
const PREFIX_BYTES: u64 = 64 << 10;

/// How many bytes of a file of `size` are read to index it.
pub(crate) fn bytes_to_read(size: u64) -> u64 {
    if size > WHOLE_BYTES { PREFIX_BYTES } else { size }
}

/// The bytes of a file, or why they are not wanted.
fn read(root: &Path, file: &Listed) -> Result<Vec<u8>, SkipReason> {
    if let Some(reason) = file.skip {
        return Err(reason);
    }
    if file.stamp.size > WHOLE_BYTES {
        return Err(oversized(root, file));
    }
    std::fs::read(root.join(file.path.as_str())).map_err(|_| SkipReason::Unreadable)
}

/// A huge file is not read as a whole: its beginning tells data from text.
fn oversized(root: &Path, file: &Listed) -> SkipReason {
    let mut prefix = vec![0; PREFIX_BYTES as usize];
    let read = std::fs::File::open(root.join(file.path.as_str()))
        .and_then(|mut opened| std::io::Read::read(&mut opened, &mut prefix));
    match read {
        Ok(length) if prefix[..length].contains(&0) => reason_of_zeros(&prefix[..length]),
        Ok(_) => SkipReason::Oversized,
        Err(_) => SkipReason::Unreadable,
    }
}

fn skipped(file: &Listed, language: Language, class: FileClass, reason: SkipReason) -> Processed {
    let state = FileState::Skipped(reason.code());
    Processed::unchanged(entry(file, language, class, state))
}

fn entry(file: &Listed, language: Language, class: FileClass, state: FileState) -> NewEntry {
    let Listed { path, stamp, racy, is_hidden, .. } = file;
    let class = if *is_hidden { class.with(FileClass::HIDDEN) } else { class };
    NewEntry { path: path.clone(), stamp: *stamp, racy: *racy, language, class, state }
}

fn process_bytes(
    file: &Listed,
    bytes: &[u8],
    known: &Known<'_>,
    tools: &mut Tools,
) -> Result<Processed, IndexError> {
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(reason) => {
            return Ok(skipped(file, Language::text(), FileClass::default(), reason));
        }
    };
    let spec = flux_grammars::detect(&file.path, &text);
    let language = spec.map_or_else(Language::text, |spec| Language::new(spec.name()));
    let category = spec.map_or(Category::Document, Grammar::category);
    let is_test = spec.is_some_and(|spec| spec.is_test_file(&file.path));
    let mut class = class_of_path(&file.path, spec.map(Grammar::category), is_test);
    if is_generated(&text) {
        class = class.with(FileClass::GENERATED);
    }
    if let Some(reason) = skip_text(&file.path, &text, category) {
        return Ok(skipped(file, language, class, reason));
    }
    let key = ContentKey::of(bytes, language.as_str(), FACTS_VERSION);
    let unit = UnitKey::of(key, &file.path);
    let state = FileState::Indexed(key);
    let mut processed = Processed::unchanged(entry(file, language, class, state));
    let is_known_unit = known.units.contains(&unit);
    let embedder = known.vectors.filter(|(_, units)| !units.contains(&unit));
    if is_known_unit && embedder.is_none() && known.stored.has_content(key) {
        return Ok(processed);
    }
    let outline = match known.stored.outline(key)? {
        Some(outline) => outline,
        None => {
            let (facts, lowered) = facts(spec, &text, &mut tools.extractor);
            processed.lowered = lowered;
            processed.addition = Some(Addition {
                key,
                facts: PackedFacts::new(&facts),
                trigrams: trigrams(bytes, &text, &mut tools.trigrams),
            });
            facts.outline
        }
    };
    if !is_known_unit {
        processed.unit = Some((unit, documents(&file.path, &text, &outline)));
    }
    if let Some((embedder, _)) = embedder {
        processed.vectors = Some((unit, vectors(embedder, &file.path, &text, &outline)?));
    }
    Ok(processed)
}

/// The outline of a text that is not of the tree: of an earlier revision, or not written yet.
pub fn outline_of(path: &RepoPath, text: &str) -> Outline {
    let spec = flux_grammars::detect(path, text);
    TOOLS.with_borrow_mut(|tools| facts(spec, text, &mut tools.extractor).0.outline)
}

/// Literal search reads UTF-16 as text and everything else as the bytes it is.
fn trigrams(bytes: &[u8], text: &str, extractor: &mut TrigramSet) -> Vec<u32> {
    let is_utf_16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    extractor.extract(if is_utf_16 { text.as_bytes() } else { bytes })
}

/// What is learned from the text alone. A text that costs too much to parse is kept as text.
fn facts(
    spec: Option<&Grammar>,
    text: &str,
    extractor: &mut Extractor,
) -> (FileFacts, Option<Arc<Lowered>>) {
    let lines = Lines::of(text);
    let parsed = spec.and_then(|spec| {
        let look = |tree: &Tree| Lowered::of_tree(spec.name(), text, tree);
        let (extracted, lowered) = extractor.extract_with(spec, text, look).ok()?;
        let lowered = lowered.or_else(|| Lowered::plain(spec, text, &extracted));
        Some((extracted, lowered.map(Arc::new)))
    });
    let is_unparsed = spec.is_some() && parsed.is_none();
    let (Extracted { symbols, parse_errors, .. }, lowered) = parsed.unwrap_or_else(|| {
        let nothing = Extracted { parse_errors: u32::from(is_unparsed), ..Extracted::default() };
        (nothing, None)
    });
    let chunks = chunk(text, &lines, &symbols);
    let facts = FileFacts {
        outline: Outline { chunks, symbols, line_count: lines.count(), parse_errors },
        lowered: lowered.as_ref().map_or_else(Box::default, |found| found.encode().into()),
        exports: lowered.as_ref().map_or(0, |found| found.exports),
    };
    (facts, lowered)
}
