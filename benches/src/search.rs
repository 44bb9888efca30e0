//! Searches of many kinds: each in fresh processes, all in one loaded process, and literals and
//! regular expressions against ripgrep.
//!
//! A fresh process is a search as a user types it, so it looks at the tree first; the same with
//! `--no-refresh` shows how much of it that is.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use anyhow::ensure;
use serde::{Deserialize, Serialize};

use crate::floor::list_tree;
use crate::flux::{Flux, Refresh};
use crate::process::{is_installed, measure};
use crate::queries::{Query, QueryKind, queries};
use crate::statistics::{Summary, median};

/// The figures of all queries.
#[derive(Debug, Serialize)]
pub(crate) struct SearchFigures {
    /// Milliseconds of processor time of a fresh process, over all queries.
    fresh: Summary,
    /// The same with `--no-refresh`.
    fresh_no_refresh: Summary,
    fresh_wall: Summary,
    /// Milliseconds of wall time in a loaded process.
    loaded: Summary,
    kinds: Vec<KindFigures>,
    queries: Vec<QueryFigures>,
}

/// The figures of the queries of one kind; medians.
#[derive(Debug, Serialize)]
struct KindFigures {
    kind: QueryKind,
    count: usize,
    fresh: f64,
    fresh_no_refresh: f64,
    loaded: f64,
    ripgrep: Option<f64>,
    ratio_to_ripgrep: Option<f64>,
}

/// The medians of one query.
#[derive(Debug, Serialize)]
struct QueryFigures {
    kind: QueryKind,
    query: String,
    fresh: f64,
    fresh_no_refresh: f64,
    fresh_wall: f64,
    loaded: f64,
    /// Processor time of ripgrep for the same pattern.
    ripgrep: Option<f64>,
    ripgrep_wall: Option<f64>,
}

/// Measures every query `runs` times.
pub(crate) fn bench(flux: &Flux, runs: usize) -> anyhow::Result<SearchFigures> {
    let scratch = tempfile::tempdir()?;
    let index = scratch.path().join("index");
    flux.index(&index)?;
    let queries = queries(&flux.repo, &list_tree(&flux.repo));
    let loaded = loaded(flux, &index, &queries, runs)?;
    let has_ripgrep = is_installed("rg");
    let figures = queries.iter().zip(loaded).map(|(query, loaded)| {
        let measured = fresh(flux, &index, query, runs)?;
        let ripgrep = match has_ripgrep && query.kind.is_pattern() {
            true => Some(ripgrep(flux, query, runs)?),
            false => None,
        };
        Ok(QueryFigures {
            kind: query.kind,
            query: query.typed(),
            loaded,
            ripgrep: ripgrep.map(|(processor, _)| processor),
            ripgrep_wall: ripgrep.map(|(_, wall)| wall),
            ..measured
        })
    });
    Ok(summarise(figures.collect::<anyhow::Result<_>>()?))
}

/// One query in fresh processes, with and without a look at the tree in turn.
fn fresh(flux: &Flux, index: &Path, query: &Query, runs: usize) -> anyhow::Result<QueryFigures> {
    let typed = query.typed();
    let (mut usual, mut never) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        usual.push(flux.search(index, &typed, Refresh::Usual)?.cost);
        never.push(flux.search(index, &typed, Refresh::Never)?.cost);
    }
    Ok(QueryFigures {
        kind: query.kind,
        query: typed,
        fresh: median(usual.iter().map(|cost| cost.processor_ms)),
        fresh_no_refresh: median(never.iter().map(|cost| cost.processor_ms)),
        fresh_wall: median(usual.iter().map(|cost| cost.wall_ms)),
        loaded: 0.0,
        ripgrep: None,
        ripgrep_wall: None,
    })
}

/// Median processor and wall time of ripgrep with the output that flux has.
fn ripgrep(flux: &Flux, query: &Query, runs: usize) -> anyhow::Result<(f64, f64)> {
    let mut costs = Vec::new();
    for _ in 0..runs {
        let mut command = Command::new("rg");
        command.args(["--line-number", "--no-heading", "--color=never"]);
        if query.kind == QueryKind::Literal {
            command.arg("--fixed-strings");
        }
        command.arg("--regexp").arg(&query.text).arg(&flux.repo);
        costs.push(measure(&mut command, None)?.cost);
    }
    let processor = median(costs.iter().map(|cost| cost.processor_ms));
    Ok((processor, median(costs.iter().map(|cost| cost.wall_ms))))
}

/// The milliseconds of each query in one process. A first round, in which the index is brought
/// into memory, does not count.
fn loaded(flux: &Flux, index: &Path, queries: &[Query], runs: usize) -> anyhow::Result<Vec<f64>> {
    let mut file = tempfile::NamedTempFile::new()?;
    for _ in 0..=runs {
        queries.iter().try_for_each(|query| writeln!(file, "{}", query.typed()))?;
    }
    file.flush()?;
    let output = flux.batch(index, file.path())?.output;
    let times = answer_times(&output)?;
    ensure!(times.len() == queries.len() * (runs + 1), "some queries were not answered");
    let counted = &times[queries.len()..];
    let of = |query: usize| counted.iter().copied().skip(query).step_by(queries.len());
    Ok((0..queries.len()).map(|query| median(of(query))).collect())
}

