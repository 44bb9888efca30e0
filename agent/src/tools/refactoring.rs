//! What the refactorings among the tools have in common: how they are applied, and how a refusal is
//! told.

use super::bench::{Bench, Done};
use super::edits::commit_checked;
use crate::edit::refusal::Candidate;
use crate::edit::{Checked, Refused};
use crate::refactor::RefactorError;

/// Places that are listed of many.
const MAX_PLACES: usize = 12;

/// Applies a refactoring that was planned; `text` says what it did.
pub(super) fn applied(
    bench: &Bench<'_>,
    checked: Result<Checked, Refused>,
    title: String,
    text: &str,
) -> Done {
    let committed = match checked {
        Err(refused) => Err(format!("refused, nothing was written: {refused}")),
        Ok(checked) => commit_checked(bench, &checked, title),
    };
    match committed {
        Err(why) => Done::badly(why),
        Ok(receipt) => {
            let text = format!("applied as edit {}: {text}", receipt.id);
            Done { receipt: Some(receipt), ..Done::well(text) }
        }
    }
}

/// A refusal, with options of the command line as arguments of a tool.
pub(super) fn worded(error: &RefactorError) -> String {
    let text = error.to_string().replace("--likely", "\"likely\": true");
    format!("refused, nothing was written: {}", text.replace("--api", "\"api\": true"))
}

/// Adds places that were left alone to what is told, if there are any.
pub(super) fn list<'a>(
    text: &mut String,
    name: &str,
    places: impl ExactSizeIterator<Item = &'a Candidate>,
) {
    if places.len() == 0 {
        return;
    }
    text.push_str(&format!("\n{name}: {}", places.len()));
    for place in places.take(MAX_PLACES) {
        text.push_str(&format!("\n  {}:{}: {}", place.path, place.line, place.text));
    }
}
