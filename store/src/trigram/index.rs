//! Reading the index: finding a trigram's list and evaluating a query.

use super::format::{
    BLOCK, BLOCK_ENTRY_LENGTH, CODE_COMMON, CODE_ONE, HEADER_LENGTH, Header, TrigramError,
    read_header, read_u32, read_u64, read_varint,
};
use super::postings::Postings;
use super::query::{Selection, TrigramQuery, select};

/// An opened trigram index over bytes, which may be a memory map.
#[derive(Debug)]
pub struct TrigramIndex<D> {
    data: D,
    header: Header,
}

impl<D: AsRef<[u8]>> TrigramIndex<D> {
    /// Checks the header and the block table.
    pub fn open(data: D) -> Result<Self, TrigramError> {
        let bytes = data.as_ref();
        let header = read_header(bytes)?;
        check_blocks(bytes, &header)?;
        Ok(Self { data, header })
    }

    /// Returns how many documents the index covers; their ids count from 0.
    pub fn document_count(&self) -> u32 {
        self.header.documents
    }

    /// Returns the documents that may hold a trigram.
    pub fn postings(&self, trigram: u32) -> Postings<'_> {
        let documents = self.header.documents;
        let bytes = self.data.as_ref();
        let Some(block) = self.block_of(trigram) else { return Postings::none(documents) };
        let Some(start) = Block::read(bytes, &self.header, block) else {
            return Postings::every(documents);
        };
        start.find(trigram, documents).unwrap_or_else(|| Postings::every(documents))
    }

    /// Returns the documents a query cannot rule out, in ascending order.
    pub fn candidates(&self, query: &TrigramQuery) -> Vec<u32> {
        match select(self, query) {
            Selection::Every => (0..self.header.documents).collect(),
            Selection::Documents(documents) => documents,
        }
    }

    /// Returns the trigrams of every document, ascending: the inverse of the index, for merging.
    /// A trigram without a list of its own counts for every document. Damage can make numbers of
    /// more than 24 bits, which are no trigrams and are left out.
    pub fn documents(&self) -> Vec<Vec<u32>> {
        let bytes = self.data.as_ref();
        let mut documents = vec![Vec::new(); self.header.documents as usize];
        for block in (0..self.header.blocks).filter_map(|b| Block::read(bytes, &self.header, b)) {
            let entries = block.entries(self.header.documents);
            for (trigram, postings) in entries.filter(|(trigram, _)| trigram >> 24 == 0) {
                for document in postings {
                    documents[document as usize].push(trigram);
                }
            }
        }
        documents
    }

    /// The last block that starts at or before a trigram.
    fn block_of(&self, trigram: u32) -> Option<usize> {
        let bytes = self.data.as_ref();
        let (mut low, mut high) = (0, self.header.blocks);
        while low < high {
            let middle = low + (high - low) / 2;
            if first_trigram(bytes, middle)? <= trigram {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low.checked_sub(1)
    }
}

/// What is left to read of a block's part of the directory, and the lists from its first on.
struct Block<'index> {
    first: u32,
    directory: &'index [u8],
    postings: &'index [u8],
}

impl<'index> Block<'index> {
    fn read(bytes: &'index [u8], header: &Header, block: usize) -> Option<Self> {
        let all = bytes.get(header.directory_start..header.postings_start)?;
        let start = directory_offset(bytes, block)?;
        let end = match block + 1 < header.blocks {
            true => directory_offset(bytes, block + 1)?,
            false => all.len(),
        };
        let lists = bytes.get(header.postings_start..)?;
        Some(Self {
            first: first_trigram(bytes, block)?,
            directory: all.get(start..end)?,
            postings: lists.get(postings_offset(bytes, block)?..)?,
        })
    }

    /// Looks for a trigram; nothing when the block cannot be read as far as that takes.
    fn find(mut self, trigram: u32, documents: u32) -> Option<Postings<'index>> {
        let mut current = u64::from(self.first);
        for _ in 0..BLOCK {
            if self.directory.is_empty() {
                break;
            }
            current = current.checked_add(read_varint(&mut self.directory)?)?;
            let entry = self.entry(documents)?;
            if current == u64::from(trigram) {
                return Some(entry);
            }
            if current > u64::from(trigram) {
                break;
            }
        }
        Some(Postings::none(documents))
    }

    /// Every trigram of the block with its documents; ends early at damage.
    fn entries(mut self, documents: u32) -> impl Iterator<Item = (u32, Postings<'index>)> {
        let mut current = u64::from(self.first);
        std::iter::from_fn(move || {
            if self.directory.is_empty() {
                return None;
            }
            current = current.checked_add(read_varint(&mut self.directory)?)?;
            Some((u32::try_from(current).ok()?, self.entry(documents)?))
        })
    }

    fn entry(&mut self, documents: u32) -> Option<Postings<'index>> {
        match read_varint(&mut self.directory)? {
            CODE_COMMON => Some(Postings::every(documents)),
            CODE_ONE => {
                let document = read_varint(&mut self.directory)?;
                Some(Postings::one(u32::try_from(document).ok()?, documents))
            }
            code => {
                let code = code - super::format::CODE_LIST;
                let (list, rest) = self.postings.split_at_checked((code >> 1).try_into().ok()?)?;
                self.postings = rest;
                Some(match code & 1 == 1 {
                    true => Postings::bitmap(list, documents),
                    false => Postings::varints(list, documents),
                })
            }
        }
    }
}

fn check_blocks(bytes: &[u8], header: &Header) -> Result<(), TrigramError> {
    let mut before = None;
    for block in 0..header.blocks {
        let entry = (|| {
            let _lists_are_there = Block::read(bytes, header, block)?;
            Some((first_trigram(bytes, block)?, directory_offset(bytes, block)?))
        })();
        let entry = entry.ok_or(TrigramError::Damaged("a block points outside"))?;
        if before.is_some_and(|before: (u32, usize)| before.0 >= entry.0 || before.1 >= entry.1) {
            return Err(TrigramError::Damaged("its blocks are out of order"));
        }
        before = Some(entry);
    }
    Ok(())
}

fn first_trigram(bytes: &[u8], block: usize) -> Option<u32> {
    read_u32(bytes, HEADER_LENGTH + block * BLOCK_ENTRY_LENGTH)
}

fn directory_offset(bytes: &[u8], block: usize) -> Option<usize> {
    let offset = read_u32(bytes, HEADER_LENGTH + block * BLOCK_ENTRY_LENGTH + 4)?;
    usize::try_from(offset).ok()
}

fn postings_offset(bytes: &[u8], block: usize) -> Option<usize> {
    let offset = read_u64(bytes, HEADER_LENGTH + block * BLOCK_ENTRY_LENGTH + 8)?;
    usize::try_from(offset).ok()
}
