//! Workspaces: freshness of searches, reports, snippets, and what a damaged index answers.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use flux_engine::core::{Cancel, LineSpan, NoProgress, RepoPath, SkipReason};
use flux_engine::query::QueryKind;
use flux_engine::{EngineError, Freshness, IndexOptions, RefreshLimit, Snippet, Workspace};
use flux_fixtures::world::World;
use flux_indexer::IndexError;
use flux_store::{Layout, StoreError, Writer};
use proptest::prelude::*;

use crate::support::{UPDATE, ask, fresh, hits, index, paths, try_ask, workspace};

const TREE: &str = "\
//- /src/session.py
class Session:
    \"\"\"A signed-in user.\"\"\"

    def close(self):
        return self.token
//- /src/config.rs
/// Reads the settings.
pub fn parse_config(text: &str) -> Session {
    todo(text)
}
//- /tests/test_session.py
def test_close():
    assert Session().close()
//- /logo.bin
\u{0}\u{1}\u{2}
//- /notes.unknown
session notes
";

struct Opened {
    world: World,
    workspace: Workspace,
}

impl Opened {
    fn new(text: &str) -> Self {
        let world = World::new(text);
        world.settle();
        let workspace = workspace(world.root(), world.beside("index"));
        index(&workspace);
        Self { world, workspace }
    }

    fn layout(&self) -> Layout {
        Layout::new(&self.workspace.location().index)
    }

    fn writer(&self) -> Writer {
        Writer::open(&self.layout(), flux_indexer::FACTS_VERSION, Duration::ZERO).unwrap()
    }
}

#[test]
fn a_search_sees_what_was_just_written() {
    let opened = Opened::new(TREE);
    opened.world.write("src/new.py", "def brand_new(): pass\n");
    opened.world.remove("src/config.rs");
    let (snapshot, freshness) = fresh(&opened.workspace);
    assert_eq!(freshness, Freshness::Fresh);
    assert_eq!(
        paths(&snapshot),
        ["logo.bin", "notes.unknown", "src/new.py", "src/session.py", "tests/test_session.py"]
    );
    assert_eq!(hits(&opened.workspace, "brand_new"), ["src/new.py"]);
}

#[test]
fn a_search_of_a_settled_tree_writes_nothing() {
    let opened = Opened::new(TREE);
    let (snapshot, freshness) = fresh(&opened.workspace);
    assert_eq!((snapshot.generation(), freshness), (1, Freshness::Fresh));
}

#[test]
fn changes_beyond_the_limit_are_left_and_counted() {
    let opened = Opened::new(TREE);
    for number in 0..3 {
        opened.world.write(&format!("new{number}.py"), "x = 1\n");
    }
    let within = |limit| opened.workspace.fresh_snapshot(limit, &Cancel::default()).unwrap();
    for limit in [
        RefreshLimit::NONE,
        RefreshLimit { files: 2, bytes: 1000 },
        RefreshLimit { files: 3, bytes: 17 },
    ] {
        let (snapshot, freshness) = within(limit);
        assert_eq!((snapshot.generation(), freshness), (1, Freshness::Stale(3)), "{limit:?}");
    }
    let (snapshot, freshness) = within(RefreshLimit { files: 3, bytes: 18 });
    assert_eq!((snapshot.generation(), freshness), (2, Freshness::Fresh));
}

#[test]
fn a_search_answers_from_the_last_commit_while_another_process_writes() {
    let opened = Opened::new(TREE);
    let _writer = opened.writer();
    opened.world.write("src/session.py", "class Changed: pass\n");
    let (snapshot, freshness) = fresh(&opened.workspace);
    assert_eq!((snapshot.generation(), freshness), (1, Freshness::Stale(1)));
    assert_eq!(
        ask(&opened.workspace, &snapshot, "Session").hits[0].path.as_str(),
        "src/session.py"
    );
}

#[test]
fn a_cancelled_refresh_says_so() {
    let opened = Opened::new(TREE);
    opened.world.write("new.py", "");
    let cancel = Cancel::default();
    cancel.cancel();
    let error = opened.workspace.fresh_snapshot(RefreshLimit::A_SECOND, &cancel).unwrap_err();
    assert!(error.is_cancelled() && !error.is_usage() && !error.is_mended_by_rebuild(), "{error}");
}

