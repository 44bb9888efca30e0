//! Symbol graphs in a store: what was added is read back, forwards and backwards; a graph that
//! went through many small commits is the graph that one commit would have written.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

use flux_core::{
    ByteSpan, Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileGraph, FileId, Occurrence,
    Relation, RepoPath, SkipReason, SymbolKind, Target, Tier, Unresolved,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{EXTRACTOR, Files, NOW, Store, add};
use crate::component::{CHECKSUM_LEN, HEADER_LEN};
use crate::error::StoreError;
use crate::graph::{Adjacency, GraphReader, GraphWriter, Nested, Ranks, SymbolId};
use crate::maintain::{collect, verify};
use crate::manifest::{GraphName, Manifest};
use crate::map::MappedFile;
use crate::snapshot::Snapshot;
use crate::view::{FileState, NewEntry, Stamp, View};
use crate::writer::Writer;

/// A definition, wherever its file stands: path, name and ordinal among its namesakes.
type Named = (String, SymbolId);

/// A file whose graph points at definitions by name instead of position.
#[derive(Clone, Debug)]
struct Model {
    graph: FileGraph,
    /// For each occurrence its target, if it is a definition.
    targets: Vec<Option<Named>>,
    /// For each relation its ends.
    ends: Vec<(Named, Named)>,
    dependencies: Vec<(u64, u64)>,
    lines: Vec<u32>,
}

/// A tree: its files, those without a graph included.
type World = BTreeMap<String, Option<Model>>;

fn ids(path: &str, graph: &FileGraph) -> Vec<SymbolId> {
    crate::graph::ids_of(path, &graph.definitions)
}

/// Everything that a definition of the world can be named by.
fn all_named(world: &World) -> Vec<Named> {
    let files = world.iter().filter_map(|(path, model)| Some((path, model.as_ref()?)));
    files
        .flat_map(|(path, model)| ids(path, &model.graph).into_iter().map(|id| (path.clone(), id)))
        .collect()
}

impl Model {
    /// Its graph in `world`. What it points at and is not there is lost.
    fn graph_in(&self, world: &World) -> FileGraph {
        let places: BTreeMap<&String, u32> = world.keys().zip(0..).collect();
        let find = |(path, id): &Named| {
            let model = world.get(path)?.as_ref()?;
            let index = ids(path, &model.graph).iter().position(|known| known == id)?;
            Some(DefinitionRef { file: FileId(places[path]), index: DefinitionIndex(index as u32) })
        };
        let mut graph = self.graph.clone();
        for (occurrence, target) in graph.occurrences.iter_mut().zip(&self.targets) {
            let Some(target) = target else { continue };
            match find(target) {
                Some(found) => occurrence.target = Target::Definition(found),
                None => {
                    occurrence.target = Target::Unresolved(Unresolved::NoSuchMember);
                    occurrence.tier = Tier::Exact;
                }
            }
        }
        let found = graph.relations.iter().zip(&self.ends).filter_map(|(relation, (from, to))| {
            Some(Relation { from: find(from)?, to: find(to)?, ..*relation })
        });
        graph.relations = found.collect();
        graph
    }

    fn is_whole_in(&self, world: &World) -> bool {
        let named = all_named(world);
        let ends = self.ends.iter().flat_map(|(from, to)| [from, to]);
        self.targets.iter().flatten().chain(ends).all(|target| named.contains(target))
    }
}

/// Digest of a file's content.
fn content(graph: &FileGraph) -> u64 {
    graph.occurrences.len() as u64 * 31 + graph.definitions.len() as u64
}

fn definitions() -> impl Strategy<Value = Vec<Definition>> {
    let one = (
        select(vec!["alpha", "Alpha", "beta", "gamma", "δ"]),
        select(&[SymbolKind::Class, SymbolKind::Method, SymbolKind::Table][..]),
        any::<Index>(),
        0..500_u32,
        any::<bool>(),
    );
    prop::collection::vec(one, 1..6).prop_map(|all| {
        let count = all.len();
        let definition =
            |(index, (name, kind, parent, start, is_public)): (usize, (&str, _, Index, u32, _))| {
                let parent = if index == 0 { 0 } else { parent.index(count) };
                let span = ByteSpan::new(start, start + 40);
                let name_span = ByteSpan::new(start + 4, start + 9);
                Definition {
                    name: name.into(),
                    kind,
                    parent: DefinitionIndex(parent as u32),
                    span,
                    name_span,
                    is_public,
                }
            };
        all.into_iter().enumerate().map(definition).collect()
    })
}

/// What an occurrence or relation will be, before the world is known.
#[derive(Clone, Debug)]
struct Draft {
    definitions: Vec<Definition>,
    occurrences: Vec<(Occurrence, Option<Index>)>,
    relations: Vec<(Relation, Index, Index)>,
    dependencies: Vec<(u64, u64)>,
    lines: Vec<u32>,
}

const NOWHERE: DefinitionRef = DefinitionRef { file: FileId(0), index: DefinitionIndex(0) };

fn draft() -> impl Strategy<Value = Draft> {
    let plain = prop_oneof![
        any::<u32>().prop_map(Target::Local),
        (0..2_u32).prop_map(Target::External),
        select(Unresolved::ALL).prop_map(Target::Unresolved),
    ];
    let length = prop_oneof![4 => 0..40_u32, 1 => 250..260_u32, 1 => 60_000..70_000_u32];
    let enclosing = prop_oneof![6 => 0..6_u32, 1 => 65_530..65_540_u32];
    let words = (select(EdgeKind::ALL), select(Tier::ALL), any::<bool>());
    let target = prop_oneof![2 => any::<Index>().prop_map(Some), 1 => Just(None)];
    let occurrence = (0..900_u32, length, enclosing, words, plain, target).prop_map(
        |(start, length, enclosing, (kind, tier, is_implicit), plain, target)| {
            let span = ByteSpan::new(start, start + length);
            let enclosing = DefinitionIndex(enclosing);
            (Occurrence { span, kind, tier, is_implicit, enclosing, target: plain }, target)
        },
    );
    let relation =
        (select(EdgeKind::ALL), select(Tier::ALL), 0..900_u32, any::<Index>(), any::<Index>())
            .prop_map(|(kind, tier, start, from, to)| {
                let site = ByteSpan::new(start, start + 7);
                (Relation { kind, tier, from: NOWHERE, to: NOWHERE, site }, from, to)
            });
    let dependency = (0..30_u64, 0..3_u64);
    (
        definitions(),
        prop::collection::vec(occurrence, 0..12),
        prop::collection::vec(relation, 0..3),
        prop::collection::vec(dependency, 0..8),
        prop::collection::vec(1..90_u32, 0..20),
    )
        .prop_map(|(definitions, mut occurrences, relations, dependencies, lengths)| {
            occurrences.sort_by_key(|(occurrence, _)| occurrence.span.start);
            let mut lines = vec![0];
            lines.extend(lengths.iter().scan(0, |at, length| {
                *at += length;
                Some(*at)
            }));
            Draft { definitions, occurrences, relations, dependencies, lines }
        })
}

/// A change of one file: gone, without a graph, or another.
#[derive(Clone, Debug)]
enum Change {
    Remove,
    NoGraph,
    Write(Draft),
}

fn change() -> impl Strategy<Value = (String, Change)> {
    let change = prop_oneof![
        1 => Just(Change::Remove),
        1 => Just(Change::NoGraph),
        6 => draft().prop_map(Change::Write),
    ];
    (select(vec!["a.py", "b/c.py", "b-c.py", "d.py", "e.py", "z/y.py"]), change)
        .prop_map(|(path, change)| (path.to_owned(), change))
}

/// Applies changes. Files that pointed at what is gone are written again, as resolution would.
fn apply(world: &mut World, changes: &[(String, Change)]) {
    let mut drafts = Vec::new();
    for (path, change) in changes {
        match change {
            Change::Remove => drop(world.remove(path)),
            Change::NoGraph => drop(world.insert(path.clone(), None)),
            Change::Write(draft) => {
                let graph = FileGraph {
                    definitions: draft.definitions.clone(),
                    packages: vec!["numpy".into(), "alpha".into()],
                    ..FileGraph::default()
                };
                let (dependencies, lines) = (draft.dependencies.clone(), draft.lines.clone());
                let (targets, ends) = (Vec::new(), Vec::new());
                world.insert(
                    path.clone(),
                    Some(Model { graph, targets, ends, dependencies, lines }),
                );
                drafts.push((path, draft));
            }
        }
    }
    let named = all_named(world);
    for (path, draft) in drafts {
        let Some(Some(model)) = world.get_mut(path) else { continue };
        let (occurrences, targets) = draft
            .occurrences
            .iter()
            .map(|(occurrence, target)| {
                (*occurrence, target.as_ref().map(|t| t.get(&named).clone()))
            })
            .unzip();
        model.graph.occurrences = occurrences;
        model.targets = targets;
        let end = |index: &Index| index.get(&named).clone();
        model.graph.relations = draft.relations.iter().map(|(relation, _, _)| *relation).collect();
        model.ends = draft.relations.iter().map(|(_, from, to)| (end(from), end(to))).collect();
    }
    let lost: Vec<String> = world
        .iter()
        .filter(|(_, model)| model.as_ref().is_some_and(|model| !model.is_whole_in(world)))
        .map(|(path, _)| path.clone())
        .collect();
    for path in lost {
        let Some(Some(model)) = world.get(&path).cloned() else { continue };
        let graph = model.graph_in(world);
        let kept = |end: &Named| named.contains(end);
        let targets = model.targets.into_iter().map(|target| target.filter(kept)).collect();
        let ends = model.ends.into_iter().filter(|(from, to)| kept(from) && kept(to)).collect();
        world.insert(path, Some(Model { graph, targets, ends, ..model }));
    }
}

fn view_of<'a>(paths: impl Iterator<Item = &'a String>) -> View {
    let entry = |path: &String| NewEntry {
        path: RepoPath::new(path.as_str()),
        stamp: Stamp::default(),
        racy: false,
        language: flux_core::Language::text(),
        class: flux_core::FileClass::default(),
        state: FileState::Skipped(SkipReason::Binary.code()),
    };
    View::new(paths.map(entry).collect(), Vec::new())
}

