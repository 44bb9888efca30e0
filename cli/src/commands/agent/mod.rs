//! `flux agent`, `flux ask` and `flux chat`: one conversation, three ways into it.

mod approve;
mod beyond;
mod choose;
mod commands;
mod editor;
mod keys;
mod planned;
pub(super) mod session;
mod show;
pub(super) mod workflow;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use flux_agent::llm::transport::HttpSettings;
use flux_agent::llm::{FailureKind, History, Http, Transport};
use flux_agent::plan::Plan;
use flux_agent::policy::{CommandPolicy, Mode, confine};
use flux_agent::run::{Agent, Ended, Event, Limits, Routed, route, unasked};
use flux_agent::session::{Transcript, fork};
use flux_agent::tools::bench::Parts;
use flux_agent::tools::{Asked, Bench, Checks, Limits as ToolLimits, Planning};
use flux_core::Cancel;
use flux_engine::Workspace;
use flux_engine::tokens::{Counter, Tokenizer};
use flux_server::knowledge::IndexKnowledge;

use self::approve::Approver;
use self::beyond::Beyond;
use self::choose::{Chosen, Role, choose};
use self::editor::{Editor, Typed};
use self::show::Screen;
use crate::args::{AgentArgs, AskArgs, ChatArgs, ConversationArgs, ModeName, Rights};
use crate::commands::index::with_model;
use crate::commands::learn::{Learning, if_on};
use crate::config::{self, AgentConfig, check_command};
use crate::context::Context;
use crate::environment::{home, secret_names};
use crate::exit::{Outcome, UsageError, say};
use crate::style::Style;

/// Where prompts come from.
struct Asking<'a> {
    /// The first.
    first: Option<&'a str>,
    /// Whether the others are read from standard input.
    reads_lines: bool,
    mode: Mode,
    network: bool,
    planning: Planning,
    /// A plan instead of the first prompt.
    plan: Option<Plan>,
    /// Whether changes are left unchecked.
    is_unchecked: bool,
}

impl Asking<'_> {
    /// Nothing is asked of a model.
    fn without_prompt(mode: Mode, network: bool) -> Self {
        Self {
            first: None,
            reads_lines: false,
            mode,
            network,
            planning: Planning::Free,
            plan: None,
            is_unchecked: false,
        }
    }
}

pub(crate) fn agent(context: &Context, args: &AgentArgs) -> anyhow::Result<Outcome> {
    if args.sessions {
        return session::list(context, &args.common.tree, false);
    }
    let planning = match (args.plan_only, args.plan_first) {
        (true, _) => Planning::Only,
        (false, true) => Planning::First,
        (false, false) => Planning::Free,
    };
    let asking = Asking {
        first: args.goal.as_deref(),
        reads_lines: args.stdin,
        mode: if args.plan_only { Mode::ReadOnly } else { mode(&args.rights) },
        network: args.rights.network,
        planning,
        plan: args.plan.as_deref().map(planned::read).transpose()?,
        is_unchecked: args.rights.unchecked,
    };
    converse(context, &args.common, &asking)
}

pub(crate) fn ask(context: &Context, args: &AskArgs) -> anyhow::Result<Outcome> {
    let first = Some(args.question.as_str());
    let asking = Asking {
        first,
        reads_lines: false,
        mode: Mode::ReadOnly,
        network: false,
        planning: Planning::Free,
        plan: None,
        is_unchecked: false,
    };
    converse(context, &args.common, &asking)
}

pub(crate) fn chat(context: &Context, args: &ChatArgs) -> anyhow::Result<Outcome> {
    let asking = Asking {
        first: None,
        reads_lines: true,
        mode: mode(&args.rights),
        network: args.rights.network,
        planning: Planning::Free,
        plan: None,
        is_unchecked: args.rights.unchecked,
    };
    converse(context, &args.common, &asking)
}

fn mode(rights: &Rights) -> Mode {
    match (rights.yes, rights.mode) {
        (true, _) | (false, Some(ModeName::Auto)) => Mode::Auto,
        (false, Some(ModeName::ReadOnly)) => Mode::ReadOnly,
        (false, Some(ModeName::Ask) | None) => Mode::Ask,
    }
}

