//! Why a request failed, and what that asks of us.
//!
//! Decided by status and error code first. Texts count only where services have no code for it:
//! that a conversation is longer than the window.

use std::time::{Duration, SystemTime};

use serde_json::Value;

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What to do about it.
    pub kind: FailureKind,
    /// What the service said.
    pub message: String,
}

/// What a failure asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The same request may succeed later; the server may say when.
    Retry {
        /// How long it asks to wait.
        after: Option<Duration>,
    },
    /// Nobody answers at the address. That passes sometimes, but not by waiting long.
    Unreachable,
    /// The conversation is longer than the window.
    Overflow,
    /// The key is missing, wrong or not allowed to.
    Auth,
    /// There is no money or quota left.
    Quota,
    /// The request is wrong, and will be.
    Fatal,
    /// The user stopped it.
    Cancelled,
}

impl Failure {
    /// One that may pass.
    pub fn passing(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Retry { after: None }, message: message.into() }
    }

    /// One that will not.
    pub fn fatal(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Fatal, message: message.into() }
    }

    /// The user's.
    pub fn cancelled() -> Self {
        Self { kind: FailureKind::Cancelled, message: "stopped".to_owned() }
    }
}

/// What a failed answer says by its headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// `retry-after-ms` or `retry-after`.
    pub after: Option<Duration>,
    /// `x-should-retry`.
    pub should_retry: Option<bool>,
}

impl Hints {
    /// Reads the headers that matter through `header`.
    pub fn of<'a>(header: impl Fn(&str) -> Option<&'a str>, now: SystemTime) -> Self {
        let milliseconds = header("retry-after-ms").and_then(|text| text.trim().parse().ok());
        let exact = milliseconds.map(Duration::from_millis);
        let after = exact.or_else(|| asked_wait(header("retry-after")?, now));
        let should_retry = match header("x-should-retry") {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        Self { after, should_retry }
    }
}

/// What a `Retry-After` header asks for: seconds, or a date.
fn asked_wait(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = httpdate::parse_http_date(header).ok()?;
    Some(until.duration_since(now).unwrap_or(Duration::ZERO))
}

/// What an answer with a status other than success stands for.
pub fn of_status(status: u16, hints: &Hints, body: &[u8]) -> Failure {
    let said = Said::of(body);
    let kind = match status {
        _ if said.is_overflow() => FailureKind::Overflow,
        402 => FailureKind::Quota,
        429 if said.has_code(&["insufficient_quota", "billing_error"]) => FailureKind::Quota,
        401 | 403 => FailureKind::Auth,
        _ if hints.should_retry == Some(false) => FailureKind::Fatal,
        408 | 409 | 425 | 429 | 500 | 502..=599 => FailureKind::Retry { after: hints.after },
        _ if hints.should_retry == Some(true) => FailureKind::Retry { after: hints.after },
        _ => FailureKind::Fatal,
    };
    let message = match said.message.as_str() {
        "" => format!("the service answered with status {status}"),
        message => format!("the service answered with status {status}: {message}"),
    };
    Failure { kind, message }
}

/// What an error in the middle of a stream stands for. Nobody can tell what was lost, so it is
/// tried again unless its code says that it is no use.
pub(super) fn of_event(error: &Value) -> Failure {
    let said = Said::of_value(error);
    let hopeless = ["invalid_request_error", "authentication_error", "permission_error"];
    let kind = match () {
        () if said.is_overflow() => FailureKind::Overflow,
        () if said.has_code(&["insufficient_quota", "billing_error"]) => FailureKind::Quota,
        () if said.has_code(&hopeless) => FailureKind::Fatal,
        () => FailureKind::Retry { after: None },
    };
    Failure { kind, message: format!("the service broke off: {}", said.message) }
}

/// An error as services write it.
struct Said {
    codes: Vec<String>,
    message: String,
}

/// Longest message that is shown, in characters.
const LONGEST_MESSAGE: usize = 300;

