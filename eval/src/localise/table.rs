//! `flux-eval localise run`: both windows at each budget, and where the pack loses.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flux_engine::query::pack::PackParameters;

use super::ask::{Recall, for_each};
use super::{Question, RunLocaliseArgs, mine};

/// Both windows of one question at one budget.
#[derive(Clone, Copy, Default)]
struct Pair {
    pasted: Recall,
    packed: Recall,
}

/// Asks the questions and prints the tables.
pub(super) fn command(arguments: &RunLocaliseArgs) -> anyhow::Result<()> {
    let questions = mine::read(&arguments.place.set)?;
    let parameters = PackParameters::default();
    let (mut results, mut took): (Vec<(&Question, Vec<Pair>)>, Vec<f64>) = (Vec::new(), Vec::new());
    let chosen = questions.iter().filter(|question| arguments.half.has(question));
    for_each(&arguments.place, chosen, |asked| {
        let pasted = asked.pasted(&arguments.budgets)?;
        let mut pairs = Vec::new();
        for (budget, pasted) in arguments.budgets.iter().zip(pasted) {
            let (packed, time) = asked.packed(*budget, &parameters)?;
            took.push(time.as_secs_f64() * 1000.0);
            pairs.push(Pair { pasted, packed });
        }
        results.push((asked.question, pairs));
        if results.len().is_multiple_of(20) {
            eprintln!("{} questions", results.len());
        }
        Ok(())
    })?;
    took.sort_by(f64::total_cmp);
    let mut out = format!("{} questions\n\n", results.len());
    out.push_str("| budget | | files | functions | bodies |\n|---:|---|---:|---:|---:|\n");
    for (at, budget) in arguments.budgets.iter().enumerate() {
        out.push_str(&rows(*budget, results.iter().map(|(_, pairs)| pairs[at])));
    }
    for (title, of) in KINDS {
        writeln!(out, "\n{title}: file and function recall, pasted → pack")?;
        let mut groups: BTreeMap<String, Vec<&Vec<Pair>>> = BTreeMap::new();
        for (question, pairs) in &results {
            groups.entry(of(question)).or_default().push(pairs);
        }
        for (group, pairs) in groups {
            out.push_str(&group_row(&group, &pairs, &arguments.budgets));
        }
    }
    if let Some(median) = took.get(took.len() / 2) {
        writeln!(out, "\nmedian time of a pack: {median:.1} ms")?;
    }
    crate::print_text(&out)
}

type Kind = (&'static str, fn(&Question) -> String);

/// By what questions are told apart.
const KINDS: &[Kind] = &[
    ("By extension", |question| {
        let name = question.files.first().map_or("", String::as_str);
        name.rsplit('.').next().unwrap_or("").to_owned()
    }),
    ("By files changed", |question| {
        match question.files.len() {
            1 => "1",
            2..=3 => "2-3",
            _ => "4-8",
        }
        .to_owned()
    }),
    ("By functions changed", |question| {
        match question.functions.len() {
            1 => "1",
            2..=4 => "2-4",
            _ => "5 or more",
        }
        .to_owned()
    }),
];

/// The mean of some recalls.
fn mean(recalls: impl Iterator<Item = Recall>) -> Recall {
    let (mut sum, mut count) = (Recall::default(), 0.0);
    for one in recalls {
        sum.files += one.files;
        sum.functions += one.functions;
        sum.bodies += one.bodies;
        count += 1.0;
    }
    let count = f64::max(count, 1.0);
    let Recall { files, functions, bodies } = sum;
    Recall { files: files / count, functions: functions / count, bodies: bodies / count }
}

fn rows(budget: usize, pairs: impl Iterator<Item = Pair> + Clone) -> String {
    let row = |name: &str, recall: Recall| {
        let Recall { files, functions, bodies } = recall;
        format!("| {budget} | {name} | {files:.3} | {functions:.3} | {bodies:.3} |\n")
    };
    let pasted = mean(pairs.clone().map(|pair| pair.pasted));
    let packed = mean(pairs.clone().map(|pair| pair.packed));
    let count = |is: fn(f64, f64) -> bool| {
        pairs.clone().filter(|pair| is(pair.packed.functions, pair.pasted.functions)).count()
    };
    let (better, worse) = (count(|a, b| a > b), count(|a, b| a < b));
    let note = format!("| {budget} | functions: pack better {better}, worse {worse} | | | |\n");
    format!("{}{}{note}", row("pasted hits", pasted), row("pack", packed))
}

fn group_row(group: &str, pairs: &[&Vec<Pair>], budgets: &[usize]) -> String {
    let mut row = format!("- {group} ({})", pairs.len());
    for (at, budget) in budgets.iter().enumerate() {
        let pasted = mean(pairs.iter().map(|pairs| pairs[at].pasted));
        let packed = mean(pairs.iter().map(|pairs| pairs[at].packed));
        row.push_str(&format!(
            "; {budget}: {:.2} → {:.2}, {:.2} → {:.2}",
            pasted.files, packed.files, pasted.functions, packed.functions
        ));
    }
    row.push('\n');
    row
}
