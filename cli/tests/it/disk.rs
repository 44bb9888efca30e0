//! Where the index lies: folders that cannot be written, disks that are full, trees that change
//! under the indexer. What was there before stays whole.

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::Sandbox;

#[test]
fn an_index_folder_that_is_a_file_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("a.py", "def a(): pass\n");
    fs::write(sandbox.path("file"), "mine").unwrap();
    let file = sandbox.path("file");
    let ran = sandbox.run(&["index", "-q", "--index-dir", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(70), "{ran:?}");
    assert!(ran.stderr.starts_with("flux: cannot create [BOX]/file/packs: "), "{ran:?}");
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
}

// Files may not grow beyond a limit: what a full disk does, without needing one.
#[test]
fn a_full_disk_fails_the_update_and_keeps_the_index() {
    let sandbox = Sandbox::with_project(4);
    sandbox.index();
    let question = ["search", "--json", "--no-refresh", "parse value"];
    let before = sandbox.run(&question);
    (0..60).for_each(|file| {
        let text = format!("def added_{file}(settings): return parse(settings)\n").repeat(200);
        sandbox.write(format!("more/{file}.py"), text);
    });
    for blocks in [0, 1, 8, 32] {
        let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" index -q");
        let mut command = Command::new("sh");
        command.args(["-c", &limit, env!("CARGO_BIN_EXE_flux")]);
        command.current_dir(sandbox.tree()).env("FLUX_CACHE_DIR", sandbox.path("cache"));
        let ran = sandbox.ran(command.output().unwrap());
        assert_eq!(ran.code, Some(70), "{blocks} blocks: {ran:?}");
        assert!(ran.stderr.starts_with("flux: "), "{blocks} blocks: {ran:?}");
        assert!(!ran.stderr.contains("panicked"), "{blocks} blocks: {ran:?}");
        assert_eq!(sandbox.run(&question).stdout, before.stdout, "{blocks} blocks");
        sandbox.verify();
    }
    sandbox.index();
    let found = sandbox.run(&["search", "-F", "def added_59", "-n", "1"]);
    found.check(0, "more/59.py:1:def added_59(settings): return parse(settings)\n", "");
}

#[test]
fn a_cache_inside_the_tree_is_not_indexed() {
    let sandbox = Sandbox::new();
    sandbox.write("a.py", "def a(): pass\n");
    let run = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env("FLUX_CACHE_DIR", sandbox.tree().join("cache"));
        sandbox.ran(command.output().unwrap())
    };
    for _ in 0..3 {
        assert_eq!(run(&["index", "-q"]).code, Some(0));
    }
    let status = run(&["status", "--json"]).json();
    assert_eq!((&status["files"], &status["freshness"]["state"]), (&1.into(), &"fresh".into()));
}

#[test]
fn files_that_vanish_and_shrink_while_they_are_read_stop_nothing() {
    let sandbox = Sandbox::with_project(6);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let text = "def flickering(): return 1\n".repeat(20_000);
            while !is_over.load(Ordering::Relaxed) {
                sandbox.write("flicker/a.py", &text);
                sandbox.write("flicker/a.py", "");
                sandbox.write("flicker/b/c.py", &text);
                fs::remove_dir_all(sandbox.tree().join("flicker")).unwrap();
            }
        });
        for _ in 0..6 {
            sandbox.index();
            sandbox.verify();
        }
        is_over.store(true, Ordering::Relaxed);
    });
    sandbox.index();
    let answer = sandbox.run(&["search", "--json", "--no-refresh", "read part"]).json();
    assert_eq!(answer["results"].as_array().unwrap().len(), 10);
}

#[test]
fn a_damaged_index_is_found_and_mended() {
    let sandbox = Sandbox::with_project(2);
    sandbox.index();
    let question = ["search", "--json", "parse value"];
    let before = sandbox.run(&question).json();
    let store = fs::read_dir(sandbox.path("cache")).unwrap().next().unwrap().unwrap().path();
    let view = fs::read_dir(store.join("views")).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(&view).unwrap();
    for kept in [0, 11, bytes.len() / 2, bytes.len() - 1] {
        fs::remove_file(&view).unwrap();
        fs::write(&view, &bytes[..kept]).unwrap();
        assert_eq!(sandbox.run(&["verify"]).code, Some(1), "{kept} bytes");
    }
    fs::remove_file(&view).unwrap();
    fs::write(&view, &bytes[..20]).unwrap();
    let after = sandbox.run(&question);
    assert_eq!(after.code, Some(0), "{after:?}");
    assert_eq!(after.json()["results"], before["results"]);
    sandbox.verify();
}
