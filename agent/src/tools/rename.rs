//! `rename_symbol`: done by the graph, which proves every place, and not by text. A plain request
//! for one needs no model at all.

use flux_engine::RefreshLimit;
use serde::Deserialize;

use super::bench::{Bench, Done};
use super::refactoring::{applied, list, worded};
use crate::edit::diff::unified;
use crate::refactor::{Certainty, RefactorError, Rename, RenameRequest, rename};

/// Arguments of `rename_symbol`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenameSymbol {
    /// The symbol.
    pub name: String,
    /// Its new name.
    pub new_name: String,
    /// Whether places that types suggest are changed, too.
    #[serde(default)]
    pub likely: bool,
    /// Whether names that code outside of the tree may use are renamed.
    #[serde(default)]
    pub api: bool,
}

impl RenameSymbol {
    pub(super) fn shown(&self) -> String {
        format!("rename {} to {}", self.name, self.new_name)
    }

    /// What it would change, as a diff; what stands in its way is said when it is run.
    pub(super) fn detail(&self, bench: &Bench<'_>) -> String {
        self.planned(bench).map_or_else(|_| String::new(), |rename| unified(&rename.plan))
    }

    /// Plans and applies the rename.
    pub fn run(&self, bench: &Bench<'_>) -> Done {
        match self.planned(bench) {
            Err(error) => Done::badly(worded(&error)),
            Ok(plan) => applied(bench, plan.checked(), self.shown(), &told(&plan)),
        }
    }

    /// What would be done.
    pub fn planned(&self, bench: &Bench<'_>) -> Result<Rename, RefactorError> {
        // Where it is not ready the snapshot below says what is wrong.
        bench.knowledge.is_ready();
        let limit = RefreshLimit::A_SECOND;
        let (snapshot, _) = bench.workspace.graph_snapshot(limit, &bench.cancel)?;
        let certainty = if self.likely { Certainty::Inferred } else { Certainty::Proven };
        let (symbol, new) = (self.name.as_str(), self.new_name.as_str());
        let request = RenameRequest { symbol, new, certainty, renames_api: self.api };
        rename(bench.workspace, &snapshot, &request)
    }
}

fn told(rename: &Rename) -> String {
    let Rename { old, new, definitions, places, unproven, plan, .. } = rename;
    let (definitions, places, files) = (definitions.len(), places.len(), plan.files.len());
    let mut text = format!(
        "renamed {old} to {new}: {definitions} definitions, {places} places in {files} files"
    );
    let unproven = unproven.iter().map(|place| &place.shown);
    list(&mut text, "not proven to mean it, and left alone", unproven);
    text
}
