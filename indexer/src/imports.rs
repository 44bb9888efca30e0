//! Statements that import, taken apart: what each part brings into scope, and where it may be taken
//! out. Python and Rust.

use flux_core::ByteSpan;
use tree_sitter::Node;

/// A statement that imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportStatement {
    /// The statement.
    pub span: ByteSpan,
    /// The same with the attributes before it.
    pub whole: ByteSpan,
    /// The block in which it binds names: the file, a function's body, an inline module.
    pub block: ByteSpan,
    /// Where it stands.
    pub scope: ImportScope,
    /// `pub` and the like, of Rust.
    pub visibility: Option<ByteSpan>,
    /// Its parts, a list before what is in it; never none.
    pub parts: Vec<ImportPart>,
}

/// Where a statement stands, which says when it is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImportScope {
    /// Directly in the file.
    File,
    /// In `if TYPE_CHECKING:` directly in the file: never, when the program runs.
    TypeChecking,
    /// In another `if` or a `try` directly in the file.
    Conditional,
    /// In a class.
    Class,
    /// In a function.
    Function,
    /// In an inline module of Rust.
    InlineModule,
}

/// A part of a statement: a name, or a list of such in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportPart {
    /// It, with its alias.
    pub span: ByteSpan,
    /// The index of the list that it is in.
    pub list: Option<usize>,
    /// The path before it: the module of Python with its dots, all outer paths of Rust.
    pub prefix: String,
    /// The path that is written in the part itself.
    pub path: String,
    /// The name that it binds; none for lists, stars and `as _`.
    pub binds: Option<String>,
    /// Whether it renames what it binds.
    pub has_alias: bool,
    /// What it takes.
    pub kind: PartKind,
}

/// What a part takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// One thing, from a module.
    Name,
    /// `import a.b` of Python.
    Module,
    /// All public things.
    Star,
    /// What its list says.
    List,
}

impl ImportPart {
    /// The whole path in the language's own separators: `.` behind a module of Python, `::`.
    pub fn full_path(&self, separator: &str) -> String {
        match (self.prefix.as_str(), self.path.as_str()) {
            ("", path) => path.to_owned(),
            (prefix, "" | "self") => prefix.to_owned(),
            (prefix, path) if prefix.ends_with('.') => format!("{prefix}{path}"),
            (prefix, path) => format!("{prefix}{separator}{path}"),
        }
    }
}

/// All statements of a text that import, in order.
pub(crate) fn statements(root: Node<'_>, text: &str) -> Vec<ImportStatement> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let parts = match node.kind() {
            "import_statement" => python_modules(node, text),
            "import_from_statement" | "future_import_statement" => python_names(node, text),
            "use_declaration" => rust_use(node, text),
            "token_tree" => continue,
            _ => {
                let mut cursor = node.walk();
                let mut children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
                children.reverse();
                open.extend(children);
                continue;
            }
        };
        if !parts.is_empty() {
            found.push(statement(node, text, parts));
        }
    }
    found
}

fn statement(node: Node<'_>, text: &str, parts: Vec<ImportPart>) -> ImportStatement {
    let mut start = node.start_byte();
    let mut before = node.prev_sibling();
    while let Some(attribute) = before.filter(|node| node.kind() == "attribute_item") {
        start = attribute.start_byte();
        before = attribute.prev_sibling();
    }
    let (scope, block) = around(node, text);
    let first = node.child(0).filter(|child| child.kind() == "visibility_modifier");
    ImportStatement {
        span: span_of(node),
        whole: ByteSpan::new(start as u32, node.end_byte() as u32),
        block,
        scope,
        visibility: first.map(span_of),
        parts,
    }
}

