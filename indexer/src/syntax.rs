//! The syntax of one text: what it defines, where a definition's body lies, and what the parser
//! could not read. For whoever checks a text before it is written; nothing is stored.

use std::cell::RefCell;

use flux_core::{ByteSpan, Import, RepoPath, Symbol};
use flux_grammars::{Extracted, Extractor};
use tree_sitter::{Node, Tree};

use crate::arguments::{Parameters, Use, parameters_at, use_at};
use crate::imports::{ImportStatement, statements};
use crate::items::{self, Item};
use crate::words::{Word, offsets, word_at};

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

impl Syntax {
    /// The places where `name` stands as a word in `text`, which must be the text that was parsed.
    pub fn words(&self, text: &str, name: &str) -> Vec<Word> {
        let root = self.tree.root_node();
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
        let span = |start: u32| ByteSpan::new(start, start.saturating_add(length));
        offsets(text, name).into_iter().map(|start| word_at(root, span(start))).collect()
    }

    /// What the words of `name` at one offset are; see [`words`](Self::words).
    pub fn word(&self, span: ByteSpan) -> Word {
        word_at(self.tree.root_node(), span)
    }

    /// The spans of what the definition whose name is at `name` says it extends or implements: the
    /// bases of a Python class, the trait of the Rust `impl` or of the trait around it.
    pub fn supertypes(&self, name: ByteSpan) -> Vec<ByteSpan> {
        supertypes(self.tree.root_node(), name)
    }

    /// The parameters of the function that is named at `name`; `None` if there is none.
    pub fn parameters(&self, name: ByteSpan) -> Option<Parameters> {
        parameters_at(self.tree.root_node(), name)
    }

    /// What is done with the function that is named at `name`.
    pub fn use_of(&self, name: ByteSpan) -> Use {
        use_at(self.tree.root_node(), name)
    }

    /// The spans of the decorators or attributes of the definition whose name is at `name`.
    pub fn decorators(&self, name: ByteSpan) -> Vec<ByteSpan> {
        decorators(self.tree.root_node(), name)
    }
}

/// Pieces of a text that can be cut out and put elsewhere. The text given is the one parsed.
impl Syntax {
    /// The statements that import, in order.
    pub fn imports(&self, text: &str) -> Vec<ImportStatement> {
        statements(self.tree.root_node(), text)
    }

    /// The definition whose name is at `name`.
    pub fn item(&self, text: &str, name: ByteSpan) -> Option<Item> {
        items::item_at(self.tree.root_node(), text, name)
    }

    /// The `impl` blocks directly in the file whose type is called `name`.
    pub fn impls(&self, text: &str, name: &str) -> Vec<Item> {
        items::impls(self.tree.root_node(), text, name)
    }

    /// Where the fields without names of a struct say who may use them.
    pub fn tuple_fields(&self, name: ByteSpan) -> Vec<ByteSpan> {
        items::tuple_fields(self.tree.root_node(), name)
    }

    /// Where a further import goes in the file or inline module around `at`: the offset of the start
    /// of a line, and the indentation there.
    pub fn import_place(&self, text: &str, at: u32) -> (u32, String) {
        items::import_place(self.tree.root_node(), text, at)
    }

    /// Where a further definition goes: the end of the file, before what starts the program or tests.
    pub fn end_place(&self, text: &str) -> u32 {
        items::end_place(self.tree.root_node(), text)
    }

    /// The identifiers within a span, as words.
    pub fn names(&self, span: ByteSpan) -> Vec<Word> {
        let root = self.tree.root_node();
        items::identifiers(root, span).into_iter().map(|span| word_at(root, span)).collect()
    }
}

