//! What the symbol graph costs: a full index with and without it, against reading and parsing the
//! same files; and the same after an edit of one file.
//!
//! The index without the graph still lowers syntax trees to facts, for the next run to resolve, so
//! what is shown is the cost of resolution, ranks and writing.

use std::fmt;
use std::path::Path;

use anyhow::ensure;
use serde::Serialize;

use crate::copy::copy_tree;
use crate::edit::{Edit, typical_programs};
use crate::floor::list_tree;
use crate::flux::Flux;
use crate::process::{Cost, Finished};
use crate::statistics::{Summary, differences, ratios};

/// The figures of the graph.
#[derive(Debug, Serialize)]
pub(crate) struct GraphFigures {
    lines: u64,
    full: Added,
    /// The graph's share of a full index, in multiples of the floor.
    processor_ratio: Summary,
    wall_ratio: Summary,
    floor_processor_ms: Summary,
    floor_wall_ms: Summary,
    peak_mib: f64,
    one_file_edited: Added,
}

/// What the graph adds to an index run.
#[derive(Debug, Serialize)]
struct Added {
    with_graph_wall_ms: Summary,
    without_wall_ms: Summary,
    processor_ms: Summary,
    wall_ms: Summary,
}

/// Two runs alike but for the graph.
struct Pair {
    with: Cost,
    without: Cost,
}

/// Measures `runs` full indexes and as many edits, on a copy of the repository.
pub(crate) fn bench(original: &Flux, runs: usize) -> anyhow::Result<GraphFigures> {
    let scratch = tempfile::tempdir()?;
    let root = std::fs::canonicalize(scratch.path())?.join("tree");
    copy_tree(&original.repo, &root)?;
    let flux = original.on(root);
    let index = scratch.path().join("index");
    flux.index(&index)?;
    let coverage = flux.coverage(&index)?;
    let skip = scratch.path().join("skip.json");
    std::fs::write(&skip, serde_json::to_string(&coverage.skipped_paths())?)?;
    let (mut floors, mut full) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        floors.push(flux.floor("floor-parse", Some(&skip))?.cost);
        let without = flux.index_with(&index, &["--rebuild", "--no-graph"])?.cost;
        full.push(Pair { without, with: flux.index(&index)?.cost });
    }
    let programs =
        typical_programs(&flux.repo, &list_tree(&flux.repo), &coverage.skipped_paths(), runs);
    ensure!(programs.len() == runs, "the repository has no programs to edit");
    let edits: Result<Vec<Pair>, _> =
        programs.iter().map(|program| edit(&flux, &index, program)).collect();
    let added = |pairs: &[Pair], of: fn(&Cost) -> f64| {
        let column = |cost: fn(&Pair) -> &Cost| pairs.iter().map(cost).map(of).collect::<Vec<_>>();
        differences_of(&column(|pair| &pair.with), &column(|pair| &pair.without))
    };
    let processor = |cost: &Cost| cost.processor_ms;
    let wall = |cost: &Cost| cost.wall_ms;
    let floor = |of: fn(&Cost) -> f64| floors.iter().map(of).collect::<Vec<f64>>();
    let peak = full.iter().map(|pair| pair.with.peak_bytes).max().unwrap_or(0);
    Ok(GraphFigures {
        lines: coverage.lines,
        processor_ratio: ratios(&added(&full, processor), &floor(processor)),
        wall_ratio: ratios(&added(&full, wall), &floor(wall)),
        floor_processor_ms: Summary::of(floor(processor)),
        floor_wall_ms: Summary::of(floor(wall)),
        peak_mib: (peak >> 10) as f64 / 1024.0,
        full: Added::of(&full),
        one_file_edited: Added::of(&edits?),
    })
}

/// Indexes after an edit without the graph, then after the same edit with it.
fn edit(flux: &Flux, index: &Path, program: &Path) -> anyhow::Result<Pair> {
    let run = |arguments: &[&str]| -> anyhow::Result<Finished> {
        let edit = Edit::append(program, "zqxfluxbench")?;
        let finished = flux.index_with(index, arguments);
        edit.restore()?;
        flux.index_with(index, &[])?;
        finished
    };
    Ok(Pair { without: run(&["--no-graph"])?.cost, with: run(&[])?.cost })
}

fn differences_of(with: &[f64], without: &[f64]) -> Vec<f64> {
    with.iter().zip(without).map(|(with, without)| with - without).collect()
}

impl Added {
    fn of(pairs: &[Pair]) -> Self {
        let column = |value: fn(&Pair) -> f64| pairs.iter().map(value).collect::<Vec<f64>>();
        let (with, without) =
            (column(|pair| pair.with.wall_ms), column(|pair| pair.without.wall_ms));
        let processor = differences(
            &column(|pair| pair.with.processor_ms),
            &column(|pair| pair.without.processor_ms),
        );
        Self {
            wall_ms: differences(&with, &without),
            processor_ms: processor,
            with_graph_wall_ms: Summary::of(with),
            without_wall_ms: Summary::of(without),
        }
    }
}

impl fmt::Display for GraphFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "graph: {} lines, {:.0} MiB peak", self.lines, self.peak_mib)?;
        self.full.print(f, "full index")?;
        writeln!(
            f,
            "    {:.2} x the processor time of reading and parsing ({:.0} ms), {:.2} x its wall \
             time ({:.0} ms)",
            self.processor_ratio.median,
            self.floor_processor_ms.median,
            self.wall_ratio.median,
            self.floor_wall_ms.median
        )?;
        self.one_file_edited.print(f, "one file edited")
    }
}

impl Added {
    fn print(&self, f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
        writeln!(
            f,
            "  {name:<16} {:>7.0} ms wall, without graph {:>7.0}; the graph adds {:.0} ms wall \
             ({:.0} to {:.0}), {:.0} ms cpu",
            self.with_graph_wall_ms.median,
            self.without_wall_ms.median,
            self.wall_ms.median,
            self.wall_ms.least,
            self.wall_ms.most,
            self.processor_ms.median
        )
    }
}
