//! Expressions: their types, and what they mention.

use flux_core::EdgeKind;

use super::super::items::ItemKind;
use super::super::name::Name;
use super::super::syntax::{
    BinaryOp, BlockKind, Expr, ExprId, Ident, Literal, PathId, Run, ScopeId, Statement,
};
use super::super::world::{Binding, Def, Namespace};
use super::late::Late;
use super::methods::Pick;
use super::paths::Meaning;
use super::references::depth_of_type;
use super::site::Site;
use super::types::{ClosureType, Kind, Substitution, Ty, Types};
use super::{Local, Resolver};

/// Deepest nesting of expressions. Lowering stops before it, but expansions nest in each other.
const MAX_DEPTH: u32 = 200;

impl<'a> Resolver<'a> {
    /// The type of an expression. Links of a chain are read in a loop, as lowering does.
    pub(super) fn expr(&mut self, site: &Site<'_>, id: ExprId, expected: Option<Ty>) -> Ty {
        if self.depth > MAX_DEPTH {
            return Types::UNKNOWN;
        }
        self.depth += 1;
        let mut spine = Vec::new();
        let mut inner = id;
        while let Some(next) = link(site.syntax.expr(inner)) {
            spine.push(inner);
            inner = next;
        }
        let mut ty = self.leaf(site, inner, expected.filter(|_| spine.is_empty()));
        while let Some(at) = spine.pop() {
            let expected = expected.filter(|_| spine.is_empty());
            ty = self.linked(site, site.syntax.expr(at), ty, expected);
        }
        self.depth -= 1;
        ty
    }

    fn linked(&mut self, site: &Site<'_>, expr: Expr, base: Ty, expected: Option<Ty>) -> Ty {
        match expr {
            Expr::Method { receiver, name, arguments } => {
                self.receiver = self.depth_of(site, receiver, 0);
                self.method_call(site, base, name, arguments, expected)
            }
            Expr::Field { name, .. } => self.field_access(site, base, name),
            Expr::Try(_) => match self.tried(base) {
                Some(found) => found,
                None => {
                    let output = self.types.variable();
                    self.late.push(Late::Try { value: base, output });
                    output
                }
            },
            Expr::Await(_) => self.awaited(base),
            Expr::Index { index, .. } => self.indexed(site, base, index),
            Expr::Binary { right, op, .. } => self.binary(site, base, right, op),
            Expr::Cast { ty, .. } => {
                self.see_type(site, ty);
                self.lower(site, ty)
            }
            _ => base,
        }
    }

    fn leaf(&mut self, site: &Site<'_>, id: ExprId, expected: Option<Ty>) -> Ty {
        match site.syntax.expr(id) {
            Expr::Path(path) => self.path_value(site, path, expected),
            Expr::Literal(literal) => self.literal(site, literal),
            Expr::Call { callee, arguments } => self.call(site, callee, arguments, expected),
            Expr::Reference(value) | Expr::Unary(value) => self.expr(site, value, expected),
            Expr::Deref(value) => {
                let ty = self.expr(site, value, None);
                let ty = self.shallow(ty);
                self.dereferenced(ty).unwrap_or(ty)
            }
            Expr::Assign { left, right } => {
                let left = self.expr(site, left, None);
                let right = self.expr(site, right, Some(left));
                self.coerce(left, right);
                Types::UNIT
            }
            Expr::Range(start, end) => self.range(site, start, end),
            Expr::Tuple(parts) => self.tuple(site, parts, expected),
            Expr::Array(parts) => self.array(site, parts, expected),
            Expr::Repeat { value, length } => {
                let inner = self.expr(site, value, None);
                self.expr(site, length, None);
                self.types.make(Kind::Slice(inner))
            }
            Expr::Struct { path, fields, base } => {
                self.struct_value(site, path, fields, base, expected)
            }
            Expr::Block { statements, scope, kind } => {
                self.block(site, statements, scope, kind, expected)
            }
            Expr::Closure { parameters, output, body, is_async } => {
                let output = output.map(|ty| {
                    self.see_type(site, ty);
                    self.lower(site, ty)
                });
                self.closure(site, (parameters, body, is_async), &[], output)
            }
            Expr::Macro(call) => self.macro_value(site, call, expected),
            Expr::Group(parts) => {
                for part in parts.of(&site.syntax.expr_lists) {
                    self.expr(site, *part, None);
                }
                Types::UNKNOWN
            }
            Expr::Missing => Types::UNKNOWN,
            other => self.control(site, other, expected),
        }
    }

