//! The bytes of a graph's file.
//!
//! ```text
//! sections  as in `Section`, one behind the other
//! tail      for each section u64, where it ends, counted from the start of the body
//! ```
//!
//! Definitions, occurrences and relations are numbered through all files of a segment. Where one
//! segment points into another, definitions of the base come first and those of the delta follow.
//! Numbers take 32 bits: four milliards of occurrences would take 48 GB.

use flux_core::{
    ByteSpan, Definition, DefinitionIndex, EdgeKind, Occurrence, SymbolKind, Target, Tier,
    Unresolved,
};

macro_rules! sections {
    ($($name:ident $width:literal $doc:literal,)+) => {
        /// A part of the file, and the bytes of one record of it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Section { $(#[doc = $doc] $name,)+ }

        impl Section {
            /// All of them, in order.
            pub(super) const ALL: &[Self] = &[$(Self::$name,)+];

            /// Bytes of one record.
            pub(super) fn width(self) -> usize {
                match self { $(Self::$name => $width,)+ }
            }
        }
    };
}

sections! {
    Head 24 "Checksum of the base (none: 0), its definitions, the files of the view.",
    Paths 1 "Paths of the files, in UTF-8, ascending.",
    Files 44 "For each file, and for none behind them: see `Column`, then its content's digest.",
    Definitions 28 "Name, parent, span, span of the name, kind and whether it is public.",
    Ids 8 "For each definition its id.",
    IdOrder 4 "Definitions, by their ids.",
    Occurrences 12 "Start, target, enclosing u16, length u8, bits.",
    Wide 12 "Occurrence, enclosing, length, where one of them does not fit above.",
    Relations 20 "From, to, span, kind and tier.",
    Packages 4 "For each package of a file its string.",
    StringStarts 4 "For each string where it starts, and where the last one ends.",
    Strings 1 "Names of definitions and packages, distinct, ascending.",
    NameStarts 4 "For each string where its definitions start in the next section, and their end.",
    NameOrder 4 "Definitions, by their names.",
    Folded 4 "Strings, by what they are in lower case.",
    DependencyTable 16 "Key and digest of each dependency, distinct, ascending.",
    Dependencies 1 "For each file its dependencies: steps between positions, forth and back.",
    Lines 1 "For each file the lengths of its lines.",
    Marks 8 "For each file every 128th line: see `lines`.",
    Targets 8 "For each definition referred to: where its occurrences start; ascending.",
    TargetItems 4 "Occurrences, by target.",
    RelationsFrom 8 "The same of relations, by where they come from.",
    RelationsFromItems 4 "Relations, by where they come from.",
    RelationsTo 8 "The same, by where they go.",
    RelationsToItems 4 "Relations, by where they go.",
    Places 4 "Of a delta: for each file of the view where it lies.",
    BaseFiles 4 "Of a delta: for each file of the base which of the view it is.",
    OwnFiles 4 "Of a delta: for each of its files which of the view it is.",
    Inputs 16 "For each layer of resolution its number, and a digest of all that it saw.",
    NoteKeys 16 "Keys of the notes of resolution, ascending; of a delta, of those its base lacks.",
    NoteStarts 4 "For each note where it starts, and where the last one ends.",
    Notes 1 "Notes of resolution, each packed by LZ4 behind its length.",
    Ranks 8 "For each definition of base and delta its rank and community.",
}

/// The number of sections.
pub(super) const SECTIONS: usize = Section::ALL.len();

/// What a file's record says, each where it starts; where it ends the next record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Path,
    Definition,
    Occurrence,
    Relation,
    Package,
    Dependency,
    Line,
    Mark,
    /// Not a start: 1 if the file has a graph.
    HasGraph,
}

