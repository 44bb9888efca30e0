//! Copying a repository, so that the original is only read.

use std::fs;
use std::path::Path;

use anyhow::Context;

/// Copies the tree at `from` to `to`. Of git's own folder only its head is kept, which is what
/// makes the copy a repository to flux; its objects may be larger than all the sources.
pub(crate) fn copy_tree(from: &Path, to: &Path) -> anyhow::Result<()> {
    copy_folder(from, to)?;
    let head = from.join(".git/HEAD");
    if head.is_file() {
        fs::create_dir_all(to.join(".git"))?;
        fs::copy(head, to.join(".git/HEAD"))?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if entry.file_name() == ".git" {
            continue;
        } else if kind.is_dir() {
            copy_folder(&source, &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
        } else if kind.is_file() {
            fs::copy(&source, &target)
                .with_context(|| format!("cannot copy {}", source.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::copy_tree;

    #[test]
    fn files_folders_links_and_the_head_are_copied_and_objects_are_not() {
        let scratch = tempfile::tempdir().unwrap();
        let (from, to) = (scratch.path().join("from"), scratch.path().join("to"));
        fs::create_dir_all(from.join(".git/objects")).unwrap();
        fs::create_dir_all(from.join("src/deep")).unwrap();
        fs::write(from.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(from.join(".git/objects/pack"), "large").unwrap();
        fs::write(from.join("src/deep/a.rs"), "fn a() {}\n").unwrap();
        std::os::unix::fs::symlink("deep/a.rs", from.join("src/link.rs")).unwrap();

        copy_tree(&from, &to).unwrap();

        assert_eq!(fs::read_to_string(to.join("src/deep/a.rs")).unwrap(), "fn a() {}\n");
        assert_eq!(fs::read_link(to.join("src/link.rs")).unwrap().to_str(), Some("deep/a.rs"));
        assert!(to.join(".git/HEAD").is_file());
        assert!(!to.join(".git/objects").exists());
    }
}
