//! Turns of calls on a small tree: what is refused, what belongs together, what is told.
