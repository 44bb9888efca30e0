//! How far a fragment reaches: where a type, a pattern, a path, an item or a statement ends.
//!
//! A recogniser of the grammar without a tree. What is inside brackets is taken as it is. It
//! accepts more than Rust does, which does no harm: what is expanded has been compiled once.

use super::Specifier;
use super::tokens::{Kind, View};

/// How deep fragments may lie in each other without brackets. Real code stays below 20.
const MAX_DEPTH: u32 = 100;

/// What became of a fragment: the position after it, or how far it was read before it failed.
pub(super) fn fragment(
    view: View<'_>,
    (at, end): (usize, usize),
    specifier: Specifier,
) -> Result<usize, usize> {
    let mut parser = Parser { view, at, end, depth: 0 };
    if parser.fragment(specifier) { Ok(parser.at) } else { Err(parser.at) }
}

/// A place among tokens.
pub(super) struct Parser<'a> {
    pub(super) view: View<'a>,
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) depth: u32,
}

/// What may follow the names of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PathStyle {
    /// Nothing: attributes, macros.
    Module,
    /// `::<T>`.
    Expression,
    /// `<T>` or `(A) -> B`.
    Type,
}

impl<'a> Parser<'a> {
    pub(super) fn fragment(&mut self, specifier: Specifier) -> bool {
        if self.is_whole(specifier) {
            return self.skip();
        }
        match specifier {
            Specifier::Ident => self.kind() == Some(Kind::Ident) && !self.is("_") && self.skip(),
            Specifier::Lifetime => self.kind() == Some(Kind::Lifetime) && self.skip(),
            Specifier::Tree => self.tree(),
            Specifier::Literal => self.literal(),
            Specifier::Type => self.type_with_bounds(),
            Specifier::Expression => !self.is("let") && self.expression(true),
            Specifier::Pattern => self.pattern(),
            Specifier::PatternPart => self.pattern_part(),
            Specifier::Path => self.path(PathStyle::Type),
            Specifier::Statement => self.statement(),
            Specifier::Block => self.is("{") && self.skip(),
            Specifier::Item => self.item(),
            Specifier::Meta => self.meta(),
            Specifier::Visibility => self.visibility(),
        }
    }

    /// Whether a fragment of the same kind, matched before, stands here.
    fn is_whole(&self, specifier: Specifier) -> bool {
        let Some(Kind::OpenFragment(found)) = self.kind() else { return false };
        // An expression, a type and a pattern may go on after their first part.
        found == specifier
            && !matches!(
                specifier,
                Specifier::Expression | Specifier::Type | Specifier::Pattern | Specifier::Path
            )
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        (self.at < self.end).then(|| self.view.tokens[self.at].kind)
    }

