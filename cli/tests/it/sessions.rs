//! Sessions that are over: listed, shown again without a network, copied and gone on with.

use serde_json::Value;

use crate::agent::{RECORDED, run, tree};
use crate::service::Service;

#[test]
fn a_session_is_shown_again_and_forked() {
    let (provider, model, (calls, end)) = RECORDED[0];
    let sandbox = tree();
    let service = Service::start(vec![(200, calls), (200, end), (200, end), (200, end)]);
    let with = Some((provider, model, &service));
    let first = run(&sandbox, &["ask", "what do both say?"], with);
    assert_eq!(first.code, Some(0), "{first:?}");
    let listed = run(&sandbox, &["session", "list", "--json"], None).json();
    let id = listed["sessions"][0]["session"].as_str().unwrap();
    assert_eq!(listed["sessions"][0]["title"], "what do both say?");
    run(&sandbox, &["ask", "--resume", id, "sure?"], with);

    // The service has gone on no further: what is shown comes from the transcript.
    let again = run(&sandbox, &["session", "replay", id], None);
    assert_eq!(again.code, Some(0), "{again:?}");
    let said = "Both say hello: a.txt:1, b.txt:1.\n";
    let expected =
        format!("[1] > what do both say?\nReading both — 🦀.\n{said}[2] > sure?\n{said}");
    assert_eq!(again.stdout, expected, "{again:?}");
    assert!(again.stderr.contains("· read_files a.txt"), "{again:?}");
    let whole = run(&sandbox, &["session", "replay", "last", "--results"], None);
    assert!(whole.stderr.contains("│ [a.txt · lines 1-1 of 1 lines total"), "{whole:?}");

    let json = run(&sandbox, &["session", "replay", id, "--json"], None);
    let lines = json.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let events: Vec<String> =
        lines.map(|line| line["event"].as_str().unwrap().to_owned()).collect();
    let count = |event: &str| events.iter().filter(|one| *one == event).count();
    assert_eq!((count("replayed"), count("user"), count("call_finished")), (2, 2, 2), "{events:?}");

    let forked = run(&sandbox, &["session", "fork", id, "--at", "1"], None);
    let copy = run(&sandbox, &["session", "replay", forked.stdout.trim()], None);
    assert!(copy.stdout.contains("[1] > what") && !copy.stdout.contains("sure?"), "{copy:?}");

    let ran = run(&sandbox, &["ask", "--fork", id, "--at", "1", "and now?"], with);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let asked = service.asked()[3].to_string();
    assert!(asked.contains("what do both say?") && !asked.contains("sure?"), "{asked}");
    assert!(asked.contains("and now?"), "{asked}");
}

#[test]
fn a_session_that_is_not_there_is_a_wrong_argument() {
    let sandbox = tree();
    for arguments in [&["session", "replay", "1"], &["session", "fork", "1"]] {
        let ran = run(&sandbox, arguments, None);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("hint: flux session list"), "{ran:?}");
    }
}
