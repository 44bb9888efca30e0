//! Learning to rank: what `flux-eval train-ranker` and `flux-eval ablate` are made of.
//!
//! Everything happens in this process, because training asks for every candidate of every
//! question and its features, which the binary does not print.
//!
//! Reading order: [`opened`] (sets of questions over indexes), [`examples`] (their candidates),
//! [`lambdas`] (what a better order would change), [`sum`], [`linear`] and [`trees`] (models), [`folds`]
//! (measuring on repositories that were not learned from), [`ablate`], [`retrievers`].

pub(crate) mod ablate;
pub(crate) mod examples;
pub(crate) mod folds;
pub(crate) mod lambdas;
pub(crate) mod linear;
pub(crate) mod opened;
pub(crate) mod retrievers;
pub(crate) mod sum;
#[cfg(test)]
mod tests;
pub(crate) mod trees;
