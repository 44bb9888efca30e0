//! One server: started, greeted, asked, ended.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use flux_agent::companion::{Companion, Start};
use flux_agent::tools::Arguments;
use flux_core::Cancel;
use rmcp::ServiceExt;
use rmcp::model::{CallToolRequestParams, ClientCapabilities, ClientConfig, Implementation, Tool};
use rmcp::service::{RoleClient, RunningService, ServiceError};
use tokio::process::{ChildStdin, ChildStdout};

use super::content::text;
use super::{Declared, Setting};

/// A connection to a server.
pub(super) struct Connection {
    service: RunningService<RoleClient, ClientConfig>,
    companion: Mutex<Companion>,
}

/// How long a server may take to start and to list its tools. Those that are fetched first, as by
/// `npx`, take longest.
const START: Duration = Duration::from_secs(30);
/// How long it may take to let go.
const FAREWELL: Duration = Duration::from_millis(500);
/// How often it is looked whether the user stopped a call.
const POLL: Duration = Duration::from_millis(20);

impl Connection {
    /// Starts a server and asks for its tools.
    pub(super) async fn open(
        declared: &Declared,
        setting: &Setting,
    ) -> Result<(Self, Vec<Tool>), String> {
        let hidden = setting.hidden.iter().filter(|name| !declared.keep.contains(name));
        let hidden: Vec<String> = hidden.cloned().collect();
        let start = Start {
            words: &declared.command,
            folder: &setting.root,
            environment: &declared.environment,
            hidden: &hidden,
            confinement: (!declared.is_own).then_some(&setting.confinement),
        };
        let program = declared.command.first().map(String::as_str).unwrap_or_default();
        let started = Companion::start(&start);
        let (mut companion, input, output) =
            started.map_err(|error| format!("`{program}` cannot be started: {error}"))?;
        let pipes = ChildStdout::from_std(output)
            .and_then(|output| Ok((output, ChildStdin::from_std(input)?)));
        let pipes = pipes.map_err(|error| format!("its pipes cannot be read: {error}"))?;
        let greeted = tokio::time::timeout(START, greeted(pipes)).await;
        match greeted {
            Ok(Ok((service, tools))) => {
                Ok((Self { service, companion: Mutex::new(companion) }, tools))
            }
            Ok(Err(why)) => Err(format!("{why}; {}", companion.state())),
            Err(_) => Err(format!(
                "it did not answer within {} s; {}",
                START.as_secs(),
                companion.state()
            )),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        !self.service.is_closed() && !self.service.peer().is_transport_closed()
    }

    /// Calls a tool.
    pub(super) async fn call(
        &self,
        name: String,
        arguments: Arguments,
        time: Duration,
        cancel: &Cancel,
    ) -> Result<String, String> {
        let mut request = CallToolRequestParams::new(name);
        request.arguments = Some(arguments);
        let stopped = async {
            while !cancel.is_cancelled() {
                tokio::time::sleep(POLL).await;
            }
        };
        // A call that is dropped is told to the server as cancelled.
        let called = tokio::time::timeout(time, self.service.call_tool(request));
        tokio::select! {
            biased;
            () = stopped => Err("stopped by the user".to_owned()),
            called = called => match called {
                Err(_) => Err(format!("the server did not answer within {} s", time.as_secs())),
                Ok(Ok(result)) => text(&result),
                Ok(Err(error)) => Err(self.failed(&error)),
            }
        }
    }

    /// Why a call failed. That a server has gone is told with what it said last.
    fn failed(&self, error: &ServiceError) -> String {
        if let ServiceError::McpError(error) = error {
            return format!("the server refused the call: {}", error.message);
        }
        let mut companion = self.companion.lock().unwrap_or_else(PoisonError::into_inner);
        format!("the server gave no answer that can be read: {error}; {}", companion.state())
    }

    /// Ends the server.
    pub(super) async fn close(mut self) {
        // One that does not let go is ended with its process.
        self.service.close_with_timeout(FAREWELL).await.ok();
    }
}

/// Greets a server and asks for its tools.
async fn greeted(
    pipes: (ChildStdout, ChildStdin),
) -> Result<(RunningService<RoleClient, ClientConfig>, Vec<Tool>), String> {
    let name = Implementation::new("flux", env!("CARGO_PKG_VERSION"));
    let client = ClientConfig::new(ClientCapabilities::default(), name);
    let service = client.serve(pipes).await;
    let service =
        service.map_err(|error| format!("it does not begin as the protocol asks: {error}"))?;
    let tools = service.list_all_tools().await;
    let tools = tools.map_err(|error| format!("it does not list its tools: {error}"))?;
    Ok((service, tools))
}
