//! Which bindings are definitions of the graph, and their numbers.
//!
//! A variable that is bound several times in one scope is one definition, where it is bound first.
//! Parameters that callers may name are definitions too, because keyword arguments in other files
//! refer to them; inside their own file they stay locals, at the same place.

use flux_core::{ByteSpan, Definition, DefinitionIndex, SymbolKind};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::python::facts::{
    Binding, BindingId, BindingKind, ClassId, Facts, NameId, Scope, ScopeId, ScopeKind, Standing,
    Traits,
};

/// Numbers the definitions of `facts` in order of their names' positions. `spans` has the whole of
/// functions and classes.
pub(super) fn number(facts: &mut Facts, spans: &FxHashMap<BindingId, ByteSpan>, text: &str) {
    let mut chosen = choose(facts);
    chosen.sort_by_key(|id| facts.bindings[id.index()].at);
    let mut first = FxHashMap::default();
    for (position, id) in chosen.iter().enumerate() {
        let index = DefinitionIndex(position as u32 + 1);
        facts.bindings[id.index()].definition = Some(index);
        let binding = &facts.bindings[id.index()];
        if is_variable(binding.kind) {
            first.insert((home(facts, binding.scope), binding.name), index);
        }
    }
    for index in 0..facts.bindings.len() {
        let binding = &facts.bindings[index];
        if binding.definition.is_none() && is_variable(binding.kind) {
            let found = first.get(&(home(facts, binding.scope), binding.name)).copied();
            facts.bindings[index].definition = found;
        }
    }
    own_scopes(facts);
    let whole = ByteSpan::new(0, text.len() as u32);
    let module = Definition {
        name: "".into(),
        kind: SymbolKind::Module,
        parent: DefinitionIndex::MODULE,
        span: whole,
        name_span: ByteSpan::new(0, 0),
        is_public: true,
    };
    let described = chosen.iter().map(|id| describe(facts, spans, *id));
    facts.definitions = std::iter::once(module).chain(described).collect();
}

fn is_variable(kind: BindingKind) -> bool {
    match kind {
        BindingKind::Variable
        | BindingKind::Augmented
        | BindingKind::For
        | BindingKind::With
        | BindingKind::AsyncWith
        | BindingKind::Except
        | BindingKind::Match
        | BindingKind::Alias => true,
        BindingKind::Import(_)
        | BindingKind::Function(_)
        | BindingKind::Class(_)
        | BindingKind::Parameter
        | BindingKind::Arguments
        | BindingKind::KeywordArguments
        | BindingKind::TypeParameter => false,
    }
}

/// The scope whose names count as the same: instances share those of their class.
fn home(facts: &Facts, scope: ScopeId) -> ScopeId {
    let found = &facts.scopes[scope.index()];
    match (found.kind, found.class) {
        (ScopeKind::Instance, Some(class)) => facts.classes[class.index()].scope,
        _ => scope,
    }
}

fn choose(facts: &Facts) -> Vec<BindingId> {
    let mut chosen: Vec<BindingId> = Vec::new();
    let mut variables: FxHashMap<(ScopeId, NameId), usize> = FxHashMap::default();
    for entry in &facts.entries {
        let scope = &facts.scopes[entry.scope.index()];
        for &id in entry.bindings.of(&facts.entry_bindings) {
            let binding = &facts.bindings[id.index()];
            if matches!(binding.kind, BindingKind::Function(_) | BindingKind::Class(_)) {
                chosen.push(id);
            } else if is_variable(binding.kind) {
                if !matches!(scope.kind, ScopeKind::Module | ScopeKind::Class | ScopeKind::Instance)
                {
                    continue;
                }
                // The class body's declaration wins over what methods assign.
                let key = (home(facts, entry.scope), entry.name);
                let next = chosen.len();
                let at = *variables.entry(key).or_insert(next);
                if at == next {
                    chosen.push(id);
                }
            } else if is_named_by_callers(facts, scope, id) {
                chosen.push(id);
            }
        }
    }
    chosen.extend(hidden(facts));
    chosen
}

