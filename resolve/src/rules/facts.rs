//! Facts of one file, in words common to all languages: scopes, symbols and expressions.
//!
//! Everything is a row of a table and refers to other rows by position; position 0 means
//! "nothing" (of scopes and symbols, 0 is the file itself). Types are expressions too, since
//! most languages write them alike.

use flux_core::SymbolKind;
use serde::{Deserialize, Serialize};

use super::language::Language;

/// What one file says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    pub(super) language: Language,
    pub(super) names: Vec<Box<str>>,
    pub(super) scopes: Vec<Scope>,
    pub(super) symbols: Vec<Symbol>,
    pub(super) nodes: Vec<Node>,
    /// Lists of positions: a length, then that many items. List 0 is empty.
    pub(super) lists: Vec<u32>,
    /// The package or namespace of the whole file, as names; a list.
    pub(super) package: u32,
    /// What is brought in whole: nodes; a list.
    pub(super) stars: u32,
    pub(super) exports: Vec<Export>,
    pub(super) flags: u8,
    pub(super) digest: u64,
}

impl Facts {
    pub(crate) fn exports(&self) -> u64 {
        self.digest
    }

    pub(super) fn list(&self, list: u32) -> &[u32] {
        let start = list as usize + 1;
        &self.lists[start..start + self.lists[list as usize] as usize]
    }

    pub(super) fn name(&self, name: u32) -> &str {
        &self.names[name as usize]
    }
}

