//! Patterns with the numbers of their kinds, fields and captures, indexed by the kind of their
//! root.

use std::collections::HashMap;

use tree_sitter::Language;

use super::PatternError;
use super::parse::{self, Expression, NodeShape, Shape, Times};
use super::predicate::Predicate;

/// All patterns of one language.
pub(crate) struct Patterns {
    /// Names of captures; their numbers are the positions.
    pub(crate) captures: Vec<String>,
    /// By kind of the root.
    roots: Vec<Vec<Root>>,
    /// By pattern.
    predicates: Vec<Vec<Predicate>>,
}

/// One way for a pattern to begin.
pub(super) struct Root {
    pub(super) pattern: usize,
    pub(super) element: Element,
}

/// What one node must be.
pub(super) struct Element {
    pub(super) kind: Kind,
    /// 0 for any.
    pub(super) field: u16,
    /// Fields that must be empty.
    pub(super) absent: Vec<u16>,
    pub(super) captures: Vec<u16>,
    pub(super) children: Vec<Item>,
}

/// What may stand in a list of children: one of several nodes, or a run of them.
pub(super) struct Item {
    pub(super) branches: Vec<Element>,
    pub(super) times: Times,
    /// No named node lies between it and the one before.
    pub(super) is_anchored: bool,
    /// No named node follows it.
    pub(super) is_last: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    Named,
    Number(u16),
}

impl Patterns {
    /// Compiles the patterns of a text.
    pub(crate) fn new(language: &Language, text: &str) -> Result<Self, PatternError> {
        let mut compiler = Compiler::new(language);
        let mut roots: Vec<Vec<Root>> = Vec::new();
        roots.resize_with(language.node_kind_count(), Vec::new);
        let mut predicates = Vec::new();
        for (pattern, rule) in parse::rules(text)?.into_iter().enumerate() {
            for element in compiler.branches(rule.root)? {
                let Kind::Number(kind) = element.kind else {
                    let text = format!("pattern {}", pattern + 1);
                    return Err(PatternError { text, problem: "has a root of no given kind" });
                };
                roots[usize::from(kind)].push(Root { pattern, element });
            }
            let calls = rule.predicates.iter();
            let own = calls.map(|call| Predicate::new(call, |name| compiler.capture(name)));
            predicates.push(own.collect::<Result<_, _>>()?);
        }
        Ok(Self { captures: compiler.capture_names, roots, predicates })
    }

    /// Kinds that are the root of a pattern.
    pub(crate) fn root_kinds(&self) -> impl Iterator<Item = u16> {
        (0..).zip(&self.roots).filter(|(_, roots)| !roots.is_empty()).map(|(kind, _)| kind)
    }

    /// Patterns that may begin at a node of this kind.
    pub(super) fn roots(&self, kind: u16) -> &[Root] {
        self.roots.get(usize::from(kind)).map_or(&[], |roots| roots)
    }

    pub(super) fn predicates(&self, pattern: usize) -> &[Predicate] {
        &self.predicates[pattern]
    }
}

struct Compiler<'text, 'language> {
    language: &'language Language,
    /// The parser looks names up by going through all of them.
    kinds: HashMap<&'text str, u16>,
    fields: HashMap<&'text str, u16>,
    capture_names: Vec<String>,
}

impl<'text, 'language> Compiler<'text, 'language> {
    fn new(language: &'language Language) -> Self {
        let (kinds, fields) = (HashMap::new(), HashMap::new());
        Self { language, kinds, fields, capture_names: Vec::new() }
    }

    /// The nodes that an expression stands for: one, or those of a choice. What is said of a
    /// choice counts for each of them.
    fn branches(&mut self, expression: Expression<'text>) -> Result<Vec<Element>, PatternError> {
        let Expression { field, shape, captures, .. } = expression;
        let mut branches = match shape {
            Shape::Choice(branches) => {
                let branches = branches.into_iter().map(|branch| self.branch(branch));
                branches.collect::<Result<_, _>>()?
            }
            Shape::Any => vec![Element::of(Kind::Any)],
            Shape::Literal(text) => vec![Element::of(self.literal(&text)?)],
            Shape::Node(node) => vec![self.node(node)?],
        };
        let field = field.map(|name| self.field(name)).transpose()?;
        let captures: Vec<u16> = captures.into_iter().map(|name| self.capture(name)).collect();
        for branch in &mut branches {
            branch.field = field.unwrap_or(branch.field);
            branch.captures.extend(&captures);
        }
        Ok(branches)
    }

