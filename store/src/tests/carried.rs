//! What a graph carries for the next one beside its files.

use flux_core::{
    ByteSpan, Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileGraph, FileId, Occurrence,
    SymbolKind, Target, Tier,
};

use super::{Store, add};
use crate::error::StoreError;
use crate::graph::{Adjacency, Carried, GraphReader, GraphWriter, NoteKey, Ranks};
use crate::view::View;

/// A file with a function that calls itself, `shift` bytes further down.
fn graph(shift: u32, name: &str, calls: usize) -> FileGraph {
    let span = |start: u32| ByteSpan::new(shift + start, shift + start + 3);
    let module = Definition {
        name: "a".into(),
        kind: SymbolKind::Module,
        parent: DefinitionIndex::MODULE,
        span: ByteSpan::new(0, 90),
        name_span: ByteSpan::new(0, 0),
        is_public: true,
    };
    let function = Definition {
        name: name.into(),
        kind: SymbolKind::Function,
        span: span(0),
        name_span: span(0),
        ..module.clone()
    };
    let to = DefinitionRef { file: FileId(0), index: DefinitionIndex(1) };
    let call = Occurrence {
        span: span(10),
        kind: EdgeKind::Calls,
        tier: Tier::Exact,
        is_implicit: false,
        enclosing: DefinitionIndex(1),
        target: Target::Definition(to),
    };
    FileGraph {
        definitions: vec![module, function],
        occurrences: vec![call; calls],
        ..FileGraph::default()
    }
}

fn commit(
    store: &Store,
    own: &FileGraph,
    carried: Carried,
    share: usize,
    rank: &dyn Fn(&Adjacency<'_>) -> Result<Ranks, StoreError>,
) {
    let mut writer = store.writer();
    let text = format!("{own:?}");
    let view = View::new(vec![add(&mut writer, "a.txt", &text)], Vec::new());
    let key = store.key("tree");
    let previous = writer.graph(&key);
    let mut graph = GraphWriter::new(&view, previous.as_ref()).with_delta_share(share);
    graph.add(FileId(0), own, text.len() as u64, &[], &[0]);
    graph.carry(carried);
    let packed = graph.finish(rank).unwrap();
    writer.commit_with_graph(&key, &store.root("tree"), &view, packed).unwrap();
}

fn ones(adjacency: &Adjacency<'_>) -> Result<Ranks, StoreError> {
    Ok(Ranks { ranks: vec![1.0; adjacency.len()], communities: vec![7; adjacency.len()] })
}

fn key(number: u8) -> NoteKey {
    [number; 16]
}

fn notes(graph: &GraphReader) -> Vec<(u8, Vec<u8>)> {
    let one = |number| Some((number, graph.note(key(number)).unwrap()?));
    (0..9).filter_map(one).collect()
}

#[test]
fn notes_stay_while_they_are_wanted() {
    let store = Store::new();
    let new = |number: u8| (key(number), Some(vec![number; 300]));
    let old = |number: u8| (key(number), None);
    let notes_of = |graph: &GraphReader| {
        let found = notes(graph);
        assert!(found.iter().all(|(number, bytes)| *bytes == [*number; 300]));
        found.into_iter().map(|(number, _)| number).collect::<Vec<_>>()
    };
    let commit = |calls, notes, share, inputs| {
        let carried = Carried { inputs: vec![(5, inputs)], notes };
        commit(&store, &graph(0, "f", calls), carried, share, &ones);
        let snapshot = store.snapshot("tree");
        let graph = snapshot.graph().unwrap();
        assert_eq!(graph.inputs().unwrap(), [(5, inputs)]);
        notes_of(graph)
    };
    let (delta, base) = (0, usize::MAX);
    assert_eq!(commit(1, Some(vec![new(1), new(2)]), base, 1), [1, 2]);
    assert_eq!(
        commit(2, Some(vec![old(1), new(3), old(4)]), delta, 2),
        [1, 2, 3],
        "4 is not known"
    );
    assert_eq!(commit(3, None, delta, 3), [1, 2, 3]);
    assert_eq!(commit(4, Some(vec![old(1), new(5)]), delta, 4), [1, 2, 5]);
    assert_eq!(commit(5, None, base, 5), [1, 2, 5]);
    assert_eq!(commit(6, Some(vec![old(5), old(1)]), base, 6), [1, 5]);
    assert_eq!(crate::maintain::verify(&store.layout).unwrap(), Vec::<String>::new());
}

#[test]
fn ranks_are_asked_for_only_when_a_definition_or_an_edge_is_another() {
    let store = Store::new();
    let asked = std::cell::Cell::new(0);
    let rank = |adjacency: &Adjacency<'_>| {
        asked.set(asked.get() + 1);
        ones(adjacency)
    };
    let is_asked = |own: &FileGraph, share| {
        let before = asked.get();
        commit(&store, own, Carried::default(), share, &rank);
        let snapshot = store.snapshot("tree");
        let function = DefinitionRef { file: FileId(0), index: DefinitionIndex(1) };
        let graph = snapshot.graph().unwrap();
        assert_eq!((graph.rank(function).unwrap(), graph.community(function).unwrap()), (1.0, 7));
        asked.get() > before
    };
    for share in [0, usize::MAX] {
        is_asked(&graph(0, "f", 1), share);
        assert!(!is_asked(&graph(40, "f", 1), share), "moved");
        assert!(is_asked(&graph(40, "f", 2), share), "another call");
        assert!(is_asked(&graph(40, "g", 2), share), "another name");
        assert!(!is_asked(&graph(0, "g", 2), share), "moved back");
    }
}
