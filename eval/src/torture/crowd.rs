//! Indexers, searchers and an editor at work on one tree at once: every process must end well
//! and answer with valid JSON, and what remains must equal an index made in peace.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::tool::{Tool, difference, talk};
use super::tree::{clear, copy, edit, text_files};
use super::{CrowdArgs, Report};
use crate::bootstrap::SplitMix;

/// What the searchers do, in turn.
const COMMANDS: &[&[&str]] = &[
    &["search", "--json", "parse the configuration file"],
    &["search", "--json", "-F", "return"],
    &["search", "--json", "-e", r"torture \d+ replaced"],
    &["search", "--json", "--no-refresh", "error handling"],
    &["search", "--json", "torture_12", "--explain"],
    &["status", "--json"],
    &["verify", "--json"],
    &["coverage", "--json"],
];
/// Time between two edits; a person saves less often, a formatter more.
const EDIT_PAUSE: Duration = Duration::from_millis(25);

/// What all threads share.
struct Crowd<'a> {
    tool: &'a Tool,
    is_over: AtomicBool,
    indexed: AtomicUsize,
    asked: AtomicUsize,
    edits: AtomicUsize,
    problems: Mutex<Vec<String>>,
}

pub(super) fn run(arguments: &CrowdArgs) -> anyhow::Result<Report> {
    clear(&arguments.work)?;
    let tree = std::path::absolute(arguments.work.join("tree"))?;
    copy(&arguments.repository, &tree)?;
    let index = std::path::absolute(arguments.work.join("index"))?;
    let tool = Tool { flux: std::path::absolute(&arguments.flux)?, tree, index };
    tool.index()?;
    let files = text_files(&tool.tree)?;
    let crowd = Crowd {
        tool: &tool,
        is_over: AtomicBool::new(false),
        indexed: AtomicUsize::new(0),
        asked: AtomicUsize::new(0),
        edits: AtomicUsize::new(0),
        problems: Mutex::new(Vec::new()),
    };
    thread::scope(|scope| {
        scope.spawn(|| crowd.edit(&files));
        (0..arguments.indexers).for_each(|_| {
            scope.spawn(|| crowd.index());
        });
        let crowd = &crowd;
        (0..arguments.searchers).for_each(|first| {
            scope.spawn(move || crowd.ask(first));
        });
        thread::sleep(arguments.duration());
        crowd.is_over.store(true, Ordering::Relaxed);
    });
    crowd.finish(arguments)
}

impl Crowd<'_> {
    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    fn problem(&self, problem: String) {
        self.problems.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(problem);
    }

    fn edit(&self, files: &[PathBuf]) {
        let mut random = SplitMix(20);
        while self.goes_on() {
            let number = self.edits.fetch_add(1, Ordering::Relaxed);
            if let Err(error) = edit(files, &mut random, number) {
                self.problem(format!("the editor failed: {error:#}"));
            }
            thread::sleep(EDIT_PAUSE);
        }
    }

    fn index(&self) {
        while self.goes_on() {
            if let Err(error) = self.tool.index() {
                self.problem(format!("{error:#}"));
            }
            self.indexed.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn ask(&self, first: usize) {
        for command in COMMANDS.iter().cycle().skip(first) {
            if !self.goes_on() {
                return;
            }
            if let Err(problem) = self.ask_once(command) {
                self.problem(format!("{command:?}: {problem}"));
            }
            self.asked.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn ask_once(&self, command: &[&str]) -> Result<(), String> {
        let output = self.tool.run(command).map_err(|error| format!("{error:#}"))?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let is_search = command[0] == "search";
        match output.status.code() {
            Some(0) => {}
            Some(1) if is_search => {}
            code => return Err(format!("ended with {code:?}: {printed} {}", talk(&output))),
        }
        if !output.stderr.is_empty() {
            return Err(format!("said: {}", talk(&output)));
        }
        let answer: Value =
            serde_json::from_str(&printed).map_err(|error| format!("no JSON: {error}"))?;
        let has_shape = answer["schema"] == 1 && (!is_search || answer["results"].is_array());
        if has_shape { Ok(()) } else { Err(format!("not an answer: {printed}")) }
    }

    fn finish(self, arguments: &CrowdArgs) -> anyhow::Result<Report> {
        let problems =
            self.problems.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut report = Report { lines: Vec::new(), problems };
        self.tool.index()?;
        if let Some(problem) = self.tool.verify()? {
            report.problems.push(format!("verify at the end: {problem}"));
        }
        let fresh = self.tool.with_index(self.tool.index.with_extension("fresh"));
        fresh.index()?;
        let (lived, expected) = (self.tool.answers()?, fresh.answers()?);
        report.check(lived == expected, || {
            let difference = difference(&expected, &lived).unwrap_or_default();
            format!("the index answers differently from a fresh one: {difference}")
        });
        report.lines.push(format!(
            "{} s: {} index runs by {}, {} questions by {}, {} edits",
            arguments.seconds,
            self.indexed.into_inner(),
            arguments.indexers,
            self.asked.into_inner(),
            arguments.searchers,
            self.edits.into_inner()
        ));
        Ok(report)
    }
}
