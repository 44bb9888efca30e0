//! Definitions addressed by name: where they lie in the text, and new text indented to fit.

use flux_core::{RepoPath, Symbol};
use flux_engine::syntax::{Body, Syntax};

use super::{Found, Symbols};
use crate::edit::matching::{Located, Matched};
use crate::edit::path::checked_path;
use crate::edit::refusal::{Candidate, Reason};
use crate::edit::script::SymbolPart;
use crate::edit::text::{SourceText, Splice};

/// Where a name leads.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: RepoPath,
    /// Qualified within its file, or empty.
    name: String,
    /// 1-based, if the name says so.
    line: Option<u32>,
}

/// The place of `path:line`, `path#Type.f` or a name that the index knows.
pub(super) fn place_of(symbol: &str, symbols: &dyn Symbols) -> Result<Place, Reason> {
    if let Some((path, name)) = symbol.split_once('#')
        && path.contains(['.', '/'])
    {
        return Ok(Place { path: checked_path(path)?, name: name.to_owned(), line: None });
    }
    if let Some((path, line)) = symbol.rsplit_once(':')
        && let Ok(line) = line.parse()
    {
        return Ok(Place { path: checked_path(path)?, name: String::new(), line: Some(line) });
    }
    let found = symbols.named(symbol).map_err(Reason::Unusable)?;
    match found.as_slice() {
        [(path, name, line)] => {
            Ok(Place { path: path.clone(), name: name.clone(), line: Some(*line) })
        }
        [] => Err(Reason::NoSymbol(Vec::new())),
        several => {
            let candidate = |(path, name, line): &(RepoPath, String, u32)| Candidate {
                path: path.to_string(),
                line: *line,
                text: name.clone(),
            };
            Err(Reason::AmbiguousSymbol(several.iter().map(candidate).collect()))
        }
    }
}

/// The splice that puts `new` in the place of a definition or its body.
pub(super) fn symbol_splice(
    place: &Place,
    file: &SourceText,
    part: SymbolPart,
    new: &str,
) -> Result<(Found, Located), Reason> {
    let syntax = Syntax::of(&place.path, &file.text);
    let syntax = syntax.ok_or_else(|| Reason::NoSymbol(Vec::new()))?;
    let definition = definition(place, &syntax, file)?;
    let new = new.replace("\r\n", "\n");
    let splice = match part {
        SymbolPart::Definition => {
            let (start, end) = (definition.span.start as usize, definition.span.end as usize);
            let new = reindented(new.trim_matches('\n'), indent_at(&file.text, start));
            Splice { start, end, new: new.trim_start_matches([' ', '\t']).to_owned() }
        }
        SymbolPart::Body => {
            let body = syntax.body(definition).ok_or(Reason::NoBody)?;
            body_splice(&file.text, &body, new.trim_matches('\n'))
        }
    };
    let line = |at: usize| u32::try_from(file.line_at(at) + 1).unwrap_or(u32::MAX);
    let lines = (line(splice.start), line(splice.end.max(splice.start + 1) - 1));
    Ok((Found::Symbol, Located { matched: Matched::Exact, lines, splices: vec![splice] }))
}

/// The definition at a place. The index may be older than the file, so a name decides before a
/// line does.
fn definition<'s>(
    place: &Place,
    syntax: &'s Syntax,
    file: &SourceText,
) -> Result<&'s Symbol, Reason> {
    let all = syntax.definitions.iter();
    let mut found: Vec<&Symbol> = match (&*place.name, place.line) {
        ("", Some(line)) => {
            let around: Vec<&Symbol> =
                all.filter(|one| (one.lines.start..=one.lines.end).contains(&line)).collect();
            around.into_iter().min_by_key(|one| one.span.len()).into_iter().collect()
        }
        (name, _) => {
            let name = name.replace("::", ".");
            all.filter(|one| one.qualified_name() == name || *one.name == *name).collect()
        }
    };
    if found.len() > 1 {
        let is_at = |one: &&&Symbol| Some(one.lines.start) == place.line;
        if let Some(at) = found.iter().find(is_at).copied() {
            found = vec![at];
        }
    }
    let candidate = |one: &&Symbol| Candidate {
        path: place.path.to_string(),
        line: one.lines.start,
        text: file.text.lines().nth(one.lines.start as usize - 1).unwrap_or("").to_owned(),
    };
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Reason::NoSymbol(Vec::new())),
        several => Err(Reason::AmbiguousSymbol(several.iter().map(candidate).collect())),
    }
}

/// A new body, in braces where there were some, indented as the old one was.
fn body_splice(text: &str, body: &Body, new: &str) -> Splice {
    let (start, end) = (body.span.start as usize, body.span.end as usize);
    let outer = indent_at(text, body.definition.start as usize);
    if body.is_braced {
        let bare = without_braces(new);
        let inner = text[start..end].lines().nth(1).filter(|line| line.trim().len() > 1);
        let inner =
            inner.map_or_else(|| format!("{outer}{}", unit(text)), |l| leading(l).to_owned());
        let new = format!("{{\n{}\n{outer}}}", reindented(bare, &inner));
        return Splice { start, end, new };
    }
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    if text[line_start..start].trim().is_empty() {
        let new = reindented(new, &text[line_start..start]);
        return Splice { start: line_start, end, new };
    }
    // On the line of the definition, as `def f(): pass`.
    if new.contains('\n') {
        let inner = format!("{outer}{}", unit(text));
        let start = text[..start].trim_end().len();
        return Splice { start, end, new: format!("\n{}", reindented(new, &inner)) };
    }
    Splice { start, end, new: new.trim().to_owned() }
}

/// A body written with its braces, without them.
fn without_braces(text: &str) -> &str {
    let inner = text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let is_whole = |inner: &&str| {
        let mut depth = 1_i64;
        inner.chars().all(|letter| {
            depth += i64::from(letter == '{') - i64::from(letter == '}');
            depth > 0
        })
    };
    inner.filter(is_whole).map_or(text, |inner| inner.trim_matches('\n'))
}

/// The indentation of the line that holds `offset`.
fn indent_at(text: &str, offset: usize) -> &str {
    let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    leading(&text[start..])
}

fn leading(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// One step of indentation, as the file has it.
fn unit(text: &str) -> &str {
    let first = text.lines().map(leading).find(|indent| !indent.is_empty());
    match first {
        Some(indent) if indent.starts_with('\t') => "\t",
        Some(indent) if indent.len() <= 8 => indent,
        _ => "    ",
    }
}

/// `text` with its common indentation replaced.
fn reindented(text: &str, indent: &str) -> String {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let common = lines().map(|line| leading(line).len()).min().unwrap_or(0);
    let line = |line: &str| match line.get(common..) {
        Some(rest) if !line.trim().is_empty() => format!("{indent}{rest}"),
        _ => String::new(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
