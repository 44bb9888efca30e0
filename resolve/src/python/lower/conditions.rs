//! Conditions that are the same in every run: which of their branches is dead.
//!
//! Programs choose by platform and by the interpreter's version. What is bound in the branch that
//! is not taken stays a definition of the graph, but names refer to what the other one binds.

use tree_sitter::Node;

use super::kinds::Kind;
use super::{Lowering, children};
use crate::python::facts::Standing;

/// The version of Python that programs are taken to run on.
const VERSION: [u32; 2] = [3, 11];

impl<'t> Lowering<'t> {
    /// Whether a condition always holds, or never does.
    pub(super) fn constant(&self, node: Node<'_>) -> Option<bool> {
        // Chains of operators lean to the left; beyond a few nobody writes constants.
        self.constant_within(node, 8)
    }

    fn constant_within(&self, node: Node<'_>, depth: u32) -> Option<bool> {
        let inner = |node| if depth == 0 { None } else { self.constant_within(node, depth - 1) };
        match self.kind(node) {
            Kind::True => Some(true),
            Kind::False => Some(false),
            Kind::Integer => Some(self.text_of(node) != "0"),
            Kind::Identifier | Kind::Attribute => match self.text_of(node) {
                "TYPE_CHECKING" | "typing.TYPE_CHECKING" | "t.TYPE_CHECKING" => Some(true),
                _ => None,
            },
            Kind::Parenthesized => inner(children(node).next()?),
            Kind::Not => Some(!inner(children(node).next()?)?),
            Kind::Boolean => {
                let fields = &self.grammar.fields;
                let is_and = self.field(node, fields.operator)?.kind() == "and";
                let left = inner(self.field(node, fields.left)?);
                let right = inner(self.field(node, fields.right)?);
                match (left, right) {
                    (Some(left), Some(right)) if is_and => Some(left && right),
                    (Some(left), Some(right)) => Some(left || right),
                    (Some(one), None) | (None, Some(one)) if one != is_and => Some(one),
                    _ => None,
                }
            }
            Kind::Comparison => self.compared(node),
            Kind::Call => {
                let fields = &self.grammar.fields;
                let function = self.text_of(self.field(node, fields.function)?);
                let argument = children(self.field(node, fields.arguments)?).next()?;
                let platform = self.plain_text(argument)?;
                (function == "sys.platform.startswith").then(|| "linux".starts_with(platform))
            }
            _ => None,
        }
    }

    /// `sys.version_info >= (3, 8)`, `sys.platform == "win32"` and their like.
    fn compared(&self, node: Node<'_>) -> Option<bool> {
        let mut parts = children(node);
        let (left, right) = (parts.next()?, parts.next()?);
        let operator = left.next_sibling()?.kind();
        match (self.text_of(left), parts.next()) {
            ("sys.platform", None) => equal(operator, self.plain_text(right)? == "linux"),
            ("os.name", None) => equal(operator, self.plain_text(right)? == "posix"),
            ("sys.version_info", None) if self.kind(right) == Kind::Tuple => {
                let wanted: Option<Vec<u32>> =
                    children(right).take(2).map(|part| self.text_of(part).parse().ok()).collect();
                // `sys.version_info` has more than two items, so it is greater than an equal pair.
                ordered(operator, VERSION[..].cmp(&wanted?).then(std::cmp::Ordering::Greater))
            }
            ("sys.version_info[0]" | "sys.version_info.major", None) => {
                let wanted: u32 = self.text_of(right).parse().ok()?;
                ordered(operator, VERSION[0].cmp(&wanted))
            }
            _ => None,
        }
    }

    fn plain_text(&self, node: Node<'_>) -> Option<&'t str> {
        let mut parts = children(node);
        let content = parts.nth(1).filter(|part| self.kind(*part) == Kind::StringContent)?;
        (self.kind(node) == Kind::String).then(|| self.text_of(content))
    }

    /// Runs `walk` over code that `standing` holds of.
    pub(super) fn standing<T>(
        &mut self,
        standing: Standing,
        walk: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = self.standing;
        self.standing = outer.max(standing);
        let result = walk(self);
        self.standing = outer;
        result
    }
}

fn equal(operator: &str, is_equal: bool) -> Option<bool> {
    match operator {
        "==" => Some(is_equal),
        "!=" => Some(!is_equal),
        _ => None,
    }
}

fn ordered(operator: &str, found: std::cmp::Ordering) -> Option<bool> {
    match operator {
        "==" => Some(found.is_eq()),
        "!=" => Some(found.is_ne()),
        ">=" => Some(found.is_ge()),
        ">" => Some(found.is_gt()),
        "<=" => Some(found.is_le()),
        "<" => Some(found.is_lt()),
        _ => None,
    }
}
