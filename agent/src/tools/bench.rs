//! What the tools work with: the tree, its index, the limits.

use std::path::PathBuf;
use std::time::SystemTime;

use flux_core::Cancel;
use flux_engine::Workspace;

use super::Knowledge;
use super::extra::Extras;
use super::planning::{Planned, Planning};
use super::seen::Seen;
use crate::edit::{CheckCommand, Receipt, Tree};
use crate::llm::Answered;
use crate::policy::{CommandPolicy, Confinement, Mode};

/// What the tools work with.
pub struct Bench<'a> {
    /// The tree with its index.
    pub workspace: &'a Workspace,
    /// The same, as edits see it.
    pub tree: Tree,
    /// What is known of it.
    pub knowledge: &'a dyn Knowledge,
    /// How much is allowed without asking.
    pub mode: Mode,
    /// Which commands are allowed.
    pub commands: CommandPolicy,
    /// What the kernel lets commands touch.
    pub confinement: Confinement,
    /// The project's own checks.
    pub checks: Checks,
    /// How much results may say.
    pub limits: Limits,
    /// Variables that commands do not get, such as keys.
    pub hidden: Vec<String>,
    /// Gives the time. The library knows no clock but this.
    pub clock: fn() -> SystemTime,
    /// Set when the user stops what is going on.
    pub cancel: Cancel,
    pub(super) seen: Seen,
    pub(crate) extras: Extras<'a>,
    /// Whether a plan is wanted before a change.
    pub planning: Planning,
    pub(super) planned: Planned,
}

/// The project's own commands, where its files or its user name them.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// Looks at the whole project without running it, as compilers do.
    pub check: Option<CheckCommand>,
    /// Runs the tests.
    pub test: Option<CheckCommand>,
    /// Formats and mends what can be mended by a program.
    pub fix: Option<CheckCommand>,
}

/// How much results may say.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Tokens of one result, by upper estimate.
    pub result: usize,
    /// Tokens of all results of one turn.
    pub turn: usize,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// What the model is told.
    pub answered: Answered,
    /// The edit that it made, if it made one.
    pub receipt: Option<Receipt>,
}

impl Done {
    /// It went well.
    pub(super) fn well(text: impl Into<String>) -> Self {
        Self { answered: Answered { text: text.into(), is_error: false }, receipt: None }
    }

    /// It failed.
    pub(crate) fn badly(text: impl Into<String>) -> Self {
        Self { answered: Answered { text: text.into(), is_error: true }, receipt: None }
    }
}

impl From<Result<String, String>> for Done {
    fn from(result: Result<String, String>) -> Self {
        match result {
            Ok(text) => Self::well(text),
            Err(text) => Self::badly(text),
        }
    }
}

/// All that a bench is made of.
pub struct Parts<'a> {
    /// The tree with its index.
    pub workspace: &'a Workspace,
    /// What is known of it.
    pub knowledge: &'a dyn Knowledge,
    /// How much is allowed without asking.
    pub mode: Mode,
    /// Which commands are allowed.
    pub commands: CommandPolicy,
    /// Folders of tools that commands may read.
    pub readable: Vec<PathBuf>,
    /// Folder for temporary files that commands may write.
    pub temporary: PathBuf,
    /// Whether commands may use the network.
    pub network: bool,
    /// The project's own checks.
    pub checks: Checks,
    /// Variables that commands do not get, such as keys.
    pub hidden: Vec<String>,
    /// Set when the user stops what is going on.
    pub cancel: Cancel,
}

impl<'a> Bench<'a> {
    /// A bench for a tree.
    pub fn new(parts: Parts<'a>, limits: Limits) -> Self {
        let Parts { workspace, knowledge, mode, commands, checks, hidden, cancel, .. } = parts;
        let tree = crate::edit::Indexed { workspace, snapshot: None }.tree();
        let checks = Checks {
            check: checks.check.or_else(|| super::checks::check_of(&tree)),
            test: checks.test.or_else(|| super::checks::test_of(&tree)),
            fix: checks.fix.or_else(|| super::checks::fix_of(&tree)),
        };
        let confinement = Confinement {
            writable: vec![tree.root.clone(), parts.temporary, tree.own.join("edits")],
            readable: parts.readable,
            network: parts.network,
        };
        Self {
            workspace,
            tree,
            knowledge,
            mode,
            commands,
            confinement,
            checks,
            limits,
            hidden,
            clock: SystemTime::now,
            cancel,
            seen: Seen::default(),
            extras: Extras::default(),
            planning: Planning::Free,
            planned: Planned::default(),
        }
    }

    /// The same with tools that are not built in.
    #[must_use]
    pub fn with(mut self, extras: Extras<'a>) -> Self {
        self.extras = extras;
        self
    }

    /// One for a conversation beside this one, which only looks.
    pub(crate) fn looking(&self) -> Bench<'a> {
        Bench {
            workspace: self.workspace,
            tree: self.tree.clone(),
            knowledge: self.knowledge,
            mode: Mode::ReadOnly,
            commands: self.commands.clone(),
            confinement: self.confinement.clone(),
            checks: self.checks.clone(),
            limits: self.limits,
            hidden: self.hidden.clone(),
            clock: self.clock,
            cancel: self.cancel.clone(),
            seen: Seen::default(),
            extras: Extras::default(),
            planning: Planning::Free,
            planned: Planned::default(),
        }
    }

    /// All tools on offer.
    pub(crate) fn offered(&self) -> Vec<crate::llm::ToolSpec> {
        let mut tools = super::offer::tools(self);
        tools.extend(self.extras.offered(self.mode));
        tools
    }

    /// Forgets what was read.
    pub fn forget(&self) {
        self.seen.clear();
    }

    /// The path that a model means, relative to the root. Models like absolute ones.
    pub(super) fn path(&self, text: &str) -> String {
        let root = self.tree.root.to_string_lossy();
        let inside = text.strip_prefix(root.as_ref()).and_then(|rest| rest.strip_prefix('/'));
        let path = inside.unwrap_or(text);
        path.strip_prefix("./").unwrap_or(path).to_owned()
    }
}
