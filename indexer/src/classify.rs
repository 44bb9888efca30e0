//! Classifying: what a file is for, from its path and its first lines.
//!
//! Nothing is dropped for its class; a class ranks a file down and is shown. Only what would
//! drown the index without adding meaning (minified and oversized files) is left to literal
//! search, with its reason listed.

use flux_core::{FileClass, RepoPath, SkipReason};
use flux_grammars::Category;

/// Longest file that is parsed, in bytes. The largest hand-written source files known
/// (TypeScript's checker, SQLite's amalgamation aside) are below it.
pub const MAX_SOURCE_BYTES: u64 = 4 << 20;
/// Longest data file (JSON, YAML, …) that is indexed, in bytes: beyond it are dumps.
pub const MAX_DATA_BYTES: u64 = 256 << 10;
/// A file with more bytes per line than this is not meant to be read.
const MINIFIED_MEAN_LINE: usize = 300;
/// A line this long in a short file has been squeezed.
const MINIFIED_LONGEST_LINE: usize = 20_000;
/// How many leading bytes are searched for a note that a program wrote the file.
const NOTE_PREFIX: usize = 1500;

const TEST_FOLDERS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "__tests__",
    "spec",
    "specs",
    "testdata",
    "test_data",
    "fixtures",
    "__fixtures__",
    "__mocks__",
    "mocks",
    "snapshots",
    "__snapshots__",
    "e2e",
    "testsuite",
    "integration-tests",
    "androidtest",
    "unittests",
    "test-data",
    "goldens",
    "regress",
    "regression",
];
const VENDORED_FOLDERS: &[&str] = &[
    "vendor",
    "vendored",
    "third_party",
    "third-party",
    "thirdparty",
    "node_modules",
    "external",
    "externals",
    "bower_components",
    "site-packages",
    "extern",
    "carthage",
    "pods",
];
const EXAMPLE_FOLDERS: &[&str] = &[
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "tutorial",
    "tutorials",
    "docs_src",
    "playground",
];
const GENERATED_FILES: &[&str] = &[
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "cargo.lock",
    "poetry.lock",
    "uv.lock",
    "composer.lock",
    "gemfile.lock",
    "go.sum",
    "mix.lock",
    "pipfile.lock",
    "bun.lock",
    "packages.lock.json",
    "flake.lock",
    "podfile.lock",
    "pubspec.lock",
];
const GENERATED_ENDINGS: &[&str] = &[
    ".pb.go",
    ".pb.h",
    ".pb.cc",
    "_pb2.py",
    "_pb2_grpc.py",
    ".g.dart",
    ".freezed.dart",
    ".designer.cs",
    ".g.cs",
    "_generated.go",
    ".generated.ts",
    ".generated.rs",
    ".snap",
    ".map",
];
const DOCUMENT_STEMS: &[&str] = &[
    "changelog",
    "changes",
    "license",
    "licence",
    "license-mit",
    "license-apache",
    "copying",
    "authors",
    "contributing",
    "notice",
    "code_of_conduct",
    "security",
    "history",
    "news",
];

/// Endings of prose that no grammar is kept for.
const DOCUMENT_ENDINGS: &[&str] =
    &["txt", "rst", "adoc", "asciidoc", "org", "textile", "tex", "man"];

/// The class of a file by its path and the category of its language, if it has one;
/// `is_test_name` is what its language says of its name. Whether it is hidden is the listing's
/// to say.
pub fn class_of_path(path: &RepoPath, category: Option<Category>, is_test_name: bool) -> FileClass {
    let lower = path.as_str().to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let stem = name.split('.').next().unwrap_or(name);
    let below = |folders: &[&str]| {
        lower
            .rsplit('/')
            .skip(1)
            .any(|folder| folders.contains(&folder) || is_suite(folder, folders))
    };
    let mut class = FileClass::default();
    let mut set = |holds: bool, part: FileClass| {
        if holds {
            class = class.with(part);
        }
    };
    set(is_test_name || below(TEST_FOLDERS) || has_test_source_set(path), FileClass::TEST);
    set(below(VENDORED_FOLDERS), FileClass::VENDORED);
    set(below(EXAMPLE_FOLDERS), FileClass::EXAMPLE);
    let is_generated = GENERATED_FILES.contains(&name)
        || GENERATED_ENDINGS.iter().any(|ending| name.ends_with(ending));
    set(is_generated, FileClass::GENERATED);
    let has_document_ending =
        name.rsplit_once('.').is_some_and(|(_, e)| DOCUMENT_ENDINGS.contains(&e) || is_manual(e));
    let is_document = category == Some(Category::Document)
        || (category.is_none() && has_document_ending)
        || (category != Some(Category::Code) && DOCUMENT_STEMS.contains(&stem));
    set(is_document, FileClass::DOCUMENT);
    set(category == Some(Category::Data), FileClass::DATA);
    class
}

