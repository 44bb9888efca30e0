//! The run: which layers must be opened, which files be resolved, and their resolution in parallel.

use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

use flux_core::{Cancel, FileId};
use rayon::prelude::*;
use rustc_hash::FxHasher;

use crate::layer::{Dependency, Files, Resolved, World};
use crate::notes::{Note, NoteKey, Notes};

/// What an earlier run found.
pub trait Previous: Sync {
    /// The digest of the content of the file at `path`; `None` when it was not resolved.
    fn content(&self, path: &str) -> Option<u64>;

    /// What the resolution of the file at `path` depended on, each with its digest then.
    fn dependencies(&self, path: &str) -> Vec<(Dependency, u64)>;

    /// The digest of all that a layer saw, from [`Resolution::inputs`].
    fn inputs(&self, layer: u64) -> Option<u64>;

    /// What was noted under a key, from [`Resolution::notes`].
    fn note(&self, key: NoteKey) -> Option<Vec<u8>>;
}

/// No earlier run.
pub struct Nothing;

impl Previous for Nothing {
    fn content(&self, _: &str) -> Option<u64> {
        None
    }

    fn dependencies(&self, _: &str) -> Vec<(Dependency, u64)> {
        Vec::new()
    }

    fn inputs(&self, _: u64) -> Option<u64> {
        None
    }

    fn note(&self, _: NoteKey) -> Option<Vec<u8>> {
        None
    }
}

/// What a run found, and what the next one can make use of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// One for each file, in order.
    pub outcomes: Vec<Outcome>,
    /// For each layer that has files, by a number that means the same in every run, a digest of
    /// all that it sees of any file but the insides of functions.
    pub inputs: Vec<(u64, u64)>,
    /// The notes to be kept; `None` for those there are, when nobody needed any.
    pub notes: Option<Vec<Note>>,
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

/// Resolves the files that changed, and those that looked at what changed; `None` when cancelled.
///
/// A layer is opened only if one of its files changed, or something it could have looked at.
pub fn resolve(files: &dyn Files, previous: &dyn Previous, cancel: &Cancel) -> Option<Resolution> {
    let layers = layers();
    let all: Vec<FileId> = (0..files.len() as u32).map(FileId).collect();
    let layer_of: Vec<Option<usize>> =
        all.iter().map(|file| Layer::of_file(&layers, files, *file)).collect();
    let inputs = inputs(&layers, files, &layer_of);
    let is_same: Vec<bool> =
        inputs.iter().map(|(layer, digest)| previous.inputs(*layer) == Some(*digest)).collect();
    let is_unchanged: Vec<bool> = all
        .par_iter()
        .map(|file| previous.content(files.path(*file)) == Some(files.content(*file)))
        .collect();
    let mut is_needed = vec![false; layers.len()];
    for (layer, is_unchanged) in layer_of.iter().zip(&is_unchanged) {
        let Some(layer) = *layer else { continue };
        is_needed[layer] |= !is_unchanged || !is_same[layer];
    }
    let notes = Notes::new(previous);
    let worlds: Vec<Option<Box<dyn World + '_>>> = layers
        .iter()
        .zip(is_needed)
        .map(|(layer, is_needed)| is_needed.then(|| (layer.open)(files, &notes)))
        .collect();
    let one = |&file: &FileId| {
        if cancel.is_cancelled() {
            return None;
        }
        let at = file.0 as usize;
        let Some(layer) = layer_of[at] else { return Some(Outcome::NoRules) };
        let Some(world) = worlds[layer].as_deref() else { return Some(Outcome::Kept) };
        let looks_same = || {
            let dependencies = previous.dependencies(files.path(file));
            dependencies.iter().all(|&(key, digest)| world.digest(key) == digest)
        };
        if is_unchanged[at] && (is_same[layer] || looks_same()) {
            return Some(Outcome::Kept);
        }
        Some(fresh(world, file))
    };
    let outcomes = all.par_iter().map(one).collect::<Option<_>>()?;
    let is_noting = layers.iter().zip(&worlds).any(|(layer, world)| layer.notes && world.is_some());
    drop(worlds);
    let inputs = inputs.into_iter().filter(|(_, digest)| *digest != 0).collect();
    Some(Resolution { outcomes, inputs, notes: is_noting.then(|| notes.into_used()) })
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

/// A family of languages.
struct Layer {
    /// Its name, the same in every run.
    name: &'static str,
    /// Whether it understands a language.
    speaks: fn(&str) -> bool,
    /// Whether it reads the text of the file at a path, whose language it does not speak.
    reads: fn(&str) -> bool,
    /// Whether opening it makes notes.
    notes: bool,
    open: for<'a> fn(&'a dyn Files, &Notes<'_>) -> Box<dyn World + 'a>,
}

fn layers() -> Vec<Layer> {
    vec![
        #[cfg(feature = "python")]
        Layer {
            name: "python",
            speaks: crate::python::speaks,
            reads: |_| false,
            notes: false,
            open: |files, _| crate::python::open(files),
        },
        #[cfg(feature = "rust")]
        Layer {
            name: "rust",
            speaks: crate::rust::speaks,
            reads: crate::rust::reads,
            notes: true,
            open: crate::rust::open,
        },
        #[cfg(feature = "rules")]
        Layer {
            name: "rules",
            speaks: crate::rules::speaks,
            reads: crate::rules::reads,
            notes: false,
            open: |files, _| crate::rules::open(files),
        },
        Layer {
            name: "plain",
            speaks: |_| true,
            reads: |_| false,
            notes: false,
            open: |files, _| crate::plain::open(files),
        },
    ]
}

impl Layer {
    /// The layer of a file that has facts.
    fn of_file(layers: &[Self], files: &dyn Files, file: FileId) -> Option<usize> {
        if files.exports(file) == 0 {
            return None;
        }
        let language = files.language(file);
        layers.iter().position(|layer| (layer.speaks)(language))
    }
}

/// For each layer its number and a digest of all that opening it sees: the paths of all files,
/// what its own show to others, and manifests; 0 for a layer without files.
fn inputs(layers: &[Layer], files: &dyn Files, layer_of: &[Option<usize>]) -> Vec<(u64, u64)> {
    let mut paths = FxHasher::default();
    let mut hashers: Vec<Option<FxHasher>> = layers.iter().map(|_| None).collect();
    for (at, own) in layer_of.iter().enumerate() {
        let file = FileId(at as u32);
        files.path(file).hash(&mut paths);
        if let Some(own) = own {
            let hasher = hashers[*own].get_or_insert_default();
            (file.0, files.exports(file), files.language(file)).hash(hasher);
        }
    }
    let paths = paths.finish();
    let digest = |(layer, hasher): (&Layer, Option<FxHasher>)| {
        let mut number = FxHasher::default();
        layer.name.hash(&mut number);
        let Some(mut hasher) = hasher else { return (number.finish(), 0) };
        paths.hash(&mut hasher);
        for file in (0..files.len() as u32).map(FileId) {
            if (layer.reads)(files.path(file)) {
                match files.content(file) {
                    // It is left out of the index, and read all the same.
                    0 => files.text(file).hash(&mut hasher),
                    content => content.hash(&mut hasher),
                }
            }
        }
        (number.finish(), hasher.finish() | 1)
    };
    layers.iter().zip(hashers).map(digest).collect()
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
