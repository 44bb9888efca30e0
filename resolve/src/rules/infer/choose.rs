//! Which of several symbols with one name is meant: by what the place wants, by the arguments of a
//! call, by where they lie.

use flux_core::{FileId, Unresolved};

use super::{Entity, Found, Inference};
use crate::rules::facts::{
    CALLED, EITHER, IMPORTED, IN_TYPE, INHERITED, Kind, Node, Op, ScopeKind, Symbol, flag,
};
use crate::rules::language::{Family, Language};
use crate::rules::types::{Type, TypeId, UNKNOWN};
use crate::rules::world::{Sym, hash_text, mix};

/// Whether a function is called on a value that is its first argument.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Receives {
    Nothing,
    FirstArgument,
}

/// Whether classes of a family's languages may be declared in several parts.
pub(super) fn is_reopened(family: Family) -> bool {
    matches!(family, Family::Script | Family::Csharp | Family::Ruby | Family::Swift | Family::C)
}

impl Inference<'_> {
    /// Leaves out what `file` cannot see: tests' symbols, files of other systems.
    pub(super) fn visible(&self, file: u32, mut candidates: Vec<Sym>) -> Vec<Sym> {
        if candidates.len() < 2 && self.family(file) != Family::Go {
            return candidates;
        }
        let is_test = self.unit(file).is_test;
        candidates.retain(|symbol| is_test || !self.unit(symbol.file).is_test);
        self.prefer(&mut candidates, |this, symbol| {
            symbol.file == file && this.unit(file).is_excluded
        });
        self.prefer(&mut candidates, |this, symbol| !this.unit(symbol.file).is_excluded);
        candidates
    }

    pub(super) fn prefer(&self, candidates: &mut Vec<Sym>, better: impl Fn(&Self, Sym) -> bool) {
        if candidates.len() > 1 && candidates.iter().any(|symbol| better(self, *symbol)) {
            candidates.retain(|symbol| better(self, *symbol));
        }
    }

    /// Those of `candidates` that fit the place of a mention; `None` when none does.
    pub(super) fn chosen(&mut self, candidates: Vec<Sym>, row: &Node) -> Option<Found> {
        let mut candidates = self.fitting(candidates, row);
        if row.flags & (IMPORTED | EITHER) == 0
            && (row.flags & IN_TYPE == 0 || row.flags & CALLED != 0)
        {
            candidates.retain(|symbol| !self.is_erased(*symbol));
        }
        if row.flags & IN_TYPE != 0 {
            candidates.retain(|symbol| self.may_be_type(*symbol, row));
        }
        if candidates.is_empty() {
            return None;
        }
        self.prefer(&mut candidates, |this, symbol| this.is_companion(symbol, row));
        self.one_part(&mut candidates);
        let mut entities = Vec::new();
        let mut is_import = false;
        for symbol in candidates {
            is_import |= self.symbol(symbol).kind == Kind::Import;
            for entity in self.through(symbol) {
                if !entities.contains(&entity) {
                    entities.push(entity);
                }
            }
        }
        if is_import && entities.len() > 1 {
            self.fit_imported(&mut entities, row);
        }
        let is_companion = |entity: &Entity| match entity {
            Entity::Symbol(symbol) => self.is_companion(*symbol, row),
            _ => false,
        };
        if entities.len() > 1 && entities.iter().any(is_companion) {
            entities.retain(is_companion);
        }
        if entities.is_empty() && is_import {
            return Some(Found::none(Unresolved::MissingModule));
        }
        Some(Found::exact(entities))
    }

    /// Types where a type is meant, values elsewhere; of overloads, those that take the arguments.
    pub(super) fn fitting(&mut self, candidates: Vec<Sym>, row: &Node) -> Vec<Sym> {
        self.fitting_on(candidates, row, Receives::Nothing)
    }

    /// The same of functions that may take what the call is made on as their first argument.
    pub(super) fn fitting_on(
        &mut self,
        mut candidates: Vec<Sym>,
        row: &Node,
        receives: Receives,
    ) -> Vec<Sym> {
        let call = self.call_of(row);
        if let (Some(call), Family::Swift) = (call, self.family(self.asking)) {
            candidates.retain(|symbol| self.has_labels(*symbol, call));
        }
        if candidates.len() < 2 {
            return candidates;
        }
        self.prefer(&mut candidates, |this, symbol| this.is_companion(symbol, row));
        self.prefer_arity(&mut candidates, row);
        if row.flags & (IMPORTED | EITHER) == 0 {
            let wants_type = row.flags & IN_TYPE != 0;
            self.prefer(&mut candidates, |this, symbol| {
                let kind = this.symbol(symbol).kind;
                let is_both = matches!(
                    kind,
                    Kind::Import | Kind::Namespace | Kind::Class | Kind::Enum | Kind::Struct
                );
                is_both || kind.is_type() == wants_type
            });
            let is_called = row.flags & CALLED != 0;
            let is_script = self.family(self.asking) == Family::Script;
            if !wants_type && !is_script && matches!(row.op, Op::Name | Op::Member) {
                self.prefer(&mut candidates, |this, symbol| {
                    let kind = this.symbol(symbol).kind;
                    kind == Kind::Import
                        || kind.is_callable() == is_called
                        || (is_called && (kind.is_type() || kind == Kind::EnumMember))
                });
                self.prefer_to_parameter(&mut candidates, row);
            }
        }
        if let (Some(call), Op::Name | Op::Member) = (call, row.op) {
            let facts = self.facts(self.asking);
            let arguments = facts.list(facts.nodes[call as usize].b);
            let count = arguments.len() as u32;
            self.prefer(&mut candidates, |this, symbol| {
                this.takes(symbol, count + this.first_argument(symbol, receives))
            });
            let is_script = self.family(self.asking) == Family::Script;
            let are_functions = candidates.iter().all(|s| self.symbol(*s).kind.is_callable());
            if candidates.len() > 1 && are_functions && !is_script {
                return self.by_types(candidates, arguments, receives);
            }
            if candidates.len() > 1 && count > 0 && !is_script {
                return self.exact_function(candidates, arguments);
            }
        }
        candidates
    }

    /// The call that a name is called by.
    fn call_of(&self, row: &Node) -> Option<u32> {
        let is_call = row.flags & CALLED != 0 && row.b != 0;
        let op = self.row(self.asking, row.b).op;
        (is_call && matches!(op, Op::Call | Op::New)).then_some(row.b)
    }

    /// Of the classes of C# called alike, those with as many type parameters as are given; of its
    /// methods, where any are given.
    fn prefer_arity(&self, candidates: &mut Vec<Sym>, row: &Node) {
        let facts = self.facts(self.asking);
        if facts.language != Language::Csharp {
            return;
        }
        let generic = match self.call_of(row) {
            Some(call) => facts.nodes[call as usize].a,
            None => row.b,
        };
        let generic = facts.nodes[generic as usize];
        let given = if generic.op == Op::Generic { facts.list(generic.b).len() } else { 0 };
        self.prefer(candidates, |this, symbol| {
            let found = this.symbol(symbol);
            let takes = this.facts(symbol.file).list(found.generics).len();
            let is_open = given == 0 && found.kind.is_callable();
            takes == given || is_open || !(found.kind.is_class() || found.kind.is_callable())
        });
    }

    /// Which parameter the first written argument is for.
    pub(super) fn first_argument(&self, symbol: Sym, receives: Receives) -> u32 {
        let found = self.symbol(symbol);
        let is_first = found.flags & flag::EXTENSION != 0 && found.receiver == 0;
        u32::from(receives == Receives::FirstArgument && is_first)
    }

    /// Overloads that one import brings in are told apart as others are.
    fn fit_imported(&mut self, entities: &mut Vec<Entity>, row: &Node) {
        let symbols: Vec<Sym> = entities
            .iter()
            .filter_map(|entity| match entity {
                Entity::Symbol(symbol) => Some(*symbol),
                _ => None,
            })
            .collect();
        let is_whole = symbols.len() == entities.len();
        let fitting = self.fitting(symbols, row);
        if is_whole && !fitting.is_empty() && self.family(self.asking) != Family::Script {
            *entities = fitting.into_iter().map(Entity::Symbol).collect();
        }
    }

    /// Of a class and the object called like it (Scala), whether it is the one meant.
    fn is_companion(&self, symbol: Sym, row: &Node) -> bool {
        let found = self.symbol(symbol);
        let wants_object = row.flags & (IN_TYPE | CALLED) == 0;
        self.language(symbol.file) == Language::Scala
            && row.flags & (IMPORTED | EITHER) == 0
            && found.kind.is_type()
            && (found.flags & flag::STATIC != 0) == (wants_object || self.applies(symbol, row))
    }

    /// Whether a call of a class of Scala runs what its companion declares as `apply`.
    fn applies(&self, class: Sym, row: &Node) -> bool {
        if row.flags & (IN_TYPE | CALLED) != CALLED {
            return false;
        }
        let apply = mix(self.key(class), hash_text("apply"));
        self.table.members(apply).iter().any(|(_, symbol)| {
            let scope = self.symbol(*symbol).scope;
            let owner = self.facts(symbol.file).scopes[scope as usize].owner;
            self.symbol(Sym { index: owner, ..*symbol }).flags & flag::STATIC != 0
        })
    }

    /// A property shadows the constructor's parameter that it is set to, but where it is set.
    fn prefer_to_parameter(&self, candidates: &mut Vec<Sym>, row: &Node) {
        let scope = self.facts(self.asking).scopes[row.scope as usize].kind;
        let is_inside = |symbol: &Sym| {
            let found = self.symbol(*symbol);
            let is_around = found.start <= row.start && row.start < found.end;
            found.kind == Kind::Property && symbol.file == self.asking && is_around
        };
        let is_setting = scope == ScopeKind::Class || candidates.iter().any(is_inside);
        let wanted = if is_setting && row.op == Op::Name { Kind::Field } else { Kind::Property };
        self.prefer(candidates, |this, symbol| this.symbol(symbol).kind == wanted);
    }

    /// Of the parts of one class, the one that is meant most: that of the file, else the first.
    pub(super) fn one_part(&self, candidates: &mut Vec<Sym>) {
        let Some(first) = candidates.first().copied() else { return };
        let is_open = !matches!(self.family(first.file), Family::Script | Family::Go);
        let is_part = |symbol: &Sym| self.symbol(*symbol).kind.is_class();
        if candidates.len() < 2 || !is_open || !candidates.iter().all(is_part) {
            return;
        }
        let home = self.asking;
        self.prefer(candidates, |_, symbol| symbol.file == home);
        self.prefer(candidates, |this, symbol| this.is_namesake_file(symbol));
        if !candidates.iter().all(|symbol| self.is_reopened(*symbol)) {
            self.keep_nearest(candidates);
        }
        self.prefer(candidates, |this, symbol| this.symbol(symbol).bases != 0);
        self.keep_outermost(candidates);
        candidates.truncate(1);
    }

    /// Whether a class of Ruby lies where its name says: `HtmlPage` in `html_page.rb`.
    fn is_namesake_file(&self, symbol: Sym) -> bool {
        if self.family(symbol.file) != Family::Ruby || self.table.is_prelude(symbol.file) {
            return false;
        }
        let path = self.table.files.path(FileId(symbol.file));
        let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rb");
        let name = self.facts(symbol.file).name(self.symbol(symbol).name);
        let letters = |text: &str| -> Vec<char> {
            text.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
        };
        letters(stem) == letters(name)
    }

    /// Of the parts of a module of Ruby, those in the outermost folders.
    fn keep_outermost(&self, candidates: &mut Vec<Sym>) {
        let depth = |symbol: &Sym| match self.table.is_prelude(symbol.file) {
            true => 0,
            false => self.table.files.path(FileId(symbol.file)).matches('/').count(),
        };
        let is_ruby = candidates.iter().all(|symbol| self.family(symbol.file) == Family::Ruby);
        if let (true, Some(least)) = (is_ruby, candidates.iter().map(depth).min()) {
            candidates.retain(|symbol| depth(symbol) == least);
        }
    }

    /// Whether the class may have parts elsewhere.
    pub(super) fn is_reopened(&self, class: Sym) -> bool {
        match self.family(class.file) {
            Family::Csharp => self.symbol(class).flags & flag::PARTIAL != 0,
            Family::Swift => false,
            family => is_reopened(family),
        }
    }

    /// Of classes with one name in several folders, those in the nearest one.
    fn keep_nearest(&self, candidates: &mut Vec<Sym>) {
        let files = self.table.files;
        if self.table.is_prelude(self.asking) {
            return;
        }
        let from = files.path(FileId(self.asking));
        let shared = |symbol: &Sym| {
            if self.table.is_prelude(symbol.file) {
                return 0;
            }
            let path = files.path(FileId(symbol.file));
            from.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count()
        };
        let most = candidates.iter().map(shared).max().unwrap_or(0);
        candidates.retain(|symbol| shared(symbol) == most);
    }

    /// Whether a symbol can stand where a type is written. Scripts inherit from, and make
    /// instances of, whatever a variable holds.
    pub(super) fn may_be_type(&self, symbol: Sym, row: &Node) -> bool {
        let kind = self.symbol(symbol).kind;
        let is_script = self.family(symbol.file) == Family::Script;
        kind.is_type()
            || matches!(kind, Kind::Import | Kind::Namespace | Kind::EnumMember)
            || (is_script && row.flags & (CALLED | INHERITED | IMPORTED) != 0)
    }

    /// Of overloads that take as many arguments, the one whose parameters fit best.
    fn by_types(
        &mut self,
        candidates: Vec<Sym>,
        arguments: &[u32],
        receives: Receives,
    ) -> Vec<Sym> {
        let file = self.asking;
        let given: Vec<TypeId> = arguments.iter().map(|row| self.eval(file, *row)).collect();
        let mut best: Option<(i32, Sym)> = None;
        for candidate in candidates {
            let mut score = 0;
            let first = self.first_argument(candidate, receives);
            for (at, given) in given.iter().enumerate() {
                let wanted = self.parameter_type(candidate, at as u32 + first).unwrap_or(UNKNOWN);
                let likeness = self.likeness(wanted, *given);
                score += match likeness {
                    0 => self.name_likeness(candidate, at as u32 + first, arguments[at]),
                    likeness => likeness,
                };
                score += self.shape(wanted, self.row(file, arguments[at]));
            }
            let has_body = self.symbol(candidate).flags & flag::BODY != 0;
            score = score * 2 + i32::from(has_body);
            if best.is_none_or(|(known, _)| score > known) {
                best = Some((score, candidate));
            }
        }
        best.into_iter().map(|(_, symbol)| symbol).collect()
    }

    /// Of a class and functions called like it, the function that takes just the arguments' types.
    fn exact_function(&mut self, candidates: Vec<Sym>, arguments: &[u32]) -> Vec<Sym> {
        let file = self.asking;
        for candidate in candidates.iter().copied() {
            let is_exact = self.symbol(candidate).kind.is_callable()
                && arguments.iter().enumerate().all(|(at, argument)| {
                    let given = self.eval(file, *argument);
                    self.parameter_type(candidate, at as u32)
                        .is_some_and(|wanted| self.likeness(wanted, given) > 2)
                });
            if is_exact {
                return vec![candidate];
            }
        }
        candidates
    }

    /// How well an argument fits a parameter by the mere names of types, for types that lie outside
    /// the tree.
    fn name_likeness(&mut self, function: Sym, at: u32, argument: u32) -> i32 {
        let facts = self.facts(function.file);
        let parameters = facts.list(self.symbol(function).parameters);
        let Some(parameter) = parameters.get(at as usize) else { return 0 };
        let declared = facts.symbols[*parameter as usize].declared;
        let wanted = self.eval(function.file, declared);
        if declared == 0 || matches!(self.types.get(wanted), Type::Parameter(_)) {
            return 0;
        }
        let wanted = self.written_type(function.file, declared);
        let given = self.argument_type(self.asking, argument);
        match (wanted, given) {
            (Some(wanted), Some(given)) if wanted == given => 3,
            (Some(_), Some(_)) => -1,
            _ => 0,
        }
    }

    /// The name that a type is written with.
    fn written_type(&self, file: u32, row: u32) -> Option<u64> {
        let mut row = self.row(file, row);
        while matches!(row.op, Op::Generic | Op::Deref | Op::New | Op::Typed) {
            row = self.row(file, row.a);
        }
        let is_named = matches!(row.op, Op::Name | Op::Member | Op::Builtin);
        is_named.then(|| self.unit(file).name_hash(row.name))
    }

    /// The name of the type that an argument was declared or made with.
    fn argument_type(&mut self, file: u32, argument: u32) -> Option<u64> {
        let row = self.row(file, argument);
        if matches!(row.op, Op::New | Op::Typed) {
            return self.written_type(file, argument);
        }
        if row.op != Op::Name {
            return None;
        }
        let symbol = self.single(file, argument)?;
        let found = *self.symbol(symbol);
        if found.declared != 0 {
            return self.written_type(symbol.file, found.declared);
        }
        let is_made = matches!(self.row(symbol.file, found.value).op, Op::New | Op::Typed);
        if is_made { self.written_type(symbol.file, found.value) } else { None }
    }

    /// Whether a function is written where one is wanted, with as many parameters.
    fn shape(&mut self, wanted: TypeId, argument: Node) -> i32 {
        let takes = self.parameter_count(wanted);
        if argument.op != Op::Lambda {
            return if takes.is_some() { -1 } else { 0 };
        }
        let facts = self.facts(self.asking);
        let lambda = facts.symbols[argument.a as usize];
        let given = facts.list(lambda.parameters).len();
        match takes {
            Some(takes) if takes == given => 3 + i32::from(self.gives_alike(wanted, lambda)),
            // `it` is not written.
            Some(_) if given == 0 && facts.language == Language::Kotlin => 1,
            Some(_) => -1,
            None if matches!(self.types.get(wanted), Type::Instance(..) | Type::Word(_)) => -2,
            None => 0,
        }
    }

    /// Whether a lambda gives what is wanted of it (C#: a value for `Func`, none for `Action`).
    fn gives_alike(&mut self, wanted: TypeId, lambda: Symbol) -> bool {
        let Type::Instance(symbol, list) = self.types.get(wanted) else { return false };
        if self.language(symbol.file) != Language::Csharp {
            return false;
        }
        let facts = self.facts(symbol.file);
        let is_func = facts.name(self.symbol(symbol).name) == "Func";
        let file = self.asking;
        let returns = self.facts(file).list(lambda.returns);
        let Some(row) = returns.iter().find(|row| **row != 0) else { return !is_func };
        let wanted = self.types.list(list).last().copied().unwrap_or(UNKNOWN);
        let given = self.eval(file, *row);
        is_func && self.likeness(wanted, given) >= 0
    }

    /// How many parameters functions of a type have.
    fn parameter_count(&mut self, type_: TypeId) -> Option<usize> {
        if let Type::Instance(symbol, list) = self.types.get(type_)
            && self.language(symbol.file) == Language::Csharp
            && self.table.is_prelude(symbol.file)
        {
            // The prelude declares them once, whatever the number of their parameters.
            let count = self.types.list(list).len();
            let facts = self.facts(symbol.file);
            return match facts.name(self.symbol(symbol).name) {
                "Func" => count.checked_sub(1),
                "Action" => Some(count),
                "Predicate" => Some(1),
                _ => None,
            };
        }
        let (function, _) = self.callable(type_)?;
        Some(self.facts(function.file).list(self.symbol(function).parameters).len())
    }

    /// How well an argument's type fits a parameter's.
    fn likeness(&mut self, wanted: TypeId, given: TypeId) -> i32 {
        if wanted == UNKNOWN || given == UNKNOWN {
            return 0;
        }
        if wanted == given {
            // Of types outside the tree only the package is known.
            let is_known = !matches!(self.types.get(wanted), Type::External(_));
            return if is_known { 4 } else { 0 };
        }
        match (self.types.get(wanted), self.types.get(given)) {
            (Type::Instance(wanted, list), Type::Instance(given, arguments)) => {
                if wanted == given {
                    let pair = (self.types.list(list).first(), self.types.list(arguments).first());
                    return match pair {
                        (Some(a), Some(b)) if a != b && *a != UNKNOWN && *b != UNKNOWN => {
                            let (a, b) = (*a, *b);
                            match self.types.get(a) {
                                Type::Parameter(_) => 3,
                                _ => self.likeness(a, b).min(3),
                            }
                        }
                        _ => 3,
                    };
                }
                match self.as_super(given, arguments, wanted, 0) {
                    Some(_) => 2,
                    None => -3,
                }
            }
            (Type::Word(_), Type::Word(_) | Type::Instance(..))
            | (Type::Instance(..), Type::Word(_) | Type::Tuple(_)) => -2,
            (Type::Function(..), Type::Instance(..)) => -2,
            _ => 0,
        }
    }

    /// Whether a symbol is a type only, with no value at run time (of TypeScript).
    fn is_erased(&self, symbol: Sym) -> bool {
        matches!(self.symbol(symbol).kind, Kind::Interface | Kind::Alias | Kind::Generic)
            && !self.table.is_prelude(symbol.file)
            && self.family(symbol.file) == Family::Script
    }

    /// Whether a function's parameters have the labels of a call, in order.
    fn has_labels(&self, symbol: Sym, call: u32) -> bool {
        let found = self.symbol(symbol);
        let asking = self.unit(self.asking);
        if !found.kind.is_callable() || found.value != 0 || self.table.is_prelude(symbol.file) {
            return true;
        }
        let unit = self.unit(symbol.file);
        let facts = unit.facts();
        let mut parameters = facts.list(found.parameters).iter().map(|parameter| {
            let parameter = &facts.symbols[*parameter as usize];
            (parameter.context, parameter.flags & flag::VARIADIC != 0)
        });
        let mut is_open = false;
        let labels = asking.facts().list(asking.facts().nodes[call as usize].name);
        labels.iter().all(|label| {
            let is_rest = *label == 0 && is_open;
            is_rest
                || parameters.any(|(name, is_variadic)| {
                    is_open = is_variadic;
                    unit.name_hash(name) == asking.name_hash(*label)
                })
        })
    }

    /// Whether a function can be called with so many arguments.
    fn takes(&self, symbol: Sym, count: u32) -> bool {
        use crate::rules::facts::flag::{OPTIONAL, VARIADIC};
        let found = self.symbol(symbol);
        if !found.kind.is_callable() {
            return true;
        }
        let facts = self.facts(symbol.file);
        let parameters = facts.list(found.parameters);
        let needed = parameters
            .iter()
            .map(|parameter| &facts.symbols[*parameter as usize])
            .filter(|found| found.flags & (OPTIONAL | VARIADIC) == 0 && found.value == 0)
            .count();
        let is_open = parameters
            .iter()
            .any(|parameter| facts.symbols[*parameter as usize].flags & VARIADIC != 0);
        count as usize >= needed && (is_open || count as usize <= parameters.len())
    }
}
