//! What is going on right now: a few lines below what was printed, which change until they go.
//!
//! They are drawn on standard error by a thread of their own, because whoever reports what goes on
//! is busy with it. Everything else is printed through [`Live::aside`] or after [`Live::clear`], so
//! that it never lands among them. What takes no time is never drawn.

use std::io::{self, Write as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use console::Term;

use crate::style::Style;

/// How often the lines are drawn again.
const TICK: Duration = Duration::from_millis(100);
/// What is over sooner is not drawn.
const PATIENCE: Duration = Duration::from_millis(250);
/// Most lines; of more, the last says how many.
const MOST_ROWS: usize = 8;
const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// How far something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Waiting,
    Running,
    Done,
    Failed,
    Skipped,
}

/// One line: something that runs, or a step of a plan.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// By what it is found again.
    pub(crate) id: String,
    pub(crate) mark: Mark,
    pub(crate) text: String,
    pub(crate) since: Instant,
}

impl Row {
    /// Something that runs from now on.
    pub(crate) fn running(id: &str, text: &str) -> Self {
        let (id, text) = (id.to_owned(), text.to_owned());
        Self { id, mark: Mark::Running, text, since: Instant::now() }
    }
}

/// The lines, or nothing where they cannot be drawn.
pub(crate) struct Live {
    shared: Option<Arc<Shared>>,
    ticker: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The steps of the plan that is carried out, drawn while there are other lines.
    plan: Vec<Row>,
    rows: Vec<Row>,
    /// Lines that stand on the terminal.
    drawn: usize,
    tick: usize,
    is_over: bool,
}

impl Live {
    /// Draws nothing unless `is_lively`.
    pub(crate) fn new(is_lively: bool, style: Style) -> Self {
        if !is_lively {
            return Self { shared: None, ticker: None };
        }
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        let ticker = std::thread::spawn(move || tick(&own, style));
        Self { shared: Some(shared), ticker: Some(ticker) }
    }

    /// Adds a line.
    pub(crate) fn add(&self, row: Row) {
        self.with(|state| state.rows.push(row));
    }

    /// Says how far a line is.
    pub(crate) fn mark(&self, id: &str, mark: Mark) {
        self.with(|state| {
            for row in state.rows.iter_mut().filter(|row| row.id == id) {
                row.mark = mark;
            }
        });
    }

    /// Says how far each step of a plan is; no steps take it away.
    pub(crate) fn plan(&self, mut steps: Vec<Row>) {
        self.with(|state| {
            for step in &mut steps {
                let same = |old: &&Row| old.id == step.id && old.mark == step.mark;
                if let Some(old) = state.plan.iter().find(same) {
                    step.since = old.since;
                }
            }
            state.plan = steps;
        });
    }

    /// Takes all lines away.
    pub(crate) fn clear(&self) {
        self.with(|state| {
            state.rows.clear();
            erase(&mut state.drawn);
        });
    }

    /// Prints something above the lines.
    pub(crate) fn aside(&self, print: impl FnOnce()) {
        match &self.shared {
            None => print(),
            Some(shared) => {
                let mut state = locked(shared);
                erase(&mut state.drawn);
                print();
            }
        }
    }

