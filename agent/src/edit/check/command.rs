//! The project's own check, run on a copy of the tree that has the edit in it.
//!
//! The command gets a process group of its own, which is killed as a whole when its time is up.
//! What it prints goes to a file, not a pipe, so that no grandchild can keep us waiting.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use flux_core::{Cancel, RepoPath};

use crate::edit::plan::EditPlan;
use crate::edit::refusal::{Reason, Refused};
use crate::edit::tree::Tree;
use crate::supervise::{Bounds, Fate, apart, watch};

/// A command and its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckCommand {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Variables it gets besides ours.
    pub environment: Vec<(String, String)>,
    /// When it is killed.
    pub time: Duration,
    /// The most it may print, in bytes.
    pub output: u64,
}

/// Time that a check gets unless it is said otherwise: a large Rust crate checks in less.
pub const USUAL_TIME: Duration = Duration::from_secs(300);
/// What a check may print unless it is said otherwise.
pub const USUAL_OUTPUT: u64 = 64 << 20;
/// The end of its output that a refusal shows.
const SHOWN_OUTPUT: u64 = 4 << 10;
/// Files that a copy of a tree may have.
const MAX_FILES: usize = 100_000;

impl CheckCommand {
    /// A command with the usual limits.
    pub fn new(words: &[&str]) -> Self {
        Self {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            environment: Vec::new(),
            time: USUAL_TIME,
            output: USUAL_OUTPUT,
        }
    }

    /// The check that the files at the root of a tree call for.
    pub fn detected(tree: &Tree) -> Option<Self> {
        let has = |name: &str| tree.root.join(name).is_file();
        if has("Cargo.toml") {
            let target = tree.own.join("edits").join("target");
            let variable = ("CARGO_TARGET_DIR".to_owned(), target.to_string_lossy().into_owned());
            let command = Self::new(&["cargo", "check", "--quiet", "--offline"]);
            return Some(Self { environment: vec![variable], ..command });
        }
        if has("go.mod") {
            return Some(Self::new(&["go", "vet", "./..."]));
        }
        if has("package.json") && has_test_script(&tree.root.join("package.json")) {
            return Some(Self::new(&["npm", "test", "--silent"]));
        }
        if ["pyproject.toml", "setup.py", "setup.cfg"].iter().any(|name| has(name)) {
            return Some(Self::new(&["python3", "-m", "compileall", "-q", "."]));
        }
        None
    }

    /// The command as it is typed.
    pub fn shown(&self) -> String {
        self.words.join(" ")
    }

    /// Runs the check on a copy of the tree with the edit in it. `files` are those of the tree
    /// before.
    pub fn run(
        &self,
        tree: &Tree,
        files: &[RepoPath],
        plan: &EditPlan,
        cancel: &Cancel,
    ) -> Result<(), Refused> {
        let failed = |how: String, output: String| {
            let command = self.shown();
            Refused::from(Reason::CheckFailed { command, how, output }.at(None, ""))
        };
        let io = |error: io::Error| failed(format!("cannot be run: {error}"), String::new());
        if files.len() > MAX_FILES {
            let how = format!("is not run on a copy of {} files", files.len());
            return Err(failed(how, String::new()));
        }
        let parent = tree.own.join("edits");
        fs::create_dir_all(&parent).map_err(io)?;
        let place = tempfile::Builder::new().prefix("check-").tempdir_in(&parent).map_err(io)?;
        let copy = place.path().join("tree");
        copied(tree, files, plan, &copy).map_err(io)?;
        let printed = place.path().join("output");
        let outcome = self.outcome(&copy, &printed, cancel).map_err(io)?;
        let Some(how) = outcome else { return Ok(()) };
        Err(failed(how, tail(&printed).map_err(io)?))
    }

