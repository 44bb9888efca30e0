//! What could be in a pack: the hits of the search, and what their value reaches along the edges
//! of the graph, best first.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use flux_core::{
    DefinitionRef, EdgeKind, FileClass, FileId, LineSpan, Symbol, SymbolIndex, SymbolKind, Target,
    Tier,
};

use super::world::{Unit, World};
use super::{Link, PackParameters, Role, Seed};
use crate::error::QueryError;
use crate::filter::{FileFilter, Tests};
use crate::hit::Hit;

/// A definition that so many places refer to is used by all and tells of none; their list is cut.
const MAX_CALLERS: usize = 60;
/// Below this value nothing is followed any more.
const LEAST_VALUE: f32 = 0.003;
/// Deeper nesting than this is no code that anyone wrote.
const MAX_NESTING: usize = 64;
/// Lines of a definition that is still one thing to read.
const WHOLE_LINES: u32 = 150;

/// Something that could be in a pack.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) unit: Unit,
    /// How useful it is beside the others.
    pub(super) value: f32,
    /// What led to it, with what each gave.
    pub(super) links: Vec<(f32, Link)>,
    /// Whether its value has been passed on.
    is_spent: bool,
}

impl Node {
    /// Whether nothing led to it but that it lies in a file that was found.
    pub(super) fn is_beside(&self) -> bool {
        self.links.iter().all(|(_, link)| *link == Link::SameFile)
    }
}

/// Finds what could be in a pack.
pub(super) struct Expansion<'w, 'a> {
    pub(super) world: &'w mut World<'a>,
    parameters: &'w PackParameters,
    filter: &'w FileFilter<'a>,
    wants_tests: bool,
    nodes: Vec<Node>,
    by_unit: HashMap<Unit, usize>,
    queue: BinaryHeap<(u32, Reverse<usize>)>,
}

impl<'w, 'a> Expansion<'w, 'a> {
    pub(super) fn new(
        world: &'w mut World<'a>,
        parameters: &'w PackParameters,
        filter: &'w FileFilter<'a>,
        wants_tests: bool,
    ) -> Self {
        Self {
            world,
            parameters,
            filter,
            wants_tests,
            nodes: Vec::new(),
            by_unit: HashMap::new(),
            queue: BinaryHeap::new(),
        }
    }

