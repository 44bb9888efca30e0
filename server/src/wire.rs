//! Results as JSON. Fields are only ever added within one schema number.

pub mod agent;
pub mod edits;
pub mod graph;
pub mod pack;
pub mod refactoring;
pub mod structural;
pub mod suggest;
pub mod workflow;

use std::path::Path;

use flux_engine::core::{EdgeKind, EmbedError, Embedder, LineSpan, Pace, Tier, Unresolved};
use flux_engine::query::{FileLines, Hit, Signal};
use flux_engine::{
    Collected, Coverage, Freshness, GraphCounts, IndexReport, MeaningState, Reply, Snippet, Status,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Number of the shapes below. 1: first.
pub const SCHEMA: u32 = 1;

/// Whether hits carry the signals that ranked them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Hits only.
    Plain,
    /// With signals.
    Explained,
}

#[derive(Serialize)]
struct HitJson<'a> {
    path: &'a str,
    start_line: u32,
    end_line: u32,
    language: &'a str,
    score: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<SymbolJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    class: Vec<&'static str>,
    matched: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    signals: Option<Vec<SignalJson>>,
    text: String,
}

#[derive(Serialize)]
struct SymbolJson<'a> {
    name: &'a str,
    qualified_name: &'a str,
    kind: &'static str,
    signature: &'a str,
    start_line: u32,
    end_line: u32,
}

#[derive(Serialize)]
struct SignalJson {
    name: &'static str,
    value: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<u32>,
}

/// The answer to one search; paths in it are relative to `root`.
pub fn search(query: &str, root: &Path, reply: &Reply, detail: Detail) -> Value {
    let hits = reply.answer.hits.iter().zip(&reply.snippets);
    let results: Vec<HitJson<'_>> =
        hits.map(|(hit, snippet)| hit_json(hit, snippet, detail)).collect();
    let matches: Vec<Value> = reply.answer.lines.iter().flat_map(lines_json).collect();
    let unreadable: Vec<&str> = reply.answer.unreadable.iter().map(|p| p.as_str()).collect();
    json!({
        "schema": SCHEMA,
        "query": query,
        "root": root.to_string_lossy(),
        "kind": reply.answer.kind.as_str(),
        "revision": reply.revision,
        "freshness": freshness(reply.freshness),
        "vectors": meaning(&reply.meaning),
        "results": results,
        "matches": matches,
        "truncated": reply.answer.is_cut,
        "suggestions": reply.answer.suggestions,
        "unreadable": unreadable,
    })
}

/// A search that could not be answered, in a batch that goes on.
pub fn failed_search(query: &str, root: &Path, error: &str) -> Value {
    json!({
        "schema": SCHEMA,
        "query": query,
        "root": root.to_string_lossy(),
        "results": [],
        "matches": [],
        "error": error,
    })
}

fn hit_json<'a>(hit: &'a Hit, snippet: &Snippet, detail: Detail) -> HitJson<'a> {
    let LineSpan { start, end } = hit.lines;
    HitJson {
        path: hit.path.as_str(),
        start_line: start,
        end_line: end,
        language: hit.language.as_str(),
        score: hit.score,
        symbol: hit.symbol.as_ref().map(|symbol| SymbolJson {
            name: &symbol.name,
            qualified_name: &symbol.qualified_name,
            kind: symbol.kind.as_str(),
            signature: &symbol.signature,
            start_line: symbol.lines.start,
            end_line: symbol.lines.end,
        }),
        class: hit.class.names().collect(),
        matched: &hit.matched,
        signals: (detail == Detail::Explained).then(|| hit.signals.iter().map(signal).collect()),
        text: snippet.lines.join("\n"),
    }
}

fn signal(signal: &Signal) -> SignalJson {
    SignalJson { name: signal.name, value: signal.value, rank: signal.rank }
}

fn lines_json(file: &FileLines) -> impl Iterator<Item = Value> + '_ {
    file.lines.iter().map(|line| {
        // Bytes that are not UTF-8 are replaced by longer ones, which moves what follows.
        let moved = |at: usize| String::from_utf8_lossy(&line.text[..at]).len();
        let ranges: Vec<[usize; 2]> =
            line.ranges.iter().map(|range| [moved(range.start), moved(range.end)]).collect();
        json!({
            "path": file.path.as_str(),
            "line": line.line,
            "text": String::from_utf8_lossy(&line.text),
            "ranges": ranges,
        })
    })
}

fn freshness(freshness: Freshness) -> Value {
    match freshness {
        Freshness::Fresh => json!({ "state": "fresh", "changed_files": 0 }),
        Freshness::Unknown => json!({ "state": "unknown" }),
        Freshness::Stale(files) => json!({ "state": "stale", "changed_files": files }),
    }
}

fn meaning(meaning: &MeaningState) -> Value {
    match meaning {
        MeaningState::Unused => json!({ "state": "unused" }),
        MeaningState::Used { missing } => json!({ "state": "used", "missing_files": missing }),
        MeaningState::Failed(error) => {
            json!({ "state": "failed", "error": error.message, "hint": error.hint })
        }
    }
}

/// What an indexing run did.
pub fn index(report: &IndexReport, root: &str) -> Value {
    json!({
        "schema": SCHEMA,
        "root": root,
        "files": report.files,
        "read": report.read,
        "parsed": report.parsed,
        "embedded": report.embedded,
        "removed": report.removed,
        "generation": report.generation,
        "unresolved": report.unresolved.iter().map(|path| path.as_str()).collect::<Vec<_>>(),
        "lifted": report.lifted,
        "no_vectors": report.no_vectors.as_ref().map(embed_error),
    })
}

