//! All Python files of a tree: shared, immutable, filled on demand.

use std::sync::{Arc, OnceLock};

use flux_core::FileId;
use rustc_hash::FxHashMap;

use super::emit;
use super::facts::{BindingId, Entry, Facts, NameId, ScopeId};
use super::modules::{Modules, hash};
use super::resolver::Resolver;
use super::standard::Standard;
use crate::layer::{Dependency, Files, Resolved, World};

/// Sees all files of the layer together.
pub(crate) fn open<'a>(files: &'a dyn Files) -> Box<dyn World + 'a> {
    let key = |file| hash(&["exports", files.path(file)]);
    let all = (0..files.len() as u32).map(FileId);
    let all = all.filter(|file| files.language(*file) == "python");
    Box::new(Python {
        files,
        modules: Modules::new(files),
        keys: all.map(|file| (key(file), file)).collect(),
        loaded: (0..files.len()).map(|_| OnceLock::new()).collect(),
        standard: Standard::get(),
        words: Words::new(),
    })
}

/// All files of the layer.
pub(super) struct Python<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) modules: Modules,
    keys: FxHashMap<Dependency, FileId>,
    loaded: Vec<OnceLock<Option<Box<Module>>>>,
    pub(super) standard: &'static Standard,
    pub(super) words: Words,
}

/// One file's facts, with names comparable across files.
pub(super) struct Module {
    facts: Arc<crate::Facts>,
    /// A hash of each name.
    pub(super) symbols: Vec<u64>,
    entries: FxHashMap<(ScopeId, u64), u32>,
}

impl Module {
    fn new(facts: Arc<crate::Facts>) -> Option<Self> {
        let python = python(&facts)?;
        let symbols: Vec<u64> = python.names.iter().map(|name| hash(&[name])).collect();
        let key = |entry: &Entry| (entry.scope, symbols[entry.name.index()]);
        let entries = python.entries.iter().enumerate();
        let entries = entries.map(|(at, entry)| (key(entry), at as u32)).collect();
        Some(Self { symbols, entries, facts })
    }

    pub(super) fn facts(&self) -> &Facts {
        python(&self.facts).expect("only Python's facts are kept")
    }

    pub(super) fn symbol(&self, name: NameId) -> u64 {
        self.symbols[name.index()]
    }

    /// The entry of a scope for a name, given by its hash.
    pub(super) fn entry(&self, scope: ScopeId, symbol: u64) -> Option<u32> {
        self.entries.get(&(scope, symbol)).copied()
    }

    pub(super) fn bindings(&self, entry: u32) -> &[BindingId] {
        let facts = self.facts();
        facts.entries[entry as usize].bindings.of(&facts.entry_bindings)
    }
}

fn python(facts: &crate::Facts) -> Option<&Facts> {
    match facts {
        crate::Facts::Python(facts) => Some(facts),
        #[allow(unreachable_patterns, reason = "other layers may be left out of a build")]
        _ => None,
    }
}

impl Python<'_> {
    /// The file, decoded; `None` when it has no facts.
    pub(super) fn module(&self, file: FileId) -> Option<&Module> {
        let slot = self.loaded.get(file.0 as usize)?;
        slot.get_or_init(|| Module::new(self.files.facts(file)?).map(Box::new)).as_deref()
    }
}

impl World for Python<'_> {
    fn resolve(&self, file: FileId) -> Resolved {
        let mut resolver = Resolver::new(self, file);
        let graph = emit::graph(&mut resolver, file);
        let own = hash(&["exports", self.files.path(file)]);
        let mut dependencies: Vec<Dependency> =
            resolver.dependencies().into_iter().filter(|key| *key != own).collect();
        dependencies.sort_unstable();
        dependencies.dedup();
        Resolved { graph, dependencies }
    }

    fn digest(&self, dependency: Dependency) -> u64 {
        match self.keys.get(&dependency) {
            Some(file) => self.files.exports(*file),
            None => self.modules.digest(self.files, dependency),
        }
    }
}

macro_rules! words {
    ($($name:ident $text:literal,)+) => {
        /// Hashes of names with a meaning of their own.
        pub(super) struct Words { $(pub(super) $name: u64,)+ }

        impl Words {
            fn new() -> Self {
                Self { $($name: hash(&[$text]),)+ }
            }
        }
    };
}

words! {
    init "__init__", new "__new__", call "__call__", iter "__iter__", aiter "__aiter__",
    next "__next__", anext "__anext__", getitem "__getitem__", enter "__enter__",
    aenter "__aenter__", await_ "__await__", super_ "super", isinstance "isinstance",
    issubclass "issubclass", type_ "type", cast "cast", type_var "TypeVar",
    param_spec "ParamSpec", new_type "NewType", enum_ "Enum", bound "bound",
    generic "Generic", protocol "Protocol", union "Union", optional "Optional",
    annotated "Annotated", final_ "Final", class_var "ClassVar", required "Required",
    not_required "NotRequired", read_only "ReadOnly", init_var "InitVar", mapped "Mapped",
    callable "Callable", self_ "Self", int_enum "IntEnum", str_enum "StrEnum", flag "Flag",
    int_flag "IntFlag", get "__get__", metaclass "metaclass", unpack "Unpack",
    object "object", typed_dict "TypedDict", partial "partial", reduce "reduce", class "__class__", named_tuple "NamedTuple",
}
