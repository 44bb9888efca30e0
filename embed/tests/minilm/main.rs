//! A real model against the vectors that sentence-transformers gives; see `vectors`.

#[cfg(test)]
mod vectors;
