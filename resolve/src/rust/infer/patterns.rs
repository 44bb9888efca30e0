//! Patterns: what they bind and what they mention.

use flux_core::{EdgeKind, Tier, Unresolved};

use super::super::items::ItemKind;
use super::super::name::Name;
use super::super::syntax::{Ident, PatId, PathId, Pattern, Run};
use super::super::world::{Binding, Def, Namespace};
use super::paths::Meaning;
use super::site::Site;
use super::types::{Kind, Substitution, Ty, Types};
use super::{Local, Resolver};

impl<'a> Resolver<'a> {
    /// Binds the names of a pattern that a value of type `ty` is matched with.
    pub(super) fn pattern(&mut self, site: &Site<'_>, id: PatId, ty: Ty) {
        match site.syntax.pattern(id) {
            Pattern::Wild | Pattern::Rest => {}
            Pattern::Bind { name, is_plain, inner } => {
                self.bind(site, name, is_plain && inner.is_none(), ty);
                if let Some(inner) = inner {
                    self.pattern(site, inner, ty);
                }
            }
            Pattern::Path(path) => {
                let meaning = self.see_path(site, path, Namespace::Values, EdgeKind::References);
                self.constructor(meaning, ty);
            }
            Pattern::TupleStruct { path, parts } => self.tuple_struct(site, path, parts, ty),
            Pattern::Struct { path, fields } => self.struct_pattern(site, path, fields, ty),
            Pattern::Tuple(parts) => self.tuple_pattern(site, parts, ty),
            Pattern::Slice(parts) => {
                let element = self.element(ty);
                for part in parts.of(&site.syntax.pattern_lists) {
                    let is_rest = matches!(
                        site.syntax.pattern(*part),
                        Pattern::Bind { inner: Some(inner), .. }
                            if site.syntax.pattern(inner) == Pattern::Rest
                    );
                    self.pattern(site, *part, if is_rest { ty } else { element });
                }
            }
            Pattern::Or(parts) => self.alternatives(site, parts, ty),
            Pattern::Reference(inner) => self.pattern(site, inner, ty),
            Pattern::Expr(expr) => {
                let found = self.expr(site, expr, Some(ty));
                self.types.unify(ty, found);
            }
            Pattern::Macro(call) => self.pattern_macro(site, call, ty),
        }
    }

    fn bind(&mut self, site: &Site<'_>, name: Ident, may_be_path: bool, ty: Ty) {
        let key = site.names[name.text.0 as usize];
        if may_be_path
            && let Some(Binding::Def(def)) = self.world.lookup(site.module, key, Namespace::Values)
            && self.is_constant(def)
        {
            let mention = self.mention(site, name);
            self.emit_def(mention, EdgeKind::References, Tier::Exact, def);
            self.constructor(Meaning::Binding(Binding::Def(def)), ty);
            return;
        }
        self.locals.push(Local { name: key, at: name.at, ty, depth: None });
    }

    /// Whether the name alone is a pattern of its own rather than a new variable.
    fn is_constant(&self, def: Def) -> bool {
        match self.world.kind(def) {
            ItemKind::Const(_) | ItemKind::Static(_) => true,
            ItemKind::Variant { fields } | ItemKind::Struct { fields } => fields.len == 0,
            _ => false,
        }
    }

    fn alternatives(&mut self, site: &Site<'_>, parts: Run, ty: Ty) {
        let start = self.locals.len();
        for (at, part) in parts.of(&site.syntax.pattern_lists).iter().enumerate() {
            let before = self.locals.len();
            self.pattern(site, *part, ty);
            if at > 0 {
                // Every alternative binds the same names; the first one's are meant.
                let again: Vec<Local> = self.locals.drain(before..).collect();
                for local in again {
                    match self.locals[start..].iter().find(|it| it.name == local.name) {
                        Some(first) => {
                            let first = first.ty;
                            self.types.unify(first, local.ty);
                        }
                        None => self.locals.push(local),
                    }
                }
            }
        }
    }

    fn tuple_pattern(&mut self, site: &Site<'_>, parts: Run, ty: Ty) {
        let list = parts.of(&site.syntax.pattern_lists);
        let ty = self.shallow(ty);
        let rest = list.iter().position(|part| site.syntax.pattern(*part) == Pattern::Rest);
        if let (Kind::Variable(_), None) = (self.types.kind(ty), rest) {
            let fresh: Vec<Ty> = list.iter().map(|_| self.types.variable()).collect();
            let tuple = self.types.tuple(&fresh);
            self.types.unify(ty, tuple);
        }
        let ty = self.shallow(ty);
        let types = match self.types.kind(ty) {
            Kind::Tuple(list) => self.types.of(list).to_vec(),
            _ => Vec::new(),
        };
        self.positional(site, list, &types, rest);
    }

