//! Lowering: one walk over the syntax tree, in the order of the text, into [`Facts`].
//!
//! The walk recurses, but never deeper than [`DEPTH`]: what lies deeper in a machine-written file
//! is left out, so that no input can exhaust a thread's stack.

mod annotations;
mod comprehensions;
mod conditions;
mod definitions;
mod digest;
mod expressions;
mod functions;
mod imports;
mod kinds;
mod patterns;
mod records;
mod statements;
mod stores;

use flux_core::{ByteSpan, DefinitionIndex};
use rustc_hash::FxHashMap;
use tree_sitter::{Node, Tree};

use self::kinds::{Grammar, Kind};
use super::facts::{
    Binding, BindingId, BindingKind, ClassId, Entry, Expression, ExpressionId, Facts, FunctionId,
    Guard, GuardId, Mention, NameId, Scope, ScopeId, ScopeKind, Standing, Statement, StatementId,
    StatementKind, Stretch, Use, UseKind,
};

/// How many levels of the tree are walked. Hand-written code stays below 60; a level takes up to
/// 3 KB of stack in a debug build, and threads have 2 MB.
const DEPTH: u32 = 200;

/// Lowers one parsed text.
pub(crate) fn lower(text: &str, tree: &Tree) -> Facts {
    let mut lowering = Lowering::new(text, Grammar::get(&tree.language()));
    lowering.module(tree.root_node());
    lowering.finish()
}

/// What is gathered while the walk is inside a function.
#[derive(Default)]
struct Frame {
    results: Vec<ExpressionId>,
    yields: Vec<ExpressionId>,
    is_generator: bool,
    is_outward: bool,
    globals: Vec<NameId>,
    nonlocals: Vec<NameId>,
    /// The parameter that stands for the instance or the class, and the latter.
    receiver: Option<(NameId, ClassId)>,
    /// The class whose body the function lies in, and its name.
    class: Option<(NameId, ClassId)>,
}

struct Lowering<'t> {
    text: &'t str,
    grammar: &'static Grammar,
    facts: Facts,
    names: FxHashMap<&'t str, NameId>,
    entries: FxHashMap<(ScopeId, NameId), usize>,
    /// The bindings of each entry.
    bound: Vec<(ScopeId, NameId, Vec<BindingId>)>,
    /// The whole of functions and classes, with decorators.
    spans: FxHashMap<BindingId, ByteSpan>,
    /// One for each function or lambda around the place, innermost last.
    frames: Vec<Frame>,
    scope: ScopeId,
    statement: StatementId,
    guard: GuardId,
    standing: Standing,
    /// The scope for paths of each scope that has one.
    paths: FxHashMap<ScopeId, ScopeId>,
    blocks: u32,
    ordinal: u32,
    depth: u32,
}

/// A binding to be made, beside its name and where it is.
#[derive(Clone, Copy)]
struct Source {
    kind: BindingKind,
    value: Option<ExpressionId>,
    annotation: Option<ExpressionId>,
}

impl Source {
    fn of(kind: BindingKind) -> Self {
        Self { kind, value: None, annotation: None }
    }
}

impl<'t> Lowering<'t> {
    fn new(text: &'t str, grammar: &'static Grammar) -> Self {
        let mut lowering = Self {
            text,
            grammar,
            facts: Facts::default(),
            names: FxHashMap::default(),
            entries: FxHashMap::default(),
            bound: Vec::new(),
            spans: FxHashMap::default(),
            frames: Vec::new(),
            scope: ScopeId::MODULE,
            statement: StatementId(0),
            guard: GuardId(0),
            standing: Standing::Plain,
            paths: FxHashMap::default(),
            blocks: 0,
            ordinal: 0,
            depth: 0,
        };
        lowering.facts.statements.push(Statement {
            block: 0,
            parent: StatementId(0),
            ordinal: 0,
            kind: StatementKind::Plain,
        });
        let unknown = lowering.push(Expression::Unknown);
        lowering.facts.guards.push(Guard { outer: GuardId(0), test: unknown, holds: true, at: 0 });
        lowering.new_scope(ScopeKind::Module, None);
        lowering
    }

    fn finish(mut self) -> Facts {
        self.gather_entries();
        definitions::number(&mut self.facts, &self.spans, self.text);
        self.facts.exports = digest::exports(&self.facts);
        self.facts
    }

    fn gather_entries(&mut self) {
        self.bound.sort_by_key(|(scope, _, bindings)| (*scope, bindings.first().copied()));
        for (scope, name, bindings) in &self.bound {
            let start = self.facts.entry_bindings.len() as u32;
            let is_live =
                |id: &&BindingId| self.facts.bindings[id.index()].standing != Standing::Dead;
            let live: Vec<BindingId> = bindings.iter().filter(is_live).copied().collect();
            let kept = if live.is_empty() { bindings } else { &live };
            self.facts.entry_bindings.extend(kept);
            let bindings = Stretch { start, len: kept.len() as u32 };
            self.facts.entries.push(Entry { scope: *scope, name: *name, bindings });
        }
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        self.grammar.kind(node)
    }

