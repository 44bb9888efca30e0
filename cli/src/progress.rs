//! The progress bar, on standard error, on a terminal only.

use std::time::Duration;

use flux_core::{Progress, Stage};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar that appears while a tree is indexed.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// A hidden bar when `is_quiet` or when standard error is no terminal.
    pub(crate) fn new(is_quiet: bool) -> Self {
        let bar = ProgressBar::new(0);
        if is_quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template(
            "{spinner} {msg} {wide_bar} {pos}/{len}  {per_sec}, {eta} left",
        ) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn update(&self, stage: Stage, done: u64, total: u64) {
        let message = match stage {
            Stage::List => "listing",
            Stage::Index => "indexing",
            Stage::Resolve => "resolving",
            Stage::Commit => "writing",
            Stage::Download => "downloading",
            Stage::Embed => "embedding",
        };
        if self.0.message() != message {
            self.0.set_message(message);
            self.0.reset();
        }
        if total > 0 {
            self.0.set_length(total);
            self.0.set_position(done);
        }
    }
}
