//! What can be typed.

mod agent;
mod edit;
mod learn;
mod refactor;
mod replace;
mod session;
mod workflow;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

pub(crate) use self::agent::{AgentArgs, AskArgs, ChatArgs, ConversationArgs, ModeName, Rights};
pub(crate) use self::edit::{EditAccept, EditArgs, EditFormat, HistoryArgs, TurnArgs};
pub(crate) use self::learn::{LearnArgs, SuggestArgs};
pub(crate) use self::refactor::{ApplyArgs, MoveArgs, RenameArgs, SignatureArgs};
pub(crate) use self::replace::ReplaceArgs;
pub(crate) use self::session::{SessionCommand, SessionForkArgs, SessionReplayArgs};
pub(crate) use self::workflow::{
    WorkflowCommand, WorkflowListArgs, WorkflowNameArgs, WorkflowRecordArgs, WorkflowRunArgs,
    WorkflowScheduleArgs,
};

/// Understands a codebase: index it, search it by meaning, name or pattern. Works offline.
#[derive(Debug, Parser)]
#[command(name = "flux", version, max_term_width = 100)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Folder of the index instead of the one in the user's cache.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) index_dir: Option<PathBuf>,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Say nothing on standard error but errors.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Bring the index of a tree up to date.
    Index(IndexArgs),
    /// Search by words, names, literal text or regular expression.
    Search(Box<SearchArgs>),
    /// Say what a symbol is: where, its declaration, doc and members.
    Symbol(NameArgs),
    /// List the places that refer to a symbol.
    Refs(NameArgs),
    /// List the functions that call a symbol, and where.
    Callers(NameArgs),
    /// List what a symbol calls.
    Callees(NameArgs),
    /// Say how one symbol reaches another: the shortest chain of calls, or of references.
    Path(PathArgs),
    /// List the subtypes of a type, or what overrides a method.
    Impls(NameArgs),
    /// List the supertypes and subtypes of a type.
    Hierarchy(NameArgs),
    /// List what a file imports, and who imports it.
    Imports(ImportsArgs),
    /// List files that import each other.
    Cycles(GraphArgs),
    /// List definitions without a known inbound reference.
    Unused(GraphArgs),
    /// List what a change of a symbol, of a file or since a revision can touch.
    Impact(ImpactArgs),
    /// Serve a coding agent over the Model Context Protocol on standard input and output.
    Mcp(McpArgs),
    /// Print the window a language model should read for a task, within a budget of tokens.
    Context(Box<ContextArgs>),
    /// Print a tree at a glance: its most important definitions, within a budget of tokens.
    Map(Box<MapArgs>),
    /// Write the symbol graph in the format of another tool, or push it into a database.
    Export(ExportArgs),
    /// Say what the index holds and whether it is current.
    Status(TreeArgs),
    /// List what the index leaves out, with reasons.
    Coverage(TreeArgs),
    /// Check every byte of the index.
    Verify(TreeArgs),
    /// Remove from the index what no tree needs any more.
    Gc(GcArgs),
    /// Change files as a script says: wholly or not at all.
    Edit(EditArgs),
    /// Give a symbol another name, everywhere.
    Rename(RenameArgs),
    /// Move a definition to another module, with the imports of all that use it.
    Move(MoveArgs),
    /// Add, remove or reorder parameters of a function, and change its calls.
    Signature(Box<SignatureArgs>),
    /// Search by a piece of code with holes, and replace what is found.
    Replace(Box<ReplaceArgs>),
    /// Take back an edit, and keep what was changed elsewhere since.
    Undo(TurnArgs),
    /// Make an edit again that was taken back.
    Redo(TurnArgs),
    /// List the edits of this tree.
    History(HistoryArgs),
    /// Let a model work towards a goal: it reads, edits, tests, and says what it did.
    Agent(Box<AgentArgs>),
    /// Let a model answer a question about this tree; nothing is changed.
    Ask(Box<AskArgs>),
    /// Talk with a model about this tree, a line at a time.
    Chat(Box<ChatArgs>),
    /// Look back at what was said to a model, or begin anew from there.
    #[command(subcommand)]
    Session(SessionCommand),
    /// Do again, without a model, what was done in a session: recorded steps with parameters.
    #[command(subcommand)]
    Workflow(WorkflowCommand),
    /// Say what goes with what is changed: files that usually change as well, callers, tests.
    Suggest(SuggestArgs),
    /// Show or forget what was learned of this tree.
    Learn(LearnArgs),
    /// Show or choose the model that searches by meaning.
    #[command(subcommand)]
    Model(ModelCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// List the models that can be used.
    List(ModelListArgs),
    /// Use another model from now on.
    Use(ModelUseArgs),
    /// Say what a model is, and how much of this tree it has embedded.
    Info(ModelInfoArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ModelListArgs {
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ModelUseArgs {
    /// The model, as `flux model list` names it.
    #[arg(value_name = "MODEL")]
    pub(crate) name: String,
    /// Fetch the model's files if they are not on this machine.
    #[arg(long)]
    pub(crate) download: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ModelInfoArgs {
    /// The model; the one in use without it.
    #[arg(value_name = "MODEL")]
    pub(crate) name: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct IndexArgs {
    /// Folder to index; the repository around it is indexed as a whole.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Forget the index and start over.
    #[arg(long)]
    pub(crate) rebuild: bool,
    /// Index words and names only.
    #[arg(long)]
    pub(crate) no_vectors: bool,
    /// Leave the symbol graph to the next command that needs it.
    #[arg(long, conflicts_with = "scip")]
    pub(crate) no_graph: bool,
    /// Take the references that this SCIP index states for exact, until their file changes.
    #[arg(long, value_name = "FILE")]
    pub(crate) scip: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
refs-jsonl  a JSON object a line: definitions, references with tier, calls
scip        the protobuf index of code intelligence tools
graphml     for Gephi, yEd, networkx
dot         for Graphviz
cypher      a script for Neo4j
neo4j-csv   nodes.csv and relationships.csv for neo4j-admin database import; needs --output
bolt        pushed into a running Neo4j or Memgraph; needs --to, reads FLUX_BOLT_PASSWORD")]
pub(crate) struct ExportArgs {
    /// Folder in the tree.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// What to write.
    #[arg(long, short, value_enum, value_name = "FORMAT")]
    pub(crate) format: ExportFormat,
    /// Write there instead of to standard output; a folder for neo4j-csv.
    #[arg(long, short, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
    /// Only these kinds of edges.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KIND,...")]
    pub(crate) kinds: Vec<ExportKind>,
    /// The least sure edges that are still written.
    #[arg(long, value_enum, default_value_t = ExportTier::Likely, value_name = "TIER")]
    pub(crate) tier: ExportTier,
    /// Leave out files of tests.
    #[arg(long)]
    pub(crate) no_tests: bool,
    /// Make packages outside the tree nodes as well.
    #[arg(long)]
    pub(crate) externals: bool,
    /// Address of the database, such as bolt://localhost:7687.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: Option<String>,
    /// Who logs into the database.
    #[arg(long, default_value = "neo4j", value_name = "USER")]
    pub(crate) user: String,
    /// The database on the server, if not its default one.
    #[arg(long, value_name = "NAME")]
    pub(crate) database: Option<String>,
    /// Export the index as it is, without looking at the tree.
    #[arg(long)]
    pub(crate) no_refresh: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    RefsJsonl,
    Scip,
    Graphml,
    Dot,
    Cypher,
    Neo4jCsv,
    Bolt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportKind {
    Calls,
    References,
    Imports,
    Inherits,
    Implements,
    Overrides,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportTier {
    /// Proven by scopes and imports.
    Exact,
    /// Inferred from types, too.
    Likely,
    /// Everything whose name matches, too.
    Name,
}

/// How a question to the graph is answered.
#[derive(Debug, ClapArgs)]
pub(crate) struct GraphArgs {
    /// Folder in the tree.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// List what is left out as too uncertain: places where only the name matches.
    #[arg(long)]
    pub(crate) all: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Answer from the index as it is, without looking at the tree.
    #[arg(long)]
    pub(crate) no_refresh: bool,
    /// Exit with 4 when the answer is stale.
    #[arg(long)]
    pub(crate) strict: bool,
}

const NAMES: &str = "\
A name is written as in code (Class.method, module::function, package.module.Class), as a place \
(src/a.py:12, src/a.py:12:5), as the path of a file, or as the id that --json prints.";

#[derive(Debug, ClapArgs)]
#[command(after_help = NAMES)]
pub(crate) struct NameArgs {
    /// The symbol.
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) common: GraphArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = NAMES)]
pub(crate) struct PathArgs {
    /// Where to start.
    pub(crate) from: String,
    /// Where to arrive.
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) common: GraphArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ImportsArgs {
    /// The file.
    pub(crate) file: String,
    #[command(flatten)]
    pub(crate) common: GraphArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = NAMES)]
pub(crate) struct ImpactArgs {
    /// The symbol or file that is to change.
    #[arg(value_name = "SYMBOL|FILE", required_unless_present = "diff", conflicts_with = "diff")]
    pub(crate) target: Option<String>,
    /// What has changed in the work tree since this revision instead, HEAD without one.
    #[arg(long, value_name = "REV", num_args = 0..=1, default_missing_value = "HEAD", require_equals = true)]
    pub(crate) diff: Option<String>,
    /// Print only the tests that exercise it, a line each.
    #[arg(long)]
    pub(crate) tests: bool,
    /// Steps to follow.
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) depth: usize,
    #[command(flatten)]
    pub(crate) common: GraphArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Give your agent the command `flux mcp` with the folder of the repository as working directory, or \
`flux mcp PATH`. It offers search_code, symbol, impact, context, get_suggestions and status, and changes nothing.")]
pub(crate) struct McpArgs {
    /// Folder in the tree.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Search by words and names only.
    #[arg(long)]
    pub(crate) no_vectors: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct TreeArgs {
    /// Folder in the tree.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Exit with 4 when the index is stale.
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct GcArgs {
    /// Folder in the tree.
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Remove the vectors of models other than the one in use, too.
    #[arg(long)]
    pub(crate) other_models: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
A query in double quotes inside the shell's quotes ('\"exact text\"') is literal, one in slashes \
('/fn \\w+/') is a regular expression, everything else is ranked: words, names such as Foo::bar, \
or a whole bug report.")]
pub(crate) struct SearchArgs {
    /// The query, then folders or files to search. With --batch, only the latter.
    #[arg(required_unless_present = "batch", value_name = "QUERY [PATH]")]
    pub(crate) words: Vec<String>,
    /// Read the query as literal text.
    #[arg(long, short = 'F', conflicts_with = "regex")]
    pub(crate) literal: bool,
    /// Read the query as a regular expression.
    #[arg(long, short = 'e')]
    pub(crate) regex: bool,
    /// Ignore case in literal and regex search.
    #[arg(long, short)]
    pub(crate) ignore_case: bool,
    /// Ignore case in literal and regex search unless the pattern has a capital letter.
    #[arg(long, short = 'S', conflicts_with = "ignore_case")]
    pub(crate) smart_case: bool,
    /// Match whole words only in literal and regex search.
    #[arg(long, short)]
    pub(crate) word: bool,
    /// Only files in this language; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub(crate) lang: Vec<String>,
    /// Only files that match this glob or lie in this folder; `!` in front leaves out.
    #[arg(long, value_name = "GLOB")]
    pub(crate) path: Vec<String>,
    /// Only definitions of this kind, such as function or class; may be repeated.
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// Only tests.
    #[arg(long, conflicts_with = "no_tests")]
    pub(crate) tests: bool,
    /// No tests.
    #[arg(long)]
    pub(crate) no_tests: bool,
    /// Search hidden files in literal and regex search, too.
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Most results. Ranked search gives 10 without it, literal and regex search all.
    #[arg(long, short = 'n', value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Stop before the text of the results exceeds this many tokens.
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<usize>,
    /// Lines of text shown for each result on a terminal.
    #[arg(long, value_name = "N", default_value_t = 6)]
    pub(crate) lines: usize,
    /// Show why each result is where it is.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Read queries from standard input, one a line, and print one JSON object for each.
    #[arg(long, requires = "json")]
    pub(crate) batch: bool,
    /// Exit with 4 when the answer is stale.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Search by words and names only.
    #[arg(long)]
    pub(crate) no_vectors: bool,
    /// Answer from the index as it is, without looking at the tree; fails without an index.
    #[arg(long)]
    pub(crate) no_refresh: bool,
}

/// What packs and maps have in common.
#[derive(Debug, ClapArgs)]
pub(crate) struct PackArgs {
    /// Most tokens of what is printed.
    #[arg(long, short, value_name = "N")]
    pub(crate) budget: Option<usize>,
    /// The model that will read it: counts as its tokenizer does, and never fills its window.
    /// `[[models]]` in config.toml adds models.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Leave out tests.
    #[arg(long)]
    pub(crate) no_tests: bool,
    /// Only files that match this glob or lie in this folder; `!` in front leaves out.
    #[arg(long, value_name = "GLOB")]
    pub(crate) path: Vec<String>,
    /// Search by words and names only.
    #[arg(long)]
    pub(crate) no_vectors: bool,
    /// Answer from the index as it is, without looking at the tree; fails without an index.
    #[arg(long)]
    pub(crate) no_refresh: bool,
    /// Exit with 4 when the answer is stale.
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ContextArgs {
    /// The task or question, in words.
    pub(crate) task: String,
    /// Folder in the tree.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) path_in: PathBuf,
    /// How it looks.
    #[arg(long, short, value_enum, default_value_t = PackFormatName::Markdown, value_name = "FORMAT")]
    pub(crate) format: PackFormatName,
    /// What the reader has already: a pack in JSON, or lines `path:start-end`; - reads standard
    /// input.
    #[arg(long, value_name = "FILE")]
    pub(crate) have: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) pack: PackArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PackFormatName {
    Markdown,
    Xml,
    Json,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct MapArgs {
    /// Folder in the tree; only what lies in it is shown, ranked by what matters to it.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(crate) path_in: PathBuf,
    /// The task it is for, which decides what matters.
    #[arg(long = "for", value_name = "TASK")]
    pub(crate) task: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) pack: PackArgs,
}
