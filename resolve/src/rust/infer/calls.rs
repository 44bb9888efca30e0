//! Calls of functions, methods, constructors and macros.

use flux_core::{EdgeKind, Tier};

use super::super::lower::{self, Shape};
use super::super::macros::{self, Call, Context, Source};
use super::super::name::Name;
use super::super::syntax::{CallId, Expr, ExprId, FieldInit, Run, Segment};
use super::super::world::{Binding, Def, Namespace, names_of, offset_of};
use super::Resolver;
use super::late::{Late, Wanted};
use super::methods::Pick;
use super::site::Site;
use super::types::{Bound, Kind, Substitution, Ty, Types};

/// Deepest nesting of macros that are expanded in bodies.
const MAX_MACROS: u32 = 24;

impl<'a> Resolver<'a> {
    pub(super) fn call(
        &mut self,
        site: &Site<'_>,
        callee: ExprId,
        arguments: Run,
        expected: Option<Ty>,
    ) -> Ty {
        self.given = self.depths_of(site, arguments);
        let ty = self.callee(site, callee);
        self.given.clear();
        let ty = self.shallow(ty);
        if let Kind::Item(def, list) = self.types.kind(ty) {
            let (parameters, output) = self.item_call(def, list);
            let with = self.item_substitution(def, list);
            let bounds = self.required(def, &with);
            return self.checked(site, &parameters, arguments, bounds, output, expected);
        }
        match self.callable(ty) {
            Some((parameters, output)) => {
                self.checked(site, &parameters, arguments, Vec::new(), output, expected)
            }
            None => {
                let arguments = self.plain(site, arguments);
                if let (true, [only]) = (is_identity(site, callee), &arguments[..]) {
                    return *only;
                }
                if let Kind::Variable(_) = self.types.kind(ty) {
                    let output = self.types.variable();
                    self.late.push(Late::Call { callee: ty, arguments, output });
                    return output;
                }
                Types::UNKNOWN
            }
        }
    }

    fn callee(&mut self, site: &Site<'_>, callee: ExprId) -> Ty {
        let Expr::Path(id) = site.syntax.expr(callee) else {
            return self.expr(site, callee, None);
        };
        let path = site.syntax.path(id);
        if let [only] = site.segments(path)
            && path.qualified.is_none()
            && let Some(ty) = self.see_local(site, only.ident, EdgeKind::Calls)
        {
            return ty;
        }
        let meaning = self.see_path(site, id, Namespace::Values, EdgeKind::Calls);
        self.value(site, id, meaning, None)
    }

    /// The types of arguments of which nothing is expected.
    fn plain(&mut self, site: &Site<'_>, arguments: Run) -> Vec<Ty> {
        let list = arguments.of(&site.syntax.expr_lists);
        list.iter().map(|argument| self.expr(site, *argument, None)).collect()
    }

    /// Reads arguments against parameters, closures last: what they take depends on the others.
    fn checked(
        &mut self,
        site: &Site<'_>,
        parameters: &[Ty],
        arguments: Run,
        bounds: Vec<(Ty, Bound)>,
        output: Ty,
        expected: Option<Ty>,
    ) -> Ty {
        if let Some(expected) = expected {
            let (output, expected) = (self.shallow(output), self.shallow(expected));
            // A variable alone would take on what the value is merely coerced to.
            if !matches!(self.types.kind(output), Kind::Variable(_) | Kind::Projection(..)) {
                self.types.unify(output, expected);
            }
        }
        let list = arguments.of(&site.syntax.expr_lists);
        let is_closure = |id: &ExprId| matches!(site.syntax.expr(*id), Expr::Closure { .. });
        for (at, argument) in list.iter().enumerate().filter(|(_, id)| !is_closure(id)) {
            let wanted = parameters.get(at).copied();
            let given = self.expr(site, *argument, wanted);
            if let Some(wanted) = wanted {
                self.coerce(wanted, given);
            }
        }
        let (calls, others): (Vec<_>, Vec<_>) =
            bounds.into_iter().partition(|(_, bound)| match bound.of {
                Binding::Def(def) => self.is_fn_trait(def),
                _ => false,
            });
        self.learn_all(others);
        for (at, argument) in list.iter().enumerate().filter(|(_, id)| is_closure(id)) {
            let wanted = parameters.get(at).copied();
            self.closure_argument(site, *argument, wanted, &calls);
        }
        self.learn_all(calls);
        self.shallow(output)
    }

