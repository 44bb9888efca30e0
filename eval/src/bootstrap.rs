//! How far a mean can be trusted: the percentile bootstrap.
//!
//! Questions are resampled within their repository, never the repositories themselves: a suite
//! stands for its repositories, and its questions are a sample of what could be asked of them.

use crate::aggregate::mean;

/// Enough that the ends of the interval move by less than 0.001 between seeds on 400 questions.
const ROUNDS: usize = 2000;
/// Fixed, so that the same two runs always give the same interval.
const SEED: u64 = 7;

/// The 95 % interval of the mean over groups of the means of their values.
pub(crate) fn interval(groups: &[Vec<f64>]) -> (f64, f64) {
    let groups: Vec<&Vec<f64>> = groups.iter().filter(|group| !group.is_empty()).collect();
    let mut random = SplitMix(SEED);
    let mut means: Vec<f64> = (0..ROUNDS)
        .map(|_| mean(groups.iter().map(|group| resampled_mean(group, &mut random))))
        .collect();
    means.sort_by(f64::total_cmp);
    (means[ROUNDS * 25 / 1000], means[ROUNDS * 975 / 1000 - 1])
}

fn resampled_mean(group: &[f64], random: &mut SplitMix) -> f64 {
    mean((0..group.len()).map(|_| group[random.below(group.len())]))
}

/// The SplitMix64 generator (Steele, Lea and Flood 2014): one word of state, good enough to draw
/// samples, and the same numbers on every machine.
pub(crate) struct SplitMix(pub(crate) u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number from 0 up to, not including, `end`. The high half of a product is even enough for
    /// ranges this small.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::{SplitMix, interval};

    #[test]
    fn equal_values_leave_no_doubt() {
        assert_eq!(interval(&[vec![0.5; 9], vec![0.5; 3]]), (0.5, 0.5));
        assert_eq!(interval(&[vec![], vec![]]), (0.0, 0.0));
    }

    #[test]
    fn the_interval_of_a_fair_coin_matches_its_standard_error() {
        let coin: Vec<f64> = (0..400).map(|index| f64::from(index % 2)).collect();
        let (low, high) = interval(&[coin]);
        // 0.5 ± 1.96 · 0.5 / √400
        assert!((low - 0.451).abs() < 0.006 && (high - 0.549).abs() < 0.006, "{low} {high}");
    }

    #[test]
    fn the_generator_gives_the_published_numbers() {
        let mut random = SplitMix(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }
}
