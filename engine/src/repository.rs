//! Where a tree begins and where its index lies.
//!
//! A path inside a git repository belongs to the repository's tree, and all work trees of a
//! repository share one store, keyed by the common directory of git. Anything else is a tree of
//! its own. Git itself is not run: its few files are simpler than a process per search.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use flux_indexer::git::{common_directory, git_directory};

use crate::error::EngineError;

/// A tree and its store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The root of the tree, absolute and without links.
    pub root: PathBuf,
    /// Where the index lies.
    pub index: PathBuf,
    /// The path that was asked about, relative to the root; empty for the root itself.
    pub inside: PathBuf,
}

impl Location {
    /// Finds the tree that `path` belongs to. The index lies in `index` if given, else below
    /// `cache`, which is the user's.
    pub fn of(path: &Path, cache: &Path, index: Option<&Path>) -> Result<Self, EngineError> {
        let asked = fs::canonicalize(path)
            .map_err(|source| EngineError::Path { path: path.to_owned(), source })?;
        let root = match git_root(&asked) {
            Some(root) => root,
            None => plain_root(&asked, cache, index),
        };
        let inside = asked.strip_prefix(&root).unwrap_or(Path::new("")).to_owned();
        let index = index.map_or_else(|| index_directory(&root, cache), Path::to_owned);
        Ok(Self { root, index, inside })
    }
}

/// The nearest folder above that has been indexed, or the path's own folder.
fn plain_root(asked: &Path, cache: &Path, index: Option<&Path>) -> PathBuf {
    let folder = if asked.is_dir() { asked } else { asked.parent().unwrap_or(asked) };
    if index.is_some() {
        return folder.to_owned();
    }
    let is_indexed = |path: &&Path| index_directory(path, cache).join("manifest.json").exists();
    folder.ancestors().find(is_indexed).unwrap_or(folder).to_owned()
}

/// The root of the git work tree around `path`, unless `path` is ignored there.
fn git_root(path: &Path) -> Option<PathBuf> {
    let root = path.ancestors().find(|folder| folder.join(".git").exists())?;
    (path == root || !flux_indexer::list::is_ignored(root, path)).then(|| root.to_owned())
}

/// `NAME-HASH` below the cache: the name for people, the hash to tell them apart.
fn index_directory(root: &Path, cache: &Path) -> PathBuf {
    let key = common_directory(root).unwrap_or_else(|| root.to_owned());
    let hash = blake3::hash(key.as_os_str().as_encoded_bytes()).to_hex();
    let named = if key.file_name().is_some_and(|name| name == ".git") {
        key.parent().and_then(Path::file_name)
    } else {
        key.file_name()
    };
    let name = named.map_or_else(|| "root".into(), |name| name.to_string_lossy());
    let safe: String =
        name.chars().filter(|c| c.is_alphanumeric() || "._-".contains(*c)).take(40).collect();
    cache.join(format!("{safe}-{}", &hash[..16]))
}

/// The commit that the work tree at `root` is on, as 40 or 64 hexadecimal digits. What else may
/// stand in these files is not passed on: a tree can come from anywhere, its `.git` with it.
pub fn head_commit(root: &Path) -> Option<String> {
    let git = git_directory(root)?;
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(name) = head.trim_end().strip_prefix("ref: ") else { return commit(&head) };
    if !name.starts_with("refs/") || name.split('/').any(|part| part == "..") {
        return None;
    }
    let common = common_directory(root)?;
    let loose =
        fs::read_to_string(git.join(name)).or_else(|_| fs::read_to_string(common.join(name)));
    if let Ok(text) = loose {
        return commit(&text);
    }
    let packed = fs::read_to_string(common.join("packed-refs")).ok()?;
    let line =
        packed.lines().filter_map(|line| line.split_once(' ')).find(|line| line.1 == name)?;
    commit(line.0)
}

/// Variables with which git runs nothing that the configuration of the work tree at `root` names: a
/// tree can come from anywhere, its `.git` with it. Programs that filter or compare files when git
/// looks at them (`filter.NAME.clean`, `diff.NAME.textconv`) are taken out by name, because their
/// number is not known before; those of the user's own configuration stay.
pub fn harmless_git(root: &Path) -> Vec<(String, String)> {
    let mut keys: Vec<(String, &str)> = vec![
        ("core.fsmonitor".to_owned(), "false"),
        ("log.showSignature".to_owned(), "false"),
        // A look may freshen the index, and there is a hook for that.
        ("core.hooksPath".to_owned(), NO_HOOKS),
    ];
    for place in ["--local", "--worktree"] {
        let mut git = Command::new("git");
        git.arg("-C").arg(root).args(["config", place, "--includes", "-z", "--name-only"]);
        git.args(["--get-regexp", FILTERS]);
        // Without git nothing of it can be run; that there are none is exit code 1.
        let Ok(output) = git.output() else { continue };
        let names = String::from_utf8_lossy(&output.stdout).into_owned();
        for name in names.split('\0').filter(|name| !name.is_empty()) {
            let value = if name.ends_with(".required") { "false" } else { "" };
            keys.push((name.to_owned(), value));
        }
    }
    let mut variables = vec![
        ("GIT_NO_LAZY_FETCH".to_owned(), "1".to_owned()),
        ("GIT_CONFIG_COUNT".to_owned(), keys.len().to_string()),
    ];
    for (at, (key, value)) in keys.into_iter().enumerate() {
        variables.push((format!("GIT_CONFIG_KEY_{at}"), key));
        variables.push((format!("GIT_CONFIG_VALUE_{at}"), value.to_owned()));
    }
    variables
}

/// A folder of hooks that is none.
const NO_HOOKS: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };
/// The settings that name such programs.
const FILTERS: &str =
    r"^(filter\..*\.(clean|smudge|process|required)|diff\.external|diff\..*\.(command|textconv))$";

fn commit(text: &str) -> Option<String> {
    let text = text.trim_end();
    let is_hash = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then(|| text.to_owned())
}
