//! Capsules: the words under which a chunk is found.

use flux_core::{Chunk, Outline, RepoPath};
use flux_store::lexical::ChunkDocument;

/// Makes the documents of a file's chunks.
pub(crate) fn documents(path: &RepoPath, text: &str, outline: &Outline) -> Vec<ChunkDocument> {
    let chunks = outline.chunks.iter().enumerate();
    chunks.map(|(ordinal, chunk)| document(path, text, outline, ordinal, chunk)).collect()
}

fn document(
    path: &RepoPath,
    text: &str,
    outline: &Outline,
    ordinal: usize,
    chunk: &Chunk,
) -> ChunkDocument {
    let named = outline.symbols.get(chunk.symbols()).unwrap_or_default();
    ChunkDocument {
        ordinal: ordinal as u32,
        name: joined(named.iter().map(|symbol| &*symbol.name)),
        path: path.to_string(),
        signature: heading(outline, chunk),
        doc: joined(named.iter().map(|symbol| symbol.doc.of(text))),
        body: chunk.span.of(text).to_owned(),
    }
}

/// Where the chunk lies and what it continues: a long function's later chunks do not name it.
pub(crate) fn heading(outline: &Outline, chunk: &Chunk) -> String {
    let named = outline.symbols.get(chunk.symbols()).unwrap_or_default();
    let owner = chunk.owner.and_then(|index| outline.symbols.get(index.0 as usize));
    let containers = named.iter().map(|symbol| &*symbol.container);
    let mut parts: Vec<&str> = owner
        .into_iter()
        .flat_map(|symbol| [&*symbol.container, &*symbol.name, &*symbol.signature])
        .chain(containers)
        .filter(|part| !part.is_empty())
        .collect();
    parts.dedup();
    parts.join("\n")
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}
