//! Which commands only look, which build and test, and which need a person to say yes.
//!
//! A list of what is allowed, not of what is dangerous: the second is never complete. The few that
//! are refused outright are those that nobody means when a model proposes them.

use super::mode::{Decision, Mode};
use super::shell::{Simple, parse};

/// What a command line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It looks at files of the tree.
    Looks,
    /// It builds or tests the project, and so runs its code.
    Builds,
    /// It may do anything; why it is none of the others.
    Unknown(String),
    /// It is never run.
    Forbidden(String),
}

/// What is allowed beyond the lists.
#[derive(Clone, Debug, Default)]
pub struct CommandPolicy {
    /// Beginnings of command lines that the user allows, such as `make docs`.
    pub allowed: Vec<String>,
}

impl CommandPolicy {
    /// What is done about a command line.
    pub fn decide(&self, mode: Mode, line: &str) -> Decision {
        match (self.effect(line), mode) {
            (Effect::Forbidden(why), _) => Decision::Deny(format!("not allowed: {why}")),
            (Effect::Looks, _) | (Effect::Builds, Mode::Auto) => Decision::Allow,
            (Effect::Builds | Effect::Unknown(_), Mode::ReadOnly) => Decision::Deny(
                "not allowed in read-only mode: it is no command that only looks".to_owned(),
            ),
            (Effect::Builds, Mode::Ask) => Decision::Ask(format!("run `{line}`")),
            (Effect::Unknown(why), Mode::Ask | Mode::Auto) => {
                Decision::Ask(format!("run `{line}` ({why})"))
            }
        }
    }

    /// What a command line does, by the worst of its parts.
    pub fn effect(&self, line: &str) -> Effect {
        let parts = match parse(line) {
            Ok(parts) if parts.is_empty() => return Effect::Unknown("it is empty".to_owned()),
            Ok(parts) => parts,
            Err(what) => return Effect::Unknown(format!("it has {what}")),
        };
        let effects = parts.iter().map(|part| self.of_part(part));
        effects.max_by_key(severity).unwrap_or(Effect::Looks)
    }

    /// What a command does whose words no shell reads.
    pub fn effect_of(&self, words: &[String]) -> Effect {
        self.of_part(&Simple { words: words.to_vec(), ..Simple::default() })
    }

    fn of_part(&self, part: &Simple) -> Effect {
        if let Some(why) = forbidden(part) {
            return Effect::Forbidden(why);
        }
        if part.redirects.iter().any(|one| one.is_write && one.file != "/dev/null") {
            return Effect::Unknown("it writes a file".to_owned());
        }
        if let Some(one) = part.assignments.iter().find(|one| !is_harmless(one)) {
            return Effect::Unknown(format!("it sets {one}"));
        }
        let inputs = part.redirects.iter().map(|one| one.file.as_str());
        let words = part.words.iter().skip(1).map(String::as_str);
        if let Some(word) = inputs.chain(words).find(|word| leads_out(word)) {
            return Effect::Unknown(format!("`{word}` lies outside the tree"));
        }
        match of_program(&part.words) {
            Effect::Unknown(_) if self.is_listed(&part.words) => Effect::Builds,
            effect => effect,
        }
    }

    /// Whether the user's own list allows a command. Compared are words: a name of a file can hold
    /// spaces.
    pub fn is_listed(&self, words: &[String]) -> bool {
        self.allowed.iter().any(|start| {
            let start: Vec<&str> = start.split_whitespace().collect();
            !start.is_empty()
                && words.len() >= start.len()
                && words.iter().zip(&start).all(|(word, wanted)| word == wanted)
        })
    }
}

fn severity(effect: &Effect) -> u8 {
    match effect {
        Effect::Looks => 0,
        Effect::Builds => 1,
        Effect::Unknown(_) => 2,
        Effect::Forbidden(_) => 3,
    }
}

/// Programs that a coding task has no use for.
const FORBIDDEN: &[&str] = &[
    "sudo", "su", "doas", "pkexec", "shutdown", "reboot", "halt", "poweroff", "mkfs", "fdisk",
    "mount", "umount", "chroot", "insmod", "crontab", "at",
];
/// Where people keep keys.
const KEYS: &[&str] = &[
    "/.ssh",
    "/.aws",
    "/.gnupg",
    "/.netrc",
    "/.kube",
    "/.docker/config",
    "/.config/gh",
    "/etc/shadow",
    "/.npmrc",
    "/.pypirc",
    "/.git-credentials",
    "/proc/self/environ",
];

