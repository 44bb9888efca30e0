//! Pairs of one section of a document: its heading and first sentence against the code it shows,
//! the definitions and files it names, and its own prose.

use flux_core::FileClass;

use super::definitions::{body, pair};
use super::directory::Directory;
use super::files::summary;
use super::markup::{Section, sections};
use super::pair::{Kind, MIN_TEXT, Pair, Selection, chance};
use super::prose;
use super::tree::SourceFile;

/// Definitions and files taken of those that one section names.
const MAX_NAMED: usize = 2;
/// Headings under which a document is about itself or its project.
const GENERIC: &[&str] = &[
    "acknowledgement",
    "author",
    "backer",
    "badge",
    "changelog",
    "code of conduct",
    "contribut",
    "contents",
    "credit",
    "donat",
    "faq",
    "funding",
    "getting started",
    "install",
    "licen",
    "links",
    "more information",
    "other",
    "overview",
    "quick start",
    "quickstart",
    "readme",
    "reference",
    "release",
    "requirements",
    "resources",
    "see also",
    "security",
    "sponsor",
    "support",
    "table of contents",
    "thanks",
    "unreleased",
    "usage",
    "version",
];
/// Languages that mark output and commands rather than code.
const NO_CODE: &[&str] =
    &["console", "sh", "shell", "bash", "text", "txt", "plain", "output", "diff", "none", "log"];

/// Adds the pairs of every section of `file`. What records changes answers no question.
pub(crate) fn mine(file: &SourceFile, directory: &Directory<'_>, selection: &mut Selection) {
    let stem = file.path.stem().to_lowercase();
    let is_record = ["change", "history", "news", "release", "author", "licen", "code_of"];
    if file.class.has(FileClass::TEST) || is_record.iter().any(|start| stem.starts_with(start)) {
        return;
    }
    for section in sections(&file.text, file.language) {
        let Some(query) = question(file, &section) else { continue };
        let base = |language: &str, text: String| Pair {
            kind: Kind::Section,
            language: language.to_owned(),
            path: file.path.to_string(),
            query: query.clone(),
            context: format!("{} {}", file.path, section.trail.join(" ")),
            text,
        };
        if let Some((tag, code)) = section.code.iter().find(|(_, code)| code.len() >= MIN_TEXT)
            && !NO_CODE.contains(&tag.as_str())
        {
            let language = language_of(tag).unwrap_or_else(|| directory.main_language());
            selection.add(base(language, code.clone()));
        }
        for (target, text) in named(&section, directory).into_iter().take(MAX_NAMED) {
            // The same question about another text: the heading around it makes it another one.
            let around = section.trail.first().filter(|_| section.trail.len() > 1);
            let query = format!("{} {query}", around.map_or("", String::as_str));
            selection.add(Pair { query: prose::plain(&query), text, ..target });
        }
        let prose: Vec<&str> = section.prose.iter().map(String::as_str).collect();
        let heading = section.trail.join(" ");
        if prose::is_telling(&heading) && prose.join(" ").len() >= 2 * MIN_TEXT {
            selection.add(Pair { query: heading, ..base(file.language, prose.join("\n")) });
        }
    }
}

/// The heading with its first sentence, one of the two alone in some cases.
fn question(file: &SourceFile, section: &Section) -> Option<String> {
    let heading = prose::plain(section.trail.last()?);
    let is_generic = GENERIC.iter().any(|start| heading.to_lowercase().starts_with(start));
    let prose: Vec<&str> = section.prose.iter().map(String::as_str).collect();
    let sentence = prose::of_lines(&prose).map(|prose| prose.first);
    let says = |percent, what| chance(percent, &[what, file.path.as_str(), &heading]);
    let query = match sentence {
        Some(sentence) if is_generic || says(30, "sentence") => sentence,
        Some(sentence) if says(75, "both") => format!("{heading}: {sentence}"),
        _ if is_generic => return None,
        _ => heading,
    };
    (prose::is_telling(&query) && prose::is_wanted(&query)).then_some(query)
}

/// The definitions and files that `section` names between back quotes.
fn named(section: &Section, directory: &Directory<'_>) -> Vec<(Pair, String)> {
    let mut found: Vec<(Pair, String)> = Vec::new();
    for name in &section.named {
        let bare = name.trim_end_matches("()");
        let target = if bare.contains('/') {
            directory.file(bare.trim_start_matches("./")).and_then(|file| {
                let main = file.symbols.first()?;
                Some((pair(Kind::Section, file, main, String::new(), String::new()), summary(file)))
            })
        } else {
            let last = bare.rsplit(['.', ':', '#', '\\']).next().unwrap_or(bare);
            directory.definition(last).filter(|(_, symbol)| *symbol.name == *last).map(
                |(file, symbol)| {
                    let base = pair(Kind::Section, file, symbol, String::new(), String::new());
                    (base, body(file, symbol))
                },
            )
        };
        found.extend(target.filter(|(_, text)| found.iter().all(|(_, known)| known != text)));
    }
    found
}

/// The language that the tag of a code block names, by its name or its files' ending.
fn language_of(tag: &str) -> Option<&'static str> {
    let tag = tag.split([',', ' ', '{', ':']).next().unwrap_or(tag);
    if tag.is_empty() {
        return None;
    }
    let named = flux_grammars::named(tag);
    let path = flux_core::RepoPath::new(format!("block.{tag}"));
    named.or_else(|| flux_grammars::detect(&path, "")).map(flux_grammars::Grammar::name)
}