    /// Runs a command that mends files on a copy of the tree. Gives the files that it changed, with
    /// what is in them then, or says how it failed.
    pub(crate) fn changes(
        &self,
        tree: &Tree,
        files: &[RepoPath],
        cancel: &Cancel,
    ) -> Result<Vec<(String, String)>, String> {
        let io = |error: io::Error| format!("cannot be run: {error}");
        if files.len() > MAX_FILES {
            return Err(format!("is not run on a copy of {} files", files.len()));
        }
        let parent = tree.own.join("edits");
        fs::create_dir_all(&parent).map_err(io)?;
        let place = tempfile::Builder::new().prefix("fix-").tempdir_in(&parent).map_err(io)?;
        let copy = place.path().join("tree");
        copied(tree, files, &EditPlan::default(), &copy).map_err(io)?;
        let printed = place.path().join("output");
        if let Some(how) = self.outcome(&copy, &printed, cancel).map_err(io)? {
            return Err(format!("{how}\n{}", tail(&printed).map_err(io)?));
        }
        let mut changed = Vec::new();
        for path in files {
            let (Ok(before), Ok(after)) =
                (fs::read(tree.full(path)), fs::read(copy.join(path.as_str())))
            else {
                continue;
            };
            if let (true, Ok(text)) = (before != after, String::from_utf8(after)) {
                changed.push((path.as_str().to_owned(), text));
            }
        }
        Ok(changed)
    }

    /// Runs the command in `folder`; in words how it failed, if it did.
    fn outcome(
        &self,
        folder: &Path,
        printed: &Path,
        cancel: &Cancel,
    ) -> io::Result<Option<String>> {
        let Some((program, arguments)) = self.words.split_first() else {
            return Ok(Some("is empty".to_owned()));
        };
        let out = File::create(printed)?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).stdin(Stdio::null());
        command.stdout(out.try_clone()?).stderr(out.try_clone()?);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        apart(&mut command);
        let bounds = Bounds { time: self.time, output: self.output };
        Ok(match watch(command.spawn()?, &out, bounds, cancel)? {
            Fate::Ended(status) if status.success() => None,
            Fate::Ended(status) => Some(format!("ended with {status}")),
            Fate::Cancelled => Some("was cancelled".to_owned()),
            Fate::TooMuch => Some(format!("printed more than {} bytes", self.output)),
            Fate::TooLong => Some(format!("took longer than {} s", self.time.as_secs())),
        })
    }
}

fn has_test_script(path: &Path) -> bool {
    let text = fs::read_to_string(path).unwrap_or_default();
    let package: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    package["scripts"]["test"].is_string()
}

/// Folders that hold what a project has installed: too large to copy, and not what is edited.
const INSTALLED: [&str; 4] = ["node_modules", ".venv", "venv", "vendor"];

/// Copies the tree as the plan makes it.
fn copied(tree: &Tree, files: &[RepoPath], plan: &EditPlan, copy: &Path) -> io::Result<()> {
    fs::create_dir(copy)?;
    let mut folder = String::new();
    for path in files {
        let target = copy.join(path.as_str());
        if path.parent() != folder {
            path.parent().clone_into(&mut folder);
            fs::create_dir_all(copy.join(&folder))?;
        }
        let source = tree.full(path);
        if fs::symlink_metadata(&source).is_ok_and(|metadata| metadata.is_file()) {
            fs::copy(&source, &target)?;
        }
    }
    for file in &plan.files {
        let gone = copy.join(file.source().as_str());
        if file.before.is_some() && gone.exists() {
            fs::remove_file(&gone)?;
        }
    }
    for file in &plan.files {
        let Some(after) = &file.after else { continue };
        let target = copy.join(file.path.as_str());
        fs::create_dir_all(target.parent().unwrap_or(copy))?;
        fs::write(&target, &after.content.bytes)?;
    }
    #[cfg(unix)]
    for name in INSTALLED {
        let (there, here) = (tree.root.join(name), copy.join(name));
        if there.is_dir() && !here.exists() {
            std::os::unix::fs::symlink(&there, &here)?;
        }
    }
    Ok(())
}

fn tail(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(SHOWN_OUTPUT)))?;
    let mut bytes = Vec::new();
    file.take(SHOWN_OUTPUT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}
