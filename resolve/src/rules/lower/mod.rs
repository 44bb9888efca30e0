//! Lowering: one syntax tree → facts, driven by the rules of its language.
//!
//! One walk down the tree. A node's rule says which construct it is; each construct leaves rows
//! in the tables and gives back the row that stands for its value, 0 for none.

mod c;
mod declare;
mod express;
mod families;
mod hooks;
mod pattern;
pub(super) mod script;
mod tail;

use std::hash::Hasher;

use rustc_hash::FxHashMap;
use tree_sitter::{Node as Syntax, Tree};

use super::facts::{
    CALLED, Facts, IN_TYPE, Kind, Node, Op, SILENT, Scope, ScopeKind, Symbol, WRITTEN, flag,
};
use super::language::{Construct, Family, Language, Role, Rule, Rules};

/// Deeper nested code is left out: its walk would overflow a thread's stack.
const MAX_DEPTH: u32 = 400;

/// Lowers one parsed text; `None` for a language without rules.
pub(super) fn lower(language: Language, text: &str, tree: &Tree) -> Option<Facts> {
    let rules = language.rules()?;
    let root = tree.root_node();
    let mut lowering = Lowering::new(language, rules, text);
    lowering.visit_children(root);
    Some(lowering.finish())
}

/// What is being read, and where.
struct Lowering<'t> {
    text: &'t str,
    rules: &'static Rules,
    facts: Facts,
    names: FxHashMap<&'t str, u32>,
    /// Symbols by scope and name.
    declared: FxHashMap<(u32, u32), u32>,
    stars: Vec<u32>,
    scope: u32,
    depth: u32,
    /// Flags that the next declaration takes.
    pending: u16,
    in_type: bool,
    /// Values returned by the functions around, the innermost last.
    returns: Vec<Vec<u32>>,
    /// What the literal being read is expected to be.
    composite: u32,
    /// Base types found so far of the classes around, the innermost last.
    bases: Vec<Vec<u32>>,
    /// The scope of members reached through an object only; 0 when there are none yet.
    assigned: u32,
    /// Type parameters of the declaration that comes next (C++).
    template: Option<Syntax<'t>>,
    /// What a conditional access is said of.
    conditional: u32,
    /// Type and value of the constant before, which the next one may repeat.
    repeated: (u32, u32),
    /// Members declared by assignments so far.
    members: u32,
    /// Ranges of the text that no other file can tell, with the number of definitions in them.
    hidden_ranges: Vec<(usize, usize, usize)>,
}

impl<'t> Lowering<'t> {
    fn new(language: Language, rules: &'static Rules, text: &'t str) -> Self {
        let module = Symbol { end: text.len() as u32, flags: flag::HIDDEN, ..Symbol::default() };
        let facts = Facts {
            language,
            names: vec!["".into()],
            scopes: vec![Scope::default()],
            symbols: vec![module],
            nodes: vec![Node::default()],
            lists: vec![0],
            ..Facts::default()
        };
        Self {
            text,
            rules,
            facts,
            names: FxHashMap::from_iter([("", 0)]),
            declared: FxHashMap::default(),
            stars: Vec::new(),
            scope: 0,
            depth: 0,
            pending: 0,
            in_type: false,
            returns: Vec::new(),
            composite: 0,
            bases: Vec::new(),
            template: None,
            conditional: 0,
            repeated: (0, 0),
            members: 0,
            assigned: 0,
            hidden_ranges: Vec::new(),
        }
    }

    fn finish(mut self) -> Facts {
        let stars = std::mem::take(&mut self.stars);
        self.facts.stars = self.list(&stars);
        self.facts.digest = self.digest();
        self.facts
    }

    /// Leaves a function's body out of the digest.
    fn hide(&mut self, body: Syntax<'_>, definitions: usize) {
        self.hidden_ranges.push((body.start_byte(), body.end_byte(), definitions));
    }

    /// A hash of the text without the bodies that other files cannot see into.
    fn digest(&mut self) -> u64 {
        let mut hash = rustc_hash::FxHasher::default();
        let mut ranges = std::mem::take(&mut self.hidden_ranges);
        ranges.sort_unstable();
        let mut from = 0;
        for (start, end, definitions) in ranges {
            if start >= from {
                hash.write(&self.text.as_bytes()[from..start]);
                hash.write_usize(definitions);
                from = end;
            }
        }
        hash.write(&self.text.as_bytes()[from..]);
        hash.finish() | 1
    }

    fn family(&self) -> Family {
        self.rules.behaviour.family
    }