    fn control(&mut self, site: &Site<'_>, expr: Expr, expected: Option<Ty>) -> Ty {
        let before = self.locals.len();
        let ty = match expr {
            Expr::If { condition, then, otherwise } => {
                self.expr(site, condition, None);
                let first = self.expr(site, then, expected);
                self.locals.truncate(before);
                match otherwise {
                    Some(otherwise) => {
                        let second = self.expr(site, otherwise, expected);
                        self.joined(first, second)
                    }
                    None => Types::UNIT,
                }
            }
            Expr::Let { pattern, value } => {
                let ty = self.expr(site, value, None);
                self.pattern(site, pattern, ty);
                return self.types.primitive("bool");
            }
            Expr::Match { value, arms } => {
                let ty = self.expr(site, value, None);
                let mut found = Types::NEVER;
                for arm in arms.of(&site.syntax.arms) {
                    self.pattern(site, arm.pattern, ty);
                    if let Some(guard) = arm.guard {
                        self.expr(site, guard, None);
                    }
                    let body = self.expr(site, arm.body, expected);
                    found = self.joined(found, body);
                    self.locals.truncate(before);
                }
                found
            }
            Expr::Loop(body) => self.looped(site, body).unwrap_or(Types::NEVER),
            Expr::While { condition, body } => {
                self.expr(site, condition, None);
                self.looped(site, body);
                Types::UNIT
            }
            Expr::For { pattern, value, body } => {
                let ty = self.expr(site, value, None);
                let element = self.element(ty);
                self.pattern(site, pattern, element);
                self.looped(site, body);
                Types::UNIT
            }
            Expr::Return(value) => {
                if let Some(value) = value {
                    let output = self.output;
                    let found = self.expr(site, value, Some(output));
                    self.coerce(output, found);
                }
                Types::NEVER
            }
            Expr::Break(value) => {
                let ty = value.map_or(Types::UNIT, |value| self.expr(site, value, None));
                if let Some(slot) = self.breaks.last_mut() {
                    slot.get_or_insert(ty);
                }
                Types::NEVER
            }
            _ => Types::NEVER,
        };
        self.locals.truncate(before);
        ty
    }

    /// Reads the body of a loop; what `break` gives in it.
    fn looped(&mut self, site: &Site<'_>, body: ExprId) -> Option<Ty> {
        self.breaks.push(None);
        self.expr(site, body, None);
        self.breaks.pop().flatten()
    }

    /// The type of two branches.
    fn joined(&mut self, a: Ty, b: Ty) -> Ty {
        let (a, b) = (self.shallow(a), self.shallow(b));
        if a == Types::NEVER || a == Types::UNKNOWN {
            return b;
        }
        self.types.unify(a, b);
        a
    }

    fn literal(&mut self, site: &Site<'_>, literal: Literal) -> Ty {
        match literal {
            // Which integer it is, only its use tells.
            Literal::Int => self.types.variable(),
            Literal::Float => self.types.primitive("f64"),
            Literal::Str => self.types.primitive("str"),
            Literal::Char => self.types.primitive("char"),
            Literal::Byte => self.types.primitive("u8"),
            Literal::Bool => self.types.primitive("bool"),
            Literal::Bytes => {
                let byte = self.types.primitive("u8");
                self.types.make(Kind::Slice(byte))
            }
            Literal::Typed(text) => self.types.make(Kind::Primitive(site.names[text.0 as usize])),
        }
    }

