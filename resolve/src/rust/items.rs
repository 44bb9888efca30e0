//! The items of a file: what its modules, types, traits and impls declare.

use serde::{Deserialize, Serialize};

use super::syntax::{
    CallId, ExprId, Ident, ItemId, PathId, Place, Run, ScopeId, Syntax, TextId, TypeId,
};

/// Whether the host's configuration compiles something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) enum Active {
    No,
    Yes,
}

/// A type parameter with its bounds, or a const parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Generic {
    pub(super) name: Ident,
    /// Run of `type_lists`.
    pub(super) bounds: Run,
    pub(super) default: Option<TypeId>,
    /// The type of a const parameter.
    pub(super) constant: Option<TypeId>,
}

/// `T: Bound + Bound` of a `where` clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Predicate {
    pub(super) ty: TypeId,
    pub(super) bounds: Run,
}

/// The generics of an item: runs of [`Items::generics`] and [`Items::predicates`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Generics {
    pub(super) parameters: Run,
    pub(super) predicates: Run,
}

/// The signature of a function; its parameters beside `self` are a run of `type_lists`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Signature {
    pub(super) parameters: Run,
    pub(super) output: Option<TypeId>,
    pub(super) has_self: bool,
    /// Whether it is `&self`.
    pub(super) is_self_borrowed: bool,
    /// The type after `self:`.
    pub(super) self_type: Option<TypeId>,
    pub(super) is_async: bool,
}

/// What an item is. Runs are of [`Items::members`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum ItemKind {
    /// With a body, or in another file.
    Module {
        scope: Option<ScopeId>,
        path: Option<TextId>,
    },
    Function(Signature),
    Struct {
        fields: Run,
    },
    Union {
        fields: Run,
    },
    Enum {
        variants: Run,
    },
    Variant {
        fields: Run,
    },
    Field(TypeId),
    Trait {
        supers: Run,
        members: Run,
    },
    /// An alias or an associated type, with its bounds as a run of `type_lists`.
    Alias {
        ty: Option<TypeId>,
        bounds: Run,
    },
    Const(TypeId),
    Static(TypeId),
    Macro {
        rules: TextId,
        is_exported: bool,
    },
    Impl {
        ty: TypeId,
        of: Option<TypeId>,
        members: Run,
    },
}

/// An item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) kind: ItemKind,
    /// For an impl, at nowhere.
    pub(super) name: Ident,
    pub(super) generics: Generics,
    /// What it lies in: a function, an impl, a trait, a module.
    pub(super) parent: Option<ItemId>,
    pub(super) scope: ScopeId,
    pub(super) span: (Place, Place),
    pub(super) is_public: bool,
    pub(super) active: Active,
    /// Paths of `#[derive(…)]`, a run of [`Items::derives`].
    pub(super) derives: Run,
}

/// What a `use` declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum UseKind {
    /// One name, as the alias says, or as the last segment does.
    Name(Option<Ident>),
    /// `*`.
    Glob,
    /// What stands before a list: nothing by itself.
    Prefix,
    /// `extern crate`, with its alias, and whether `#[macro_use]` stands above it.
    ExternCrate { alias: Option<Ident>, takes_macros: bool },
}

/// A leaf of a `use` tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Use {
    pub(super) path: PathId,
    pub(super) kind: UseKind,
    pub(super) scope: ScopeId,
    pub(super) is_public: bool,
    pub(super) active: Active,
    /// The item whose body holds it, if any.
    pub(super) owner: Option<ItemId>,
}

/// A place for names: a file, a module's body, a block that declares items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Scope {
    pub(super) parent: Option<ScopeId>,
    /// The module item whose body it is; none for a file or a block.
    pub(super) module: Option<ItemId>,
    pub(super) is_block: bool,
}

/// A macro called where items stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct ItemCall {
    pub(super) call: CallId,
    pub(super) scope: ScopeId,
    /// The trait or impl around it, or the function whose block it stands in.
    pub(super) owner: Option<ItemId>,
    pub(super) is_member: bool,
}

/// What others may see of a file.
#[derive(Clone, Debug, Default, PartialEq, Hash, Serialize, Deserialize)]
pub(super) struct Items {
    pub(super) syntax: Syntax,
    /// In order of position; members after what they belong to.
    pub(super) items: Vec<Item>,
    pub(super) members: Vec<ItemId>,
    pub(super) generics: Vec<Generic>,
    pub(super) predicates: Vec<Predicate>,
    pub(super) derives: Vec<PathId>,
    /// Attributes that the compiler does not define, with what they stand above.
    pub(super) attributes: Vec<(PathId, ItemId)>,
    /// Names that users of a procedural macro write, with its function.
    pub(super) proc_macros: Vec<(Ident, ItemId)>,
    /// The first is the file.
    pub(super) scopes: Vec<Scope>,
    pub(super) uses: Vec<Use>,
    pub(super) calls: Vec<ItemCall>,
}

impl Items {
    pub(super) fn item(&self, id: ItemId) -> &Item {
        &self.items[id.0 as usize]
    }
}

/// The inside of a function, a constant, a discriminant, an array's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Body {
    pub(super) owner: Option<ItemId>,
    pub(super) scope: ScopeId,
    /// The name `self`, where there is one.
    pub(super) self_at: Option<Place>,
    /// Run of `pattern_lists`, in order of the signature's parameters.
    pub(super) parameters: Run,
    pub(super) value: ExprId,
    /// Whether the value is what the owner declares, rather than a part of its signature.
    pub(super) is_value: bool,
}

/// What nobody else sees.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Bodies {
    pub(super) syntax: Syntax,
    pub(super) bodies: Vec<Body>,
}