fn forbidden(part: &Simple) -> Option<String> {
    let program = part.words.first()?;
    let program = program.rsplit('/').next().unwrap_or(program);
    if FORBIDDEN.contains(&program) || program.starts_with("mkfs.") {
        return Some(format!("`{program}` is never run"));
    }
    let files = part.redirects.iter().map(|one| &one.file);
    let mut named = part.words.iter().chain(files);
    let is_key = |word: &&String| {
        let word = format!("/{}", word.trim_start_matches('/'));
        KEYS.iter().any(|key| word.contains(key))
    };
    if let Some(word) = named.find(is_key) {
        return Some(format!("`{word}` is where keys are kept"));
    }
    let is_root = |word: &String| {
        matches!(word.trim_end_matches(['*', '/']), "" | "~" | "." | "..") && !word.is_empty()
    };
    if program == "rm" && part.words.iter().skip(1).any(is_root) {
        return Some("it removes everything".to_owned());
    }
    None
}

/// Whether a variable set for a command changes no more than what it prints.
fn is_harmless(assignment: &str) -> bool {
    let name = assignment.split('=').next().unwrap_or_default();
    matches!(name, "RUST_BACKTRACE" | "RUST_LOG" | "NO_COLOR" | "CI" | "LC_ALL" | "LANG" | "TZ")
}

/// Whether a word can be a path that leaves the tree.
fn leads_out(word: &str) -> bool {
    let value = word.split_once('=').map_or(word, |(_, value)| value);
    let is_out = |text: &str| {
        (text.starts_with('/') && text != "/dev/null")
            || text.starts_with('~')
            || text.split('/').any(|part| part == "..")
    };
    // `-I/usr/include` and the like.
    let attached = word.strip_prefix('-').map(|rest| {
        rest.trim_start_matches(|letter: char| letter.is_ascii_alphabetic() || letter == '-')
    });
    is_out(word)
        || is_out(value)
        || attached.is_some_and(|text| text.starts_with('/') || text.starts_with('~'))
}

/// Programs that only look, whatever their arguments.
const LOOKING: &[&str] = &[
    "ls",
    "pwd",
    "cat",
    "head",
    "tail",
    "wc",
    "nl",
    "uniq",
    "cut",
    "tr",
    "diff",
    "cmp",
    "stat",
    "file",
    "du",
    "basename",
    "dirname",
    "realpath",
    "readlink",
    "echo",
    "printf",
    "true",
    "false",
    "test",
    "grep",
    "egrep",
    "fgrep",
    "date",
    "uname",
    "which",
    "nproc",
    "md5sum",
    "sha256sum",
    "comm",
    "column",
    "jq",
    "cd",
    "sleep",
];
/// Subcommands of git that only look.
const GIT: &[&str] = &[
    "status",
    "diff",
    "log",
    "show",
    "blame",
    "ls-files",
    "ls-tree",
    "rev-parse",
    "describe",
    "shortlog",
    "grep",
    "cat-file",
    "merge-base",
    "rev-list",
];
/// Arguments that let a looking program run or write something.
const ACTING: &[&str] = &[
    "-exec",
    "-execdir",
    "-ok",
    "-okdir",
    "-delete",
    "-fprint",
    "-fprint0",
    "-fprintf",
    "-fls",
    "-x",
    "-X",
    "--exec",
    "--exec-batch",
    "--pre",
    "--pre-glob",
    "--hostname-bin",
    "--output",
    "-o",
    "--ext-diff",
    "--textconv",
    "-O",
    "--open-files-in-pager",
    "-S",
    "--compress-program",
];
/// Programs that build and test, with the first argument they may have.
const BUILDING: &[(&str, &[&str])] = &[
    ("cargo", &["check", "test", "build", "fmt", "clippy", "tree", "metadata", "doc", "nextest"]),
    ("go", &["build", "test", "vet", "fmt", "list"]),
    ("gofmt", &["*"]),
    ("npm", &["test", "t"]),
    ("yarn", &["test"]),
    ("pnpm", &["test"]),
    ("pytest", &["*"]),
    ("ruff", &["check", "format"]),
    ("black", &["*"]),
    ("mypy", &["*"]),
    ("tsc", &["*"]),
    ("make", &["test", "check", "lint"]),
    ("mvn", &["test", "compile"]),
    ("gradle", &["test", "build"]),
    ("dotnet", &["test", "build"]),
    ("ctest", &["*"]),
    ("rspec", &["*"]),
];
/// Modules of Python that test and check.
const PYTHON: &[&str] = &["pytest", "unittest", "compileall", "py_compile", "mypy", "ruff"];
/// Arguments by which a builder is told to run something else, or to look elsewhere.
const REDIRECTED: &[&str] = &["--config", "-C", "-exec", "-toolexec", "--manifest-path"];

