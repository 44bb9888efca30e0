//! A plan in the making: operations gathered by file, then turned into what each file becomes.

use std::collections::{BTreeMap, BTreeSet};

use flux_core::{ByteSpan, RepoPath};

use super::symbol::symbol_splice;
use super::{Change, EditPlan, FileEdit, Found, Hunk, Symbols, Version};
use crate::edit::matching::{Located, locate_hunks, locate_text};
use crate::edit::path::{PathFault, checked_path};
use crate::edit::refusal::{Candidate, Reason, Refusal, Refused};
use crate::edit::script::{Action, LineHunk, Operation, SymbolPart};
use crate::edit::text::{SourceText, Splice};
use crate::edit::tree::{Content, PLAIN_MODE, PROGRAM_MODE, Tree};

/// What is to become of a file, other than changes within it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// It stays and may change.
    Stays,
    /// It gets this content.
    Written(String),
    /// It is made.
    Created { content: String, is_executable: bool },
    /// It goes, if its content is this.
    Removed(Option<String>),
}

/// All that the script says of one file.
struct FileDraft {
    line: Option<u32>,
    name: String,
    content: Option<Content>,
    text: Option<SourceText>,
    fate: Fate,
    hunks: Vec<(u32, LineHunk)>,
    located: Vec<(Option<u32>, Found, Located)>,
    target: Option<(Option<u32>, RepoPath)>,
    is_executable: Option<bool>,
}

impl FileDraft {
    /// Whether all that was asked of it was refused.
    fn is_untouched(&self) -> bool {
        self.fate == Fate::Stays
            && self.hunks.is_empty()
            && self.located.is_empty()
            && self.target.is_none()
            && self.is_executable.is_none()
    }
}

