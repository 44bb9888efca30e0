//! The pattern as `grep-regex` reads it, which does not give away what it has parsed.
//!
//! Where reading it exactly like the matcher would take a copy of its code, the reading here is
//! the wider one: smart case counts as insensitive whenever in doubt, and line feeds stay in
//! classes.

use std::convert::Infallible;

use regex_syntax::ast::{self, Ast, ClassSetItem};
use regex_syntax::hir::Hir;
use regex_syntax::hir::translate::TranslatorBuilder;

use super::{CaseMode, PatternOptions, PatternSyntax};

/// The nesting `grep-regex` allows.
const NEST_LIMIT: u32 = 250;

/// Parses a pattern that the matcher has accepted; nothing when it is not understood here.
pub(super) fn parse(pattern: &str, options: &PatternOptions) -> Option<Hir> {
    let pattern = match options.syntax {
        PatternSyntax::Regex => format!("(?:{pattern})"),
        PatternSyntax::Literal => format!("(?:{})", regex_syntax::escape(pattern)),
    };
    let mut parser = ast::parse::ParserBuilder::new().nest_limit(NEST_LIMIT).build();
    let ast = parser.parse(&pattern).ok()?;
    let insensitive = match options.case {
        CaseMode::Sensitive => false,
        CaseMode::Insensitive => true,
        CaseMode::Smart => !has_capital(&ast),
    };
    TranslatorBuilder::new()
        .utf8(false)
        .unicode(true)
        .multi_line(true)
        .case_insensitive(insensitive)
        .build()
        .translate(&pattern, &ast)
        .ok()
}

/// Whether a capital letter is written out, rather than being part of a name such as `\S`.
fn has_capital(ast: &Ast) -> bool {
    match ast::visit(ast, Capitals { seen: false }) {
        Ok(seen) => seen,
    }
}

struct Capitals {
    seen: bool,
}

impl Capitals {
    fn literal(&mut self, literal: &ast::Literal) {
        self.seen |= literal.c.is_uppercase();
    }
}

impl ast::Visitor for Capitals {
    type Output = bool;
    type Err = Infallible;

    fn finish(self) -> Result<bool, Infallible> {
        Ok(self.seen)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Infallible> {
        if let Ast::Literal(literal) = ast {
            self.literal(literal);
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Infallible> {
        match item {
            ClassSetItem::Literal(literal) => self.literal(literal),
            ClassSetItem::Range(range) => {
                self.literal(&range.start);
                self.literal(&range.end);
            }
            ClassSetItem::Empty(_)
            | ClassSetItem::Ascii(_)
            | ClassSetItem::Unicode(_)
            | ClassSetItem::Perl(_)
            | ClassSetItem::Bracketed(_)
            | ClassSetItem::Union(_) => {}
        }
        Ok(())
    }
}
