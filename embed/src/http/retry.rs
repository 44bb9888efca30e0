//! When to try again, and after how long.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

/// A pause is never longer, unless the server asks for it.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A server that asks for a longer pause is not waited for.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// The pause before attempt `attempt` (the second is 1): twice as long each time, of which a
/// random half is left out so that clients do not come back together.
pub(crate) fn pause(first: Duration, attempt: u32, random: f64) -> Duration {
    let doubled = first.saturating_mul(1 << (attempt - 1).min(16));
    doubled.min(LONGEST_PAUSE).mul_f64(1.0 - random / 2.0)
}

/// A number from 0 to 1 that differs between calls and processes.
pub(crate) fn random() -> f64 {
    // The standard library seeds each state from the system; no package is needed for jitter.
    let bits = RandomState::new().hash_one(0_u8);
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// Whether an answer with `status` may be better the next time.
pub(crate) fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 409 | 425 | 429 | 500..=599) && status != 501
}

/// What a `Retry-After` header asks for: seconds, or a date.
pub(super) fn asked_wait(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = httpdate::parse_http_date(header).ok()?;
    Some(until.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{asked_wait, is_passing, pause, random};

    #[test]
    fn pauses_double_up_to_a_bound() {
        let first = Duration::from_millis(500);
        let seconds: Vec<f64> =
            [1, 2, 3, 8, 40].map(|attempt| pause(first, attempt, 0.0).as_secs_f64()).to_vec();
        assert_eq!(seconds, [0.5, 1.0, 2.0, 30.0, 30.0]);
        assert_eq!(pause(first, 1, 1.0), Duration::from_millis(250));
    }

    #[test]
    fn jitter_is_a_share() {
        let numbers: Vec<f64> = (0..100).map(|_| random()).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        assert!(numbers.iter().any(|number| *number != numbers[0]));
    }

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(asked_wait("7", now), Some(Duration::from_secs(7)));
        assert_eq!(asked_wait(" 0.5 ", now), Some(Duration::from_millis(500)));
        let date = "Sun, 06 Nov 1994 08:49:40 GMT";
        assert_eq!(asked_wait(date, now), Some(Duration::from_secs(3)));
        let past = now + Duration::from_secs(60);
        assert_eq!(asked_wait(date, past), Some(Duration::ZERO));
        assert_eq!(asked_wait("-1", now), None);
        assert_eq!(asked_wait("soon", now), None);
    }

    #[test]
    fn only_passing_faults_are_tried_again() {
        assert!([429, 500, 502, 503, 504, 529, 408].into_iter().all(is_passing));
        assert!(![400, 401, 403, 404, 413, 422, 501].into_iter().any(is_passing));
    }
}
