//! `flux model`: which models there are, which is used, and what it is.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use flux_core::{Embedder, Pace};
use flux_embed::registry::{self, Listed, Place};
use flux_server::wire::{self, ModelFacts};

use crate::args::{ModelCommand, ModelInfoArgs, ModelListArgs, ModelUseArgs};
use crate::config;
use crate::context::Context;
use crate::environment::variable;
use crate::exit::{Outcome, say};
use crate::model::{Choice, VARIABLE, choice, open};
use crate::progress::Bar;

pub(crate) fn run(context: &Context, command: &ModelCommand) -> anyhow::Result<Outcome> {
    match command {
        ModelCommand::List(args) => list(context, args),
        ModelCommand::Use(args) => choose(context, args),
        ModelCommand::Info(args) => info(context, args),
    }
}

fn list(context: &Context, args: &ModelListArgs) -> anyhow::Result<Outcome> {
    let chosen = choice(context)?.name;
    let models = registry::list();
    let mut out = io::BufWriter::new(io::stdout().lock());
    if args.json {
        let facts = models.iter().map(|model| ModelFacts {
            name: &model.name,
            dimensions: model.dimensions,
            place: place(model.place),
            needs: model.needs,
            description: &model.description,
            is_chosen: model.name == chosen,
        });
        writeln!(out, "{}", wire::models(&chosen, facts))?;
    } else {
        print(&mut out, &models, &chosen)?;
    }
    out.flush()?;
    Ok(Outcome::Done)
}

fn print(out: &mut impl Write, models: &[Listed], chosen: &str) -> io::Result<()> {
    let width = models.iter().map(|model| model.name.len()).max().unwrap_or(0);
    for model in models {
        let mark = if model.name == chosen { '*' } else { ' ' };
        let dimensions = model.dimensions.map_or_else(String::new, |count| count.to_string());
        let Listed { name, needs, description, .. } = model;
        let place = place(model.place);
        writeln!(
            out,
            "{mark} {name:width$} {dimensions:>5}  {place}; needs {needs}; {description}"
        )?;
    }
    if !models.iter().any(|model| model.name == chosen) {
        writeln!(out, "* {chosen}")?;
    }
    Ok(())
}

fn place(place: Place) -> &'static str {
    match place {
        Place::Here => "built in",
        Place::Runtime => "on this machine",
        Place::OwnServer => "on your server",
        Place::Service => "sends code to a service",
    }
}

/// Writes the choice down once the model has been seen to work.
fn choose(context: &Context, args: &ModelUseArgs) -> anyhow::Result<Outcome> {
    let model = opened(context, &args.name, args.download)?;
    config::set_embedding_model(&context.config, &args.name)?;
    if !context.is_quiet {
        say(&format!("{} is used from now on\nhint: flux index embeds with it", model.model()));
        if variable(VARIABLE).is_some_and(|name| name != args.name) {
            say(&format!("flux: {VARIABLE} names another model, which goes first"));
        }
    }
    Ok(Outcome::Done)
}

fn info(context: &Context, args: &ModelInfoArgs) -> anyhow::Result<Outcome> {
    let Choice { name, from } = match &args.name {
        Some(name) => Choice { name: name.clone(), from: "the command line" },
        None => choice(context)?,
    };
    let model = opened(context, &name, false)?;
    let workspace = context.workspace(Path::new("."))?.with_embedder(Arc::clone(&model));
    let status = workspace.snapshot().ok().and_then(|snapshot| workspace.coverage_of(&snapshot));
    let mut out = io::stdout().lock();
    if args.json {
        let embedded = status.map(|coverage| (coverage.embedded, coverage.files));
        writeln!(out, "{}", wire::model(&name, from, &*model, embedded))?;
        return Ok(Outcome::Done);
    }
    writeln!(out, "model       {name}, chosen by {from}")?;
    writeln!(out, "identity    {}", model.model())?;
    writeln!(out, "dimensions  {}", model.dimensions())?;
    let pace = match model.pace() {
        Pace::Inline => "while files are indexed",
        Pace::Deferred => "after files are indexed",
    };
    writeln!(out, "embeds      {pace}")?;
    if let Some(coverage) = status {
        writeln!(out, "this tree   {} of {} files embedded", coverage.embedded, coverage.files)?;
    }
    Ok(Outcome::Done)
}

fn opened(context: &Context, name: &str, may_download: bool) -> anyhow::Result<Arc<dyn Embedder>> {
    let bar = Bar::new(context.is_quiet);
    Ok(open(context, name, may_download, &bar)?)
}