fn of_program(words: &[String]) -> Effect {
    let Some(program) = words.first().map(String::as_str) else { return Effect::Looks };
    let arguments = || words.iter().skip(1).map(String::as_str);
    let has = |list: &[&str]| {
        arguments().any(|word| {
            let name = word.split('=').next().unwrap_or(word);
            list.contains(&name)
        })
    };
    let first = arguments().next().unwrap_or_default();
    let unknown = || Effect::Unknown(format!("`{program}` is not on the list of known commands"));
    match program {
        _ if hides_an_act(program, words) => unknown(),
        _ if LOOKING.contains(&program) => Effect::Looks,
        "rg" | "find" | "fd" | "tree" | "sort" if !has(ACTING) => Effect::Looks,
        "sed" if is_line_printer(words) => Effect::Looks,
        "git" if GIT.contains(&first) && !has(ACTING) => Effect::Looks,
        "python" | "python3" => {
            let module = words.get(2).map(String::as_str).unwrap_or_default();
            let is_known = first == "-m" && PYTHON.contains(&module);
            if is_known { Effect::Builds } else { unknown() }
        }
        "npm" | "yarn" | "pnpm" if first == "run" => {
            let script = words.get(2).map(String::as_str).unwrap_or_default();
            let is_known =
                ["test", "lint", "build", "typecheck", "check", "format"].contains(&script);
            if is_known { Effect::Builds } else { unknown() }
        }
        _ => {
            let known = BUILDING.iter().find(|(name, _)| *name == program);
            let is_known =
                known.is_some_and(|(_, firsts)| firsts.contains(&first) || *firsts == ["*"]);
            if is_known && !has(REDIRECTED) { Effect::Builds } else { unknown() }
        }
    }
}

/// Whether an option that acts is written with its value, among other letters or shortened:
/// `-nO./x`, `--outp=x`.
fn hides_an_act(program: &str, words: &[String]) -> bool {
    let arguments = || words.iter().skip(1).map(String::as_str);
    let has = |letters: &[char], longs: &[&str]| {
        arguments().any(|word| match word.strip_prefix("--") {
            Some(long) => longs.iter().any(|start| long.starts_with(start)),
            None => word.strip_prefix('-').is_some_and(|rest| rest.contains(letters)),
        })
    };
    match program {
        "git" => has(&['O'], &["op", "ou", "ext", "textc"]),
        "sort" => has(&['o', 'S'], &["o", "co"]),
        "fd" => has(&['x', 'X'], &["exec"]),
        "tree" => has(&['o'], &["ou"]),
        // The second file is written.
        "uniq" => arguments().filter(|word| !word.starts_with('-')).count() > 1,
        _ => false,
    }
}

