//! From the calls of a turn to their results: read, judged, approved, run, capped.

use std::sync::mpsc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Arguments;
use super::access::{Access, Paths};
use super::bench::{Bench, Done};
use super::checks::{Nothing, Run, Test, fix};
use super::edits::{self, Delete, Edit, Move, Replace, Write};
use super::execute::{Job, execute};
use super::extra::ExtraTask;
use super::git::{Commit, Diff};
use super::planning::{self, Planning};
use super::read::{Read, tokens_of};
use super::relocate::MoveSymbol;
use super::rename::RenameSymbol;
use super::reshape::{ChangeSignature, ReplaceCode};
use crate::llm::{Answered, Call};
use crate::plan::Plan;
use crate::policy::Decision;
use crate::policy::commands::Effect;
use crate::policy::secrets::redacted;
use crate::policy::untrusted::{WARNING, reads_like_orders};

/// What the user is asked before a call is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The tool.
    pub tool: String,
    /// What it would do, on one line.
    pub what: String,
    /// What it would change, as lines with `-` and `+` in front; may be empty.
    pub detail: String,
}

/// Asks the user. Where nobody can be asked the answer is no.
pub type Approve<'a> = &'a mut dyn FnMut(&Asked) -> bool;

/// A call that may run, or what came of it already.
pub struct Prepared(Step);

enum Step {
    Done(Done),
    Run(Task),
}

/// Something to do.
#[derive(Clone, Debug)]
enum Task {
    Read(Read),
    Edit(Edit),
    Run(Run),
    Test(Test),
    Fix,
    Diff(Diff),
    Commit(Commit),
    Rename(RenameSymbol),
    Plan(Plan),
    Relocate(MoveSymbol),
    Signature(ChangeSignature),
    Replace(ReplaceCode),
    Index,
    Know(String, Arguments),
    Extra(ExtraTask),
}

impl Prepared {
    /// Whether it may change files of the tree through the journal.
    pub fn is_change(&self) -> bool {
        matches!(&self.0, Step::Run(task) if task.is_change())
    }
}

/// What a call is about to do, in a few words.
pub fn shown(bench: &Bench<'_>, call: &Call) -> String {
    match call.object().and_then(|arguments| task(bench, &call.name, arguments)) {
        Ok(task) => task.shown(bench),
        Err(_) => call.name.clone(),
    }
}

/// Reads and judges a call. Nothing is run yet.
pub fn prepare(bench: &Bench<'_>, call: &Call, approve: Approve<'_>) -> Prepared {
    let step = match read(bench, call) {
        Err(why) => Step::Done(Done::badly(why)),
        Ok(task) => match task.decide(bench) {
            Decision::Allow => Step::Run(task),
            Decision::Deny(why) => Step::Done(Done::badly(format!("denied: {why}"))),
            Decision::Ask(what) => {
                let (tool, detail) = (call.name.clone(), task.detail(bench));
                let asked = Asked { tool, what, detail };
                match approve(&asked) {
                    true => {
                        if let Task::Extra(extra) = &task {
                            extra.approve(bench);
                        }
                        Step::Run(task)
                    }
                    false => Step::Done(Done::badly(format!(
                        "not allowed without approval, which was not given: {}",
                        asked.what
                    ))),
                }
            }
        },
    };
    Prepared(step)
}

fn read(bench: &Bench<'_>, call: &Call) -> Result<Task, String> {
    if call.is_cut {
        return Err(
            "the reply reached its most tokens within this call, so its arguments are not whole \
             JSON; it was not run\nhint: make smaller calls"
                .to_owned(),
        );
    }
    let arguments = call.object().map_err(|why| {
        let start: String = call.arguments.chars().take(200).collect();
        format!(
            "the arguments are no valid JSON ({why}); the call was not run\nthey begin: {start}"
        )
    })?;
    task(bench, &call.name, arguments)
}

fn typed<T: DeserializeOwned>(arguments: Arguments) -> Result<T, String> {
    let read = serde_json::from_value(Value::Object(arguments));
    read.map_err(|error| format!("wrong arguments: {error}"))
}

