//! What tests around a use prove of its type.

use flux_core::FileId;

use super::facts::{Expression, ExpressionId, Facts, GuardId, Mention};
use super::resolver::Resolver;
use super::types::{Atom, Bound, ClassRef, TypeId};

/// How many guards around a use are looked at.
const GUARDS: usize = 24;

impl<'w> Resolver<'w> {
    /// `found`, the type of an attribute, as assignments to it further up leave it.
    pub(super) fn stored(
        &mut self,
        file: FileId,
        id: ExpressionId,
        mention: Mention,
        found: TypeId,
    ) -> TypeId {
        let Some(module) = self.module(file) else { return found };
        let facts = module.facts();
        let Ok(at) = facts.stored.binary_search_by_key(&id, |stored| stored.expression) else {
            return found;
        };
        let stored = facts.stored[at];
        let Some(entry) = module.entry(stored.scope, module.symbol(stored.name)) else {
            return found;
        };
        let (reaching, is_settled) = super::reach::settled(facts, module.bindings(entry), mention);
        let since = reaching.iter().map(|id| facts.bindings[id.index()].at).min();
        let root = root(facts, id);
        if since.is_none_or(|since| self.is_rebound(facts, file, root.unwrap_or(mention), since)) {
            return found;
        }
        let mut all = if is_settled { TypeId::UNKNOWN } else { found };
        for id in reaching {
            let value = self.value(Bound { file, id });
            if self.types.is_vague(value) {
                return if found.is_known() { found } else { value };
            }
            all = self.types.union(all, value);
        }
        all
    }

    /// `found`, the type of a name or attribute, as the guards around it leave it.
    pub(super) fn narrow(
        &mut self,
        file: FileId,
        subject: ExpressionId,
        mention: Mention,
        found: TypeId,
    ) -> TypeId {
        if mention.guard == GuardId(0) {
            return found;
        }
        let Some(facts) = self.facts(file) else { return found };
        let mut guards = Vec::new();
        let mut next = mention.guard;
        while next != GuardId(0) && guards.len() < GUARDS {
            guards.push(next);
            next = facts.guards[next.index()].outer;
        }
        let mut narrowed = found;
        for id in guards.into_iter().rev() {
            let guard = facts.guards[id.index()];
            if mentions(facts, guard.test, subject, 0)
                && !self.is_rebound(facts, file, mention, guard.at)
            {
                narrowed = self.prove(file, guard.test, guard.holds, subject, narrowed, 0);
            }
        }
        narrowed
    }

    /// Whether a name is bound again between a guard and the use.
    fn is_rebound(&mut self, facts: &Facts, file: FileId, mention: Mention, since: u32) -> bool {
        let Some(module) = self.module(file) else { return false };
        let symbol = module.symbol(mention.name);
        let Some(entry) = module.entry(mention.scope, symbol) else { return false };
        module.bindings(entry).iter().any(|id| {
            let at = facts.bindings[id.index()].at;
            at > since && at < mention.at
        })
    }

    fn prove(
        &mut self,
        file: FileId,
        test: ExpressionId,
        holds: bool,
        subject: ExpressionId,
        found: TypeId,
        depth: u32,
    ) -> TypeId {
        let Some(facts) = self.facts(file) else { return found };
        if depth > 8 {
            return found;
        }
        match facts.expressions[test.index()] {
            Expression::Not(inner) => self.prove(file, inner, !holds, subject, found, depth + 1),
            Expression::And(parts) | Expression::Or(parts) => {
                let is_and = matches!(facts.expressions[test.index()], Expression::And(_));
                let parts = parts.of(&facts.lists);
                if is_and == holds {
                    let each = |this: &mut Self, so_far, part: &ExpressionId| {
                        this.prove(file, *part, holds, subject, so_far, depth + 1)
                    };
                    return parts.iter().fold(found, |so_far, part| each(self, so_far, part));
                }
                if !parts.iter().all(|part| mentions(facts, *part, subject, 0)) {
                    return found;
                }
                let mut all = TypeId::UNKNOWN;
                for part in parts {
                    let one = self.prove(file, *part, holds, subject, found, depth + 1);
                    all = self.types.union(all, one);
                }
                all
            }
            Expression::Matches { subject: of, class } if same(facts, of, subject) => {
                self.instance_of(file, class, holds, found)
            }
            Expression::Call { callee, arguments, .. } => {
                let given = arguments.of(&facts.lists);
                let (&[of, class], Expression::Name(name)) =
                    (given, facts.expressions[callee.index()])
                else {
                    return found;
                };
                if !same(facts, of, subject) {
                    return found;
                }
                let Some(module) = self.module(file) else { return found };
                let symbol = module.symbol(name.name);
                if symbol == self.world.words.isinstance {
                    self.instance_of(file, class, holds, found)
                } else if symbol == self.world.words.issubclass {
                    let instances = self.types.instances_of(found);
                    let narrowed = self.instance_of(file, class, holds, instances);
                    self.types.classes_of(narrowed)
                } else {
                    found
                }
            }
            Expression::Is { left, right, negated } => {
                let Expression::Call { arguments, .. } = facts.expressions[left.index()] else {
                    return found;
                };
                match arguments.of(&facts.lists) {
                    &[of] if same(facts, of, subject) && holds != negated => {
                        self.instance_of(file, right, true, found)
                    }
                    _ => found,
                }
            }
            _ => found,
        }
    }

