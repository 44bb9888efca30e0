//! The figures of a training run as Markdown.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::corpus::Corpus;
use crate::measure::Mean;
use crate::pairs::Purpose;
use crate::suite::{Mixture, Scores};

/// Figures of one model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// Documentation to function, over all languages and for each.
    pub(crate) held_out: Option<(Mean, BTreeMap<String, Mean>)>,
    /// Development questions, for each mixture that was tried.
    pub(crate) questions: Vec<(Mixture, Scores)>,
}

impl Figures {
    /// One line: the mean reciprocal rank, then the nDCG of each mixture.
    pub(crate) fn line(&self) -> String {
        let held_out = self.held_out.as_ref().map(|(all, _)| format!("{:.4}", all.reciprocal_rank));
        let questions = self.questions.iter().map(|(_, scores)| format!("{:.4}", scores.mean));
        held_out.into_iter().chain(questions).collect::<Vec<_>>().join(" | ")
    }

    /// The names of the columns of [`Figures::line`].
    pub(crate) fn columns(&self) -> String {
        let held_out = self.held_out.as_ref().map(|_| "held-out MRR".to_owned());
        let mixture = |(mixture, _): &(Mixture, Scores)| {
            format!("nDCG@10, context {} file {}", mixture.context, mixture.file)
        };
        held_out
            .into_iter()
            .chain(self.questions.iter().map(mixture))
            .collect::<Vec<_>>()
            .join(" | ")
    }

    /// All figures.
    pub(crate) fn tables(&self) -> String {
        let mut text = String::new();
        if let Some((all, languages)) = &self.held_out {
            text += "## Documentation to function, held-out repositories\n\n\
                     Mean reciprocal rank of the right function among 1000 \
                     (a language with fewer: among all it has).\n\n\
                     | language | questions | MRR |\n|---|---|---|\n";
            add_mean(&mut text, "all", all);
            languages.iter().for_each(|(language, mean)| add_mean(&mut text, language, mean));
        }
        for (mixture, scores) in &self.questions {
            add(
                &mut text,
                format_args!(
                    "\n## Development questions, context {} file {}\n\n\
                 File-level nDCG@10 of the model alone: mean over repositories {:.4}.\n\n\
                 | category or repository | nDCG@10 |\n|---|---|\n",
                    mixture.context, mixture.file, scores.mean
                ),
            );
            for (name, score) in scores
                .categories
                .iter()
                .chain(scores.repositories.iter().map(|(name, score)| (name, score)))
            {
                add(&mut text, format_args!("| {name} | {score:.3} |\n"));
            }
        }
        text
    }
}

fn add_mean(text: &mut String, name: &str, mean: &Mean) {
    add(text, format_args!("| {name} | {} | {:.4} |\n", mean.questions, mean.reciprocal_rank));
}

fn add(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("a string takes all that is written to it");
}

/// What the model learnt from: pairs by kind and language.
pub(crate) fn data(corpus: &Corpus) -> String {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let (mut kinds, mut languages) = (BTreeMap::new(), BTreeMap::new());
    for pair in corpus.select(Purpose::Training) {
        let facts = &corpus.pairs[pair as usize];
        let kind = corpus.kinds[usize::from(facts.kind)].as_str();
        let language = corpus.languages[usize::from(facts.language)].as_str();
        *counts.entry((language, kind)).or_default() += 1;
        *kinds.entry(kind).or_insert(0_usize) += 1;
        *languages.entry(language).or_insert(0_usize) += 1;
    }
    let repositories = corpus.purposes.iter().filter(|one| **one == Purpose::Training).count();
    let mut text = format!(
        "## Data\n\n{} pairs from {repositories} repositories, after leaving out what occurs \
         twice or in a held-out repository.\n\n| language | all | {} |\n|---|{}\n",
        kinds.values().sum::<usize>(),
        kinds.keys().copied().collect::<Vec<_>>().join(" | "),
        "---|".repeat(kinds.len() + 1),
    );
    let mut row = |name: &str, all: usize, count: &dyn Fn(&str) -> usize| {
        let cells: Vec<String> = kinds.keys().map(|kind| count(kind).to_string()).collect();
        add(&mut text, format_args!("| {name} | {all} | {} |\n", cells.join(" | ")));
    };
    row("all", kinds.values().sum(), &|kind| kinds[kind]);
    for (language, all) in &languages {
        row(language, *all, &|kind| counts.get(&(*language, kind)).copied().unwrap_or(0));
    }
    text
}