fn task(bench: &Bench<'_>, name: &str, arguments: Arguments) -> Result<Task, String> {
    let nothing = |task: Task, arguments: Arguments| typed::<Nothing>(arguments).map(|_| task);
    let edit = |edit: Edit| Task::Edit(edit.inside(bench));
    Ok(match name {
        "read_files" => Task::Read(typed(arguments)?),
        "edit" => edit(typed::<Replace>(arguments)?.into()),
        "write_file" => edit(typed::<Write>(arguments)?.into()),
        "delete_file" => edit(typed::<Delete>(arguments)?.into()),
        "move_file" => edit(typed::<Move>(arguments)?.into()),
        "run_command" => Task::Run(typed(arguments)?),
        "run_tests" => Task::Test(typed(arguments)?),
        "auto_fix" => nothing(Task::Fix, arguments)?,
        "git_diff" => Task::Diff(typed(arguments)?),
        "git_commit" => Task::Commit(typed(arguments)?),
        "rename_symbol" => Task::Rename(typed(arguments)?),
        "plan" if bench.offers_plans() => {
            if bench.has_plan() {
                return Err("a plan is being carried out: go on with its steps".to_owned());
            }
            let plan = typed::<Plan>(arguments)?.checked();
            Task::Plan(plan.map_err(|error| error.to_string())?)
        }
        "move_symbol" => Task::Relocate(typed(arguments)?),
        "change_signature" => Task::Signature(typed(arguments)?),
        "replace_code" => Task::Replace(typed(arguments)?),
        "index_codebase" => nothing(Task::Index, arguments)?,
        _ if bench.knowledge.tools().iter().any(|tool| tool.name == name) => {
            Task::Know(name.to_owned(), arguments)
        }
        _ => {
            if let Some(task) = bench.extras.task(bench.mode, name, arguments) {
                return task.map(Task::Extra);
            }
            let tools = bench.offered();
            let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
            let names = names.join(", ");
            return Err(format!("there is no tool `{name}`; there are {names}"));
        }
    })
}

impl Task {
    fn shown(&self, bench: &Bench<'_>) -> String {
        match self {
            Self::Read(read) => read.shown(),
            Self::Edit(edit) => edit.shown(),
            Self::Run(run) => format!("run `{}`", run.command),
            Self::Test(test) => format!("run `{}`", test.shown(bench)),
            Self::Fix => "format and fix".to_owned(),
            Self::Diff(_) => "git diff".to_owned(),
            Self::Commit(commit) => commit.shown(),
            Self::Rename(rename) => rename.shown(),
            Self::Plan(plan) => planning::shown(plan),
            Self::Relocate(relocate) => relocate.shown(),
            Self::Signature(change) => change.shown(),
            Self::Replace(replace) => replace.shown(),
            Self::Index => "bring the index up to date".to_owned(),
            Self::Extra(extra) => extra.shown(),
            Self::Know(name, arguments) => {
                let texts = ["query", "name", "target", "task"].map(|key| arguments.get(key));
                match texts.into_iter().flatten().find_map(Value::as_str) {
                    Some(text) => format!("{name} {text}"),
                    None => name.clone(),
                }
            }
        }
    }

    /// What it would change.
    fn detail(&self, bench: &Bench<'_>) -> String {
        match self {
            Self::Edit(edit) => edit.detail(bench),
            Self::Rename(rename) => rename.detail(bench),
            Self::Relocate(relocate) => relocate.detail(bench),
            Self::Signature(change) => change.detail(bench),
            Self::Replace(replace) => replace.detail(bench),
            Self::Extra(extra) => extra.detail(),
            Self::Plan(plan) => planning::detail(bench, plan),
            Self::Commit(commit) => commit.detail(),
            _ => String::new(),
        }
    }

    fn is_change(&self) -> bool {
        matches!(
            self,
            Self::Edit(_)
                | Self::Rename(_)
                | Self::Relocate(_)
                | Self::Signature(_)
                | Self::Replace(_)
                | Self::Fix
        )
    }

