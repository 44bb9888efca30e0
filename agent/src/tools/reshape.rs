//! `change_signature` and `replace_code`: refactorings of many places, planned by the graph or by
//! the grammar, and applied as one edit.

use flux_engine::RefreshLimit;
use flux_engine::structural::StructuralRequest;
use serde::Deserialize;

use super::bench::{Bench, Done};
use super::refactoring::{applied, list, worded};
use crate::edit::diff::unified;
use crate::edit::{Checked, Indexed, Refused};
use crate::refactor::{
    Added, Certainty, RefactorError, SignatureChange, SignatureRequest, signature,
};
use crate::replace;

/// Arguments of `change_signature`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeSignature {
    name: String,
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default)]
    order: Vec<String>,
    #[serde(default)]
    add: Vec<Parameter>,
    #[serde(default)]
    likely: bool,
    #[serde(default)]
    api: bool,
}

/// A parameter that comes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameter {
    declaration: String,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    at: Option<usize>,
}

/// Arguments of `replace_code`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplaceCode {
    pattern: String,
    rewrite: String,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
}

impl ChangeSignature {
    pub(super) fn shown(&self) -> String {
        format!("change the signature of {}", self.name)
    }

    /// What it would change, as a diff; what stands in its way is said when it is run.
    pub(super) fn detail(&self, bench: &Bench<'_>) -> String {
        match self.planned(bench) {
            Ok((Ok(checked), _)) => unified(&checked.plan),
            Ok((Err(_), _)) | Err(_) => String::new(),
        }
    }

    /// Plans and applies the change.
    pub(super) fn run(&self, bench: &Bench<'_>) -> Done {
        match self.planned(bench) {
            Err(error) => Done::badly(worded(&error)),
            Ok((checked, text)) => applied(bench, checked, self.shown(), &text),
        }
    }

    fn planned(
        &self,
        bench: &Bench<'_>,
    ) -> Result<(Result<Checked, Refused>, String), RefactorError> {
        let added = self.add.iter().map(|one| {
            Added::parse(&one.declaration, one.value.clone(), one.at)
                .map_err(|obstacle| RefactorError::from(crate::refactor::Obstacle::from(obstacle)))
        });
        let change = SignatureChange {
            removed: self.remove.clone(),
            order: (!self.order.is_empty()).then(|| self.order.clone()),
            added: added.collect::<Result<_, _>>()?,
        };
        // Where it is not ready the snapshot below says what is wrong.
        bench.knowledge.is_ready();
        let (snapshot, _) =
            bench.workspace.graph_snapshot(RefreshLimit::A_SECOND, &bench.cancel)?;
        let request = SignatureRequest {
            symbol: &self.name,
            change: &change,
            certainty: if self.likely { Certainty::Inferred } else { Certainty::Proven },
            changes_api: self.api,
        };
        let plan = signature(bench.workspace, &snapshot, &request)?;
        let (before, after) = &plan.parameters;
        let (changed, kept) = (plan.changed.len(), plan.kept);
        let mut text = format!("{before} became {after}: {changed} calls changed, {kept} kept");
        list(&mut text, "may call it, and left alone", plan.unproven.iter());
        Ok((plan.checked(), text))
    }
}

impl ReplaceCode {
    pub(super) fn shown(&self) -> String {
        format!("replace {} by {}", self.pattern, self.rewrite)
    }

    /// What it would change, as a diff; what stands in its way is said when it is run.
    pub(super) fn detail(&self, bench: &Bench<'_>) -> String {
        match self.planned(bench) {
            Ok((Ok(checked), _)) => unified(&checked.plan),
            Ok((Err(_), _)) | Err(_) => String::new(),
        }
    }

    /// Finds and rewrites.
    pub(super) fn run(&self, bench: &Bench<'_>) -> Done {
        match self.planned(bench) {
            Err(why) => Done::badly(why),
            Ok((Ok(checked), text)) if checked.plan.files.is_empty() => {
                Done::well(format!("nothing would change: {text}"))
            }
            Ok((checked, text)) => applied(bench, checked, self.shown(), &text),
        }
    }

    fn planned(&self, bench: &Bench<'_>) -> Result<(Result<Checked, Refused>, String), String> {
        let request = StructuralRequest {
            pattern: self.pattern.clone(),
            rewrite: Some(self.rewrite.clone()),
            languages: self.languages.clone(),
            paths: self.paths.clone(),
            ..StructuralRequest::default()
        };
        let found = bench.workspace.structural(&request, &bench.cancel);
        let found = found.map_err(|error| error.to_string())?;
        let notes = replace::notes(&found).join("\n");
        let count: usize = found.files.iter().map(|file| file.found.matches.len()).sum();
        if count == 0 {
            return Err(format!("the pattern matches nothing\n{notes}"));
        }
        let opened = bench.workspace.graph_snapshot(RefreshLimit::A_SECOND, &bench.cancel);
        let snapshot = opened.ok().map(|(snapshot, _)| snapshot);
        let indexed = Indexed { workspace: bench.workspace, snapshot: snapshot.as_ref() };
        let plan = replace::plan(&bench.tree, &found);
        let checked = plan.and_then(|plan| Checked::check(plan, &indexed, &[]));
        let text = format!("{count} matches in {} files\n{notes}", found.files.len());
        Ok((checked, text.trim_end().to_owned()))
    }
}
