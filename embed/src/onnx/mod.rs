//! Models in ONNX files, run by fastembed on an ONNX Runtime found at run time.
//!
//! A model comes from a folder on disk, or by name from fastembed's table; then its files are
//! fetched into a folder first, when that is asked for. One session answers one call at a time:
//! the runtime spreads a call over all cores by itself.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use fastembed::{InitOptionsUserDefined, QuantizationMode, TextEmbedding};
use flux_core::{EmbedError, Embedder, ModelId, Pace, Passage};
use tokenizers::Tokenizer;

use crate::pieces::{Pieces, with_context};
use crate::settings::{HubSettings, RuntimeSettings};
use crate::vector::unit;

mod download;
mod folder;
mod hub;
mod runtime;

use folder::{Folder, Prompts};
pub use hub::{KnownModel, known};

/// Texts in one call of the runtime. All-MiniLM-L6-v2 took 62, 57, 55, 52 and 54 ms of processor
/// time for a text of 128 tokens in batches of 4, 8, 16, 32 and 64; larger ones make a question
/// that comes in between wait longer.
const BATCH: usize = 16;
/// Tokens left free in a piece: cut at a token, the same text may read as a few more.
const SLACK: usize = 4;

/// A model in an ONNX file, loaded.
pub struct OnnxEmbedder {
    id: ModelId,
    dimensions: usize,
    prompts: Prompts,
    batch: usize,
    /// Tells where tokens are in a text of any length; the session's own stops at the window.
    tokenizer: Tokenizer,
    /// Tokens that the session reads at once.
    window: usize,
    session: Mutex<TextEmbedding>,
}

impl fmt::Debug for OnnxEmbedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnnxEmbedder").field(&self.id).finish()
    }
}

impl OnnxEmbedder {
    /// The model in the folder `path`: `model.onnx` (or `onnx/model.onnx`), `tokenizer.json`,
    /// `config.json`, `tokenizer_config.json` and, where the model has them,
    /// `special_tokens_map.json`, `sentence_bert_config.json`, `1_Pooling/config.json` and
    /// `config_sentence_transformers.json`.
    pub fn from_folder(path: &Path, runtime: &RuntimeSettings) -> Result<Self, EmbedError> {
        let folder = Folder::read(path)?;
        let id = format!("onnx/{}", folder.digest()?);
        Self::load(&folder, id, runtime)
    }

    /// The model of fastembed's table whose files `hub` has in its folder.
    pub fn from_hub(
        known: &KnownModel,
        hub: &HubSettings,
        runtime: &RuntimeSettings,
    ) -> Result<Self, EmbedError> {
        let folder = hub::folder(known, &hub.folder)?;
        let id = format!("fastembed/{}/{}", known.name, folder.digest()?);
        Self::load(&folder, id, runtime)
    }

