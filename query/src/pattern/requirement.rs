//! From a regex to the trigrams that every match needs.
//!
//! The method is that of Russ Cox, "Regular Expression Matching with a Trigram Index" (2012):
//! each part of the regex is described by the strings it can be, or, when those are too many, by
//! the strings it can begin and end with and a query for what lies between. Every step may only
//! widen: the query holds for all documents with a match and for some without.

use flux_store::trigram::TrigramQuery;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::strings::{MAX_STRINGS, Strings};

/// The most trigrams in a query. Looking one up takes less than a microsecond, so that planning
/// stays in the milliseconds for patterns made to be hard.
const MAX_TRIGRAMS: usize = 8192;

/// How often a repeated part is written out: four single bytes give two whole trigrams.
const MAX_COPIES: u32 = 4;

/// Returns what a document must hold for the regex to match one of its lines.
pub(super) fn required_trigrams(hir: &Hir) -> TrigramQuery {
    match Part::of(hir) {
        Part::Exact(strings) => strings.query(),
        Part::Open(open) => open.query,
    }
}

/// What is known of the texts that a part of the regex matches, in lower case.
#[derive(Clone, Debug)]
enum Part {
    /// They are among these.
    Exact(Strings),
    /// Too many to list.
    Open(Open),
}

#[derive(Clone, Debug)]
struct Open {
    /// Each begins with one of these, which are at most two bytes long.
    beginnings: Strings,
    /// Each ends with one of these.
    ends: Strings,
    /// What holds for a document with one of them.
    query: TrigramQuery,
    /// The number of trigrams in `query`, or more.
    cost: usize,
}

impl Part {
    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::Exact(Strings::empty_string()),
            HirKind::Literal(literal) => Self::exact(Strings::new([literal.0.to_vec()])),
            HirKind::Class(class) => Self::of_class(class),
            HirKind::Repetition(repetition) => Self::of_repetition(repetition),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Concat(parts) => parts
                .iter()
                .map(Self::of)
                .reduce(Self::then)
                .unwrap_or_else(|| Self::Exact(Strings::empty_string())),
            HirKind::Alternation(parts) => Self::one_of(parts.iter().map(Self::of).collect()),
        }
    }

    /// Any text at all.
    fn anything() -> Self {
        Self::Open(Open {
            beginnings: Strings::empty_string(),
            ends: Strings::empty_string(),
            query: TrigramQuery::All,
            cost: 0,
        })
    }

    fn exact(strings: Strings) -> Self {
        if strings.is_small() { Self::Exact(strings) } else { Self::Open(Open::closing(strings)) }
    }

    fn of_class(class: &Class) -> Self {
        let Some(strings) = class_strings(class) else { return Self::anything() };
        Self::exact(strings)
    }

    fn of_repetition(repetition: &Repetition) -> Self {
        let part = Self::of(&repetition.sub);
        match (repetition.min, repetition.max) {
            (_, Some(0)) => Self::Exact(Strings::empty_string()),
            (0, Some(1)) => Self::one_of(vec![Self::Exact(Strings::empty_string()), part]),
            (0, _) => Self::anything(),
            (least, most) => part.repeated(least, most == Some(least)),
        }
    }

    /// The part repeated `least` times, or more unless that is `all`.
    fn repeated(self, least: u32, all: bool) -> Self {
        let copies = least.min(MAX_COPIES);
        let mut joined = self.clone();
        for _ in 1..copies {
            // Only lists of strings are written out more than once: an open part repeated within
            // another, again and again, would double the query each time.
            if let Self::Exact(_) = joined {
                joined = joined.then(self.clone());
            }
        }
        match joined {
            Self::Exact(strings) if !(all && copies == least) => Self::Open(Open::closing(strings)),
            joined => joined,
        }
    }

    fn then(self, next: Self) -> Self {
        match (self, next) {
            (Self::Exact(left), Self::Exact(right)) => {
                if left.can_cross(&right) {
                    return Self::exact(left.cross(&right));
                }
                Self::Open(Open::closing(left).then(Open::closing(right)))
            }
            (Self::Exact(left), Self::Open(right)) => Self::Open(right.after(left)),
            (Self::Open(left), Self::Exact(right)) => Self::Open(left.before(right)),
            (Self::Open(left), Self::Open(right)) => Self::Open(left.then(right)),
        }
    }

    fn one_of(parts: Vec<Self>) -> Self {
        let total = parts.iter().try_fold(0, |total, part| match part {
            Self::Exact(strings) => Some(total + strings.len()),
            Self::Open(_) => None,
        });
        let listed = total.is_some_and(|total| total <= MAX_STRINGS);
        let mut exact = Strings::new([]);
        let mut open = Vec::new();
        for part in parts {
            match part {
                Self::Exact(strings) if listed => exact = exact.union(strings),
                Self::Exact(strings) => open.push(Open::closing(strings)),
                Self::Open(part) => open.push(part),
            }
        }
        if listed { Self::Exact(exact) } else { Self::Open(Open::one_of(open)) }
    }
}

