//! Literal and regex search prints what ripgrep prints, byte for byte.
//!
//! A naive search, line by line over what ripgrep would read of each file, is always compared;
//! ripgrep itself where it is installed.

use std::process::{Command, Stdio};

use regex::bytes::{Regex, RegexBuilder};

use crate::support::Sandbox;

/// Files, and what of them is searched: all of it unless said otherwise.
const FILES: &[(&str, &[u8])] = &[
    ("src/lib.rs", b"use std::io;\n\npub fn main() {\n\tlet x = 0xFF; // OOPS: error\n}\n"),
    ("src/a-b.rs", b"fn a() {}\nfn ab() -> Error { Error }\n"),
    ("src/a/b.rs", "struct Größe { straße: f32 } // ÄÖÜ é → …\n".as_bytes()),
    ("crlf.py", b"import os\r\n\r\ndef f(self):\r\n    return 1\r\n"),
    ("latin.txt", b"gr\xF6\xDFer \xFF end\n"),
    ("no_end", b"last line without its end"),
    ("empty", b""),
    ("blank", b"\n\n \n"),
    (
        "wide.css",
        b"a{b:c}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaax\n",
    ),
    ("controls.dat", b"\x01\x02\x80\x81\xfe\x03 x error\n\x04\x05\x06\x07\n"),
    ("caf\u{e9}.md", "# naïve\n\nΣίσυφος ſtraße K\n".as_bytes()),
];

/// Ripgrep reads three bytes ahead, so it finds what it can in a line that ends within them.
const EARLY: &[u8] = b"x\n1\n\0error\n";
const EARLY_NOTICE: &str = "early.bin: WARNING: stopped searching binary file after match \
                            (found \"\\0\" byte around offset 4)";

/// Pattern and options. Ripgrep's `-e` is added where it takes one.
const PATTERNS: &[(&str, &[&str])] = &[
    ("^", &[]),
    ("$", &[]),
    ("^$", &[]),
    ("x*", &[]),
    ("()", &[]),
    (r"\b", &[]),
    (".", &[]),
    ("^.", &[]),
    (".$", &[]),
    ("x", &[]),
    ("=>", &[]),
    (r"\}$", &[]),
    (r"\s+$", &[]),
    (r"\t", &[]),
    ("^ +$", &[]),
    (r"[^\x00-\x7F]", &[]),
    (r"\p{Greek}+", &[]),
    (r"\p{Lu}\p{Ll}+", &[]),
    ("[äöüß]", &[]),
    ("é", &[]),
    ("→", &[]),
    ("0x[0-9A-F]+", &[]),
    ("(?i)ERROR", &[]),
    (r"(?-u)\xff", &[]),
    ("import|return|struct", &[]),
    (r"\w+\(\w*\)", &[]),
    ("a.*b", &[]),
    (r"\Aimport", &[]),
    (r"[[:alpha:]]\d", &[]),
    (".{40,}", &[]),
    ("[^a-z]e", &[]),
    (r"\\", &[]),
    ("(", &["-F"]),
    (".", &["-F"]),
    ("\\", &["-F"]),
    ("a", &["-F"]),
    ("\t", &["-F"]),
    ("é", &["-F"]),
    ("ö", &["-F"]),
    ("  ", &["-F"]),
    ("not there", &["-F"]),
    ("error", &["-i"]),
    ("K", &["-i"]),
    ("STRASSE", &["-i"]),
    ("ſ", &["-i"]),
    ("σ", &["-i"]),
    ("Ö", &["-F", "-i"]),
    ("a", &["-w"]),
    ("fn|is", &["-w"]),
    ("x*", &["-w"]),
    ("-", &["-w"]),
    ("é", &["-w"]),
    ("Error", &["-F", "-w"]),
    ("error", &["-S"]),
    ("Error", &["-S"]),
];

#[test]
fn output_equals_that_of_a_search_without_an_index() {
    let sandbox = Sandbox::new();
    FILES.iter().for_each(|(path, bytes)| sandbox.write(path, bytes));
    let wide: Vec<u8> =
        "\u{feff}wide é error\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    sandbox.write("wide.txt", wide);
    sandbox.write("program.bin", b"x\0error\n");
    sandbox.write("early.bin", EARLY);
    sandbox.write(".hidden/x.py", "x error\n");
    sandbox.write("ignored/x.py", "x error\n");
    sandbox.write(".gitignore", "ignored/\n");
    sandbox.index();
    let has_ripgrep = Command::new("rg").arg("--version").stdout(Stdio::null()).status().is_ok();
    for (pattern, options) in PATTERNS {
        let ours = ours(&sandbox, pattern, options);
        assert_eq!(ours, naive(pattern, options), "naive search for {pattern:?} {options:?}");
        if has_ripgrep {
            let theirs = theirs(&sandbox, pattern, options);
            assert_eq!(ours, theirs, "ripgrep for {pattern:?} {options:?}");
        }
    }
}

type Sorted = Vec<Vec<u8>>;

fn ours(sandbox: &Sandbox, pattern: &str, options: &[&str]) -> Sorted {
    let syntax: &[&str] = if options.contains(&"-F") { &[] } else { &["-e"] };
    let arguments = [&["search", "--no-refresh"], syntax, options, &["--", pattern]].concat();
    let output = sandbox.command(&arguments).output().unwrap();
    let lines = sorted(&output.stdout);
    assert_eq!(output.status.code(), Some(i32::from(lines.is_empty())), "{pattern:?} {output:?}");
    lines
}

fn theirs(sandbox: &Sandbox, pattern: &str, options: &[&str]) -> Sorted {
    let mut command = Command::new("rg");
    command.args([
        "--no-config",
        "-n",
        "--no-heading",
        "--color",
        "never",
        "-j1",
        "--sort",
        "path",
    ]);
    command.args(options).args(["-e", pattern]).current_dir(sandbox.tree()).stdin(Stdio::null());
    sorted(&command.output().unwrap().stdout)
}

fn naive(pattern: &str, options: &[&str]) -> Sorted {
    let matcher = compile(pattern, options);
    let wide: (&str, &[u8]) = ("wide.txt", "wide é error\n".as_bytes());
    let mut found = Vec::new();
    if matcher.is_match(b"x") {
        found.push(EARLY_NOTICE.as_bytes().to_vec());
    }
    for (path, bytes) in FILES.iter().chain([&wide, &("early.bin", &EARLY[..2])]) {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        for (number, line) in (1..).zip(lines) {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            if matcher.is_match(line) {
                found.push([format!("{path}:{number}:").as_bytes(), line].concat());
            }
        }
    }
    found.sort();
    found
}

/// The options as regex syntax, as ripgrep's manual explains them.
fn compile(pattern: &str, options: &[&str]) -> Regex {
    let has = |option| options.contains(&option);
    let pattern = if has("-F") { regex::escape(pattern) } else { pattern.to_owned() };
    let is_small = !pattern.chars().any(char::is_uppercase);
    let pattern = match has("-w") {
        true => format!(r"\b{{start-half}}(?:{pattern})\b{{end-half}}"),
        false => pattern,
    };
    RegexBuilder::new(&pattern)
        .multi_line(true)
        .case_insensitive(has("-i") || (has("-S") && is_small))
        .build()
        .unwrap()
}

fn sorted(output: &[u8]) -> Sorted {
    let text = output.strip_suffix(b"\n").unwrap_or(output);
    let mut lines: Sorted = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    lines.retain(|line| !line.is_empty());
    lines.sort();
    lines
}
