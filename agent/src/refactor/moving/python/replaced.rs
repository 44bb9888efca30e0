//! Names that somebody puts something else in the place of, while the program runs: tests by
//! `mock.patch("a.b")` and `monkeypatch.setattr(a, "b", …)`, programs by `a.b = …` and `global`.

use flux_core::{DefinitionIndex, Target};
use flux_engine::EngineError;
use flux_engine::syntax::{WordRole, offsets};

use super::Python;
use super::names::{Binding, Needs, is_deferred, is_store, path_before};
use crate::edit::refusal::Candidate;
use crate::refactor::moving::obstacle::MoveObstacle;
use crate::refactor::sources::Source;

impl Python<'_, '_> {
    /// Refuses to move what looks up names that are replaced in the module it leaves.
    pub(super) fn replaced_needs(&mut self, needs: &Needs) -> Result<(), EngineError> {
        for (name, need) in &needs.bound {
            let mut at = Vec::new();
            for file in self.work.sources.graph.files_with(name)? {
                let Some(source) = self.work.sources.file(file)? else { continue };
                if source.language == "python" {
                    at.extend(self.replaced_in(&source, name));
                }
            }
            if matches!(need.binding, Binding::Own(_)) {
                at.extend(self.set_at_home(name));
            }
            if !at.is_empty() {
                self.work.refuse(MoveObstacle::Replaced { name: name.clone(), at });
            }
        }
        Ok(())
    }

    /// Places of a file that replace a name of the module.
    fn replaced_in(&self, source: &Source, name: &str) -> Vec<Candidate> {
        let mut at = Vec::new();
        let Some(syntax) = source.syntax() else { return at };
        let dotted = format!("{}.", self.from.name);
        for word in syntax.words(&source.text, name) {
            let before = &source.text[..word.span.start as usize];
            let is_replaced = match word.role {
                WordRole::String => {
                    let is_path = !self.from.name.is_empty() && before.ends_with(&dotted);
                    is_path || self.is_set_by_name(source, before)
                }
                WordRole::Member if !word.is_in_import => {
                    is_store(source, word.span)
                        && path_before(source, word.span).is_some_and(|path| {
                            self.is_home(source, path.end, path.of(&source.text))
                        })
                }
                _ => false,
            };
            if is_replaced {
                at.push(source.shown(word.span.start));
            }
        }
        at
    }

    /// `setattr(a, "` before a string, where `a` is the module.
    fn is_set_by_name(&self, source: &Source, before: &str) -> bool {
        let Some(before) = before.strip_suffix(['"', '\'']) else { return false };
        let Some(before) = before.trim_end().strip_suffix(',') else { return false };
        let before = before.trim_end();
        let is_path = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
        let path = &before[before.trim_end_matches(is_path).len()..];
        self.is_home(source, before.len() as u32, path)
    }

    /// Whether the last name of a path that ends at `end` is the module.
    fn is_home(&self, source: &Source, end: u32, path: &str) -> bool {
        let last = path.rsplit('.').next().unwrap_or_default();
        let found = source.at(end - last.len() as u32);
        found.iter().any(|one| match one.target {
            Target::Definition(one) => {
                one.index == DefinitionIndex::MODULE && one.file == self.work.source.file
            }
            Target::Local(_) | Target::External(_) | Target::Unresolved(_) => false,
        })
    }

    /// Places of the module itself that give a name a new value in a function.
    fn set_at_home(&self, name: &str) -> Vec<Candidate> {
        let source = &self.work.source;
        let is_set = |at: &u32| {
            let line = source.text[..*at as usize].rsplit('\n').next().unwrap_or_default();
            line.trim_start().starts_with("global ") && is_deferred(source, *at)
        };
        let found = offsets(&source.text, name).into_iter().filter(is_set);
        found.map(|at| source.shown(at)).collect()
    }
}
