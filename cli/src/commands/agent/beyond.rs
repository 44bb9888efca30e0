//! What a conversation has beyond the built-in tools: those that the user and the tree declare,
//! those of MCP servers, and the model that explores.
//!
//! The tree's own declarations may come from a stranger. Its tools are judged when they are called;
//! its servers would run at once, so they are asked about here, and nobody to ask means no.

use flux_agent::llm::{Http, Transport};
use flux_agent::policy::{Effect, Mode};
use flux_agent::run::Explorer;
use flux_agent::tools::extra::{Explore, Origin};
use flux_agent::tools::{Approve, Asked, Bench, CustomTool, Extras, Foreign};
use flux_server::foreign::{Declared, Servers, Setting};
use serde_json::{Map, Value};

use super::choose::{Chosen, explorer};
use crate::config::{self, AgentConfig, services};
use crate::context::Context;

/// All that is not built in.
pub(super) struct Beyond {
    custom: Vec<CustomTool>,
    servers: Option<Servers>,
    explorer: Option<Explorer<'static>>,
    /// What was left out, and why.
    problems: Vec<String>,
}

impl Beyond {
    /// Reads the declarations, and starts the servers.
    pub(super) fn gather(
        context: &Context,
        config: &AgentConfig,
        chosen: &Chosen,
        rules: Option<String>,
        bench: &Bench<'_>,
        approve: Approve<'_>,
    ) -> anyhow::Result<Self> {
        let place = context.config.join("config.toml");
        let own = services::table(&config::text(&context.config)?, &place)?;
        let of_tree = config::tree_table(bench.workspace.root())?;
        let mut problems = Vec::new();
        let custom = custom(&own, &of_tree, &mut problems);
        let declared = declared(&own, &of_tree, &mut problems);
        let declared = declared.into_iter().filter(|one| {
            let is_started = is_started(one, bench, approve);
            if !is_started {
                let (name, words) = (&one.name, one.command.join(" "));
                problems.push(format!(
                    "the MCP server {name} of this tree (`{words}`) is not started without approval"
                ));
            }
            is_started
        });
        let servers = started(declared.collect(), bench, &mut problems)?;
        let explorer = match bench.mode == Mode::ReadOnly {
            // A question is answered by the model that reads; there is nobody to explore for.
            true => None,
            false => exploring(context, config, chosen, rules).unwrap_or_else(|error| {
                problems.push(format!("nobody explores: {error:#}"));
                None
            }),
        };
        Ok(Self { custom, servers, explorer, problems })
    }

    /// Puts it all on the bench; the second value says what was left out.
    pub(super) fn join<'a>(&'a mut self, bench: Bench<'a>) -> (Bench<'a>, Vec<String>) {
        let custom = std::mem::take(&mut self.custom);
        let foreign = self.servers.as_ref().map(|servers| servers as &dyn Foreign);
        let explore = self.explorer.as_ref().map(|explorer| explorer as &dyn Explore);
        let built_in = bench.knowledge.tools();
        let (extras, more) = Extras::gather(custom, foreign, explore, &built_in);
        let mut problems = std::mem::take(&mut self.problems);
        problems.extend(more);
        (bench.with(extras), problems)
    }
}

/// The declared tools, the user's first, so that no tree takes the name of one.
fn custom(
    own: &Map<String, Value>,
    of_tree: &Map<String, Value>,
    problems: &mut Vec<String>,
) -> Vec<CustomTool> {
    let mut tools = Vec::new();
    for (table, origin) in [(own, Origin::User), (of_tree, Origin::Tree)] {
        for value in services::tools(table) {
            match CustomTool::read(value, origin) {
                Ok(tool) => tools.push(tool),
                Err(why) => problems.push(why),
            }
        }
    }
    tools
}

/// The declared servers; of two with one name, the user's.
fn declared(
    own: &Map<String, Value>,
    of_tree: &Map<String, Value>,
    problems: &mut Vec<String>,
) -> Vec<Declared> {
    let mut servers: Vec<Declared> = Vec::new();
    let all = [(own, Declared::own as fn(&str, Value) -> _), (of_tree, Declared::of_tree)];
    for (table, read) in all {
        for (name, value) in services::servers(table) {
            match read(&name, value) {
                Ok(server) if servers.iter().any(|other| other.name == server.name) => {
                    problems.push(format!("your own MCP server {name} is used, not the tree's"));
                }
                Ok(server) => servers.push(server),
                Err(why) => problems.push(why),
            }
        }
    }
    servers
}

/// Whether a server may start: the user's own, one whose command is known, or one that is approved.
fn is_started(declared: &Declared, bench: &Bench<'_>, approve: Approve<'_>) -> bool {
    if declared.is_own {
        return true;
    }
    if bench.mode == Mode::ReadOnly {
        return false;
    }
    match bench.commands.effect_of(&declared.command) {
        Effect::Forbidden(_) => false,
        // A variable can make any program another one, and a program that only looks when it is
        // called by a person need not do so as a server: only the user's own list opens this.
        _ if declared.environment.is_empty() && bench.commands.is_listed(&declared.command) => true,
        Effect::Looks | Effect::Builds | Effect::Unknown(_) => {
            let variables = declared.environment.iter();
            let variables = variables.map(|(name, value)| format!("with {name}={value}"));
            approve(&Asked {
                tool: format!("mcp.{}", declared.name),
                what: format!("start `{}`, an MCP server of this tree", declared.command.join(" ")),
                detail: variables.collect::<Vec<_>>().join("\n"),
            })
        }
    }
}

fn started(
    declared: Vec<Declared>,
    bench: &Bench<'_>,
    problems: &mut Vec<String>,
) -> anyhow::Result<Option<Servers>> {
    if declared.is_empty() {
        return Ok(None);
    }
    let setting = Setting {
        root: bench.workspace.root().to_owned(),
        hidden: bench.hidden.clone(),
        confinement: bench.confinement.clone(),
    };
    let (servers, more) = Servers::start(declared, setting)?;
    problems.extend(more);
    Ok(Some(servers))
}

fn exploring(
    context: &Context,
    config: &AgentConfig,
    chosen: &Chosen,
    rules: Option<String>,
) -> anyhow::Result<Option<Explorer<'static>>> {
    let Some(Chosen { model, http }) = explorer(context, config, chosen)? else { return Ok(None) };
    let connect = move || {
        let transport: Box<dyn Transport> = Box::new(Http::new(&http)?);
        Ok(transport)
    };
    Ok(Some(Explorer::new(model, Box::new(connect), rules)))
}