/// A plan in the making.
pub(super) struct Draft<'a> {
    tree: &'a Tree,
    files: BTreeMap<RepoPath, FileDraft>,
    refusals: Vec<Refusal>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(tree: &'a Tree) -> Self {
        Self { tree, files: BTreeMap::new(), refusals: Vec::new() }
    }

    /// Adds an operation of a script.
    pub(super) fn add(&mut self, operation: &Operation, symbols: &dyn Symbols) {
        let line = Some(operation.line);
        let (path, done) = match &operation.action {
            Action::Lines { path, hunk } => (
                path,
                self.edited(path, line).map(|file| file.hunks.push((operation.line, hunk.clone()))),
            ),
            Action::Text { path, old, new, which } => (
                path,
                self.replace(path, line, |text| {
                    locate_text(path, text, old, new, *which)
                        .map(|located| (Found::Text(located.matched), located))
                }),
            ),
            Action::Write { path, content } => (path, self.write(path, line, content)),
            Action::Create { path, content, is_executable } => {
                let fate =
                    Fate::Created { content: content.clone(), is_executable: *is_executable };
                (path, self.decide(path, line, fate))
            }
            Action::Delete { path, content } => {
                (path, self.decide(path, line, Fate::Removed(content.clone())))
            }
            Action::Move { from, to } => (from, self.relocate(from, to, line)),
            Action::Executable { path, is_executable } => (
                path,
                self.edited(path, line).map(|file| file.is_executable = Some(*is_executable)),
            ),
            Action::Symbol { symbol, part, text } => {
                (symbol, self.symbol(symbol, *part, text, line, symbols))
            }
        };
        if let Err(reason) = done {
            self.refusals.push(reason.at(line, path));
        }
    }

    /// Adds an exact change.
    pub(super) fn change(&mut self, change: &Change) {
        let (path, done) = match change {
            Change::Replace { path, span, old, new } => {
                (path, self.replace(path, None, |text| span_splice(text, *span, old, new)))
            }
            Change::Create { path, content } => {
                let fate = Fate::Created { content: content.clone(), is_executable: false };
                (path, self.decide(path, None, fate))
            }
            Change::Delete { path } => (path, self.decide(path, None, Fate::Removed(None))),
            Change::Move { from, to } => (from, self.relocate(from, to, None)),
        };
        if let Err(reason) = done {
            self.refusals.push(reason.at(None, path));
        }
    }

    /// The draft of a file, read on first use.
    fn file(&mut self, name: &str, line: Option<u32>) -> Result<&mut FileDraft, Reason> {
        let path = checked_path(name)?;
        if !self.files.contains_key(&path) {
            let content = self.tree.read(&path)?;
            let draft = FileDraft {
                line,
                name: name.to_owned(),
                content,
                text: None,
                fate: Fate::Stays,
                hunks: Vec::new(),
                located: Vec::new(),
                target: None,
                is_executable: None,
            };
            self.files.insert(path.clone(), draft);
        }
        self.files.get_mut(&path).ok_or(Reason::NoFile)
    }

    /// The draft of a file that is there and whose text changes in places.
    fn edited(&mut self, name: &str, line: Option<u32>) -> Result<&mut FileDraft, Reason> {
        let path = checked_path(name)?;
        if self.file(name, line)?.content.is_none() {
            let alike = self.tree.namesakes(&path).into_iter();
            self.files.remove(&path);
            let alike = alike.map(|path| Candidate { path, line: 1, text: String::new() });
            let alike: Vec<Candidate> = alike.collect();
            return Err(if alike.is_empty() { Reason::NoFile } else { Reason::NoFileBut(alike) });
        }
        let file = self.file(name, line)?;
        if file.fate != Fate::Stays {
            return Err(Reason::Duplicate);
        }
        if file.text.is_none() {
            let bytes = file.content.as_ref().map_or(&[][..], |content| &content.bytes);
            file.text = Some(SourceText::decode(bytes)?);
        }
        Ok(file)
    }

    fn replace(
        &mut self,
        name: &str,
        line: Option<u32>,
        locate: impl FnOnce(&SourceText) -> Result<(Found, Located), Reason>,
    ) -> Result<(), Reason> {
        let file = self.edited(name, line)?;
        let Some(text) = &file.text else { return Err(Reason::NoFile) };
        let (found, located) = locate(text)?;
        file.located.push((line, found, located));
        Ok(())
    }

    /// Gives a file its whole content, whether it is there or not.
    fn write(&mut self, name: &str, line: Option<u32>, content: &str) -> Result<(), Reason> {
        if self.file(name, line)?.content.is_none() {
            let fate = Fate::Created { content: content.to_owned(), is_executable: false };
            return self.decide(name, line, fate);
        }
        self.decide(name, line, Fate::Written(content.to_owned()))
    }

    fn decide(&mut self, name: &str, line: Option<u32>, fate: Fate) -> Result<(), Reason> {
        let file = self.file(name, line)?;
        let is_there = file.content.is_some();
        let is_free = file.fate == Fate::Stays
            && file.hunks.is_empty()
            && file.located.is_empty()
            && (file.target.is_none() || matches!(fate, Fate::Written(_)));
        if !is_free {
            return Err(Reason::Duplicate);
        }
        match &fate {
            Fate::Created { .. } if is_there => return Err(Reason::Exists),
            Fate::Removed(_) | Fate::Written(_) if !is_there => return Err(Reason::NoFile),
            Fate::Written(_) | Fate::Removed(Some(_)) => {
                let bytes = file.content.as_ref().map_or(&[][..], |content| &content.bytes);
                file.text = Some(SourceText::decode(bytes)?);
            }
            Fate::Created { .. } | Fate::Removed(None) | Fate::Stays => {}
        }
        if let (Fate::Removed(Some(shown)), Some(text)) = (&fate, &file.text)
            && *shown != text.text
        {
            return Err(Reason::Stale);
        }
        file.fate = fate;
        Ok(())
    }

    fn relocate(&mut self, from: &str, to: &str, line: Option<u32>) -> Result<(), Reason> {
        let target = checked_path(to)?;
        let file = self.file(from, line)?;
        if file.content.is_none() {
            return Err(Reason::NoFile);
        }
        if file.target.is_some() || !matches!(file.fate, Fate::Stays | Fate::Written(_)) {
            return Err(Reason::Duplicate);
        }
        if checked_path(from)? == target {
            return Err(Reason::NoChange);
        }
        file.target = Some((line, target.clone()));
        if self.tree.look(&target)?.is_some() {
            return Err(Reason::Exists);
        }
        Ok(())
    }

    fn symbol(
        &mut self,
        symbol: &str,
        part: SymbolPart,
        text: &str,
        line: Option<u32>,
        symbols: &dyn Symbols,
    ) -> Result<(), Reason> {
        let place = super::symbol::place_of(symbol, symbols)?;
        let name = place.path.as_str().to_owned();
        self.replace(&name, line, |file| symbol_splice(&place, file, part, text))
    }

    /// The plan, or all that is in its way.
    pub(super) fn finish(mut self) -> Result<EditPlan, Refused> {
        self.check_new_names();
        let mut plan = EditPlan::default();
        for (path, file) in std::mem::take(&mut self.files) {
            let (line, name) = (file.line, file.name.clone());
            match finished(path, file, &mut self.refusals) {
                Ok(Some(edit)) => plan.files.push(edit),
                Ok(None) => {}
                Err(reason) => self.refusals.push(reason.at(line, &name)),
            }
        }
        if plan.files.is_empty() && self.refusals.is_empty() {
            self.refusals.push(Reason::NoChange.at(None, ""));
        }
        plan.files.sort_by(|a, b| a.path.cmp(&b.path));
        if self.refusals.is_empty() { Ok(plan) } else { Err(Refused(self.refusals)) }
    }

    /// New names must not meet each other, lie below a new file, or differ by case alone from
    /// another name.
    fn check_new_names(&mut self) {
        let mut refusals = Vec::new();
        let going: BTreeSet<&str> = self
            .files
            .iter()
            .filter(|(_, file)| matches!(file.fate, Fate::Removed(_)) || file.target.is_some())
            .map(|(path, _)| path.as_str())
            .collect();
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        let new = self.files.iter().filter_map(|(path, file)| match (&file.target, &file.fate) {
            (Some((line, target)), _) => Some((*line, target)),
            (None, Fate::Created { .. }) => Some((file.line, path)),
            (None, _) => None,
        });
        let new: Vec<(Option<u32>, &RepoPath)> = new.collect();
        let names: BTreeSet<&str> = new.iter().map(|(_, path)| path.as_str()).collect();
        for (line, path) in &new {
            let is_going = |name: &str| going.contains(name);
            let twin = self.tree.has_case_twin(path, &is_going);
            let above = path.as_str().match_indices('/').map(|(at, _)| &path.as_str()[..at]);
            let reason = match seen.insert(path.as_str().to_lowercase(), path.as_str()) {
                Some(other) if other == path.as_str() => Some(Reason::Duplicate),
                Some(_) => Some(PathFault::Case.into()),
                None if above.clone().any(|folder| names.contains(folder)) => {
                    Some(PathFault::BelowFile.into())
                }
                None => match twin {
                    Ok(true) => Some(PathFault::Case.into()),
                    Ok(false) => None,
                    Err(reason) => Some(reason),
                },
            };
            refusals.extend(reason.map(|reason| reason.at(*line, path.as_str())));
        }
        self.refusals.append(&mut refusals);
    }
}

