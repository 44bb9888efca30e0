//! From the text of a pattern to what is matched: the text is parsed in the surroundings in which
//! such code can stand, and the node that it alone makes up is taken out.
//!
//! ast-grep parses a pattern as a file of its own, where `foo(x)` is a declaration in C and no code
//! at all in Java. Several readings are all looked for.

use ast_grep_core::matcher::PatternNode;
use ast_grep_core::source::SgNode;
use ast_grep_core::tree_sitter::StrDoc;
use ast_grep_core::{AstGrep, Pattern as Matcher};
use tree_sitter::{Node, Tree};

use super::dialect::{Dialect, STEM, name};
use super::text::{Part, PatternText};
use super::{Pattern, PatternError};
use crate::config::StructuralConfig;
use crate::extract::Extractor;
use crate::grammar::Grammar;

/// Longest pattern, in bytes: compiled and matched by recursion.
pub(super) const MAX_LENGTH: usize = 16 << 10;
/// Deepest tree of a pattern, for the same reason.
const MAX_DEPTH: usize = 200;
/// Most ways to write the holes of a pattern that are tried one by one: three forms of three holes.
const MAX_FORMS: usize = 27;

/// Most shapes of a pattern: three holes that may hold nothing.
const MAX_SHAPES: usize = 8;

/// One way to understand a pattern.
pub(super) struct Reading {
    pub(super) matcher: Matcher,
    /// Texts of its leaves that are no holes.
    pub(super) tokens: Vec<String>,
}

/// What came of parsing in one of the surroundings.
enum Parsed {
    Reading(Reading),
    Several,
    HoleInText,
    Error,
}

impl Pattern {
    /// Reads `text` as code of `grammar`.
    pub fn new(grammar: &'static Grammar, text: &PatternText) -> Result<Self, PatternError> {
        let length: usize = text
            .parts
            .iter()
            .map(|part| match part {
                Part::Code(code) => code.len(),
                Part::Hole(_) => 1,
            })
            .sum();
        if length > MAX_LENGTH {
            return Err(PatternError::TooLong);
        }
        let language = grammar.name();
        let config = grammar.config().ok().and_then(|config| config.structural.as_ref());
        let config = config.ok_or(PatternError::Unsupported(language))?;
        let codes = codes(text, &config.forms);
        let mut readings = Vec::new();
        let mut problem = PatternError::NoParse { language };
        let contexts = config.contexts.iter().map(|context| (context, false));
        let fallbacks = config.fallbacks.iter().map(|context| (context, true));
        for (context, is_fallback) in contexts.chain(fallbacks) {
            if is_fallback && !readings.is_empty() {
                break;
            }
            for code in &codes {
                match read(grammar, context, code) {
                    Parsed::Reading(reading) => add(&mut readings, reading),
                    Parsed::HoleInText => problem = PatternError::HoleInText,
                    Parsed::Several if problem == PatternError::HoleInText => {}
                    Parsed::Several => problem = PatternError::Several { language },
                    Parsed::Error => {}
                }
            }
        }
        if readings.is_empty() {
            return Err(problem);
        }
        Ok(Self { grammar, text: text.clone(), readings })
    }

    /// The name of its language.
    pub fn language(&self) -> &'static str {
        self.grammar.name()
    }

    /// The pattern as it was typed.
    pub fn text(&self) -> &PatternText {
        &self.text
    }
}

impl StructuralConfig {
    /// The forms when `language.toml` names none.
    pub(crate) fn plain() -> Vec<String> {
        vec!["…".to_owned()]
    }
}

/// The pattern with names for its holes, in all the forms that names have in the language.
fn codes(text: &PatternText, forms: &[String]) -> Vec<String> {
    let count = forms.len().checked_pow(u32::try_from(text.holes.len()).unwrap_or(u32::MAX));
    let (count, is_mixed) = match count {
        Some(count) if count <= MAX_FORMS => (count, true),
        _ => (forms.len(), false),
    };
    let form = |way: usize, hole: usize| {
        let digit = if is_mixed { way / forms.len().pow(hole as u32) } else { way };
        forms[digit % forms.len()].as_str()
    };
    let code = |(way, parts): (usize, &Vec<Part>)| {
        let part = |part: &Part| match part {
            Part::Code(code) => code.clone(),
            Part::Hole(hole) => name(*hole, &text.holes[*hole], form(way, *hole)),
        };
        parts.iter().map(part).collect::<String>()
    };
    let shapes = shapes(text);
    let ways = 0..count.max(1);
    ways.flat_map(|way| shapes.iter().map(move |parts| (way, parts))).map(code).collect()
}

/// The pattern, and it without holes that may hold nothing and the commas in front of them: so that
/// `f($A, $$$REST)` finds `f(1)`.
fn shapes(text: &PatternText) -> Vec<Vec<Part>> {
    let mut shapes = vec![text.parts.clone()];
    for (hole, _) in text.holes.iter().enumerate().filter(|(_, hole)| hole.is_many) {
        let shorter: Vec<Vec<Part>> = shapes.iter().filter_map(|one| without(one, hole)).collect();
        if shapes.len() + shorter.len() <= MAX_SHAPES {
            shapes.extend(shorter);
        }
    }
    shapes
}

