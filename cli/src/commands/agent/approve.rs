//! Asks the user before something is done: once, or for the rest of the session.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use flux_agent::tools::Asked;
use flux_core::Cancel;

use super::editor::{Typed, answer};
use super::show::visible;
use crate::commands::tree::one_line;
use crate::exit::say;
use crate::live::Live;
use crate::style::Style;

/// Asks, and remembers what need not be asked again.
pub(super) struct Approver {
    /// Whether there is somebody to ask.
    pub(super) can_ask: bool,
    pub(super) is_lively: bool,
    pub(super) style: Style,
    pub(super) live: Rc<Live>,
    pub(super) cancel: Cancel,
    /// Whether the last change was shown before it was made.
    pub(super) has_shown: Rc<Cell<bool>>,
    always: BTreeSet<String>,
}

/// Lines of a change that are shown before it is asked for more.
const SCREEN: usize = 40;

const HELP: &str = "\
y  yes, this time
n  no; the model is told so
a  yes, and the same for the rest of this session without asking
d  show the whole change
?  this help";

impl Approver {
    pub(super) fn new(can_ask: bool, is_lively: bool, style: Style, cancel: Cancel) -> Self {
        let live = Rc::new(Live::new(is_lively && can_ask, style));
        let has_shown = Rc::new(Cell::new(false));
        Self { can_ask, is_lively, style, live, cancel, has_shown, always: BTreeSet::new() }
    }

    /// Whether it may be done.
    pub(super) fn ask(&mut self, asked: &Asked) -> bool {
        if !self.can_ask {
            return false;
        }
        if self.always.contains(&key(asked)) {
            return true;
        }
        let live = Rc::clone(&self.live);
        let mut is_approved = false;
        live.aside(|| is_approved = self.question(asked));
        is_approved
    }

    fn question(&mut self, asked: &Asked) -> bool {
        self.show(&asked.detail, SCREEN);
        self.has_shown.set(!asked.detail.is_empty());
        let question = format!("{}? [y/n/a/d/?] ", visible(&one_line(&asked.what)));
        loop {
            let typed = match answer(self.is_lively, &question) {
                Typed::Line(line) => line,
                Typed::End => return false,
                Typed::Stop => {
                    self.cancel.cancel();
                    return false;
                }
            };
            match typed.trim() {
                "y" | "Y" | "yes" => return true,
                "a" | "always" => {
                    self.always.insert(key(asked));
                    return true;
                }
                "" | "n" | "N" | "no" => return false,
                "d" | "diff" if asked.detail.is_empty() => say("it says all there is"),
                "d" | "diff" => self.show(&asked.detail, usize::MAX),
                _ => say(HELP),
            }
        }
    }

    fn show(&self, detail: &str, most: usize) {
        if !detail.is_empty() {
            say(&self.style.diff(&cut(&visible(detail), most)));
        }
    }
}

/// The first lines of a text, and how many there are besides.
pub(super) fn cut(text: &str, most: usize) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let rest = lines.len().saturating_sub(most);
    lines.truncate(most);
    match rest {
        0 => lines.join("\n"),
        rest => format!("{}\n… {rest} more lines", lines.join("\n")),
    }
}

/// What `a` allows: edits of files as such, of everything else the very same.
fn key(asked: &Asked) -> String {
    match asked.tool.as_str() {
        "edit" | "write_file" | "move_file" | "rename_symbol" | "move_symbol"
        | "change_signature" | "replace_code" | "auto_fix" => "edits".to_owned(),
        tool => format!("{tool}: {}\n{}", asked.what, asked.detail),
    }
}

#[cfg(test)]
mod tests {
    use flux_agent::tools::Asked;

    use super::{cut, key};

    #[test]
    fn always_means_edits_or_the_very_same_command() {
        let asked = |tool: &str, what: &str| Asked {
            tool: tool.to_owned(),
            what: what.to_owned(),
            detail: String::new(),
        };
        assert_eq!(key(&asked("edit", "edit a")), key(&asked("write_file", "write b")));
        assert_ne!(key(&asked("edit", "edit a")), key(&asked("delete_file", "delete a")));
        assert_eq!(key(&asked("run_command", "run `a`")), key(&asked("run_command", "run `a`")));
        assert_ne!(key(&asked("run_command", "run `a`")), key(&asked("run_command", "run `b`")));
    }

    #[test]
    fn a_long_change_is_cut_and_says_so() {
        assert_eq!(cut("a\nb\nc", 3), "a\nb\nc");
        assert_eq!(cut("a\nb\nc", 1), "a\n… 2 more lines");
    }
}
