//! All of a training run in one command: pairs in, the model and its report out.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flux_embed::builtin::BuiltinModel;
use flux_embed::builtin::format::{Trained, write};

use crate::commands::{Questions, Teacher, figures};
use crate::corpus::Corpus;
use crate::fit::{Options, fit};
use crate::pairs::{self, Purpose};
use crate::table::Table;
use crate::vocabulary::{self, Vocabulary};
use crate::{cache, init, report};

/// Shares of the pairs for the learning curve.
const CURVE: [f32; 2] = [0.25, 0.5];

/// What `flux-train run` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of pairs; those in its folder `held-out` are for measuring
    #[arg(long)]
    pairs: PathBuf,
    /// Folder for what is made on the way
    #[arg(long)]
    work: PathBuf,
    /// Number of pieces
    #[arg(long, default_value_t = 32_000)]
    size: usize,
    #[command(flatten)]
    teacher: Teacher,
    #[command(flatten)]
    options: Options,
    /// Trainings with different seeds, the mean of which becomes the model
    #[arg(long, default_value_t = 2)]
    seeds: u64,
    /// Share of the rows it began with that is mixed back in; 0.15 cost 0.006 nDCG on text alone
    #[arg(long, default_value_t = 0.0)]
    mix: f32,
    #[command(flatten)]
    questions: Questions,
    /// Version of the model, part of its name
    #[arg(long)]
    version: u32,
    /// The model's file
    #[arg(long)]
    out: PathBuf,
    /// The report's file
    #[arg(long)]
    report: PathBuf,
}

/// Makes the model and its report.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let work = &arguments.work;
    fs::create_dir_all(work).with_context(|| work.display().to_string())?;
    let vocabulary = pieces(arguments)?;
    let corpus = cache::load(&arguments.pairs, &vocabulary, Some(&work.join("pairs.cache")))?;
    let beginning = beginning(arguments, &vocabulary, &corpus)?;
    let worlds = arguments.questions.load(&vocabulary)?;
    let mut curve = Vec::new();
    for share in CURVE {
        let options = Options { share, ..arguments.options.clone() };
        curve.push((
            format!("{:.0} % of the pairs", share * 100.0),
            trained(&corpus, &beginning, &options),
        ));
    }
    let mut tables = Vec::new();
    for seed in 1..=arguments.seeds {
        let options = Options { seed, ..arguments.options.clone() };
        tables.push(trained(&corpus, &beginning, &options));
        tables
            .last()
            .map_or(Ok(()), |table| table.save(&work.join(format!("table-{seed}.f32"))))?;
    }
    curve.push(("all pairs".to_owned(), tables[0].clone()));
    let mut table = Table::mean(&tables);
    if arguments.teacher.is_given() {
        table.mix(&beginning.rows, arguments.mix);
    }
    let name = save(&vocabulary, &table, arguments.version, &arguments.out)?;
    let model = BuiltinModel::new(fs::read(&arguments.out)?)?;
    curve.push((
        format!("mean of {} trainings, 8 bits: the model", tables.len()),
        Table::of_weights(model.weights()),
    ));
    let figures: Vec<_> =
        curve.iter().map(|(name, table)| (name, figures(&corpus, &worlds, table))).collect();
    let last = &figures.last().expect("the model itself is among them").1;
    let columns = last.columns();
    let mut text = format!(
        "# Training report of `{name}`\n\nWritten by `flux-train run`; by hand nothing is changed \
         here.\n\n| trained on | {columns} |\n|---|{}\n",
        "---|".repeat(columns.split('|').count())
    );
    for (name, figures) in &figures {
        text += &format!("| {name} | {} |\n", figures.line());
    }
    text += &format!("\n{}\n{}", report::data(&corpus), last.tables());
    fs::write(&arguments.report, text).with_context(|| arguments.report.display().to_string())
}

fn pieces(arguments: &Arguments) -> Result<Vocabulary> {
    let mut repositories = pairs::repositories(&arguments.pairs)?;
    repositories.retain(|repository| repository.purpose == Purpose::Training);
    let vocabulary = vocabulary::learn(&repositories, arguments.size)?;
    vocabulary.save(&arguments.work.join("vocabulary.txt"))?;
    Ok(vocabulary)
}

fn beginning(arguments: &Arguments, vocabulary: &Vocabulary, corpus: &Corpus) -> Result<Table> {
    let (pieces, dimensions) = (vocabulary.pieces.len(), arguments.options.dimensions);
    if !arguments.teacher.is_given() {
        return Ok(Table::random(pieces, dimensions, arguments.options.seed));
    }
    let vectors = arguments.teacher.vectors(vocabulary)?;
    Table::from_rows(pieces, init::rows(&vectors, &corpus.occurrences(pieces), dimensions))
}

fn trained(corpus: &Corpus, beginning: &Table, options: &Options) -> Table {
    let mut table = beginning.clone();
    fit(corpus, &corpus.select(Purpose::Training), &mut table, options);
    table
}

/// Writes the model's file; its name.
pub(crate) fn save(
    vocabulary: &Vocabulary,
    table: &Table,
    version: u32,
    out: &Path,
) -> Result<String> {
    let file = write(&Trained {
        version,
        pieces: &vocabulary.pieces,
        starts: vocabulary.starts,
        rows: &table.rows,
        weights: &table.weights,
    });
    let model = BuiltinModel::new(file.clone())?;
    model.verify()?;
    fs::write(out, file).with_context(|| format!("cannot write {}", out.display()))?;
    Ok(model.weights().name())
}
