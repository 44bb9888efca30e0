//! Maps: a tree at a glance, its most important definitions by file, within a budget of tokens.

use std::collections::{BTreeMap, HashMap};

use flux_core::{DefinitionIndex, DefinitionRef, FileClass, FileId, RepoPath, TokenCounter};
use flux_store::GraphReader;

use super::expand::{is_code, parents};
use super::layout::one_line;
use super::rank::personalised;
use super::world::World;
use super::{Origin, PackContext};
use crate::error::QueryError;
use crate::filter::{FileFilter, Filter};
use crate::hit::Hit;

/// What each further definition of a file counts, so that a map shows more files than one.
const SAME_FILE: f32 = 0.85;
/// What the definitions of tests count: they use much and tell little.
const TEST_SHARE: f32 = 0.1;
/// The share of every definition's rank that does not depend on the starts.
const COMMON: f32 = 0.1;
/// Attempts to fill a budget better.
const ATTEMPTS: usize = 6;

/// What a map is to show.
#[derive(Clone, Copy)]
pub struct MapRequest<'a> {
    /// What it is a map of, in words.
    pub title: &'a str,
    /// The most tokens the finished text may have.
    pub budget: usize,
    /// What counts them.
    pub counter: &'a dyn TokenCounter,
    /// Makes text of it.
    pub render: &'a dyn Fn(&Map) -> String,
    /// Which files are shown.
    pub filter: &'a Filter,
    /// Hits of a search that the map is for; nothing for a map for everybody.
    pub hits: &'a [Hit],
    /// Whether walks start at what is shown only, rather than everywhere.
    pub is_part: bool,
    /// Where it comes from.
    pub origin: &'a Origin,
}

/// A tree at a glance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    /// What it is a map of.
    pub title: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The most tokens it might have had.
    pub budget: usize,
    /// The tokens of its text.
    pub tokens: usize,
    /// What counted them.
    pub counter: String,
    /// Whether that counts as the model does.
    pub is_exact: bool,
    /// Files in order of paths.
    pub files: Vec<MapFile>,
    /// Files that could have been shown.
    pub all_files: usize,
}

/// A file of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct MapFile {
    /// Its path.
    pub path: RepoPath,
    /// Its definitions, in order of lines.
    pub lines: Vec<MapLine>,
}

/// A definition of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct MapLine {
    /// Its first line.
    pub line: u32,
    /// How many definitions around it are shown.
    pub depth: usize,
    /// Its declaration, on one line.
    pub signature: String,
}

impl Map {
    /// The map as text.
    pub fn text(&self) -> String {
        let revision = self.origin.revision.as_deref().unwrap_or("none");
        let mut out = format!(
            "# Map of {}\nRevision {}, index {}. {} of {} tokens ({}), {} of {} files.\n",
            one_line(&self.title),
            revision.get(..12).unwrap_or(revision),
            one_line(&self.origin.freshness),
            self.tokens,
            self.budget,
            one_line(&self.counter),
            self.files.len(),
            self.all_files
        );
        for note in &self.origin.notes {
            out.push_str(&format!("Note: {}\n", one_line(note)));
        }
        let mut folder = "";
        for file in &self.files {
            if file.path.parent() != folder {
                folder = file.path.parent();
                out.push_str(&format!("\n{}/\n", one_line(folder)));
            }
            out.push_str(&format!("  {}\n", one_line(file.path.file_name())));
            for line in &file.lines {
                let indent = "  ".repeat(line.depth);
                out.push_str(&format!("    {indent}{}: {}\n", line.line, line.signature));
            }
        }
        out
    }
}

/// A definition that could be shown.
struct Entry {
    file: FileId,
    symbol: u32,
    value: f32,
    cost: usize,
}

