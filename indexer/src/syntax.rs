//! The syntax of one text: what it defines, where a definition's body lies, and what the parser
//! could not read. For whoever checks a text before it is written; nothing is stored.

use std::cell::RefCell;

use flux_core::{ByteSpan, Import, RepoPath, Symbol};
use flux_grammars::{Extracted, Extractor};
use tree_sitter::{Node, Tree};

/// A parsed text.
#[derive(Debug)]
pub struct Syntax {
    /// The name of its language.
    pub language: &'static str,
    /// What it defines, in order of the position of the names.
    pub definitions: Vec<Symbol>,
    /// What it imports.
    pub imports: Vec<Import>,
    /// Offsets of the places that the parser could not read, ascending.
    pub errors: Vec<u32>,
    tree: Tree,
}

/// Where the body of a definition lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    /// All of it, with its braces.
    pub span: ByteSpan,
    /// Whether it stands in braces, or else is an indented block or one expression.
    pub is_braced: bool,
    /// Where the definition's own line starts to count for indentation.
    pub definition: ByteSpan,
}

thread_local! {
    static EXTRACTOR: RefCell<Extractor> = RefCell::new(Extractor::new());
}

impl Syntax {
    /// Parses a text by the language that its path and first lines tell. `None` if that is no
    /// language with a grammar, or the text cannot be parsed at a bounded cost.
    pub fn of(path: &RepoPath, text: &str) -> Option<Self> {
        let grammar = flux_grammars::detect(path, text)?;
        let (extracted, tree) = EXTRACTOR
            .with_borrow_mut(|extractor| extractor.extract_with(grammar, text, Tree::clone))
            .ok()?;
        let Extracted { symbols, references, .. } = extracted;
        let errors = errors(&tree);
        let (definitions, imports) = (symbols, references.imports);
        Some(Self { language: grammar.name(), definitions, imports, errors, tree })
    }

    /// The body of one of the definitions; `None` if it has none.
    pub fn body(&self, definition: &Symbol) -> Option<Body> {
        let Symbol { span, name_span, .. } = definition;
        let root = self.tree.root_node();
        let mut node =
            root.descendant_for_byte_range(name_span.start as usize, name_span.end as usize)?;
        while node.start_byte() >= span.start as usize && node.end_byte() <= span.end as usize {
            if let Some(body) = body_of(node) {
                let opening = body.child(0).map_or("", |child| child.kind());
                let is_braced = opening == "{";
                return Some(Body { span: span_of(body), is_braced, definition: *span });
            }
            node = node.parent()?;
        }
        None
    }
}

/// The body of a node, or of the value it names.
fn body_of(node: Node<'_>) -> Option<Node<'_>> {
    let value = || node.child_by_field_name("value")?.child_by_field_name("body");
    node.child_by_field_name("body").or_else(value)
}

fn span_of(node: Node<'_>) -> ByteSpan {
    ByteSpan::new(node.start_byte() as u32, node.end_byte() as u32)
}

/// Offsets of nodes that are errors or stand for what is missing.
fn errors(tree: &Tree) -> Vec<u32> {
    let mut errors = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            errors.push(node.start_byte() as u32);
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                errors.sort_unstable();
                return errors;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use flux_core::RepoPath;

    use super::Syntax;

    #[track_caller]
    fn body(path: &str, text: &str, name: &str, expected: &str) {
        let syntax = Syntax::of(&RepoPath::new(path), text).unwrap();
        let definition = syntax.definitions.iter().find(|one| &*one.name == name).unwrap();
        assert_eq!(syntax.body(definition).unwrap().span.of(text), expected);
    }

    #[test]
    fn a_body_is_found_in_several_languages() {
        body("a.py", "@x\ndef f(a):\n    return a\n", "f", "return a");
        body("a.rs", "impl A {\n    fn f() { 1 }\n}\n", "f", "{ 1 }");
        body("a.js", "const f = (a) => { return a }\n", "f", "{ return a }");
        body("a.c", "int f(int a) { return a; }\n", "f", "{ return a; }");
        body("a.go", "func (a A) F() int { return 1 }\n", "F", "{ return 1 }");
    }

    #[test]
    fn errors_are_where_the_parser_stopped() {
        let errors = |text| Syntax::of(&RepoPath::new("a.py"), text).unwrap().errors;
        assert!(errors("x = 1\n").is_empty());
        assert_eq!(errors("x = 1\ny = (\n").len(), 1);
    }

    #[test]
    fn a_text_without_a_grammar_has_no_syntax() {
        assert!(Syntax::of(&RepoPath::new("a.unknown"), "x").is_none());
    }
}
