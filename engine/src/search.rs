//! Searching: the answer with the text of its hits, what it was taken from, and how fresh it is.

use flux_core::{LineSpan, RepoPath};
use flux_query::{Answer, SearchRequest};
use flux_store::Snapshot;

use crate::error::EngineError;
use crate::refresh::Freshness;
use crate::sources::Tree;
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
}

/// The text of a hit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// Its lines, without line feeds; empty when the file cannot be read any more.
    pub lines: Vec<String>,
}

impl Snippet {
    /// Upper estimate of the tokens a language model reads the snippet as: one for every three
    /// bytes. Tokenizers in use take 3.3 to 4 bytes of source a token.
    pub fn tokens(&self) -> usize {
        self.lines.iter().map(|line| (line.len() + 1).div_ceil(3)).sum()
    }
}

/// What a hit's heading costs besides its text: path, lines, kind, name.
const HEADING_TOKENS: usize = 20;

impl Reply {
    /// Leaves out the last hits until the rest fits into `tokens` by estimate. Returns whether
    /// anything was left out, which the answer then says too.
    pub fn fit(&mut self, tokens: usize) -> bool {
        let mut left = tokens;
        let fitting = self.snippets.iter().take_while(|snippet| {
            let cost = snippet.tokens() + HEADING_TOKENS;
            let fits = cost <= left;
            left = left.saturating_sub(cost);
            fits
        });
        let count = fitting.count();
        let is_cut = count < self.snippets.len();
        self.answer.hits.truncate(count);
        self.snippets.truncate(count);
        self.answer.is_cut |= is_cut | self.fit_lines(tokens);
        self.answer.is_cut
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
        let answer = flux_query::search(snapshot, request, &Tree(self.root()))?;
        let snippets = answer.hits.iter().map(|hit| self.snippet(&hit.path, hit.lines)).collect();
        let revision = crate::repository::head_commit(self.root());
        Ok(Reply { answer, snippets, freshness, revision })
    }

    /// The lines `lines` of a file as it is now, decoded as they were when it was indexed.
    pub fn snippet(&self, path: &RepoPath, lines: LineSpan) -> Snippet {
        let Ok(bytes) = std::fs::read(self.root().join(path.as_str())) else {
            return Snippet::default();
        };
        let Ok(text) = flux_indexer::decode::decode(&bytes) else { return Snippet::default() };
        let first = lines.start as usize - 1;
        let wanted = text.lines().skip(first).take(lines.count() as usize);
        Snippet { lines: wanted.map(str::to_owned).collect() }
    }
}
