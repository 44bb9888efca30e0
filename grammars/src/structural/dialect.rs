//! A grammar as ast-grep sees it, and how holes look to the parser: plain names that nobody writes.

use ast_grep_core::matcher::PatternBuilder;
use ast_grep_core::meta_var::MetaVariable;
use ast_grep_core::tree_sitter::{LanguageExt, StrDoc, TSLanguage};
use ast_grep_core::{Language, Pattern, PatternError};

use super::text::Hole;
use crate::grammar::Grammar;

/// The word that names of holes are made of.
pub(super) const STEM: &str = "fluxhole";

/// A language.
#[derive(Clone, Copy)]
pub(super) struct Dialect(pub(super) &'static Grammar);

/// The text of a language with its tree.
pub(super) type Text = StrDoc<Dialect>;

impl Language for Dialect {
    fn extract_meta_var(&self, source: &str) -> Option<MetaVariable> {
        let config = self.0.config().ok()?.structural.as_ref()?;
        variable(source, &config.forms)
    }

    fn kind_to_id(&self, kind: &str) -> u16 {
        self.0.parser_language().id_for_node_kind(kind, true)
    }

    fn field_to_id(&self, field: &str) -> Option<u16> {
        self.0.parser_language().field_id_for_name(field).map(|id| id.get())
    }

    fn build_pattern(&self, builder: &PatternBuilder<'_>) -> Result<Pattern, PatternError> {
        builder.build(|text| StrDoc::try_new(text, *self))
    }
}

impl LanguageExt for Dialect {
    fn get_ts_language(&self) -> TSLanguage {
        self.0.parser_language()
    }
}

/// A hole as a name; `form` is what surrounds names in the language, `…` in their place.
pub(super) fn name(number: usize, hole: &Hole, form: &str) -> String {
    let kind = if hole.is_many { 'm' } else { 's' };
    form.replace('…', &format!("{STEM}{number}{kind}"))
}

/// The hole that a text names, in one of the forms.
fn variable(text: &str, forms: &[String]) -> Option<MetaVariable> {
    let bare = forms.iter().find_map(|form| {
        let (before, after) = form.split_once('…')?;
        text.strip_prefix(before)?.strip_prefix(STEM)?.strip_suffix(after)
    })?;
    let number = bare.trim_end_matches(['s', 'm']);
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match &bare[number.len()..] {
        "s" => Some(MetaVariable::Capture(number.to_owned(), true)),
        "m" => Some(MetaVariable::MultiCapture(number.to_owned())),
        _ => None,
    }
}
