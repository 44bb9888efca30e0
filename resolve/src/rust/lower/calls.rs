//! Macro calls: their tokens, for expansion by a macro of the tree, and what can be read of their
//! arguments without one.

use tree_sitter::Node;

use super::super::macros::{
    Annotated, Call, Context, Expansion, Source, attribute, expand_known, guess, is_standard,
};
use super::super::name::Name;
use super::super::syntax::{BlockKind, CallId, Expr, ExprId, MacroCall, PathId, Place, TextId};
use super::kind::{Kind, Role, child, child_of, children, kind};
use super::{Lowerer, Origin, Shape, parse};

/// Deepest nesting of macro calls that is read. Real code stays below 10.
const MAX_MACROS: u32 = 16;

impl<'a> Lowerer<'a> {
    /// A macro call in a body or a type.
    pub(super) fn macro_call(&mut self, node: Node<'_>) -> CallId {
        let Some((path, name)) = self.callee(node) else { return self.bare_call(node) };
        let tokens = child_of(node, Kind::TokenTree);
        let arguments = if self.in_body { self.arguments_read(name, tokens) } else { None };
        let keeps = arguments.is_none() || !is_standard(Name::of(name));
        let text = tokens.filter(|_| keeps).map_or("", |tokens| self.text_of(tokens));
        let start = tokens.unwrap_or(node).start_byte();
        let (at, mut offset) = (self.place(start), self.offset(start));
        let mut text = text;
        if let Some(written) = tokens.and_then(|tokens| self.written(tokens, at)) {
            text = written;
            offset = at;
        }
        let tokens = self.keep(text);
        self.push_call(MacroCall { path, tokens, at, offset, arguments })
    }

