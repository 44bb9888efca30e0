//! What lowering keeps of a file: its items and its bodies, as arenas of small nodes.
//!
//! Items and bodies are apart, each with its own tables: other files' resolution reads items only,
//! so that an edit inside a body changes nothing they look at. Hashing a [`Syntax`] ignores
//! positions for the same reason.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// A byte offset in the file; [`Place::NOWHERE`] for what a macro's definition wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Place(pub(super) u32);

impl Place {
    /// Not in the file's own text.
    pub(super) const NOWHERE: Self = Self(u32::MAX);

    /// Whether the file's text has it.
    pub(super) fn is_written(self) -> bool {
        self != Self::NOWHERE
    }
}

impl Hash for Place {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident,)+) => {
        $(
            $(#[$meta])*
            #[derive(
                Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            )]
            pub(super) struct $name(pub(super) u32);
        )+
    };
}

ids! {
    /// A type as written, in [`Syntax::types`].
    TypeId,
    /// A path as written, in [`Syntax::paths`].
    PathId,
    /// An expression, in [`Syntax::exprs`].
    ExprId,
    /// A pattern, in [`Syntax::patterns`].
    PatId,
    /// A macro call, in [`Syntax::calls`].
    CallId,
    /// An item, in [`Items::items`].
    ItemId,
    /// A scope of items, in [`Items::scopes`].
    ScopeId,
    /// Text, in [`Syntax::texts`].
    TextId,
}

/// A run of entries in one of the lists of a [`Syntax`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) start: u32,
    pub(super) len: u32,
}

impl Run {
    /// The entries it stands for.
    pub(super) fn of<T>(self, list: &[T]) -> &[T] {
        &list[self.start as usize..(self.start + self.len) as usize]
    }

    /// Appends `entries` to `list`.
    pub(super) fn push<T: Clone>(list: &mut Vec<T>, entries: &[T]) -> Self {
        let start = list.len() as u32;
        list.extend_from_slice(entries);
        Self { start, len: entries.len() as u32 }
    }
}

/// An identifier: its text and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Ident {
    pub(super) text: TextId,
    pub(super) at: Place,
}

/// A part of a path between `::`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Segment {
    pub(super) ident: Ident,
    /// Position in [`Syntax::arguments`].
    pub(super) arguments: Option<u32>,
}

/// `<A, B, Item = C>` or `(A, B) -> C`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Arguments {
    /// Run of `type_lists`. For `(A, B)` the inputs.
    pub(super) types: Run,
    /// Run of `bindings`.
    pub(super) bindings: Run,
    /// Whether it is written with parentheses.
    pub(super) is_call: bool,
    /// What comes after `->`.
    pub(super) output: Option<TypeId>,
}

/// A path as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Path {
    /// Run of `segments`.
    pub(super) segments: Run,
    /// `<T as Trait>::`.
    pub(super) qualified: Option<(TypeId, Option<TypeId>)>,
    /// Whether it begins with `::`.
    pub(super) is_global: bool,
}

/// A type as written. Runs are of `type_lists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Type {
    Path(PathId),
    Reference(TypeId),
    Slice(TypeId),
    Tuple(Run),
    Function { parameters: Run, output: Option<TypeId> },
    Dyn(Run),
    Impl(Run),
    Never,
    Macro(CallId),
    Unknown,
}

/// The operator of a binary expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    And,
    Or,
    Xor,
    Shl,
    Shr,
    Compare,
    Logic,
}

/// What a literal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Literal {
    Int,
    Float,
    Str,
    Bytes,
    Char,
    Byte,
    Bool,
    /// With a suffix such as `u8`, by the name.
    Typed(TextId),
}

/// How a block is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum BlockKind {
    Plain,
    Async,
    Try,
}

/// An expression. Runs are of `expr_lists` unless said otherwise; children come before parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Expr {
    Missing,
    Path(PathId),
    Literal(Literal),
    Call {
        callee: ExprId,
        arguments: Run,
    },
    /// `arguments` of the name are positions in [`Syntax::arguments`].
    Method {
        receiver: ExprId,
        name: Segment,
        arguments: Run,
    },
    Field {
        base: ExprId,
        name: Ident,
    },
    Await(ExprId),
    Try(ExprId),
    Reference(ExprId),
    Deref(ExprId),
    Unary(ExprId),
    Binary {
        left: ExprId,
        right: ExprId,
        op: BinaryOp,
        at: Place,
    },
    Assign {
        left: ExprId,
        right: ExprId,
    },
    Index {
        base: ExprId,
        index: ExprId,
    },
    Range(Option<ExprId>, Option<ExprId>),
    Cast {
        value: ExprId,
        ty: TypeId,
    },
    Tuple(Run),
    Array(Run),
    Repeat {
        value: ExprId,
        length: ExprId,
    },
    /// Run of `field_inits`.
    Struct {
        path: PathId,
        fields: Run,
        base: Option<ExprId>,
    },
    /// Run of `statements`.
    Block {
        statements: Run,
        scope: Option<ScopeId>,
        kind: BlockKind,
    },
    If {
        condition: ExprId,
        then: ExprId,
        otherwise: Option<ExprId>,
    },
    Let {
        pattern: PatId,
        value: ExprId,
    },
    /// Run of `arms`.
    Match {
        value: ExprId,
        arms: Run,
    },
    Loop(ExprId),
    While {
        condition: ExprId,
        body: ExprId,
    },
    For {
        pattern: PatId,
        value: ExprId,
        body: ExprId,
    },
    /// Run of `parameters`.
    Closure {
        parameters: Run,
        output: Option<TypeId>,
        body: ExprId,
        is_async: bool,
    },
    Return(Option<ExprId>),
    Break(Option<ExprId>),
    Continue,
    Macro(CallId),
    /// Parts of something broken, in order.
    Group(Run),
}

