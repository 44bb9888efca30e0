//! The output of `git log --patch` as commits and hunks, as they pass by.

use super::git::Log;

/// Files of a commit after which it is no single idea, and the rest of its patch is passed over.
pub(crate) const MAX_FILES: usize = 6;
/// Lines kept of one hunk: more than a pair holds.
const MAX_LINES: usize = 120;
/// What begins a commit, parts its subject and message, and ends them: no text holds these.
pub(crate) const FORMAT: &str = "--format=%x01%s%x02%b%x03";

/// A commit and what it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Commit {
    /// The first line of its message.
    pub(crate) subject: String,
    /// The rest of its message.
    pub(crate) body: String,
    /// The paths of the files it touched, at most one more than [`MAX_FILES`].
    pub(crate) files: Vec<String>,
    /// What it changed, in the order of the patch.
    pub(crate) hunks: Vec<Hunk>,
}

/// One changed place, as it is after the commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hunk {
    /// The file.
    pub(crate) path: String,
    /// The line that git took for the start of the function around it.
    pub(crate) around: String,
    /// The lines that the commit kept and added.
    pub(crate) text: String,
    /// How many of them it added.
    pub(crate) added: usize,
}

/// Commits read from a log one by one.
pub(crate) struct Commits {
    log: Log,
    /// The line that begins the next commit.
    ahead: Option<String>,
}

impl Commits {
    /// Reads the output of a log made with [`FORMAT`].
    pub(crate) fn of(mut log: Log) -> anyhow::Result<Self> {
        let ahead = log.next_line()?;
        Ok(Self { log, ahead })
    }

    /// The next commit.
    pub(crate) fn next(&mut self) -> anyhow::Result<Option<Commit>> {
        let Some(first) = self.ahead.take() else { return Ok(None) };
        let mut message = first;
        while !message.ends_with('\u{3}') {
            let Some(line) = self.log.next_line()? else { return Ok(None) };
            message = format!("{message}\n{line}");
        }
        let message = message.trim_start_matches('\u{1}').trim_end_matches('\u{3}');
        let (subject, body) = message.split_once('\u{2}').unwrap_or((message, ""));
        let mut commit =
            Commit { subject: subject.to_owned(), body: body.to_owned(), ..Commit::default() };
        while let Some(line) = self.log.next_line()? {
            if line.starts_with('\u{1}') {
                self.ahead = Some(line);
                break;
            }
            commit.take(&line);
        }
        Ok(Some(commit))
    }
}

impl Commit {
    fn take(&mut self, line: &str) {
        if line.starts_with("diff --git ") {
            // The path follows on a line of its own; until then its changes belong to none.
            if self.files.len() <= MAX_FILES {
                self.files.push(String::new());
            }
        } else if self.files.len() > MAX_FILES {
            self.hunks.clear();
        } else if let Some(path) = line.strip_prefix("+++ b/") {
            if let Some(last) = self.files.last_mut().filter(|last| last.is_empty()) {
                path.trim_end_matches('\t').clone_into(last);
            }
        } else if let Some(rest) = line.strip_prefix("@@ ") {
            let around = rest.split_once(" @@").map_or("", |(_, around)| around.trim());
            let path = self.files.last().cloned().unwrap_or_default();
            self.hunks.push(Hunk { path, around: around.to_owned(), ..Hunk::default() });
        } else if let Some(hunk) = self.hunks.last_mut() {
            hunk.take(line);
        }
    }
}

impl Hunk {
    fn take(&mut self, line: &str) {
        let is_added = line.starts_with('+');
        let kept = line.strip_prefix([' ', '+']).filter(|_| self.text.lines().count() < MAX_LINES);
        self.added += usize::from(is_added);
        if let Some(kept) = kept {
            self.text.push_str(kept);
            self.text.push('\n');
        }
    }
}