/// Draws a map.
pub fn map(context: &PackContext<'_>, request: &MapRequest<'_>) -> Result<Map, QueryError> {
    let mut world = World::new(context.snapshot, context.texts);
    let filter = FileFilter::new(request.filter, context.snapshot.view())?;
    let view = context.snapshot.view();
    let is_shown = |file: FileId| {
        let entry = view.file(file);
        let unwanted = [FileClass::VENDORED, FileClass::GENERATED, FileClass::MINIFIED];
        entry.content().is_some()
            && filter.admits(entry)
            && filter.admits_class(entry.class())
            && !unwanted.iter().any(|class| entry.class().has(*class))
    };
    let files: Vec<FileId> =
        view.iter().map(|(file, _)| file).filter(|file| is_shown(*file)).collect();
    let entries = match context.snapshot.graph() {
        Some(graph) => entries(&mut world, graph, &files, request)?,
        None => Vec::new(),
    };
    let empty = Map {
        title: request.title.to_owned(),
        origin: request.origin.clone(),
        budget: request.budget,
        counter: request.counter.name().to_owned(),
        is_exact: request.counter.is_exact(),
        all_files: files.len(),
        ..Map::default()
    };
    fit(&mut world, &entries, request, empty)
}

fn fit(
    world: &mut World<'_>,
    entries: &[Entry],
    request: &MapRequest<'_>,
    empty: Map,
) -> Result<Map, QueryError> {
    let empty = counted(empty, request);
    if empty.tokens > request.budget {
        return Err(QueryError::Budget { least: empty.tokens });
    }
    let mut allowance = request.budget - empty.tokens;
    let mut best = empty.clone();
    for _ in 0..ATTEMPTS {
        let (files, is_all) = drawn(world, entries, allowance)?;
        let map = counted(Map { files, ..empty.clone() }, request);
        let tokens = map.tokens;
        if tokens <= request.budget && tokens > best.tokens {
            best = map;
        }
        match tokens.checked_sub(request.budget) {
            Some(over) if over > 0 => allowance = allowance.saturating_sub(over + over / 8 + 4),
            _ if is_all || request.budget - tokens <= request.budget / 50 => break,
            _ => allowance += (request.budget - tokens) * 9 / 10,
        }
    }
    Ok(best)
}

fn counted(mut map: Map, request: &MapRequest<'_>) -> Map {
    map.tokens = request.budget;
    for _ in 0..4 {
        let tokens = request.counter.count(&(request.render)(&map));
        if std::mem::replace(&mut map.tokens, tokens) == tokens {
            break;
        }
    }
    map
}

/// Definitions by value, those of a file counting less and less.
fn entries(
    world: &mut World<'_>,
    graph: &GraphReader,
    files: &[FileId],
    request: &MapRequest<'_>,
) -> Result<Vec<Entry>, QueryError> {
    let ranks = ranks(world, graph, files, request)?;
    let mut entries = Vec::new();
    for file in files {
        let outline = world.outline(*file)?;
        let links = world.links_named(*file)?;
        let mut own = Vec::new();
        for (number, symbol) in (0..).zip(&outline.symbols) {
            let is_top = symbol.kind.is_callable() || symbol.kind.is_type();
            if !is_code(symbol.kind) || !is_top || symbol.signature.trim().is_empty() {
                continue;
            }
            let Some(index) = links.get(&symbol.name_span.start) else { continue };
            let at = DefinitionRef { file: *file, index: *index };
            let cost = (symbol.signature.len() + symbol.container.len()) / 3 + 6;
            own.push(Entry { file: *file, symbol: number, value: ranks.of(graph, at)?, cost });
        }
        own.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.symbol.cmp(&b.symbol)));
        let is_test = world.snapshot.view().file(*file).class().has(FileClass::TEST);
        let mut share = if is_test { TEST_SHARE } else { 1.0 };
        for entry in &mut own {
            entry.value *= share;
            share *= SAME_FILE;
        }
        entries.append(&mut own);
    }
    let tie = |entry: &Entry| (entry.file, entry.symbol);
    entries.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| tie(a).cmp(&tie(b))));
    Ok(entries)
}

/// How much definitions matter.
struct Importance {
    /// Of those that the starts reach; none for everybody's.
    own: Option<HashMap<DefinitionRef, f32>>,
}

