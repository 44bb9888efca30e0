//! Rules: what the node kinds of a grammar mean, read from `languages/<name>/rules.toml`.
//!
//! A node kind is given a [`Construct`] and, for each [`Role`] in it, a path to the child that
//! plays it. Without a path a role is played by the field of the same name.

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use tree_sitter::{Language as Parser, Node};

use super::facts::{Kind, flag};

macro_rules! languages {
    ($($variant:ident $name:literal $folder:literal,)+) => {
        /// A language described by rules.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub(super) enum Language { #[default] $($variant,)+ }

        impl Language {
            pub(super) const ALL: &[Self] = &[$(Self::$variant,)+];

            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            fn source(self) -> &'static str {
                match self {
                    $(Self::$variant =>
                        include_str!(concat!("../../languages/", $folder, "/rules.toml")),)+
                }
            }

            /// Declarations of the standard library's commonest types, in the language itself.
            pub(super) fn prelude(self) -> &'static str {
                match self {
                    $(Self::$variant =>
                        include_str!(concat!("../../languages/", $folder, "/prelude.txt")),)+
                }
            }
        }
    };
}

languages! {
    Go "go" "go",
    TypeScript "typescript" "typescript",
    Tsx "tsx" "typescript",
    JavaScript "javascript" "typescript",
    Java "java" "java",
    Csharp "csharp" "csharp",
    Php "php" "php",
    Ruby "ruby" "ruby",
    Kotlin "kotlin" "kotlin",
    Scala "scala" "scala",
    Swift "swift" "swift",
    C "c" "c",
    Cpp "cpp" "cpp",
}

impl Language {
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|language| language.name() == name)
    }

    /// What the rules say; compiled on first use.
    pub(super) fn rules(self) -> Option<&'static Rules> {
        static RULES: [OnceLock<Option<Rules>>; Language::ALL.len()] =
            [const { OnceLock::new() }; Language::ALL.len()];
        let compile = || {
            let grammar = flux_grammars::named(self.name())?;
            Rules::compile(self.source(), &grammar.parser_language()).ok()
        };
        RULES[self as usize].get_or_init(compile).as_ref()
    }

    /// What is wrong with the rules.
    #[cfg(test)]
    pub(super) fn problem(self) -> Option<String> {
        let Some(grammar) = flux_grammars::named(self.name()) else {
            return Some("no grammar".to_owned());
        };
        Rules::compile(self.source(), &grammar.parser_language()).err()
    }

    pub(super) fn behaviour(self) -> &'static Behaviour {
        static NONE: OnceLock<Behaviour> = OnceLock::new();
        self.rules().map_or_else(|| NONE.get_or_init(Behaviour::default), |rules| &rules.behaviour)
    }
}

/// Languages whose files may name each other's symbols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Family {
    #[default]
    Script,
    Go,
    Jvm,
    Csharp,
    C,
    Ruby,
    Php,
    Swift,
}

/// How a language looks names up, as far as that is not the same everywhere.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Behaviour {
    pub(super) family: Family,
    /// Members of a class are visible inside it without a receiver.
    pub(super) implicit_this: bool,
    /// A local is visible from its declaration on.
    pub(super) sequential: bool,
    /// Functions without a declared result have that of their return statements.
    pub(super) infers_results: bool,
    /// An assignment to an unknown name declares it.
    pub(super) assignment_declares: bool,
    /// An assignment to a member of the receiver declares it.
    pub(super) assignment_declares_members: bool,
    /// The last expression of a body is its result.
    pub(super) last_is_result: bool,
    /// A call of a class makes an instance.
    pub(super) call_constructs: bool,
    /// A type name alone stands for what has no members (a primitive).
    pub(super) primitives: Vec<String>,
    /// First parts of paths that lead to the standard library.
    pub(super) standard: Vec<String>,
    /// Words that stand for an inferred type.
    pub(super) inferred: Vec<String>,
    /// Names of enclosing namespaces are visible.
    pub(super) nested_namespaces: bool,
    /// The word for the receiver where it is an ordinary identifier.
    pub(super) this: Vec<String>,
    pub(super) super_: Vec<String>,
}

/// What a node kind means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Construct {
    Ignore,
    Name,
    Member,
    Call,
    Invoke,
    New,
    Index,
    Literal,
    Await,
    Cast,
    Choice,
    Binary,
    List,
    Tuple,
    Object,
    Pair,
    Shorthand,
    Composite,
    KeyedElement,
    Lambda,
    Function,
    Class,
    This,
    Super,
    Deref,
    Spread,
    Assign,
    Return,
    Block,
    ForEach,
    Guard,
    Variable,
    Parameter,
    TypeParameter,
    Alias,
    EnumMember,
    Field,
    Embedded,
    Namespace,
    Import,
    Export,
    Type,
    Generic,
    Builtin,
    Union,
    Intersection,
    FunctionType,
    TypeOf,
    TypeSwitch,
    ObjectPattern,
    ListPattern,
    PairPattern,
    DefaultPattern,
    RestPattern,
    Element,
    Jsx,
    Condition,
    Catch,
    Extension,
    Statements,
    /// Its value is like that of its first part.
    First,
    Hook,
}

