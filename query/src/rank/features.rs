//! Features: everything that ranking knows of a candidate, as numbers with names.
//!
//! Those that the hand-made sum adds up are kept as they are added, times their parameter, so
//! that the sum can be made again from the features alone, and with groups of them left out.

macro_rules! features {
    ($($variant:ident $name:literal $group:ident $trend:ident $doc:literal,)+) => {
        /// One number known of a candidate.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Feature {
            $(#[doc = $doc] $variant,)+
        }

        impl Feature {
            /// Every feature, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The name in explanations and in the file of the model.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What kind of knowledge it is.
            pub fn group(self) -> Group {
                match self { $(Self::$variant => Group::$group,)+ }
            }

            /// Which way a model may use it.
            pub fn trend(self) -> Trend {
                match self { $(Self::$variant => Trend::$trend,)+ }
            }
        }
    };
}

features! {
    Words "words" Words Up "BM25F of the chunk, times its parameter.",
    FileWords "file words" Words Up "BM25F of the file, times its parameter.",
    Coherence "coherence" Words Free "BM25F of the file's best chunks, times its parameter.",
    WordsRank "words rank" Words Up "One over the place among all chunks by words.",
    FileWordsRank "file words rank" Words Up "One over the place among all files by words.",
    WordsLead "words to best" Words Up "BM25F of the chunk over that of the best chunk.",
    FileWordsLead "file words to best" Words Up "BM25F of the file over that of the best file.",
    WordsInFile "words in file" Words Free "BM25F of the chunk over that of its file's best chunk.",
    Coverage "coverage" Words Up "The share of the query's weight that the chunk holds.",
    FileCoverage "file coverage" Words Up "The share of the query's weight that the file holds.",

    Name "name" Names Up "What the best name among the chunk's symbols says, times its parameter.",
    OwnerName "owner's name" Names Up "The same of the symbol around the chunk.",
    FileSymbol "file's symbol" Names Up "The same of the best symbol at the top of the file.",
    Exact "exact name" Names Up "The chunk defines a name that was asked for.",
    Similar "similar name" Names Up "The chunk defines a name like the one asked for.",
    NameRecall "name recall" Names Up "The share of the query's weight in the best name.",
    NamePrecision "name precision" Names Free "The share of the best name's weight that was asked for.",
    ContainerName "container name" Names Up "What the name around the best symbol says.",
    NameLead "name to best" Names Up "The name's value over the best among the candidates.",
    Told "told by names" Names Up "The share of the query's weight in name, container and path.",

    FileName "file name" Path Up "What the file's name says, times its parameter.",
    Folder "folder" Path Up "What the best folder above it says, times its parameter.",
    Mentioned "mentioned" Path Up "The query mentions the path.",
    PathRecall "path recall" Path Up "The share of the query's weight in the path.",
    FileNameLead "file name to best" Path Up "The file name's value over the best among the candidates.",
    Depth "depth" Path Free "Folders above the file.",
    Entrance "entrance" Path Free "The file is its folder's entrance.",

    Meaning "meaning" Meaning Up "The chunk's similarity, times its parameter.",
    FileMeaning "file meaning" Meaning Up "The file's similarity, times its parameter.",
    Similarity "similarity" Meaning Up "The chunk's similarity to the query.",
    SimilarityLead "similarity to best" Meaning Up "The same less that of the nearest chunk.",
    SimilarityRank "similarity rank" Meaning Up "One over the place among the nearest chunks.",
    FileSimilarity "file similarity" Meaning Up "The similarity of the file's nearest chunk.",
    FileSimilarityLead "file similarity to best" Meaning Up "The same less that of the nearest chunk of all.",
    FileMean "file mean similarity" Meaning Up "The mean similarity of the file's chunks.",
    SimilarityInFile "similarity in file" Meaning Free "The chunk's similarity less that of its file's nearest chunk.",

    Defines "defines" Kind Free "The chunk holds the name of a symbol.",
    Callable "callable" Kind Free "The answering symbol can be called.",
    Type "type" Kind Free "The answering symbol is a type.",
    Hint "hint" Kind Free "The answering symbol is of a kind that hints rather than answers.",
    TopLevel "top level" Kind Free "The answering symbol lies at the top of its file.",
    Documented "documented" Kind Free "The answering symbol has a doc comment.",

    Demotion "demotion" Class Free "By what the file's class multiplies the sum.",
    Test "test" Class Free "The chunk is part of a test.",
    Vendored "vendored" Class Free "The file is vendored.",
    Generated "generated" Class Free "The file is generated.",
    Document "document" Class Free "The file is prose.",
    Example "example" Class Free "The file is an example.",
    Data "data" Class Free "The file is data.",

    Lines "lines" Length Free "Lines of the chunk, as a logarithm.",
    SymbolLines "symbol lines" Length Free "Lines of the answering symbol, as a logarithm.",
    ChunkSymbols "chunk symbols" Length Free "Symbols named in the chunk, as a logarithm.",
    FileChunks "file chunks" Length Free "Chunks of the file, as a logarithm.",
    Position "position" Length Free "Where in the file the chunk lies, from 0 to 1.",

    SymbolQuery "symbol query" Query Free "A name was asked for.",
    IssueQuery "issue query" Query Free "The query is a long text.",
    HowQuery "how query" Query Free "The query asks how something is done.",
    QueryTerms "query terms" Query Free "Terms of the query, as a logarithm.",
    BestWords "best words" Query Free "The share of a perfect match that the best chunk reaches.",
    BestName "best name" Query Free "What the best name among the candidates says.",
    BestSimilarity "best similarity" Query Free "The similarity of the nearest chunk.",

    Sum "sum" Sum Up "The hand-made sum of signals.",
    SumLead "sum to best" Sum Up "The same over that of the best candidate.",
    SumRank "sum rank" Sum Up "One over the candidate's place by it.",
    FileCrowd "file crowd" Crowd Free "The share of the best candidates that lie in the file.",
    FolderCrowd "folder crowd" Crowd Free "The share of the best candidates that lie in its folder.",
    FirstOfFile "first of file" Crowd Free "One over the place among the candidates of the file.",

    Mentions "mentions" Centrality Free "Files that mention the answering symbol, as a logarithm.",
    FileMentions "file mentions" Centrality Free "Files that mention the file's name, as a logarithm.",

    Use "use" Use Up "How much the user has worked with the file; 0 where nothing is known.",
}

