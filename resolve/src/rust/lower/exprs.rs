//! Expressions and statements.
//!
//! Chains that the grammar nests to the left, `a.b().c()?` and `a + b + c`, are read in a loop:
//! builders have hundreds of links.

use tree_sitter::Node;

use super::super::syntax::{
    Arm, BinaryOp, BlockKind, Expr, ExprId, FieldInit, Literal, Parameter, Pattern, Run, Segment,
    Statement,
};
use super::Lowerer;
use super::kind::{Kind, Role, child, child_of, children, has_token, kind};

impl Lowerer<'_> {
    pub(super) fn push_expr(&mut self, expr: Expr) -> ExprId {
        let exprs = &mut self.syntax().exprs;
        exprs.push(expr);
        ExprId(exprs.len() as u32 - 1)
    }

    pub(super) fn expr_list(&mut self, list: &[ExprId]) -> Run {
        Run::push(&mut self.syntax().expr_lists, list)
    }

    /// An expression; missing when it is nested too deep.
    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        let mut spine = Vec::new();
        let mut inner = node;
        while let Some(next) = link(inner) {
            spine.push(inner);
            inner = next;
        }
        let leaf = self.deeper(|this| this.leaf(inner)).unwrap_or(Expr::Missing);
        let mut value = self.push_expr(leaf);
        while let Some(node) = spine.pop() {
            let next = spine.last().copied();
            if let Some(expr) = self.linked(node, value, next) {
                value = self.push_expr(expr);
            }
        }
        value
    }

    fn optional(&mut self, node: Option<Node<'_>>) -> Option<ExprId> {
        node.map(|node| self.expr(node))
    }

    fn or_missing(&mut self, node: Option<Node<'_>>) -> ExprId {
        match node {
            Some(node) => self.expr(node),
            None => self.push_expr(Expr::Missing),
        }
    }

    /// The link `node` of a chain whose inner part is `value`. A field that is called gives
    /// nothing here: the call makes the method of it.
    fn linked(&mut self, node: Node<'_>, value: ExprId, outer: Option<Node<'_>>) -> Option<Expr> {
        Some(match kind(node) {
            Kind::Call => {
                let arguments = self.call_arguments_of(node);
                match child(node, Role::Function).and_then(method_name) {
                    Some((name, generic)) => {
                        let arguments_of_name = self.arguments(generic);
                        let ident = self.ident(name);
                        let name = Segment { ident, arguments: arguments_of_name };
                        Expr::Method { receiver: value, name, arguments }
                    }
                    None => Expr::Call { callee: value, arguments },
                }
            }
            Kind::Field => {
                let is_called = outer.is_some_and(|outer| {
                    let function = child(outer, Role::Function);
                    kind(outer) == Kind::Call && function.map(|node| node.id()) == Some(node.id())
                        || kind(outer) == Kind::GenericFunction
                });
                if is_called {
                    return None;
                }
                let name = child(node, Role::Field)?;
                Expr::Field { base: value, name: self.ident(name) }
            }
            Kind::GenericFunction | Kind::Parenthesized => return None,
            Kind::Await => Expr::Await(value),
            Kind::Try => Expr::Try(value),
            Kind::Index => {
                let index = children(node).get(1).copied();
                Expr::Index { base: value, index: self.or_missing(index) }
            }
            Kind::Binary => {
                let operator = child(node, Role::Operator);
                let op = operator.map_or(BinaryOp::Logic, |node| binary(node.kind()));
                let at = operator.map_or(0, |node| node.start_byte());
                let at = self.place(at);
                let right = self.or_missing(child(node, Role::Right));
                Expr::Binary { left: value, right, op, at }
            }
            Kind::TypeCast => match child(node, Role::Type) {
                Some(ty) => Expr::Cast { value, ty: self.ty(ty) },
                None => return None,
            },
            _ => Expr::Reference(value),
        })
    }

    fn call_arguments_of(&mut self, node: Node<'_>) -> Run {
        let Some(arguments) = child(node, Role::Arguments) else { return Run::default() };
        self.exprs_of(arguments)
    }

    /// The children of `node` that are expressions.
    pub(super) fn exprs_of(&mut self, node: Node<'_>) -> Run {
        let mut found = Vec::new();
        for part in children(node) {
            if !matches!(kind(part), Kind::AttributeItem | Kind::InnerAttribute | Kind::Label) {
                found.push(self.expr(part));
            }
        }
        self.expr_list(&found)
    }

    fn leaf(&mut self, node: Node<'_>) -> Expr {
        match kind(node) {
            Kind::Identifier
            | Kind::ScopedIdentifier
            | Kind::GenericFunction
            | Kind::SelfValue
            | Kind::Crate
            | Kind::Super
            | Kind::Metavariable => Expr::Path(self.path(node)),
            Kind::Integer | Kind::Float => self.number(node),
            Kind::NegativeLiteral => Expr::Literal(Literal::Int),
            Kind::String | Kind::RawString => {
                let is_bytes = self.text_of(node).starts_with('b');
                Expr::Literal(if is_bytes { Literal::Bytes } else { Literal::Str })
            }
            Kind::Char => {
                let is_byte = self.text_of(node).starts_with('b');
                Expr::Literal(if is_byte { Literal::Byte } else { Literal::Char })
            }
            Kind::Boolean => Expr::Literal(Literal::Bool),
            Kind::Unit => Expr::Tuple(Run::default()),
            Kind::Tuple => Expr::Tuple(self.exprs_of(node)),
            Kind::ArrayExpression => match child(node, Role::Length) {
                Some(length) => {
                    let value = children(node).first().copied();
                    Expr::Repeat { value: self.or_missing(value), length: self.expr(length) }
                }
                None => Expr::Array(self.exprs_of(node)),
            },
            Kind::Unary => {
                let is_deref = self.text_of(node).starts_with('*');
                let value = children(node).last().copied();
                let value = self.or_missing(value);
                if is_deref { Expr::Deref(value) } else { Expr::Unary(value) }
            }
            Kind::Reference => {
                let value = child(node, Role::Value);
                Expr::Reference(self.or_missing(value))
            }
            Kind::Assignment | Kind::CompoundAssignment => {
                let left = self.or_missing(child(node, Role::Left));
                Expr::Assign { left, right: self.or_missing(child(node, Role::Right)) }
            }
            Kind::RangeExpression => self.range(node),
            Kind::StructExpression => self.struct_expression(node),
            Kind::Closure => self.closure(node),
            Kind::MacroInvocation => Expr::Macro(self.macro_call(node)),
            Kind::Return => Expr::Return(self.value_of(node)),
            Kind::Break => Expr::Break(self.value_of(node)),
            Kind::Continue => Expr::Continue,
            _ => self.control(node),
        }
    }

    fn control(&mut self, node: Node<'_>) -> Expr {
        match kind(node) {
            Kind::Block => self.block(node, BlockKind::Plain),
            Kind::UnsafeBlock | Kind::ConstBlock => self.inner_block(node, BlockKind::Plain),
            Kind::AsyncBlock => self.inner_block(node, BlockKind::Async),
            Kind::TryBlock => self.inner_block(node, BlockKind::Try),
            Kind::If => {
                let condition = self.or_missing(child(node, Role::Condition));
                let then = self.or_missing(child(node, Role::Consequence));
                let otherwise = child(node, Role::Alternative);
                let otherwise = otherwise.and_then(|clause| children(clause).first().copied());
                Expr::If { condition, then, otherwise: self.optional(otherwise) }
            }
            Kind::LetCondition => {
                let value = self.or_missing(child(node, Role::Value));
                let pattern = child(node, Role::Pattern);
                Expr::Let { pattern: self.pattern_or_wild(pattern), value }
            }
            Kind::Match => self.match_expression(node),
            Kind::Loop => Expr::Loop(self.or_missing(child(node, Role::Body))),
            Kind::While => {
                let condition = self.or_missing(child(node, Role::Condition));
                Expr::While { condition, body: self.or_missing(child(node, Role::Body)) }
            }
            Kind::For => {
                let value = self.or_missing(child(node, Role::Value));
                let pattern = child(node, Role::Pattern);
                let pattern = self.pattern_or_wild(pattern);
                Expr::For { pattern, value, body: self.or_missing(child(node, Role::Body)) }
            }
            Kind::LineComment | Kind::BlockComment | Kind::Lifetime | Kind::TokenTree => {
                Expr::Missing
            }
            _ => Expr::Group(self.exprs_of(node)),
        }
    }

    fn pattern_or_wild(&mut self, node: Option<Node<'_>>) -> super::super::syntax::PatId {
        match node {
            Some(node) => self.pattern(node),
            None => self.push_pattern(Pattern::Wild),
        }
    }

    fn value_of(&mut self, node: Node<'_>) -> Option<ExprId> {
        let value = children(node)
            .into_iter()
            .find(|part| !matches!(kind(*part), Kind::Label | Kind::Lifetime));
        self.optional(value)
    }

    fn number(&mut self, node: Node<'_>) -> Expr {
        let text = self.text_of(node);
        let is_float = kind(node) == Kind::Float;
        let suffix = text.find(['i', 'u', 'f']).filter(|_| !text.starts_with("0x"));
        Expr::Literal(match suffix {
            Some(at) => Literal::Typed(self.intern(&text[at..])),
            None if is_float => Literal::Float,
            None => Literal::Int,
        })
    }

    fn range(&mut self, node: Node<'_>) -> Expr {
        let parts = children(node);
        let mut cursor = node.walk();
        let sign = node.children(&mut cursor).find(|part| part.kind().starts_with(".."));
        let sign = sign.map_or(0, |sign| sign.start_byte());
        let start = parts.iter().copied().find(|part| part.start_byte() < sign);
        let end = parts.iter().copied().find(|part| part.start_byte() > sign);
        Expr::Range(self.optional(start), self.optional(end))
    }

    fn struct_expression(&mut self, node: Node<'_>) -> Expr {
        let Some(path) = child(node, Role::Name) else { return Expr::Missing };
        let path = self.path(path);
        let mut fields = Vec::new();
        let mut base = None;
        for part in child(node, Role::Body).map_or_else(Vec::new, children) {
            match kind(part) {
                Kind::FieldInitializer => {
                    let Some(name) = child(part, Role::Field) else { continue };
                    let value = Some(self.or_missing(child(part, Role::Value)));
                    fields.push(FieldInit { name: self.ident(name), value });
                }
                Kind::ShorthandInitializer => {
                    let Some(name) = child_of(part, Kind::Identifier) else { continue };
                    fields.push(FieldInit { name: self.ident(name), value: None });
                }
                Kind::BaseFieldInitializer => {
                    base = children(part).first().map(|value| self.expr(*value));
                }
                _ => {}
            }
        }
        Expr::Struct { path, fields: Run::push(&mut self.syntax().field_inits, &fields), base }
    }

    fn closure(&mut self, node: Node<'_>) -> Expr {
        let mut parameters = Vec::new();
        if let Some(list) = child(node, Role::Parameters) {
            let mut cursor = list.walk();
            let all: Vec<_> = list.children(&mut cursor).collect();
            for part in all {
                if kind(part) == Kind::Parameter {
                    let pattern = self.pattern_or_wild(child(part, Role::Pattern));
                    let ty = self.optional_type(child(part, Role::Type));
                    parameters.push(Parameter { pattern, ty });
                } else if part.is_named() || part.kind() == "_" {
                    let pattern = self.pattern(part);
                    parameters.push(Parameter { pattern, ty: None });
                }
            }
        }
        let output = self.optional_type(child(node, Role::ReturnType));
        let body = self.or_missing(child(node, Role::Body));
        let is_async = has_token(node, "async");
        let parameters = Run::push(&mut self.syntax().parameters, &parameters);
        Expr::Closure { parameters, output, body, is_async }
    }

    fn match_expression(&mut self, node: Node<'_>) -> Expr {
        let value = self.or_missing(child(node, Role::Value));
        let mut arms = Vec::new();
        for arm in child(node, Role::Body).map_or_else(Vec::new, children) {
            if kind(arm) != Kind::MatchArm {
                continue;
            }
            let pattern = child(arm, Role::Pattern);
            let guard = pattern.and_then(|pattern| child(pattern, Role::Condition));
            let pattern = self.pattern_or_wild(pattern);
            let guard = self.optional(guard);
            arms.push(Arm { pattern, guard, body: self.or_missing(child(arm, Role::Value)) });
        }
        Expr::Match { value, arms: Run::push(&mut self.syntax().arms, &arms) }
    }

    fn inner_block(&mut self, node: Node<'_>, block: BlockKind) -> Expr {
        match child_of(node, Kind::Block) {
            Some(inner) => self.block(inner, block),
            None => Expr::Missing,
        }
    }

    /// A block with the items it declares, which all of it sees.
    pub(super) fn block(&mut self, node: Node<'_>, block: BlockKind) -> Expr {
        let parts = children(node);
        let before = self.scope;
        let declares =
            |part: &Node<'_>| super::items::is_item(*part) || self.item_call_in(*part).is_some();
        let scope = parts.iter().any(declares).then(|| {
            let scope = self.block_scope(before);
            self.scope = scope;
            self.items_of_block(node);
            scope
        });
        let statements = self.statements(&parts);
        self.scope = before;
        Expr::Block { statements, scope, kind: block }
    }

    pub(super) fn statements(&mut self, parts: &[Node<'_>]) -> Run {
        let mut found = Vec::new();
        let mut is_active = true;
        for (at, part) in parts.iter().enumerate() {
            if kind(*part) == Kind::AttributeItem {
                is_active &= self.is_active(*part);
                continue;
            }
            let is_last = at + 1 == parts.len();
            let statement = self.statement(*part, is_last);
            let keep = std::mem::replace(&mut is_active, true);
            if let Some(statement) = statement {
                found.push(if keep { statement } else { self.hidden(statement) });
            }
        }
        Run::push(&mut self.syntax().statements, &found)
    }

    /// A statement that the host leaves out, in a block of its own: its names must not hide those
    /// of the alternative that is compiled.
    fn hidden(&mut self, statement: Statement) -> Statement {
        let statements = Run::push(&mut self.syntax().statements, &[statement]);
        let block = Expr::Block { statements, scope: None, kind: BlockKind::Plain };
        Statement::Expr { value: self.push_expr(block), is_tail: false }
    }

    fn statement(&mut self, node: Node<'_>, is_last: bool) -> Option<Statement> {
        if self.item_call_in(node).is_some() {
            return None;
        }
        match kind(node) {
            Kind::LetDeclaration => {
                let ty = self.optional_type(child(node, Role::Type));
                let value = self.optional(child(node, Role::Value));
                let otherwise = self.optional(child(node, Role::Alternative));
                let pattern = self.pattern_or_wild(child(node, Role::Pattern));
                Some(Statement::Let { pattern, ty, value, otherwise })
            }
            Kind::ExpressionStatement => {
                let inner = *children(node).first()?;
                let has_semicolon = has_token(node, ";");
                let value = self.expr(inner);
                Some(Statement::Expr { value, is_tail: is_last && !has_semicolon })
            }
            Kind::EmptyStatement | Kind::Label | Kind::InnerAttribute => None,
            _ if super::items::is_item(node) => None,
            _ => Some(Statement::Expr { value: self.expr(node), is_tail: is_last }),
        }
    }
}

