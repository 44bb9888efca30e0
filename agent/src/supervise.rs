//! Waiting for a program within limits. It has a process group of its own, which is killed as a
//! whole, so that nothing it leaves running can keep us waiting.

use std::fs::File;
use std::io;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use flux_core::Cancel;

/// How often a running program is looked at.
const POLL: Duration = Duration::from_millis(5);

/// What a program may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// When it is killed.
    pub(crate) time: Duration,
    /// The most it may print, in bytes.
    pub(crate) output: u64,
}

/// How a program ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// By itself.
    Ended(ExitStatus),
    /// It was killed because the user said so.
    Cancelled,
    /// It was killed because it printed too much.
    TooMuch,
    /// It was killed because it took too long.
    TooLong,
}

/// Lets a program lead a process group of its own.
pub(crate) fn apart(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _command = command;
}

/// Waits for a program that was started [`apart`] and prints to `printed`.
pub(crate) fn watch(
    mut child: Child,
    printed: &File,
    bounds: Bounds,
    cancel: &Cancel,
) -> io::Result<Fate> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            // What it left running goes with it.
            kill_group(&child);
            return Ok(Fate::Ended(status));
        }
        let fate = match () {
            () if cancel.is_cancelled() => Fate::Cancelled,
            () if printed.metadata()?.len() > bounds.output => Fate::TooMuch,
            () if start.elapsed() > bounds.time => Fate::TooLong,
            () => {
                std::thread::sleep(POLL);
                continue;
            }
        };
        kill_group(&child);
        child.kill()?;
        child.wait()?;
        return Ok(fate);
    }
}

/// Kills the program and all it started. One that is gone already is no failure.
pub(crate) fn kill_group(child: &Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        rustix::process::kill_process_group(group, rustix::process::Signal::KILL).ok();
    }
    #[cfg(not(unix))]
    let _child = child;
}
