//! What is to become of parameters, as it is typed.

use super::obstacle::SignatureObstacle;

/// Changes of a signature, made in this order: removing, reordering, adding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignatureChange {
    /// Names of parameters that go.
    pub removed: Vec<String>,
    /// The order of those that can be given by position, if it changes.
    pub order: Option<Vec<String>>,
    /// Parameters that come.
    pub added: Vec<Added>,
}

/// A parameter that comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// Its name.
    pub name: String,
    /// As it is written in the signature.
    pub declaration: String,
    /// Its default, if it has one.
    pub default: Option<String>,
    /// What calls pass for it.
    pub value: Option<String>,
    /// Its place among those of its kind, 1-based, without the receiver; at the end without one.
    pub at: Option<usize>,
}

impl Added {
    /// Reads `name`, `name: type`, `name = default` or `name: type = default`.
    pub fn parse(
        text: &str,
        value: Option<String>,
        at: Option<usize>,
    ) -> Result<Self, SignatureObstacle> {
        let text = text.trim();
        let (head, default) = match split_default(text) {
            Some((head, default)) => (head.trim(), Some(default.trim().to_owned())),
            None => (text, None),
        };
        let name = head.split(':').next().unwrap_or_default().trim();
        let name = name.strip_prefix("mut ").unwrap_or(name).trim();
        let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        let is_empty = default.as_ref().is_some_and(String::is_empty) || head.ends_with(':');
        if !is_name || is_empty {
            return Err(SignatureObstacle::Declaration(text.to_owned()));
        }
        let declaration = text.to_owned();
        Ok(Self { name: name.to_owned(), declaration, default, value, at })
    }

    /// As it is written in a language: Rust has no defaults, calls pass what would be one.
    pub(super) fn written(&self, language: &str) -> String {
        match (language, split_default(&self.declaration)) {
            ("rust", Some((head, _))) => head.trim().to_owned(),
            _ => self.declaration.clone(),
        }
    }
}

/// Splits at the `=` of a default, which is none of `==`, `<=`, `=>` and the like.
fn split_default(text: &str) -> Option<(&str, &str)> {
    let is_alone = |at: &usize| {
        let (before, after) = (&text[..*at], &text[at + 1..]);
        !before.ends_with(['=', '<', '>', '!', ':']) && !after.starts_with(['=', '>'])
    };
    let mut depth = 0_i32;
    let mut outer = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if text[..at].ends_with(['-', '=']) => {}
            ')' | ']' | '}' | '>' => depth -= 1,
            '=' if depth == 0 => outer.push(at),
            _ => {}
        }
    }
    let at = outer.into_iter().find(is_alone)?;
    Some((&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::Added;

    #[track_caller]
    fn check(text: &str, name: &str, default: Option<&str>, rust: &str) {
        let added = Added::parse(text, None, None).unwrap();
        assert_eq!((added.name.as_str(), added.default.as_deref()), (name, default));
        assert_eq!(
            (added.written("python").as_str(), added.written("rust").as_str()),
            (text, rust)
        );
    }

    #[test]
    fn a_declaration_is_read_in_all_its_forms() {
        check("a", "a", None, "a");
        check("a: int", "a", None, "a: int");
        check("a=1", "a", Some("1"), "a");
        check("a: dict[str, int] = {'b': 1}", "a", Some("{'b': 1}"), "a: dict[str, int]");
        check("mut a: Option<u8> = None", "a", Some("None"), "mut a: Option<u8>");
        check("f: impl Fn(u8) -> u8 = |b| b + 1", "f", Some("|b| b + 1"), "f: impl Fn(u8) -> u8");
        check("a = b == c", "a", Some("b == c"), "a");
    }

    #[test]
    fn what_declares_nothing_is_refused() {
        for text in ["", "1a", "a b", "a =", "a:", "*args", "self.a"] {
            assert!(Added::parse(text, None, None).is_err(), "{text}");
        }
    }
}
