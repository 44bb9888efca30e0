//! What one Python file says: names, scopes, bindings and expressions in flat tables.
//!
//! Everything refers to everything else by position, so that facts are small, decode fast and can
//! be walked without recursion: what an expression is made of always stands before it.

use flux_core::{Definition, DefinitionIndex};
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident)+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub(super) struct $name(pub(super) u32);

        impl $name {
            pub(super) fn index(self) -> usize {
                self.0 as usize
            }
        }
    )+ };
}

ids! {
    /// A position in [`Facts::names`].
    NameId
    /// A position in [`Facts::scopes`]; 0 is the module's.
    ScopeId
    /// A position in [`Facts::bindings`].
    BindingId
    /// A position in [`Facts::expressions`].
    ExpressionId
    /// A position in [`Facts::functions`].
    FunctionId
    /// A position in [`Facts::classes`].
    ClassId
    /// A position in [`Facts::imports`].
    ImportId
    /// A position in [`Facts::statements`]; 0 is what function bodies and the module lie in.
    StatementId
    /// A position in [`Facts::guards`]; 0 is no guard.
    GuardId
}

impl ScopeId {
    pub(super) const MODULE: Self = Self(0);
}

/// A stretch of one of the lists of [`Facts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Stretch {
    pub(super) start: u32,
    pub(super) len: u32,
}

impl Stretch {
    pub(super) fn of<T>(self, list: &[T]) -> &[T] {
        &list[self.start as usize..(self.start + self.len) as usize]
    }
}

/// What one file says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    pub(super) names: Vec<Box<str>>,
    pub(super) scopes: Vec<Scope>,
    pub(super) entries: Vec<Entry>,
    pub(super) entry_bindings: Vec<BindingId>,
    pub(super) bindings: Vec<Binding>,
    pub(super) unpackings: Vec<u32>,
    pub(super) functions: Vec<Function>,
    pub(super) classes: Vec<Class>,
    pub(super) imports: Vec<Import>,
    pub(super) expressions: Vec<Expression>,
    pub(super) lists: Vec<ExpressionId>,
    pub(super) keywords: Vec<Keyword>,
    pub(super) statements: Vec<Statement>,
    pub(super) guards: Vec<Guard>,
    pub(super) uses: Vec<Use>,
    pub(super) definitions: Vec<Definition>,
    /// In the order of expressions.
    pub(super) stored: Vec<Stored>,
    /// The names in `__all__`, where it is a plain list.
    pub(super) all: Option<Vec<NameId>>,
    pub(super) exports: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum ScopeKind {
    Module,
    Class,
    /// The attributes that methods set on their receiver.
    Instance,
    Function,
    Lambda,
    Comprehension,
    /// The type parameters of a function, a class or an alias.
    TypeParameters,
    /// Attributes by their paths, as assignments in the scope above leave them.
    Paths,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Scope {
    pub(super) kind: ScopeKind,
    pub(super) parent: Option<ScopeId>,
    /// Of a function or lambda.
    pub(super) function: Option<FunctionId>,
    /// Of a class, its instances, or a method.
    pub(super) class: Option<ClassId>,
    /// `from … import *` in it.
    pub(super) stars: Vec<ImportId>,
    /// The innermost definition around what lies in it.
    pub(super) owner: DefinitionIndex,
}

/// A name of a scope and what binds it, in order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) scope: ScopeId,
    pub(super) name: NameId,
    pub(super) bindings: Stretch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum BindingKind {
    Variable,
    Augmented,
    For,
    With,
    AsyncWith,
    Except,
    Match,
    Import(ImportId),
    Function(FunctionId),
    Class(ClassId),
    Parameter,
    Arguments,
    KeywordArguments,
    TypeParameter,
    /// `type X = …`
    Alias,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Binding {
    pub(super) kind: BindingKind,
    pub(super) name: NameId,
    /// The scope whose entry it is.
    pub(super) scope: ScopeId,
    /// The offset of the name.
    pub(super) at: u32,
    /// What is assigned, iterated over, entered, caught; the default of a parameter.
    pub(super) value: Option<ExpressionId>,
    pub(super) annotation: Option<ExpressionId>,
    /// Positions in nested tuples, outermost first, in [`Facts::unpackings`].
    pub(super) unpacking: Stretch,
    pub(super) statement: StatementId,
    pub(super) definition: Option<DefinitionIndex>,
    pub(super) standing: Standing,
}

/// How much a binding counts beside others of its name.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub(super) enum Standing {
    #[default]
    Plain,
    /// It stands in for what an `except` clause caught the failure of.
    Fallback,
    /// No run reaches it.
    Dead,
}

/// An attribute that was assigned to further up in its scope, under the name of its whole path.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) expression: ExpressionId,
    /// The scope of kind [`ScopeKind::Paths`] that has the entry.
    pub(super) scope: ScopeId,
    pub(super) name: NameId,
}