/// What becomes of one file. `None` if nothing does, which a move or mode alone may come to.
fn finished(
    path: RepoPath,
    mut file: FileDraft,
    refusals: &mut Vec<Refusal>,
) -> Result<Option<FileEdit>, Reason> {
    if file.is_untouched() {
        return Ok(None);
    }
    if file.content.as_ref().is_some_and(Content::is_read_only) {
        return Err(Reason::ReadOnly);
    }
    let before = match (&file.content, &file.text) {
        (Some(content), Some(text)) => {
            Some(Version { content: content.clone(), text: text.text.clone() })
        }
        // What is only moved or removed may be no text.
        (Some(content), None) => {
            let text = SourceText::decode(&content.bytes).map(|text| text.text);
            Some(Version { content: content.clone(), text: text.unwrap_or_default() })
        }
        (None, _) => None,
    };
    let mut hunks = Vec::new();
    let mut is_rewrite = false;
    let (text, bytes) = match (&file.fate, &before) {
        (Fate::Removed(_), _) => {
            return Ok(Some(FileEdit {
                path,
                from: None,
                before,
                after: None,
                hunks,
                is_rewrite,
                keeps_mode: true,
            }));
        }
        (Fate::Created { content, .. }, _) => created(content)?,
        (Fate::Written(content), _) => {
            is_rewrite = true;
            hunks.push(Hunk { script_line: file.line, found: Found::Whole, lines: (1, 1) });
            let text = file.text.as_ref().ok_or(Reason::NoFile)?;
            text.rewritten(content)?
        }
        (Fate::Stays, Some(version)) => match changed(&mut file, refusals, &mut hunks)? {
            Some(changed) => changed,
            None if !file.hunks.is_empty() => return Ok(None),
            None => (version.text.clone(), version.content.bytes.clone()),
        },
        (Fate::Stays, None) => return Ok(None),
    };
    if text.contains('\0') {
        return Err(Reason::Nul);
    }
    if bytes.len() as u64 > crate::edit::tree::MAX_FILE_BYTES {
        return Err(Reason::TooLarge { found: bytes.len() as u64 });
    }
    let mode = mode(&file, before.as_ref());
    let after = Version { content: Content { bytes, mode }, text };
    let from = file.target.is_some().then(|| path.clone());
    let target = file.target.map_or(path, |(_, target)| target);
    if from.is_none() && before.as_ref().is_some_and(|old| old.content == after.content) {
        return Err(Reason::NoChange);
    }
    let keeps_mode = before.is_some();
    let after = Some(after);
    Ok(Some(FileEdit { path: target, from, before, after, hunks, is_rewrite, keeps_mode }))
}

