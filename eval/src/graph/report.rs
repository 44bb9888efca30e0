//! The printed report: one table for each language, with the worst and the mean of each column.

use std::collections::BTreeMap;

use super::Project;
use super::figures::{ByTier, Figures, Tally};
use super::kinds::Tier;

/// A column: its title and what it shows of a project.
type Column = (&'static str, fn(&Figures) -> Option<f64>);

const COLUMNS: &[Column] = &[
    ("P", |one| one.core.quality.precision),
    ("R", |one| one.core.quality.recall),
    ("F1", |one| one.core.quality.f1),
    ("top1", |one| one.core.top1),
    ("mod P", |one| one.modules.precision),
    ("mod R", |one| one.modules.recall),
    ("loc P", |one| one.locals.precision),
    ("loc R", |one| one.locals.recall),
    ("call P", |one| one.calls.as_ref()?.quality.precision),
    ("call R", |one| one.calls.as_ref()?.quality.recall),
    ("F1", |one| one.calls.as_ref()?.quality.f1),
    ("imp R", |one| one.impact?.recall),
    ("imp P", |one| one.impact?.precision),
    ("def P", |one| one.definitions.as_ref()?.precision),
    ("def R", |one| one.definitions.as_ref()?.recall),
];

/// Every figure of every project, by language.
pub(super) fn text(projects: &[Project]) -> String {
    let mut languages: BTreeMap<&str, Vec<&Project>> = BTreeMap::new();
    for project in projects {
        languages.entry(&project.language).or_default().push(project);
    }
    let sections = languages.into_iter().map(|(name, projects)| section(name, &projects));
    sections.collect::<Vec<String>>().join("\n")
}

fn section(language: &str, projects: &[&Project]) -> String {
    let titles: String = COLUMNS.iter().map(|(title, _)| format!(" {title:>6}")).collect();
    let mut text = format!("{language:<16}{titles}    index compiler\n");
    for project in projects {
        let cells: String = COLUMNS.iter().map(|(_, show)| cell(show(&project.figures))).collect();
        let index = seconds(project.seconds);
        let compiler = seconds(project.compiler_seconds);
        text += &format!("  {:<14}{cells} {index} {compiler}\n", project.name);
    }
    if projects.len() > 1 {
        text += &summary("worst", projects, |values| values.fold(f64::INFINITY, f64::min));
        text += &summary("mean", projects, |values| {
            let (sum, count) = values.fold((0.0, 0), |(sum, count), one| (sum + one, count + 1));
            sum / f64::from(count)
        });
    }
    text + &tiers(projects)
}

fn summary(
    title: &str,
    projects: &[&Project],
    combine: fn(&mut dyn Iterator<Item = f64>) -> f64,
) -> String {
    let value = |(_, show): &Column| {
        let mut values = projects.iter().filter_map(|project| show(&project.figures)).peekable();
        values.peek()?;
        Some(combine(&mut values))
    };
    let cells: String = COLUMNS.iter().map(|column| cell(value(column))).collect();
    format!("  {title:<14}{cells}\n")
}

/// Precision by the certainty that the tool claims, over all projects of a language.
fn tiers(projects: &[&Project]) -> String {
    let references = projects.iter().map(|project| &project.figures.references_by_tier);
    let calls = projects.iter().map(|project| &project.figures.calls_by_tier);
    let (references, calls) = (added(references), added(calls));
    let rows = Tier::ALL.iter().filter_map(|tier| {
        let key = tier.to_string();
        let (reference, call) = (references.get(&key), calls.get(&key));
        reference.or(call)?;
        Some(format!("  {key:<14}{} {}\n", tally(reference), tally(call)))
    });
    let rows: String = rows.collect();
    format!("  {:<14}{:>7}{:>10}{:>9}{:>10}\n{rows}", "tier", "ref P", "n", "call P", "n")
}

fn added<'a>(projects: impl Iterator<Item = &'a ByTier>) -> ByTier {
    let mut sum = ByTier::new();
    for (tier, tally) in projects.flatten() {
        let total = sum.entry(tier.clone()).or_default();
        total.right += tally.right;
        total.wrong += tally.wrong;
    }
    sum
}

fn tally(tally: Option<&Tally>) -> String {
    let Tally { right, wrong } = tally.copied().unwrap_or_default();
    let precision = tally.and_then(|tally| tally.precision());
    format!("{} {:>9}", cell(precision), right + wrong)
}

fn cell(value: Option<f64>) -> String {
    value.map_or(format!(" {:>6}", "-"), |value| format!(" {:>6.2}", 100.0 * value))
}

fn seconds(value: Option<f64>) -> String {
    value.map_or(format!("{:>8}", "-"), |value| format!("{value:>7.2}s"))
}

#[cfg(test)]
mod tests {
    use super::super::Project;
    use super::super::figures::{Figures, Quality, Tally};
    use super::text;

    fn project(name: &str, right: usize) -> Project {
        let mut figures = Figures::default();
        figures.core.quality = Quality::of(right, 10 - right, 20);
        figures.references_by_tier.insert("exact".to_owned(), Tally { right, wrong: 10 - right });
        Project {
            name: name.to_owned(),
            language: "go".to_owned(),
            figures,
            seconds: Some(0.25),
            compiler_seconds: None,
            mistakes: Vec::new(),
        }
    }

    #[test]
    fn a_language_shows_each_project_the_worst_the_mean_and_the_tiers() {
        let shown = text(&[project("a", 10), project("b", 5)]);
        let columns: Vec<String> = shown
            .lines()
            .map(|line| line.split_whitespace().take(5).collect::<Vec<_>>().join(" "))
            .collect();
        let expected = [
            "go P R F1 top1",
            "a 100.00 50.00 66.67 -",
            "b 50.00 25.00 33.33 -",
            "worst 50.00 25.00 33.33 -",
            "mean 75.00 37.50 50.00 -",
            "tier ref P n call",
            "exact 75.00 20 - 0",
        ];
        assert_eq!(columns, expected);
    }
}
