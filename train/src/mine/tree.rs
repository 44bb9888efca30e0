//! The source files of a commit, parsed by the index's own rules: language, class, symbols.
//!
//! The files come from git's object store and go straight to the parser: an index on disk would
//! cost its words and trigrams as well, which no pair needs.

use flux_core::{FileClass, RepoPath, Symbol};
use flux_grammars::{Category, Extractor, Grammar, detect};
use flux_indexer::classify::{class_of_path, is_generated, skip_text};
use flux_indexer::decode::decode;

use super::contamination::KnownLines;
use super::git::{Blob, Repository};
use super::pair::hash;

/// Larger files, in bytes, are tables or generated.
const MAX_FILE: u64 = 300 << 10;
/// Files of code read from one repository: more than enough for the pairs it may give.
const MAX_CODE_FILES: usize = 4000;
/// Documents read from one repository.
const MAX_DOCUMENTS: usize = 600;
/// Folders of other people's code beside those that the index knows.
const FOREIGN_FOLDERS: &[&str] = &["deps", "extern", "externals", "3rdparty", "submodules"];
/// Classes of files that nobody asks about.
const UNWANTED: [FileClass; 3] = [FileClass::VENDORED, FileClass::GENERATED, FileClass::MINIFIED];

/// A file with its symbols.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Where it lies.
    pub(crate) path: RepoPath,
    /// Its language; `text` for reStructuredText.
    pub(crate) language: &'static str,
    /// What it is for.
    pub(crate) class: FileClass,
    /// Its text.
    pub(crate) text: String,
    /// Its symbols, in order of the position of their names.
    pub(crate) symbols: Vec<Symbol>,
}

/// The files of a commit that pairs are made of.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Code, ordered by path.
    pub(crate) code: Vec<SourceFile>,
    /// Documents, ordered by path.
    pub(crate) documents: Vec<SourceFile>,
}

/// What a path alone tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Code,
    Document,
}

impl Tree {
    /// Reads `commit` without what is generated, vendored, squeezed, huge, or copied from a
    /// repository that measures.
    pub(crate) fn read(
        repository: &Repository,
        commit: &str,
        measuring: &KnownLines,
    ) -> anyhow::Result<Self> {
        let files = repository.files(commit)?;
        let mut tree = Self::default();
        let mut extractor = Extractor::new();
        for (role, limit) in [(Role::Code, MAX_CODE_FILES), (Role::Document, MAX_DOCUMENTS)] {
            let chosen = choose(&files, role, limit);
            repository.read(&chosen, |blob, bytes| {
                let Some(file) = source_file(&blob.path, &bytes, &mut extractor) else { return };
                if !measuring.holds(&file.text) {
                    match role {
                        Role::Code => tree.code.push(file),
                        Role::Document => tree.documents.push(file),
                    }
                }
            })?;
        }
        Ok(tree)
    }
}

/// The class of a file as far as its path tells, and its language.
pub(crate) fn class_and_grammar(path: &RepoPath) -> (FileClass, Option<&'static Grammar>) {
    let grammar = detect(path, "");
    let is_test = grammar.is_some_and(|grammar| grammar.is_test_file(path));
    (class_of_path(path, grammar.map(Grammar::category), is_test), grammar)
}

/// Whether nobody would ask about a file of this class.
pub(crate) fn is_unwanted(class: FileClass) -> bool {
    UNWANTED.into_iter().any(|unwanted| class.has(unwanted))
}

/// At most `limit` files that play `role`, the same whatever else the tree holds.
fn choose(files: &[Blob], role: Role, limit: usize) -> Vec<Blob> {
    let plays = |blob: &&Blob| blob.size <= MAX_FILE && role_of(&blob.path) == Some(role);
    let mut chosen: Vec<Blob> = files.iter().filter(plays).cloned().collect();
    if chosen.len() > limit {
        chosen.sort_by_cached_key(|blob| hash(&[&blob.path]));
        chosen.truncate(limit);
        chosen.sort_by(|one, other| one.path.cmp(&other.path));
    }
    chosen
}

fn role_of(path: &str) -> Option<Role> {
    let path = RepoPath::new(path);
    let (class, grammar) = class_and_grammar(&path);
    if is_unwanted(class) || path.parent().split('/').any(|part| FOREIGN_FOLDERS.contains(&part)) {
        return None;
    }
    match grammar {
        Some(grammar) if grammar.category() == Category::Code => Some(Role::Code),
        Some(grammar) if grammar.name() == "markdown" => Some(Role::Document),
        Some(_) => None,
        // A script may say its language in its first line only.
        None if path.extension().is_none() && !class.has(FileClass::DOCUMENT) => Some(Role::Code),
        None => (path.extension() == Some("rst")).then_some(Role::Document),
    }
}

fn source_file(path: &str, bytes: &[u8], extractor: &mut Extractor) -> Option<SourceFile> {
    let path = RepoPath::new(path);
    let text = decode(bytes).ok()?.into_owned();
    let grammar = detect(&path, &text);
    let (class, _) = class_and_grammar(&path);
    let category = grammar.map_or(Category::Document, Grammar::category);
    if is_generated(&text) || skip_text(&path, &text, category).is_some() {
        return None;
    }
    let is_text = path.extension() == Some("rst");
    let symbols = match grammar {
        Some(grammar) if grammar.category() == Category::Code => {
            extractor.extract(grammar, &text).ok()?.symbols
        }
        Some(_) => Vec::new(),
        None if is_text => Vec::new(),
        None => return None,
    };
    let language = grammar.map_or("text", Grammar::name);
    Some(SourceFile { path, language, class, text, symbols })
}
