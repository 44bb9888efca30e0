//! What a workspace answers, on small trees written in the tests.

mod ranking;
