//! Impact: everything that a change of some definitions can touch, step by step.
//!
//! Calls are followed to any depth. Other mentions of what changed are touched themselves and
//! followed by their callers. A change of a type or of a member reaches its subtypes and what
//! overrides it; a change of an overriding member reaches the callers of what it overrides,
//! because what runs is decided at run time. Imports are touched and lead no further.

use flux_core::{DefinitionIndex, DefinitionRef, EdgeKind, Occurrence, Tier};
use rustc_hash::FxHashMap;

use super::sites::{Completeness, Site, references};
use super::view::{GraphView, Texts};
use crate::error::QueryError;

/// How far an impact is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImpactLimits {
    /// Steps from what changes.
    pub depth: usize,
    /// Definitions at most.
    pub most: usize,
}

impl Default for ImpactLimits {
    fn default() -> Self {
        Self { depth: 3, most: 20_000 }
    }
}

/// A definition that a change can touch.
#[derive(Clone, Debug, PartialEq)]
pub struct Touched {
    /// Which.
    pub definition: DefinitionRef,
    /// Steps from what changes, 1 for what mentions it directly.
    pub depth: usize,
    /// The least sure edge on the way.
    pub tier: Tier,
    /// What the last step is: it calls, mentions, inherits, overrides what is before it.
    pub kind: EdgeKind,
    /// What is before it on the way from the change.
    pub from: DefinitionRef,
    /// Where it mentions that; `None` where a relation stands for it.
    pub site: Option<Site>,
    /// Whether it belongs to tests.
    pub is_test: bool,
    /// Whether code of other packages may use it.
    pub is_public: bool,
    /// How much depends on it in turn: the number of places that refer to it.
    pub dependents: usize,
    /// What it is ordered by, of what nobody says in numbers what it means; see [`Touched::reasons`].
    pub risk: f32,
}

impl Touched {
    /// Why it has its place in the order, in words.
    pub fn reasons(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        reasons.push(match (self.depth, self.kind) {
            (1, EdgeKind::Calls) => "calls it".to_owned(),
            (1, EdgeKind::Overrides) => "overrides it".to_owned(),
            (1, EdgeKind::Inherits | EdgeKind::Implements) => "extends it".to_owned(),
            (1, EdgeKind::Imports) => "imports it".to_owned(),
            (1, EdgeKind::References) => "mentions it".to_owned(),
            (depth, _) => format!("{depth} steps away"),
        });
        if self.is_public && !self.is_test {
            reasons.push("public".to_owned());
        }
        match self.dependents {
            0 => {}
            1 => reasons.push("1 place depends on it".to_owned()),
            count => reasons.push(format!("{count} places depend on it")),
        }
        if self.tier != Tier::Exact {
            reasons.push("inferred".to_owned());
        }
        reasons
    }
}

/// Everything that a change can touch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Impact {
    /// What changes.
    pub roots: Vec<DefinitionRef>,
    /// What that touches, the riskiest first; tests are among them.
    pub touched: Vec<Touched>,
    /// Whether there is more, beyond the limits.
    pub is_cut: bool,
    /// What it does not say.
    pub completeness: Completeness,
}

impl Impact {
    /// The tests that exercise what changes, by path and position.
    pub fn tests(&self) -> Vec<&Touched> {
        let mut tests: Vec<&Touched> = self.touched.iter().filter(|found| found.is_test).collect();
        tests.sort_by_key(|found| found.definition);
        tests
    }

    /// The ways from what changes to what it touches.
    pub fn ways(&self) -> Ways<'_> {
        Ways(self.touched.iter().map(|found| (found.definition, found)).collect())
    }
}

/// The ways from what changes to what it touches.
pub struct Ways<'a>(FxHashMap<DefinitionRef, &'a Touched>);

impl<'a> Ways<'a> {
    /// The way to `definition`, itself last.
    pub fn to(&self, definition: DefinitionRef) -> Vec<&'a Touched> {
        let mut way = Vec::new();
        let mut at = self.0.get(&definition);
        while let Some(found) = at.filter(|_| way.len() <= self.0.len()) {
            way.push(*found);
            at = self.0.get(&found.from);
        }
        way.reverse();
        way
    }
}

