//! The entrance: reads a request, sends it to ranking or to literal search.

use flux_store::Snapshot;

use crate::error::QueryError;
use crate::filter::FileFilter;
use crate::kind::{QueryKind, is_plain_word, read};
use crate::lines::{LineSearch, find_lines};
use crate::parameters::Parameters;
use crate::rank::rank;
use crate::request::{Answer, SearchRequest, Sources};

/// Answers `request` from `snapshot`; `sources` gives the text for literal and regex search.
pub fn search(
    snapshot: &Snapshot,
    request: &SearchRequest,
    sources: &dyn Sources,
) -> Result<Answer, QueryError> {
    search_with(snapshot, request, sources, &Parameters::DEFAULT)
}

/// The same with other numbers than the defaults, for measuring them.
pub fn search_with(
    snapshot: &Snapshot,
    request: &SearchRequest,
    sources: &dyn Sources,
    parameters: &Parameters,
) -> Result<Answer, QueryError> {
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
            let ranked = rank(snapshot, text, kind, request, sources, parameters)?;
            answer.hits = ranked.hits;
            answer.is_cut = ranked.is_cut;
            if !is_plain_word(text) {
                answer.suggestions = ranked.similar;
            }
        }
    }
    Ok(answer)
}
