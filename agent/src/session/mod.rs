//! What is kept of a conversation: a file of JSON lines that only grows, so that a kill at any time
//! loses no more than the line that was being written.
//!
//! The file is this crate's own record, not an answer for users. Its first line tells its version.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::llm::{History, Unit, Usage};
use crate::plan::Plan;
use crate::run::{Event, StepReport};

/// Version of the lines. 1: first.
const VERSION: u32 = 1;
/// Sessions that are kept for a tree.
const KEPT: usize = 100;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
enum Line {
    /// A run of the program begins.
    Start { version: u32, time: u64, root: String, model: String },
    /// The conversation grew.
    Said { unit: Unit },
    /// A request was answered.
    Asked { estimate: usize, usage: Option<Usage> },
    /// Files were changed by this edit of the journal.
    Edited { edit: u64, files: Vec<String> },
    /// A plan was accepted.
    Planned { plan: Plan },
    /// What became of a turn that changed something.
    Summary { steps: Vec<StepLine>, touched: Vec<String>, unforeseen: Vec<String> },
    /// The conversation was forgotten.
    Cleared,
}

/// A step of a turn, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StepLine {
    id: String,
    state: String,
    edits: Vec<u64>,
    revisions: u32,
    looked: Vec<String>,
    unseen: Vec<String>,
    findings: Vec<String>,
}

impl StepLine {
    fn of(step: &StepReport) -> Self {
        let seen = step.verification.clone().unwrap_or_default();
        Self {
            id: step.id.clone(),
            state: step.state.as_str().to_owned(),
            edits: step.edits.clone(),
            revisions: step.revisions,
            looked: seen.looked,
            unseen: seen.unseen,
            findings: seen.findings.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A transcript that is written.
#[derive(Debug)]
pub struct Transcript {
    /// What the session is called.
    pub id: String,
    file: File,
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
    #[error("there is no session `{0}`\nhint: flux agent --sessions lists them")]
    Missing(String),
    /// It was written by another version.
    #[error("session `{id}` was written by another version of flux ({version})")]
    Version {
        /// What it is called.
        id: String,
        /// Its version.
        version: u32,
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
                    return Self { id, file }.begun(root, model, now, &path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(failed("write", &path)(error)),
            }
        }
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
        let transcript = Self { id: id.to_owned(), file }.begun(root, model, now, &path)?;
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
        self.file.write_all(text.as_bytes())
    }
}

/// What was said in a session.
pub fn read(folder: &Path, id: &str) -> Result<History, SessionError> {
    let path = place(folder, id);
    let is_name = id.chars().all(|letter| letter.is_ascii_digit() || letter == '-');
    let file = match File::open(&path) {
        Ok(file) if is_name => file,
        Ok(_) => return Err(SessionError::Missing(id.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(SessionError::Missing(id.to_owned()));
        }
        Err(error) => return Err(failed("read", &path)(error)),
    };
    let mut history = History::default();
    for line in BufReader::new(file).split(b'\n') {
        let line = line.map_err(failed("read", &path))?;
        // A kill leaves half a line; what came after it is whole.
        let Ok(line) = serde_json::from_slice::<Line>(&line) else { continue };
        match line {
            Line::Start { version, .. } if version != VERSION => {
                return Err(SessionError::Version { id: id.to_owned(), version });
            }
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

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write;
    use std::time::SystemTime;

    use super::{Transcript, read, sessions};
    use crate::llm::{Answered, Block, Call, Exchange, Unit};
    use crate::run::Event;

    fn units() -> Vec<Unit> {
        let call = Call {
            id: "c1".to_owned(),
            item: None,
            name: "read_files".to_owned(),
            arguments: "{}".to_owned(),
            is_cut: false,
        };
        let answered = Answered { text: "é\n".to_owned(), is_error: true };
        let exchange = Exchange::new(vec![Block::Call(call)], vec![answered]).unwrap();
        vec![
            Unit::User { text: "hello".to_owned(), context: None },
            Unit::Exchange(exchange),
            Unit::Note { text: "n".to_owned() },
        ]
    }

    #[test]
    fn what_was_said_is_read_back_whatever_a_kill_left() {
        let folder = tempfile::tempdir().unwrap();
        let (folder, now) = (folder.path().join("s"), SystemTime::now());
        let mut transcript = Transcript::start(&folder, &folder, "m", now).unwrap();
        let id = transcript.id.clone();
        for unit in &units()[..2] {
            transcript.note(&Event::Said(unit.clone())).unwrap();
        }
        let path = folder.join(format!("{id}.jsonl"));
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"line\":\"said\",\"unit\":{\"unit\":\"us").unwrap();
        let (mut transcript, history) =
            Transcript::resume(&folder, &id, &folder, "m", now).unwrap();
        assert_eq!(history.units(), &units()[..2]);
        transcript.note(&Event::Said(units()[2].clone())).unwrap();
        assert_eq!(read(&folder, &id).unwrap().units(), units());
        assert_eq!(sessions(&folder)[0].title, "hello");
        transcript.cleared().unwrap();
        assert!(read(&folder, &id).unwrap().is_empty());
        assert!(read(&folder, "../x").is_err());
    }

    #[test]
    fn two_sessions_of_one_second_are_two() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let start = || Transcript::start(folder.path(), folder.path(), "m", now).unwrap().id;
        assert_ne!(start(), start());
    }
}
