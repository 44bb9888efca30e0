//! A search after one edit, and after none, against the cost of listing the tree.
//!
//! The floor lists the tree with the same ignore rules and looks at every file, in a process of
//! its own. What a search costs above it is shown whole, and also without what the same search
//! costs when it does not look at the tree: the difference is the price of being up to date.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde::Serialize;

use crate::copy::copy_tree;
use crate::edit::{Edit, typical_programs};
use crate::floor::list_tree;
use crate::flux::{Flux, Refresh};
use crate::process::Finished;
use crate::statistics::{Summary, differences, ratios};

/// A file younger than two seconds is looked at again by every search; a tree at rest is older.
const REST: Duration = Duration::from_millis(2200);

/// The figures of a search after one edit and after none, in milliseconds of processor time.
#[derive(Debug, Serialize)]
pub(crate) struct UpdateFigures {
    files: usize,
    /// The floor: listing the tree with `ignore`.
    listing: Summary,
    /// The same searches with `--no-refresh`.
    no_refresh: Summary,
    nothing_changed: Case,
    one_file_edited: Case,
}

/// One kind of search.
#[derive(Debug, Serialize)]
struct Case {
    search: Summary,
    above_listing: Summary,
    above_listing_and_answer: Summary,
    ratio_to_listing: Summary,
    wall: Summary,
}

/// What was measured in one round.
struct Round {
    listing: f64,
    no_refresh: f64,
    unchanged: Finished,
    edited: Finished,
    answered: f64,
}

/// Measures `runs` edits on a copy of the repository.
pub(crate) fn bench(original: &Flux, runs: usize) -> anyhow::Result<UpdateFigures> {
    let scratch = tempfile::tempdir()?;
    let root = std::fs::canonicalize(scratch.path())?.join("tree");
    copy_tree(&original.repo, &root)?;
    std::thread::sleep(REST);
    let flux = original.on(root.clone());
    let index = scratch.path().join("index");
    flux.index(&index)?;
    let files = list_tree(&root);
    let coverage = flux.coverage(&index)?;
    let programs = typical_programs(&root, &files, &coverage.skipped_paths(), runs);
    ensure!(programs.len() == runs, "the repository has no programs to edit");
    let mut rounds = Vec::new();
    for (number, program) in programs.iter().enumerate() {
        rounds.push(round(&flux, &index, program, &format!("zqxfluxbench{number}"))?);
    }
    Ok(figures(files.len(), &rounds))
}

fn round(flux: &Flux, index: &Path, program: &Path, word: &str) -> anyhow::Result<Round> {
    let listing = flux.floor("floor-list", None)?.cost.processor_ms;
    let no_refresh = flux.search(index, QUERY, Refresh::Never)?.cost.processor_ms;
    let unchanged = flux.search(index, QUERY, Refresh::Usual)?;
    let edit = Edit::append(program, word)?;
    let edited = flux.search(index, word, Refresh::Usual);
    let answered = flux.search(index, word, Refresh::Never);
    edit.restore()?;
    let edited = edited?;
    let name = program.strip_prefix(&flux.repo)?.to_str().context("a name is not UTF-8")?;
    ensure!(edited.output.contains(name), "the edit of {name} is not in the answer");
    std::thread::sleep(REST);
    flux.search(index, QUERY, Refresh::Usual)?;
    Ok(Round { listing, no_refresh, unchanged, edited, answered: answered?.cost.processor_ms })
}

/// Words that most repositories have and that are no name.
const QUERY: &str = "read the configuration file";

fn figures(files: usize, rounds: &[Round]) -> UpdateFigures {
    let column = |value: fn(&Round) -> f64| rounds.iter().map(value).collect::<Vec<f64>>();
    let listing = column(|round| round.listing);
    let no_refresh = column(|round| round.no_refresh);
    let case = |search: fn(&Round) -> &Finished, answer: &[f64]| {
        let costs: Vec<_> = rounds.iter().map(|round| search(round).cost).collect();
        let processor: Vec<f64> = costs.iter().map(|cost| cost.processor_ms).collect();
        let floor: Vec<f64> = listing.iter().zip(answer).map(|(a, b)| a + b).collect();
        Case {
            search: Summary::of(processor.iter().copied()),
            above_listing: differences(&processor, &listing),
            above_listing_and_answer: differences(&processor, &floor),
            ratio_to_listing: ratios(&processor, &listing),
            wall: Summary::of(costs.iter().map(|cost| cost.wall_ms)),
        }
    };
    UpdateFigures {
        files,
        nothing_changed: case(|round| &round.unchanged, &no_refresh),
        one_file_edited: case(|round| &round.edited, &column(|round| round.answered)),
        listing: Summary::of(listing.iter().copied()),
        no_refresh: Summary::of(no_refresh.iter().copied()),
    }
}

impl fmt::Display for UpdateFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "update: {} files, milliseconds of processor time", self.files)?;
        row(f, "floor: listing the tree", self.listing)?;
        row(f, "search --no-refresh", self.no_refresh)?;
        self.nothing_changed.print(f, "nothing changed")?;
        self.one_file_edited.print(f, "one file edited")
    }
}

impl Case {
    fn print(&self, f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
        row(f, name, self.search)?;
        row(f, "  above listing", self.above_listing)?;
        row(f, "  above listing and answer", self.above_listing_and_answer)?;
        writeln!(
            f,
            "    {:.2} x the listing, {:.0} ms wall",
            self.ratio_to_listing.median, self.wall.median
        )
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, summary: Summary) -> fmt::Result {
    let Summary { median, low_quartile, high_quartile, .. } = summary;
    writeln!(f, "  {name:<28} {median:>8.1} ({low_quartile:.1} to {high_quartile:.1})")
}

#[cfg(test)]
mod tests {
    use super::{Round, figures};
    use crate::process::{Cost, Finished};

    fn finished(processor_ms: f64) -> Finished {
        let cost = Cost { processor_ms, wall_ms: processor_ms, peak_bytes: 0 };
        Finished { cost, output: String::new() }
    }

    #[test]
    fn each_search_is_compared_with_the_floors_of_its_own_round() {
        let round = |slow: f64| Round {
            listing: 20.0 * slow,
            no_refresh: 10.0 * slow,
            unchanged: finished(40.0 * slow),
            edited: finished(100.0 * slow),
            answered: 12.0 * slow,
        };
        let figures = figures(7, &[round(1.0), round(3.0), round(1.0)]);
        let (unchanged, edited) = (&figures.nothing_changed, &figures.one_file_edited);
        assert_eq!(unchanged.above_listing.median, 20.0);
        assert_eq!(unchanged.above_listing_and_answer.median, 10.0);
        assert_eq!(edited.above_listing.median, 80.0);
        assert_eq!(edited.above_listing_and_answer.median, 68.0);
        assert_eq!((edited.ratio_to_listing.least, edited.ratio_to_listing.most), (5.0, 5.0));
        assert_eq!(figures.files, 7);
        let text = figures.to_string();
        assert!(text.contains("nothing changed                  40.0"), "{text}");
    }
}