/// The folder with the sessions of a tree.
fn sessions_folder(context: &Context, workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let index = &workspace.location().index;
    let name = index.file_name().context("the index has no folder")?;
    Ok(context.state()?.join("sessions").join(name))
}

/// A conversation from its first prompt to its last.
fn converse(
    context: &Context,
    args: &ConversationArgs,
    asking: &Asking<'_>,
) -> anyhow::Result<Outcome> {
    if asking.first.is_some_and(|text| text.trim().is_empty()) {
        return Err(UsageError("the prompt is empty".to_owned()).into());
    }
    let config = config::agent(&context.config)?;
    let workspace = context.workspace(&args.tree)?;
    let (workspace, _) = with_model(context, workspace, !args.no_vectors)?;
    // Stopping an answer does not stop the index that the next one needs.
    let learned = if_on(context, &workspace)?;
    let knowledge = IndexKnowledge::start(workspace.clone(), learned, &Cancel::default());
    let knowledge = if config.services.foresees { knowledge.foreseeing() } else { knowledge };
    // A plan is made by the model that would follow it.
    let only_answers = asking.mode == Mode::ReadOnly && asking.planning != Planning::Only;
    let role = if only_answers { Role::Read } else { Role::Edit };
    let chosen = choose(context, args, &config, role)?;
    let room = chosen.as_ref().map_or(PACK_TOKENS * 4, |chosen| chosen.model.room());
    let limits = ToolLimits { result: (room / 4).clamp(500, 20_000), turn: room / 2 };
    let parts = parts(context, asking, &config, &workspace, &knowledge)?;
    let mut bench = Bench::new(parts, limits);
    bench.planning = asking.planning;
    let Some(chosen) = chosen else {
        return without_model(context, args, asking, &bench);
    };
    let rules = rules(workspace.root())?;
    let mut approver = approver(context, args.json);
    let mut approve = |asked: &Asked| approver.ask(asked);
    let mut beyond =
        Beyond::gather(context, &config, &chosen, rules.clone(), &bench, &mut approve)?;
    let (bench, problems) = beyond.join(bench);
    let Chosen { model, http } = chosen;
    let transport: Box<dyn Transport> = match Http::new(&http) {
        Ok(http) => Box::new(http),
        Err(failure) => return Err(UsageError(failure.to_string()).into()),
    };
    let folder = sessions_folder(context, &workspace)?;
    let (root, now) = (workspace.root(), SystemTime::now());
    let forked = args.fork.as_ref().map(|id| fork(&folder, id, args.at.map(usize::from), now));
    let (transcript, history) = match forked.transpose()?.as_ref().or(args.resume.as_ref()) {
        None => (Transcript::start(&folder, root, &model.name, now)?, History::default()),
        Some(id) => Transcript::resume(&folder, id, root, &model.name, now)?,
    };
    let ends = Limits {
        steps: args.max_steps,
        time: args.max_time.map(Duration::from_secs),
        cost: args.max_cost,
    };
    let tree = bench.tree.clone();
    let mut agent = Agent::new(bench, model, transport, ends, rules.as_deref(), history);
    agent.verifies = !asking.is_unchecked && !config.is_unchecked;
    let mut screen = Screen::new(context, args.json, transcript, tree, &approver);
    screen.learning = Learning::of(context, &workspace)?;
    screen.started(&root.display().to_string(), agent.model())?;
    for problem in problems {
        screen.show(&Event::Note(problem));
    }
    let editor = editor(context, args, asking, &workspace)?;
    let worst = Outcome::Done;
    let mut talk = Talk { context, args, http, agent, screen, approver, editor, worst };
    talk.all(asking)
}

fn approver(context: &Context, is_json: bool) -> Approver {
    let style = Style { has_color: context.has_color };
    // Lines that change do no harm where nobody can answer, but stay away from JSON.
    let is_lively = context.is_lively && !is_json && !context.is_quiet;
    Approver::new(is_somebody_there(is_json), is_lively, style, context.cancel.clone())
}