    /// Parts by position, counted from the end after `..`.
    fn positional(&mut self, site: &Site<'_>, list: &[PatId], types: &[Ty], rest: Option<usize>) {
        for (at, part) in list.iter().enumerate() {
            let index = match rest {
                Some(rest) if at > rest => (types.len() + at).checked_sub(list.len()),
                _ => Some(at),
            };
            let ty = index.and_then(|at| types.get(at).copied());
            let ty = match ty {
                Some(ty) => ty,
                None => self.types.variable(),
            };
            self.pattern(site, *part, ty);
        }
    }

    /// The struct or variant that a pattern or struct expression names, with what its parameters
    /// stand for in `ty`.
    pub(super) fn constructor(&mut self, meaning: Meaning, ty: Ty) -> Option<(Def, Substitution)> {
        let (def, known) = match meaning {
            Meaning::Binding(Binding::Def(def)) => (def, None),
            Meaning::Member(def, with) => (def, Some(with)),
            Meaning::Type(of) => {
                let of = self.shallow(of);
                let Kind::Adt(def, _) = self.types.kind(of) else { return None };
                self.types.unify(of, ty);
                return Some((def, self.adt_substitution(of)));
            }
            _ => return None,
        };
        let of = match self.world.kind(def) {
            ItemKind::Variant { .. } => self.world.parent(def)?,
            ItemKind::Struct { .. } | ItemKind::Union { .. } => def,
            ItemKind::Alias { .. } => {
                let site = Site::of_item(self.world, def);
                let of = self.lower_binding(&site, Binding::Def(def), None);
                return self.constructor(Meaning::Type(of), ty);
            }
            _ => return None,
        };
        let mut with = known.unwrap_or_default();
        self.fresh(of, &mut with);
        let own = self.own_type(of);
        let own = self.types.apply(own, &with);
        let ty = self.shallow(ty);
        self.types.unify(own, ty);
        Some((def, with))
    }

    fn tuple_struct(&mut self, site: &Site<'_>, path: PathId, parts: Run, ty: Ty) {
        let meaning = self.see_path(site, path, Namespace::Values, EdgeKind::References);
        let list = parts.of(&site.syntax.pattern_lists);
        let rest = list.iter().position(|part| site.syntax.pattern(*part) == Pattern::Rest);
        let types = match self.constructor(meaning, ty) {
            Some((def, with)) => {
                let fields: Vec<Def> = self.world.members_of(def).collect();
                fields
                    .into_iter()
                    .map(|field| {
                        let of = self.declared_type(field);
                        self.types.apply(of, &with)
                    })
                    .collect()
            }
            None => Vec::new(),
        };
        self.positional(site, list, &types, rest);
    }

    fn struct_pattern(&mut self, site: &Site<'_>, path: PathId, fields: Run, ty: Ty) {
        let meaning = self.see_path(site, path, Namespace::Types, EdgeKind::References);
        let found = self.constructor(meaning, ty);
        for field in fields.of(&site.syntax.field_patterns) {
            let name = site.names[field.name.text.0 as usize];
            let mention = self.mention(site, field.name);
            let known = found.as_ref().and_then(|(def, with)| {
                let field = self.world.member(*def, name)?;
                Some((field, with))
            });
            let of = match known {
                Some((def, with)) => {
                    self.emit_def(mention, EdgeKind::References, Tier::Exact, def);
                    let of = self.declared_type(def);
                    self.types.apply(of, with)
                }
                None => {
                    if field.pattern.is_some() {
                        let reason = Unresolved::NoSuchMember;
                        self.emit_open(mention, EdgeKind::References, reason);
                    }
                    self.types.variable()
                }
            };
            match field.pattern {
                Some(inner) => self.pattern(site, inner, of),
                None => {
                    self.locals.push(Local { name, at: field.name.at, ty: of, depth: None });
                }
            }
        }
    }

    /// What iterating over a value gives.
    pub(super) fn element(&mut self, ty: Ty) -> Ty {
        let ty = self.shallow(ty);
        match self.types.kind(ty) {
            Kind::Slice(inner) => inner,
            Kind::Unknown => Types::UNKNOWN,
            _ => {
                let of = self.world.lang(Name::of("IntoIterator"));
                self.project(ty, of, Name::ITEM)
            }
        }
    }
}