/// What decorators and the form say of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Traits(pub(super) u16);

impl Traits {
    pub(super) const ASYNC: Self = Self(1);
    pub(super) const GENERATOR: Self = Self(2);
    pub(super) const STATIC: Self = Self(4);
    pub(super) const CLASS: Self = Self(8);
    pub(super) const PROPERTY: Self = Self(16);
    pub(super) const SETTER: Self = Self(32);
    pub(super) const CONTEXT: Self = Self(64);
    pub(super) const FIXTURE: Self = Self(128);
    pub(super) const LAMBDA: Self = Self(256);
    /// Some decorator is not one that is known to keep the function's type.
    pub(super) const WRAPPED: Self = Self(512);
    pub(super) const OVERLOAD: Self = Self(1024);
    /// Its body binds names of the module or attributes of a class, or defines a class.
    pub(super) const OUTWARD: Self = Self(2048);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Function {
    pub(super) binding: Option<BindingId>,
    pub(super) scope: ScopeId,
    /// The class whose body it lies in directly.
    pub(super) class: Option<ClassId>,
    /// Its parameters, in order, in [`Facts::bindings`].
    pub(super) parameters: Stretch,
    /// Parameters before this position cannot be given by keyword.
    pub(super) keyword_from: u32,
    pub(super) returns: Option<ExpressionId>,
    pub(super) decorators: Stretch,
    pub(super) traits: Traits,
    /// The values of its `return` statements, or the body of a lambda.
    pub(super) results: Stretch,
    pub(super) yields: Stretch,
    /// The call that a lambda is an argument of.
    pub(super) passed_to: Option<ExpressionId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Class {
    pub(super) binding: BindingId,
    pub(super) scope: ScopeId,
    pub(super) instance: ScopeId,
    pub(super) bases: Stretch,
    pub(super) keywords: Stretch,
    pub(super) decorators: Stretch,
    /// Type parameters in brackets, in [`Facts::bindings`].
    pub(super) parameters: Stretch,
    /// Whether a call made it, and its fields are parameters of its constructor.
    pub(super) is_record: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Import {
    /// The dotted name of the module, without leading dots; empty for `from . import x`.
    pub(super) module: NameId,
    /// The number of leading dots.
    pub(super) level: u32,
    /// What is imported from it; `None` for `import module`.
    pub(super) member: Option<NameId>,
}

/// A mention of a name, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Mention {
    pub(super) name: NameId,
    pub(super) at: u32,
    pub(super) scope: ScopeId,
    pub(super) statement: StatementId,
    pub(super) guard: GuardId,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Expression {
    Name(Mention),
    Attribute {
        object: ExpressionId,
        mention: Mention,
    },
    Call {
        callee: ExpressionId,
        arguments: Stretch,
        keywords: Stretch,
        scope: ScopeId,
    },
    Subscript {
        object: ExpressionId,
        index: ExpressionId,
    },
    Slice,
    Tuple(Stretch),
    List(Stretch),
    Set(Stretch),
    Dictionary {
        keys: Stretch,
        values: Stretch,
    },
    Binary {
        left: ExpressionId,
        right: ExpressionId,
        operator: Operator,
    },
    And(Stretch),
    Or(Stretch),
    Not(ExpressionId),
    Is {
        left: ExpressionId,
        right: ExpressionId,
        negated: bool,
    },
    Conditional {
        then: ExpressionId,
        otherwise: ExpressionId,
    },
    Await(ExpressionId),
    Sequence {
        element: ExpressionId,
        kind: Sequence,
    },
    Mapping {
        key: ExpressionId,
        value: ExpressionId,
    },
    Lambda(FunctionId),
    /// What a generator is sent, in its scope.
    Yield(ScopeId),
    YieldFrom(ExpressionId),
    Starred(ExpressionId),
    /// `isinstance(subject, class)`, as a pattern says it.
    Matches {
        subject: ExpressionId,
        class: ExpressionId,
    },
    None,
    Integer(i32),
    /// A plain string in brackets behind a value.
    Key(NameId),
    Text,
    Literal,
    Unknown,
}

/// What a comprehension makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Sequence {
    List,
    Set,
    Generator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    MatrixMultiply,
    Or,
    And,
    Xor,
    ShiftLeft,
    ShiftRight,
}

impl Operator {
    /// The method that implements it.
    pub(super) fn method(self) -> &'static str {
        match self {
            Self::Add => "__add__",
            Self::Subtract => "__sub__",
            Self::Multiply => "__mul__",
            Self::Divide => "__truediv__",
            Self::FloorDivide => "__floordiv__",
            Self::Modulo => "__mod__",
            Self::Power => "__pow__",
            Self::MatrixMultiply => "__matmul__",
            Self::Or => "__or__",
            Self::And => "__and__",
            Self::Xor => "__xor__",
            Self::ShiftLeft => "__lshift__",
            Self::ShiftRight => "__rshift__",
        }
    }
}

/// `name=value` in a call or a class statement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Keyword {
    pub(super) name: NameId,
    pub(super) at: u32,
    pub(super) value: ExpressionId,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Statement {
    /// The block it lies in; blocks are numbered through the file.
    pub(super) block: u32,
    /// The statement whose block it lies in.
    pub(super) parent: StatementId,
    /// Its number in the body of the function, class or module.
    pub(super) ordinal: u32,
    pub(super) kind: StatementKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum StatementKind {
    Plain,
    /// Only one of its blocks runs.
    Branches,
    Loop,
    With,
}

/// A test known to hold, or to fail, where it is mentioned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Guard {
    pub(super) outer: GuardId,
    pub(super) test: ExpressionId,
    pub(super) holds: bool,
    /// Where it begins to hold.
    pub(super) at: u32,
}

/// An identifier to be resolved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Use {
    pub(super) what: UseKind,
    /// The scope it stands in.
    pub(super) scope: ScopeId,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum UseKind {
    /// A name or attribute.
    Mention(ExpressionId),
    /// The callee of a call.
    Call(ExpressionId),
    /// A base class.
    Base(ExpressionId),
    /// A name bound again.
    Rebind(BindingId),
    /// An attribute that is assigned to.
    Store(ExpressionId),
    /// A name in a `global` or `nonlocal` statement.
    Declared { name: NameId, at: u32 },
    /// A keyword of a call, by position in [`Facts::keywords`].
    Keyword { call: ExpressionId, keyword: u32 },
    /// A keyword of a class pattern, by the class and the name.
    PatternKeyword { class: ExpressionId, name: NameId, at: u32 },
    /// Part of a module's dotted name: all up to and including it, with the leading dots.
    Module { name: NameId, level: u32, at: u32, len: u32 },
    /// What is imported from a module; twice when it gets another name.
    Member { import: ImportId, at: u32, len: u32 },
}