    fn closure_argument(
        &mut self,
        site: &Site<'_>,
        argument: ExprId,
        wanted: Option<Ty>,
        calls: &[(Ty, Bound)],
    ) {
        let Expr::Closure { parameters, output, body, is_async } = site.syntax.expr(argument)
        else {
            return;
        };
        let wanted = wanted.map(|wanted| self.shallow(wanted));
        let bound = wanted.and_then(|wanted| {
            calls.iter().find(|(ty, _)| self.types.found(*ty) == wanted).map(|(_, bound)| bound)
        });
        let expected = match (bound, wanted) {
            (Some(bound), _) => {
                let inputs = self.types.of(bound.arguments).first().copied();
                match inputs.map(|inputs| self.types.kind(inputs)) {
                    Some(Kind::Tuple(list)) => self.types.of(list).to_vec(),
                    _ => Vec::new(),
                }
            }
            (None, Some(wanted)) => self.callable(wanted).map_or_else(Vec::new, |it| it.0),
            (None, None) => Vec::new(),
        };
        let output = output.map(|ty| {
            self.see_type(site, ty);
            self.lower(site, ty)
        });
        let given = self.closure(site, (parameters, body, is_async), &expected, output);
        if let Some(wanted) = wanted {
            self.coerce(wanted, given);
        }
    }

    pub(super) fn method_call(
        &mut self,
        site: &Site<'_>,
        receiver: Ty,
        segment: Segment,
        arguments: Run,
        expected: Option<Ty>,
    ) -> Ty {
        let name = site.name(segment);
        let mention = self.mention(site, segment.ident);
        self.see_segment_arguments(site, segment);
        let generics: Vec<Ty> = match segment.arguments {
            Some(at) => {
                let list = site.syntax.arguments[at as usize].types;
                list.of(&site.syntax.type_lists).iter().map(|ty| self.lower(site, *ty)).collect()
            }
            None => Vec::new(),
        };
        let depth = self.receiver;
        let pick = self.method(receiver, name);
        self.receiver = None;
        if let Pick::Unknown = pick {
            let arguments = self.plain(site, arguments);
            let output = self.types.variable();
            let wanted = Wanted { mention, name, receiver, depth, generics, arguments, output };
            self.late.push(Late::Method(Box::new(wanted)));
            return output;
        }
        if let Pick::Open { .. } = pick {
            self.given = std::iter::once(depth).chain(self.depths_of(site, arguments)).collect();
        }
        let picked = self.picked(mention, name, pick, &generics);
        self.given.clear();
        match picked {
            Some((parameters, bounds, output)) => {
                let parameters = parameters.get(1..).unwrap_or(&[]);
                self.checked(site, parameters, arguments, bounds, output, expected)
            }
            None => {
                self.plain(site, arguments);
                Types::UNKNOWN
            }
        }
    }

    /// A field of a struct expression.
    pub(super) fn field_init(
        &mut self,
        site: &Site<'_>,
        init: &FieldInit,
        of: Option<&(Def, Substitution)>,
    ) {
        let name = site.names[init.name.text.0 as usize];
        let mention = self.mention(site, init.name);
        let field = of.and_then(|(def, with)| Some((self.world.member(*def, name)?, with)));
        let wanted = field.map(|(field, with)| {
            self.emit_def(mention, EdgeKind::References, Tier::Exact, field);
            let ty = self.declared_type(field);
            self.types.apply(ty, with)
        });
        let given = match init.value {
            Some(value) => Some(match (site.syntax.expr(value), wanted) {
                (Expr::Closure { .. }, Some(wanted)) => {
                    self.closure_argument(site, value, Some(wanted), &[]);
                    return;
                }
                _ => self.expr(site, value, wanted),
            }),
            None => self.see_local(site, init.name, EdgeKind::References),
        };
        if let (Some(wanted), Some(given)) = (wanted, given) {
            self.coerce(wanted, given);
        }
    }

