//! The run: which files must be resolved, and their resolution in parallel.

use std::panic::{AssertUnwindSafe, catch_unwind};

use flux_core::{Cancel, FileId};
use rayon::prelude::*;

use crate::layer::{Dependency, Files, Resolved, World};

/// What an earlier run found.
pub trait Previous: Sync {
    /// The digest of the file's content and what its resolution depended on, each with its digest
    /// then; `None` when the file was not resolved.
    fn of(&self, path: &str) -> Option<(u64, Vec<(Dependency, u64)>)>;
}

/// No earlier run.
pub struct Nothing;

impl Previous for Nothing {
    fn of(&self, _: &str) -> Option<(u64, Vec<(Dependency, u64)>)> {
        None
    }
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No layer understands its language.
    NoRules,
    /// What the earlier run found still holds.
    Kept,
    /// Resolving it failed by a fault of this program; the other files are none the worse.
    Failed,
    /// It was resolved; each dependency stands with its digest.
    Fresh {
        /// Its part of the graph.
        resolved: Resolved,
        /// The digests of `resolved.dependencies`, in their order.
        digests: Vec<u64>,
    },
}

/// Resolves the files that changed, and those that looked at what changed. One outcome for each
/// file, in order; `None` when cancelled.
pub fn resolve(
    files: &dyn Files,
    previous: &dyn Previous,
    cancel: &Cancel,
) -> Option<Vec<Outcome>> {
    let worlds = worlds(files);
    let all: Vec<FileId> = (0..files.len() as u32).map(FileId).collect();
    let one = |&file: &FileId| {
        if cancel.is_cancelled() {
            return None;
        }
        let Some(world) = world_of(&worlds, files, file) else { return Some(Outcome::NoRules) };
        if is_current(world, files, previous, file) {
            return Some(Outcome::Kept);
        }
        Some(fresh(world, file))
    };
    all.par_iter().map(one).collect()
}

/// Resolves one file. What a layer did not foresee must not cost the other files their graph.
fn fresh(world: &dyn World, file: FileId) -> Outcome {
    let resolve = || {
        let resolved = world.resolve(file);
        let digests = resolved.dependencies.iter().map(|key| world.digest(*key)).collect();
        Outcome::Fresh { resolved, digests }
    };
    catch_unwind(AssertUnwindSafe(resolve)).unwrap_or(Outcome::Failed)
}

/// A layer's languages and its world.
type Opened<'a> = (fn(&str) -> bool, Box<dyn World + 'a>);

fn worlds<'a>(files: &'a dyn Files) -> Vec<Opened<'a>> {
    vec![
        #[cfg(feature = "python")]
        (crate::python::speaks, crate::python::open(files)),
        #[cfg(feature = "rust")]
        (crate::rust::speaks, crate::rust::open(files)),
        #[cfg(feature = "rules")]
        (crate::rules::speaks, crate::rules::open(files)),
        (|_| true, crate::plain::open(files)),
    ]
}

fn world_of<'a>(
    worlds: &'a [Opened<'_>],
    files: &dyn Files,
    file: FileId,
) -> Option<&'a dyn World> {
    let language = files.language(file);
    let (_, world) = worlds.iter().find(|(speaks, _)| speaks(language))?;
    (files.exports(file) != 0).then_some(&**world)
}

fn is_current(world: &dyn World, files: &dyn Files, previous: &dyn Previous, file: FileId) -> bool {
    let Some((content, dependencies)) = previous.of(files.path(file)) else { return false };
    content == files.content(file)
        && dependencies.iter().all(|&(key, digest)| world.digest(key) == digest)
}

#[cfg(test)]
mod tests {
    use flux_core::FileId;

    use super::{Outcome, fresh};
    use crate::layer::{Dependency, Resolved, World};

    struct Faulty;

    impl World for Faulty {
        fn resolve(&self, file: FileId) -> Resolved {
            assert_ne!(file, FileId(1), "a case nobody thought of");
            Resolved::default()
        }

        fn digest(&self, _: Dependency) -> u64 {
            0
        }
    }

    #[test]
    fn a_fault_costs_one_file_its_graph() {
        let outcomes = [0, 1, 2].map(|file| fresh(&Faulty, FileId(file)));
        assert_eq!(outcomes[1], Outcome::Failed);
        assert!(matches!(&outcomes[2], Outcome::Fresh { .. }) && outcomes[0] == outcomes[2]);
    }
}
