//! Writing: one document per chunk.

use std::panic::{self, AssertUnwindSafe};

use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{FAST, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::store::Compressor;
use tantivy::tokenizer::TokenizerManager;
use tantivy::{Index, IndexSettings, IndexWriter, TantivyDocument, TantivyError, Term};

use crate::error::StoreError;
use crate::key::UnitKey;
use crate::layout::Layout;
use crate::lexical::directory::StoreDirectory;
use crate::lexical::text::{CodeTokenizer, Content};

/// A field that is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Names of the symbols the chunk defines.
    Name,
    /// The path.
    Path,
    /// Container and signature of the chunk's owner.
    Signature,
    /// Doc comments.
    Doc,
    /// The chunk's text.
    Body,
}

impl Field {
    /// Every field, in the order of their numbers in the schema.
    pub const ALL: [Self; 5] = [Self::Name, Self::Path, Self::Signature, Self::Doc, Self::Body];

    /// The word for it in explanations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Path => "path",
            Self::Signature => "signature",
            Self::Doc => "doc",
            Self::Body => "body",
        }
    }

    /// Its number in the schema.
    pub(super) fn number(self) -> tantivy::schema::Field {
        tantivy::schema::Field::from_field_id(self as u32)
    }
}

/// The field that says which unit a document belongs to.
pub(super) const UNIT: &str = "unit";
/// The field that says which chunk of its unit a document is.
pub(super) const ORDINAL: &str = "ordinal";

/// One chunk as it is indexed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChunkDocument {
    /// Position of the chunk in its outline.
    pub ordinal: u32,
    /// Text of [`Field::Name`].
    pub name: String,
    /// Text of [`Field::Path`].
    pub path: String,
    /// Text of [`Field::Signature`].
    pub signature: String,
    /// Text of [`Field::Doc`].
    pub doc: String,
    /// Text of [`Field::Body`].
    pub body: String,
}

/// More segments than this and the smallest are merged: each costs every search about 40 µs.
const MAX_SEGMENTS: usize = 12;
/// How many of the smallest are merged then.
const MERGED_SEGMENTS: usize = 10;
/// Memory of the writer before it writes a segment, for the whole of it. 160 MB keeps a million
/// lines in four segments and the indexer's peak below 1 GB.
const BULK_MEMORY: usize = 160 << 20;
/// The same for a small update, where it costs nothing until used.
const UPDATE_MEMORY: usize = 20 << 20;

/// How much a writer is about to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// A few files.
    Update,
    /// A whole tree.
    Bulk,
}

/// Adds documents to the full-text index.
pub struct LexicalWriter {
    layout: Layout,
    directory: StoreDirectory,
    index: Index,
    writer: IndexWriter<TantivyDocument>,
    unit: tantivy::schema::Field,
    ordinal: tantivy::schema::Field,
}

impl LexicalWriter {
    /// Opens the index as of the segment list `meta`, empty for a new one.
    pub fn open(layout: &Layout, meta: &str, load: Load) -> Result<Self, StoreError> {
        guarded(layout, || Self::try_open(layout, meta, load))
    }

    fn try_open(layout: &Layout, meta: &str, load: Load) -> Result<Self, TantivyError> {
        let directory = StoreDirectory::open(&layout.lexical(), meta)?;
        let index = open_index(directory.clone())?;
        let (threads, memory) = match load {
            Load::Bulk => (2, BULK_MEMORY),
            Load::Update => (1, UPDATE_MEMORY),
        };
        let writer = index.writer_with_num_threads(threads, memory)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let schema = index.schema();
        Ok(Self {
            layout: layout.clone(),
            unit: schema.get_field(UNIT)?,
            ordinal: schema.get_field(ORDINAL)?,
            directory,
            index,
            writer,
        })
    }

    /// Adds one chunk of `unit`.
    pub fn add(&mut self, unit: UnitKey, chunk: ChunkDocument) -> Result<(), StoreError> {
        let mut document = TantivyDocument::default();
        document.add_u64(self.unit, unit.0);
        document.add_u64(self.ordinal, u64::from(chunk.ordinal));
        let texts = [chunk.name, chunk.path, chunk.signature, chunk.doc, chunk.body];
        for (field, text) in Field::ALL.into_iter().zip(texts) {
            if !text.is_empty() {
                document.add_text(field.number(), text);
            }
        }
        self.writer.add_document(document).map_err(lexical(&self.layout))?;
        Ok(())
    }

    /// Drops the documents of `unit`.
    pub fn remove(&mut self, unit: UnitKey) {
        self.writer.delete_term(Term::from_field_u64(self.unit, unit.0));
    }

    /// Writes what was added and returns the new segment list. With `compact`, everything is
    /// merged into one segment.
    pub fn finish(mut self, compact: bool) -> Result<String, StoreError> {
        let layout = self.layout.clone();
        guarded(&layout, || self.try_finish(compact))?;
        Ok(self.directory.meta())
    }

    fn try_finish(&mut self, compact: bool) -> Result<(), TantivyError> {
        self.writer.commit()?;
        let mut segments = self.index.searchable_segment_metas()?;
        segments.sort_by_key(|segment| (segment.num_docs(), segment.id()));
        let has_deletes = segments.iter().any(|segment| segment.has_deletes());
        let merged = match segments.len() {
            count if compact && (count > 1 || has_deletes) => count,
            count if count > MAX_SEGMENTS => MERGED_SEGMENTS,
            _ => return Ok(()),
        };
        let smallest: Vec<_> = segments[..merged].iter().map(|segment| segment.id()).collect();
        self.writer.merge(&smallest).wait()?;
        Ok(())
    }
}

pub(super) fn lexical(layout: &Layout) -> impl Fn(TantivyError) -> StoreError {
    let path = layout.lexical();
    move |source| StoreError::Lexical { path: path.clone(), source: Box::new(source) }
}

/// Runs what reads segments. tantivy trusts their bytes and panics on some that are damaged;
/// here that is an error like any other damage.
pub(super) fn guarded<T>(
    layout: &Layout,
    work: impl FnOnce() -> Result<T, TantivyError>,
) -> Result<T, StoreError> {
    match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(lexical(layout)),
        Err(_) => Err(StoreError::damaged(&layout.lexical(), "a segment makes no sense")),
    }
}

pub(super) fn open_index(directory: StoreDirectory) -> Result<Index, TantivyError> {
    let index = if directory.meta().is_empty() {
        let settings = IndexSettings {
            docstore_compression: Compressor::None,
            docstore_compress_dedicated_thread: false,
            ..IndexSettings::default()
        };
        Index::create(directory, schema(), settings)?
    } else {
        Index::open(directory)?
    };
    let mut index = index;
    let tokenizers = TokenizerManager::default();
    tokenizers.register(TEXT, CodeTokenizer::new(Content::Text));
    tokenizers.register(NAMES, CodeTokenizer::new(Content::Names));
    index.set_tokenizers(tokenizers);
    Ok(index)
}

/// Names under which tantivy knows the tokenizers.
const TEXT: &str = "text";
const NAMES: &str = "names";

fn schema() -> Schema {
    let mut schema = Schema::builder();
    for field in Field::ALL {
        let tokenizer = if field == Field::Name { NAMES } else { TEXT };
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(IndexRecordOption::WithFreqs)
            .set_fieldnorms(true);
        let options = TextOptions::default().set_indexing_options(indexing);
        schema.add_text_field(field.as_str(), options);
    }
    schema.add_u64_field(UNIT, INDEXED | FAST);
    schema.add_u64_field(ORDINAL, FAST);
    schema.build()
}
