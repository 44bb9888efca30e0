//! Every place of the tree where the name of a family stands, and what that place is.
//!
//! The text decides what is looked at, so that nothing is missed; the graph decides what it means.

use flux_core::{
    ByteSpan, DefinitionIndex, DefinitionRef, FileId, Occurrence, RepoPath, Target, Tier,
};
use flux_engine::EngineError;
use flux_engine::syntax::{Word, WordRole, offsets};

use super::family::{Family, Nature};
use super::sources::{Source, Sources};
use crate::edit::Change;
use crate::edit::refusal::Candidate;

/// How sure it is that a place means the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It names one of its definitions, or scopes and imports prove it.
    Proven,
    /// Types or the receiver say so, or nothing else in the tree has the name.
    Inferred,
}

impl Certainty {
    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Inferred => "inferred",
        }
    }
}

/// A place.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its file.
    pub file: FileId,
    /// The path of it.
    pub path: RepoPath,
    /// The name there, with the `r#` of a raw identifier.
    pub span: ByteSpan,
    /// What it is to the grammar.
    pub word: Word,
    /// How sure it is that the family is meant.
    pub certainty: Certainty,
    /// Whether it is the name of a definition, and not a mention.
    pub is_definition: bool,
    /// Whether an identifier stands there that nobody could resolve. Without it, code has no
    /// identifier there that refers to something: it binds a variable, or lies in a macro.
    pub is_unresolved: bool,
    /// Whether a parameter or variable is meant, and not a field, where both stand in one word.
    pub is_local: bool,
    /// Where it is, to be shown.
    pub shown: Candidate,
}

/// All places where a name stands.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Those that mean the family.
    pub own: Vec<Place>,
    /// Those that may mean another definition as well.
    pub shared: Vec<Place>,
    /// Code that nobody could resolve.
    pub open: Vec<Place>,
    /// Words of comments, strings and documents.
    pub text: Vec<Place>,
    /// Uses of things of that name outside the tree.
    pub external: usize,
    /// Files that may hold the name and could not be read as they were indexed.
    pub unread: Vec<RepoPath>,
}

impl Places {
    /// Looks through the tree.
    pub fn of(sources: &Sources<'_>, family: &Family) -> Result<Self, EngineError> {
        let mut places = Self::default();
        let files = sources.graph.files_with(&family.name)?;
        let is_named = |source: &Source| {
            source.occurrences.iter().any(|one| family.is_target(source.file, one.target))
        };
        sources.preload(&files, &is_named)?;
        for file in files {
            match sources.file(file)? {
                Some(source) => places.look(sources, &source, family)?,
                None if is_missed(sources, file, family) => {
                    places.unread.push(sources.view.entry(file).path.clone());
                }
                None => {}
            }
        }
        Ok(places)
    }

    fn look(
        &mut self,
        sources: &Sources<'_>,
        source: &Source,
        family: &Family,
    ) -> Result<(), EngineError> {
        let name = family.name.as_str();
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
        for start in offsets(&source.text, name) {
            let span = ByteSpan::new(start, start.saturating_add(length));
            self.judge(sources, source, family, span)?;
        }
        Ok(())
    }

    fn judge(
        &mut self,
        sources: &Sources<'_>,
        source: &Source,
        family: &Family,
        span: ByteSpan,
    ) -> Result<(), EngineError> {
        let is_raw = source.text[..span.start as usize].ends_with("r#");
        let raw = ByteSpan::new(span.start - if is_raw { 2 } else { 0 }, span.end);
        let definition = defined_at(source, raw);
        if definition.is_some_and(|definition| family.has(definition)) {
            let place = place(source, family, raw, Certainty::Proven);
            self.own.push(Place { is_definition: true, ..place });
            return Ok(());
        }
        let mut found = source.at(raw.start);
        if found.is_empty() {
            found = source.at(span.start);
        }
        let found: Vec<&Occurrence> =
            found.iter().filter(|one| one.span.end == span.end && !one.is_implicit).collect();
        if let Some(own) = found.iter().find(|one| family.is_target(source.file, one.target)) {
            let is_shared = found.iter().any(|one| is_other(source, family, one.target));
            let place = mention(source, family, raw, own);
            let is_both = matches!(place.word.role, WordRole::Shorthand);
            let list = if is_shared && !is_both { &mut self.shared } else { &mut self.own };
            list.push(place);
            return Ok(());
        }
        if definition.is_some() && found.is_empty() {
            return Ok(());
        }
        let is_external = found.iter().any(|one| matches!(one.target, Target::External(_)));
        // `f(name=1)` names an argument of something outside, and no member that could be meant.
        let is_argument = is_argument(source, span);
        self.external += usize::from(is_external && !is_argument);
        let is_unresolved = found.iter().any(|one| matches!(one.target, Target::Unresolved(_)));
        let is_copied = is_external && copies_fields(sources, source, family, &found)?;
        if !found.is_empty() && !is_unresolved && !is_copied {
            return Ok(());
        }
        let place = place(source, family, raw, Certainty::Inferred);
        let place = Place { is_unresolved: is_unresolved || is_copied, ..place };
        let is_code = place.word.role.is_code() && source.language == family.language;
        let list = if is_code { &mut self.open } else { &mut self.text };
        list.push(place);
        Ok(())
    }
}

