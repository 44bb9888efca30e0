//! Packs and maps as JSON. A pack is counted as the text that is made here.

use flux_engine::Freshness;
use flux_engine::core::{LineSpan, Tier};
use flux_engine::query::pack::{
    BlockKind, Have, Link, Map, Pack, PackBlock, PackFile, PackFormat, Reason,
};
use serde_json::{Value, json};

use super::SCHEMA;

/// Packs as one line of JSON.
#[derive(Clone, Copy, Debug)]
pub struct JsonPack {
    /// How current they are.
    pub freshness: Freshness,
}

impl PackFormat for JsonPack {
    fn render(&self, pack: &Pack) -> String {
        format!("{}\n", self.value(pack))
    }
}

impl JsonPack {
    fn value(&self, pack: &Pack) -> Value {
        let (count, tokens) = pack.left_out_total;
        let listed = pack.left_out.iter().map(|left| {
            json!({
                "path": left.path.as_str(),
                "start_line": left.lines.start,
                "end_line": left.lines.end,
                "symbol": left.symbol,
                "tokens": left.tokens,
            })
        });
        json!({
            "schema": SCHEMA,
            "task": pack.task,
            "revision": pack.origin.revision,
            "freshness": super::freshness(self.freshness),
            "notes": pack.origin.notes,
            "budget": pack.budget,
            "tokens": pack.tokens,
            "counted_by": pack.counter,
            "exact": pack.is_exact,
            "files": pack.files.iter().map(file).collect::<Vec<_>>(),
            "left_out": {
                "pieces": count,
                "tokens": tokens,
                "best": listed.collect::<Vec<_>>(),
            },
            "already_known": pack.already,
        })
    }
}

fn file(file: &PackFile) -> Value {
    json!({
        "path": file.path.as_str(),
        "language": file.language,
        "class": file.class.names().collect::<Vec<_>>(),
        "blocks": file.blocks.iter().map(block).collect::<Vec<_>>(),
    })
}

fn block(block: &PackBlock) -> Value {
    let kind = match block.kind {
        BlockKind::Body => "body",
        BlockKind::Outline => "outline",
    };
    json!({
        "start_line": block.lines.start,
        "end_line": block.lines.end,
        "kind": kind,
        "why": block.reasons.iter().map(reason).collect::<Vec<_>>(),
        "text": block.text,
    })
}

fn reason(reason: &Reason) -> Value {
    let mut json = match &reason.link {
        Link::Found(rank) => json!({ "found": rank }),
        Link::SameFile => json!({ "link": "same file" }),
        Link::Edge { role, other, tier: Tier::Exact } => {
            json!({ "link": role.as_str(), "other": other })
        }
        Link::Edge { role, other, tier } => {
            json!({ "link": role.as_str(), "other": other, "tier": tier.as_str() })
        }
    };
    if !reason.symbol.is_empty() {
        json["symbol"] = json!(reason.symbol);
    }
    json
}

/// A map as one line of JSON.
pub fn map(map: &Map, freshness: Freshness) -> String {
    let files = map.files.iter().map(|file| {
        let lines = file.lines.iter().map(
            |line| json!({ "line": line.line, "depth": line.depth, "signature": line.signature }),
        );
        json!({ "path": file.path.as_str(), "definitions": lines.collect::<Vec<_>>() })
    });
    let json = json!({
        "schema": SCHEMA,
        "title": map.title,
        "revision": map.origin.revision,
        "freshness": super::freshness(freshness),
        "notes": map.origin.notes,
        "budget": map.budget,
        "tokens": map.tokens,
        "counted_by": map.counter,
        "exact": map.is_exact,
        "files": files.collect::<Vec<_>>(),
        "all_files": map.all_files,
    });
    format!("{json}\n")
}

/// What a reader has, from the JSON of an earlier pack: its bodies, outlines not. `None` when it
/// is no pack.
pub fn have(text: &str) -> Option<Have> {
    let json: Value = serde_json::from_str(text).ok()?;
    let mut have = Have::default();
    for file in json.get("files")?.as_array()? {
        let path = file.get("path")?.as_str()?;
        for block in file.get("blocks")?.as_array()? {
            let line = |name: &str| u32::try_from(block.get(name)?.as_u64()?).ok();
            let (start, end) = (line("start_line")?, line("end_line")?);
            let is_body = block.get("kind").and_then(Value::as_str) != Some("outline");
            if is_body && 1 <= start && start <= end {
                have.add(path, LineSpan::new(start, end));
            }
        }
    }
    Some(have)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use flux_engine::core::{Cancel, NoProgress, TokenCounter};
    use flux_engine::query::Filter;
    use flux_engine::query::pack::{Have, PackFormat, PackParameters};
    use flux_engine::tokens::{Counter, Tokenizer};
    use flux_engine::{ContextRequest, Freshness, IndexOptions, Location, Workspace};
    use proptest::prelude::{ProptestConfig, Strategy as _};
    use proptest::test_runner::TestRunner;

    use super::{JsonPack, have};

    #[test]
    fn no_pack_of_this_crate_is_over_its_budget() {
        let folder = tempfile::tempdir().unwrap();
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src").canonicalize().unwrap();
        let index = folder.path().canonicalize().unwrap().join("index");
        let workspace = Workspace::new(Location { root, index, inside: PathBuf::new() });
        let options =
            IndexOptions { rebuild: false, patience: Duration::ZERO, graph: true, stated: None };
        workspace.index(&options, &NoProgress, &Cancel::default()).unwrap();
        let snapshot = workspace.snapshot().unwrap();
        let counter = Counter::exact(Tokenizer::O200kBase);
        let format = JsonPack { freshness: Freshness::Fresh };
        let tasks = ["answer of a tool", "\"quotes\" and \\ in what is sent", "wire graph impact"];
        let budgets = (200_f64.ln()..200_000_f64.ln()).prop_map(|power| power.exp() as usize);
        let config = ProptestConfig { cases: 16, failure_persistence: None, ..Default::default() };
        let outcome = TestRunner::new(config).run(&(budgets, 0..tasks.len()), |(budget, task)| {
            let request = ContextRequest {
                task: tasks[task],
                budget,
                counter: &counter,
                format: &format,
                have: &Have::default(),
                filter: &Filter::default(),
                parameters: &PackParameters::default(),
            };
            let pack = workspace.context(&snapshot, Freshness::Fresh, &request).unwrap();
            let tokens = counter.count(&format.render(&pack));
            assert!(tokens <= budget, "{tokens} of {budget}");
            assert_eq!(tokens, pack.tokens);
            assert!(budget < 2_000 || !pack.is_empty());
            Ok(())
        });
        outcome.unwrap();
    }

    #[test]
    fn an_earlier_pack_says_what_is_there() {
        let text = r#"{"files":[{"path":"a.rs","blocks":[
            {"start_line":2,"end_line":4,"kind":"body"},
            {"start_line":9,"end_line":9,"kind":"outline"}]}]}"#;
        let mut expected = Have::default();
        expected.add("a.rs", flux_engine::core::LineSpan::new(2, 4));
        assert_eq!(have(text), Some(expected));
        assert_eq!(have("a.rs:2-4"), None);
    }
}
