//! Annotations: expressions in which strings are code.

use tree_sitter::Node;

use super::kinds::Kind;
use super::{DEPTH, Lowering, children};
use crate::python::facts::{Expression, ExpressionId, Operator};

impl<'t> Lowering<'t> {
    pub(super) fn annotation(&mut self, node: Node<'_>) -> ExpressionId {
        if self.depth >= DEPTH {
            return self.push(Expression::Unknown);
        }
        self.depth += 1;
        let id = self.lower_annotation(node);
        self.depth -= 1;
        id
    }

    fn lower_annotation(&mut self, node: Node<'_>) -> ExpressionId {
        match self.kind(node) {
            Kind::Type | Kind::Parenthesized | Kind::ConstrainedType | Kind::SplatType => {
                let parts = self.annotations(node);
                parts.first().copied().unwrap_or_else(|| self.push(Expression::Unknown))
            }
            Kind::String => self.quoted(node),
            Kind::Subscript => {
                let fields = &self.grammar.fields;
                let object = self.field(node, fields.value).map(|object| self.expression(object));
                let object = object.unwrap_or_else(|| self.push(Expression::Unknown));
                let parts: Vec<_> = children(node).skip(1).collect();
                self.applied(object, &parts)
            }
            Kind::GenericType => {
                let mut parts = children(node);
                let Some(object) = parts.next() else { return self.push(Expression::Unknown) };
                let object = self.expression(object);
                let parts: Vec<_> = parts.flat_map(children).collect();
                self.applied(object, &parts)
            }
            Kind::UnionType | Kind::Binary => {
                let parts = self.annotations(node);
                self.union(&parts)
            }
            Kind::MemberType => {
                let parts: Vec<_> = children(node).collect();
                let &[object, name] = &parts[..] else { return self.push(Expression::Unknown) };
                let object = self.annotation(object);
                let at = name.start_byte();
                let name = self.name_of(name);
                self.attribute_of(object, name, at)
            }
            Kind::List => {
                let parts = self.annotations(node);
                let list = self.list(&parts);
                self.push(Expression::List(list))
            }
            Kind::Tuple => {
                let parts = self.annotations(node);
                let list = self.list(&parts);
                self.push(Expression::Tuple(list))
            }
            _ => self.expression(node),
        }
    }

    fn annotations(&mut self, node: Node<'_>) -> Vec<ExpressionId> {
        children(node).map(|child| self.annotation(child)).collect()
    }

    fn union(&mut self, parts: &[ExpressionId]) -> ExpressionId {
        let mut parts = parts.iter().copied();
        let Some(mut left) = parts.next() else { return self.push(Expression::Unknown) };
        for right in parts {
            left = self.push(Expression::Binary { left, right, operator: Operator::Or });
        }
        left
    }

    /// `object[parts]`: strings in `Literal` are none, and those behind `Annotated`'s first.
    pub(super) fn applied(&mut self, object: ExpressionId, parts: &[Node<'_>]) -> ExpressionId {
        let name = self.last_name(object);
        let mut all = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let is_type = name != "Literal" && (name != "Annotated" || index == 0);
            all.push(if is_type { self.annotation(*part) } else { self.expression(*part) });
        }
        let index = self.index(&all);
        self.push(Expression::Subscript { object, index })
    }

    /// `# type: …` behind an assignment.
    pub(super) fn type_comment(&mut self, node: Node<'_>) -> Option<ExpressionId> {
        let rest = self.text.get(node.end_byte()..)?;
        let line = rest.lines().next()?;
        let comment = line.trim_start().strip_prefix('#')?;
        let code = comment.trim_start().strip_prefix("type:")?.trim_start();
        if code.starts_with("ignore") {
            return None;
        }
        let end = node.end_byte() + line.len();
        let mut quoted = Quoted { at: end - code.len(), end, depth: 0 };
        quoted.union(self)
    }

