//! The few files of git that decide what belongs to a tree.
//!
//! Git is not run: a process per search costs more than the search, and these files are simple.
//! The index matters because a file that git tracks belongs to the tree even when an ignore rule
//! matches it.

use std::fs;
use std::path::{Path, PathBuf};

use flux_core::RepoPath;

/// `.git` itself, or what it points to in a linked work tree or submodule.
pub fn git_directory(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = fs::read_to_string(&git).ok()?;
    Some(root.join(text.strip_prefix("gitdir:")?.trim()))
}

/// The folder that holds what all work trees of the repository at `root` share.
pub fn common_directory(root: &Path) -> Option<PathBuf> {
    let git = git_directory(root)?;
    let common = match fs::read_to_string(git.join("commondir")) {
        Ok(text) => git.join(text.trim_end()),
        Err(_) => git,
    };
    fs::canonicalize(common).ok()
}

/// Files and links that the index at `path` tracks and that are meant to be in the work tree,
/// ordered by path. None when there is no index, or one in a format that is not known here: then
/// only the ignore rules speak.
pub(crate) fn tracked(path: &Path) -> Vec<RepoPath> {
    let Ok(bytes) = fs::read(path) else { return Vec::new() };
    // The index does not say whether its hashes are SHA-1 or SHA-256; only one length fits.
    [20, 32].into_iter().find_map(|hash| parse(&bytes, hash)).unwrap_or_default()
}

const REGULAR: u32 = 0o10;
const LINK: u32 = 0o12;
/// Flag of an entry: two more bytes of flags follow.
const EXTENDED: u16 = 0x4000;
/// Extended flag: a sparse checkout leaves the file out of the work tree.
const SKIP_WORKTREE: u16 = 0x4000;

/// Reads an index of version 2, 3 or 4, as `gitformat-index(5)` describes them.
fn parse(bytes: &[u8], hash: usize) -> Option<Vec<RepoPath>> {
    let mut rest = bytes;
    let magic = take(&mut rest, 4)?;
    let (version, count) = (number(&mut rest)?, number(&mut rest)?);
    if magic != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let mut paths: Vec<RepoPath> = Vec::new();
    let mut name: Vec<u8> = Vec::new();
    for _ in 0..count {
        let start = rest.len();
        take(&mut rest, 24)?;
        let mode = number(&mut rest)?;
        take(&mut rest, 12 + hash)?;
        let flags = short(&mut rest)?;
        let more = if flags & EXTENDED == 0 { 0 } else { short(&mut rest)? };
        let before = name.clone();
        match version {
            4 => name.truncate(name.len().checked_sub(varint(&mut rest)?)?),
            _ => name.clear(),
        }
        let length = rest.iter().position(|byte| *byte == 0)?;
        name.extend_from_slice(take(&mut rest, length)?);
        let used = start - rest.len();
        let padding = if version == 4 { 1 } else { 8 - used % 8 };
        if name.is_empty() || name < before || take(&mut rest, padding)?.iter().any(|b| *b != 0) {
            return None;
        }
        let is_file = matches!(mode >> 12, REGULAR | LINK) && more & SKIP_WORKTREE == 0;
        if let Some(text) = std::str::from_utf8(&name).ok().filter(|_| is_file) {
            paths.push(RepoPath::new(text));
        }
    }
    // A file in conflict has an entry for each side.
    paths.dedup();
    (rest.len() >= hash).then_some(paths)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    take(rest, 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn short(rest: &mut &[u8]) -> Option<u16> {
    take(rest, 2)?.try_into().ok().map(u16::from_be_bytes)
}

/// Git's variable-length number: seven bits a byte, highest first, each continuation adding one.
fn varint(rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0_usize;
    loop {
        let byte = take(rest, 1)?[0];
        value = value.checked_add(usize::from(byte & 0x7F))?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        value = value.checked_add(1)?.checked_mul(128)?;
    }
}

#[cfg(test)]
mod tests {
    use flux_fixtures::world::World;
    use proptest::prelude::*;

    use super::{common_directory, git_directory, parse, tracked};

    const FILES: &str =
        "//- /a.txt\n//- /a/deep/folder/with/a/long/name.txt\n//- /ab.txt\n//- /ž.txt\n";

    fn names(world: &World) -> Vec<String> {
        tracked(&world.path(".git/index")).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_version_of_the_index_gives_what_git_lists() {
        let world = World::new(FILES);
        let long = format!("{}/x.txt", "long".repeat(50));
        world.write(&long, "");
        world.git_init();
        world.git_commit_all("all");
        for version in ["2", "3", "4"] {
            world.git(&["update-index", "--index-version", version]);
            world.git(&["update-index", "--skip-worktree", "ab.txt"]);
            world.git(&["update-index", "--no-skip-worktree", "a.txt"]);
            let listed = world.git(&["ls-files", "-z"]);
            let expected: Vec<&str> =
                listed.split('\0').filter(|name| !name.is_empty() && *name != "ab.txt").collect();
            assert_eq!(names(&world), expected, "version {version}");
            assert_eq!(expected.len(), 4);
        }
    }

    #[test]
    fn an_index_with_longer_hashes_is_read_too() {
        let world = World::new(FILES);
        world.git(&["init", "--quiet", "--object-format=sha256"]);
        world.git(&["add", "--all"]);
        assert_eq!(names(&world).len(), 4);
    }

    #[test]
    fn submodules_and_conflicting_sides_are_no_files_of_their_own() {
        let world = World::new("//- /a.txt\none\n");
        world.git_init();
        let hash = world.git(&["hash-object", "-w", "a.txt"]);
        let hash = hash.trim();
        for side in ["1", "2", "3"] {
            let line = format!("100644 {hash} {side}\tboth.txt");
            world.write("lines", &line);
            world.git(&["-c", "alias.put=!git update-index --index-info < lines", "put"]);
        }
        world.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{hash},module")]);
        assert_eq!(names(&world), ["both.txt"]);
    }

    #[test]
    fn no_index_and_foreign_bytes_track_nothing() {
        let world = World::new("//- /.git/index\nDIRC and then something else\n");
        assert_eq!(names(&world), Vec::<String>::new());
        assert_eq!(tracked(&world.path("absent")), []);
        assert_eq!(parse(b"DIRC\0\0\0\x02\0\0\0\x01", 20), None);
    }

    #[test]
    fn a_linked_work_tree_has_a_folder_of_its_own_and_shares_the_common_one() {
        let world = World::new("//- /a.txt\n");
        assert_eq!(git_directory(world.root()), None);
        world.git_init();
        world.git_commit_all("all");
        let second = world.git_worktree_add("second");
        assert_eq!(git_directory(world.root()), Some(world.path(".git")));
        assert_eq!(git_directory(&second), Some(world.path(".git/worktrees/second")));
        for root in [world.root(), &second] {
            assert_eq!(common_directory(root), Some(world.path(".git")));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn bytes_of_any_kind_never_panic(
            version in 0..6_u32,
            count in 0..4_u32,
            bytes in prop::collection::vec(prop_oneof![Just(0_u8), any::<u8>()], 0..300),
        ) {
            let header = [*b"DIRC", version.to_be_bytes(), count.to_be_bytes()].concat();
            parse(&[header, bytes].concat(), 20);
        }
    }
}