/// Where a statement stands, and the block in which it binds.
fn around(node: Node<'_>, text: &str) -> (ImportScope, ByteSpan) {
    let mut scope = ImportScope::File;
    let mut at = node;
    while let Some(parent) = at.parent() {
        let inner = match parent.kind() {
            "function_definition" | "lambda" | "closure_expression" => ImportScope::Function,
            "function_item" => ImportScope::Function,
            // A block of Rust binds what is in it.
            "block" if parent.child(0).is_some_and(|first| first.kind() == "{") => {
                return (ImportScope::Function, span_of(parent));
            }
            "class_definition" => ImportScope::Class,
            "declaration_list" => ImportScope::InlineModule,
            "if_statement" => {
                if scope == ImportScope::File {
                    scope = guard(parent, at, text);
                }
                at = parent;
                continue;
            }
            "try_statement" | "with_statement" | "for_statement" | "while_statement"
            | "match_statement" => {
                scope = ImportScope::Conditional;
                at = parent;
                continue;
            }
            _ => {
                at = parent;
                continue;
            }
        };
        return (inner, span_of(parent));
    }
    (scope, span_of(at))
}

/// What a condition around a statement says about when it runs.
fn guard(condition: Node<'_>, branch: Node<'_>, text: &str) -> ImportScope {
    let asked = condition.child_by_field_name("condition").map_or("", |node| of(node, text));
    let is_first =
        condition.child_by_field_name("consequence").is_some_and(|one| one.id() == branch.id());
    let is_types = matches!(asked, "TYPE_CHECKING" | "typing.TYPE_CHECKING" | "t.TYPE_CHECKING");
    if is_types && is_first { ImportScope::TypeChecking } else { ImportScope::Conditional }
}

/// `import a.b, c as d`.
fn python_modules(node: Node<'_>, text: &str) -> Vec<ImportPart> {
    let mut cursor = node.walk();
    let names: Vec<Node<'_>> = node.children_by_field_name("name", &mut cursor).collect();
    let part = |name: Node<'_>| {
        let (path, alias) = python_alias(name, text);
        let first = path.split('.').next().unwrap_or_default().to_owned();
        ImportPart {
            span: span_of(name),
            list: None,
            prefix: String::new(),
            binds: Some(alias.clone().unwrap_or(first)),
            has_alias: alias.is_some(),
            path,
            kind: PartKind::Module,
        }
    };
    names.into_iter().map(part).collect()
}

/// `from a import b, c as d` and `from a import *`.
fn python_names(node: Node<'_>, text: &str) -> Vec<ImportPart> {
    let module = node.child_by_field_name("module_name");
    let prefix = module.map_or("__future__".to_owned(), |module| plain(of(module, text)));
    let mut cursor = node.walk();
    let names: Vec<Node<'_>> = node.children_by_field_name("name", &mut cursor).collect();
    let part = |name: Node<'_>| {
        let (path, alias) = python_alias(name, text);
        ImportPart {
            span: span_of(name),
            list: None,
            prefix: prefix.clone(),
            binds: Some(alias.clone().unwrap_or_else(|| path.clone())),
            has_alias: alias.is_some(),
            path,
            kind: PartKind::Name,
        }
    };
    let mut parts: Vec<ImportPart> = names.into_iter().map(part).collect();
    let mut cursor = node.walk();
    let star = node.named_children(&mut cursor).find(|one| one.kind() == "wildcard_import");
    parts.extend(star.map(|star| ImportPart {
        span: span_of(star),
        list: None,
        prefix: prefix.clone(),
        path: "*".to_owned(),
        binds: None,
        has_alias: false,
        kind: PartKind::Star,
    }));
    parts
}

fn python_alias(name: Node<'_>, text: &str) -> (String, Option<String>) {
    let field = |field| name.child_by_field_name(field).map(|node| plain(of(node, text)));
    match name.kind() {
        "aliased_import" => (field("name").unwrap_or_default(), field("alias")),
        _ => (plain(of(name, text)), None),
    }
}

/// `use a::{b, c as d, e::*};`.
fn rust_use(node: Node<'_>, text: &str) -> Vec<ImportPart> {
    let mut parts = Vec::new();
    if let Some(argument) = node.child_by_field_name("argument") {
        rust_part(argument, text, "", None, &mut parts);
    }
    parts
}