fn without(parts: &[Part], hole: usize) -> Option<Vec<Part>> {
    let at = parts.iter().position(|part| *part == Part::Hole(hole))?;
    let Part::Code(before) = parts.get(at.checked_sub(1)?)? else { return None };
    let kept = before.trim_end().strip_suffix(',')?;
    let mut shorter = parts.to_vec();
    shorter[at - 1] = Part::Code(kept.to_owned());
    shorter.remove(at);
    Some(shorter)
}

fn add(readings: &mut Vec<Reading>, reading: Reading) {
    if !readings.iter().any(|known| is_same(&known.matcher.node, &reading.matcher.node)) {
        readings.push(reading);
    }
}

fn read(grammar: &'static Grammar, context: &str, code: &str) -> Parsed {
    let Some((before, after)) = context.split_once('…') else { return Parsed::Error };
    let text = format!("{before}{code}{after}");
    let Ok(tree) = Extractor::new().tree(grammar, &text) else { return Parsed::Error };
    if !is_sound(&tree) {
        return Parsed::Error;
    }
    let (start, end) = (before.len(), before.len() + code.len());
    let Some(node) = tree.root_node().descendant_for_byte_range(start, end) else {
        return Parsed::Error;
    };
    if node.start_byte() != start || node.end_byte() != end {
        return Parsed::Several;
    }
    let node = innermost(node);
    if node.parent().is_none() {
        return Parsed::Several;
    }
    if depth(node) > MAX_DEPTH {
        return Parsed::Error;
    }
    let wanted = (node.kind_id(), node.byte_range());
    let document = StrDoc { src: text, lang: Dialect(grammar), tree: tree.clone() };
    let root = AstGrep::doc(document);
    let found = root.root().dfs().find(|one| (one.kind_id(), one.range()) == wanted);
    let Some(found) = found else { return Parsed::Error };
    let matcher = Matcher::from(found);
    if matches!(matcher.node, PatternNode::MetaVar { .. }) {
        return Parsed::Error;
    }
    let mut tokens = Vec::new();
    collect_tokens(&matcher.node, &mut tokens);
    if tokens.iter().any(|token| token.contains(STEM)) {
        return Parsed::HoleInText;
    }
    Parsed::Reading(Reading { matcher, tokens })
}

/// Whether the parser could read everything. A last `;` may be missing: it is not what is looked
/// for.
fn is_sound(tree: &Tree) -> bool {
    if !tree.root_node().has_error() {
        return true;
    }
    let root: Node<'_> = tree.root_node();
    root.dfs().all(|node| !node.is_error() && (!node.is_missing() || node.kind() == ";"))
}

/// The node that is the same piece of code, but names it most closely: not the statement that
/// consists of a call, but the call.
fn innermost(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    loop {
        let mut cursor = node.walk();
        let mut children =
            node.children(&mut cursor).filter(|child| child.end_byte() > child.start_byte());
        match (children.next(), children.next()) {
            (Some(only), None) => node = only,
            _ => return node,
        }
    }
}

fn depth(node: Node<'_>) -> usize {
    let mut cursor = node.walk();
    let (mut depth, mut deepest) = (0, 0);
    loop {
        if cursor.goto_first_child() {
            depth += 1;
            deepest = deepest.max(depth);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return deepest;
            }
            depth -= 1;
        }
    }
}

fn collect_tokens(node: &PatternNode, tokens: &mut Vec<String>) {
    match node {
        PatternNode::Terminal { text, .. } => tokens.push(text.clone()),
        PatternNode::Internal { children, .. } => {
            children.iter().for_each(|child| collect_tokens(child, tokens));
        }
        PatternNode::MetaVar { .. } => {}
    }
}

fn is_same(a: &PatternNode, b: &PatternNode) -> bool {
    match (a, b) {
        (PatternNode::MetaVar { meta_var: a }, PatternNode::MetaVar { meta_var: b }) => a == b,
        (
            PatternNode::Terminal { text: a, kind_id: a_kind, .. },
            PatternNode::Terminal { text: b, kind_id: b_kind, .. },
        ) => a == b && a_kind == b_kind,
        (
            PatternNode::Internal { kind_id: a_kind, children: a },
            PatternNode::Internal { kind_id: b_kind, children: b },
        ) => a_kind == b_kind && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        _ => false,
    }
}

/// Whether a text can hold the pattern at all, without a look at its tree.
pub(super) fn may_hold(readings: &[Reading], text: &str) -> bool {
    let holds = |reading: &Reading| {
        let longest = reading.matcher.fixed_string();
        text.contains(&*longest)
    };
    readings.iter().any(holds)
}