fn embed_error(error: &EmbedError) -> Value {
    json!({ "error": error.message, "hint": error.hint })
}

/// A model that can be used.
#[derive(Serialize)]
pub struct ModelFacts<'a> {
    /// What to call it by.
    pub name: &'a str,
    /// Numbers in each vector, where they are known.
    pub dimensions: Option<usize>,
    /// Where it runs.
    pub place: &'a str,
    /// What it needs.
    pub needs: &'a str,
    /// What it is.
    pub description: &'a str,
    /// Whether it is the one in use.
    pub is_chosen: bool,
}

/// The models there are, and the one in use, which need not be among them.
pub fn models<'a>(chosen: &str, models: impl Iterator<Item = ModelFacts<'a>>) -> Value {
    json!({ "schema": SCHEMA, "chosen": chosen, "models": models.collect::<Vec<_>>() })
}

/// One model, who chose it, and the files of a tree that it has embedded, of how many.
pub fn model(
    name: &str,
    from: &str,
    model: &dyn Embedder,
    embedded: Option<(usize, usize)>,
) -> Value {
    json!({
        "schema": SCHEMA,
        "name": name,
        "chosen_by": from,
        "identity": model.model().as_str(),
        "dimensions": model.dimensions(),
        "embeds_while_indexing": model.pace() == Pace::Inline,
        "tree": embedded.map(|(embedded, files)| json!({ "embedded": embedded, "files": files })),
    })
}

/// The state of an index.
pub fn status(status: &Status, root: &str, index: &str) -> Value {
    let pairs = |pairs: &[(String, usize)]| -> Value {
        pairs.iter().map(|(name, count)| json!({ "name": name, "files": count })).collect()
    };
    let classes: Vec<Value> = status
        .classes
        .iter()
        .map(|(name, count)| json!({ "name": name, "files": count }))
        .collect();
    let skipped: Vec<Value> = status
        .skipped
        .iter()
        .map(|(reason, count)| json!({ "reason": reason.as_str(), "files": count }))
        .collect();
    json!({
        "schema": SCHEMA,
        "root": root,
        "index": index,
        "generation": status.generation,
        "revision": status.revision,
        "freshness": freshness(status.freshness),
        "files": status.files,
        "indexed": status.indexed,
        "chunks": status.chunks,
        "vectors": status.vectors.as_ref().map(|(model, files)| {
            json!({ "model": model.as_str(), "files": files })
        }),
        "graph": status.graph.as_ref().map(graph),
        "source_bytes": status.source_bytes,
        "index_bytes": status.index_bytes,
        "languages": pairs(&status.languages),
        "classes": classes,
        "skipped": skipped,
        "unnameable": status.unnameable,
    })
}

fn graph(counts: &GraphCounts) -> Value {
    let kinds = EdgeKind::ALL.iter().map(|kind| kind.as_str()).zip(counts.by_kind);
    let tiers = Tier::ALL.iter().map(|tier| tier.as_str()).zip(counts.by_tier);
    let reasons = Unresolved::ALL.iter().map(|reason| reason.as_str()).zip(counts.unresolved);
    let object = |pairs: &mut dyn Iterator<Item = (&'static str, usize)>| -> Value {
        pairs.map(|(word, count)| (word.to_owned(), json!(count))).collect::<Map<_, _>>().into()
    };
    json!({
        "by_kind": object(&mut kinds.into_iter()),
        "by_tier": object(&mut tiers.into_iter()),
        "local": counts.local,
        "external": counts.external,
        "unresolved": object(&mut reasons.into_iter()),
    })
}

/// What an index leaves out.
pub fn coverage(coverage: &Coverage, root: &str) -> Value {
    let skipped: Vec<Value> = coverage
        .skipped
        .iter()
        .map(|(path, reason)| json!({ "path": path.as_str(), "reason": reason.as_str() }))
        .collect();
    let parse_errors: Vec<Value> = coverage
        .parse_errors
        .iter()
        .map(|(path, count)| json!({ "path": path.as_str(), "places": count }))
        .collect();
    let text_only: Vec<&str> = coverage.text_only.iter().map(|path| path.as_str()).collect();
    json!({
        "schema": SCHEMA,
        "root": root,
        "indexed": coverage.indexed,
        "lines": coverage.lines,
        "skipped": skipped,
        "parse_errors": parse_errors,
        "text_only": text_only,
        "unnameable": coverage.unnameable,
    })
}

/// What a check of the index found.
pub fn verify(problems: &[String]) -> Value {
    json!({ "schema": SCHEMA, "problems": problems })
}

/// What a clean-up of the index removed.
pub fn collected(collected: &Collected) -> Value {
    json!({
        "schema": SCHEMA,
        "views": collected.views,
        "contents": collected.contents,
        "units": collected.units,
        "vectors": collected.vectors,
        "bytes_before": collected.bytes_before,
        "bytes_after": collected.bytes_after,
    })
}

#[cfg(test)]
mod tests {
    use flux_engine::{Freshness, IndexReport};

    #[test]
    fn an_index_report_says_what_was_done() {
        let report = IndexReport { files: 3, generation: Some(7), ..IndexReport::default() };
        let json = super::index(&report, "/r");
        assert_eq!(json["schema"], 1);
        assert_eq!((&json["files"], &json["generation"]), (&3.into(), &7.into()));
    }

    #[test]
    fn staleness_names_the_number_of_files() {
        let json = super::freshness(Freshness::Stale(4));
        assert_eq!((&json["state"], &json["changed_files"]), (&"stale".into(), &4.into()));
    }
}