impl Column {
    /// The section whose records the column counts.
    pub(super) fn section(self) -> Option<Section> {
        match self {
            Self::Path => Some(Section::Paths),
            Self::Definition => Some(Section::Definitions),
            Self::Occurrence => Some(Section::Occurrences),
            Self::Relation => Some(Section::Relations),
            Self::Package => Some(Section::Packages),
            Self::Dependency => Some(Section::Dependencies),
            Self::Line => Some(Section::Lines),
            Self::Mark => Some(Section::Marks),
            Self::HasGraph => None,
        }
    }
}

/// Number of [`Column`]s.
pub(super) const COLUMNS: usize = 9;

/// Nothing: in a list of files or places.
pub(super) const NONE: u32 = u32::MAX;
/// In a place: the rest is a file of the delta, not of the base.
pub(super) const IN_DELTA: u32 = 1 << 31;

/// Where things lie on disk, of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RawTarget {
    /// A definition by number.
    Definition(u32),
    /// See [`Target`].
    Local(u32),
    External(u32),
    Unresolved(Unresolved),
}

/// An occurrence whose target is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RawOccurrence {
    pub start: u32,
    /// 255 if it lies in the section of wide ones.
    pub length: u8,
    /// 65535 if it lies there.
    pub enclosing: u16,
    pub kind: EdgeKind,
    pub tier: Tier,
    pub is_implicit: bool,
    pub target: RawTarget,
}

const NARROW_LENGTH: u8 = u8::MAX;
const NARROW_ENCLOSING: u16 = u16::MAX;

impl RawOccurrence {
    /// The record, and enclosing definition and length if they do not fit into it.
    pub(super) fn of(occurrence: &Occurrence, target: RawTarget) -> (Self, Option<(u32, u32)>) {
        let length = occurrence.span.end.saturating_sub(occurrence.span.start);
        let enclosing = occurrence.enclosing.0;
        let is_narrow =
            length < u32::from(NARROW_LENGTH) && enclosing < u32::from(NARROW_ENCLOSING);
        let narrow = (length as u8, enclosing as u16);
        let (narrow, wide) = match is_narrow {
            true => (narrow, None),
            false => ((NARROW_LENGTH, NARROW_ENCLOSING), Some((enclosing, length))),
        };
        let raw = Self {
            start: occurrence.span.start,
            length: narrow.0,
            enclosing: narrow.1,
            kind: occurrence.kind,
            tier: occurrence.tier,
            is_implicit: occurrence.is_implicit,
            target,
        };
        (raw, wide)
    }

    /// Whether enclosing definition and length lie in the section of wide ones.
    pub(super) fn is_wide(self) -> bool {
        self.length == NARROW_LENGTH
    }

    pub(super) fn encode(self) -> [u8; 12] {
        let (tag, value) = match self.target {
            RawTarget::Definition(number) => (0, number),
            RawTarget::Local(offset) => (1, offset),
            RawTarget::External(package) => (2, package),
            RawTarget::Unresolved(reason) => (3, reason as u32),
        };
        let bits =
            self.kind as u8 | (self.tier as u8) << 3 | u8::from(self.is_implicit) << 5 | tag << 6;
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&self.start.to_le_bytes());
        bytes[4..8].copy_from_slice(&value.to_le_bytes());
        bytes[8..10].copy_from_slice(&self.enclosing.to_le_bytes());
        bytes[10] = self.length;
        bytes[11] = bits;
        bytes
    }

    /// The inverse of [`encode`](Self::encode); `None` for bytes that it never makes.
    pub(super) fn decode(bytes: &[u8; 12]) -> Option<Self> {
        let [a, b, c, d, e, f, g, h, i, j, length, bits] = *bytes;
        let value = u32::from_le_bytes([e, f, g, h]);
        let target = match bits >> 6 {
            0 => RawTarget::Definition(value),
            1 => RawTarget::Local(value),
            2 => RawTarget::External(value),
            _ => RawTarget::Unresolved(*Unresolved::ALL.get(value as usize)?),
        };
        Some(Self {
            start: u32::from_le_bytes([a, b, c, d]),
            length,
            enclosing: u16::from_le_bytes([i, j]),
            kind: *EdgeKind::ALL.get(usize::from(bits & 7))?,
            tier: *Tier::ALL.get(usize::from(bits >> 3 & 3))?,
            is_implicit: bits >> 5 & 1 == 1,
            target,
        })
    }

    /// The occurrence, whose `target` was found.
    pub(super) fn with(self, target: Target, enclosing: u32, length: u32) -> Occurrence {
        Occurrence {
            span: ByteSpan { start: self.start, end: self.start.saturating_add(length) },
            kind: self.kind,
            tier: self.tier,
            is_implicit: self.is_implicit,
            enclosing: DefinitionIndex(enclosing),
            target,
        }
    }
}

