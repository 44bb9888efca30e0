//! `flux mcp`: serves a coding agent on standard input and output.

use flux_server::mcp::serve;

use crate::args::McpArgs;
use crate::commands::index::with_model;
use crate::commands::learn::if_on;
use crate::context::Context;
use crate::exit::Outcome;

pub(crate) fn run(context: &Context, args: &McpArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.path)?;
    let (workspace, _) = with_model(context, workspace, !args.no_vectors)?;
    let learned = if_on(context, &workspace)?;
    serve(workspace, learned, &context.cancel)?;
    Ok(Outcome::Done)
}