    fn with(&self, change: impl FnOnce(&mut State)) {
        if let Some(shared) = &self.shared {
            change(&mut locked(shared));
            shared.changed.notify_all();
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.with(|state| {
            state.rows.clear();
            state.is_over = true;
            erase(&mut state.drawn);
        });
        if let Some(ticker) = self.ticker.take()
            && ticker.join().is_err()
        {}
    }
}

fn locked(shared: &Shared) -> MutexGuard<'_, State> {
    shared.state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tick(shared: &Shared, style: Style) {
    let mut state = locked(shared);
    while !state.is_over {
        // Without lines nothing has to be looked at.
        state = match state.rows.is_empty() {
            true => shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            false => {
                let waited = shared.changed.wait_timeout(state, TICK);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        let first = state.rows.iter().map(|row| row.since).min();
        if first.is_some_and(|first| first.elapsed() >= PATIENCE) {
            draw(&mut state, style);
        }
    }
}

/// Takes the lines off the terminal. One that is gone needs none.
fn erase(drawn: &mut usize) {
    let up = match std::mem::take(drawn) {
        0 => return,
        1 => String::new(),
        lines => format!("\x1b[{}A", lines - 1),
    };
    write(&format!("\r{up}\x1b[J"));
}

fn draw(state: &mut State, style: Style) {
    let (height, width) = Term::stderr().size();
    let most = MOST_ROWS.min(usize::from(height).saturating_sub(2)).max(1);
    let (width, now, tick) = (usize::from(width), Instant::now(), state.tick);
    let own = if state.plan.is_empty() { 0 } else { most / 2 };
    let mut lines = shown(&state.plan, own, width, tick, now);
    lines.extend(shown(&state.rows, most - own, width, tick, now));
    state.tick += 1;
    erase(&mut state.drawn);
    let lines: Vec<String> = lines.iter().map(|line| style.faint(line)).collect();
    write(&lines.join("\r\n"));
    state.drawn = lines.len();
}

fn write(text: &str) {
    let mut err = io::stderr().lock();
    if err.write_all(text.as_bytes()).and_then(|()| err.flush()).is_err() {}
}

/// The lines as they are drawn, none wider than the terminal: one that wraps could not be erased.
fn shown(rows: &[Row], most: usize, width: usize, tick: usize, now: Instant) -> Vec<String> {
    let spinner = SPINNER[tick % SPINNER.len()];
    let line = |row: &Row| {
        let mark = match row.mark {
            Mark::Waiting => '○',
            Mark::Running => spinner,
            Mark::Done => '✓',
            Mark::Failed => '✗',
            Mark::Skipped => '–',
        };
        let mut end = String::new();
        if row.mark == Mark::Running {
            end = format!(" {}", elapsed(now.saturating_duration_since(row.since)));
        }
        format!("{mark} {}{end}", fitting(&row.text, width.saturating_sub(3 + end.len())))
    };
    // What runs is shown before what is over or has not begun.
    let running = rows.iter().filter(|row| row.mark == Mark::Running);
    let over = rows.iter().filter(|row| row.mark != Mark::Running);
    if rows.len() <= most {
        return rows.iter().map(line).collect();
    }
    let few = most.saturating_sub(1);
    let mut lines: Vec<String> = running.chain(over).take(few).map(line).collect();
    if most > 0 {
        let rest = format!("… and {} more", rows.len() - few);
        lines.push(fitting(&rest, width.saturating_sub(1)));
    }
    lines
}

/// Seconds, and minutes where there are any.
fn elapsed(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{}:{:02} min", seconds / 60, seconds % 60),
    }
}

/// As much of a text as surely fits: letters beyond ASCII may be two columns wide.
fn fitting(text: &str, columns: usize) -> String {
    let cost = |letter: char| if letter.is_ascii() { 1 } else { 2 };
    if text.chars().map(cost).sum::<usize>() <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(2);
    let mut short: String = text
        .chars()
        .take_while(|letter| {
            let fits = cost(*letter) <= left;
            left = left.saturating_sub(cost(*letter));
            fits
        })
        .collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Mark, Row, elapsed, fitting, shown};

    #[test]
    fn lines_are_never_wider_than_the_terminal_and_never_too_many() {
        let now = Instant::now();
        let row = |at: usize| Row {
            id: at.to_string(),
            mark: [Mark::Done, Mark::Failed, Mark::Running, Mark::Waiting, Mark::Skipped][at % 5],
            text: "read ファイル and some more text".to_owned(),
            since: now,
        };
        let rows: Vec<Row> = (0..20).map(row).collect();
        let few = shown(&rows, 4, 20, 0, now + Duration::from_secs(75));
        assert_eq!(few.len(), 4);
        assert_eq!(few[0], "⠋ read … 1:15 min");
        assert_eq!(few[3], "… and 17 more");
        let wide =
            |line: &String| line.chars().map(|one| 1 + usize::from(!one.is_ascii())).sum::<usize>();
        assert!(few.iter().all(|line| wide(line) < 20), "{few:?}");
        assert_eq!(shown(&rows[..2], 4, 60, 0, now)[1], "✗ read ファイル and some more text");
    }

    #[test]
    fn time_and_text_are_short() {
        assert_eq!(elapsed(Duration::from_millis(3900)), "3 s");
        assert_eq!(fitting("abcdef", 6), "abcdef");
        assert_eq!(fitting("abcdefg", 6), "abcd…");
    }
}
