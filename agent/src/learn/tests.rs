//! What is counted of a conversation, and what is said of the counts.

use serde_json::{Value, json};

use super::{Fact, Forget, How, Learned, Observer, load, save};
use crate::llm::{Answered, Call, Unit};

fn see(observer: &mut Observer, name: &str, arguments: Value, text: &str, is_error: bool) {
    let arguments = arguments.to_string();
    let call = Call { id: "c".into(), item: None, name: name.into(), arguments, is_cut: false };
    observer.call(&call, &Answered { text: text.to_owned(), is_error });
}

fn edit(observer: &mut Observer, path: &str) {
    let arguments = json!({ "path": path, "old": "a", "new": "b" });
    see(observer, "edit", arguments, "applied", false);
}

fn test(observer: &mut Observer, fails: bool) {
    let how = if fails { "ended with exit code 1" } else { "ended well" };
    see(observer, "run_tests", json!({}), &format!("[`pytest -q` {how}]\n1 test"), fails);
}

#[test]
fn what_was_used_is_what_the_last_search_found() {
    let mut observer = Observer::default();
    let found = "[revision x, index fresh]\nsrc/a.py:1-4: function f\n  code\nb.py:3: x\n";
    see(&mut observer, "search_code", json!({ "query": " where " }), found, false);
    see(&mut observer, "read_files", json!({ "paths": ["src/a.py:1-9", "c.py"] }), "", false);
    see(&mut observer, "read_files", json!({ "paths": ["src/a.py"] }), "", false);
    edit(&mut observer, "./src/a.py");
    let fact = |how| Fact::Used { query: "where".into(), path: "src/a.py".into(), how };
    assert_eq!(observer.take(), [fact(How::Read), fact(How::Edited)]);
    observer.see(&Unit::User { text: "another".into(), context: None });
    see(&mut observer, "read_files", json!({ "paths": ["b.py"] }), "", false);
    assert_eq!(observer.take(), []);
}

#[test]
fn a_check_is_of_the_edits_since_it_was_run() {
    let mut observer = Observer::default();
    edit(&mut observer, "a.py");
    edit(&mut observer, "a.py");
    test(&mut observer, true);
    test(&mut observer, false);
    edit(&mut observer, "b.py");
    test(&mut observer, false);
    let checks: Vec<(bool, Vec<String>)> = observer
        .take()
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::Checked { failed, after, .. } => Some((failed, after)),
            Fact::Used { .. } | Fact::Ran { .. } => None,
        })
        .collect();
    let expected = [(true, vec!["a.py".into()]), (false, vec![]), (false, vec!["b.py".into()])];
    assert_eq!(checks, expected);
}

#[test]
fn what_did_not_run_or_only_looked_is_not_counted() {
    let mut observer = Observer::default();
    let command = |line: &str| json!({ "command": line });
    see(&mut observer, "run_command", command("ls"), "[`ls` ended well]", false);
    see(&mut observer, "run_command", command("make"), "not allowed without approval", true);
    let stopped = "[`pytest` was stopped by the user]";
    see(&mut observer, "run_command", command("pytest"), stopped, true);
    assert_eq!(observer.take(), []);
    let line = "API_KEY=abcdefghijklmnop0123 make";
    see(&mut observer, "run_command", command(line), &format!("[`{line}` ended well]"), false);
    let ran = Fact::Ran { command: "API_KEY=[secret] make".into(), failed: false };
    assert_eq!(observer.take(), [ran]);
}

fn checked(learned: &mut Learned, failed: bool) {
    let after = vec!["a.py".to_owned()];
    learned.add(Fact::Checked { check: "pytest".into(), failed, after }, 1);
}

#[test]
fn a_warning_needs_runs_and_is_silent_once_it_was_mostly_wrong() {
    let mut learned = Learned::default();
    let warns = |learned: &Learned| !learned.warnings(&["a.py".to_owned()]).is_empty();
    checked(&mut learned, true);
    checked(&mut learned, true);
    assert!(!warns(&learned), "two runs say nothing");
    checked(&mut learned, true);
    assert!(warns(&learned) && learned.warnings(&["b.py".to_owned()]).is_empty());
    assert_eq!(learned.warned.given, 0, "what nobody could have been warned of is not judged");
    for _ in 0..3 {
        checked(&mut learned, false);
    }
    assert_eq!((learned.warned.given, learned.warned.right), (3, 0));
    assert!(warns(&learned), "3 of 6 failed, and five warnings are awaited");
    checked(&mut learned, true);
    checked(&mut learned, false);
    checked(&mut learned, false);
    assert!(learned.warned.given >= 5 && !learned.warned.is_trusted(), "{:?}", learned.warned);
    assert!(!warns(&learned));
}

#[test]
fn what_is_kept_can_be_read_forgotten_and_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("learned/x.json");
    assert!(load(&path).unwrap().is_empty());
    let mut learned = Learned::default();
    checked(&mut learned, true);
    for at in 0..150 {
        let command = format!("make {at}");
        learned.add(Fact::Ran { command, failed: false }, at);
    }
    assert_eq!(learned.commands.len(), 100);
    assert!(!learned.commands.contains_key("make 0"), "the oldest are forgotten");
    save(&path, &learned).unwrap();
    assert_eq!(load(&path).unwrap(), learned);
    assert!(std::fs::read_to_string(&path).unwrap().contains("\n    \"make 149\": {\n"));
    assert!(learned.forget(&Forget::Text("pytest".into())) && learned.checks.is_empty());
    assert!(!learned.forget(&Forget::Text("pytest".into())));
    assert!(learned.forget(&Forget::Commands) && learned.is_empty());
    save(&path, &learned).unwrap();
    assert!(!path.exists(), "nothing learned leaves no file");
    std::fs::write(&path, "{").unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("hint: correct it"));
}
