//! `paste!`: its arguments, with the parts between `[<` and `>]` made one identifier.

use super::tokens::{Kind, View};
use super::transcribe::{Expansion, Writer};
use super::{Call, Failure, inside};

pub(super) fn expand(call: &Call<'_>) -> Result<Expansion, Failure> {
    let tokens = call.tokens().ok_or(Failure::Malformed)?;
    let view = View { text: call.text, tokens: &tokens };
    let (start, end) = inside(&tokens).ok_or(Failure::Malformed)?;
    let mut writer = Writer::new(call);
    let (mut from, mut at) = (start, start);
    while at < end {
        if !is_name(view, at) {
            at += 1;
            continue;
        }
        writer.tokens(view, from, at)?;
        let close = tokens[at].link as usize;
        writer.put(&name(view, at + 2, close - 1));
        (from, at) = (close + 1, close + 1);
    }
    writer.tokens(view, from, end)?;
    Ok(writer.expansion)
}

/// Whether `[< ... >]` starts here.
fn is_name(view: View<'_>, at: usize) -> bool {
    let token = &view.tokens[at];
    let is_open = token.kind == Kind::Open && view.text(at) == "[" && view.text(at + 1) == "<";
    is_open && token.link as usize > at + 3 && view.text(token.link as usize - 1) == ">"
}

/// The parts as one name, after their modifiers: `a _ B:snake`.
fn name(view: View<'_>, from: usize, to: usize) -> String {
    let mut name = String::new();
    let mut last = 0;
    let mut at = from;
    while at < to {
        match view.text(at) {
            ":" => {
                at += 1;
                let part = modified(&name[last..], view.text(at));
                name.truncate(last);
                name.push_str(&part);
            }
            text => {
                last = name.len();
                name.push_str(text.trim_start_matches("r#").trim_matches(['"', '\'']));
            }
        }
        at += 1;
    }
    name
}

fn modified(part: &str, modifier: &str) -> String {
    match modifier {
        "lower" => part.to_lowercase(),
        "upper" => part.to_uppercase(),
        "snake" => snake(part),
        "camel" => part.split('_').map(capitalised).collect(),
        _ => part.into(),
    }
}

fn snake(part: &str) -> String {
    let mut snake = String::new();
    let mut is_after_lower = false;
    for char in part.chars() {
        if char.is_uppercase() && is_after_lower {
            snake.push('_');
        }
        is_after_lower = char.is_lowercase() || char.is_numeric();
        snake.extend(char.to_lowercase());
    }
    snake
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars.as_str().to_lowercase().chars()).collect()
}
