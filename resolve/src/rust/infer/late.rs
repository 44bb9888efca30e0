//! What waits for types to become known.

use flux_core::{EdgeKind, Tier, Unresolved};

use super::super::items::ItemKind;
use super::super::name::Name;
use super::super::world::{Binding, Def};
use super::Resolver;
use super::emit::Mention;
use super::methods::Pick;
use super::references::Depth;
use super::types::{Bound, Kind, Substitution, Ty, Types};

/// The parameters of a picked method, its bounds and what it gives.
type Picked = (Vec<Ty>, Vec<(Ty, Bound)>, Ty);

/// A question whose answer needs a type that was not known where it was asked.
pub(super) enum Late {
    Method(Box<Wanted>),
    Field {
        mention: Mention,
        name: Name,
        text: Box<str>,
        base: Ty,
        output: Ty,
    },
    Call {
        callee: Ty,
        arguments: Vec<Ty>,
        output: Ty,
    },
    /// What `?` gives.
    Try {
        value: Ty,
        output: Ty,
    },
    Bound {
        ty: Ty,
        bound: Bound,
    },
    /// `Trait::member`, to be said of the impl of `ty` at the end.
    TraitMember {
        mention: Mention,
        kind: EdgeKind,
        member: Def,
        bound: Bound,
        ty: Ty,
        /// How many references each argument is behind.
        given: Vec<Depth>,
    },
}

/// A method call: the explicit arguments of its name, the types of its arguments.
pub(super) struct Wanted {
    pub(super) mention: Mention,
    pub(super) name: Name,
    pub(super) receiver: Ty,
    pub(super) depth: Depth,
    pub(super) generics: Vec<Ty>,
    pub(super) arguments: Vec<Ty>,
    pub(super) output: Ty,
}

/// What a requirement that is not met counts, in arguments that do not fit.
const UNMET: usize = 100;

/// Rounds over what waits. Each answer can only help those after it, or those before it in the
/// next round; chains against the order of the text are short.
const MAX_ROUNDS: u32 = 4;

impl<'a> Resolver<'a> {
    /// Answers what can be answered by now, and gives up on the rest.
    pub(super) fn settle(&mut self) {
        for _ in 0..MAX_ROUNDS {
            if self.advance() == 0 {
                break;
            }
        }
        for late in std::mem::take(&mut self.late) {
            self.give_up(late);
        }
    }

    /// One round: how many questions it answers. An answer may ask others.
    fn advance(&mut self) -> usize {
        let waiting = std::mem::take(&mut self.late);
        let mut answered = 0;
        for late in waiting {
            match self.answer(late) {
                Some(late) => self.late.push(late),
                None => answered += 1,
            }
        }
        answered
    }

    /// The question again, if it is still open.
    fn answer(&mut self, late: Late) -> Option<Late> {
        match late {
            Late::Method(wanted) => self.answer_method(wanted),
            Late::Field { mention, name, text, base, output } => {
                let (pick, ty) = self.field(base, name, &text);
                match pick {
                    Pick::Unknown => Some(Late::Field { mention, name, text, base, output }),
                    pick => {
                        self.types.unify(output, ty);
                        self.field_found(mention, name, pick);
                        None
                    }
                }
            }
            Late::Call { callee, arguments, output } => match self.callable(callee) {
                Some((parameters, result)) => {
                    for (expected, given) in parameters.iter().zip(&arguments) {
                        self.coerce(*expected, *given);
                    }
                    self.types.unify(output, result);
                    None
                }
                None => Some(Late::Call { callee, arguments, output }),
            },
            Late::Try { value, output } => match self.tried(value) {
                Some(found) => {
                    self.types.unify(output, found);
                    None
                }
                None => Some(Late::Try { value, output }),
            },
            Late::Bound { ty, bound } => {
                if self.learn(ty, &bound) {
                    None
                } else {
                    Some(Late::Bound { ty, bound })
                }
            }
            Late::TraitMember { .. } => Some(late),
        }
    }

