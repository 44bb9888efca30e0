//! Kinds of nodes and names of fields of the grammar, by number: comparing their texts for every
//! node would cost more than the rest of lowering.

use std::sync::OnceLock;

use tree_sitter::{Language, Node};

macro_rules! kinds {
    ($($kind:ident $text:literal)+) => {
        /// What a node is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind {
            Other,
            $($kind,)+
        }

        fn kind_named(text: &str) -> Kind {
            match text {
                $($text => Kind::$kind,)+
                _ => Kind::Other,
            }
        }
    };
}

kinds! {
    AbstractType "abstract_type"
    Arguments "arguments"
    ArrayExpression "array_expression"
    ArrayType "array_type"
    Assignment "assignment_expression"
    AssociatedType "associated_type"
    AsyncBlock "async_block"
    Attribute "attribute"
    AttributeItem "attribute_item"
    Await "await_expression"
    BaseFieldInitializer "base_field_initializer"
    Binary "binary_expression"
    Block "block"
    BlockComment "block_comment"
    Boolean "boolean_literal"
    BoundedType "bounded_type"
    BracketedType "bracketed_type"
    Break "break_expression"
    Call "call_expression"
    CapturedPattern "captured_pattern"
    Char "char_literal"
    Closure "closure_expression"
    CompoundAssignment "compound_assignment_expr"
    ConstBlock "const_block"
    ConstItem "const_item"
    ConstParameter "const_parameter"
    Continue "continue_expression"
    Crate "crate"
    DeclarationList "declaration_list"
    DynamicType "dynamic_type"
    ElseClause "else_clause"
    EmptyStatement "empty_statement"
    EnumItem "enum_item"
    EnumVariant "enum_variant"
    Error "ERROR"
    ExpressionStatement "expression_statement"
    ExternCrate "extern_crate_declaration"
    Field "field_expression"
    FieldDeclaration "field_declaration"
    FieldDeclarations "field_declaration_list"
    FieldIdentifier "field_identifier"
    FieldInitializer "field_initializer"
    FieldPattern "field_pattern"
    Float "float_literal"
    For "for_expression"
    ForeignMod "foreign_mod_item"
    Function "function_item"
    FunctionModifiers "function_modifiers"
    FunctionSignature "function_signature_item"
    FunctionType "function_type"
    GenBlock "gen_block"
    GenericFunction "generic_function"
    GenericPattern "generic_pattern"
    GenericType "generic_type"
    GenericTurbofish "generic_type_with_turbofish"
    HigherRanked "higher_ranked_trait_bound"
    Identifier "identifier"
    If "if_expression"
    ImplItem "impl_item"
    Index "index_expression"
    InnerAttribute "inner_attribute_item"
    Integer "integer_literal"
    Label "label"
    LetChain "let_chain"
    LetCondition "let_condition"
    LetDeclaration "let_declaration"
    Lifetime "lifetime"
    LifetimeParameter "lifetime_parameter"
    LineComment "line_comment"
    Loop "loop_expression"
    MacroDefinition "macro_definition"
    MacroInvocation "macro_invocation"
    Match "match_expression"
    MatchArm "match_arm"
    MatchPattern "match_pattern"
    Metavariable "metavariable"
    Module "mod_item"
    MutPattern "mut_pattern"
    MutableSpecifier "mutable_specifier"
    NegativeLiteral "negative_literal"
    NeverType "never_type"
    OrPattern "or_pattern"
    OrderedFields "ordered_field_declaration_list"
    Parameter "parameter"
    Parameters "parameters"
    Parenthesized "parenthesized_expression"
    PointerType "pointer_type"
    PrimitiveType "primitive_type"
    QualifiedType "qualified_type"
    RangeExpression "range_expression"
    RangePattern "range_pattern"
    RawString "raw_string_literal"
    RefPattern "ref_pattern"
    Reference "reference_expression"
    ReferencePattern "reference_pattern"
    ReferenceType "reference_type"
    RemainingField "remaining_field_pattern"
    RemovedBound "removed_trait_bound"
    Return "return_expression"
    ScopedIdentifier "scoped_identifier"
    ScopedTypeIdentifier "scoped_type_identifier"
    ScopedUseList "scoped_use_list"
    SelfParameter "self_parameter"
    SelfValue "self"
    ShorthandField "shorthand_field_identifier"
    ShorthandInitializer "shorthand_field_initializer"
    SlicePattern "slice_pattern"
    StaticItem "static_item"
    String "string_literal"
    StructExpression "struct_expression"
    StructItem "struct_item"
    StructPattern "struct_pattern"
    Super "super"
    TokenTree "token_tree"
    TraitBounds "trait_bounds"
    TraitItem "trait_item"
    Try "try_expression"
    TryBlock "try_block"
    Tuple "tuple_expression"
    TuplePattern "tuple_pattern"
    TupleStructPattern "tuple_struct_pattern"
    TupleType "tuple_type"
    TypeBinding "type_binding"
    TypeCast "type_cast_expression"
    TypeIdentifier "type_identifier"
    TypeItem "type_item"
    TypeParameter "type_parameter"
    Unary "unary_expression"
    UnionItem "union_item"
    Unit "unit_expression"
    UnitType "unit_type"
    UnsafeBlock "unsafe_block"
    UseAs "use_as_clause"
    UseDeclaration "use_declaration"
    UseList "use_list"
    UseWildcard "use_wildcard"
    Visibility "visibility_modifier"
    WhereClause "where_clause"
    WherePredicate "where_predicate"
    While "while_expression"
    Yield "yield_expression"
}

