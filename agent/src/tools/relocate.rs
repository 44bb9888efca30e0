//! `move_symbol`: done by the graph as `rename_symbol` is, with the imports of everything that uses
//! what moves and of everything that it uses.

use flux_engine::RefreshLimit;
use serde::Deserialize;

use super::bench::{Bench, Done};
use super::edits::commit_checked;
use super::rename::worded;
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

/// Places left alone that are listed.
const MAX_LEFT: usize = 12;

impl MoveSymbol {
    pub(super) fn shown(&self) -> String {
        format!("move {} to {}", self.name, self.module)
    }

    /// Plans and applies the move.
    pub fn run(&self, bench: &Bench<'_>) -> Done {
        let plan = match self.planned(bench) {
            Ok(plan) => plan,
            Err(error) => return Done::badly(worded(&error)),
        };
        let checked = match plan.checked() {
            Ok(checked) => checked,
            Err(refused) => return Done::badly(format!("refused, nothing was written: {refused}")),
        };
        match commit_checked(bench, &checked, self.shown()) {
            Err(why) => Done::badly(why),
            Ok(receipt) => {
                let text = told(&plan, receipt.id);
                Done { receipt: Some(receipt), ..Done::well(text) }
            }
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

fn told(moved: &Moved, edit: u64) -> String {
    let Moved { name, from, to, uses, imports, widened, unproven, plan, .. } = moved;
    let (uses, files) = (uses.len(), plan.files.len());
    let mut text = format!(
        "applied as edit {edit}: moved {name} from {from} to {to}: {uses} uses, {files} files changed"
    );
    for import in imports {
        text.push_str(&format!("\nneeds there: {import}"));
    }
    if !widened.is_empty() {
        text.push_str(&format!("\nmade visible further: {}", widened.len()));
    }
    if !unproven.is_empty() {
        text.push_str(&format!("\nmay mean it, and left alone: {}", unproven.len()));
        for place in unproven.iter().take(MAX_LEFT) {
            text.push_str(&format!("\n  {}:{}: {}", place.path, place.line, place.text));
        }
    }
    text
}
