//! Where a name stands in one text, and what it is there to the grammar.
//!
//! Offsets alone do not say how a name may be written anew: in `S { x }` it is a field and a value
//! at once, in a comment it is nothing, in a macro's tokens only the expansion decides.

use flux_core::ByteSpan;
use tree_sitter::Node;

/// A place where a name stands as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// The name alone, without the `r#` of a raw identifier.
    pub span: ByteSpan,
    /// What it is there.
    pub role: WordRole,
    /// Whether it stands among tokens that a macro is given or made of.
    pub is_in_macro: bool,
    /// Whether it stands in a statement that imports.
    pub is_in_import: bool,
    /// Whether it stands in an attribute of Rust: `#[error("{path}")]`.
    pub is_in_attribute: bool,
    /// For the name of an argument, the last identifier of what is called.
    pub callee: Option<ByteSpan>,
}

/// What a word is to the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WordRole {
    /// An identifier on its own.
    Bare,
    /// An identifier behind something and a dot or `::`.
    Member,
    /// The name of an argument, or of a field where its value follows.
    Keyword,
    /// A field and a value at once: `S { x }`.
    Shorthand,
    /// A field and a new variable at once: `S { ref x }`; the offset is where the field would be
    /// named.
    ShorthandPattern(u32),
    /// A word of a comment.
    Comment,
    /// A word within a string.
    String,
    /// A word of what the parser could not read.
    Unread,
    /// A word of a text that is no program.
    Prose,
}

impl Word {
    /// A word of which only the role is known.
    pub fn new(span: ByteSpan, role: WordRole) -> Self {
        Self {
            span,
            role,
            is_in_macro: false,
            is_in_import: false,
            is_in_attribute: false,
            callee: None,
        }
    }
}

impl WordRole {
    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bare | Self::Shorthand | Self::ShorthandPattern(_) => "code",
            Self::Member => "member",
            Self::Keyword => "keyword",
            Self::Comment => "comment",
            Self::String => "string",
            Self::Unread => "unread",
            Self::Prose => "text",
        }
    }

    /// Whether it is code, and not text.
    pub fn is_code(self) -> bool {
        !matches!(self, Self::Comment | Self::String | Self::Prose)
    }
}

/// The offsets at which `name` stands as a whole word.
pub fn offsets(text: &str, name: &str) -> Vec<u32> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let is_whole = |at: &usize| {
        !text[..*at].ends_with(is_word) && !text[at + name.len()..].starts_with(is_word)
    };
    let found = text.match_indices(name).map(|(at, _)| at).filter(is_whole);
    found.filter_map(|at| u32::try_from(at).ok()).collect()
}

/// The word at `span`, as the tree that `root` is the root of has it.
pub(crate) fn word_at(root: Node<'_>, span: ByteSpan) -> Word {
    let (start, end) = (span.start as usize, span.end as usize);
    let mut word = Word::new(span, WordRole::Unread);
    let Some(leaf) = root.descendant_for_byte_range(start, end) else { return word };
    word.role = role(leaf, span);
    if word.role == WordRole::Keyword {
        word.callee = callee(leaf);
    }
    let mut at = Some(leaf);
    while let Some(node) = at {
        match node.kind() {
            "token_tree" | "macro_definition" | "token_tree_pattern" => word.is_in_macro = true,
            "attribute_item" | "inner_attribute_item" => word.is_in_attribute = true,
            "use_declaration" | "import_statement" | "import_from_statement" => {
                word.is_in_import = true;
            }
            _ => {}
        }
        at = node.parent();
    }
    word
}

fn role(leaf: Node<'_>, span: ByteSpan) -> WordRole {
    let kind = leaf.kind();
    if kind.contains("comment") {
        return WordRole::Comment;
    }
    if kind.contains("string") || kind.contains("char") || kind == "escape_sequence" {
        return WordRole::String;
    }
    if leaf.is_error() || leaf.is_missing() {
        return WordRole::Unread;
    }
    // An identifier is exactly the word, or a raw one.
    let is_whole =
        leaf.end_byte() == span.end as usize && span.start as usize - leaf.start_byte() <= 2;
    if !is_whole {
        return WordRole::Unread;
    }
    match kind {
        "shorthand_field_identifier" => shorthand(leaf),
        _ => role_in(leaf),
    }
}

/// The last identifier of what is called with the argument that `name` names.
fn callee(name: Node<'_>) -> Option<ByteSpan> {
    let call = name.parent()?.parent()?.parent().filter(|node| node.kind() == "call")?;
    let called = call.child_by_field_name("function")?;
    let last = called.child_by_field_name("attribute").unwrap_or(called);
    Some(ByteSpan::new(last.start_byte() as u32, last.end_byte() as u32))
}

/// The role that the parent gives.
fn role_in(leaf: Node<'_>) -> WordRole {
    let Some(parent) = leaf.parent() else { return WordRole::Bare };
    let is_field =
        |name: &str| parent.child_by_field_name(name).is_some_and(|child| child.id() == leaf.id());
    match parent.kind() {
        "attribute" if is_field("attribute") => WordRole::Member,
        "keyword_argument" if is_field("name") => WordRole::Keyword,
        "dotted_name" => match leaf.prev_sibling() {
            Some(_) => WordRole::Member,
            None if is_below_dots(parent) => WordRole::Member,
            None => WordRole::Bare,
        },
        "field_expression" if is_field("field") => WordRole::Member,
        "scoped_identifier" | "scoped_type_identifier" if is_field("name") => WordRole::Member,
        "field_initializer" if is_field("field") => WordRole::Keyword,
        "field_pattern" if is_field("name") => WordRole::Keyword,
        "shorthand_field_initializer" => WordRole::Shorthand,
        "token_tree" | "token_tree_pattern" => among_tokens(leaf),
        "ERROR" => WordRole::Unread,
        _ => WordRole::Bare,
    }
}

/// Among tokens only the neighbours say something.
fn among_tokens(leaf: Node<'_>) -> WordRole {
    let before = leaf.prev_sibling().map_or("", |node| node.kind());
    let after = leaf.next_sibling().map_or("", |node| node.kind());
    match (before, after) {
        ("." | "::", _) => WordRole::Member,
        (_, ":") => WordRole::Keyword,
        _ => WordRole::Bare,
    }
}

/// `from .x import y`: x is a member of what the dots name.
fn is_below_dots(name: Node<'_>) -> bool {
    name.parent().is_some_and(|parent| parent.kind() == "relative_import")
}

/// The field of a pattern that names the new variable as well: it starts before `ref` and `mut`.
fn shorthand(leaf: Node<'_>) -> WordRole {
    match leaf.parent() {
        Some(parent) if parent.kind() == "field_pattern" => {
            WordRole::ShorthandPattern(parent.start_byte() as u32)
        }
        _ => WordRole::Shorthand,
    }
}
