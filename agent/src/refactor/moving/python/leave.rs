//! Imports of the old module that only the definition used. They go where nothing else can want
//! them: no word of the module, no other module that takes the name from it.

use std::rc::Rc;

use flux_core::{ByteSpan, DefinitionIndex, Target};
use flux_engine::EngineError;
use flux_engine::syntax::{ImportScope, PartKind, WordRole, offsets};

use super::Python;
use super::cycle::imported;
use super::names::{Needs, path_before, stars};
use crate::refactor::moving::edits::is_only_of_block;
use crate::refactor::sources::Source;

impl Python<'_, '_> {
    /// Takes those imports out.
    pub(super) fn leave(&mut self, needs: &Needs) -> Result<(), EngineError> {
        let source = self.work.source.clone();
        if self.from.is_package {
            return Ok(());
        }
        for (name, need) in &needs.bound {
            let Some((statement, part)) = need.binding.import() else { continue };
            let is_known = matches!(statement.scope, ImportScope::File | ImportScope::TypeChecking);
            let line = statement_line(&source, statement.span);
            let is_kept = !is_known
                || is_only_of_block(&source, statement)
                || line.contains('#')
                || is_mentioned(&source, name, statement.span, self.work.item.span)
                || self.is_wanted(name)?;
            if is_kept {
                continue;
            }
            // What a module of the tree does when it is imported may be wanted for itself.
            let files = imported(&self.modules, &self.from, part);
            let goes_on = files.is_empty()
                || statement.scope == ImportScope::TypeChecking
                || self.keeps_name();
            let index = statement.parts.iter().position(|one| one.span == part.span);
            if let Some(index) = index.filter(|_| goes_on) {
                self.touched.insert(source.file, source.clone());
                self.work.edits.drop_part(&source, statement, index);
            }
        }
        Ok(())
    }

    /// Whether another file takes a name from the old module.
    fn is_wanted(&self, name: &str) -> Result<bool, EngineError> {
        for file in self.importers()? {
            let Some(source) = self.work.sources.file(file)? else { continue };
            let own = self.modules.module(file);
            let has_star = stars(&source).iter().any(|(one, part)| {
                self.modules.means(&own, &one.parts[*part].prefix, &self.from.name)
            });
            if has_star || self.takes(&source, name) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn takes(&self, source: &Rc<Source>, name: &str) -> bool {
        if source.file == self.work.source.file || offsets(&source.text, name).is_empty() {
            return false;
        }
        let Some(syntax) = source.syntax() else { return true };
        let own = self.modules.module(source.file);
        let mut parts = syntax.imports(&source.text).into_iter().flat_map(|one| one.parts);
        let is_imported = parts.any(|part| {
            part.kind == PartKind::Name
                && part.path == name
                && self.modules.means(&own, &part.prefix, &self.from.name)
        });
        is_imported
            || syntax.words(&source.text, name).iter().any(|word| {
                word.role == WordRole::Member
                    && path_before(source, word.span)
                        .is_some_and(|path| self.leads_home(source, path))
            })
    }

    fn leads_home(&self, source: &Source, path: ByteSpan) -> bool {
        let last = path.of(&source.text).rsplit('.').next().unwrap_or_default();
        source.at(path.end - last.len() as u32).iter().any(|one| match one.target {
            Target::Definition(one) => {
                one.index == DefinitionIndex::MODULE && one.file == self.work.source.file
            }
            Target::Local(_) | Target::External(_) | Target::Unresolved(_) => false,
        })
    }
}

/// Whether a name stands anywhere in a file but in one statement and in what moves.
fn is_mentioned(source: &Source, name: &str, statement: ByteSpan, moved: ByteSpan) -> bool {
    offsets(&source.text, name).into_iter().any(|at| {
        let is_in = |span: ByteSpan| span.start <= at && at < span.end;
        !is_in(statement) && !is_in(moved)
    })
}

/// The lines of a statement, with comments behind it.
fn statement_line(source: &Source, span: ByteSpan) -> &str {
    let rest = &source.text[span.end as usize..];
    let end = rest.find('\n').map_or(source.text.len(), |at| span.end as usize + at);
    &source.text[span.start as usize..end]
}
