//! Requests that are done without asking a model: those of the router, if they name one thing.

use super::event::Event;
use super::router::{Routed, route};
use crate::llm::{Answered, Call};
use crate::tools::prepare::{prepare, run};
use crate::tools::rename::RenameSymbol;
use crate::tools::{Approve, Bench};

/// Does what a line asks for, if no model is needed for it; `None` if one is. A rename that the
/// graph refuses is left to the model, which can be told why by its tool.
pub fn done(
    bench: &Bench<'_>,
    line: &str,
    approve: Approve<'_>,
    on: &mut dyn FnMut(Event),
) -> Option<Answered> {
    match route(line) {
        Routed::Impact(name) => {
            let text = bench.knowledge.impact(name)?;
            Some(Answered { text, is_error: false })
        }
        Routed::Rename { name, new_name } => {
            let asked = RenameSymbol {
                name: name.to_owned(),
                new_name: new_name.to_owned(),
                likely: false,
                api: true,
            };
            asked.planned(bench).ok()?;
            let arguments = serde_json::json!({ "name": name, "new_name": new_name, "api": true });
            let call = Call {
                id: "unasked".to_owned(),
                item: None,
                name: "rename_symbol".to_owned(),
                arguments: arguments.to_string(),
                is_cut: false,
            };
            let done = run(bench, vec![prepare(bench, &call, approve)]).pop()?;
            if let Some(receipt) = done.receipt {
                on(Event::Edited(receipt));
            }
            Some(done.answered)
        }
        Routed::Command(..) | Routed::Model => None,
    }
}
