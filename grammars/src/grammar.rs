//! One language: its static files, and what is made of them on first use.
//!
//! Nothing is read or compiled before it is asked for, so a process that never meets a Haskell
//! file never pays for Haskell.

use std::fmt;
use std::sync::OnceLock;

use flux_core::RepoPath;
use serde::Deserialize;

use crate::compiled::Compiled;
use crate::config::Config;
use crate::detection::matches_glob;

/// What the files of a language are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Programs and what runs with them.
    Code,
    /// Prose and markup.
    Document,
    /// Configuration and other data.
    Data,
}

/// A language file that cannot be used; a test makes sure that none is shipped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrammarError {
    /// `language.toml` is not what `FORMAT.md` describes.
    #[error("{language}: language.toml: {reason}")]
    Config {
        /// The language.
        language: &'static str,
        /// What the TOML parser says.
        reason: String,
    },
    /// The parser is not of the version that this program can use.
    #[error("{language}: {reason}")]
    Parser {
        /// The language.
        language: &'static str,
        /// What tree-sitter says.
        reason: String,
    },
    /// A query or rule breaks a rule of `FORMAT.md`.
    #[error("{language}: `{text}` {problem}")]
    Rule {
        /// The language.
        language: &'static str,
        /// The capture, step or pattern.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// The files that make up a language, embedded in the program.
pub(crate) struct Sources {
    pub(crate) name: &'static str,
    pub(crate) config: &'static str,
    pub(crate) symbols: &'static str,
    pub(crate) imports: &'static str,
    pub(crate) parser: fn() -> tree_sitter::Language,
    pub(crate) share: Share,
}

impl Sources {
    /// All patterns of the language. Where two say something about one name, the later wins.
    pub(crate) fn queries(&self) -> String {
        format!("{}\n{}", self.symbols, self.imports)
    }
}

/// How much of its folder a language uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "typescript"),
    expect(dead_code, reason = "only TypeScript has a dialect")
)]
pub(crate) enum Share {
    /// All of it.
    Whole,
    /// All but the extensions of a dialect.
    Except(&'static [&'static str]),
    /// These extensions: it is the dialect.
    Only(&'static [&'static str]),
}

impl Share {
    /// Whether rules may name kinds of nodes that only the other dialect has.
    pub(crate) fn is_partial(self) -> bool {
        self != Self::Whole
    }
}

/// A language that can be parsed.
pub struct Grammar {
    pub(crate) sources: Sources,
    config: OnceLock<Result<Config, GrammarError>>,
    compiled: OnceLock<Result<Compiled, GrammarError>>,
}

impl Grammar {
    pub(crate) const fn new(sources: Sources) -> Self {
        Self { sources, config: OnceLock::new(), compiled: OnceLock::new() }
    }

    /// The name of its folder, or of the dialect.
    pub fn name(&self) -> &'static str {
        self.sources.name
    }

    /// What its files are for.
    pub fn category(&self) -> Category {
        self.config().map_or(Category::Code, |config| config.category)
    }

    /// Whether structural patterns can be written in it.
    pub fn has_patterns(&self) -> bool {
        self.config().is_ok_and(|config| config.structural.is_some())
    }

    /// Whether the name of the file says that it holds tests.
    pub fn is_test_file(&self, path: &RepoPath) -> bool {
        let globs = self.config().map_or(&[][..], |config| &config.test_files);
        globs.iter().any(|glob| matches_glob(glob, path.file_name()))
    }

    /// Extensions, whole file names and interpreters that belong to it.
    pub(crate) fn claims(&self) -> Claims<'_> {
        let Ok(config) = self.config() else { return Claims::default() };
        let all = config.extensions.iter().map(|text| text.to_ascii_lowercase());
        let extensions = match self.sources.share {
            Share::Whole => all.collect(),
            Share::Except(others) => all.filter(|text| !others.contains(&&**text)).collect(),
            Share::Only(own) => {
                let extensions = own.iter().map(|text| (*text).to_owned()).collect();
                return Claims { extensions, ..Claims::default() };
            }
        };
        Claims { extensions, file_names: &config.file_names, interpreters: &config.interpreters }
    }

    /// Everything it is told by, for the test that no two languages claim the same.
    pub fn claimed(&self) -> Vec<String> {
        let claims = self.claims();
        let extensions = claims.extensions.iter().map(|text| format!("*.{text}"));
        let interpreters = claims.interpreters.iter().map(|text| format!("#!{text}"));
        extensions.chain(interpreters).chain(claims.file_names.iter().cloned()).collect()
    }

    /// The parser's tables.
    pub fn parser_language(&self) -> tree_sitter::Language {
        (self.sources.parser)()
    }

    /// Compiles the patterns and rules, once; an error is a fault of the embedded files.
    pub fn check(&self) -> Result<(), GrammarError> {
        self.compiled().map(|_| ()).map_err(Clone::clone)
    }

    pub(crate) fn config(&self) -> Result<&Config, &GrammarError> {
        let parse = || {
            toml::from_str(self.sources.config).map_err(|error| GrammarError::Config {
                language: self.sources.name,
                reason: error.to_string(),
            })
        };
        self.config.get_or_init(parse).as_ref()
    }

    pub(crate) fn compiled(&self) -> Result<&Compiled, &GrammarError> {
        let compile = || Compiled::new(&self.sources, self.config().map_err(Clone::clone)?);
        self.compiled.get_or_init(compile).as_ref()
    }
}

impl fmt::Debug for Grammar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Grammar").field(&self.name()).finish()
    }
}

/// What tells that a file belongs to a language.
#[derive(Default)]
pub(crate) struct Claims<'grammar> {
    pub(crate) extensions: Vec<String>,
    pub(crate) file_names: &'grammar [String],
    pub(crate) interpreters: &'grammar [String],
}