/// A rank for each definition: how many edges lead to it; its community is its file's number.
fn rank(adjacency: &Adjacency<'_>) -> Result<Ranks, StoreError> {
    let mut ranks = vec![0.0; adjacency.len()];
    for edge in adjacency.edges()? {
        ranks[edge.to as usize] += 1.0;
    }
    let community = |node| adjacency.definition(node).unwrap().file.0;
    Ok(Ranks { ranks, communities: (0..adjacency.len() as u32).map(community).collect() })
}

/// Commits `world`, keeping what it shares with `before`.
fn commit_world(store: &Store, before: &World, world: &World, share: usize) {
    let writer = store.writer();
    let key = store.key("tree");
    let view = view_of(world.keys());
    let previous = writer.graph(&key);
    assert_eq!(previous.is_some(), Manifest::read(&store.layout).is_ok(), "the last graph is lost");
    let mut graph = GraphWriter::new(&view, previous.as_ref()).with_delta_share(share);
    let graphs: Vec<_> = world.values().map(|m| m.as_ref().map(|m| m.graph_in(world))).collect();
    for ((file, (path, model)), own) in
        view.iter().zip(world).map(|((f, _), m)| (f, m)).zip(&graphs)
    {
        let (Some(model), Some(own)) = (model, own) else { continue };
        let same = before.get(path).and_then(Option::as_ref).filter(|then| {
            (&then.targets, &then.ends, &then.dependencies, &then.lines)
                == (&model.targets, &model.ends, &model.dependencies, &model.lines)
                && then.graph == model.graph
        });
        match same {
            Some(_) if previous.is_some() => graph.keep(file),
            _ => graph.add(file, own, content(own), &model.dependencies, &model.lines),
        }
    }
    let seen = RefCell::new(Vec::new());
    let packed = graph
        .finish(&|adjacency| {
            for node in 0..adjacency.len() as u32 {
                seen.borrow_mut().push((adjacency.definition(node), adjacency.previous(node)?));
            }
            rank(adjacency)
        })
        .unwrap();
    let is_written = packed.byte_count() > 0;
    assert!(share != 0 || !is_written || packed.is_delta() == previous.is_some());
    writer.commit_with_graph(&key, &store.root("tree"), &view, packed).unwrap();
    let now = store.snapshot("tree");
    for (definition, ranked) in seen.into_inner() {
        let id = now.graph().unwrap().id_of(definition.unwrap()).unwrap();
        let then = previous.as_ref().and_then(|then| Some((then, then.find(id).unwrap()?)));
        let then = then.map(|(graph, d)| (graph.rank(d).unwrap(), graph.community(d).unwrap()));
        assert_eq!(ranked, then);
    }
}

