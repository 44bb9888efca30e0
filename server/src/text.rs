//! Answers of the symbol graph as lines of text, the same in a terminal and for a model.
//!
//! A line about a place starts with `path:line:`, as grep prints it; what is certain and what is
//! likely stand under headings of their own; the last lines say what the answer could not see.

pub mod refactoring;
pub mod suggest;

use std::collections::BTreeMap;

use flux_core::{DefinitionRef, EdgeKind, RepoPath, Tier, Unresolved};
use flux_engine::query::graph::{
    Callee, Calls, Completeness, Cycle, Described, Impact, ImportedFile, Imports, Mentions,
    Relative, Site, Sites, Step, Touched, UnusedReport, Ways,
};
use flux_engine::{ChangeKind, EngineError, Graph, SymbolCard, SymbolChange};

/// Writes answers about one graph.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// The graph.
    pub graph: &'a Graph<'a>,
    /// How a path is shown.
    pub shown: &'a dyn Fn(&RepoPath) -> String,
}

/// Lines, without line feeds.
pub type Lines = Result<Vec<String>, EngineError>;

/// Whether places are listed where only the name matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByName {
    /// They are counted.
    Hidden,
    /// They are listed.
    Listed,
}

/// Members of a symbol that are listed.
const MAX_MEMBERS: usize = 60;
/// Lines of a doc comment that are shown.
const MAX_DOC_LINES: usize = 12;
/// Tests that are listed below the code that a change can touch.
const MAX_TESTS: usize = 20;
/// Unresolved mentions that are listed by place.
const MAX_MENTIONS: usize = 10;

