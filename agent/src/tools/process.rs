//! Runs a program of the user's machine within limits of time, output and, where the kernel can,
//! of what it may touch.
//!
//! It gets a process group of its own, which is killed as a whole, and a file for its output, so
//! that nothing it leaves running can keep us waiting.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::bench::Bench;
use crate::policy::Confinement;
use crate::policy::confine::Confined;
use crate::supervise::{Bounds, Fate, apart, watch};

/// A program and its limits.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Variables it gets besides ours.
    pub environment: Vec<(String, String)>,
    /// When it is killed.
    pub time: Duration,
}

/// How a program ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// In words.
    pub how: String,
    /// Whether it ended by itself and well.
    pub is_success: bool,
    /// What it printed, cut in the middle if it was much.
    pub output: String,
    /// How far it was confined.
    pub confined: Confined,
}

/// Time that a command gets unless it is said otherwise, and the most it can get.
pub const USUAL_TIME: Duration = Duration::from_secs(120);
/// The most time a command can get.
pub const MOST_TIME: Duration = Duration::from_secs(1800);
/// What a program may print before it is killed, in bytes.
const MOST_OUTPUT: u64 = 256 << 20;

impl Program {
    /// A program with the usual limits.
    pub fn new(words: &[&str]) -> Self {
        Self {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            environment: Vec::new(),
            time: USUAL_TIME,
        }
    }

    /// Runs it at the root of the tree; `bytes` of its output are kept.
    pub(crate) fn run(&self, bench: &Bench<'_>, bytes: usize) -> io::Result<Ended> {
        self.run_within(bench, bytes, Stdio::null(), &bench.confinement)
    }

    /// The same with an input, and with limits of its own on what it touches.
    pub(super) fn run_within(
        &self,
        bench: &Bench<'_>,
        bytes: usize,
        input: Stdio,
        confinement: &Confinement,
    ) -> io::Result<Ended> {
        let Some((program, arguments)) = self.words.split_first() else {
            return Err(io::Error::other("there is no program to run"));
        };
        let mut printed = tempfile::tempfile()?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&bench.tree.root).stdin(input);
        command.stdout(printed.try_clone()?).stderr(printed.try_clone()?);
        for name in &bench.hidden {
            command.env_remove(name);
        }
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_PAGER", "cat").env("PAGER", "cat");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        apart(&mut command);
        let (child, confined) = confinement.spawn(&mut command)?;
        let bounds = Bounds { time: self.time, output: MOST_OUTPUT };
        let fate = watch(child, &printed, bounds, &bench.cancel)?;
        let is_success = matches!(fate, Fate::Ended(status) if status.success());
        let how = self.worded(fate);
        let output = kept(&mut printed, bytes)?;
        Ok(Ended { how, is_success, output, confined })
    }

    fn worded(&self, fate: Fate) -> String {
        match fate {
            Fate::Ended(status) => match status.code() {
                Some(0) => "ended well".to_owned(),
                Some(code) => format!("ended with exit code {code}"),
                None => format!("ended with {status}"),
            },
            Fate::Cancelled => "was stopped by the user".to_owned(),
            Fate::TooMuch => format!("printed more than {} MB and was ended", MOST_OUTPUT >> 20),
            Fate::TooLong => format!("took longer than {} s and was ended", self.time.as_secs()),
        }
    }
}

/// The output; of a long one its first third and the rest from its end, where errors stand.
fn kept(file: &mut File, bytes: usize) -> io::Result<String> {
    let length = file.seek(SeekFrom::End(0))?;
    let most = bytes as u64;
    let mut read = |start: u64, count: u64| -> io::Result<String> {
        file.seek(SeekFrom::Start(start))?;
        let mut part = Vec::new();
        file.take(count).read_to_end(&mut part)?;
        Ok(String::from_utf8_lossy(&part).into_owned())
    };
    if length <= most {
        return Ok(read(0, length)?.trim_end().to_owned());
    }
    let (head, tail) = (most / 3, most - most / 3);
    Ok(joined(&read(0, head)?, &read(length - tail, tail)?, length))
}

/// A text cut in its middle to about so many bytes, at whole lines.
pub(crate) fn shortened(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let boundary = |at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (head, tail) = (boundary(bytes / 3), boundary(text.len() - (bytes - bytes / 3)));
    joined(&text[..head], &text[tail..], text.len() as u64)
}

/// Start and end of an output of `length` bytes, at whole lines, with what is said between them.
fn joined(first: &str, last: &str, length: u64) -> String {
    let first = first.rsplit_once('\n').map_or(first, |(whole, _)| whole);
    let last = last.split_once('\n').map_or(last, |(_, whole)| whole);
    let gone = length.saturating_sub((first.len() + last.len()) as u64);
    format!("{first}\n[truncated: {gone} bytes of output are left out]\n{}", last.trim_end())
}