/// Everything that a graph says, and asserts that its two directions agree.
fn everything(graph: &GraphReader) -> Result<Vec<String>, StoreError> {
    let mut all = vec![format!("{:?}", graph.counts()?)];
    let mut expected: BTreeMap<DefinitionRef, Vec<(FileId, Occurrence)>> = BTreeMap::new();
    let (mut of, mut to) = (BTreeMap::new(), BTreeMap::new());
    let files = || (0..graph.file_count() as u32).map(FileId);
    for file in files() {
        for occurrence in graph.occurrences(file)? {
            if let Target::Definition(target) = occurrence.target {
                expected.entry(target).or_default().push((file, occurrence));
            }
        }
        for relation in graph.relations(file)? {
            of.entry(relation.from).or_insert_with(Vec::new).push(relation);
            to.entry(relation.to).or_insert_with(Vec::new).push(relation);
        }
        let path = graph.path(file)?;
        all.push(format!("{path} {:?} {:?}", graph.file_graph(file)?, graph.previous(path)?));
        let lines: Result<Vec<_>, _> = (0..300).map(|at| graph.line_and_column(file, at)).collect();
        all.push(format!("{:?} {:?}", graph.line_starts(file)?, lines?));
    }
    for file in files() {
        for index in 0..graph.definitions(file)?.len() as u32 {
            let definition = DefinitionRef { file, index: DefinitionIndex(index) };
            let references = graph.references_to(definition)?.collect::<Result<Vec<_>, _>>()?;
            if references != expected.remove(&definition).unwrap_or_default()
                || graph.relations_of(definition)? != of.remove(&definition).unwrap_or_default()
                || graph.relations_to(definition)? != to.remove(&definition).unwrap_or_default()
            {
                return Err(StoreError::damaged("directions".as_ref(), format!("{definition:?}")));
            }
            let name = graph.name(definition)?;
            let id = graph.id_of(definition)?;
            let found = (graph.find(id)?, graph.by_name(name)?, graph.by_name_ignoring_case(name)?);
            let outgoing =
                [Nested::Without, Nested::With].map(|nested| graph.outgoing(definition, nested));
            let [without, with] = outgoing;
            let at = graph.definition(definition)?.name_span.start;
            all.push(format!(
                "{definition:?} {id} {found:?} {} {:?} {:?} {:?} {:?} {:?} {:?}",
                graph.qualified_name(definition)?,
                (graph.rank(definition)?, graph.community(definition)?),
                graph.occurrences_at(file, at)?,
                graph.definition_at(file, at)?,
                references.len() == graph.reference_count(definition)?,
                without?.len(),
                with?.len(),
            ));
        }
        for position in 0..3 {
            all.push(format!("{:?}", graph.package(file, position).ok()));
        }
    }
    Ok(all)
}