macro_rules! fields {
    ($($field:ident $text:literal)+) => {
        /// The role of a child.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Role {
            $($field,)+
        }

        const ROLES: &[&str] = &[$($text,)+];
    };
}

fields! {
    Alias "alias"
    Alternative "alternative"
    Argument "argument"
    Arguments "arguments"
    Body "body"
    Bounds "bounds"
    Condition "condition"
    Consequence "consequence"
    DefaultType "default_type"
    Element "element"
    Field "field"
    Function "function"
    Left "left"
    Length "length"
    List "list"
    Macro "macro"
    Name "name"
    Operator "operator"
    Parameters "parameters"
    Path "path"
    Pattern "pattern"
    ReturnType "return_type"
    Right "right"
    Trait "trait"
    Type "type"
    TypeArguments "type_arguments"
    TypeParameters "type_parameters"
    Value "value"
}

struct Tables {
    kinds: Vec<Kind>,
    roles: Vec<u16>,
}

fn tables(language: impl FnOnce() -> Language) -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let language = language();
        let kind = |id: u16| match language.node_kind_is_named(id) {
            true => kind_named(language.node_kind_for_id(id).unwrap_or("")),
            false => Kind::Other,
        };
        let role = |name: &&str| language.field_id_for_name(name).map_or(0, |id| id.get());
        Tables {
            kinds: (0..language.node_kind_count() as u16).map(kind).collect(),
            roles: ROLES.iter().map(role).collect(),
        }
    })
}

/// What `node` is.
pub(super) fn kind(node: Node<'_>) -> Kind {
    if node.is_error() {
        return Kind::Error;
    }
    let tables = tables(|| node.language().to_owned());
    tables.kinds.get(node.kind_id() as usize).copied().unwrap_or(Kind::Other)
}

/// The child of `node` in this role.
pub(super) fn child(node: Node<'_>, role: Role) -> Option<Node<'_>> {
    let tables = tables(|| node.language().to_owned());
    node.child_by_field_id(tables.roles[role as usize])
}

/// The named children, comments left out.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    let is_code = |node: &Node<'_>| !matches!(kind(*node), Kind::LineComment | Kind::BlockComment);
    node.named_children(&mut cursor).filter(is_code).collect()
}

/// The first named child of one of these kinds.
pub(super) fn child_of(node: Node<'_>, wanted: Kind) -> Option<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).find(|node| kind(*node) == wanted)
}

/// Whether one of the children is the keyword or sign `text`.
pub(super) fn has_token(node: Node<'_>, text: &str) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor).any(|node| !node.is_named() && node.kind() == text)
}
