//! Comments that stand for code: `// ... rest unchanged`, `# existing code`, `/* unchanged */`.
//!
//! A comment is one if all its words are such as people use for leaving out, and some of them say
//! so. That is stricter than looking for a phrase: "existing code paths keep their lock" is prose.

/// What opens a comment in some language.
const OPENERS: [&str; 9] = ["//", "/*", "#", "--", "<!--", "{/*", "%", ";", "\"\"\""];

/// Words that may stand in such a comment.
const FILLERS: [&str; 62] = [
    "a",
    "above",
    "additional",
    "all",
    "and",
    "any",
    "are",
    "as",
    "before",
    "below",
    "body",
    "brevity",
    "change",
    "changes",
    "class",
    "classes",
    "code",
    "content",
    "contents",
    "continues",
    "etc",
    "everything",
    "fields",
    "file",
    "following",
    "for",
    "function",
    "functions",
    "goes",
    "here",
    "implementation",
    "imports",
    "in",
    "is",
    "it",
    "its",
    "keep",
    "kept",
    "lines",
    "logic",
    "method",
    "methods",
    "module",
    "more",
    "no",
    "of",
    "other",
    "others",
    "part",
    "previous",
    "remain",
    "remains",
    "same",
    "section",
    "stay",
    "stays",
    "the",
    "this",
    "unmodified",
    "was",
    "with",
    "your",
];

/// Words that say that something is left out, on their own.
const STRONG: [&str; 9] = [
    "unchanged",
    "omitted",
    "elided",
    "truncated",
    "snip",
    "snipped",
    "unmodified",
    "untouched",
    "abbreviated",
];

/// Words that say so together with an ellipsis or with what they are about.
const WEAK: [&str; 11] = [
    "rest",
    "existing",
    "remaining",
    "remainder",
    "same",
    "previous",
    "original",
    "other",
    "others",
    "everything",
    "else",
];

/// What is left out.
const OBJECTS: [&str; 20] = [
    "code",
    "file",
    "function",
    "functions",
    "method",
    "methods",
    "class",
    "classes",
    "imports",
    "implementation",
    "module",
    "body",
    "content",
    "contents",
    "logic",
    "lines",
    "fields",
    "section",
    "here",
    "part",
];

/// Longest comment of this kind, in words.
const MOST_WORDS: usize = 10;

/// Whether a line, or a comment at its end, stands for code.
pub(super) fn stands_for_code(line: &str) -> bool {
    comment(line).is_some_and(is_elision)
}

/// The comment of a line without its signs.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim();
    if let Some(opener) = OPENERS.iter().find(|opener| line.starts_with(**opener)) {
        return Some(&line[opener.len()..]);
    }
    if line.starts_with(['…', '[', '<', '(']) || line.starts_with("...") {
        return Some(line);
    }
    let behind = [" // ", " # ", " /* ", " -- "];
    behind.iter().find_map(|opener| line.split_once(opener)).map(|(_, comment)| comment)
}

fn is_elision(comment: &str) -> bool {
    let has_dots = comment.contains("...") || comment.contains('…');
    // `[rest]` and `<T>` are code; `[... rest of the file ...]` is not.
    if comment.starts_with(['[', '<', '(']) && !has_dots {
        return false;
    }
    let lower = comment.to_lowercase();
    let words: Vec<&str> = lower
        .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
        .filter(|word| !word.is_empty())
        .collect();
    let is_any = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let is_known =
        |word: &&str| FILLERS.contains(word) || STRONG.contains(word) || WEAK.contains(word);
    if words.is_empty() || words.len() > MOST_WORDS || !words.iter().all(is_known) {
        return false;
    }
    let is_before = words.ends_with(&["as", "before"]);
    let weak = is_any(&WEAK) && (has_dots || is_before || is_any(&OBJECTS));
    is_any(&STRONG) || weak
}

#[cfg(test)]
mod tests {
    use super::stands_for_code;

    #[test]
    fn comments_that_stand_for_code_are_known() {
        for line in [
            "// ... rest unchanged",
            "    # existing code",
            "/* unchanged */",
            "// ... existing code ...",
            "# ... (rest of the file remains the same)",
            "<!-- rest of content unchanged -->",
            "{/* ... existing imports ... */}",
            "-- remaining lines unchanged",
            "    x = 1  # ... rest of the method",
            "... rest of the code ...",
            "[... rest of file unchanged ...]",
            "// same as before",
            "// other methods here",
            "# Rest of the implementation stays the same",
            "// … remaining functions",
            "# (code omitted for brevity)",
            "// unchanged code above",
            "/* ... other fields ... */",
            "// previous code",
            "; rest of file",
            "% original contents here",
            "// ...the rest of your code goes here...",
        ] {
            assert!(stands_for_code(line), "{line}");
        }
    }

    #[test]
    fn other_comments_and_code_pass() {
        for line in [
            "// existing code paths keep their lock",
            "# the rest is read by the parser",
            "// the rest",
            "let [first, ...rest] = list;",
            "def f(...): ...",
            "    ...",
            "return rest",
            "// Returns the original value of the field before it was changed",
            "# unchanged since 1998, see the RFC",
            "<T extends Rest>",
            "(rest)",
            "// else",
            "x -= 1 // same",
            "#include <rest.h>",
            "print('... rest unchanged')",
        ] {
            assert!(!stands_for_code(line), "{line}");
        }
    }
}
