//! How patterns and rewrites are written: code with `$NAME` for one piece of code and `$$$NAME` for
//! any number of them, `$_` and `$$$` for such that need no name, and `\$` for the sign itself.

use super::PatternError;

/// A part of a pattern or rewrite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Code.
    Code(String),
    /// A hole, by its number among the names.
    Hole(usize),
}

/// A hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Its name, without signs; empty if it has none.
    pub name: String,
    /// Whether it stands for any number of pieces.
    pub is_many: bool,
}

impl Hole {
    /// As it is written.
    pub fn written(&self) -> String {
        let sign = if self.is_many { "$$$" } else { "$" };
        let name = if self.name.is_empty() && !self.is_many { "_" } else { &self.name };
        format!("{sign}{name}")
    }
}

/// A pattern as it was typed. A hole has a number of its own wherever it stands; those of one name
/// must hold the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternText {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// Its holes by number.
    pub holes: Vec<Hole>,
}

/// What comes instead of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// Its parts, in order; the holes are those of the pattern.
    pub parts: Vec<Part>,
}

impl PatternText {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        let mut read = Self { parts: Vec::new(), holes: Vec::new() };
        let parts = parts(text, &mut |hole| {
            read.holes.push(hole);
            Ok(read.holes.len() - 1)
        })?;
        read.parts = parts;
        let is_bare = !read.parts.iter().any(|part| matches!(part, Part::Code(_)));
        if is_bare { Err(PatternError::Bare) } else { Ok(read) }
    }

    /// Reads a rewrite of this pattern.
    pub fn rewrite(&self, text: &str) -> Result<Rewrite, PatternError> {
        let mut seen: Vec<Hole> = Vec::new();
        let parts = parts(text.trim(), &mut |hole| {
            let is_it = |one: &&usize| self.holes[**one] == hole && !hole.name.is_empty();
            let known: Vec<usize> = (0..self.holes.len()).filter(|one| is_it(&one)).collect();
            // The second of a name is the second of the pattern, as far as there is one.
            let before = seen.iter().filter(|one| **one == hole).count();
            seen.push(hole.clone());
            let found = known.get(before).or(known.first()).copied();
            found.ok_or_else(|| PatternError::Unknown(hole.written()))
        })?;
        Ok(Rewrite { parts })
    }

    /// Pairs of holes of one name.
    pub(super) fn twins(&self) -> impl Iterator<Item = (usize, usize)> {
        let first = |hole: usize| {
            let same = |one: &&usize| self.holes[**one] == self.holes[hole];
            (0..hole).find(|one| same(&one)).map(|one| (one, hole))
        };
        (0..self.holes.len()).filter(|hole| !self.holes[*hole].name.is_empty()).filter_map(first)
    }
}

fn parts(
    text: &str,
    number: &mut dyn FnMut(Hole) -> Result<usize, PatternError>,
) -> Result<Vec<Part>, PatternError> {
    let mut parts = Vec::new();
    let mut code = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("\\$") {
            code.push('$');
            rest = after;
        } else if let Some((hole, length)) = hole(rest) {
            if code.ends_with(is_word) {
                return Err(PatternError::PartOfWord(hole.written()));
            }
            if !code.is_empty() {
                parts.push(Part::Code(std::mem::take(&mut code)));
            }
            parts.push(Part::Hole(number(hole)?));
            rest = &rest[length..];
        } else {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    if !code.is_empty() {
        parts.push(Part::Code(code));
    }
    Ok(parts)
}

/// The hole that a text starts with, and its length in bytes.
fn hole(text: &str) -> Option<(Hole, usize)> {
    let signs = text.len() - text.trim_start_matches('$').len();
    let rest = &text[signs..];
    let name = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
    let is_name = name.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && name.chars().all(|c| matches!(c, 'A'..='Z' | '0'..='9' | '_'));
    let named = if name.starts_with('_') { "" } else { name };
    match signs {
        1 if is_name => Some((Hole { name: named.to_owned(), is_many: false }, 1 + name.len())),
        3 if is_name => Some((Hole { name: named.to_owned(), is_many: true }, 3 + name.len())),
        3 if name.is_empty() => Some((Hole { name: String::new(), is_many: true }, 3)),
        _ => None,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