    /// The macro call that a statement is, if its tokens begin like an item: what it defines is
    /// seen in the whole block.
    pub(super) fn item_call_in(&self, statement: Node<'a>) -> Option<Node<'a>> {
        let call = match kind(statement) {
            Kind::MacroInvocation => statement,
            Kind::ExpressionStatement => child_of(statement, Kind::MacroInvocation)?,
            _ => return None,
        };
        // The last statement is a value: `quote! { struct S; }`.
        let is_last = statement.next_sibling().is_none_or(|next| next.kind() == "}");
        let keeps = self.keeps_items && !is_last;
        let tokens = child_of(call, Kind::TokenTree).filter(|_| keeps)?;
        begins_item(self.text_of(tokens)).then_some(call)
    }

    /// A macro call of which only the tokens matter.
    pub(super) fn bare_call(&mut self, node: Node<'_>) -> CallId {
        let path = match self.callee(node) {
            Some((path, _)) => path,
            None => self.push_path(&[], None, false),
        };
        let tokens = child_of(node, Kind::TokenTree).unwrap_or(node);
        let start = tokens.start_byte();
        let (at, offset) = (self.place(start), self.offset(start));
        let tokens: TextId = self.keep(self.text_of(tokens));
        self.push_call(MacroCall { path, tokens, at, offset, arguments: None })
    }

    /// The file's own text of tokens that a well-known macro passed on.
    fn written(&self, tokens: Node<'_>, at: Place) -> Option<&'a str> {
        let file = self.file.filter(|_| self.is_nested && at.is_written())?;
        let close = self.place(tokens.end_byte().checked_sub(1)?);
        close.is_written().then_some(())?;
        file.get(at.0 as usize..close.0 as usize + 1)
    }

    /// Where a byte lies in the text that resolution will have at hand.
    fn offset(&self, start: usize) -> Place {
        match self.origin {
            Origin::File => Place(start as u32),
            Origin::Expansion(_, prefix) if !self.is_nested => {
                (start as u32).checked_sub(prefix).map_or(Place::NOWHERE, Place)
            }
            Origin::Expansion(..) => Place::NOWHERE,
        }
    }

    fn callee(&mut self, node: Node<'_>) -> Option<(PathId, &'a str)> {
        let callee = child(node, Role::Macro)?;
        let path = self.path(callee);
        let last = child(callee, Role::Name).unwrap_or(callee);
        Some((path, self.text.get(last.byte_range())?))
    }

    fn push_call(&mut self, call: MacroCall) -> CallId {
        let calls = &mut self.syntax().calls;
        calls.push(call);
        CallId(calls.len() as u32 - 1)
    }

    /// The arguments as code: what the macro is known to make of them, or else what they look like.
    fn arguments_read(&mut self, name: &str, tokens: Option<Node<'_>>) -> Option<ExprId> {
        let tokens = tokens?;
        if self.macro_depth >= MAX_MACROS || self.depth >= super::MAX_DEPTH {
            return None;
        }
        let text = self.text.get(tokens.byte_range())?;
        let call = Call { text, source: self.source(tokens)?, context: Context(1), root: "crate" };
        let expansion = match expand_known(name, &call, &mut self.out.budget) {
            Some(expansion) => expansion.ok()?,
            None => match guess(&call, &mut self.out.budget) {
                Some(guess) => guess.expansion,
                None => {
                    // `@` marks literals in some assertions; without it they are plain arguments.
                    let text = text.contains('@').then(|| text.replace('@', " "))?;
                    let call = Call { text: &text, ..call };
                    guess(&call, &mut self.out.budget)?.expansion
                }
            },
        };
        self.read(&expansion)
    }

    /// The code among the arguments of an attribute.
    pub(super) fn attribute_read(&mut self, of: Annotated, tokens: Node<'_>) -> Option<ExprId> {
        let text = self.text.get(tokens.byte_range())?;
        let call = Call { text, source: self.source(tokens)?, context: Context(1), root: "crate" };
        let expansion = attribute(&call, of, &mut self.out.budget)?;
        self.read(&expansion)
    }

    /// Where tokens were cut out.
    fn source(&self, tokens: Node<'_>) -> Option<Source<'a>> {
        let start = tokens.start_byte() as u32;
        Some(match self.origin {
            Origin::File => Source::File(start),
            Origin::Expansion(expansion, prefix) => {
                Source::Expansion(expansion, start.checked_sub(prefix)?)
            }
        })
    }

    /// What an expansion says, as a block.
    fn read(&mut self, expansion: &Expansion) -> Option<ExprId> {
        let (text, prefix) = Shape::Statements.wrap(&expansion.text);
        let tree = parse(&text)?;
        let block = children(tree.root_node()).first().and_then(|f| child(*f, Role::Body))?;
        (kind(block) == Kind::Block).then_some(())?;
        let mut inner = Lowerer {
            out: self.out,
            text: &text,
            origin: Origin::Expansion(expansion, prefix as u32),
            in_body: self.in_body,
            depth: self.depth + 1,
            macro_depth: self.macro_depth + 1,
            is_nested: true,
            keeps_items: false,
            file: self.file,
            scope: self.scope,
            owner: self.owner,
        };
        let block: Expr = inner.block(block, BlockKind::Plain);
        Some(inner.push_expr(block))
    }
}

/// Whether the tokens of a call begin like an item, behind comments and attributes.
fn begins_item(tokens: &str) -> bool {
    const WORDS: [&str; 12] = [
        "const", "enum", "extern", "fn", "impl", "mod", "pub", "static", "struct", "trait", "type",
        "use",
    ];
    let mut rest = tokens.get(1..).unwrap_or("").trim_start();
    while rest.starts_with("//") || rest.starts_with("#[") {
        let end = if rest.starts_with('#') { ']' } else { '\n' };
        let Some((_, after)) = rest.split_once(end) else { return false };
        rest = after.trim_start();
    }
    let word = rest.split(|other: char| !other.is_ascii_alphanumeric() && other != '_').next();
    let after = word.and_then(|word| rest.get(word.len()..)).unwrap_or("");
    word.is_some_and(|word| WORDS.contains(&word)) && after.starts_with([' ', '\n', '(', '<'])
}
