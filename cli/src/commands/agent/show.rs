//! What a conversation looks like: the answer on standard output as it comes, everything else on
//! standard error; or one JSON object for each event.

use std::io::{self, BufRead, Write};
use std::time::SystemTime;

use flux_agent::plan::Plan;
use flux_agent::run::summary::of_verification;
use flux_agent::run::{Ended, Event, Ledger, ModelChoice, StepState};
use flux_agent::session::{StepLine, Transcript};
use flux_agent::tools::Asked;
use flux_server::wire::agent as wire;

use crate::commands::learn::Learning;
use crate::commands::tree::one_line;
use crate::context::Context;
use crate::exit::say;
use crate::style::Style;

/// Shows events and writes them down.
pub(super) struct Screen {
    pub(super) transcript: Transcript,
    /// What is learned from what is shown; nothing, unless it is set.
    pub(super) learning: Learning,
    is_json: bool,
    is_quiet: bool,
    is_terminal: bool,
    /// Whether the answer is only for who watches: standard output has something else to say.
    pub(super) is_aside: bool,
    style: Style,
    /// Whether a line of the answer has begun.
    is_within: bool,
    has_lost: bool,
}

/// Characters of a failure that are shown.
const SHOWN: usize = 160;

impl Screen {
    pub(super) fn new(context: &Context, is_json: bool, transcript: Transcript) -> Self {
        let style = Style { has_color: context.has_color };
        let (is_quiet, is_terminal) = (context.is_quiet, context.is_terminal);
        Self {
            transcript,
            learning: Learning::default(),
            is_json,
            is_quiet,
            is_terminal,
            is_aside: false,
            style,
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
                write!(io::stderr().lock(), "{}", visible(text))?;
                self.is_within = false;
            }
            Event::Text(text) => {
                let mut out = io::stdout().lock();
                match self.is_terminal {
                    true => out.write_all(visible(text).as_bytes())?,
                    false => out.write_all(text.as_bytes())?,
                }
                out.flush()?;
                self.is_within = !text.ends_with('\n');
            }
            Event::Started { what, .. } => self.aside(&format!("· {}", one_line(what))),
            Event::Finished { tool, is_error: true, text, .. } => {
                let first = text.lines().find(|line| !line.is_empty()).unwrap_or_default();
                let first: String = first.chars().take(SHOWN).collect();
                self.aside(&format!("✗ {tool}: {}", one_line(&first)));
            }
            Event::Edited(receipt) => self.edit_made(receipt.id, receipt.entries.len()),
            Event::Retry { attempt, after, why } => {
                let seconds = after.as_secs_f64();
                self.aside(&format!(
                    "{why}; attempt {attempt} of it failed, again in {seconds:.1} s"
                ));
            }
            Event::Shortened { before, after } => {
                self.aside(&format!("shortened the conversation from {before} to {after} tokens"));
            }
            Event::Planned { plan, forecast } => self.lines(&plan.worded(forecast)),
            Event::Steps(steps) => {
                let now = steps.iter().find(|(_, state)| *state == StepState::Running);
                if let Some((name, _)) = now {
                    self.aside(&format!("▸ step {name}"));
                }
            }
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
            Event::Thinking(_)
            | Event::Calling(_)
            | Event::Finished { .. }
            | Event::Asked { .. }
            | Event::Said(_) => {}
        }
        Ok(())
    }

    fn aside(&mut self, text: &str) {
        self.end_line();
        if !self.is_quiet {
            say(&self.style.faint(&visible(text)));
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

    pub(super) fn end_line(&mut self) {
        if std::mem::take(&mut self.is_within) && writeln!(io::stdout().lock()).is_err() {}
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
fn visible(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\n' | '\t' => letter,
        letter if letter.is_control() => char::REPLACEMENT_CHARACTER,
        letter => letter,
    };
    text.chars().map(shown).collect()
}

/// Asks the user, who must say yes.
pub(super) fn is_approved(asked: &Asked) -> bool {
    let mut answer = String::new();
    for line in asked.detail.lines() {
        say(&visible(line));
    }
    let question = write!(io::stderr(), "{}? [y/N] ", visible(&one_line(&asked.what)));
    let read = question.and_then(|()| io::stdin().lock().read_line(&mut answer));
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}