    fn source(&self, node: Syntax<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    fn name(&mut self, text: &'t str) -> u32 {
        if let Some(id) = self.names.get(text) {
            return *id;
        }
        let id = self.facts.names.len() as u32;
        self.facts.names.push(text.into());
        self.names.insert(text, id);
        id
    }

    fn owned_name(&mut self, text: String) -> u32 {
        if let Some(id) = self.names.get(text.as_str()) {
            return *id;
        }
        self.facts.names.push(text.into());
        self.facts.names.len() as u32 - 1
    }

    /// A name that is not part of the text: a word of the rules.
    fn word(&mut self, word: &'static str) -> u32 {
        self.name(word)
    }

    fn list(&mut self, items: &[u32]) -> u32 {
        if items.is_empty() {
            return 0;
        }
        let id = self.facts.lists.len() as u32;
        self.facts.lists.push(items.len() as u32);
        self.facts.lists.extend_from_slice(items);
        id
    }

    /// A row that is no identifier.
    fn push(&mut self, op: Op, name: u32, a: u32, b: u32) -> u32 {
        self.push_at(op, SILENT, 0, (name, a, b))
    }

    fn push_at(&mut self, op: Op, flags: u8, start: u32, (name, a, b): (u32, u32, u32)) -> u32 {
        let flags = if self.in_type { flags | IN_TYPE } else { flags };
        self.facts.nodes.push(Node { op, flags, scope: self.scope, start, name, a, b });
        self.facts.nodes.len() as u32 - 1
    }

    /// A row for the identifier `node`.
    fn identifier(&mut self, op: Op, node: Syntax<'_>, a: u32, b: u32) -> u32 {
        let name = self.name_of(node);
        self.push_at(op, 0, node.start_byte() as u32, (name, a, b))
    }

    fn name_of(&mut self, node: Syntax<'_>) -> u32 {
        let text = self.source(node);
        self.name(text)
    }

    fn builtin(&mut self, word: &'static str) -> u32 {
        let name = self.word(word);
        self.push(Op::Builtin, name, 0, 0)
    }

    fn in_scope<T>(
        &mut self,
        kind: ScopeKind,
        owner: Option<u32>,
        inside: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let parent = self.scope;
        let owner = owner.unwrap_or(self.facts.scopes[parent as usize].owner);
        self.facts.scopes.push(Scope { parent, owner, kind });
        self.scope = self.facts.scopes.len() as u32 - 1;
        if kind != ScopeKind::Block {
            self.facts.symbols[owner as usize].inner = self.scope;
        }
        let value = inside(self);
        self.scope = parent;
        value
    }

    fn as_type<T>(&mut self, is_type: bool, inside: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.in_type, is_type);
        let value = inside(self);
        self.in_type = before;
        value
    }

    fn scope_kind(&self) -> ScopeKind {
        self.facts.scopes[self.scope as usize].kind
    }

    /// The symbol whose inside is being read.
    fn owner(&self) -> u32 {
        self.facts.scopes[self.scope as usize].owner
    }

    fn symbol(&mut self, symbol: u32) -> &mut Symbol {
        &mut self.facts.symbols[symbol as usize]
    }

    fn op(&self, node: u32) -> Op {
        self.facts.nodes[node as usize].op
    }

    /// Reads `node` and gives the row of its value.
    fn visit(&mut self, node: Syntax<'t>) -> u32 {
        if node.is_extra() || self.depth >= MAX_DEPTH {
            return 0;
        }
        self.depth += 1;
        let rules = self.rules;
        let value = match rules.of(node) {
            Some(rule) => self.construct(rule, node),
            None => self.visit_children(node),
        };
        self.depth -= 1;
        value
    }

    /// Reads all children; the value is that of an only child.
    fn visit_children(&mut self, node: Syntax<'t>) -> u32 {
        let mut cursor = node.walk();
        let (mut value, mut count) = (0, 0);
        for child in node.named_children(&mut cursor) {
            if !child.is_extra() {
                value = self.visit(child);
                count += 1;
            }
        }
        if count == 1 { value } else { 0 }
    }

    fn visit_role(&mut self, rule: &Rule, role: Role, node: Syntax<'t>) -> u32 {
        rule.child(role, node).map_or(0, |child| self.visit(child))
    }

    fn visit_type(&mut self, node: Syntax<'t>) -> u32 {
        self.as_type(true, |this| this.visit(node))
    }

    fn type_role(&mut self, rule: &Rule, role: Role, node: Syntax<'t>) -> u32 {
        rule.child(role, node).map_or(0, |child| self.visit_type(child))
    }

