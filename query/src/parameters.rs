//! Every number that decides a ranking, in one place, so that `flux-eval tune` can vary them.
//!
//! The defaults were found by coordinate ascent (`flux-eval tune`, and `flux-eval train-ranker
//! --sum` for what vectors count) on the development questions and on mined ones; the baseline
//! they reach is `eval/baselines/dev.csv`.

use flux_core::{FileClass, SymbolKind};
use flux_store::lexical::Weights;

/// The numbers of the ranking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// BM25F of chunks and files.
    pub weights: Weights,
    /// What BM25F of the chunk counts, as a share of what a perfect match would get.
    pub chunk: f32,
    /// The same of the file as a whole.
    pub file: f32,
    /// The same of the file's best chunks together.
    pub coherence: f32,
    /// A symbol the chunk defines has words of the query in its name.
    pub name: f32,
    /// The symbol the chunk lies in has them.
    pub owner: f32,
    /// The best name among the whole file's symbols at its top level has them.
    pub file_symbol: f32,
    /// The file's name has them.
    pub stem: f32,
    /// A folder above it has them.
    pub folder: f32,
    /// The chunk means what the query means.
    pub meaning: f32,
    /// The file's nearest chunk does.
    pub file_meaning: f32,
    /// By what both are multiplied when a name is asked for, which means little.
    pub meaning_of_name: f32,
    /// The chunk defines the exact name that was asked for.
    pub exact: f32,
    /// A symbol is called exactly by a word of the query.
    pub exact_word: f32,
    /// An issue mentions the file's path.
    pub mentioned: f32,
    /// By what each further hit of a file is multiplied.
    pub same_file: f32,
    /// What a whole compound identifier counts in a query.
    pub whole: f32,
    /// What each of its parts counts.
    pub part: f32,
    /// What two neighbouring words count that the index knows as one compound.
    pub pair: f32,
    /// What another word for the same idea counts.
    pub same_idea: f32,
    /// What a word counts that the embedding model takes for the same, times its similarity.
    pub related: f32,
    /// What a longer word of the dictionary that starts with the typed one counts.
    pub longer: f32,
    /// What a word of prose counts in an issue, against 1 for code.
    pub prose_in_issue: f32,
    /// By what the scores of tests are multiplied.
    pub test: f32,
    /// The same for vendored, generated, document, example, hidden and data files.
    pub demoted: [f32; 6],
    /// By what kinds that hint rather than answer are multiplied: fields, variables, keys.
    pub hint_kind: f32,
}

impl Parameters {
    /// The numbers in use.
    pub const DEFAULT: Self = Self {
        weights: Weights {
            field: [3.4, 1.05, 1.3, 1.5, 1.0],
            length: [0.57, 0.3, 0.4, 0.5, 0.69],
            usual: [4.0, 8.0, 14.0, 30.0, 65.0],
            k1: 1.6,
            file_k1: 4.05,
            file_length: 0.18,
        },
        chunk: 0.5,
        file: 0.6,
        coherence: 0.025,
        name: 0.38,
        owner: 0.17,
        file_symbol: 0.1,
        stem: 0.7,
        folder: 0.33,
        meaning: 0.36,
        file_meaning: 0.46,
        meaning_of_name: 0.6,
        exact: 1.0,
        exact_word: 0.025,
        mentioned: 0.6,
        same_file: 0.6,
        whole: 1.2,
        part: 0.6,
        pair: 0.3,
        same_idea: 0.57,
        related: 0.3,
        longer: 0.69,
        prose_in_issue: 0.35,
        test: 0.4,
        demoted: [0.4, 0.5, 0.6, 0.6, 0.7, 0.7],
        hint_kind: 0.25,
    };

    /// By what a file's class multiplies the score of its chunks: its strongest demotion.
    pub(crate) fn class_factor(
        &self,
        class: FileClass,
        wants_tests: bool,
    ) -> Option<(&'static str, f32)> {
        let [vendored, generated, document, example, hidden, data] = self.demoted;
        let factors: [(FileClass, &'static str, f32); 7] = [
            (FileClass::VENDORED, "vendored", vendored),
            (FileClass::GENERATED, "generated", generated),
            (FileClass::TEST, "test", if wants_tests { 1.0 } else { self.test }),
            (FileClass::DOCUMENT, "document", document),
            (FileClass::EXAMPLE, "example", example),
            (FileClass::HIDDEN, "hidden", hidden),
            (FileClass::DATA, "data", data),
        ];
        factors
            .into_iter()
            .filter(|(part, _, factor)| class.has(*part) && *factor < 1.0)
            .map(|(_, name, factor)| (name, factor))
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// By what a symbol's kind multiplies its name signal: definitions answer, fields hint.
    pub(crate) fn kind_factor(&self, kind: SymbolKind) -> f32 {
        match kind {
            SymbolKind::Class
            | SymbolKind::Struct
            | SymbolKind::Interface
            | SymbolKind::Trait
            | SymbolKind::Enum
            | SymbolKind::Function
            | SymbolKind::Method
            | SymbolKind::Macro => 1.0,
            SymbolKind::Constructor
            | SymbolKind::TypeAlias
            | SymbolKind::Module
            | SymbolKind::Table => 0.9,
            SymbolKind::Constant | SymbolKind::Property | SymbolKind::Test => 0.7,
            SymbolKind::Field
            | SymbolKind::Variable
            | SymbolKind::EnumMember
            | SymbolKind::Section
            | SymbolKind::Rule
            | SymbolKind::Element
            | SymbolKind::Key => self.hint_kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use flux_core::FileClass;

    use super::Parameters;

    #[test]
    fn the_strongest_reason_ranks_down_and_plain_source_has_none() {
        let parameters = Parameters::DEFAULT;
        assert_eq!(parameters.class_factor(FileClass::default(), false), None);
        let class = FileClass::VENDORED.with(FileClass::TEST);
        let strongest = parameters.class_factor(class, false).map(|(name, _)| name);
        assert_eq!(strongest, Some("vendored"));
        assert_eq!(parameters.class_factor(FileClass::TEST, true), None);
    }
}