    /// Everything reached from `seeds` after at most `steps` units passed their value on.
    pub(super) fn run(mut self, seeds: &[Seed<'_>], steps: usize) -> Result<Vec<Node>, QueryError> {
        let mut files: Vec<(FileId, f32)> = Vec::new();
        for (rank, hit) in seeds {
            let value = self.seed_value(*rank, hit);
            let unit = self.seed_unit(hit)?;
            self.add(unit, value, Link::Found(*rank));
            match files.iter_mut().find(|(file, _)| *file == hit.file) {
                Some((_, sum)) => *sum += value,
                None => files.push((hit.file, value)),
            }
        }
        self.siblings(&files)?;
        for _ in 0..steps {
            let Some(node) = self.next() else { break };
            self.pass_on(node)?;
        }
        Ok(self.nodes)
    }

    fn seed_value(&self, rank: usize, hit: &Hit) -> f32 {
        let value = (rank as f32).powf(-self.parameters.rank_decay);
        let class = |class| hit.class.has(class);
        if class(FileClass::TEST) && !self.wants_tests {
            value * self.parameters.found_test
        } else if class(FileClass::DOCUMENT) || class(FileClass::DATA) {
            value * self.parameters.found_document
        } else {
            value
        }
    }

    /// The definition that answers, where it is one thing to read; else the lines found.
    fn seed_unit(&mut self, hit: &Hit) -> Result<Unit, QueryError> {
        let lines = Unit::Lines(hit.file, hit.lines);
        let Some(answer) = &hit.symbol else { return Ok(lines) };
        let outline = self.world.outline(hit.file)?;
        let is_it = |symbol: &&Symbol| symbol.lines == answer.lines && *symbol.name == answer.name;
        let Some(at) = outline.symbols.iter().position(|symbol| is_it(&symbol)) else {
            return Ok(lines);
        };
        let shows_it = answer.lines.contains(hit.lines) && is_code(answer.kind);
        let is_part = hit.lines.count() < answer.lines.count();
        let is_whole = !is_part || answer.lines.count() <= WHOLE_LINES;
        let is_type = outline.symbols[at].kind.is_container() && is_part;
        Ok(if shows_it && is_whole && !is_type { Unit::Symbol(hit.file, at as u32) } else { lines })
    }

    /// Offers what else lies in the files where something was found.
    fn siblings(&mut self, files: &[(FileId, f32)]) -> Result<(), QueryError> {
        for (file, value) in files {
            let outline = self.world.outline(*file)?;
            for (at, symbol) in outline.symbols.iter().enumerate() {
                let is_wanted = self.wants_tests || !is_in_test(&outline.symbols, at as u32);
                if is_wanted && (symbol.kind.is_callable() || symbol.kind.is_type()) {
                    let value = value * self.parameters.sibling;
                    self.add(Unit::Symbol(*file, at as u32), value, Link::SameFile);
                }
            }
        }
        Ok(())
    }

    /// The unit of most value that was not passed on yet.
    fn next(&mut self) -> Option<usize> {
        while let Some((_, Reverse(at))) = self.queue.pop() {
            let node = &mut self.nodes[at];
            if !node.is_spent && node.value >= LEAST_VALUE {
                node.is_spent = true;
                return Some(at);
            }
        }
        None
    }

    /// Adds value to a unit, unless its file is filtered out.
    fn add(&mut self, unit: Unit, value: f32, link: Link) {
        let view = self.world.snapshot.view();
        let entry = view.file(unit.file());
        if !self.filter.admits(entry) || !self.filter.admits_class(entry.class()) {
            return;
        }
        let at = *self.by_unit.entry(unit).or_insert_with(|| {
            self.nodes.push(Node { unit, value: 0.0, links: Vec::new(), is_spent: false });
            self.nodes.len() - 1
        });
        let node = &mut self.nodes[at];
        node.value += value;
        node.links.push((value, link));
        if !node.is_spent {
            // Values are positive, and the bits of such numbers are ordered as they are.
            self.queue.push((node.value.to_bits(), Reverse(at)));
        }
    }

    /// Gives of a unit's value to what it is connected with.
    fn pass_on(&mut self, at: usize) -> Result<(), QueryError> {
        let Node { unit, value, .. } = self.nodes[at];
        let Unit::Symbol(file, number) = unit else { return Ok(()) };
        let outline = self.world.outline(file)?;
        let Some(symbol) = outline.symbols.get(number as usize) else { return Ok(()) };
        let from = From { file, number, symbol, name: symbol.qualified_name(), value };
        self.containers(&from);
        self.members(&from, &outline.symbols);
        if let Some(definition) = self.world.definition(file, symbol)? {
            self.outgoing(&from, definition)?;
            self.incoming(&from, definition)?;
            self.relations(&from, definition)?;
        }
        Ok(())
    }

    fn containers(&mut self, from: &From<'_>) {
        if let Some(SymbolIndex(parent)) = from.symbol.parent {
            let value = from.value * self.parameters.container;
            let link = from.link(Role::Contains, Tier::Exact);
            self.add(Unit::Symbol(from.file, parent), value, link);
        }
    }

    fn members(&mut self, from: &From<'_>, symbols: &[Symbol]) {
        if !from.symbol.kind.is_container() {
            return;
        }
        let is_member = |symbol: &Symbol| {
            symbol.parent == Some(SymbolIndex(from.number)) && symbol.kind.is_callable()
        };
        let members: Vec<usize> =
            (0..symbols.len()).filter(|at| is_member(&symbols[*at])).collect();
        let value = from.value * self.parameters.member / (members.len().max(1) as f32).sqrt();
        for member in members {
            let link = from.link(Role::MemberOf, Tier::Exact);
            self.add(Unit::Symbol(from.file, member as u32), value, link);
        }
    }

    /// What it calls and mentions.
    fn outgoing(&mut self, from: &From<'_>, at: DefinitionRef) -> Result<(), QueryError> {
        let links = self.world.links(at.file)?;
        let signature_end = from.symbol.span.start + from.symbol.signature.len() as u32;
        let mut found: Vec<(DefinitionRef, Role, Tier)> = Vec::new();
        for occurrence in links.inside(at.index) {
            let Target::Definition(target) = occurrence.target else { continue };
            if occurrence.tier == Tier::Name || target == at {
                continue;
            }
            let role = match occurrence.kind {
                EdgeKind::Calls => Role::CalledBy,
                EdgeKind::Imports => continue,
                _ if occurrence.span.end <= signature_end => Role::TypeIn,
                _ => Role::MentionedBy,
            };
            match found.iter_mut().find(|(known, _, _)| *known == target) {
                Some(known) if self.share(role) > self.share(known.1) => known.1 = role,
                Some(_) => {}
                None => found.push((target, role, occurrence.tier)),
            }
        }
        let spread = (found.len().max(1) as f32).sqrt();
        for (target, role, tier) in found {
            let fame = self.fame(target)?;
            self.give(from, target, (role, tier), spread * fame)?;
        }
        Ok(())
    }

    /// What calls and mentions it.
    fn incoming(&mut self, from: &From<'_>, at: DefinitionRef) -> Result<(), QueryError> {
        let Some(graph) = self.world.graph() else { return Ok(()) };
        let references = graph.references_to(at)?;
        let spread = (references.len().max(1) as f32).sqrt();
        let mut found: Vec<(DefinitionRef, Role, Tier)> = Vec::new();
        for reference in references.take(MAX_CALLERS) {
            let (file, occurrence) = reference?;
            let user = DefinitionRef { file, index: occurrence.enclosing };
            let is_known = found.iter().any(|(known, _, _)| *known == user);
            if occurrence.tier == Tier::Name || occurrence.kind == EdgeKind::Imports || is_known {
                continue;
            }
            found.push((user, Role::Calls, occurrence.tier));
        }
        for (user, role, tier) in found {
            self.give(from, user, (role, tier), spread)?;
        }
        Ok(())
    }

    fn relations(&mut self, from: &From<'_>, at: DefinitionRef) -> Result<(), QueryError> {
        let Some(graph) = self.world.graph() else { return Ok(()) };
        let out = graph.relations_of(at)?.into_iter().map(|relation| (relation.to, relation.tier));
        let back =
            graph.relations_to(at)?.into_iter().map(|relation| (relation.from, relation.tier));
        let found: Vec<(DefinitionRef, Tier)> = out.chain(back).take(MAX_CALLERS).collect();
        let spread = (found.len().max(1) as f32).sqrt();
        for (other, tier) in found {
            if tier != Tier::Name {
                self.give(from, other, (Role::RelatedTo, tier), spread)?;
            }
        }
        Ok(())
    }

    /// How much too well known a definition is to tell anything: 1 for what few refer to.
    fn fame(&self, target: DefinitionRef) -> Result<f32, QueryError> {
        let Some(graph) = self.world.graph() else { return Ok(1.0) };
        Ok(1.0 + (graph.reference_count(target)? as f32 / 4.0).ln_1p())
    }

    fn give(
        &mut self,
        from: &From<'_>,
        to: DefinitionRef,
        (role, tier): (Role, Tier),
        among: f32,
    ) -> Result<(), QueryError> {
        let Some(unit) = self.world.unit_of(to)? else { return Ok(()) };
        if unit == Unit::Symbol(from.file, from.number) {
            return Ok(());
        }
        let is_test = self.is_test(unit)?;
        if is_test && self.filter.tests == Tests::Never {
            return Ok(());
        }
        let role = if is_test && role == Role::Calls { Role::Tests } else { role };
        let sure = if tier == Tier::Likely { self.parameters.likely } else { 1.0 };
        let value = from.value * self.share(role) * sure / among;
        self.add(unit, value, from.link(role, tier));
        Ok(())
    }

    fn is_test(&mut self, unit: Unit) -> Result<bool, QueryError> {
        let entry = self.world.snapshot.view().file(unit.file());
        let Unit::Symbol(file, number) = unit else { return Ok(false) };
        let is_in_file = entry.class().has(FileClass::TEST);
        Ok(is_in_file || is_in_test(&self.world.outline(file)?.symbols, number))
    }

    fn share(&self, role: Role) -> f32 {
        let parameters = self.parameters;
        match role {
            Role::CalledBy => parameters.callee,
            Role::Calls => parameters.caller,
            Role::TypeIn => parameters.signature_type,
            Role::MentionedBy => parameters.mention,
            Role::RelatedTo => parameters.relation,
            Role::Tests if self.wants_tests => parameters.caller,
            Role::Tests => parameters.test,
            Role::Contains => parameters.container,
            Role::MemberOf => parameters.member,
        }
    }
}

/// A unit that passes its value on.
struct From<'s> {
    file: FileId,
    number: u32,
    symbol: &'s Symbol,
    name: String,
    value: f32,
}

