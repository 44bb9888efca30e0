//! Definitions as pieces of text that can be cut out and put elsewhere, with what belongs to them:
//! decorators, attributes, comments that document them. Python and Rust.

use flux_core::ByteSpan;
use tree_sitter::Node;

/// A definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// All of it, with decorators, attributes and the comments directly before it.
    pub span: ByteSpan,
    /// The same without those.
    pub bare: ByteSpan,
    /// What the grammar calls it; `other` for assignments and implementations.
    pub kind: &'static str,
    /// Where it stands.
    pub place: ItemPlace,
    /// Who may use it.
    pub visibility: Visibility,
}

/// Where a definition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemPlace {
    /// Directly in the file.
    File,
    /// Directly in the file, but for an `if`, a `try` and the like.
    Conditional,
    /// In a class, function, or inline module.
    Inner,
}

/// Where Rust says who may use a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// There; an empty span where nothing is said.
    At(ByteSpan),
    /// Nowhere: what is around it decides.
    Inherited,
}

const ITEMS: &[&str] = &[
    "function_definition",
    "class_definition",
    "type_alias_statement",
    "function_item",
    "function_signature_item",
    "struct_item",
    "union_item",
    "enum_item",
    "trait_item",
    "const_item",
    "static_item",
    "type_item",
    "mod_item",
    "macro_definition",
    "field_declaration",
    "enum_variant",
    "associated_type",
];

/// The definition whose name is at `name`.
pub(crate) fn item_at(root: Node<'_>, text: &str, name: ByteSpan) -> Option<Item> {
    let mut at = root.descendant_for_byte_range(name.start as usize, name.end as usize)?;
    loop {
        if ITEMS.contains(&at.kind()) || is_assignment(at) {
            return Some(item(at, text));
        }
        at = at.parent()?;
    }
}

/// `NAME = …` of Python, as a statement.
fn is_assignment(node: Node<'_>) -> bool {
    node.kind() == "expression_statement"
        && node.named_child_count() == 1
        && node.named_child(0).is_some_and(|child| {
            child.kind() == "assignment"
                && child.child_by_field_name("left").is_some_and(|left| left.kind() == "identifier")
                && child
                    .child_by_field_name("right")
                    .is_none_or(|right| right.kind() != "assignment")
        })
}

fn item(node: Node<'_>, text: &str) -> Item {
    let around = node.parent().filter(|parent| parent.kind() == "decorated_definition");
    let outer = around.unwrap_or(node);
    let start = start_with_comments(outer, text);
    Item {
        span: ByteSpan::new(start, outer.end_byte() as u32),
        bare: span_of(node),
        kind: ITEMS.iter().find(|kind| **kind == node.kind()).copied().unwrap_or("other"),
        place: place(outer),
        visibility: visibility(node),
    }
}

/// Where the attributes and comments before a node start. A comment that stands alone belongs to
/// nobody, nor does one behind code of the same line.
fn start_with_comments(node: Node<'_>, text: &str) -> u32 {
    let mut start = node.start_byte();
    let mut before = node.prev_sibling();
    while let Some(one) = before {
        let between = text.get(one.end_byte()..start).unwrap_or_default();
        let line = text[..one.start_byte()].rsplit('\n').next().unwrap_or_default();
        let is_inner = text[one.byte_range()].starts_with("//!")
            || text[one.byte_range()].starts_with("/*!")
            || text[one.byte_range()].starts_with("#!");
        let is_comment = one.kind().contains("comment") && !is_inner && line.trim().is_empty();
        // The line break belongs to a line comment in some grammars.
        let breaks =
            between.matches('\n').count() + usize::from(text[one.byte_range()].ends_with('\n'));
        let is_own = one.kind() == "attribute_item" || (is_comment && breaks < 2);
        // A comment behind an attribute, on its line, is on the way to it.
        let is_behind = is_comment_node(one)
            && one.prev_sibling().is_some_and(|attribute| {
                attribute.kind() == "attribute_item"
                    && attribute.end_position().row == one.start_position().row
            });
        if is_behind {
            before = one.prev_sibling();
            continue;
        }
        if !is_own {
            break;
        }
        start = one.start_byte();
        before = one.prev_sibling();
    }
    start as u32
}

fn is_comment_node(node: Node<'_>) -> bool {
    node.kind().contains("comment")
}

fn place(node: Node<'_>) -> ItemPlace {
    let mut place = ItemPlace::File;
    let mut at = node;
    while let Some(parent) = at.parent() {
        match parent.kind() {
            "class_definition"
            | "function_definition"
            | "function_item"
            | "impl_item"
            | "trait_item"
            | "mod_item"
            | "struct_item"
            | "enum_item"
            | "union_item"
            | "token_tree" => return ItemPlace::Inner,
            "module" | "source_file" => return place,
            _ => place = ItemPlace::Conditional,
        }
        at = parent;
    }
    place
}

