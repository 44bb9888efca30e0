//! How far an expression reaches. Precedence does not matter for that, so operands and operators
//! are read in one loop.

use super::Specifier;
use super::syntax::{Parser, PathStyle, is_reserved};
use super::tokens::Kind;

/// What the words before an operand amount to.
enum Prefix {
    /// An operand must follow.
    Open,
    /// They are an expression themselves: `return`, `..`.
    Whole,
    /// They are malformed.
    Bad,
}

impl Parser<'_> {
    /// An expression. In the head of `if` or `match`, `structs` is false: there `{` is the body.
    pub(super) fn expression(&mut self, structs: bool) -> bool {
        self.deeper(|parser| parser.operands(structs))
    }

    fn operands(&mut self, structs: bool) -> bool {
        loop {
            match self.prefix(structs) {
                Prefix::Bad => return false,
                Prefix::Whole => return true,
                Prefix::Open => {}
            }
            if !self.operand(structs) || !self.suffixes() {
                return false;
            }
            match self.operator() {
                None => return true,
                Some("..") if !self.begins(structs) => return true,
                Some(_) => {}
            }
        }
    }

    /// An expression as a statement: one with a body ends with it.
    pub(super) fn expression_statement(&mut self) -> bool {
        let has_body = matches!(
            self.text(),
            "if" | "match" | "while" | "for" | "loop" | "unsafe" | "{" | "const"
        ) || self.kind() == Some(Kind::Lifetime);
        if !has_body {
            return self.expression(true);
        }
        let start = self.at;
        if !self.operand(true) {
            return false;
        }
        if matches!(self.text(), "." | "?") {
            self.at = start;
            return self.expression(true);
        }
        true
    }

    fn prefix(&mut self, structs: bool) -> Prefix {
        loop {
            match self.text() {
                "#" if self.is_next("[") => self.attributes(),
                "-" | "!" | "*" => _ = self.skip(),
                "&" | "&&" => {
                    self.skip();
                    if self.is("raw") && (self.is_next("const") || self.is_next("mut")) {
                        self.skip();
                        self.skip();
                    }
                    self.eat("mut");
                }
                ".." | "..=" | "return" | "break" | "yield" | "become" => {
                    self.skip();
                    self.eat_kind(Kind::Lifetime);
                    if !self.begins(structs) {
                        return Prefix::Whole;
                    }
                }
                "let" => {
                    self.skip();
                    if !self.pattern() || !self.eat("=") {
                        return Prefix::Bad;
                    }
                }
                "|" | "||" => match self.closure() {
                    Prefix::Open => {}
                    done => return done,
                },
                "move" | "static" => _ = self.skip(),
                "async" if !self.is_next("{") && !self.is_next("move") => _ = self.skip(),
                "async" if self.is_next("move") && self.is_closure_after(2) => _ = self.skip(),
                "for" if self.is_next("<") => {
                    self.skip();
                    if !self.angles() {
                        return Prefix::Bad;
                    }
                }
                _ => return Prefix::Open,
            }
        }
    }

    fn is_closure_after(&self, tokens: usize) -> bool {
        let at = self.at + tokens;
        at < self.end && matches!(self.view.text(at), "|" | "||")
    }

    /// `|a, b: T| -> U`. Its body is read by the caller, unless it must be a block.
    fn closure(&mut self) -> Prefix {
        if !self.eat("||") {
            self.skip();
            while !self.is("|") {
                self.attributes();
                let is_typed =
                    |parser: &mut Self| !parser.eat(":") || parser.deeper(Self::type_alone);
                if !self.pattern_part() || !is_typed(self) || !self.eat(",") && !self.is("|") {
                    return Prefix::Bad;
                }
            }
            self.skip();
        }
        if !self.eat("->") {
            return Prefix::Open;
        }
        let is_whole = self.deeper(Self::type_alone) && self.is("{") && self.skip();
        if is_whole { Prefix::Whole } else { Prefix::Bad }
    }

    /// Whether an expression may start here.
    fn begins(&self, structs: bool) -> bool {
        let text = self.text();
        match self.kind() {
            None | Some(Kind::Close | Kind::CloseFragment) => false,
            Some(Kind::Ident) => !matches!(text, "as" | "else" | "in" | "where" | "mut" | "ref"),
            Some(Kind::Lifetime | Kind::Number | Kind::Text | Kind::OpenFragment(_)) => true,
            Some(Kind::Open) => structs || text != "{",
            Some(Kind::Punct) => matches!(
                text,
                "-" | "!"
                    | "*"
                    | "&"
                    | "&&"
                    | "|"
                    | "||"
                    | "<"
                    | "<<"
                    | "::"
                    | ".."
                    | "..="
                    | "#"
                    | "$"
            ),
        }
    }

    fn operand(&mut self, structs: bool) -> bool {
        match self.kind() {
            None | Some(Kind::Close | Kind::CloseFragment) => return false,
            Some(Kind::Number | Kind::Text | Kind::Open) => return self.skip(),
            Some(Kind::OpenFragment(Specifier::Path | Specifier::Type)) => {
                return self.name(structs);
            }
            Some(Kind::OpenFragment(_)) => return self.skip(),
            Some(Kind::Lifetime) => return self.skip() && self.eat(":") && self.operand(structs),
            Some(Kind::Ident | Kind::Punct) => {}
        }
        match self.text() {
            "if" => self.conditional(),
            "match" | "while" => {
                self.skip() && self.expression(false) && self.is("{") && self.skip()
            }
            "for" => {
                let is_head = self.skip() && self.pattern() && self.eat("in");
                is_head && self.expression(false) && self.is("{") && self.skip()
            }
            "loop" | "unsafe" | "const" | "try" if self.is_next("{") => self.skip() && self.skip(),
            "async" => {
                self.skip();
                self.eat("move");
                self.is("{") && self.skip()
            }
            "continue" => {
                self.skip();
                self.eat_kind(Kind::Lifetime);
                true
            }
            "true" | "false" | "_" => self.skip(),
            _ => self.name(structs),
        }
    }

    fn conditional(&mut self) -> bool {
        loop {
            if !self.eat("if") || !self.expression(false) || !self.is("{") {
                return false;
            }
            self.skip();
            if !self.eat("else") {
                return true;
            }
            if self.is("{") {
                return self.skip();
            }
        }
    }

    /// A path, the call of a macro, or a struct.
    fn name(&mut self, structs: bool) -> bool {
        if !self.path(PathStyle::Expression) {
            return false;
        }
        if self.is("!") && ["(", "[", "{"].iter().any(|open| self.is_next(open)) {
            return self.skip() && self.skip();
        }
        if structs && self.is("{") {
            return self.skip();
        }
        true
    }

    fn suffixes(&mut self) -> bool {
        loop {
            match self.text() {
                "?" | "(" | "[" => _ = self.skip(),
                "." => {
                    self.skip();
                    let is_member = match self.kind() {
                        Some(Kind::Ident) => self.is("await") || !is_reserved(self.text()),
                        Some(Kind::Number | Kind::OpenFragment(_)) => true,
                        _ => false,
                    };
                    if !is_member {
                        return false;
                    }
                    self.skip();
                    if self.eat("::") && !self.angles() {
                        return false;
                    }
                }
                "as" => {
                    self.skip();
                    if !self.deeper(Self::type_alone) {
                        return false;
                    }
                }
                _ => return true,
            }
        }
    }

    /// Reads a binary operator; ranges all come back as `..`.
    fn operator(&mut self) -> Option<&'static str> {
        if self.is(">") {
            self.at = self.view.after_glued(self.at).min(self.end);
            return Some(">");
        }
        let found = OPERATORS.iter().find(|operator| self.is(operator))?;
        self.skip();
        Some(if found.starts_with("..") { ".." } else { found })
    }
}

const OPERATORS: [&str; 28] = [
    "+", "-", "*", "/", "%", "^", "&", "|", "&&", "||", "<<", "==", "!=", "<", "<=", "..", "..=",
    "...", "=", "+=", "-=", "*=", "/=", "%=", "^=", "&=", "|=", "<<=",
];
