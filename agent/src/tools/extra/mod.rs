//! Tools that are not built in: those that the user or the tree declares, those of other programs
//! that speak MCP, and the cheap model that looks around for the one that edits.
//!
//! What such a tool may do is decided here, before it runs. Nothing that a tree or a server says of
//! itself counts for that; what the user's own configuration says does.

pub mod custom;
pub mod explore;
pub mod foreign;
mod schema;
mod words;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::Arguments;
use super::access::Access;
use super::bench::{Bench, Done};
use crate::llm::ToolSpec;
use crate::policy::{Decision, Mode};

pub use custom::{CustomTool, Origin};
pub use explore::{Explore, Explored};
pub use foreign::{Claimed, Foreign, ForeignTool};

use explore::Question;

/// Tools beyond those that are built in.
#[derive(Default)]
pub struct Extras<'a> {
    custom: Vec<Arc<CustomTool>>,
    foreign: Option<&'a dyn Foreign>,
    /// Names of theirs that are taken.
    refused: BTreeSet<String>,
    explore: Option<&'a dyn Explore>,
    /// Tools that the user let run in this conversation.
    approved: Approved,
}

/// What the user let run.
#[derive(Debug, Default)]
struct Approved(Mutex<BTreeSet<String>>);

impl Approved {
    fn note(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    }

    fn has(&self, name: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }
}

/// Most tools beyond the built-in ones. Services take 128 in all, and each costs tokens in every
/// request.
const MOST: usize = 96;

impl<'a> Extras<'a> {
    /// Joins them. A tool whose name is taken already is left out; the second value says which.
    pub fn gather(
        custom: Vec<CustomTool>,
        foreign: Option<&'a dyn Foreign>,
        explore: Option<&'a dyn Explore>,
        built_in: &[ToolSpec],
    ) -> (Self, Vec<String>) {
        let mut taken: BTreeSet<String> = built_in.iter().map(|tool| tool.name.clone()).collect();
        taken.extend(super::offer::NAMES.iter().map(|name| (*name).to_owned()));
        taken.insert(explore::NAME.to_owned());
        let (mut kept, mut problems, mut refused) = (Vec::new(), Vec::new(), BTreeSet::new());
        for name in foreign.iter().flat_map(|all| all.tools()).map(|tool| &tool.spec.name) {
            if !taken.insert(name.clone()) {
                refused.insert(name.clone());
                problems.push(format!("the tool `{name}` is left out: its name is taken"));
            }
        }
        for tool in custom {
            let name = tool.spec.name.clone();
            if !taken.insert(name.clone()) {
                problems.push(format!("the tool `{name}` is left out: its name is taken"));
            } else if kept.len() >= MOST {
                problems.push(format!("the tool `{name}` is left out: {MOST} are the most"));
            } else {
                kept.push(Arc::new(tool));
            }
        }
        let approved = Approved::default();
        (Self { custom: kept, foreign, refused, explore, approved }, problems)
    }

    /// What exploring cost since it was asked last.
    pub fn explored(&self) -> Explored {
        self.explore.map(Explore::take_spent).unwrap_or_default()
    }

    /// The tools on offer, in an order that does not change.
    pub(crate) fn offered(&self, mode: Mode) -> Vec<ToolSpec> {
        let custom = self.custom.iter().filter(|tool| tool.is_offered(mode));
        let mut tools: Vec<ToolSpec> = custom.map(|tool| tool.spec.clone()).collect();
        let foreign = self.foreign.iter().flat_map(|foreign| foreign.tools());
        let foreign = foreign.filter(|tool| !self.refused.contains(&tool.spec.name));
        tools.extend(foreign.filter(|tool| tool.is_offered(mode)).map(|tool| tool.spec.clone()));
        tools.truncate(MOST);
        if self.explore.is_some() && mode != Mode::ReadOnly {
            tools.push(explore::offer());
        }
        tools
    }

