//! Parameters of functions, and the arguments of calls, as places of a text: what has to be known to
//! change a signature together with its calls. Python and Rust.

use flux_core::ByteSpan;
use tree_sitter::Node;

/// What stands between two brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// All between the brackets.
    pub inside: ByteSpan,
    /// The items, without separators and comments.
    pub items: Vec<ByteSpan>,
}

/// The parameters of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Where they are.
    pub list: List,
    /// They, in order, as the items of the list.
    pub all: Vec<Parameter>,
    /// All of the function behind them: its result type and its body.
    pub rest: ByteSpan,
}

/// A parameter, or a mark between parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, if it has one.
    pub name: Option<ByteSpan>,
    /// What it takes.
    pub kind: ParameterKind,
    /// Its type.
    pub annotation: Option<ByteSpan>,
    /// Its default.
    pub default: Option<ByteSpan>,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// One argument.
    Plain,
    /// The value before the dot: `self` of Rust.
    Receiver,
    /// All further arguments: `*args`.
    Rest,
    /// All further named arguments: `**options`.
    NamedRest,
    /// Nothing; what is before it has no name for callers: `/`.
    EndOfUnnamed,
    /// Nothing; what is behind it has to be named: `*`.
    StartOfNamed,
    /// Something that is not known: a pattern, a macro.
    Other,
}

/// What is done with a function at a place that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// It is called.
    Call(Call),
    /// It decorates something, and is called with that.
    Decorator,
    /// It is brought into scope.
    Import,
    /// It is a value: handed on, stored, compared.
    Value,
    /// The text cannot be read there.
    Unread,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Where the arguments are.
    pub list: List,
    /// They, in order, as the items of the list.
    pub arguments: Vec<Argument>,
    /// What is before the name.
    pub before: Before,
}

/// What is before the name of a function that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing.
    Nothing,
    /// A value or a name, and a dot.
    Dot(ByteSpan),
    /// A path: `Type::`.
    Path,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name, if it is given by name.
    pub name: Option<ByteSpan>,
    /// Its value.
    pub value: ByteSpan,
    /// Whether it stands for any number of arguments: `*args`, `**options`.
    pub is_spread: bool,
    /// Whether working out the value may do something.
    pub has_effects: bool,
}

/// The parameters of the function that is named at `name`.
pub(crate) fn parameters_at(root: Node<'_>, name: ByteSpan) -> Option<Parameters> {
    let leaf = leaf(root, name)?;
    let function = leaf.parent().filter(|node| {
        matches!(node.kind(), "function_definition" | "function_item" | "function_signature_item")
    })?;
    if function.child_by_field_name("name")?.id() != leaf.id() {
        return None;
    }
    let list = function.child_by_field_name("parameters")?;
    let nodes = items(list);
    let rest = ByteSpan::new(list.end_byte() as u32, function.end_byte() as u32);
    let all = nodes.iter().map(|node| parameter(*node)).collect();
    Some(Parameters { list: list_of(list, &nodes), all, rest })
}

/// What is done with the function named at `name`.
pub(crate) fn use_at(root: Node<'_>, name: ByteSpan) -> Use {
    let Some(leaf) = leaf(root, name) else { return Use::Unread };
    if let Some(parent) = leaf.parent()
        && parent.kind() == "token_tree"
    {
        return among_tokens(leaf);
    }
    let named = whole_name(leaf);
    if let Some(call) = called(named) {
        return Use::Call(call);
    }
    let mut at = named.parent();
    while let Some(node) = at {
        match node.kind() {
            "decorator" if named.parent() == Some(node) => return Use::Decorator,
            "use_declaration" | "import_statement" | "import_from_statement" => return Use::Import,
            "ERROR" => return Use::Unread,
            _ => at = node.parent(),
        }
    }
    Use::Value
}

