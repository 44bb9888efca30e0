//! What is kept of a conversation: a file of JSON lines that only grows, so that a kill at any time
//! loses no more than the line that was being written.
//!
//! The file is this crate's own record, not an answer for users. Its first line tells its version.
//!
//! Reading order: this file (lines, writing, going on), `fork` (a copy up to a prompt), `replay` (showing it
//! again).

mod fork;
mod lines;
mod replay;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use self::lines::{Line, VERSION, lines};
use crate::llm::{History, Unit};
use crate::run::Event;

pub use fork::fork;
pub use lines::StepLine;
pub use replay::{Moment, replay, units};

/// Sessions that are kept for a tree.
const KEPT: usize = 100;

/// A transcript that is written.
#[derive(Debug)]
pub struct Transcript {
    /// What the session is called.
    pub id: String,
    /// `None` where a session is only shown again.
    file: Option<File>,
}

/// A session that can be gone on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What it is called.
    pub id: String,
    /// When it was last written.
    pub time: SystemTime,
    /// The first thing the user said.
    pub title: String,
}

/// Why a session cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// There is none of that name.
    #[error("there is no session `{0}`\nhint: flux session list names those of this tree")]
    Missing(String),
    /// It was written by another version.
    #[error("session `{id}` was written by another version of flux ({version})")]
    Version {
        /// What it is called.
        id: String,
        /// Its version.
        version: u32,
    },
    /// It has fewer prompts.
    #[error("session `{id}` has only {count} prompts")]
    Prompts {
        /// What it is called.
        id: String,
        /// How many it has.
        count: usize,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SessionError {
    move |source| SessionError::Io { action, path: path.to_owned(), source }
}

impl Transcript {
    /// A new session in `folder`, called after the time.
    pub fn start(
        folder: &Path,
        root: &Path,
        model: &str,
        now: SystemTime,
    ) -> Result<Self, SessionError> {
        let (id, path, file) = created(folder, now)?;
        Self { id, file: Some(file) }.begun(root, model, now, &path)
    }

    /// One that keeps nothing, for showing a session again.
    pub fn mute(id: &str) -> Self {
        Self { id: id.to_owned(), file: None }
    }

    /// Goes on with a session. A line that a kill cut off is ended first.
    pub fn resume(
        folder: &Path,
        id: &str,
        root: &Path,
        model: &str,
        now: SystemTime,
    ) -> Result<(Self, History), SessionError> {
        let history = read(folder, id)?;
        let path = place(folder, id);
        let mut file =
            OpenOptions::new().append(true).open(&path).map_err(failed("write", &path))?;
        let is_whole = fs::read(&path).map_err(failed("read", &path))?.ends_with(b"\n");
        if !is_whole {
            file.write_all(b"\n").map_err(failed("write", &path))?;
        }
        let transcript =
            Self { id: id.to_owned(), file: Some(file) }.begun(root, model, now, &path)?;
        Ok((transcript, history))
    }

    fn begun(
        mut self,
        root: &Path,
        model: &str,
        now: SystemTime,
        path: &Path,
    ) -> Result<Self, SessionError> {
        let root = root.display().to_string();
        let line =
            Line::Start { version: VERSION, time: seconds(now), root, model: model.to_owned() };
        self.append(&line).map_err(failed("write", path))?;
        Ok(self)
    }

    /// Writes down what happened, if it belongs into a transcript.
    pub fn note(&mut self, event: &Event) -> io::Result<()> {
        let line = match event {
            Event::Said(unit) => Line::Said { unit: unit.clone() },
            Event::Asked { estimate, usage } => Line::Asked { estimate: *estimate, usage: *usage },
            Event::Edited(receipt) => Line::Edited {
                edit: receipt.id,
                files: receipt.entries.iter().map(|entry| entry.path.to_string()).collect(),
            },
            Event::Planned { plan, .. } => Line::Planned { plan: plan.clone() },
            Event::Summary(summary) => Line::Summary {
                steps: summary.steps.iter().map(StepLine::of).collect(),
                touched: summary.touched.iter().cloned().collect(),
                unforeseen: summary.unforeseen().into_iter().collect(),
            },
            Event::Text(_)
            | Event::Thinking(_)
            | Event::Steps(_)
            | Event::Cited(_)
            | Event::Verified(_)
            | Event::TakenBack { .. }
            | Event::Calling(_)
            | Event::Started { .. }
            | Event::Finished { .. }
            | Event::Retry { .. }
            | Event::Waiting { .. }
            | Event::Checking(_)
            | Event::Shortened { .. }
            | Event::Note(_) => return Ok(()),
        };
        self.append(&line)
    }

    /// Writes down that the conversation was forgotten.
    pub fn cleared(&mut self) -> io::Result<()> {
        self.append(&Line::Cleared)
    }

    /// One line in one write, so that lines of two processes do not mix.
    fn append(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_string(line).map_err(io::Error::other)?;
        text.push('\n');
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(text.as_bytes()))
    }
}

/// A new file in `folder`, called after the time.
fn created(folder: &Path, now: SystemTime) -> Result<(String, PathBuf, File), SessionError> {
    fs::create_dir_all(folder).map_err(failed("make", folder))?;
    let seconds = seconds(now);
    let mut number = 0;
    loop {
        let id = match number {
            0 => format!("{seconds}"),
            number => format!("{seconds}-{number}"),
        };
        let path = place(folder, &id);
        match private(OpenOptions::new().create_new(true).append(true)).open(&path) {
            Ok(file) => {
                prune(folder);
                return Ok((id, path, file));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(failed("write", &path)(error)),
        }
    }
}

/// What was said in a session.
pub fn read(folder: &Path, id: &str) -> Result<History, SessionError> {
    let mut history = History::default();
    for line in lines(folder, id)? {
        match line {
            Line::Said { unit } => history.push(unit),
            Line::Cleared => history.clear(),
            Line::Start { .. }
            | Line::Asked { .. }
            | Line::Edited { .. }
            | Line::Planned { .. }
            | Line::Summary { .. } => {}
        }
    }
    Ok(history)
}

/// The sessions in a folder, the newest first.
pub fn sessions(folder: &Path) -> Vec<Session> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let session = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let id = name.strip_suffix(".jsonl")?.to_owned();
        let time = entry.metadata().ok()?.modified().ok()?;
        let title = title(&entry.path()).unwrap_or_default();
        Some(Session { id, time, title })
    };
    let mut sessions: Vec<Session> = entries.filter_map(session).collect();
    sessions.sort_by(|one, other| (other.time, &other.id).cmp(&(one.time, &one.id)));
    sessions
}

fn title(path: &Path) -> Option<String> {
    let lines = BufReader::new(File::open(path).ok()?).lines().map_while(Result::ok);
    let mut units = lines.filter_map(|line| serde_json::from_str::<Line>(&line).ok());
    units.find_map(|line| match line {
        Line::Said { unit: Unit::User { text, .. } } => text.lines().next().map(str::to_owned),
        _ => None,
    })
}

fn place(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.jsonl"))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

/// What was said may be nobody else's business.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Forgets the oldest sessions. Failing to is no failure of the conversation.
fn prune(folder: &Path) {
    for session in sessions(folder).iter().skip(KEPT) {
        if fs::remove_file(place(folder, &session.id)).is_err() {
            return;
        }
    }
}
