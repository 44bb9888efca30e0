//! Makes a conversation shorter, seldom and by much: every change of what was sent before makes the
//! service read all of it anew.
//!
//! The user's words stay, word for word. The latest exchanges stay whole. What lies between becomes
//! a digest that no model has to write: what was called, what came of it, what was said.

use crate::llm::{Answered, Block, Exchange, Unit};

/// Characters of a digest's line.
const LINE: usize = 160;
/// Share of the target that the digest may take, as one in so many.
const DIGEST_SHARE: usize = 4;
/// What a digest starts with.
const DIGEST: &str = "Earlier steps of this conversation, left out to save room (read files again if \
                      you need them):";

/// The units that stay within about `target` tokens, as `cost` counts them.
pub(super) fn shortened(units: &[Unit], target: usize, cost: &dyn Fn(&Unit) -> usize) -> Vec<Unit> {
    let units: Vec<Unit> = units.iter().map(without_context).collect();
    let words: usize = units.iter().filter(|unit| is_user(unit)).map(cost).sum();
    let words = words.min(target);
    let mut left = target.saturating_sub(words).saturating_sub(target / DIGEST_SHARE);
    let mut kept_from = units.len();
    for (at, unit) in units.iter().enumerate().rev() {
        let cost = if is_user(unit) { 0 } else { cost(unit) };
        // The last exchange stays whatever it costs: the model waits for its results.
        if cost > left && kept_from < units.len() {
            break;
        }
        left = left.saturating_sub(cost);
        kept_from = at;
    }
    let (old, kept) = units.split_at(kept_from);
    let mut short: Vec<Unit> = old.iter().filter(|unit| is_user(unit)).cloned().collect();
    let lines: Vec<String> = old.iter().flat_map(digest).collect();
    if !lines.is_empty() {
        let text = |lines: &[String]| format!("{DIGEST}\n{}", lines.join("\n"));
        let fits =
            |lines: &[String]| cost(&Unit::Note { text: text(lines) }) <= target / DIGEST_SHARE;
        let first = first_that_fits(lines.len() - 1, |first| fits(&lines[first..]));
        short.push(Unit::Note { text: text(&lines[first..]) });
    }
    short.extend(kept.iter().cloned());
    bounded(short, target, cost)
}

