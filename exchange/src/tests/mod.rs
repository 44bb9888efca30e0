//! Exports of one small tree, kept in a real store, against their whole text, and the way back.

mod foreign;
mod formats;
mod index;
pub(crate) mod tree;
