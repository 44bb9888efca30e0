//! The numbers of definitions in their files' graphs, and the definitions themselves.

use flux_core::{ByteSpan, Definition, DefinitionIndex, DefinitionRef, FileId, SymbolKind};

use super::super::items::{Item, ItemKind};
use super::{Binding, Def, Key, Tables, UnitId};
use crate::layer::Files;

/// Numbers the definitions of every file by the positions of their names.
pub(super) fn number(tables: &mut Tables, files: usize) {
    let total = tables.units.last().map_or(0, |unit| unit.base as usize + unit.items().items.len());
    let mut index = vec![u32::MAX; total];
    let mut defined = Vec::with_capacity(files);
    for units in &tables.units_of_file {
        let mut found = Vec::new();
        for id in units {
            let unit = tables.unit(*id);
            for (at, item) in unit.items().items.iter().enumerate() {
                let def = Def(unit.base + at as u32);
                let is_impl = matches!(item.kind, ItemKind::Impl { .. });
                if item.name.at.is_written() && !is_impl && !tables.outlined.contains_key(&def) {
                    found.push((item.name.at, def));
                }
            }
        }
        found.sort();
        let mut kept: Vec<Def> = Vec::with_capacity(found.len());
        let mut last = None;
        for (at, def) in found {
            // One name may define several things when a macro uses it twice: they share a number.
            if last != Some(at) {
                kept.push(def);
                last = Some(at);
            }
            index[def.0 as usize] = kept.len() as u32;
        }
        defined.push(kept);
    }
    tables.index = index;
    tables.defined = defined;
}

impl Tables {
    /// The definition that stands for an item, if it has a place in a file.
    pub(in super::super) fn reference(&self, def: Def) -> Option<DefinitionRef> {
        let file = self.unit_of(def).file?;
        if let Some(module) = self.outlined.get(&def) {
            return self.module_reference(*module);
        }
        let index = self.index[def.0 as usize];
        (index != u32::MAX).then_some(DefinitionRef { file, index: DefinitionIndex(index) })
    }

    /// The definition that stands for a module.
    pub(in super::super) fn module_reference(
        &self,
        module: super::ModuleId,
    ) -> Option<DefinitionRef> {
        let this = self.module(module);
        match this.def {
            Some(def) => self.reference(def),
            None if this.is_file => {
                let file = self.unit(this.unit).file?;
                Some(DefinitionRef { file, index: DefinitionIndex::MODULE })
            }
            None => self.module_reference(this.parent?),
        }
    }

    /// Whether it is the function of a procedural macro.
    pub(in super::super) fn is_proc_macro(&self, binding: Binding) -> bool {
        let Binding::Def(def) = binding else { return false };
        let unit = self.unit_of(def);
        unit.items().proc_macros.iter().any(|(_, item)| unit.def(*item) == def)
    }

    /// The number of the innermost definition of its file around or at an item.
    pub(in super::super) fn enclosing(&self, def: Option<Def>) -> DefinitionIndex {
        let mut current = def;
        while let Some(def) = current {
            if let Some(found) = self.reference(def) {
                return found.index;
            }
            current = match self.impl_type(def) {
                Some(ty) if self.unit_of(ty).file == self.unit_of(def).file => Some(ty),
                _ => self.parent(def),
            };
        }
        DefinitionIndex::MODULE
    }

    /// The type an impl is for, when the tree defines it.
    fn impl_type(&self, def: Def) -> Option<Def> {
        let id = self.impls.of_def.get(&def)?;
        match self.impls.all[id.0 as usize].key {
            Key::Def(def) => Some(def),
            _ => None,
        }
    }

    /// The definitions of a file.
    pub(in super::super) fn definitions(&self, file: FileId, files: &dyn Files) -> Vec<Definition> {
        let path = files.path(file);
        let mut found = vec![Definition {
            name: module_name(path).into(),
            kind: SymbolKind::Module,
            parent: DefinitionIndex::MODULE,
            span: ByteSpan::new(0, self.end_of(file)),
            name_span: ByteSpan::new(0, 0),
            is_public: true,
        }];
        for def in &self.defined[file.0 as usize] {
            let item = self.item(*def);
            let name = self.text_of(*def);
            let start = item.name.at.0;
            let name_span = ByteSpan::new(start, start + name.len() as u32);
            let (from, to) = (item.span.0, item.span.1);
            let is_whole = from.is_written() && from.0 <= start && to.0 >= name_span.end;
            found.push(Definition {
                name: name.into(),
                kind: self.symbol_kind(*def, item),
                parent: self.parent_definition(*def),
                span: if is_whole { ByteSpan::new(from.0, to.0) } else { name_span },
                name_span,
                is_public: item.is_public,
            });
        }
        found
    }

    fn parent_definition(&self, def: Def) -> DefinitionIndex {
        let Some(parent) = self.parent(def) else { return DefinitionIndex::MODULE };
        let found = self.enclosing(Some(parent));
        // An expansion may put an item under the very name it shares a number with.
        if found.0 == self.index[def.0 as usize] { DefinitionIndex::MODULE } else { found }
    }

    fn end_of(&self, file: FileId) -> u32 {
        let units = &self.units_of_file[file.0 as usize];
        let ends = units.iter().flat_map(|unit: &UnitId| {
            self.unit(*unit)
                .items()
                .items
                .iter()
                .map(|item| item.span.1)
                .filter(|it| it.is_written())
        });
        ends.map(|end| end.0).max().unwrap_or(0)
    }

    fn symbol_kind(&self, def: Def, item: &Item) -> SymbolKind {
        match item.kind {
            ItemKind::Module { .. } => SymbolKind::Module,
            ItemKind::Function(_) if self.container(def).is_some() => SymbolKind::Method,
            ItemKind::Function(_) => SymbolKind::Function,
            ItemKind::Struct { .. } | ItemKind::Union { .. } => SymbolKind::Struct,
            ItemKind::Enum { .. } => SymbolKind::Enum,
            ItemKind::Variant { .. } => SymbolKind::EnumMember,
            ItemKind::Field(_) => SymbolKind::Field,
            ItemKind::Trait { .. } => SymbolKind::Trait,
            ItemKind::Alias { .. } | ItemKind::Impl { .. } => SymbolKind::TypeAlias,
            ItemKind::Const(_) => SymbolKind::Constant,
            ItemKind::Static(_) => SymbolKind::Variable,
            ItemKind::Macro { .. } => SymbolKind::Macro,
        }
    }
}

/// The last part of the module's name, as the path tells it.
fn module_name(path: &str) -> &str {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let mut parts = stem.rsplit('/');
    let last = parts.next().unwrap_or(stem);
    if matches!(last, "mod" | "lib" | "main") {
        parts.find(|part| *part != "src").unwrap_or(last)
    } else {
        last
    }
}
