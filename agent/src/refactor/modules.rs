//! Files and folders that move when a module gets another name.

use flux_engine::EngineError;
use flux_engine::syntax::WordRole;

use super::family::{Family, Nature};
use super::obstacle::Obstacle;
use super::places::Places;
use super::sources::Sources;
use crate::edit::Change;

/// Modules whose file is found by its name.
const SPECIAL: &[&str] = &["__init__", "__main__", "conftest", "setup", "noxfile", "build"];

/// The moves of files that a new name of a module asks for.
pub(crate) fn moves(
    sources: &Sources<'_>,
    family: &Family,
    new: &str,
) -> Result<Result<Vec<Change>, Obstacle>, EngineError> {
    if family.nature != Nature::Module {
        return Ok(Ok(Vec::new()));
    }
    let path = sources.view.entry(family.first.file).path.as_str();
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    let join = |folder: &str, name: &str| match folder {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    };
    let bare = new.strip_prefix("r#").unwrap_or(new);
    let mut found = Vec::new();
    let below = |from: String, to: String| {
        let files = sources.view.snapshot.view();
        let inside = format!("{from}/");
        let moved = files.iter().filter_map(move |(_, entry)| {
            let rest = entry.path.as_str().strip_prefix(&inside)?;
            Some(Change::Move { from: entry.path.to_string(), to: format!("{to}/{rest}") })
        });
        moved.collect::<Vec<Change>>()
    };
    match (family.language.as_str(), stem) {
        ("python", "__init__") | ("rust", "mod") => {
            let Some((above, _)) =
                folder.rsplit_once('/').or((!folder.is_empty()).then_some(("", folder)))
            else {
                return Ok(Err(Obstacle::CrateRoot));
            };
            if folder.rsplit('/').next() != Some(family.name.as_str()) {
                return Ok(Ok(found));
            }
            found = below(folder.to_owned(), join(above, bare));
        }
        (_, stem) if SPECIAL.contains(&stem) => {
            let why = "what runs the program looks for it";
            return Ok(Err(Obstacle::SpecialName(stem.to_owned(), why)));
        }
        ("rust", _) if super::public::declared(sources, family.first)?.is_none() => {
            return Ok(Err(Obstacle::CrateRoot));
        }
        // `#[path]` says where the file lies, whatever the module is called.
        ("rust", stem) if stem != family.name.trim_start_matches("r#") => {}
        _ => {
            let to = join(folder, &format!("{bare}.{extension}"));
            found.push(Change::Move { from: path.to_owned(), to });
            if family.language == "rust" {
                found.extend(below(join(folder, stem), join(folder, bare)));
            }
            let stub = join(folder, &format!("{stem}.pyi"));
            if family.language == "python" && sources.view.snapshot.view().find(&stub).is_some() {
                let to = join(folder, &format!("{bare}.pyi"));
                found.push(Change::Move { from: stub, to });
            }
        }
    }
    Ok(Ok(found))
}

/// Paths in code and configuration that name the file or folder.
pub(crate) fn written(
    sources: &Sources<'_>,
    family: &Family,
    places: &Places,
) -> Result<Option<Obstacle>, EngineError> {
    if family.nature != Nature::Module {
        return Ok(None);
    }
    let prose = ["md", "rst", "txt", "adoc"];
    let path = &sources.view.entry(family.first.file).path;
    let folder = path.parent().rsplit('/').next().unwrap_or_default();
    let parent = format!("{folder}/");
    let mut at = Vec::new();
    for place in &places.text {
        let Some(source) = sources.file(place.file)? else { continue };
        let is_prose = place.path.extension().is_some_and(|end| prose.contains(&end));
        let rest = source.text.get(place.span.end as usize..).unwrap_or_default();
        let before = source.text.get(..place.span.start as usize).unwrap_or_default();
        let is_comment = place.word.role == WordRole::Comment;
        let is_file = rest.starts_with(".py") || rest.starts_with(".rs");
        let is_folder = rest.starts_with('/') && before.ends_with(['"', '\'', '/']);
        // Any folder may hold a file of that name; in Python nothing includes one by it.
        let is_placed = source.language != "python" || before.ends_with(&parent);
        if !is_prose && !is_comment && is_placed && (is_file || is_folder) {
            at.push(place.shown.clone());
        }
    }
    Ok((!at.is_empty()).then_some(Obstacle::PathWritten(at)))
}