    /// A string that holds an annotation.
    fn quoted(&mut self, node: Node<'_>) -> ExpressionId {
        let parts: Vec<_> = children(node).collect();
        if let &[_, content, _] = &parts[..]
            && self.kind(content) == Kind::StringContent
            && content.named_child_count() == 0
        {
            let mut quoted = Quoted { at: content.start_byte(), end: content.end_byte(), depth: 0 };
            if let Some(id) = quoted.union(self) {
                return id;
            }
            return self.push(Expression::Unknown);
        }
        self.expression(node)
    }
}

/// Reads an annotation out of a stretch of the text. Not a tree: strings are not parsed by the
/// grammar, and the language of annotations is small.
struct Quoted {
    at: usize,
    end: usize,
    depth: u32,
}

impl Quoted {
    fn peek(&mut self, text: &str) -> Option<u8> {
        let rest = text.as_bytes().get(self.at..self.end)?;
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at += blank;
        rest.get(blank).copied()
    }

    fn eat(&mut self, text: &str, byte: u8) -> bool {
        let found = self.peek(text) == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn union(&mut self, lowering: &mut Lowering<'_>) -> Option<ExpressionId> {
        if self.depth > 20 {
            return None;
        }
        self.depth += 1;
        let mut parts = vec![self.applied(lowering)?];
        while self.eat(lowering.text, b'|') {
            parts.push(self.applied(lowering)?);
        }
        self.depth -= 1;
        Some(lowering.union(&parts))
    }

    fn applied(&mut self, lowering: &mut Lowering<'_>) -> Option<ExpressionId> {
        let mut id = self.atom(lowering)?;
        loop {
            if self.eat(lowering.text, b'.') {
                let (at, name) = self.word(lowering.text)?;
                let name = lowering.name(name);
                id = lowering.attribute_of(id, name, at);
            } else if self.eat(lowering.text, b'[') {
                let parts = self.parts(lowering)?;
                let index = lowering.index(&parts);
                id = lowering.push(Expression::Subscript { object: id, index });
            } else {
                return Some(id);
            }
        }
    }

    /// What stands before `]`.
    fn parts(&mut self, lowering: &mut Lowering<'_>) -> Option<Vec<ExpressionId>> {
        let mut parts = Vec::new();
        while !self.eat(lowering.text, b']') {
            parts.push(self.union(lowering)?);
            if !self.eat(lowering.text, b',') && self.peek(lowering.text) != Some(b']') {
                return None;
            }
        }
        Some(parts)
    }

    fn atom(&mut self, lowering: &mut Lowering<'_>) -> Option<ExpressionId> {
        let text = lowering.text;
        match self.peek(text)? {
            b'[' => {
                self.at += 1;
                let parts = self.parts(lowering)?;
                let list = lowering.list(&parts);
                Some(lowering.push(Expression::List(list)))
            }
            quote @ (b'"' | b'\'') => {
                self.at += 1;
                let rest = text.as_bytes().get(self.at..self.end)?;
                self.at += rest.iter().position(|byte| *byte == quote)? + 1;
                Some(lowering.push(Expression::Text))
            }
            b'.' if text.get(self.at..self.end)?.starts_with("...") => {
                self.at += 3;
                Some(lowering.push(Expression::Literal))
            }
            _ => {
                let (at, word) = self.word(text)?;
                if word == "None" {
                    return Some(lowering.push(Expression::None));
                }
                if word.starts_with(|first: char| first.is_ascii_digit()) {
                    return Some(lowering.push(Expression::Literal));
                }
                let name = lowering.name(word);
                Some(lowering.mentioned(name, at))
            }
        }
    }

    fn word<'t>(&mut self, text: &'t str) -> Option<(usize, &'t str)> {
        self.peek(text)?;
        let rest = text.get(self.at..self.end)?;
        let len = rest
            .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .unwrap_or(rest.len());
        let at = self.at;
        self.at += len;
        (len > 0).then(|| (at, &rest[..len]))
    }
}
