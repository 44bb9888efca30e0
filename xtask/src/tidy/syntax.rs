//! Rules about the items of a Rust file: long functions, many parameters, prints, unfinished
//! code, skipped tests.
//!
//! Clippy has lints for some of these; here they also hold where a lint was switched off.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, ImplItemFn, ItemFn, ItemMod, Macro, Meta, Signature, TraitItemFn};

use super::{CrateRole, Problem};

const MAX_FUNCTION_LINES: usize = 80;
const MAX_PARAMETERS: usize = 7;

/// Walks the items of a file.
pub(super) fn check(path: &str, text: &str, role: CrateRole) -> Vec<Problem> {
    let file = match syn::parse_file(text) {
        Ok(file) => file,
        Err(error) => {
            let message = format!("the file cannot be parsed: {error}");
            return vec![Problem::new(path, error.span().start().line, message)];
        }
    };
    let in_tests = path.ends_with("/tests.rs") || path.contains("/tests/");
    let lines = text.lines().collect();
    let mut visitor = Visitor { path, lines, role, in_tests, problems: Vec::new() };
    visitor.visit_file(&file);
    visitor.problems
}

struct Visitor<'a> {
    path: &'a str,
    lines: Vec<&'a str>,
    role: CrateRole,
    in_tests: bool,
    problems: Vec<Problem>,
}

impl Visitor<'_> {
    fn report(&mut self, span: Span, message: impl Into<String>) {
        self.problems.push(Problem::new(self.path, span.start().line, message));
    }

    fn function(&mut self, signature: &Signature, body: Option<&Block>, attributes: &[Attribute]) {
        let name = &signature.ident;
        let parameters = signature.inputs.len();
        if parameters > MAX_PARAMETERS {
            let message = format!("`{name}` takes {parameters} parameters, the limit is 7");
            self.report(name.span(), message);
        }
        let lines = body.map_or(0, |body| self.code_lines(body));
        if lines > MAX_FUNCTION_LINES && !attributes.iter().any(excuses_length) {
            let message = format!("`{name}` has {lines} lines, the limit is {MAX_FUNCTION_LINES}");
            self.report(name.span(), message);
        }
    }

    /// Lines between the braces that hold code, as clippy's `too_many_lines` counts them: an
    /// `#[expect]` for that lint would otherwise be called unfulfilled.
    fn code_lines(&self, body: &Block) -> usize {
        let open = body.brace_token.span.open().start().line;
        let close = body.brace_token.span.close().start().line;
        let between = self.lines.get(open..close.saturating_sub(1)).unwrap_or(&[]);
        between.iter().map(|line| line.trim()).filter(|line| is_code(line)).count()
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let outer = self.in_tests;
        self.in_tests |= module.attrs.iter().any(is_test_only);
        visit::visit_item_mod(self, module);
        self.in_tests = outer;
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, Some(&item.block), &item.attrs);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, Some(&item.block), &item.attrs);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        self.function(&item.sig, item.default.as_ref(), &item.attrs);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let Some(name) = call.path.segments.last().map(|segment| &segment.ident) else { return };
        match name.to_string().as_str() {
            "todo" | "unimplemented" => self.report(name.span(), format!("`{name}!` is left")),
            "dbg" => self.report(name.span(), "`dbg!` is left"),
            "print" | "println" | "eprint" | "eprintln"
                if self.role == CrateRole::Library && !self.in_tests =>
            {
                self.report(name.span(), format!("a library calls `{name}!`"));
            }
            _ => {}
        }
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        for name in ["ignore", "should_panic"] {
            if attribute.path().is_ident(name) {
                self.report(attribute.pound_token.span, format!("a test carries `#[{name}]`"));
            }
        }
        visit::visit_attribute(self, attribute);
    }
}

fn is_code(line: &str) -> bool {
    !line.is_empty() && !line.starts_with("//")
}

fn is_test_only(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") && words(attribute) == "test"
}

fn excuses_length(attribute: &Attribute) -> bool {
    let words = words(attribute);
    attribute.path().is_ident("expect")
        && words.contains("too_many_lines")
        && words.contains("reason")
}

fn words(attribute: &Attribute) -> String {
    match &attribute.meta {
        Meta::List(list) => list.tokens.to_string(),
        Meta::Path(_) | Meta::NameValue(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{CrateRole, check};

    #[track_caller]
    fn finds(text: &str, expected: &[&str]) {
        let found: Vec<String> = check("core/src/a.rs", text, CrateRole::Library)
            .into_iter()
            .map(|problem| format!("{}: {}", problem.line, problem.message))
            .collect();
        assert_eq!(found, expected);
    }

    fn function_of(lines: usize, attribute: &str) -> String {
        format!("{attribute}\nfn long() {{\n{}\n// why\n}}\n", "    a();\n".repeat(lines))
    }

    #[test]
    fn a_function_of_81_lines_of_code_fails() {
        finds(&function_of(80, ""), &[]);
        finds(&function_of(81, ""), &["2: `long` has 81 lines, the limit is 80"]);
    }

    #[test]
    fn a_long_function_needs_an_expectation_with_a_reason() {
        let excused = "#[expect(clippy::too_many_lines, reason = \"a table\")]";
        finds(&function_of(81, excused), &[]);
        let bare = function_of(81, "#[expect(clippy::too_many_lines)]");
        finds(&bare, &["2: `long` has 81 lines, the limit is 80"]);
    }

    #[test]
    fn an_eighth_parameter_fails_and_self_counts() {
        let method = |names: &str| format!("impl A {{ fn f(&self, {names}) {{}} }}");
        finds(&method("a: X, b: X, c: X, d: X, e: X, f: X"), &[]);
        let message = "1: `f` takes 8 parameters, the limit is 7";
        finds(&method("a: X, b: X, c: X, d: X, e: X, f: X, g: X"), &[message]);
    }

    #[test]
    fn a_library_prints_only_in_tests() {
        finds("fn a() {\n    println!(\"x\");\n}", &["2: a library calls `println!`"]);
        finds("#[cfg(test)]\nmod tests { fn a() { eprintln!(\"x\"); } }", &[]);
        assert_eq!(check("cli/src/a.rs", "fn a() { println!() }", CrateRole::Face), []);
        assert_eq!(check("core/src/a/tests.rs", "fn a() { println!() }", CrateRole::Library), []);
    }

    #[test]
    fn unfinished_code_fails_everywhere() {
        finds("fn a() { todo!() }", &["1: `todo!` is left"]);
        finds("#[cfg(test)]\nmod tests { fn a() { dbg!(1); } }", &["2: `dbg!` is left"]);
    }

    #[test]
    fn a_test_is_neither_skipped_nor_expected_to_panic() {
        finds("#[test]\n#[ignore]\nfn a() {}", &["2: a test carries `#[ignore]`"]);
        let expected = ["1: a test carries `#[should_panic]`"];
        finds("#[should_panic(expected = \"x\")]\nfn a() {}", &expected);
    }

    #[test]
    fn a_file_that_is_no_rust_is_named() {
        let problems = check("a.rs", "fn (", CrateRole::Face);
        assert!(problems[0].message.starts_with("the file cannot be parsed"), "{problems:?}");
    }
}
