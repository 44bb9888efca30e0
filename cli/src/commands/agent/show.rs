//! What a conversation looks like: the answer on standard output as it comes, everything else on
//! standard error; or one JSON object for each event.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use flux_agent::edit::apply::files::Disk;
use flux_agent::edit::{Journal, Receipt, Tree, diff};
use flux_agent::llm::Unit;
use flux_agent::plan::Plan;
use flux_agent::run::summary::of_verification;
use flux_agent::run::{Ended, Event, Ledger, ModelChoice, StepState};
use flux_agent::session::{StepLine, Transcript};
use flux_server::wire::agent as wire;

use super::approve::{Approver, cut};
use crate::commands::edit::PATIENCE;
use crate::commands::learn::Learning;
use crate::commands::tree::one_line;
use crate::context::Context;
use crate::exit::say;
use crate::live::{Live, Mark, Row};
use crate::markdown::Markdown;
use crate::style::Style;

/// Shows events and writes them down.
pub(super) struct Screen {
    pub(super) transcript: Transcript,
    tree: Tree,
    /// What is learned from what is shown; nothing, unless it is set.
    pub(super) learning: Learning,
    is_json: bool,
    is_quiet: bool,
    is_terminal: bool,
    /// Whether the answer is only for who watches: standard output has something else to say.
    pub(super) is_aside: bool,
    is_lively: bool,
    style: Style,
    /// Shows the answer, on a terminal with colours.
    markdown: Option<Markdown>,
    live: Rc<Live>,
    has_shown: Rc<Cell<bool>>,
    /// Calls that have begun and were not told of yet, where they are told of when they end.
    calls: Vec<Begun>,
    /// Whether a line of the answer has begun.
    is_within: bool,
    has_lost: bool,
}

/// A call that has begun.
struct Begun {
    id: String,
    what: String,
    since: Instant,
    /// How it ended: how long it took, and what went wrong.
    end: Option<(Duration, Option<String>)>,
}

/// Characters of a failure that are shown.
const SHOWN: usize = 160;
/// Lines of a change that are shown when it is made.
const DIFF_LINES: usize = 30;
/// A call that took longer is told of with its time.
const SLOW: Duration = Duration::from_secs(1);
/// The line of the model among the lines of what goes on.
const MODEL: &str = "model";

impl Screen {
    pub(super) fn new(
        context: &Context,
        is_json: bool,
        transcript: Transcript,
        tree: Tree,
        approver: &Approver,
    ) -> Self {
        let style = Style { has_color: context.has_color };
        let (is_quiet, is_terminal) = (context.is_quiet, context.is_terminal);
        Self {
            transcript,
            tree,
            learning: Learning::default(),
            is_json,
            is_quiet,
            is_terminal,
            is_aside: false,
            is_lively: context.is_lively && !is_quiet,
            style,
            markdown: (is_terminal && context.has_color).then(Markdown::new),
            live: Rc::clone(&approver.live),
            has_shown: Rc::clone(&approver.has_shown),
            calls: Vec::new(),
            is_within: false,
            has_lost: false,
        }
    }

    pub(super) fn started(&mut self, root: &str, model: &ModelChoice) -> io::Result<()> {
        if self.is_json {
            let line = wire::started(&self.transcript.id, root, model);
            return writeln!(io::stdout().lock(), "{line}");
        }
        if !self.is_quiet {
            let (name, provider, id) = (&model.name, model.provider.name, &self.transcript.id);
            self.aside(&format!("{name} ({provider}), session {id}"));
        }
        Ok(())
    }

    /// A reader that has gone, as with `flux ask | head`, is no reason to stop what was begun.
    pub(super) fn show(&mut self, event: &Event) {
        if let Err(error) = self.transcript.note(event)
            && !std::mem::replace(&mut self.has_lost, true)
        {
            say(&format!("flux: the transcript cannot be written: {error}"));
        }
        if let Event::Said(unit) = event {
            self.learning.observer.see(unit);
        }
        if self.print(event).is_err() {}
    }

