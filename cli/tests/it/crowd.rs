//! Indexers, searchers and an editor at work on one tree at once.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::Sandbox;

const INDEXERS: usize = 2;
const SEARCHERS: usize = 20;
const TIME: Duration = Duration::from_secs(4);

#[test]
fn two_indexers_and_twenty_searchers_agree_while_files_change() {
    let sandbox = Sandbox::with_project(10);
    sandbox.index();
    let is_over = AtomicBool::new(false);
    let goes_on = || !is_over.load(Ordering::Relaxed);
    thread::scope(|scope| {
        scope.spawn(|| edit(&sandbox, goes_on));
        for _ in 0..INDEXERS {
            scope.spawn(|| {
                while goes_on() {
                    sandbox.index();
                }
            });
        }
        for first in 0..SEARCHERS {
            let sandbox = &sandbox;
            scope.spawn(move || ask(sandbox, first, goes_on));
        }
        let start = Instant::now();
        while start.elapsed() < TIME {
            thread::sleep(Duration::from_millis(50));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    sandbox.index();
    sandbox.verify();
    let question = ["search", "--json", "--no-refresh", "parse settings"];
    let lived = sandbox.run(&question).json();
    fs::remove_dir_all(sandbox.path("cache")).unwrap();
    sandbox.index();
    assert_eq!(lived, sandbox.run(&question).json());
}

fn edit(sandbox: &Sandbox, goes_on: impl Fn() -> bool) {
    let mut number = 0;
    while goes_on() {
        let text = format!("def edited_{number}(settings):\n    return parse(settings)\n");
        match number % 4 {
            0 => sandbox.write(format!("source/new_{number}.py"), text),
            1 => sandbox.write(format!("source/part_{}.py", number % 10), text),
            2 => sandbox.write(format!("crates/part_{}/src/lib.rs", number % 10), text),
            _ => fs::remove_file(sandbox.tree().join(format!("source/new_{}.py", number - 3)))
                .unwrap(),
        }
        number += 1;
        thread::sleep(Duration::from_millis(20));
    }
}

fn ask(sandbox: &Sandbox, first: usize, goes_on: impl Fn() -> bool) {
    let questions: [&[&str]; 6] = [
        &["search", "parse settings"],
        &["search", "-F", "settings"],
        &["search", "--no-refresh", "read part"],
        &["search", "-e", r"edited_\d+"],
        &["status"],
        &["verify"],
    ];
    for question in questions.iter().cycle().skip(first) {
        if !goes_on() {
            return;
        }
        let ran = sandbox.run(&[*question, &["--json", "--quiet"]].concat());
        assert!(matches!(ran.code, Some(0 | 1)) && ran.stderr.is_empty(), "{question:?}: {ran:?}");
        let json = ran.json();
        assert_eq!(json["schema"], 1);
        if question[0] == "verify" {
            assert_eq!(json["problems"], serde_json::json!([]));
        }
    }
}
