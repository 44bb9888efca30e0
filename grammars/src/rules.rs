//! Reference rules, compiled to kind and field numbers.
//!
//! A rule is looked up by the kind of the leaf and of its parent, so that most leaves try no
//! rule at all or one.

use flux_core::ReferenceRole;
use tree_sitter::Language;

use crate::config::ReferenceConfig;
use crate::grammar::Share;

/// A node on the way from the root to the current one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) kind: u16,
    /// Its field in its parent; 0 for none.
    pub(crate) field: u16,
}

/// What the rules make of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mention {
    /// It mentions nothing.
    Skipped,
    /// It mentions something in this role.
    As(ReferenceRole),
}

/// A rule or a kind that the parser does not know.
#[derive(Debug)]
pub(crate) struct UnknownStep {
    pub(crate) text: String,
    pub(crate) problem: &'static str,
}

/// The reference rules of one language.
pub(crate) struct ReferenceRules {
    rules: Vec<Rule>,
    /// Position of each kind among the identifier kinds, plus one.
    leaf_slots: Vec<u8>,
    /// Position of each kind among those that end a rule, plus one; 0 for all others.
    parent_slots: Vec<u16>,
    parent_slot_count: usize,
    /// Rules to try, by leaf slot and parent slot.
    lists: Vec<Box<[u16]>>,
    /// Kinds whose field in their parent some rule asks for.
    pub(crate) asked_fields: Vec<u16>,
}

struct Rule {
    mention: Mention,
    /// Kinds of leaf it is for; empty for all.
    leaves: Vec<u16>,
    /// From the leaf's parent up.
    steps: Vec<RuleStep>,
}

struct RuleStep {
    /// Empty for any kind.
    kinds: Vec<u16>,
    /// Field of the next node down; 0 for any.
    field: u16,
}

impl ReferenceRules {
    /// Compiles the rules; those about kinds of another dialect are dropped when the folder is
    /// shared.
    pub(crate) fn new(
        language: &Language,
        config: &ReferenceConfig,
        share: Share,
    ) -> Result<Self, UnknownStep> {
        let roles = [
            (Mention::Skipped, &config.skip),
            (Mention::As(ReferenceRole::Call), &config.call),
            (Mention::As(ReferenceRole::Inherit), &config.inherit),
            (Mention::As(ReferenceRole::Macro), &config.macros),
            (Mention::As(ReferenceRole::Type), &config.types),
            (Mention::As(ReferenceRole::Member), &config.member),
        ];
        let mut rules = Vec::new();
        for (mention, texts) in roles {
            for text in texts {
                match Rule::new(language, mention, text) {
                    Err(_) if share.is_partial() => {}
                    rule => rules.push(rule?),
                }
            }
        }
        let mut leaves = Vec::new();
        for kind in &config.identifiers {
            match kind_ids(language, kind) {
                Err(_) if share.is_partial() => {}
                ids => leaves.extend(ids?),
            }
        }
        Ok(Self::index(rules, &leaves, language.node_kind_count()))
    }

    fn index(rules: Vec<Rule>, leaves: &[u16], kind_count: usize) -> Self {
        let mut parent_kinds: Vec<u16> = rules
            .iter()
            .filter_map(|rule| rule.steps.first())
            .flat_map(|s| s.kinds.clone())
            .collect();
        parent_kinds.sort_unstable();
        parent_kinds.dedup();
        let mut leaf_slots = vec![0; kind_count];
        let mut parent_slots = vec![0; kind_count];
        for (slot, kind) in (1..).zip(leaves) {
            leaf_slots[usize::from(*kind)] = slot;
        }
        for (slot, kind) in (1..).zip(&parent_kinds) {
            parent_slots[usize::from(*kind)] = slot;
        }
        let mut lists = Vec::new();
        for leaf in leaves {
            for parent in std::iter::once(None).chain(parent_kinds.iter().copied().map(Some)) {
                let fits = |(_, rule): &(u16, &Rule)| rule.may_fit(*leaf, parent);
                lists.push((0..).zip(&rules).filter(fits).map(|(index, _)| index).collect());
            }
        }
        let asked_fields = rules.iter().flat_map(Rule::asked_fields).collect();
        let parent_slot_count = parent_kinds.len() + 1;
        Self { rules, leaf_slots, parent_slots, parent_slot_count, lists, asked_fields }
    }