/// A kind of knowledge, left out as a whole to see what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Words of the text.
    Words,
    /// Names of symbols.
    Names,
    /// Names of files and folders.
    Path,
    /// Similarity of vectors.
    Meaning,
    /// What the answer is.
    Kind,
    /// What the file is for.
    Class,
    /// Sizes and places.
    Length,
    /// What the query is like.
    Query,
    /// The hand-made sum.
    Sum,
    /// Neighbours among the candidates.
    Crowd,
    /// How much of the tree leans on it.
    Centrality,
    /// What the user does.
    Use,
}

impl Group {
    /// Every group.
    pub const ALL: &[Self] = &[
        Self::Words,
        Self::Names,
        Self::Path,
        Self::Meaning,
        Self::Kind,
        Self::Class,
        Self::Length,
        Self::Query,
        Self::Sum,
        Self::Crowd,
        Self::Centrality,
        Self::Use,
    ];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Names => "names",
            Self::Path => "path",
            Self::Meaning => "meaning",
            Self::Kind => "kind",
            Self::Class => "class",
            Self::Length => "length",
            Self::Query => "query",
            Self::Sum => "sum",
            Self::Crowd => "crowd",
            Self::Centrality => "centrality",
            Self::Use => "use",
        }
    }
}

/// Which way a model may use a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// More of it never lowers a score.
    Up,
    /// As the examples teach.
    Free,
}

impl Feature {
    /// What the hand-made sum adds up before the class of the file multiplies it.
    pub const ADDED: &[Self] = &[
        Self::Words,
        Self::FileWords,
        Self::Coherence,
        Self::FileName,
        Self::Folder,
        Self::Mentioned,
        Self::Meaning,
        Self::FileMeaning,
        Self::Name,
        Self::OwnerName,
        Self::Exact,
        Self::Similar,
        Self::FileSymbol,
    ];

    /// The feature called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|feature| feature.name() == name)
    }
}

/// The features of one candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features([f32; Feature::COUNT]);

impl Default for Features {
    fn default() -> Self {
        Self([0.0; Feature::COUNT])
    }
}

impl From<[f32; Feature::COUNT]> for Features {
    /// Takes values in the order of [`Feature::ALL`].
    fn from(values: [f32; Feature::COUNT]) -> Self {
        Self(values)
    }
}

impl Features {
    /// The value of one.
    pub fn get(&self, feature: Feature) -> f32 {
        self.0[feature as usize]
    }

    /// All values, in the order of [`Feature::ALL`].
    pub fn values(&self) -> &[f32; Feature::COUNT] {
        &self.0
    }

    pub(crate) fn set(&mut self, feature: Feature, value: f32) {
        self.0[feature as usize] = value;
    }

    pub(crate) fn set_if(&mut self, feature: Feature, holds: bool) {
        self.set(feature, f32::from(u8::from(holds)));
    }

    /// The same without groups of features: those are 0, and files count alike without classes.
    #[must_use]
    pub fn without(mut self, groups: &[Group]) -> Self {
        for feature in Feature::ALL.iter().filter(|feature| groups.contains(&feature.group())) {
            self.set(*feature, f32::from(u8::from(*feature == Feature::Demotion)));
        }
        self
    }

    /// The hand-made sum: what adds, times what multiplies.
    pub fn sum(&self) -> f32 {
        let added: f32 = Feature::ADDED.iter().map(|feature| self.get(*feature)).sum();
        added * self.get(Feature::Demotion)
    }
}

#[cfg(test)]
mod tests {
    use super::{Feature, Features, Trend};

    #[test]
    fn every_feature_is_found_by_its_name_and_has_its_own() {
        for feature in Feature::ALL {
            assert_eq!(Feature::named(feature.name()), Some(*feature));
        }
        assert_eq!(Feature::named("nothing"), None);
    }

    #[test]
    fn the_sum_adds_signals_and_is_multiplied_by_the_class() {
        let mut features = Features::default();
        features.set(Feature::Words, 0.5);
        features.set(Feature::Name, 0.25);
        features.set(Feature::Lines, 9.0);
        features.set(Feature::Demotion, 0.5);
        assert_eq!(features.sum(), 0.375);
    }

    #[test]
    fn what_is_added_never_lowers_a_score_by_growing() {
        let down: Vec<_> =
            Feature::ADDED.iter().filter(|feature| feature.trend() != Trend::Up).collect();
        assert_eq!(down, [&Feature::Coherence]);
    }
}