    fn print(&mut self, event: &Event) -> io::Result<()> {
        if self.is_json {
            let Some(line) = wire::event(event) else { return Ok(()) };
            return writeln!(io::stdout().lock(), "{line}");
        }
        match event {
            Event::Text(text) if self.is_aside => {
                self.live.clear();
                write!(io::stderr().lock(), "{}", visible(text))?;
                self.is_within = false;
            }
            Event::Text(text) => {
                self.live.clear();
                self.text(text)?;
            }
            Event::Thinking(_) => self.waiting("thinking"),
            Event::Calling(tool) => self.waiting(&format!("writing a call of {tool}")),
            Event::Started { id, what, .. } => self.begun(id, what),
            Event::Finished { id, tool, is_error, text } => {
                self.over(id, is_error.then(|| failure(tool, text)));
            }
            Event::Edited(receipt) => {
                self.edit_made(receipt.id, receipt.entries.len());
                self.changes(receipt);
            }
            Event::Retry { attempt, after, why } => {
                let seconds = after.as_secs_f64();
                self.aside(&format!(
                    "{why}; attempt {attempt} of it failed, again in {seconds:.1} s"
                ));
                self.waiting("waiting to ask again");
            }
            Event::Waiting { after, why } => {
                self.aside(&format!("waiting {:.0} s: {why}", after.as_secs_f64().ceil()));
            }
            Event::Shortened { before, after } => {
                self.aside(&format!("shortened the conversation from {before} to {after} tokens"));
            }
            Event::Planned { plan, forecast } => self.lines(&plan.worded(forecast)),
            Event::Steps(steps) => {
                self.live.plan(steps.iter().map(|(name, state)| step(name, *state)).collect());
                let now = steps.iter().find(|(_, state)| *state == StepState::Running);
                if let Some((name, _)) = now {
                    self.aside(&format!("▸ step {name}"));
                }
            }
            Event::Checking(command) => self.waiting(&format!("checking the change: {command}")),
            // What holds is told once, with the rest, at the end.
            Event::Verified(found) if found.holds() => {}
            Event::Verified(found) => self.lines(&of_verification(found).join("\n")),
            Event::TakenBack { edits, failed } => {
                let edits: Vec<String> = edits.iter().map(u64::to_string).collect();
                let edits = edits.join(", ");
                match failed {
                    None => self.aside(&format!("took back edits {edits}")),
                    Some(why) => self.aside(&format!("could not take back edits {edits}: {why}")),
                }
            }
            Event::Cited(citations) => self.lines(&citations.lines().join("\n")),
            Event::Summary(summary) => self.lines(&summary.to_string()),
            Event::Note(text) => self.aside(text),
            Event::Said(Unit::Exchange(exchange)) if exchange.answered().next().is_some() => {
                self.waiting("waiting for the model");
            }
            Event::Asked { .. } | Event::Said(_) => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let shown = match (&mut self.markdown, self.is_terminal) {
            (Some(markdown), _) => markdown.push(&visible(text)),
            (None, true) => visible(text),
            (None, false) => text.to_owned(),
        };
        out.write_all(shown.as_bytes())?;
        self.is_within = !text.ends_with('\n');
        out.flush()
    }

    /// Says what is waited for, if it takes long.
    pub(super) fn waiting(&mut self, what: &str) {
        if self.is_lively && !self.is_json && self.calls.is_empty() {
            self.end_line();
            self.live.clear();
            self.live.add(Row::running(MODEL, what));
        }
    }

    /// A call has begun. Where lines can change it is told of when it ends.
    fn begun(&mut self, id: &str, what: &str) {
        if !self.is_lively {
            return self.aside(&format!("· {}", one_line(what)));
        }
        self.end_line();
        if self.calls.is_empty() {
            self.live.clear();
        }
        let (id, what) = (id.to_owned(), visible(&one_line(what)));
        self.live.add(Row::running(&id, &what));
        self.calls.push(Begun { id, what, since: Instant::now(), end: None });
    }

    fn over(&mut self, id: &str, failure: Option<String>) {
        if !self.is_lively {
            if let Some(failure) = failure {
                self.aside(&format!("✗ {failure}"));
            }
            return;
        }
        self.live.mark(id, if failure.is_some() { Mark::Failed } else { Mark::Done });
        if let Some(begun) = self.calls.iter_mut().find(|begun| begun.id == id) {
            begun.end = Some((begun.since.elapsed(), failure));
        }
        if self.calls.iter().all(|begun| begun.end.is_some()) {
            self.tell_calls();
        }
    }

    /// Tells of all calls that have begun, in their order, in place of the lines that changed.
    fn tell_calls(&mut self) {
        self.live.clear();
        for begun in std::mem::take(&mut self.calls) {
            let mut line = format!("· {}", begun.what);
            if let Some((time, _)) = begun.end.as_ref().filter(|(time, _)| *time >= SLOW) {
                line.push_str(&format!(" ({:.1} s)", time.as_secs_f64()));
            }
            self.aside(&line);
            if let Some((_, Some(failure))) = begun.end {
                self.aside(&format!("✗ {failure}"));
            }
        }
    }

    /// What an edit changed, unless the user was shown it before saying yes.
    fn changes(&mut self, receipt: &Receipt) {
        if self.has_shown.take() || !self.is_lively {
            return;
        }
        let journal = Journal::open(&self.tree, &Disk, PATIENCE);
        // The edit is made and can be looked up; that it cannot be shown is no failure of it.
        let Ok(plan) = journal.and_then(|journal| journal.changes(receipt)) else { return };
        let text = self.style.diff(&cut(&visible(&diff::unified(&plan)), DIFF_LINES));
        self.live.aside(|| say(&text));
    }

    fn aside(&mut self, text: &str) {
        self.end_line();
        if !self.is_quiet {
            let text = self.style.faint(&visible(text));
            self.live.aside(|| say(&text));
        }
    }

    fn lines(&mut self, text: &str) {
        for line in text.lines() {
            self.aside(line);
        }
    }

    fn edit_made(&mut self, id: u64, files: usize) {
        self.aside(&format!("✓ edit {id}: {files} files (flux undo {id} takes it back)"));
    }

    /// Begins a run of a session that is shown again.
    pub(super) fn replayed(
        &mut self,
        id: &str,
        time: SystemTime,
        root: &str,
        model: &str,
    ) -> io::Result<()> {
        if self.is_json {
            return writeln!(io::stdout().lock(), "{}", wire::replayed(id, time, root, model));
        }
        self.aside(&format!("{model}, session {id}"));
        Ok(())
    }

    /// A prompt of a session that is shown again.
    pub(super) fn prompt(&mut self, number: usize, text: &str) -> io::Result<()> {
        if self.is_json {
            return Ok(());
        }
        self.end_line();
        let text = if self.is_terminal { visible(text) } else { text.to_owned() };
        writeln!(io::stdout().lock(), "[{number}] > {text}")
    }

    /// An edit of a session that is shown again.
    pub(super) fn edited(&mut self, edit: u64, files: &[String]) -> io::Result<()> {
        if self.is_json {
            return writeln!(io::stdout().lock(), "{}", wire::edited(edit, files));
        }
        self.edit_made(edit, files.len());
        Ok(())
    }

    /// A plan of a session that is shown again.
    pub(super) fn planned(&mut self, plan: &Plan) -> io::Result<()> {
        if self.is_json {
            return writeln!(io::stdout().lock(), "{}", wire::planned_then(plan));
        }
        for step in &plan.steps {
            self.aside(&format!("plan: {}: {}", step.id, one_line(&step.title)));
        }
        Ok(())
    }

    /// What became of a turn of a session that is shown again.
    pub(super) fn summary(
        &mut self,
        steps: &[StepLine],
        touched: &[String],
        unforeseen: &[String],
    ) -> io::Result<()> {
        if self.is_json {
            let line = wire::summary_then(steps, touched, unforeseen);
            return writeln!(io::stdout().lock(), "{line}");
        }
        for step in steps {
            self.aside(&format!("step {}: {}", step.id, step.state));
            step.findings.iter().for_each(|finding| self.aside(finding));
        }
        self.aside(&format!("touched {}", touched.join(", ")));
        if !unforeseen.is_empty() {
            self.aside(&format!("not foreseen: {}", unforeseen.join(", ")));
        }
        Ok(())
    }

    /// All that a call gave.
    pub(super) fn result(&mut self, text: &str) {
        let lines = text.lines().map(|line| format!("  │ {line}"));
        self.aside(&lines.collect::<Vec<_>>().join("\n"));
    }

    /// Ends what was shown of an answer. A reader that has gone needs no end of the line.
    pub(super) fn end_line(&mut self) {
        let rest = self.markdown.as_mut().map(Markdown::end).unwrap_or_default();
        let end = if std::mem::take(&mut self.is_within) { "\n" } else { "" };
        if write!(io::stdout().lock(), "{rest}{end}").is_err() {}
    }

    pub(super) fn ended(
        &mut self,
        ended: &Ended,
        ledger: &Ledger,
        model: &ModelChoice,
    ) -> io::Result<()> {
        self.learning.keep();
        if self.is_json {
            return writeln!(io::stdout().lock(), "{}", wire::ended(ended, ledger, model));
        }
        self.tell_calls();
        self.live.plan(Vec::new());
        self.end_line();
        match ended {
            Ended::Done | Ended::Failed(_) => {}
            Ended::Stopped(why) => say(&format!("flux: stopped: {why}")),
            Ended::Cancelled => say("flux: stopped"),
        }
        Ok(())
    }
}

/// A text without letters that a terminal takes for orders: a model, or a file it quotes, must not
/// move the cursor or hide what is asked.
pub(super) fn visible(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\n' | '\t' => letter,
        letter if letter.is_control() => char::REPLACEMENT_CHARACTER,
        letter => letter,
    };
    text.chars().map(shown).collect()
}

/// A step of a plan as one of the lines that change.
fn step(name: &str, state: StepState) -> Row {
    let mark = match state {
        StepState::Waiting => Mark::Waiting,
        StepState::Running => Mark::Running,
        StepState::Done => Mark::Done,
        StepState::TakenBack | StepState::Broken => Mark::Failed,
        StepState::Skipped | StepState::Unfinished => Mark::Skipped,
    };
    Row { mark, ..Row::running(name, &visible(&one_line(name))) }
}

/// A failed call on one line.
fn failure(tool: &str, text: &str) -> String {
    let first = text.lines().find(|line| !line.is_empty()).unwrap_or_default();
    let first: String = first.chars().take(SHOWN).collect();
    format!("{tool}: {}", one_line(&first))
}
