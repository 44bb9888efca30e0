//! Edits as transactions.
//!
//! `EditScript` → `EditPlan` → `Checked` → `Applied` → `Receipt`.
pub mod script;
