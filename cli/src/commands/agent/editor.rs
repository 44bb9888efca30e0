//! Where prompts are typed: a line editor with a history for each tree and completion on a terminal
//! that can do that, else whole lines of standard input.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fs;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use flux_core::Cancel;
use flux_engine::Workspace;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::{FileHistory, MemHistory};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Helper};

use super::commands;
use crate::exit::say;

/// What came from the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A line, or several where they were pasted or end in a backslash.
    Line(String),
    /// Ctrl-C.
    Stop,
    /// Ctrl-D, or the end of the input.
    End,
}

/// Takes prompts.
pub(super) struct Editor {
    lines: Option<rustyline::Editor<Help, FileHistory>>,
    history: PathBuf,
    /// What is printed before a plain line is read, if anybody sees it.
    has_prompt: bool,
}

const PROMPT: &str = "> ";
/// Most prompts that are remembered for a tree.
const KEPT: usize = 1_000;
/// Most files that are offered at once; more are no help.
const MOST_OFFERED: usize = 200;

impl Editor {
    /// A line editor if `is_lively`, with its history in `history`.
    pub(super) fn new(
        is_lively: bool,
        has_prompt: bool,
        has_color: bool,
        workspace: &Workspace,
        history: PathBuf,
    ) -> anyhow::Result<Self> {
        if !is_lively {
            return Ok(Self { lines: None, history, has_prompt });
        }
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .max_history_size(KEPT)
            .context("cannot set up the line editor")?
            .build();
        let mut lines =
            rustyline::Editor::with_config(config).context("cannot use the terminal")?;
        let workspace = workspace.clone();
        lines.set_helper(Some(Help { workspace, files: OnceCell::new(), has_color }));
        if let Some(folder) = history.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        if history.exists()
            && let Err(error) = lines.load_history(&history)
        {
            say(&format!("flux: the history of prompts cannot be read: {error}"));
        }
        Ok(Self { lines: Some(lines), history, has_prompt })
    }

    /// The next prompt.
    pub(super) fn read(&mut self) -> anyhow::Result<Typed> {
        let Some(lines) = &mut self.lines else { return plain(self.has_prompt) };
        if let Some(help) = lines.helper_mut() {
            // Files come and go while an answer is made.
            help.files = OnceCell::new();
        }
        let line = match lines.readline(PROMPT) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => return Ok(Typed::Stop),
            Err(ReadlineError::Eof) => return Ok(Typed::End),
            Err(error) => return Err(error).context("cannot read a prompt"),
        };
        if !line.trim().is_empty() {
            remember(lines, &self.history, &line);
        }
        Ok(Typed::Line(line.replace("\\\n", "\n")))
    }
}

/// A history that cannot be written is no reason to end a conversation.
fn remember(lines: &mut rustyline::Editor<Help, FileHistory>, path: &Path, line: &str) {
    let is_new = lines.add_history_entry(line).unwrap_or(false);
    if is_new && let Err(error) = lines.append_history(path) {
        say(&format!("flux: the history of prompts cannot be written: {error}"));
    }
}

fn plain(has_prompt: bool) -> anyhow::Result<Typed> {
    if has_prompt {
        write!(io::stderr(), "{PROMPT}")?;
    }
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line).context("cannot read a prompt")?;
    Ok(if read > 0 { Typed::Line(line) } else { Typed::End })
}

/// An answer to a question of one line.
pub(super) fn answer(is_lively: bool, question: &str) -> Typed {
    if is_lively && let Ok(mut lines) = short_editor() {
        return match lines.readline(question) {
            Ok(line) => Typed::Line(line),
            Err(ReadlineError::Interrupted) => Typed::Stop,
            Err(_) => Typed::End,
        };
    }
    let mut line = String::new();
    let asked = write!(io::stderr(), "{question}");
    match asked.and_then(|()| io::stdin().lock().read_line(&mut line)) {
        Ok(1..) => Typed::Line(line),
        Ok(0) | Err(_) => Typed::End,
    }
}

fn short_editor() -> rustyline::Result<rustyline::Editor<(), MemHistory>> {
    let config = Config::builder().auto_add_history(false).build();
    rustyline::Editor::with_history(config, MemHistory::new())
}

/// What helps with typing.
struct Help {
    workspace: Workspace,
    files: OnceCell<Vec<String>>,
    has_color: bool,
}

impl Help {
    fn files(&self) -> &[String] {
        self.files.get_or_init(|| {
            let files = self.workspace.files(&Cancel::default()).unwrap_or_default();
            files.iter().map(ToString::to_string).collect()
        })
    }
}

impl Helper for Help {}

impl Hinter for Help {
    type Hint = String;
}

impl Highlighter for Help {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        match self.has_color {
            true => Cow::Owned(format!("\x1b[1;36m{prompt}\x1b[0m")),
            false => Cow::Borrowed(prompt),
        }
    }
}

impl Validator for Help {
    fn validate(&self, typed: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match typed.input().ends_with('\\') {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}

impl Completer for Help {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = &line[..position];
        let start = typed.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let word = &typed[start..];
        let offered = match (start, word.strip_prefix('/')) {
            (0, Some(name)) => commands::names().filter(|one| one[1..].starts_with(name)).collect(),
            _ => paths(self.files().iter().map(String::as_str), word.trim_start_matches('@')),
        };
        // The mark in front of a path stays.
        let start = start + word.len() - word.trim_start_matches('@').len();
        let pair = |text: String| Pair { display: text.clone(), replacement: text };
        Ok((start, offered.into_iter().take(MOST_OFFERED).map(pair).collect()))
    }
}

/// The paths that begin with `word`, each up to its next folder.
fn paths<'a>(files: impl Iterator<Item = &'a str>, word: &str) -> Vec<String> {
    let next = |path: &'a str| {
        let rest = path.strip_prefix(word)?;
        let end = rest.find('/').map_or(path.len(), |at| word.len() + at + 1);
        Some(path[..end].to_owned())
    };
    let mut found: Vec<String> = files.filter_map(next).collect();
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::paths;

    #[test]
    fn paths_are_offered_a_folder_at_a_time() {
        let files = ["src/a.rs", "src/b/c.rs", "src/b/d.rs", "README.md", "src.txt"];
        let offered = |word: &str| paths(files.into_iter(), word);
        assert_eq!(offered("s"), ["src.txt", "src/"]);
        assert_eq!(offered("src/"), ["src/a.rs", "src/b/"]);
        assert_eq!(offered("src/b/d"), ["src/b/d.rs"]);
        assert_eq!(offered("x"), Vec::<String>::new());
    }
}
