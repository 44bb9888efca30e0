//! Running a process and measuring what it costs.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};

use crate::usage::wait;

/// What one run of a process cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cost {
    /// Milliseconds of processor time.
    pub(crate) processor_ms: f64,
    /// Milliseconds from its start to its end.
    pub(crate) wall_ms: f64,
    /// Most memory it held at one time.
    pub(crate) peak_bytes: u64,
}

/// A process that has ended well.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    pub(crate) cost: Cost,
    pub(crate) output: String,
}

/// Exit codes that mean that a search worked: found and not found, for flux and ripgrep alike.
const GOOD_CODES: [i32; 2] = [0, 1];

/// Runs `command` with the file `input`, or nothing, on its standard input. Its output goes
/// through a pipe, as it would to any other program.
pub(crate) fn measure(command: &mut Command, input: Option<&Path>) -> anyhow::Result<Finished> {
    let stdin = match input {
        Some(path) => Stdio::from(File::open(path)?),
        None => Stdio::null(),
    };
    let name = command.get_program().to_string_lossy().into_owned();
    let start = Instant::now();
    let mut child = command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {name}"))?;
    let mut bytes = Vec::new();
    if let Some(mut output) = child.stdout.take() {
        output.read_to_end(&mut bytes)?;
    }
    let (status, usage) = wait(child)?;
    let wall = start.elapsed();
    let is_good = status.code().is_some_and(|code| GOOD_CODES.contains(&code));
    ensure!(is_good, "{name} failed: {status}");
    Ok(Finished {
        cost: Cost {
            processor_ms: usage.processor.as_secs_f64() * 1000.0,
            wall_ms: wall.as_secs_f64() * 1000.0,
            peak_bytes: usage.peak_bytes,
        },
        output: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

/// Whether a program can be run, told by its version.
pub(crate) fn is_installed(program: &str) -> bool {
    let asked = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{is_installed, measure};

    #[test]
    fn output_and_cost_of_a_process_are_returned() {
        let input = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(input.path(), "one\ntwo\n").unwrap();
        let finished = measure(&mut Command::new("cat"), Some(input.path())).unwrap();
        assert_eq!(finished.output, "one\ntwo\n");
        assert!(finished.cost.wall_ms > 0.0);
        assert!(finished.cost.peak_bytes > 0);
    }

    #[test]
    fn a_search_without_matches_is_no_failure_and_anything_else_is() {
        let exit = |code: &str| measure(Command::new("sh").args(["-c", code]), None).is_ok();
        assert!(exit("exit 0"));
        assert!(exit("exit 1"));
        assert!(!exit("exit 2"));
        assert!(!exit("kill -9 $$"));
        assert!(measure(&mut Command::new("no-such-program-at-all"), None).is_err());
    }

    #[test]
    fn a_missing_program_is_not_installed() {
        assert!(!is_installed("no-such-program-at-all"));
    }
}