/// Kotlin's and Android's source sets are called `jvmTest`, `commonTest`, `androidTest`.
fn has_test_source_set(path: &RepoPath) -> bool {
    path.as_str().rsplit('/').skip(1).any(|folder| {
        let before = folder.strip_suffix("Test").or_else(|| folder.strip_suffix("Tests"));
        before.is_some_and(|before| before.ends_with(|c: char| c.is_ascii_lowercase()))
    })
}

/// `tmux.1` is a manual page.
fn is_manual(ending: &str) -> bool {
    ending.len() == 1 && ending.bytes().all(|byte| byte.is_ascii_digit())
}

/// Folders such as `flux-tests` or `core_test` count as the test folders they are.
fn is_suite(folder: &str, folders: &[&str]) -> bool {
    std::ptr::eq(folders, TEST_FOLDERS)
        && folder.rsplit(['-', '_', '.']).next().is_some_and(|last| {
            last.len() < folder.len() && matches!(last, "test" | "tests" | "spec" | "specs")
        })
}

/// Whether the first lines say that a program wrote the file.
pub fn is_generated(text: &str) -> bool {
    let mut end = text.len().min(NOTE_PREFIX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    head.contains("@generated")
        || head.contains("Code generated by")
        || head.lines().take(12).any(|line| {
            let line = line.to_ascii_lowercase();
            line.contains("do not edit")
                && (line.contains("generated")
                    || line.contains("automatic")
                    || line.contains("auto"))
                || line.contains("this file is automatically generated")
                || line.contains("this file was automatically generated")
                || line.contains("autogenerated file")
        })
}

/// Why a text is not indexed in full, if it is not.
pub fn skip_text(path: &RepoPath, text: &str, category: Category) -> Option<SkipReason> {
    let limit = match category {
        Category::Code | Category::Document => MAX_SOURCE_BYTES,
        Category::Data => MAX_DATA_BYTES,
    };
    if text.len() as u64 > limit {
        return Some(SkipReason::Oversized);
    }
    is_minified(path, text, category).then_some(SkipReason::Minified)
}

fn is_minified(path: &RepoPath, text: &str, category: Category) -> bool {
    let name = path.file_name();
    if name.contains(".min.") || name.contains("-min.") {
        return text.len() > 1000;
    }
    let (mut lines, mut longest, mut current) = (1, 0, 0);
    for byte in text.bytes() {
        if byte == b'\n' {
            lines += 1;
            current = 0;
        } else {
            current += 1;
            longest = longest.max(current);
        }
    }
    let is_wide = text.len() > 5000 && text.len() / lines > MINIFIED_MEAN_LINE;
    longest > MINIFIED_LONGEST_LINE || (is_wide && category != Category::Document)
}

#[cfg(test)]
mod tests {
    use flux_core::{RepoPath, SkipReason};
    use flux_grammars::Category;

    use super::{class_of_path, is_generated, skip_text};

    #[track_caller]
    fn check(path: &str, expected: &[&str]) {
        check_in(Some(Category::Code), path, expected);
    }

    #[track_caller]
    fn check_in(category: Option<Category>, path: &str, expected: &[&str]) {
        let class = class_of_path(&RepoPath::new(path), category, false);
        assert_eq!(class.names().collect::<Vec<_>>(), expected, "{path}");
    }

    #[test]
    fn folders_and_names_decide_the_class() {
        check("src/lib.rs", &[]);
        check("tests/it.rs", &["test"]);
        check("crates/core-tests/src/a.rs", &["test"]);
        check("third_party/zlib/inflate.c", &["vendored"]);
        check("web/package-lock.json", &["generated"]);
        check("examples/tests/a.py", &["test", "example"]);
        check("contest/latest.py", &[]);
        check("core/src/jvmTest/kotlin/Recorder.kt", &["test"]);
        check("src/history.py", &[]);
        check_in(None, "LICENSE-MIT", &["document"]);
        check_in(None, "tmux.1", &["document"]);
        check_in(Some(Category::Document), "guide.md", &["document"]);
        check_in(Some(Category::Data), "fly.toml", &["data"]);
    }

    #[test]
    fn a_note_in_the_first_lines_marks_generated_code() {
        assert!(is_generated("// Code generated by protoc-gen-go. DO NOT EDIT.\npackage x"));
        assert!(is_generated("# This file is automatically generated by make\n"));
        assert!(!is_generated("fn generate() {} // do not edit the config by hand"));
    }

    #[test]
    fn squeezed_code_is_minified_and_long_prose_is_not() {
        let path = RepoPath::new("app.js");
        let squeezed = "a=1;".repeat(3000);
        assert_eq!(skip_text(&path, &squeezed, Category::Code), Some(SkipReason::Minified));
        assert_eq!(skip_text(&path, &squeezed, Category::Document), None);
        assert_eq!(skip_text(&path, &"let a = 1;\n".repeat(3000), Category::Code), None);
    }
}
