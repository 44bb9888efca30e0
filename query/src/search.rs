//! The entrance: reads a request, sends it to ranking or to literal search.

use flux_store::Snapshot;

use crate::error::QueryError;
use crate::filter::FileFilter;
use crate::hit::Hit;
use crate::kind::{QueryKind, is_plain_word, read};
use crate::lines::{LineSearch, find_lines};
use crate::meaning::Meaning;
use crate::rank::features::Features;
use crate::rank::{self, Ranking};
use crate::request::{Answer, SearchRequest, Sources};

/// What a search works with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What is searched.
    pub snapshot: &'a Snapshot,
    /// Gives the text for literal and regex search, and to narrow hits.
    pub sources: &'a dyn Sources,
    /// What the request means, where there are vectors.
    pub meaning: Option<Meaning<'a>>,
    /// How hits are ranked.
    pub ranking: &'a Ranking,
}

/// Answers `request` from `snapshot` by words and names alone.
pub fn search(
    snapshot: &Snapshot,
    request: &SearchRequest,
    sources: &dyn Sources,
) -> Result<Answer, QueryError> {
    let context = Context { snapshot, sources, meaning: None, ranking: Ranking::builtin() };
    search_in(&context, request)
}

/// Everything that ranking would look at, unordered and without scores, for measuring and
/// training; nothing for literal and regex search.
pub fn consider(
    context: &Context<'_>,
    request: &SearchRequest,
) -> Result<Vec<(Hit, Features)>, QueryError> {
    let (kind, text) = read(&request.text, request.mode);
    match kind {
        QueryKind::Literal | QueryKind::Regex => Ok(Vec::new()),
        QueryKind::Symbol | QueryKind::Natural | QueryKind::Issue => {
            rank::consider(context, text, kind, request)
        }
    }
}

/// Answers `request`.
pub fn search_in(context: &Context<'_>, request: &SearchRequest) -> Result<Answer, QueryError> {
    let (snapshot, sources) = (context.snapshot, context.sources);
    let (kind, text) = read(&request.text, request.mode);
    if text.is_empty() {
        return Err(QueryError::Empty);
    }
    let mut answer = Answer {
        kind,
        hits: Vec::new(),
        lines: Vec::new(),
        is_cut: false,
        suggestions: Vec::new(),
        unreadable: Vec::new(),
    };
    match kind {
        QueryKind::Literal | QueryKind::Regex => {
            let filter = FileFilter::new(&request.filter, snapshot.view())?;
            let found: LineSearch = find_lines(snapshot, request, kind, text, &filter, sources)?;
            answer.lines = found.files;
            answer.is_cut = found.is_cut;
            answer.unreadable = found.unreadable;
        }
        QueryKind::Symbol | QueryKind::Natural | QueryKind::Issue => {
            let ranked = rank::rank(context, text, kind, request)?;
            answer.hits = ranked.hits;
            answer.is_cut = ranked.is_cut;
            if !is_plain_word(text) {
                answer.suggestions = ranked.similar;
            }
        }
    }
    Ok(answer)
}