impl Importance {
    fn of(&self, graph: &GraphReader, at: DefinitionRef) -> Result<f32, QueryError> {
        let common = graph.rank(at)?;
        Ok(match &self.own {
            Some(own) => own.get(&at).copied().unwrap_or(0.0) + COMMON * common,
            None => common,
        })
    }
}

/// Ranks from the hits of a search, or from the files shown where they are a part of the tree.
fn ranks(
    world: &mut World<'_>,
    graph: &GraphReader,
    files: &[FileId],
    request: &MapRequest<'_>,
) -> Result<Importance, QueryError> {
    if request.hits.is_empty() && !request.is_part {
        return Ok(Importance { own: None });
    }
    let adjacency = graph.adjacency()?;
    let mut starts: Vec<(u32, f32)> = Vec::new();
    if request.hits.is_empty() {
        for file in files {
            let first = DefinitionRef { file: *file, index: DefinitionIndex::MODULE };
            let Some(first) = adjacency.node(first) else { continue };
            let nodes = first..first + graph.definitions(*file)?.len() as u32;
            starts.extend(nodes.map(|node| (node, 1.0)));
        }
    }
    for (rank, hit) in (1_u16..).zip(request.hits) {
        let found = start_of(world, graph, hit)?;
        let node = found.and_then(|at| adjacency.node(at));
        starts.extend(node.map(|node| (node, f32::from(rank).powf(-0.6))));
    }
    if starts.is_empty() {
        return Ok(Importance { own: None });
    }
    let ranks = personalised(&adjacency, &starts)?;
    let known = ranks.iter().enumerate().filter(|(_, rank)| **rank > 0.0);
    let own = known.filter_map(|(node, rank)| Some((adjacency.definition(node as u32)?, *rank)));
    Ok(Importance { own: Some(own.collect()) })
}

/// The definition that a hit shows, or its file.
fn start_of(
    world: &mut World<'_>,
    graph: &GraphReader,
    hit: &Hit,
) -> Result<Option<DefinitionRef>, QueryError> {
    if !graph.has(hit.file)? {
        return Ok(None);
    }
    let module = DefinitionRef { file: hit.file, index: DefinitionIndex::MODULE };
    let Some(answer) = &hit.symbol else { return Ok(Some(module)) };
    let outline = world.outline(hit.file)?;
    let is_it =
        |symbol: &&flux_core::Symbol| symbol.lines == answer.lines && *symbol.name == answer.name;
    let Some(symbol) = outline.symbols.iter().find(is_it) else { return Ok(Some(module)) };
    Ok(Some(world.definition(hit.file, symbol)?.unwrap_or(module)))
}

/// The files that fit, with their definitions, and whether all do.
fn drawn(
    world: &mut World<'_>,
    entries: &[Entry],
    allowance: usize,
) -> Result<(Vec<MapFile>, bool), QueryError> {
    let mut shown: BTreeMap<FileId, Vec<u32>> = BTreeMap::new();
    let mut left = allowance;
    let mut is_all = true;
    for entry in entries {
        let heading = if shown.contains_key(&entry.file) { 0 } else { 8 };
        if entry.cost + heading > left {
            is_all = false;
            if left < 12 {
                break;
            }
            continue;
        }
        left -= entry.cost + heading;
        shown.entry(entry.file).or_default().push(entry.symbol);
    }
    let mut files = Vec::with_capacity(shown.len());
    for (file, mut symbols) in shown {
        let outline = world.outline(file)?;
        symbols.sort_unstable();
        let lines = symbols.iter().map(|number| {
            let symbol = &outline.symbols[*number as usize];
            let around = parents(&outline.symbols, *number);
            let depth = around.iter().filter(|parent| symbols.contains(parent)).count();
            let mut signature = one_line(symbol.signature.trim());
            if depth == 0 && !symbol.container.is_empty() {
                signature = format!("{signature} [{}]", one_line(&symbol.container));
            }
            MapLine { line: symbol.lines.start, depth, signature }
        });
        let path = world.snapshot.view().file(file).path.clone();
        files.push(MapFile { path, lines: lines.collect() });
    }
    Ok((files, is_all))
}
