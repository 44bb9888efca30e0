//! Wrong and missing answers, kept to be read.

/// The mistakes made in one project; kept only when somebody wants to read them.
#[derive(Default)]
pub(super) struct Mistakes {
    is_wanted: bool,
    prefix: String,
    lines: Vec<String>,
}

impl Mistakes {
    /// Keeps the mistakes whose kind begins with a prefix.
    pub(super) fn wanted(prefix: &str) -> Self {
        Self { is_wanted: true, prefix: prefix.to_owned(), lines: Vec::new() }
    }

    /// Notes a mistake of a kind.
    pub(super) fn add(&mut self, kind: &str, describe: impl FnOnce() -> String) {
        if self.is_wanted && kind.starts_with(&self.prefix) {
            self.lines.push(format!("{kind:<9} {}", describe()));
        }
    }

    /// That many, spread evenly over all, so that every part of a project is seen.
    pub(super) fn sample(&self, size: usize) -> Vec<String> {
        let (all, size) = (self.lines.len(), size.min(self.lines.len()));
        (0..size).map(|index| self.lines[index * all / size].clone()).collect()
    }
}
