//! Tests of packages.
