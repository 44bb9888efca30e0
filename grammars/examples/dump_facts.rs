//! Facts of the files named on standard input, as text.
#![allow(clippy::print_stdout, missing_docs)]
use flux_core::RepoPath;
use flux_grammars::{Extractor, detect};
use std::io::{Read, Write};
fn main() {
    let mut list = String::new();
    std::io::stdin().read_to_string(&mut list).unwrap();
    let mut extractor = Extractor::new();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for path in list.lines() {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        if text.len() > 1_000_000 {
            continue;
        }
        let Some(grammar) = detect(&RepoPath::new(path), &text) else { continue };
        match extractor.extract(grammar, &text) {
            Err(error) => writeln!(out, "{path}\t{}\tERROR {error}", grammar.name()).unwrap(),
            Ok(found) => {
                writeln!(
                    out,
                    "{path}\t{}\t{} references {:x}",
                    grammar.name(),
                    found.references.references.len(),
                    hash(&format!("{:?}", found.references.references))
                )
                .unwrap();
                for symbol in &found.symbols {
                    writeln!(out, "{path}\t{}\tS {:?} {:?} in {:?} parent {:?} span {:?} lines {:?} name {:?} sig {:?} doc {:?}", grammar.name(), symbol.kind, symbol.name, symbol.container, symbol.parent, symbol.span, symbol.lines, symbol.name_span, symbol.signature, symbol.doc).unwrap();
                }
                for import in &found.references.imports {
                    writeln!(out, "{path}\t{}\tI {import:?}", grammar.name()).unwrap();
                }
            }
        }
    }
}
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf29ce484222325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100000001b3))
}
