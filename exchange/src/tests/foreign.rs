//! Indexes of other tools.

use protobuf::{Message, MessageField};
use scip::types::{
    Document, Index, Metadata, Occurrence, PositionEncoding, SingleLineRange, SymbolRole, ToolInfo,
};

use crate::scip::read;
use flux_core::stated::{Stated, StatedReference, StatedTarget};

/// What rust-analyzer 1.95 says of [`TINY_TEXT`], a crate called `tiny`.
const TINY: &[u8] = include_bytes!("tiny.scip");

const TINY_TEXT: &str = "\
pub trait Shape {
    fn area(&self) -> u32;
}

pub struct Square(u32);

impl Shape for Square {
    fn area(&self) -> u32 {
        let é = self.0; é * é
    }
}

pub fn total(shapes: Vec<Square>) -> u32 {
    shapes.iter().map(|shape| shape.area()).sum()
}
";

fn shown(stated: &Stated, text: &str) -> Vec<String> {
    let references = stated.references.iter();
    let line = |found: &StatedReference| {
        let span = found.span;
        let line = text.lines().nth(span.line as usize - 1).unwrap();
        let name = &line[span.column as usize..span.end_column as usize];
        let target = match &found.target {
            StatedTarget::Definition { line, column, .. } => format!("{line}:{column}"),
            StatedTarget::External { package } => package.clone(),
        };
        format!("{}:{name} -> {target}", span.line)
    };
    references.map(line).collect()
}

#[test]
fn an_index_of_rust_analyzer_is_read() {
    let stated = read(TINY, &|_| None).unwrap();
    assert_eq!(stated.tool, "rust-analyzer");
    let expected = [
        "7:Shape -> 1:10",
        "7:Square -> 5:11",
        "9:self -> 8:13",
        "9:0 -> tiny",
        "9:é -> 9:12",
        "9:  -> core",
        "9:* -> core",
        "9:  -> core",
        "9:é -> 9:12",
        "13:Vec -> alloc",
        "13:Square -> 5:11",
        "14:shapes -> 13:13",
        "14:iter -> core",
        "14:map -> core",
        "14:shape -> 14:23",
        "14:area -> 8:7",
        "14:sum -> core",
    ];
    assert_eq!(shown(&stated, TINY_TEXT), expected);
}

fn occurrence(symbol: &str, line: i32, columns: [i32; 2], role: i32) -> Occurrence {
    Occurrence {
        range: vec![line, columns[0], columns[1]],
        symbol: symbol.to_owned(),
        symbol_roles: role,
        ..Occurrence::default()
    }
}

fn document(path: &str, encoding: PositionEncoding, occurrences: Vec<Occurrence>) -> Document {
    Document {
        relative_path: path.to_owned(),
        position_encoding: encoding.into(),
        occurrences,
        ..Document::default()
    }
}

fn bytes(documents: Vec<Document>) -> Vec<u8> {
    let tool_info = ToolInfo { name: "scip-other".to_owned(), ..ToolInfo::default() };
    let tool_info = MessageField::some(tool_info);
    let metadata = MessageField::some(Metadata { tool_info, ..Metadata::default() });
    Index { documents, metadata, ..Index::default() }.write_to_bytes().unwrap()
}

const DEFINITION: i32 = SymbolRole::Definition as i32;

#[track_caller]
fn check_columns(encoding: PositionEncoding, columns: [i32; 2], expected: &[&str]) {
    let text = "let é😀 = 1;\né😀";
    let occurrences = vec![
        occurrence("local 0", 0, [4, columns[0] + 4], DEFINITION),
        occurrence("local 0", 1, columns, 0),
    ];
    let index = bytes(vec![document("a.ts", encoding, occurrences)]);
    let stated = read(&index, &|path| (path == "a.ts").then(|| text.to_owned())).unwrap();
    assert_eq!(shown(&stated, text), expected);
}

#[test]
fn columns_become_bytes() {
    use PositionEncoding::{
        UTF8CodeUnitOffsetFromLineStart, UTF16CodeUnitOffsetFromLineStart,
        UTF32CodeUnitOffsetFromLineStart, UnspecifiedPositionEncoding,
    };
    check_columns(UTF8CodeUnitOffsetFromLineStart, [2, 6], &["2:😀 -> 1:4"]);
    check_columns(UTF16CodeUnitOffsetFromLineStart, [1, 3], &["2:😀 -> 1:4"]);
    check_columns(UnspecifiedPositionEncoding, [1, 3], &["2:😀 -> 1:4"]);
    check_columns(UTF32CodeUnitOffsetFromLineStart, [1, 2], &["2:😀 -> 1:4"]);
    check_columns(UTF32CodeUnitOffsetFromLineStart, [1, 9], &[]);
}

#[test]
fn without_its_text_a_document_of_utf_16_is_left_out() {
    let encoding = PositionEncoding::UTF16CodeUnitOffsetFromLineStart;
    let index = bytes(vec![document("a.ts", encoding, vec![occurrence("x", 0, [0, 1], 0)])]);
    let stated = read(&index, &|_| None).unwrap();
    assert_eq!((stated.references.len(), stated.unreadable), (0, vec!["a.ts".to_owned()]));
}

#[test]
fn the_same_document_is_preferred_and_locals_stay_in_theirs() {
    let utf8 = PositionEncoding::UTF8CodeUnitOffsetFromLineStart;
    let place = |symbol, line, role| occurrence(symbol, line, [0, 1], role);
    let typed =
        Occurrence {
            range: Vec::new(),
            typed_range: Some(scip::types::occurrence::Typed_range::SingleLineRange(
                SingleLineRange { line: 9, end_character: 1, ..SingleLineRange::default() },
            )),
            ..place("npm . my  package 1.0 `x`/", 0, 0)
        };
    let index = bytes(vec![
        document(
            "b",
            utf8,
            vec![place("s", 3, DEFINITION), place("s", 4, 0), place("local 0", 5, 0)],
        ),
        document("a", utf8, vec![place("s", 1, DEFINITION), place("local 0", 2, DEFINITION)]),
        document("c", utf8, vec![place("s", 6, 0), typed]),
    ]);
    let stated = read(&index, &|_| None).unwrap();
    let found: Vec<_> = stated
        .references
        .iter()
        .map(|found| match &found.target {
            StatedTarget::Definition { path, line, .. } => format!("{path}:{line}"),
            StatedTarget::External { package } => format!("<{package}>"),
        })
        .collect();
    assert_eq!(found, ["b:4", "<>", "a:2", "<my package>"]);
}

#[test]
fn ranges_that_are_no_place_are_left_out() {
    let utf8 = PositionEncoding::UTF8CodeUnitOffsetFromLineStart;
    let ranges = [vec![], vec![1], vec![-1, 0, 1], vec![0, -5, 1], vec![0, 0, 1, 0], vec![0; 9]];
    let occurrences =
        ranges.into_iter().map(|range| Occurrence { range, ..occurrence("x", 0, [0, 0], 0) });
    let index = bytes(vec![document("a", utf8, occurrences.collect())]);
    assert_eq!(read(&index, &|_| None).unwrap().references, []);
}

#[test]
fn what_is_no_index_says_so() {
    for bytes in [&b"{\"json\": true}"[..], b"", &TINY[..500], &[0x0a; 64]] {
        let message = read(bytes, &|_| None).unwrap_err().to_string();
        assert!(message.starts_with("this is no SCIP index: "), "{message}");
        assert!(message.contains("\nhint: pass the file that an indexer"), "{message}");
    }
}