/// `sed -n 10,20p file`: no other script of sed is judged.
fn is_line_printer(words: &[String]) -> bool {
    let (Some(flag), Some(script)) = (words.get(1), words.get(2)) else { return false };
    let lines = script.strip_suffix('p');
    let is_lines =
        |lines: &str| lines.chars().all(|letter| letter.is_ascii_digit() || ",$".contains(letter));
    flag == "-n"
        && lines.is_some_and(is_lines)
        && words.len() <= 4
        && !words[3..].iter().any(|word| word.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::{CommandPolicy, Effect};
    use crate::policy::mode::{Decision, Mode};

    #[test]
    fn an_act_is_seen_however_its_option_is_written() {
        for line in [
            "git grep -O./x y",
            "git grep -nO./x y",
            "git grep --open=./x y",
            "git diff --outp=x",
            "sort -ox f",
            "sort -ro x f",
            "sort --outp=x f",
            "sort --comp=./x f",
            "fd -x rm",
            "fd -Hx rm",
            "uniq a b",
            "rg --hostname-bin=./x y",
        ] {
            assert!(matches!(effect(line), Effect::Unknown(_)), "{line}: {:?}", effect(line));
        }
        for line in ["git log --oneline -5", "git grep -n open", "sort -rn f", "fd --exclude a b"] {
            assert_eq!(effect(line), Effect::Looks, "{line}");
        }
    }

    #[test]
    fn what_is_allowed_is_compared_by_words() {
        let policy = CommandPolicy { allowed: vec!["gh pr view".to_owned()] };
        let words =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert!(policy.is_listed(&words(&["gh", "pr", "view", "3"])));
        assert!(!policy.is_listed(&words(&["gh pr view /x"])));
        assert!(!policy.is_listed(&words(&["gh", "pr", "viewer"])));
    }

    fn effect(line: &str) -> Effect {
        CommandPolicy::default().effect(line)
    }

    #[test]
    fn looking_is_allowed_everywhere() {
        for line in [
            "ls -la src",
            "cat a.rs | head -5 && wc -l a.rs",
            "git diff HEAD -- src/a.rs",
            "rg -n 'fn main' src 2>/dev/null",
            "find . -name '*.rs'",
            "sed -n 1,20p a.rs",
        ] {
            assert_eq!(effect(line), Effect::Looks, "{line}");
        }
    }

    #[test]
    fn building_is_known_by_program_and_verb() {
        for line in [
            "cargo test -p x",
            "go vet ./...",
            "python3 -m pytest -q",
            "npm run lint",
            "RUST_BACKTRACE=1 cargo test",
        ] {
            assert_eq!(effect(line), Effect::Builds, "{line}");
        }
    }

    #[test]
    fn everything_else_is_asked_about() {
        for line in [
            "touch x",
            "curl example.org",
            "rm a.txt",
            "cargo run",
            "cargo install x",
            "python3 a.py",
            "echo a > b.txt",
            "find . -delete",
            "find . -exec sh -c x",
            "rg --pre sh x",
            "./test.sh",
            "cat /etc/passwd",
            "cat ../x",
            "head ~/x",
            "git -c core.pager=x log",
            "git push",
            "sed -i s/a/b/ x",
            "PATH=. ls",
            "echo $(id)",
            "cargo test --config x",
            "git diff --output=x",
            "bash -c ls",
            "sh x",
            "env ls",
            "xargs rm",
            "cat a; touch b",
            "",
        ] {
            assert!(matches!(effect(line), Effect::Unknown(_)), "{line}: {:?}", effect(line));
        }
    }

    #[test]
    fn some_things_are_never_done() {
        for line in [
            "sudo ls",
            "rm -rf /",
            "rm -rf ~",
            "rm -rf .",
            "cat ~/.ssh/id_rsa",
            "touch a && cat ~/.ssh/id_rsa",
            "cat < .ssh/id_rsa",
            "ls x/.aws/credentials",
        ] {
            assert!(matches!(effect(line), Effect::Forbidden(_)), "{line}: {:?}", effect(line));
        }
    }

    #[test]
    fn the_mode_and_the_user_decide() {
        let own = CommandPolicy { allowed: vec!["make docs".to_owned()] };
        assert_eq!(own.decide(Mode::Auto, "make docs -j2"), Decision::Allow);
        assert!(matches!(own.decide(Mode::Auto, "make docsx"), Decision::Ask(_)));
        assert!(matches!(own.decide(Mode::Ask, "cargo test"), Decision::Ask(_)));
        assert!(matches!(own.decide(Mode::ReadOnly, "cargo test"), Decision::Deny(_)));
        assert_eq!(own.decide(Mode::ReadOnly, "git status"), Decision::Allow);
        assert!(matches!(own.decide(Mode::Auto, "sudo make docs"), Decision::Deny(_)));
    }
}
