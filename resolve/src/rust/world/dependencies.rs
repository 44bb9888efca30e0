//! What a file's resolution depends on: the items of its crate and of those it sees.

use std::hash::{Hash, Hasher};

use flux_core::FileId;
use rustc_hash::FxHasher;

use super::{CrateId, Tables};
use crate::layer::{Dependency, Files};

impl Tables {
    /// A name for a crate that means the same in every run: that of its root file.
    fn key_of_crate(&self, krate: CrateId) -> Dependency {
        self.krate(krate).key
    }

    /// What the graph of a file depends on.
    pub(in super::super) fn dependencies(&self, file: FileId) -> Vec<Dependency> {
        let Some(unit) = self.units_of_file[file.0 as usize].first() else { return Vec::new() };
        let from = &self.krate(self.unit(*unit).krate).closure;
        let seen = from.iter().enumerate().filter(|(_, seen)| **seen);
        let mut found: Vec<_> = seen.map(|(at, _)| self.key_of_crate(CrateId(at as u32))).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// What a dependency stands for now.
    pub(in super::super) fn digest(&self, dependency: Dependency) -> u64 {
        let known = self.crates.iter().find(|krate| krate.key == dependency);
        known.map_or(0, |krate| krate.digest)
    }

    /// Digests every crate: its files by path and what their items say, and the crates it names.
    pub(super) fn digest_crates(&mut self, files: &dyn Files) {
        let mut hashers: Vec<FxHasher> = self.crates.iter().map(|_| FxHasher::default()).collect();
        for (at, units) in self.units_of_file.iter().enumerate() {
            let Some(unit) = units.first() else { continue };
            let hasher = &mut hashers[self.unit(*unit).krate.0 as usize];
            let file = FileId(at as u32);
            files.path(file).hash(hasher);
            files.exports(file).hash(hasher);
        }
        for (at, mut hasher) in hashers.into_iter().enumerate() {
            let krate = &self.crates[at];
            let mut names: Vec<_> = krate.dependencies.iter().collect();
            names.sort_unstable();
            for (name, other) in names {
                (name, self.crates[other.0 as usize].key).hash(&mut hasher);
            }
            let mut foreign: Vec<_> = krate.foreign.iter().collect();
            foreign.sort_unstable();
            foreign.hash(&mut hasher);
            krate.uses_start_at_root.hash(&mut hasher);
            self.crates[at].digest = hasher.finish() | 1;
        }
    }
}