    /// The children of a list that plays `role`; what is no list by itself is its only item.
    fn items(&self, rule: &Rule, role: Role, node: Syntax<'t>) -> Vec<Syntax<'t>> {
        let mut items = Vec::new();
        for list in rule.all(role, node) {
            if list != node && self.rules.of(list).is_some_and(|rule| !rule.is_list()) {
                items.push(list);
            } else {
                items.extend(children(list));
            }
        }
        items
    }

    fn visit_all(&mut self, nodes: &[Syntax<'t>]) -> u32 {
        let values: Vec<u32> = nodes.iter().map(|node| self.visit(*node)).collect();
        self.list(&values)
    }

    fn construct(&mut self, rule: &'static Rule, node: Syntax<'t>) -> u32 {
        match rule.construct {
            Construct::Ignore => 0,
            Construct::Type => self.as_type(true, |this| this.visit_children(node)),
            Construct::Statements => self.visit_children(node),
            Construct::Block => {
                self.in_scope(ScopeKind::Block, None, |this| this.visit_children(node))
            }
            Construct::Function | Construct::Lambda => self.function(rule, node),
            Construct::Class | Construct::Extension => self.class(rule, node),
            Construct::Namespace => self.namespace(rule, node),
            Construct::Variable | Construct::Field => self.variable(rule, node),
            Construct::Parameter => self.parameter(rule, node),
            Construct::TypeParameter => self.type_parameter(rule, node),
            Construct::Alias => self.alias(rule, node),
            Construct::EnumMember => self.enum_member(rule, node),
            Construct::Embedded => self.embedded(rule, node),
            Construct::Assign => self.assign(rule, node),
            Construct::ForEach => self.for_each(rule, node),
            Construct::TypeSwitch => self.type_switch(rule, node),
            Construct::Catch => self.catch(rule, node),
            Construct::Import | Construct::Export | Construct::Hook => self.hook(rule, node),
            Construct::ObjectPattern
            | Construct::ListPattern
            | Construct::PairPattern
            | Construct::DefaultPattern
            | Construct::RestPattern => self.visit_children(node),
            _ => self.express(rule, node),
        }
    }

    /// Flags of a declaration, from the tokens between its parts.
    fn modifiers(&self, node: Syntax<'_>) -> u16 {
        let mut flags = 0;
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            let is_holder = self.rules.holds_modifiers(child);
            if child.is_named() && !is_holder {
                flags |= self.rules.modifier(child, "");
                continue;
            }
            flags |= self.rules.modifier(child, self.source(child));
            if is_holder {
                flags |= self.held_modifiers(child);
            }
        }
        flags
    }

    /// Flags of the words in a list of modifiers, which may be lists of their own.
    fn held_modifiers(&self, list: Syntax<'_>) -> u16 {
        let mut flags = 0;
        let mut cursor = list.walk();
        for word in list.children(&mut cursor) {
            flags |= self.rules.modifier(word, self.source(word));
            let mut inner = word.walk();
            for leaf in word.children(&mut inner) {
                flags |= self.rules.modifier(leaf, self.source(leaf));
            }
        }
        flags
    }

    fn mark(&mut self, node: u32, flags: u8) {
        if node != 0 {
            self.facts.nodes[node as usize].flags |= flags;
        }
    }

    fn mark_called(&mut self, node: u32) {
        let target = match self.op(node) {
            Op::Generic | Op::Index => self.facts.nodes[node as usize].a,
            _ => node,
        };
        self.mark(target, CALLED);
    }

    fn mark_written(&mut self, node: u32) {
        if matches!(self.op(node), Op::Name | Op::Member) {
            self.mark(node, WRITTEN);
        }
    }

    /// Declares a symbol named by the identifier `name`.
    fn declare(&mut self, kind: Kind, name: Syntax<'t>, whole: Syntax<'t>) -> u32 {
        let text = self.name_of(name);
        let symbol = Symbol {
            name: text,
            kind,
            scope: self.scope,
            start: whole.start_byte() as u32,
            end: whole.end_byte() as u32,
            at: name.start_byte() as u32,
            ..Symbol::default()
        };
        self.add(symbol)
    }

    /// Adds a symbol without a name in the text.
    fn hidden(&mut self, kind: Kind, node: Syntax<'t>) -> u32 {
        let symbol = Symbol {
            kind,
            flags: flag::HIDDEN,
            scope: self.scope,
            start: node.start_byte() as u32,
            end: node.end_byte() as u32,
            at: node.start_byte() as u32,
            ..Symbol::default()
        };
        self.add(symbol)
    }

    fn add(&mut self, symbol: Symbol) -> u32 {
        self.facts.symbols.push(symbol);
        let id = self.facts.symbols.len() as u32 - 1;
        if symbol.name != 0 {
            self.declared.entry((symbol.scope, symbol.name)).or_insert(id);
        }
        id
    }

    /// The kind of a variable declared here.
    fn variable_kind(&self, rule: &Rule) -> Kind {
        match (self.scope_kind(), rule.kind) {
            (ScopeKind::Class, Some(Kind::Property)) => Kind::Property,
            (ScopeKind::Class, Some(Kind::Constant)) => Kind::Constant,
            (ScopeKind::Class, _) => Kind::Field,
            (ScopeKind::File | ScopeKind::Namespace, Some(kind)) => kind,
            (ScopeKind::File | ScopeKind::Namespace, None) => Kind::Variable,
            (ScopeKind::Function | ScopeKind::Block, _) => Kind::Local,
        }
    }
}

/// Named children without comments.
fn children(node: Syntax<'_>) -> Vec<Syntax<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra()).collect()
}

impl Rule {
    /// Whether the node is a mere list of what it stands for.
    fn is_list(&self) -> bool {
        matches!(
            self.construct,
            Construct::Statements | Construct::Type | Construct::Block | Construct::Ignore
        )
    }
}
