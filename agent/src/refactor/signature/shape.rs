//! The parameters of one function, before and after.

use flux_core::{ByteSpan, DefinitionRef, EdgeKind, SymbolKind};
use flux_engine::EngineError;
use flux_engine::syntax::{ParameterKind, Parameters};

use super::change::{Added, SignatureChange};
use super::list::{ListEdit, Piece};
use super::obstacle::SignatureObstacle;
use crate::refactor::family::{Family, Nature};
use crate::refactor::obstacle::{Obstacle, RefactorError};
use crate::refactor::sources::Sources;

/// Where a parameter of the new signature comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// The old one at this position.
    Old(usize),
    /// The added one of this number.
    New(usize),
}

/// The parameters of a function.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) language: String,
    /// Whether a class method, whose first argument is never written.
    pub(super) is_of_class: bool,
    /// The position of what the value before the dot is bound to.
    pub(super) receiver: Option<usize>,
    pub(super) old: Parameters,
    /// The names of the old parameters.
    pub(super) names: Vec<Option<String>>,
    /// All that comes between the name and the parameters: generic parameters.
    generics: String,
    /// The types of the old parameters.
    annotations: Vec<Option<String>>,
    pub(super) new: Vec<Slot>,
    pub(super) added: Vec<Added>,
}

/// The shape of a member of a family, unchanged.
pub(super) fn own(
    sources: &Sources<'_>,
    family: &Family,
    member: DefinitionRef,
) -> Result<Shape, RefactorError> {
    let unreadable = || -> Result<Shape, RefactorError> {
        let shown = sources.shown(member)?;
        Err(Obstacle::from(SignatureObstacle::Unreadable(shown)).into())
    };
    let Some(source) = sources.file(member.file)? else { return unreadable() };
    let name_span = sources.definition(member)?.name_span;
    let Some(syntax) = source.syntax() else { return unreadable() };
    let Some(old) = syntax.parameters(name_span) else { return unreadable() };
    if old.all.iter().any(|one| one.kind == ParameterKind::Other) {
        return unreadable();
    }
    let text = |span: Option<ByteSpan>| span.map(|span| span.of(&source.text).to_owned());
    let decorators = syntax.decorators(name_span);
    let is_decorated = |by: &str| {
        let name = |span: &ByteSpan| span.of(&source.text).trim_start_matches('@').trim() == by;
        decorators.iter().any(name)
    };
    let is_python = family.language == "python";
    let is_method = is_python && family.nature == Nature::Member && !is_decorated("staticmethod");
    let receiver = match is_python {
        true => (is_method && !old.all.is_empty()).then_some(0),
        false => old.all.iter().position(|one| one.kind == ParameterKind::Receiver),
    };
    let generics = ByteSpan::new(name_span.end, old.list.inside.start.saturating_sub(1));
    Ok(Shape {
        language: family.language.clone(),
        is_of_class: is_method && is_decorated("classmethod"),
        receiver,
        names: old.all.iter().map(|one| text(one.name)).collect(),
        generics: generics.of(&source.text).to_owned(),
        annotations: old.all.iter().map(|one| text(one.annotation)).collect(),
        new: (0..old.all.len()).map(Slot::Old).collect(),
        added: Vec::new(),
        old,
    })
}

impl Shape {
    /// This shape after the change that `asked`, the shape of the function asked for, goes through
    /// to `wanted`. `None` if its parameters are others.
    pub(super) fn changed(
        &self,
        asked: &Self,
        wanted: &[Slot],
        change: &SignatureChange,
    ) -> Option<Self> {
        let new = match self.language.as_str() {
            // Positions decide: a trait and its implementations name parameters as they like.
            "rust" => {
                let is_alike =
                    self.old.all.len() == asked.old.all.len() && self.receiver == asked.receiver;
                is_alike.then(|| wanted.to_vec())?
            }
            _ => self.wanted(change).ok()?,
        };
        Some(Self { new, added: change.added.clone(), ..self.clone() })
    }

    /// The parameters after a change.
    pub(super) fn wanted(&self, change: &SignatureChange) -> Result<Vec<Slot>, Obstacle> {
        let mut slots = self.new.clone();
        for name in &change.removed {
            self.remove(&mut slots, name)?;
        }
        if let Some(order) = &change.order {
            self.reorder(&mut slots, order)?;
        }
        for (number, added) in change.added.iter().enumerate() {
            self.add(&mut slots, number, added, change)?;
        }
        self.drop_idle_marks(&mut slots);
        if let Some(name) = self.behind_default(&slots, change) {
            return Err(SignatureObstacle::DefaultOrder(name).into());
        }
        Ok(slots)
    }

