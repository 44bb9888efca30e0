//! What needs no model. Only a line that is a command is one: `/stats`, never "can you show me the
//! stats?". Two plain requests are answered from the graph if they name exactly one thing.

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routed<'a> {
    /// A command: its name without the slash, and the rest of the line.
    Command(&'a str, &'a str),
    /// What a change of this symbol can touch.
    Impact(&'a str),
    /// Everything else is for the model.
    Model,
}

/// Says what a line asks for.
pub fn route(line: &str) -> Routed<'_> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix('/') {
        let (name, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
        return if is_name { Routed::Command(name, rest.trim()) } else { Routed::Model };
    }
    match IMPACTS.iter().find_map(|start| name_after(line, start)) {
        Some(name) => Routed::Impact(name),
        None => Routed::Model,
    }
}

/// What stands before the name of a symbol whose impact is asked for.
const IMPACTS: &[&str] = &["what breaks if i change", "what breaks if we change", "impact of"];

/// The one word that follows `start`, if nothing else does.
fn name_after<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    let head = line.get(..start.len())?;
    if !head.eq_ignore_ascii_case(start) {
        return None;
    }
    let rest = line[start.len()..].strip_prefix(' ')?.trim();
    let name = rest.trim_end_matches(['?', '.', '!']).trim_matches('`').trim_end_matches("()");
    let is_letter = |letter: char| letter.is_alphanumeric() || "_.:/#-".contains(letter);
    (!name.is_empty() && name.chars().all(is_letter)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{Routed, route};

    #[test]
    fn only_a_line_that_is_a_command_is_one() {
        assert_eq!(route("/stats"), Routed::Command("stats", ""));
        assert_eq!(route(" /model gpt-6-sol "), Routed::Command("model", "gpt-6-sol"));
        for line in ["can you /help with this?", "/etc/passwd is what?", "/", "help", "clear the history"] {
            assert_eq!(route(line), Routed::Model, "{line}");
        }
    }

    #[test]
    fn plain_requests_name_one_thing() {
        assert_eq!(route("What breaks if I change `Store::open()`?"), Routed::Impact("Store::open"));
        assert_eq!(route("impact of parse_line"), Routed::Impact("parse_line"));
        for line in ["what breaks if i change the parser and its tests?", "impact of", "the impact of x"] {
            assert_eq!(route(line), Routed::Model, "{line}");
        }
    }
}
