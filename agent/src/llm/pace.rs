//! How fast a service may be asked: by the user's own limits, and by what the service says of its
//! own in the headers of its answers. Waiting here costs less than being refused there.
//!
//! A pure function of times and numbers; who waits is the caller.

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use super::provider::Dialect;

/// The user's own limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaceLimits {
    /// Requests in a minute.
    pub requests: Option<u32>,
    /// Tokens that are sent in a minute, by estimate.
    pub tokens: Option<u64>,
}

/// What has been asked of one service, and what it says is left.
#[derive(Clone, Debug)]
pub struct Pace {
    limits: PaceLimits,
    dialect: Dialect,
    /// Requests of the last minute: when, and how many tokens.
    sent: VecDeque<(Instant, u64)>,
    requests: Option<Left>,
    tokens: Option<Left>,
    /// Bytes of the last request.
    last: usize,
}

/// What a service says is left until a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    remaining: u64,
    /// The most there can be; what needs more than that is not waited for.
    limit: Option<u64>,
    until: Instant,
}

/// How long to wait, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long.
    pub time: Duration,
    /// In words.
    pub why: String,
}

const MINUTE: Duration = Duration::from_secs(60);
/// A longer wait is left to the service, which may know better than its headers.
const LONGEST: Duration = Duration::from_secs(120);
/// Bytes of a request for a token, about.
const BYTES: u64 = 4;

impl Pace {
    /// Nothing was asked yet.
    pub fn new(limits: PaceLimits, dialect: Dialect) -> Self {
        Self { limits, dialect, sent: VecDeque::new(), requests: None, tokens: None, last: 0 }
    }

    /// How long to wait before a request of so many bytes is sent.
    pub fn due(&mut self, bytes: usize, now: Instant) -> Option<Wait> {
        while self.sent.front().is_some_and(|(when, _)| now.duration_since(*when) >= MINUTE) {
            self.sent.pop_front();
        }
        let waits = [self.own_requests(now), self.own_tokens(bytes, now), self.theirs(bytes, now)];
        let longest = waits.into_iter().flatten().max_by_key(|wait| wait.time)?;
        (!longest.time.is_zero()).then_some(longest)
    }

    fn own_requests(&self, now: Instant) -> Option<Wait> {
        let most = self.limits.requests?.max(1) as usize;
        let over = self.sent.len().checked_sub(most)?;
        let (when, _) = self.sent.get(over)?;
        let why = format!("{most} requests a minute are the most by your configuration");
        Some(Wait { time: (*when + MINUTE).saturating_duration_since(now), why })
    }

    fn own_tokens(&self, bytes: usize, now: Instant) -> Option<Wait> {
        let most = self.limits.tokens?;
        let mut left: u64 = self.sent.iter().map(|(_, tokens)| tokens).sum();
        let needed = bytes as u64 / BYTES;
        // A request that alone is more than a minute may take waits for an idle minute.
        let fit = most.saturating_sub(needed);
        let mut until = None;
        for (when, tokens) in &self.sent {
            if left <= fit {
                break;
            }
            left -= tokens;
            until = Some(*when + MINUTE);
        }
        let why = format!("{most} tokens a minute are the most by your configuration");
        Some(Wait { time: until?.saturating_duration_since(now), why })
    }

    fn theirs(&self, bytes: usize, now: Instant) -> Option<Wait> {
        let needed = self.fresh(bytes) / BYTES;
        let wait = |left: Option<Left>, needed: u64, of: &str| {
            let left = left.filter(|left| left.remaining < needed && left.until > now)?;
            if left.limit.is_some_and(|limit| limit < needed) {
                return None;
            }
            let time = left.until.saturating_duration_since(now);
            let why = format!("the service says that no more {of} are left for now");
            (time <= LONGEST).then_some(Wait { time, why })
        };
        let waits = [wait(self.requests, 1, "requests"), wait(self.tokens, needed, "tokens")];
        waits.into_iter().flatten().max_by_key(|wait| wait.time)
    }