/// The inner part of a chain, if `node` is a link of one.
fn link(node: Node<'_>) -> Option<Node<'_>> {
    match kind(node) {
        Kind::Call => child(node, Role::Function),
        Kind::GenericFunction => {
            child(node, Role::Function).filter(|inner| kind(*inner) == Kind::Field)
        }
        Kind::Field | Kind::TypeCast => child(node, Role::Value),
        Kind::Binary => child(node, Role::Left),
        Kind::Await | Kind::Try | Kind::Index | Kind::Parenthesized => {
            children(node).first().copied()
        }
        Kind::LetChain => None,
        _ => None,
    }
}

/// The name of a method that is called, and its generic arguments.
fn method_name(function: Node<'_>) -> Option<(Node<'_>, Option<Node<'_>>)> {
    match kind(function) {
        Kind::Field => Some((child(function, Role::Field)?, None)),
        Kind::GenericFunction => {
            let inner = child(function, Role::Function).filter(|it| kind(*it) == Kind::Field)?;
            Some((child(inner, Role::Field)?, child(function, Role::TypeArguments)))
        }
        _ => None,
    }
}

fn binary(sign: &str) -> BinaryOp {
    match sign {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        "%" => BinaryOp::Rem,
        "&" => BinaryOp::And,
        "|" => BinaryOp::Or,
        "^" => BinaryOp::Xor,
        "<<" => BinaryOp::Shl,
        ">>" => BinaryOp::Shr,
        "==" | "!=" | "<" | ">" | "<=" | ">=" => BinaryOp::Compare,
        _ => BinaryOp::Logic,
    }
}