    fn branch(&mut self, expression: Expression<'text>) -> Result<Element, PatternError> {
        let wrong =
            PatternError { text: "[…]".to_owned(), problem: "holds more than plain nodes" };
        let is_choice = matches!(expression.shape, Shape::Choice(_));
        if is_choice || expression.times != Times::One {
            return Err(wrong);
        }
        self.branches(expression)?.pop().ok_or(wrong)
    }

    fn node(&mut self, node: NodeShape<'text>) -> Result<Element, PatternError> {
        let count = node.children.len();
        if count == 0 && node.is_closed {
            let text = node.kind.to_owned();
            return Err(PatternError { text, problem: "has an anchor and no children" });
        }
        let mut element = Element::of(self.kind(node.kind)?);
        let absent = node.absent.into_iter().map(|name| self.field(name));
        element.absent = absent.collect::<Result<_, _>>()?;
        for (index, child) in node.children.into_iter().enumerate() {
            let is_last = node.is_closed && index + 1 == count;
            element.children.push(self.item(child, is_last)?);
        }
        Ok(element)
    }

    fn item(&mut self, child: Expression<'text>, is_last: bool) -> Result<Item, PatternError> {
        let (times, is_anchored) = (child.times, child.is_anchored);
        let branches = self.branches(child)?;
        let is_run = matches!(times, Times::Some | Times::Any);
        if is_run && branches.iter().any(|branch| !branch.children.is_empty()) {
            let text = "+".to_owned();
            return Err(PatternError { text, problem: "repeats a node with children" });
        }
        Ok(Item { branches, times, is_anchored, is_last })
    }

    fn kind(&mut self, name: &'text str) -> Result<Kind, PatternError> {
        if name == "_" {
            return Ok(Kind::Named);
        }
        if let Some(number) = self.kinds.get(name) {
            return Ok(Kind::Number(*number));
        }
        let number = self.language.id_for_node_kind(name, true);
        let wrong = |problem| PatternError { text: name.to_owned(), problem };
        if number == 0 {
            return Err(wrong("is no kind of node"));
        }
        if self.language.node_kind_is_supertype(number) {
            return Err(wrong("is a supertype, which no node is"));
        }
        self.kinds.insert(name, number);
        Ok(Kind::Number(number))
    }

    fn literal(&self, text: &str) -> Result<Kind, PatternError> {
        let wrong = || PatternError { text: text.to_owned(), problem: "is no token" };
        match self.language.id_for_node_kind(text, false) {
            0 => Err(wrong()),
            number => Ok(Kind::Number(number)),
        }
    }

    fn field(&mut self, name: &'text str) -> Result<u16, PatternError> {
        if let Some(number) = self.fields.get(name) {
            return Ok(*number);
        }
        let wrong = || PatternError { text: name.to_owned(), problem: "is no field" };
        let number = self.language.field_id_for_name(name).ok_or_else(wrong)?.get();
        self.fields.insert(name, number);
        Ok(number)
    }

    /// The number of a capture; they are few.
    fn capture(&mut self, name: &str) -> u16 {
        let known = self.capture_names.iter().position(|known| known == name);
        let number = known.unwrap_or_else(|| {
            self.capture_names.push(name.to_owned());
            self.capture_names.len() - 1
        });
        number as u16
    }
}

impl Element {
    fn of(kind: Kind) -> Self {
        let (absent, captures, children) = (Vec::new(), Vec::new(), Vec::new());
        Self { kind, field: 0, absent, captures, children }
    }

    /// Whether all nodes that fit are alike: nothing is captured or asked for below. Then the
    /// first one counts and the others are not tried.
    pub(super) fn is_plain(&self) -> bool {
        self.captures.is_empty() && self.children.is_empty()
    }
}
