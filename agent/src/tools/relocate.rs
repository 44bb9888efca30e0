//! `move_symbol`: done by the graph as `rename_symbol` is, with the imports of everything that uses
//! what moves and of everything that it uses.

use flux_engine::RefreshLimit;
use serde::Deserialize;

use super::bench::{Bench, Done};
use super::refactoring::{applied, list, worded};
use crate::edit::diff::unified;
use crate::refactor::{Certainty, MoveRequest, Moved, RefactorError, move_symbol};

/// Arguments of `move_symbol`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveSymbol {
    /// The definition.
    pub name: String,
    /// The module that it goes to.
    pub module: String,
    /// Whether it moves although places may mean it that types suggest.
    #[serde(default)]
    pub likely: bool,
    /// Whether names that code outside of the tree may use are moved.
    #[serde(default)]
    pub api: bool,
    /// Whether the old module goes on offering it.
    #[serde(default)]
    pub reexport: bool,
}

impl MoveSymbol {
    pub(super) fn shown(&self) -> String {
        format!("move {} to {}", self.name, self.module)
    }

    /// What it would change, as a diff; what stands in its way is said when it is run.
    pub(super) fn detail(&self, bench: &Bench<'_>) -> String {
        self.planned(bench).map_or_else(|_| String::new(), |moved| unified(&moved.plan))
    }

    /// Plans and applies the move.
    pub fn run(&self, bench: &Bench<'_>) -> Done {
        match self.planned(bench) {
            Err(error) => Done::badly(worded(&error)),
            Ok(plan) => applied(bench, plan.checked(), self.shown(), &told(&plan)),
        }
    }

    /// What would be done.
    pub fn planned(&self, bench: &Bench<'_>) -> Result<Moved, RefactorError> {
        // Where it is not ready the snapshot below says what is wrong.
        bench.knowledge.is_ready();
        let limit = RefreshLimit::A_SECOND;
        let (snapshot, _) = bench.workspace.graph_snapshot(limit, &bench.cancel)?;
        let request = MoveRequest {
            symbol: &self.name,
            module: &self.module,
            certainty: if self.likely { Certainty::Inferred } else { Certainty::Proven },
            moves_api: self.api,
            reexports: self.reexport,
        };
        move_symbol(bench.workspace, &snapshot, &request)
    }
}

fn told(moved: &Moved) -> String {
    let Moved { name, from, to, uses, imports, widened, unproven, plan, .. } = moved;
    let (uses, files) = (uses.len(), plan.files.len());
    let mut text = format!("moved {name} from {from} to {to}: {uses} uses, {files} files changed");
    for import in imports {
        text.push_str(&format!("\nneeds there: {import}"));
    }
    if !widened.is_empty() {
        text.push_str(&format!("\nmade visible further: {}", widened.len()));
    }
    list(&mut text, "may mean it, and left alone", unproven.iter());
    text
}