/// What a change of `roots` can touch. Members of changed types change with them.
pub fn impact(
    view: &GraphView<'_>,
    roots: &[DefinitionRef],
    limits: ImpactLimits,
    texts: Texts<'_>,
) -> Result<Impact, QueryError> {
    let roots = with_members(view, roots)?;
    let mut walk = Walk { view, found: FxHashMap::default(), touched: Vec::new() };
    for root in &roots {
        walk.found.insert(*root, usize::MAX);
    }
    let mut level: Vec<Reached> = roots.iter().map(|root| Reached::root(*root)).collect();
    let mut is_cut = false;
    for depth in 1..=limits.depth.saturating_add(1) {
        if level.is_empty() {
            break;
        }
        if depth > limits.depth || walk.touched.len() >= limits.most {
            is_cut = true;
            break;
        }
        // What is reached by sure edges takes its place before what is reached by others.
        level.sort_by_key(|reached| (reached.tier, reached.definition));
        level = walk.step(&level, depth)?;
    }
    let mut touched = walk.touched;
    for found in &mut touched {
        found.risk = risk(found);
    }
    touched
        .sort_by(|a, b| (b.risk.total_cmp(&a.risk)).then_with(|| a.definition.cmp(&b.definition)));
    let completeness = completeness(view, &roots, &touched, texts)?;
    Ok(Impact { roots, touched, is_cut, completeness })
}

