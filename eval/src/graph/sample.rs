//! `flux-eval sample-edges`: draws edges of a project's graph to be judged by reading.
//!
//! For languages of which no compiler's truth is at hand. Only edges of tier `exact` or `likely` are
//! drawn that leave their file or go to a member of something, imports left out: locals and imports
//! are easy and would flatter.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::kinds::Tier;
use super::lines::{ToolCall, ToolLine, ToolReference, parse};
use super::tool;
use crate::bootstrap::SplitMix;
use crate::print_text;

/// Arguments of `flux-eval sample-edges`.
#[derive(Args)]
pub(crate) struct SampleArgs {
    /// The checkout.
    #[arg(long)]
    repo: PathBuf,
    /// Another seed draws other edges.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many edges are drawn.
    #[arg(long, default_value_t = 50)]
    count: usize,
    /// Only from files whose names end so, such as `kt`.
    #[arg(long, num_args = 1..)]
    extension: Vec<String>,
    /// How many lines are shown before the site, to judge by.
    #[arg(long, default_value_t = 0)]
    context: usize,
    /// The flux binary.
    #[arg(long, default_value = "flux")]
    flux: PathBuf,
}

/// The lines of each file.
type Sources = BTreeMap<String, Vec<String>>;

/// Draws and prints the edges.
pub(crate) fn command(arguments: &SampleArgs) -> anyhow::Result<()> {
    let graph = tool::graph(&arguments.flux, &arguments.repo, "")?;
    let lines = parse::<ToolLine>(&graph.text)?;
    let sources = sources(arguments, &lines);
    let (mut edges, mut calls) = (Vec::new(), BTreeSet::new());
    for line in lines {
        match line {
            ToolLine::Ref(edge) if is_wanted(&edge, arguments, &sources) => edges.push(edge),
            ToolLine::Call(call) => {
                calls.insert(call_key(&call));
            }
            ToolLine::Ref(_) | ToolLine::Def(_) | ToolLine::Unknown => {}
        }
    }
    let count = edges.len();
    let drawn = draw(edges, arguments.count, arguments.seed);
    let mut text = format!("{} of {count} edges, seed {}\n", drawn.len(), arguments.seed);
    for (index, edge) in drawn.iter().enumerate() {
        let is_call = calls.contains(&(edge.path.clone(), target(edge)));
        let kind = if is_call { "call" } else { "reference" };
        text += &shown(index + 1, edge, kind, &sources, arguments.context);
    }
    print_text(&text)
}

/// The sources that edges start or end in; a file that cannot be read has no lines to show.
fn sources(arguments: &SampleArgs, lines: &[ToolLine]) -> Sources {
    let mut paths = BTreeSet::new();
    for line in lines {
        if let ToolLine::Ref(edge) = line {
            paths.insert(edge.path.clone());
            paths.extend(edge.def_path.clone());
        }
    }
    let read = |path: String| {
        let bytes = fs::read(arguments.repo.join(&path)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        (path, text.lines().map(str::to_owned).collect())
    };
    paths.into_iter().map(read).collect()
}

fn target(edge: &ToolReference) -> (String, u32) {
    (edge.def_path.clone().unwrap_or_default(), edge.def_line.unwrap_or(0))
}

fn call_key(call: &ToolCall) -> (String, (String, u32)) {
    (call.caller_path.clone(), (call.callee_path.clone(), call.callee_line))
}

fn is_wanted(edge: &ToolReference, arguments: &SampleArgs, sources: &Sources) -> bool {
    let Some(def_path) = edge.def_path.as_deref().filter(|path| !path.is_empty()) else {
        return false;
    };
    let ends = |end: &String| edge.path.rsplit_once('.').is_some_and(|(_, last)| last == end);
    let is_chosen = arguments.extension.is_empty() || arguments.extension.iter().any(ends);
    let line = line_of(sources, &edge.path, edge.line);
    let before = line.get(..edge.col.unwrap_or(0) as usize).unwrap_or("");
    is_chosen
        && edge.tier != Tier::Name
        && (def_path != edge.path || follows_member_sign(before))
        && !is_import(line)
}

/// Whether what comes next is a member of what came before.
fn follows_member_sign(before: &str) -> bool {
    !before.ends_with("..") && [".", "->", "::", ".#"].iter().any(|sign| before.ends_with(sign))
}

fn is_import(line: &str) -> bool {
    const WORDS: &[&str] =
        &["import ", "using ", "use ", "from ", "package ", "namespace ", "#include", "require"];
    WORDS.iter().any(|word| line.trim_start().starts_with(word))
}

fn line_of<'s>(sources: &'s Sources, path: &str, line: u32) -> &'s str {
    let lines = sources.get(path).map_or(&[][..], Vec::as_slice);
    lines.get((line as usize).saturating_sub(1)).map_or("", String::as_str)
}

/// That many of the edges, without repetition, in the order of the graph.
fn draw(edges: Vec<ToolReference>, count: usize, seed: u64) -> Vec<ToolReference> {
    let mut random = SplitMix(seed);
    let mut order: Vec<usize> = (0..edges.len()).collect();
    let count = count.min(order.len());
    for index in 0..count {
        let other = index + random.below(order.len() - index);
        order.swap(index, other);
    }
    let chosen: BTreeSet<usize> = order[..count].iter().copied().collect();
    let edges = edges.into_iter().enumerate();
    edges.filter(|(index, _)| chosen.contains(index)).map(|(_, edge)| edge).collect()
}

fn shown(
    number: usize,
    edge: &ToolReference,
    kind: &str,
    sources: &Sources,
    context: usize,
) -> String {
    let (path, line) = target(edge);
    let column = edge.col.unwrap_or(0) + 1;
    let place = format!("{}:{}:{column}", edge.path, edge.line);
    let mut text = format!("{number} {place} {} {} {kind}\n", edge.name, edge.tier);
    for before in (1..=context as u32).rev().filter(|before| *before < edge.line) {
        writeln!(text, "  | {}", line_of(sources, &edge.path, edge.line - before))
            .expect("a string takes everything");
    }
    let (site, aim) = (line_of(sources, &edge.path, edge.line), line_of(sources, &path, line));
    text + &format!("  > {}\n  = {path}:{line} {}\n", site.trim_end(), aim.trim())
}

#[cfg(test)]
mod tests {
    use super::{draw, follows_member_sign, is_import};
    use crate::graph::lines::{ToolLine, parse};

    #[test]
    fn a_seed_draws_the_same_edges_again() {
        let line =
            |number: u32| format!(r#"{{"kind":"ref","path":"a.kt","line":{number},"name":"x"}}"#);
        let text: Vec<String> = (1..=40).map(line).collect();
        let drawn = |seed| -> Vec<u32> {
            let lines = parse::<ToolLine>(&text.join("\n")).expect("these are edges");
            let edges = lines.into_iter().filter_map(|line| match line {
                ToolLine::Ref(edge) => Some(edge),
                _ => None,
            });
            draw(edges.collect(), 5, seed).iter().map(|edge| edge.line).collect()
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        assert_eq!(drawn(3).len(), 5);
    }

    #[test]
    fn members_and_imports_are_told_by_their_signs() {
        assert!(follows_member_sign("  a?."));
        assert!(follows_member_sign("  Box::"));
        assert!(!follows_member_sign("  return "));
        assert!(!follows_member_sign("  is A -> "));
        assert!(!follows_member_sign("  f(..."));
        assert!(is_import("import a.b.C"));
        assert!(!is_import("important()"));
    }
}
