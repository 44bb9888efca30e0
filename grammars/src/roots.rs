//! The root kinds of a query's patterns, read from its text.
//!
//! tree-sitter does not tell them, and running a query only at nodes of these kinds is what
//! keeps extraction cheap: a pass of the whole query over the whole tree costs as much as the
//! parse.

/// A kind that is the root of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RootKind<'text> {
    pub(crate) kind: &'text str,
    pub(crate) is_named: bool,
}

/// The roots of all patterns of `query`; `None` if one has no single root or a wildcard.
pub(crate) fn root_kinds(query: &str) -> Option<Vec<RootKind<'_>>> {
    let mut reader = Reader { rest: query };
    let mut roots = Vec::new();
    loop {
        reader.skip_blank();
        if reader.rest.is_empty() {
            break;
        }
        reader.pattern(&mut roots)?;
    }
    roots.sort();
    roots.dedup();
    Some(roots)
}

struct Reader<'text> {
    rest: &'text str,
}

impl<'text> Reader<'text> {
    fn skip_blank(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix(';') {
                Some(comment) => self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest),
                None => return,
            }
        }
    }

    /// Reads one pattern with its captures, and adds its roots. Alternatives nest only as deep
    /// as our own query files write them.
    fn pattern(&mut self, roots: &mut Vec<RootKind<'text>>) -> Option<()> {
        self.skip_blank();
        if let Some(rest) = self.rest.strip_prefix('[') {
            self.rest = rest;
            self.alternatives(roots)?;
        } else if self.rest.starts_with('"') {
            let kind = self.string()?;
            roots.push(RootKind { kind, is_named: false });
        } else {
            self.rest = self.rest.strip_prefix('(')?;
            self.skip_blank();
            if self.rest.starts_with(['(', '[', '"']) {
                self.pattern(roots)?;
                self.close_group()?;
            } else {
                let kind = self.word();
                let kind = kind.rsplit('/').next().unwrap_or(kind);
                if kind.is_empty() || kind == "_" {
                    return None;
                }
                roots.push(RootKind { kind, is_named: true });
                self.skip_to_close()?;
            }
        }
        self.skip_suffix();
        Some(())
    }

    fn alternatives(&mut self, roots: &mut Vec<RootKind<'text>>) -> Option<()> {
        loop {
            self.skip_blank();
            if let Some(rest) = self.rest.strip_prefix(']') {
                self.rest = rest;
                return Some(());
            }
            self.pattern(roots)?;
        }
    }

    /// Reads what a group holds after its pattern: predicates, and nothing else.
    fn close_group(&mut self) -> Option<()> {
        loop {
            self.skip_blank();
            if let Some(rest) = self.rest.strip_prefix(')') {
                self.rest = rest;
                return Some(());
            }
            self.rest = self.rest.strip_prefix('(')?;
            self.skip_blank();
            if !self.rest.starts_with('#') {
                return None;
            }
            self.skip_to_close()?;
        }
    }

    /// Skips to behind the parenthesis that closes what is open.
    fn skip_to_close(&mut self) -> Option<()> {
        let mut depth = 1;
        while depth > 0 {
            self.skip_blank();
            match self.rest.chars().next()? {
                '"' => {
                    self.string()?;
                    continue;
                }
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                _ => {}
            }
            let width = self.rest.chars().next()?.len_utf8();
            self.rest = &self.rest[width..];
        }
        Some(())
    }

    fn skip_suffix(&mut self) {
        loop {
            self.skip_blank();
            if let Some(rest) = self.rest.strip_prefix(['*', '+', '?', '.']) {
                self.rest = rest;
            } else if let Some(rest) = self.rest.strip_prefix('@') {
                self.rest = rest;
                self.word();
            } else {
                return;
            }
        }
    }

    fn word(&mut self) -> &'text str {
        let is_word = |character: char| character.is_alphanumeric() || "_-./".contains(character);
        let end = self.rest.find(|character| !is_word(character)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn string(&mut self) -> Option<&'text str> {
        let text = self.rest.strip_prefix('"')?;
        let mut is_escaped = false;
        for (index, character) in text.char_indices() {
            match character {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '"' => {
                    self.rest = &text[index + 1..];
                    return Some(&text[..index]);
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::root_kinds;

    fn kinds(query: &str) -> Option<Vec<&str>> {
        Some(root_kinds(query)?.into_iter().map(|root| root.kind).collect())
    }

    #[test]
    fn groups_alternatives_and_predicates_give_their_roots() {
        let query = r#"
            ; comment (not_this)
            (a b: (c) @name) @definition.class
            ((d "(" @x) @definition.field (#match? @x "^\\(\"]"))
            [(e) (f name: (_)) "g"] @import
            (h/i (j)* . (k)?)
        "#;
        assert_eq!(kinds(query), Some(vec!["a", "d", "e", "f", "g", "i"]));
    }

    #[test]
    fn a_wildcard_or_a_sequence_has_no_root() {
        assert_eq!(kinds("(_ (a))"), None);
        assert_eq!(kinds("((a) . (b))"), None);
    }
}