/// The roots, and everything that lies in those that are types or files.
fn with_members(
    view: &GraphView<'_>,
    roots: &[DefinitionRef],
) -> Result<Vec<DefinitionRef>, QueryError> {
    let mut all = Vec::new();
    for root in roots {
        let kind = view.graph.definition(*root)?.kind;
        all.push(*root);
        if root.index != DefinitionIndex::MODULE && !kind.is_container() {
            continue;
        }
        for index in (0..view.graph.definitions(root.file)?.len() as u32).map(DefinitionIndex) {
            let member = DefinitionRef { index, ..*root };
            if view.is_within(member, *root)? && !view.is_inside_function(member)? {
                all.push(member);
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// What the walk stands on.
#[derive(Clone, Copy)]
struct Reached {
    definition: DefinitionRef,
    tier: Tier,
    /// Whether it changes, or inherits the change: then every mention of it counts.
    is_changed: bool,
}

impl Reached {
    fn root(definition: DefinitionRef) -> Self {
        Self { definition, tier: Tier::Exact, is_changed: true }
    }
}

struct Walk<'a, 'b> {
    view: &'b GraphView<'a>,
    /// Position in `touched`; `usize::MAX` for what changes.
    found: FxHashMap<DefinitionRef, usize>,
    touched: Vec<Touched>,
}

impl Walk<'_, '_> {
    fn step(&mut self, level: &[Reached], depth: usize) -> Result<Vec<Reached>, QueryError> {
        let mut next = Vec::new();
        for reached in level {
            self.mentions(*reached, reached.definition, depth, &mut next)?;
            for above in self.view.overridden(reached.definition)? {
                self.mentions(*reached, above, depth, &mut next)?;
            }
            if reached.is_changed {
                self.below(*reached, depth, &mut next)?;
            }
            if let Some(outer) = self.view.function_around(reached.definition)? {
                let edge = Edge { kind: EdgeKind::References, tier: Tier::Exact, site: None };
                self.touch(*reached, outer, edge, depth, &mut next)?;
            }
        }
        Ok(next)
    }

    /// Touches what mentions `target`: the definition itself, or one that it overrides.
    fn mentions(
        &mut self,
        reached: Reached,
        target: DefinitionRef,
        depth: usize,
        next: &mut Vec<Reached>,
    ) -> Result<(), QueryError> {
        let through = (target != reached.definition).then_some(target);
        for reference in self.view.graph.references_to(target)? {
            let (file, occurrence) = reference?;
            if !follows(reached, &occurrence, through.is_some()) {
                continue;
            }
            let enclosing = DefinitionRef { file, index: occurrence.enclosing };
            if self.found.contains_key(&enclosing) {
                continue;
            }
            let tier = if through.is_some() { Tier::Likely } else { occurrence.tier };
            let site = Site { through, tier, ..self.view.site(file, &occurrence)? };
            let edge = Edge { kind: occurrence.kind, tier, site: Some(site) };
            self.touch(reached, enclosing, edge, depth, next)?;
        }
        Ok(())
    }

    /// Touches subtypes and overriding members of what changes.
    fn below(
        &mut self,
        reached: Reached,
        depth: usize,
        next: &mut Vec<Reached>,
    ) -> Result<(), QueryError> {
        for relation in self.view.graph.relations_to(reached.definition)? {
            let edge = Edge { kind: relation.kind, tier: relation.tier, site: None };
            self.touch(reached, relation.from, edge, depth, next)?;
        }
        Ok(())
    }

    fn touch(
        &mut self,
        from: Reached,
        definition: DefinitionRef,
        edge: Edge,
        depth: usize,
        next: &mut Vec<Reached>,
    ) -> Result<(), QueryError> {
        if self.found.contains_key(&definition) {
            return Ok(());
        }
        self.found.insert(definition, self.touched.len());
        let known = self.view.graph.definition(definition)?;
        let tier = from.tier.max(edge.tier);
        let is_below =
            matches!(edge.kind, EdgeKind::Inherits | EdgeKind::Implements | EdgeKind::Overrides);
        self.touched.push(Touched {
            definition,
            depth,
            tier,
            kind: edge.kind,
            from: from.definition,
            site: edge.site,
            is_test: self.view.is_test(definition)?,
            is_public: known.is_public,
            dependents: self.view.graph.reference_count(definition)?,
            risk: 0.0,
        });
        // A file is touched as a whole and leads no further: everybody imports it.
        if definition.index != DefinitionIndex::MODULE && edge.kind != EdgeKind::Imports {
            let is_changed = from.is_changed && is_below;
            next.push(Reached { definition, tier, is_changed });
        }
        Ok(())
    }
}

struct Edge {
    kind: EdgeKind,
    tier: Tier,
    site: Option<Site>,
}

fn follows(reached: Reached, occurrence: &Occurrence, is_through: bool) -> bool {
    let is_sure = occurrence.tier != Tier::Name;
    is_sure
        && match occurrence.kind {
            EdgeKind::Calls => true,
            EdgeKind::Imports => reached.is_changed && !is_through,
            EdgeKind::References
            | EdgeKind::Inherits
            | EdgeKind::Implements
            | EdgeKind::Overrides => {
                !is_through && (reached.is_changed || occurrence.kind == EdgeKind::References)
            }
        }
}

/// What is near, sure, public and much used comes first; tests tell of a fault and do not make it
/// worse. The factors put a direct public caller before any indirect one and were set by reading
/// the answers for ten symbols of three projects, not by measurement.
fn risk(found: &Touched) -> f32 {
    let near = 1.0 / found.depth as f32;
    let sure = if found.tier == Tier::Exact { 1.0 } else { 0.7 };
    let public = if found.is_public { 1.3 } else { 1.0 };
    let kind = match found.kind {
        EdgeKind::Calls | EdgeKind::Overrides | EdgeKind::Inherits | EdgeKind::Implements => 1.0,
        EdgeKind::References => 0.8,
        EdgeKind::Imports => 0.3,
    };
    let test = if found.is_test { 0.2 } else { 1.0 };
    near * sure * public * kind * test * (1.0 + 0.2 * (1.0 + found.dependents as f32).ln())
}

fn completeness(
    view: &GraphView<'_>,
    roots: &[DefinitionRef],
    touched: &[Touched],
    texts: Texts<'_>,
) -> Result<Completeness, QueryError> {
    let count = |tier| touched.iter().filter(|found| found.tier == tier).count();
    let mut completeness = match roots {
        // Of many names a count of mentions says nothing.
        [only] => references(view, &[*only], texts)?.completeness,
        _ => Completeness::default(),
    };
    completeness.certain = count(Tier::Exact);
    completeness.likely = count(Tier::Likely);
    Ok(completeness)
}
