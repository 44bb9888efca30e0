//! The walk: every node once, in order of position, with no recursion and no look upwards
//! other than along its own stack (tree-sitter finds a parent by descending from the root).

use flux_core::ReferenceRole;
use tree_sitter::{Node, Tree, TreeCursor};

use super::ExtractError;
use crate::compiled::{Capture, Compiled, KindFlags};
use crate::pattern::{Captured, Matcher};
use crate::rules::{Mention, Step};

/// Deepest tree taken. Sources written by people stay below a few hundred levels, generated
/// ones below a few thousand.
pub(super) const MAX_DEPTH: usize = 20_000;

/// What the walk collects, everything in order of position.
#[derive(Default)]
pub(super) struct Found<'tree> {
    pub(super) definitions: Vec<FoundDefinition<'tree>>,
    pub(super) imports: Vec<FoundImport<'tree>>,
    pub(super) mentions: Vec<FoundMention>,
    pub(super) leads: Vec<Lead>,
    /// Children of transparent nodes: the child's identity, and the outermost wrapper.
    pub(super) wrapped: Vec<(usize, Node<'tree>)>,
    pub(super) parse_errors: u32,
}

/// What a match says about its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Definition(flux_core::SymbolKind),
    Scope {
        is_type: bool,
    },
    Ignore,
    /// More of the definition before it that has the same name.
    Continuation,
}

/// One match of a pattern that defines something.
pub(super) struct FoundDefinition<'tree> {
    pub(super) pattern: usize,
    pub(super) verdict: Verdict,
    pub(super) node: Node<'tree>,
    pub(super) name: Node<'tree>,
    pub(super) container: Option<Node<'tree>>,
    pub(super) doc: Option<Node<'tree>>,
}

/// One match of a pattern that imports something.
pub(super) struct FoundImport<'tree> {
    pub(super) pattern: usize,
    pub(super) node: Node<'tree>,
    pub(super) path: Vec<Node<'tree>>,
    pub(super) name: Option<Node<'tree>>,
    pub(super) alias: Option<Node<'tree>>,
    pub(super) glob: Option<Node<'tree>>,
}

/// One leaf that mentions something.
pub(super) struct FoundMention {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) role: ReferenceRole,
}

/// A comment or attribute, which may lead a definition.
pub(super) struct Lead {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) is_attribute: bool,
}

/// Visits every node of `tree`.
pub(super) fn walk<'tree>(
    compiled: &Compiled,
    source: &str,
    tree: &'tree Tree,
) -> Result<Found<'tree>, ExtractError> {
    let mut cursor = tree.walk();
    let mut walk = Walk {
        compiled,
        source,
        matcher: Matcher::new(tree),
        has_errors: tree.root_node().has_error(),
        path: Vec::new(),
        wrappers: Vec::new(),
        found: Found::default(),
    };
    loop {
        if walk.visit(&cursor)? == Below::Visit && cursor.goto_first_child() {
            continue;
        }
        walk.leave();
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Ok(walk.found);
            }
            walk.leave();
        }
    }
}

/// Whether to go on with the children of a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Below {
    Visit,
    Skip,
}

struct Walk<'walk, 'tree> {
    compiled: &'walk Compiled,
    source: &'walk str,
    matcher: Matcher<'tree>,
    has_errors: bool,
    /// The current node and its ancestors, the root first.
    path: Vec<Step>,
    /// Transparent nodes on the path: their depth, and the outermost of the unbroken row of them.
    wrappers: Vec<(usize, Node<'tree>)>,
    found: Found<'tree>,
}

impl<'tree> Walk<'_, 'tree> {
    fn visit(&mut self, cursor: &TreeCursor<'tree>) -> Result<Below, ExtractError> {
        let node = cursor.node();
        let kind = node.kind_id();
        if self.has_errors && (node.is_error() || node.is_missing()) {
            self.found.parse_errors += 1;
        }
        let flags = self.compiled.flags(kind);
        let mut step = Step { kind, field: 0 };
        let below = if flags == KindFlags::default() {
            Below::Visit
        } else {
            if flags.has(KindFlags::FIELD) || flags.has(KindFlags::IDENTIFIER) {
                step.field = cursor.field_id().map_or(0, std::num::NonZeroU16::get);
            }
            self.visit_marked(node, flags, step)
        };
        let wrapper = self.wrapper();
        if let Some(wrapper) = wrapper
            && node.is_named()
        {
            self.found.wrapped.push((node.id(), wrapper));
        }
        if flags.has(KindFlags::TRANSPARENT) {
            self.wrappers.push((self.path.len(), wrapper.unwrap_or(node)));
        }
        self.path.push(step);
        if self.path.len() > MAX_DEPTH {
            return Err(ExtractError::TooDeep);
        }
        Ok(below)
    }

