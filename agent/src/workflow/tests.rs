//! Workflows from the session they are recorded from to the tree that they change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use flux_core::Cancel;
use flux_engine::{Location, Workspace};
use flux_fixtures::world::World;
use serde_json::{Value, json};

use super::folder::{self, Over};
use super::run::{OnFailure, Report};
use super::schedule::{Scheduled, crontab, systemd};
use super::{Workflow, WorkflowError, fill, format, record, run};
use crate::llm::{Answered, Block, Call, Exchange, ToolSpec, Unit};
use crate::policy::{CommandPolicy, Mode};
use crate::run::Event;
use crate::session::Transcript;
use crate::tools::bench::Parts;
use crate::tools::unknowing::Unknowing;
use crate::tools::{Bench, Checks, Limits, offer};

fn tools() -> Vec<ToolSpec> {
    let world = World::new("");
    let index = world.beside("index");
    let workspace = Workspace::new(Location::of(world.root(), &index, Some(&index)).unwrap());
    offer::tools(&bench(&world, &workspace, Mode::Auto))
}

fn bench<'a>(world: &World, workspace: &'a Workspace, mode: Mode) -> Bench<'a> {
    let parts = Parts {
        workspace,
        knowledge: &Unknowing,
        mode,
        commands: CommandPolicy { allowed: vec!["sh change.sh".to_owned()] },
        readable: Vec::new(),
        temporary: world.beside("tmp"),
        network: false,
        checks: Checks::default(),
        hidden: Vec::new(),
        cancel: Cancel::default(),
    };
    Bench::new(parts, Limits { result: 2000, turn: 8000 })
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The arguments of the first step when a workflow is filled.
fn filled(text: &str, pairs: &[(&str, &str)]) -> Result<Value, String> {
    let workflow = format::parse(text)?;
    let filled = fill(&workflow, &values(pairs), &tools()).map_err(|error| error.to_string())?;
    Ok(Value::Object(filled.steps[0].arguments.clone()))
}

const EDIT: &str = "\
[parameters]
value = 2
path = { about = \"the file\" }

[[step]]
tool = \"edit\"
path = \"{{path}}\"
old = \"return 1 {{ x }} {{other}}\"
new = \"return {{value}} {{{value}}}\"
";

#[test]
fn only_parameters_are_replaced() {
    let found = filled(EDIT, &[("path", "{{value}}.py")]).unwrap();
    let expected = json!({
        "path": "{{value}}.py", "old": "return 1 {{ x }} {{other}}", "new": "return 2 {2}",
    });
    assert_eq!(found, expected);
    let workflow = format::parse(EDIT).unwrap();
    let notes = fill(&workflow, &values(&[("path", "a")]), &tools()).unwrap().notes;
    assert_eq!(notes, ["`{{other}}` is no parameter and stays as it is"]);
}

#[test]
fn a_number_stays_a_number() {
    let text = "[parameters]\nseconds = 5\n[[step]]\ntool = \"run_command\"\ncommand = \"ls\"\n\
                timeout_s = \"{{seconds}}\"\n";
    assert_eq!(filled(text, &[]).unwrap(), json!({ "command": "ls", "timeout_s": 5 }));
    let error = filled(text, &[("seconds", "soon")]).unwrap_err();
    assert_eq!(error, "step 1: `timeout_s` is to be a integer, and `soon` is none");
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = filled(text, &[]).unwrap_err();
    assert!(error.starts_with(expected), "{error}");
    assert!(error.contains("\nhint: ") || error.contains("needs"), "{error}");
}

#[test]
fn what_means_nothing_is_refused_with_a_hint() {
    refused("steps = 1\n", "a workflow has no `steps`\nhint: it has description, parameters, step");
    refused("description = \"x\"\n", "there is no step");
    refused("[[step]]\npath = \"a\"\n", "step 1: it has no tool");
    refused("[[step]]\ntool = \"edti\"\n", "step 1: there is no tool `edti`\nhint: read_files");
    let step = |rest: &str| format!("[[step]]\ntool = \"edit\"\n{rest}\n");
    refused(&step("pth = \"a\""), "step 1: `edit` takes no `pth`\nhint: it takes ");
    refused(&step("keep_gong = true"), "step 1: `edit` takes no `keep_gong`");
    refused(&step("path = \"a\""), "step 1: `edit` needs `old`");
    let given = |rest: &str| format!("[parameters]\n{rest}\n[[step]]\ntool = \"auto_fix\"\n");
    refused(&given("x = { abuot = \"y\" }"), "parameter `x` has no `abuot`");
    refused(&given("x = {}"), "`x` has no value\nhint: x=VALUE");
    refused(&given("\"a b\" = 1"), "`a b` is no name of a parameter");
    let error = filled(EDIT, &[("pth", "a")]).unwrap_err();
    assert_eq!(error, "there is no parameter `pth`\nhint: it has path, value");
    assert!(format::parse("[[step]\n").unwrap_err().contains("line 1"));
}

/// A call, its arguments, and whether it failed.
type Told<'a> = (&'a str, Value, bool);