/// A field of a struct expression; `value` is none for the short form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct FieldInit {
    pub(super) name: Ident,
    pub(super) value: Option<ExprId>,
}

/// A statement of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Statement {
    Let {
        pattern: PatId,
        ty: Option<TypeId>,
        value: Option<ExprId>,
        otherwise: Option<ExprId>,
    },
    /// With a semicolon, or without.
    Expr {
        value: ExprId,
        is_tail: bool,
    },
}

/// An arm of a `match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Arm {
    pub(super) pattern: PatId,
    pub(super) guard: Option<ExprId>,
    pub(super) body: ExprId,
}

/// A parameter of a function or closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Parameter {
    pub(super) pattern: PatId,
    pub(super) ty: Option<TypeId>,
}

/// A pattern. Runs are of `pattern_lists` unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Pattern {
    Wild,
    /// `..` in a list.
    Rest,
    /// A name alone may be a constant as well.
    Bind {
        name: Ident,
        is_plain: bool,
        inner: Option<PatId>,
    },
    Path(PathId),
    TupleStruct {
        path: PathId,
        parts: Run,
    },
    /// Run of `field_patterns`.
    Struct {
        path: PathId,
        fields: Run,
    },
    Tuple(Run),
    Slice(Run),
    Or(Run),
    Reference(PatId),
    /// A literal, a range, a block: expressions inside of a pattern.
    Expr(ExprId),
    Macro(CallId),
}

/// A field of a struct pattern; `pattern` is none for the short form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct FieldPattern {
    pub(super) name: Ident,
    pub(super) pattern: Option<PatId>,
}

/// A call of a macro.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct MacroCall {
    pub(super) path: PathId,
    /// The delimited tokens, for expansion.
    pub(super) tokens: TextId,
    /// Where the tokens begin in the file.
    pub(super) at: Place,
    /// Where they begin in the text that was lowered, the file's or an expansion's; none inside of
    /// what a well-known macro made of them.
    pub(super) offset: Place,
    /// The arguments, read as expressions, when they can be.
    pub(super) arguments: Option<ExprId>,
}

/// The tables that nodes point into.
#[derive(Clone, Debug, Default, PartialEq, Hash, Serialize, Deserialize)]
pub(super) struct Syntax {
    /// All texts, one after the other.
    pub(super) text: String,
    /// Where each begins; one more than there are texts.
    pub(super) texts: Vec<u32>,
    pub(super) types: Vec<Type>,
    pub(super) paths: Vec<Path>,
    pub(super) segments: Vec<Segment>,
    pub(super) arguments: Vec<Arguments>,
    pub(super) bindings: Vec<(Ident, TypeId)>,
    pub(super) type_lists: Vec<TypeId>,
    pub(super) exprs: Vec<Expr>,
    pub(super) expr_lists: Vec<ExprId>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) pattern_lists: Vec<PatId>,
    pub(super) field_patterns: Vec<FieldPattern>,
    pub(super) field_inits: Vec<FieldInit>,
    pub(super) statements: Vec<Statement>,
    pub(super) arms: Vec<Arm>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) calls: Vec<MacroCall>,
}

impl Syntax {
    /// One of the texts.
    pub(super) fn text(&self, id: TextId) -> &str {
        let at = id.0 as usize;
        let end = self.texts.get(at + 1).map_or(self.text.len(), |end| *end as usize);
        &self.text[self.texts[at] as usize..end]
    }

    pub(super) fn ty(&self, id: TypeId) -> Type {
        self.types[id.0 as usize]
    }

    pub(super) fn path(&self, id: PathId) -> Path {
        self.paths[id.0 as usize]
    }

    pub(super) fn expr(&self, id: ExprId) -> Expr {
        self.exprs[id.0 as usize]
    }

    pub(super) fn pattern(&self, id: PatId) -> Pattern {
        self.patterns[id.0 as usize]
    }

    pub(super) fn call(&self, id: CallId) -> MacroCall {
        self.calls[id.0 as usize]
    }
}
