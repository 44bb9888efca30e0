//! Lifting: where the index of a compiler states what an identifier refers to, its answer replaces
//! ours and counts as exact.

use flux_core::stated::{Stated, StatedReference, StatedTarget};
use flux_core::{
    ByteSpan, DefinitionIndex, DefinitionRef, EdgeKind, FileGraph, FileId, Occurrence, Target, Tier,
};
use flux_resolve::Outcome;
use flux_store::View;

use super::files::TreeFiles;

/// Applies what is `stated` to the graphs of files that were resolved in this run. Returns the
/// number of references that were lifted; those of files or definitions that are not there are
/// left as they are.
pub(super) fn lift(
    stated: &Stated,
    view: &View,
    files: &TreeFiles<'_>,
    outcomes: &mut [Outcome],
) -> usize {
    let mut lifted = 0;
    for of_file in stated.references.chunk_by(|a, b| a.path == b.path) {
        let Some(file) = view.find(&of_file[0].path) else { continue };
        let answers = answers(of_file, file, view, files, outcomes);
        let Outcome::Fresh { resolved, .. } = &mut outcomes[file.0 as usize] else { continue };
        lifted += answers.len();
        apply(&mut resolved.graph, answers);
    }
    lifted
}

/// A place and what is stated of it.
struct Answer {
    span: ByteSpan,
    target: Stating,
}

enum Stating {
    Inside(Target),
    Package(String),
}

fn answers(
    stated: &[StatedReference],
    file: FileId,
    view: &View,
    files: &TreeFiles<'_>,
    outcomes: &[Outcome],
) -> Vec<Answer> {
    let offset = |file: FileId, line: u32, column: u32| {
        files.lines(file).get(line.checked_sub(1)? as usize)?.checked_add(column)
    };
    let target = |stated: &StatedTarget| match stated {
        StatedTarget::Definition { path, line, column } => {
            let home = view.find(path)?;
            let start = offset(home, *line, *column)?;
            let definitions = &graph(outcomes, home)?.definitions;
            match definitions.iter().skip(1).position(|found| found.name_span.start == start) {
                Some(at) => {
                    let index = DefinitionIndex(at as u32 + 1);
                    Some(Stating::Inside(Target::Definition(DefinitionRef { file: home, index })))
                }
                // The start of a file stands for the file.
                None if start == 0 => {
                    let index = DefinitionIndex::MODULE;
                    Some(Stating::Inside(Target::Definition(DefinitionRef { file: home, index })))
                }
                None => (home == file).then_some(Stating::Inside(Target::Local(start))),
            }
        }
        StatedTarget::External { package } if package.is_empty() => None,
        StatedTarget::External { package } => Some(Stating::Package(package.clone())),
    };
    let answer = |stated: &StatedReference| {
        let start = offset(file, stated.span.line, stated.span.column)?;
        let length = stated.span.end_column.checked_sub(stated.span.column)?;
        let span = ByteSpan::new(start, start.checked_add(length)?);
        Some(Answer { span, target: target(&stated.target)? })
    };
    stated.iter().filter_map(answer).collect()
}

fn graph(outcomes: &[Outcome], file: FileId) -> Option<&FileGraph> {
    match &outcomes[file.0 as usize] {
        Outcome::Fresh { resolved, .. } => Some(&resolved.graph),
        Outcome::Kept | Outcome::NoRules | Outcome::Failed => None,
    }
}

/// Replaces all occurrences at the places of `answers`. Several answers for one place stay
/// several.
fn apply(graph: &mut FileGraph, answers: Vec<Answer>) {
    let mut stated: Vec<Occurrence> = Vec::with_capacity(answers.len());
    for Answer { span, target } in answers {
        let target = match target {
            Stating::Inside(target) => target,
            Stating::Package(name) => Target::External(package(graph, &name)),
        };
        let at = graph.occurrences.partition_point(|found| found.span.start < span.start);
        let own = graph.occurrences.get(at).filter(|found| found.span == span);
        stated.push(Occurrence {
            span,
            kind: own.map_or(EdgeKind::References, |found| found.kind),
            tier: Tier::Exact,
            is_implicit: false,
            enclosing: own.map_or_else(|| enclosing(graph, span), |found| found.enclosing),
            target,
        });
    }
    let is_stated = |found: &Occurrence| {
        let at = stated.partition_point(|other| other.span.start < found.span.start);
        stated.get(at).is_some_and(|other| other.span == found.span)
    };
    let mut occurrences = std::mem::take(&mut graph.occurrences);
    occurrences.retain(|found| found.is_implicit || !is_stated(found));
    occurrences.extend(stated);
    occurrences.sort_by_key(|found| found.span);
    graph.occurrences = occurrences;
}

fn package(graph: &mut FileGraph, name: &str) -> u32 {
    let known = graph.packages.iter().position(|package| **package == *name);
    let at = known.unwrap_or_else(|| {
        graph.packages.push(name.into());
        graph.packages.len() - 1
    });
    at as u32
}

fn enclosing(graph: &FileGraph, span: ByteSpan) -> DefinitionIndex {
    let holds = |(_, found): &(usize, &flux_core::Definition)| {
        found.span.contains(span) && (found.kind.is_callable() || found.kind.is_container())
    };
    let around = graph.definitions.iter().enumerate().skip(1).filter(holds);
    let innermost = around.min_by_key(|(_, found)| found.span.len());
    innermost.map_or(DefinitionIndex::MODULE, |(at, _)| DefinitionIndex(at as u32))
}

#[cfg(test)]
mod tests {
    use flux_core::{
        ByteSpan, Definition, DefinitionIndex, DefinitionRef, EdgeKind, FileGraph, FileId,
        Occurrence, SymbolKind, Target, Tier, Unresolved,
    };

    use super::{Answer, Stating, apply};

    fn occurrence(start: u32, target: Target) -> Occurrence {
        Occurrence {
            span: ByteSpan::new(start, start + 3),
            kind: EdgeKind::Calls,
            tier: Tier::Likely,
            is_implicit: false,
            enclosing: DefinitionIndex(1),
            target,
        }
    }

    #[test]
    fn a_stated_target_replaces_ours_and_one_we_missed_is_added() {
        let function = Definition {
            name: "f".into(),
            kind: SymbolKind::Function,
            parent: DefinitionIndex::MODULE,
            span: ByteSpan::new(0, 60),
            name_span: ByteSpan::new(4, 5),
            is_public: true,
        };
        let module = Definition { kind: SymbolKind::Module, ..function.clone() };
        let wrong = Target::Unresolved(Unresolved::UnknownReceiver);
        let mut graph = FileGraph {
            definitions: vec![module, function],
            occurrences: vec![occurrence(10, wrong), occurrence(20, wrong)],
            ..FileGraph::default()
        };
        let right =
            Target::Definition(DefinitionRef { file: FileId(3), index: DefinitionIndex(2) });
        let span = |start| ByteSpan::new(start, start + 3);
        apply(
            &mut graph,
            vec![
                Answer { span: span(10), target: Stating::Inside(right) },
                Answer { span: span(30), target: Stating::Package("serde".into()) },
            ],
        );
        let lifted = Occurrence { tier: Tier::Exact, ..occurrence(10, right) };
        let added = Occurrence {
            kind: EdgeKind::References,
            tier: Tier::Exact,
            ..occurrence(30, Target::External(0))
        };
        assert_eq!(graph.occurrences, [lifted, occurrence(20, wrong), added]);
        assert_eq!(*graph.packages, [Box::from("serde")]);
    }
}
