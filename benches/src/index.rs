//! A full index, against reading and parsing the same files.
//!
//! Runs of flux and of its floor take turns, so that a busy minute falls on both. ctags, where
//! installed, is shown as a peer and not as a floor: it finds names of symbols in one thread and
//! keeps neither text nor references.

use std::fmt;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

use crate::floor::Parsed;
use crate::flux::{Flux, Status};
use crate::process::{Cost, is_installed, measure};
use crate::statistics::{Summary, median, ratios};

/// The figures of a full index.
#[derive(Debug, Serialize)]
pub(crate) struct IndexFigures {
    lines: u64,
    files: usize,
    source_bytes: u64,
    index_bytes: u64,
    index_to_source: f64,
    parsed_files: usize,
    flux: Costs,
    floor: Costs,
    processor_ratio: Summary,
    wall_ratio: Summary,
    /// A different job: names of symbols only, one thread.
    ctags: Option<Costs>,
}

/// What the runs of one program cost.
#[derive(Debug, Serialize)]
pub(crate) struct Costs {
    processor_ms: Summary,
    wall_ms: Summary,
    peak_mib: f64,
}

impl Costs {
    fn of(costs: &[Cost]) -> Self {
        let peak = costs.iter().map(|cost| cost.peak_bytes).max().unwrap_or(0);
        Self {
            processor_ms: Summary::of(processor(costs)),
            wall_ms: Summary::of(wall(costs)),
            peak_mib: median([mebibytes(peak)]),
        }
    }
}

/// Measures `runs` full indexes.
pub(crate) fn bench(flux: &Flux, runs: usize) -> anyhow::Result<IndexFigures> {
    let scratch = tempfile::tempdir()?;
    let skip = scratch.path().join("skip.json");
    let (lines, status) = warm_up(flux, scratch.path(), &skip)?;
    let (mut ours, mut floors, mut tags) = (Vec::new(), Vec::new(), Vec::new());
    let mut parsed = Parsed::default();
    let has_ctags = is_installed("ctags");
    for run in 0..runs {
        let floor = flux.floor("floor-parse", Some(&skip))?;
        parsed = serde_json::from_str(&floor.output)?;
        floors.push(floor.cost);
        let index = scratch.path().join(format!("index-{run}"));
        ours.push(flux.index(&index)?.cost);
        std::fs::remove_dir_all(&index)?;
        if has_ctags {
            tags.push(ctags(&flux.repo, &scratch.path().join("tags"))?);
        }
    }
    Ok(IndexFigures {
        lines,
        files: status.indexed,
        source_bytes: status.source_bytes,
        index_bytes: status.index_bytes,
        index_to_source: share(status.index_bytes, status.source_bytes),
        parsed_files: parsed.parsed,
        processor_ratio: ratios(&processor(&ours), &processor(&floors)),
        wall_ratio: ratios(&wall(&ours), &wall(&floors)),
        flux: Costs::of(&ours),
        floor: Costs::of(&floors),
        ctags: has_ctags.then(|| Costs::of(&tags)),
    })
}

/// An index that is not measured: it brings the files into memory, and says which are skipped.
fn warm_up(flux: &Flux, scratch: &Path, skip: &Path) -> anyhow::Result<(u64, Status)> {
    let index = scratch.join("index");
    flux.index(&index)?;
    let coverage = flux.coverage(&index)?;
    std::fs::write(skip, serde_json::to_string(&coverage.skipped_paths())?)?;
    Ok((coverage.lines, flux.status(&index)?))
}

fn ctags(repo: &Path, tags: &Path) -> anyhow::Result<Cost> {
    let mut command = Command::new("ctags");
    command.args(["-R", "--quiet", "-f"]).arg(tags).arg(repo);
    command.stderr(std::process::Stdio::null());
    Ok(measure(&mut command, None)?.cost)
}

fn processor(costs: &[Cost]) -> Vec<f64> {
    costs.iter().map(|cost| cost.processor_ms).collect()
}

fn wall(costs: &[Cost]) -> Vec<f64> {
    costs.iter().map(|cost| cost.wall_ms).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a size is shown with three decimals")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

fn share(part: u64, whole: u64) -> f64 {
    median([mebibytes(part) / mebibytes(whole.max(1))])
}

impl fmt::Display for IndexFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "index: {} files, {} lines, {:.1} MiB of source, {} files parsed by the floor",
            self.files,
            self.lines,
            mebibytes(self.source_bytes),
            self.parsed_files
        )?;
        row(f, "flux index", &self.flux)?;
        row(f, "floor: read and parse", &self.floor)?;
        if let Some(costs) = &self.ctags {
            row(f, "peer: ctags (names only)", costs)?;
        }
        let Summary { median, least, most, .. } = self.processor_ratio;
        writeln!(f, "  processor time: {median:.2} x the floor ({least:.2} to {most:.2})")?;
        let Summary { median, least, most, .. } = self.wall_ratio;
        writeln!(f, "  wall time: {median:.2} x the floor ({least:.2} to {most:.2})")?;
        writeln!(f, "  index: {:.2} x the source", self.index_to_source)
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, costs: &Costs) -> fmt::Result {
    let Summary { median, low_quartile, high_quartile, .. } = costs.processor_ms;
    writeln!(
        f,
        "  {name:<26} {median:>9.0} ms cpu ({low_quartile:.0} to {high_quartile:.0}), \
         {:>8.0} ms wall, {:>6.0} MiB peak",
        costs.wall_ms.median, costs.peak_mib
    )
}

#[cfg(test)]
mod tests {
    use super::{Cost, Costs, share};

    #[test]
    fn costs_keep_the_median_of_times_and_the_highest_peak() {
        let cost = |processor_ms, peak_mib: u64| Cost {
            processor_ms,
            wall_ms: processor_ms / 2.0,
            peak_bytes: peak_mib << 20,
        };
        let costs = Costs::of(&[cost(10.0, 5), cost(30.0, 9), cost(20.0, 7)]);
        assert_eq!(costs.processor_ms.median, 20.0);
        assert_eq!(costs.wall_ms.median, 10.0);
        assert_eq!(costs.peak_mib, 9.0);
    }

    #[test]
    fn a_share_of_nothing_is_finite() {
        assert_eq!(share(3 << 20, 4 << 20), 0.75);
        assert!(share(0, 0).is_finite());
    }
}