    /// The value of a macro call: what its expansion gives.
    pub(super) fn macro_value(&mut self, site: &Site<'_>, id: CallId, expected: Option<Ty>) -> Ty {
        let call = site.syntax.call(id);
        let def = self.see_macro_name(site, call);
        let name = site.segments(site.syntax.path(call.path)).last().map(|it| site.name(*it));
        if let Some(def) = def.filter(|def| !self.world.is_std(*def))
            && let Some(ty) = self.expanded(site, def, id, expected)
        {
            return ty;
        }
        // A macro of the tree that could not be expanded is no function of its arguments.
        let is_own = def.is_some_and(|def| !self.world.is_std(def));
        let was_guess = self.out.is_guess;
        self.out.is_guess = was_guess || is_own;
        let inner = call.arguments.map(|arguments| self.expr(site, arguments, None));
        self.out.is_guess = was_guess;
        self.known_macro(name, inner)
    }

    /// What well-known macros give.
    fn known_macro(&mut self, name: Option<Name>, inner: Option<Ty>) -> Ty {
        const QUOTES: [Name; 4] = [
            Name::of("quote"),
            Name::of("quote_spanned"),
            Name::of("parse_quote"),
            Name::of("parse_quote_spanned"),
        ];
        const STRINGS: [Name; 4] =
            [Name::of("concat"), Name::of("stringify"), Name::of("file"), Name::of("include_str")];
        let Some(name) = name else { return Types::UNKNOWN };
        if QUOTES.contains(&name) {
            return Types::UNKNOWN;
        }
        if STRINGS.contains(&name) {
            return self.types.primitive("str");
        }
        if name == Name::of("format") {
            return match self.world.lang(Name::of("String")) {
                Some(def) => self.types.make(Kind::Adt(def, Types::NONE)),
                None => Types::UNKNOWN,
            };
        }
        let inner = inner.map(|inner| self.shallow(inner));
        if name == Name::of("vec")
            && let Some(Kind::Slice(element)) = inner.map(|inner| self.types.kind(inner))
            && let Some(def) = self.world.lang(Name::of("Vec"))
        {
            let list = self.types.list(&[element]);
            return self.types.make(Kind::Adt(def, list));
        }
        inner.unwrap_or(Types::UNKNOWN)
    }

    /// The value of an expansion by a macro of the tree.
    fn expanded(
        &mut self,
        site: &Site<'_>,
        def: Def,
        id: CallId,
        expected: Option<Ty>,
    ) -> Option<Ty> {
        if self.macro_depth >= MAX_MACROS {
            return None;
        }
        let call = site.syntax.call(id);
        let world = self.world;
        let rules = world.rules(def)?;
        let text = site.syntax.text(call.tokens);
        let source = match site.expansion {
            Some(expansion) => Source::Expansion(expansion, offset_of(call)?),
            None => Source::File(offset_of(call)?),
        };
        let root = world.root_for(self.krate, Some(def));
        let request = Call { text, source, context: Context(1), root };
        let expansion = macros::expand(rules, &request, &mut self.budget).ok()?;
        let lowered = lower::expansion(&expansion, Shape::Statements, self.macro_depth);
        let body = lowered.bodies.bodies.last().copied()?;
        let syntax = &lowered.bodies.syntax;
        let names = names_of(syntax);
        let inner = Site { syntax, names: &names, expansion: Some(&expansion), ..*site };
        self.macro_depth += 1;
        let ty = self.expr(&inner, body.value, expected);
        self.macro_depth -= 1;
        Some(ty)
    }

    /// A macro that stands for a pattern: only its name is said.
    pub(super) fn pattern_macro(&mut self, site: &Site<'_>, call: CallId, _ty: Ty) {
        let call = site.syntax.call(call);
        self.see_macro_name(site, call);
        if let Some(arguments) = call.arguments {
            self.expr(site, arguments, None);
        }
    }
}

/// Whether a function that is not known is called as one that gives what it takes: benchmarks
/// have `black_box` of several packages.
fn is_identity(site: &Site<'_>, callee: ExprId) -> bool {
    let Expr::Path(id) = site.syntax.expr(callee) else { return false };
    let last = site.segments(site.syntax.path(id)).last().map(|last| site.name(*last));
    last == Some(Name::of("black_box"))
}
