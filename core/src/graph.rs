//! The symbol graph of one file: what it defines, and what each identifier in it refers to.
//!
//! Edges are occurrences: an identifier at a place, inside a definition, that refers to another
//! definition. Every one says how it was resolved ([`Tier`]); what could not be resolved, or lies
//! outside the tree, is recorded as such and never bound to a namesake.

use serde::{Deserialize, Serialize};

use crate::file::FileId;
use crate::span::ByteSpan;
use crate::symbol::SymbolKind;

/// The position of a definition in its [`FileGraph`]. 0 is the file itself, as a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DefinitionIndex(pub u32);

impl DefinitionIndex {
    /// The file itself.
    pub const MODULE: Self = Self(0);
}

/// A definition of the tree, by file and position. Meaningless in another snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DefinitionRef {
    /// The file that defines it.
    pub file: FileId,
    /// Its position there.
    pub index: DefinitionIndex,
}

/// Something with a name that other places can refer to. Local variables and parameters are none:
/// references to them are [`Target::Local`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// The name as written; for the file itself, the last part of its module's name.
    pub name: Box<str>,
    /// What kind of thing it is.
    pub kind: SymbolKind,
    /// What it lies in: a class, a function, the file. The file lies in itself.
    pub parent: DefinitionIndex,
    /// The whole definition, with decorators and attributes.
    pub span: ByteSpan,
    /// The name alone; empty for the file itself.
    pub name_span: ByteSpan,
    /// Whether code of other packages may use it, as far as the language says so.
    pub is_public: bool,
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $text:literal $doc:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum $name {
            $(#[doc = $doc] $variant,)+
        }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word used in queries and output.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

words! {
    /// How one definition is connected with another.
    EdgeKind {
        Calls "calls" "Calls it, or makes an instance of it.",
        References "references" "Mentions it: reads, writes, passes, names as a type.",
        Imports "imports" "Brings it into scope.",
        Inherits "inherits" "Is a subclass, a subtrait or an extending interface of it.",
        Implements "implements" "Implements the interface or trait.",
        Overrides "overrides" "Redefines or implements the member of a supertype.",
    }
}

words! {
    /// How sure an edge is.
    Tier {
        Exact "exact" "The rules of scopes and imports prove it.",
        Likely "likely" "Inferred from types or the receiver.",
        Name "name" "Only the name matches.",
    }
}

words! {
    /// Why an identifier has no target.
    Unresolved {
        UnknownName "unknown name" "No scope defines the name.",
        UnknownReceiver "unknown receiver" "The type before the dot is not known.",
        NoSuchMember "no such member" "The type is known but has no such member here.",
        MissingModule "missing module" "The import points into the tree, at nothing.",
        InMacro "in a macro" "It lies in a macro that was not expanded.",
        NoRules "no rules" "Nothing is known of how the language resolves names.",
    }
}

/// What an identifier refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Target {
    /// A definition of the tree.
    Definition(DefinitionRef),
    /// A local variable or parameter of the same file, by the offset of the name that binds it.
    Local(u32),
    /// Something of a package outside the tree, by position in [`FileGraph::packages`].
    External(u32),
    /// Nothing that could be found.
    Unresolved(Unresolved),
}

/// An identifier that refers to something. An identifier with several possible targets has
/// several occurrences, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Occurrence {
    /// The identifier; what stands for a call that is not written out (an operator, `with`).
    pub span: ByteSpan,
    /// What it does with its target.
    pub kind: EdgeKind,
    /// How sure the target is; `Exact` for an unresolved one.
    pub tier: Tier,
    /// Whether nothing at `span` names the target: an operator, a protocol's method.
    pub is_implicit: bool,
    /// The innermost definition around it.
    pub enclosing: DefinitionIndex,
    /// What it refers to.
    pub target: Target,
}

/// A connection of two definitions that no single identifier stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Relation {
    /// `Inherits`, `Implements` or `Overrides`.
    pub kind: EdgeKind,
    /// How sure it is.
    pub tier: Tier,
    /// The subclass, the implementing type, the overriding member.
    pub from: DefinitionRef,
    /// The superclass, the trait, the member overridden.
    pub to: DefinitionRef,
    /// Where this file says so.
    pub site: ByteSpan,
}

/// What one file contributes to the graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileGraph {
    /// The file itself, then its definitions in order of the position of their names.
    pub definitions: Vec<Definition>,
    /// What its identifiers refer to, ordered by position; definitions' own names are left out.
    pub occurrences: Vec<Occurrence>,
    /// What holds between definitions, stated in this file.
    pub relations: Vec<Relation>,
    /// Names of the packages that `Target::External` points at.
    pub packages: Vec<Box<str>>,
}

#[cfg(test)]
mod tests {
    use super::{EdgeKind, Tier, Unresolved};

    #[test]
    fn words_are_distinct() {
        let kinds = EdgeKind::ALL.iter().map(|kind| kind.as_str());
        let tiers = Tier::ALL.iter().map(|tier| tier.as_str());
        let reasons = Unresolved::ALL.iter().map(|reason| reason.as_str());
        let mut words: Vec<_> = kinds.chain(tiers).chain(reasons).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
    }
}
