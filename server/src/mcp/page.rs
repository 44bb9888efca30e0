//! Replies of a bounded size: as many lines as fit, and a cursor for the rest.
//!
//! A cursor names the state of the index and the next line. Asked with a cursor of an older state
//! the server refuses, because lines may have moved, and would be skipped or told twice.

/// Tokens of a reply when none are asked for: what agents read without complaint, and clients
/// without cutting.
pub(super) const DEFAULT_TOKENS: usize = 2800;
/// The smallest size that holds an answer.
pub(super) const LEAST_TOKENS: usize = 100;
/// Kept for the first and the last line of a page.
const FRAME_TOKENS: usize = 60;

/// How much of an answer is wanted, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted<'a> {
    pub(super) max_tokens: Option<usize>,
    pub(super) cursor: Option<&'a str>,
}

/// An upper estimate, as in `engine::Snippet`: tokenizers in use take more than three bytes of
/// source a token.
pub(super) fn tokens(text: &str) -> usize {
    (text.len() + 1).div_ceil(3)
}

/// The part of `lines` that was asked for, of the answer from `generation` of the index.
pub(super) fn page(
    lines: &[String],
    generation: u64,
    wanted: Wanted<'_>,
) -> Result<String, String> {
    let start = wanted.cursor.map_or(Ok(0), |cursor| start(cursor, generation))?;
    let most = wanted.max_tokens.unwrap_or(DEFAULT_TOKENS).max(LEAST_TOKENS) - FRAME_TOKENS;
    let mut left = most;
    let mut text = String::new();
    let mut end = start.min(lines.len());
    for line in &lines[end..] {
        let line = if end == start { cut(line, left) } else { line };
        let cost = tokens(line);
        if cost > left {
            break;
        }
        left -= cost;
        text.push_str(line);
        text.push('\n');
        end += 1;
    }
    let rest = lines.len() - end;
    if rest > 0 {
        text.push_str(&format!(
            "… {rest} more lines: ask again with cursor \"{generation}.{end}\""
        ));
    }
    Ok(text.trim_end().to_owned())
}

fn start(cursor: &str, generation: u64) -> Result<usize, String> {
    let parts = cursor
        .split_once('.')
        .and_then(|(then, line)| Some((then.parse::<u64>().ok()?, line.parse::<usize>().ok()?)));
    match parts {
        Some((then, line)) if then == generation => Ok(line),
        Some(_) => Err("the code changed since that page; ask again without a cursor".to_owned()),
        None => Err(format!("`{cursor}` is no cursor of an earlier reply")),
    }
}

/// The start of a line that would not fit into a page of its own.
fn cut(line: &str, tokens: usize) -> &str {
    let most = (tokens * 3).saturating_sub(1).min(line.len());
    &line[..(0..=most).rev().find(|at| line.is_char_boundary(*at)).unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Wanted, page, tokens};

    proptest! {
        #[test]
        fn pages_stay_small_and_add_up(
            lines in prop::collection::vec("[a-zé]{0,60}", 0..80),
            max_tokens in 100..600_usize,
        ) {
            let mut all = Vec::new();
            let mut cursor: Option<String> = None;
            loop {
                let wanted = Wanted { max_tokens: Some(max_tokens), cursor: cursor.as_deref() };
                let text = page(&lines, 7, wanted).unwrap();
                prop_assert!(tokens(&text) <= max_tokens);
                let mut own: Vec<String> = text.split('\n').map(str::to_owned).collect();
                cursor = own.last().and_then(|last| Some(last.split_once("cursor \"")?.1))
                    .map(|rest| rest.trim_end_matches('"').to_owned());
                if cursor.is_some() {
                    own.pop();
                }
                all.extend(own);
                if cursor.is_none() {
                    break;
                }
            }
            let strip = |lines: &[String]| lines.join("").replace('\n', "");
            prop_assert_eq!(strip(&all), strip(&lines));
        }
    }

    #[test]
    fn a_cursor_of_another_state_is_refused() {
        let wanted = Wanted { max_tokens: None, cursor: Some("6.1") };
        assert!(page(&["a".to_owned()], 7, wanted).unwrap_err().contains("changed"));
        let wanted = Wanted { max_tokens: None, cursor: Some("x") };
        assert!(page(&["a".to_owned()], 7, wanted).unwrap_err().contains("no cursor"));
    }
}