impl Open {
    /// Gives up listing the strings.
    fn closing(strings: Strings) -> Self {
        let query = strings.query();
        Self {
            cost: query.trigram_count(),
            query,
            beginnings: strings.clone().into_beginnings(),
            ends: strings.into_ends(),
        }
        .within_limit()
    }

    fn then(self, next: Self) -> Self {
        let seam = match self.ends.can_cross(&next.beginnings) {
            true => self.ends.cross(&next.beginnings).query(),
            false => TrigramQuery::All,
        };
        Self { beginnings: self.beginnings, ends: next.ends, query: self.query, cost: self.cost }
            .and(next.query, next.cost)
            .and_query(seam)
    }

    /// The part with strings in front of it.
    fn after(self, strings: Strings) -> Self {
        if !strings.can_cross(&self.beginnings) {
            return Self::closing(strings).then(self);
        }
        let beginnings = strings.cross(&self.beginnings);
        let query = beginnings.query();
        Self { beginnings: beginnings.into_beginnings(), ..self }.and_query(query)
    }

    /// The part with strings behind it.
    fn before(self, strings: Strings) -> Self {
        if !self.ends.can_cross(&strings) {
            return self.then(Self::closing(strings));
        }
        let ends = self.ends.cross(&strings);
        let query = ends.query();
        Self { ends: ends.into_ends(), ..self }.and_query(query)
    }

    fn one_of(parts: Vec<Self>) -> Self {
        let cost = parts.iter().map(|part| part.cost).sum();
        let mut queries = Vec::with_capacity(parts.len());
        let [mut beginnings, mut ends] = [Strings::new([]), Strings::new([])];
        for part in parts {
            queries.push(part.query);
            beginnings = beginnings.union(part.beginnings).into_beginnings();
            ends = ends.union(part.ends).into_ends();
        }
        Self { beginnings, ends, query: TrigramQuery::or(queries), cost }.within_limit()
    }

    fn and_query(self, query: TrigramQuery) -> Self {
        let cost = query.trigram_count();
        self.and(query, cost)
    }

    /// Adds a condition, unless the query would become too large; without it, it is only wider.
    fn and(mut self, query: TrigramQuery, cost: usize) -> Self {
        if self.cost + cost <= MAX_TRIGRAMS {
            self.query = TrigramQuery::and([self.query, query]);
            self.cost += cost;
        }
        self
    }

    fn within_limit(mut self) -> Self {
        if self.cost > MAX_TRIGRAMS {
            self.query = TrigramQuery::All;
            self.cost = 0;
        }
        self
    }
}

/// The strings of a class, unless it has too many to be of use.
fn class_strings(class: &Class) -> Option<Strings> {
    // Folding at most halves a class.
    let few = |count: usize| count <= 2 * MAX_STRINGS;
    let strings = match class {
        Class::Unicode(class) => {
            few(class.ranges().iter().map(|range| range.len()).sum()).then(|| {
                Strings::new(
                    class
                        .iter()
                        .flat_map(|range| range.start()..=range.end())
                        .map(|character| character.to_string().into_bytes()),
                )
            })
        }
        Class::Bytes(class) => {
            few(class.ranges().iter().map(|range| range.len()).sum()).then(|| {
                Strings::new(
                    class
                        .iter()
                        .flat_map(|range| range.start()..=range.end())
                        .map(|byte| vec![byte]),
                )
            })
        }
    };
    strings.filter(|strings| strings.len() <= MAX_CLASS)
}

/// The largest class that is listed: a digit or a hexadecimal digit, but no letter, since 26
/// alternatives rule out next to nothing and multiply with what is beside them.
const MAX_CLASS: usize = 16;
