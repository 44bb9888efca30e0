//! Names as words: what somebody who does not know the name would ask by.

/// Names that say nothing of what they name.
const TRIVIAL: &[&str] = &[
    "add",
    "apply",
    "args",
    "body",
    "build",
    "call",
    "check",
    "clear",
    "clone",
    "close",
    "cmp",
    "config",
    "constructor",
    "copy",
    "create",
    "data",
    "default",
    "delete",
    "deinit",
    "destroy",
    "dispose",
    "drop",
    "emit",
    "eq",
    "equals",
    "error",
    "exec",
    "execute",
    "finish",
    "fmt",
    "foo",
    "from",
    "func",
    "get",
    "handle",
    "hash",
    "index",
    "info",
    "init",
    "initialize",
    "invoke",
    "item",
    "iter",
    "key",
    "kind",
    "len",
    "length",
    "list",
    "main",
    "make",
    "name",
    "ne",
    "new",
    "next",
    "open",
    "options",
    "parse",
    "pop",
    "print",
    "process",
    "props",
    "push",
    "put",
    "read",
    "remove",
    "render",
    "reset",
    "result",
    "run",
    "save",
    "set",
    "setup",
    "size",
    "start",
    "state",
    "stop",
    "string",
    "teardown",
    "test",
    "tostring",
    "type",
    "update",
    "utils",
    "value",
    "values",
    "visit",
    "write",
];

/// The words of an identifier, in lower case: `HTTPServer_v2` is `http server v 2`.
pub(crate) fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(at + 1).copied();
        if before.is_some_and(|before| is_border(before, letter, after)) {
            take(&mut words, &mut word);
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
    }
    take(&mut words, &mut word);
    words
}

fn take(words: &mut Vec<String>, word: &mut String) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

fn is_border(before: char, letter: char, after: Option<char>) -> bool {
    let is_hump = before.is_lowercase() && letter.is_uppercase();
    let ends_acronym =
        before.is_uppercase() && letter.is_uppercase() && after.is_some_and(char::is_lowercase);
    let is_digit_edge = before.is_numeric() != letter.is_numeric();
    !letter.is_alphanumeric() || is_hump || ends_acronym || is_digit_edge
}

/// Whether nothing can be asked by these words of a name alone.
pub(crate) fn is_trivial(words: &[String]) -> bool {
    let is_word = |word: &&String| word.chars().all(char::is_alphabetic) && word.len() > 2;
    let mut telling = words.iter().filter(is_word).filter(|word| !TRIVIAL.contains(&word.as_str()));
    telling.next().is_none()
}

/// `text` without `name` wherever it stands as an identifier of its own.
pub(crate) fn blank(text: &str, name: &str) -> String {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut blanked = String::with_capacity(text.len());
    let mut kept = 0;
    for (at, _) in text.match_indices(name) {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        if !before.is_some_and(is_part) && !after.is_some_and(is_part) && at >= kept {
            blanked += &text[kept..at];
            blanked.push('_');
            kept = at + name.len();
        }
    }
    blanked + &text[kept..]
}

/// The parameters that `signature` names, as far as its punctuation tells without its grammar:
/// identifiers that a comma, a colon, an equals sign or the closing bracket follows.
pub(crate) fn parameters(signature: &str) -> Vec<&str> {
    let Some((_, rest)) = signature.split_once('(') else { return Vec::new() };
    let inside = rest.rsplit_once(')').map_or(rest, |(inside, _)| inside);
    let is_name = |part: &&str| {
        part.starts_with(|letter: char| letter.is_alphabetic())
            && part.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
            && !matches!(*part, "self" | "this" | "mut" | "cls")
    };
    inside
        .split(',')
        .filter_map(|part| {
            let named = part.split([':', '=']).next().unwrap_or(part).trim();
            let is_typed = part.contains(':');
            let mut candidates = named.split_whitespace();
            // In `Type name` the name is last, in `name Type` of Go and Swift it comes first;
            // a lower-case start tells them apart.
            let name = if is_typed { candidates.next() } else { candidates.next_back() };
            name.map(|name| name.trim_start_matches(['&', '*', '$', '.', '@']))
        })
        .filter(is_name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{blank, is_trivial, parameters, words};

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(words(name).join(" "), expected);
    }

    #[test]
    fn names_fall_into_words() {
        check("parseHTTPRequest", "parse http request");
        check("HTTPServer_v2", "http server v 2");
        check("max-retry.count?", "max retry count");
        check("__init__", "init");
    }

    #[test]
    fn a_name_without_a_telling_word_is_trivial() {
        assert!(is_trivial(&words("__init__")));
        assert!(is_trivial(&words("get_x1")));
        assert!(!is_trivial(&words("getPath")));
    }

    #[test]
    fn only_whole_identifiers_are_blanked() {
        assert_eq!(blank("fn open(open_all) { open() }", "open"), "fn _(open_all) { _() }");
    }

    #[test]
    fn parameters_are_found_in_the_styles_of_languages() {
        assert_eq!(parameters("fn a(&self, path: &Path, limit: usize)"), ["path", "limit"]);
        assert_eq!(parameters("def a(self, name, size=3):"), ["name", "size"]);
        assert_eq!(parameters("int a(const char *text, size_t length)"), ["text", "length"]);
        assert!(parameters("class A").is_empty());
    }
}