#[derive(Deserialize)]
struct AnswerLine {
    ms: f64,
    error: Option<String>,
}

/// The times of the answers of a batch, one JSON object a line.
fn answer_times(output: &str) -> anyhow::Result<Vec<f64>> {
    let read = |line: &str| {
        let answer: AnswerLine = serde_json::from_str(line)?;
        match answer.error {
            Some(error) => anyhow::bail!("a query failed: {error}"),
            None => Ok(answer.ms),
        }
    };
    output.lines().map(read).collect()
}

fn summarise(queries: Vec<QueryFigures>) -> SearchFigures {
    let all = |value: fn(&QueryFigures) -> f64| Summary::of(queries.iter().map(value));
    SearchFigures {
        fresh: all(|query| query.fresh),
        fresh_no_refresh: all(|query| query.fresh_no_refresh),
        fresh_wall: all(|query| query.fresh_wall),
        loaded: all(|query| query.loaded),
        kinds: QueryKind::ALL.into_iter().map(|kind| of_kind(kind, &queries)).collect(),
        queries,
    }
}

fn of_kind(kind: QueryKind, queries: &[QueryFigures]) -> KindFigures {
    let own: Vec<&QueryFigures> = queries.iter().filter(|query| query.kind == kind).collect();
    let middle = |value: fn(&QueryFigures) -> f64| median(own.iter().map(|query| value(query)));
    let known = |value: fn(&QueryFigures) -> Option<f64>| {
        let values: Vec<f64> = own.iter().filter_map(|query| value(query)).collect();
        (!values.is_empty()).then(|| median(values))
    };
    KindFigures {
        kind,
        count: own.len(),
        fresh: middle(|query| query.fresh),
        fresh_no_refresh: middle(|query| query.fresh_no_refresh),
        loaded: middle(|query| query.loaded),
        ripgrep: known(|query| query.ripgrep),
        ratio_to_ripgrep: known(|query| Some(query.fresh / query.ripgrep?)),
    }
}

impl fmt::Display for SearchFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "search: {} queries, milliseconds", self.queries.len())?;
        row(f, "fresh process, cpu", self.fresh)?;
        row(f, "  with --no-refresh", self.fresh_no_refresh)?;
        row(f, "fresh process, wall", self.fresh_wall)?;
        row(f, "loaded process, wall", self.loaded)?;
        writeln!(f, "  medians  count  fresh  no-refresh  loaded  rg cpu  flux/rg")?;
        self.kinds.iter().try_for_each(|kind| kind.print(f))
    }
}

impl KindFigures {
    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, count, fresh, fresh_no_refresh, loaded, .. } = self;
        write!(f, "  {kind:<8} {count:>5} {fresh:>6.1} {fresh_no_refresh:>11.1} {loaded:>7.1}")?;
        match (self.ripgrep, self.ratio_to_ripgrep) {
            (Some(ripgrep), Some(ratio)) => writeln!(f, " {ripgrep:>7.1} {ratio:>8.2}"),
            _ => writeln!(f),
        }
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, summary: Summary) -> fmt::Result {
    let Summary { median, p95, least, most, .. } = summary;
    writeln!(f, "  {name:<22} median {median:>6.1}, p95 {p95:>6.1} ({least:.1} to {most:.1})")
}

#[cfg(test)]
mod tests {
    use super::{QueryFigures, QueryKind, answer_times, summarise};

    fn query(kind: QueryKind, fresh: f64, ripgrep: Option<f64>) -> QueryFigures {
        QueryFigures {
            kind,
            query: "q".into(),
            fresh,
            fresh_no_refresh: fresh / 2.0,
            fresh_wall: fresh,
            loaded: fresh / 10.0,
            ripgrep,
            ripgrep_wall: ripgrep,
        }
    }

    #[test]
    fn kinds_are_summarised_apart() {
        let figures = summarise(vec![
            query(QueryKind::Words, 40.0, None),
            query(QueryKind::Literal, 20.0, Some(10.0)),
            query(QueryKind::Literal, 10.0, Some(40.0)),
        ]);
        assert_eq!((figures.fresh.median, figures.fresh.most), (20.0, 40.0));
        assert_eq!(figures.loaded.median, 2.0);
        let words = &figures.kinds[0];
        assert_eq!((words.count, words.fresh, words.ripgrep), (1, 40.0, None));
        let literal = &figures.kinds[3];
        assert_eq!((literal.count, literal.fresh, literal.ripgrep), (2, 15.0, Some(25.0)));
        assert_eq!(literal.ratio_to_ripgrep, Some(1.125));
    }

    #[test]
    fn the_times_of_a_batch_are_read_and_a_failed_query_is_an_error() {
        let good = "{\"query\":\"a\",\"ms\":1.5,\"results\":[]}\n{\"query\":\"b\",\"ms\":2}\n";
        assert_eq!(answer_times(good).unwrap(), [1.5, 2.0]);
        let failed = "{\"query\":\"a\",\"ms\":1.5,\"error\":\"no\"}\n";
        assert_eq!(answer_times(failed).unwrap_err().to_string(), "a query failed: no");
        assert!(answer_times("not json\n").is_err());
    }
}