    fn remove(&self, slots: &mut Vec<Slot>, name: &str) -> Result<(), Obstacle> {
        let index = self.index(name).filter(|index| slots.contains(&Slot::Old(*index)));
        let Some(index) = index else {
            let has = self.names.iter().enumerate().filter(|(at, _)| Some(*at) != self.receiver);
            let has: Vec<&str> = has.filter_map(|(_, name)| name.as_deref()).collect();
            let has = if has.is_empty() { "none".to_owned() } else { has.join(", ") };
            return Err(SignatureObstacle::NoParameter { name: name.to_owned(), has }.into());
        };
        if let Some(annotation) = &self.annotations[index]
            && let Some(generic) = self.only_here(slots, index, annotation)
        {
            return Err(SignatureObstacle::Generic(generic).into());
        }
        slots.retain(|slot| *slot != Slot::Old(index));
        Ok(())
    }

    /// A plain parameter by name.
    fn index(&self, name: &str) -> Option<usize> {
        let is_it = |index: &usize| {
            self.names[*index].as_deref() == Some(name)
                && self.old.all[*index].kind == ParameterKind::Plain
                && Some(*index) != self.receiver
        };
        (0..self.names.len()).find(is_it)
    }

    /// A generic parameter that only this type names.
    fn only_here(&self, slots: &[Slot], index: usize, annotation: &str) -> Option<String> {
        let others: Vec<&str> = slots
            .iter()
            .filter_map(|slot| match slot {
                Slot::Old(other) if *other != index => self.annotations[*other].as_deref(),
                Slot::Old(_) | Slot::New(_) => None,
            })
            .collect();
        let declared = words(&self.generics);
        let mut named = words(annotation).into_iter().filter(|word| declared.contains(word));
        let is_alone = |word: &&str| !others.iter().any(|other| words(other).contains(word));
        named.find(is_alone).map(str::to_owned)
    }

    /// Positions in `slots` of what can be given by position, without the receiver.
    fn positional(&self, slots: &[Slot]) -> Vec<usize> {
        let is_end = |slot: &Slot| match slot {
            Slot::Old(index) => self.old.all[*index].kind.ends_positional(),
            Slot::New(_) => false,
        };
        let end = slots.iter().position(is_end).unwrap_or(slots.len());
        let is_plain = |at: &usize| match slots[*at] {
            Slot::Old(index) => {
                self.old.all[index].kind == ParameterKind::Plain && Some(index) != self.receiver
            }
            Slot::New(_) => true,
        };
        (0..end).filter(is_plain).collect()
    }

    fn reorder(&self, slots: &mut [Slot], order: &[String]) -> Result<(), Obstacle> {
        let places = self.positional(slots);
        let name_at = |at: usize| match slots[at] {
            Slot::Old(index) => self.names[index].clone().unwrap_or_default(),
            Slot::New(_) => String::new(),
        };
        let names: Vec<String> = places.iter().map(|at| name_at(*at)).collect();
        let (mut wanted, mut known) = (order.to_vec(), names.clone());
        wanted.sort();
        known.sort();
        let has_mark = self.old.all.iter().any(|one| one.kind == ParameterKind::EndOfUnnamed);
        if wanted != known || has_mark {
            return Err(SignatureObstacle::Order(names.join(", ")).into());
        }
        let old: Vec<Slot> = places.iter().map(|at| slots[*at]).collect();
        for (at, name) in places.iter().zip(order) {
            let from = names.iter().position(|one| one == name).unwrap_or_default();
            slots[*at] = old[from];
        }
        Ok(())
    }

