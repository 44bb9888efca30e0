//! The lines of a truth file and of a tool's answer, as they are written.
//!
//! Both are JSON lines with a `kind`; kinds that are not known are left out, so that a file may say
//! more than is scored. Lines are 1-based, columns 0-based bytes.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::kinds::{Kind, Tier};

/// A place and what is declared there.
pub(super) type DeclaredAt = (String, u32, Kind);

/// One line of a truth file.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum TruthLine {
    Meta(Meta),
    Ref(ReferenceLine),
    Unres(UnresolvedLine),
    Def(DefinitionLine),
    Call(CallLine),
    Canon(CanonLine),
    #[serde(other)]
    Unknown,
}

/// What a truth file is about.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Meta {
    pub(super) lang: String,
    #[serde(default)]
    pub(super) rev: String,
    /// What the compiler's tool took.
    pub(super) seconds: Option<f64>,
}

/// A name whose meaning the compiler knows.
#[derive(Deserialize)]
pub(super) struct ReferenceLine {
    pub(super) path: String,
    pub(super) line: u32,
    pub(super) col: u32,
    pub(super) name: String,
    pub(super) scope: Scope,
    pub(super) defs: Vec<DeclaredAt>,
    #[serde(default)]
    pub(super) call: u8,
    /// Whether the name is also assigned here.
    #[serde(default)]
    pub(super) w: u8,
    /// What else is right when judged leniently.
    #[serde(default)]
    pub(super) alt: Vec<DeclaredAt>,
}

/// Where a name's meaning lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Scope {
    Repo,
    Local,
    Ext,
}

/// A name the compiler knows nothing about.
#[derive(Deserialize)]
pub(super) struct UnresolvedLine {
    pub(super) path: String,
    pub(super) line: u32,
    pub(super) name: String,
    pub(super) call: u8,
    pub(super) caller: (String, u32),
}

/// A declaration.
#[derive(Deserialize)]
pub(super) struct DefinitionLine {
    pub(super) path: String,
    pub(super) line: u32,
    pub(super) col: u32,
    pub(super) name: String,
    pub(super) sym: Kind,
    pub(super) first: u32,
    pub(super) end: u32,
    /// The line of the scope that owns the symbol, where several declarations can be one symbol.
    pub(super) own: Option<u32>,
}

/// A call whose target the compiler knows.
#[derive(Deserialize)]
pub(super) struct CallLine {
    pub(super) caller: (String, u32),
    pub(super) callee: (String, u32),
    #[serde(default)]
    pub(super) alt: Vec<(String, u32)>,
}

/// Two places that are one node of the graph of calls.
#[derive(Deserialize)]
pub(super) struct CanonLine {
    pub(super) path: String,
    pub(super) line: u32,
    pub(super) to: (String, u32),
}

/// One line of a tool's answer.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum ToolLine {
    Ref(ToolReference),
    Call(ToolCall),
    Def(ToolDefinition),
    #[serde(other)]
    Unknown,
}

/// Where a tool says that a name leads. Several lines for one name are several answers.
#[derive(Deserialize)]
pub(super) struct ToolReference {
    pub(super) path: String,
    pub(super) line: u32,
    pub(super) col: Option<u32>,
    pub(super) name: String,
    /// Absent or empty: outside the repository, or not known.
    pub(super) def_path: Option<String>,
    #[serde(default)]
    pub(super) def_line: Option<u32>,
    #[serde(default)]
    pub(super) tier: Tier,
}

/// A call a tool found.
#[derive(Deserialize)]
pub(super) struct ToolCall {
    pub(super) caller_path: String,
    pub(super) caller_line: u32,
    pub(super) callee_path: String,
    pub(super) callee_line: u32,
    /// An edge to an overriding method, which is not scored.
    #[serde(default, rename = "virtual")]
    is_virtual: Value,
    #[serde(default)]
    pub(super) tier: Tier,
}

impl ToolCall {
    /// Tools write a boolean or a number.
    pub(super) fn is_virtual(&self) -> bool {
        self.is_virtual == true || self.is_virtual.as_f64().is_some_and(|number| number != 0.0)
    }
}

/// A declaration a tool found.
#[derive(Deserialize)]
pub(super) struct ToolDefinition {
    pub(super) path: String,
    pub(super) line: u32,
    pub(super) name: String,
}

/// Reads every line of a text.
pub(super) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> anyhow::Result<Vec<T>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let parsed = lines.map(|(index, line)| {
        serde_json::from_str(line).with_context(|| format!("line {}: `{line}`", index + 1))
    });
    parsed.collect()
}

/// The text of a file, unpacked by `gzip` when its name ends in `.gz`.
pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        let mut gzip = Command::new("gzip");
        let output = gzip.arg("-dc").stdin(file).stderr(Stdio::inherit()).output();
        let output = output.context("cannot run `gzip`")?;
        ensure!(output.status.success(), "{} cannot be unpacked", path.display());
        text = String::from_utf8(output.stdout).with_context(|| path.display().to_string())?;
    } else {
        std::io::BufReader::new(file).read_to_string(&mut text)?;
    }
    Ok(text)
}
