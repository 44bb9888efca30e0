//! `flux suggest` and `flux learn`, and where what is learned lies.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use flux_agent::learn::{Forget, Learned, Observer, load, save};
use flux_agent::suggest::{Known, suggest as suggestions};
use flux_core::RepoPath;
use flux_engine::Workspace;
use flux_server::text::suggest as text;
use flux_server::wire::suggest as wire;

use crate::args::{LearnArgs, SuggestArgs};
use crate::commands::index::{self, Opening};
use crate::commands::shown::Shown;
use crate::config;
use crate::context::Context;
use crate::environment::variable;
use crate::exit::{Outcome, UsageError, say};

/// The file of what was learned of a tree.
pub(crate) fn learned_file(context: &Context, workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let index = &workspace.location().index;
    let name = index.file_name().context("the index has no folder")?;
    let name = format!("{}.json", name.to_string_lossy());
    Ok(context.state()?.join("learned").join(name))
}

/// Whether anything is learned.
pub(crate) fn is_on(context: &Context) -> anyhow::Result<bool> {
    match variable("FLUX_LEARN").as_deref() {
        Some("0" | "false" | "off" | "no") => Ok(false),
        Some(_) => Ok(true),
        None => config::learns(&context.config),
    }
}

/// The file, if learning is on.
pub(crate) fn if_on(context: &Context, workspace: &Workspace) -> anyhow::Result<Option<PathBuf>> {
    is_on(context)?.then(|| learned_file(context, workspace)).transpose()
}

/// Learns from a conversation while it goes on.
#[derive(Debug, Default)]
pub(crate) struct Learning {
    /// `None` where nothing is learned.
    file: Option<PathBuf>,
    pub(crate) observer: Observer,
    has_lost: bool,
}

impl Learning {
    pub(crate) fn of(context: &Context, workspace: &Workspace) -> anyhow::Result<Self> {
        Ok(Self { file: if_on(context, workspace)?, ..Self::default() })
    }

    /// Writes down what was observed since. A failure is told once and stops nothing.
    pub(crate) fn keep(&mut self) {
        let facts = self.observer.take();
        let Some(file) = self.file.as_ref().filter(|_| !facts.is_empty()) else { return };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let kept = load(file).and_then(|mut learned| {
            facts.into_iter().for_each(|fact| learned.add(fact, now.as_secs()));
            save(file, &learned)
        });
        if let Err(error) = kept
            && !std::mem::replace(&mut self.has_lost, true)
        {
            say(&format!("flux: nothing is learned: {error}"));
        }
    }
}

/// Suggests what goes with a change.
pub(crate) fn suggest(context: &Context, args: &SuggestArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.tree)?;
    let opening = if args.no_refresh { Opening::AsItIs } else { Opening::Graph };
    let (snapshot, _) = index::opened(context, &workspace, opening)?;
    let learned = match if_on(context, &workspace)? {
        Some(file) => load(&file)?,
        None => Learned::default(),
    };
    let files: Result<Vec<RepoPath>, _> =
        args.files.iter().map(|file| inside(&workspace, file)).collect();
    let known = Known { workspace: &workspace, snapshot: Some(&snapshot), learned: &learned };
    let found = suggestions(known, &files?)?;
    let mut out = io::stdout().lock();
    if args.json {
        let root = workspace.root().display().to_string();
        writeln!(out, "{}", wire::suggestions(&root, &found))?;
    } else {
        let mut shown = Shown::default();
        let typed = if args.tree == Path::new(".") { Path::new("") } else { &args.tree };
        shown.add(typed, &workspace.location().inside);
        let lines = text::suggestions(&found, &|path| shown.path(path));
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(if found.is_empty() { Outcome::Nothing } else { Outcome::Done })
}

/// A path as it is typed, relative to the root of the tree.
fn inside(workspace: &Workspace, typed: &Path) -> anyhow::Result<RepoPath> {
    let (root, folder) = (workspace.root(), &workspace.location().inside);
    let places = [root.join(folder).join(typed), root.join(typed)];
    let found = places.iter().find_map(|place| place.canonicalize().ok());
    let path = found.as_ref().and_then(|path| path.strip_prefix(root).ok()?.to_str());
    let path = path.filter(|path| !path.is_empty());
    let missing = || UsageError(format!("there is no file {} in this tree", typed.display()));
    Ok(path.map(RepoPath::new).ok_or_else(missing)?)
}

/// Shows or forgets what was learned.
pub(crate) fn learn(context: &Context, args: &LearnArgs) -> anyhow::Result<Outcome> {
    let workspace = context.workspace(&args.tree)?;
    let file = learned_file(context, &workspace)?;
    if let Some(what) = &args.forget {
        return forget(&file, what);
    }
    let (learned, is_on) = (load(&file)?, is_on(context)?);
    let mut out = io::stdout().lock();
    if args.json {
        let (root, place) = (workspace.root().display().to_string(), file.display().to_string());
        writeln!(out, "{}", wire::learned(&root, &place, is_on, &learned))?;
    } else {
        let lines = text::learned(&learned);
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    if !context.is_quiet {
        match (is_on, learned.is_empty()) {
            (false, _) => say("flux: learning is off"),
            (true, true) => say("flux: nothing was learned of this tree yet"),
            (true, false) => {}
        }
    }
    Ok(if learned.is_empty() { Outcome::Nothing } else { Outcome::Done })
}

fn forget(file: &Path, what: &str) -> anyhow::Result<Outcome> {
    let what = match what {
        "everything" => Forget::All,
        "queries" => Forget::Queries,
        "checks" => Forget::Checks,
        "commands" => Forget::Commands,
        text => Forget::Text(text.to_owned()),
    };
    // A file that cannot be read is forgotten as a whole.
    let mut learned = match (load(file), &what) {
        (Err(_), Forget::All) => {
            std::fs::remove_file(file)
                .with_context(|| format!("cannot remove {}", file.display()))?;
            return Ok(Outcome::Done);
        }
        (learned, _) => learned?,
    };
    if !learned.forget(&what) {
        return Ok(Outcome::Nothing);
    }
    save(file, &learned)?;
    Ok(Outcome::Done)
}
