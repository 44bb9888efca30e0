//! How many references a value is behind, as far as its text tells.
//!
//! Types leave references out. Where a trait is implemented for a type and for references to it,
//! the text of the value decides between the impls.

use super::super::items::{ItemKind, Signature};
use super::super::name::Name;
use super::super::syntax::{Expr, ExprId, Literal, PatId, Pattern, Run, Syntax, Type, TypeId};
use super::super::world::{Binding, Def, ImplId, Namespace, Tables};
use super::Resolver;
use super::site::Site;
use super::types::Ty;

/// The number of references, none when the text does not tell.
pub(super) type Depth = Option<u8>;

/// How deep texts are read.
const MAX_DEPTH: u32 = 12;

const PIN: Name = Name::of("Pin");

impl<'a> Resolver<'a> {
    /// How many references an expression is behind. A pin counts as what it holds.
    pub(super) fn depth_of(&self, site: &Site<'_>, id: ExprId, level: u32) -> Depth {
        let next = |id| self.depth_of(site, id, level + 1);
        if level > MAX_DEPTH {
            return None;
        }
        match site.syntax.expr(id) {
            Expr::Reference(inner) => Some(next(inner).unwrap_or(0).saturating_add(1)),
            Expr::Deref(inner) => next(inner).map(|depth| depth.saturating_sub(1)),
            Expr::Literal(Literal::Str | Literal::Bytes) => Some(1),
            Expr::Literal(_)
            | Expr::Field { .. }
            | Expr::Index { .. }
            | Expr::Binary { .. }
            | Expr::Range(..)
            | Expr::Tuple(_)
            | Expr::Array(_)
            | Expr::Repeat { .. }
            | Expr::Struct { .. }
            | Expr::Closure { .. } => Some(0),
            Expr::Cast { ty, .. } => Some(depth_of_type(site.syntax, site.names, ty)),
            Expr::Path(path) => {
                let [only] = site.segments(site.syntax.path(path)) else { return Some(0) };
                let (name, at) = (site.name(*only), only.ident.at);
                match self.local(name, at.is_written()) {
                    Some(local) => local.depth,
                    None => self.depth_of_item(site, name),
                }
            }
            Expr::Call { callee, arguments } => self.depth_of_call(site, callee, arguments, level),
            Expr::Method { name, .. } => depth_after(site.name(name)),
            _ => None,
        }
    }

    /// A struct or variant without fields is a value.
    fn depth_of_item(&self, site: &Site<'_>, name: Name) -> Depth {
        match self.world.lookup(site.module, name, Namespace::Values)? {
            Binding::Def(def) => match self.world.kind(def) {
                ItemKind::Struct { .. } | ItemKind::Variant { .. } => Some(0),
                _ => None,
            },
            _ => None,
        }
    }

    fn depth_of_call(&self, site: &Site<'_>, callee: ExprId, list: Run, level: u32) -> Depth {
        let Expr::Path(path) = site.syntax.expr(callee) else { return None };
        let names = site.path_names(site.syntax.path(path));
        match names[..] {
            [.., PIN, _] => {
                let first = list.of(&site.syntax.expr_lists).first()?;
                self.depth_of(site, *first, level + 1)
            }
            // What is made by a type's own function is a value, as a rule.
            [_, _, ..] => Some(0),
            _ => None,
        }
    }

    /// Notes how many references the variable that a pattern just bound is behind.
    pub(super) fn note_depth(&mut self, site: &Site<'_>, pattern: PatId, depth: Depth) {
        if let Pattern::Bind { name, inner: None, .. } = site.syntax.pattern(pattern)
            && let Some(local) = self.locals.last_mut()
            && local.at == name.at
        {
            local.depth = depth;
        }
    }

    /// Of the impls of a trait that are for `ty`, the one that is for as many references to it as
    /// the receiver at hand is behind.
    pub(super) fn by_reference(&mut self, id: ImplId, ty: Ty, of: Def, name: Name) -> ImplId {
        let world = self.world;
        let list = world.impls.by_trait.get(&(Binding::Def(of), self.key(ty)));
        let Some(list) = list.filter(|list| list.len() > 1) else { return id };
        let mut best = None;
        for other in list {
            let found = &world.impls.all[other.0 as usize];
            let mark = self.types.mark();
            let fits = world.sees(self.krate, found.krate) && self.matched(*other, ty).is_some();
            self.types.undo(mark);
            if !fits {
                continue;
            }
            let member = world.members_of(found.def).find(|it| world.name_of(*it) == name);
            let away = self.away(*other, member.or_else(|| world.member(of, name)));
            if best.is_none_or(|(known, _)| away < known) {
                best = Some((away, *other));
            }
        }
        best.map_or(id, |(_, id)| id)
    }

