//! Goals that are reached by steps: planned, checked, mended, taken back.

use serde_json::json;

use super::{Outcome, Setup, Turn, edit, read, talk_in};
use crate::plan::{Plan, PlanStep};
use crate::policy::Mode;
use crate::run::{Ended, Event, StepState, Summary};
use crate::tools::Planning;

const FILES: &str = "\
//- /a.py
def add(a, b):
    return a + b
//- /b.py
B = 1
//- /c.py
C = 1
//- /check.sh
if grep -q BAD a.py b.py c.py; then echo 'error: bad text'; exit 1; fi
";

fn setup() -> Setup {
    Setup { test: Some(vec!["sh", "check.sh"]), ..Setup::default() }
}

fn plan_call(steps: serde_json::Value) -> Turn {
    Turn::Calls(vec![("plan", json!({ "goal": "all of it", "steps": steps }))])
}

fn two_steps() -> Turn {
    plan_call(json!([
        { "id": "b", "title": "change b", "files": ["b.py"] },
        { "id": "c", "title": "change c", "files": ["c.py"], "after": ["b"] },
    ]))
}

fn summary(outcome: &Outcome) -> &Summary {
    let summary = |event: &'_ Event| matches!(event, Event::Summary(_));
    let found: Vec<&Event> = outcome.events.iter().filter(|event| summary(event)).collect();
    let [Event::Summary(summary)] = found[..] else { panic!("{:?}", outcome.events) };
    summary
}

fn states(outcome: &Outcome) -> Vec<StepState> {
    summary(outcome).steps.iter().map(|step| step.state).collect()
}

fn read_all() -> Turn {
    Turn::Calls(vec![read(&["a.py", "b.py", "c.py"])])
}

#[test]
fn steps_come_one_after_the_other_and_each_is_checked() {
    let outcome = talk_in(
        FILES,
        &setup(),
        &["do it"],
        vec![
            two_steps(),
            read_all(),
            Turn::Calls(vec![edit("b.py", "B = 1", "B = 2")]),
            Turn::Text("b is done."),
            Turn::Calls(vec![edit("c.py", "C = 1", "C = 2")]),
            Turn::Text("All done."),
        ],
    );
    assert_eq!(outcome.ended, [Ended::Done]);
    assert!(outcome.result(1).text.contains("Now step `b`"), "{:?}", outcome.result(1));
    let asked = outcome.asked[4].to_string();
    assert!(asked.contains("Now step `c`: change c"), "{asked}");
    assert_eq!(states(&outcome), [StepState::Done, StepState::Done]);
    let summary = summary(&outcome);
    assert!(summary.unforeseen().is_empty() && summary.touched.len() == 2, "{summary}");
    let first = summary.steps[0].verification.as_ref().unwrap();
    assert!(first.looked.contains(&"`sh check.sh`".to_owned()), "{first:?}");
}

#[test]
fn a_step_that_fails_is_mended_with_the_output_in_hand() {
    let outcome = talk_in(
        FILES,
        &setup(),
        &["do it"],
        vec![
            read_all(),
            Turn::Calls(vec![edit("b.py", "B = 1", "BAD = 2")]),
            Turn::Text("Done."),
            Turn::Calls(vec![edit("b.py", "BAD = 2", "B = 2")]),
            Turn::Text("Mended."),
        ],
    );
    assert_eq!(outcome.ended, [Ended::Done]);
    let asked = outcome.asked[3].to_string();
    assert!(asked.contains("error: bad text"), "{asked}");
    assert_eq!(outcome.file("b.py"), "B = 2\n");
    let summary = summary(&outcome);
    assert_eq!((summary.steps[0].revisions, summary.steps[0].edits.len()), (1, 2));
    assert!(summary.predicted.is_none());
}

#[test]
fn a_step_that_cannot_be_mended_is_taken_back_with_what_comes_after_it() {
    let outcome = talk_in(
        FILES,
        &setup(),
        &["do it"],
        vec![
            plan_call(json!([
                { "id": "b", "title": "change b" },
                { "id": "c", "title": "change c", "after": ["b"] },
                { "id": "a", "title": "change a" },
            ])),
            read_all(),
            Turn::Calls(vec![edit("b.py", "B = 1", "BAD = 2")]),
            Turn::Text("Done."),
            Turn::Text("I cannot."),
            Turn::Text("I cannot."),
            Turn::Calls(vec![edit("a.py", "a + b", "b + a")]),
            Turn::Text("Done."),
        ],
    );
    let [Ended::Stopped(why)] = &outcome.ended[..] else { panic!("{:?}", outcome.ended) };
    assert!(why.contains("step `b` is taken back, step `c` is skipped"), "{why}");
    assert_eq!(outcome.file("b.py"), "B = 1\n", "wholly before");
    assert!(outcome.file("a.py").contains("b + a"), "what does not need it goes on");
    assert_eq!(states(&outcome), [StepState::TakenBack, StepState::Skipped, StepState::Done]);
    assert!(outcome.asked[6].to_string().contains("taken back; read files again"));
    assert_eq!(summary(&outcome).touched.iter().collect::<Vec<_>>(), ["a.py"]);
}

#[test]
fn what_the_plan_did_not_name_is_told() {
    let outcome = talk_in(
        FILES,
        &setup(),
        &["do it"],
        vec![
            plan_call(json!([{ "id": "b", "title": "change b", "files": ["b.py"] }])),
            read_all(),
            Turn::Calls(vec![edit("b.py", "B = 1", "B = 2"), edit("c.py", "C = 1", "C = 2")]),
            Turn::Text("Done."),
        ],
    );
    let summary = summary(&outcome);
    assert_eq!(summary.unforeseen().iter().collect::<Vec<_>>(), ["c.py"]);
    assert!(summary.to_string().contains("changed and not predicted: c.py"), "{summary}");
}

