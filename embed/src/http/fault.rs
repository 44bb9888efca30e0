//! What goes wrong between here and a server, in words a user can act on.

use flux_core::EmbedError;
use thiserror::Error;

/// Why a request has no answer.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    #[error("{url} does not answer")]
    Unreachable { url: String, source: reqwest::Error },
    #[error("{url} kept silent for {seconds} seconds")]
    Silent { url: String, seconds: u64 },
    #[error("{url} cut the connection")]
    Cut { url: String, source: reqwest::Error },
    #[error("{url} refused the key: {said}")]
    Key { url: String, said: String },
    #[error("{url} has no such thing: {said}")]
    Missing { url: String, said: String },
    #[error("{url} asks to wait: {said}")]
    Busy { url: String, said: String },
    #[error("{url} failed with status {status}: {said}")]
    Server { url: String, status: u16, said: String },
    #[error("{url} refused the request with status {status}: {said}")]
    Refused { url: String, status: u16, said: String },
    #[error("{url} answered something else than vectors: {said}")]
    Malformed { url: String, said: String },
    #[error("the answer of {url} is over {bytes} bytes")]
    TooLong { url: String, bytes: u64 },
    #[error("no TLS: {0}")]
    Tls(String),
    #[error("cannot set up the HTTP client for {url}")]
    Setup { url: String, source: reqwest::Error },
}

impl Fault {
    /// The fault that an answer with a status other than success stands for.
    pub(super) fn of_status(url: &str, status: u16, said: String) -> Self {
        let url = url.to_owned();
        match status {
            401 | 403 => Self::Key { url, said },
            404 => Self::Missing { url, said },
            429 => Self::Busy { url, said },
            500.. => Self::Server { url, status, said },
            _ => Self::Refused { url, status, said },
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Unreachable { url, .. } => format!("is the server running at {}?", origin(url)),
            Self::Silent { .. } => {
                "the server may still be loading the model; try again".to_owned()
            }
            Self::Cut { .. } | Self::Server { .. } => "see the server's own log".to_owned(),
            Self::Key { .. } => "check the key, and that it may use this model".to_owned(),
            Self::Missing { .. } => {
                "check the model's name and the base URL; a local server must have the model \
                 installed"
                    .to_owned()
            }
            Self::Busy { .. } => "lower the rate limit, or try again later".to_owned(),
            Self::Refused { .. } => {
                "check the model's name, its dimensions and the length of its window".to_owned()
            }
            Self::Malformed { .. } | Self::TooLong { .. } => {
                "check the base URL and the kind of server".to_owned()
            }
            Self::Tls(_) => "check the system's certificates".to_owned(),
            Self::Setup { .. } => "check the base URL, the key and the proxy".to_owned(),
        }
    }
}

impl From<Fault> for EmbedError {
    fn from(fault: Fault) -> Self {
        let mut message = fault.to_string();
        let mut cause = std::error::Error::source(&fault);
        // A chain ends in what the system said, such as "connection refused".
        while let Some(next) = cause.and_then(std::error::Error::source) {
            cause = Some(next);
        }
        if let Some(root) = cause {
            message = format!("{message}: {root}");
        }
        Self { message, hint: fault.hint() }
    }
}

/// Scheme, host and port of `url`.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find('/').map_or(url.len(), |at| host + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!(origin("http://localhost:1234/v1/embeddings"), "http://localhost:1234");
        assert_eq!(origin("https://host"), "https://host");
        assert_eq!(origin("nonsense"), "nonsense");
    }
}