    pub(super) fn local(&self, name: Name, is_written: bool) -> Option<Local> {
        let is_it = |local: &&Local| {
            local.name == name && (local.at.is_written() == is_written || name == Name::SELF_VALUE)
        };
        self.locals.iter().rev().find(is_it).copied()
    }

    /// A local variable by a name alone, with its mention.
    pub(super) fn see_local(
        &mut self,
        site: &Site<'_>,
        ident: Ident,
        kind: EdgeKind,
    ) -> Option<Ty> {
        let name = site.names[ident.text.0 as usize];
        let local = self.local(name, ident.at.is_written())?;
        if name != Name::SELF_VALUE {
            let mention = self.mention(site, ident);
            self.emit_local(mention, kind, local.at);
        }
        Some(local.ty)
    }

    fn path_value(&mut self, site: &Site<'_>, id: PathId, expected: Option<Ty>) -> Ty {
        let path = site.syntax.path(id);
        if let [only] = site.segments(path)
            && path.qualified.is_none()
            && let Some(ty) = self.see_local(site, only.ident, EdgeKind::References)
        {
            return ty;
        }
        let meaning = self.see_path(site, id, Namespace::Values, EdgeKind::References);
        self.value(site, id, meaning, expected)
    }

    /// The type of a path as a value.
    pub(super) fn value(
        &mut self,
        site: &Site<'_>,
        id: PathId,
        meaning: Meaning,
        expected: Option<Ty>,
    ) -> Ty {
        let (def, mut with) = match meaning {
            Meaning::Binding(Binding::Def(def)) => (def, Substitution::default()),
            Meaning::Member(def, with) => (def, with),
            Meaning::Type(ty) => {
                let ty = self.shallow(ty);
                return match self.types.kind(ty) {
                    Kind::Adt(def, _) => {
                        self.constructed(def, self.world.member(def, Name::of("0")).is_some(), ty)
                    }
                    _ => Types::UNKNOWN,
                };
            }
            Meaning::Function(output) => {
                return self.types.make(Kind::Function(Types::NONE, output));
            }
            Meaning::Binding(_) | Meaning::Nothing => return Types::UNKNOWN,
        };
        let segments = site.segments(site.syntax.path(id));
        if let Some(last) = segments.last().and_then(|last| last.arguments) {
            let list = site.syntax.arguments[last as usize].types;
            let generics_of = match self.world.kind(def) {
                ItemKind::Variant { .. } => self.world.parent(def).unwrap_or(def),
                _ => def,
            };
            for (at, ty) in list.of(&site.syntax.type_lists).iter().enumerate() {
                let to = self.lower(site, *ty);
                let parameter = self.types.make(Kind::Parameter(generics_of, at as u32));
                with.add(parameter, to);
            }
        }
        match self.world.kind(def) {
            ItemKind::Function(_) => {
                self.complete(def, &mut with);
                self.item_type(def, &with)
            }
            ItemKind::Const(_) | ItemKind::Static(_) => {
                let ty = self.declared_type(def);
                self.complete(def, &mut with);
                self.types.apply(ty, &with)
            }
            ItemKind::Variant { fields } | ItemKind::Struct { fields } => {
                self.complete(def, &mut with);
                if fields.len > 0 {
                    return self.item_type(def, &with);
                }
                let of = match self.world.kind(def) {
                    ItemKind::Variant { .. } => self.world.parent(def).unwrap_or(def),
                    _ => def,
                };
                let own = self.own_type(of);
                let own = self.types.apply(own, &with);
                if let Some(expected) = expected {
                    self.types.unify(own, expected);
                }
                own
            }
            _ => Types::UNKNOWN,
        }
    }

    /// `Self` as a value: the struct, or its constructor.
    fn constructed(&mut self, def: Def, has_parts: bool, ty: Ty) -> Ty {
        if !has_parts {
            return ty;
        }
        let with = self.adt_substitution(ty);
        self.item_type(def, &with)
    }

