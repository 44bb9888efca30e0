//! The steps of a training run as commands: arguments in, files out.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flux_embed::builtin::BuiltinModel;
use ndarray::Array2;

use crate::corpus::Corpus;
use crate::fit::Options;
use crate::measure::measure;
use crate::pairs::Purpose;
use crate::report::Figures;
use crate::suite::{self, Mixture, World};
use crate::table::{Table, floats};
use crate::vocabulary::Vocabulary;
use crate::{cache, fit as fitting, init as beginning, run};

/// The mixtures that the development questions are asked with: text alone, then what the index
/// uses.
const MIXTURES: [Mixture; 2] =
    [Mixture { context: 0.0, file: 0.0 }, Mixture { context: 3.0, file: 0.5 }];

/// Where the pairs and the pieces lie.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Data {
    /// Folder of pairs; those in its folder `held-out` are for measuring
    #[arg(long)]
    pairs: PathBuf,
    /// File of word pieces
    #[arg(long)]
    vocabulary: PathBuf,
    /// File that keeps the pairs between runs, as they are used
    #[arg(long)]
    cache: Option<PathBuf>,
}

impl Data {
    fn read(&self) -> Result<(Vocabulary, Corpus)> {
        let vocabulary = Vocabulary::load(&self.vocabulary)?;
        let corpus = cache::load(&self.pairs, &vocabulary, self.cache.as_deref())?;
        Ok((vocabulary, corpus))
    }
}

/// The model whose knowledge of words training begins with.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Teacher {
    /// Folder of a model in ONNX, such as all-MiniLM-L6-v2; without, training begins at random
    #[arg(long)]
    init_model: Option<PathBuf>,
    /// The library of the ONNX Runtime, or its folder; otherwise looked for where systems put it
    #[arg(long)]
    runtime: Option<PathBuf>,
    /// File of the pieces' vectors by such a model instead, `f32` in little endian
    #[arg(long, conflicts_with = "init_model")]
    vectors: Option<PathBuf>,
}

impl Teacher {
    /// Whether there is one.
    pub(crate) fn is_given(&self) -> bool {
        self.init_model.is_some() || self.vectors.is_some()
    }

    /// Its vector of each piece.
    pub(crate) fn vectors(&self, vocabulary: &Vocabulary) -> Result<Array2<f32>> {
        let pieces = vocabulary.pieces.len();
        let numbers = match (&self.vectors, &self.init_model) {
            (Some(file), _) => floats(file)?,
            (None, Some(folder)) => {
                let model = beginning::open(folder, self.runtime.clone())?;
                beginning::piece_vectors(model.as_ref(), vocabulary)?
            }
            (None, None) => anyhow::bail!("no model to begin with\nhint: pass --init-model"),
        };
        Ok(Array2::from_shape_vec((pieces, numbers.len() / pieces), numbers)?)
    }
}

/// What `flux-train init` is told.
#[derive(clap::Args)]
pub(crate) struct InitArguments {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    teacher: Teacher,
    /// Numbers in a row
    #[arg(long, default_value_t = 256)]
    dimensions: usize,
    /// File to write
    #[arg(long)]
    out: PathBuf,
}

/// Makes the rows to begin with.
pub(crate) fn init(arguments: &InitArguments) -> Result<()> {
    let (vocabulary, corpus) = arguments.data.read()?;
    let vectors = arguments.teacher.vectors(&vocabulary)?;
    let occurrences = corpus.occurrences(vocabulary.pieces.len());
    let rows = beginning::rows(&vectors, &occurrences, arguments.dimensions);
    let bytes: Vec<u8> = rows.iter().flat_map(|number| number.to_le_bytes()).collect();
    fs::write(&arguments.out, bytes).with_context(|| arguments.out.display().to_string())
}

/// What `flux-train fit` is told.
#[derive(clap::Args)]
pub(crate) struct FitArguments {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    options: Options,
    /// File of rows to begin with; random ones otherwise
    #[arg(long)]
    init: Option<PathBuf>,
    /// File to write the table to
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    questions: Questions,
}

/// Trains a table and says how good it is.
pub(crate) fn fit(arguments: &FitArguments) -> Result<()> {
    let (vocabulary, corpus) = arguments.data.read()?;
    let pairs = corpus.select(Purpose::Training);
    println!("{} pairs for training, {} in all", pairs.len(), corpus.pairs.len());
    let options = &arguments.options;
    let pieces = vocabulary.pieces.len();
    let mut table = match &arguments.init {
        Some(path) => Table::from_rows(pieces, floats(path)?)?,
        None => Table::random(pieces, options.dimensions, options.seed),
    };
    fitting::fit(&corpus, &pairs, &mut table, options);
    table.save(&arguments.out)?;
    let figures = figures(&corpus, &arguments.questions.load(&vocabulary)?, &table);
    println!("{}\n{}", figures.columns(), figures.line());
    Ok(())
}

