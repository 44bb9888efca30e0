//! What a call reads and writes, so that calls that do not touch each other can run at once.

use std::collections::BTreeSet;

/// Some files of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paths {
    /// These.
    Some(BTreeSet<String>),
    /// All of them.
    All,
}

impl Paths {
    /// No file.
    pub fn none() -> Self {
        Self::Some(BTreeSet::new())
    }

    /// These files.
    pub fn of<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Some(paths.into_iter().map(str::to_owned).collect())
    }

    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Some(one), Self::Some(other)) => !one.is_disjoint(other),
            (Self::All, Self::All) => true,
            (Self::All, Self::Some(some)) | (Self::Some(some), Self::All) => !some.is_empty(),
        }
    }

    fn add(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Some(one), Self::Some(other)) => one.extend(other),
            (_, Self::All) => *self = Self::All,
            (Self::All, Self::Some(_)) => {}
        }
    }
}

/// What a call touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// What it reads.
    pub reads: Paths,
    /// What it writes.
    pub writes: Paths,
    /// Whether nothing may run beside it.
    pub is_exclusive: bool,
}

impl Access {
    /// Reads these and writes nothing.
    pub fn reading(reads: Paths) -> Self {
        Self { reads, writes: Paths::none(), is_exclusive: false }
    }

    /// Writes these.
    pub fn writing(writes: Paths) -> Self {
        Self { reads: Paths::none(), writes, is_exclusive: false }
    }

    /// Runs alone.
    pub fn exclusive() -> Self {
        Self { reads: Paths::All, writes: Paths::All, is_exclusive: true }
    }

    /// Whether the order of two calls matters.
    pub fn conflicts(&self, other: &Self) -> bool {
        self.is_exclusive
            || other.is_exclusive
            || self.writes.meets(&other.writes)
            || self.writes.meets(&other.reads)
            || self.reads.meets(&other.writes)
    }

    /// Both together.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.reads.add(other.reads);
        self.writes.add(other.writes);
        self.is_exclusive |= other.is_exclusive;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{Access, Paths};

    #[test]
    fn only_what_is_written_orders_calls() {
        let read = |path: &str| Access::reading(Paths::of([path]));
        let write = |path: &str| Access::writing(Paths::of([path]));
        let all = Access::reading(Paths::All);
        assert!(!read("a").conflicts(&read("a")));
        assert!(read("a").conflicts(&write("a")));
        assert!(!read("a").conflicts(&write("b")));
        assert!(write("a").conflicts(&write("a")));
        assert!(all.conflicts(&write("a")));
        assert!(!all.conflicts(&all));
        assert!(Access::exclusive().conflicts(&read("a")));
        assert!(write("a").with(write("b")).conflicts(&read("b")));
    }
}