    fn add(
        &self,
        slots: &mut Vec<Slot>,
        number: usize,
        added: &Added,
        change: &SignatureChange,
    ) -> Result<(), Obstacle> {
        let is_taken = slots.iter().any(|slot| match slot {
            Slot::Old(index) => self.names[*index].as_deref() == Some(&added.name),
            Slot::New(other) => change.added[*other].name == added.name,
        });
        if is_taken {
            return Err(SignatureObstacle::Taken(added.name.clone()).into());
        }
        let places = self.positional(slots);
        let is_required = self.language == "python" && added.default.is_none();
        let first_default = places.iter().position(|at| self.has_default(slots[*at], change));
        let count = places.len();
        let wanted = match (added.at, first_default) {
            (Some(at), _) if at == 0 || at > count + 1 => {
                return Err(SignatureObstacle::NoPlace { at, count: count + 1 }.into());
            }
            (Some(at), _) => at - 1,
            (None, Some(first)) if is_required => first,
            (None, _) => count,
        };
        let before_all = self.receiver.map_or(0, |receiver| {
            slots.iter().position(|slot| *slot == Slot::Old(receiver)).map_or(0, |at| at + 1)
        });
        let at = match (places.get(wanted), places.last()) {
            (Some(at), _) => *at,
            (None, Some(last)) => last + 1,
            (None, None) => before_all,
        };
        slots.insert(at, Slot::New(number));
        Ok(())
    }

    fn has_default(&self, slot: Slot, change: &SignatureChange) -> bool {
        match slot {
            Slot::Old(index) => self.old.all[index].default.is_some(),
            Slot::New(number) => change.added[number].default.is_some(),
        }
    }

    /// Drops `*` and `/` that have nothing to tell apart any more.
    fn drop_idle_marks(&self, slots: &mut Vec<Slot>) {
        let kind = |slot: &Slot| match slot {
            Slot::Old(index) => self.old.all[*index].kind,
            Slot::New(_) => ParameterKind::Plain,
        };
        let at = |wanted: ParameterKind, slots: &[Slot]| {
            slots.iter().position(|slot| kind(slot) == wanted)
        };
        if let Some(mark) = at(ParameterKind::StartOfNamed, slots)
            && !slots[mark..].iter().any(|slot| kind(slot) == ParameterKind::Plain)
        {
            slots.remove(mark);
        }
        if at(ParameterKind::EndOfUnnamed, slots) == Some(0) {
            slots.remove(0);
        }
    }

    /// A parameter without a default that stands behind one that has one.
    fn behind_default(&self, slots: &[Slot], change: &SignatureChange) -> Option<String> {
        if self.language != "python" {
            return None;
        }
        let places = self.positional(slots);
        let mut behind = places.iter().skip_while(|at| !self.has_default(slots[**at], change));
        let found = behind.find(|at| !self.has_default(slots[**at], change))?;
        Some(match slots[*found] {
            Slot::Old(index) => self.names[index].clone().unwrap_or_default(),
            Slot::New(number) => change.added[number].name.clone(),
        })
    }

    /// Whether every old call means the same afterwards, whatever its arguments.
    pub(super) fn is_harmless(&self) -> bool {
        let old: Vec<usize> = self
            .new
            .iter()
            .filter_map(|slot| match slot {
                Slot::Old(index) => Some(*index),
                Slot::New(_) => None,
            })
            .collect();
        let is_same = old.iter().copied().eq(0..self.old.all.len());
        let is_optional =
            self.added.iter().all(|added| added.default.is_some() && added.value.is_none());
        let first_new = self.new.iter().position(|slot| matches!(slot, Slot::New(_)));
        let is_last = first_new.is_none_or(|first| {
            self.new[first..].iter().all(|slot| match slot {
                Slot::Old(index) => {
                    matches!(
                        self.old.all[*index].kind,
                        ParameterKind::NamedRest | ParameterKind::StartOfNamed
                    ) || self.is_named_only(*index)
                }
                Slot::New(_) => true,
            })
        });
        self.language == "python" && is_same && is_optional && is_last && !self.takes_rest()
    }

    /// Whether it takes any number of arguments by position.
    pub(super) fn takes_rest(&self) -> bool {
        self.old.all.iter().any(|one| one.kind == ParameterKind::Rest)
    }

    /// Whether it takes arguments of any name.
    pub(super) fn takes_named_rest(&self) -> bool {
        self.old.all.iter().any(|one| one.kind == ParameterKind::NamedRest)
    }

    /// Whether a parameter can only be given by name.
    pub(super) fn is_named_only(&self, index: usize) -> bool {
        let before = &self.old.all[..index];
        before.iter().any(|one| one.kind.ends_positional())
            && self.old.all[index].kind == ParameterKind::Plain
    }

