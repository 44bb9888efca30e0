//! What one language's files become: patterns, their captures and tables by kind of node.

use flux_core::SymbolKind;
use tree_sitter::Language;

use crate::config::Config;
use crate::grammar::{GrammarError, Share, Sources};
use crate::pattern::Patterns;
use crate::rules::{ReferenceRules, UnknownStep, kind_ids};

/// What a capture name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capture {
    Definition(SymbolKind),
    Name,
    Container,
    /// A scope that is a type.
    TypeScope,
    /// A scope that is none.
    ModuleScope,
    Doc,
    Ignore,
    Continuation,
    Import,
    ImportPath,
    ImportName,
    ImportAlias,
    ImportGlob,
    /// For predicates only.
    Private,
}

/// What to do at a node, by its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KindFlags(u8);

impl KindFlags {
    /// Patterns start here.
    pub(crate) const ROOT: Self = Self(1);
    /// It mentions something.
    pub(crate) const IDENTIFIER: Self = Self(1 << 1);
    /// A comment or an attribute, which lies above definitions.
    pub(crate) const COMMENT: Self = Self(1 << 2);
    pub(crate) const ATTRIBUTE: Self = Self(1 << 3);
    /// Its children take its span.
    pub(crate) const TRANSPARENT: Self = Self(1 << 4);
    /// A signature ends here.
    pub(crate) const BODY: Self = Self(1 << 5);
    /// Left out of signatures.
    pub(crate) const UNSIGNED: Self = Self(1 << 6);
    /// Some rule asks for its field.
    pub(crate) const FIELD: Self = Self(1 << 7);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A language ready for use.
pub(crate) struct Compiled {
    pub(crate) name: &'static str,
    pub(crate) language: Language,
    pub(crate) patterns: Patterns,
    pub(crate) captures: Vec<Capture>,
    pub(crate) rules: ReferenceRules,
    pub(crate) doc_prefixes: Vec<String>,
    pub(crate) path_separator: String,
    pub(crate) name_trim: String,
    /// The number of the field `body`; 0 if there is none.
    pub(crate) body_field: u16,
    kinds: Vec<KindFlags>,
}

impl Compiled {
    pub(crate) fn new(sources: &Sources, config: &Config) -> Result<Self, GrammarError> {
        let language = (sources.parser)();
        let name = sources.name;
        let wrong = |text: &str, problem| GrammarError::Rule {
            language: name,
            text: text.to_owned(),
            problem,
        };
        let unknown = |step: UnknownStep| wrong(&step.text, step.problem);
        let patterns = Patterns::new(&language, &sources.queries())
            .map_err(|error| wrong(&error.text, error.problem))?;
        let captures = patterns
            .captures
            .iter()
            .map(|capture| meaning(capture).ok_or_else(|| wrong(capture, "is no known capture")))
            .collect::<Result<_, _>>()?;
        let share = sources.share;
        let rules = ReferenceRules::new(&language, &config.references, share).map_err(unknown)?;
        let mut kinds = kind_table(&language, config, share, &rules).map_err(unknown)?;
        for root in patterns.root_kinds() {
            kinds[usize::from(root)].0 |= KindFlags::ROOT.0;
        }
        let body_field = language.field_id_for_name("body").map_or(0, std::num::NonZeroU16::get);
        Ok(Self {
            name,
            language,
            patterns,
            captures,
            rules,
            doc_prefixes: config.doc_prefixes.clone(),
            path_separator: config.path_separator.clone(),
            name_trim: config.name_trim.clone(),
            body_field,
            kinds,
        })
    }

    /// What to do at nodes of this kind; nothing at those the parser could not read.
    pub(crate) fn flags(&self, kind: u16) -> KindFlags {
        self.kinds.get(usize::from(kind)).copied().unwrap_or_default()
    }
}

fn meaning(capture: &str) -> Option<Capture> {
    if capture.starts_with('_') {
        return Some(Capture::Private);
    }
    if let Some(kind) = capture.strip_prefix("definition.") {
        return kind.parse().ok().map(Capture::Definition);
    }
    Some(match capture {
        "name" => Capture::Name,
        "container" => Capture::Container,
        "scope" => Capture::TypeScope,
        "scope.module" => Capture::ModuleScope,
        "doc" => Capture::Doc,
        "ignore" => Capture::Ignore,
        "continuation" => Capture::Continuation,
        "import" => Capture::Import,
        "import.path" => Capture::ImportPath,
        "import.name" => Capture::ImportName,
        "import.alias" => Capture::ImportAlias,
        "import.glob" => Capture::ImportGlob,
        _ => return None,
    })
}

fn kind_table(
    language: &Language,
    config: &Config,
    share: Share,
    rules: &ReferenceRules,
) -> Result<Vec<KindFlags>, UnknownStep> {
    let mut kinds = vec![KindFlags::default(); language.node_kind_count()];
    let lists = [
        (KindFlags::COMMENT, &config.comments),
        (KindFlags::ATTRIBUTE, &config.attributes),
        (KindFlags::TRANSPARENT, &config.transparent),
        (KindFlags::BODY, &config.signature.bodies),
        (KindFlags::UNSIGNED, &config.signature.skip),
        (KindFlags::IDENTIFIER, &config.references.identifiers),
    ];
    for (flag, names) in lists {
        for name in names {
            let ids = match kind_ids(language, name) {
                Err(_) if share.is_partial() => continue,
                ids => ids?,
            };
            ids.iter().for_each(|id| kinds[usize::from(*id)].0 |= flag.0);
        }
    }
    for asked in &rules.asked_fields {
        match kinds.get_mut(usize::from(*asked)) {
            Some(flags) => flags.0 |= KindFlags::FIELD.0,
            None => kinds.iter_mut().for_each(|flags| flags.0 |= KindFlags::FIELD.0),
        }
    }
    Ok(kinds)
}