    fn field<'n>(&self, node: Node<'n>, id: u16) -> Option<Node<'n>> {
        if id == 0 { None } else { node.child_by_field_id(id) }
    }

    fn text_of(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.start_byte()..node.end_byte()).unwrap_or("")
    }

    fn name(&mut self, text: &'t str) -> NameId {
        *self.names.entry(text).or_insert_with(|| {
            self.facts.names.push(text.into());
            NameId(self.facts.names.len() as u32 - 1)
        })
    }

    fn name_of(&mut self, node: Node<'_>) -> NameId {
        let text = self.text_of(node);
        self.name(text)
    }

    fn push(&mut self, expression: Expression) -> ExpressionId {
        self.facts.expressions.push(expression);
        ExpressionId(self.facts.expressions.len() as u32 - 1)
    }

    fn list(&mut self, items: &[ExpressionId]) -> Stretch {
        let start = self.facts.lists.len() as u32;
        self.facts.lists.extend_from_slice(items);
        Stretch { start, len: items.len() as u32 }
    }

    fn new_scope(&mut self, kind: ScopeKind, parent: Option<ScopeId>) -> ScopeId {
        let outer = parent.map(|parent| &self.facts.scopes[parent.index()]);
        let class = match kind {
            ScopeKind::Comprehension | ScopeKind::TypeParameters | ScopeKind::Paths => {
                outer.and_then(|s| s.class)
            }
            _ => None,
        };
        self.facts.scopes.push(Scope {
            kind,
            parent,
            function: None,
            class,
            stars: Vec::new(),
            owner: DefinitionIndex::MODULE,
        });
        ScopeId(self.facts.scopes.len() as u32 - 1)
    }

    /// Runs `walk` with `scope` as the current one.
    fn within<T>(&mut self, scope: ScopeId, walk: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.scope, scope);
        let result = walk(self);
        self.scope = outer;
        result
    }

    /// Runs `walk` where `test` is known to hold or to fail.
    fn guarded<T>(
        &mut self,
        test: ExpressionId,
        holds: bool,
        at: usize,
        walk: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = self.guard;
        self.add_guard(test, holds, at);
        let result = walk(self);
        self.guard = outer;
        result
    }

    /// From here on to the end of the block `test` is known to hold or to fail.
    fn add_guard(&mut self, test: ExpressionId, holds: bool, at: usize) {
        self.facts.guards.push(Guard { outer: self.guard, test, holds, at: at as u32 });
        self.guard = GuardId(self.facts.guards.len() as u32 - 1);
    }

    fn mention(&mut self, name: NameId, at: usize) -> Mention {
        let (scope, statement, guard) = (self.scope, self.statement, self.guard);
        Mention { name, at: at as u32, scope, statement, guard }
    }

    fn add_use(&mut self, what: UseKind) {
        self.facts.uses.push(Use { what, scope: self.scope });
    }

    /// Makes the use of `expression` one of another kind, where it is among the latest.
    fn turn_use(&mut self, expression: ExpressionId, into: UseKind) {
        let latest = self.facts.uses.iter_mut().rev().take(64);
        let mut uses = latest.filter(|found| found.what == UseKind::Mention(expression));
        if let Some(found) = uses.next() {
            found.what = into;
        }
    }

    /// The scope that a name assigned in the current one belongs to.
    fn home(&self, name: NameId) -> ScopeId {
        let scope = &self.facts.scopes[self.scope.index()];
        if !matches!(scope.kind, ScopeKind::Function) {
            return self.scope;
        }
        let Some(frame) = self.frames.last() else { return self.scope };
        if frame.globals.contains(&name) {
            return ScopeId::MODULE;
        }
        if !frame.nonlocals.contains(&name) {
            return self.scope;
        }
        let mut next = scope.parent;
        while let Some(at) = next {
            let outer = &self.facts.scopes[at.index()];
            if outer.kind == ScopeKind::Function && self.entries.contains_key(&(at, name)) {
                return at;
            }
            next = outer.parent;
        }
        self.scope
    }

    /// Binds `name`, written at `at`, in `scope`.
    fn bind(
        &mut self,
        scope: ScopeId,
        name: NameId,
        at: usize,
        source: Source,
        unpacking: &[u32],
    ) -> BindingId {
        let start = self.facts.unpackings.len() as u32;
        self.facts.unpackings.extend_from_slice(unpacking);
        let id = BindingId(self.facts.bindings.len() as u32);
        self.facts.bindings.push(Binding {
            kind: source.kind,
            name,
            scope,
            at: at as u32,
            value: source.value,
            annotation: source.annotation,
            unpacking: Stretch { start, len: unpacking.len() as u32 },
            statement: self.statement,
            definition: None,
            standing: self.standing,
        });
        let next = self.bound.len();
        let entry = *self.entries.entry((scope, name)).or_insert(next);
        if entry == next {
            self.bound.push((scope, name, Vec::new()));
        } else {
            self.add_use(UseKind::Rebind(id));
        }
        self.bound[entry].2.push(id);
        id
    }

    /// Binds the name at `node` where assignments in the current scope go.
    fn bind_node(&mut self, node: Node<'_>, source: Source, unpacking: &[u32]) -> BindingId {
        let name = self.name_of(node);
        let scope = self.home(name);
        self.bind(scope, name, node.start_byte(), source, unpacking)
    }

    fn function_scope(&mut self, function: FunctionId, kind: ScopeKind) -> ScopeId {
        let scope = self.new_scope(kind, Some(self.scope));
        self.facts.scopes[scope.index()].function = Some(function);
        scope
    }
}

/// The named children of `node`, without comments.
fn children<'n>(node: Node<'n>) -> impl Iterator<Item = Node<'n>> {
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    std::iter::from_fn(move || {
        while more {
            let child = cursor.node();
            more = cursor.goto_next_sibling();
            if child.is_named() && !child.is_extra() {
                return Some(child);
            }
        }
        None
    })
}