/// Whether a file that was not read is code of the family's language and holds the name. A lock
/// file that is too large to be parsed is no matter.
fn is_missed(sources: &Sources<'_>, file: FileId, family: &Family) -> bool {
    let end = if family.language == "python" { "py" } else { "rs" };
    let path = &sources.view.entry(file).path;
    if path.extension() != Some(end) {
        return false;
    }
    match sources.current_text(path) {
        Some(text) => !offsets(&text, &family.name).is_empty(),
        None => sources.current_bytes(path).is_none_or(|bytes| holds(&bytes, &family.name)),
    }
}

/// Whether a name stands in bytes that are no text.
fn holds(bytes: &[u8], name: &str) -> bool {
    bytes.windows(name.len().max(1)).any(|window| window == name.as_bytes())
}

/// Whether a word is followed by a single `=` and preceded by `(` or `,`.
fn is_argument(source: &Source, span: ByteSpan) -> bool {
    let before = source.text[..span.start as usize].trim_end();
    let after = source.text[span.end as usize..].trim_start();
    before.ends_with(['(', ',']) && after.starts_with('=') && !after.starts_with("==")
}

/// The definition whose name stands at `span`.
fn defined_at(source: &Source, span: ByteSpan) -> Option<DefinitionRef> {
    let mut all = (0..).map(DefinitionIndex).zip(&source.definitions).skip(1);
    let found =
        all.find(|(_, one)| one.name_span.end == span.end && span.start <= one.name_span.start);
    found.map(|(index, _)| DefinitionRef { file: source.file, index })
}

/// Whether a target is a thing with that name beside the family.
fn is_other(source: &Source, family: &Family, target: Target) -> bool {
    match target {
        Target::Definition(_) | Target::External(_) => !family.is_target(source.file, target),
        Target::Local(_) | Target::Unresolved(_) => false,
    }
}

/// Packages with functions that copy a record and take its fields by name.
const COPIERS: &[&str] = &["dataclasses", "attr", "attrs"];

/// `replace(record, field=1)`: an argument of a function outside the tree that names a field.
fn copies_fields(
    sources: &Sources<'_>,
    source: &Source,
    family: &Family,
    found: &[&Occurrence],
) -> Result<bool, EngineError> {
    let is_field = family.nature == Nature::Member && !family.kind.is_callable();
    if !is_field || family.language != "python" || source.language != "python" {
        return Ok(false);
    }
    for one in found {
        if let Target::External(package) = one.target
            && COPIERS.contains(&sources.view.graph.package(source.file, package)?)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A place that mentions the family.
fn mention(source: &Source, family: &Family, span: ByteSpan, own: &Occurrence) -> Place {
    let certainty = match own.tier {
        Tier::Exact => Certainty::Proven,
        Tier::Likely | Tier::Name => Certainty::Inferred,
    };
    let is_local = matches!(own.target, Target::Local(_)) || family.nature == Nature::Parameter;
    Place { is_local, ..place(source, family, span, certainty) }
}

fn place(source: &Source, family: &Family, span: ByteSpan, certainty: Certainty) -> Place {
    let length = u32::try_from(family.name.len()).unwrap_or(u32::MAX);
    let bare = ByteSpan::new(span.end.saturating_sub(length), span.end);
    Place {
        file: source.file,
        path: source.path.clone(),
        span,
        word: source.word(bare),
        certainty,
        is_definition: false,
        is_unresolved: false,
        is_local: false,
        shown: source.shown(span.start),
    }
}

impl Place {
    /// The change that writes `new` there, where `old` is the family's name.
    pub fn change(&self, text: &str, old: &str, new: &str) -> Change {
        let here = self.span.of(text).to_owned();
        let bare = new.strip_prefix("r#").unwrap_or(new);
        let replace = |span: ByteSpan, old: String, new: String| Change::Replace {
            path: self.path.to_string(),
            span,
            old,
            new,
        };
        match self.word.role {
            // A variable keeps its name where the field gets another, and the other way round.
            WordRole::Shorthand if self.is_local => {
                replace(self.span, here, format!("{old}: {new}"))
            }
            WordRole::Shorthand => replace(self.span, here.clone(), format!("{new}: {here}")),
            WordRole::ShorthandPattern(_) if self.is_local || self.is_definition => {
                replace(self.span, here, format!("{old}: {new}"))
            }
            WordRole::ShorthandPattern(at) => {
                let whole = ByteSpan::new(at, self.span.end);
                let pattern = whole.of(text).to_owned();
                replace(whole, pattern.clone(), format!("{new}: {pattern}"))
            }
            WordRole::Comment | WordRole::String | WordRole::Prose => {
                replace(self.span, here, bare.to_owned())
            }
            WordRole::Bare | WordRole::Member | WordRole::Keyword | WordRole::Unread => {
                replace(self.span, here, new.to_owned())
            }
        }
    }
}