impl Text<'_> {
    fn path(&self, path: &RepoPath) -> String {
        (self.shown)(path).replace('\n', "\\n").replace('\r', "\\r")
    }

    /// `path:line: kind name`, and what else there is to say of a definition.
    fn head(&self, found: &Described) -> String {
        let path = self.path(&found.path);
        let (line, kind, name) = (found.name_line, found.kind.as_str(), &found.qualified_name);
        let marks = [(found.is_public, "public"), (found.is_test, "test")];
        let marks: Vec<&str> = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        match marks.is_empty() {
            true => format!("{path}:{line}: {kind} {name}"),
            false => format!("{path}:{line}: {kind} {name} ({})", marks.join(", ")),
        }
    }

    fn heading(&self, definition: DefinitionRef) -> Result<String, EngineError> {
        Ok(self.head(&self.graph.describe(definition)?))
    }

    fn name(&self, definition: DefinitionRef) -> Result<String, EngineError> {
        Ok(self.graph.describe(definition)?.qualified_name)
    }

    /// The candidates for an ambiguous name.
    pub fn candidates(&self, typed: &str, found: &[DefinitionRef]) -> Lines {
        let mut lines = vec![format!("`{typed}` may be any of {}:", found.len())];
        for candidate in found {
            lines.push(self.heading(*candidate)?);
        }
        Ok(lines)
    }

    /// What one symbol is.
    pub fn symbol(&self, card: &SymbolCard) -> Lines {
        let mut lines = vec![self.head(&card.described)];
        let span = card.described.lines;
        lines.push(format!(
            "lines {}-{}, {} references, id {}",
            span.start, span.end, card.references, card.described.id
        ));
        if !card.signature.is_empty() {
            lines.push(card.signature.clone());
        }
        let doc: Vec<&str> = card.doc.lines().collect();
        lines.extend(doc.iter().take(MAX_DOC_LINES).map(|line| format!("  {}", line.trim())));
        if doc.len() > MAX_DOC_LINES {
            lines.push(format!("  … {} more lines", doc.len() - MAX_DOC_LINES));
        }
        if !card.members.is_empty() {
            lines.push(format!("members: {}", card.members.len()));
        }
        lines.extend(card.members.iter().take(MAX_MEMBERS).map(|member| self.head(member)));
        if card.members.len() > MAX_MEMBERS {
            lines.push(format!("… {} more members", card.members.len() - MAX_MEMBERS));
        }
        Ok(lines)
    }

    fn sites(
        &self,
        title: &str,
        sites: &[Site],
        lines: &mut Vec<String>,
    ) -> Result<(), EngineError> {
        if sites.is_empty() {
            return Ok(());
        }
        lines.push(format!("{title}: {}", sites.len()));
        let texts = self.graph.lines_of_sites(sites);
        for (site, text) in sites.iter().zip(texts) {
            let implicit = if site.is_implicit { ", implicit" } else { "" };
            let name = self.name(site.enclosing)?;
            let path = self.path(&site.path);
            let (line, column, kind) = (site.line, site.column, verb(site.kind));
            lines.push(format!("{path}:{line}:{column}: {kind}{implicit} in {name}: {text}"));
        }
        Ok(())
    }

    /// Who refers to a symbol.
    pub fn references(&self, sites: &Sites, by_name: ByName) -> Lines {
        let mut lines = Vec::new();
        self.sites("certain", &sites.certain, &mut lines)?;
        self.sites("likely", &sites.likely, &mut lines)?;
        if by_name == ByName::Listed {
            self.sites("by name only", &sites.by_name, &mut lines)?;
        }
        lines.extend(self.completeness(&sites.completeness, by_name));
        Ok(lines)
    }

    /// Who calls a symbol.
    pub fn callers(&self, calls: &Calls, by_name: ByName) -> Lines {
        let mut lines = Vec::new();
        for (tier, title) in TITLES {
            let callers = calls.callers.iter().filter(|caller| caller.tier() == *tier);
            let callers: Vec<_> = callers.collect();
            if callers.is_empty() || (*tier == Tier::Name && by_name == ByName::Hidden) {
                continue;
            }
            lines.push(format!("{title}: {}", callers.len()));
            for caller in callers {
                lines.push(self.heading(caller.definition)?);
                self.places(&caller.sites, &mut lines)?;
            }
        }
        lines.extend(self.completeness(&calls.completeness, by_name));
        Ok(lines)
    }

    /// The sites of one caller or callee, indented below it.
    fn places(&self, sites: &[Site], lines: &mut Vec<String>) -> Result<(), EngineError> {
        for (site, text) in sites.iter().zip(self.graph.lines_of_sites(sites)) {
            let through = match site.through {
                Some(through) => format!(" through {}", self.name(through)?),
                None => String::new(),
            };
            lines.push(format!("  {}{through}: {text}", site.line));
        }
        Ok(())
    }

    /// What a symbol calls.
    pub fn callees(&self, callees: &[Callee]) -> Lines {
        let mut lines = Vec::new();
        let mut outside: BTreeMap<&str, usize> = BTreeMap::new();
        let mut unknown: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (tier, title) in TITLES {
            let mut found = Vec::new();
            for callee in callees {
                let Callee::Inside { definition, overriders, sites } = callee else { continue };
                if sites.iter().map(|site| site.tier).min() != Some(*tier) {
                    continue;
                }
                let mut line = self.heading(*definition)?;
                if *overriders > 0 {
                    line.push_str(&format!(", or one of {overriders} that override it"));
                }
                found.push(line);
                self.places(sites, &mut found)?;
            }
            if !found.is_empty() {
                lines.push(format!("{title}:"));
                lines.append(&mut found);
            }
        }
        for callee in callees {
            match callee {
                Callee::Inside { .. } => {}
                Callee::Outside { package, sites } => {
                    *outside.entry(package).or_default() += sites.len();
                }
                Callee::Unknown { reason, sites } => {
                    let places = sites.iter().map(|site| site.line.to_string());
                    unknown.entry(reason.as_str()).or_default().extend(places);
                }
            }
        }
        if !outside.is_empty() {
            let packages = outside.iter().map(|(package, count)| format!("{package} {count}"));
            lines.push(format!("outside the tree: {}", packages.collect::<Vec<_>>().join(", ")));
        }
        for (reason, places) in unknown {
            lines.push(format!("unresolved, {reason}: lines {}", places.join(", ")));
        }
        Ok(lines)
    }

    /// How one symbol reaches another.
    pub fn steps(&self, steps: &[Step]) -> Lines {
        let mut lines = Vec::new();
        for step in steps {
            lines.push(self.heading(step.definition)?);
            match &step.site {
                Some(site) => self.places(std::slice::from_ref(site), &mut lines)?,
                None if step != &steps[steps.len() - 1] => lines.push("  contains".to_owned()),
                None => {}
            }
        }
        Ok(lines)
    }

    /// Types or members above or below a symbol, as an indented tree.
    pub fn relatives(&self, title: &str, relatives: &[Relative]) -> Lines {
        let mut lines = Vec::new();
        if !relatives.is_empty() {
            lines.push(format!("{title}: {}", relatives.len()));
        }
        for relative in relatives {
            let indent = "  ".repeat(relative.depth - 1);
            let tier = match relative.tier {
                Tier::Exact => "",
                Tier::Likely => ", likely",
                Tier::Name => ", by name only",
            };
            let head = self.heading(relative.definition)?;
            lines.push(format!("{indent}{head}, {}{tier}", relative.kind.as_str()));
        }
        Ok(lines)
    }

    /// What a file imports and who imports it.
    pub fn imports(&self, path: &RepoPath, imports: &Imports) -> Lines {
        let own = self.path(path);
        let mut lines = Vec::new();
        let names = |file: &ImportedFile| match file.names.is_empty() {
            true => String::new(),
            false => format!(": {}", file.names.join(", ")),
        };
        lines.push(format!("imports: {}", imports.inside.len()));
        for file in &imports.inside {
            lines.push(format!("{own}:{}: {}{}", file.line, self.path(&file.path), names(file)));
        }
        if !imports.outside.is_empty() {
            let packages = imports.outside.iter().map(|(package, _)| package.as_str());
            lines.push(format!("outside the tree: {}", packages.collect::<Vec<_>>().join(", ")));
        }
        for (line, reason) in &imports.unresolved {
            lines.push(format!("{own}:{line}: unresolved, {}", reason.as_str()));
        }
        lines.push(format!("imported by: {}", imports.imported_by.len()));
        for file in &imports.imported_by {
            lines.push(format!("{}:{}{}", self.path(&file.path), file.line, names(file)));
        }
        Ok(lines)
    }

    /// Files that import each other.
    pub fn cycles(&self, cycles: &[Cycle]) -> Vec<String> {
        let mut lines = vec![format!("cycles of imports: {}", cycles.len())];
        for cycle in cycles {
            lines.push(format!("{} files reach each other, for one thus:", cycle.files));
            let targets = cycle.links.iter().cycle().skip(1);
            for (link, target) in cycle.links.iter().zip(targets) {
                let (path, line) = (self.path(&link.path), link.line);
                lines.push(format!("{path}:{line}: imports {}", self.path(&target.path)));
            }
        }
        lines
    }

    /// Definitions that nothing is known to refer to.
    pub fn unused(&self, report: &UnusedReport, unsure: ByName) -> Lines {
        let mut lines = vec![format!("no known inbound reference: {}", report.findings.len())];
        for found in &report.findings {
            lines.push(self.heading(found.definition)?);
        }
        let mut reasons: BTreeMap<&str, Vec<DefinitionRef>> = BTreeMap::new();
        for found in &report.unsure {
            let reason = found.unsure.map_or("", |unsure| unsure.as_str());
            reasons.entry(reason).or_default().push(found.definition);
        }
        for (reason, definitions) in reasons {
            lines.push(format!("unsure, {reason}: {}", definitions.len()));
            if unsure == ByName::Listed {
                for definition in definitions {
                    lines.push(self.heading(definition)?);
                }
            }
        }
        lines.push(
            "not looked at: tests, examples, generated and vendored files; code called by \
             reflection, from other languages or from outside the tree cannot be seen"
                .to_owned(),
        );
        if report.unread > 0 {
            lines.push(format!("{} files changed since and were not read", report.unread));
        }
        Ok(lines)
    }

    /// What a change can touch.
    pub fn impact(&self, impact: &Impact) -> Lines {
        let mut lines = Vec::new();
        let (tests, code): (Vec<&Touched>, Vec<&Touched>) =
            impact.touched.iter().partition(|found| found.is_test);
        let public = code.iter().filter(|found| found.is_public).count();
        let ways = impact.ways();
        let files: std::collections::BTreeSet<_> =
            impact.touched.iter().map(|found| found.definition.file).collect();
        lines.push(format!(
            "{} definitions in {} files can be touched: {} of code, {public} of them public, and {} tests",
            impact.touched.len(),
            files.len(),
            code.len(),
            tests.len(),
        ));
        for (tier, title) in TITLES {
            let found: Vec<_> = code.iter().filter(|found| found.tier == *tier).collect();
            if !found.is_empty() {
                lines.push(format!("{title}: {}", found.len()));
            }
            for touched in found {
                lines.push(self.touched(&ways, touched)?);
            }
        }
        lines.push(match tests.len() {
            0 => "tests: none is known to exercise it".to_owned(),
            count => format!("tests: {count}"),
        });
        let nearest = nearest_first(&tests);
        for touched in nearest.iter().take(MAX_TESTS) {
            lines.push(self.touched(&ways, touched)?);
        }
        if tests.len() > MAX_TESTS {
            lines.push(format!("… {} more tests (--tests lists them)", tests.len() - MAX_TESTS));
        }
        if impact.is_cut {
            lines.push("there is more beyond: raise --depth".to_owned());
        }
        lines.extend(self.completeness(&impact.completeness, ByName::Hidden));
        Ok(lines)
    }

    /// The tests that a change can touch, a line each.
    pub fn tests(&self, impact: &Impact) -> Lines {
        impact.tests().into_iter().map(|test| self.heading(test.definition)).collect()
    }

    fn touched(&self, ways: &Ways<'_>, touched: &Touched) -> Result<String, EngineError> {
        let head = self.heading(touched.definition)?;
        let mut line = format!("{head}: {}", touched.reasons().join(", "));
        if touched.depth > 1 {
            let way = ways.to(touched.definition);
            let names: Result<Vec<String>, _> =
                way.iter().rev().skip(1).map(|step| self.name(step.definition)).collect();
            line.push_str(&format!("; by way of {}", names?.join(", ")));
        }
        Ok(line)
    }

    /// The symbols that changed.
    pub fn changes(&self, changes: &[SymbolChange]) -> Vec<String> {
        let mut lines = vec![format!("changed symbols: {}", changes.len())];
        for change in changes {
            let (path, line) = (self.path(&change.path), change.lines.start);
            let (kind, name) = (change.kind.as_str(), &change.qualified_name);
            let mut text = format!("{path}:{line}: {} {kind} {name}", change.change.as_str());
            let left = change.left.as_ref().filter(|_| change.change == ChangeKind::Removed);
            if let Some(left) = left.filter(|left| !left.unresolved.is_empty()) {
                let places: Vec<String> =
                    left.unresolved.iter().take(MAX_MENTIONS).map(|m| self.mention(m)).collect();
                let count = left.unresolved.len();
                text.push_str(&format!("; {count} places still name it: {}", places.join(", ")));
            }
            lines.push(text);
        }
        lines
    }

    fn mention(&self, mention: &flux_engine::query::graph::Mention) -> String {
        format!("{}:{}", self.path(&mention.path), mention.line)
    }

    /// What an answer rests on and what it could not see.
    pub fn completeness(&self, known: &Completeness, by_name: ByName) -> Vec<String> {
        let mut first = format!("seen: {} certain, {} likely", known.certain, known.likely);
        if known.by_name > 0 {
            let hint = if by_name == ByName::Hidden { " (--all lists them)" } else { "" };
            first.push_str(&format!(", {} by name only{hint}", known.by_name));
        }
        let mut lines = vec![first];
        if known.dispatch > 0 {
            lines.push(format!(
                "not seen: which of {} members that override it or that it overrides runs in a call",
                known.dispatch
            ));
        }
        match &known.mentions {
            None => {}
            Some(mentions) if is_all_seen(mentions) && known.dispatch == 0 => {
                lines.push(
                    "not seen: nothing; every other place with the name is something else"
                        .to_owned(),
                );
            }
            Some(mentions) => lines.extend(self.unseen(mentions)),
        }
        lines
    }

    fn unseen(&self, mentions: &Mentions) -> Vec<String> {
        let mut lines = Vec::new();
        if mentions.too_common > 0 {
            lines.push(format!(
                "not seen: places without a target; {} files hold the name, too many to look",
                mentions.too_common
            ));
        }
        if !mentions.unread.is_empty() {
            let paths = mentions.unread.iter().take(MAX_MENTIONS).map(|path| self.path(path));
            let paths = paths.collect::<Vec<_>>().join(", ");
            lines.push(format!("not seen: files that are not indexed or changed since: {paths}"));
        }
        let mut reasons: BTreeMap<Unresolved, Vec<String>> = BTreeMap::new();
        for mention in &mentions.unresolved {
            reasons.entry(mention.reason).or_default().push(self.mention(mention));
        }
        for (reason, places) in reasons {
            let shown = places.iter().take(MAX_MENTIONS).cloned().collect::<Vec<_>>().join(", ");
            let more = places.len().saturating_sub(MAX_MENTIONS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let reason = reason.as_str();
            let count = places.len();
            lines.push(format!(
                "not seen: what {count} with the name are ({reason}): {shown}{more}"
            ));
        }
        if !mentions.unparsed.is_empty() {
            let paths = mentions.unparsed.iter().take(MAX_MENTIONS).map(|path| self.path(path));
            let paths = paths.collect::<Vec<_>>().join(", ");
            lines.push(format!("not seen: all of files that parse only in part: {paths}"));
        }
        if mentions.in_text > 0 {
            let count = mentions.in_text;
            lines.push(format!("also in comments, strings and text: {count} times"));
        }
        lines
    }
}

fn nearest_first<'a>(tests: &[&'a Touched]) -> Vec<&'a Touched> {
    let mut tests = tests.to_vec();
    tests.sort_by_key(|found| (found.depth, found.tier, found.definition));
    tests
}

fn is_all_seen(mentions: &Mentions) -> bool {
    *mentions == Mentions::default()
}

const TITLES: &[(Tier, &str)] =
    &[(Tier::Exact, "certain"), (Tier::Likely, "likely"), (Tier::Name, "by name only")];

fn verb(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Calls => "call",
        EdgeKind::References => "mention",
        EdgeKind::Imports => "import",
        EdgeKind::Inherits => "inherits",
        EdgeKind::Implements => "implements",
        EdgeKind::Overrides => "overrides",
    }
}
