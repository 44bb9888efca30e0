//! A sandbox: a tree, a cache of its own, and the program run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A temporary folder with a tree and a cache, removed on drop.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// What one run printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    /// An empty tree that is a git work tree, with the least that makes it one.
    pub(crate) fn new() -> Self {
        let sandbox = Self::plain();
        fs::create_dir(sandbox.tree().join(".git")).unwrap();
        sandbox
    }

    /// An empty tree outside of git.
    pub(crate) fn plain() -> Self {
        let sandbox = Self { folder: TempDir::new().unwrap() };
        fs::create_dir(sandbox.tree()).unwrap();
        sandbox
    }

    /// A tree of `count` files in two languages, of forty definitions each.
    pub(crate) fn with_project(count: usize) -> Self {
        let sandbox = Self::new();
        for file in 0..count {
            sandbox.write(format!("source/part_{file}.py"), python(file));
            sandbox.write(format!("crates/part_{file}/src/lib.rs"), rust(file));
        }
        sandbox
    }

    /// The root of the tree.
    pub(crate) fn tree(&self) -> PathBuf {
        self.path("tree")
    }

    /// A path beside the tree.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap().join(name)
    }

    /// Writes a file of the tree and the folders above it.
    pub(crate) fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.tree().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// `flux ARGUMENTS` in the root of the tree, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_in(&self.tree(), arguments)
    }

    /// `flux ARGUMENTS` in some folder, not yet started.
    pub(crate) fn command_in(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flux"));
        command.args(arguments).current_dir(folder).env("FLUX_CACHE_DIR", self.path("cache"));
        command.env("FLUX_CONFIG_DIR", self.path("config")).env_remove("FLUX_EMBEDDING");
        command.env_remove("NO_COLOR").env("TERM", "xterm").env("COLUMNS", "100");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `flux ARGUMENTS` in the root of the tree.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.ran(self.command(arguments).output().unwrap())
    }

    /// Runs `flux ARGUMENTS` in a folder of the tree.
    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Ran {
        let folder = self.tree().join(folder);
        self.ran(self.command_in(&folder, arguments).output().unwrap())
    }

    /// Output with what differs from run to run replaced by names.
    pub(crate) fn ran(&self, output: Output) -> Ran {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            let text = text.replace(self.tree().to_str().unwrap(), "[TREE]");
            without_times(&text.replace(self.path("").to_str().unwrap(), "[BOX]/"))
        };
        Ran {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Brings the index up to date and expects that to work.
    #[track_caller]
    pub(crate) fn index(&self) {
        self.run(&["index", "--quiet"]).check(0, "", "");
    }

    /// Expects `flux verify` to find nothing.
    #[track_caller]
    pub(crate) fn verify(&self) {
        let ran = self.run(&["verify", "--json"]);
        assert_eq!(ran.json()["problems"], serde_json::json!([]), "{ran:?}");
        assert_eq!(ran.code, Some(0));
    }
}

impl Ran {
    /// Compares everything that a user or a script sees.
    #[track_caller]
    pub(crate) fn check(&self, code: i32, stdout: &str, stderr: &str) {
        assert_eq!((self.stdout.as_str(), self.stderr.as_str()), (stdout, stderr));
        assert_eq!(self.code, Some(code), "{self:?}");
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("no JSON, {error}: {self:?}"),
        }
    }
}

/// `in 0.3 s` as `in [TIME]`.
fn without_times(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| match line.rsplit_once(", in ") {
        Some((before, time)) if time.ends_with(" s\n") => format!("{before}, in [TIME]\n"),
        _ => line.to_owned(),
    });
    lines.collect()
}

fn python(file: usize) -> String {
    let function = |number: usize| {
        format!(
            "def read_part_{file}_{number}(path, limit):\n    \
             \"\"\"Reads part {number} of the file and returns its settings.\"\"\"\n    \
             settings = open_settings(path)\n    return settings[:limit + {number}]\n\n"
        )
    };
    (0..40).map(function).collect()
}

fn rust(file: usize) -> String {
    let function = |number: usize| {
        format!(
            "/// Parses value {number} of the configuration.\n\
             pub fn parse_value_{file}_{number}(text: &str) -> Result<u32, ParseError> {{\n    \
             text.trim().parse().map_err(|_| ParseError::new({number}))\n}}\n\n"
        )
    };
    (0..40).map(function).collect()
}
