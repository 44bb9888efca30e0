//! Places that nobody could resolve: whether they can mean the family, and what follows.
//!
//! A name that nothing else in the tree has, nor the standard library, is inferred to be meant. One
//! that others share stands in the way, because leaving it would break the program if it is meant.

use flux_core::SymbolKind;
use flux_engine::EngineError;
use flux_engine::syntax::WordRole;

use super::family::{Family, Nature, hierarchy};
use super::places::{Place, Places};
use super::sources::{Source, Sources};
use super::{outside, written};

/// What becomes of the places that nobody could resolve.
#[derive(Debug, Default)]
pub(crate) struct Weighed {
    /// They can mean nothing else in the tree.
    pub(crate) inferred: Vec<Place>,
    /// They may mean it, and the program breaks if they do.
    pub(crate) blocking: Vec<Place>,
    /// They hardly mean it.
    pub(crate) listed: Vec<Place>,
}

/// How much an unresolved place has to do with the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// It cannot mean it.
    None,
    /// It may, but names of that kind are usually something else.
    Slight,
    /// It may.
    Full,
}

/// Weighs them all.
pub(crate) fn weigh(
    sources: &Sources<'_>,
    family: &Family,
    places: &Places,
) -> Result<Weighed, EngineError> {
    let is_only = places.external == 0
        && written::others(sources, family)?.is_empty()
        && !outside::is_standard_member(&family.language, &family.name);
    let callees = callees(sources, family)?;
    let mut weighed = Weighed::default();
    for place in &places.open {
        let weight = weight(sources, family, &callees, place)?;
        let list = match (weight, is_only) {
            (Weight::None, _) => continue,
            (Weight::Slight, false) => &mut weighed.listed,
            (Weight::Full, false) => &mut weighed.blocking,
            // A word of the parser's errors is never touched.
            (_, true) if place.word.role == WordRole::Unread => &mut weighed.blocking,
            (_, true) => &mut weighed.inferred,
        };
        list.push(place.clone());
    }
    Ok(weighed)
}

/// The names by which the functions of parameters, or the classes of fields, are called.
fn callees(sources: &Sources<'_>, family: &Family) -> Result<Vec<String>, EngineError> {
    let mut found = Vec::new();
    for member in &family.members {
        let Some(parent) = sources.parent(*member)? else { continue };
        let name: String = sources.definition(parent)?.name.into();
        let class = match (family.nature, name.as_str()) {
            (Nature::Parameter, "__init__" | "__new__") => sources.parent(parent)?,
            (Nature::Member, _) => Some(parent),
            _ => None,
        };
        let Some(class) = class else {
            found.push(name);
            continue;
        };
        found.extend(["cls", "__init__", "__class__", "type"].map(str::to_owned));
        for one in hierarchy(sources, class)? {
            found.push(sources.definition(one)?.name.into());
        }
    }
    Ok(found)
}

fn weight(
    sources: &Sources<'_>,
    family: &Family,
    callees: &[String],
    place: &Place,
) -> Result<Weight, EngineError> {
    let Some(source) = sources.file(place.file)? else { return Ok(Weight::None) };
    Ok(match (place.word.role, family.nature) {
        // What could not be read, and what `written` could not settle.
        (WordRole::Unread | WordRole::String, _) => Weight::Full,
        (WordRole::Comment | WordRole::Prose, _) => Weight::None,
        (_, Nature::Member) => of_member(&source, family, callees, place),
        (_, Nature::Parameter) => of_parameter(sources, &source, family, callees, place)?,
        (_, Nature::Plain | Nature::Module) => of_plain(&source, family, place),
    })
}

fn full_if(is_full: bool) -> Weight {
    if is_full { Weight::Full } else { Weight::None }
}

/// Whether the argument that a place names is one of something called like the family's owner.
fn is_called_so(source: &Source, callees: &[String], place: &Place) -> bool {
    let callee = place.word.callee.map(|callee| callee.of(&source.text));
    callee.is_some_and(|callee| callees.iter().any(|name| name == callee))
}

/// Functions that copy a record with other values of its fields.
const COPYING: &[&str] = &["replace", "evolve", "_replace", "assoc"];

fn of_member(source: &Source, family: &Family, callees: &[String], place: &Place) -> Weight {
    let callee = place.word.callee.map(|callee| callee.of(&source.text));
    let is_copied = callee.is_some_and(|callee| COPYING.contains(&callee));
    match place.word.role {
        WordRole::Member => Weight::Full,
        WordRole::Keyword if family.kind.is_callable() => Weight::None,
        WordRole::Keyword if family.language == "python" => {
            full_if(place.is_unresolved && (is_copied || is_called_so(source, callees, place)))
        }
        WordRole::Keyword => full_if(place.is_unresolved || place.word.is_in_macro),
        _ => Weight::None,
    }
}

fn of_parameter(
    sources: &Sources<'_>,
    source: &Source,
    family: &Family,
    callees: &[String],
    place: &Place,
) -> Result<Weight, EngineError> {
    Ok(match place.word.role {
        WordRole::Keyword if family.language == "python" => {
            full_if(place.is_unresolved && is_called_so(source, callees, place))
        }
        WordRole::Bare if place.word.is_in_macro => {
            let Some(function) = sources.parent(family.first)? else { return Ok(Weight::None) };
            let span = sources.definition(function)?.span;
            let is_inside = span.start <= place.span.start && place.span.end <= span.end;
            full_if(is_inside && place.file == function.file)
        }
        _ => Weight::None,
    })
}

fn of_plain(source: &Source, family: &Family, place: &Place) -> Weight {
    let word = &place.word;
    let before = source.text[..place.span.start as usize].trim_end();
    let is_code = place.is_unresolved || word.is_in_macro;
    match word.role {
        WordRole::Member if word.is_in_import => Weight::Full,
        WordRole::Member if family.language == "python" => Weight::Slight,
        WordRole::Member => full_if(before.ends_with("::") && is_code),
        WordRole::Bare => {
            // A lifetime, or a variable of a macro.
            let is_marked = before.ends_with(['\'', '$']);
            let is_macro = family.kind == SymbolKind::Macro;
            full_if(is_code && !is_marked && (!is_macro || word.is_in_macro))
        }
        _ => Weight::None,
    }
}