fn leaf(root: Node<'_>, span: ByteSpan) -> Option<Node<'_>> {
    root.descendant_for_byte_range(span.start as usize, span.end as usize)
}

fn supertypes(root: Node<'_>, name: ByteSpan) -> Vec<ByteSpan> {
    let mut at = leaf(root, name);
    while let Some(node) = at {
        let field = match node.kind() {
            "class_definition" => "superclasses",
            "impl_item" => "trait",
            "trait_item" => "bounds",
            _ => {
                at = node.parent();
                continue;
            }
        };
        return node.child_by_field_name(field).into_iter().map(span_of).collect();
    }
    Vec::new()
}

fn decorators(root: Node<'_>, name: ByteSpan) -> Vec<ByteSpan> {
    let Some(definition) = leaf(root, name).and_then(|leaf| leaf.parent()) else {
        return Vec::new();
    };
    let around = definition.parent().filter(|node| node.kind() == "decorated_definition");
    if let Some(around) = around {
        let mut cursor = around.walk();
        let children: Vec<Node<'_>> = around.children(&mut cursor).collect();
        let own = children.into_iter().filter(|node| node.kind() == "decorator");
        return own.map(span_of).collect();
    }
    let mut found = Vec::new();
    let mut before = definition.prev_sibling();
    while let Some(node) = before {
        match node.kind() {
            "attribute_item" => found.push(span_of(node)),
            "line_comment" | "block_comment" => {}
            _ => break,
        }
        before = node.prev_sibling();
    }
    found.reverse();
    found
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
    use flux_core::{ByteSpan, RepoPath};

    use super::Syntax;
    use crate::words::WordRole;

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

    #[track_caller]
    fn role(path: &str, text: &str, name: &str, expected: &[WordRole]) {
        let syntax = Syntax::of(&RepoPath::new(path), text).unwrap();
        let roles: Vec<WordRole> =
            syntax.words(text, name).into_iter().map(|word| word.role).collect();
        assert_eq!(roles, expected, "{text}");
    }

    #[test]
    fn a_word_has_the_role_that_the_grammar_gives_it() {
        use WordRole::{Bare, Comment, Keyword, Member, Shorthand, ShorthandPattern, String};
        role("a.py", "x.f(f=f)  # f\ns = 'f'\n", "f", &[Member, Keyword, Bare, Comment, String]);
        role("a.py", "from .f import g\nimport a.f\nimport f.a\n", "f", &[Member, Member, Bare]);
        role("a.py", "s = f'{f}'\n", "f", &[String, Bare]);
        role(
            "a.rs",
            "fn g() { let s = S { f, g: 1 }; S { f: 2 }; s.f }",
            "f",
            &[Shorthand, Keyword, Member],
        );
        role("a.rs", "fn g(S { ref f, .. }: S) {}", "f", &[ShorthandPattern(9)]);
        role("a.rs", "fn g() { m!(a.f, b::f, f); A::f }", "f", &[Member, Member, Bare, Member]);
    }

    #[test]
    fn the_name_of_an_argument_knows_what_is_called() {
        let text = "a.b(1, x=2)\n";
        let syntax = Syntax::of(&RepoPath::new("a.py"), text).unwrap();
        let callee = syntax.words(text, "x")[0].callee.unwrap();
        assert_eq!(callee.of(text), "b");
    }

    #[test]
    fn what_a_definition_extends_and_is_decorated_with_is_found() {
        let of = |path: &str, text: &str, name: &str| {
            let syntax = Syntax::of(&RepoPath::new(path), text).unwrap();
            let at = text.find(name).unwrap() as u32;
            let name = ByteSpan::new(at, at + 1);
            let texts = |spans: Vec<ByteSpan>| -> Vec<String> {
                spans.into_iter().map(|span| span.of(text).to_owned()).collect()
            };
            (texts(syntax.supertypes(name)), texts(syntax.decorators(name)))
        };
        let python = "class A(B, metaclass=M):\n    @x\n    @y.z(1)\n    def f(self): pass\n";
        assert_eq!(of("a.py", python, "f(").0, ["(B, metaclass=M)"]);
        assert_eq!(of("a.py", python, "f(self").1, ["@x", "@y.z(1)"]);
        let rust = "#[derive(A)]\n/// d\nstruct S;\nimpl T for S { fn f() {} }\n";
        assert_eq!(of("a.rs", rust, "f(").0, ["T"]);
        assert_eq!(of("a.rs", rust, "S;").1, ["#[derive(A)]"]);
    }

    #[test]
    fn a_text_without_a_grammar_has_no_syntax() {
        assert!(Syntax::of(&RepoPath::new("a.unknown"), "x").is_none());
    }
}
