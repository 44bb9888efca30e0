//! `flux-eval mine`: a line-level set from doc comments. The first sentence of a comment becomes
//! the question, its function the answer, and every comment is blanked in a copy of the sources,
//! so that words of the question cannot be found where they were written.
//!
//! The same sources give the same set: files are read in order of their paths, and the questions
//! kept of many are chosen by a hash of their place.
//!
//! Reading order: [`repository`] (copying and collecting), [`docs`] (blanking), [`sentence`]
//! (wording a question).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::MineArgs;
use crate::suite::MinedQuestion;

mod docs;
mod repository;
mod sentence;

/// Copies every repository without its doc comments and writes the questions.
pub(crate) fn command(arguments: &MineArgs) -> anyhow::Result<()> {
    let mut lines = String::new();
    for folder in folders(&arguments.corpus, &arguments.only)? {
        let name = folder.file_name().context("a folder without a name")?.to_string_lossy();
        let copy = arguments.stripped.join(&*name);
        ensure!(!copy.exists(), "{} exists already", copy.display());
        let mined = repository::mine(&name, &folder, &copy)?;
        let (found, chosen) = (mined.len(), choose(mined, arguments.per_repo));
        eprintln!("{name}: {} of {found} questions", chosen.len());
        for question in chosen {
            lines += &(serde_json::to_string(&question)? + "\n");
        }
    }
    fs::write(&arguments.out, lines).with_context(|| arguments.out.display().to_string())
}

fn folders(corpus: &Path, only: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let is_wanted = |name: &str| only.is_empty() || only.iter().any(|wanted| wanted == name);
    let mut folders = Vec::new();
    for entry in fs::read_dir(corpus).with_context(|| corpus.display().to_string())? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && is_wanted(&entry.file_name().to_string_lossy()) {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}

/// At most `limit` questions, none asked twice: a sentence above two functions answers neither.
fn choose(mined: Vec<MinedQuestion>, limit: usize) -> Vec<MinedQuestion> {
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    for question in &mined {
        *asked.entry(question.query.to_lowercase()).or_default() += 1;
    }
    let is_single = |question: &MinedQuestion| asked[&question.query.to_lowercase()] == 1;
    let mut chosen: Vec<MinedQuestion> = mined.into_iter().filter(is_single).collect();
    chosen.sort_by_cached_key(|one| (hash(&format!("{}:{}", one.path, one.query)), one.start_line));
    chosen.truncate(limit);
    chosen.sort_by(|one, other| (&one.path, one.start_line).cmp(&(&other.path, other.start_line)));
    chosen
}

/// FNV-1a, finished by a multiplication because its high bits mix slowly: the same on every
/// machine and in every version, which the hasher of the standard library does not promise.
fn hash(text: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let folded = text.bytes().fold(0xcbf2_9ce4_8422_2325, fold);
    (folded ^ (folded >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{choose, repository};
    use crate::suite::MinedQuestion;

    fn question(path: &str, query: &str) -> MinedQuestion {
        let word = |text: &str| text.to_owned();
        MinedQuestion {
            repo: word("r"),
            query: word(query),
            path: word(path),
            start_line: 1,
            end_line: 9,
            category: word("function"),
            language: word("rust"),
        }
    }

    #[test]
    fn a_question_asked_twice_is_asked_by_none() {
        let mined =
            vec![question("a", "Closes it"), question("b", "closes it"), question("c", "q")];
        assert_eq!(choose(mined, 9), [question("c", "q")]);
    }

    #[test]
    fn the_choice_does_not_depend_on_the_order_and_is_sorted_by_place() {
        let all: Vec<_> =
            (0..30).map(|n| question(&format!("f{n:02}"), &format!("q{n}"))).collect();
        let reversed = all.iter().rev().cloned().collect();
        let chosen = choose(all, 7);
        assert_eq!(chosen, choose(reversed, 7));
        assert_eq!(chosen.len(), 7);
        assert!(chosen.is_sorted_by_key(|one| one.path.clone()));
    }

    #[test]
    fn a_repository_gives_questions_and_a_copy_without_its_comments() {
        let folder = tempfile::tempdir().unwrap();
        let (source, copy) = (folder.path().join("r"), folder.path().join("copy"));
        fs::create_dir_all(source.join("src")).unwrap();
        fs::create_dir_all(source.join("tests")).unwrap();
        let text = "use x;\n\n/// Sorts the given words by length. More.\n/// More still.\n\
                    pub fn order(a: A) {\n    // why\n    a.sort()\n}\n";
        fs::write(source.join("src/a.rs"), text).unwrap();
        fs::write(source.join("tests/b.rs"), text).unwrap();
        fs::write(source.join("logo.png"), [0xff, 0]).unwrap();
        let mined = repository::mine("r", &source, &copy).unwrap();
        let expected = MinedQuestion {
            start_line: 5,
            end_line: 8,
            ..question("src/a.rs", "Sorts the given words by length")
        };
        assert_eq!(mined, [expected]);
        let stripped = fs::read_to_string(copy.join("src/a.rs")).unwrap();
        assert_eq!(stripped.lines().count(), text.lines().count());
        assert!(!stripped.contains("length") && stripped.contains("pub fn order"), "{stripped}");
        assert_eq!(fs::read(copy.join("logo.png")).unwrap(), [0xff, 0]);
    }
}