impl From<'_> {
    fn link(&self, role: Role, tier: Tier) -> Link {
        Link::Edge { role, other: self.name.clone(), tier }
    }
}

/// Whether a definition is one that code is made of, rather than a part of a document or of data.
pub(super) fn is_code(kind: SymbolKind) -> bool {
    kind.is_callable()
        || kind.is_type()
        || matches!(kind, SymbolKind::Module | SymbolKind::Constant | SymbolKind::Variable)
        || matches!(kind, SymbolKind::Property | SymbolKind::Field)
}

/// What a symbol lies in, the innermost first.
pub(super) fn parents(symbols: &[Symbol], number: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut at = symbols.get(number as usize).and_then(|symbol| symbol.parent);
    while let Some(SymbolIndex(parent)) = at.filter(|_| found.len() < MAX_NESTING) {
        found.push(parent);
        at = symbols.get(parent as usize).and_then(|symbol| symbol.parent);
    }
    found
}

/// Whether a symbol is a test within a file of source, such as what lies in Rust's `mod tests`.
fn is_in_test(symbols: &[Symbol], number: u32) -> bool {
    let is_suite = |at: u32| {
        let symbol = &symbols[at as usize];
        let is_module = symbol.kind == SymbolKind::Module;
        symbol.kind == SymbolKind::Test || (is_module && matches!(&*symbol.name, "test" | "tests"))
    };
    is_suite(number) || parents(symbols, number).into_iter().any(is_suite)
}

/// Whether a filter or the words of a task ask for tests.
pub(super) fn wants_tests(task: &str, tests: Tests) -> bool {
    tests == Tests::Only
        || task.split(|letter: char| !letter.is_alphanumeric()).any(|word| {
            matches!(word.to_lowercase().as_str(), "test" | "tests" | "fixture" | "mock")
        })
}

/// The lines of a definition, with its doc comment above where `with_doc`.
pub(super) fn lines_of(symbol: &Symbol, doc_line: Option<u32>) -> LineSpan {
    let start = doc_line.map_or(symbol.lines.start, |line| line.min(symbol.lines.start));
    LineSpan::new(start, symbol.lines.end)
}