    /// The task of a call, if one of these tools is meant.
    pub(super) fn task(
        &self,
        mode: Mode,
        name: &str,
        arguments: Arguments,
    ) -> Option<Result<ExtraTask, String>> {
        if !self.offered(mode).iter().any(|tool| tool.name == name) {
            return None;
        }
        if name == explore::NAME {
            return Some(Question::read(arguments).map(ExtraTask::Explore));
        }
        if let Some(tool) = self.custom.iter().find(|tool| tool.spec.name == name) {
            let call = custom::CustomCall::read(tool, arguments);
            return Some(call.map(ExtraTask::Custom));
        }
        let tools = self.foreign?.tools();
        let tool = tools.iter().find(|tool| tool.spec.name == name)?.clone();
        Some(Ok(ExtraTask::Foreign(tool, arguments)))
    }
}

/// A call of one of these tools.
#[derive(Clone, Debug)]
pub(super) enum ExtraTask {
    Custom(custom::CustomCall),
    Foreign(ForeignTool, Arguments),
    Explore(Question),
}

impl ExtraTask {
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Custom(call) => call.shown(),
            Self::Foreign(tool, _) => {
                format!("{} of the MCP server {}", tool.own_name, tool.server)
            }
            Self::Explore(question) => format!("explore: {}", question.question),
        }
    }

    /// What the user sees before saying yes.
    pub(super) fn detail(&self) -> String {
        match self {
            Self::Custom(call) => call.detail(),
            Self::Foreign(_, arguments) => serde_json::Value::Object(arguments.clone()).to_string(),
            Self::Explore(_) => String::new(),
        }
    }

    pub(super) fn decide(&self, bench: &Bench<'_>) -> Decision {
        match self {
            Self::Custom(call) => {
                let is_approved = bench.extras.approved.has(&call.tool.spec.name);
                call.decide(bench.mode, &bench.commands, is_approved)
            }
            Self::Foreign(tool, _) => tool.decide(bench.mode, &self.shown()),
            Self::Explore(_) => Decision::Allow,
        }
    }

    /// Notes that the user said yes to a call of a declared tool.
    pub(super) fn approve(&self, bench: &Bench<'_>) {
        if let Self::Custom(call) = self {
            bench.extras.approved.note(&call.tool.spec.name);
        }
    }

    pub(super) fn access(&self) -> Access {
        match self {
            Self::Custom(call) => call.access(),
            Self::Foreign(tool, _) => tool.access(),
            Self::Explore(_) => Access::reading(super::Paths::All),
        }
    }

    pub(super) fn run(&self, bench: &Bench<'_>, tokens: usize) -> Done {
        match self {
            Self::Custom(call) => call.run(bench, tokens),
            Self::Foreign(tool, arguments) => match bench.extras.foreign {
                Some(foreign) => tool.run(foreign, arguments.clone(), &bench.cancel),
                None => Done::badly("no MCP server is there"),
            },
            Self::Explore(question) => match bench.extras.explore {
                Some(explore) => explore.explore(bench.looking(), &question.question).into(),
                None => Done::badly("nobody is there to explore"),
            },
        }
    }
}

#[cfg(test)]
mod ran;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{CustomTool, Extras, Origin};
    use crate::policy::Mode;

    fn tool(name: &str) -> CustomTool {
        let value = json!({ "name": name, "description": "d", "command": ["ls"], "writes": [] });
        CustomTool::read(value, Origin::User).unwrap()
    }

    #[test]
    fn a_name_that_is_taken_is_left_out_and_said() {
        let tools = vec![tool("edit"), tool("own"), tool("own"), tool("explore")];
        let (extras, problems) = Extras::gather(tools, None, None, &[]);
        let names: Vec<String> =
            extras.offered(Mode::Auto).into_iter().map(|tool| tool.name).collect();
        assert_eq!(names, ["own"]);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert_eq!(problems[0], "the tool `edit` is left out: its name is taken");
    }
}