/// A definition whose name is the number of a string.
pub(super) fn encode_definition(definition: &Definition, name: u32) -> [u8; 28] {
    let bits = definition.kind as u32 | u32::from(definition.is_public) << 8;
    let Definition { parent, span, name_span, .. } = definition;
    record([name, parent.0, span.start, span.end, name_span.start, name_span.end, bits])
}

/// The number of the name's string, and the rest with an empty name.
pub(super) fn decode_definition(bytes: &[u8; 28]) -> Option<(u32, Definition)> {
    let [name, parent, start, end, name_start, name_end, bits] = numbers(bytes);
    let definition = Definition {
        name: "".into(),
        kind: *SymbolKind::ALL.get((bits & 0xFF) as usize)?,
        parent: DefinitionIndex(parent),
        span: ByteSpan { start, end: end.max(start) },
        name_span: ByteSpan { start: name_start, end: name_end.max(name_start) },
        is_public: bits >> 8 & 1 == 1,
    };
    Some((name, definition))
}

/// A relation between two definitions by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RawRelation {
    pub from: u32,
    pub to: u32,
    pub site: ByteSpan,
    pub kind: EdgeKind,
    pub tier: Tier,
}

impl RawRelation {
    pub(super) fn encode(self) -> [u8; 20] {
        let bits = self.kind as u32 | (self.tier as u32) << 8;
        record([self.from, self.to, self.site.start, self.site.end, bits])
    }

    pub(super) fn decode(bytes: &[u8; 20]) -> Option<Self> {
        let [from, to, start, end, bits] = numbers(bytes);
        Some(Self {
            from,
            to,
            site: ByteSpan { start, end: end.max(start) },
            kind: *EdgeKind::ALL.get((bits & 0xFF) as usize)?,
            tier: *Tier::ALL.get((bits >> 8) as usize)?,
        })
    }
}

/// A record of numbers.
pub(super) fn record<const COUNT: usize, const WIDTH: usize>(numbers: [u32; COUNT]) -> [u8; WIDTH] {
    const { assert!(COUNT * 4 == WIDTH) };
    let mut bytes = [0; WIDTH];
    for (place, number) in bytes.chunks_exact_mut(4).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    bytes
}

/// The inverse of [`record`].
pub(super) fn numbers<const COUNT: usize, const WIDTH: usize>(bytes: &[u8; WIDTH]) -> [u32; COUNT] {
    const { assert!(COUNT * 4 == WIDTH) };
    let mut numbers = [0; COUNT];
    for (number, place) in numbers.iter_mut().zip(bytes.chunks_exact(4)) {
        *number = u32::from_le_bytes([place[0], place[1], place[2], place[3]]);
    }
    numbers
}

/// Appends a number as LEB128.
pub(super) fn push_varint(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number off the front; `None` at the end, and for one that is cut off.
pub(super) fn take_varint(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u32;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7F).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// A step in either direction as a number, small for small steps.
pub(super) fn zigzag(from: u32, to: u32) -> u32 {
    let step = to.wrapping_sub(from) as i32;
    (step << 1 ^ step >> 31) as u32
}

/// The inverse of [`zigzag`].
pub(super) fn unzigzag(from: u32, step: u32) -> u32 {
    from.wrapping_add(step >> 1 ^ (step & 1).wrapping_neg())
}