    fn field_access(&mut self, site: &Site<'_>, base: Ty, ident: Ident) -> Ty {
        let name = site.names[ident.text.0 as usize];
        let text = site.syntax.text(ident.text);
        let mention = self.mention(site, ident);
        let (pick, ty) = self.field(base, name, text);
        if let Pick::Unknown = pick {
            let output = self.types.variable();
            let text = text.into();
            self.late.push(Late::Field { mention, name, text, base, output });
            return output;
        }
        self.field_found(mention, name, pick);
        ty
    }

    fn awaited(&mut self, base: Ty) -> Ty {
        let of = self.world.lang(Name::of("IntoFuture"));
        let base = self.shallow(base);
        self.project(base, of, Name::OUTPUT)
    }

    fn indexed(&mut self, site: &Site<'_>, base: Ty, index: ExprId) -> Ty {
        let index = self.expr(site, index, None);
        let index = self.shallow(index);
        let mut base = self.shallow(base);
        let is_range = matches!(self.types.kind(index), Kind::Adt(def, _)
            if self.world.is_std(def) && self.world.text_of(def).starts_with("Range"));
        for _ in 0..4 {
            match self.types.kind(base) {
                Kind::Slice(_) if is_range => return base,
                Kind::Slice(inner) => return inner,
                Kind::Primitive(_) => return base,
                _ => {}
            }
            let of = self.world.lang(Name::of("Index"));
            let implements = of.is_some_and(|of| self.implements(base, of));
            if implements && !is_range {
                return self.project(base, of, Name::OUTPUT);
            }
            match self.dereferenced(base) {
                Some(next) => base = next,
                None if implements => return self.project(base, of, Name::OUTPUT),
                None => break,
            }
        }
        match self.types.kind(base) {
            Kind::Variable(_) => {
                let of = self.world.lang(Name::of("Index"));
                self.project(base, of, Name::OUTPUT)
            }
            _ => Types::UNKNOWN,
        }
    }

    fn binary(&mut self, site: &Site<'_>, left: Ty, right: ExprId, op: BinaryOp) -> Ty {
        if matches!(op, BinaryOp::Compare | BinaryOp::Logic) {
            let before = self.locals.len();
            let right = self.expr(site, right, None);
            if op == BinaryOp::Compare {
                self.locals.truncate(before);
                let (a, b) = (self.shallow(left), self.shallow(right));
                if matches!(self.types.kind(a), Kind::Variable(_))
                    || matches!(self.types.kind(b), Kind::Variable(_))
                {
                    self.types.unify(a, b);
                }
            }
            return self.types.primitive("bool");
        }
        let right = self.expr(site, right, None);
        let left = self.shallow(left);
        let right = self.shallow(right);
        match self.types.kind(left) {
            Kind::Primitive(_) => left,
            Kind::Variable(_) | Kind::Unknown => match self.types.kind(right) {
                Kind::Primitive(_) => right,
                _ => Types::UNKNOWN,
            },
            _ => {
                let of = operator_trait(op).and_then(|name| self.world.lang(Name::of(name)));
                match self.normalized(left, of, Name::OUTPUT) {
                    Some(found) if of.is_some() => found,
                    _ => left,
                }
            }
        }
    }

    fn range(&mut self, site: &Site<'_>, start: Option<ExprId>, end: Option<ExprId>) -> Ty {
        let mut inner = None;
        for side in [start, end].into_iter().flatten() {
            let ty = self.expr(site, side, None);
            match inner {
                Some(known) => {
                    self.types.unify(known, ty);
                }
                None => inner = Some(ty),
            }
        }
        let name = if start.is_some() && end.is_none() { "RangeFrom" } else { "Range" };
        let Some(def) = self.world.lang(Name::of(name)) else { return Types::UNKNOWN };
        let inner = inner.unwrap_or(Types::UNKNOWN);
        let list = self.types.list(&[inner]);
        self.types.make(Kind::Adt(def, list))
    }

