//! The HTTP client itself: TLS, proxy and time-outs, for embeddings and downloads alike.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use reqwest::blocking::{Client, ClientBuilder};
use reqwest::{NoProxy, Proxy};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::fault::Fault;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);

/// A client for `url` that gives up after `silence` without a byte. Proxies come from `proxy`
/// alone, never from the environment, and never stand before this machine's own servers.
pub(crate) fn client(url: &str, proxy: Option<&str>, silence: Duration) -> Result<Client, Fault> {
    let setup = |source| Fault::Setup { url: url.to_owned(), source };
    let builder = ClientBuilder::new()
        .user_agent(concat!("flux/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls()?)
        .connect_timeout(CONNECT)
        .timeout(silence)
        .no_proxy();
    let builder = match proxy {
        Some(proxy) => {
            let local = NoProxy::from_string("localhost,127.0.0.0/8,::1");
            builder.proxy(Proxy::all(proxy).map_err(setup)?.no_proxy(local))
        }
        None => builder,
    };
    builder.build().map_err(setup)
}

/// Why a request to `url` got no answer.
pub(crate) fn fault(url: &str, error: reqwest::Error, silence: Duration) -> Fault {
    let url = url.to_owned();
    if error.is_connect() {
        Fault::Unreachable { url, source: error }
    } else if error.is_timeout() || is_time_out(&error) {
        Fault::Silent { url, seconds: silence.as_secs() }
    } else if error.is_builder() {
        Fault::Setup { url, source: error }
    } else {
        Fault::Cut { url, source: error }
    }
}

/// What an answer with `status` and nothing to say stands for.
#[cfg(feature = "onnx")]
pub(crate) fn refusal(url: &str, status: u16) -> Fault {
    Fault::of_status(url, status, "no reason is given".to_owned())
}

fn is_time_out(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(next) = cause {
        let is_io = next.downcast_ref::<std::io::Error>();
        if is_io.is_some_and(|error| error.kind() == std::io::ErrorKind::TimedOut) {
            return true;
        }
        cause = next.source();
    }
    false
}

/// TLS by ring and the system's certificates, without the process-wide default of rustls.
fn tls() -> Result<ClientConfig, Fault> {
    let failed = |error: rustls::Error| Fault::Tls(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_platform_verifier()
        .map_err(failed)?;
    Ok(config.with_no_client_auth())
}