    /// The text of the token here; empty at the end.
    pub(super) fn text(&self) -> &'a str {
        if self.at < self.end { self.view.text(self.at) } else { "" }
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.text() == text
    }

    /// Whether the token after the tree here reads `text`.
    pub(super) fn is_next(&self, text: &str) -> bool {
        if self.at >= self.end {
            return false;
        }
        let next = self.view.after(self.at);
        next < self.end && self.view.text(next) == text
    }

    pub(super) fn is_fragment(&self) -> bool {
        matches!(self.kind(), Some(Kind::OpenFragment(_)))
    }

    /// Goes past the tree here.
    pub(super) fn skip(&mut self) -> bool {
        if self.at >= self.end {
            return false;
        }
        self.at = self.view.after(self.at);
        true
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        self.is(text) && self.skip()
    }

    pub(super) fn eat_kind(&mut self, kind: Kind) -> bool {
        self.kind() == Some(kind) && self.skip()
    }

    /// Runs `inside` one level deeper, unless that is too deep.
    pub(super) fn deeper(&mut self, inside: impl FnOnce(&mut Self) -> bool) -> bool {
        if self.depth >= MAX_DEPTH {
            return false;
        }
        self.depth += 1;
        let is_read = inside(self);
        self.depth -= 1;
        is_read
    }

    fn tree(&mut self) -> bool {
        if self.is(">") {
            self.at = self.view.after_glued(self.at).min(self.end);
            return true;
        }
        self.skip()
    }

    fn literal(&mut self) -> bool {
        let start = self.at;
        self.eat("-");
        let is_literal = matches!(self.kind(), Some(Kind::Number | Kind::Text))
            || matches!(self.text(), "true" | "false")
            || self.is_fragment() && self.holds_one_token();
        if !is_literal {
            self.at = start;
        }
        is_literal && self.skip()
    }

    /// Whether the fragment here is a literal and nothing else.
    fn holds_one_token(&self) -> bool {
        let inside = self.at + 1;
        let is_last = self.view.after(self.at) == inside + 2;
        is_last && matches!(self.view.tokens[inside].kind, Kind::Number | Kind::Text)
    }

    pub(super) fn visibility(&mut self) -> bool {
        if matches!(self.kind(), Some(Kind::OpenFragment(Specifier::Visibility))) {
            return self.skip();
        }
        if !self.eat("pub") {
            return true;
        }
        if self.is("(") {
            let inside = self.view.text(self.at + 1);
            if matches!(inside, "crate" | "self" | "super" | "in") {
                self.skip();
            }
        }
        true
    }

    fn meta(&mut self) -> bool {
        let is_path = self.eat("unsafe") || self.path(PathStyle::Module);
        if !is_path {
            return false;
        }
        if matches!(self.text(), "(" | "[" | "{") {
            return self.skip();
        }
        !self.eat("=") || self.expression(true)
    }

    /// `a::b::<C>::d`, in one of the styles.
    pub(super) fn path(&mut self, style: PathStyle) -> bool {
        if self.is_fragment() {
            self.skip();
            return !self.is("::") || self.segments(style);
        }
        if matches!(self.text(), "<" | "<<") && style != PathStyle::Module {
            return self.angles() && self.is("::") && self.segments(style);
        }
        if self.is("::") {
            return self.segments(style);
        }
        self.segment(style) && (!self.is("::") || self.segments(style))
    }

    /// `::b::<C>::d`.
    fn segments(&mut self, style: PathStyle) -> bool {
        while self.eat("::") {
            let is_generic = matches!(self.text(), "<" | "<<");
            let is_read = if is_generic { self.angles() } else { self.segment(style) };
            if !is_read {
                return false;
            }
        }
        true
    }

    fn segment(&mut self, style: PathStyle) -> bool {
        // `$crate` in the arguments of a macro that a macro defines.
        self.eat("$");
        if self.kind() != Some(Kind::Ident) || is_reserved(self.text()) {
            return false;
        }
        self.skip();
        if style != PathStyle::Type {
            return true;
        }
        if matches!(self.text(), "<" | "<<") {
            return self.angles();
        }
        if self.is("(") {
            self.skip();
            return !self.eat("->") || self.deeper(Self::type_alone);
        }
        true
    }

    /// `<...>`, by counting: no operator but these stands between them outside of brackets.
    pub(super) fn angles(&mut self) -> bool {
        let mut depth = 0_u32;
        if !matches!(self.text(), "<" | "<<") {
            return false;
        }
        loop {
            match self.text() {
                "<" => depth += 1,
                "<<" => depth += 2,
                ">" => depth -= 1,
                ";" | "=>" | "&&" | "||" => return false,
                _ => {}
            }
            if !self.skip() {
                return false;
            }
            if depth == 0 {
                return true;
            }
        }
    }

    pub(super) fn type_with_bounds(&mut self) -> bool {
        self.deeper(|parser| {
            parser.type_alone()
                && (!parser.is("+") || {
                    parser.at += 1;
                    parser.bounds()
                })
        })
    }

    /// A type that ends before `+`.
    pub(super) fn type_alone(&mut self) -> bool {
        loop {
            match self.text() {
                "&" | "&&" => {
                    self.skip();
                    self.eat_kind(Kind::Lifetime);
                    self.eat("mut");
                }
                "*" => {
                    self.skip();
                    if !self.eat("const") && !self.eat("mut") {
                        return false;
                    }
                }
                "for" => {
                    self.skip();
                    if !self.angles() {
                        return false;
                    }
                }
                "?" | "unsafe" => _ = self.skip(),
                "dyn" | "impl" => {
                    self.skip();
                    if self.eat_kind(Kind::Lifetime) {
                        return true;
                    }
                }
                "extern" => {
                    self.skip();
                    self.eat_kind(Kind::Text);
                }
                "fn" => {
                    self.skip();
                    if !self.is("(") {
                        return false;
                    }
                    self.skip();
                    if !self.eat("->") {
                        return true;
                    }
                }
                _ => break,
            }
        }
        if matches!(self.text(), "(" | "[" | "!" | "_") {
            return self.skip();
        }
        self.path(PathStyle::Type) && self.macro_arguments()
    }

    /// After the name of a macro, its arguments; nothing after another path.
    fn macro_arguments(&mut self) -> bool {
        let is_call = self.is("!") && ["(", "[", "{"].iter().any(|open| self.is_next(open));
        !is_call || self.skip() && self.skip()
    }

    fn bounds(&mut self) -> bool {
        loop {
            self.eat("?");
            if !self.eat_kind(Kind::Lifetime) && !self.type_alone() {
                return false;
            }
            if !self.eat("+") {
                return true;
            }
        }
    }

    /// `a | b`.
    pub(super) fn pattern(&mut self) -> bool {
        self.eat("|");
        loop {
            if !self.pattern_part() {
                return false;
            }
            if !self.eat("|") {
                return true;
            }
        }
    }

    /// A pattern without `|`.
    pub(super) fn pattern_part(&mut self) -> bool {
        while matches!(self.text(), "&" | "&&" | "mut" | "ref" | "box") {
            self.skip();
        }
        match self.text() {
            "_" | "(" | "[" => return self.skip(),
            ".." | "..=" => {
                self.skip();
                return self.range_bound() || self.view.text(self.at - 1) == "..";
            }
            _ => {}
        }
        if !self.range_bound() {
            return false;
        }
        if self.eat("@") {
            return self.deeper(Self::pattern_part);
        }
        if matches!(self.text(), "(" | "{") {
            return self.skip();
        }
        if matches!(self.text(), ".." | "..=" | "...") {
            self.skip();
            let start = self.at;
            if !self.range_bound() {
                self.at = start;
            }
            return true;
        }
        self.macro_arguments()
    }

    /// A literal, path or constant: what may bound a range.
    fn range_bound(&mut self) -> bool {
        if self.is("const") {
            return self.skip() && self.is("{") && self.skip();
        }
        self.literal() || self.path(PathStyle::Expression)
    }

    pub(super) fn statement(&mut self) -> bool {
        let start = self.at;
        self.attributes();
        if self.eat("let") {
            let is_bound = self.pattern() && (!self.eat(":") || self.type_with_bounds());
            let is_set = is_bound && (!self.eat("=") || self.expression(true));
            return is_set && (!self.eat("else") || self.is("{") && self.skip());
        }
        self.at = start;
        let is_item = self.keyword_item() || self.is("macro_rules") && self.macro_item();
        if is_item {
            return true;
        }
        self.at = start;
        self.attributes();
        self.expression_statement()
    }

    pub(super) fn attributes(&mut self) {
        while self.is("#") && (self.is_next("[") || self.is_next("!")) {
            self.skip();
            self.eat("!");
            if self.is("[") {
                self.skip();
            }
        }
    }

    /// An item, by its keyword and the bracket or semicolon that ends it.
    fn item(&mut self) -> bool {
        self.keyword_item() || self.macro_item()
    }

    fn keyword_item(&mut self) -> bool {
        if matches!(self.kind(), Some(Kind::OpenFragment(Specifier::Item))) {
            return self.skip();
        }
        self.attributes();
        self.visibility();
        self.modifiers();
        match self.text() {
            "fn" | "impl" | "trait" | "mod" => self.until(&["{", ";"]),
            // These may be names, too.
            "enum" | "union" | "auto" if self.at + 1 < self.end => {
                let is_item = self.view.tokens[self.at + 1].kind == Kind::Ident;
                is_item && self.until(&["{", ";"])
            }
            "extern" => self.until(&["{", ";"]),
            "struct" => self.until(&["{", ";"]),
            "const" if self.is_next("{") => false,
            "const" | "static" | "type" | "use" => self.until(&[";"]),
            _ => false,
        }
    }

    /// What may stand before `fn`, `impl` or `trait`.
    fn modifiers(&mut self) {
        loop {
            let is_modifier = match self.text() {
                "async" | "unsafe" | "default" | "safe" | "const" => [
                    "fn", "unsafe", "async", "extern", "impl", "trait", "const", "type", "static",
                    "auto", "mod",
                ]
                .iter()
                .any(|word| self.is_next(word)),
                "extern" => self.is_next("fn") || self.view.text(self.at + 2) == "fn",
                _ => false,
            };
            if !is_modifier {
                return;
            }
            self.skip();
            if matches!(self.kind(), Some(Kind::Text)) {
                self.skip();
            }
        }
    }

    /// Goes past the first of `ends` outside of brackets.
    fn until(&mut self, ends: &[&str]) -> bool {
        while self.at < self.end {
            let is_end = ends.contains(&self.text());
            self.skip();
            if is_end {
                return true;
            }
        }
        false
    }

    /// `macro_rules! name {}` or `name! {}`, with the semicolon that round brackets need.
    fn macro_item(&mut self) -> bool {
        if !self.path(PathStyle::Module) || !self.eat("!") {
            return false;
        }
        self.eat_kind(Kind::Ident);
        let needs_semicolon = !self.is("{");
        if !matches!(self.text(), "(" | "[" | "{") {
            return false;
        }
        self.skip();
        !needs_semicolon || self.eat(";")
    }
}

/// Keywords that are no part of a path. `union`, `auto` and others are names in places.
pub(super) fn is_reserved(word: &str) -> bool {
    matches!(
        word,
        "_" | "as"
            | "async"
            | "await"
            | "break"
            | "const"
            | "continue"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "false"
            | "fn"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "pub"
            | "ref"
            | "return"
            | "static"
            | "struct"
            | "trait"
            | "true"
            | "type"
            | "unsafe"
            | "use"
            | "where"
            | "while"
    )
}
