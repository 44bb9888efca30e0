//! Models behind HTTP: one client, and the differences between servers as data in `dialect`.
//!
//! The client is reqwest's blocking one: the agent streams its model's answers through reqwest, so
//! the program has one HTTP library, although `ureq` alone would be smaller. Its TLS uses ring,
//! which builds with a C compiler and nothing else. It must be used, and dropped, outside async
//! tasks.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use flux_core::{EmbedError, Embedder, ModelId, Pace, Passage};

use crate::pieces::{Pieces, cut, with_context};
use crate::prompts::{self, Prompts};
use crate::vector::unit;

mod client;
mod dialect;
mod fault;
mod limits;
pub(crate) mod plain;
pub(crate) mod retry;
#[cfg(test)]
pub(crate) mod server;
#[cfg(test)]
mod tests;
mod wire;

use client::Client;
pub use client::Secret;
pub use dialect::Dialect;
use dialect::Purpose;
pub use limits::Limits;

/// The version of how texts are put to servers: of prompts, contexts and cutting. Part of the
/// model's name.
const READING: u32 = 1;
/// What stands for a blank text, which most servers refuse.
const BLANK: &str = "(empty)";

/// A model on a server.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The server's way of speaking.
    pub dialect: Dialect,
    /// Who serves the model, as the model's name begins: `openai`, `ollama` and so on.
    pub provider: String,
    /// The server, such as `http://localhost:11434` or `https://host/v1`.
    pub base_url: String,
    /// The model's name on the server. Empty for a server that has one model and can name it.
    pub model: String,
    /// The key, where the server wants one.
    pub key: Option<Secret>,
    /// Numbers in each vector to ask for; the model's own number when `None`.
    pub dimensions: Option<usize>,
    /// A proxy for servers other than this machine.
    pub proxy: Option<String>,
    /// How much and how fast to ask.
    pub limits: Limits,
}

/// A model on a server, ready to be asked.
#[derive(Debug)]
pub struct HttpEmbedder {
    id: ModelId,
    dimensions: usize,
    prompts: Prompts,
    settings: HttpSettings,
    client: Client,
}

impl HttpEmbedder {
    /// Gets ready to ask. The network is used only to learn what is not known: the name of the
    /// model where `settings` has none, and its dimensions where nobody has given them and the
    /// model is not a well-known one.
    pub fn connect(mut settings: HttpSettings) -> Result<Self, EmbedError> {
        let client = Client::new(&settings)?;
        if settings.model.is_empty() {
            settings.model = client.model_name()?;
        }
        let known = settings.dimensions.or_else(|| dialect::known_dimensions(&settings.model));
        let dimensions = match known {
            Some(dimensions) => dimensions,
            None => probe(&client, &settings)?,
        };
        let HttpSettings { provider, model, .. } = &settings;
        let id = ModelId::new(format!("{provider}/{model}/{dimensions}/{READING}"));
        let has_purposes = settings.dialect.tells_purposes();
        let prompts = if has_purposes { Prompts::default() } else { prompts::of(model) };
        Ok(Self { id, dimensions, prompts, settings, client })
    }

    fn embed(&self, texts: &[String], purpose: Purpose) -> Result<Vec<Vec<f32>>, EmbedError> {
        let batches = batches(texts, &self.settings.limits);
        let answers = Mutex::new(vec![None; batches.len()]);
        let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
        let work = || {
            while !is_over.load(Ordering::Relaxed) {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(batch) = batches.get(place) else { break };
                let answer = self.ask(batch, purpose);
                is_over.fetch_or(answer.is_err(), Ordering::Relaxed);
                answers.lock().unwrap_or_else(PoisonError::into_inner)[place] = Some(answer);
            }
        };
        thread::scope(|scope| {
            for _ in 1..self.settings.limits.parallel.min(batches.len()) {
                scope.spawn(work);
            }
            work();
        });
        let answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut vectors = Vec::with_capacity(texts.len());
        for answer in answers.into_iter().flatten() {
            vectors.extend(answer?);
        }
        Ok(vectors)
    }

    fn ask(&self, batch: &[String], purpose: Purpose) -> Result<Vec<Vec<f32>>, EmbedError> {
        let vectors = self.client.embed(&self.settings, batch, purpose)?;
        match vectors.iter().find(|vector| vector.len() != self.dimensions) {
            Some(vector) => Err(self.wrong_dimensions(vector.len())),
            None => Ok(vectors),
        }
    }

    fn wrong_dimensions(&self, found: usize) -> EmbedError {
        let HttpSettings { model, .. } = &self.settings;
        EmbedError {
            message: format!(
                "{model} answered with vectors of {found} numbers instead of {}",
                self.dimensions
            ),
            hint: format!("set the model's dimensions to {found}, or check which model is served"),
        }
    }

    fn pieces(&self, passages: &[Passage<'_>]) -> Pieces {
        let mut pieces = Pieces::default();
        let window = self.settings.limits.window_bytes;
        for (place, passage) in passages.iter().enumerate() {
            // At least half of every piece is text, whatever the context.
            let context = cut(passage.context.trim(), window / 2)[0].trim_end();
            let room = window - context.len().min(window / 2);
            for piece in cut(passage.text, room) {
                let text = with_context(context, piece);
                pieces.push(
                    place,
                    readable(self.prompts.passage, &text),
                    piece.len().max(1) as f32,
                );
            }
        }
        pieces
    }

    fn no_direction(&self) -> EmbedError {
        EmbedError {
            message: format!("{} answered with a vector without direction", self.settings.model),
            hint: "check that the model on the server is an embedding model".to_owned(),
        }
    }
}

impl Embedder for HttpEmbedder {
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
        let pieces = self.pieces(passages);
        let vectors = self.embed(pieces.texts(), Purpose::Passage)?;
        pieces.join(&vectors, passages.len()).map_err(|_| self.no_direction())
    }

    fn embed_query(&self, query: &str) -> Result<Vec<f32>, EmbedError> {
        let start = cut(query, self.settings.limits.window_bytes)[0];
        let texts = [readable(self.prompts.query, start)];
        let vectors = self.embed(&texts, Purpose::Query)?;
        vectors.into_iter().next().and_then(unit).ok_or_else(|| self.no_direction())
    }
}

/// How many numbers the server's vectors have.
fn probe(client: &Client, settings: &HttpSettings) -> Result<usize, EmbedError> {
    let vectors = client.embed(settings, &["dimensions".to_owned()], Purpose::Query)?;
    Ok(vectors.first().map_or(0, Vec::len))
}

fn readable(prompt: &str, text: &str) -> String {
    let text = if text.trim().is_empty() { BLANK } else { text };
    format!("{prompt}{text}")
}

/// Runs of texts that keep to the limits on one request; a text over the limit is alone.
fn batches<'a>(texts: &'a [String], limits: &Limits) -> Vec<&'a [String]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (place, text) in texts.iter().enumerate() {
        let is_full =
            place - start >= limits.batch_texts || bytes + text.len() > limits.batch_bytes;
        if is_full && place > start {
            batches.push(&texts[start..place]);
            (start, bytes) = (place, 0);
        }
        bytes += text.len();
    }
    if start < texts.len() {
        batches.push(&texts[start..]);
    }
    batches
}
