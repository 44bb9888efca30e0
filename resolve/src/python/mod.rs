//! The layer of Python.
//!
//! [`lower`] turns a tree into flat tables ([`facts`]); the [`world`] holds all files and finds
//! modules; a [`resolver`] answers for one file, with memory of its own, so that no answer depends
//! on what else was asked. Reading order: `facts`, `lower`, `modules`, `world`, `resolver`,
//! `scope`, `types`, `infer`, `denote`, `members`, `calls`, `structural`, `narrow`, `emit`.

mod calls;
mod denote;
mod emit;
mod facts;
mod infer;
mod lambdas;
mod lower;
mod members;
mod modules;
mod narrow;
mod reach;
mod resolver;
mod scope;
mod standard;
mod structural;
#[cfg(test)]
mod tests;
mod types;
mod values;
mod world;

pub(crate) use self::facts::Facts;
pub(crate) use self::lower::lower;
pub(crate) use self::world::open;

impl Facts {
    pub(crate) fn exports(&self) -> u64 {
        self.exports
    }
}

/// Whether the layer understands the language.
pub(crate) fn speaks(language: &str) -> bool {
    language == "python"
}