macro_rules! roles {
    ($($variant:ident $name:literal,)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Role { $($variant,)+ }

        impl Role {
            const ALL: &[(&'static str, Self)] = &[$(($name, Self::$variant),)+];
        }
    };
}

roles! {
    Name "name",
    Object "object",
    Member "member",
    Callee "callee",
    Arguments "arguments",
    TypeArguments "type_arguments",
    TypeParameters "type_parameters",
    Parameters "parameters",
    Receiver "receiver",
    Type "type",
    Value "value",
    Values "values",
    Body "body",
    Bases "bases",
    Interfaces "interfaces",
    Key "key",
    Left "left",
    Right "right",
    Pattern "pattern",
    Operator "operator",
    Condition "condition",
    Path "path",
}

const ROLES: usize = Role::ALL.len();

#[derive(Clone, Debug)]
enum Step {
    Field(NonZeroU16),
    Kind(u16),
    /// All named children of a kind, where several may play the role.
    Kinds(u16),
    Nth(usize),
    Last,
    /// The named child after a token.
    After(u16),
    /// The node itself.
    Itself,
}

/// What a node kind means and where its parts are.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) construct: Construct,
    pub(super) kind: Option<Kind>,
    pub(super) flags: u16,
    /// A builtin type, a hook's name, the word of a literal.
    pub(super) text: Box<str>,
    paths: [Vec<Vec<Step>>; ROLES],
}

impl Rule {
    /// The child that plays `role`.
    pub(super) fn child<'t>(&self, role: Role, node: Node<'t>) -> Option<Node<'t>> {
        self.paths[role as usize].iter().find_map(|path| follow(path, node))
    }
}

impl Rule {
    /// All children that play `role`.
    pub(super) fn all<'t>(&self, role: Role, node: Node<'t>) -> Vec<Node<'t>> {
        if let [path] = &self.paths[role as usize][..]
            && let [Step::Field(field)] = path[..]
        {
            let mut cursor = node.walk();
            return node.children_by_field_id(field, &mut cursor).filter(Node::is_named).collect();
        }
        if let [path] = &self.paths[role as usize][..]
            && let [Step::Kinds(kind)] = path[..]
        {
            let mut cursor = node.walk();
            return node.named_children(&mut cursor).filter(|c| c.kind_id() == kind).collect();
        }
        self.child(role, node).into_iter().collect()
    }
}

fn follow<'t>(path: &[Step], node: Node<'t>) -> Option<Node<'t>> {
    path.iter().try_fold(node, |node, step| match *step {
        Step::Field(field) => node.child_by_field_id(field.get()),
        Step::Kind(kind) | Step::Kinds(kind) => {
            let mut cursor = node.walk();
            node.named_children(&mut cursor).find(|child| child.kind_id() == kind)
        }
        Step::Nth(index) => {
            let mut cursor = node.walk();
            node.named_children(&mut cursor).filter(|child| !child.is_extra()).nth(index)
        }
        Step::Last => {
            let mut cursor = node.walk();
            node.named_children(&mut cursor).filter(|child| !child.is_extra()).last()
        }
        Step::After(token) => {
            let mut cursor = node.walk();
            let mut rest = node.children(&mut cursor).skip_while(|c| c.kind_id() != token).skip(1);
            rest.find(|child| child.is_named() && !child.is_extra())
        }
        Step::Itself => Some(node),
    })
}

/// The rules of one grammar.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) behaviour: Behaviour,
    kinds: Vec<Option<Box<Rule>>>,
    modifiers: Vec<u16>,
    words: Vec<(Box<str>, u16)>,
    containers: Vec<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    behaviour: Behaviour,
    #[serde(default)]
    modifiers: BTreeMap<String, String>,
    /// Nodes whose children may be modifiers.
    #[serde(default)]
    modifier_lists: Vec<String>,
    nodes: BTreeMap<String, BTreeMap<String, toml::Value>>,
}

impl Rules {
    pub(super) fn of(&self, node: Node<'_>) -> Option<&Rule> {
        self.kinds.get(usize::from(node.kind_id()))?.as_deref()
    }

    /// Flags that a token between the parts of a declaration stands for.
    pub(super) fn modifier(&self, node: Node<'_>, text: &str) -> u16 {
        if node.child_count() == 0
            && let Some((_, flags)) = self.words.iter().find(|(word, _)| &**word == text)
        {
            return *flags;
        }
        self.modifiers.get(usize::from(node.kind_id())).copied().unwrap_or(0)
    }

    pub(super) fn holds_modifiers(&self, node: Node<'_>) -> bool {
        self.containers.get(usize::from(node.kind_id())).copied().unwrap_or(false)
    }