fn all_of(snapshot: &Snapshot) -> Vec<String> {
    everything(snapshot.graph().expect("the view has a graph")).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn a_graph_is_read_as_it_was_added(changes in prop::collection::vec(change(), 0..8)) {
        let store = Store::new();
        let mut world = World::new();
        apply(&mut world, &changes);
        commit_world(&store, &World::new(), &world, 10);
        let snapshot = store.snapshot("tree");
        let graph = snapshot.graph().unwrap();
        everything(graph).unwrap();
        for ((file, entry), model) in snapshot.view().iter().zip(world.values()) {
            let expected = model.as_ref().map(|model| model.graph_in(&world));
            let path = entry.path.as_str();
            prop_assert_eq!(graph.path(file).unwrap(), path);
            prop_assert_eq!(graph.file_graph(file).unwrap(), expected.clone());
            let previous = graph.previous(path).unwrap();
            let known = expected.as_ref().zip(model.as_ref());
            prop_assert_eq!(previous, known.map(|(g, model)| (content(g), model.dependencies.clone())));
            let lines = model.as_ref().map_or(Vec::new(), |model| model.lines.clone());
            prop_assert_eq!(graph.line_starts(file).unwrap(), lines);
            let named = expected.iter().flat_map(|graph| ids(path, &graph.definitions_only()));
            for (index, id) in (0..).zip(named) {
                let definition = DefinitionRef { file, index: DefinitionIndex(index) };
                prop_assert_eq!(graph.find(id).unwrap(), Some(definition));
            }
        }
        prop_assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn many_small_commits_are_one_large_one(
        steps in prop::collection::vec((prop::collection::vec(change(), 0..4), select(vec![0, 1, 10])), 1..7),
    ) {
        let (store, mut world) = (Store::new(), World::new());
        for (changes, share) in &steps {
            let before = world.clone();
            apply(&mut world, changes);
            commit_world(&store, &before, &world, *share);
            let fresh = Store::new();
            commit_world(&fresh, &World::new(), &world, 10);
            prop_assert_eq!(all_of(&store.snapshot("tree")), all_of(&fresh.snapshot("tree")));
            prop_assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
            prop_assert!(store.files(&store.layout.graphs()).len() <= 2);
        }
    }
}

trait DefinitionsOnly {
    fn definitions_only(&self) -> FileGraph;
}

impl DefinitionsOnly for FileGraph {
    fn definitions_only(&self) -> FileGraph {
        FileGraph { definitions: self.definitions.clone(), ..FileGraph::default() }
    }
}

/// The graph of a text: every line defines its own text and refers to the line's namesake in the
/// first file that has one.
fn text_graph(files: Files<'_>, view: &View, text: &str) -> FileGraph {
    let definition = |name: &str, start: u32| {
        let span = ByteSpan::new(start, start + name.len() as u32);
        let parent = DefinitionIndex::MODULE;
        Definition {
            name: name.into(),
            kind: SymbolKind::Function,
            parent,
            span,
            name_span: span,
            is_public: true,
        }
    };
    let mut graph = FileGraph { packages: vec!["std".into()], ..FileGraph::default() };
    graph.definitions.push(definition("file", 0));
    let mut start = 0;
    for (index, line) in (1..).zip(text.lines()) {
        graph.definitions.push(definition(line, start));
        let named = |(path, text): &(&str, &str)| {
            let index = DefinitionIndex(text.lines().position(|other| other == line)? as u32 + 1);
            Some(DefinitionRef { file: view.find(path)?, index })
        };
        let target = files.iter().find_map(named).unwrap();
        graph.occurrences.push(Occurrence {
            span: ByteSpan::new(start, start + line.len() as u32),
            kind: EdgeKind::Calls,
            tier: Tier::Exact,
            is_implicit: false,
            enclosing: DefinitionIndex(index),
            target: Target::Definition(target),
        });
        let from = DefinitionRef { file: target.file, index: DefinitionIndex::MODULE };
        let (kind, tier, site) = (EdgeKind::Overrides, Tier::Likely, ByteSpan::new(start, start));
        graph.relations.push(Relation { kind, tier, from, to: target, site });
        start += line.len() as u32 + 1;
    }
    graph
}

/// Commits `files` as the whole of `tree`, with a graph that keeps what `is_kept` says.
pub(super) fn commit(
    store: &Store,
    mut writer: Writer,
    tree: &str,
    files: Files<'_>,
    is_kept: impl Fn(&str) -> bool,
) -> u64 {
    let entries = files.iter().map(|(path, text)| add(&mut writer, path, text)).collect();
    let (view, key) = (View::new(entries, Vec::new()), store.key(tree));
    let previous = writer.graph(&key);
    let graphs: Vec<_> = files.iter().map(|(_, text)| text_graph(files, &view, text)).collect();
    let mut graph = GraphWriter::new(&view, previous.as_ref()).with_delta_share(0);
    for ((path, text), own) in files.iter().zip(&graphs) {
        let file = view.find(path).unwrap();
        match is_kept(path) {
            true => graph.keep(file),
            false => graph.add(file, own, text.len() as u64, &[(1, 2), (3, 4)], &[0, 5]),
        }
    }
    let packed = graph.finish(&rank).unwrap();
    writer.commit_with_graph(&key, &store.root(tree), &view, packed).unwrap()
}

/// Asks everything of a graph that may be damaged; errors are answers.
pub(super) fn ask(snapshot: &Snapshot) {
    snapshot.graph().into_iter().for_each(|graph| ask_graph(graph, snapshot.view()));
}

fn ask_graph(graph: &GraphReader, view: &View) {
    everything(graph).ok();
    graph.inputs().ok();
    (0..=u8::MAX).for_each(|byte| drop(graph.note([byte; 16])));
    for file in (0..graph.file_count() as u32 + 1).map(FileId) {
        graph.file_graph(file).ok();
        graph.line_and_column(file, 7).ok();
        graph.occurrences_at(file, 3).ok();
        for index in (0..4).map(DefinitionIndex) {
            let definition = DefinitionRef { file, index };
            graph.references_to(definition).ok().into_iter().flatten().for_each(drop);
            graph.relations_of(definition).ok();
            graph.relations_to(definition).ok();
            graph.qualified_name(definition).ok();
            graph.outgoing(definition, Nested::With).ok();
        }
    }
    for name in ["alpha", "first line", "absent"] {
        graph.by_name(name).ok();
        graph.by_name_ignoring_case(name).ok();
    }
    graph.find(SymbolId(1)).ok();
    graph.previous("a.txt").ok();
    // Goes on from it, once as a delta and once as a base.
    for share in [0, usize::MAX] {
        let mut writer = GraphWriter::new(view, Some(graph)).with_delta_share(share);
        let own = FileGraph::default();
        writer.add(FileId(0), &own, 1, &[], &[]);
        view.iter().skip(1).for_each(|(file, _)| writer.keep(file));
        writer
            .finish(&|adjacency| {
                (0..adjacency.len() as u32)
                    .try_for_each(|node| adjacency.previous(node).map(drop))?;
                rank(adjacency)
            })
            .ok();
    }
}

const BOTH: Files<'_> = &[("a.txt", "alpha\nshared"), ("b.txt", "beta\nshared")];

fn name_of(store: &Store, tree: &str) -> Option<GraphName> {
    Manifest::read(&store.layout).unwrap().views[&store.key(tree)].graph
}

#[test]
fn each_tree_has_its_graph_and_a_commit_without_one_keeps_it_for_the_next() {
    let store = Store::new();
    commit(&store, store.writer(), "one", BOTH, |_| false);
    commit(&store, store.writer(), "two", &BOTH[..1], |_| false);
    assert_eq!(store.snapshot("one").graph().unwrap().file_count(), 2);
    assert_eq!(store.snapshot("two").graph().unwrap().file_count(), 1);
    store.commit("one", BOTH);
    assert!(store.snapshot("one").graph().is_none());
    assert!(!store.writer().has_current_graph(&store.key("one")));
    assert_eq!(store.writer().graph(&store.key("one")).unwrap().file_count(), 2);
    commit(&store, store.writer(), "one", BOTH, |_| true);
    assert_eq!(store.snapshot("one").graph().unwrap().file_count(), 2);
    store.commit("one", BOTH);
    store.writer().commit_additions().unwrap();
    assert!(store.snapshot("two").graph().is_some(), "its view was not touched");
    let gone = [store.root("one"), store.root("two")];
    collect(&store.layout, NOW, |root| gone.iter().any(|gone| gone == root)).unwrap();
    assert_eq!(store.files(&store.layout.graphs()), Vec::<String>::new());
}

#[test]
fn what_did_not_change_is_not_written_again() {
    let store = Store::new();
    commit(&store, store.writer(), "tree", BOTH, |_| false);
    let (name, before) = (name_of(&store, "tree"), all_of(&store.snapshot("tree")));
    assert_eq!(commit(&store, store.writer(), "tree", BOTH, |_| true), 2);
    assert_eq!(name_of(&store, "tree"), name);
    assert_eq!(all_of(&store.snapshot("tree")), before);
    commit(&store, store.writer(), "tree", BOTH, |path| path == "a.txt");
    assert_eq!(name_of(&store, "tree"), Some(GraphName { base: 1, delta: Some(3) }));
    assert_eq!(all_of(&store.snapshot("tree")), before);
}

#[test]
fn a_definition_keeps_its_id_and_its_references_when_it_moves() {
    let store = Store::new();
    let use_of = |snapshot: &Snapshot| {
        let graph = snapshot.graph().unwrap();
        let shared = graph.by_name("shared").unwrap()[0];
        let from = graph.references_to(shared).unwrap().map(|found| found.unwrap().0);
        let paths = from.map(|file| snapshot.view().file(file).path.to_string());
        (graph.id_of(shared).unwrap(), shared, paths.collect::<Vec<_>>())
    };
    let first = [("b.txt", "beta\nshared"), ("c.txt", "gamma\nshared")];
    commit(&store, store.writer(), "tree", &first, |_| false);
    let (id, place, users) = use_of(&store.snapshot("tree"));
    assert_eq!((place.file.0, place.index.0), (0, 2));
    assert_eq!(users, ["b.txt", "c.txt"]);
    let second = [("0.txt", "new"), ("b.txt", "beta\nabove\nshared"), ("c.txt", "gamma\nshared")];
    commit(&store, store.writer(), "tree", &second, |path| path == "c.txt");
    assert!(name_of(&store, "tree").unwrap().delta.is_some());
    let (again, place, users) = use_of(&store.snapshot("tree"));
    assert_eq!((place.file.0, place.index.0, again), (1, 3, id));
    assert_eq!(users, ["b.txt", "c.txt"]);
}

#[test]
fn a_kept_file_whose_target_is_gone_says_so() {
    for share in [0, usize::MAX] {
        let store = Store::new();
        commit(&store, store.writer(), "tree", BOTH, |_| false);
        let writer = store.writer();
        let (key, previous) = (store.key("tree"), writer.graph(&store.key("tree")));
        let view = writer.view(&key).unwrap();
        let own = FileGraph::default();
        let mut graph = GraphWriter::new(&view, previous.as_ref()).with_delta_share(share);
        graph.add(FileId(0), &own, 9, &[], &[]);
        graph.keep(FileId(1));
        let packed = graph.finish(&rank).unwrap();
        assert_eq!(packed.is_delta(), share == 0);
        writer.commit_with_graph(&key, &store.root("tree"), &view, packed).unwrap();
        let snapshot = store.snapshot("tree");
        let graph = snapshot.graph().unwrap();
        let occurrences = graph.occurrences(FileId(1)).unwrap();
        let own = DefinitionRef { file: FileId(1), index: DefinitionIndex(1) };
        assert_eq!(occurrences[0].target, Target::Definition(own));
        assert_eq!(occurrences[1].target, Target::Unresolved(Unresolved::NoSuchMember));
        assert_eq!(graph.relations(FileId(1)).unwrap().len(), 1);
        let counts = graph.counts().unwrap();
        assert_eq!((counts.by_kind[0], counts.unresolved), (1, [0, 0, 1, 0, 0, 0]));
    }
}

#[test]
fn equal_definitions_of_one_file_have_ids_of_their_own() {
    let store = Store::new();
    commit(&store, store.writer(), "tree", &[("a.txt", "twice\ntwice\nfile")], |_| false);
    let snapshot = store.snapshot("tree");
    let graph = snapshot.graph().unwrap();
    let mut ids: Vec<SymbolId> = (0..4)
        .map(|index| DefinitionRef { file: FileId(0), index: DefinitionIndex(index) })
        .map(|definition| graph.id_of(definition).unwrap())
        .collect();
    assert!(ids.iter().all(|id| id.to_string().parse() == Ok(*id)));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    assert!("xyz".parse::<SymbolId>().is_err());
}

#[test]
fn a_writer_killed_before_its_rename_leaves_the_old_graph_whole() {
    let store = Store::new();
    commit(&store, store.writer(), "tree", BOTH, |_| false);
    commit(&store, store.writer(), "tree", BOTH, |path| path == "a.txt");
    let before: Vec<_> =
        store.all_files().into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    let said = all_of(&store.snapshot("tree"));
    let reader = store.snapshot("tree");
    let more = [BOTH[0], BOTH[1], ("c.txt", "gamma")];
    commit(&store, store.writer(), "tree", &more, |path| path != "c.txt");
    assert_eq!(all_of(&reader), said, "a reader keeps what it opened");
    for (bytes, path) in before {
        fs::write(path, bytes).unwrap();
    }
    assert_eq!(all_of(&store.snapshot("tree")), said);
    commit(&store, store.writer(), "tree", &more, |path| path != "c.txt");
    assert_eq!(store.snapshot("tree").graph().unwrap().file_count(), 3);
    assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
    assert_eq!(store.files(&store.layout.graphs()).len(), 2);
}

#[test]
fn a_graph_of_another_version_or_a_lost_one_is_none_and_made_anew() {
    for ending in ["base", "delta"] {
        for is_lost in [false, true] {
            let store = Store::new();
            commit(&store, store.writer(), "tree", BOTH, |_| false);
            commit(&store, store.writer(), "tree", BOTH, |path| path == "a.txt");
            let folder = store.layout.graphs();
            let name = store.files(&folder).into_iter().find(|name| name.ends_with(ending));
            let path = folder.join(name.unwrap());
            let mut bytes = fs::read(&path).unwrap();
            bytes[8] += 1;
            match is_lost {
                true => fs::remove_file(&path).unwrap(),
                false => fs::write(&path, bytes).unwrap(),
            }
            assert!(store.snapshot("tree").graph().is_none());
            assert!(store.writer().graph(&store.key("tree")).is_none());
            assert!(!verify(&store.layout).unwrap().is_empty());
            commit(&store, store.writer(), "tree", BOTH, |_| false);
            assert!(store.snapshot("tree").graph().is_some());
            assert_eq!(verify(&store.layout).unwrap(), Vec::<String>::new());
        }
    }
}

#[test]
fn a_delta_that_goes_on_from_a_graph_that_is_gone_is_refused() {
    let store = Store::new();
    commit(&store, store.writer(), "tree", BOTH, |_| false);
    let snapshot = store.snapshot("tree");
    let own = FileGraph::default();
    let mut graph = GraphWriter::new(snapshot.view(), snapshot.graph()).with_delta_share(0);
    graph.add(FileId(0), &own, 9, &[], &[]);
    graph.keep(FileId(1));
    let packed = graph.finish(&rank).unwrap();
    let writer = Writer::rebuild(&store.layout, EXTRACTOR, NOW).unwrap();
    let refused =
        writer.commit_with_graph(&store.key("tree"), &store.root("tree"), snapshot.view(), packed);
    assert!(refused.is_err_and(|error| error.is_mended_by_rebuild()));
    assert!(store.snapshot("tree").graph().is_some());
}

/// A base and a delta with all that a graph can hold, by what their names end with.
fn image() -> &'static [(&'static str, Vec<u8>)] {
    static IMAGE: OnceLock<Vec<(&'static str, Vec<u8>)>> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let store = Store::new();
        commit(&store, store.writer(), "tree", BOTH, |_| false);
        let more = [("0.txt", "zero\nbeta"), BOTH[0], ("b.txt", "above\nbeta\nshared")];
        commit(&store, store.writer(), "tree", &more, |path| path == "a.txt");
        let (key, layout) = (store.key("tree"), &store.layout);
        let paths = [("base", layout.graph_base(&key, 1)), ("delta", layout.graph_delta(&key, 2))];
        paths.into_iter().map(|(ending, path)| (ending, fs::read(path).unwrap())).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_damaged_graph_never_panics(
        number in 0..2_usize,
        changes in prop::collection::vec((any::<Index>(), select(vec![0, 1, 2, 127, 128, 255])), 0..6),
        is_cut in prop::option::weighted(0.2, any::<Index>()),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut image = image().to_vec();
        let bytes = &mut image[number].1;
        let end = bytes.len() - CHECKSUM_LEN;
        for (place, byte) in &changes {
            bytes[HEADER_LEN + place.index(end - HEADER_LEN)] = *byte;
        }
        if let Some(length) = is_cut {
            bytes.truncate(length.index(bytes.len()));
        }
        let paths = image.iter().map(|(ending, bytes)| {
            let path = folder.path().join(ending);
            fs::write(&path, bytes).unwrap();
            (path.clone(), MappedFile::open(&path).unwrap())
        });
        let [base, delta] = paths.collect::<Vec<_>>().try_into().unwrap();
        let name = GraphName { base: 1, delta: Some(2) };
        let paths = ["0.txt", "a.txt", "b.txt"].map(str::to_owned);
        let view = view_of(paths.iter());
        for delta in [None, Some(delta)] {
            if let Ok(graph) = GraphReader::of_maps(base.clone(), delta, name) {
                ask_graph(&graph, &view);
            }
        }
    }
}
