//! Running `flux` on a checkout: an index from nothing, then the graph it exports.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};

/// What `flux` says about a project.
pub(super) struct Graph {
    pub(super) text: String,
    /// What indexing took.
    pub(super) seconds: f64,
}

/// Indexes a checkout into a folder of its own and exports its graph.
pub(super) fn graph(flux: &Path, checkout: &Path, revision: &str) -> anyhow::Result<Graph> {
    ensure_revision(checkout, revision)?;
    let index = tempfile::tempdir()?;
    let start = Instant::now();
    run(flux, checkout, index.path(), &["index", "--no-vectors"])?;
    let seconds = start.elapsed().as_secs_f64();
    let text = run(flux, checkout, index.path(), &["export", "--format", "refs-jsonl"])?;
    Ok(Graph { text, seconds })
}

fn run(flux: &Path, checkout: &Path, index: &Path, words: &[&str]) -> anyhow::Result<String> {
    let mut command = Command::new(flux);
    command.args(words).arg("--quiet").arg("--index-dir").arg(index).current_dir(checkout);
    output(command.stdin(Stdio::null()))
}

/// Positions of another revision would be judged as mistakes.
fn ensure_revision(checkout: &Path, revision: &str) -> anyhow::Result<()> {
    let mut git = Command::new("git");
    let head = output(git.arg("-C").arg(checkout).args(["rev-parse", "HEAD"]))?;
    let (head, place) = (head.trim(), checkout.display());
    ensure!(
        revision.is_empty() || head == revision,
        "{place} is at {head}, the truth at {revision}\nhint: check out the truth's revision"
    );
    Ok(())
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot run `{name}`"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{name}` ended with {}: {complaint}", output.status);
    String::from_utf8(output.stdout).with_context(|| format!("what `{name}` printed"))
}
