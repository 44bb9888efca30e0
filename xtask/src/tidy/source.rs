//! Rules about the lines of a Rust file: its opening docs, its length, its left-over markers.

use super::Problem;

const MAX_FILE_LINES: usize = 800;
/// Shorter than this, the first paragraph of a crate cannot say what the crate is for.
const MIN_PARAGRAPH: usize = 60;

/// A file opens by saying what it is responsible for.
pub(super) fn module_docs(path: &str, text: &str) -> Vec<Problem> {
    let first = text.lines().next().unwrap_or("");
    match first.strip_prefix("//!") {
        Some(docs) if !docs.trim().is_empty() => Vec::new(),
        _ => vec![Problem::new(path, 1, "the file does not open with `//!` docs")],
    }
}

/// A file stops growing at 800 lines.
pub(super) fn length(path: &str, text: &str) -> Vec<Problem> {
    let lines = text.lines().count();
    if lines <= MAX_FILE_LINES {
        return Vec::new();
    }
    let message = format!("the file has {lines} lines, the limit is {MAX_FILE_LINES}");
    vec![Problem::new(path, MAX_FILE_LINES + 1, message)]
}

/// A `lib.rs` opens with a paragraph about its crate; other files have none to check.
pub(super) fn crate_paragraph(path: &str, text: &str) -> Vec<Problem> {
    if !path.ends_with("src/lib.rs") {
        return Vec::new();
    }
    let docs = text.lines().map_while(|line| line.strip_prefix("//!"));
    let paragraph: usize =
        docs.map(str::trim).take_while(|line| !line.is_empty()).map(str::len).sum();
    if paragraph >= MIN_PARAGRAPH {
        return Vec::new();
    }
    vec![Problem::new(path, 1, "the crate does not open with a paragraph on what it is for")]
}

/// Comments carry no promises of later work.
pub(super) fn markers(path: &str, text: &str) -> Vec<Problem> {
    // Spelled in halves so that this file keeps its own rule.
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some((_, comment)) = line.split_once("//") else { continue };
        let mut found = comment.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        if let Some(word) = found.find(|word| words.contains(word)) {
            problems.push(Problem::new(path, index + 1, format!("`{word}` is left in a comment")));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::{crate_paragraph, length, markers, module_docs};

    #[test]
    fn a_file_without_opening_docs_fails() {
        assert_eq!(module_docs("a.rs", "//! Spans.\nuse x;\n"), []);
        for text in ["", "//!\n", "//! \nfn a() {}\n", "// Spans.\n", "\n//! Late.\n"] {
            assert_eq!(module_docs("a.rs", text).len(), 1, "{text:?}");
        }
    }

    #[test]
    fn a_file_of_801_lines_fails_at_the_first_line_too_many() {
        assert_eq!(length("a.rs", &"x\n".repeat(800)), []);
        let problems = length("a.rs", &"x\n".repeat(801));
        assert_eq!(problems[0].to_string(), "a.rs:801: the file has 801 lines, the limit is 800");
    }

    #[test]
    fn a_crate_says_in_a_paragraph_what_it_is_for() {
        let long =
            "//! Turns source trees into snapshots: walks, parses and cuts files,\n//! and more.\n";
        assert_eq!(crate_paragraph("core/src/lib.rs", long), []);
        assert_eq!(crate_paragraph("core/src/lib.rs", "//! Spans.\n//!\n//! More.\n").len(), 1);
        assert_eq!(crate_paragraph("core/src/span.rs", "//! Spans.\n"), []);
    }

    #[test]
    fn a_promise_in_a_comment_fails_and_one_in_a_string_passes() {
        let word = concat!("TO", "DO");
        let problems = markers("a.rs", &format!("let a = 1;\nlet b = 2; // {word}: more\n"));
        assert_eq!(problems[0].to_string(), format!("a.rs:2: `{word}` is left in a comment"));
        assert_eq!(markers("a.rs", &format!("search(\"{word}\")\n// {word}_LIST is a name\n")), []);
    }
}
