//! The changes of a move, gathered file by file. Changes that touch each other become one, because a
//! plan takes none that overlap.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use flux_core::ByteSpan;
use flux_engine::syntax::{ImportStatement, PartKind};

use crate::edit::Change;
use crate::refactor::sources::Source;

/// A span and what comes in its place.
pub(super) type Splice = (ByteSpan, String);

/// Changes by path.
#[derive(Default)]
pub(super) struct Edits {
    files: BTreeMap<String, (Rc<Source>, Vec<Splice>)>,
    created: Vec<Change>,
    /// Parts of import statements that go, by path and start of the statement.
    dropped: BTreeMap<(String, u32), BTreeSet<usize>>,
}

impl Edits {
    /// Puts a text in the place of another.
    pub(super) fn replace(&mut self, source: &Rc<Source>, span: ByteSpan, new: impl Into<String>) {
        let entry = self.files.entry(source.path.to_string());
        let (_, edits) = entry.or_insert_with(|| (source.clone(), Vec::new()));
        let new = new.into();
        if !edits.iter().any(|(other, text)| *other == span && *text == new) {
            edits.push((span, new));
        }
    }

    /// Puts a text at an offset; the same text is put there once.
    pub(super) fn insert(&mut self, source: &Rc<Source>, at: u32, new: impl Into<String>) {
        self.replace(source, ByteSpan::new(at, at), new);
    }

    /// Makes a file.
    pub(super) fn create(&mut self, path: String, content: String) {
        self.created.push(Change::Create { path, content });
    }

    /// Takes a part out of a statement that imports.
    pub(super) fn drop_part(
        &mut self,
        source: &Rc<Source>,
        statement: &ImportStatement,
        part: usize,
    ) {
        let key = (source.path.to_string(), statement.span.start);
        self.dropped.entry(key).or_default().insert(part);
    }

    /// Whether a part of a statement goes.
    pub(super) fn drops(&self, source: &Source, statement: &ImportStatement, part: usize) -> bool {
        let key = (source.path.to_string(), statement.span.start);
        self.dropped.get(&key).is_some_and(|parts| parts.contains(&part))
    }

    /// Writes the statements without the parts that go. `instead` are lines that take the place of
    /// one of which nothing is left, or follow what is left, by path and start.
    pub(super) fn settle_imports(
        &mut self,
        sources: &[Rc<Source>],
        instead: &BTreeMap<(String, u32), Vec<String>>,
    ) {
        let mut keys: BTreeSet<(String, u32)> = self.dropped.keys().cloned().collect();
        keys.extend(instead.keys().cloned());
        for key in keys {
            let Some(source) = sources.iter().find(|source| *source.path.as_str() == *key.0) else {
                continue;
            };
            let Some(syntax) = source.syntax() else { continue };
            let statements = syntax.imports(&source.text);
            let Some(statement) = statements.iter().find(|one| one.span.start == key.1) else {
                continue;
            };
            let none = BTreeSet::new();
            let removed = with_empty_lists(statement, self.dropped.get(&key).unwrap_or(&none));
            let lines = instead.get(&key).map_or(&[][..], Vec::as_slice);
            self.settle(source, statement, &removed, lines);
        }
    }

    fn settle(
        &mut self,
        source: &Rc<Source>,
        statement: &ImportStatement,
        removed: &BTreeSet<usize>,
        lines: &[String],
    ) {
        let text = &source.text;
        let start = text[..statement.whole.start as usize].rfind('\n').map_or(0, |at| at + 1);
        let indentation = &text[start..statement.whole.start as usize];
        let indentation = if indentation.trim().is_empty() { indentation } else { "" };
        let joined = lines.join(&format!("\n{indentation}"));
        if removed.len() == statement.parts.len() {
            if lines.is_empty() && is_only_of_block(source, statement) {
                self.replace(source, statement.whole, "pass");
            } else if lines.is_empty() {
                self.replace(source, whole_lines(text, statement.whole), "");
            } else {
                self.replace(source, statement.whole, joined);
            }
            return;
        }
        for (span, new) in removed_spans(statement, text, removed) {
            self.replace(source, span, new);
        }
        if !lines.is_empty() {
            let at = text[statement.span.end as usize..]
                .find('\n')
                .map_or(text.len(), |at| statement.span.end as usize + at);
            self.insert(source, at as u32, format!("\n{indentation}{joined}"));
        }
    }