fn rust_part(
    node: Node<'_>,
    text: &str,
    prefix: &str,
    list: Option<usize>,
    parts: &mut Vec<ImportPart>,
) {
    let field = |field| node.child_by_field_name(field).map(|node| plain(of(node, text)));
    let whole = plain(of(node, text));
    let (path, alias, kind) = match node.kind() {
        "use_list" => (String::new(), None, PartKind::List),
        "scoped_use_list" => (field("path").unwrap_or_default(), None, PartKind::List),
        "use_as_clause" => (field("path").unwrap_or_default(), field("alias"), PartKind::Name),
        "use_wildcard" => {
            let path = whole.trim_end_matches('*').trim_end_matches("::");
            (path.to_owned(), None, PartKind::Star)
        }
        _ => (whole, None, PartKind::Name),
    };
    let last = match path.rsplit("::").next() {
        Some("self") => prefix.rsplit("::").next(),
        last => last,
    };
    let binds = match (&alias, kind) {
        (Some(alias), _) => Some(alias.clone()).filter(|alias| alias != "_"),
        (None, PartKind::Name) => last.map(|last| last.trim_start_matches("r#").to_owned()),
        (None, PartKind::Module | PartKind::Star | PartKind::List) => None,
    };
    let index = parts.len();
    let (has_alias, prefix) = (alias.is_some(), prefix.to_owned());
    parts.push(ImportPart { span: span_of(node), list, prefix, path, binds, has_alias, kind });
    if kind != PartKind::List {
        return;
    }
    let inner = parts[index].full_path("::");
    let items =
        if node.kind() == "use_list" { Some(node) } else { node.child_by_field_name("list") };
    let Some(items) = items else { return };
    let mut cursor = items.walk();
    for item in items.named_children(&mut cursor) {
        if !item.kind().contains("comment") {
            rust_part(item, text, &inner, Some(index), parts);
        }
    }
}

/// A path without spaces and line breaks.
fn plain(text: &str) -> String {
    text.split_whitespace().collect()
}

fn of<'t>(node: Node<'_>, text: &'t str) -> &'t str {
    text.get(node.byte_range()).unwrap_or_default()
}

fn span_of(node: Node<'_>) -> ByteSpan {
    ByteSpan::new(node.start_byte() as u32, node.end_byte() as u32)
}

#[cfg(test)]
mod tests {
    use flux_core::RepoPath;

    use super::ImportScope;
    use crate::syntax::Syntax;

    #[track_caller]
    fn bound(path: &str, text: &str, expected: &[(&str, &str)]) {
        let syntax = Syntax::of(&RepoPath::new(path), text).unwrap();
        let separator = if path.ends_with("py") { "." } else { "::" };
        let parts = syntax.imports(text).into_iter().flat_map(|statement| statement.parts);
        let found: Vec<(String, String)> = parts
            .map(|part| (part.binds.clone().unwrap_or_default(), part.full_path(separator)))
            .collect();
        let found: Vec<(&str, &str)> =
            found.iter().map(|(name, path)| (name.as_str(), path.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn parts_know_what_they_bind_and_from_where() {
        bound("a.py", "import a.b, c as d\n", &[("a", "a.b"), ("d", "c")]);
        bound("a.py", "from ..a import (b, c as d)\n", &[("b", "..a.b"), ("d", "..a.c")]);
        bound("a.py", "from . import *\n", &[("", ".*")]);
        bound(
            "a.rs",
            "use a::{self, b::{c, d as e}, f::*};\n",
            &[
                ("", "a"),
                ("a", "a"),
                ("", "a::b"),
                ("c", "a::b::c"),
                ("e", "a::b::d"),
                ("", "a::f"),
            ],
        );
        bound("a.rs", "use std::fmt::Write as _;\n", &[("", "std::fmt::Write")]);
    }

    #[test]
    fn statements_know_where_they_stand() {
        let text = "import a\nif TYPE_CHECKING:\n    import b\nelse:\n    import c\n\
                    def f():\n    import d\n";
        let syntax = Syntax::of(&RepoPath::new("a.py"), text).unwrap();
        let scopes: Vec<ImportScope> =
            syntax.imports(text).into_iter().map(|statement| statement.scope).collect();
        use ImportScope::{Conditional, File, Function, TypeChecking};
        assert_eq!(scopes, [File, TypeChecking, Conditional, Function]);
    }
}