    /// `found` after `isinstance(…, class)` held or failed.
    fn instance_of(
        &mut self,
        file: FileId,
        class: ExpressionId,
        holds: bool,
        found: TypeId,
    ) -> TypeId {
        let Some(facts) = self.facts(file) else { return found };
        let tested = match facts.expressions[class.index()] {
            Expression::Tuple(list) => self.infer_all(file, list),
            Expression::Binary { .. } => {
                let denoted = self.denote(file, class);
                self.types.classes_of(denoted)
            }
            _ => {
                let inferred = self.infer(file, class);
                let is_tuple =
                    self.types.atoms(inferred).iter().any(|atom| matches!(atom, Atom::Generic(..)));
                if is_tuple { self.element(inferred, 0) } else { inferred }
            }
        };
        let classes: Vec<ClassRef> = self
            .types
            .atoms(tested)
            .iter()
            .filter_map(|atom| match atom {
                Atom::Class(class, _) | Atom::ReceiverClass(class) => Some(*class),
                _ => None,
            })
            .collect();
        let is_one = |this: &mut Self, atom: &Atom| {
            let (Atom::Instance(own, _) | Atom::Receiver(own)) = atom else { return false };
            let info = this.class(*own);
            info.order.iter().any(|(above, _)| classes.contains(above))
        };
        let atoms = self.types.copied(found);
        if !holds {
            let kept = atoms.into_iter().filter(|atom| !is_one(self, atom)).collect();
            return self.types.any(kept);
        }
        if classes.is_empty() {
            // A class of another package: none of the tree's, unless it derives from one there.
            return found;
        }
        let kept: Vec<Atom> = atoms.into_iter().filter(|atom| is_one(self, atom)).collect();
        if kept.is_empty() {
            return self.types.instances_of(tested);
        }
        self.types.any(kept)
    }
}

/// The name that a path starts with.
pub(super) fn root(facts: &Facts, path: ExpressionId) -> Option<Mention> {
    let mut next = path;
    loop {
        match facts.expressions[next.index()] {
            Expression::Name(mention) => return Some(mention),
            Expression::Attribute { object, .. } | Expression::Subscript { object, .. } => {
                next = object;
            }
            _ => return None,
        }
    }
}

/// Whether two expressions are the same name, or the same attribute of the same.
fn same(facts: &Facts, left: ExpressionId, right: ExpressionId) -> bool {
    let (mut left, mut right) = (left, right);
    loop {
        match (facts.expressions[left.index()], facts.expressions[right.index()]) {
            (Expression::Name(one), Expression::Name(other)) => return one.name == other.name,
            (
                Expression::Attribute { object: one, mention },
                Expression::Attribute { object: other, mention: also },
            ) if mention.name == also.name => (left, right) = (one, other),
            (
                Expression::Subscript { object: one, index },
                Expression::Subscript { object: other, index: also },
            ) if is_same_index(facts, index, also) => (left, right) = (one, other),
            _ => return false,
        }
    }
}

fn is_same_index(facts: &Facts, left: ExpressionId, right: ExpressionId) -> bool {
    match (facts.expressions[left.index()], facts.expressions[right.index()]) {
        (Expression::Integer(one), Expression::Integer(other)) => one == other,
        (Expression::Key(one), Expression::Key(other)) => one == other,
        _ => false,
    }
}

/// Whether a test says something of `subject`.
fn mentions(facts: &Facts, test: ExpressionId, subject: ExpressionId, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    match facts.expressions[test.index()] {
        Expression::Not(inner) => mentions(facts, inner, subject, depth + 1),
        Expression::And(parts) | Expression::Or(parts) => {
            parts.of(&facts.lists).iter().any(|part| mentions(facts, *part, subject, depth + 1))
        }
        Expression::Matches { subject: of, .. } => same(facts, of, subject),
        Expression::Call { arguments, .. } => {
            arguments.of(&facts.lists).first().is_some_and(|of| same(facts, *of, subject))
        }
        Expression::Is { left, .. } => mentions(facts, left, subject, depth + 1),
        _ => false,
    }
}
