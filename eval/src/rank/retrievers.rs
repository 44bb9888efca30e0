//! `flux-eval retrievers`: full-text search, vectors, both with names by the hand-made sum, and the
//! learned ranking, each as a search of its own, by language.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use flux_engine::query::{Parameters, Ranking, Retrievers};

use super::opened::{Opened, Set};
use crate::SetsArgs;
use crate::metrics::Scores;

/// Arguments of `flux-eval retrievers`.
#[derive(Args)]
pub(crate) struct RetrieversArgs {
    #[command(flatten)]
    sets: SetsArgs,
}

/// Language, or `all`, to repository to the scores of its questions.
type ByLanguage = BTreeMap<String, BTreeMap<String, Vec<Scores>>>;

/// Runs `flux-eval retrievers`.
pub(crate) fn command(arguments: &RetrieversArgs) -> anyhow::Result<()> {
    let rankings = rankings();
    for set in Set::open_all(&arguments.sets)? {
        let mut columns = Vec::new();
        for (_, ranking) in &rankings {
            columns.push(asked(&set.repositories, ranking)?);
        }
        crate::print_text(&table(&set.name, &rankings, &columns))?;
    }
    Ok(())
}

fn rankings() -> [(&'static str, Ranking); 4] {
    let only = |words, meaning| Retrievers { words, names: false, meaning };
    let bm25 = Parameters { chunk: 1.0, ..silent() };
    let dense = Parameters { meaning: 1.0, meaning_of_name: 1.0, ..silent() };
    [
        ("bm25", Ranking { retrievers: only(true, false), ..Ranking::unlearned(bm25) }),
        ("dense", Ranking { retrievers: only(false, true), ..Ranking::unlearned(dense) }),
        ("fused", Ranking::unlearned(Parameters::DEFAULT)),
        ("ranked", Ranking::builtin().clone()),
    ]
}

/// Nothing counts, and nothing is ranked down or added to the query; files are spread as ever.
fn silent() -> Parameters {
    Parameters {
        chunk: 0.0,
        file: 0.0,
        coherence: 0.0,
        name: 0.0,
        owner: 0.0,
        file_symbol: 0.0,
        stem: 0.0,
        folder: 0.0,
        meaning: 0.0,
        file_meaning: 0.0,
        exact: 0.0,
        exact_word: 0.0,
        mentioned: 0.0,
        pair: 0.0,
        same_idea: 0.0,
        related: 0.0,
        longer: 0.0,
        test: 1.0,
        demoted: [1.0; 6],
        ..Parameters::DEFAULT
    }
}

fn asked(repositories: &[Opened], ranking: &Ranking) -> anyhow::Result<ByLanguage> {
    let mut scores = ByLanguage::new();
    for opened in repositories {
        for question in &opened.questions {
            let score = opened.score(question, ranking)?;
            for language in ["all", &question.language] {
                let of_language = scores.entry(language.to_owned()).or_default();
                of_language.entry(opened.name.clone()).or_default().push(score);
            }
        }
    }
    Ok(scores)
}

/// Means over repositories of the means over their questions.
fn table(name: &str, rankings: &[(&str, Ranking)], columns: &[ByLanguage]) -> String {
    let mut text = format!("{name:<14}");
    for (ranking, _) in rankings {
        text += &format!(" | {ranking:>6} {:>6} {:>6}", "MRR", "hit@5");
    }
    text += "   (first column nDCG@10)\n";
    let languages: BTreeSet<&String> = columns.iter().flat_map(BTreeMap::keys).collect();
    for language in languages {
        text += &format!("  {language:<12}");
        for column in columns {
            let repositories = &column[language];
            let mean = |part: fn(&Scores) -> f64| {
                let of = |scores: &Vec<Scores>| {
                    scores.iter().map(part).sum::<f64>() / scores.len() as f64
                };
                repositories.values().map(of).sum::<f64>() / repositories.len() as f64
            };
            let (ndcg, mrr) = (mean(|scores| scores.ndcg10), mean(|scores| scores.mrr));
            let hit5 = mean(|scores| scores.hit5);
            text += &format!(" | {ndcg:>6.3} {mrr:>6.3} {hit5:>6.3}");
        }
        text += "\n";
    }
    text
}
