//! How servers differ, as data: where they listen, what they call things, how they answer.

/// A server's way of speaking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `/v1/embeddings` as OpenAI defined it and most servers speak it.
    OpenAi,
    /// Ollama's `/api/embed`.
    Ollama,
    /// The `/embed` of text-embeddings-inference.
    Tei,
    /// Like OpenAI's, and told apart whether a text is a question or a document.
    Voyage,
}

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Query,
    Passage,
}

/// Where an answer holds its vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// `{"data": [{"index": 0, "embedding": […]}]}`
    Data,
    /// `{"embeddings": [[…]]}`
    Embeddings,
    /// `[[…]]`
    Bare,
}

/// One dialect's words.
pub(super) struct Shape {
    /// Stands between the base URL and `path` when the base URL has no path of its own.
    pub(super) version: &'static str,
    pub(super) path: &'static str,
    /// The field that holds the texts.
    pub(super) texts: &'static str,
    pub(super) has_model: bool,
    pub(super) dimensions: &'static str,
    pub(super) purpose: Option<&'static str>,
    /// Whether texts over the model's window are to be cut off there: the field that says so.
    pub(super) truncate: Option<&'static str>,
    pub(super) reply: Reply,
    /// What tells the name of the only model, and the field with it.
    pub(super) info: Option<(&'static str, &'static str)>,
}

const OPEN_AI: Shape = Shape {
    version: "/v1",
    path: "/embeddings",
    texts: "input",
    has_model: true,
    dimensions: "dimensions",
    purpose: None,
    truncate: None,
    reply: Reply::Data,
    info: None,
};

const OLLAMA: Shape = Shape {
    version: "",
    path: "/api/embed",
    truncate: Some("truncate"),
    reply: Reply::Embeddings,
    ..OPEN_AI
};

const TEI: Shape = Shape {
    version: "",
    path: "/embed",
    texts: "inputs",
    has_model: false,
    truncate: Some("truncate"),
    reply: Reply::Bare,
    info: Some(("/info", "model_id")),
    ..OPEN_AI
};

const VOYAGE: Shape = Shape {
    dimensions: "output_dimension",
    purpose: Some("input_type"),
    truncate: Some("truncation"),
    ..OPEN_AI
};

impl Dialect {
    /// The server that is meant when none is named.
    pub fn default_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Ollama => "http://localhost:11434",
            Self::Tei => "http://localhost:8080",
            Self::Voyage => "https://api.voyageai.com/v1",
        }
    }

    /// Whether the server is told that a text is a question, so that no prompt has to say it.
    pub(super) fn tells_purposes(self) -> bool {
        self.shape().purpose.is_some()
    }

    pub(super) fn shape(self) -> &'static Shape {
        match self {
            Self::OpenAi => &OPEN_AI,
            Self::Ollama => &OLLAMA,
            Self::Tei => &TEI,
            Self::Voyage => &VOYAGE,
        }
    }

    /// Where a server at `base` is asked for vectors.
    pub(super) fn url(self, base: &str) -> String {
        self.at(base, self.shape().path)
    }

    /// `path` on a server at `base`; a base URL that goes as far as the dialect's own path gets no
    /// version, for servers that have none.
    pub(super) fn at(self, base: &str, path: &str) -> String {
        let base = base.trim_end_matches('/');
        if let Some(base) = base.strip_suffix(self.shape().path) {
            return format!("{base}{path}");
        }
        let host = base.split_once("://").map_or(base, |(_, host)| host);
        let version = if host.contains('/') { "" } else { self.shape().version };
        format!("{base}{version}{path}")
    }
}

/// Numbers in a vector of the well-known model `name`, so that it need not be asked.
pub(super) fn known_dimensions(name: &str) -> Option<usize> {
    let name = name.strip_suffix(":latest").unwrap_or(name);
    KNOWN.iter().find(|(known, _)| *known == name).map(|(_, dimensions)| *dimensions)
}

/// From the providers' own documentation, November 2026.
const KNOWN: &[(&str, usize)] = &[
    ("all-minilm", 384),
    ("bge-m3", 1024),
    ("mxbai-embed-large", 1024),
    ("nomic-embed-text", 768),
    ("snowflake-arctic-embed", 1024),
    ("snowflake-arctic-embed2", 1024),
    ("text-embedding-3-large", 3072),
    ("text-embedding-3-small", 1536),
    ("text-embedding-ada-002", 1536),
    ("voyage-3-large", 1024),
    ("voyage-3.5", 1024),
    ("voyage-3.5-lite", 1024),
    ("voyage-code-3", 1024),
];

#[cfg(test)]
mod tests {
    use super::{Dialect, known_dimensions};

    #[track_caller]
    fn url(dialect: Dialect, base: &str, expected: &str) {
        assert_eq!(dialect.url(base), expected);
    }

    #[test]
    fn a_server_is_named_with_or_without_its_version() {
        let expected = "http://localhost:8000/v1/embeddings";
        url(Dialect::OpenAi, "http://localhost:8000", expected);
        url(Dialect::OpenAi, "http://localhost:8000/", expected);
        url(Dialect::OpenAi, "http://localhost:8000/v1", expected);
        url(Dialect::OpenAi, "http://localhost:8000/v1/embeddings", expected);
        let bare = "http://localhost:7997/embeddings";
        url(Dialect::OpenAi, bare, bare);
        url(Dialect::OpenAi, "https://host/openai/v3/", "https://host/openai/v3/embeddings");
        url(Dialect::Ollama, "http://gpu:11434", "http://gpu:11434/api/embed");
        url(Dialect::Tei, "http://gpu:8080/embed", "http://gpu:8080/embed");
        url(Dialect::Voyage, "https://api.voyageai.com", "https://api.voyageai.com/v1/embeddings");
        assert_eq!(Dialect::Tei.at("http://gpu:8080/embed", "/info"), "http://gpu:8080/info");
    }

    #[test]
    fn well_known_models_need_no_probe() {
        assert_eq!(known_dimensions("text-embedding-3-small"), Some(1536));
        assert_eq!(known_dimensions("nomic-embed-text:latest"), Some(768));
        assert_eq!(known_dimensions("my-model"), None);
    }
}
