//! Answers of the symbol graph as JSON.

use flux_engine::core::DefinitionRef;
use flux_engine::query::graph::{
    Callee, Calls, Completeness, Cycle, Described, Impact, ImportedFile, Imports, Mentions,
    Relative, Site, Sites, Step, Touched, UnusedReport,
};
use flux_engine::{EngineError, Freshness, Graph, SymbolCard, SymbolChange};
use serde_json::{Map, Value, json};

use super::SCHEMA;

type Json = Result<Value, EngineError>;

/// What every answer says of where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The root of the tree; paths are relative to it.
    pub root: &'a str,
    /// The commit it is on.
    pub revision: Option<&'a str>,
    /// How current the index is.
    pub freshness: Freshness,
}

/// An answer with where it comes from.
pub fn answer(origin: Origin<'_>, about: &str, body: Value) -> Value {
    json!({
        "schema": SCHEMA,
        "root": origin.root,
        "revision": origin.revision,
        "freshness": super::freshness(origin.freshness),
        about: body,
    })
}

fn described(found: &Described) -> Value {
    json!({
        "id": found.id.to_string(),
        "path": found.path.as_str(),
        "line": found.name_line,
        "start_line": found.lines.start,
        "end_line": found.lines.end,
        "qualified_name": found.qualified_name,
        "kind": found.kind.as_str(),
        "public": found.is_public,
        "test": found.is_test,
    })
}

/// A definition.
pub fn definition(graph: &Graph<'_>, definition: DefinitionRef) -> Json {
    Ok(described(&graph.describe(definition)?))
}

/// Several definitions.
pub fn definitions(graph: &Graph<'_>, found: &[DefinitionRef]) -> Json {
    found.iter().map(|found| definition(graph, *found)).collect()
}

/// What one symbol is.
pub fn symbol(card: &SymbolCard) -> Value {
    let mut value = described(&card.described);
    let members: Vec<Value> = card.members.iter().map(described).collect();
    let more = json!({
        "signature": card.signature,
        "doc": card.doc,
        "members": members,
        "references": card.references,
    });
    extend(&mut value, more);
    value
}

fn extend(value: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (value.as_object_mut(), more) {
        into.extend(more);
    }
}

fn sites(graph: &Graph<'_>, sites: &[Site]) -> Json {
    let texts = graph.lines_of_sites(sites);
    sites.iter().zip(texts).map(|(site, text)| self::site(graph, site, &text)).collect()
}

fn site(graph: &Graph<'_>, site: &Site, text: &str) -> Json {
    let mut value = json!({
        "path": site.path.as_str(),
        "line": site.line,
        "column": site.column,
        "kind": site.kind.as_str(),
        "tier": site.tier.as_str(),
        "implicit": site.is_implicit,
        "in": graph.describe(site.enclosing)?.qualified_name,
        "text": text,
    });
    if let Some(through) = site.through {
        extend(&mut value, json!({ "through": graph.describe(through)?.qualified_name }));
    }
    Ok(value)
}

/// Who refers to a symbol.
pub fn references(graph: &Graph<'_>, found: &Sites) -> Json {
    Ok(json!({
        "certain": sites(graph, &found.certain)?,
        "likely": sites(graph, &found.likely)?,
        "by_name": sites(graph, &found.by_name)?,
        "completeness": completeness(&found.completeness),
    }))
}

/// Who calls a symbol.
pub fn callers(graph: &Graph<'_>, calls: &Calls) -> Json {
    let caller = |caller: &flux_engine::query::graph::Caller| -> Json {
        let mut value = definition(graph, caller.definition)?;
        let more = json!({ "tier": caller.tier().as_str(), "sites": sites(graph, &caller.sites)? });
        extend(&mut value, more);
        Ok(value)
    };
    let callers: Result<Vec<Value>, EngineError> = calls.callers.iter().map(caller).collect();
    Ok(json!({ "callers": callers?, "completeness": completeness(&calls.completeness) }))
}

/// What a symbol calls.
pub fn callees(graph: &Graph<'_>, callees: &[Callee]) -> Json {
    let callee = |callee: &Callee| -> Json {
        let mut value = match callee {
            Callee::Inside { definition: found, overriders, .. } => {
                let mut value = definition(graph, *found)?;
                extend(&mut value, json!({ "overriders": overriders }));
                value
            }
            Callee::Outside { package, .. } => json!({ "package": package }),
            Callee::Unknown { reason, .. } => json!({ "unresolved": reason.as_str() }),
        };
        extend(&mut value, json!({ "sites": sites(graph, callee.sites())? }));
        Ok(value)
    };
    callees.iter().map(callee).collect()
}

/// How one symbol reaches another.
pub fn steps(graph: &Graph<'_>, steps: &[Step]) -> Json {
    let step = |step: &Step| -> Json {
        let mut value = definition(graph, step.definition)?;
        if let Some(found) = &step.site {
            let text = graph.lines_of_sites(std::slice::from_ref(found)).concat();
            extend(&mut value, json!({ "site": site(graph, found, &text)? }));
        }
        Ok(value)
    };
    steps.iter().map(step).collect()
}

