//! Patterns to try: handmade ones for the corners of regular expressions, and ones drawn from a
//! repository's own text, the same on every run.

use std::fs;
use std::path::Path;

use super::tree::text_files;
use crate::bootstrap::SplitMix;

/// A pattern and the options that both programs understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) text: String,
    pub(super) options: Vec<&'static str>,
}

/// Corners: empty matches, anchors, classes, one and two bytes, Unicode, alternations, flags
/// inside the pattern, bytes that are not UTF-8, repetition.
const REGEXES: &[&str] = &[
    "^",
    "$",
    "^$",
    "x*",
    "a?",
    "()",
    r"\b",
    "^ *$",
    ".",
    "^.",
    ".$",
    "x",
    "if",
    "=>",
    ";$",
    "^#",
    "^}",
    r"^\s+return",
    r"\)$",
    r"\s+$",
    r"\t",
    r"[A-Z]{3,}",
    r"[^\x00-\x7F]",
    r"\p{Greek}",
    r"\p{Lu}\p{Ll}+",
    "[äöüß]",
    "é",
    "→",
    "…",
    r"\d{4}-\d{2}-\d{2}",
    r"0x[0-9a-fA-F]+",
    r"(?i)error",
    r"(?i)TODO|fixme",
    r"(?-u)\xff",
    r"(?-u:\w)+\(",
    r"(?x) fn \s+ \w+",
    r"import|return|struct",
    "(a|b)c",
    r"(foo|bar|baz)\w*",
    r"\w+::\w+",
    r"\w+\.\w+\(",
    r#""[^"]*""#,
    "'[^']*'",
    r"\{\s*\}",
    r"\[\d+\]",
    r"fn\s+\w+",
    r"def\s+\w+\(self",
    "a.b",
    "a.*b",
    r"https?://\S+",
    r"(?m)^use ",
    "e{2}",
    "[[:alpha:]]+[[:digit:]]",
    r"\Aimport",
    r"end\z",
    "(?s)a.b",
    r"\\",
    r"\.\.\.",
    "[a-c]x",
    "[^a-z]q",
    "(?i)straße",
    r"\w{30,}",
    r"^.{120,}$",
];
/// The same for literals.
const LITERALS: &[&str] = &[
    "(", ")", "[", "\\", ".", "*", "$", "^", "a", "->", "é", "the", "TODO", "::", "\t", "  ", "==",
];
const CASELESS: &[&str] = &["error", "ERROR", "é", "k", "s", "ſ", "straße", "i", "import os"];
const WORDS: &[&str] = &["a", "in", "self", "is|as", "x*", "-", r"\w+_\w+", "é", "e.g."];
const SMART: &[&str] = &["error", "Error", r"\Sx", "[a-z]X", "É"];

/// At most `count` patterns: the handmade ones, then drawn ones.
pub(super) fn patterns(root: &Path, count: usize) -> anyhow::Result<Vec<Pattern>> {
    let groups: [(&[&str], &[&'static str]); 5] = [
        (REGEXES, &["-e"]),
        (LITERALS, &["-F"]),
        (CASELESS, &["-e", "-i"]),
        (WORDS, &["-e", "-w"]),
        (SMART, &["-e", "-S"]),
    ];
    let handmade = groups.into_iter().flat_map(|(texts, options)| {
        texts.iter().map(|text| Pattern { text: (*text).to_owned(), options: options.to_vec() })
    });
    let mut patterns: Vec<Pattern> = handmade.take(count).collect();
    let files = text_files(root)?;
    let mut random = SplitMix(200);
    // A repository without lines long enough to draw from ends the search for them.
    for _ in 0..count * 100 {
        if patterns.len() >= count {
            break;
        }
        let file = &files[random.below(files.len())];
        let text = fs::read_to_string(file)?;
        let lines: Vec<&str> = text.lines().filter(|line| line.trim().len() >= 8).collect();
        if !lines.is_empty() {
            let line = lines[random.below(lines.len())].trim();
            patterns.extend(draw(line, &mut random).filter(|new| !patterns.contains(new)));
        }
    }
    Ok(patterns)
}

/// Makes a pattern that matches `line`, among others.
fn draw(line: &str, random: &mut SplitMix) -> Option<Pattern> {
    let words: Vec<&str> = line
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let word = *words.get(random.below(words.len().max(1)))?;
    let other = words[random.below(words.len())];
    let piece = piece(line, random);
    let (text, options): (String, &[&'static str]) = match random.below(10) {
        0 => (piece, &["-F"]),
        1 => (word.to_owned(), &["-F"]),
        2 => (piece.to_lowercase(), &["-F", "-i"]),
        3 => (word.to_owned(), &["-F", "-w"]),
        4 => (escape(&piece), &["-e"]),
        5 => (format!(r"^\s*{}", escape(&line.chars().take(6).collect::<String>())), &["-e"]),
        6 => (format!("{}.*{}", escape(word), escape(other)), &["-e"]),
        7 => (format!("{}|{}", escape(word), escape(other)), &["-e", "-w"]),
        8 => {
            (format!(r"\b{}\w*", escape(&word.chars().take(3).collect::<String>())), &["-e", "-i"])
        }
        _ => (
            format!("[{}]{}$", escape(&word[..first(word)]), escape(&word[first(word)..])),
            &["-e"],
        ),
    };
    Some(Pattern { text, options: options.to_vec() })
}

fn first(word: &str) -> usize {
    word.chars().next().map_or(0, char::len_utf8)
}

/// Two to twenty characters of `line`.
fn piece(line: &str, random: &mut SplitMix) -> String {
    let characters: Vec<char> = line.chars().collect();
    let length = (2 + random.below(19)).min(characters.len());
    let start = random.below(characters.len() - length + 1);
    characters[start..start + length].iter().collect()
}

/// Takes its meaning from every character that has one in a regular expression.
fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        if r"\.+*?()|[]{}^$#&-~".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
        escaped
    })
}