fn leaf(root: Node<'_>, span: ByteSpan) -> Option<Node<'_>> {
    root.descendant_for_byte_range(span.start as usize, span.end as usize)
}

/// The name with what is before its dots: the attribute, the path, the generic arguments.
fn whole_name(leaf: Node<'_>) -> Node<'_> {
    let mut at = leaf;
    while let Some(parent) = at.parent() {
        let field = match parent.kind() {
            "attribute" => "attribute",
            "field_expression" => "field",
            "scoped_identifier" => "name",
            "generic_function" => "function",
            _ => break,
        };
        if parent.child_by_field_name(field).is_none_or(|child| child.id() != at.id()) {
            break;
        }
        at = parent;
    }
    at
}

fn called(named: Node<'_>) -> Option<Call> {
    let call = named.parent().filter(|node| matches!(node.kind(), "call" | "call_expression"))?;
    if call.child_by_field_name("function")?.id() != named.id() {
        return None;
    }
    let list = call.child_by_field_name("arguments")?;
    let nodes = match list.kind() {
        "generator_expression" => {
            let inside = inside(list);
            let value = Argument { name: None, value: inside, is_spread: false, has_effects: true };
            let list = List { inside, items: vec![inside] };
            return Some(Call { list, arguments: vec![value], before: before(named) });
        }
        _ => items(list),
    };
    let arguments = nodes.iter().map(|node| argument(*node)).collect();
    Some(Call { list: list_of(list, &nodes), arguments, before: before(named) })
}

fn before(named: Node<'_>) -> Before {
    match named.kind() {
        "attribute" => named.child_by_field_name("object"),
        "field_expression" => named.child_by_field_name("value"),
        "generic_function" => {
            return named.child_by_field_name("function").map_or(Before::Nothing, before);
        }
        "scoped_identifier" => return Before::Path,
        _ => None,
    }
    .map_or(Before::Nothing, |object| Before::Dot(span(object)))
}

/// A call among the tokens that a macro is given: a name and a group in round brackets.
fn among_tokens(leaf: Node<'_>) -> Use {
    let Some(group) = leaf.next_sibling().filter(|next| next.kind() == "token_tree") else {
        return Use::Unread;
    };
    if group.child(0).is_none_or(|open| open.kind() != "(") {
        return Use::Unread;
    }
    let before = match leaf.prev_sibling().map_or("", |node| node.kind()) {
        "." => Before::Dot(ByteSpan::new(leaf.start_byte() as u32, leaf.start_byte() as u32)),
        "::" => Before::Path,
        "fn" => return Use::Unread,
        _ => Before::Nothing,
    };
    let mut cursor = group.walk();
    let tokens: Vec<Node<'_>> = group.children(&mut cursor).collect();
    let tokens = tokens.get(1..tokens.len().saturating_sub(1)).unwrap_or_default();
    let mut arguments = Vec::new();
    for run in tokens.split(|token| token.kind() == ",") {
        let run: Vec<_> = run.iter().filter(|token| !token.kind().contains("comment")).collect();
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        // A closure's parameters and generic arguments have commas that separate no arguments.
        if run.iter().any(|token| matches!(token.kind(), "|" | "<" | "$")) {
            return Use::Unread;
        }
        let value = ByteSpan::new(first.start_byte() as u32, last.end_byte() as u32);
        let has_effects = run.iter().any(|token| token.kind() == "token_tree");
        arguments.push(Argument { name: None, value, is_spread: false, has_effects });
    }
    let items = arguments.iter().map(|one| one.value).collect();
    Use::Call(Call { list: List { inside: inside(group), items }, arguments, before })
}

fn items(list: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = list.walk();
    let is_item = |node: &Node<'_>| node.is_named() && !node.is_extra();
    list.named_children(&mut cursor).filter(is_item).collect()
}

fn list_of(list: Node<'_>, nodes: &[Node<'_>]) -> List {
    List { inside: inside(list), items: nodes.iter().map(|node| span(*node)).collect() }
}

/// What is between the first and the last byte of a bracketed node.
fn inside(list: Node<'_>) -> ByteSpan {
    ByteSpan::new(list.start_byte() as u32 + 1, list.end_byte() as u32 - 1)
}

fn span(node: Node<'_>) -> ByteSpan {
    ByteSpan::new(node.start_byte() as u32, node.end_byte() as u32)
}

fn parameter(node: Node<'_>) -> Parameter {
    let field = |name: &str| node.child_by_field_name(name).map(span);
    let (annotation, default) = (field("type"), field("value"));
    let plain = |name, kind| Parameter { name, kind, annotation, default };
    match node.kind() {
        "identifier" => plain(Some(span(node)), ParameterKind::Plain),
        "default_parameter" | "typed_default_parameter" => {
            plain(field("name"), ParameterKind::Plain)
        }
        "typed_parameter" => match node.named_child(0) {
            Some(inner) => Parameter { annotation, ..parameter(inner) },
            None => plain(None, ParameterKind::Other),
        },
        "list_splat_pattern" => plain(node.named_child(0).map(span), ParameterKind::Rest),
        "dictionary_splat_pattern" => {
            plain(node.named_child(0).map(span), ParameterKind::NamedRest)
        }
        "keyword_separator" => plain(None, ParameterKind::StartOfNamed),
        "positional_separator" => plain(None, ParameterKind::EndOfUnnamed),
        "self_parameter" => plain(None, ParameterKind::Receiver),
        "parameter" => match node.child_by_field_name("pattern") {
            Some(pattern) if pattern.kind() == "identifier" => {
                plain(Some(span(pattern)), ParameterKind::Plain)
            }
            Some(pattern) if pattern.kind() == "self" => plain(None, ParameterKind::Receiver),
            Some(_) => plain(None, ParameterKind::Plain),
            None => plain(None, ParameterKind::Other),
        },
        _ => plain(None, ParameterKind::Other),
    }
}

fn argument(node: Node<'_>) -> Argument {
    let value = node.child_by_field_name("value").filter(|_| node.kind() == "keyword_argument");
    let value = value.unwrap_or(node);
    Argument {
        name: node
            .child_by_field_name("name")
            .filter(|_| node.kind() == "keyword_argument")
            .map(span),
        value: span(value),
        is_spread: matches!(node.kind(), "list_splat" | "dictionary_splat"),
        has_effects: has_effects(value),
    }
}

/// Kinds of expressions that may do something.
const ACTING: &[&str] = &[
    "await",
    "await_expression",
    "assignment_expression",
    "call",
    "call_expression",
    "macro_invocation",
    "named_expression",
    "try_expression",
    "yield",
];

fn has_effects(node: Node<'_>) -> bool {
    let mut open = vec![node];
    while let Some(at) = open.pop() {
        if ACTING.contains(&at.kind()) {
            return true;
        }
        // What a lambda or a closure does it does when it is called.
        if !matches!(at.kind(), "lambda" | "closure_expression") {
            let mut cursor = at.walk();
            open.extend(at.named_children(&mut cursor));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use flux_core::{ByteSpan, RepoPath};

    use super::{Before, ParameterKind, Use};
    use crate::syntax::Syntax;

    fn syntax(path: &str, text: &str) -> Syntax {
        Syntax::of(&RepoPath::new(path), text).unwrap()
    }

    fn nth(text: &str, name: &str, count: usize) -> ByteSpan {
        let start = text.match_indices(name).nth(count).unwrap().0 as u32;
        ByteSpan::new(start, start + name.len() as u32)
    }

    #[test]
    fn parameters_of_python_say_what_they_take() {
        use ParameterKind::{EndOfUnnamed, NamedRest, Plain, Rest, StartOfNamed};
        let text = "def f(self, a, /, b: int, c=1, *args, d: str = '', **more): pass\n";
        let found = syntax("a.py", text).parameters(nth(text, "f", 1)).unwrap();
        let kinds: Vec<_> = found.all.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [Plain, Plain, EndOfUnnamed, Plain, Plain, Rest, Plain, NamedRest]);
        let names: Vec<_> =
            found.all.iter().filter_map(|one| one.name).map(|one| one.of(text)).collect();
        assert_eq!(names, ["self", "a", "b", "c", "args", "d", "more"]);
        assert_eq!(found.all[6].default.unwrap().of(text), "''");
        let text = "def g(a, *, b): pass\n";
        let found = syntax("a.py", text).parameters(nth(text, "g", 0)).unwrap();
        assert_eq!(found.all[1].kind, StartOfNamed);
    }

    #[test]
    fn parameters_of_rust_say_what_they_take() {
        let text = "trait T { fn f(&mut self, a: u8, (b, c): (u8, u8)) -> u8; }\n";
        let found = syntax("a.rs", text).parameters(nth(text, "f", 1)).unwrap();
        assert_eq!(found.list.inside.of(text), "&mut self, a: u8, (b, c): (u8, u8)");
        assert_eq!(found.all[0].kind, ParameterKind::Receiver);
        assert_eq!(found.all[1].name.unwrap().of(text), "a");
        assert_eq!((found.all[2].name, found.all[2].kind), (None, ParameterKind::Plain));
    }

    #[track_caller]
    fn call(path: &str, text: &str, expected: &[&str]) -> Before {
        let Use::Call(call) = syntax(path, text).use_of(nth(text, "target", 0)) else {
            panic!("no call: {text}")
        };
        let found: Vec<&str> = call.arguments.iter().map(|one| one.value.of(text)).collect();
        assert_eq!(found, expected, "{text}");
        call.before
    }

    #[test]
    fn calls_are_read_in_all_their_forms() {
        assert_eq!(call("a.py", "target(1, b=f(2), *c)\n", &["1", "f(2)", "*c"]), Before::Nothing);
        call("a.py", "a.b.target(x for x in y)\n", &["x for x in y"]);
        assert!(matches!(call("a.py", "self.target()\n", &[]), Before::Dot(_)));
        assert_eq!(
            call("a.rs", "fn f() { T::target::<u8>(1, |a, b| a) }\n", &["1", "|a, b| a"]),
            Before::Path
        );
        assert!(matches!(call("a.rs", "fn f() { a.target(1) }\n", &["1"]), Before::Dot(_)));
        assert!(matches!(
            call("a.rs", "fn f() { m!(a.target(1, g(2, 3))) }\n", &["1", "g(2, 3)"]),
            Before::Dot(_)
        ));
    }

    #[test]
    fn what_is_no_call_is_told_apart() {
        let of = |path: &str, text: &str| syntax(path, text).use_of(nth(text, "target", 0));
        assert_eq!(of("a.py", "map(target, x)\n"), Use::Value);
        assert_eq!(of("a.py", "@target\ndef f(): pass\n"), Use::Decorator);
        assert_eq!(of("a.py", "from a import target\n"), Use::Import);
        assert_eq!(of("a.rs", "use a::target;\n"), Use::Import);
        assert_eq!(of("a.rs", "fn f() { let g = T::target; }\n"), Use::Value);
        assert_eq!(of("a.rs", "fn f() { m!(target(|a, b| 1)) }\n"), Use::Unread);
    }

    #[test]
    fn a_value_that_may_do_something_is_known() {
        let text = "target(a, f(), lambda: f(), [x for x in g()])\n";
        let Use::Call(call) = syntax("a.py", text).use_of(nth(text, "target", 0)) else { panic!() };
        let effects: Vec<bool> = call.arguments.iter().map(|one| one.has_effects).collect();
        assert_eq!(effects, [false, true, false, true]);
    }
}
