//! The program as a user meets it: what is printed, what is exited with, and what survives kills,
//! crowds and files from hell. The answers themselves are tested in the crates that find them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod agent;
mod bad_input;
mod beyond;
mod crowd;
mod disk;
mod edit;
mod graph;
mod kill;
mod mcp;
mod models;
mod packs;
mod patterns;
mod places;
mod relocate;
mod rename;
mod replace;
mod scenarios;
mod service;
mod sessions;
mod suggest;
mod support;
mod terminal;
mod wiring;
mod workflows;