fn created(content: &str) -> Result<(String, Vec<u8>), Reason> {
    let text = SourceText::of_new(content);
    let bytes = text.bytes()?;
    Ok((text.text, bytes))
}

/// Read permission becomes permission to run, and back.
fn mode(file: &FileDraft, before: Option<&Version>) -> u32 {
    let old = before.map(|version| version.content.mode);
    let wanted = match file.fate {
        Fate::Created { is_executable, .. } => Some(is_executable),
        _ => file.is_executable,
    };
    match (old, wanted) {
        (None, Some(true)) => PROGRAM_MODE,
        (None, _) => PLAIN_MODE,
        (Some(mode), Some(true)) => mode | ((mode & 0o444) >> 2),
        (Some(mode), Some(false)) => mode & !0o111,
        (Some(mode), None) => mode,
    }
}

/// The new text and bytes of a file that changes in places; `None` if it does not.
fn changed(
    file: &mut FileDraft,
    refusals: &mut Vec<Refusal>,
    hunks: &mut Vec<Hunk>,
) -> Result<Option<(String, Vec<u8>)>, Reason> {
    if file.hunks.is_empty() && file.located.is_empty() {
        return Ok(None);
    }
    let Some(text) = &file.text else { return Ok(None) };
    let wanted: Vec<&LineHunk> = file.hunks.iter().map(|(_, hunk)| hunk).collect();
    let found = locate_hunks(&file.name, text, &wanted);
    let refused = refusals.len();
    for ((line, _), found) in file.hunks.iter().zip(found) {
        match found {
            Ok(located) => {
                file.located.push((Some(*line), Found::Text(located.matched), located));
            }
            Err(reason) => {
                refusals.push(reason.at(Some(*line), &file.name));
            }
        }
    }
    if refusals.len() > refused {
        return Ok(None);
    }
    file.located.sort_by_key(|(_, _, located)| located.splices.first().map(|one| one.start));
    let mut splices: Vec<Splice> = Vec::new();
    for (line, found, located) in &file.located {
        hunks.push(Hunk { script_line: *line, found: *found, lines: located.lines });
        splices.extend(located.splices.iter().cloned());
    }
    splices.sort_by_key(|splice| (splice.start, splice.end));
    for pair in splices.windows(2) {
        let is_same_place = pair[0].start == pair[1].start && pair[0].end == pair[1].end;
        if pair[0].end > pair[1].start || is_same_place {
            let line = u32::try_from(text.line_at(pair[1].start) + 1).unwrap_or(u32::MAX);
            return Err(Reason::Overlap(line));
        }
    }
    text.spliced(&splices).map(Some)
}

/// A splice at exact offsets.
fn span_splice(
    text: &SourceText,
    span: ByteSpan,
    old: &str,
    new: &str,
) -> Result<(Found, Located), Reason> {
    let offset = |at: u32| text.offset_of_decoded(at as usize).ok_or(Reason::BadSpan);
    if span.start > span.end {
        return Err(Reason::BadSpan);
    }
    let (start, end) = (offset(span.start)?, offset(span.end)?);
    let there = text.text.get(start..end).ok_or(Reason::BadSpan)?;
    if there != old.replace("\r\n", "\n") {
        return Err(Reason::Stale);
    }
    let line = |at: usize| u32::try_from(text.line_at(at) + 1).unwrap_or(u32::MAX);
    let lines = (line(start), line(end.max(start + 1) - 1));
    let splice = Splice { start, end, new: new.replace("\r\n", "\n") };
    let matched = crate::edit::matching::Matched::Exact;
    Ok((Found::Span, Located { matched, lines, splices: vec![splice] }))
}