/// Functions and classes that no entry has because no run reaches them: they are defined all the
/// same.
fn hidden(facts: &Facts) -> Vec<BindingId> {
    let is_dead = |binding: &Binding| {
        binding.standing == Standing::Dead
            && matches!(binding.kind, BindingKind::Function(_) | BindingKind::Class(_))
    };
    let ids = (0..facts.bindings.len() as u32).map(BindingId);
    let mut dead: Vec<BindingId> = ids.filter(|id| is_dead(&facts.bindings[id.index()])).collect();
    if !dead.is_empty() {
        let seen: FxHashSet<BindingId> = facts.entry_bindings.iter().copied().collect();
        dead.retain(|id| !seen.contains(id));
    }
    dead
}

fn is_named_by_callers(facts: &Facts, scope: &Scope, id: BindingId) -> bool {
    let binding = &facts.bindings[id.index()];
    let Some(function) = scope.function.map(|id| &facts.functions[id.index()]) else {
        return false;
    };
    let Some(outer) = function.binding.map(|outer| &facts.bindings[outer.index()]) else {
        return false;
    };
    let position = id.0.wrapping_sub(function.parameters.start);
    let is_receiver =
        position == 0 && function.class.is_some() && !function.traits.has(Traits::STATIC);
    binding.kind == BindingKind::Parameter
        && position >= function.keyword_from
        && !is_receiver
        && matches!(facts.scopes[outer.scope.index()].kind, ScopeKind::Module | ScopeKind::Class)
}

/// Tells every scope the innermost definition around what lies in it.
fn own_scopes(facts: &mut Facts) {
    for index in 0..facts.scopes.len() {
        let scope = &facts.scopes[index];
        let binding = match scope.kind {
            ScopeKind::Function => {
                scope.function.and_then(|id| facts.functions[id.index()].binding)
            }
            ScopeKind::Class | ScopeKind::Instance => {
                scope.class.map(|id| facts.classes[id.index()].binding)
            }
            _ => None,
        };
        let own = binding.and_then(|id| facts.bindings[id.index()].definition);
        let outer = scope.parent.map(|parent| facts.scopes[parent.index()].owner);
        facts.scopes[index].owner = own.or(outer).unwrap_or(DefinitionIndex::MODULE);
    }
}

fn describe(facts: &Facts, spans: &FxHashMap<BindingId, ByteSpan>, id: BindingId) -> Definition {
    let binding = &facts.bindings[id.index()];
    let name = &facts.names[binding.name.index()];
    let name_span = ByteSpan::new(binding.at, binding.at + name.len() as u32);
    let scope = &facts.scopes[binding.scope.index()];
    let span = spans.get(&id).copied().unwrap_or(name_span);
    let is_dunder = name.starts_with("__") && name.ends_with("__");
    Definition {
        name: name.clone(),
        kind: kind(facts, binding, scope),
        parent: scope.owner,
        span,
        name_span,
        is_public: (!name.starts_with('_') || is_dunder) && !is_local(scope.kind),
    }
}

fn is_local(kind: ScopeKind) -> bool {
    !matches!(kind, ScopeKind::Module | ScopeKind::Class | ScopeKind::Instance)
}

fn kind(facts: &Facts, binding: &Binding, scope: &Scope) -> SymbolKind {
    let name = &*facts.names[binding.name.index()];
    match (binding.kind, scope.kind) {
        (BindingKind::Class(id), _) if !is_made(facts, id, binding) => SymbolKind::Class,
        (BindingKind::Function(_), ScopeKind::Class) if name == "__init__" => {
            SymbolKind::Constructor
        }
        (BindingKind::Function(_), ScopeKind::Class) => SymbolKind::Method,
        (BindingKind::Function(_), _) => SymbolKind::Function,
        (BindingKind::Alias, _) => SymbolKind::TypeAlias,
        (_, ScopeKind::Class | ScopeKind::Instance) => SymbolKind::Field,
        (_, ScopeKind::Module)
            if name.bytes().any(|byte| byte.is_ascii_uppercase())
                && !name.bytes().any(|byte| byte.is_ascii_lowercase()) =>
        {
            SymbolKind::Constant
        }
        _ => SymbolKind::Variable,
    }
}

/// Whether a call made the class, so that its name is that of a variable.
fn is_made(facts: &Facts, id: ClassId, binding: &Binding) -> bool {
    let class = &facts.classes[id.index()];
    class.is_record
        && class.bases.len == 0
        && facts.bindings[class.binding.index()].at == binding.at
}
