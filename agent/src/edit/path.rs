//! Which paths may be edited, judged by their text alone.
//!
//! Stricter than the file system: a name that another system or git itself could read as
//! something else is refused, because the tree may be checked out there.

use flux_core::RepoPath;

/// What the names of our own staging folders start with.
pub(crate) const STAGING: &str = ".flux-edit-";
/// Longest path, as Linux has it.
const MAX_PATH: usize = 4096;
/// Longest name of a file or folder, as nearly all file systems have it.
const MAX_NAME: usize = 255;

/// Why a path may not be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// It is empty.
    #[error("the path is empty")]
    Empty,
    /// It does not start at the root of the tree.
    #[error("the path is absolute\nhint: write it relative to the root of the tree")]
    Absolute,
    /// It goes up.
    #[error("the path goes up with `..`")]
    Parent,
    /// It has an empty part or a `.`.
    #[error("the path has an empty part or a `.`")]
    NotNormal,
    /// It lies in git's own folder, or in what some system takes for it.
    #[error("the path leads into `.git`")]
    Git,
    /// It has a zero byte.
    #[error("the path has a zero byte")]
    Nul,
    /// It has a control character.
    #[error("the path has a control character")]
    Control,
    /// It has a backslash.
    #[error("the path has a backslash\nhint: separate folders by /")]
    Backslash,
    /// It, or a part of it, is too long.
    #[error("the path is too long")]
    TooLong,
    /// It names a folder.
    #[error("it is a folder")]
    Folder,
    /// A part of it is a link.
    #[error("the path goes through a link")]
    Link,
    /// It is a pipe, a socket or a device.
    #[error("it is no regular file")]
    Special,
    /// A part of it that has to be a folder is a file.
    #[error("a part of the path is a file")]
    BelowFile,
    /// It lies in the index, or in what Flux stages.
    #[error("it belongs to flux itself")]
    Own,
    /// It differs from another name only by case.
    #[error("another name differs from it only by case")]
    Case,
}

impl PathFault {
    /// One word for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty-path",
            Self::Absolute => "absolute-path",
            Self::Parent => "parent-path",
            Self::NotNormal => "path-not-normal",
            Self::Git => "git-folder",
            Self::Nul => "nul-in-path",
            Self::Control => "control-in-path",
            Self::Backslash => "backslash-in-path",
            Self::TooLong => "path-too-long",
            Self::Folder => "folder",
            Self::Link => "link",
            Self::Special => "special-file",
            Self::BelowFile => "below-file",
            Self::Own => "own-file",
            Self::Case => "case-collision",
        }
    }
}

/// The path that `text` names, if it is one that may be edited. A `./` in front is taken off.
pub fn checked_path(text: &str) -> Result<RepoPath, PathFault> {
    if text.contains('\0') {
        return Err(PathFault::Nul);
    }
    if text.chars().any(char::is_control) {
        return Err(PathFault::Control);
    }
    let path = text.strip_prefix("./").unwrap_or(text);
    if path.trim().is_empty() {
        return Err(PathFault::Empty);
    }
    if is_absolute(path) {
        return Err(PathFault::Absolute);
    }
    if path.split(['/', '\\']).any(|part| part == "..") {
        return Err(PathFault::Parent);
    }
    if path.split(['/', '\\']).any(is_git) {
        return Err(PathFault::Git);
    }
    if path.contains('\\') {
        return Err(PathFault::Backslash);
    }
    if path.len() > MAX_PATH || path.split('/').any(|part| part.len() > MAX_NAME) {
        return Err(PathFault::TooLong);
    }
    if path.ends_with('/') {
        return Err(PathFault::Folder);
    }
    if path.split('/').any(|part| part.trim().is_empty() || part == ".") {
        return Err(PathFault::NotNormal);
    }
    if path.split('/').any(|part| part.starts_with(STAGING)) {
        return Err(PathFault::Own);
    }
    Ok(RepoPath::new(path))
}

/// Absolute here or on another system, below a home folder, or an address.
fn is_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    let has_drive = bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    path.starts_with(['/', '\\']) || has_drive || path.starts_with("~/") || path.contains("://")
}

/// Whether some file system takes `name` for `.git`: without regard to case, to letters that are
/// not shown, to dots and spaces at the end, to a stream's name, or by its short name.
fn is_git(name: &str) -> bool {
    let shown: String = name.chars().filter(|letter| !is_unseen(*letter)).collect();
    let shown = shown.split(':').next().unwrap_or("").trim_end_matches(['.', ' ']);
    shown.eq_ignore_ascii_case(".git") || shown.eq_ignore_ascii_case("git~1")
}

/// Letters that HFS+ leaves out of names when it compares them.
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::checked_path;

    #[test]
    fn a_plain_path_passes_and_loses_a_leading_dot() {
        for path in ["a.rs", "src/a b.rs", "ä/ö.py", ".github/w.yml", ".gitignore", "a/.gitkeep"]
        {
            assert_eq!(checked_path(path).unwrap().as_str(), path);
        }
        assert_eq!(checked_path("./src/a.rs").unwrap().as_str(), "src/a.rs");
    }

    #[test]
    fn every_way_out_of_the_tree_has_a_name() {
        let long = "x".repeat(256);
        for (path, name) in [
            ("", "empty-path"),
            (" ", "empty-path"),
            ("./", "empty-path"),
            ("/etc/passwd", "absolute-path"),
            ("\\\\host\\share", "absolute-path"),
            ("C:\\x", "absolute-path"),
            ("c:x", "absolute-path"),
            ("~/x", "absolute-path"),
            ("file:///x", "absolute-path"),
            ("../x", "parent-path"),
            ("a/../../x", "parent-path"),
            ("a\\..\\x", "parent-path"),
            ("a/..", "parent-path"),
            ("a//b", "path-not-normal"),
            ("a/./b", "path-not-normal"),
            (".git/config", "git-folder"),
            ("sub/.GIT/hooks/x", "git-folder"),
            (".git", "git-folder"),
            (".git./x", "git-folder"),
            (".git /x", "git-folder"),
            ("GIT~1/x", "git-folder"),
            (".g\u{200c}it/x", "git-folder"),
            (".git::$INDEX_ALLOCATION/x", "git-folder"),
            ("a\0b", "nul-in-path"),
            ("a\nb", "control-in-path"),
            ("a\\b", "backslash-in-path"),
            ("a/", "folder"),
            (".flux-edit-1/x", "own-file"),
            (long.as_str(), "path-too-long"),
        ] {
            let fault = checked_path(path).map_err(|fault| fault.name());
            assert_eq!(fault, Err(name), "{path:?}");
        }
    }
}
