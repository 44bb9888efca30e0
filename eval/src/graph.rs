//! `flux-eval graph`: judges a symbol graph against what compilers say.
//!
//! A truth file lists every identifier of a project with the place it leads to; the makers of such
//! files lie in `eval/graph`. A graph comes from `flux`, run as a user would run it, or from a file
//! that any tool wrote.
//!
//! Reading order: [`lines`] (what is read), [`truth`] and [`answers`] (laid out), [`references`],
//! [`calls`] and [`definitions`] (judged), [`figures`], [`report`]; [`sample`] (edges for a reader).

mod answers;
mod calls;
mod definitions;
mod figures;
mod kinds;
mod lines;
mod mistakes;
mod names;
mod references;
mod report;
pub(crate) mod sample;
mod tool;
mod truth;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;

use crate::print_text;
use answers::Answers;
use figures::Figures;
use lines::{ToolLine, TruthLine};
use mistakes::Mistakes;
use names::Names;
use truth::{Rules, Truth};

/// Arguments of `flux-eval graph`.
#[derive(Args)]
pub(crate) struct GraphArgs {
    /// Truth files, or folders of them; a file is named after its project.
    #[arg(long, required = true, num_args = 1..)]
    truth: Vec<PathBuf>,
    /// The flux binary.
    #[arg(long, default_value = "flux")]
    flux: PathBuf,
    /// The folder that holds one checkout per project, at the revision of the truth.
    #[arg(long, required_unless_present = "tool")]
    corpus: Option<PathBuf>,
    /// Judges the lines of this file instead of running flux; for one truth file.
    #[arg(long, conflicts_with = "corpus")]
    tool: Option<PathBuf>,
    /// Only these projects.
    #[arg(long, num_args = 1..)]
    only: Vec<String>,
    /// Calls inside nested functions belong to the outermost function around them.
    #[arg(long)]
    fold: bool,
    /// A trait's method is right where the truth is its implementation.
    #[arg(long)]
    lenient: bool,
    /// How many mistakes of each project are shown, spread over all of them.
    #[arg(long, default_value_t = 0)]
    errors: usize,
    /// Only mistakes whose kind begins so: ref-miss, ref-fp, loc-miss, call-miss, call-fp, def-fp.
    #[arg(long, default_value = "")]
    kind: String,
    /// Where to save every figure, by project.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// A project with its figures.
struct Project {
    name: String,
    language: String,
    figures: Figures,
    /// What indexing from nothing took.
    seconds: Option<f64>,
    /// What the compiler's tool took.
    compiler_seconds: Option<f64>,
    mistakes: Vec<String>,
}

/// Judges every project and prints the report.
pub(crate) fn command(arguments: &GraphArgs) -> anyhow::Result<()> {
    let files = truth_files(arguments)?;
    ensure!(!files.is_empty(), "no truth file is left\nhint: they end in .jsonl or .jsonl.gz");
    ensure!(arguments.tool.is_none() || files.len() == 1, "--tool needs exactly one truth file");
    let mut projects = Vec::new();
    for (name, file) in &files {
        let project = judge_project(arguments, name, file);
        projects.push(project.with_context(|| format!("project {name}"))?);
    }
    if let Some(path) = &arguments.json {
        let figures = projects.iter().map(|one| (&one.name, &one.figures));
        let figures: BTreeMap<&String, &Figures> = figures.collect();
        let text = serde_json::to_string_pretty(&figures)? + "\n";
        fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    let mut text = report::text(&projects);
    for project in projects.iter().filter(|project| !project.mistakes.is_empty()) {
        text += &format!("\nmistakes in {}\n", project.name);
        project.mistakes.iter().for_each(|line| text += &format!("  {line}\n"));
    }
    print_text(&text)
}

/// Truth files by project, in order of name.
fn truth_files(arguments: &GraphArgs) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    for given in &arguments.truth {
        let paths = if given.is_dir() {
            let entries = fs::read_dir(given).with_context(|| given.display().to_string())?;
            entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<PathBuf>>>()?
        } else {
            vec![given.clone()]
        };
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let stem = name.strip_suffix(".gz").unwrap_or(&name).strip_suffix(".jsonl");
            let Some(project) = stem else { continue };
            if arguments.only.is_empty() || arguments.only.iter().any(|only| only == project) {
                files.insert(project.to_owned(), path);
            }
        }
    }
    Ok(files)
}

fn judge_project(arguments: &GraphArgs, name: &str, file: &Path) -> anyhow::Result<Project> {
    let rules = Rules { is_lenient: arguments.lenient, folds: arguments.fold };
    let truth = lines::parse::<TruthLine>(&lines::read(file)?)?;
    let mut names = Names::default();
    let truth = Truth::new(truth, &mut names, rules);
    let (text, seconds) = match (&arguments.tool, &arguments.corpus) {
        (Some(tool), _) => (lines::read(tool)?, None),
        (None, Some(corpus)) => {
            let graph = tool::graph(&arguments.flux, &corpus.join(name), &truth.meta.rev)?;
            (graph.text, Some(graph.seconds))
        }
        (None, None) => anyhow::bail!("neither a corpus nor a tool's file"),
    };
    let answers = Answers::new(lines::parse::<ToolLine>(&text)?, &truth, &mut names);
    let mut mistakes = match arguments.errors {
        0 => Mistakes::default(),
        _ => Mistakes::wanted(&arguments.kind),
    };
    let figures = judge(&truth, &answers, &names, &mut mistakes);
    Ok(Project {
        name: name.to_owned(),
        language: truth.meta.lang,
        figures,
        seconds,
        compiler_seconds: truth.meta.seconds,
        mistakes: mistakes.sample(arguments.errors),
    })
}

/// Every figure of one project.
fn judge(truth: &Truth, answers: &Answers, names: &Names, mistakes: &mut Mistakes) -> Figures {
    let mut figures = Figures {
        definitions: definitions::judge(truth, answers, names, mistakes),
        ..Figures::default()
    };
    references::judge(truth, answers, names, mistakes, &mut figures);
    calls::judge(truth, answers, names, mistakes, &mut figures);
    figures
}

#[cfg(test)]
mod tests;
