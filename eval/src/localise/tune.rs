//! `flux-eval localise tune`: other numbers for what a pack holds, on the half of the set that is
//! not reported.

use anyhow::Context as _;
use flux_engine::query::pack::PackParameters;

use super::ask::{Recall, for_each};
use super::{Half, TuneLocaliseArgs, mine};

/// Tries the variants and prints what each gains.
pub(super) fn command(arguments: &TuneLocaliseArgs) -> anyhow::Result<()> {
    let questions = mine::read(&arguments.place.set)?;
    let variants = match arguments.variants.is_empty() {
        true => neighbours(),
        false => named(&arguments.variants)?,
    };
    let mut sums = vec![vec![Recall::default(); arguments.budgets.len()]; variants.len()];
    let mut count = 0.0;
    let dev = questions.iter().filter(|question| Half::Dev.has(question));
    for_each(&arguments.place, dev.step_by(arguments.every), |asked| {
        count += 1.0;
        for ((_, parameters), sums) in variants.iter().zip(&mut sums) {
            for (budget, sum) in arguments.budgets.iter().zip(sums) {
                let (recall, _) = asked.packed(*budget, parameters)?;
                sum.files += recall.files;
                sum.functions += recall.functions;
                sum.bodies += recall.bodies;
            }
        }
        Ok(())
    })?;
    let mut rows: Vec<(f64, String)> = variants
        .iter()
        .zip(&sums)
        .map(|((name, _), sums)| {
            let worth = |sum: &Recall| (sum.files + sum.functions + sum.bodies) / count / 3.0;
            let all = sums.iter().map(worth).sum::<f64>() / sums.len() as f64;
            let mut row = format!("{all:.4} {name:28}");
            for sum in sums {
                let (files, functions) = (sum.files / count, sum.functions / count);
                row.push_str(&format!("  {files:.3} {functions:.3} {:.3}", sum.bodies / count));
            }
            (all, row + "\n")
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let text: String = rows.into_iter().map(|(_, row)| row).collect();
    crate::print_text(&format!("{count} questions; mean, then files, functions, bodies\n{text}"))
}

/// The numbers in use, and each of them halved and doubled.
fn neighbours() -> Vec<(String, PackParameters)> {
    let mut variants = vec![("in use".to_owned(), PackParameters::default())];
    for at in 0..PackParameters::default().numbers().len() {
        for factor in [0.5, 2.0] {
            let mut parameters = PackParameters::default();
            let mut numbers = parameters.numbers();
            let (name, number) = &mut numbers[at];
            **number *= factor;
            let name = format!("{name}={}", **number);
            variants.push((name, parameters));
        }
    }
    variants
}

fn named(texts: &[String]) -> anyhow::Result<Vec<(String, PackParameters)>> {
    let mut variants = vec![("in use".to_owned(), PackParameters::default())];
    for text in texts {
        let mut parameters = PackParameters::default();
        for change in text.split(',') {
            let (name, number) = change.split_once('=').context("a variant is name=number")?;
            let mut numbers = parameters.numbers();
            let found = numbers.iter_mut().find(|(known, _)| *known == name);
            let (_, place) = found.with_context(|| format!("no number is called {name}"))?;
            **place = number.parse()?;
        }
        variants.push((text.clone(), parameters));
    }
    Ok(variants)
}
