//! `flux-eval ablate`: what each retriever is worth alone, and what is lost without each group of
//! features. Learned rows are learned anew for each, and asked only about unseen repositories.

use std::time::Instant;

use clap::Args;
use flux_engine::query::rank::features::Group;
use flux_engine::query::rank::model::Models;
use flux_engine::query::{Feature, Parameters, Ranking};

use super::examples::{Examples, asked};
use super::folds::{self, Row, fitted, held_out};
use super::opened::Set;
use crate::SetsArgs;
use crate::train_ranker::GrowthArgs;

/// Arguments of `flux-eval ablate`.
#[derive(Args)]
pub(crate) struct AblateArgs {
    #[command(flatten)]
    sets: SetsArgs,
    #[command(flatten)]
    growth: GrowthArgs,
}

/// Groups of features that stand for one retriever each.
const ALONE: &[(&str, &[Group])] = &[
    ("words alone", &[Group::Words]),
    ("names alone", &[Group::Names, Group::Path]),
    ("meaning alone", &[Group::Meaning]),
    ("words and meaning", &[Group::Words, Group::Meaning]),
];

/// Runs `flux-eval ablate`.
pub(crate) fn command(arguments: &AblateArgs) -> anyhow::Result<()> {
    let sets = Set::open_all(&arguments.sets)?;
    let ranking = Ranking::unlearned(Parameters::DEFAULT);
    let examples = Examples::collect(&sets, &ranking, arguments.growth.every)?;
    let start = Models { words: arguments.growth.start(), names: arguments.growth.start() };
    let mut rows: Vec<Row> = Vec::new();
    for (name, groups) in ALONE {
        let others = Group::ALL.iter().filter(|group| !groups.contains(group));
        let others: Vec<Group> = others.copied().collect();
        rows.push(fitted(&examples.without(&others), name, &start));
    }
    rows.push(fitted(&examples, "all retrievers, not learned", &start));
    rows.push(asked_in_full(&sets, arguments.growth.every)?);
    rows.extend(learned(&examples, "ranked", &[], &arguments.growth));
    for group in Group::ALL.iter().filter(|group| **group != Group::Use) {
        let name = format!("ranked without {}", group.as_str());
        rows.extend(learned(&examples, &name, &[*group], &arguments.growth));
    }
    crate::print_text(&folds::table(&examples, &rows))
}

/// The search that is in use, with everything that follows ranking.
fn asked_in_full(sets: &[Set], every: usize) -> anyhow::Result<Row> {
    let mut scores = Vec::new();
    let start = Instant::now();
    for opened in sets.iter().flat_map(|set| &set.repositories) {
        for question in asked(opened, every) {
            scores.push(opened.score(question, Ranking::builtin())?);
        }
    }
    let each = start.elapsed().as_secs_f64() * 1000.0 / scores.len().max(1) as f64;
    eprintln!("{each:.2} ms for each question in one thread");
    Ok(Row { name: "in use (learned from these)".to_owned(), scores })
}

fn learned(examples: &Examples, name: &str, groups: &[Group], growth: &GrowthArgs) -> Vec<Row> {
    let examples = examples.without(groups);
    let left_out: Vec<Feature> =
        Feature::ALL.iter().copied().filter(|feature| groups.contains(&feature.group())).collect();
    held_out(&examples, growth.folds, &|_| true, &|queries| {
        let models = growth.learn(queries, &left_out);
        vec![(name.to_owned(), models)]
    })
}
