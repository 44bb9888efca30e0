//! The tools of other programs that speak the Model Context Protocol, for this program's own agent.
//!
//! A server is not trusted: it may be slow, die, or say what is not so. Each wait has an end, what
//! it says of its tools is checked by `flux-agent`, and what they answer is data. One that has ended
//! is started again by the next call, once.

mod connection;
mod content;
mod declared;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use flux_agent::policy::Confinement;
use flux_agent::tools::extra::Claimed;
use flux_agent::tools::{Arguments, Foreign, ForeignTool};
use flux_core::Cancel;
use serde_json::Value;
use tokio::runtime::Runtime;

use self::connection::Connection;
pub use self::declared::Declared;

/// Where servers run, and what they may do there.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The root of the tree.
    pub root: PathBuf,
    /// Variables that no server gets unless its declaration keeps them.
    pub hidden: Vec<String>,
    /// The limits of servers that the user did not declare.
    pub confinement: Confinement,
}

/// Running servers and their tools.
pub struct Servers {
    tools: Vec<ForeignTool>,
    servers: Vec<Server>,
    setting: Setting,
    /// The last, so that it outlives the connections.
    runtime: Runtime,
}

struct Server {
    declared: Declared,
    connection: Mutex<Option<Arc<Connection>>>,
}

/// Most tools of one server.
const MOST_TOOLS: usize = 64;

impl Servers {
    /// Starts them all at once and asks for their tools. The second value says which servers and
    /// tools are left out, and why.
    pub fn start(
        declared: Vec<Declared>,
        setting: Setting,
    ) -> std::io::Result<(Self, Vec<String>)> {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build()?;
        let (mut tools, mut servers, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        let opened: Vec<_> = std::thread::scope(|scope| {
            let open = |declared| {
                let (runtime, setting) = (&runtime, &setting);
                scope.spawn(move || runtime.block_on(Connection::open(declared, setting)))
            };
            let started: Vec<_> = declared.iter().map(open).collect();
            started.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
        });
        for (declared, opened) in declared.into_iter().zip(opened) {
            let opened = opened.unwrap_or_else(|_| Err("a fault of this program".to_owned()));
            match opened {
                Err(why) => {
                    problems.push(format!("the MCP server {} is left out: {why}", declared.name))
                }
                Ok((connection, claimed)) => {
                    take(&declared, claimed, &mut tools, &mut problems);
                    let connection = Mutex::new(Some(Arc::new(connection)));
                    servers.push(Server { declared, connection });
                }
            }
        }
        Ok((Self { tools, servers, setting, runtime }, problems))
    }

    /// The connection to a server, made anew if the last one broke.
    fn connection(&self, server: &Server) -> Result<Arc<Connection>, String> {
        let mut held = server.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = held.as_ref().filter(|connection| connection.is_open()) {
            return Ok(Arc::clone(connection));
        }
        *held = None;
        let opened = self.runtime.block_on(Connection::open(&server.declared, &self.setting));
        let (connection, _) = opened.map_err(|why| {
            format!(
                "the MCP server {} ended and cannot be started again: {why}",
                server.declared.name
            )
        })?;
        let connection = Arc::new(connection);
        *held = Some(Arc::clone(&connection));
        Ok(connection)
    }
}

/// Takes what a server says of its tools.
fn take(
    declared: &Declared,
    claimed: Vec<rmcp::model::Tool>,
    tools: &mut Vec<ForeignTool>,
    problems: &mut Vec<String>,
) {
    let count = claimed.len();
    for tool in claimed.into_iter().take(MOST_TOOLS) {
        let name = tool.name.to_string();
        let hints = tool.annotations.as_ref();
        let claimed = Claimed {
            server: declared.name.clone(),
            name: name.clone(),
            description: tool.description.unwrap_or_default().to_string(),
            schema: Value::Object((*tool.input_schema).clone()),
            only_looks: hints.and_then(|hints| hints.read_only_hint) == Some(true),
        };
        match ForeignTool::of(claimed, declared.allows(&name)) {
            Err(why) => problems.push(why),
            Ok(tool) if tools.iter().any(|other| other.spec.name == tool.spec.name) => {
                let (name, server) = (&tool.spec.name, &declared.name);
                problems.push(format!(
                    "a tool of the MCP server {server} is left out: there is a `{name}` already"
                ));
            }
            Ok(tool) => tools.push(tool),
        }
    }
    if count > MOST_TOOLS {
        problems.push(format!(
            "the MCP server {} has {count} tools; the first {MOST_TOOLS} are taken",
            declared.name
        ));
    }
}

impl Foreign for Servers {
    fn tools(&self) -> &[ForeignTool] {
        &self.tools
    }

    fn call(&self, name: &str, arguments: Arguments, cancel: &Cancel) -> Result<String, String> {
        let tool = self.tools.iter().find(|tool| tool.spec.name == name);
        let tool = tool.ok_or_else(|| format!("there is no tool `{name}`"))?;
        let server = self.servers.iter().find(|server| server.declared.name == tool.server);
        let server = server.ok_or_else(|| format!("there is no MCP server {}", tool.server))?;
        let connection = self.connection(server)?;
        let (time, own_name) = (server.declared.time(), tool.own_name.clone());
        self.runtime.block_on(connection.call(own_name, arguments, time, cancel))
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for server in &self.servers {
            let mut held = server.connection.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(connection) = held.take().and_then(Arc::into_inner) {
                self.runtime.block_on(connection.close());
            }
        }
    }
}
