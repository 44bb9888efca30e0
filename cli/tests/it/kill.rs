//! An indexer that is killed leaves a whole snapshot, and the next one finishes its work.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::Sandbox;

const CANCELLED: &str = "flux: indexing was cancelled; the previous index still answers\n";
/// Points at which a run is killed, spread over its length.
const POINTS: u32 = 8;

#[test]
fn a_killed_first_index_leaves_nothing_or_all_of_it() {
    let sandbox = Sandbox::with_project(24);
    let duration = timed_index(&sandbox);
    let expected = answers(&sandbox);
    for point in 0..POINTS {
        fs::remove_dir_all(sandbox.path("cache")).unwrap();
        kill_index(&sandbox, duration * (2 * point + 1) / (2 * POINTS));
        let search = sandbox.run(&["search", "--no-refresh", "parse"]);
        if search.code == Some(3) {
            assert!(search.stderr.starts_with("flux: no index in "), "{search:?}");
        } else {
            assert_eq!(answers(&sandbox), expected, "point {point}");
            sandbox.verify();
        }
        complete(&sandbox, &expected);
    }
}

#[test]
fn a_killed_update_leaves_the_snapshot_before_or_after() {
    let sandbox = Sandbox::with_project(24);
    sandbox.index();
    let base = sandbox.path("base");
    copy(&sandbox.path("cache"), &base);
    for file in 0..12 {
        sandbox.write(format!("source/part_{file}.py"), format!("def renamed_{file}(): pass\n"));
        fs::remove_file(sandbox.tree().join(format!("crates/part_{file}/src/lib.rs"))).unwrap();
        sandbox.write(format!("added_{file}.py"), "def parse_added(settings): return settings\n");
    }
    let before = answers(&sandbox);
    let duration = timed_index(&sandbox);
    let after = answers(&sandbox);
    assert_ne!(before, after);
    for point in 0..POINTS {
        fs::remove_dir_all(sandbox.path("cache")).unwrap();
        copy(&base, &sandbox.path("cache"));
        kill_index(&sandbox, duration * (2 * point + 1) / (2 * POINTS));
        let found = answers(&sandbox);
        assert!(found == before || found == after, "point {point}");
        sandbox.verify();
        complete(&sandbox, &after);
    }
}

// Ctrl-C is a request and not a death: the run says so and leaves the lock and the index in order.
#[test]
fn an_interrupted_update_exits_with_130_and_keeps_the_index() {
    let sandbox = Sandbox::with_project(8);
    sandbox.index();
    for attempt in 0..20 {
        for file in 0..150 {
            let line = format!("def more_{attempt}_{file}(settings): return settings\n");
            sandbox.write(format!("more/{file}.py"), line.repeat(200));
        }
        let before = answers(&sandbox);
        let child = sandbox.command(&["index"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(20 * attempt));
        let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(interrupt.unwrap().success());
        let output = child.wait_with_output().unwrap();
        let ran = sandbox.ran(output);
        match ran.code {
            // Too early to have installed the handler, or too late.
            None | Some(0) => {}
            Some(130) => {
                assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", CANCELLED));
                assert_eq!(answers(&sandbox), before);
                return sandbox.verify();
            }
            code => panic!("attempt {attempt} ended with {code:?}: {ran:?}"),
        }
    }
    panic!("no run lived long enough to be interrupted");
}

fn timed_index(sandbox: &Sandbox) -> Duration {
    let start = Instant::now();
    sandbox.index();
    start.elapsed()
}

fn kill_index(sandbox: &Sandbox, delay: Duration) {
    let mut command = sandbox.command(&["index", "--quiet"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[track_caller]
fn complete(sandbox: &Sandbox, expected: &[Value]) {
    sandbox.index();
    assert_eq!(answers(sandbox), expected);
    sandbox.verify();
}

/// Ranked and exact answers as the index stands.
#[track_caller]
fn answers(sandbox: &Sandbox) -> Vec<Value> {
    let questions: [&[&str]; 3] =
        [&["parse value"], &["read settings of part 3"], &["-F", "settings"]];
    let answer = |question: &&[&str]| {
        let ran =
            sandbox.run(&[&["search", "--json", "--no-refresh", "--quiet"], *question].concat());
        assert!(matches!(ran.code, Some(0 | 1)) && ran.stderr.is_empty(), "{ran:?}");
        ran.json()
    };
    questions.iter().map(answer).collect()
}

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-R").arg(from).arg(to).status().unwrap().success());
}
