//! Tuning: coordinate ascent over the numbers of the ranking, in this process, because a few
//! thousand evaluations through the binary would take days.
//!
//! Each number in turn is multiplied by a few factors; a change is kept when it raises the mean
//! over the sets given. What is printed at the end goes into `flux_query::Parameters` by hand.

use flux_engine::query::{Parameters, Ranking};
use rayon::prelude::*;

use crate::TuneArgs;
use crate::rank::opened::Set;

/// One number of the ranking.
struct Knob {
    name: &'static str,
    get: fn(&mut Parameters) -> &mut f32,
}

macro_rules! knobs {
    ($($name:literal => $($field:ident).+ $([$at:literal])?,)+) => {
        vec![$(Knob { name: $name, get: |p| &mut p.$($field).+ $([$at])? },)+]
    };
}

/// Factors a number is multiplied by; a number that is zero is set to the second list.
const FACTORS: [f32; 6] = [0.5, 0.75, 0.88, 1.15, 1.35, 2.0];
const FROM_ZERO: [f32; 3] = [0.05, 0.15, 0.4];
/// A smaller gain is noise.
const MIN_GAIN: f64 = 0.0002;

/// Runs `flux-eval tune`.
pub(crate) fn command(arguments: &TuneArgs) -> anyhow::Result<()> {
    let sets = Set::open_all(&arguments.sets)?;
    let mut best = Parameters::DEFAULT;
    let mut reached = objective(&sets, &best)?;
    eprintln!("start {}", show(&reached));
    for round in 0..arguments.rounds {
        let before = mean(&reached);
        for knob in knobs() {
            if arguments.only.is_empty() || arguments.only.iter().any(|name| name == knob.name) {
                improve(&sets, &knob, &mut best, &mut reached)?;
            }
        }
        eprintln!("round {round} {}", show(&reached));
        if mean(&reached) - before < MIN_GAIN {
            break;
        }
    }
    crate::print_text(&format!("{best:#?}\n"))
}

fn improve(
    sets: &[Set],
    knob: &Knob,
    best: &mut Parameters,
    reached: &mut Vec<f64>,
) -> anyhow::Result<()> {
    let start = *(knob.get)(best);
    let values: Vec<f32> = match start == 0.0 {
        true => FROM_ZERO.to_vec(),
        false => FACTORS.iter().map(|factor| start * factor).collect(),
    };
    for value in values {
        let mut trial = *best;
        *(knob.get)(&mut trial) = value;
        let scores = objective(sets, &trial)?;
        if mean(&scores) > mean(reached) + MIN_GAIN {
            eprintln!("{} {start} -> {value}: {}", knob.name, show(&scores));
            (*best, *reached) = (trial, scores);
        }
    }
    Ok(())
}

fn objective(sets: &[Set], parameters: &Parameters) -> anyhow::Result<Vec<f64>> {
    sets.iter().map(|set| score_set(set, parameters)).collect()
}

fn mean(scores: &[f64]) -> f64 {
    scores.iter().sum::<f64>() / scores.len() as f64
}

fn show(scores: &[f64]) -> String {
    let each: Vec<String> = scores.iter().map(|score| format!("{score:.4}")).collect();
    format!("{:.4} ({})", mean(scores), each.join(", "))
}

/// Mean over the repositories of the mean nDCG@10 over their questions, in parallel.
fn score_set(set: &Set, parameters: &Parameters) -> anyhow::Result<f64> {
    let ranking = Ranking::unlearned(*parameters);
    let each = set.repositories.par_iter().map(|opened| {
        let scores = opened.questions.par_iter();
        let scores = scores.map(|question| Ok(opened.score(question, &ranking)?.ndcg10));
        Ok(mean(&scores.collect::<anyhow::Result<Vec<f64>>>()?))
    });
    Ok(mean(&each.collect::<anyhow::Result<Vec<f64>>>()?))
}

fn knobs() -> Vec<Knob> {
    knobs! {
        "chunk" => chunk, "file" => file, "coherence" => coherence, "name" => name, "owner" => owner,
        "file_symbol" => file_symbol, "stem" => stem, "folder" => folder, "exact" => exact, "exact_word" => exact_word, "same_file" => same_file, "whole" => whole, "part" => part, "pair" => pair, "same_idea" => same_idea,
        "meaning" => meaning, "file_meaning" => file_meaning, "related" => related,
        "longer" => longer, "test" => test, "hint_kind" => hint_kind,
        "field.name" => weights.field[0], "field.path" => weights.field[1],
        "field.signature" => weights.field[2], "field.doc" => weights.field[3],
        "length.name" => weights.length[0], "length.path" => weights.length[1],
        "length.signature" => weights.length[2], "length.doc" => weights.length[3],
        "length.body" => weights.length[4], "usual.body" => weights.usual[4],
        "k1" => weights.k1, "file_k1" => weights.file_k1, "file_length" => weights.file_length,
        "demoted.example" => demoted[3], "demoted.document" => demoted[2], "demoted.data" => demoted[5],
    }
}