#[test]
fn a_plan_that_cannot_be_carried_out_comes_back_with_the_reason() {
    let outcome = talk_in(
        FILES,
        &setup(),
        &["do it"],
        vec![
            plan_call(json!([{ "id": "b", "title": "x", "after": ["z"] }])),
            plan_call(json!([])),
            Turn::Text("Never mind."),
        ],
    );
    assert!(outcome.result(1).is_error && outcome.result(1).text.contains("`z`"));
    assert!(outcome.result(2).text.contains("no steps"), "{:?}", outcome.result(2));
    assert!(!outcome.events.iter().any(|event| matches!(event, Event::Summary(_))));
}

#[test]
fn where_a_plan_is_wanted_first_nothing_changes_before_it() {
    let setup = Setup { planning: Planning::First, ..setup() };
    let outcome = talk_in(
        FILES,
        &setup,
        &["do it"],
        vec![
            read_all(),
            Turn::Calls(vec![edit("b.py", "B = 1", "B = 2")]),
            plan_call(json!([{ "id": "b", "title": "change b" }])),
            Turn::Calls(vec![edit("b.py", "B = 1", "B = 2")]),
            Turn::Text("Done."),
        ],
    );
    assert!(outcome.result(2).text.contains("a plan is wanted"), "{:?}", outcome.result(2));
    assert!(!outcome.result(4).is_error, "{:?}", outcome.result(4));
    assert_eq!(outcome.ended, [Ended::Done]);
}

#[test]
fn where_only_a_plan_is_wanted_it_ends_the_turn_and_nothing_can_be_changed() {
    let setup = Setup { planning: Planning::Only, mode: Mode::ReadOnly, ..setup() };
    let outcome = talk_in(
        FILES,
        &setup,
        &["do it"],
        vec![Turn::Calls(vec![edit("b.py", "B = 1", "B = 2")]), two_steps()],
    );
    assert!(outcome.result(1).is_error);
    assert_eq!(outcome.ended, [Ended::Done]);
    assert!(outcome.events.iter().any(|event| matches!(event, Event::Planned { .. })));
    assert_eq!(outcome.file("b.py"), "B = 1\n");
}

#[test]
fn a_plan_is_asked_about_as_a_whole() {
    let refused = Setup { mode: Mode::Ask, ..setup() };
    let outcome =
        talk_in(FILES, &refused, &["do it"], vec![two_steps(), Turn::Text("As you wish.")]);
    assert!(outcome.result(1).text.contains("approval"), "{:?}", outcome.result(1));
    let allowed = Setup { mode: Mode::Ask, says: true, ..setup() };
    let outcome = talk_in(
        FILES,
        &allowed,
        &["do it"],
        vec![two_steps(), Turn::Text("Nothing to do for b."), Turn::Text("Nor for c.")],
    );
    assert_eq!(states(&outcome), [StepState::Done, StepState::Done]);
}

#[test]
fn a_plan_of_the_user_needs_no_model_to_make_it() {
    let step = |id: &str| PlanStep {
        id: id.to_owned(),
        title: format!("change {id}"),
        after: Vec::new(),
        files: vec![format!("{id}.py")],
        symbols: Vec::new(),
        tools: Vec::new(),
    };
    let plan = Plan { goal: "both".to_owned(), steps: vec![step("b"), step("c")] };
    let setup = Setup { plan: Some(plan), planning: Planning::First, ..setup() };
    let outcome = talk_in(
        FILES,
        &setup,
        &[""],
        vec![
            Turn::Calls(vec![read(&["b.py"]), read(&["c.py"])]),
            Turn::Calls(vec![edit("b.py", "B = 1", "B = 2")]),
            Turn::Text("Done."),
            Turn::Calls(vec![edit("c.py", "C = 1", "C = 2")]),
            Turn::Text("Done."),
        ],
    );
    assert_eq!(outcome.ended, [Ended::Done]);
    assert!(outcome.asked[0].to_string().contains("Now step `b`"));
    assert_eq!(states(&outcome), [StepState::Done, StepState::Done]);
}

#[test]
fn a_turn_that_breaks_off_says_what_it_left() {
    let outcome = talk_in(
        FILES,
        &setup(),
        &["do it"],
        vec![read_all(), Turn::Calls(vec![edit("b.py", "B = 1", "B = 2")]), Turn::Stops],
    );
    assert_eq!(outcome.ended, [Ended::Cancelled]);
    assert_eq!(states(&outcome), [StepState::Unfinished]);
    assert_eq!(outcome.file("b.py"), "B = 2\n", "the conversation can be gone on with");
}

#[test]
fn a_turn_that_is_stopped_keeps_only_what_holds() {
    let again = || Turn::Calls(vec![edit("b.py", "nowhere", "x")]);
    let run = |text: &'static str| {
        talk_in(
            FILES,
            &setup(),
            &["do it"],
            vec![
                read_all(),
                Turn::Calls(vec![edit("b.py", "B = 1", text)]),
                again(),
                again(),
                again(),
            ],
        )
    };
    let (good, bad) = (run("B = 2"), run("BAD = 2"));
    assert_eq!((states(&good), good.file("b.py")), (vec![StepState::Done], "B = 2\n".to_owned()));
    assert_eq!(
        (states(&bad), bad.file("b.py")),
        (vec![StepState::TakenBack], "B = 1\n".to_owned())
    );
}
