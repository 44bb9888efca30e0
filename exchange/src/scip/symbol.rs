//! Names of symbols in SCIP's grammar: `flux . <tree> . ` and a descriptor for each folder, the
//! file and each definition around the symbol.
//!
//! Definitions that would share a name are told apart by their number among equals, as
//! `run(+1).` and `Config+1#`: SCIP has disambiguators for methods only.

use flux_core::{Definition, DefinitionIndex, DefinitionRef, SymbolKind};
use rustc_hash::FxHashMap;
use scip::types::symbol_information::Kind;

use crate::Scope;
use crate::error::ExchangeError;

/// Most descriptors after that of a file, should a damaged graph lead in a circle.
const MAX_DEPTH: usize = 256;

/// Names every definition of an export. Holds one number for each definition that has an equal.
pub(super) struct Names<'a> {
    scope: &'a Scope<'a>,
    ordinals: FxHashMap<DefinitionRef, u32>,
}

impl<'a> Names<'a> {
    pub(super) fn new(scope: &'a Scope<'a>) -> Result<Self, ExchangeError> {
        let mut ordinals = FxHashMap::default();
        for file in scope.files() {
            let file = file?;
            let definitions = scope.source.graph.definitions(file)?;
            let mut equals = FxHashMap::default();
            for (index, definition) in (0..).map(DefinitionIndex).zip(&definitions).skip(1) {
                let suffix = suffix(definition.kind);
                let key = (definition.parent, suffix, &*definition.name);
                let ordinal = equals.entry(key).or_insert(0);
                if *ordinal > 0 {
                    ordinals.insert(DefinitionRef { file, index }, *ordinal);
                }
                *ordinal += 1;
            }
        }
        Ok(Self { scope, ordinals })
    }

    /// The symbol of a definition.
    pub(super) fn of(&self, definition: DefinitionRef) -> Result<String, ExchangeError> {
        let mut around = Vec::new();
        let mut at = definition;
        while at.index != DefinitionIndex::MODULE && around.len() < MAX_DEPTH {
            let found = self.scope.source.graph.definition(at)?;
            let parent = DefinitionRef { file: at.file, index: found.parent };
            around.push((at, found));
            at = parent;
        }
        let mut symbol = package(self.scope.source.project);
        for part in self.scope.source.graph.path(definition.file)?.split('/') {
            push_name(&mut symbol, part);
            symbol.push('/');
        }
        for (at, found) in around.iter().rev() {
            self.push_descriptor(&mut symbol, *at, found);
        }
        Ok(symbol)
    }

    fn push_descriptor(&self, symbol: &mut String, at: DefinitionRef, definition: &Definition) {
        let ordinal = self.ordinals.get(&at);
        let suffix = suffix(definition.kind);
        match (suffix, ordinal) {
            (Suffix::Method, Some(ordinal)) => {
                push_name(symbol, &definition.name);
                symbol.push_str(&format!("(+{ordinal})."));
            }
            (_, Some(ordinal)) => {
                push_name(symbol, &format!("{}+{ordinal}", definition.name));
                symbol.push_str(suffix.as_str());
            }
            (_, None) => {
                push_name(symbol, &definition.name);
                symbol.push_str(suffix.as_str());
            }
        }
    }
}

/// The symbol of `name` in a package outside the tree, about which nothing else is known.
pub(super) fn external(name_of_package: &str, name: &str) -> String {
    let mut symbol = package(name_of_package);
    push_name(&mut symbol, name);
    symbol.push_str(Suffix::Meta.as_str());
    symbol
}

fn package(name: &str) -> String {
    let name = if name.is_empty() { "." } else { name };
    format!("flux . {} . ", name.replace(' ', "  "))
}

/// Names other than plain identifiers stand in backticks; an empty one would end the descriptor.
fn push_name(symbol: &mut String, name: &str) {
    let is_simple = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-' | '$');
    if name.is_empty() {
        symbol.push('_');
    } else if name.chars().all(is_simple) {
        symbol.push_str(name);
    } else {
        symbol.push('`');
        symbol.push_str(&name.replace('`', "``"));
        symbol.push('`');
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Suffix {
    Namespace,
    Type,
    Term,
    Method,
    Macro,
    Meta,
}

impl Suffix {
    fn as_str(self) -> &'static str {
        match self {
            Self::Namespace => "/",
            Self::Type => "#",
            Self::Term => ".",
            Self::Method => "().",
            Self::Macro => "!",
            Self::Meta => ":",
        }
    }
}

fn suffix(kind: SymbolKind) -> Suffix {
    match kind {
        SymbolKind::Module => Suffix::Namespace,
        SymbolKind::Class
        | SymbolKind::Struct
        | SymbolKind::Enum
        | SymbolKind::Interface
        | SymbolKind::Trait
        | SymbolKind::TypeAlias => Suffix::Type,
        SymbolKind::Function | SymbolKind::Method | SymbolKind::Constructor | SymbolKind::Test => {
            Suffix::Method
        }
        SymbolKind::Macro => Suffix::Macro,
        SymbolKind::EnumMember
        | SymbolKind::Property
        | SymbolKind::Field
        | SymbolKind::Constant
        | SymbolKind::Variable => Suffix::Term,
        SymbolKind::Section
        | SymbolKind::Key
        | SymbolKind::Rule
        | SymbolKind::Element
        | SymbolKind::Table => Suffix::Meta,
    }
}

/// SCIP's word for a kind; it has none for parts of documents and style sheets.
pub(super) fn kind(kind: SymbolKind) -> Kind {
    match kind {
        SymbolKind::Module => Kind::Module,
        SymbolKind::Class => Kind::Class,
        SymbolKind::Struct => Kind::Struct,
        SymbolKind::Enum => Kind::Enum,
        SymbolKind::EnumMember => Kind::EnumMember,
        SymbolKind::Interface => Kind::Interface,
        SymbolKind::Trait => Kind::Trait,
        SymbolKind::TypeAlias => Kind::TypeAlias,
        SymbolKind::Function | SymbolKind::Test => Kind::Function,
        SymbolKind::Method => Kind::Method,
        SymbolKind::Constructor => Kind::Constructor,
        SymbolKind::Macro => Kind::Macro,
        SymbolKind::Property => Kind::Property,
        SymbolKind::Field => Kind::Field,
        SymbolKind::Constant => Kind::Constant,
        SymbolKind::Variable => Kind::Variable,
        SymbolKind::Key => Kind::Key,
        SymbolKind::Section | SymbolKind::Rule | SymbolKind::Element | SymbolKind::Table => {
            Kind::UnspecifiedKind
        }
    }
}
