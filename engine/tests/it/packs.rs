//! Packs and maps of a real tree, this project's own query crate: never over their budget,
//! deterministic, without what the reader has.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use flux_engine::core::{Cancel, LineSpan, TokenCounter};
use flux_engine::query::pack::{
    BlockKind, Have, Map, Markdown, Pack, PackFormat, PackParameters, Xml,
};
use flux_engine::query::{Filter, Tests};
use flux_engine::tokens::{Counter, Tokenizer};
use flux_engine::{
    ContextRequest, EngineError, Freshness, MapOrder, RefreshLimit, Snapshot, Workspace,
};
use proptest::prelude::{ProptestConfig, Strategy as _, any};
use proptest::test_runner::TestRunner;

use crate::support::{index, workspace};

const TASKS: &[&str] = &[
    "how are hits spread over files",
    "rank names before words",
    "Fix the order of ties in the ranking",
    "FileFilter",
    "compile a regular expression to trigrams and read candidate files",
];

/// A copy of a part of this project, indexed.
struct Real {
    _folder: tempfile::TempDir,
    workspace: Workspace,
    snapshot: Snapshot,
}

impl Real {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(folder.path()).unwrap();
        let root = base.join("tree");
        let ours = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../query/src");
        copy(&ours, &root.join("query"));
        fs::write(root.join("odd.md"), "# Fences\n\n`````\n]]>\n```\nranking\n```\n`````\n")
            .unwrap();
        let workspace = workspace(&root, base.join("index"));
        index(&workspace);
        let snapshot = workspace.snapshot().unwrap();
        Self { _folder: folder, workspace, snapshot }
    }

    fn try_pack(
        &self,
        task: &str,
        budget: usize,
        (format, counter): (&dyn PackFormat, &Counter),
        (have, filter): (&Have, &Filter),
    ) -> Result<Pack, EngineError> {
        let request = ContextRequest {
            task,
            budget,
            counter,
            format,
            have,
            filter,
            parameters: &PackParameters::default(),
        };
        self.workspace.context(&self.snapshot, Freshness::Fresh, &request)
    }

    fn pack(&self, task: &str, budget: usize, have: &Have) -> Pack {
        let exact = Counter::exact(Tokenizer::O200kBase);
        self.try_pack(task, budget, (&Markdown, &exact), (have, &Filter::default())).unwrap()
    }

    fn text(&self, path: &str) -> Vec<String> {
        let text = fs::read_to_string(self.workspace.root().join(path)).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target)
        } else {
            fs::copy(&path, &target).map(drop).unwrap()
        }
    }
}

#[test]
fn a_pack_is_never_over_its_budget_and_counts_itself_exactly() {
    let real = Real::new();
    let seen = RefCell::new(0);
    let budgets = (200_f64.ln()..200_000_f64.ln()).prop_map(|power| power.exp() as usize);
    let cases = (budgets, 0..TASKS.len(), any::<bool>(), 0..3_usize);
    let config = ProptestConfig { cases: 16, failure_persistence: None, ..Default::default() };
    let outcome = TestRunner::new(config).run(&cases, |(budget, task, is_xml, counter)| {
        let counter = match counter {
            0 => Counter::exact(Tokenizer::O200kBase),
            1 => Counter::exact(Tokenizer::Cl100kBase),
            _ => Counter::estimate(Tokenizer::O200kBase, 1.8),
        };
        let format: &dyn PackFormat = if is_xml { &Xml } else { &Markdown };
        let own = (Have::default(), Filter::default());
        let pack =
            real.try_pack(TASKS[task], budget, (format, &counter), (&own.0, &own.1)).unwrap();
        let tokens = counter.count(&format.render(&pack));
        assert!(tokens <= budget, "{tokens} of {budget}");
        assert_eq!(tokens, pack.tokens);
        *seen.borrow_mut() += usize::from(!pack.is_empty());
        Ok(())
    });
    outcome.unwrap();
    assert!(seen.into_inner() >= 12, "most budgets hold something");
}

#[test]
fn a_pack_is_the_same_each_time_and_fills_its_budget() {
    let real = Real::new();
    let have = Have::default();
    let pack = real.pack(TASKS[0], 8_000, &have);
    assert_eq!(pack, real.pack(TASKS[0], 8_000, &have));
    assert!(pack.tokens > 7_000, "{}", pack.tokens);
    assert!(real.pack(TASKS[0], 20_000, &have).tokens > 17_000);
}

#[test]
fn bodies_are_the_lines_they_name_and_no_line_is_shown_twice() {
    let real = Real::new();
    let pack = real.pack(TASKS[0], 12_000, &Have::default());
    for file in &pack.files {
        let lines = real.text(file.path.as_str());
        let mut last = 0;
        for block in file.blocks.iter().filter(|block| block.kind == BlockKind::Body) {
            let LineSpan { start, end } = block.lines;
            assert!(start > last, "{}:{start}", file.path);
            last = end;
            assert_eq!(block.text, lines[start as usize - 1..end as usize].join("\n"));
            assert!(!block.reasons.is_empty());
        }
    }
}

