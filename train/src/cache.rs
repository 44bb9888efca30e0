//! The corpus on disk between runs: the numbers as they are, behind a key.
//!
//! The key covers the files' names and sizes and the vocabulary, so that a changed input is read
//! anew; the cache holds nothing that could not be made again.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::corpus::{self, Bags, Corpus, Facts};
use crate::pairs::{self, Purpose};
use crate::vocabulary::Vocabulary;

/// The pairs in `folder`, from the cache if it fits.
pub(crate) fn load(folder: &Path, vocabulary: &Vocabulary, cache: Option<&Path>) -> Result<Corpus> {
    let repositories = pairs::repositories(folder)?;
    let Some(cache) = cache else { return corpus::read(&repositories, vocabulary) };
    let mut hashed = blake3::Hasher::new();
    for repository in &repositories {
        let size = fs::metadata(&repository.path)?.len();
        hashed.update(format!("{:?} {} {size}\n", repository.purpose, repository.name).as_bytes());
    }
    hashed.update(&(vocabulary.starts as u64).to_le_bytes());
    vocabulary.pieces.iter().for_each(|piece| {
        hashed.update(piece.as_bytes()).update(b"\n");
    });
    let key = hashed.finalize();
    if let Ok(bytes) = fs::read(cache)
        && bytes.get(..32) == Some(key.as_bytes())
        && let Some(corpus) = decode(&bytes[32..])
    {
        return Ok(corpus);
    }
    let corpus = corpus::read(&repositories, vocabulary)?;
    let mut bytes = key.as_bytes().to_vec();
    encode(&corpus, &mut bytes);
    fs::write(cache, bytes).with_context(|| format!("cannot write {}", cache.display()))?;
    Ok(corpus)
}

fn encode(corpus: &Corpus, out: &mut Vec<u8>) {
    let purposes: Vec<u8> =
        (corpus.purposes.iter()).map(|purpose| u8::from(*purpose == Purpose::Training)).collect();
    put(out, &purposes);
    put(out, corpus.languages.join("\n").as_bytes());
    put(out, corpus.kinds.join("\n").as_bytes());
    let facts = corpus.pairs.iter().flat_map(|facts| {
        let halves = u32::from(facts.language) << 16 | u32::from(facts.kind);
        [facts.repository, halves, facts.query_hash, facts.text_hash]
    });
    put(out, &facts.flat_map(u32::to_le_bytes).collect::<Vec<u8>>());
    let Bags { ids, counts, ends } = &corpus.bags;
    put(out, &ids.iter().flat_map(|id| id.to_le_bytes()).collect::<Vec<u8>>());
    put(out, counts);
    put(out, &ends.iter().flat_map(|end| end.to_le_bytes()).collect::<Vec<u8>>());
}

fn put(out: &mut Vec<u8>, part: &[u8]) {
    out.extend((part.len() as u64).to_le_bytes());
    out.extend(part);
}

fn decode(mut bytes: &[u8]) -> Option<Corpus> {
    let mut part = || {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let (part, rest) = rest.split_at_checked(u64::from_le_bytes(*length) as usize)?;
        bytes = rest;
        Some(part)
    };
    let purpose = |byte: &u8| if *byte == 0 { Purpose::HeldOut } else { Purpose::Training };
    Some(Corpus {
        purposes: part()?.iter().map(purpose).collect(),
        languages: names(part()?),
        kinds: names(part()?),
        pairs: words(part()?).collect::<Vec<u32>>().chunks_exact(4).map(facts).collect(),
        bags: Bags {
            ids: part()?.as_chunks().0.iter().map(|id| u16::from_le_bytes(*id)).collect(),
            counts: part()?.to_vec(),
            ends: words(part()?).collect(),
        },
    })
}

fn names(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).split('\n').map(str::to_owned).collect()
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word))
}

fn facts(words: &[u32]) -> Facts {
    Facts {
        repository: words[0],
        language: (words[1] >> 16) as u16,
        kind: words[1] as u16,
        query_hash: words[2],
        text_hash: words[3],
    }
}
