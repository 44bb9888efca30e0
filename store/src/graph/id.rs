//! Ids of symbols that mean the same in every revision.

use std::fmt;
use std::str::FromStr;

use flux_core::{Definition, DefinitionIndex, SymbolKind};
use rustc_hash::FxHashMap;

/// Names a definition by its file's path, its qualified name, its kind, and its place among those
/// of its file that are equal in all of that. Stays the same while code around it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(pub u64);

impl fmt::Display for SymbolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A text that is not sixteen hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the id of a symbol, which is sixteen hexadecimal digits")]
pub struct NotASymbolId(pub String);

impl FromStr for SymbolId {
    type Err = NotASymbolId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        number.map(Self).ok_or_else(|| NotASymbolId(text.to_owned()))
    }
}

/// How many parents a qualified name goes up. Code written by people nests a dozen deep; a circle
/// of parents, which only damage makes, ends here.
pub(super) const MAX_DEPTH: usize = 256;

/// The name of a definition behind the names of what it lies in, joined by `.`, without the file
/// itself. `parent_and_name` looks up a definition.
pub(super) fn qualified_name<'a, E>(
    index: DefinitionIndex,
    parent_and_name: impl Fn(DefinitionIndex) -> Result<(DefinitionIndex, &'a str), E>,
) -> Result<String, E> {
    let (mut parent, name) = parent_and_name(index)?;
    let mut names = vec![name];
    let mut last = index;
    while parent != DefinitionIndex::MODULE && parent != last && names.len() < MAX_DEPTH {
        last = parent;
        let (above, name) = parent_and_name(parent)?;
        names.push(name);
        parent = above;
    }
    names.reverse();
    Ok(names.join("."))
}

/// The ids of all definitions of the file at `path`.
pub(crate) fn ids_of(path: &str, definitions: &[Definition]) -> Vec<SymbolId> {
    let mut equals: FxHashMap<(String, SymbolKind), u32> = FxHashMap::default();
    let find = |index: DefinitionIndex| -> Result<_, std::convert::Infallible> {
        let found = definitions.get(index.0 as usize);
        Ok(found.map_or((index, ""), |definition| (definition.parent, &*definition.name)))
    };
    let id = |(index, definition): (u32, &Definition)| {
        let Ok(name) = qualified_name(DefinitionIndex(index), find);
        let mut hasher = blake3::Hasher::new();
        for text in [path, &name, definition.kind.as_str()] {
            hasher.update(&(text.len() as u32).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        // The file itself is a module of a name of its own, whatever else is called so.
        hasher.update(&[u8::from(index == 0)]);
        let ordinal = equals.entry((name, definition.kind)).or_default();
        hasher.update(&ordinal.to_le_bytes());
        *ordinal += u32::from(index != 0);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        SymbolId(u64::from_le_bytes(bytes))
    };
    (0..).zip(definitions).map(id).collect()
}