    fn decide(&self, bench: &Bench<'_>) -> Decision {
        if self.is_change() && bench.lacks_plan() {
            return Decision::Deny(
                "a plan is wanted before the first change: call plan".to_owned(),
            );
        }
        match self {
            Self::Read(_) | Self::Diff(_) | Self::Index | Self::Know(..) => Decision::Allow,
            Self::Run(run) => bench.commands.decide(bench.mode, &run.command),
            Self::Extra(extra) => extra.decide(bench),
            Self::Test(test) if !test.is_plain() => {
                Decision::Deny("these arguments are not taken by run_tests".to_owned())
            }
            Self::Plan(_) if bench.planning == Planning::Only => Decision::Allow,
            Self::Edit(_)
            | Self::Test(_)
            | Self::Fix
            | Self::Commit(_)
            | Self::Rename(_)
            | Self::Plan(_)
            | Self::Relocate(_)
            | Self::Signature(_)
            | Self::Replace(_) => bench.mode.on_change(&self.shown(bench)),
        }
    }

    fn access(&self, bench: &Bench<'_>) -> Access {
        match self {
            Self::Read(read) => read.access(bench),
            Self::Edit(edit) => edit.access(),
            Self::Extra(extra) => extra.access(),
            Self::Diff(_) | Self::Know(..) => Access::reading(Paths::All),
            Self::Run(run) if bench.commands.effect(&run.command) == Effect::Looks => {
                Access::reading(Paths::All)
            }
            Self::Run(_)
            | Self::Test(_)
            | Self::Fix
            | Self::Commit(_)
            | Self::Rename(_)
            | Self::Plan(_)
            | Self::Relocate(_)
            | Self::Signature(_)
            | Self::Replace(_)
            | Self::Index => Access::exclusive(),
        }
    }

    fn run(&self, bench: &Bench<'_>, tokens: usize) -> Done {
        match self {
            Self::Read(read) => read.run(bench, tokens),
            Self::Edit(edit) => {
                let done = edits::run(bench, std::slice::from_ref(edit)).pop();
                done.unwrap_or_else(|| Done::badly("nothing was done"))
            }
            Self::Run(run) => run.run(bench, tokens),
            Self::Test(test) => test.run(bench, tokens),
            Self::Fix => fix(bench),
            Self::Diff(diff) => diff.run(bench, tokens),
            Self::Commit(commit) => commit.run(bench),
            Self::Rename(rename) => rename.run(bench),
            Self::Plan(plan) => planning::run(bench, plan),
            Self::Relocate(relocate) => relocate.run(bench),
            Self::Signature(change) => change.run(bench),
            Self::Replace(replace) => replace.run(bench),
            Self::Index => bench.knowledge.index().into(),
            Self::Extra(extra) => extra.run(bench, tokens),
            Self::Know(name, arguments) => bench.knowledge.answer(name, arguments.clone()).into(),
        }
    }
}

/// Several calls that are run as one, by their places in the turn.
struct Group {
    places: Vec<usize>,
    access: Access,
    tasks: Vec<Task>,
}

/// Runs what may run and gives one result for each call, in their order.
pub fn run(bench: &Bench<'_>, prepared: Vec<Prepared>) -> Vec<Done> {
    run_watched(bench, prepared, &mut |_, _| {})
}