    fn leave(&mut self) {
        self.path.pop();
        if self.wrappers.last().is_some_and(|(depth, _)| *depth == self.path.len()) {
            self.wrappers.pop();
        }
    }

    fn visit_marked(&mut self, node: Node<'tree>, flags: KindFlags, step: Step) -> Below {
        if flags.has(KindFlags::ROOT) {
            self.match_patterns(node);
        }
        if flags.has(KindFlags::COMMENT) || flags.has(KindFlags::ATTRIBUTE) {
            self.found.leads.push(Lead {
                start: node.start_byte() as u32,
                end: node.end_byte() as u32,
                is_attribute: flags.has(KindFlags::ATTRIBUTE),
            });
        }
        if !flags.has(KindFlags::IDENTIFIER) {
            return Below::Visit;
        }
        if let Mention::As(role) = self.compiled.rules.mention(step, &self.path) {
            let (start, end) = (node.start_byte() as u32, node.end_byte() as u32);
            if start < end {
                self.found.mentions.push(FoundMention { start, end, role });
            }
        }
        Below::Skip
    }

    /// The outermost of an unbroken row of wrappers directly above the current node.
    fn wrapper(&self) -> Option<Node<'tree>> {
        let (depth, outermost) = self.wrappers.last()?;
        (*depth + 1 == self.path.len()).then_some(*outermost)
    }

    fn match_patterns(&mut self, node: Node<'tree>) {
        let Compiled { patterns, captures, .. } = self.compiled;
        let found = &mut self.found;
        let mut take = |pattern: usize, captured: &[Captured<'tree>]| {
            take(captures, pattern, captured, found);
        };
        self.matcher.run(patterns, self.source, node, &mut take);
    }
}

/// The parts of one match, whichever it turns out to be.
#[derive(Default)]
struct Parts<'tree> {
    verdict: Option<(Verdict, Node<'tree>)>,
    name: Option<Node<'tree>>,
    container: Option<Node<'tree>>,
    doc: Option<Node<'tree>>,
    import: Option<Node<'tree>>,
    path: Vec<Node<'tree>>,
    import_name: Option<Node<'tree>>,
    alias: Option<Node<'tree>>,
    glob: Option<Node<'tree>>,
}

impl<'tree> Parts<'tree> {
    fn add(&mut self, capture: Capture, node: Node<'tree>) {
        let verdict = |verdict| Some((verdict, node));
        match capture {
            Capture::Definition(kind) => self.verdict = verdict(Verdict::Definition(kind)),
            Capture::TypeScope => self.verdict = verdict(Verdict::Scope { is_type: true }),
            Capture::ModuleScope => self.verdict = verdict(Verdict::Scope { is_type: false }),
            Capture::Ignore => self.verdict = verdict(Verdict::Ignore),
            Capture::Continuation => self.verdict = verdict(Verdict::Continuation),
            Capture::Name => self.name = self.name.or(Some(node)),
            Capture::Container => self.container = Some(node),
            Capture::Doc => self.doc = self.doc.or(Some(node)),
            Capture::Import => self.import = Some(node),
            Capture::ImportPath => self.path.push(node),
            Capture::ImportName => self.import_name = Some(node),
            Capture::ImportAlias => self.alias = Some(node),
            Capture::ImportGlob => self.glob = Some(node),
            Capture::Private => {}
        }
    }
}

fn take<'tree>(
    meanings: &[Capture],
    pattern: usize,
    captured: &[Captured<'tree>],
    into: &mut Found<'tree>,
) {
    let mut parts = Parts::default();
    for Captured { capture, node } in captured {
        parts.add(meanings[usize::from(*capture)], *node);
    }
    if let (Some((verdict, node)), Some(name)) = (parts.verdict, parts.name) {
        let Parts { container, doc, .. } = parts;
        into.definitions.push(FoundDefinition { pattern, verdict, node, name, container, doc });
    } else if let Some(node) = parts.import {
        let Parts { path, import_name: name, alias, glob, .. } = parts;
        into.imports.push(FoundImport { pattern, node, path, name, alias, glob });
    }
}