    fn load(folder: &Folder, id: String, runtime: &RuntimeSettings) -> Result<Self, EmbedError> {
        let environment = runtime::environment(runtime.library.as_deref(), &runtime.folders)?;
        let model = folder.load()?;
        let is_dynamic = model.quantization == QuantizationMode::Dynamic;
        let options = InitOptionsUserDefined::new()
            .with_environment(environment)
            .with_max_length(folder.window);
        let failed = |error: fastembed::Error| broken(&folder.path, &error);
        let mut session =
            TextEmbedding::try_new_from_user_defined(model, options).map_err(failed)?;
        let window = session.tokenizer.get_truncation().map_or(folder.window, |it| it.max_length);
        let mut tokenizer = session.tokenizer.clone();
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| broken(&folder.path, &error))?;
        let probe = session.embed(["dimensions"], None).map_err(failed)?;
        Ok(Self {
            id: ModelId::new(id),
            dimensions: probe.first().map_or(0, Vec::len),
            prompts: folder.prompts.clone(),
            batch: if is_dynamic { 1 } else { BATCH },
            tokenizer,
            window,
            session: Mutex::new(session),
        })
    }

    fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        // Texts of like length share a batch, because all are filled up to the longest.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|place| texts[*place].len());
        let mut vectors = vec![Vec::new(); texts.len()];
        for places in order.chunks(self.batch) {
            let batch: Vec<&str> = places.iter().map(|place| texts[*place].as_str()).collect();
            let found = self.with_session(|session| session.embed(&batch, None));
            for (place, vector) in places.iter().zip(found.map_err(|error| self.failed(&error))?) {
                vectors[*place] = vector;
            }
        }
        Ok(vectors)
    }

    /// What the model reads of a passage: all at once, or in pieces where that is too much.
    fn add_pieces(
        &self,
        place: usize,
        passage: &Passage<'_>,
        pieces: &mut Pieces,
    ) -> Result<(), EmbedError> {
        let prompt = &self.prompts.passage;
        let whole = format!("{prompt}{}", with_context(passage.context, passage.text));
        let tokens = self.tokens(&whole)?;
        if tokens.is_whole() {
            pieces.push(place, whole, 1.0);
            return Ok(());
        }
        // At least half of every piece is text, whatever the context.
        let head = self.tokens(&format!("{prompt}{}", passage.context))?;
        let half = tokens.room / 2;
        let context = match head.starts.get(half) {
            Some(next) => &passage.context[..cut_at(passage.context, *next, prompt.len())],
            None => passage.context,
        };
        let room = tokens.room.saturating_sub(head.starts.len().min(half) + SLACK).max(1);
        for (piece, count) in self.tokens(passage.text)?.pieces(passage.text, room) {
            let text = format!("{prompt}{}", with_context(context, piece));
            pieces.push(place, text, count as f32);
        }
        Ok(())
    }

    fn tokens(&self, text: &str) -> Result<Tokens, EmbedError> {
        let encoding = self.tokenizer.encode(text, true).map_err(|error| self.failed(&error))?;
        let is_special = encoding.get_special_tokens_mask();
        let all = encoding.get_offsets().iter().zip(is_special);
        let starts: Vec<usize> =
            all.filter(|(_, is_special)| **is_special == 0).map(|(span, _)| span.0).collect();
        let special = is_special.len() - starts.len();
        Ok(Tokens { starts, room: self.window.saturating_sub(special).max(1) })
    }

    fn with_session<T>(&self, work: impl FnOnce(&mut TextEmbedding) -> T) -> T {
        work(&mut self.session.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn failed(&self, error: &dyn fmt::Display) -> EmbedError {
        EmbedError {
            message: format!("{} failed: {error}", self.id),
            hint: "check that the model's files belong together".to_owned(),
        }
    }

    fn no_direction(&self) -> EmbedError {
        self.failed(&"a vector has no direction")
    }
}

impl Embedder for OnnxEmbedder {
    fn model(&self) -> &ModelId {
        &self.id
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn pace(&self) -> Pace {
        Pace::Deferred
    }

    fn embed_passages(&self, passages: &[Passage<'_>]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut pieces = Pieces::default();
        for (place, passage) in passages.iter().enumerate() {
            self.add_pieces(place, passage, &mut pieces)?;
        }
        let vectors = self.embed(pieces.texts())?;
        pieces.join(&vectors, passages.len()).map_err(|_| self.no_direction())
    }

    fn embed_query(&self, query: &str) -> Result<Vec<f32>, EmbedError> {
        let vectors = self.embed(&[format!("{}{query}", self.prompts.query)])?;
        vectors.into_iter().next().and_then(unit).ok_or_else(|| self.no_direction())
    }
}

/// A text's tokens as the model counts them.
struct Tokens {
    /// Where each begins in the text, in bytes.
    starts: Vec<usize>,
    /// Tokens of text that the model reads at once.
    room: usize,
}

impl Tokens {
    fn is_whole(&self) -> bool {
        self.starts.len() <= self.room
    }

    /// Pieces of `text` of at most `room` tokens, and the tokens in each.
    fn pieces<'a>(&'a self, text: &'a str, room: usize) -> impl Iterator<Item = (&'a str, usize)> {
        let mut start = 0;
        self.starts.chunks(room).enumerate().map(move |(place, tokens)| {
            let next = self.starts.get((place + 1) * room);
            let end = next.map_or(text.len(), |next| cut_at(text, *next, 0));
            let piece = &text[start..end.max(start)];
            start = end.max(start);
            (piece, tokens.len())
        })
    }
}

/// The place `at` bytes into a text of which `text` is what follows `before` bytes, moved to the
/// start of a character.
fn cut_at(text: &str, at: usize, before: usize) -> usize {
    text.floor_char_boundary(at.saturating_sub(before).min(text.len()))
}

fn broken(folder: &Path, error: &dyn fmt::Display) -> EmbedError {
    EmbedError {
        message: format!("cannot load the model in {}: {error}", folder.display()),
        hint: "check that the files are one model's, whole, and exported for embedding".to_owned(),
    }
}