/// The same; `on` is told of each result when it is there, with its place among the calls.
pub fn run_watched(
    bench: &Bench<'_>,
    prepared: Vec<Prepared>,
    on: &mut dyn FnMut(usize, &Done),
) -> Vec<Done> {
    let count = prepared.len();
    let tokens = (bench.limits.turn / count.max(1)).min(bench.limits.result).max(LEAST_RESULT);
    let mut results: Vec<Option<Done>> = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    for (place, Prepared(step)) in prepared.into_iter().enumerate() {
        match step {
            Step::Done(done) => {
                let done = whole(done, tokens);
                on(place, &done);
                results.push(Some(done));
            }
            Step::Run(task) => {
                results.push(None);
                add(bench, &mut groups, place, task);
            }
        }
    }
    let places: Vec<Vec<usize>> = groups.iter().map(|group| group.places.clone()).collect();
    let (sender, receiver) = mpsc::channel();
    let job = |(number, group): (usize, Group)| -> Job<'_, ()> {
        let (Group { access, tasks, .. }, sender) = (group, sender.clone());
        // What is done to a text on its way into the conversation is done by many at once, too.
        let run = move || {
            let done = run_group(bench, &tasks, tokens).into_iter();
            let done: Vec<Done> = done.map(|done| whole(done, tokens)).collect();
            // Nobody listens any more only if the whole turn has failed.
            if sender.send((number, done)).is_err() {}
        };
        Job { access, run: Box::new(run) }
    };
    let jobs: Vec<Job<'_, ()>> = groups.into_iter().enumerate().map(job).collect();
    drop(sender);
    std::thread::scope(|scope| {
        scope.spawn(|| execute(jobs));
        for (number, done) in receiver {
            for (place, done) in places[number].iter().zip(done) {
                on(*place, &done);
                results[*place] = Some(done);
            }
        }
    });
    let fault = || Done::badly("a fault of this program ended the call");
    results.into_iter().map(|done| done.unwrap_or_else(fault)).collect()
}

/// The least that a result may say, in tokens, however many calls a turn has.
const LEAST_RESULT: usize = 300;

/// Puts an edit to the last group of edits, unless a call between them has to come in between.
fn add(bench: &Bench<'_>, groups: &mut Vec<Group>, place: usize, task: Task) {
    let access = task.access(bench);
    let is_edit = |group: &Group| matches!(group.tasks[..], [Task::Edit(_), ..]);
    if matches!(task, Task::Edit(_))
        && let Some(at) = groups.iter().rposition(is_edit)
    {
        let joined = groups[at].access.clone().with(access.clone());
        if groups[at + 1..].iter().all(|group| !group.access.conflicts(&access)) {
            groups[at].places.push(place);
            groups[at].tasks.push(task);
            groups[at].access = joined;
            return;
        }
    }
    groups.push(Group { places: vec![place], access, tasks: vec![task] });
}

fn run_group(bench: &Bench<'_>, tasks: &[Task], tokens: usize) -> Vec<Done> {
    if bench.cancel.is_cancelled() {
        let stopped = || Done::badly("stopped by the user before it ran");
        return tasks.iter().map(|_| stopped()).collect();
    }
    let edit = |task: &Task| match task {
        Task::Edit(edit) => Some(edit.clone()),
        _ => None,
    };
    let edits: Vec<Edit> = tasks.iter().filter_map(edit).collect();
    match edits.is_empty() {
        false => edits::run(bench, &edits),
        true => tasks.iter().map(|task| task.run(bench, tokens)).collect(),
    }
}

fn whole(done: Done, tokens: usize) -> Done {
    Done { answered: told(done.answered, tokens), ..done }
}

/// A result as it goes into the conversation: without secrets, no longer than allowed, and marked
/// where it reads like orders.
fn told(answered: Answered, tokens: usize) -> Answered {
    let (text, secrets) = redacted(&answered.text);
    let mut text = text.into_owned();
    // Readers keep to the limit themselves and say how to go on; this is for all others.
    if tokens_of(&text) > tokens + tokens / 4 {
        let most = (tokens * 3).min(text.len());
        let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let end = text[..end].rfind('\n').unwrap_or(end);
        let gone = text[end..].lines().count();
        text.truncate(end);
        text.push_str(&format!("\n[truncated: {gone} more lines; ask for less]"));
    }
    if secrets > 0 {
        text.push_str(&format!("\n[{secrets} secrets are blotted out]"));
    }
    if reads_like_orders(&text) {
        text = format!("{WARNING}\n{text}");
    }
    Answered { text, is_error: answered.is_error }
}