#[test]
fn what_the_reader_has_is_left_out() {
    let real = Real::new();
    let first = real.pack(TASKS[0], 3_000, &Have::default());
    let mut have = Have::default();
    for file in &first.files {
        for block in file.blocks.iter().filter(|block| block.kind == BlockKind::Body) {
            have.add(file.path.as_str(), block.lines);
        }
    }
    let second = real.pack(TASKS[0], 3_000, &have);
    assert!(second.already > 0 && !second.is_empty());
    for file in &second.files {
        let known = first.files.iter().find(|known| known.path == file.path);
        let known = known.iter().flat_map(|file| &file.blocks);
        for before in known.filter(|block| block.kind == BlockKind::Body) {
            let is_again = file.blocks.iter().any(|block| block.lines.overlaps(before.lines));
            let bodies = file.blocks.iter().filter(|block| block.kind == BlockKind::Body);
            assert!(
                !is_again || bodies.clone().all(|block| !block.lines.overlaps(before.lines)),
                "{}:{:?}",
                file.path,
                before.lines
            );
        }
    }
}

#[test]
fn filters_are_exact_and_a_budget_too_small_for_anything_is_refused() {
    let real = Real::new();
    let exact = Counter::exact(Tokenizer::O200kBase);
    let filter =
        Filter { paths: vec!["query/rank".to_owned()], tests: Tests::Never, ..Filter::default() };
    let have = Have::default();
    let pack = real.try_pack(TASKS[1], 20_000, (&Markdown, &exact), (&have, &filter)).unwrap();
    assert!(!pack.is_empty());
    assert!(pack.files.iter().all(|file| file.path.as_str().starts_with("query/rank/")));
    let refused = real.try_pack(TASKS[1], 10, (&Markdown, &exact), (&have, &filter));
    assert!(refused.is_err_and(|error| error.is_usage()));
}

#[test]
fn content_cannot_end_its_fence() {
    let real = Real::new();
    let exact = Counter::exact(Tokenizer::O200kBase);
    let filter = Filter { paths: vec!["odd.md".to_owned()], ..Filter::default() };
    let ways = (&Have::default(), &filter);
    let pack = real.try_pack("ranking", 2_000, (&Markdown, &exact), ways).unwrap();
    let text = Markdown.render(&pack);
    assert!(text.contains("``````markdown\n"), "{text}");
    let xml = Xml.render(&pack);
    assert!(!xml.contains("`````\n]]>\n"), "{xml}");
    assert_eq!(xml.matches("<![CDATA[").count(), xml.matches("]]>").count());
}

#[test]
fn a_map_shows_what_matters_within_its_budget() {
    let real = Real::new();
    let exact = Counter::exact(Tokenizer::O200kBase);
    let map = |budget: usize, task: &str, paths: Vec<String>| -> Map {
        let filter = Filter { paths, ..Filter::default() };
        let order = MapOrder {
            task,
            title: "query",
            budget,
            counter: &exact,
            render: &Map::text,
            filter: &filter,
        };
        real.workspace.map(&real.snapshot, Freshness::Fresh, &order).unwrap()
    };
    for budget in [200, 700, 1_500, 6_000] {
        let found = map(budget, "", Vec::new());
        assert!(found.tokens <= budget && found.tokens > budget * 3 / 4, "{}", found.tokens);
        assert_eq!(exact.count(&found.text()), found.tokens);
        assert_eq!(found, map(budget, "", Vec::new()));
    }
    let part = map(1_000, "", vec!["query/pattern".to_owned()]);
    assert!(!part.files.is_empty());
    assert!(part.files.iter().all(|file| file.path.as_str().starts_with("query/pattern/")));
    let task = map(500, "trigrams of a regular expression", Vec::new());
    assert!(task.text().contains("pattern/"), "{}", task.text());
}

#[test]
fn without_a_graph_a_pack_rests_on_search_and_says_so() {
    let real = Real::new();
    real.workspace.fresh_snapshot(RefreshLimit::NONE, &Cancel::default()).unwrap();
    fs::write(real.workspace.root().join("query/new.rs"), "pub fn spread_thin() {}\n").unwrap();
    let (snapshot, freshness) =
        real.workspace.fresh_snapshot(RefreshLimit::A_SECOND, &Cancel::default()).unwrap();
    assert!(snapshot.graph().is_none());
    let request = ContextRequest {
        task: "spread_thin",
        budget: 1_000,
        counter: &Counter::exact(Tokenizer::O200kBase),
        format: &Markdown,
        have: &Have::default(),
        filter: &Filter::default(),
        parameters: &PackParameters::default(),
    };
    let pack = real.workspace.context(&snapshot, freshness, &request).unwrap();
    assert_eq!(pack.origin.notes.len(), 1);
    assert!(pack.files.iter().any(|file| file.path.as_str() == "query/new.rs"));
}
