//! Resolves a checkout and prints what was found, one JSON object a line, as the scorer of graphs
//! reads it: `cargo run -p flux-resolve --example refs -- FOLDER > refs.jsonl`. A workbench for
//! layers, without an index; users have `flux export --format refs-jsonl`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use flux_core::{
    Cancel, DefinitionIndex, EdgeKind, FileGraph, FileId, Occurrence, RepoPath, Target,
};
use flux_grammars::Extractor;
use flux_resolve::run::Nothing;
use flux_resolve::{Facts, Files, Outcome, lower, resolve};

struct Checkout {
    root: PathBuf,
    files: Vec<File>,
}

struct File {
    path: String,
    language: &'static str,
    text: String,
    lines: Vec<u32>,
    facts: Option<Arc<Facts>>,
    exports: u64,
}

impl Files for Checkout {
    fn len(&self) -> usize {
        self.files.len()
    }
    fn path(&self, file: FileId) -> &str {
        &self.files[file.0 as usize].path
    }
    fn language(&self, file: FileId) -> &str {
        self.files[file.0 as usize].language
    }
    fn facts(&self, file: FileId) -> Option<Arc<Facts>> {
        self.files[file.0 as usize].facts.clone()
    }
    fn exports(&self, file: FileId) -> u64 {
        self.files[file.0 as usize].exports
    }
    fn content(&self, file: FileId) -> u64 {
        u64::from(file.0) + 1
    }
    fn text(&self, file: FileId) -> Option<String> {
        std::fs::read_to_string(self.root.join(self.path(file))).ok()
    }
}

fn main() -> std::io::Result<()> {
    let root = PathBuf::from(std::env::args().nth(1).expect("a folder"));
    let checkout = read(&root)?;
    let start = Instant::now();
    let outcomes = resolve(&checkout, &Nothing, &Cancel::default()).expect("nobody cancels");
    let seconds = start.elapsed().as_secs_f64();
    let graphs: Vec<FileGraph> = outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Outcome::Fresh { resolved, .. } => resolved.graph,
            Outcome::NoRules | Outcome::Kept | Outcome::Failed => FileGraph::default(),
        })
        .collect();
    let lines: usize = checkout.files.iter().map(|file| file.lines.len()).sum();
    eprintln!("resolved {lines} lines in {seconds:.3} s");
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (index, graph) in graphs.iter().enumerate() {
        print(&mut out, &checkout, &graphs, FileId(index as u32), graph)?;
    }
    writeln!(out, r#"{{"kind":"time","index_seconds":{seconds:.3}}}"#)
}

fn read(root: &Path) -> std::io::Result<Checkout> {
    let listed = Command::new("git").arg("-C").arg(root).args(["ls-files", "-z"]).output()?;
    let mut paths: Vec<String> = String::from_utf8_lossy(&listed.stdout)
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect();
    paths.sort();
    let mut extractor = Extractor::new();
    let mut files = Vec::new();
    let mut lowering = 0.0;
    for path in paths {
        let Ok(text) = std::fs::read_to_string(root.join(&path)) else { continue };
        let repo_path = RepoPath::new(&*path);
        let grammar = flux_grammars::detect(&repo_path, &text);
        let facts = grammar.and_then(|grammar| {
            let look = |tree: &_| {
                let start = Instant::now();
                let facts = lower(grammar.name(), &text, tree);
                lowering += start.elapsed().as_secs_f64();
                facts
            };
            extractor.extract_with(grammar, &text, look).ok()?.1
        });
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(breaks.map(|(at, _)| at as u32 + 1)).collect();
        let language = grammar.map_or("text", |grammar| grammar.name());
        let exports = facts.as_ref().map_or(0, Facts::exports);
        files.push(File { path, language, lines, facts: facts.map(Arc::new), exports, text });
    }
    eprintln!("lowered in {lowering:.3} s");
    Ok(Checkout { root: root.to_owned(), files })
}

fn place(file: &File, offset: u32) -> (usize, u32) {
    let line = file.lines.partition_point(|start| *start <= offset);
    (line, offset - file.lines[line - 1])
}

fn print(
    out: &mut impl Write,
    checkout: &Checkout,
    graphs: &[FileGraph],
    id: FileId,
    graph: &FileGraph,
) -> std::io::Result<()> {
    let file = &checkout.files[id.0 as usize];
    let path = &file.path;
    for definition in graph.definitions.iter().skip(1) {
        let (line, _) = place(file, definition.name_span.start);
        let name = &definition.name;
        writeln!(out, r#"{{"kind":"def","path":{path:?},"line":{line},"name":{name:?}}}"#)?;
    }
    let mut calls = BTreeSet::new();
    for found in &graph.occurrences {
        let (def_path, def_line, kind) = match found.target {
            Target::Definition(to) => {
                let definition = &graphs[to.file.0 as usize].definitions[to.index.0 as usize];
                let target = &checkout.files[to.file.0 as usize];
                let line = place(target, definition.name_span.start).0;
                (&target.path, line, Some(definition.kind))
            }
            Target::Local(offset) => (path, place(file, offset).0, None),
            Target::External(_) | Target::Unresolved(_) => continue,
        };
        if let (EdgeKind::Calls, Some(kind)) = (found.kind, kind)
            && (kind.is_callable() || kind.is_type() || kind == flux_core::SymbolKind::EnumMember)
        {
            calls.insert((caller_line(file, graph, found), def_path.clone(), def_line));
        }
        if !found.is_implicit {
            let (line, col) = place(file, found.span.start);
            let name = found.span.of(&file.text);
            let tier = found.tier.as_str();
            writeln!(
                out,
                r#"{{"kind":"ref","path":{path:?},"line":{line},"col":{col},"name":{name:?},"def_path":{def_path:?},"def_line":{def_line},"tier":"{tier}"}}"#
            )?;
        }
    }
    for (caller, callee, line) in calls {
        writeln!(
            out,
            r#"{{"kind":"call","caller_path":{path:?},"caller_line":{caller},"callee_path":{callee:?},"callee_line":{line}}}"#
        )?;
    }
    Ok(())
}

/// The line of the innermost function around a call, 0 for the level of the module.
fn caller_line(file: &File, graph: &FileGraph, call: &Occurrence) -> usize {
    let mut index = call.enclosing;
    while index != DefinitionIndex::MODULE {
        let definition = &graph.definitions[index.0 as usize];
        if definition.kind.is_callable() {
            return place(file, definition.name_span.start).0;
        }
        index = definition.parent;
    }
    0
}
