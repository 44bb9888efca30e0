//! Colours of code, letter by letter: comments, strings, numbers and words that most languages keep
//! for themselves. A grammar would need the whole text; this must not wait for it.

use super::paint::Paint;

/// A block of code that is being shown.
#[derive(Debug, Default)]
pub(super) struct Code {
    kind: Option<Kind>,
    state: State,
    /// A word that is not over.
    word: String,
    /// Whether the start of this word was shown already.
    is_rest: bool,
    /// The first letter of what may be a mark of two.
    held: Option<char>,
    is_line_start: bool,
}

/// What matters of a language.
#[derive(Clone, Copy, Debug)]
struct Kind {
    comments: Comments,
    quotes: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comments {
    /// `//` and `/* */`.
    Slashes,
    /// `#`.
    Hash,
    /// `--`.
    Dashes,
    /// No comments: each line is coloured by its first letter.
    Diff,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Plain,
    /// To the end of the line, in this colour.
    Line(&'static str),
    /// To `*/`; whether the last letter was `*`.
    Block(bool),
    /// To this quote; whether the next letter is escaped.
    Text(char, bool),
}

const COMMENT: &str = "2";
const TEXT: &str = "32";
const NUMBER: &str = "33";
const KEYWORD: &str = "35";

impl Code {
    /// A block in the language that `info` names.
    pub(super) fn of(info: &str) -> Self {
        let name = info.split([' ', ',', '{']).find(|part| !part.is_empty()).unwrap_or_default();
        Self { kind: kind(&name.to_ascii_lowercase()), is_line_start: true, ..Self::default() }
    }

    pub(super) fn take(&mut self, letter: char, paint: &mut Paint) {
        let is_line_start = std::mem::replace(&mut self.is_line_start, letter == '\n');
        let Some(kind) = self.kind else { return paint.add("", utf8(letter, &mut [0; 4])) };
        if kind.comments == Comments::Diff && is_line_start {
            self.state = State::Line(diff_line(letter));
        }
        let shown = &mut [0; 4];
        let shown = utf8(letter, shown);
        match self.state {
            State::Plain => self.plain(letter, kind, paint),
            State::Line(_) if letter == '\n' => {
                self.state = State::Plain;
                paint.add("", shown);
            }
            State::Line(sgr) => paint.add(sgr, shown),
            State::Block(is_star) => {
                paint.add(COMMENT, shown);
                let is_over = is_star && letter == '/';
                self.state = if is_over { State::Plain } else { State::Block(letter == '*') };
            }
            State::Text(quote, is_escaped) => {
                paint.add(if letter == '\n' { "" } else { TEXT }, shown);
                let is_over = letter == '\n' || letter == quote && !is_escaped;
                let escapes = letter == '\\' && !is_escaped;
                self.state = if is_over { State::Plain } else { State::Text(quote, escapes) };
            }
        }
    }

    fn plain(&mut self, letter: char, kind: Kind, paint: &mut Paint) {
        if let Some(first) = self.held.take() {
            let begun = match (first, letter) {
                ('/', '/') | ('-', '-') => Some(State::Line(COMMENT)),
                ('/', '*') => Some(State::Block(false)),
                _ => None,
            };
            if let Some(state) = begun {
                self.state = state;
                paint.add(COMMENT, utf8(first, &mut [0; 4]));
                return paint.add(COMMENT, utf8(letter, &mut [0; 4]));
            }
            paint.add("", utf8(first, &mut [0; 4]));
        }
        if letter.is_alphanumeric() || letter == '_' {
            return self.word.push(letter);
        }
        self.flush_word(paint);
        self.is_rest = false;
        match (letter, kind.comments) {
            ('/', Comments::Slashes) | ('-', Comments::Dashes) => self.held = Some(letter),
            ('#', Comments::Hash) => {
                self.state = State::Line(COMMENT);
                paint.add(COMMENT, "#");
            }
            (quote, _) if kind.quotes.contains(quote) => {
                self.state = State::Text(quote, false);
                paint.add(TEXT, utf8(quote, &mut [0; 4]));
            }
            _ => paint.add("", utf8(letter, &mut [0; 4])),
        }
    }

    /// Shows what can be shown: a word may go on with the next piece, but nobody waits for it.
    pub(super) fn flush(&mut self, paint: &mut Paint) {
        if !self.word.is_empty() {
            self.flush_word(paint);
            self.is_rest = true;
        }
    }

    fn flush_word(&mut self, paint: &mut Paint) {
        let word = std::mem::take(&mut self.word);
        let sgr = match word.chars().next() {
            _ if self.is_rest => "",
            Some(first) if first.is_ascii_digit() => NUMBER,
            Some(_) if KEYWORDS.binary_search(&word.as_str()).is_ok() => KEYWORD,
            Some(_) | None => "",
        };
        paint.add(sgr, &word);
    }
}

fn utf8(letter: char, buffer: &mut [u8; 4]) -> &str {
    letter.encode_utf8(buffer)
}

/// The colour of a line of a diff by its first letter.
pub(crate) fn diff_line(first: char) -> &'static str {
    match first {
        '+' => "32",
        '-' => "31",
        '@' => "36",
        _ => "",
    }
}

fn kind(language: &str) -> Option<Kind> {
    let of = |comments, quotes| Some(Kind { comments, quotes });
    match language {
        "diff" | "patch" => of(Comments::Diff, ""),
        // A single quote is a lifetime as often as a letter.
        "rust" | "rs" => of(Comments::Slashes, "\""),
        "c" | "h" | "cpp" | "c++" | "cc" | "cs" | "csharp" | "java" | "kotlin" | "kt" | "scala"
        | "swift" | "dart" | "php" | "css" | "scss" | "json" | "jsonc" | "proto" => {
            of(Comments::Slashes, "\"'")
        }
        "go" | "js" | "jsx" | "ts" | "tsx" | "javascript" | "typescript" | "groovy" => {
            of(Comments::Slashes, "\"'`")
        }
        "python" | "py" | "ruby" | "rb" | "sh" | "bash" | "zsh" | "fish" | "shell" | "console"
        | "toml" | "yaml" | "yml" | "make" | "makefile" | "dockerfile" | "r" | "perl" | "ini"
        | "elixir" | "nix" => of(Comments::Hash, "\"'"),
        "sql" | "lua" | "haskell" | "hs" | "ada" | "elm" => of(Comments::Dashes, "\"'"),
        _ => None,
    }
}

/// Words that programs of most languages keep for themselves, sorted.
const KEYWORDS: &[&str] = &[
    "False",
    "None",
    "True",
    "abstract",
    "and",
    "as",
    "async",
    "await",
    "begin",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "def",
    "default",
    "defer",
    "del",
    "do",
    "elif",
    "else",
    "end",
    "enum",
    "except",
    "export",
    "extends",
    "false",
    "final",
    "finally",
    "fn",
    "for",
    "from",
    "func",
    "function",
    "go",
    "if",
    "impl",
    "implements",
    "import",
    "in",
    "int",
    "interface",
    "is",
    "lambda",
    "let",
    "loop",
    "match",
    "mod",
    "module",
    "mut",
    "namespace",
    "new",
    "nil",
    "not",
    "null",
    "or",
    "package",
    "pass",
    "private",
    "protected",
    "pub",
    "public",
    "raise",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "switch",
    "then",
    "this",
    "throw",
    "trait",
    "true",
    "try",
    "type",
    "typedef",
    "union",
    "unsafe",
    "use",
    "using",
    "val",
    "var",
    "void",
    "where",
    "while",
    "with",
    "yield",
];

#[cfg(test)]
mod tests {
    use super::KEYWORDS;

    #[test]
    fn words_are_found_because_they_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }
}
