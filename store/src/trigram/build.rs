//! Collects the postings of a set of files and writes them out.
//!
//! Lists are compressed while they grow, so the builder holds about as many bytes as it will
//! write; a list with one document, which is every second one, allocates nothing.

use super::format::{
    BLOCK, BLOCK_ENTRY_LENGTH, CODE_COMMON, CODE_LIST, CODE_ONE, HEADER_LENGTH, write_header,
    write_varint,
};
use super::postings::to_bitmap;

/// From how many documents on a trigram in more than a third of them is common. Below, every
/// list is short anyway and small trees deserve exact answers.
const COMMON_FROM_DOCUMENTS: u32 = 64;

/// One page per pair of leading bytes, made when the pair first occurs: text uses about one pair
/// in ten, so the pages cost little and give the lists in order.
const PAGES: usize = 1 << 16;
const PAGE: usize = 1 << 8;
const NO_LIST: u32 = u32::MAX;

/// Builds a trigram index in memory.
///
/// ```
/// use flux_store::trigram::{TrigramBuilder, TrigramIndex, TrigramSet, trigram};
///
/// let mut set = TrigramSet::new();
/// let mut builder = TrigramBuilder::new();
/// builder.push(0, &set.extract(b"fn main()"));
/// builder.push(1, &set.extract(b"int MAIN(void)"));
/// let index = TrigramIndex::open(builder.finish())?;
/// assert_eq!(index.postings(trigram(*b"ain")).collect::<Vec<_>>(), [0, 1]);
/// # Ok::<(), flux_store::trigram::TrigramError>(())
/// ```
#[derive(Debug)]
pub struct TrigramBuilder {
    pages: Vec<Option<Box<[u32; PAGE]>>>,
    lists: Vec<List>,
    documents: u32,
}

impl Default for TrigramBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl TrigramBuilder {
    /// Starts an index without documents.
    pub fn new() -> Self {
        Self { pages: vec![None; PAGES], lists: Vec::new(), documents: 0 }
    }

    /// Adds a document with its distinct trigrams. Ids left out are documents without trigrams.
    ///
    /// # Panics
    ///
    /// When ids do not increase, or a trigram has more than 24 bits.
    pub fn push(&mut self, local_id: u32, trigrams: &[u32]) {
        assert!(
            local_id >= self.documents && local_id != u32::MAX,
            "documents are pushed in order"
        );
        self.documents = local_id + 1;
        for &trigram in trigrams {
            let page =
                self.pages[trigram as usize >> 8].get_or_insert_with(|| Box::new([NO_LIST; PAGE]));
            let slot = &mut page[trigram as usize & 0xff];
            if *slot == NO_LIST {
                *slot = self.lists.len() as u32;
                self.lists.push(List::new(local_id));
            } else {
                self.lists[*slot as usize].push(local_id);
            }
        }
    }

    /// Writes the index out.
    pub fn finish(self) -> Vec<u8> {
        let mut output = Output::default();
        for (prefix, page) in self.pages.iter().enumerate() {
            let Some(page) = page else { continue };
            for (last, slot) in page.iter().enumerate().filter(|(_, slot)| **slot != NO_LIST) {
                let trigram = (prefix << 8 | last) as u32;
                output.push(trigram, &self.lists[*slot as usize], self.documents);
            }
        }
        drop(self.lists);
        output.into_bytes(self.documents)
    }
}

/// The documents of one trigram: varints of the first and of each difference less one.
#[derive(Debug)]
struct List {
    /// Empty while there is but one document, which is then `last`.
    varints: Vec<u8>,
    last: u32,
    count: u32,
}

impl List {
    fn new(document: u32) -> Self {
        Self { varints: Vec::new(), last: document, count: 1 }
    }

    fn push(&mut self, document: u32) {
        if self.count == 1 {
            write_varint(self.last.into(), &mut self.varints);
        }
        write_varint((document - self.last - 1).into(), &mut self.varints);
        self.last = document;
        self.count += 1;
    }

    fn is_common(&self, documents: u32) -> bool {
        documents >= COMMON_FROM_DOCUMENTS && u64::from(self.count) * 3 > u64::from(documents)
    }
}

/// The three sections, growing together.
#[derive(Default)]
struct Output {
    table: Vec<u8>,
    directory: Vec<u8>,
    postings: Vec<u8>,
    trigrams: usize,
    previous: u32,
}

impl Output {
    fn push(&mut self, trigram: u32, list: &List, documents: u32) {
        if self.trigrams.is_multiple_of(BLOCK) {
            self.table.extend_from_slice(&trigram.to_le_bytes());
            self.table.extend_from_slice(&(self.directory.len() as u32).to_le_bytes());
            self.table.extend_from_slice(&(self.postings.len() as u64).to_le_bytes());
            self.previous = trigram;
        }
        write_varint((trigram - self.previous).into(), &mut self.directory);
        self.previous = trigram;
        self.trigrams += 1;
        self.push_list(list, documents);
    }

    fn push_list(&mut self, list: &List, documents: u32) {
        if list.is_common(documents) {
            return write_varint(CODE_COMMON, &mut self.directory);
        }
        if list.count == 1 {
            write_varint(CODE_ONE, &mut self.directory);
            return write_varint(list.last.into(), &mut self.directory);
        }
        let bitmap_length = list.last as usize / 8 + 1;
        let is_bitmap = bitmap_length < list.varints.len();
        let before = self.postings.len();
        if is_bitmap {
            self.postings.extend(to_bitmap(&list.varints, bitmap_length));
        } else {
            self.postings.extend_from_slice(&list.varints);
        }
        let length = (self.postings.len() - before) as u64;
        write_varint(CODE_LIST + (length << 1 | u64::from(is_bitmap)), &mut self.directory);
    }

    fn into_bytes(self, documents: u32) -> Vec<u8> {
        let Self { table, directory, postings, .. } = self;
        let total = HEADER_LENGTH + table.len() + directory.len() + postings.len();
        let mut bytes = Vec::with_capacity(total);
        let blocks = (table.len() / BLOCK_ENTRY_LENGTH) as u32;
        let lengths = [directory.len() as u64, postings.len() as u64];
        write_header(documents, blocks, lengths, &mut bytes);
        for section in [table, directory, postings] {
            bytes.extend_from_slice(&section);
        }
        bytes
    }
}