    /// All changes, in an order that does not depend on how they were found.
    pub(super) fn changes(self) -> Vec<Change> {
        let mut changes = self.created;
        for (path, (source, mut edits)) in self.files {
            edits.sort_by_key(|(span, _)| (span.start, span.end));
            let mut joined: Vec<(ByteSpan, String)> = Vec::new();
            for (span, new) in edits {
                match joined.last_mut() {
                    Some((last, text)) if span.start <= last.end => {
                        *last = ByteSpan::new(last.start, last.end.max(span.end));
                        text.push_str(&new);
                    }
                    _ => joined.push((span, new)),
                }
            }
            for (span, new) in joined {
                let span = if new.is_empty() { with_empty_line(&source.text, span) } else { span };
                let old = span.of(&source.text).to_owned();
                let is_end = span.end as usize == source.text.len() && new.ends_with("\n\n");
                let new = if is_end { format!("{}\n", new.trim_end()) } else { new };
                if old != new {
                    changes.push(Change::Replace { path: path.clone(), span, old, new });
                }
            }
        }
        changes
    }
}

/// Lines that are taken out, with an empty one behind them where one stands before them as well.
fn with_empty_line(text: &str, span: ByteSpan) -> ByteSpan {
    let (before, after) = (&text[..span.start as usize], &text[span.end as usize..]);
    let is_line = span.of(text).ends_with('\n');
    let is_doubled = (before.is_empty() || before.ends_with("\n\n")) && after.starts_with('\n');
    let more = u32::from(is_line && is_doubled);
    ByteSpan::new(span.start, span.end + more)
}

/// Parts that go, with the lists of which nothing is left.
fn with_empty_lists(statement: &ImportStatement, dropped: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut removed = dropped.clone();
    // A list stands before what is in it.
    for index in (0..statement.parts.len()).rev() {
        let mut inside =
            (0..statement.parts.len()).filter(|at| statement.parts[*at].list == Some(index));
        let has_parts = inside.clone().next().is_some();
        if has_parts && inside.all(|at| removed.contains(&at)) {
            removed.insert(index);
        }
    }
    let of_removed: Vec<usize> = (0..statement.parts.len())
        .filter(|at| {
            let mut list = statement.parts[*at].list;
            while let Some(at) = list {
                if removed.contains(&at) {
                    return true;
                }
                list = statement.parts[at].list;
            }
            false
        })
        .collect();
    removed.extend(of_removed);
    removed
}

/// The text that goes with the parts of a statement of which something is left.
fn removed_spans(
    statement: &ImportStatement,
    text: &str,
    removed: &BTreeSet<usize>,
) -> Vec<(ByteSpan, String)> {
    let mut lists: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (index, part) in statement.parts.iter().enumerate() {
        lists.entry(part.list).or_default().push(index);
    }
    let mut spans = Vec::new();
    for (list, members) in lists {
        if list.is_some_and(|list| removed.contains(&list)) {
            continue;
        }
        if let Some(edit) = list.and_then(|list| without_braces(statement, text, list, removed)) {
            spans.push(edit);
            continue;
        }
        let span = |at: usize| statement.parts[members[at]].span;
        let is_gone = |at: usize| removed.contains(&members[at]);
        let mut gone = |span: ByteSpan| spans.push((span, String::new()));
        for at in (0..members.len()).filter(|at| is_gone(*at)) {
            let next = (at + 1..members.len()).find(|next| !is_gone(*next));
            let before = (0..at).rfind(|before| !is_gone(*before));
            match (next, before) {
                (Some(_), _) => gone(ByteSpan::new(span(at).start, span(at + 1).start)),
                (None, Some(_)) => gone(ByteSpan::new(span(at - 1).end, span(at).end)),
                (None, None) => gone(span(at)),
            }
        }
    }
    spans
}

