//! Bare repositories, read through the `git` command: the newest commit, the files of a commit,
//! their bytes and the log. Nothing is checked out, so nothing has to be cleaned up.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use anyhow::{Context, bail, ensure};

/// A git directory.
#[derive(Clone, Debug)]
pub(crate) struct Repository {
    directory: PathBuf,
}

/// A file of a commit that has not been read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blob {
    /// Its path in the tree.
    pub(crate) path: String,
    /// The name of its content.
    pub(crate) id: String,
    /// Its size in bytes.
    pub(crate) size: u64,
}

impl Repository {
    /// The repository `owner/name` among the mirrors in `folder`, if it is there.
    pub(crate) fn in_mirror(folder: &Path, name: &str) -> Option<Self> {
        let repository = folder.join(name.replace('/', "+")).join("repo");
        let inner = repository.join(".git");
        let directory = if inner.is_dir() { inner } else { repository };
        directory.join("objects").is_dir().then_some(Self { directory })
    }

    /// The newest commit.
    pub(crate) fn head(&self) -> anyhow::Result<String> {
        let output = self.command(&["rev-parse", "--verify", "HEAD^{commit}"]).output()?;
        ensure!(output.status.success(), "{} has no commit", self.directory.display());
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// The regular files of `commit`, ordered by path. A name that is not UTF-8 is left out.
    pub(crate) fn files(&self, commit: &str) -> anyhow::Result<Vec<Blob>> {
        let output = self.command(&["ls-tree", "-r", "-z", "--long", commit]).output()?;
        ensure!(output.status.success(), "{} has no {commit}", self.directory.display());
        let lines = output.stdout.split(|byte| *byte == 0);
        Ok(lines.filter_map(|line| blob(std::str::from_utf8(line).ok()?)).collect())
    }

    /// Gives the bytes of each of `blobs` that the repository holds to `receive`, in order.
    pub(crate) fn read(
        &self,
        blobs: &[Blob],
        mut receive: impl FnMut(&Blob, Vec<u8>),
    ) -> anyhow::Result<()> {
        let mut command = self.command(&["cat-file", "--batch", "--buffer"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut input = child.stdin.take().context("the input was asked for")?;
        let mut output = BufReader::new(child.stdout.take().context("the output was asked for")?);
        let ids: String = blobs.iter().map(|blob| format!("{}\n", blob.id)).collect();
        let writer = thread::spawn(move || input.write_all(ids.as_bytes()));
        for blob in blobs {
            if let Some(bytes) = read_blob(&mut output)? {
                receive(blob, bytes);
            }
        }
        let Ok(written) = writer.join() else { bail!("the thread that asks for files died") };
        written?;
        child.wait()?;
        Ok(())
    }

    /// Starts `git log` with `arguments`.
    pub(crate) fn log(&self, arguments: &[String]) -> anyhow::Result<Log> {
        // The first commit of all, or of a shallow snapshot, adds everything and tells nothing.
        let mut command = self.command(&["-c", "log.showRoot=false", "log"]);
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn()?;
        let output = BufReader::new(child.stdout.take().context("the output was asked for")?);
        Ok(Log { child, output })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(&self.directory).args(arguments).stderr(Stdio::null());
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command
    }
}

/// A running log, stopped when dropped. A snapshot may lack old objects, at which the log just
/// ends: what came before holds.
pub(crate) struct Log {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Log {
    /// The next line without its line feed.
    pub(crate) fn next_line(&mut self) -> anyhow::Result<Option<String>> {
        let mut line = Vec::new();
        if self.output.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // It may have ended by itself, which is all that is wanted: there is no error to report.
        drop(self.child.kill().and_then(|()| self.child.wait()));
    }
}

/// A line of `ls-tree --long`: mode, type, id, size, a tab and the path.
fn blob(line: &str) -> Option<Blob> {
    let (facts, path) = line.split_once('\t')?;
    let mut facts = facts.split_whitespace();
    let (mode, kind, id, size) = (facts.next()?, facts.next()?, facts.next()?, facts.next()?);
    let is_regular = kind == "blob" && mode.starts_with("100");
    let size = size.parse().ok()?;
    is_regular.then(|| Blob { path: path.to_owned(), id: id.to_owned(), size })
}

/// The bytes of the next answer of `cat-file --batch`; none for an object that is missing.
fn read_blob(output: &mut impl BufRead) -> anyhow::Result<Option<Vec<u8>>> {
    let mut header = String::new();
    output.read_line(&mut header)?;
    let mut words = header.split_whitespace();
    let (_, kind, size) = (words.next(), words.next(), words.next());
    let (Some("blob"), Some(size)) = (kind, size) else {
        ensure!(kind == Some("missing"), "git answered `{}`", header.trim_end());
        return Ok(None);
    };
    let mut bytes = vec![0; size.parse::<usize>()? + 1];
    output.read_exact(&mut bytes)?;
    bytes.pop();
    Ok(Some(bytes))
}
