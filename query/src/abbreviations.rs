//! Words that programmers shorten: the same idea under two names.
//!
//! Listed are only pairs where the short form is not the start of the long form's stem, or is so
//! common that it must count fully; plain truncations are found in the index's dictionary.

use flux_store::lexical::text::Analyzer;

/// Groups of words with one meaning. Each word is written as people type it.
const GROUPS: &[&[&str]] = &[
    &["auth", "authentication", "authenticate", "authorization", "authorize"],
    &["config", "configuration", "configure", "cfg", "conf", "settings"],
    &["db", "database"],
    &["ctx", "context"],
    &["msg", "message"],
    &["req", "request"],
    &["res", "resp", "response"],
    &["err", "error"],
    &["param", "params", "parameter", "parameters"],
    &["arg", "args", "argument", "arguments"],
    &["dir", "directory", "folder"],
    &["init", "initialize", "initialization", "setup"],
    &["async", "asynchronous"],
    &["sync", "synchronous", "synchronize"],
    &["fs", "filesystem"],
    &["fn", "func", "function"],
    &["str", "string"],
    &["int", "integer"],
    &["bool", "boolean"],
    &["num", "number"],
    &["env", "environment"],
    &["cmd", "command"],
    &["conn", "connection"],
    &["addr", "address"],
    &["attr", "attribute"],
    &["prop", "props", "property", "properties"],
    &["elem", "el", "element"],
    &["obj", "object"],
    &["ptr", "pointer"],
    &["buf", "buffer"],
    &["len", "length"],
    &["idx", "index"],
    &["iter", "iterator", "iterate"],
    &["expr", "expression"],
    &["stmt", "statement"],
    &["decl", "declaration", "declare"],
    &["def", "definition", "define"],
    &["impl", "implementation", "implement"],
    &["spec", "specification"],
    &["repo", "repository"],
    &["pkg", "package"],
    &["lib", "library"],
    &["src", "source"],
    &["dst", "dest", "destination"],
    &["tmp", "temp", "temporary"],
    &["util", "utils", "utility", "helper"],
    &["id", "identifier"],
    &["url", "uri"],
    &["del", "delete", "remove", "rm"],
    &["exec", "execute", "execution"],
    &["proc", "process"],
    &["mem", "memory"],
    &["alloc", "allocate", "allocation"],
    &["calc", "calculate", "compute"],
    &["info", "information"],
    &["doc", "docs", "document", "documentation"],
    &["regex", "regexp"],
    &["i18n", "internationalization", "localization", "locale"],
    &["concat", "concatenate", "join"],
    &["max", "maximum"],
    &["min", "minimum"],
    &["avg", "average", "mean"],
    &["cb", "callback"],
    &["ref", "reference"],
    &["val", "value"],
    &["var", "variable"],
    &["mut", "mutable"],
    &["ns", "namespace"],
    &["sep", "separator", "delimiter"],
    &["prev", "previous"],
    &["curr", "cur", "current"],
    &["seq", "sequence"],
    &["gen", "generate", "generator"],
    &["fmt", "format"],
    &["concurrency", "concurrent", "parallel"],
];

/// The groups as the analyzer sees them, made once for all terms of a query.
pub(crate) struct Ideas(Vec<Vec<String>>);

impl Ideas {
    pub(crate) fn new(analyzer: &mut Analyzer) -> Self {
        let mut terms_of = |group: &[&str]| {
            let mut terms: Vec<String> = Vec::with_capacity(group.len());
            for word in group {
                analyzer.analyze(word, |_, term| terms.push(term.to_owned()));
            }
            terms
        };
        Self(GROUPS.iter().map(|group| terms_of(group)).collect())
    }

    /// The terms of the other words in the groups that hold a word with the term `term`.
    pub(crate) fn same<'a>(&'a self, term: &'a str) -> impl Iterator<Item = &'a String> {
        let groups = self.0.iter().filter(move |group| group.iter().any(|known| known == term));
        groups.flatten().filter(move |known| *known != term)
    }
}