fn visibility(node: Node<'_>) -> Visibility {
    let inherits = match node.kind() {
        "function_signature_item" | "enum_variant" | "associated_type" | "macro_definition" => true,
        _ => is_in_trait(node) || is_in_variant(node),
    };
    if inherits {
        return Visibility::Inherited;
    }
    let first = node.child(0).filter(|child| child.kind() == "visibility_modifier");
    let start = node.start_byte() as u32;
    Visibility::At(first.map_or(ByteSpan::new(start, start), span_of))
}

/// Whether it is a member of a trait or of an implementation of one.
fn is_in_trait(node: Node<'_>) -> bool {
    let around = node.parent().and_then(|list| list.parent());
    around.is_some_and(|one| match one.kind() {
        "trait_item" => true,
        "impl_item" => one.child_by_field_name("trait").is_some(),
        _ => false,
    })
}

fn is_in_variant(node: Node<'_>) -> bool {
    node.kind() == "field_declaration"
        && node
            .parent()
            .and_then(|list| list.parent())
            .is_some_and(|one| one.kind() == "enum_variant")
}

/// The visibilities of the fields without names of the struct that is named at `name`.
pub(crate) fn tuple_fields(root: Node<'_>, name: ByteSpan) -> Vec<ByteSpan> {
    let leaf = root.descendant_for_byte_range(name.start as usize, name.end as usize);
    let Some(item) = leaf.and_then(|leaf| leaf.parent()).filter(|one| one.kind() == "struct_item")
    else {
        return Vec::new();
    };
    let Some(list) = item
        .child_by_field_name("body")
        .filter(|body| body.kind() == "ordered_field_declaration_list")
    else {
        return Vec::new();
    };
    let mut cursor = list.walk();
    let types: Vec<Node<'_>> = list.children_by_field_name("type", &mut cursor).collect();
    let visibility = |node: Node<'_>| {
        let before = node.prev_sibling().filter(|one| one.kind() == "visibility_modifier");
        let start = node.start_byte() as u32;
        before.map_or(ByteSpan::new(start, start), span_of)
    };
    types.into_iter().map(visibility).collect()
}

/// The `impl` blocks directly in the file whose type is called `name`.
pub(crate) fn impls(root: Node<'_>, text: &str, name: &str) -> Vec<Item> {
    let mut cursor = root.walk();
    let blocks = root.children(&mut cursor).filter(|node| node.kind() == "impl_item");
    let is_own = |node: &Node<'_>| {
        let of = node.child_by_field_name("type");
        let head = of.map(|of| of.child_by_field_name("type").unwrap_or(of));
        head.is_some_and(|head| text.get(head.byte_range()) == Some(name))
    };
    blocks.filter(is_own).map(|node| item(node, text)).collect()
}

/// Where a further statement that imports goes in the block around `at`: the offset of a start of a
/// line, and the indentation there.
pub(crate) fn import_place(root: Node<'_>, text: &str, at: u32) -> (u32, String) {
    let mut block = root;
    let mut node = root.descendant_for_byte_range(at as usize, at as usize);
    while let Some(one) = node {
        let is_inline = one.parent().is_some_and(|parent| parent.kind() == "mod_item");
        if one.kind() == "declaration_list" && is_inline {
            block = one;
            break;
        }
        node = one.parent();
    }
    let mut cursor = block.walk();
    let children: Vec<Node<'_>> = block.named_children(&mut cursor).collect();
    let mut last_import = None;
    let mut last_head = None;
    let mut first = None;
    for (index, child) in children.iter().enumerate() {
        match child.kind() {
            "import_statement"
            | "import_from_statement"
            | "future_import_statement"
            | "use_declaration" => last_import = Some(*child),
            "extern_crate_declaration" | "inner_attribute_item" => last_head = Some(*child),
            "mod_item" if child.child_by_field_name("body").is_none() => last_head = Some(*child),
            "expression_statement" if index == first_statement(&children) && is_string(*child) => {
                last_head = Some(*child);
            }
            kind if kind.contains("comment") => {
                let written = text.get(child.byte_range()).unwrap_or_default();
                let is_head = written.starts_with("//!")
                    || written.starts_with("#!")
                    || (written.starts_with('#') && child.start_position().row == index);
                if is_head {
                    last_head = Some(*child);
                }
            }
            "attribute_item" | "if_statement" | "try_statement" => {}
            _ => {
                first = Some(*child);
                break;
            }
        }
    }
    match (last_import.or(last_head), first) {
        (Some(node), _) => (line_behind(text, node.end_byte()), indentation(text, node)),
        (None, Some(first)) => {
            let start = start_with_comments(first, text) as usize;
            (line_of(text, start), indentation(text, first))
        }
        (None, None) if block.kind() == "declaration_list" => {
            (line_behind(text, block.start_byte() + 1), "    ".to_owned())
        }
        (None, None) => (0, String::new()),
    }
}

