//! What needs no model. Only a line that is a command is one: `/stats`, never "can you show me the
//! stats?". Two plain requests are answered from the graph if they name exactly one thing.

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routed<'a> {
    /// A command: its name without the slash, and the rest of the line.
    Command(&'a str, &'a str),
    /// What a change of this symbol can touch.
    Impact(&'a str),
    /// Another name for a symbol.
    Rename {
        /// The symbol.
        name: &'a str,
        /// Its new name.
        new_name: &'a str,
    },
    /// Everything else is for the model.
    Model,
}

/// Says what a line asks for.
pub fn route(line: &str) -> Routed<'_> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix('/') {
        let (name, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let is_name = !name.is_empty()
            && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
        return if is_name { Routed::Command(name, rest.trim()) } else { Routed::Model };
    }
    if let Some(name) = IMPACTS.iter().find_map(|start| name_after(line, start)) {
        return Routed::Impact(name);
    }
    match renamed(line) {
        Some((name, new_name)) => Routed::Rename { name, new_name },
        None => Routed::Model,
    }
}

/// `rename A to B` and nothing else.
fn renamed(line: &str) -> Option<(&str, &str)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [rename, name, to, new_name] = words[..] else { return None };
    let is_asked = rename.eq_ignore_ascii_case("rename") && to.eq_ignore_ascii_case("to");
    is_asked.then_some((plain(name)?, plain(new_name)?))
}

/// What stands before the name of a symbol whose impact is asked for.
const IMPACTS: &[&str] = &["what breaks if i change", "what breaks if we change", "impact of"];

/// The one word that follows `start`, if nothing else does.
fn name_after<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    let head = line.get(..start.len())?;
    if !head.eq_ignore_ascii_case(start) {
        return None;
    }
    plain(line[start.len()..].strip_prefix(' ')?.trim())
}

/// A name without quotes and the end of a sentence around it.
fn plain(text: &str) -> Option<&str> {
    let name = text.trim_end_matches(['?', '.', '!']).trim_matches('`').trim_end_matches("()");
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
        for line in
            ["can you /help with this?", "/etc/passwd is what?", "/", "help", "clear the history"]
        {
            assert_eq!(route(line), Routed::Model, "{line}");
        }
    }

    #[test]
    fn plain_requests_name_one_thing() {
        assert_eq!(
            route("What breaks if I change `Store::open()`?"),
            Routed::Impact("Store::open")
        );
        assert_eq!(route("impact of parse_line"), Routed::Impact("parse_line"));
        let rename = Routed::Rename { name: "a.b", new_name: "c" };
        assert_eq!(route("Rename `a.b` to `c`."), rename);
        for line in
            ["rename a to b and run the tests", "rename the parser to reader please", "rename a b"]
        {
            assert_eq!(route(line), Routed::Model, "{line}");
        }
        for line in
            ["what breaks if i change the parser and its tests?", "impact of", "the impact of x"]
        {
            assert_eq!(route(line), Routed::Model, "{line}");
        }
    }
}
