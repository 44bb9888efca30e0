//! Transcripts: what is read back, copied and shown again.

use std::fs::OpenOptions;
use std::io::Write;
use std::time::SystemTime;

use super::{Moment, SessionError, Transcript, fork, read, replay, sessions};
use crate::llm::{Answered, Block, Call, Exchange, Unit};
use crate::run::Event;

fn units() -> Vec<Unit> {
    let call = Call {
        id: "c1".to_owned(),
        item: None,
        name: "read_files".to_owned(),
        arguments: "{}".to_owned(),
        is_cut: false,
    };
    let answered = Answered { text: "é\n".to_owned(), is_error: true };
    let exchange = Exchange::new(vec![Block::Call(call)], vec![answered]).unwrap();
    vec![
        Unit::User { text: "hello".to_owned(), context: None },
        Unit::Exchange(exchange),
        Unit::Note { text: "n".to_owned() },
    ]
}

#[test]
fn what_was_said_is_read_back_whatever_a_kill_left() {
    let folder = tempfile::tempdir().unwrap();
    let (folder, now) = (folder.path().join("s"), SystemTime::now());
    let mut transcript = Transcript::start(&folder, &folder, "m", now).unwrap();
    let id = transcript.id.clone();
    for unit in &units()[..2] {
        transcript.note(&Event::Said(unit.clone())).unwrap();
    }
    let path = folder.join(format!("{id}.jsonl"));
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"{\"line\":\"said\",\"unit\":{\"unit\":\"us").unwrap();
    let (mut transcript, history) = Transcript::resume(&folder, &id, &folder, "m", now).unwrap();
    assert_eq!(history.units(), &units()[..2]);
    transcript.note(&Event::Said(units()[2].clone())).unwrap();
    assert_eq!(read(&folder, &id).unwrap().units(), units());
    assert_eq!(sessions(&folder)[0].title, "hello");
    transcript.cleared().unwrap();
    assert!(read(&folder, &id).unwrap().is_empty());
    assert!(read(&folder, "../x").is_err());
}

#[test]
fn two_sessions_of_one_second_are_two() {
    let folder = tempfile::tempdir().unwrap();
    let now = SystemTime::now();
    let start = || Transcript::start(folder.path(), folder.path(), "m", now).unwrap().id;
    assert_ne!(start(), start());
}

/// A session of two prompts, the first with a call that failed and an edit.
fn talked(folder: &std::path::Path) -> String {
    let mut transcript = Transcript::start(folder, folder, "m", SystemTime::UNIX_EPOCH).unwrap();
    let [user, exchange, note] = <[Unit; 3]>::try_from(units()).unwrap();
    let again = Unit::User { text: "again".to_owned(), context: None };
    for unit in [user, exchange, again, note] {
        transcript.note(&Event::Said(unit)).unwrap();
    }
    transcript.id
}

#[test]
fn a_fork_has_the_first_prompts_and_leaves_the_session_alone() {
    let folder = tempfile::tempdir().unwrap();
    let id = talked(folder.path());
    let before = std::fs::read(folder.path().join(format!("{id}.jsonl"))).unwrap();
    let prompts = |id: &str| {
        let history = read(folder.path(), id).unwrap();
        let users = history.units().iter().filter(|unit| matches!(unit, Unit::User { .. }));
        (users.count(), history.units().len())
    };
    let first = fork(folder.path(), &id, Some(1), SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(prompts(&first), (1, 2));
    let all = fork(folder.path(), &id, None, SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(prompts(&all), (2, 4));
    let (mut transcript, _) =
        Transcript::resume(folder.path(), &first, folder.path(), "m", SystemTime::now()).unwrap();
    transcript.note(&Event::Said(units()[0].clone())).unwrap();
    assert_eq!(prompts(&first), (2, 3));
    assert_eq!(std::fs::read(folder.path().join(format!("{id}.jsonl"))).unwrap(), before);
    let refused = fork(folder.path(), &id, Some(3), SystemTime::UNIX_EPOCH);
    assert!(matches!(refused, Err(SessionError::Prompts { count: 2, .. })), "{refused:?}");
}

#[test]
fn a_session_is_shown_again_in_the_order_in_which_it_happened() {
    let folder = tempfile::tempdir().unwrap();
    let id = talked(folder.path());
    let path = folder.path().join(format!("{id}.jsonl"));
    let text = std::fs::read_to_string(&path).unwrap();
    // As the loop writes it: an edit stands before the exchange whose call made it.
    let edited = "{\"line\":\"edited\",\"edit\":7,\"files\":[\"a.py\"]}\n";
    let at = text.match_indices('\n').nth(1).unwrap().0 + 1;
    std::fs::write(&path, format!("{}{edited}{}", &text[..at], &text[at..])).unwrap();
    let told = replay(folder.path(), &id).unwrap().into_iter().map(|moment| match moment {
        Moment::Started { model, .. } => format!("start {model}"),
        Moment::Edited { edit, files } => format!("edit {edit} {}", files.join(" ")),
        Moment::Planned(plan) => format!("plan {}", plan.goal),
        Moment::Summary { touched, .. } => format!("touched {}", touched.join(" ")),
        Moment::Cleared => "cleared".to_owned(),
        Moment::Event(Event::Said(Unit::User { text, .. })) => format!("user {text}"),
        Moment::Event(Event::Started { what, .. }) => format!("call {what}"),
        Moment::Event(Event::Finished { text, is_error, .. }) => format!("{is_error} {text}"),
        Moment::Event(event) => format!("{event:?}"),
    });
    let expected = [
        "start m",
        "user hello",
        "call read_files",
        "true é\n",
        "edit 7 a.py",
        "user again",
        "Note(\"n\")",
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}
