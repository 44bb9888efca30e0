//! Text with colours, in as few changes of them as there are.

/// Text that is to be printed.
#[derive(Debug, Default)]
pub(super) struct Paint {
    text: String,
    now: &'static str,
}

impl Paint {
    /// Adds text in a colour; none if it is empty.
    pub(super) fn add(&mut self, sgr: &'static str, text: &str) {
        if text.is_empty() {
            return;
        }
        if sgr != self.now {
            self.reset();
            if !sgr.is_empty() {
                self.text.push_str(&format!("\x1b[{sgr}m"));
            }
            self.now = sgr;
        }
        self.text.push_str(text);
    }

    /// Gives what was added, without a colour left on for whoever prints next.
    pub(super) fn take(&mut self) -> String {
        self.reset();
        std::mem::take(&mut self.text)
    }

    fn reset(&mut self) {
        if !self.now.is_empty() {
            self.text.push_str("\x1b[0m");
            self.now = "";
        }
    }
}
