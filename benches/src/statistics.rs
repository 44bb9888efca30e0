//! Medians and spreads.
//!
//! Medians, because a busy machine makes some runs slow and none fast; the quartiles say how far
//! to trust them.

use serde::Serialize;

/// How a number was distributed over the runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    pub(crate) low_quartile: f64,
    pub(crate) high_quartile: f64,
    pub(crate) p95: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
    pub(crate) count: usize,
}

impl Summary {
    /// Summarises `values`; all zero when there are none.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share| round(quantile(&sorted, share));
        Self {
            median: at(0.5),
            low_quartile: at(0.25),
            high_quartile: at(0.75),
            p95: at(0.95),
            least: at(0.0),
            most: at(1.0),
            count: sorted.len(),
        }
    }
}

/// The median of `values`.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    Summary::of(values).median
}

/// `a` as a multiple of `b`, pair by pair, so that what slows a moment down slows both.
pub(crate) fn ratios(a: &[f64], b: &[f64]) -> Summary {
    Summary::of(a.iter().zip(b).filter(|(_, b)| **b > 0.0).map(|(a, b)| a / b))
}

/// What `a` is above `b`, pair by pair.
pub(crate) fn differences(a: &[f64], b: &[f64]) -> Summary {
    Summary::of(a.iter().zip(b).map(|(a, b)| a - b))
}

/// Linear between the two nearest values.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a position among a few values that were measured"
)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let position = share * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (position - position.floor())
}

/// Three decimals; more would be noise in the files.
fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::{Summary, differences, median, ratios};

    #[test]
    fn a_summary_orders_its_values() {
        let summary = Summary::of([4.0, 1.0, 3.0, 2.0, 5.0]);
        assert_eq!((summary.median, summary.low_quartile, summary.high_quartile), (3.0, 2.0, 4.0));
        assert_eq!((summary.least, summary.most, summary.count), (1.0, 5.0, 5));
        assert_eq!(summary.p95, 4.8);
    }

    #[test]
    fn a_median_of_an_even_number_lies_between_two_values() {
        assert_eq!(median([1.0, 2.0, 4.0, 8.0]), 3.0);
        assert_eq!(median([7.0]), 7.0);
        assert_eq!(median([]), 0.0);
    }

    #[test]
    fn one_slow_run_does_not_move_the_median() {
        assert_eq!(median([10.0, 10.1, 9.9, 500.0, 10.0]), 10.0);
    }

    #[test]
    fn pairs_are_compared_before_they_are_summarised() {
        let (flux, floor) = ([30.0, 300.0, 33.0], [10.0, 100.0, 11.0]);
        assert_eq!(ratios(&flux, &floor).median, 3.0);
        assert_eq!(ratios(&flux, &floor).most, 3.0);
        assert_eq!(differences(&flux, &floor).median, 22.0);
    }

    #[test]
    fn a_floor_of_nothing_is_left_out() {
        assert_eq!(ratios(&[1.0, 4.0], &[0.0, 2.0]).count, 1);
    }

    #[test]
    fn values_are_rounded_to_three_decimals() {
        assert_eq!(median([1.0 / 3.0]), 0.333);
    }
}
