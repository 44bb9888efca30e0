//! `flux session`: conversations that are over, listed, shown again, copied.

use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use flux_agent::edit::Indexed;
use flux_agent::llm::Unit;
use flux_agent::run::Event;
use flux_agent::session::{Moment, SessionError, Transcript, fork, replay, sessions};
use flux_server::wire::agent as wire;

use super::show::Screen;
use super::{approver, sessions_folder};
use crate::args::{SessionCommand, SessionForkArgs, SessionReplayArgs};
use crate::commands::tree::one_line;
use crate::context::Context;
use crate::exit::{Outcome, UsageError, say};

pub(crate) fn run(context: &Context, command: &SessionCommand) -> anyhow::Result<Outcome> {
    match command {
        SessionCommand::List(args) => list(context, &args.tree, args.json),
        SessionCommand::Replay(args) => again(context, args),
        SessionCommand::Fork(args) => copy(context, args),
    }
}

/// Lists the sessions of a tree.
pub(super) fn list(context: &Context, tree: &Path, is_json: bool) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(tree)?;
    let found = sessions(&sessions_folder(context, &workspace)?);
    let mut out = io::stdout().lock();
    if is_json {
        writeln!(out, "{}", wire::sessions(&found))?;
        return Ok(Outcome::Done);
    }
    for session in &found {
        let age = SystemTime::now().duration_since(session.time).unwrap_or_default();
        let title = one_line(&session.title);
        writeln!(out, "{}\t{} h ago\t{title}", session.id, age.as_secs() / 3600)?;
    }
    if found.is_empty() {
        say("flux: there is no session of this tree yet");
        return Ok(Outcome::Nothing);
    }
    Ok(Outcome::Done)
}

/// That there is no such session is a wrong argument; anything else is a failure.
pub(crate) fn usage(error: SessionError) -> anyhow::Error {
    match &error {
        SessionError::Missing(_) | SessionError::Prompts { .. } => {
            UsageError(error.to_string()).into()
        }
        SessionError::Version { .. } | SessionError::Io { .. } => error.into(),
    }
}

/// The session that is meant: by its name, or `last`.
pub(super) fn named(folder: &Path, typed: &str) -> anyhow::Result<String> {
    if typed != "last" {
        return Ok(typed.to_owned());
    }
    let newest = sessions(folder).into_iter().next();
    Ok(newest
        .map(|session| session.id)
        .ok_or_else(|| UsageError("there is no session yet".to_owned()))?)
}

fn copy(context: &Context, args: &SessionForkArgs) -> anyhow::Result<Outcome> {
    let folder = sessions_folder(context, &context.workspace(&args.tree)?)?;
    let at = args.at.map(usize::from);
    let id = fork(&folder, &named(&folder, &args.id)?, at, SystemTime::now()).map_err(usage)?;
    writeln!(io::stdout().lock(), "{id}")?;
    Ok(Outcome::Done)
}

/// Shows a session again with what showed it the first time.
fn again(context: &Context, args: &SessionReplayArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.tree)?;
    let folder = sessions_folder(context, &workspace)?;
    let id = named(&folder, &args.id)?;
    let moments = replay(&folder, &id).map_err(usage)?;
    let tree = Indexed { workspace: &workspace, snapshot: None }.tree();
    let approver = approver(context, args.json);
    let mut screen = Screen::new(context, args.json, Transcript::mute(&id), tree, &approver);
    let mut prompts = 0;
    for moment in &moments {
        match moment {
            Moment::Started { time, root, model } => {
                screen.replayed(&id, *time, root, model)?;
            }
            Moment::Edited { edit, files } => screen.edited(*edit, files)?,
            Moment::Planned(plan) => screen.planned(plan)?,
            Moment::Summary { steps, touched, unforeseen } => {
                screen.summary(steps, touched, unforeseen)?;
            }
            Moment::Cleared => screen.show(&Event::Note("(the conversation was forgotten)".into())),
            Moment::Event(event) => {
                if let Event::Said(Unit::User { text, .. }) = event {
                    prompts += 1;
                    screen.prompt(prompts, text)?;
                }
                screen.show(event);
                if let Event::Finished { text, .. } = event
                    && args.results
                {
                    screen.result(text);
                }
            }
        }
    }
    screen.end_line();
    Ok(Outcome::Done)
}