#[test]
fn without_an_index_every_question_says_what_is_missing() {
    let world = World::new(TREE);
    let workspace = workspace(world.root(), world.beside("index"));
    let cancel = Cancel::default();
    let errors = [
        workspace.snapshot().map(drop).unwrap_err(),
        workspace.fresh_snapshot(RefreshLimit::A_SECOND, &cancel).map(drop).unwrap_err(),
        workspace.status(&cancel).map(drop).unwrap_err(),
        workspace.coverage().map(drop).unwrap_err(),
        workspace.verify().map(drop).unwrap_err(),
        workspace.collect(Duration::ZERO).map(drop).unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_missing_index(), "{error:?}");
        assert!(!error.is_usage() && !error.is_mended_by_rebuild() && !error.is_cancelled());
        assert!(error.to_string().contains("hint: run flux index"), "{error}");
    }
    assert!(!world.beside("index").exists());
}

#[test]
fn errors_say_who_can_mend_them() {
    let opened = Opened::new(TREE);
    let snapshot = opened.workspace.snapshot().unwrap();
    for wrong in ["", "   ", "/(/"] {
        let error = try_ask(&opened.workspace, &snapshot, wrong).unwrap_err();
        assert!(error.is_usage() && !error.is_mended_by_rebuild(), "{wrong}: {error}");
    }
    let gone = workspace(&opened.world.path("absent"), opened.world.beside("other"));
    let error = gone.index(&UPDATE, &NoProgress, &Cancel::default()).unwrap_err();
    assert!(error.is_usage() && matches!(error, EngineError::Index(IndexError::Root { .. })));
    let writer = opened.writer();
    let error = opened.workspace.index(&UPDATE, &NoProgress, &Cancel::default()).unwrap_err();
    assert!(matches!(error, EngineError::Index(IndexError::Store(StoreError::Locked { .. }))));
    assert!(!error.is_usage() && !error.is_mended_by_rebuild());
    drop(writer);
}

#[test]
fn the_status_counts_what_is_there() {
    let opened = Opened::new(TREE);
    let status = opened.workspace.status(&Cancel::default()).unwrap();
    assert_eq!((status.generation, status.files, status.indexed), (1, 5, 4));
    assert_eq!((status.freshness, status.revision), (Freshness::Fresh, None));
    assert_eq!(
        status.languages,
        [("python".to_owned(), 2), ("rust".to_owned(), 1), ("text".to_owned(), 1)]
    );
    assert_eq!(status.classes, [("test", 1)]);
    assert_eq!(status.skipped, [(SkipReason::Binary, 1)]);
    assert_eq!((status.unnameable, status.chunks), (0, 4));
    assert!(status.source_bytes > 200 && status.index_bytes > 1000);
    opened.world.write("src/session.py", "");
    opened.world.remove("notes.unknown");
    let status = opened.workspace.status(&Cancel::default()).unwrap();
    assert_eq!(status.freshness, Freshness::Stale(2));
}

#[test]
fn the_coverage_names_every_file_that_is_not_fully_indexed() {
    let opened = Opened::new(TREE);
    opened.world.write("broken.py", "def broken(:\n  return ((\n");
    index(&opened.workspace);
    let coverage = opened.workspace.coverage().unwrap();
    assert_eq!((coverage.indexed, coverage.lines), (5, 5 + 4 + 2 + 1 + 2));
    assert_eq!(coverage.skipped, [(RepoPath::new("logo.bin"), SkipReason::Binary)]);
    assert_eq!(coverage.text_only, [RepoPath::new("notes.unknown")]);
    let broken: Vec<&str> = coverage.parse_errors.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(broken, ["broken.py"]);
    assert_eq!(coverage.unnameable, Vec::<String>::new());
}

