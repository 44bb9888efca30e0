//! The module that a definition is to go to.

use flux_core::{DefinitionIndex, FileId};
use flux_engine::EngineError;
use flux_engine::query::graph::Named;

use super::obstacle::MoveObstacle;
use crate::refactor::family::Family;
use crate::refactor::obstacle::Obstacle;
use crate::refactor::sources::Sources;

/// A file of the tree, or one that is to be made.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// Its path.
    pub(super) path: String,
    /// It, if it is there.
    pub(super) file: Option<FileId>,
}

/// Finds the file of a module that is written as a path or as in imports.
pub(super) fn find(
    sources: &Sources<'_>,
    family: &Family,
    module: &str,
) -> Result<Result<Target, Obstacle>, EngineError> {
    let extension = if family.language == "python" { "py" } else { "rs" };
    let found = existing(sources, family, module)?;
    let target = match found {
        Some(file) => {
            let path = sources.view.entry(file).path.to_string();
            Target { path, file: Some(file) }
        }
        None if family.language == "python" => match fresh(sources, family, module)? {
            Ok(path) => Target { path, file: None },
            Err(hint) => return Ok(Err(no_module(module, hint))),
        },
        None => {
            let hint = "declare it with mod, and make its file, which may be empty";
            return Ok(Err(no_module(module, hint)));
        }
    };
    if !target.path.ends_with(&format!(".{extension}")) {
        return Ok(Err(no_module(module, "name a module of the language it is written in")));
    }
    if target.file == Some(family.first.file) {
        return Ok(Err(MoveObstacle::SameModule(target.path).into()));
    }
    Ok(Ok(target))
}

fn no_module(name: &str, hint: &'static str) -> Obstacle {
    MoveObstacle::NoModule { name: name.to_owned(), hint }.into()
}

fn existing(
    sources: &Sources<'_>,
    family: &Family,
    module: &str,
) -> Result<Option<FileId>, EngineError> {
    if let Some(file) = sources.graph.file(module) {
        return Ok(Some(file));
    }
    if module.contains('/') {
        return Ok(None);
    }
    if family.language == "rust" && module == "crate" {
        return super::rust::root_of(sources, family.first.file);
    }
    let definitions = match sources.graph.find(module)? {
        Named::One { definitions, .. } => definitions,
        Named::Many(many) => many,
        Named::Nothing(_) => return Ok(None),
    };
    let is_module = |one: &&flux_core::DefinitionRef| one.index == DefinitionIndex::MODULE;
    let mut files: Vec<FileId> = definitions.iter().filter(is_module).map(|one| one.file).collect();
    let language = |file: &FileId| {
        let files = sources.view.snapshot.view();
        files.language(sources.view.entry(*file)).as_str() == family.language
    };
    files.retain(language);
    Ok(match files[..] {
        [file] => Some(file),
        // A name that several modules end in means the one that has no more of it.
        _ => files.into_iter().find(|file| is_exactly(sources, *file, module)),
    })
}

/// Whether a file's path is that of the module and nothing more, but for a folder of sources.
fn is_exactly(sources: &Sources<'_>, file: FileId, module: &str) -> bool {
    let path = module.trim_start_matches("crate::").replace("::", "/").replace('.', "/");
    let stem = sources.view.entry(file).path.as_str();
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let stem = stem.strip_suffix("/__init__").or(stem.strip_suffix("/mod")).unwrap_or(stem);
    stem.strip_prefix("src/").unwrap_or(stem) == path
}

/// The path of a module of Python that is to be made: its package must be there.
fn fresh(
    sources: &Sources<'_>,
    family: &Family,
    module: &str,
) -> Result<Result<String, &'static str>, EngineError> {
    let files = sources.view.snapshot.view();
    if module.ends_with(".py") {
        let folder = module.rsplit_once('/').map_or("", |(folder, _)| folder);
        let own = sources.view.entry(family.first.file).path.parent();
        let is_package = files.find(&format!("{folder}/__init__.py")).is_some();
        let is_fit = is_package || folder == own;
        return Ok(if is_fit { Ok(module.to_owned()) } else { Err("its folder is no package") });
    }
    let is_name = |part: &str| {
        part.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && part.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    let Some((package, name)) = module.rsplit_once('.').filter(|(_, name)| is_name(name)) else {
        return Ok(Err("write it with its package, or as the path of a file"));
    };
    let Some(file) = existing(sources, family, package)? else {
        return Ok(Err("its package is not there either"));
    };
    let path = &sources.view.entry(file).path;
    match path.file_name() {
        "__init__.py" => Ok(Ok(format!("{}/{name}.py", path.parent()))),
        _ => Ok(Err("what is before its last dot is no package")),
    }
}
