//! Syntax tree → facts.
//!
//! A [`Lowerer`] reads one tree: the file's, or that of a macro's expansion, whose tokens it maps
//! back to where they were written.

mod calls;
mod exprs;
mod items;
mod kind;
mod patterns;
mod types;

use std::cell::RefCell;

use rustc_hash::FxHashMap;
use tree_sitter::{Node, Parser, Tree};

use super::items::{Bodies, Items};
use super::macros::{Budget, Expansion};
use super::name::Name;
use super::syntax::{Ident, ItemId, Place, ScopeId, Syntax, TextId};

/// Deepest nesting of expressions, types and patterns that is read; the rest is left out. Code by
/// hand stays below 60, and a frame of the walks below takes up to 1 KiB without optimization.
const MAX_DEPTH: u32 = 120;

/// Everything lowered so far.
#[derive(Default)]
pub(super) struct Lowered {
    pub(super) items: Items,
    pub(super) bodies: Bodies,
    item_texts: FxHashMap<Name, TextId>,
    body_texts: FxHashMap<Name, TextId>,
    budget: Budget,
}

/// Where the text of a tree comes from.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    /// It is the file.
    File,
    /// It is an expansion behind this many bytes of wrapping.
    Expansion(&'a Expansion, u32),
}

/// What kind of text an expansion is read as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Items of a module.
    Items,
    /// Statements and a tail.
    Statements,
    /// Members of an impl or trait.
    Members,
}

/// Reads one tree.
pub(super) struct Lowerer<'a> {
    pub(super) out: &'a mut Lowered,
    pub(super) text: &'a str,
    pub(super) origin: Origin<'a>,
    /// Which tables types, paths and expressions go to.
    in_body: bool,
    depth: u32,
    /// How many macro calls lie around the tree.
    macro_depth: u32,
    /// Whether the text is what a well-known macro made of another.
    is_nested: bool,
    /// Whether somebody reads the items that the text declares.
    keeps_items: bool,
    /// The file's text, while all tokens are from it.
    file: Option<&'a str>,
    scope: ScopeId,
    owner: Option<ItemId>,
}

/// Lowers the tree of a file.
pub(super) fn file(text: &str, tree: &Tree) -> Lowered {
    let mut out = Lowered::default();
    let root = super::items::Scope { parent: None, module: None, is_block: false };
    out.items.scopes.push(root);
    let mut lowerer = Lowerer::new(&mut out, text, Origin::File);
    lowerer.file = Some(text);
    lowerer.module_body(tree.root_node());
    out
}

/// Lowers an expansion that stands where `shape` says, alone.
pub(super) fn expansion(expansion: &Expansion, shape: Shape, macro_depth: u32) -> Lowered {
    let mut out = Lowered::default();
    let root = super::items::Scope { parent: None, module: None, is_block: shape != Shape::Items };
    out.items.scopes.push(root);
    let (text, prefix) = shape.wrap(&expansion.text);
    if let Some(tree) = parse(&text) {
        let mut lowerer =
            Lowerer::new(&mut out, &text, Origin::Expansion(expansion, prefix as u32));
        lowerer.macro_depth = macro_depth;
        lowerer.keeps_items = shape != Shape::Statements;
        lowerer.wrapped(tree.root_node(), shape);
    }
    out
}

impl Shape {
    /// The text to parse, and how many bytes stand before `text` in it.
    fn wrap(self, text: &str) -> (String, usize) {
        let (before, after) = match self {
            Self::Items => ("", ""),
            Self::Statements => ("fn f(){", "\n}"),
            Self::Members => ("impl X {", "\n}"),
        };
        (format!("{before}{text}{after}"), before.len())
    }
}

/// Parses Rust.
pub(super) fn parse(text: &str) -> Option<Tree> {
    thread_local! {
        static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
    }
    PARSER.with_borrow_mut(|slot| {
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&flux_grammars::named("rust")?.parser_language()).ok()?;
            *slot = Some(parser);
        }
        slot.as_mut()?.parse(text, None)
    })
}

impl<'a> Lowerer<'a> {
    fn new(out: &'a mut Lowered, text: &'a str, origin: Origin<'a>) -> Self {
        Self {
            out,
            text,
            origin,
            in_body: false,
            depth: 0,
            macro_depth: 0,
            is_nested: false,
            keeps_items: true,
            file: None,
            scope: ScopeId(0),
            owner: None,
        }
    }

    /// The tables that nodes go to now.
    fn syntax(&mut self) -> &mut Syntax {
        if self.in_body { &mut self.out.bodies.syntax } else { &mut self.out.items.syntax }
    }

    fn text_of(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    /// Where the token at `offset` of the text was written.
    fn place(&self, offset: usize) -> Place {
        match self.origin {
            Origin::File => Place(offset as u32),
            Origin::Expansion(expansion, prefix) => {
                let at = (offset as u32).checked_sub(prefix);
                at.and_then(|at| expansion.in_file(at)).map_or(Place::NOWHERE, Place)
            }
        }
    }

    fn ident(&mut self, node: Node<'_>) -> Ident {
        let text = self.text_of(node);
        Ident { text: self.intern(text), at: self.place(node.start_byte()) }
    }

    /// The place in the tables of a text that is likely to come again.
    fn intern(&mut self, text: &str) -> TextId {
        let name = Name::of(text);
        let known = if self.in_body { &self.out.body_texts } else { &self.out.item_texts };
        if let Some(id) = known.get(&name) {
            return *id;
        }
        let id = self.keep(text);
        let known = if self.in_body { &mut self.out.body_texts } else { &mut self.out.item_texts };
        known.insert(name, id);
        id
    }

    /// Keeps a text that comes once.
    fn keep(&mut self, text: &str) -> TextId {
        let syntax = self.syntax();
        syntax.texts.push(syntax.text.len() as u32);
        syntax.text.push_str(text);
        TextId(syntax.texts.len() as u32 - 1)
    }

    /// Runs `look` one level deeper; none when that is too deep.
    fn deeper<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let found = look(self);
        self.depth -= 1;
        Some(found)
    }

    /// Runs `look` with the tables of bodies.
    fn in_body<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.in_body, true);
        let found = look(self);
        self.in_body = before;
        found
    }
}
