//! What one file brings to the graph, as it lies in the store.

use std::sync::Arc;

use flux_grammars::{Category, Extracted, Grammar};
use flux_resolve::{Facts, is_layered, lower};
use tree_sitter::Tree;

/// The facts of one file and where its lines begin.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lowered {
    /// What resolution needs to know.
    pub(crate) facts: Arc<Facts>,
    /// A digest of what other files may see of them.
    pub(crate) exports: u64,
    /// Offset of the first byte of each line; the first is 0.
    pub(crate) lines: Vec<u32>,
}

impl Lowered {
    /// Lowers a text that parsed, if a layer understands its language.
    pub(crate) fn of_tree(language: &str, text: &str, tree: &Tree) -> Option<Self> {
        Some(Self::new(lower(language, text, tree)?, line_starts(text)))
    }

    /// What is left to say of code in a language that no layer understands.
    pub(crate) fn plain(spec: &Grammar, text: &str, extracted: &Extracted) -> Option<Self> {
        if spec.category() != Category::Code || is_layered(spec.name()) {
            return None;
        }
        let facts = Facts::plain(&extracted.symbols, &extracted.references);
        Some(Self::new(facts, line_starts(text)))
    }

    fn new(facts: Facts, lines: Vec<u32>) -> Self {
        Self { exports: facts.exports(), facts: Arc::new(facts), lines }
    }

    /// Number of lines, the length of each but the last as a varint (LEB128), then the facts.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, self.lines.len() as u32);
        self.lines.windows(2).for_each(|pair| put(&mut bytes, pair[1] - pair[0]));
        bytes.extend(self.facts.encode());
        bytes
    }

    /// Reads what [`encode`](Self::encode) wrote, of facts with this digest; `None` for anything
    /// else.
    pub(crate) fn decode(mut bytes: &[u8], exports: u64) -> Option<Self> {
        let count = take(&mut bytes)? as usize;
        if count == 0 || count > bytes.len() + 1 {
            return None;
        }
        let mut lines = Vec::with_capacity(count);
        lines.push(0u32);
        for at in 1..count {
            lines.push(lines[at - 1].checked_add(take(&mut bytes)?)?);
        }
        Some(Self { facts: Arc::new(Facts::decode(bytes)?), exports, lines })
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let breaks = text.bytes().zip(1u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next);
    std::iter::once(0).chain(breaks).collect()
}

fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0u32;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7F).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use flux_core::References;
    use flux_resolve::Facts;

    use super::{Lowered, line_starts};

    #[test]
    fn lines_and_facts_survive_their_bytes() {
        let text = format!("a\n\n{}\nlast", "x".repeat(400));
        let facts = Facts::plain(&[], &References::default());
        let lowered = Lowered::new(facts, line_starts(&text));
        assert_eq!(lowered.lines, [0, 2, 3, 404]);
        let bytes = lowered.encode();
        let decode = |bytes| Lowered::decode(bytes, lowered.exports);
        assert_eq!(decode(&bytes).as_ref(), Some(&lowered));
        (0..bytes.len()).for_each(|cut| assert_eq!(decode(&bytes[..cut]), None));
    }

    #[test]
    fn an_absurd_number_of_lines_asks_for_no_memory() {
        assert_eq!(Lowered::decode(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1], 1), None);
    }
}
