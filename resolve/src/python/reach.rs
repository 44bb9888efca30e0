//! Which of several bindings of a name may reach a use of it.

use super::facts::{BindingId, BindingKind, Facts, Mention, StatementId, StatementKind};

/// The statements around `id`, innermost first, down to the body of the function.
fn chain(facts: &Facts, id: StatementId) -> Vec<StatementId> {
    let mut all = Vec::new();
    let mut next = id;
    while next != StatementId(0) {
        all.push(next);
        next = facts.statements[next.index()].parent;
    }
    all
}

/// The bindings that may reach `mention`, of those of its own scope. Without a control flow
/// graph: a binding in a block around the use kills those before it; one in another branch, or
/// further down outside of loops, never gets there.
pub(super) fn reaching(facts: &Facts, all: &[BindingId], mention: Mention) -> Vec<BindingId> {
    if all.len() < 2 || mention.statement == StatementId(0) {
        return all.to_vec();
    }
    let around = chain(facts, mention.statement);
    let mut latest: Option<BindingId> = None;
    for &id in all {
        if kills(facts, id, mention, &around)
            && latest.is_none_or(|best| at(facts, best) < at(facts, id))
        {
            latest = Some(id);
        }
    }
    let in_loop = around.iter().any(|id| facts.statements[id.index()].kind == StatementKind::Loop);
    let reaches = |id: &BindingId| {
        let binding = &facts.bindings[id.index()];
        if Some(*id) == latest {
            return true;
        }
        if latest.is_some_and(|best| binding.at < at(facts, best)) {
            return false;
        }
        if binding.at > mention.at || is_own_statement(facts, *id, mention) {
            return in_loop && latest.is_none();
        }
        !is_other_branch(facts, binding.statement, &around)
    };
    let found: Vec<BindingId> = all.iter().copied().filter(reaches).collect();
    if found.is_empty() { all.to_vec() } else { found }
}

/// The bindings of a path that reach a use of it, and whether they alone do.
pub(super) fn settled(
    facts: &Facts,
    all: &[BindingId],
    mention: Mention,
) -> (Vec<BindingId>, bool) {
    let around = chain(facts, mention.statement);
    let is_before = |id: &&BindingId| {
        let binding = &facts.bindings[id.index()];
        binding.at < mention.at && binding.statement != mention.statement
    };
    let before: Vec<BindingId> = all.iter().filter(is_before).copied().collect();
    let kills = |id: &&BindingId| kills(facts, **id, mention, &around);
    let latest = before.iter().filter(kills).max_by_key(|id| at(facts, **id)).copied();
    let reaches = |id: &BindingId| {
        Some(*id) == latest
            || latest.is_none_or(|best| at(facts, best) < at(facts, *id))
                && !is_other_branch(facts, facts.bindings[id.index()].statement, &around)
    };
    (before.into_iter().filter(reaches).collect(), latest.is_some())
}

fn at(facts: &Facts, id: BindingId) -> u32 {
    facts.bindings[id.index()].at
}

/// Whether the use lies in the assignment itself, and so sees what was there before.
fn is_own_statement(facts: &Facts, id: BindingId, mention: Mention) -> bool {
    let binding = &facts.bindings[id.index()];
    binding.statement == mention.statement
        && matches!(binding.kind, BindingKind::Variable | BindingKind::Augmented)
        && facts.statements[mention.statement.index()].kind == StatementKind::Plain
}

/// Whether whatever reaches the use passed the binding last.
fn kills(facts: &Facts, id: BindingId, mention: Mention, around: &[StatementId]) -> bool {
    let binding = &facts.bindings[id.index()];
    if binding.at >= mention.at
        || matches!(
            binding.kind,
            BindingKind::Parameter
                | BindingKind::Arguments
                | BindingKind::KeywordArguments
                | BindingKind::Augmented
        )
    {
        return false;
    }
    if around.contains(&binding.statement) {
        // The use lies in the statement: below the head of a loop or `with`, not in its value.
        let kind = facts.statements[binding.statement.index()].kind;
        return mention.statement != binding.statement && kind != StatementKind::Plain;
    }
    let statement = &facts.statements[binding.statement.index()];
    let kind = statement.kind;
    around.iter().any(|id| facts.statements[id.index()].block == statement.block)
        && (kind != StatementKind::Loop)
}

/// Whether the binding lies in another branch of an `if` or `match` than the use.
fn is_other_branch(facts: &Facts, statement: StatementId, around: &[StatementId]) -> bool {
    let mut below = statement;
    let mut next = facts.statements[statement.index()].parent;
    while next != StatementId(0) {
        if let Some(position) = around.iter().position(|id| *id == next) {
            let Some(position) = position.checked_sub(1) else { return false };
            let own = around[position];
            return facts.statements[next.index()].kind == StatementKind::Branches
                && facts.statements[own.index()].block != facts.statements[below.index()].block;
        }
        below = next;
        next = facts.statements[next.index()].parent;
    }
    false
}
