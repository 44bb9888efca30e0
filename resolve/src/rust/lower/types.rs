//! Types, paths and bounds.

use tree_sitter::Node;

use super::super::syntax::{Arguments, Path, PathId, Run, Segment, Type, TypeId};
use super::Lowerer;
use super::kind::{Kind, Role, child, children, kind};

impl Lowerer<'_> {
    pub(super) fn push_type(&mut self, ty: Type) -> TypeId {
        let types = &mut self.syntax().types;
        types.push(ty);
        TypeId(types.len() as u32 - 1)
    }

    pub(super) fn type_list(&mut self, types: &[TypeId]) -> Run {
        Run::push(&mut self.syntax().type_lists, types)
    }

    /// A type; unknown when it is nested too deep.
    pub(super) fn ty(&mut self, node: Node<'_>) -> TypeId {
        let ty = self.deeper(|this| this.type_of(node)).unwrap_or(Type::Unknown);
        self.push_type(ty)
    }

    pub(super) fn optional_type(&mut self, node: Option<Node<'_>>) -> Option<TypeId> {
        node.map(|node| self.ty(node))
    }

    fn type_of(&mut self, node: Node<'_>) -> Type {
        match kind(node) {
            Kind::TypeIdentifier
            | Kind::ScopedTypeIdentifier
            | Kind::Identifier
            | Kind::ScopedIdentifier
            | Kind::GenericType
            | Kind::GenericTurbofish
            | Kind::PrimitiveType
            | Kind::Metavariable
            | Kind::SelfValue
            | Kind::Crate
            | Kind::BracketedType => Type::Path(self.path(node)),
            Kind::ReferenceType | Kind::PointerType => match child(node, Role::Type) {
                Some(inner) => Type::Reference(self.ty(inner)),
                None => Type::Unknown,
            },
            Kind::TupleType => {
                let parts: Vec<_> = children(node).into_iter().map(|part| self.ty(part)).collect();
                Type::Tuple(self.type_list(&parts))
            }
            Kind::UnitType => Type::Tuple(Run::default()),
            Kind::ArrayType => {
                if let Some(length) = child(node, Role::Length) {
                    self.signature_expr(length);
                }
                match child(node, Role::Element) {
                    Some(element) => Type::Slice(self.ty(element)),
                    None => Type::Unknown,
                }
            }
            Kind::FunctionType => match child(node, Role::Trait) {
                Some(_) => Type::Path(self.path(node)),
                None => self.function_pointer(node),
            },
            Kind::DynamicType => Type::Dyn(self.bounds_of(child(node, Role::Trait))),
            Kind::AbstractType => Type::Impl(self.bounds_of(child(node, Role::Trait))),
            Kind::BoundedType => self.bounded(node),
            Kind::HigherRanked => match child(node, Role::Type) {
                Some(inner) => self.deeper(|this| this.type_of(inner)).unwrap_or(Type::Unknown),
                None => Type::Unknown,
            },
            Kind::NeverType => Type::Never,
            Kind::MacroInvocation => Type::Macro(self.macro_call(node)),
            _ => Type::Unknown,
        }
    }

    fn function_pointer(&mut self, node: Node<'_>) -> Type {
        let inputs = child(node, Role::Parameters).map_or_else(Vec::new, |it| self.inputs(it));
        let parameters = self.type_list(&inputs);
        let output = self.optional_type(child(node, Role::ReturnType));
        Type::Function { parameters, output }
    }

    fn inputs(&mut self, parameters: Node<'_>) -> Vec<TypeId> {
        let mut inputs = Vec::new();
        for part in children(parameters) {
            match kind(part) {
                Kind::Parameter => inputs.extend(child(part, Role::Type).map(|ty| self.ty(ty))),
                Kind::AttributeItem | Kind::SelfParameter => {}
                _ => inputs.push(self.ty(part)),
            }
        }
        inputs
    }

    /// `dyn A + B` and `A + B`, which the grammar nests to the left.
    fn bounded(&mut self, node: Node<'_>) -> Type {
        let mut parts = Vec::new();
        let mut is_impl = false;
        let mut pending = vec![node];
        while let Some(next) = pending.pop() {
            match kind(next) {
                Kind::BoundedType => pending.extend(children(next).into_iter().rev()),
                Kind::DynamicType => pending.extend(child(next, Role::Trait)),
                Kind::AbstractType => {
                    is_impl = true;
                    pending.extend(child(next, Role::Trait));
                }
                Kind::Lifetime | Kind::RemovedBound | Kind::Other => {}
                _ => parts.push(self.ty(next)),
            }
        }
        let run = self.type_list(&parts);
        if is_impl { Type::Impl(run) } else { Type::Dyn(run) }
    }

    /// A bound, or several joined by `+`.
    pub(super) fn bounds_of(&mut self, node: Option<Node<'_>>) -> Run {
        let mut parts = Vec::new();
        let mut pending: Vec<_> = node.into_iter().collect();
        while let Some(next) = pending.pop() {
            match kind(next) {
                Kind::BoundedType | Kind::TraitBounds => {
                    pending.extend(children(next).into_iter().rev());
                }
                Kind::Lifetime | Kind::RemovedBound | Kind::Other => {}
                _ => parts.push(self.ty(next)),
            }
        }
        self.type_list(&parts)
    }

    /// A path in a type, an expression or a `use`.
    pub(super) fn path(&mut self, node: Node<'_>) -> PathId {
        let mut segments = Vec::new();
        let mut arguments = None;
        let mut qualified = None;
        let mut is_global = false;
        let mut current = Some(node);
        while let Some(node) = current {
            current = match kind(node) {
                Kind::ScopedIdentifier | Kind::ScopedTypeIdentifier => {
                    if let Some(name) = child(node, Role::Name) {
                        let ident = self.ident(name);
                        segments.push(Segment { ident, arguments: arguments.take() });
                    }
                    let path = child(node, Role::Path);
                    is_global = path.is_none();
                    path
                }
                Kind::GenericType | Kind::GenericTurbofish | Kind::GenericFunction => {
                    arguments = self.arguments(child(node, Role::TypeArguments));
                    child(node, Role::Type).or_else(|| child(node, Role::Function))
                }
                Kind::GenericPattern => {
                    arguments = self.arguments(child(node, Role::TypeArguments));
                    children(node).first().copied()
                }
                Kind::FunctionType => {
                    arguments = Some(self.call_arguments(node));
                    child(node, Role::Trait)
                }
                Kind::BracketedType => {
                    qualified = children(node).first().map(|inner| self.qualified(*inner));
                    None
                }
                _ => {
                    let ident = self.ident(node);
                    segments.push(Segment { ident, arguments: arguments.take() });
                    None
                }
            };
        }
        segments.reverse();
        self.push_path(&segments, qualified, is_global)
    }

    pub(super) fn push_path(
        &mut self,
        segments: &[Segment],
        qualified: Option<(TypeId, Option<TypeId>)>,
        is_global: bool,
    ) -> PathId {
        let segments = Run::push(&mut self.syntax().segments, segments);
        let paths = &mut self.syntax().paths;
        paths.push(Path { segments, qualified, is_global });
        PathId(paths.len() as u32 - 1)
    }

    fn qualified(&mut self, inner: Node<'_>) -> (TypeId, Option<TypeId>) {
        if kind(inner) != Kind::QualifiedType {
            return (self.ty(inner), None);
        }
        let ty = child(inner, Role::Type);
        let ty = match ty {
            Some(ty) => self.ty(ty),
            None => self.push_type(Type::Unknown),
        };
        (ty, self.optional_type(child(inner, Role::Alias)))
    }

    fn push_arguments(&mut self, arguments: Arguments) -> u32 {
        let all = &mut self.syntax().arguments;
        all.push(arguments);
        all.len() as u32 - 1
    }

    pub(super) fn arguments(&mut self, node: Option<Node<'_>>) -> Option<u32> {
        let node = node?;
        let mut types = Vec::new();
        let mut bindings = Vec::new();
        for part in children(node) {
            match kind(part) {
                Kind::Lifetime => {}
                Kind::TypeBinding => {
                    if let (Some(name), Some(ty)) =
                        (child(part, Role::Name), child(part, Role::Type))
                    {
                        bindings.push((self.ident(name), self.ty(ty)));
                    }
                }
                _ => types.push(self.ty(part)),
            }
        }
        let types = self.type_list(&types);
        let bindings = Run::push(&mut self.syntax().bindings, &bindings);
        Some(self.push_arguments(Arguments { types, bindings, is_call: false, output: None }))
    }

    /// Those of `Fn(A) -> B`.
    fn call_arguments(&mut self, node: Node<'_>) -> u32 {
        let inputs = child(node, Role::Parameters).map_or_else(Vec::new, |it| self.inputs(it));
        let types = self.type_list(&inputs);
        let output = self.optional_type(child(node, Role::ReturnType));
        self.push_arguments(Arguments { types, bindings: Run::default(), is_call: true, output })
    }
}
