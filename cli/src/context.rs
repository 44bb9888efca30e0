//! What the environment, the terminal and the working directory say, read once.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use etcetera::{BaseStrategy, choose_base_strategy};
use flux_core::Cancel;
use flux_engine::{Location, Workspace};

use crate::args::{Args, Color, Command};
use crate::environment::{path_variable, variable};

/// The surroundings of one run.
pub(crate) struct Context {
    pub(crate) index_dir: Option<PathBuf>,
    pub(crate) is_quiet: bool,
    pub(crate) is_terminal: bool,
    pub(crate) has_color: bool,
    /// Whether the terminal can do more than write one line below the other.
    pub(crate) is_lively: bool,
    pub(crate) cancel: Cancel,
    pub(crate) cache: PathBuf,
    pub(crate) config: PathBuf,
}

impl Context {
    /// Reads the environment and listens for Ctrl-C.
    pub(crate) fn new(args: &Args) -> anyhow::Result<Self> {
        let cancel = Cancel::default();
        let flag = cancel.clone();
        let listens = matches!(
            args.command,
            Command::Index(_)
                | Command::Agent(_)
                | Command::Ask(_)
                | Command::Chat(_)
                | Command::Workflow(_)
        );
        ctrlc::set_handler(move || stop(&flag, listens)).context("cannot listen for Ctrl-C")?;
        let is_terminal = std::io::stdout().is_terminal();
        let is_dumb = variable("TERM").as_deref() == Some("dumb");
        let is_lively = is_terminal && std::io::stderr().is_terminal() && !is_dumb;
        let has_color = match args.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && variable("NO_COLOR").is_none() && !is_dumb,
        };
        Ok(Self {
            index_dir: args.index_dir.clone(),
            is_quiet: args.quiet,
            is_terminal,
            has_color,
            is_lively,
            cancel,
            cache: folder("FLUX_CACHE_DIR", |strategy| strategy.cache_dir())?,
            config: folder("FLUX_CONFIG_DIR", |strategy| strategy.config_dir())?,
        })
    }

    /// The folder of what the program remembers of its use.
    pub(crate) fn state(&self) -> anyhow::Result<PathBuf> {
        folder("FLUX_STATE_DIR", |strategy| {
            strategy.state_dir().unwrap_or_else(|| strategy.data_dir())
        })
    }

    /// The workspace around `path`.
    pub(crate) fn workspace(&self, path: &Path) -> anyhow::Result<Workspace> {
        Ok(Workspace::new(Location::of(path, &self.cache, self.index_dir.as_deref())?))
    }
}

/// Asks an indexing run or a conversation to end at the next safe point; ends anything else, and
/// what does not listen, at once. That loses nothing: a commit is one rename.
#[expect(clippy::exit, reason = "a signal handler has no other way to end the program")]
fn stop(cancel: &Cancel, listens: bool) {
    if !listens || cancel.is_cancelled() {
        std::process::exit(130);
    }
    cancel.cancel();
}

/// The folder that `name` gives, or `flux` in the system's.
fn folder(name: &str, usual: fn(&dyn BaseStrategy) -> PathBuf) -> anyhow::Result<PathBuf> {
    if let Some(folder) = path_variable(name) {
        return Ok(folder);
    }
    let strategy = choose_base_strategy()
        .context("there is no home folder for the index\nhint: pass --index-dir")?;
    Ok(usual(&strategy).join("flux"))
}