/// Types or members above or below a symbol.
pub fn relatives(graph: &Graph<'_>, relatives: &[Relative]) -> Json {
    let relative = |relative: &Relative| -> Json {
        let mut value = definition(graph, relative.definition)?;
        let more = json!({
            "depth": relative.depth,
            "relation": relative.kind.as_str(),
            "tier": relative.tier.as_str(),
            "from": graph.describe(relative.from)?.id.to_string(),
        });
        extend(&mut value, more);
        Ok(value)
    };
    relatives.iter().map(relative).collect()
}

/// What a file imports and who imports it.
pub fn imports(path: &str, imports: &Imports) -> Value {
    let file = |file: &ImportedFile| json!({ "path": file.path.as_str(), "line": file.line, "names": file.names });
    let outside = imports.outside.iter();
    let unresolved = imports.unresolved.iter();
    json!({
        "path": path,
        "imports": imports.inside.iter().map(file).collect::<Vec<_>>(),
        "outside": outside.map(|(name, line)| json!({ "package": name, "line": line }))
            .collect::<Vec<_>>(),
        "unresolved": unresolved.map(|(line, why)| json!({ "line": line, "reason": why.as_str() }))
            .collect::<Vec<_>>(),
        "imported_by": imports.imported_by.iter().map(file).collect::<Vec<_>>(),
    })
}

/// Files that import each other.
pub fn cycles(cycles: &[Cycle]) -> Value {
    let cycle = |cycle: &Cycle| {
        let links = cycle.links.iter();
        let links = links.map(|link| json!({ "path": link.path.as_str(), "line": link.line }));
        json!({ "links": links.collect::<Vec<_>>(), "files": cycle.files })
    };
    cycles.iter().map(cycle).collect()
}

/// Definitions that nothing is known to refer to.
pub fn unused(graph: &Graph<'_>, report: &UnusedReport) -> Json {
    let one = |found: &flux_engine::query::graph::Unused| -> Json {
        let mut value = definition(graph, found.definition)?;
        if let Some(unsure) = found.unsure {
            extend(&mut value, json!({ "unsure": unsure.as_str() }));
        }
        Ok(value)
    };
    let all =
        |list: &[flux_engine::query::graph::Unused]| -> Json { list.iter().map(one).collect() };
    Ok(json!({
        "findings": all(&report.findings)?,
        "unsure": all(&report.unsure)?,
        "unread": report.unread,
    }))
}

/// What a change can touch.
pub fn impact(graph: &Graph<'_>, impact: &Impact) -> Json {
    let ways = impact.ways();
    let touched = |touched: &Touched| -> Json {
        let mut value = definition(graph, touched.definition)?;
        let mut way = Vec::new();
        for step in ways.to(touched.definition) {
            way.push(graph.describe(step.definition)?.qualified_name);
        }
        let mut more = Map::new();
        more.insert("depth".into(), touched.depth.into());
        more.insert("tier".into(), touched.tier.as_str().into());
        more.insert("relation".into(), touched.kind.as_str().into());
        more.insert("dependents".into(), touched.dependents.into());
        more.insert("risk".into(), f64::from(touched.risk).into());
        more.insert("reasons".into(), touched.reasons().into());
        more.insert("way".into(), way.into());
        if let Some(site) = &touched.site {
            let place = json!({ "path": site.path.as_str(), "line": site.line });
            more.insert("site".into(), place);
        }
        extend(&mut value, Value::Object(more));
        Ok(value)
    };
    let all: Result<Vec<Value>, EngineError> = impact.touched.iter().map(touched).collect();
    Ok(json!({
        "roots": definitions(graph, &impact.roots)?,
        "touched": all?,
        "truncated": impact.is_cut,
        "completeness": completeness(&impact.completeness),
    }))
}

/// The symbols that changed.
pub fn changes(changes: &[SymbolChange]) -> Value {
    let change = |change: &SymbolChange| {
        json!({
            "path": change.path.as_str(),
            "start_line": change.lines.start,
            "end_line": change.lines.end,
            "qualified_name": change.qualified_name,
            "kind": change.kind.as_str(),
            "change": change.change.as_str(),
            "left": change.left.as_ref().map(mentions),
        })
    };
    changes.iter().map(change).collect()
}

fn completeness(known: &Completeness) -> Value {
    json!({
        "certain": known.certain,
        "likely": known.likely,
        "by_name": known.by_name,
        "dispatch": known.dispatch,
        "mentions": known.mentions.as_ref().map(mentions),
    })
}

fn mentions(mentions: &Mentions) -> Value {
    let unresolved = mentions.unresolved.iter().map(|mention| {
        json!({
            "path": mention.path.as_str(),
            "line": mention.line,
            "reason": mention.reason.as_str(),
        })
    });
    json!({
        "unresolved": unresolved.collect::<Vec<_>>(),
        "in_text": mentions.in_text,
        "unparsed": mentions.unparsed.iter().map(|path| path.as_str()).collect::<Vec<_>>(),
        "unread": mentions.unread.iter().map(|path| path.as_str()).collect::<Vec<_>>(),
        "too_common_in_files": mentions.too_common,
    })
}