/// The first number up to `last` that fits, where all behind one that fits do; `last` if none does.
fn first_that_fits(last: usize, fits: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, last);
    while low < high {
        let middle = low + (high - low) / 2;
        if fits(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn is_user(unit: &Unit) -> bool {
    matches!(unit, Unit::User { .. })
}

fn without_context(unit: &Unit) -> Unit {
    match unit {
        Unit::User { text, .. } => Unit::User { text: text.clone(), context: None },
        Unit::Exchange(_) | Unit::Note { .. } => unit.clone(),
    }
}

fn digest(unit: &Unit) -> Vec<String> {
    match unit {
        Unit::User { .. } => Vec::new(),
        Unit::Note { text } => {
            let lines = text.strip_prefix(DIGEST).unwrap_or(text).lines();
            lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
        }
        Unit::Exchange(exchange) => {
            let said = exchange.text();
            let said = (!said.trim().is_empty()).then(|| format!("- you said: {}", line(&said)));
            let calls = exchange.answered().map(|(call, answered)| {
                let outcome = if answered.is_error { "failed" } else { "gave" };
                let call = line(&format!("{} {}", call.name, call.arguments));
                format!("- {call} {outcome}: {}", line(&answered.text))
            });
            said.into_iter().chain(calls).collect()
        }
    }
}

fn line(text: &str) -> String {
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match flat.char_indices().nth(LINE) {
        Some((end, _)) => format!("{}…", &flat[..end]),
        None => flat,
    }
}

/// Where the last exchange, or the user's words, are more than the target by themselves: long
/// results are cut, then words of the user other than the first and the last.
fn bounded(mut units: Vec<Unit>, target: usize, cost: &dyn Fn(&Unit) -> usize) -> Vec<Unit> {
    let total = |units: &[Unit]| units.iter().map(cost).sum::<usize>();
    let over = total(&units) > target * 2;
    if over && let Some(Unit::Exchange(exchange)) = units.last() {
        let cut = with_cut_results(exchange, target);
        units.pop();
        units.extend(cut.map(Unit::Exchange));
    }
    let users: Vec<usize> = (0..units.len()).filter(|at| is_user(&units[*at])).collect();
    let mut total = total(&units);
    for at in users.iter().skip(1).take(users.len().saturating_sub(2)) {
        if total <= target * 2 {
            break;
        }
        if let Unit::User { text, .. } = &units[*at] {
            let short = Unit::User { text: line(text), context: None };
            total = (total + cost(&short)).saturating_sub(cost(&units[*at]));
            units[*at] = short;
        }
    }
    units
}

fn with_cut_results(exchange: &Exchange, target: usize) -> Option<Exchange> {
    let count = exchange.answered().count().max(1);
    let most = (target * 2 / count).max(LINE);
    let cut = |answered: &Answered| {
        let end = answered.text.char_indices().nth(most).map(|(end, _)| end);
        let text = match end {
            Some(end) => format!(
                "{}\n[truncated to save room; ask again for the rest]",
                &answered.text[..end]
            ),
            None => answered.text.clone(),
        };
        Answered { text, ..answered.clone() }
    };
    let results = exchange.answered().map(|(_, answered)| cut(answered)).collect();
    let blocks: Vec<Block> = exchange.blocks().to_vec();
    Exchange::new(blocks, results)
}

#[cfg(test)]
mod tests {
    use super::shortened;
    use crate::llm::{Answered, Block, Call, Exchange, Unit};

    fn cost(unit: &Unit) -> usize {
        format!("{unit:?}").len() / 4
    }

    fn step(at: usize) -> Unit {
        let call = Call {
            id: format!("c{at}"),
            item: None,
            name: "read_files".to_owned(),
            arguments: format!("{{\"paths\":[\"{at}.rs\"]}}"),
            is_cut: false,
        };
        let text = format!("[{at}.rs]\n{}", "row of code\n".repeat(80));
        let answered = Answered { text, is_error: false };
        Unit::Exchange(Exchange::new(vec![Block::Call(call)], vec![answered]).unwrap())
    }

    fn user(text: &str) -> Unit {
        Unit::User { text: text.to_owned(), context: Some("code ".repeat(500)) }
    }

    #[test]
    fn words_of_the_user_and_the_latest_steps_stay() {
        let mut units = vec![user("never touch LEGACY.md")];
        units.extend((0..12).map(step));
        let short = shortened(&units, 1500, &cost);
        assert!(
            short.iter().map(cost).sum::<usize>() <= 1800,
            "{}",
            short.iter().map(cost).sum::<usize>()
        );
        assert_eq!(
            short[0],
            Unit::User { text: "never touch LEGACY.md".to_owned(), context: None }
        );
        let Unit::Note { text } = &short[1] else { panic!("{:?}", short[1]) };
        assert!(text.contains("- read_files {\"paths\":[\"7.rs\"]} gave: [7.rs]"), "{text}");
        assert_eq!(short.last(), Some(&step(11)));
        // Again and again, the digest stays small and is one.
        let again = shortened(&[&short[..], &[step(12), step(13)]].concat(), 1500, &cost);
        assert_eq!(again.iter().filter(|unit| matches!(unit, Unit::Note { .. })).count(), 1);
        assert_eq!(again[0], short[0]);
    }

    #[test]
    fn a_step_that_is_too_long_alone_is_cut() {
        let call = Call {
            id: "c".to_owned(),
            item: None,
            name: "x".to_owned(),
            arguments: "{}".to_owned(),
            is_cut: false,
        };
        let answered = Answered { text: "word ".repeat(20_000), is_error: false };
        let long = Unit::Exchange(Exchange::new(vec![Block::Call(call)], vec![answered]).unwrap());
        let short = shortened(&[user("a"), long], 1000, &cost);
        assert!(short.iter().map(cost).sum::<usize>() < 2000);
        assert!(matches!(short.last(), Some(Unit::Exchange(_))));
    }
}