    fn compile(source: &str, parser: &Parser) -> Result<Self, String> {
        let source: Source = toml::from_str(source).map_err(|error| error.to_string())?;
        let count = parser.node_kind_count();
        let mut rules = Self {
            behaviour: source.behaviour,
            kinds: (0..count).map(|_| None).collect(),
            modifiers: vec![0; count],
            words: Vec::new(),
            containers: vec![false; count],
        };
        for (kind, entry) in &source.nodes {
            // A folder may serve several parsers: kinds that this one lacks are left out. One
            // name may stand for several numbers.
            for id in ids(parser, kind) {
                let rule = rule(entry, parser).map_err(|error| format!("{kind}: {error}"))?;
                rules.kinds[usize::from(id)] = Some(Box::new(rule));
            }
        }
        for (kind, word) in &source.modifiers {
            rules.words.push((kind.as_str().into(), modifier(word)?));
            for id in ids(parser, kind) {
                rules.modifiers[usize::from(id)] |= modifier(word)?;
            }
        }
        for kind in &source.modifier_lists {
            for id in ids(parser, kind) {
                rules.containers[usize::from(id)] = true;
            }
        }
        Ok(rules)
    }
}

fn ids(parser: &Parser, kind: &str) -> Vec<u16> {
    (0..parser.node_kind_count() as u16)
        .filter(|id| parser.node_kind_for_id(*id) == Some(kind))
        .collect()
}

fn modifier(word: &str) -> Result<u16, String> {
    Ok(match word {
        "exported" => flag::EXPORTED,
        "static" => flag::STATIC,
        "async" => flag::ASYNC,
        "generator" => flag::GENERATOR,
        "variadic" => flag::VARIADIC,
        "optional" => flag::OPTIONAL,
        "private" => flag::PRIVATE,
        "default" => flag::DEFAULT,
        "override" => flag::OVERRIDE,
        "abstract" => flag::ABSTRACT,
        "extension" => flag::EXTENSION,
        "getter" => flag::GETTER,
        "hidden" => flag::HIDDEN,
        "partial" => flag::PARTIAL,
        "lexical" => flag::LEXICAL,
        _ => return Err(format!("no modifier is called `{word}`")),
    })
}

fn kind(word: &str) -> Result<Kind, String> {
    Ok(match word {
        "class" => Kind::Class,
        "struct" => Kind::Struct,
        "enum" => Kind::Enum,
        "interface" => Kind::Interface,
        "trait" => Kind::Trait,
        "alias" => Kind::Alias,
        "function" => Kind::Function,
        "method" => Kind::Method,
        "constructor" => Kind::Constructor,
        "macro" => Kind::Macro,
        "property" => Kind::Property,
        "field" => Kind::Field,
        "constant" => Kind::Constant,
        "variable" => Kind::Variable,
        "local" => Kind::Local,
        "parameter" => Kind::Parameter,
        "namespace" => Kind::Namespace,
        "object" => Kind::Object,
        _ => return Err(format!("no kind is called `{word}`")),
    })
}

fn rule(entry: &BTreeMap<String, toml::Value>, parser: &Parser) -> Result<Rule, String> {
    let word = entry.get("is").ok_or("`is` is missing")?.clone();
    let construct = word.try_into().map_err(|error: toml::de::Error| error.to_string())?;
    let mut rule = Rule {
        construct,
        kind: None,
        flags: 0,
        text: "".into(),
        paths: [const { Vec::new() }; ROLES],
    };
    for (name, role) in Role::ALL {
        if let Some(field) = parser.field_id_for_name(name) {
            rule.paths[*role as usize] = vec![vec![Step::Field(field)]];
        }
    }
    for (key, value) in entry {
        let text = value.as_str().ok_or_else(|| format!("`{key}` is no text"))?;
        match key.as_str() {
            "is" => {}
            "kind" => rule.kind = Some(kind(text)?),
            "text" => rule.text = text.into(),
            "flags" => {
                for word in text.split(' ') {
                    rule.flags |= modifier(word)?;
                }
            }
            role => {
                let found = Role::ALL.iter().find(|(name, _)| *name == role);
                let (_, role) = found.ok_or_else(|| format!("no role is called `{role}`"))?;
                rule.paths[*role as usize] =
                    text.split(" | ").filter_map(|p| path(p, parser)).collect();
            }
        }
    }
    Ok(rule)
}

/// `field/:kind/0`; `None` when the parser lacks a part.
fn path(text: &str, parser: &Parser) -> Option<Vec<Step>> {
    text.split('/')
        .map(|step| match step {
            "." => Some(Step::Itself),
            "-1" => Some(Step::Last),
            "none" => None,
            _ if step.starts_with('*') => {
                Some(Step::Kinds(parser.id_for_node_kind(&step[1..], true)))
            }
            "=" => Some(Step::After(parser.id_for_node_kind("=", false))),
            _ => match (step.strip_prefix(':'), step.parse()) {
                (Some(kind), _) => Some(Step::Kind(parser.id_for_node_kind(kind, true))),
                (None, Ok(index)) => Some(Step::Nth(index)),
                (None, Err(_)) => parser.field_id_for_name(step).map(Step::Field),
            },
        })
        .collect()
}