    fn tuple(&mut self, site: &Site<'_>, parts: Run, expected: Option<Ty>) -> Ty {
        let expected = expected.map(|ty| self.shallow(ty));
        let expected = match expected.map(|ty| self.types.kind(ty)) {
            Some(Kind::Tuple(list)) => self.types.of(list).to_vec(),
            _ => Vec::new(),
        };
        let parts = parts.of(&site.syntax.expr_lists);
        let mut found = Vec::with_capacity(parts.len());
        for (at, part) in parts.iter().enumerate() {
            let wanted = expected.get(at).copied();
            let ty = self.expr(site, *part, wanted);
            if let Some(wanted) = wanted {
                self.coerce(wanted, ty);
            }
            found.push(ty);
        }
        self.types.tuple(&found)
    }

    fn array(&mut self, site: &Site<'_>, parts: Run, expected: Option<Ty>) -> Ty {
        let expected = expected.map(|ty| self.shallow(ty));
        let inner = match expected.map(|ty| self.types.kind(ty)) {
            Some(Kind::Slice(inner)) => inner,
            _ => self.types.variable(),
        };
        for part in parts.of(&site.syntax.expr_lists) {
            let ty = self.expr(site, *part, Some(inner));
            self.coerce(inner, ty);
        }
        self.types.make(Kind::Slice(inner))
    }

    pub(super) fn block(
        &mut self,
        site: &Site<'_>,
        statements: Run,
        scope: Option<ScopeId>,
        kind: BlockKind,
        expected: Option<Ty>,
    ) -> Ty {
        let before = self.locals.len();
        let module = self.module;
        let mut site = *site;
        if let Some(scope) = scope
            && self.macro_depth == 0
            && let Some(found) = self.world.unit(self.unit).modules.get(scope.0 as usize)
        {
            site.module = *found;
            self.module = *found;
        }
        let output = self.output;
        let is_future = kind == BlockKind::Async;
        if is_future {
            self.output = self.types.variable();
        }
        let expected = expected.filter(|_| kind == BlockKind::Plain);
        let mut ty = Types::UNIT;
        for statement in statements.of(&site.syntax.statements) {
            ty = self.statement(&site, statement, expected);
        }
        self.locals.truncate(before);
        self.module = module;
        if is_future {
            let inner = std::mem::replace(&mut self.output, output);
            self.types.unify(inner, ty);
            return self.future_of(inner);
        }
        ty
    }

    fn statement(&mut self, site: &Site<'_>, statement: &Statement, expected: Option<Ty>) -> Ty {
        match *statement {
            Statement::Let { pattern, ty, value, otherwise } => {
                let declared = ty.map(|ty| {
                    self.see_type(site, ty);
                    self.lower(site, ty)
                });
                let found = value.map(|value| self.expr(site, value, declared));
                let depth = match (ty, value) {
                    (Some(ty), _) => Some(depth_of_type(site.syntax, site.names, ty)),
                    (None, Some(value)) => self.depth_of(site, value, 0),
                    (None, None) => None,
                };
                if let (Some(declared), Some(found)) = (declared, found) {
                    self.coerce(declared, found);
                }
                if let Some(otherwise) = otherwise {
                    self.expr(site, otherwise, None);
                }
                let ty = match declared.or(found) {
                    Some(ty) => ty,
                    None => self.types.variable(),
                };
                self.pattern(site, pattern, ty);
                self.note_depth(site, pattern, depth);
                Types::UNIT
            }
            Statement::Expr { value, is_tail } => {
                let before = self.locals.len();
                let ty = self.expr(site, value, expected.filter(|_| is_tail));
                self.locals.truncate(before);
                let is_never = self.types.found(ty) == Types::NEVER;
                if is_tail || is_never { ty } else { Types::UNIT }
            }
        }
    }