    /// Bytes of a request that count. Anthropic does not count what it has in its cache, and a
    /// conversation grows at its end.
    fn fresh(&self, bytes: usize) -> u64 {
        let known = match self.dialect {
            Dialect::Anthropic if bytes >= self.last => self.last,
            Dialect::Anthropic | Dialect::Chat | Dialect::Responses => 0,
        };
        (bytes - known) as u64
    }

    /// A request goes out.
    pub fn sends(&mut self, bytes: usize, now: Instant) {
        self.sent.push_back((now, bytes as u64 / BYTES));
        self.last = bytes;
    }

    /// Reads the headers of an answer through `header`.
    pub fn learn<'a>(
        &mut self,
        header: impl Fn(&str) -> Option<&'a str>,
        now: Instant,
        clock: SystemTime,
    ) {
        let left = |names: [&str; 3]| -> Option<Left> {
            let [remaining, limit, reset] = names.map(&header);
            let until = now.checked_add(until_reset(reset?, clock)?)?;
            let limit = limit.and_then(|text| text.trim().parse().ok());
            Some(Left { remaining: remaining?.trim().parse().ok()?, limit, until })
        };
        let of = |kind: &str| {
            let anthropic = ["remaining", "limit", "reset"]
                .map(|part| format!("anthropic-ratelimit-{kind}-{part}"));
            let openai =
                ["remaining", "limit", "reset"].map(|part| format!("x-ratelimit-{part}-{kind}"));
            let names = |names: &[String; 3]| left([&names[0], &names[1], &names[2]]);
            names(&anthropic).or_else(|| names(&openai))
        };
        // An answer that says nothing leaves what an earlier one said.
        self.requests = of("requests").or(self.requests);
        self.tokens = of("input-tokens").or_else(|| of("tokens")).or(self.tokens);
    }
}

/// Time until what a `reset` header names: `6ms`, `1m30s`, seconds, or an instant of RFC 3339.
fn until_reset(text: &str, clock: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    match text.contains('T') {
        true => Some(instant(text)?.duration_since(clock).unwrap_or_default()),
        false => units(text),
    }
}

/// `1h2m3.5s`, `20ms`.
fn units(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, behind) = rest.split_at(end);
        let number: f64 = number.parse().ok()?;
        let end = behind.find(|letter: char| letter.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        total = total.checked_add(Duration::try_from_secs_f64(number * seconds).ok()?)?;
        rest = behind;
    }
    (!text.is_empty()).then_some(total)
}

