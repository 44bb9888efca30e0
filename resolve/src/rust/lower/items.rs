//! Items: modules, functions, types, traits, impls, macros and `use`.

use tree_sitter::Node;

use super::super::cargo::{Truth, cfg};
use super::super::items::{
    Active, Body, Generic, Generics, Item, ItemCall, ItemKind, Predicate, Scope, Signature, Use,
    UseKind,
};
use super::super::macros::Annotated;
use super::super::syntax::{
    BlockKind, Expr, ExprId, Ident, ItemId, Place, Run, ScopeId, Segment, TypeId,
};
use super::kind::{Kind, Role, child, child_of, children, has_token, kind};
use super::{Lowerer, Shape};

/// What attributes say about the item below them.
#[derive(Default)]
struct Attributes<'t> {
    nodes: Vec<Node<'t>>,
}

/// Whether `node` declares something, or brings it into scope.
pub(super) fn is_item(node: Node<'_>) -> bool {
    matches!(
        kind(node),
        Kind::Function
            | Kind::FunctionSignature
            | Kind::StructItem
            | Kind::UnionItem
            | Kind::EnumItem
            | Kind::TraitItem
            | Kind::ImplItem
            | Kind::Module
            | Kind::TypeItem
            | Kind::ConstItem
            | Kind::StaticItem
            | Kind::MacroDefinition
            | Kind::UseDeclaration
            | Kind::ExternCrate
            | Kind::ForeignMod
    )
}

impl<'a> Lowerer<'a> {
    /// The items of a file, a module's body or the block of an `extern`.
    pub(super) fn module_body(&mut self, node: Node<'_>) {
        self.each_item(node, |this, part, attributes| this.item(part, attributes));
    }

    pub(super) fn items_of_block(&mut self, node: Node<'_>) {
        let before = std::mem::replace(&mut self.in_body, false);
        self.each_item(node, |this, part, attributes| {
            if is_item(part) {
                this.item(part, attributes);
            } else if let Some(call) = this.item_call_in(part) {
                this.item_call(call, false);
            }
        });
        self.in_body = before;
    }

    pub(super) fn block_scope(&mut self, parent: ScopeId) -> ScopeId {
        self.push_scope(Scope { parent: Some(parent), module: None, is_block: true })
    }

    fn push_scope(&mut self, scope: Scope) -> ScopeId {
        self.out.items.scopes.push(scope);
        ScopeId(self.out.items.scopes.len() as u32 - 1)
    }

    /// What stands in the wrapping of an expansion.
    pub(super) fn wrapped(&mut self, root: Node<'_>, shape: Shape) {
        if shape == Shape::Items {
            return self.module_body(root);
        }
        let Some(outer) = children(root).first().copied() else { return };
        let body = child(outer, Role::Body);
        match shape {
            Shape::Items => {}
            Shape::Members => {
                if let Some(body) = body {
                    self.members(body, false);
                }
            }
            Shape::Statements => {
                if let Some(body) = body {
                    self.in_body(|this| {
                        let block = this.block(body, BlockKind::Plain);
                        let value = this.push_expr(block);
                        this.push_body(value, None, Run::default(), true);
                    });
                }
            }
        }
    }

