//! The word pieces: which words get a vector of their own, and which parts spell the others.
//!
//! Words are chosen by how often they occur, damped, times the number of repositories they occur
//! in, so that one repository's own vocabulary does not fill the table. What is left over is
//! spelt with the parts that save the most letters.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flux_embed::builtin::tokenizer::for_each_word;
use flux_embed::builtin::{PieceTable, table_bytes};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::pairs::{self, Purpose, Repository};

/// Pieces that spell rare words take this share of the table; the words that have a vector of
/// their own cover all but about one in a hundred occurrences without them.
const SPELLING: f64 = 0.1;
/// A word of fewer repositories is a name that other repositories will not have: it teaches
/// nothing, and its vector would be noise.
const FEWEST_REPOSITORIES: u32 = 3;
/// Longest spelling piece in characters.
const LONGEST_PART: usize = 6;
const CONTINUES: &str = "##";

/// The pieces of a model, those that begin a word first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Vocabulary {
    /// The texts of the pieces.
    pub(crate) pieces: Vec<String>,
    /// How many of them begin a word.
    pub(crate) starts: usize,
}

/// What `flux-train vocabulary` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of pairs
    #[arg(long)]
    pairs: PathBuf,
    /// Number of pieces
    #[arg(long, default_value_t = 32_000)]
    size: usize,
    /// File to write
    #[arg(long)]
    out: PathBuf,
}

/// Makes the vocabulary of a folder of pairs.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut repositories = pairs::repositories(&arguments.pairs)?;
    repositories.retain(|repository| repository.purpose == Purpose::Training);
    let vocabulary = learn(&repositories, arguments.size)?;
    println!("{} pieces, {} begin a word", vocabulary.pieces.len(), vocabulary.starts);
    vocabulary.save(&arguments.out)
}

impl Vocabulary {
    /// Writes one piece a line; what continues a word begins with `##`.
    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        let lines: Vec<String> = (self.pieces.iter().enumerate())
            .map(|(at, piece)| if at < self.starts { piece.clone() } else { format!("##{piece}") })
            .collect();
        fs::write(path, lines.join("\n"))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Reads what [`Vocabulary::save`] wrote.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let lines: Vec<&str> = text.lines().collect();
        let starts = lines.iter().take_while(|line| !line.starts_with(CONTINUES)).count();
        let piece = |line: &&str| line.strip_prefix(CONTINUES).unwrap_or(line).to_owned();
        Ok(Self { pieces: lines.iter().map(piece).collect(), starts })
    }

    /// Calls `then` with the table of the pieces.
    pub(crate) fn with_table<T>(&self, then: impl FnOnce(PieceTable<'_>) -> T) -> Result<T> {
        let (slots, offsets, strings) = table_bytes(&self.pieces, self.starts);
        Ok(then(PieceTable::new(&slots, &offsets, &strings, self.starts)?))
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    occurrences: u64,
    repositories: u32,
}

/// The `size` pieces for the texts of these repositories.
pub(crate) fn learn(repositories: &[Repository], size: usize) -> Result<Vocabulary> {
    ensure!(size < usize::from(u16::MAX), "a vocabulary has at most {} pieces", u16::MAX - 1);
    let words = count(repositories)?;
    let mut ranked: Vec<(&str, Count)> =
        words.iter().map(|(word, n)| (word.as_str(), *n)).collect();
    let worth = |count: &Count| (count.occurrences as f64).sqrt() * f64::from(count.repositories);
    let is_rare = |count: &Count| count.repositories < FEWEST_REPOSITORIES;
    ranked.sort_by(|a, b| {
        let by_worth = || worth(&b.1).total_cmp(&worth(&a.1));
        is_rare(&a.1).cmp(&is_rare(&b.1)).then_with(by_worth).then_with(|| a.0.cmp(b.0))
    });
    let letters: Vec<String> =
        ('a'..='z').chain('0'..='9').map(|letter| letter.to_string()).collect();
    let parts = (size as f64 * SPELLING) as usize;
    let common = ranked.iter().take_while(|(_, count)| !is_rare(count)).count();
    let whole = size.saturating_sub(parts + 2 * letters.len()).min(common);
    let (chosen, rest) = ranked.split_at(whole);
    let (begin, continued) = spelling(rest, parts);
    let mut starts: Vec<String> = chosen.iter().map(|(word, _)| (*word).to_owned()).collect();
    extend(&mut starts, letters.iter().cloned().chain(begin));
    let mut continuations = Vec::new();
    extend(&mut continuations, letters.into_iter().chain(continued));
    let count = starts.len();
    starts.extend(continuations);
    Ok(Vocabulary { pieces: starts, starts: count })
}

fn extend(pieces: &mut Vec<String>, more: impl Iterator<Item = String>) {
    let mut known: rustc_hash::FxHashSet<String> = pieces.iter().cloned().collect();
    pieces.extend(more.filter(|piece| known.insert(piece.clone())));
}

fn count(repositories: &[Repository]) -> Result<FxHashMap<String, Count>> {
    let counted: Vec<FxHashMap<String, u64>> =
        repositories.par_iter().map(count_one).collect::<Result<_>>()?;
    let mut all: FxHashMap<String, Count> = FxHashMap::default();
    for (word, occurrences) in counted.into_iter().flatten() {
        let count = all.entry(word).or_default();
        count.occurrences += occurrences;
        count.repositories += 1;
    }
    Ok(all)
}

fn count_one(repository: &Repository) -> Result<FxHashMap<String, u64>> {
    let mut words: FxHashMap<String, u64> = FxHashMap::default();
    let mut add = |text: &str| {
        for_each_word(text, |word| {
            let word = String::from_utf8_lossy(word);
            match words.get_mut(word.as_ref()) {
                Some(count) => *count += 1,
                None => drop(words.insert(word.into_owned(), 1)),
            }
        });
    };
    pairs::for_each(repository, |pair| {
        add(&pair.query);
        add(&pair.context);
        add(&pair.text);
    })?;
    Ok(words)
}

/// Beginnings and continuations that spell the rest of the words, `count` of them in all.
fn spelling(rest: &[(&str, Count)], count: usize) -> (Vec<String>, Vec<String>) {
    let mut saved: FxHashMap<(bool, &str), u64> = FxHashMap::default();
    for (word, found) in rest {
        let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
        for from in 0..ends.len() - 1 {
            for length in 2..=LONGEST_PART.min(ends.len() - 1 - from) {
                let part = &word[ends[from]..ends[from + length]];
                let occurrences = found.occurrences.min(1000) * u64::from(found.repositories);
                *saved.entry((from > 0, part)).or_default() += occurrences * (length as u64 - 1);
            }
        }
    }
    let mut ranked: Vec<((bool, &str), u64)> = saved.into_iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let (mut begin, mut continued) = (Vec::new(), Vec::new());
    for ((continues, part), _) in ranked.into_iter().take(count) {
        if continues { &mut continued } else { &mut begin }.push(part.to_owned());
    }
    (begin, continued)
}
