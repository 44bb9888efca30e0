//! Modules: what an import brings in and what a module exports.

use flux_core::{FileId, Unresolved};

use super::{Entity, Found, Inference, Step};
use crate::rules::facts::{Kind, Node, Op, ScopeKind, flag};
use crate::rules::language::Family;
use crate::rules::lower::script::{DEFAULT, MODULE};
use crate::rules::modules::Place;
use crate::rules::types::{Type, TypeId};
use crate::rules::world::{extension_key, go_key, hash_text, mix, root_key};

/// The package of a path of names, as far as their case tells.
fn package_of(path: &str) -> &str {
    let mut end = 0;
    for (count, part) in path.split('.').enumerate() {
        let is_package = part.starts_with(|letter: char| letter.is_lowercase()) && count < 3;
        if !is_package && count > 0 {
            break;
        }
        end += part.len() + usize::from(count > 0);
    }
    &path[..end]
}

impl Inference<'_> {
    pub(super) fn imported(&mut self, file: u32, row: &Node) -> Found {
        match self.family(file) {
            Family::Go => self.go_import(file, row),
            Family::Script => self.script_import(file, row),
            Family::C if row.name == row.a => Found::none(Unresolved::UnknownName),
            _ => self.path_import(file, row),
        }
    }

    /// What a path of names leads to.
    fn path_import(&mut self, file: u32, row: &Node) -> Found {
        let path = self.facts(file).name(row.a);
        let mut keys = vec![root_key(self.family(file))];
        for part in path.split('.') {
            keys.push(mix(keys[keys.len() - 1], hash_text(part)));
        }
        let whole = keys[keys.len() - 1];
        let mut found: Vec<Entity> =
            self.under(whole).iter().map(|row| Entity::Symbol(row.1)).collect();
        if let (true, Some(place)) = (found.is_empty(), self.table.space(whole)) {
            found.push(Entity::Space(whole, place));
        }
        if found.is_empty() && self.family(file) == Family::Jvm {
            let name = hash_text(path.rsplit('.').next().unwrap_or(path));
            found = self.extensions_of(keys[keys.len() - 2], name);
        }
        if !found.is_empty() {
            return Found::exact(found);
        }
        if let Some(inherited) = self.inherited_import(&keys, path) {
            return inherited;
        }
        let is_inside = keys[1..].iter().take(2).all(|key| self.table.space(*key).is_some());
        if is_inside && self.table.space(keys[keys.len() - 2]).is_some() {
            return Found::none(Unresolved::MissingModule);
        }
        let standard = &self.language(file).behaviour().standard;
        let first = path.split('.').next().unwrap_or(path);
        if standard.iter().any(|part| part == first) {
            let name = self.unit(file).name_hash(row.name);
            if let Some(symbol) = self.builtin(file, name) {
                return Found::exact(vec![Entity::Symbol(symbol)]);
            }
        }
        let package = self.package(package_of(path));
        Found::exact(vec![Entity::External(package)])
    }

    /// Extensions that a package declares under a name: they lie under the type they add to.
    fn extensions_of(&mut self, package: u64, name: u64) -> Vec<Entity> {
        let rows = self.under(extension_key(name)).iter();
        let of_package = rows.map(|row| row.1).filter(|symbol| {
            let scope = self.facts(symbol.file).scopes[self.symbol(*symbol).scope as usize].kind;
            scope == ScopeKind::File && self.unit(symbol.file).package == package
        });
        of_package.map(Entity::Symbol).collect()
    }

    /// A member that a class named in the path inherits.
    fn inherited_import(&mut self, keys: &[u64], path: &str) -> Option<Found> {
        let class = self.under(*keys.get(keys.len().checked_sub(2)?)?).first()?.1;
        if !self.symbol(class).kind.is_class() {
            return None;
        }
        let name = hash_text(path.rsplit('.').next().unwrap_or(path));
        let found = self.class_members(class, 0, name, &Node::default());
        (!found.is_empty()).then_some(found)
    }

    fn go_import(&mut self, file: u32, row: &Node) -> Found {
        let path = self.facts(file).name(row.a);
        let table = self.table;
        let dependencies = &mut self.dependencies;
        let package = table.modules.go_package(path, &mut |key| {
            dependencies.insert(key);
        });
        match package {
            Ok((folder, files)) => {
                let is_main = |file: &&u32| {
                    let unit = table.of(**file);
                    !unit.is_test && !unit.is_excluded
                };
                let Some(place) = files.iter().find(is_main).or_else(|| files.first()) else {
                    return Found::none(Unresolved::MissingModule);
                };
                let facts = self.facts(*place);
                let package = facts.list(facts.package).first().copied().unwrap_or(0);
                let key = go_key(folder, self.unit(*place).name_hash(package));
                Found::exact(vec![Entity::Space(key, *place)])
            }
            Err(package) => {
                let package = self.package(&package);
                Found::exact(vec![Entity::External(package)])
            }
        }
    }

    fn script_import(&mut self, file: u32, row: &Node) -> Found {
        let specifier = self.facts(file).name(row.a);
        let table = self.table;
        let from = table.files.path(FileId(file));
        let dependencies = &mut self.dependencies;
        let place = table.modules.script(table.files, from, specifier, &mut |key| {
            dependencies.insert(key);
        });
        let module = match place {
            Place::File(module) if table.unit(module).is_some() => module,
            Place::External(package) => {
                let package = self.package(&package);
                return Found::exact(vec![Entity::External(package)]);
            }
            Place::File(_) | Place::Missing => return Found::none(Unresolved::MissingModule),
        };
        if row.b == MODULE {
            return Found::exact(vec![Entity::Module(module)]);
        }
        if row.b == DEFAULT {
            let found = self.exported(module, hash_text("default"), row);
            if found.is_empty() {
                return Found::exact(vec![Entity::Module(module)]);
            }
            return found;
        }
        let name = self.unit(file).name_hash(row.name);
        self.exported(module, name, row)
    }

    /// The type of a module: that of what it exports as a whole, where it does.
    pub(super) fn module_type(&mut self, file: u32) -> TypeId {
        match self.whole_export(file) {
            Some(row) => self.eval(file, row),
            None => self.types.id(Type::Module(file)),
        }
    }

    fn whole_export(&self, file: u32) -> Option<u32> {
        let facts = self.facts(file);
        facts.exports.iter().find(|export| facts.name(export.name) == "=").map(|export| export.node)
    }

    /// What module `file` exports as `name`.
    pub(super) fn exported(&mut self, file: u32, name: u64, row: &Node) -> Found {
        self.look_at(file);
        let nothing = Found::none(Unresolved::NoSuchMember);
        let step = Step::Export(file, name);
        self.guarded(step, nothing, |this| this.exported_now(file, name, row))
    }

    fn exported_now(&mut self, file: u32, name: u64, row: &Node) -> Found {
        let unit = self.unit(file);
        let facts = unit.facts();
        let mut entities: Vec<(Entity, u32)> = Vec::new();
        for export in facts.exports.iter().filter(|export| export.name != 0) {
            if unit.name_hash(export.name) != name {
                continue;
            }
            let exported = self.row(file, export.node);
            let is_named = matches!(exported.op, Op::Name | Op::Member | Op::Local | Op::Import);
            if is_named {
                let found = self.find(file, export.node);
                entities.extend(found.entities);
            } else {
                entities.push((Entity::Row(file, export.node), 0));
            }
        }
        for (_, symbol) in self.under(mix(unit.package, name)) {
            let found = self.symbol(*symbol);
            let is_exported = found.flags & flag::EXPORTED != 0;
            if is_exported && !entities.iter().any(|known| known.0 == Entity::Symbol(*symbol)) {
                entities.push((Entity::Symbol(*symbol), 0));
            }
        }
        self.keep_fitting(&mut entities, row);
        if !entities.is_empty() {
            return Found { entities, ..Found::exact(Vec::new()) };
        }
        if let Some(whole) = self.whole_export(file) {
            let type_ = self.eval(file, whole);
            let found = self.members(type_, name, row);
            if !found.is_empty() {
                return found;
            }
        }
        self.reexported(file, name, row)
    }

    fn reexported(&mut self, file: u32, name: u64, row: &Node) -> Found {
        let facts = self.facts(file);
        let mut external = None;
        if name == hash_text("default") {
            return Found::none(Unresolved::NoSuchMember);
        }
        for export in facts.exports.iter().filter(|export| export.name == 0) {
            let module = self.find(file, export.node);
            for (entity, _) in module.entities {
                match entity {
                    Entity::Module(module) => {
                        let found = self.exported(module, name, row);
                        if !found.is_empty() {
                            return found;
                        }
                    }
                    Entity::External(_) => external = Some(entity),
                    _ => {}
                }
            }
        }
        match external {
            Some(entity) => Found::exact(vec![entity]),
            None => Found::none(Unresolved::NoSuchMember),
        }
    }

    fn keep_fitting(&mut self, entities: &mut Vec<(Entity, u32)>, row: &Node) {
        let symbols: Vec<_> = entities
            .iter()
            .filter_map(|(entity, _)| match entity {
                Entity::Symbol(symbol) => Some(*symbol),
                _ => None,
            })
            .collect();
        if symbols.len() < 2 || symbols.len() != entities.len() {
            return;
        }
        let kept = self.fitting(symbols, row);
        entities.retain(|(entity, _)| match entity {
            Entity::Symbol(symbol) => kept.contains(symbol),
            _ => true,
        });
    }

    /// Whether a symbol is a mere name for something else.
    pub(in crate::rules) fn is_import(&self, symbol: crate::rules::world::Sym) -> bool {
        self.symbol(symbol).kind == Kind::Import
    }
}
