//! Packs: the window a language model should read for a task, within a budget of tokens.
//!
//! The hits of a ranked search are the seeds. Their value flows along the typed edges of the
//! symbol graph (`expand`) to what they call, what calls them, the types in their signatures, what
//! they override, their tests. Everything reached is offered whole or as a signature, and chosen
//! by value per token (`choose`). What is chosen becomes blocks of lines, merged where they touch
//! (`layout`), and text in a format ([`mod@format`]), which is counted as it will be read: a pack is
//! never over its budget.
//!
//! The text of a repository is data. A format must fence it so that its content cannot end the
//! fence.

mod build;
mod choose;
mod expand;
pub mod format;
mod have;
mod layout;
mod map;
pub mod parameters;
mod rank;
mod world;

use flux_core::{FileClass, FileId, LineSpan, RepoPath, Tier, TokenCounter};
use flux_store::Snapshot;

use crate::filter::Filter;
use crate::hit::Hit;

pub use build::pack;
pub use format::{Markdown, PackFormat, Xml};
pub use have::{Have, HaveError};
pub use map::{Map, MapFile, MapLine, MapRequest, map};
pub use parameters::PackParameters;

/// Gives the text of a file as it was indexed; none when it has changed since.
pub type Texts<'a> = &'a dyn Fn(FileId) -> Option<String>;

/// What a pack is made of.
#[derive(Clone, Copy)]
pub struct PackContext<'a> {
    /// What is read.
    pub snapshot: &'a Snapshot,
    /// Gives the text.
    pub texts: Texts<'a>,
    /// What things are worth.
    pub parameters: &'a PackParameters,
}

/// What is to be packed.
#[derive(Clone, Copy)]
pub struct PackRequest<'a> {
    /// The task or question.
    pub task: &'a str,
    /// The most tokens the finished text may have.
    pub budget: usize,
    /// What counts them.
    pub counter: &'a dyn TokenCounter,
    /// How the text looks.
    pub format: &'a dyn PackFormat,
    /// What the reader has already.
    pub have: &'a Have,
    /// Which files count.
    pub filter: &'a Filter,
    /// What the pack says of its origin.
    pub origin: &'a Origin,
}

/// Where a pack comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The commit the tree is on.
    pub revision: Option<String>,
    /// How current the index is, in words.
    pub freshness: String,
    /// What else the reader should know, such as a graph that is missing.
    pub notes: Vec<String>,
}

/// A window for a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Pack {
    /// The task, shortened.
    pub task: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The most tokens it might have had.
    pub budget: usize,
    /// The tokens of its text.
    pub tokens: usize,
    /// What counted them.
    pub counter: String,
    /// Whether that counts as the model does.
    pub is_exact: bool,
    /// What to read, the most useful file first.
    pub files: Vec<PackFile>,
    /// The best of what did not fit.
    pub left_out: Vec<LeftOut>,
    /// How much did not fit: pieces, and an estimate of their tokens.
    pub left_out_total: (usize, usize),
    /// Pieces that the reader has already.
    pub already: usize,
}

/// The part of a file in a pack.
#[derive(Clone, Debug, PartialEq)]
pub struct PackFile {
    /// The file within the snapshot.
    pub file: FileId,
    /// Its path.
    pub path: RepoPath,
    /// Its language.
    pub language: String,
    /// What it is for.
    pub class: FileClass,
    /// Its blocks, in order of lines.
    pub blocks: Vec<PackBlock>,
}

/// Some lines of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct PackBlock {
    /// Whether it is the text itself or an outline of it.
    pub kind: BlockKind,
    /// The lines it is about.
    pub lines: LineSpan,
    /// The lines without the last line feed; of an outline, a line for each definition, with the
    /// number of its first line in front.
    pub text: String,
    /// Why it is here, the strongest reason first.
    pub reasons: Vec<Reason>,
    /// What its definitions and lines are worth, for whoever has to shorten the pack.
    pub value: f32,
}

/// How a block shows its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// As they are.
    Body,
    /// By the signatures of their definitions.
    Outline,
}

/// Why something is in a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The definition it is about; empty for plain lines.
    pub symbol: String,
    /// What led to it.
    pub link: Link,
}

/// What led to a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// The search, at this rank.
    Found(usize),
    /// An edge of the graph from or to what lies behind it.
    Edge {
        /// How the two are connected.
        role: Role,
        /// The definition at the other end.
        other: String,
        /// How sure the edge is.
        tier: Tier,
    },
    /// It lies in the same file as what was found.
    SameFile,
}

/// How a unit is connected with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The other calls it.
    CalledBy,
    /// It calls the other.
    Calls,
    /// The other mentions it in its signature.
    TypeIn,
    /// The other mentions it.
    MentionedBy,
    /// Subtypes, supertypes, overriding and overridden members.
    RelatedTo,
    /// It is a test that uses the other.
    Tests,
    /// The other lies in it.
    Contains,
    /// It lies in the other.
    MemberOf,
}

impl Role {
    /// The word in front of the other's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CalledBy => "called by",
            Self::Calls => "calls",
            Self::TypeIn => "type in",
            Self::MentionedBy => "mentioned by",
            Self::RelatedTo => "related to",
            Self::Tests => "tests",
            Self::Contains => "contains",
            Self::MemberOf => "member of",
        }
    }
}

/// Something that did not fit.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// Its file.
    pub path: RepoPath,
    /// Its lines.
    pub lines: LineSpan,
    /// Its name; empty for plain lines.
    pub symbol: String,
    /// An estimate of its tokens.
    pub tokens: usize,
}

impl Pack {
    /// Whether there is nothing to read in it.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// The number of hits worth asking a search for, as seeds of a pack.
pub fn seeds_for(budget: usize) -> usize {
    (20 + budget / 250).clamp(30, 200)
}

/// A seed: a hit and its place in the answer, from 1.
type Seed<'a> = (usize, &'a Hit);