    fn answer_method(&mut self, wanted: Box<Wanted>) -> Option<Late> {
        self.receiver = wanted.depth;
        let pick = self.method(wanted.receiver, wanted.name);
        self.receiver = None;
        if let Pick::Unknown = pick {
            return Some(Late::Method(wanted));
        }
        let found = self.picked(wanted.mention, wanted.name, pick, &wanted.generics);
        if let Some((parameters, bounds, result)) = found {
            for (expected, given) in parameters.iter().skip(1).zip(&wanted.arguments) {
                self.coerce(*expected, *given);
            }
            self.learn_all(bounds);
            self.types.unify(wanted.output, result);
        }
        None
    }

    fn give_up(&mut self, late: Late) {
        match late {
            Late::Method(wanted) => {
                if let Some(def) = self.only_method(wanted.name) {
                    self.emit_def(wanted.mention, EdgeKind::Calls, Tier::Name, def);
                    return;
                }
                self.emit_open(wanted.mention, EdgeKind::Calls, Unresolved::UnknownReceiver);
            }
            Late::Field { mention, .. } => {
                self.emit_open(mention, EdgeKind::References, Unresolved::UnknownReceiver);
            }
            Late::Call { .. } | Late::Try { .. } | Late::Bound { .. } => {}
            Late::TraitMember { mention, kind, member, bound, ty, given } => {
                let own = self.fitting_member(ty, &bound, member, &given);
                self.emit_def(mention, kind, Tier::Likely, own.unwrap_or(member));
            }
        }
    }

    /// The member of the impl whose trait has these arguments and that fits the call best, or of
    /// any at all. Not all impls of the library's traits are known: there none is meant rather.
    fn fitting_member(
        &mut self,
        ty: Ty,
        bound: &Bound,
        member: Def,
        given: &[Depth],
    ) -> Option<Def> {
        let world = self.world;
        if let ItemKind::Alias { .. } = world.kind(member) {
            return None;
        }
        let name = world.name_of(member);
        let ty = self.shallow(ty);
        let list = world.impls.by_trait.get(&(bound.of, self.key(ty)));
        let mut best: Option<(usize, Option<Def>)> = None;
        for id in list.into_iter().flatten() {
            let mark = self.types.mark();
            let holds =
                self.fitted(*id, ty, bound).map(|with| self.requirements_hold(*id, &with, 0));
            self.types.undo(mark);
            if let Some(holds) = holds {
                let def = world.impls.all[id.0 as usize].def;
                let own = world.members_of(def).find(|it| world.name_of(*it) == name);
                let misfits = own.map_or(0, |own| self.misfits(own, given));
                let misfits = if holds { misfits } else { misfits + UNMET };
                if best.is_none_or(|(known, _)| misfits < known) {
                    best = Some((misfits, own));
                }
            }
        }
        if let Some((_, own)) = best {
            // An impl for a type of others that forwards to the type's own does not call itself.
            let is_own = matches!(self.types.kind(ty), Kind::Adt(def, _) if !world.is_std(def));
            return own.filter(|own| is_own || self.owner != Some(*own));
        }
        match bound.of {
            Binding::Def(of) if world.is_std(of) && world.item(of).generics.parameters.len > 0 => {
                None
            }
            Binding::Def(of) => self.impl_of(ty, of, name).map(|(def, _)| def),
            _ => None,
        }
    }

    /// Says what a picked method is; its parameters, its bounds and what it gives.
    pub(super) fn picked(
        &mut self,
        mention: Mention,
        name: Name,
        pick: Pick,
        generics: &[Ty],
    ) -> Option<Picked> {
        match pick {
            Pick::Found { def, with, .. } => {
                self.emit_def(mention, EdgeKind::Calls, Tier::Likely, def);
                Some(self.instance(def, with, generics))
            }
            Pick::Open { of, def, mut with } => {
                self.open_member(mention, EdgeKind::Calls, (of, def), &mut with);
                Some(self.instance(def, with, generics))
            }
            Pick::View(ty) => {
                self.emit_open(mention, EdgeKind::Calls, Unresolved::NoSuchMember);
                Some((Vec::new(), Vec::new(), ty))
            }
            Pick::Foreign(package) => {
                let target = self.target_of(Binding::Foreign(package, name));
                self.out.add(mention, EdgeKind::Calls, Tier::Likely, target);
                None
            }
            Pick::Unknown => {
                self.emit_open(mention, EdgeKind::Calls, Unresolved::UnknownReceiver);
                None
            }
            Pick::Missing => {
                self.emit_open(mention, EdgeKind::Calls, Unresolved::NoSuchMember);
                None
            }
        }
    }

