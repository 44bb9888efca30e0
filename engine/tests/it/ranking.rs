//! Ranking and filters, each on the smallest tree that shows it.

use std::time::Duration;

use flux_engine::core::{Cancel, NoProgress, SymbolKind};
use flux_engine::query::pattern::{CaseMode, PatternBoundary};
use flux_engine::query::{Answer, Filter, Mode, QueryKind, SearchRequest, Tests};
use flux_engine::{Freshness, IndexOptions, Location, Workspace};
use flux_fixtures::world::World;

struct Searched {
    world: World,
    workspace: Workspace,
}

impl Searched {
    fn new(text: &str) -> Self {
        let world = World::new(text);
        let location = Location {
            root: world.root().to_owned(),
            index: world.beside("index"),
            inside: std::path::PathBuf::new(),
        };
        let workspace = Workspace::new(location);
        let options =
            IndexOptions { rebuild: false, patience: Duration::ZERO, graph: false, stated: None };
        workspace.index(&options, &NoProgress, &Cancel::default()).unwrap();
        Self { world, workspace }
    }

    fn ask(&self, text: &str, filter: Filter) -> Answer {
        let request = SearchRequest {
            text: text.to_owned(),
            mode: Mode::Auto,
            case: CaseMode::Sensitive,
            boundary: PatternBoundary::Anywhere,
            filter,
            limit: 10,
        };
        let snapshot = self.workspace.snapshot().unwrap();
        self.workspace.search(&snapshot, Freshness::Fresh, &request).unwrap().answer
    }

    /// Checks the hits as `path:line name`, best first.
    #[track_caller]
    fn check(&self, text: &str, filter: Filter, expected: &[&str]) {
        let answer = self.ask(text, filter);
        let hits: Vec<String> = answer
            .hits
            .iter()
            .map(|hit| {
                let name = hit.symbol.as_ref().map_or("-", |symbol| symbol.name.as_str());
                format!("{}:{} {name}", hit.path, hit.lines.start)
            })
            .collect();
        assert_eq!(hits, expected, "{text}");
    }

    #[track_caller]
    fn check_first(&self, text: &str, expected: &str) {
        let answer = self.ask(text, Filter::default());
        let hit = answer.hits.first().expect("something is found");
        let name = hit.symbol.as_ref().map_or("-", |symbol| symbol.name.as_str());
        assert_eq!(format!("{}:{} {name}", hit.path, hit.lines.start), expected, "{text}");
    }
}

const AUTH: &str = r#"
//- /src/auth.py
class Session:
    """A signed-in user."""

    def validate(self, token):
        """Checks that a token has not expired."""
        return token.expires > now()


def create_session(user):
    return Session()
//- /src/cache.py
class Cache:
    def validate(self, entry):
        return entry.fresh
//- /tests/test_auth.py
def test_validate():
    session = Session()
    assert session.validate(token)
//- /vendor/auth.py
class Session:
    def validate(self, token):
        return True
//- /docs/auth.md
# Sessions

A session holds a validated token.
"#;

#[test]
fn a_definition_comes_before_what_uses_it() {
    Searched::new(AUTH).check_first("Session", "src/auth.py:1 Session");
}

#[test]
fn a_qualified_name_picks_the_member_of_that_container() {
    let tree = Searched::new(AUTH);
    tree.check_first("Cache.validate", "src/cache.py:2 validate");
    tree.check_first("auth::Session::validate", "src/auth.py:4 validate");
}

#[test]
fn words_find_the_function_whose_doc_says_them() {
    Searched::new(AUTH).check_first("where are expired tokens checked", "src/auth.py:4 validate");
}

#[test]
fn tests_come_first_only_when_they_are_asked_for() {
    let tree = Searched::new(AUTH);
    tree.check_first("test validate", "tests/test_auth.py:1 test_validate");
    let only = Filter { tests: Tests::Only, ..Filter::default() };
    tree.check("validate", only, &["tests/test_auth.py:1 test_validate"]);
    let never = tree.ask("validate", Filter { tests: Tests::Never, ..Filter::default() });
    assert!(never.hits.iter().all(|hit| !hit.path.as_str().starts_with("tests/")));
}

#[test]
fn tests_inside_a_source_file_count_as_tests() {
    let text = "//- /src/lib.rs\npub fn shut_down(server: Server) {\n    server.close()\n}\n\n\
        #[cfg(test)]\nmod tests {\n    #[test]\n    fn shut_down_closes_the_server() {\n        \
        shut_down(server()); assert!(closed());\n    }\n}\n";
    let padded = text.replace("server.close()", &"server.close();\n    ".repeat(60));
    let tree = Searched::new(&padded);
    let never = tree.ask("shut down server", Filter { tests: Tests::Never, ..Filter::default() });
    let names = |answer: &Answer| -> Vec<String> {
        answer.hits.iter().filter_map(|hit| Some(hit.symbol.as_ref()?.name.clone())).collect()
    };
    assert_eq!(names(&never), ["shut_down"]);
    let only = tree.ask("shut down server", Filter { tests: Tests::Only, ..Filter::default() });
    assert_eq!(names(&only), ["shut_down_closes_the_server"]);
}

#[test]
fn a_name_that_is_gone_leaves_no_trace_in_the_scores() {
    const KEPT: &str = "//- /a.py\ndef routes():\n    return make(\"router\")\n";
    let tree = Searched::new(&format!("{KEPT}//- /b.py\ndef router():\n    pass\n"));
    tree.world.remove("b.py");
    let options =
        IndexOptions { rebuild: false, patience: Duration::ZERO, graph: false, stated: None };
    tree.workspace.index(&options, &NoProgress, &Cancel::default()).unwrap();
    let scores = |tree: &Searched| -> Vec<f32> {
        tree.ask("routing of requests", Filter::default()).hits.iter().map(|h| h.score).collect()
    };
    assert_eq!(scores(&tree), scores(&Searched::new(KEPT)));
}

