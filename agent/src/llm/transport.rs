//! Carries a request to its service and the answer's bytes back.
//!
//! One request at a time, on a runtime of its own, so that the loop around it needs none. There is
//! no limit on a whole answer, which may take minutes, only on silence.

use std::error::Error as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use flux_core::Cancel;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{NoProxy, Proxy, Response};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::failure::{Failure, FailureKind, Hints, of_status};
use super::pace::{Pace, Wait};
use super::provider::{Provider, Secret};

/// Takes the bytes of an answer as they come; an error ends it.
pub type Sink<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), Failure>;

/// What carries requests. Tests have one that replays.
pub trait Transport {
    /// Sends `body` and passes on the answer's bytes, until it ends or is cancelled.
    fn post(&self, body: &[u8], cancel: &Cancel, sink: Sink<'_>) -> Result<(), Failure>;

    /// How long to wait before `body` is sent, so that the service is not asked too often.
    fn due(&self, _body: &[u8]) -> Option<Wait> {
        None
    }
}

/// How a service is reached.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// The service.
    pub provider: &'static Provider,
    /// Where it is, if not at its usual place.
    pub base: String,
    /// Its key.
    pub key: Option<Secret>,
    /// A proxy, if one is to be used.
    pub proxy: Option<String>,
    /// How long it may say nothing.
    pub silence: Duration,
    /// How fast it may be asked; shared by all connections to it.
    pub pace: Arc<Mutex<Pace>>,
}

/// How long a service may think before it says anything, if nothing else is set. Reasoning models
/// stay silent for minutes.
pub const USUAL_SILENCE: Duration = Duration::from_secs(300);
/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(15);
/// How often it is looked whether the user stopped the request.
const POLL: Duration = Duration::from_millis(50);
/// Bytes of an answer that tells of a failure.
const LONGEST_COMPLAINT: usize = 64 << 10;

/// A connection to one service.
#[derive(Debug)]
pub struct Http {
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
    url: String,
    headers: HeaderMap,
    key: Option<Secret>,
    silence: Duration,
    pace: Arc<Mutex<Pace>>,
}

impl Http {
    /// Prepares the connection; nothing is sent yet.
    pub fn new(settings: &HttpSettings) -> Result<Self, Failure> {
        let HttpSettings { provider, base, key, proxy, silence, pace } = settings;
        let setup = |error: reqwest::Error| Failure::fatal(format!("cannot set up HTTP: {error}"));
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("flux/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls()?)
            .connect_timeout(CONNECT)
            .no_proxy();
        if let Some(proxy) = proxy {
            let local = NoProxy::from_string("localhost,127.0.0.0/8,::1");
            builder = builder.proxy(Proxy::all(proxy).map_err(setup)?.no_proxy(local));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self {
            client: builder.build().map_err(setup)?,
            runtime: runtime.map_err(|error| Failure::fatal(error.to_string()))?,
            url: provider.url(base),
            headers: headers(provider, key.as_ref())?,
            key: key.clone(),
            silence: *silence,
            pace: Arc::clone(pace),
        })
    }

    async fn exchange(&self, body: &[u8], sink: Sink<'_>) -> Result<(), Failure> {
        let request = self.client.post(&self.url).headers(self.headers.clone());
        let sent = tokio::time::timeout(self.silence, request.body(body.to_vec()).send()).await;
        let sent = sent.map_err(|_| self.silent())?;
        let mut response = sent.map_err(|error| self.lost(&error))?;
        let header = |name: &str| response.headers().get(name)?.to_str().ok();
        self.pace().learn(header, Instant::now(), SystemTime::now());
        if !response.status().is_success() {
            return Err(self.refused(response).await);
        }
        loop {
            let chunk = tokio::time::timeout(self.silence, response.chunk()).await;
            match chunk.map_err(|_| self.silent())? {
                Ok(Some(bytes)) => sink(&bytes)?,
                Ok(None) => return Ok(()),
                Err(error) => return Err(self.lost(&error)),
            }
        }
    }

    async fn refused(&self, mut response: Response) -> Failure {
        let status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name)?.to_str().ok();
        let hints = Hints::of(header, SystemTime::now());
        let mut body = Vec::new();
        while let Ok(Ok(Some(bytes))) = tokio::time::timeout(self.silence, response.chunk()).await {
            body.extend_from_slice(&bytes);
            if body.len() > LONGEST_COMPLAINT {
                break;
            }
        }
        let failure = of_status(status, &hints, &body);
        Failure { message: self.blot(&failure.message), ..failure }
    }

    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn blot(&self, text: &str) -> String {
        self.key.as_ref().map_or_else(|| text.to_owned(), |key| key.blot(text))
    }

    fn silent(&self) -> Failure {
        Failure::passing(format!("{} says nothing for {} s", self.url, self.silence.as_secs()))
    }

    /// A connection that broke may stand again; an address that makes no sense will not.
    fn lost(&self, error: &reqwest::Error) -> Failure {
        let mut text = format!("cannot reach {}: {error}", self.url);
        let mut cause = error.source();
        while let Some(next) = cause {
            text = format!("{text}: {next}");
            cause = next.source();
        }
        let text = self.blot(&text);
        match () {
            () if error.is_builder() => Failure::fatal(text),
            () if error.is_connect() => Failure { kind: FailureKind::Unreachable, message: text },
            () => Failure::passing(text),
        }
    }
}

impl Transport for Http {
    fn post(&self, body: &[u8], cancel: &Cancel, sink: Sink<'_>) -> Result<(), Failure> {
        let stopped = async {
            while !cancel.is_cancelled() {
                tokio::time::sleep(POLL).await;
            }
            Failure::cancelled()
        };
        self.pace().sends(body.len(), Instant::now());
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                failure = stopped => Err(failure),
                done = self.exchange(body, sink) => done,
            }
        })
    }

    fn due(&self, body: &[u8]) -> Option<Wait> {
        self.pace().due(body.len(), Instant::now())
    }
}

fn headers(provider: &Provider, key: Option<&Secret>) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for (name, value) in provider.headers(key) {
        let value = HeaderValue::from_str(&value).map_err(|_| Failure {
            kind: FailureKind::Auth,
            message: format!("the key of {} has letters that no key has", provider.name),
        })?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// TLS by ring and the system's certificates, without the process-wide default of rustls.
fn tls() -> Result<ClientConfig, Failure> {
    let failed = |error: rustls::Error| Failure::fatal(format!("cannot set up TLS: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_platform_verifier()
        .map_err(failed)?;
    Ok(config.with_no_client_auth())
}
