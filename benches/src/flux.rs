//! Asking the `flux` binary, as a user or a program would.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;

use crate::arguments::BenchArguments;
use crate::process::{Finished, is_installed, measure};

/// The binary, and the repository it is measured on.
pub(crate) struct Flux {
    program: PathBuf,
    pub(crate) repo: PathBuf,
    threads: Option<usize>,
}

/// What `flux status --json` says of an index.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Status {
    pub(crate) indexed: usize,
    pub(crate) source_bytes: u64,
    pub(crate) index_bytes: u64,
}

/// What `flux coverage --json` says of an index.
#[derive(Debug, Deserialize)]
pub(crate) struct Coverage {
    pub(crate) lines: u64,
    skipped: Vec<Skipped>,
}

#[derive(Debug, Deserialize)]
struct Skipped {
    path: String,
}

impl Coverage {
    /// The paths of the files that are not indexed.
    pub(crate) fn skipped_paths(&self) -> Vec<&str> {
        self.skipped.iter().map(|skipped| skipped.path.as_str()).collect()
    }
}

/// Whether a search looks at the tree before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// It does, as it does for a user.
    Usual,
    /// It answers from the index as it is.
    Never,
}

impl Flux {
    /// Finds the binary and the repository.
    pub(crate) fn find(arguments: &BenchArguments) -> anyhow::Result<Self> {
        let repo = std::fs::canonicalize(&arguments.repo)
            .with_context(|| format!("cannot find {}", arguments.repo.display()))?;
        ensure!(repo.is_dir(), "{} is not a folder", repo.display());
        let beside = std::env::current_exe()?.with_file_name("flux");
        let program = match &arguments.flux {
            Some(path) => path.clone(),
            None if beside.is_file() => beside,
            None => PathBuf::from("flux"),
        };
        let is_usable = is_installed(&program.to_string_lossy());
        ensure!(is_usable, "cannot run {}\nhint: pass --flux", program.display());
        Ok(Self { program, repo, threads: arguments.threads })
    }

    /// The same binary on another copy of the repository.
    pub(crate) fn on(&self, repo: PathBuf) -> Self {
        Self { program: self.program.clone(), repo, threads: self.threads }
    }

    /// A command of this program with the threads that were asked for.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some(threads) = self.threads {
            command.env("RAYON_NUM_THREADS", threads.to_string());
        }
        command
    }

    /// One of the floors, as a process of its own.
    pub(crate) fn floor(&self, name: &str, skip: Option<&Path>) -> anyhow::Result<Finished> {
        let mut command = self.command(&std::env::current_exe()?);
        command.arg(name).arg("--repo").arg(&self.repo);
        if let Some(file) = skip {
            command.arg("--skip").arg(file);
        }
        measure(&mut command, None)
    }

    /// Indexes into `index` from nothing.
    pub(crate) fn index(&self, index: &Path) -> anyhow::Result<Finished> {
        self.index_with(index, &["--rebuild"])
    }

    /// Indexes into `index` with these arguments.
    pub(crate) fn index_with(&self, index: &Path, arguments: &[&str]) -> anyhow::Result<Finished> {
        let mut command = self.command(&self.program);
        command.args(["index", "--quiet"]).args(arguments);
        measure(command.arg("--index-dir").arg(index).arg(&self.repo), None)
    }

    /// Searches in a fresh process.
    pub(crate) fn search(
        &self,
        index: &Path,
        query: &str,
        refresh: Refresh,
    ) -> anyhow::Result<Finished> {
        let mut command = self.command(&self.program);
        command.args(["search", "--quiet", "--index-dir"]).arg(index);
        if refresh == Refresh::Never {
            command.arg("--no-refresh");
        }
        command.arg("--").arg(query).arg(&self.repo);
        measure(&mut command, None)
    }

    /// Answers the lines of the file `queries` in one process.
    pub(crate) fn batch(&self, index: &Path, queries: &Path) -> anyhow::Result<Finished> {
        let mut command = self.command(&self.program);
        command.args(["search", "--quiet", "--batch", "--json", "--index-dir"]).arg(index);
        measure(command.arg(&self.repo), Some(queries))
    }

    /// The size of an index and of what it is made from.
    pub(crate) fn status(&self, index: &Path) -> anyhow::Result<Status> {
        Ok(serde_json::from_str(&self.report("status", index)?)?)
    }

    /// What an index leaves out.
    pub(crate) fn coverage(&self, index: &Path) -> anyhow::Result<Coverage> {
        Ok(serde_json::from_str(&self.report("coverage", index)?)?)
    }

    fn report(&self, name: &str, index: &Path) -> anyhow::Result<String> {
        let mut command = self.command(&self.program);
        command.args([name, "--json", "--index-dir"]).arg(index).arg(&self.repo);
        Ok(measure(&mut command, None)?.output)
    }

    /// What `flux --version` prints.
    pub(crate) fn version(&self) -> anyhow::Result<String> {
        let finished = measure(Command::new(&self.program).arg("--version"), None)?;
        Ok(finished.output.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{Coverage, Status};

    #[test]
    fn what_flux_says_is_read_and_unknown_fields_are_no_error() {
        let coverage: Coverage = serde_json::from_str(
            r#"{"schema":1,"lines":7,"skipped":[{"path":"a.png","reason":"binary"}],"new":[]}"#,
        )
        .unwrap();
        assert_eq!((coverage.lines, coverage.skipped_paths()), (7, vec!["a.png"]));
        let status: Status = serde_json::from_str(
            r#"{"schema":1,"indexed":3,"source_bytes":100,"index_bytes":90,"files":4}"#,
        )
        .unwrap();
        assert_eq!((status.indexed, status.source_bytes, status.index_bytes), (3, 100, 90));
    }
}
