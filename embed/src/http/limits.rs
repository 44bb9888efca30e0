//! How much and how fast a server is asked.

use std::time::Duration;

use super::Dialect;

/// Bounds on requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Texts in one request, at most; at least one is sent.
    pub batch_texts: usize,
    /// Bytes of text in one request, at most; a longer text is sent alone.
    pub batch_bytes: usize,
    /// Bytes of one text, at most. Longer passages are cut into pieces whose vectors are averaged;
    /// of a longer question only the start is read.
    pub window_bytes: usize,
    /// Requests under way at the same time, at most.
    pub parallel: usize,
    /// Requests begun in a minute, at most; no bound when `None`.
    pub per_minute: Option<u32>,
    /// How long the server may keep silent.
    pub silence: Duration,
    /// How often one request is tried, the first time included.
    pub attempts: u32,
    /// The pause before the second attempt; each later one is twice as long.
    pub first_pause: Duration,
}

impl Limits {
    /// What suits a server of `dialect`.
    ///
    /// A window assumes two bytes to a token, which dense code reaches, and the smallest window
    /// among the usual models: 8191 tokens at the hosted services, Ollama's default of 2048, and
    /// 512 for the BERT-like models that text-embeddings-inference serves. Text over a server's
    /// true limit is cut off there, or refused with a message that says so.
    pub fn of(dialect: Dialect) -> Self {
        let (batch_texts, batch_bytes, window_bytes) = match dialect {
            Dialect::OpenAi => (128, 256 << 10, 16 << 10),
            Dialect::Ollama => (32, 64 << 10, 4 << 10),
            Dialect::Tei => (32, 64 << 10, 1 << 10),
            // A request may hold 120,000 tokens.
            Dialect::Voyage => (128, 192 << 10, 16 << 10),
        };
        let is_local = matches!(dialect, Dialect::Ollama | Dialect::Tei);
        Self {
            batch_texts,
            batch_bytes,
            window_bytes,
            // A local server computes with all it has for one request already.
            parallel: if is_local { 1 } else { 4 },
            per_minute: None,
            // A model that is loaded on the first request can take minutes on a slow disk.
            silence: Duration::from_secs(if is_local { 300 } else { 60 }),
            attempts: 5,
            first_pause: Duration::from_millis(500),
        }
    }
}