    fn struct_value(
        &mut self,
        site: &Site<'_>,
        path: PathId,
        fields: Run,
        base: Option<ExprId>,
        expected: Option<Ty>,
    ) -> Ty {
        let meaning = self.see_path(site, path, Namespace::Types, EdgeKind::References);
        let wanted = match expected {
            Some(expected) => expected,
            None => self.types.variable(),
        };
        let foreign = match meaning {
            Meaning::Binding(binding @ Binding::Foreign(..)) if is_struct(site, path) => {
                let last = site.segments(site.syntax.path(path)).last();
                self.lower_binding(site, binding, last.and_then(|last| last.arguments))
            }
            _ => Types::UNKNOWN,
        };
        let found = self.constructor(meaning, wanted);
        for init in fields.of(&site.syntax.field_inits) {
            self.field_init(site, init, found.as_ref());
        }
        let own = found.map(|(def, with)| {
            let of = match self.world.kind(def) {
                ItemKind::Variant { .. } => self.world.parent(def).unwrap_or(def),
                _ => def,
            };
            let own = self.own_type(of);
            self.types.apply(own, &with)
        });
        if let Some(base) = base {
            let given = self.expr(site, base, own);
            if let Some(own) = own {
                self.coerce(own, given);
            }
        }
        own.unwrap_or(foreign)
    }

    /// A closure whose parameters are expected to be `expected`.
    pub(super) fn closure(
        &mut self,
        site: &Site<'_>,
        (parameters, body, is_async): (Run, ExprId, bool),
        expected: &[Ty],
        output: Option<Ty>,
    ) -> Ty {
        let before = self.locals.len();
        let mut types = Vec::new();
        for (at, parameter) in parameters.of(&site.syntax.parameters).iter().enumerate() {
            let ty = match (parameter.ty, expected.get(at)) {
                (Some(ty), wanted) => {
                    self.see_type(site, ty);
                    let ty = self.lower(site, ty);
                    if let Some(wanted) = wanted {
                        self.types.unify(ty, *wanted);
                    }
                    ty
                }
                (None, Some(wanted)) => *wanted,
                (None, None) => self.types.variable(),
            };
            self.pattern(site, parameter.pattern, ty);
            types.push(ty);
        }
        let wanted = match output {
            Some(output) => output,
            None => self.types.variable(),
        };
        let outer = std::mem::replace(&mut self.output, wanted);
        let found = self.expr(site, body, (!is_async).then_some(wanted));
        if is_async {
            self.types.unify(wanted, found);
        } else {
            self.coerce(wanted, found);
        }
        self.output = outer;
        self.locals.truncate(before);
        let output = if is_async { self.future_of(wanted) } else { wanted };
        self.types.closures.push(ClosureType { parameters: types, output });
        let id = self.types.closures.len() as u32 - 1;
        self.types.make(Kind::Closure(id))
    }
}

/// Whether a path names a struct rather than a variant, as far as its case tells.
fn is_struct(site: &Site<'_>, path: PathId) -> bool {
    match site.segments(site.syntax.path(path)) {
        [.., of, _] => !site.syntax.text(of.ident.text).starts_with(char::is_uppercase),
        _ => true,
    }
}

/// The inner part of a chain.
fn link(expr: Expr) -> Option<ExprId> {
    match expr {
        Expr::Method { receiver: inner, .. }
        | Expr::Field { base: inner, .. }
        | Expr::Try(inner)
        | Expr::Await(inner)
        | Expr::Index { base: inner, .. }
        | Expr::Binary { left: inner, .. }
        | Expr::Cast { value: inner, .. } => Some(inner),
        _ => None,
    }
}

fn operator_trait(op: BinaryOp) -> Option<&'static str> {
    Some(match op {
        BinaryOp::Add => "Add",
        BinaryOp::Sub => "Sub",
        BinaryOp::Mul => "Mul",
        BinaryOp::Div => "Div",
        BinaryOp::Rem => "Rem",
        BinaryOp::And => "BitAnd",
        BinaryOp::Or => "BitOr",
        BinaryOp::Xor => "BitXor",
        BinaryOp::Shl => "Shl",
        BinaryOp::Shr => "Shr",
        BinaryOp::Compare | BinaryOp::Logic => return None,
    })
}