    /// How far an impl is from the receiver at hand: whether it is for as many references as a method
    /// takes of it.
    pub(super) fn away(&self, id: ImplId, method: Option<Def>) -> i16 {
        let def = self.world.impls.all[id.0 as usize].def;
        let ItemKind::Impl { ty, .. } = self.world.kind(def) else { return 0 };
        let site = Site::of_item(self.world, def);
        let written = i16::from(depth_of_type(site.syntax, site.names, ty));
        let taken = i16::from(method.map_or(0, |method| self_depth(self.world, method)));
        let wanted = self.receiver.map_or(0, |depth| i16::from(depth) - taken);
        // The receiver as it is, then a reference to it, then what it refers to.
        match written - wanted {
            more @ 0.. => 2 * more - i16::from(more > 0),
            less => -2 * less,
        }
    }

    /// How many arguments are behind another number of references than a function of an impl
    /// takes.
    pub(super) fn misfits(&self, def: Def, given: &[Depth]) -> usize {
        let ItemKind::Function(signature) = self.world.kind(def) else { return 0 };
        let site = Site::of_item(self.world, def);
        let parameters = signature.parameters.of(&site.syntax.type_lists);
        let differs = |(ty, depth): (&TypeId, &Depth)| {
            let taken = depth_of_type(site.syntax, site.names, *ty);
            // A parameter stands for references as well.
            let is_open = is_parameter(self, &site, *ty);
            depth.is_some_and(|depth| if is_open { depth < taken } else { depth != taken })
        };
        parameters.iter().zip(given).filter(|pair| differs(*pair)).count()
    }

    /// How many references each argument is behind.
    pub(super) fn depths_of(&self, site: &Site<'_>, arguments: Run) -> Vec<Depth> {
        let list = arguments.of(&site.syntax.expr_lists);
        list.iter().map(|argument| self.depth_of(site, *argument, 0)).collect()
    }
}

/// Whether a type is a type parameter, behind references perhaps.
fn is_parameter(resolver: &Resolver<'_>, site: &Site<'_>, mut ty: TypeId) -> bool {
    while let Type::Reference(inner) = site.syntax.ty(ty) {
        ty = inner;
    }
    match site.syntax.ty(ty) {
        Type::Path(path) => match site.segments(site.syntax.path(path)) {
            [only] => resolver.generic(site.owner, site.name(*only)).is_some(),
            _ => true,
        },
        _ => false,
    }
}

/// What `self` is behind in a method.
fn self_depth(world: &Tables, def: Def) -> u8 {
    match world.kind(def) {
        ItemKind::Function(signature) => {
            let site = Site::of_item(world, def);
            depth_of_self(&site, &signature)
        }
        _ => 0,
    }
}

/// What `self` is behind in a method with this signature.
pub(super) fn depth_of_self(site: &Site<'_>, signature: &Signature) -> u8 {
    match signature.self_type {
        Some(ty) => depth_of_type(site.syntax, site.names, ty),
        None => u8::from(signature.is_self_borrowed),
    }
}

/// How many references a type as written is behind. A pin counts as what it holds.
pub(super) fn depth_of_type(syntax: &Syntax, names: &[Name], mut ty: TypeId) -> u8 {
    let mut depth = 0;
    for _ in 0..MAX_DEPTH {
        match syntax.ty(ty) {
            Type::Reference(inner) => {
                depth += 1;
                ty = inner;
            }
            Type::Path(path) => {
                let Some(last) = syntax.path(path).segments.of(&syntax.segments).last() else {
                    break;
                };
                let Some(at) = last.arguments else { break };
                let inner = syntax.arguments[at as usize].types.of(&syntax.type_lists).first();
                match inner {
                    Some(inner) if names[last.ident.text.0 as usize] == PIN => ty = *inner,
                    _ => break,
                }
            }
            _ => break,
        }
    }
    depth
}

/// What well-known methods give.
fn depth_after(name: Name) -> Depth {
    const VALUES: [Name; 7] = [
        Name::of("clone"),
        Name::of("cloned"),
        Name::of("collect"),
        Name::of("into_iter"),
        Name::of("iter"),
        Name::of("to_owned"),
        Name::of("to_string"),
    ];
    const REFERENCES: [Name; 6] = [
        Name::of("as_bytes"),
        Name::of("as_mut"),
        Name::of("as_path"),
        Name::of("as_ref"),
        Name::of("as_str"),
        Name::of("borrow"),
    ];
    if VALUES.contains(&name) { Some(0) } else { REFERENCES.contains(&name).then_some(1) }
}