impl Said {
    fn of(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => Self::of_value(value.get("error").unwrap_or(&value)),
            Err(_) => {
                // A page of a proxy: its tags say nothing.
                let text = String::from_utf8_lossy(body);
                let text = if text.trim_start().starts_with('<') { "" } else { text.trim() };
                Self { codes: Vec::new(), message: cut(text) }
            }
        }
    }

    fn of_value(error: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let places = [&error["type"], &error["code"], &error["details"]["error_code"]];
        let message = text(error).or_else(|| text(&error["message"])).unwrap_or_default();
        Self { codes: places.into_iter().filter_map(text).collect(), message: cut(&message) }
    }

    fn has_code(&self, codes: &[&str]) -> bool {
        self.codes.iter().any(|code| codes.contains(&code.as_str()))
    }

    fn is_overflow(&self) -> bool {
        self.has_code(&["context_length_exceeded"]) || is_overflow_text(&self.message)
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_MESSAGE).collect()
}

/// What services and compatible servers say when a conversation is longer than the window. Taken
/// from their sources and from reports of the errors; there is no code for it on most.
const OVERFLOWS: &[&str] = &[
    "prompt is too long",
    "exceed context limit",
    "exceeds the context window",
    "maximum context length is",
    "input is too long for requested model",
    "reduce the length of the messages",
    "longer than the model's context length",
    "exceeds the available context size",
    "greater than the context length",
    "context window exceeds limit",
    "exceeded model token limit",
    "prompt too long",
];

fn is_overflow_text(message: &str) -> bool {
    let message = message.to_lowercase();
    let is_count = message.contains("input token count") && message.contains("exceeds");
    let is_known = OVERFLOWS.iter().any(|text| message.contains(text));
    (is_known || is_count) && !message.contains("rate limit")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{FailureKind, Hints, of_status};

    fn kind(status: u16, body: &str) -> FailureKind {
        of_status(status, &Hints::default(), body.as_bytes()).kind
    }

    #[test]
    fn status_and_code_decide() {
        let retry = FailureKind::Retry { after: None };
        for status in [408, 409, 429, 500, 502, 503, 504, 529] {
            assert_eq!(kind(status, "<html>Bad gateway</html>"), retry, "{status}");
        }
        assert_eq!(kind(400, "{}"), FailureKind::Fatal);
        assert_eq!(kind(404, "{}"), FailureKind::Fatal);
        assert_eq!(kind(413, "{}"), FailureKind::Fatal);
        assert_eq!(kind(501, "{}"), FailureKind::Fatal);
        assert_eq!(kind(401, "{}"), FailureKind::Auth);
        assert_eq!(kind(402, "{}"), FailureKind::Quota);
        let spent = r#"{"error":{"message":"x","type":"t","code":"insufficient_quota"}}"#;
        assert_eq!(kind(429, spent), FailureKind::Quota);
    }

    #[test]
    fn a_window_that_is_full_is_known_by_code_or_words() {
        for body in [
            r#"{"error":{"message":"x","code":"context_length_exceeded"}}"#,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}"#,
            r#"{"error":"the request exceeds the available context size"}"#,
        ] {
            assert_eq!(kind(400, body), FailureKind::Overflow, "{body}");
        }
        let other = r#"{"error":{"message":"rate limit: input token count exceeds your quota"}}"#;
        assert_eq!(kind(429, other), FailureKind::Retry { after: None });
    }

    #[test]
    fn headers_say_when_and_whether() {
        let now = SystemTime::UNIX_EPOCH;
        let of = |pairs: &'static [(&str, &str)]| {
            let found = move |name: &str| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
            };
            Hints::of(found, now)
        };
        let exact = of(&[("retry-after-ms", "1500"), ("retry-after", "9")]);
        assert_eq!(exact.after, Some(Duration::from_millis(1500)));
        let hints = of(&[("retry-after", "2"), ("x-should-retry", "false")]);
        assert_eq!(hints.after, Some(Duration::from_secs(2)));
        assert_eq!(of_status(503, &hints, b"").kind, FailureKind::Fatal);
    }
}
