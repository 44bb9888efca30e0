//! What can be typed for conversations with a model.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

const MODELS: &str = "\
The model comes from FLUX_PROVIDER, FLUX_MODEL and FLUX_BASE_URL, else from [agent] in config.toml \
(provider, model, base_url), else from a key in the environment (ANTHROPIC_API_KEY, OPENAI_API_KEY, \
OPENROUTER_API_KEY). Providers: anthropic, openai-responses, openai, openrouter, ollama, lmstudio, \
vllm, and compatible for any other server that speaks Chat Completions. FLUX_CONTEXT_WINDOW and \
FLUX_MAX_OUTPUT say how much it reads and writes, in tokens. Without a model `impact of NAME` and \
`what breaks if I change NAME` are answered all the same.
Exit codes: 0 done, 1 stopped before it was done, 2 no model or no key, 70 no answer, 130 cancelled.";

#[derive(Debug, Args)]
#[command(after_help = MODELS)]
pub(crate) struct AgentArgs {
    /// The goal, in words.
    #[arg(value_name = "GOAL", required_unless_present_any = ["stdin", "sessions", "plan"])]
    pub(crate) goal: Option<String>,
    /// Read prompts from standard input, one a line, after the goal if there is one.
    #[arg(long)]
    pub(crate) stdin: bool,
    /// Only make a plan: print it as TOML, to be read, changed and given to --plan.
    #[arg(long, requires = "goal", conflicts_with_all = ["stdin", "plan", "plan_first"])]
    pub(crate) plan_only: bool,
    /// Carry out this plan, `-` for standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["goal", "sessions"])]
    pub(crate) plan: Option<PathBuf>,
    /// Change nothing before there is a plan.
    #[arg(long)]
    pub(crate) plan_first: bool,
    /// List the sessions of this tree that can be resumed.
    #[arg(long)]
    pub(crate) sessions: bool,
    #[command(flatten)]
    pub(crate) rights: Rights,
    #[command(flatten)]
    pub(crate) common: ConversationArgs,
}

#[derive(Debug, Args)]
#[command(after_help = MODELS)]
pub(crate) struct AskArgs {
    /// The question. Nothing is changed to answer it.
    pub(crate) question: String,
    #[command(flatten)]
    pub(crate) common: ConversationArgs,
}

#[derive(Debug, Args)]
#[command(after_help = MODELS)]
pub(crate) struct ChatArgs {
    #[command(flatten)]
    pub(crate) rights: Rights,
    #[command(flatten)]
    pub(crate) common: ConversationArgs,
}

/// What happens without asking.
#[derive(Debug, Args)]
pub(crate) struct Rights {
    /// Change files of the tree, build and test without asking. Commands that do something else
    /// are still asked about, and refused where nobody can be asked.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// How much is allowed without asking; `ask` without this and --yes.
    #[arg(long, value_enum, value_name = "MODE", conflicts_with = "yes")]
    pub(crate) mode: Option<ModeName>,
    /// Do not check changes when the model says it is done.
    #[arg(long)]
    pub(crate) unchecked: bool,
    /// Let commands use the network.
    #[arg(long)]
    pub(crate) network: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeName {
    /// Nothing is changed or run.
    ReadOnly,
    /// Every change and every command that does more than look is asked about.
    Ask,
    /// As --yes.
    Auto,
}

/// What all conversations have in common.
#[derive(Debug, Args)]
pub(crate) struct ConversationArgs {
    /// Folder in the tree.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) tree: PathBuf,
    /// The model, instead of the one that is set.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Who serves it, instead of the one that is set.
    #[arg(long, value_name = "NAME")]
    pub(crate) provider: Option<String>,
    /// Go on with a session.
    #[arg(long, value_name = "ID")]
    pub(crate) resume: Option<String>,
    /// Go on with a copy of a session, and leave that as it is.
    #[arg(long, value_name = "ID", conflicts_with = "resume")]
    pub(crate) fork: Option<String>,
    /// With --fork: copy its first N prompts with their answers only.
    #[arg(long, value_name = "N", requires = "fork")]
    pub(crate) at: Option<NonZeroUsize>,
    /// Print what happens as JSON, an event a line.
    #[arg(long)]
    pub(crate) json: bool,
    /// Most requests for one prompt.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) max_steps: u32,
    /// Most seconds for one prompt.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) max_time: Option<u64>,
    /// Most dollars for the session, where the model's price is known.
    #[arg(long, value_name = "DOLLARS")]
    pub(crate) max_cost: Option<f64>,
    /// Search by words and names only.
    #[arg(long)]
    pub(crate) no_vectors: bool,
}
