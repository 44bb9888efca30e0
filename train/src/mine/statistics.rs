//! What a folder of pairs holds: how many of each kind in each language.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::pair::{Kind, Pair};

/// What `flux-train statistics` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of pairs
    #[arg(value_name = "DIR")]
    pairs: PathBuf,
}

/// Prints the table of a folder's pairs.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    print!("{}", table(&arguments.pairs)?);
    Ok(())
}

/// A line for each language, most pairs first, and one for all.
fn table(folder: &Path) -> anyhow::Result<String> {
    let mut counts: BTreeMap<(String, Kind), usize> = BTreeMap::new();
    let mut files = 0;
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            files += 1;
            count(&path, &mut counts).with_context(|| path.display().to_string())?;
        }
    }
    let total = |language: &str, kinds: &[Kind]| -> usize {
        let is_counted = |(counted, kind): &(String, Kind)| {
            (language.is_empty() || counted == language) && kinds.contains(kind)
        };
        counts.iter().filter(|(key, _)| is_counted(key)).map(|(_, count)| count).sum()
    };
    let languages: BTreeSet<&str> = counts.keys().map(|(language, _)| language.as_str()).collect();
    let mut languages: Vec<&str> = languages.into_iter().collect();
    languages.sort_by_key(|language| std::cmp::Reverse(total(language, &Kind::ALL)));
    let mut table = format!("{files} repositories\n{:12}", "");
    for kind in Kind::ALL {
        write!(table, "{kind:>9}")?;
    }
    table += "      all\n";
    for language in languages.into_iter().chain([""]) {
        let shown = if language.is_empty() { "all" } else { language };
        write!(table, "{shown:12}")?;
        for kind in Kind::ALL {
            write!(table, "{:9}", total(language, &[kind]))?;
        }
        writeln!(table, "{:9}", total(language, &Kind::ALL))?;
    }
    Ok(table)
}

fn count(path: &Path, counts: &mut BTreeMap<(String, Kind), usize>) -> anyhow::Result<()> {
    for line in BufReader::new(fs::File::open(path)?).lines() {
        let pair: Pair = serde_json::from_str(&line?)?;
        *counts.entry((pair.language, pair.kind)).or_default() += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::table;

    #[test]
    fn pairs_are_counted_by_language_and_kind() {
        let folder = tempfile::tempdir().unwrap();
        let line = |kind: &str, language: &str| {
            format!(
                "{{\"kind\":\"{kind}\",\"language\":\"{language}\",\"path\":\"\",\"query\":\"\",\
                 \"context\":\"\",\"text\":\"\"}}\n"
            )
        };
        let lines = [line("doc", "go"), line("doc", "rust"), line("commit", "rust")].concat();
        fs::write(folder.path().join("a.jsonl"), lines).unwrap();
        fs::write(folder.path().join("a.partial"), "{").unwrap();
        let table = table(folder.path()).unwrap();
        let rows: Vec<Vec<&str>> =
            table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows[0], ["1", "repositories"]);
        assert_eq!(rows[2], ["rust", "1", "0", "0", "0", "0", "0", "1", "0", "2"]);
        assert_eq!(rows[4], ["all", "2", "0", "0", "0", "0", "0", "1", "0", "3"]);
    }
}
