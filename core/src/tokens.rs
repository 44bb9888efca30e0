//! Counting tokens: what a text costs a language model that reads it.

/// Says how many tokens a text is to a model.
pub trait TokenCounter: Send + Sync {
    /// The number of tokens of `text`; for an estimate, no fewer than the model would count.
    fn count(&self, text: &str) -> usize;

    /// What counts, in words: the name of a tokenizer, or what an estimate rests on.
    fn name(&self) -> &str;

    /// Whether it counts as the model does, rather than estimates.
    fn is_exact(&self) -> bool;
}