fn editor(
    context: &Context,
    args: &ConversationArgs,
    asking: &Asking<'_>,
    workspace: &Workspace,
) -> anyhow::Result<Editor> {
    let has_prompt = io::stdin().is_terminal() && !args.json;
    let is_lively = context.is_lively && has_prompt && asking.reads_lines;
    let index = &workspace.location().index;
    let name = index.file_name().context("the index has no folder")?;
    let history = context.state()?.join("prompts").join(name);
    Editor::new(is_lively, has_prompt, context.has_color, workspace, history)
}

fn parts<'a>(
    context: &Context,
    asking: &Asking<'_>,
    config: &AgentConfig,
    workspace: &'a Workspace,
    knowledge: &'a IndexKnowledge,
) -> anyhow::Result<Parts<'a>> {
    let shell = |key: &str| -> anyhow::Result<_> {
        let command = check_command(workspace.root(), key)?;
        Ok(command.map(|command| flux_agent::edit::CheckCommand::new(&["sh", "-c", &command])))
    };
    let home = home();
    let tools = home.iter().flat_map(|home| confine::TOOLS.iter().map(|tool| home.join(tool)));
    Ok(Parts {
        workspace,
        knowledge,
        mode: asking.mode,
        commands: CommandPolicy { allowed: config.allow.clone() },
        readable: tools.collect(),
        temporary: std::env::temp_dir(),
        network: asking.network || config.network,
        checks: Checks { check: shell("command")?, test: shell("test")?, fix: shell("fix")? },
        hidden: secret_names(),
        cancel: context.cancel.clone(),
    })
}

/// The rules that the project has for agents.
fn rules(root: &Path) -> anyhow::Result<Option<String>> {
    let path = root.join("AGENTS.md");
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// What can be said without a model: questions of the graph, and for a question what to read.
fn without_model(
    context: &Context,
    args: &ConversationArgs,
    asking: &Asking<'_>,
    bench: &Bench<'_>,
) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    if let Some(first) = asking.first {
        let mut approver = approver(context, args.json);
        let mut approve = |asked: &Asked| approver.ask(asked);
        if let Some(answered) = unasked::done(bench, first, &mut approve, &mut |_| {}) {
            print_answer(&mut out, &answered.text, args.json)?;
            return Ok(if answered.is_error { Outcome::Refused } else { Outcome::Done });
        }
        if asking.mode == Mode::ReadOnly {
            let counter = Counter::exact(Tokenizer::O200kBase);
            if let Some(pack) = bench.knowledge.pack(first, PACK_TOKENS, &counter) {
                print_answer(&mut out, pack.trim_end(), args.json)?;
            }
        }
    }
    Err(UsageError(NO_MODEL.to_owned()).into())
}

/// Tokens of what is printed for a question that no model answers.
const PACK_TOKENS: usize = 2_000;

const NO_MODEL: &str = "\
no model is configured, so nothing was asked\n\
hint: set ANTHROPIC_API_KEY or OPENAI_API_KEY, or FLUX_PROVIDER=ollama with FLUX_MODEL\n\
hint: without a model there are flux search, context, symbol, refs, impact, edit, rename, move, \
signature, replace, suggest and workflow run; \
flux agent \"impact of NAME\" works, too";

/// Whether there is somebody to ask.
fn is_somebody_there(is_json: bool) -> bool {
    !is_json && io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn print_answer(out: &mut impl Write, text: &str, is_json: bool) -> io::Result<()> {
    match is_json {
        true => writeln!(out, "{}", flux_server::wire::agent::answered(text)),
        false => writeln!(out, "{text}"),
    }
}

/// A conversation that is going on.
struct Talk<'a> {
    context: &'a Context,
    args: &'a ConversationArgs,
    http: HttpSettings,
    agent: Agent<'a>,
    screen: Screen,
    approver: Approver,
    editor: Editor,
    worst: Outcome,
}

/// What a line of the user did to the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Line,
    End,
}