#[test]
fn a_hit_comes_with_its_lines_unless_the_file_changed() {
    let opened = Opened::new(TREE);
    let snapshot = opened.workspace.snapshot().unwrap();
    let reply = try_ask(&opened.workspace, &snapshot, "parse_config").unwrap();
    assert_eq!(reply.answer.kind, QueryKind::Symbol);
    assert_eq!(reply.snippets.len(), reply.answer.hits.len());
    assert!(reply.snippets[0].lines[0].contains("pub fn parse_config"), "{:?}", reply.snippets[0]);
    let view = snapshot.view();
    let text = |path: &str, start, end| {
        let entry = view.file(view.find(path).unwrap());
        opened.workspace.snippet(entry, LineSpan::new(start, end)).lines
    };
    let lines = |start, end| text("src/session.py", start, end);
    assert_eq!(lines(4, 5), ["    def close(self):", "        return self.token"]);
    assert_eq!(lines(5, 900).len(), 1);
    assert_eq!(lines(900, 901), Vec::<String>::new());
    assert_eq!(text("logo.bin", 1, 2), Vec::<String>::new(), "no text");
    opened.world.write("src/session.py", "# lines\n# moved\n");
    assert_eq!(lines(4, 5), Vec::<String>::new(), "lines of a changed file may be others");
}

#[test]
fn a_reply_is_cut_to_its_budget_and_says_so() {
    let opened = Opened::new(TREE);
    let snapshot = opened.workspace.snapshot().unwrap();
    let whole = try_ask(&opened.workspace, &snapshot, "session").unwrap();
    assert!(whole.answer.hits.len() >= 2, "{:?}", whole.answer.hits);
    let mut roomy = whole.clone();
    assert!(!roomy.fit(100_000));
    assert_eq!(roomy.answer.hits, whole.answer.hits);
    let mut tight = whole.clone();
    assert!(tight.fit(whole.snippets[0].tokens() + 20));
    assert_eq!(tight.answer.hits, whole.answer.hits[..1]);
    assert_eq!(tight.snippets.len(), 1);
    let mut least = whole;
    assert!(least.fit(0));
    assert_eq!(least.answer.hits.len(), 1, "the best hit stays, if only by its place");
    assert_eq!(least.snippets, [Snippet::default()]);
}

#[test]
fn matching_lines_are_cut_to_their_budget_too() {
    let opened = Opened::new(TREE);
    let snapshot = opened.workspace.snapshot().unwrap();
    let whole = try_ask(&opened.workspace, &snapshot, "\"Session\"").unwrap();
    let count = |reply: &flux_engine::Reply| -> usize {
        reply.answer.lines.iter().map(|file| file.lines.len()).sum()
    };
    assert_eq!(count(&whole), 3);
    let mut roomy = whole.clone();
    assert!(!roomy.fit(10_000));
    assert_eq!(count(&roomy), 3);
    let mut tight = whole;
    assert!(tight.fit(30));
    assert!((1..3).contains(&count(&tight)), "{:?}", tight.answer.lines);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_index_answers_or_says_so_and_a_rebuild_mends_it(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        number in any::<prop::sample::Index>(),
    ) {
        thread_local!(static OPENED: Opened = Opened::new(TREE));
        OPENED.with(|opened| {
            let layout = opened.layout();
            let rebuild = IndexOptions { rebuild: true, ..UPDATE };
            opened.workspace.index(&rebuild, &NoProgress, &Cancel::default()).unwrap();
            let mut files: Vec<PathBuf> = [layout.packs(), layout.lexical(), layout.views()]
                .iter()
                .flat_map(|folder| fs::read_dir(folder).unwrap())
                .map(|entry| entry.unwrap().path())
                .collect();
            files.sort();
            let path = &files[number.index(files.len())];
            let mut bytes = fs::read(path).unwrap();
            for (place, byte) in &damage {
                let place = place.index(bytes.len());
                bytes[place] = *byte;
            }
            fs::remove_file(path).unwrap();
            fs::write(path, bytes).unwrap();
            if let Ok((snapshot, _)) =
                opened.workspace.fresh_snapshot(RefreshLimit::NONE, &Cancel::default())
            {
                for text in ["Session", "parse config", "\"Session\"", "sesion"] {
                    try_ask(&opened.workspace, &snapshot, text).ok();
                }
                opened.workspace.coverage().ok();
            }
        });
    }
}