#[test]
fn vendored_code_is_ranked_down_and_says_so() {
    let answer = Searched::new(AUTH).ask("Session", Filter::default());
    let vendored = answer.hits.iter().find(|hit| hit.path.as_str() == "vendor/auth.py").unwrap();
    assert!(vendored.has_signal("vendored"), "{:?}", vendored.signals);
    assert!(vendored.score < answer.hits[0].score);
}

#[test]
fn the_same_text_at_two_paths_is_shown_once() {
    let text = "def parse_header(line):\n    return line.split()\n";
    let tree = Searched::new(&format!("//- /a.py\n{text}//- /dist/a.py\n{text}"));
    tree.check("parse header", Filter::default(), &["a.py:1 parse_header"]);
}

#[test]
fn filters_are_exact() {
    let tree = Searched::new(AUTH);
    let kind = Filter { kinds: vec![SymbolKind::Class], ..Filter::default() };
    let classes = tree.ask("session", kind);
    assert!(!classes.hits.is_empty());
    for hit in &classes.hits {
        assert_eq!(hit.symbol.as_ref().map(|symbol| symbol.kind), Some(SymbolKind::Class));
    }
    let path = Filter { paths: vec!["src".into(), "!cache.py".into()], ..Filter::default() };
    let inside = tree.ask("validate session", path);
    assert!(inside.hits.iter().all(|hit| hit.path.as_str() == "src/auth.py"), "{:?}", inside.hits);
    let language = Filter { languages: vec!["markdown".into()], ..Filter::default() };
    tree.check("session", language, &["docs/auth.md:1 Sessions"]);
}

#[test]
fn a_name_that_nothing_has_falls_back_to_similar_ones() {
    let tree = Searched::new(AUTH);
    let answer = tree.ask("Sesion", Filter::default());
    assert_eq!(answer.kind, QueryKind::Symbol);
    assert_eq!(answer.suggestions[0], "Session");
    assert_eq!(answer.hits[0].path.as_str(), "src/auth.py");
}

#[test]
fn names_in_any_case_and_style_meet() {
    let tree =
        Searched::new("//- /a.ts\nexport function parseHttpHeader(text: string) { return text }\n");
    for spelling in ["parseHttpHeader", "parse_http_header", "ParseHTTPHeader", "parsehttpheader"] {
        tree.check_first(spelling, "a.ts:1 parseHttpHeader");
    }
}

#[test]
fn an_issue_is_read_for_its_paths_and_identifiers() {
    let tree = Searched::new(AUTH);
    let issue = "Login fails after an hour\n\nSince the last release every user of ours is thrown \
        out after about an hour and must sign in again, which they do not like at all. It worked \
        before. We see this in the log:\n\n```\nTraceback (most recent call last):\n  File \
        \"/srv/app/src/auth.py\", line 10, in create_session\n    return Session()\n```\n";
    let answer = tree.ask(issue, Filter::default());
    assert_eq!(answer.kind, QueryKind::Issue);
    let first = &answer.hits[0];
    assert_eq!(first.path.as_str(), "src/auth.py");
    assert!(first.has_signal("mentioned"), "{:?}", first.signals);
}

#[test]
fn further_hits_of_a_file_make_room_for_others_and_say_so() {
    let methods: String = (0..30)
        .map(|i| format!("def retry_{i}(request):\n{}\n", "    retry(request)\n".repeat(12)))
        .collect();
    let text = format!("//- /big.py\n{methods}//- /other.py\ndef backoff():\n    retry()\n");
    let answer = Searched::new(&text).ask("retry request", Filter::default());
    let paths: Vec<&str> = answer.hits.iter().map(|hit| hit.path.as_str()).collect();
    assert!(paths.contains(&"other.py"), "{paths:?}");
    assert!(answer.hits.iter().any(|hit| hit.has_signal("same file")));
}

#[test]
fn literal_search_returns_lines_in_order_of_paths() {
    let answer = Searched::new(AUTH).ask("\"Session()\"", Filter::default());
    let lines: Vec<String> = answer
        .lines
        .iter()
        .flat_map(|file| file.lines.iter().map(move |line| format!("{}:{}", file.path, line.line)))
        .collect();
    assert_eq!(lines, ["src/auth.py:10", "tests/test_auth.py:2"]);
}

#[test]
fn an_unknown_language_is_an_error_with_the_known_ones() {
    let tree = Searched::new(AUTH);
    let snapshot = tree.workspace.snapshot().unwrap();
    let request = SearchRequest {
        text: "session".into(),
        mode: Mode::Auto,
        case: CaseMode::Sensitive,
        boundary: PatternBoundary::Anywhere,
        filter: Filter { languages: vec!["cobol".into()], ..Filter::default() },
        limit: 10,
    };
    let error = tree.workspace.search(&snapshot, Freshness::Fresh, &request).unwrap_err();
    assert!(error.to_string().contains("cobol"), "{error}");
    assert!(error.to_string().contains("--lang takes one of markdown, python"), "{error}");
}

#[test]
fn an_identifier_that_occurs_once_is_not_lost_among_what_shares_its_number() {
    let mut text = String::from("//- /src/last.py\n# qxz_bench_0\nlast = 1\n");
    for file in 0..30 {
        text += &format!("//- /src/zero_{file}.py\ndef zero_0(): return 0\ndef bench_0(): pass\n");
    }
    let searched = Searched::new(&text);
    for name in ["qxz_bench_0", "qxzBench0"] {
        searched.check(name, Filter::default(), &["src/last.py:1 -"]);
    }
}