    /// Whether a parameter cannot be given by name.
    pub(super) fn is_unnamed_only(&self, index: usize) -> bool {
        self.old.all[index..].iter().any(|one| one.kind == ParameterKind::EndOfUnnamed)
    }

    /// The old parameters that go.
    pub(super) fn removed(&self) -> impl Iterator<Item = usize> {
        (0..self.old.all.len()).filter(|index| {
            self.old.all[*index].kind == ParameterKind::Plain
                && !self.new.contains(&Slot::Old(*index))
        })
    }

    /// How the definition is written anew.
    pub(super) fn edit(&self) -> ListEdit {
        let piece = |slot: &Slot| match slot {
            Slot::Old(index) => Piece::Old(*index),
            Slot::New(number) => Piece::Text(self.added[*number].written(&self.language)),
        };
        ListEdit { list: self.old.list.clone(), pieces: self.new.iter().map(piece).collect() }
    }

    /// The parameters before and after, each on one line.
    pub(super) fn shown(&self, text: &str) -> (String, String) {
        let line = |items: Vec<&str>| {
            let items: Vec<String> = items
                .into_iter()
                .map(|item| item.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            format!("({})", items.join(", "))
        };
        let old = self.old.list.items.iter().map(|item| item.of(text)).collect();
        let written: Vec<String> =
            self.added.iter().map(|added| added.written(&self.language)).collect();
        let new = self.new.iter().map(|slot| match slot {
            Slot::Old(index) => self.old.list.items[*index].of(text),
            Slot::New(number) => written[*number].as_str(),
        });
        (line(old), line(new.collect()))
    }
}

trait Ends {
    fn ends_positional(self) -> bool;
}

impl Ends for ParameterKind {
    /// Whether what comes behind can only be given by name.
    fn ends_positional(self) -> bool {
        matches!(self, Self::Rest | Self::StartOfNamed | Self::NamedRest)
    }
}

fn words(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.filter(|word| !word.is_empty()).collect()
}

/// Attributes of Rust that neither call a function nor ask for its parameters.
const HARMLESS: &[&str] = &[
    "allow",
    "cfg",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "inline",
    "must_use",
    "track_caller",
    "warn",
];

/// Attributes of Rust that may depend on the parameters.
pub(super) fn attributes(
    sources: &Sources<'_>,
    family: &Family,
) -> Result<Option<Obstacle>, EngineError> {
    let mut at = Vec::new();
    for member in family.members.iter().filter(|_| family.language == "rust") {
        let Some(source) = sources.file(member.file)? else { continue };
        let Some(syntax) = source.syntax() else { continue };
        for span in syntax.decorators(sources.definition(*member)?.name_span) {
            let inner = span.of(&source.text).trim_start_matches(['#', '[', ' ']);
            let path = inner.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).next();
            let path = path.unwrap_or_default();
            let is_tool = path.starts_with("clippy::") || path.starts_with("rustfmt::");
            if !is_tool && !HARMLESS.contains(&path) {
                at.push(source.shown(span.start));
            }
        }
    }
    Ok((!at.is_empty()).then(|| SignatureObstacle::Attribute(at).into()))
}

/// Methods that implement a trait which is not in the tree: they override nothing that is.
pub(super) fn foreign_traits(
    sources: &Sources<'_>,
    family: &Family,
) -> Result<Option<Obstacle>, EngineError> {
    let mut at = Vec::new();
    for member in family.members.iter().filter(|_| family.language == "rust") {
        let Some(source) = sources.file(member.file)? else { continue };
        let name_span = sources.definition(*member)?.name_span;
        let is_in_trait = match sources.parent(*member)? {
            Some(parent) => sources.definition(parent)?.kind == SymbolKind::Trait,
            None => false,
        };
        let traits = source.syntax().map_or_else(Vec::new, |syntax| syntax.supertypes(name_span));
        let is_override = |one: &flux_core::Relation| one.kind == EdgeKind::Overrides;
        let is_known = sources.view.graph.relations_of(*member)?.iter().any(is_override);
        if !is_in_trait && !is_known {
            at.extend(traits.iter().map(|span| source.shown(span.start)));
        }
    }
    let name = family.name.clone();
    Ok((!at.is_empty()).then_some(Obstacle::ExternalBase { name, at }))
}
