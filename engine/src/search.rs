//! Searching: the answer with the text of its hits, what it was taken from, and how fresh it is.

use std::io::{self, Read};

use flux_core::{EmbedError, LineSpan};
use flux_indexer::decode::decode;
use flux_indexer::stamp::stamp_of;
use flux_query::{Answer, Hit, Ranking, SearchRequest};
use flux_store::{FileEntry, Snapshot};

use crate::error::EngineError;
use crate::refresh::Freshness;
use crate::sources::{Tree, open_inside};
use crate::workspace::Workspace;

/// An answer and where it comes from.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What was found.
    pub answer: Answer,
    /// The text of each hit, in the same order.
    pub snippets: Vec<Snippet>,
    /// How current it is.
    pub freshness: Freshness,
    /// The commit the tree is on, if it is a git work tree.
    pub revision: Option<String>,
    /// Whether its order rests on vectors, too.
    pub meaning: MeaningState,
}

/// What part vectors had in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MeaningState {
    /// None: there is no model, or the search was for literal text.
    Unused,
    /// This many files have none.
    Used {
        /// Indexed files that the model has not embedded yet.
        missing: usize,
    },
    /// None: the model gave none for the question.
    Failed(EmbedError),
}

impl MeaningState {
    /// Whether nothing was missing that should have been there.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Unused | Self::Used { missing: 0 })
    }
}

/// The text of a hit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// Its lines, without line feeds; empty when the file changed or cannot be read any more.
    pub lines: Vec<String>,
}

impl Snippet {
    /// Upper estimate of the tokens a language model reads the snippet as: one for every three
    /// bytes. Tokenizers in use take 3.3 to 4 bytes of source a token.
    pub fn tokens(&self) -> usize {
        self.lines.iter().map(|line| tokens_of(line)).sum()
    }

    /// Leaves out the last lines until the rest fits into `tokens`.
    fn cut(&mut self, tokens: usize) {
        let mut left = tokens;
        let fitting = self.lines.iter().take_while(|line| {
            let cost = tokens_of(line);
            let fits = cost <= left;
            left = left.saturating_sub(cost);
            fits
        });
        let count = fitting.count();
        self.lines.truncate(count);
    }
}

fn tokens_of(line: &str) -> usize {
    (line.len() + 1).div_ceil(3)
}

/// What a hit's heading costs besides its text: path, lines, kind, name.
const HEADING_TOKENS: usize = 20;

impl Reply {
    /// Leaves out hits from the end, and lines of the last that stays, until the rest fits into
    /// `tokens` by estimate. The best hit stays in any case, if only by its place. Returns
    /// whether results were left out, which the answer then says too.
    pub fn fit(&mut self, tokens: usize) -> bool {
        let mut left = tokens.saturating_sub(HEADING_TOKENS);
        let mut kept = 0;
        for snippet in &mut self.snippets {
            let before = snippet.lines.len();
            snippet.cut(left);
            let is_cut = snippet.lines.len() < before;
            if kept > 0 && is_cut && snippet.lines.is_empty() {
                break;
            }
            kept += 1;
            let cost = snippet.tokens() + HEADING_TOKENS;
            if is_cut || left < cost {
                break;
            }
            left -= cost;
        }
        let is_cut = kept < self.snippets.len();
        self.answer.hits.truncate(kept);
        self.snippets.truncate(kept);
        let is_cut = is_cut | self.fit_lines(tokens);
        self.answer.is_cut |= is_cut;
        is_cut
    }

    fn fit_lines(&mut self, tokens: usize) -> bool {
        let mut left = tokens;
        let mut is_cut = false;
        for file in &mut self.answer.lines {
            let path = file.path.as_str().len();
            let fits = |line: &flux_query::pattern::LineMatch, left: &mut usize| {
                let cost = (path + line.text.len() + 8).div_ceil(3);
                let fits = cost <= *left;
                *left = if fits { *left - cost } else { 0 };
                fits
            };
            let before = file.lines.len();
            file.lines.retain(|line| fits(line, &mut left));
            is_cut |= file.lines.len() < before;
        }
        self.answer.lines.retain(|file| !file.lines.is_empty());
        is_cut
    }
}

impl Workspace {
    /// Answers `request` from `snapshot`.
    pub fn search(
        &self,
        snapshot: &Snapshot,
        freshness: Freshness,
        request: &SearchRequest,
    ) -> Result<Reply, EngineError> {
        let asked = self.ask(snapshot, request);
        let context = flux_query::Context {
            snapshot,
            sources: &Tree(self.root()),
            meaning: asked.meaning(),
            ranking: Ranking::builtin(),
        };
        let answer = flux_query::search_in(&context, request)?;
        let view = snapshot.view();
        let snippet = |hit: &Hit| self.snippet(view.file(hit.file), hit.lines);
        let snippets = answer.hits.iter().map(snippet).collect();
        let revision = crate::repository::head_commit(self.root());
        Ok(Reply { answer, snippets, freshness, revision, meaning: asked.state })
    }

    /// The lines `lines` of a file, decoded as they were when it was indexed. None of a file that
    /// looks different now: its lines may be others.
    pub fn snippet(&self, entry: &FileEntry, lines: LineSpan) -> Snippet {
        let read = || -> io::Result<Vec<u8>> {
            let mut file = open_inside(self.root(), &entry.path)?;
            if stamp_of(&file.metadata()?) != entry.stamp {
                return Ok(Vec::new());
            }
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let Ok(bytes) = read() else { return Snippet::default() };
        let Ok(text) = decode(&bytes) else { return Snippet::default() };
        let first = lines.start as usize - 1;
        let wanted = text.lines().skip(first).take(lines.count() as usize);
        Snippet { lines: wanted.map(str::to_owned).collect() }
    }
}
