//! Blanking comments without moving a line.

use flux_core::ByteSpan;

/// The source with the words in `spans` made blanks. Punctuation stays: it tells nothing, and
/// with its quotes a doc string is still a string and a body still a body.
pub(crate) fn blank(source: &str, mut spans: Vec<ByteSpan>) -> String {
    spans.sort();
    let mut stripped = String::with_capacity(source.len());
    let mut end = 0;
    for span in spans.into_iter().filter(|span| !span.is_empty()) {
        let (from, to) = (end.max(span.start as usize), span.end as usize);
        if from < to {
            stripped += &source[end..from];
            stripped.extend(blank_words(&source[from..to]));
            end = to;
        }
    }
    stripped + &source[end..]
}

/// An attribute such as `@doc` in front of a doc string is code and stays.
fn blank_words(doc: &str) -> impl Iterator<Item = char> {
    let attribute = match doc.starts_with('@') {
        true => doc.find(|letter: char| letter.is_whitespace()).unwrap_or(0),
        false => 0,
    };
    let (kept, words) = doc.split_at(attribute);
    let blank = |letter: char| if letter.is_alphanumeric() { ' ' } else { letter };
    kept.chars().chain(words.chars().map(blank))
}

#[cfg(test)]
mod tests {
    use flux_core::RepoPath;
    use flux_grammars::{Extractor, detect};

    use super::blank;

    #[track_caller]
    fn check(file: &str, source: &str, expected: &str) {
        let grammar = detect(&RepoPath::new(file), source).unwrap();
        let symbols = Extractor::new().extract(grammar, source).unwrap().symbols;
        let comments = symbols.iter().map(|symbol| symbol.doc).collect();
        assert_eq!(blank(source, comments), expected);
    }

    #[test]
    fn words_above_a_function_become_blanks_and_other_comments_stay() {
        let source = "// keep\n\n/// Adds 2, twice.\nfn a() { // keep\n}\n";
        check("a.rs", source, "// keep\n\n///       ,      .\nfn a() { // keep\n}\n");
    }

    #[test]
    fn a_doc_string_stays_a_string() {
        let source = "def a():\n    \"\"\"Adds.\"\"\"\n";
        check("a.py", source, "def a():\n    \"\"\"    .\"\"\"\n");
    }
}
