//! A program that is spoken with over its standard input and output for as long as a conversation
//! goes on. What it says on standard error is kept, for telling why it ended.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::policy::Confinement;
use crate::supervise::{apart, kill_group};

/// What is to be started.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    /// The program and its arguments.
    pub words: &'a [String],
    /// Where it runs.
    pub folder: &'a Path,
    /// Variables that it gets besides ours.
    pub environment: &'a [(String, String)],
    /// Variables of ours that it does not get.
    pub hidden: &'a [String],
    /// What the kernel lets it touch; everything without it.
    pub confinement: Option<&'a Confinement>,
}

/// A running program. It is ended when this is dropped.
#[derive(Debug)]
pub struct Companion {
    child: Child,
    complaints: File,
}

/// How long a program whose input has ended may take to end by itself.
const FAREWELL: Duration = Duration::from_millis(500);
/// How often it is looked at meanwhile.
const POLL: Duration = Duration::from_millis(5);
/// Bytes of its complaints that are told.
const LAST_WORDS: u64 = 600;

impl Companion {
    /// Starts it, and gives the ends of its pipes.
    pub fn start(start: &Start<'_>) -> io::Result<(Self, ChildStdin, ChildStdout)> {
        let Some((program, arguments)) = start.words.split_first() else {
            return Err(io::Error::other("there is no program to run"));
        };
        let complaints = tempfile::tempfile()?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(start.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(complaints.try_clone()?);
        for name in start.hidden {
            command.env_remove(name);
        }
        command.envs(start.environment.iter().map(|(name, value)| (name, value)));
        apart(&mut command);
        let mut child = match start.confinement {
            Some(confinement) => confinement.spawn(&mut command)?.0,
            None => command.spawn()?,
        };
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let companion = Self { child, complaints };
        match (input, output) {
            (Some(input), Some(output)) => Ok((companion, input, output)),
            _ => Err(io::Error::other("the program has no pipes")),
        }
    }

    /// How it ended, if it did, and what it complained about last.
    pub fn state(&mut self) -> String {
        // One that closed its output is about to end; without a moment that is not seen.
        let status = self.ended_within(FAREWELL / 2);
        let mut text = match status {
            Some(status) => format!("it ended with {status}"),
            None => "it is still running".to_owned(),
        };
        let said = self.last_words().unwrap_or_default();
        if !said.trim().is_empty() {
            text.push_str(&format!("; it said: {}", said.trim()));
        }
        text
    }

    fn ended_within(&mut self, time: Duration) -> Option<std::process::ExitStatus> {
        let end = Instant::now() + time;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < end => std::thread::sleep(POLL),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    fn last_words(&mut self) -> io::Result<String> {
        let length = self.complaints.seek(SeekFrom::End(0))?;
        self.complaints.seek(SeekFrom::Start(length.saturating_sub(LAST_WORDS)))?;
        let mut bytes = Vec::new();
        Read::by_ref(&mut self.complaints).take(LAST_WORDS).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        self.ended_within(FAREWELL);
        // What it left running goes with it.
        kill_group(&self.child);
        // Failing to kill or to reap what is gone already is no failure.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::{Read, Write};
    use std::path::Path;
    use std::time::{Duration, Instant};

    use super::{Companion, Start};

    fn start(line: &str) -> (Companion, std::process::ChildStdin, std::process::ChildStdout) {
        let words = ["sh", "-c", line].map(str::to_owned);
        let environment = [("GREETING".to_owned(), "hello".to_owned())];
        let hidden = ["PATH_OF_NOBODY".to_owned()];
        let start = Start {
            words: &words,
            folder: Path::new("/"),
            environment: &environment,
            hidden: &hidden,
            confinement: None,
        };
        Companion::start(&start).unwrap()
    }

    #[test]
    fn it_is_spoken_with_and_tells_how_it_ended() {
        let (mut companion, mut input, mut output) =
            start("read x; echo \"$GREETING $x\"; echo no more >&2; exit 3");
        input.write_all(b"you\n").unwrap();
        let mut said = String::new();
        output.read_to_string(&mut said).unwrap();
        assert_eq!(said, "hello you\n");
        let state = companion.state();
        assert!(state.contains("3") && state.ends_with("it said: no more"), "{state}");
    }

    #[test]
    fn it_ends_with_us_whatever_it_does() {
        let (companion, input, mut output) = start("trap '' TERM; sleep 600 & sleep 600");
        drop(input);
        let start = Instant::now();
        drop(companion);
        // The pipe ends only when all that hold it are gone.
        output.read_to_end(&mut Vec::new()).unwrap();
        assert!(start.elapsed() < Duration::from_secs(60));
    }
}