/// Whether a block of Python has no other statement, and would have none without it.
pub(super) fn is_only_of_block(source: &Source, statement: &ImportStatement) -> bool {
    let text = &source.text;
    let before = text[..statement.whole.start as usize].trim_end();
    let start = text[..statement.whole.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let width = statement.whole.start as usize - start;
    let mut after = text[statement.span.end as usize..].split('\n').skip(1);
    let next = after.find(|line| !line.trim().is_empty()).unwrap_or_default();
    let is_last = next.len() - next.trim_start().len() < width;
    source.language == "python" && width > 0 && before.ends_with(':') && is_last
}

/// A list of Rust of which one name is left needs no braces.
fn without_braces(
    statement: &ImportStatement,
    text: &str,
    list: usize,
    removed: &BTreeSet<usize>,
) -> Option<(ByteSpan, String)> {
    let inside = statement.parts.iter().enumerate().filter(|(_, part)| part.list == Some(list));
    let (gone, left): (Vec<_>, Vec<_>) = inside.partition(|(at, _)| removed.contains(at));
    let [(_, part)] = left[..] else { return None };
    let around = statement.parts[list].span;
    let start = around.of(text).find('{')? as u32 + around.start;
    let is_plain = part.kind != PartKind::List && part.path != "self";
    (!gone.is_empty() && is_plain)
        .then(|| (ByteSpan::new(start, around.end), part.span.of(text).to_owned()))
}

/// A span with the rest of its lines, where nothing else stands on them.
pub(super) fn whole_lines(text: &str, span: ByteSpan) -> ByteSpan {
    let start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let rest = &text[span.end as usize..];
    let end = rest.find('\n').map_or(text.len(), |at| span.end as usize + at + 1);
    let is_alone = text[start..span.start as usize].trim().is_empty()
        && text[span.end as usize..end].trim().is_empty();
    if is_alone { ByteSpan::new(start as u32, end as u32) } else { span }
}

/// The lines of a definition that is cut out, with the empty ones on the side that has fewer; of a
/// last definition those before it, of a first one those behind it.
pub(super) fn cut_lines(text: &str, span: ByteSpan) -> ByteSpan {
    let lines = whole_lines(text, span);
    let (start, end) = (lines.start as usize, lines.end as usize);
    let before = text[..start].trim_end();
    let first = if before.is_empty() { 0 } else { line_behind(text, before.len()) };
    let rest = text[end..].trim_start_matches(['\n', '\r', ' ', '\t']);
    let last = match rest.is_empty() {
        true => text.len(),
        false => text[..text.len() - rest.len()].rfind('\n').map_or(end, |at| at + 1).max(end),
    };
    let count = |from: usize, to: usize| text[from..to].matches('\n').count();
    let (above, below) = (count(first, start), count(end, last));
    let is_above = rest.is_empty() || (above < below && !before.is_empty());
    let (start, end) = if is_above { (first, end) } else { (start, last) };
    let end = if rest.is_empty() { text.len() } else { end };
    ByteSpan::new(start as u32, end as u32)
}

fn line_behind(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |line| at + line + 1)
}

/// Empty lines before and behind statements that are put at the head of a file or module, where
/// there were none that import.
pub(super) fn head_gaps(text: &str, at: u32, has_imports: bool, gap: &str) -> (String, String) {
    if has_imports {
        return (String::new(), String::new());
    }
    let before = &text[..at as usize];
    let is_first =
        before.trim().is_empty() || before.ends_with("\n\n") || before.trim_end().ends_with('{');
    let start = if is_first { "" } else { "\n" };
    let rest = &text[at as usize..];
    let has = rest.len() - rest.trim_start_matches('\n').len();
    let is_last = rest.trim().is_empty() || rest.trim_start().starts_with('}');
    let end = if is_last { String::new() } else { "\n".repeat(gap.len().saturating_sub(has)) };
    (start.to_owned(), end)
}

/// A piece of a text with changes made within it.
pub(super) fn spliced(text: &str, span: ByteSpan, edits: &[(ByteSpan, String)]) -> String {
    let mut inside: Vec<&(ByteSpan, String)> =
        edits.iter().filter(|(at, _)| span.start <= at.start && at.end <= span.end).collect();
    inside.sort_by_key(|(at, _)| (at.start, at.end));
    inside.dedup();
    let mut written = String::new();
    let mut from = span.start;
    for (at, new) in inside {
        written.push_str(&text[from as usize..at.start as usize]);
        written.push_str(new);
        from = at.end;
    }
    written.push_str(&text[from as usize..span.end as usize]);
    written
}
