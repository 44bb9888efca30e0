//! Makes hash tables of the vocabularies, and a table of the classes of characters that decide
//! where text is split.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use regex_syntax::hir::{Class, HirKind};

#[path = "src/hash.rs"]
mod hash;

#[expect(clippy::disallowed_methods, reason = "cargo says in a variable where to write")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/hash.rs");
    println!("cargo::rerun-if-changed=data");
    let out = env::var("OUT_DIR")?;
    for name in ["cl100k_base", "o200k_base"] {
        let vocabulary = fs::read(format!("data/{name}.tokens"))?;
        write_table(&vocabulary, Path::new(&out), name)?;
    }
    fs::write(Path::new(&out).join("classes.rs"), classes()?)?;
    Ok(())
}

/// Writes the bytes of all tokens, where each begins, and the slots to find one by its hash.
fn write_table(vocabulary: &[u8], out: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    let (mut bytes, mut starts, mut tokens) = (Vec::new(), vec![0_u32], Vec::new());
    let mut rest = vocabulary;
    while let Some((length, tail)) = rest.split_first() {
        let (token, tail) = tail.split_at(usize::from(*length));
        bytes.extend_from_slice(token);
        starts.push(bytes.len() as u32);
        tokens.push(token);
        rest = tail;
    }
    let mut slots = vec![0_u32; (tokens.len() * 2).next_power_of_two()];
    for (rank, token) in tokens.iter().enumerate() {
        let found = hash::hash(token);
        let mut at = found as usize % slots.len();
        while slots[at] != 0 {
            at = (at + 1) % slots.len();
        }
        slots[at] = (hash::tag(found) << hash::RANK_BITS) | (rank as u32 + 1);
    }
    let encode = |numbers: &[u32]| -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    };
    fs::write(out.join(format!("{name}.bytes")), bytes)?;
    fs::write(out.join(format!("{name}.starts")), encode(&starts))?;
    fs::write(out.join(format!("{name}.slots")), encode(&slots))?;
    Ok(())
}

/// Ranges of characters beyond ASCII that are letters, marks or numbers, as a Rust array.
fn classes() -> Result<String, Box<dyn Error>> {
    let kinds = [
        ("Upper", r"[\p{Lu}\p{Lt}]"),
        ("Lower", r"\p{Ll}"),
        ("Other", r"[\p{Lm}\p{Lo}]"),
        ("Mark", r"\p{M}"),
        ("Number", r"\p{N}"),
    ];
    let mut ranges = Vec::new();
    for (kind, pattern) in kinds {
        let HirKind::Class(Class::Unicode(class)) = regex_syntax::parse(pattern)?.into_kind()
        else {
            return Err("a class of characters is none".into());
        };
        ranges.extend(class.iter().map(|range| (range.start(), range.end(), kind)));
    }
    ranges.sort_unstable();
    let lines: String = ranges
        .iter()
        .map(|(start, end, kind)| {
            format!("({:#x}, {:#x}, Class::{kind}),\n", *start as u32, *end as u32)
        })
        .collect();
    Ok(format!("[\n{lines}]"))
}
