//! A run as it is kept: what was measured, when, with what, on what kind of machine.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::flux::Flux;
use crate::graph::GraphFigures;
use crate::index::IndexFigures;
use crate::machine::Machine;
use crate::search::SearchFigures;
use crate::update::UpdateFigures;

/// Number of the shape of a record. 1: first.
const SCHEMA: u32 = 1;

/// A run.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    schema: u32,
    /// Day of the run, year-month-day.
    date: String,
    flux: String,
    /// Name of the repository's folder.
    repository: String,
    machine: Machine,
    #[serde(flatten)]
    results: Results,
}

/// The benches that were run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Results {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) index: Option<IndexFigures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) update: Option<UpdateFigures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) search: Option<SearchFigures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) graph: Option<GraphFigures>,
}

impl Record {
    /// The record of `results`, made today on this machine.
    pub(crate) fn new(flux: &Flux, results: Results) -> anyhow::Result<Self> {
        let name = flux.repo.file_name().unwrap_or_default();
        Ok(Self {
            schema: SCHEMA,
            date: day(SystemTime::now().duration_since(UNIX_EPOCH)?),
            flux: flux.version()?,
            repository: name.to_string_lossy().into_owned(),
            machine: Machine::this(),
            results,
        })
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, {}, {}", self.repository, self.flux, self.date)?;
        let Results { index, update, search, graph } = &self.results;
        index.iter().try_for_each(|figures| figures.fmt(f))?;
        update.iter().try_for_each(|figures| figures.fmt(f))?;
        search.iter().try_for_each(|figures| figures.fmt(f))?;
        graph.iter().try_for_each(|figures| figures.fmt(f))
    }
}

/// The day in the Gregorian calendar, in UTC. Years are counted from March, so that the day a
/// leap year adds is the last (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn day(since_1970: Duration) -> String {
    let days = since_1970.as_secs() / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::day;

    #[test]
    fn days_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_767_225_599, "2025-12-31"),
            (1_767_225_600, "2026-01-01"),
        ] {
            assert_eq!(day(Duration::from_secs(seconds)), expected);
        }
    }
}