impl Talk<'_> {
    fn all(&mut self, asking: &Asking<'_>) -> anyhow::Result<Outcome> {
        let next = match (asking.first, &asking.plan) {
            (Some(first), _) => self.line(first)?,
            (None, Some(plan)) => self.carry_out(plan.clone())?,
            (None, None) => Next::Line,
        };
        if asking.planning == Planning::Only {
            return self.print_plan();
        }
        if next == Next::End {
            return Ok(self.worst);
        }
        if asking.reads_lines {
            self.lines()?;
        }
        Ok(self.worst)
    }

    /// Takes prompts until there are no more. Ctrl-C stops an answer; twice where nothing is being
    /// answered, it ends the conversation.
    fn lines(&mut self) -> anyhow::Result<()> {
        let mut stops = 0;
        loop {
            let line = match self.editor.read()? {
                Typed::End => return Ok(()),
                Typed::Stop if stops > 0 => return Ok(()),
                Typed::Stop => {
                    stops += 1;
                    say("Ctrl-C again or Ctrl-D ends the conversation");
                    continue;
                }
                Typed::Line(line) => line,
            };
            stops = 0;
            self.context.cancel.renew();
            let line = line.trim();
            if !line.is_empty() && self.line(line)? == Next::End {
                return Ok(());
            }
        }
    }

    fn line(&mut self, line: &str) -> anyhow::Result<Next> {
        if let Routed::Command(name, rest) = route(line) {
            return self.command(name, rest);
        }
        let Self { agent, screen, approver, .. } = self;
        let mut approve = |asked: &Asked| approver.ask(asked);
        screen.is_aside = agent.bench.planning == Planning::Only;
        let mut show = |event| screen.show(&event);
        if let Some(answered) = unasked::done(&agent.bench, line, &mut approve, &mut show) {
            print_answer(&mut io::stdout().lock(), &answered.text, self.args.json)?;
            if answered.is_error {
                self.worst = Outcome::Refused;
            }
            return Ok(Next::Line);
        }
        screen.waiting("waiting for the model");
        let mut show = |event| screen.show(&event);
        let ended = agent.turn(line, &mut approve, &mut show);
        self.ended(&ended)
    }

    fn carry_out(&mut self, plan: Plan) -> anyhow::Result<Next> {
        let Self { agent, screen, approver, .. } = self;
        let mut approve = |asked: &Asked| approver.ask(asked);
        screen.waiting("waiting for the model");
        let ended = agent.carry_out(plan, &mut approve, &mut |event| screen.show(&event));
        self.ended(&ended)
    }

    /// A prompt for which nothing is changed before there is a plan.
    fn prompt_with_plan(&mut self, goal: &str) -> anyhow::Result<Next> {
        let before = std::mem::replace(&mut self.agent.bench.planning, Planning::First);
        let next = self.line(goal);
        self.agent.bench.planning = before;
        next
    }

    /// Prints the plan that was asked for, and nothing else, on standard output.
    fn print_plan(&self) -> anyhow::Result<Outcome> {
        let Some((plan, forecast, _)) = self.agent.plan() else {
            if self.worst == Outcome::Done {
                say("flux: the model made no plan");
                return Ok(Outcome::Nothing);
            }
            return Ok(self.worst);
        };
        if !self.args.json {
            write!(io::stdout().lock(), "{}", planned::written(plan, Some(forecast))?)?;
        }
        Ok(self.worst)
    }

    fn ended(&mut self, ended: &Ended) -> anyhow::Result<Next> {
        self.screen.ended(ended, &self.agent.ledger, self.agent.model())?;
        let outcome = match ended {
            Ended::Done => return Ok(Next::Line),
            Ended::Stopped(_) => Outcome::Nothing,
            Ended::Cancelled => Outcome::Cancelled,
            Ended::Failed(failure) => match failure.kind {
                FailureKind::Auth => Outcome::NoKey,
                _ => Outcome::Failed,
            },
        };
        if let Ended::Failed(failure) = ended {
            say(&format!("flux: {failure}"));
        }
        self.worst = outcome;
        // What failed for one prompt because of its key will fail for the next.
        Ok(if outcome == Outcome::NoKey { Next::End } else { Next::Line })
    }
}