    /// What a leaf of an identifier kind mentions, below `ancestors` from the root down.
    pub(crate) fn mention(&self, leaf: Step, ancestors: &[Step]) -> Mention {
        let parent = ancestors.last().map_or(u16::MAX, |step| step.kind);
        let parent_slot = self.parent_slots.get(usize::from(parent)).copied().unwrap_or(0);
        let leaf_slot = usize::from(self.leaf_slots[usize::from(leaf.kind)]) - 1;
        let list = &self.lists[leaf_slot * self.parent_slot_count + usize::from(parent_slot)];
        list.iter()
            .map(|index| &self.rules[usize::from(*index)])
            .find(|rule| rule.fits(leaf.field, ancestors))
            .map_or(Mention::As(ReferenceRole::Name), |rule| rule.mention)
    }
}

impl Rule {
    fn new(language: &Language, mention: Mention, text: &str) -> Result<Self, UnknownStep> {
        if let Some(kind) = text.strip_prefix("leaf=") {
            return Ok(Self { mention, leaves: kind_ids(language, kind)?, steps: Vec::new() });
        }
        let step = |part: &str| RuleStep::new(language, part);
        let steps = text.rsplit('/').map(step).collect::<Result<_, _>>()?;
        Ok(Self { mention, leaves: Vec::new(), steps })
    }

    /// Whether it can fit a leaf of this kind whose parent has this kind, or, for `None`, a kind
    /// that no rule names.
    fn may_fit(&self, leaf: u16, parent: Option<u16>) -> bool {
        let takes_leaf = self.leaves.is_empty() || self.leaves.contains(&leaf);
        let takes_parent = self.steps.first().is_none_or(|step| {
            step.kinds.is_empty() || parent.is_some_and(|kind| step.kinds.contains(&kind))
        });
        takes_leaf && takes_parent
    }

    fn fits(&self, leaf_field: u16, ancestors: &[Step]) -> bool {
        if self.steps.len() > ancestors.len() {
            return false;
        }
        let mut field = leaf_field;
        self.steps.iter().zip(ancestors.iter().rev()).all(|(step, ancestor)| {
            let takes_field = step.field == 0 || step.field == field;
            field = ancestor.field;
            takes_field && (step.kinds.is_empty() || step.kinds.contains(&ancestor.kind))
        })
    }

    /// The kinds of ancestors whose own field decides: `u16::MAX` stands for any kind.
    fn asked_fields(&self) -> Vec<u16> {
        let pairs = self.steps.iter().zip(self.steps.iter().skip(1));
        let asked = pairs.filter(|(_, above)| above.field != 0).map(|(step, _)| &step.kinds);
        asked
            .flat_map(|kinds| if kinds.is_empty() { vec![u16::MAX] } else { kinds.clone() })
            .collect()
    }
}

impl RuleStep {
    fn new(language: &Language, text: &str) -> Result<Self, UnknownStep> {
        let (kind, field) = text.split_once(':').unwrap_or((text, ""));
        let kinds = if kind == "_" { Vec::new() } else { kind_ids(language, kind)? };
        if field.is_empty() {
            return Ok(Self { kinds, field: 0 });
        }
        let unknown =
            || UnknownStep { text: text.to_owned(), problem: "asks for a field that is not there" };
        let field = language.field_id_for_name(field).ok_or_else(unknown)?.get();
        Ok(Self { kinds, field })
    }
}

/// All numbers of a kind: the named ones, or, when there is none, those of the token.
pub(crate) fn kind_ids(language: &Language, kind: &str) -> Result<Vec<u16>, UnknownStep> {
    let all = || (0..language.node_kind_count() as u16).filter(|id| is_kind(language, *id, kind));
    let mut ids: Vec<u16> = all().filter(|id| language.node_kind_is_named(*id)).collect();
    if ids.is_empty() {
        ids.extend(all());
    }
    if ids.is_empty() {
        return Err(UnknownStep { text: kind.to_owned(), problem: "is no kind of node" });
    }
    Ok(ids)
}

fn is_kind(language: &Language, id: u16, kind: &str) -> bool {
    language.node_kind_is_visible(id) && language.node_kind_for_id(id) == Some(kind)
}
