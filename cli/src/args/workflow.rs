//! What can be typed for workflows.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum WorkflowCommand {
    /// Make a workflow of what a session did: its edits, renames, commands and tests that went well.
    Record(WorkflowRecordArgs),
    /// Do what a workflow says, without a model. A step that fails ends it, and its edits are taken
    /// back.
    Run(WorkflowRunArgs),
    /// List the workflows of this tree.
    List(WorkflowListArgs),
    /// Print a workflow.
    Show(WorkflowNameArgs),
    /// Remove a workflow.
    Remove(WorkflowNameArgs),
    /// Print what makes the system's scheduler run a workflow. Nothing is installed.
    Schedule(WorkflowScheduleArgs),
}

#[derive(Debug, Args)]
pub(crate) struct WorkflowRecordArgs {
    /// The session, or `last`.
    pub(crate) session: String,
    /// What the workflow is to be called.
    pub(crate) name: String,
    /// Write over one of that name.
    #[arg(long)]
    pub(crate) force: bool,
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct WorkflowRunArgs {
    /// The workflow.
    pub(crate) name: String,
    /// Values of its parameters.
    #[arg(value_name = "KEY=VALUE")]
    pub(crate) values: Vec<String>,
    /// Print the steps, and run none.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Change files of the tree, build and test without asking. Commands that do something else
    /// are still asked about, and refused where nobody can be asked.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Let commands use the network.
    #[arg(long)]
    pub(crate) network: bool,
    /// Go on after a step that fails.
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Leave the edits of a run that ended before its end.
    #[arg(long, conflicts_with = "keep_going")]
    pub(crate) keep_edits: bool,
    /// Print what happens as JSON, an event a line.
    #[arg(long)]
    pub(crate) json: bool,
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct WorkflowListArgs {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct WorkflowNameArgs {
    /// The workflow.
    pub(crate) name: String,
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("when").required(true).args(["cron", "systemd"]))]
pub(crate) struct WorkflowScheduleArgs {
    /// The workflow.
    pub(crate) name: String,
    /// Values of its parameters.
    #[arg(value_name = "KEY=VALUE")]
    pub(crate) values: Vec<String>,
    /// Print a line for `crontab -e`.
    #[arg(long, value_name = "TIME")]
    pub(crate) cron: Option<String>,
    /// Print a service and a timer for systemd.
    #[arg(long, value_name = "TIME")]
    pub(crate) systemd: Option<String>,
    /// Pass --yes to the run: nobody is there to be asked, and without it changes are refused.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
}
