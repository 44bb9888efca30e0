//! `flux context`: the window a model should read for a task.

use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::Context as _;
use flux_core::TokenCounter;
use flux_engine::query::pack::{Have, Markdown, PackFormat, PackParameters, Xml};
use flux_engine::query::{Filter, Tests};
use flux_engine::tokens::{Counter, Models, Tokenizer};
use flux_engine::{ContextRequest, Freshness, Snapshot, Workspace};
use flux_server::wire::pack::{JsonPack, have};

use crate::args::{ContextArgs, PackArgs, PackFormatName};
use crate::commands::index::{Opening, opened, with_model};
use crate::config;
use crate::context::Context;
use crate::exit::{Outcome, UsageError, say};

/// Tokens when neither a budget nor a model says how many.
const DEFAULT_BUDGET: usize = 20_000;

pub(crate) fn run(context: &Context, args: &ContextArgs) -> anyhow::Result<Outcome> {
    if args.task.trim().is_empty() {
        return Err(UsageError("the task is empty".to_owned()).into());
    }
    let size = Size::new(context, &args.pack, DEFAULT_BUDGET)?;
    let have = read_have(args.have.as_deref())?;
    let opened = Opened::new(context, &args.path_in, &args.pack)?;
    let json = JsonPack { freshness: opened.freshness };
    let format: &dyn PackFormat = match args.format {
        PackFormatName::Markdown => &Markdown,
        PackFormatName::Xml => &Xml,
        PackFormatName::Json => &json,
    };
    let request = ContextRequest {
        task: &args.task,
        budget: size.budget,
        counter: &size.counter,
        format,
        have: &have,
        filter: &opened.filter,
        parameters: &PackParameters::default(),
    };
    let pack = opened.workspace.context(&opened.snapshot, opened.freshness, &request)?;
    if pack.is_empty() && args.format != PackFormatName::Json {
        if !context.is_quiet && pack.already > 0 {
            say("flux: nothing beyond what you have");
        }
        return Ok(Outcome::Nothing);
    }
    print(&format.render(&pack))?;
    Ok(opened.outcome(context, &args.pack, pack.is_empty()))
}

pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// How much may be said, and what counts it.
pub(crate) struct Size {
    pub(crate) budget: usize,
    pub(crate) counter: Counter,
}

impl Size {
    /// From a budget, a model, or `usual`.
    pub(crate) fn new(context: &Context, args: &PackArgs, usual: usize) -> anyhow::Result<Self> {
        let Some(name) = &args.model else {
            let counter = Counter::exact(Tokenizer::O200kBase);
            return Ok(Self { budget: args.budget.unwrap_or(usual), counter });
        };
        let text = config::text(&context.config)?;
        let own = Models::parse(&text)
            .map_err(|error| UsageError(format!("in the models of config.toml: {error}")))?;
        let models = Models::builtin().extended(own);
        let model = models.find(name);
        let model = model.ok_or_else(|| UsageError(format!("no model is called `{name}`")))?;
        let counter = model.counter();
        if !context.is_quiet && !counter.is_exact() {
            say(&format!("flux: tokens of {name} are estimated ({})", counter.name()));
        }
        Ok(Self { budget: args.budget.unwrap_or(usual).min(model.room()), counter })
    }
}

/// An opened tree and what of it counts.
pub(crate) struct Opened {
    pub(crate) workspace: Workspace,
    pub(crate) snapshot: Snapshot,
    pub(crate) freshness: Freshness,
    pub(crate) filter: Filter,
}

impl Opened {
    /// Opens the tree around `path`, indexing it first where nobody has, and brings words and
    /// graph up to date if that is quick.
    pub(crate) fn new(context: &Context, path: &Path, args: &PackArgs) -> anyhow::Result<Self> {
        let workspace = context.workspace(path)?;
        let (workspace, _) = with_model(context, workspace, !args.no_vectors)?;
        let opening = if args.no_refresh { Opening::AsItIs } else { Opening::All };
        let (snapshot, freshness) = opened(context, &workspace, opening)?;
        let tests = if args.no_tests { Tests::Never } else { Tests::Ranked };
        let filter = Filter { paths: args.path.clone(), tests, ..Filter::default() };
        Ok(Self { workspace, snapshot, freshness, filter })
    }

    /// How a command ends, having said what there is to say of its origin.
    pub(crate) fn outcome(&self, context: &Context, args: &PackArgs, is_empty: bool) -> Outcome {
        if let (Freshness::Stale(files), false) = (self.freshness, context.is_quiet) {
            say(&format!("flux: the index is stale, {files} files changed\nhint: run flux index"));
        }
        match self.freshness {
            Freshness::Stale(_) | Freshness::Unknown if args.strict => Outcome::Stale,
            _ if is_empty => Outcome::Nothing,
            _ => Outcome::Done,
        }
    }
}

/// What the caller has: the JSON of an earlier pack, or lines `path:start-end`; `-` reads
/// standard input.
fn read_have(file: Option<&Path>) -> anyhow::Result<Have> {
    let Some(file) = file else { return Ok(Have::default()) };
    let mut text = String::new();
    let read = match file == Path::new("-") {
        true => io::stdin().read_to_string(&mut text),
        false => std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.map_err(|error| {
        let file = file.display();
        UsageError(format!("cannot read {file}: {error}\nhint: --have takes an earlier pack"))
    })?;
    if text.trim_start().starts_with('{') {
        let read = have(&text).context("it is no pack as --format json prints it");
        return read.map_err(|error| UsageError(format!("{}: {error}", file.display())).into());
    }
    let parsed = Have::parse(&text);
    Ok(parsed.map_err(|error| UsageError(format!("{}: {error}", file.display())))?)
}