/// `2026-11-30T15:04:05Z`, as Anthropic writes it; fractions and offsets are taken, too.
fn instant(text: &str) -> Option<SystemTime> {
    let (date, time) = text.split_once('T')?;
    let mut date = date.split('-');
    let mut part = || date.next()?.parse::<i64>().ok();
    let days = days_since_1970(part()?, part()?, part()?)?;
    let zone = time.find(['Z', '+', '-'])?;
    let (time, zone) = time.split_at(zone);
    let mut clock = time.split(':');
    let mut part = || clock.next()?.parse::<f64>().ok();
    let seconds = part()? * 3600.0 + part()? * 60.0 + part()?;
    let total = days as f64 * 86_400.0 + seconds - offset(zone)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(total).ok()?)
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<f64> {
    if zone == "Z" {
        return Some(0.0);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let seconds = hours.parse::<f64>().ok()? * 3600.0 + minutes.parse::<f64>().ok()? * 60.0;
    Some(if zone.starts_with('-') { -seconds } else { seconds })
}

/// Days from 1970 to a date, by counting years from March so that a leap day comes last.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant, SystemTime};

    use super::{Pace, PaceLimits, until_reset};
    use crate::llm::Dialect;

    const SECOND: Duration = Duration::from_secs(1);

    fn pace(requests: Option<u32>, tokens: Option<u64>) -> Pace {
        Pace::new(PaceLimits { requests, tokens }, Dialect::Chat)
    }

    fn seconds(pace: &mut Pace, bytes: usize, now: Instant) -> u64 {
        pace.due(bytes, now).map_or(0, |wait| wait.time.as_secs())
    }

    #[test]
    fn requests_of_a_minute_are_counted() {
        let (mut pace, now) = (pace(Some(2), None), Instant::now());
        for at in 0..2 {
            assert_eq!(seconds(&mut pace, 4, now + SECOND * at), 0);
            pace.sends(4, now + SECOND * at);
        }
        assert_eq!(seconds(&mut pace, 4, now + SECOND * 10), 50);
        let wait = pace.due(4, now + SECOND * 10).unwrap();
        assert!(wait.why.contains("2 requests a minute"), "{wait:?}");
        assert_eq!(seconds(&mut pace, 4, now + SECOND * 60), 0);
    }

    #[test]
    fn tokens_of_a_minute_are_counted() {
        let (mut pace, now) = (pace(None, Some(100)), Instant::now());
        for at in [0, 20] {
            pace.sends(160, now + SECOND * at);
        }
        assert_eq!(seconds(&mut pace, 80, now + SECOND * 30), 0, "20 more fit");
        assert_eq!(seconds(&mut pace, 160, now + SECOND * 30), 30);
        assert_eq!(seconds(&mut pace, 4000, now + SECOND * 30), 50, "too large: an idle minute");
        assert_eq!(seconds(&mut pace, 4000, now + SECOND * 80), 0, "and then it is sent");
    }

    fn learned(dialect: Dialect, headers: &[(&str, &str)], now: Instant) -> Pace {
        let mut pace = Pace::new(PaceLimits::default(), dialect);
        let header =
            |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        pace.learn(header, now, SystemTime::UNIX_EPOCH + Duration::from_secs(1_796_050_000));
        pace
    }

    #[test]
    fn what_a_service_says_is_left_is_waited_for() {
        let now = Instant::now();
        let headers = [
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-reset-requests", "1m3s"),
            ("x-ratelimit-remaining-tokens", "100"),
            ("x-ratelimit-limit-tokens", "1000"),
            ("x-ratelimit-reset-tokens", "70s"),
        ];
        let mut pace = learned(Dialect::Chat, &headers, now);
        assert_eq!(seconds(&mut pace, 4, now), 63);
        assert_eq!(seconds(&mut pace, 800, now + SECOND), 69, "more tokens than are left");
        assert_eq!(seconds(&mut pace, 8000, now + SECOND), 62, "more than there ever are");
        assert_eq!(seconds(&mut pace, 4, now + SECOND * 63), 0);
        let mut later =
            learned(Dialect::Chat, &[headers[0], ("x-ratelimit-reset-requests", "6h")], now);
        assert_eq!(seconds(&mut later, 4, now), 0, "hours are left to the service");
    }

    #[test]
    fn what_anthropic_has_in_its_cache_does_not_count() {
        let now = Instant::now();
        let headers = [
            ("anthropic-ratelimit-input-tokens-remaining", "50"),
            ("anthropic-ratelimit-input-tokens-limit", "10000"),
            // 1,796,050,000 is 14:46:40 of that day.
            ("anthropic-ratelimit-input-tokens-reset", "2026-11-30T15:47:10.5+01:00"),
        ];
        let mut pace = learned(Dialect::Anthropic, &headers, now);
        assert_eq!(seconds(&mut pace, 4000, now), 30);
        pace.sends(4000, now);
        assert_eq!(seconds(&mut pace, 4100, now), 0, "25 tokens are new");
        assert_eq!(seconds(&mut pace, 2000, now), 30, "it was shortened: all is new");
    }

    #[test]
    fn resets_are_read_in_every_form() {
        let clock = SystemTime::UNIX_EPOCH + Duration::from_secs(951_782_400);
        let read = |text: &str| until_reset(text, clock).map(|time| time.as_millis());
        assert_eq!(read("6ms"), Some(6));
        assert_eq!(read("1m30.5s"), Some(90_500));
        assert_eq!(read("1h"), Some(3_600_000));
        assert_eq!(read("12"), Some(12_000));
        // 951,782,400 is the first second of the leap day of 2000.
        assert_eq!(read("2000-02-29T00:00:01Z"), Some(1_000));
        assert_eq!(read("2000-03-01T00:00:00Z"), Some(86_400_000));
        assert_eq!(read("1999-01-01T00:00:00Z"), Some(0));
        for text in ["", "soon", "5x", "2000-13-01T00:00:00Z", "T", "2000-02-29T"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