    fn each_item<'t>(
        &mut self,
        node: Node<'t>,
        mut look: impl FnMut(&mut Self, Node<'t>, &Attributes<'t>),
    ) where
        Self: 't,
    {
        let mut attributes = Attributes::default();
        for part in children(node) {
            if kind(part) == Kind::AttributeItem {
                attributes.nodes.push(part);
                continue;
            }
            look(self, part, &attributes);
            attributes = Attributes::default();
        }
    }

    /// Whether the host compiles what stands below `attribute`.
    pub(super) fn is_active(&self, attribute: Node<'_>) -> bool {
        let text = self.text_of(attribute);
        let inside = text.trim_start_matches('#').trim_start().trim_start_matches('[').trim();
        let Some(rest) = inside.strip_prefix("cfg") else { return true };
        let rest = rest.trim().trim_end_matches(']').trim_end();
        let Some(predicate) = rest.strip_prefix('(').and_then(|it| it.strip_suffix(')')) else {
            return true;
        };
        cfg(predicate) != Truth::False
    }

    fn item(&mut self, node: Node<'_>, attributes: &Attributes<'_>) {
        let _ = self.deeper(|this| this.item_of(node, attributes));
    }

    fn item_of(&mut self, node: Node<'_>, attributes: &Attributes<'_>) {
        match kind(node) {
            Kind::Function | Kind::FunctionSignature => {
                self.function(node, attributes);
            }
            Kind::StructItem => self.structure(node, attributes, false),
            Kind::UnionItem => self.structure(node, attributes, true),
            Kind::EnumItem => self.enumeration(node, attributes),
            Kind::TraitItem => self.trait_item(node, attributes),
            Kind::ImplItem => self.impl_item(node, attributes),
            Kind::Module => self.module(node, attributes),
            Kind::TypeItem | Kind::AssociatedType => {
                self.alias(node, attributes);
            }
            Kind::ConstItem | Kind::StaticItem => {
                self.constant(node, attributes);
            }
            Kind::MacroDefinition => self.macro_item(node, attributes),
            Kind::UseDeclaration => self.use_item(node, attributes),
            Kind::ExternCrate => self.extern_crate(node, attributes),
            Kind::ForeignMod => {
                if let Some(body) = child(node, Role::Body) {
                    self.module_body(body);
                }
            }
            Kind::MacroInvocation => self.item_call(node, false),
            Kind::ExpressionStatement => {
                if let Some(call) = child_of(node, Kind::MacroInvocation) {
                    self.item_call(call, false);
                }
            }
            _ => {}
        }
    }

    fn item_call(&mut self, node: Node<'_>, is_member: bool) {
        let call = self.bare_call(node);
        let call = ItemCall { call, scope: self.scope, owner: self.owner, is_member };
        self.out.items.calls.push(call);
    }

    /// Adds an item; what is inside comes later, so that an item precedes its members.
    fn push_item(
        &mut self,
        node: Node<'_>,
        name: Option<Node<'_>>,
        kind: ItemKind,
        attributes: &Attributes<'_>,
    ) -> ItemId {
        let name = match name {
            Some(name) => self.ident(name),
            None => Ident { text: self.intern(""), at: Place::NOWHERE },
        };
        let start = attributes.nodes.first().copied().unwrap_or(node).start_byte();
        let span = match self.origin {
            super::Origin::File => (Place(start as u32), Place(node.end_byte() as u32)),
            super::Origin::Expansion(..) => (name.at, name.at),
        };
        let is_inactive = attributes.nodes.iter().any(|node| !self.is_active(*node));
        let id = ItemId(self.out.items.items.len() as u32);
        self.out.items.items.push(Item {
            kind,
            name,
            generics: Generics::default(),
            parent: self.owner,
            scope: self.scope,
            span,
            is_public: child_of(node, Kind::Visibility).is_some(),
            active: if is_inactive { Active::No } else { Active::Yes },
            derives: Run::default(),
        });
        self.attributes(id, attributes);
        id
    }

    fn edit(&mut self, id: ItemId) -> &mut Item {
        &mut self.out.items.items[id.0 as usize]
    }

    fn members_run(&mut self, members: &[ItemId]) -> Run {
        Run::push(&mut self.out.items.members, members)
    }

    /// Runs `look` inside of the item.
    fn inside<T>(&mut self, owner: ItemId, look: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.owner.replace(owner);
        let found = look(self);
        self.owner = before;
        found
    }

    fn attributes(&mut self, id: ItemId, attributes: &Attributes<'_>) {
        let mut derives = Vec::new();
        for node in &attributes.nodes {
            let Some(attribute) = child_of(*node, Kind::Attribute) else { continue };
            let Some(path) = children(attribute).first().copied() else { continue };
            match self.text_of(path) {
                "derive" => {
                    if let Some(tokens) = child(attribute, Role::Arguments) {
                        self.derives(tokens, &mut derives);
                    }
                }
                "proc_macro_derive" => {
                    let tokens = child(attribute, Role::Arguments);
                    let name = tokens.and_then(|tokens| children(tokens).first().copied());
                    if let Some(name) = name {
                        let name = self.ident(name);
                        self.out.items.proc_macros.push((name, id));
                    }
                }
                // `#[pin_project(project = Name)]`, or in a macro `#[project = Name]`.
                "project" | "project_ref" | "project_replace" => {
                    if let Some(name) = child(attribute, Role::Value) {
                        self.projection(id, name);
                    }
                }
                "pin_project" => {
                    let words = child(attribute, Role::Arguments).map_or_else(Vec::new, children);
                    for pair in words.windows(2) {
                        if self.text_of(pair[0]).starts_with("project") {
                            self.projection(id, pair[1]);
                        }
                    }
                }
                "proc_macro" | "proc_macro_attribute" => {
                    let name = self.edit(id).name;
                    self.out.items.proc_macros.push((name, id));
                }
                "cfg" | "cfg_attr" | "doc" | "inline" | "allow" | "expect" | "must_use"
                | "test" | "path" | "macro_export" | "macro_use" | "deprecated" | "repr"
                | "warn" | "deny" | "ignore" | "should_panic" | "non_exhaustive" | "cold" => {}
                _ => {
                    let name = self.path(path);
                    self.out.items.attributes.push((name, id));
                    if let Some(tokens) = child(attribute, Role::Arguments) {
                        self.inside(id, |this| this.attribute_values(tokens));
                    }
                }
            }
        }
        self.edit(id).derives = Run::push(&mut self.out.items.derives, &derives);
    }

    /// What a type is called when it is seen through a pin: an alias, as fields and variants are
    /// the same.
    fn projection(&mut self, of: ItemId, name: Node<'_>) {
        let segment = Segment { ident: self.edit(of).name, arguments: None };
        let ident = Ident { at: Place::NOWHERE, ..segment.ident };
        let path = self.push_path(&[Segment { ident, ..segment }], None, false);
        let ty = self.push_type(super::super::syntax::Type::Path(path));
        let kind = ItemKind::Alias { ty: Some(ty), bounds: Run::default() };
        let id = self.push_item(name, Some(name), kind, &Attributes::default());
        self.edit(id).is_public = self.edit(of).is_public;
    }

    /// The code among the arguments of an attribute that the compiler does not define.
    fn attribute_values(&mut self, tokens: Node<'_>) {
        let Some(owner) = self.owner else { return };
        let target = match self.edit(owner).kind {
            ItemKind::Function(_) => Annotated::Function,
            _ => Annotated::Other,
        };
        self.in_body(|this| {
            if let Some(value) = this.attribute_read(target, tokens) {
                this.push_body(value, None, Run::default(), false);
            }
        });
    }

    /// The paths of `(A, b::C)`, which the grammar leaves as tokens.
    fn derives(&mut self, tokens: Node<'_>, found: &mut Vec<super::super::syntax::PathId>) {
        let mut segments: Vec<Segment> = Vec::new();
        let mut cursor = tokens.walk();
        let parts: Vec<_> = tokens.children(&mut cursor).collect();
        for part in parts {
            match part.kind() {
                "identifier" | "crate" | "self" | "super" => {
                    let ident = self.ident(part);
                    segments.push(Segment { ident, arguments: None });
                }
                "," | ")" if !segments.is_empty() => {
                    found.push(self.push_path(&segments, None, false));
                    segments.clear();
                }
                _ => {}
            }
        }
    }

    fn generics(&mut self, node: Node<'_>) -> Generics {
        let mut parameters = Vec::new();
        for part in child(node, Role::TypeParameters).map_or_else(Vec::new, children) {
            let Some(name) = child(part, Role::Name) else { continue };
            match kind(part) {
                Kind::TypeParameter => {
                    let bounds = self.bounds_of(child(part, Role::Bounds));
                    let default = self.optional_type(child(part, Role::DefaultType));
                    parameters.push(Generic {
                        name: self.ident(name),
                        bounds,
                        default,
                        constant: None,
                    });
                }
                Kind::ConstParameter => {
                    let constant = self.optional_type(child(part, Role::Type));
                    let name = self.ident(name);
                    let bounds = Run::default();
                    parameters.push(Generic { name, bounds, default: None, constant });
                }
                _ => {}
            }
        }
        let mut predicates = Vec::new();
        for part in child_of(node, Kind::WhereClause).map_or_else(Vec::new, children) {
            let (Some(left), Some(bounds)) = (child(part, Role::Left), child(part, Role::Bounds))
            else {
                continue;
            };
            if kind(left) != Kind::Lifetime {
                let ty = self.ty(left);
                predicates.push(Predicate { ty, bounds: self.bounds_of(Some(bounds)) });
            }
        }
        Generics {
            parameters: Run::push(&mut self.out.items.generics, &parameters),
            predicates: Run::push(&mut self.out.items.predicates, &predicates),
        }
    }

    fn function(&mut self, node: Node<'_>, attributes: &Attributes<'_>) -> Option<ItemId> {
        let name = child(node, Role::Name)?;
        let kind = ItemKind::Function(Signature::default());
        let id = self.push_item(node, Some(name), kind, attributes);
        self.inside(id, |this| {
            let generics = this.generics(node);
            this.edit(id).generics = generics;
            let (signature, self_at, patterns) = this.signature(node);
            this.edit(id).kind = ItemKind::Function(signature);
            this.in_body(|this| {
                let parameters: Vec<_> =
                    patterns.into_iter().map(|pattern| this.pattern(pattern)).collect();
                let parameters = Run::push(&mut this.syntax().pattern_lists, &parameters);
                let value = match child(node, Role::Body) {
                    Some(body) => this.block(body, BlockKind::Plain),
                    None => Expr::Missing,
                };
                let value = this.push_expr(value);
                this.push_body(value, self_at, parameters, true);
            });
        });
        Some(id)
    }

    fn signature<'t>(&mut self, node: Node<'t>) -> (Signature, Option<Place>, Vec<Node<'t>>) {
        let mut self_at = None;
        let mut signature = Signature::default();
        let mut types = Vec::new();
        let mut patterns = Vec::new();
        for part in child(node, Role::Parameters).map_or_else(Vec::new, children) {
            let named = child(part, Role::Pattern);
            let self_node = match kind(part) {
                Kind::SelfParameter => child_of(part, Kind::SelfValue),
                _ => named.filter(|named| self.text_of(*named) == "self"),
            };
            if let Some(self_node) = self_node {
                signature.has_self = true;
                signature.is_self_borrowed = has_token(part, "&");
                self_at = Some(self.place(self_node.start_byte()));
                signature.self_type = self.optional_type(child(part, Role::Type));
            } else if kind(part) == Kind::Parameter
                && let (Some(pattern), Some(ty)) = (named, child(part, Role::Type))
            {
                patterns.push(pattern);
                types.push(self.ty(ty));
            }
        }
        signature.parameters = self.type_list(&types);
        signature.output = self.optional_type(child(node, Role::ReturnType));
        let modifiers = child_of(node, Kind::FunctionModifiers);
        signature.is_async = modifiers.is_some_and(|node| has_token(node, "async"));
        (signature, self_at, patterns)
    }

    pub(super) fn push_body(
        &mut self,
        value: ExprId,
        self_at: Option<Place>,
        parameters: Run,
        is_value: bool,
    ) {
        let (owner, scope) = (self.owner, self.scope);
        let body = Body { owner, scope, self_at, parameters, value, is_value };
        self.out.bodies.bodies.push(body);
    }

    /// An expression inside of a signature or another type.
    pub(super) fn signature_expr(&mut self, node: Node<'_>) {
        self.in_body(|this| {
            let value = this.expr(node);
            this.push_body(value, None, Run::default(), false);
        });
    }

    fn value(&mut self, node: Option<Node<'_>>) {
        let Some(node) = node else { return };
        self.in_body(|this| {
            let value = this.expr(node);
            this.push_body(value, None, Run::default(), true);
        });
    }

    fn structure(&mut self, node: Node<'_>, attributes: &Attributes<'_>, is_union: bool) {
        let kind = ItemKind::Struct { fields: Run::default() };
        let id = self.push_item(node, child(node, Role::Name), kind, attributes);
        self.inside(id, |this| {
            let generics = this.generics(node);
            this.edit(id).generics = generics;
            let fields = this.fields(child(node, Role::Body));
            this.edit(id).kind =
                if is_union { ItemKind::Union { fields } } else { ItemKind::Struct { fields } };
        });
    }

    fn fields(&mut self, body: Option<Node<'_>>) -> Run {
        let Some(body) = body else { return Run::default() };
        let mut fields = Vec::new();
        let is_named = kind(body) == Kind::FieldDeclarations;
        let mut position = 0_u32;
        self.each_item(body, |this, part, attributes| {
            if is_named && kind(part) == Kind::FieldDeclaration {
                let Some(ty) = child(part, Role::Type) else { return };
                let ty = this.ty(ty);
                let name = child(part, Role::Name);
                fields.push(this.push_item(part, name, ItemKind::Field(ty), attributes));
            } else if !is_named && kind(part) != Kind::Visibility {
                let ty = this.ty(part);
                let id = this.push_item(part, None, ItemKind::Field(ty), attributes);
                let text = this.intern(&position.to_string());
                this.edit(id).name.text = text;
                position += 1;
                fields.push(id);
            }
        });
        self.members_run(&fields)
    }

    fn enumeration(&mut self, node: Node<'_>, attributes: &Attributes<'_>) {
        let kind_of = ItemKind::Enum { variants: Run::default() };
        let id = self.push_item(node, child(node, Role::Name), kind_of, attributes);
        self.inside(id, |this| {
            let generics = this.generics(node);
            this.edit(id).generics = generics;
            let mut variants = Vec::new();
            if let Some(body) = child(node, Role::Body) {
                this.each_item(body, |this, part, attributes| {
                    if kind(part) == Kind::EnumVariant {
                        variants.push(this.variant(part, attributes));
                    }
                });
            }
            let variants = this.members_run(&variants);
            this.edit(id).kind = ItemKind::Enum { variants };
        });
    }

    fn variant(&mut self, node: Node<'_>, attributes: &Attributes<'_>) -> ItemId {
        let kind = ItemKind::Variant { fields: Run::default() };
        let id = self.push_item(node, child(node, Role::Name), kind, attributes);
        self.edit(id).is_public = true;
        self.inside(id, |this| {
            let fields = this.fields(child(node, Role::Body));
            this.edit(id).kind = ItemKind::Variant { fields };
            if let Some(value) = child(node, Role::Value) {
                this.signature_expr(value);
            }
        });
        id
    }

    fn trait_item(&mut self, node: Node<'_>, attributes: &Attributes<'_>) {
        let kind = ItemKind::Trait { supers: Run::default(), members: Run::default() };
        let id = self.push_item(node, child(node, Role::Name), kind, attributes);
        self.inside(id, |this| {
            let generics = this.generics(node);
            this.edit(id).generics = generics;
            let supers = this.bounds_of(child(node, Role::Bounds));
            this.edit(id).kind = ItemKind::Trait { supers, members: Run::default() };
            let members =
                child(node, Role::Body).map_or_else(Run::default, |it| this.members(it, true));
            this.edit(id).kind = ItemKind::Trait { supers, members };
        });
    }

    fn impl_item(&mut self, node: Node<'_>, attributes: &Attributes<'_>) {
        let Some(ty) = child(node, Role::Type) else { return };
        let unknown = TypeId(u32::MAX);
        let kind = ItemKind::Impl { ty: unknown, of: None, members: Run::default() };
        let id = self.push_item(node, None, kind, attributes);
        self.inside(id, |this| {
            let generics = this.generics(node);
            this.edit(id).generics = generics;
            let of = this.optional_type(child(node, Role::Trait));
            let ty = this.ty(ty);
            this.edit(id).kind = ItemKind::Impl { ty, of, members: Run::default() };
            let members = child(node, Role::Body);
            let members = members.map_or_else(Run::default, |it| this.members(it, of.is_some()));
            this.edit(id).kind = ItemKind::Impl { ty, of, members };
        });
    }

    /// Members of an impl or trait; those of a trait are as public as it is.
    fn members(&mut self, body: Node<'_>, are_public: bool) -> Run {
        let mut members = Vec::new();
        self.each_item(body, |this, part, attributes| {
            let id = match kind(part) {
                Kind::Function | Kind::FunctionSignature => this.function(part, attributes),
                Kind::TypeItem | Kind::AssociatedType => this.alias(part, attributes),
                Kind::ConstItem => this.constant(part, attributes),
                Kind::MacroInvocation => {
                    this.item_call(part, true);
                    None
                }
                Kind::ExpressionStatement => {
                    if let Some(call) = child_of(part, Kind::MacroInvocation) {
                        this.item_call(call, true);
                    }
                    None
                }
                _ => None,
            };
            if let Some(id) = id {
                this.edit(id).is_public |= are_public;
                members.push(id);
            }
        });
        self.members_run(&members)
    }

    fn alias(&mut self, node: Node<'_>, attributes: &Attributes<'_>) -> Option<ItemId> {
        let name = child(node, Role::Name)?;
        let kind = ItemKind::Alias { ty: None, bounds: Run::default() };
        let id = self.push_item(node, Some(name), kind, attributes);
        self.inside(id, |this| {
            let generics = this.generics(node);
            this.edit(id).generics = generics;
            let bounds = this.bounds_of(child(node, Role::Bounds));
            let ty = this.optional_type(child(node, Role::Type));
            this.edit(id).kind = ItemKind::Alias { ty, bounds };
        });
        Some(id)
    }

    fn constant(&mut self, node: Node<'_>, attributes: &Attributes<'_>) -> Option<ItemId> {
        let name = child(node, Role::Name)?;
        let is_static = kind(node) == Kind::StaticItem;
        let unknown = ItemKind::Const(TypeId(u32::MAX));
        let id = self.push_item(node, Some(name), unknown, attributes);
        self.inside(id, |this| {
            let ty = match child(node, Role::Type) {
                Some(ty) => this.ty(ty),
                None => this.push_type(super::super::syntax::Type::Unknown),
            };
            this.edit(id).kind = if is_static { ItemKind::Static(ty) } else { ItemKind::Const(ty) };
            this.value(child(node, Role::Value));
        });
        Some(id)
    }

    fn module(&mut self, node: Node<'_>, attributes: &Attributes<'_>) {
        let path = attributes.nodes.iter().find_map(|node| self.path_attribute(*node));
        let path = path.map(|path| self.intern(path));
        let kind = ItemKind::Module { scope: None, path };
        let id = self.push_item(node, child(node, Role::Name), kind, attributes);
        let Some(body) = child(node, Role::Body) else { return };
        let parent = self.scope;
        let scope =
            self.push_scope(Scope { parent: Some(parent), module: Some(id), is_block: false });
        self.edit(id).kind = ItemKind::Module { scope: Some(scope), path };
        self.scope = scope;
        self.inside(id, |this| this.module_body(body));
        self.scope = parent;
    }

    fn path_attribute(&self, node: Node<'_>) -> Option<&'a str> {
        let attribute = child_of(node, Kind::Attribute)?;
        let name = *children(attribute).first()?;
        (self.text_of(name) == "path").then_some(())?;
        let value = self.text_of(child(attribute, Role::Value)?);
        Some(value.trim_matches('"'))
    }

    fn macro_item(&mut self, node: Node<'_>, attributes: &Attributes<'_>) {
        let rules = self.keep(self.text_of(node));
        let is_exported = attributes
            .nodes
            .iter()
            .any(|attribute| self.text_of(*attribute).contains("macro_export"));
        let kind = ItemKind::Macro { rules, is_exported };
        let id = self.push_item(node, child(node, Role::Name), kind, attributes);
        self.edit(id).is_public = is_exported;
    }

    fn extern_crate(&mut self, node: Node<'_>, attributes: &Attributes<'_>) {
        let Some(name) = child(node, Role::Name) else { return };
        let alias = child(node, Role::Alias).map(|alias| self.ident(alias));
        let path = self.path(name);
        let mut texts = attributes.nodes.iter().map(|attribute| self.text_of(*attribute));
        let takes_macros = texts.any(|text| text.contains("macro_use"));
        self.push_use(node, path, UseKind::ExternCrate { alias, takes_macros }, attributes);
    }

    fn push_use(
        &mut self,
        node: Node<'_>,
        path: super::super::syntax::PathId,
        kind: UseKind,
        attributes: &Attributes<'_>,
    ) {
        let is_inactive = attributes.nodes.iter().any(|node| !self.is_active(*node));
        let found = Use {
            path,
            kind,
            scope: self.scope,
            is_public: child_of(node, Kind::Visibility).is_some(),
            active: if is_inactive { Active::No } else { Active::Yes },
            owner: self.owner,
        };
        self.out.items.uses.push(found);
    }

    fn use_item(&mut self, node: Node<'_>, attributes: &Attributes<'_>) {
        let mut leaves = Vec::new();
        if let Some(tree) = child(node, Role::Argument) {
            self.use_tree(tree, &mut Vec::new(), false, &mut leaves);
        }
        for (path, kind) in leaves {
            self.push_use(node, path, kind, attributes);
        }
    }

    fn use_tree(
        &mut self,
        node: Node<'_>,
        prefix: &mut Vec<Segment>,
        is_global: bool,
        leaves: &mut Vec<(super::super::syntax::PathId, UseKind)>,
    ) {
        let before = prefix.len();
        match kind(node) {
            Kind::UseList => {
                for part in children(node) {
                    let _ = self.deeper(|this| this.use_tree(part, prefix, is_global, leaves));
                }
            }
            Kind::ScopedUseList => {
                let path = child(node, Role::Path);
                let is_global = is_global || path.is_none() && prefix.is_empty();
                let is_global = self.extend(prefix, path) || is_global;
                if !prefix.is_empty() {
                    leaves.push((self.push_path(prefix, None, is_global), UseKind::Prefix));
                }
                if let Some(list) = child(node, Role::List) {
                    let _ = self.deeper(|this| this.use_tree(list, prefix, is_global, leaves));
                }
            }
            Kind::UseAs => {
                let is_global = self.extend(prefix, child(node, Role::Path)) || is_global;
                let alias = child(node, Role::Alias).map(|alias| self.ident(alias));
                leaves.push((self.push_path(prefix, None, is_global), UseKind::Name(alias)));
            }
            Kind::UseWildcard => {
                let is_global = self.extend(prefix, children(node).first().copied()) || is_global;
                leaves.push((self.push_path(prefix, None, is_global), UseKind::Glob));
            }
            _ => {
                let is_global = self.extend(prefix, Some(node)) || is_global;
                leaves.push((self.push_path(prefix, None, is_global), UseKind::Name(None)));
            }
        }
        prefix.truncate(before);
    }

    /// Adds the segments of `path`; whether it begins with `::`.
    fn extend(&mut self, prefix: &mut Vec<Segment>, path: Option<Node<'_>>) -> bool {
        let Some(path) = path else { return false };
        let id = self.path(path);
        let path = self.syntax().path(id);
        let segments = path.segments.of(&self.syntax().segments).to_vec();
        // `{self}` names what stands before the list.
        let is_self = segments.len() == 1 && !prefix.is_empty() && self.is_self(segments[0]);
        if !is_self {
            prefix.extend(segments);
        }
        path.is_global
    }

    fn is_self(&mut self, segment: Segment) -> bool {
        self.syntax().text(segment.ident.text) == "self"
    }
}
