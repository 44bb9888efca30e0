//! `flux-eval` measures the quality of search: it asks the `flux` binary, as a user would, the
//! questions of a set whose answers are known, and scores the ranks of the right answers.
//!
//! It drives the binary and not the libraries, so that runs of different versions, and of other
//! tools that print the same lines, can be compared.
//!
//! Reading order: [`suite`] (questions), [`tool`] (asking), [`metrics`] (one question's scores),
//! [`run`] and [`report`] (all of them), [`compare`], [`explain`], [`mine`] (making a set), [`tune`]
//! and [`train_ranker`] (learning from sets), [`graph`] (symbol graphs),
//! [`localise`] (windows), [`companions`] (suggestions).
#![expect(clippy::print_stderr, reason = "it talks to its user while it works")]

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

mod aggregate;
mod bootstrap;
mod companions;
mod compare;
mod csv;
mod explain;
mod graph;
mod localise;
mod metrics;
mod mine;
mod paraphrase;
mod rank;
mod report;
mod run;
mod suite;
mod tool;
mod torture;
mod train_ranker;
mod tune;

/// Measures the quality of search.
#[derive(Parser)]
#[command(name = "flux-eval", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Asks every question of a set and prints the scores.
    Run(RunArgs),
    /// Compares two saved runs question by question.
    Compare(CompareArgs),
    /// Asks one question and shows where each of its targets ranks, and why.
    Explain(ExplainArgs),
    /// Builds a set from what repositories say about themselves: a doc comment is a question, its
    /// function the answer, and the comments are blanked in a copy of the sources.
    Mine(MineArgs),
    /// Checks that no question of a set shares a word with the files that answer it.
    Paraphrase(paraphrase::ParaphraseArgs),
    /// Judges a symbol graph against what compilers say about the same sources.
    Graph(graph::GraphArgs),
    /// Draws edges of a project's graph to be judged by reading.
    SampleEdges(graph::sample::SampleArgs),
    /// Measures whether the window for a task holds what the task changes.
    Localise(localise::LocaliseArgs),
    /// Replays histories: are the files that "usually change as well" the right ones?
    Companions(companions::CompanionsArgs),
    /// Tries what `flux` promises under bad conditions: kills, crowds, odd patterns.
    Torture(torture::TortureArgs),
    /// Looks for better numbers of the ranking by coordinate ascent and prints them.
    Tune(TuneArgs),
    /// Learns to rank from sets of questions, measures it on repositories that were not learned
    /// from, and writes the model's file.
    TrainRanker(train_ranker::TrainArgs),
    /// Shows what each retriever is worth alone, and each group of features by leaving it out.
    Ablate(rank::ablate::AblateArgs),
    /// Shows what each retriever and the ranking find, by language.
    Retrievers(rank::retrievers::RetrieversArgs),
}

/// Sets of questions that are answered in this process.
#[derive(Args)]
struct SetsArgs {
    /// Sets of questions, each in either layout; their means count alike.
    #[arg(long, required = true)]
    suite: Vec<PathBuf>,
    /// For each set the folder of its sources.
    #[arg(long, required = true)]
    corpus: Vec<PathBuf>,
    /// Where the indexes lie, to be reused by the next run.
    #[arg(long)]
    index_dir: PathBuf,
    /// Searches by words and names alone.
    #[arg(long)]
    no_vectors: bool,
}

/// The questions, and the sources they are about.
#[derive(Args)]
struct SuiteArgs {
    /// A folder with repos.json and annotations/, or a file of JSON lines such as `mine` makes.
    #[arg(long)]
    suite: PathBuf,
    /// The folder that holds one folder of sources per repository.
    #[arg(long)]
    corpus: PathBuf,
    /// The flux binary.
    #[arg(long, default_value = "flux")]
    flux: PathBuf,
}

#[derive(Args)]
struct RunArgs {
    #[command(flatten)]
    suite: SuiteArgs,
    /// Only these repositories.
    #[arg(long, num_args = 1..)]
    only: Vec<String>,
    /// Where to save the run for `compare`.
    #[arg(long)]
    out: PathBuf,
    /// Where to write one line per question, to be committed as a baseline.
    #[arg(long)]
    csv: Option<PathBuf>,
}

#[derive(Args)]
struct CompareArgs {
    /// The run to start from.
    before: PathBuf,
    /// The run to judge.
    after: PathBuf,
    /// How many of the questions that lost most are shown.
    #[arg(long, default_value_t = 0)]
    worst: usize,
}

#[derive(Args)]
struct ExplainArgs {
    #[command(flatten)]
    suite: SuiteArgs,
    /// The repository the question is about.
    #[arg(long)]
    repo: String,
    /// The question, as the set words it.
    #[arg(long)]
    query: String,
}

#[derive(Args)]
struct MineArgs {
    /// The folder that holds one folder of sources per repository.
    #[arg(long)]
    corpus: PathBuf,
    /// Where to write the questions, as JSON lines.
    #[arg(long)]
    out: PathBuf,
    /// Where to write the copies without doc comments; searches run against these.
    #[arg(long)]
    stripped: PathBuf,
    /// Only these repositories.
    #[arg(long, num_args = 1..)]
    only: Vec<String>,
    /// Most questions taken from one repository.
    #[arg(long, default_value_t = 50)]
    per_repo: usize,
    /// Where the questions come from; kinds take turns until the repository has given enough.
    #[arg(long, num_args = 1.., value_enum, default_values_t = [mine::Kind::Doc])]
    kinds: Vec<mine::Kind>,
    /// Takes exactly the questions of this file, written by `--write-ids`, and fails if one is
    /// missing or worded differently.
    #[arg(long)]
    ids: Option<PathBuf>,
    /// Where to write the ids of the questions: places and hashes, no text of the sources.
    #[arg(long)]
    write_ids: Option<PathBuf>,
}

#[derive(Args)]
struct TuneArgs {
    #[command(flatten)]
    sets: SetsArgs,
    /// How often every number is tried at most.
    #[arg(long, default_value_t = 2)]
    rounds: usize,
    /// Only these numbers.
    #[arg(long, num_args = 1..)]
    only: Vec<String>,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run(arguments) => run::command(&arguments),
        Command::Compare(arguments) => compare::command(&arguments),
        Command::Explain(arguments) => explain::command(&arguments),
        Command::Mine(arguments) => mine::command(&arguments),
        Command::Paraphrase(arguments) => paraphrase::command(&arguments),
        Command::Graph(arguments) => graph::command(&arguments),
        Command::SampleEdges(arguments) => graph::sample::command(&arguments),
        Command::Localise(arguments) => localise::command(&arguments),
        Command::Companions(arguments) => companions::command(&arguments),
        Command::Torture(arguments) => torture::command(&arguments),
        Command::Tune(arguments) => tune::command(&arguments),
        Command::TrainRanker(arguments) => train_ranker::command(&arguments),
        Command::Ablate(arguments) => rank::ablate::command(&arguments),
        Command::Retrievers(arguments) => rank::retrievers::command(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flux-eval: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a report. Whoever reads it may stop early, as `head` does.
fn print_text(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
