//! The grammar's node kinds as an enum, so that lowering compares numbers and not strings.

use std::sync::OnceLock;

use tree_sitter::{Language, Node};

macro_rules! kinds {
    ($($variant:ident $text:literal,)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind { $($variant,)+ Other }

        impl Kind {
            fn of(text: &str) -> Self {
                match text { $($text => Self::$variant,)+ _ => Self::Other }
            }
        }
    };
}

kinds! {
    Assert "assert_statement", Assignment "assignment", Attribute "attribute",
    AugmentedAssignment "augmented_assignment", Await "await", AliasedImport "aliased_import",
    ArgumentList "argument_list", AsPattern "as_pattern", AsPatternTarget "as_pattern_target",
    Binary "binary_operator", Block "block", Boolean "boolean_operator", Break "break_statement",
    Call "call", CaseClause "case_clause", CasePattern "case_pattern",
    ClassDefinition "class_definition", ClassPattern "class_pattern", Comment "comment",
    Comparison "comparison_operator", Concatenated "concatenated_string",
    Conditional "conditional_expression", ConstrainedType "constrained_type",
    Continue "continue_statement", Decorated "decorated_definition", Decorator "decorator",
    DefaultParameter "default_parameter", Delete "delete_statement",
    DictionaryPattern "dict_pattern", Dictionary "dictionary",
    DictionaryComprehension "dictionary_comprehension", DictionarySplat "dictionary_splat",
    DictionarySplatPattern "dictionary_splat_pattern", DottedName "dotted_name",
    ElifClause "elif_clause", ElseClause "else_clause", ExceptClause "except_clause",
    ExceptGroupClause "except_group_clause", ExpressionList "expression_list",
    ExpressionStatement "expression_statement", False "false", FinallyClause "finally_clause",
    Float "float", For "for_statement", ForInClause "for_in_clause",
    FormatSpecifier "format_specifier", FunctionDefinition "function_definition",
    FutureImport "future_import_statement", GeneratorExpression "generator_expression",
    GenericType "generic_type", Global "global_statement", Identifier "identifier",
    If "if_statement", IfClause "if_clause", ImportFrom "import_from_statement",
    Import "import_statement", Integer "integer", Interpolation "interpolation",
    KeywordArgument "keyword_argument", KeywordPattern "keyword_pattern",
    KeywordSeparator "keyword_separator", Lambda "lambda", LambdaParameters "lambda_parameters",
    List "list", ListComprehension "list_comprehension", ListPattern "list_pattern",
    ListSplat "list_splat", ListSplatPattern "list_splat_pattern", Match "match_statement",
    MemberType "member_type", Module "module", NamedExpression "named_expression", None "none",
    Nonlocal "nonlocal_statement", Not "not_operator", Pair "pair", Parameters "parameters",
    Parenthesized "parenthesized_expression", ParenthesizedListSplat "parenthesized_list_splat",
    PatternList "pattern_list", PositionalSeparator "positional_separator",
    Raise "raise_statement", RelativeImport "relative_import", Return "return_statement",
    Set "set", SetComprehension "set_comprehension", Slice "slice", SplatPattern "splat_pattern",
    SplatType "splat_type", String "string", StringContent "string_content",
    Subscript "subscript", True "true", Try "try_statement", Tuple "tuple",
    TuplePattern "tuple_pattern", Type "type", TypeAlias "type_alias_statement",
    TypeParameter "type_parameter", TypedDefaultParameter "typed_default_parameter",
    TypedParameter "typed_parameter", Unary "unary_operator", UnionPattern "union_pattern",
    UnionType "union_type", While "while_statement", Wildcard "wildcard_import",
    With "with_statement", WithClause "with_clause", WithItem "with_item", Yield "yield",
    Ellipsis "ellipsis",
}

macro_rules! fields {
    ($($name:ident $text:literal,)+) => {
        /// The grammar's fields, by number.
        pub(super) struct Fields { $(pub(super) $name: u16,)+ }

        impl Fields {
            fn of(language: &Language) -> Self {
                let id = |text| language.field_id_for_name(text).map_or(0, std::num::NonZeroU16::get);
                Self { $($name: id($text),)+ }
            }
        }
    };
}

fields! {
    alias "alias", alternative "alternative", arguments "arguments", attribute "attribute",
    body "body", condition "condition", consequence "consequence", definition "definition",
    function "function", left "left", module_name "module_name", name "name",
    object "object", operator "operator", operators "operators", parameters "parameters",
    return_type "return_type", right "right",
    superclasses "superclasses", type_ "type", type_parameters "type_parameters", value "value",
}

/// The kinds by the grammar's numbers, and its fields.
pub(super) struct Grammar {
    kinds: Vec<Kind>,
    pub(super) fields: Fields,
}

impl Grammar {
    /// The grammar's tables, made on first use.
    pub(super) fn get(language: &Language) -> &'static Self {
        static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
        GRAMMAR.get_or_init(|| {
            let kind = |id| language.node_kind_for_id(id as u16).map_or(Kind::Other, Kind::of);
            let named = |id: usize| language.node_kind_is_named(id as u16);
            let kinds = (0..language.node_kind_count())
                .map(|id| if named(id) { kind(id) } else { Kind::Other })
                .collect();
            Self { kinds, fields: Fields::of(language) }
        })
    }

    pub(super) fn kind(&self, node: Node<'_>) -> Kind {
        self.kinds.get(usize::from(node.kind_id())).copied().unwrap_or(Kind::Other)
    }
}