fn first_statement(children: &[Node<'_>]) -> usize {
    children.iter().position(|child| child.kind() != "comment").unwrap_or(0)
}

fn is_string(node: Node<'_>) -> bool {
    node.named_child(0).is_some_and(|child| child.kind() == "string")
}

/// Where a further definition goes at the end of the file: before what starts the program, and
/// before the tests of the file.
pub(crate) fn end_place(root: Node<'_>, text: &str) -> u32 {
    let mut last =
        root.named_child_count().checked_sub(1).and_then(|at| root.named_child(at as u32));
    while let Some(node) = last.filter(|node| node.kind().contains("comment")) {
        last = node.prev_named_sibling();
    }
    let Some(last) = last else { return text.len() as u32 };
    let is_start = last.kind() == "if_statement"
        && last
            .child_by_field_name("condition")
            .is_some_and(|asked| text[asked.byte_range()].contains("__main__"));
    let start = start_with_comments(last, text) as usize;
    let is_tests = last.kind() == "mod_item"
        && last.child_by_field_name("body").is_some()
        && text[start..last.start_byte()].contains("cfg(test)");
    if is_start || is_tests { line_of(text, start) } else { text.len() as u32 }
}

/// Identifiers within a span, outside of comments and strings.
pub(crate) fn identifiers(root: Node<'_>, span: ByteSpan) -> Vec<ByteSpan> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if node.end_byte() <= span.start as usize || node.start_byte() >= span.end as usize {
            continue;
        }
        if node.child_count() == 0 {
            if node.kind().ends_with("identifier") {
                found.push(span_of(node));
            }
            continue;
        }
        let mut cursor = node.walk();
        let mut children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        children.reverse();
        open.extend(children);
    }
    found
}

fn line_of(text: &str, at: usize) -> u32 {
    text[..at].rfind('\n').map_or(0, |line| line as u32 + 1)
}

fn line_behind(text: &str, at: usize) -> u32 {
    // The end of a node may lie behind its line break.
    if text[..at].ends_with('\n') {
        return at as u32;
    }
    text[at..].find('\n').map_or(text.len(), |line| at + line + 1) as u32
}

fn indentation(text: &str, node: Node<'_>) -> String {
    let start = line_of(text, node.start_byte()) as usize;
    let line = &text[start..node.start_byte()];
    line.chars().take_while(|letter| letter.is_whitespace()).collect()
}

fn span_of(node: Node<'_>) -> ByteSpan {
    ByteSpan::new(node.start_byte() as u32, node.end_byte() as u32)
}

#[cfg(test)]
mod tests {
    use flux_core::{ByteSpan, RepoPath};

    use super::{ItemPlace, Visibility};
    use crate::syntax::Syntax;

    #[track_caller]
    fn item(path: &str, text: &str, name: &str) -> (String, ItemPlace, Visibility) {
        let syntax = Syntax::of(&RepoPath::new(path), text).unwrap();
        let at = text.find(name).unwrap() as u32;
        let found = syntax.item(text, ByteSpan::new(at, at + 1)).unwrap();
        (found.span.of(text).to_owned(), found.place, found.visibility)
    }

    #[test]
    fn an_item_takes_its_decorators_and_comments_along() {
        let (span, place, _) = item("a.py", "x = 1\n\n# why\n@d\ndef f():\n    pass\n", "f()");
        assert_eq!((span.as_str(), place), ("# why\n@d\ndef f():\n    pass", ItemPlace::File));
        let (span, _, visibility) =
            item("a.rs", "//! m\n\n/// why\n#[inline]\npub fn f() {}\n", "f()");
        assert_eq!(span, "/// why\n#[inline]\npub fn f() {}");
        assert_eq!(visibility, Visibility::At(ByteSpan::new(25, 28)));
        assert_eq!(item("a.py", "if x:\n    y = 1\n", "y").1, ItemPlace::Conditional);
        let text = "#[derive(A)] // why\nstruct S;\n";
        assert_eq!(item("a.rs", text, "S;").0, text.trim_end());
        assert_eq!(item("a.rs", "impl A { fn f() {} }\n", "f()").1, ItemPlace::Inner);
    }

    #[test]
    fn places_of_imports_and_definitions() {
        let of = |path: &str, text: &str| {
            let syntax = Syntax::of(&RepoPath::new(path), text).unwrap();
            let at = syntax.import_place(text, 0).0 as usize;
            let (end, head) = (syntax.end_place(text) as usize, &text[..at]);
            (head.to_owned(), text[end..].to_owned())
        };
        let python = "\"\"\"m\"\"\"\nimport a\n\nx = 1\nif __name__ == \"__main__\":\n    f()\n";
        let (head, tail) = of("a.py", python);
        assert_eq!(head, "\"\"\"m\"\"\"\nimport a\n");
        assert_eq!(tail, "if __name__ == \"__main__\":\n    f()\n");
        let rust = "//! m\n\nuse a::b;\nfn f() {}\n#[cfg(test)]\nmod tests {}\n";
        let (head, tail) = of("a.rs", rust);
        assert_eq!(head, "//! m\n\nuse a::b;\n");
        assert_eq!(tail, "#[cfg(test)]\nmod tests {}\n");
        assert_eq!(of("a.rs", "//! m\n\n/// f\nfn f() {}\n").0, "//! m\n");
    }
}