/// The development questions, if they are to be asked.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Questions {
    /// Folder of development questions
    #[arg(long, requires = "corpus")]
    suite: Option<PathBuf>,
    /// Folder of the repositories that they are about
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Folder for the indexes of those repositories, kept between runs
    #[arg(long)]
    indexes: Option<PathBuf>,
}

impl Questions {
    /// The questions and the repositories that they are about.
    pub(crate) fn load(&self, vocabulary: &Vocabulary) -> Result<Vec<World>> {
        let (Some(suite), Some(corpus)) = (&self.suite, &self.corpus) else {
            return Ok(Vec::new());
        };
        let indexes = self.indexes.clone().unwrap_or_else(|| suite.join("indexes"));
        vocabulary.with_table(|table| suite::load(suite, corpus, &indexes, &table))?
    }
}

/// Every figure that can be had of a table.
pub(crate) fn figures(corpus: &Corpus, worlds: &[World], table: &Table) -> Figures {
    let held_out = corpus.select(Purpose::HeldOut);
    let mixtures = if worlds.is_empty() { &[][..] } else { &MIXTURES };
    let ask = |mixture: &Mixture| (*mixture, suite::ask(worlds, table, *mixture));
    Figures {
        held_out: (!held_out.is_empty()).then(|| measure(corpus, &held_out, table)),
        questions: mixtures.iter().map(ask).collect(),
    }
}

/// What `flux-train evaluate` is told.
#[derive(clap::Args)]
pub(crate) struct EvaluateArguments {
    /// The model's file
    #[arg(long)]
    model: PathBuf,
    /// Folder of pairs
    #[arg(long)]
    pairs: Option<PathBuf>,
    #[command(flatten)]
    questions: Questions,
}

/// Measures a model.
pub(crate) fn evaluate(arguments: &EvaluateArguments) -> Result<()> {
    let (vocabulary, table) = open(&arguments.model)?;
    let corpus = match &arguments.pairs {
        Some(pairs) => cache::load(pairs, &vocabulary, None)?,
        None => Corpus::default(),
    };
    let worlds = arguments.questions.load(&vocabulary)?;
    println!("{}", figures(&corpus, &worlds, &table).tables());
    Ok(())
}

/// The pieces and numbers of a model's file.
fn open(path: &Path) -> Result<(Vocabulary, Table)> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let model = BuiltinModel::new(bytes)?;
    model.verify()?;
    let weights = model.weights();
    let table = weights.pieces();
    let text = |piece| String::from_utf8_lossy(table.text(piece)).into_owned();
    let pieces = (0..table.len() as u16).map(text).collect();
    Ok((Vocabulary { pieces, starts: table.starts() }, Table::of_weights(weights)))
}

/// What `flux-train export` is told.
#[derive(clap::Args)]
pub(crate) struct ExportArguments {
    /// File of word pieces
    #[arg(long)]
    vocabulary: PathBuf,
    /// Tables, the mean of which is taken
    #[arg(long, required = true)]
    table: Vec<PathBuf>,
    /// File of rows that training began with
    #[arg(long)]
    init: Option<PathBuf>,
    /// Share of those rows that is mixed in
    #[arg(long, default_value_t = 0.0)]
    mix: f32,
    /// Version of the model, part of its name
    #[arg(long, default_value_t = 1)]
    version: u32,
    /// File to write
    #[arg(long)]
    out: PathBuf,
}

/// Writes a model's file.
pub(crate) fn export(arguments: &ExportArguments) -> Result<()> {
    let vocabulary = Vocabulary::load(&arguments.vocabulary)?;
    let load = |path: &PathBuf| Table::load(path, vocabulary.pieces.len());
    let tables: Vec<Table> = arguments.table.iter().map(load).collect::<Result<_>>()?;
    let mut table = Table::mean(&tables);
    if let Some(init) = &arguments.init {
        let rows = floats(init)?;
        ensure!(rows.len() == table.rows.len(), "{} has another size", init.display());
        table.mix(&rows, arguments.mix);
    }
    println!("{}", run::save(&vocabulary, &table, arguments.version, &arguments.out)?);
    Ok(())
}