    pub(super) fn field_found(&mut self, mention: Mention, name: Name, pick: Pick) {
        match pick {
            Pick::Found { def, .. } => {
                self.emit_def(mention, EdgeKind::References, Tier::Likely, def);
            }
            Pick::Foreign(package) => {
                let target = self.target_of(Binding::Foreign(package, name));
                self.out.add(mention, EdgeKind::References, Tier::Likely, target);
            }
            Pick::View(_) => {
                self.emit_open(mention, EdgeKind::References, Unresolved::InMacro);
            }
            Pick::Open { .. } | Pick::Unknown | Pick::Missing => {
                self.emit_open(mention, EdgeKind::References, Unresolved::NoSuchMember);
            }
        }
    }

    /// The signature of a function with its parameters replaced, what it requires, what it gives.
    pub(super) fn instance(
        &mut self,
        def: Def,
        mut with: Substitution,
        generics: &[Ty],
    ) -> (Vec<Ty>, Vec<(Ty, Bound)>, Ty) {
        for (at, ty) in generics.iter().enumerate() {
            let parameter = self.types.make(Kind::Parameter(def, at as u32));
            with.add(parameter, *ty);
        }
        self.complete(def, &mut with);
        let function = self.function(def);
        let parameters =
            function.parameters.iter().map(|ty| self.types.apply(*ty, &with)).collect();
        let output = self.types.apply(function.output, &with);
        (parameters, self.required(def, &with), output)
    }

    /// The bounds on an item's parameters that can tell something about types.
    pub(super) fn required(&mut self, def: Def, with: &Substitution) -> Vec<(Ty, Bound)> {
        let mut found = Vec::new();
        let mut owners = vec![def];
        owners.extend(self.world.container(def));
        for owner in owners {
            for (ty, bound) in self.declared_bounds(owner).iter() {
                let is_plain =
                    bound.bindings.is_empty() && self.types.of(bound.arguments).is_empty();
                if !is_plain {
                    let ty = self.types.apply(*ty, with);
                    found.push((ty, self.types.apply_bound(bound, with, 0)));
                }
            }
        }
        found
    }

    /// Uses bounds; those that cannot say anything yet wait.
    pub(super) fn learn_all(&mut self, bounds: Vec<(Ty, Bound)>) {
        for (ty, bound) in bounds {
            if !self.learn(ty, &bound) {
                self.late.push(Late::Bound { ty, bound });
            }
        }
    }

    /// What `value?` gives.
    pub(super) fn tried(&mut self, value: Ty) -> Option<Ty> {
        let value = self.shallow(value);
        match self.types.kind(value) {
            Kind::Adt(def, list) => {
                let is_try = [Name::of("Option"), Name::of("Result"), Name::of("Poll")]
                    .iter()
                    .any(|name| self.world.lang(*name) == Some(def));
                let first = self.types.of(list).first().copied();
                Some(if is_try { first.unwrap_or(Types::UNKNOWN) } else { Types::UNKNOWN })
            }
            Kind::Variable(_) => None,
            _ => Some(Types::UNKNOWN),
        }
    }

    /// Lets a value of type `given` stand where `expected` is expected.
    pub(super) fn coerce(&mut self, expected: Ty, given: Ty) {
        let expected = self.shallow(expected);
        let mut given = self.shallow(given);
        if let Kind::Opaque(bounds) | Kind::Dyn(bounds) = self.types.kind(expected) {
            for bound in self.types.bounds(bounds).to_vec() {
                self.learn(given, &bound);
            }
            return;
        }
        for _ in 0..4 {
            if self.types.unify(expected, given) {
                return;
            }
            match self.dereferenced(given) {
                Some(next) => given = next,
                None => return,
            }
        }
    }
}
