//! Histories, read through the `git` command: commits with what they changed, and trees of the
//! commits before them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

/// A git directory that is only read.
#[derive(Clone, Debug)]
pub(super) struct History {
    directory: PathBuf,
}

/// A commit with one parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) id: String,
    pub(super) parent: String,
    /// The first line of its message.
    pub(super) subject: String,
    /// The rest.
    pub(super) body: String,
}

/// Lines of the file before a commit that it replaced; without any, the line it added after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OldLines {
    pub(super) start: u32,
    pub(super) count: u32,
}

impl History {
    /// The repository `owner/name` among the mirrors in `folder`.
    pub(super) fn in_mirror(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let directory = folder.join(name.replace('/', "+")).join("repo");
        ensure!(directory.is_dir(), "{} is not there", directory.display());
        Ok(Self { directory })
    }

    fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.directory).args(arguments);
        text_of(command)
    }

    /// The newest `count` commits that are no merges, newest first.
    pub(super) fn newest(&self, count: usize) -> anyhow::Result<Vec<Commit>> {
        let limit = format!("--max-count={count}");
        let format = "--format=%x01%H%x02%P%x02%s%x02%b";
        let text = self.run(&["log", "--no-merges", &limit, format])?;
        Ok(text.split('\u{1}').filter_map(commit).collect())
    }

    /// One commit.
    pub(super) fn commit(&self, id: &str) -> anyhow::Result<Commit> {
        let text = self.run(&["show", "--no-patch", "--format=%x01%H%x02%P%x02%s%x02%b", id])?;
        commit(text.trim_start_matches('\u{1}')).with_context(|| format!("no commit {id}"))
    }

    /// Paths that existed before a commit and that it modified, and the number of all it touched.
    pub(super) fn modified(&self, commit: &Commit) -> anyhow::Result<(Vec<String>, usize)> {
        let arguments = ["diff", "--name-status", "--no-renames", &commit.parent, &commit.id];
        let text = self.run(&arguments)?;
        let modified = text.lines().filter_map(|line| line.strip_prefix("M\t"));
        Ok((modified.map(str::to_owned).collect(), text.lines().count()))
    }

    /// What a commit changed in a file, by the lines before it.
    pub(super) fn changed_lines(
        &self,
        commit: &Commit,
        path: &str,
    ) -> anyhow::Result<Vec<OldLines>> {
        let range = ["diff", "--unified=0", "--no-color", &commit.parent, &commit.id, "--", path];
        let text = self.run(&range)?;
        Ok(text.lines().filter_map(|line| old_lines(line.strip_prefix("@@ -")?)).collect())
    }

    /// A file as it was at a commit.
    pub(super) fn file(&self, commit: &str, path: &str) -> anyhow::Result<String> {
        self.run(&["show", &format!("{commit}:{path}")])
    }

    /// A work tree of the repository in `folder`, made when it is not there.
    pub(super) fn work_tree(&self, folder: &Path) -> anyhow::Result<()> {
        if folder.join(".git").exists() {
            return Ok(());
        }
        let mut command = Command::new("git");
        command.args(["clone", "--quiet", "--shared", "--no-checkout"]);
        command.arg(&self.directory).arg(folder);
        text_of(command).map(drop)
    }
}

/// Moves a work tree to a commit.
pub(super) fn check_out(folder: &Path, commit: &str) -> anyhow::Result<()> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["checkout", "--quiet", "--force", "--detach", commit]);
    text_of(command).map(drop)
}

fn text_of(mut command: Command) -> anyhow::Result<String> {
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_LFS_SKIP_SMUDGE", "1");
    let output = command.output().context("cannot run git")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "git: {}", error.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Fields of one commit; none for one with several parents or none.
fn commit(text: &str) -> Option<Commit> {
    let mut fields = text.split('\u{2}').map(str::trim);
    let (id, parent) = (fields.next()?, fields.next()?);
    if id.is_empty() || parent.is_empty() || parent.contains(' ') {
        return None;
    }
    let (subject, body) = (fields.next()?, fields.next().unwrap_or_default());
    let owned = str::to_owned;
    Some(Commit {
        id: owned(id),
        parent: owned(parent),
        subject: owned(subject),
        body: owned(body),
    })
}

/// `12,3 +…` or `12 +…`.
fn old_lines(text: &str) -> Option<OldLines> {
    let range = text.split(' ').next()?;
    let (start, count) = range.split_once(',').unwrap_or((range, "1"));
    Some(OldLines { start: start.parse().ok()?, count: count.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::{OldLines, old_lines};

    #[test]
    fn hunks_say_which_lines_were_there() {
        assert_eq!(old_lines("12,3 +12,4 @@ fn f"), Some(OldLines { start: 12, count: 3 }));
        assert_eq!(old_lines("7 +8,0 @@"), Some(OldLines { start: 7, count: 1 }));
        assert_eq!(old_lines("5,0 +6,2 @@"), Some(OldLines { start: 5, count: 0 }));
    }
}
