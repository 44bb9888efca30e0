//! Sends requests, paces them and tries again.

use std::fmt;
use std::io::Read as _;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use flux_core::EmbedError;
use reqwest::blocking::{RequestBuilder, Response};
use reqwest::header::RETRY_AFTER;

use super::dialect::Purpose;
use super::fault::Fault;
use super::{HttpSettings, plain, retry, wire};

/// Bytes of an answer, at most: 1000 vectors of 4096 numbers written out take half as much.
const LONGEST_ANSWER: u64 = 128 << 20;

/// A key, kept out of messages.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The key `key`, without the space around it.
    pub fn new(key: &str) -> Self {
        Self(key.trim().to_owned())
    }

    /// The key itself, to send it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// `text` with the key blotted out.
    fn blot(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "…") }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A connection to one server.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::blocking::Client,
    url: String,
    info: Option<(String, &'static str)>,
    key: Option<Secret>,
    silence: Duration,
    attempts: u32,
    first_pause: Duration,
    pacer: Pacer,
}

/// An attempt that failed.
struct Failed {
    fault: Fault,
    again: Again,
}

enum Again {
    Never,
    Later,
    After(Duration),
}

impl Client {
    pub(super) fn new(settings: &HttpSettings) -> Result<Self, Fault> {
        let HttpSettings { dialect, base_url, limits, .. } = settings;
        let url = dialect.url(base_url);
        let info = dialect.shape().info;
        let per_minute = limits.per_minute.filter(|requests| *requests > 0);
        Ok(Self {
            http: plain::client(&url, settings.proxy.as_deref(), limits.silence)?,
            info: info.map(|(path, field)| (dialect.at(base_url, path), field)),
            url,
            key: settings.key.clone(),
            silence: limits.silence,
            attempts: limits.attempts.max(1),
            first_pause: limits.first_pause,
            pacer: Pacer::new(per_minute.map(|requests| Duration::from_secs(60) / requests)),
        })
    }

    /// The vectors of `texts`, in order.
    pub(super) fn embed(
        &self,
        settings: &HttpSettings,
        texts: &[String],
        purpose: Purpose,
    ) -> Result<Vec<Vec<f32>>, Fault> {
        let body = wire::request(settings, texts, purpose).to_string();
        let json = "application/json";
        let request = || self.http.post(&self.url).header("content-type", json).body(body.clone());
        let answer = self.send(&self.url, request)?;
        wire::vectors(settings.dialect.shape().reply, &answer, texts.len())
            .map_err(|said| Fault::Malformed { url: self.url.clone(), said })
    }

    /// What the server calls its only model.
    pub(super) fn model_name(&self) -> Result<String, EmbedError> {
        let Some((url, field)) = &self.info else {
            return Err(EmbedError {
                message: format!("{} serves more than one model", self.url),
                hint: "name the model".to_owned(),
            });
        };
        let answer = self.send(url, || self.http.get(url))?;
        let said = || format!("no `{field}`");
        let name = wire::string(&answer, field);
        Ok(name.ok_or_else(|| Fault::Malformed { url: url.clone(), said: said() })?)
    }

    /// The body of a successful answer, after as many attempts as are allowed.
    fn send(&self, url: &str, request: impl Fn() -> RequestBuilder) -> Result<Vec<u8>, Fault> {
        let mut attempt = 1;
        loop {
            self.pacer.wait();
            let failed = match self.attempt(url, request()) {
                Ok(body) => return Ok(body),
                Err(failed) => failed,
            };
            let pause = match failed.again {
                Again::Later => retry::pause(self.first_pause, attempt, retry::random()),
                Again::After(wait) if wait <= retry::LONGEST_WAIT => wait,
                Again::After(_) | Again::Never => return Err(failed.fault),
            };
            if attempt >= self.attempts {
                return Err(failed.fault);
            }
            thread::sleep(pause);
            attempt += 1;
        }
    }

    fn attempt(&self, url: &str, request: RequestBuilder) -> Result<Vec<u8>, Failed> {
        let request = match &self.key {
            Some(key) if !key.expose().is_empty() => request.bearer_auth(key.expose()),
            _ => request,
        };
        let response = request.send().map_err(|error| self.lost(url, error))?;
        let status = response.status();
        let wait = wait(&response);
        let body = self.read(url, response)?;
        if status.is_success() {
            return Ok(body);
        }
        let said = wire::complaint(&body);
        let said = self.key.as_ref().map_or(said.clone(), |key| key.blot(&said));
        let again = match (retry::is_passing(status.as_u16()), wait) {
            (false, _) => Again::Never,
            (true, Some(wait)) => Again::After(wait),
            (true, None) => Again::Later,
        };
        Err(Failed { fault: Fault::of_status(url, status.as_u16(), said), again })
    }

    fn read(&self, url: &str, response: Response) -> Result<Vec<u8>, Failed> {
        let mut body = Vec::new();
        let read = response.take(LONGEST_ANSWER + 1).read_to_end(&mut body);
        if let Err(error) = read {
            let fault = match error.downcast::<reqwest::Error>() {
                Ok(error) => plain::fault(url, error, self.silence),
                Err(error) => Fault::Malformed { url: url.to_owned(), said: error.to_string() },
            };
            return Err(Failed { fault, again: Again::Later });
        }
        if body.len() as u64 > LONGEST_ANSWER {
            let fault = Fault::TooLong { url: url.to_owned(), bytes: LONGEST_ANSWER };
            return Err(Failed { fault, again: Again::Never });
        }
        Ok(body)
    }

    /// A server that refuses connections is not there; all else may pass.
    fn lost(&self, url: &str, error: reqwest::Error) -> Failed {
        let fault = plain::fault(url, error, self.silence);
        let again = match fault {
            Fault::Unreachable { .. } | Fault::Setup { .. } => Again::Never,
            _ => Again::Later,
        };
        Failed { fault, again }
    }
}

fn wait(response: &Response) -> Option<Duration> {
    let header = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    retry::asked_wait(header, SystemTime::now())
}

/// Keeps requests at least an interval apart.
#[derive(Debug)]
struct Pacer {
    interval: Option<Duration>,
    next: Mutex<Option<Instant>>,
}

impl Pacer {
    fn new(interval: Option<Duration>) -> Self {
        Self { interval, next: Mutex::new(None) }
    }

    /// Returns when it is the caller's turn.
    fn wait(&self) {
        if let Some(interval) = self.interval {
            thread::sleep(self.book(Instant::now(), interval));
        }
    }

    /// How long from `now` until the turn that is hereby taken.
    fn book(&self, now: Instant, interval: Duration) -> Duration {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + interval);
        turn - now
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Pacer, Secret};

    #[test]
    fn turns_are_an_interval_apart() {
        let interval = Duration::from_secs(2);
        let pacer = Pacer::new(Some(interval));
        let start = Instant::now();
        let book = |after: u64| pacer.book(start + Duration::from_secs(after), interval);
        assert_eq!(book(0), Duration::ZERO);
        assert_eq!(book(0), Duration::from_secs(2));
        assert_eq!(book(1), Duration::from_secs(3));
        assert_eq!(book(60), Duration::ZERO);
        assert_eq!(book(61), Duration::from_secs(1));
    }

    #[test]
    fn a_key_is_never_shown() {
        let key = Secret::new(" abc \n");
        assert_eq!(format!("{key:?}"), "Secret(…)");
        assert_eq!(key.blot("bad key abc"), "bad key …");
        assert_eq!(Secret::new("").blot("bad key"), "bad key");
    }
}
