//! The table of languages: one row each, absent when its Cargo feature is off.

use flux_core::RepoPath;

use crate::detection::Detection;
use crate::grammar::{Grammar, Share, Sources};

macro_rules! row {
    ($name:literal, $grammar:expr) => {
        row!($name, $grammar, folder $name, Share::Whole)
    };
    ($name:literal, $grammar:expr, folder $folder:literal, $share:expr) => {{
        static GRAMMAR: Grammar = Grammar::new(Sources {
            name: $name,
            config: include_str!(concat!("../languages/", $folder, "/language.toml")),
            symbols: include_str!(concat!("../languages/", $folder, "/symbols.scm")),
            imports: include_str!(concat!("../languages/", $folder, "/imports.scm")),
            parser: || $grammar.into(),
            share: $share,
        });
        &GRAMMAR
    }};
}

static LANGUAGES: &[&Grammar] = &[
    #[cfg(feature = "bash")]
    row!("bash", tree_sitter_bash::LANGUAGE),
    #[cfg(feature = "c")]
    row!("c", tree_sitter_c::LANGUAGE),
    #[cfg(feature = "cpp")]
    row!("cpp", tree_sitter_cpp::LANGUAGE),
    #[cfg(feature = "csharp")]
    row!("csharp", tree_sitter_c_sharp::LANGUAGE),
    #[cfg(feature = "css")]
    row!("css", tree_sitter_css::LANGUAGE),
    #[cfg(feature = "elixir")]
    row!("elixir", tree_sitter_elixir::LANGUAGE),
    #[cfg(feature = "go")]
    row!("go", tree_sitter_go::LANGUAGE),
    #[cfg(feature = "haskell")]
    row!("haskell", tree_sitter_haskell::LANGUAGE),
    #[cfg(feature = "html")]
    row!("html", tree_sitter_html::LANGUAGE),
    #[cfg(feature = "java")]
    row!("java", tree_sitter_java::LANGUAGE),
    #[cfg(feature = "javascript")]
    row!("javascript", tree_sitter_javascript::LANGUAGE),
    #[cfg(feature = "json")]
    row!("json", tree_sitter_json::LANGUAGE),
    #[cfg(feature = "kotlin")]
    row!("kotlin", tree_sitter_kotlin_ng::LANGUAGE),
    #[cfg(feature = "lua")]
    row!("lua", tree_sitter_lua::LANGUAGE),
    #[cfg(feature = "markdown")]
    row!("markdown", tree_sitter_md::LANGUAGE),
    #[cfg(feature = "php")]
    row!("php", tree_sitter_php::LANGUAGE_PHP),
    #[cfg(feature = "python")]
    row!("python", tree_sitter_python::LANGUAGE),
    #[cfg(feature = "ruby")]
    row!("ruby", tree_sitter_ruby::LANGUAGE),
    #[cfg(feature = "rust")]
    row!("rust", tree_sitter_rust::LANGUAGE),
    #[cfg(feature = "scala")]
    row!("scala", tree_sitter_scala::LANGUAGE),
    #[cfg(feature = "sql")]
    row!("sql", tree_sitter_sequel::LANGUAGE),
    #[cfg(feature = "swift")]
    row!("swift", tree_sitter_swift::LANGUAGE),
    #[cfg(feature = "toml")]
    row!("toml", tree_sitter_toml_ng::LANGUAGE),
    #[cfg(feature = "typescript")]
    row!("tsx", tree_sitter_typescript::LANGUAGE_TSX, folder "typescript", Share::Only(&["tsx"])),
    #[cfg(feature = "typescript")]
    row!(
        "typescript",
        tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
        folder "typescript",
        Share::Except(&["tsx"])
    ),
    #[cfg(feature = "yaml")]
    row!("yaml", tree_sitter_yaml::LANGUAGE),
    #[cfg(feature = "zig")]
    row!("zig", tree_sitter_zig::LANGUAGE),
];

/// Every language of this build, by name. The dialect `tsx` has a row of its own.
pub fn languages() -> &'static [&'static Grammar] {
    LANGUAGES
}

/// The language called `name`.
pub fn named(name: &str) -> Option<&'static Grammar> {
    let index = LANGUAGES.binary_search_by(|grammar| grammar.name().cmp(name)).ok()?;
    LANGUAGES.get(index).copied()
}

/// The language of a file, told by its name, its extension, or the interpreter its first line
/// asks for. `head` is the start of its text; a kilobyte or two are enough.
pub fn detect(path: &RepoPath, head: &str) -> Option<&'static Grammar> {
    Detection::shared().detect(path, head)
}
