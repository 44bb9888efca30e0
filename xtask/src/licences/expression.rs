//! Licence expressions as manifests write them: `MIT OR (Apache-2.0 AND BSD-3-Clause)`.
//!
//! `AND` binds more tightly than `OR`; `X WITH Y` is one term; the old `MIT/Apache-2.0` means
//! `OR`.

use anyhow::{Context, bail, ensure};

/// Whether the licences that `is_allowed` accepts are enough to use a package.
pub(crate) fn is_satisfied(text: &str, is_allowed: &dyn Fn(&str) -> bool) -> anyhow::Result<bool> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut parser = Parser { words: spaced.split_whitespace().collect(), next: 0, is_allowed };
    let satisfied = parser.any_of().with_context(|| format!("unreadable licence `{text}`"))?;
    ensure!(parser.peek().is_none(), "unreadable licence `{text}`");
    Ok(satisfied)
}

struct Parser<'a> {
    words: Vec<&'a str>,
    next: usize,
    is_allowed: &'a dyn Fn(&str) -> bool,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.next).copied()
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.next += usize::from(found);
        found
    }

    fn any_of(&mut self) -> anyhow::Result<bool> {
        let mut satisfied = self.all_of()?;
        while self.eat("OR") {
            satisfied |= self.all_of()?;
        }
        Ok(satisfied)
    }

    fn all_of(&mut self) -> anyhow::Result<bool> {
        let mut satisfied = self.term()?;
        while self.eat("AND") {
            satisfied &= self.term()?;
        }
        Ok(satisfied)
    }

    fn term(&mut self) -> anyhow::Result<bool> {
        if self.eat("(") {
            let satisfied = self.any_of()?;
            ensure!(self.eat(")"), "a bracket is not closed");
            return Ok(satisfied);
        }
        let licence = self.name()?;
        if self.eat("WITH") {
            let exception = self.name()?;
            return Ok((self.is_allowed)(&format!("{licence} WITH {exception}")));
        }
        Ok((self.is_allowed)(licence))
    }

    fn name(&mut self) -> anyhow::Result<&'a str> {
        let word = self.peek().context("a licence is missing")?;
        if matches!(word, "OR" | "AND" | "WITH" | "(" | ")") {
            bail!("`{word}` stands where a licence should");
        }
        self.next += 1;
        Ok(word)
    }
}

#[cfg(test)]
mod tests {
    use super::is_satisfied;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        let allowed = ["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"];
        let is_allowed = |term: &str| allowed.contains(&term);
        assert_eq!(is_satisfied(text, &is_allowed).unwrap(), expected, "{text}");
    }

    #[test]
    fn one_allowed_alternative_is_enough() {
        check("GPL-3.0 OR MIT", true);
        check("GPL-3.0/MIT", true);
        check("GPL-3.0 OR LGPL-2.1", false);
    }

    #[test]
    fn every_part_of_a_conjunction_is_needed_and_brackets_group() {
        check("MIT AND GPL-3.0", false);
        check("(MIT OR GPL-3.0) AND Unicode-3.0", true);
        check("MIT OR GPL-3.0 AND LGPL-2.1", true);
    }

    #[test]
    fn an_exception_is_part_of_the_licence() {
        check("Apache-2.0 WITH LLVM-exception", true);
        check("Apache-2.0", false);
    }

    #[test]
    fn broken_expressions_are_errors() {
        for text in ["", "MIT OR", "(MIT", "MIT MIT", "AND MIT"] {
            assert!(is_satisfied(text, &|_| true).is_err(), "{text}");
        }
    }
}
