//! Conditional compilation: which code is part of the build that the graph describes.
//!
//! One build stands for all: the tests of a 64-bit Linux host with every feature on, since that
//! build sees most of a project.

/// What is known of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    /// The code is part of the build.
    True,
    /// It is not.
    False,
    /// It depends on something nobody said.
    Unknown,
}

/// Conditions within conditions that are still read.
const MAX_DEPTH: u32 = 32;

/// Evaluates what stands inside of `cfg(...)`. What cannot be read is unknown.
pub(crate) fn cfg(predicate: &str) -> Truth {
    let mut reader = Reader { rest: predicate, depth: 0 };
    let truth = reader.predicate();
    if reader.rest.trim_matches([' ', ',', '\n', '\t', '\r']).is_empty() {
        truth
    } else {
        Truth::Unknown
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn predicate(&mut self) -> Truth {
        let name = self.word();
        if self.eat('(') {
            return self.combined(name);
        }
        if self.eat('=') {
            return self.string().map_or(Truth::Unknown, |value| equals(name, value));
        }
        holds(name)
    }

    fn combined(&mut self, name: &str) -> Truth {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.rest = "";
            return Truth::Unknown;
        }
        let mut parts = Vec::new();
        while !self.eat(')') {
            let before = self.rest.len();
            parts.push(self.predicate());
            self.eat(',');
            if self.rest.len() == before {
                self.rest = "";
                return Truth::Unknown;
            }
        }
        self.depth -= 1;
        let has = |truth: Truth| parts.contains(&truth);
        match name {
            "all" if has(Truth::False) => Truth::False,
            "all" if !has(Truth::Unknown) => Truth::True,
            "any" if has(Truth::True) => Truth::True,
            "any" if !has(Truth::Unknown) => Truth::False,
            "not" if parts == [Truth::True] => Truth::False,
            "not" if parts == [Truth::False] => Truth::True,
            _ => Truth::Unknown,
        }
    }

    fn word(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let is_part = |char: char| char == '_' || char.is_alphanumeric();
        let length = self.rest.find(|char| !is_part(char)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        word
    }

    fn eat(&mut self, char: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(char);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn string(&mut self) -> Option<&'a str> {
        let (value, rest) = self.rest.trim_start().strip_prefix('"')?.split_once('"')?;
        self.rest = rest;
        Some(value)
    }
}

fn truth(is_true: bool) -> Truth {
    if is_true { Truth::True } else { Truth::False }
}

fn holds(name: &str) -> Truth {
    match name {
        "unix" | "test" | "debug_assertions" | "true" => Truth::True,
        "windows" | "doc" | "doctest" | "docsrs" | "miri" | "false" => Truth::False,
        _ => Truth::Unknown,
    }
}

fn equals(name: &str, value: &str) -> Truth {
    match name {
        "feature" => Truth::True,
        "target_os" => truth(value == "linux"),
        "target_family" => truth(value == "unix"),
        "target_arch" => truth(value == "x86_64"),
        "target_pointer_width" => truth(value == "64"),
        "target_endian" => truth(value == "little"),
        "target_env" => truth(value == "gnu"),
        "target_vendor" => truth(value == "unknown"),
        "target_has_atomic" => truth(matches!(value, "8" | "16" | "32" | "64" | "ptr")),
        "target_feature" if matches!(value, "sse" | "sse2" | "fxsr") => Truth::True,
        "panic" => truth(value == "unwind"),
        _ => Truth::Unknown,
    }
}