/// A session with these prompts, each followed by a turn of calls.
fn session(folder: &Path, turns: &[(&str, Vec<Told<'_>>)]) -> String {
    let mut transcript = Transcript::start(folder, folder, "m", SystemTime::UNIX_EPOCH).unwrap();
    for (prompt, calls) in turns {
        let text = (*prompt).to_owned();
        transcript.note(&Event::Said(Unit::User { text, context: None })).unwrap();
        let block = |(at, (name, arguments, _)): (usize, &Told<'_>)| {
            Block::Call(Call {
                id: format!("c{at}"),
                item: None,
                name: (*name).to_owned(),
                arguments: arguments.to_string(),
                is_cut: false,
            })
        };
        let answered =
            |(_, _, is_error): &Told<'_>| Answered { text: "done".to_owned(), is_error: *is_error };
        let blocks = calls.iter().enumerate().map(block).collect();
        let exchange = Exchange::new(blocks, calls.iter().map(answered).collect()).unwrap();
        transcript.note(&Event::Said(Unit::Exchange(exchange))).unwrap();
    }
    transcript.id
}

fn edit(path: &str, old: &str, new: &str) -> (&'static str, Value, bool) {
    ("edit", json!({ "path": path, "old": old, "new": new }), false)
}

#[test]
fn a_session_becomes_a_file_whose_parameters_are_the_users_own_words() {
    let folder = tempfile::tempdir().unwrap();
    let command = |line: &str| ("run_command", json!({ "command": line }), false);
    let id = session(
        folder.path(),
        &[
            (
                "in src/app.py let `alpha` return 42",
                vec![
                    ("read_files", json!({ "paths": ["src/app.py"] }), false),
                    ("edit", json!({ "path": "src/app.py", "old": "no", "new": "x" }), true),
                    edit("src/app.py", "def alpha():\n    return 1", "def alpha():\n    return 42"),
                    edit("src/b.py", "alphabet = \"1\"", "alphabet = 'in'"),
                    command("git status"),
                ],
            ),
            ("test it", vec![command("pytest -q"), command("pytest -q")]),
        ],
    );
    let recorded = record(folder.path(), &id, &BTreeSet::new()).unwrap();
    assert_eq!((recorded.looked, recorded.failed), (2, 1));
    let text = format::write(&recorded.workflow, "c");
    let expected = r#"# c

description = "in src/app.py let `alpha` return 42"

[parameters]
name = "alpha"
number = "42"
path = "src/app.py"

[[step]]
tool = "edit"
path = "{{path}}"
old = """
def {{name}}():
    return 1"""
new = """
def {{name}}():
    return {{number}}"""

[[step]]
tool = "edit"
together = true
path = "src/b.py"
old = 'alphabet = "1"'
new = "alphabet = 'in'"

[[step]]
tool = "run_command"
command = "pytest -q"
"#;
    assert_eq!(text, expected);
    assert_eq!(format::parse(&text).unwrap(), recorded.workflow);
}

#[test]
fn edits_that_were_taken_back_and_braces_that_were_there_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let turns = [("use {{name}} for beta_1", vec![edit("t", "beta_1", "{{name}}")])];
    let id = session(folder.path(), &turns);
    let recorded = record(folder.path(), &id, &BTreeSet::new()).unwrap();
    let parameters: Vec<&String> = recorded.workflow.parameters.keys().collect();
    assert!(!parameters.contains(&&"name".to_owned()), "{parameters:?}");
    let filled = fill(&recorded.workflow, &BTreeMap::new(), &tools()).unwrap();
    let expected = json!({ "path": "t", "old": "beta_1", "new": "{{name}}" });
    assert_eq!(Value::Object(filled.steps[0].arguments.clone()), expected);

    let path = folder.path().join(format!("{id}.jsonl"));
    let text = std::fs::read_to_string(&path).unwrap();
    let at = text.rfind("{\"line\":\"said\"").unwrap();
    let edited = "{\"line\":\"edited\",\"edit\":3,\"files\":[\"t\"]}\n";
    std::fs::write(&path, format!("{}{edited}{}", &text[..at], &text[at..])).unwrap();
    let nothing = record(folder.path(), &id, &BTreeSet::from([3]));
    assert!(matches!(nothing, Err(WorkflowError::Nothing(_))), "{nothing:?}");
}

/// Runs a workflow on a tree; what came of it, and what was told.
fn ran(world: &World, text: &str, mode: Mode, on_failure: OnFailure) -> (Report, Vec<Event>) {
    let index = world.beside("index");
    let workspace = Workspace::new(Location::of(world.root(), &index, Some(&index)).unwrap());
    let bench = bench(world, &workspace, mode);
    let filled = fill(&format::parse(text).unwrap(), &BTreeMap::new(), &tools()).unwrap();
    let mut events = Vec::new();
    let mut on = |event| events.push(event);
    let report = run(&bench, &filled.steps, on_failure, &mut |_| false, &mut on);
    (report, events)
}

fn read(world: &World, path: &str) -> String {
    std::fs::read_to_string(world.path(path)).unwrap()
}

const FILES: &str = "//- /a.py\ndef alpha():\n    return 1\n//- /b.py\nfrom a import alpha\n";
/// Two edits that are right only together, then a step.
const RENAME: &str = "\
[[step]]
tool = \"edit\"
path = \"a.py\"
old = \"alpha\"
new = \"beta\"

[[step]]
tool = \"edit\"
together = true
path = \"b.py\"
old = \"alpha\"
new = \"beta\"

";

fn with(step: &str) -> String {
    format!(
        "{RENAME}[[step]]\n{step}\n[[step]]\ntool = \"write_file\"\npath = \"n\"\ncontent = \"x\"\n"
    )
}

#[test]
fn a_workflow_does_again_what_was_done() {
    let world = World::new(FILES);
    let steps = with("tool = \"run_command\"\ncommand = \"ls a.py\"");
    let (report, events) = ran(&world, &steps, Mode::Auto, OnFailure::TakeBack);
    assert_eq!((report.done, report.failed.len()), (4, 0), "{report:?}");
    assert_eq!(report.edits.len(), 2, "the edits that are together are one transaction");
    assert!(read(&world, "a.py").contains("beta") && read(&world, "b.py").contains("beta"));
    assert_eq!(read(&world, "n"), "x");
    let told = events
        .iter()
        .any(|event| matches!(event, Event::Started { what, .. } if what == "3/4 run `ls a.py`"));
    assert!(told, "{events:?}");
}

#[test]
fn a_step_that_fails_ends_the_run_and_takes_its_edits_back() {
    let failing = with("tool = \"run_command\"\ncommand = \"ls missing\"");
    let world = World::new(FILES);
    let (report, _) = ran(&world, &failing, Mode::Auto, OnFailure::TakeBack);
    assert!(report.is_stopped && report.has_commands, "{report:?}");
    assert_eq!((report.failed[0].0, &report.taken_back), (3, &report.edits));
    assert!(read(&world, "a.py").contains("alpha") && read(&world, "b.py").contains("alpha"));
    assert!(!world.path("n").exists());

    let world = World::new(FILES);
    let (report, _) = ran(&world, &failing, Mode::Auto, OnFailure::Stop);
    assert!(report.taken_back.is_empty() && read(&world, "a.py").contains("beta"));

    let borne = with("tool = \"run_command\"\nkeep_going = true\ncommand = \"ls missing\"");
    for (steps, on_failure) in [(&failing, OnFailure::GoOn), (&borne, OnFailure::TakeBack)] {
        let world = World::new(FILES);
        let (report, _) = ran(&world, steps, Mode::Auto, on_failure);
        assert_eq!((report.done, report.failed.len(), report.is_stopped), (3, 1, false));
        assert_eq!(read(&world, "n"), "x");
    }
}

#[test]
fn an_edit_that_was_changed_since_stays_and_is_told() {
    let world = World::new(FILES);
    // The command that fails also changes what the first edit wrote, where it wrote.
    world.write("change.sh", "echo 'def gamma(): pass' > a.py\nexit 3\n");
    let steps = with("tool = \"run_command\"\ncommand = \"sh change.sh\"");
    let (report, _) = ran(&world, &steps, Mode::Auto, OnFailure::TakeBack);
    assert!(report.is_stopped && report.taken_back.is_empty(), "{report:?}");
    let why = report.stuck.unwrap_or_default();
    assert!(why.starts_with("edit 1 cannot be taken back: "), "{why}");
    assert!(read(&world, "a.py").contains("gamma"));
}

#[test]
fn a_workflow_may_do_no_more_than_a_model() {
    let world = World::new(FILES);
    let (report, _) = ran(&world, RENAME, Mode::Ask, OnFailure::TakeBack);
    assert_eq!(report.done, 0);
    assert!(report.failed[0].1.contains("without approval"), "{report:?}");
    let steps = "[[step]]\ntool = \"run_command\"\ncommand = \"touch pwned\"\n";
    let (report, _) = ran(&world, steps, Mode::Auto, OnFailure::TakeBack);
    assert_eq!(report.done, 0);
    let steps = "[[step]]\ntool = \"write_file\"\npath = \"../pwned\"\ncontent = \"\"\n";
    let (report, _) = ran(&world, steps, Mode::Auto, OnFailure::TakeBack);
    assert_eq!(report.done, 0);
    assert!(!world.path("pwned").exists() && !world.beside("pwned").exists());
}

#[test]
fn files_lie_in_the_tree_under_plain_names() {
    let world = World::new("//- /a\n");
    let root = world.root();
    let workflow: Workflow = format::parse(RENAME).unwrap();
    let path = folder::save(root, "one-2", &workflow, Over::Refused).unwrap();
    assert_eq!(path, root.join(".flux/workflows/one-2.toml"));
    assert_eq!(folder::load(root, "one-2").unwrap(), workflow);
    let again = folder::save(root, "one-2", &workflow, Over::Refused);
    assert!(matches!(again, Err(WorkflowError::Exists(_))));
    folder::save(root, "one-2", &workflow, Over::Allowed).unwrap();
    assert_eq!(folder::names(root), ["one-2"]);
    for name in ["../x", "", "a/b", "-x", "a.b"] {
        assert!(matches!(folder::load(root, name), Err(WorkflowError::Name(_))), "{name}");
    }
    folder::remove(root, "one-2").unwrap();
    assert!(matches!(folder::remove(root, "one-2"), Err(WorkflowError::Missing(_))));
}

#[test]
#[cfg(unix)]
fn a_folder_that_leads_out_of_the_tree_is_not_written_to() {
    let world = World::new("//- /a\n");
    let outside = world.beside("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, world.path(".flux")).unwrap();
    let saved = folder::save(world.root(), "x", &Workflow::default(), Over::Allowed);
    assert!(matches!(saved, Err(WorkflowError::Outside(_))), "{saved:?}");
    // Nor through a link within the folder, whatever it is called.
    std::fs::remove_file(world.root().join(".flux")).unwrap();
    std::fs::create_dir_all(world.root().join(".flux/workflows")).unwrap();
    for name in ["y.toml", "y.toml.new"] {
        let link = world.root().join(".flux/workflows").join(name);
        std::os::unix::fs::symlink(world.beside("victim"), link).unwrap();
    }
    folder::save(world.root(), "y", &Workflow::default(), Over::Allowed).unwrap();
    assert!(!world.beside("victim").exists());
}

#[test]
fn schedules_are_lines_that_schedulers_read() {
    let arguments = ["who=a b%".to_owned(), "--yes".to_owned()];
    let run = Scheduled {
        program: Path::new("/usr/bin/flux"),
        root: Path::new("/src/it's"),
        name: "nightly",
        arguments: &arguments,
    };
    let expected =
        r"0 3 * * 1-5 /usr/bin/flux workflow run nightly --tree '/src/it'\''s' 'who=a b\%' --yes";
    assert_eq!(crontab("0  3 * * 1-5", &run).unwrap(), expected);
    assert!(crontab("@daily", &run).unwrap().starts_with("@daily /usr"));
    for when in ["0 3 * *", "60 3 * * *", "* * * * 5-1", "a * * * *", "*/0 * * * *", "@never", ""] {
        assert!(crontab(when, &run).unwrap_err().contains("\nhint: "), "{when}");
    }
    let unit = systemd("Mon *-*-* 03:00", &run).unwrap();
    let line =
        "ExecStart=/usr/bin/flux workflow run nightly --tree \"/src/it's\" \"who=a b%%\" --yes\n";
    assert!(unit.contains(line) && unit.contains("\nOnCalendar=Mon *-*-* 03:00\n"), "{unit}");
    assert!(systemd("daily\nExecStart=x", &run).is_err());
}
