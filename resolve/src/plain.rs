//! The layer of languages whose scopes and imports are not understood: definitions as the grammar
//! finds them, and mentions bound by name alone, where one definition has that name.

use std::hash::{Hash, Hasher};

use flux_core::{
    Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileGraph, FileId, Occurrence, Reference,
    ReferenceRole, References, Symbol, SymbolKind, Target, Tier, Unresolved,
};
use rustc_hash::{FxHashMap, FxHasher};
use serde::{Deserialize, Serialize};

use crate::layer::{Dependency, Files, Resolved, World};

/// What one file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// In order of the position of their names. The file itself, at 0 in the graph, is left out.
    definitions: Vec<Definition>,
    /// Names that are mentioned.
    names: Vec<Box<str>>,
    /// In order of position.
    mentions: Vec<Reference>,
}

impl Facts {
    /// Takes over what a grammar found.
    pub(crate) fn new(symbols: &[Symbol], references: &References) -> Self {
        let definition = |symbol: &Symbol| Definition {
            name: symbol.name.clone(),
            kind: symbol.kind,
            parent: symbol.parent.map_or(DefinitionIndex::MODULE, |at| DefinitionIndex(at.0 + 1)),
            span: symbol.span,
            name_span: symbol.name_span,
            is_public: true,
        };
        Self {
            definitions: symbols.iter().map(definition).collect(),
            names: references.names.clone(),
            mentions: references.references.clone(),
        }
    }

    /// Digest of the names defined, in order.
    pub(crate) fn exports(&self) -> u64 {
        hash(self.definitions.iter().map(|definition| &definition.name).collect::<Vec<_>>())
    }
}

/// Sees all files of the layer together.
pub(crate) fn open<'a>(files: &'a dyn Files) -> Box<dyn World + 'a> {
    let mut world = Plain { files, by_name: FxHashMap::default() };
    for file in (0..files.len() as u32).map(FileId) {
        if !crate::facts::is_layered(files.language(file))
            && let Some(facts) = files.facts(file)
            && let crate::Facts::Plain(facts) = &*facts
        {
            world.add(file, facts);
        }
    }
    Box::new(world)
}

struct Plain<'a> {
    files: &'a dyn Files,
    /// Definitions by a hash of language and name, in order.
    by_name: FxHashMap<Dependency, Vec<DefinitionRef>>,
}

impl Plain<'_> {
    fn add(&mut self, file: FileId, facts: &Facts) {
        let language = self.files.language(file);
        for (index, definition) in (1..).zip(&facts.definitions) {
            let key = hash((language, &definition.name));
            let found = DefinitionRef { file, index: DefinitionIndex(index) };
            self.by_name.entry(key).or_default().push(found);
        }
    }

    fn named(&self, key: Dependency) -> &[DefinitionRef] {
        self.by_name.get(&key).map_or(&[], Vec::as_slice)
    }
}

impl World for Plain<'_> {
    fn resolve(&self, file: FileId) -> Resolved {
        let facts = self.files.facts(file);
        let Some(crate::Facts::Plain(facts)) = facts.as_deref() else {
            return Resolved::default();
        };
        let language = self.files.language(file);
        let mut graph = FileGraph {
            definitions: vec![crate::layer::module(self.files.path(file))],
            ..FileGraph::default()
        };
        graph.definitions.extend(facts.definitions.iter().cloned());
        let mut dependencies = Vec::new();
        for mention in &facts.mentions {
            let key = hash((language, &facts.names[mention.name as usize]));
            dependencies.push(key);
            let target = match self.named(key) {
                [one] => Target::Definition(*one),
                _ => Target::Unresolved(Unresolved::NoRules),
            };
            graph.occurrences.push(Occurrence {
                span: mention.span,
                kind: kind_of(mention.role),
                tier: Tier::Name,
                is_implicit: false,
                enclosing: enclosing(&facts.definitions, mention),
                target,
            });
        }
        dependencies.sort_unstable();
        dependencies.dedup();
        Resolved { graph, dependencies }
    }

    fn digest(&self, dependency: Dependency) -> u64 {
        let identity = |found: &DefinitionRef| (self.files.path(found.file), found.index);
        match self.named(dependency) {
            [] => 0,
            found => hash(found.iter().map(identity).collect::<Vec<_>>()),
        }
    }
}

fn kind_of(role: ReferenceRole) -> EdgeKind {
    match role {
        ReferenceRole::Call | ReferenceRole::Macro => EdgeKind::Calls,
        ReferenceRole::Inherit => EdgeKind::Inherits,
        ReferenceRole::Type | ReferenceRole::Member | ReferenceRole::Name => EdgeKind::References,
    }
}

/// The innermost definition around a mention. The last that begins before it, or one around that.
fn enclosing(definitions: &[Definition], mention: &Reference) -> DefinitionIndex {
    let before = definitions.partition_point(|found| found.name_span.start < mention.span.start);
    let mut index = DefinitionIndex(before as u32);
    while index != DefinitionIndex::MODULE {
        let definition = &definitions[index.0 as usize - 1];
        if definition.span.contains(mention.span) && is_scope(definition.kind) {
            break;
        }
        index = definition.parent;
    }
    index
}

fn is_scope(kind: SymbolKind) -> bool {
    kind.is_callable() || kind.is_container()
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish() | 1
}

#[cfg(test)]
mod tests {
    use flux_core::{ByteSpan, LineSpan, Reference, ReferenceRole, References, Symbol, SymbolKind};

    use super::{Facts, enclosing};

    fn function(name: &str, start: u32, end: u32) -> Symbol {
        Symbol {
            name: name.into(),
            kind: SymbolKind::Function,
            container: "".into(),
            parent: None,
            span: ByteSpan::new(start, end),
            lines: LineSpan::new(1, 1),
            name_span: ByteSpan::new(start + 2, start + 3),
            signature: "".into(),
            doc: ByteSpan::new(start, start),
        }
    }

    #[test]
    fn a_mention_lies_in_the_function_around_it_and_in_none_between_two() {
        let symbols = [function("a", 0, 20), function("b", 30, 50)];
        let facts = Facts::new(&symbols, &References::default());
        let mention = |start| Reference {
            name: 0,
            role: ReferenceRole::Call,
            span: ByteSpan::new(start, start + 1),
        };
        let found = [10, 25, 40].map(|start| enclosing(&facts.definitions, &mention(start)).0);
        assert_eq!(found, [1, 0, 2]);
    }
}