/// The file does not take part in a build for the machine most use (Go's build constraints).
pub(super) const EXCLUDED: u8 = 1;
/// The file is a test.
pub(super) const TEST: u8 = 2;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Scope {
    pub(super) parent: u32,
    /// The symbol whose inside it is; of a block, that of the scope around it.
    pub(super) owner: u32,
    pub(super) kind: ScopeKind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ScopeKind {
    #[default]
    File,
    Namespace,
    Class,
    Function,
    Block,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Symbol {
    pub(super) name: u32,
    pub(super) kind: Kind,
    pub(super) flags: u16,
    /// The scope that it is declared in.
    pub(super) scope: u32,
    /// The scope that it opens.
    pub(super) inner: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where its name starts.
    pub(super) at: u32,
    /// Where it begins to be visible.
    pub(super) from: u32,
    /// The declared type, of a function that of its result; a node.
    pub(super) declared: u32,
    /// What it is set to, stands for or imports; a node.
    pub(super) value: u32,
    /// The type it is added to from outside (a node); of a lambda, the symbol that names it.
    pub(super) receiver: u32,
    /// Of a lambda or object, the node that says what is expected of it; of a parameter of
    /// Swift, its label (a name, 0 without).
    pub(super) context: u32,
    pub(super) parameters: u32,
    pub(super) generics: u32,
    pub(super) bases: u32,
    pub(super) returns: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Kind {
    #[default]
    Module,
    Namespace,
    Class,
    Struct,
    Enum,
    Interface,
    Trait,
    Alias,
    Function,
    Method,
    Constructor,
    Macro,
    Property,
    Field,
    EnumMember,
    Constant,
    Variable,
    /// From here on: no definitions.
    Local,
    Parameter,
    Generic,
    Import,
    Lambda,
    /// An object literal or an anonymous class or type.
    Object,
}

impl Kind {
    /// Its word in the graph; `None` for what is no definition.
    pub(super) fn defines(self) -> Option<SymbolKind> {
        Some(match self {
            Self::Module | Self::Namespace => SymbolKind::Module,
            Self::Class => SymbolKind::Class,
            Self::Struct => SymbolKind::Struct,
            Self::Enum => SymbolKind::Enum,
            Self::Interface => SymbolKind::Interface,
            Self::Trait => SymbolKind::Trait,
            Self::Alias => SymbolKind::TypeAlias,
            Self::Function => SymbolKind::Function,
            Self::Method => SymbolKind::Method,
            Self::Constructor => SymbolKind::Constructor,
            Self::Macro => SymbolKind::Macro,
            Self::Property => SymbolKind::Property,
            Self::Field => SymbolKind::Field,
            Self::EnumMember => SymbolKind::EnumMember,
            Self::Constant => SymbolKind::Constant,
            Self::Variable => SymbolKind::Variable,
            Self::Local
            | Self::Parameter
            | Self::Generic
            | Self::Import
            | Self::Lambda
            | Self::Object => return None,
        })
    }

    pub(super) fn is_type(self) -> bool {
        matches!(
            self,
            Self::Class
                | Self::Struct
                | Self::Enum
                | Self::Interface
                | Self::Trait
                | Self::Alias
                | Self::Generic
        )
    }

    /// A type with members of its own.
    pub(super) fn is_class(self) -> bool {
        matches!(
            self,
            Self::Class | Self::Struct | Self::Enum | Self::Interface | Self::Trait | Self::Object
        )
    }

    pub(super) fn is_callable(self) -> bool {
        matches!(
            self,
            Self::Function | Self::Method | Self::Constructor | Self::Macro | Self::Lambda
        )
    }
}

pub(super) mod flag {
    pub(crate) const EXPORTED: u16 = 1;
    pub(crate) const STATIC: u16 = 1 << 1;
    pub(crate) const ASYNC: u16 = 1 << 2;
    pub(crate) const GENERATOR: u16 = 1 << 3;
    pub(crate) const VARIADIC: u16 = 1 << 4;
    pub(crate) const OPTIONAL: u16 = 1 << 5;
    pub(crate) const PRIVATE: u16 = 1 << 6;
    pub(crate) const DEFAULT: u16 = 1 << 7;
    /// It has a body: no mere declaration.
    pub(crate) const BODY: u16 = 1 << 8;
    /// Not named in the source by itself: no occurrence, no definition.
    pub(crate) const HIDDEN: u16 = 1 << 9;
    /// It may be called on a value of its first parameter's type (C#, Kotlin, Swift, Scala).
    pub(crate) const EXTENSION: u16 = 1 << 10;
    /// Declared by an assignment.
    pub(crate) const ASSIGNED: u16 = 1 << 11;
    /// A scope of its own around it is not opened by its name (Go's embedded field).
    pub(crate) const EMBEDDED: u16 = 1 << 12;
    /// Of a class: one of several parts (C#). It shares a bit with what only fields of Go have.
    pub(crate) const PARTIAL: u16 = 1 << 12;
    /// Of a lambda: `this` is in it what it is outside. It shares the bit, too.
    pub(crate) const LEXICAL: u16 = 1 << 12;
    pub(crate) const OVERRIDE: u16 = 1 << 13;
    pub(crate) const ABSTRACT: u16 = 1 << 14;
    /// A getter: its type is that of its result.
    pub(crate) const GETTER: u16 = 1 << 15;
}

/// An expression. What `a` and `b` are depends on the operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Node {
    pub(super) op: Op,
    pub(super) flags: u8,
    pub(super) scope: u32,
    pub(super) start: u32,
    pub(super) name: u32,
    pub(super) a: u32,
    pub(super) b: u32,
}

/// It stands where a type is expected.
pub(super) const IN_TYPE: u8 = 1;
/// It is called.
pub(super) const CALLED: u8 = 2;
/// It is imported.
pub(super) const IMPORTED: u8 = 4;
/// It names what is inherited from.
pub(super) const INHERITED: u8 = 8;
/// It is implemented rather than inherited from.
pub(super) const IMPLEMENTED: u8 = 16;
/// It may name a type as well as a value.
pub(super) const EITHER: u8 = 32;
/// It is no identifier of the source: no occurrence.
pub(super) const SILENT: u8 = 64;
/// It is written to.
pub(super) const WRITTEN: u8 = 128;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Op {
    #[default]
    Nothing,
    /// `name`
    Name,
    /// `a.name`
    Member,
    /// `a(list b)`; `name` is a list of labels (Swift)
    Call,
    /// `new a(list b)`
    New,
    /// `a[b]`
    Index,
    /// A value of the builtin type `name`.
    Literal,
    /// `await a`
    Await,
    /// A value of type `a`.
    Typed,
    /// One of list `b`.
    Choice,
    /// `a OP b`, `name` is the operator.
    Binary,
    /// A list literal of list `b`.
    List,
    /// A tuple of list `b`.
    Tuple,
    /// The object or anonymous class `a` (a symbol); as a type, its instances.
    Object,
    /// The function `a` (a symbol); as a type, such functions.
    Lambda,
    This,
    Super,
    /// Part `name` of `a`, or its part number `b - 1` when `b` is not 0.
    Part,
    /// What iteration over `a` gives; the key when `b` is 1.
    Element,
    /// `a<list b>`
    Generic,
    /// One of the types of list `b`.
    Union,
    /// All of the types of list `b`.
    Intersection,
    /// The type of the value `a`.
    TypeOf,
    /// What `a` points to.
    Deref,
    /// The rest or the parts of `a`.
    Spread,
    /// A literal of type `a` with the values of list `b`; `a` 0 takes the expected type.
    Composite,
    /// Key `name` of the composite `a`; `b` is the same as an expression.
    Key,
    /// The type that the place of the object `a` (a symbol) expects.
    Expected,
    /// What module `name` exports as name `a`; the module itself when `a` is 0.
    Import,
    /// Reserved for the builtin type `name`.
    Builtin,
    /// The value of the symbol `a`.
    Local,
    /// The class `a` (a symbol) itself.
    Class,
}

/// What a module gives away under a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Export {
    /// The name outside; 0 for all of `node`'s names.
    pub(super) name: u32,
    /// What it stands for.
    pub(super) node: u32,
}
