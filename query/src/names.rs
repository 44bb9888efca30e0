//! Names: how well the name of a symbol, file or folder says what a query asks.

use std::collections::HashMap;

use flux_core::{RepoPath, Symbol};
use flux_store::lexical::text::{Analyzer, TermKind};

use crate::parameters::Parameters;
use crate::terms::Terms;

/// Compares names with the terms of a query.
pub(crate) struct NameMatcher<'a> {
    terms: &'a Terms,
    /// Importance of each term: its weight and rarity, as shares of the whole.
    share: Vec<f32>,
    parameters: &'a Parameters,
    analyzer: Analyzer,
    /// For each form of a term: which term it expresses, and how well.
    forms: HashMap<&'a str, Vec<(usize, f32)>>,
    /// Names met before; folders and common names recur.
    known: HashMap<String, Expressed>,
}

/// What a name says of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Expressed {
    /// How well it says it, from 0 to 1.
    pub(crate) value: f32,
    /// The share of the query's weight found in it.
    pub(crate) recall: f32,
    /// The share of its own parts that were asked for.
    pub(crate) precision: f32,
    /// The terms it holds in some form, one bit each.
    pub(crate) terms: u64,
}

impl<'a> NameMatcher<'a> {
    pub(crate) fn new(terms: &'a Terms, rarity: &[f32], parameters: &'a Parameters) -> Self {
        let total: f32 = rarity.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let share = rarity.iter().map(|rarity| rarity / total).collect();
        let mut forms: HashMap<&str, Vec<(usize, f32)>> = HashMap::new();
        for (number, term) in terms.scored.iter().enumerate() {
            for (text, factor) in &term.variants {
                forms.entry(text).or_default().push((number, *factor));
            }
        }
        let (analyzer, known) = (Analyzer::default(), HashMap::new());
        Self { terms, share, parameters, analyzer, forms, known }
    }

    /// How well `name` says what the query asks, from 0 to 1: the share of the query's weight
    /// found in it, times the square root of the share of its own parts that were asked for.
    pub(crate) fn name(&mut self, name: &str) -> f32 {
        self.expressed(name).value
    }

    /// The same in detail.
    pub(crate) fn expressed(&mut self, name: &str) -> Expressed {
        if let Some(expressed) = self.known.get(name) {
            return *expressed;
        }
        let mut best = vec![0.0_f32; self.share.len()];
        let (mut own, mut asked, mut terms) = (0, 0, 0);
        let forms = &self.forms;
        self.analyzer.analyze(name, |kind, part| {
            let expressed = forms.get(part);
            for (term, factor) in expressed.into_iter().flatten() {
                best[*term] = best[*term].max(*factor);
                terms |= 1 << term;
            }
            if kind == TermKind::Part {
                own += 1;
                asked += usize::from(expressed.is_some());
            }
        });
        let recall: f32 = best.iter().zip(&self.share).map(|(factor, share)| factor * share).sum();
        let precision = asked as f32 / own.max(1) as f32;
        let expressed = Expressed { value: recall * precision.sqrt(), recall, precision, terms };
        self.known.insert(name.to_owned(), expressed);
        expressed
    }

    /// The share of the query's weight in some of its terms, given one bit each.
    pub(crate) fn share_of(&self, terms: u64) -> f32 {
        let held = self.share.iter().enumerate().filter(|(term, _)| terms >> term & 1 == 1);
        held.map(|(_, share)| *share).sum()
    }

    /// The terms that the file's name and the folders above it hold, one bit each.
    pub(crate) fn terms_of_path(&mut self, path: &RepoPath) -> u64 {
        let names = path.parent().split('/').chain([path.stem()]).filter(|name| !name.is_empty());
        names.map(|name| self.expressed(name).terms).fold(0, |all, terms| all | terms)
    }

    /// The share of the query's weight in the words that are exactly `name`, as typed if they are
    /// capitalised and in any case otherwise.
    pub(crate) fn exact_word(&self, name: &str) -> f32 {
        let is_same = |typed: &str| match typed.starts_with(char::is_uppercase) {
            true => typed == name,
            false => typed.eq_ignore_ascii_case(name),
        };
        let exact = self.terms.typed.iter().zip(&self.share).filter(|(typed, _)| is_same(typed));
        exact.map(|(_, share)| *share).sum()
    }

    /// What a symbol's name says, and its kind allows.
    pub(crate) fn symbol(&mut self, symbol: &Symbol) -> f32 {
        let parameters = self.parameters;
        let value = parameters.name * self.name(&symbol.name)
            + parameters.exact_word * self.exact_word(&symbol.name);
        value * parameters.kind_factor(symbol.kind)
    }

    /// The symbol whose name says most, and how much that adds.
    pub(crate) fn best<'s>(
        &mut self,
        symbols: impl Iterator<Item = &'s Symbol>,
    ) -> Option<(&'s Symbol, f32)> {
        let mut best: Option<(&Symbol, f32)> = None;
        for symbol in symbols {
            let value = self.symbol(symbol);
            if value > 0.0 && best.is_none_or(|(_, known)| value > known) {
                best = Some((symbol, value));
            }
        }
        best
    }

    /// How well the file's name says what the query asks. A file that is only its folder's
    /// entrance is called by the folder's name.
    pub(crate) fn stem(&mut self, path: &RepoPath) -> f32 {
        let stem = path.stem();
        if is_entrance(stem) {
            let folder = path.parent().rsplit('/').next().unwrap_or_default();
            return self.name(folder) * 0.8;
        }
        self.name(stem)
    }

    /// How well the folders above the file say what the query asks: the best of them.
    pub(crate) fn folder(&mut self, path: &RepoPath) -> f32 {
        let folders = path.parent().split('/').filter(|folder| !folder.is_empty());
        folders.map(|folder| self.name(folder)).fold(0.0, f32::max)
    }
}

/// Whether a file of this name is only its folder's entrance.
pub(crate) fn is_entrance(stem: &str) -> bool {
    matches!(stem, "__init__" | "mod" | "index" | "lib" | "main" | "init")
}
