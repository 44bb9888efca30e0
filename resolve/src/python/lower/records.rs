//! Classes made by a call: `namedtuple("P", "x y")`, `NamedTuple("P", [("x", int)])`.
//!
//! Their fields are named inside strings, and are defined there.

use tree_sitter::Node;

use super::kinds::Kind;
use super::{Lowering, Source, children};
use crate::python::facts::{BindingKind, Class, ClassId, ScopeId, ScopeKind, Stretch};

impl<'t> Lowering<'t> {
    /// Whether a node is a call that makes a class of fields.
    pub(super) fn is_record(&self, node: Node<'_>) -> bool {
        let fields = &self.grammar.fields;
        let function =
            if self.kind(node) == Kind::Call { self.field(node, fields.function) } else { None };
        let name = function.map(|function| match self.kind(function) {
            Kind::Attribute => self.field(function, fields.attribute).unwrap_or(function),
            _ => function,
        });
        name.is_some_and(|name| matches!(self.text_of(name), "namedtuple" | "NamedTuple"))
    }

    /// `name = namedtuple(…)`: a class called `name`.
    pub(super) fn record(&mut self, name: Node<'_>, call: Node<'_>) {
        let id = ClassId(self.facts.classes.len() as u32);
        let binding = self.bind_node(name, Source::of(BindingKind::Class(id)), &[]);
        let scope = self.new_scope(ScopeKind::Class, Some(self.scope));
        let instance = self.new_scope(ScopeKind::Instance, Some(scope));
        self.facts.scopes[scope.index()].class = Some(id);
        self.facts.scopes[instance.index()].class = Some(id);
        self.facts.classes.push(Class {
            binding,
            scope,
            instance,
            bases: Stretch::default(),
            keywords: Stretch::default(),
            decorators: Stretch::default(),
            parameters: Stretch::default(),
            is_record: true,
        });
        self.record_fields(call, scope);
    }

    /// Binds the fields that a call names in the scope of a class.
    pub(super) fn record_fields(&mut self, call: Node<'_>, scope: ScopeId) {
        let arguments = self.field(call, self.grammar.fields.arguments);
        let Some(list) = arguments.and_then(|arguments| children(arguments).nth(1)) else { return };
        match self.kind(list) {
            Kind::String => {
                let Some((at, text)) = self.content(list) else { return };
                let mut from = 0;
                for word in text.split([',', ' ', '\n', '\t']).filter(|word| !word.is_empty()) {
                    let offset = text[from..].find(word).map_or(from, |found| from + found);
                    from = offset + word.len();
                    self.record_field(scope, word, at + offset, None);
                }
            }
            Kind::List | Kind::Tuple => {
                for item in children(list) {
                    let named = match self.kind(item) {
                        Kind::Tuple => children(item).next().unwrap_or(item),
                        _ => item,
                    };
                    if let Some((at, text)) = self.content(named) {
                        let declared = children(item).nth(1).filter(|_| named != item);
                        self.record_field(scope, text, at, declared);
                    }
                }
            }
            _ => {}
        }
    }

    fn record_field(
        &mut self,
        scope: ScopeId,
        name: &'t str,
        at: usize,
        declared: Option<Node<'_>>,
    ) {
        let annotation = declared.map(|declared| self.annotation(declared));
        let name = self.name(name);
        let source = Source { kind: BindingKind::Variable, value: None, annotation };
        self.bind(scope, name, at, source, &[]);
    }

    /// The inside of a plain string, and where it starts.
    pub(super) fn content(&self, node: Node<'_>) -> Option<(usize, &'t str)> {
        let parts: Vec<_> = children(node).take(4).collect();
        let &[_, content, _] = &parts[..] else { return None };
        if self.kind(content) != Kind::StringContent {
            return None;
        }
        (self.kind(node) == Kind::String && content.named_child_count() == 0)
            .then(|| (content.start_byte(), self.text_of(content)))
    }
}
