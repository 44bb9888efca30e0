//! Markdown and reStructuredText as sections: headings, prose, code, and names between back
//! quotes.

/// Letters that draw the line under a heading.
const RULES: &[char] = &['=', '-', '~', '^', '"', '*', '+', '#'];
/// Headings above that are kept with one.
const MAX_TRAIL: usize = 2;

/// A heading and what stands below it, up to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Section {
    /// The heading, and the one around it first if there is one.
    pub(crate) trail: Vec<String>,
    /// Lines of prose; an empty one between paragraphs.
    pub(crate) prose: Vec<String>,
    /// Blocks of code with the tags that name their languages, empty if they do not.
    pub(crate) code: Vec<(String, String)>,
    /// What stands between back quotes.
    pub(crate) named: Vec<String>,
}

/// Where in a document a line lies.
enum State {
    Prose,
    /// In a block that the same fence ends.
    Fenced(String),
    /// In a block of reStructuredText that ends with its indentation.
    Indented,
}

/// The sections of a document. What stands above the first heading belongs to none.
pub(crate) fn sections(text: &str, language: &str) -> Vec<Section> {
    let lines: Vec<&str> = text.lines().collect();
    let mut reader = Reader { sections: Vec::new(), levels: Vec::new(), state: State::Prose };
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let below = lines.get(at + 1).copied().unwrap_or("");
        at += reader.take(line, below, language == "markdown");
    }
    reader.sections.into_iter().filter(|section| !section.trail.is_empty()).collect()
}

struct Reader {
    sections: Vec<Section>,
    /// The headings around the place that is read, with their levels.
    levels: Vec<(usize, String)>,
    state: State,
}

impl Reader {
    /// Takes `line` and says how many lines that were.
    fn take(&mut self, line: &str, below: &str, is_markdown: bool) -> usize {
        match &self.state {
            State::Fenced(fence) if line.trim() == fence => self.state = State::Prose,
            State::Fenced(_) => self.take_code(line),
            State::Indented if line.trim().is_empty() || line.starts_with([' ', '\t']) => {
                self.take_code(line);
            }
            State::Indented | State::Prose => {
                self.state = State::Prose;
                return self.take_prose(line, below, is_markdown);
            }
        }
        1
    }

    fn take_prose(&mut self, line: &str, below: &str, is_markdown: bool) -> usize {
        let trimmed = line.trim();
        if let Some((level, heading)) = heading(trimmed, below, is_markdown) {
            self.open(level, heading);
            return if is_markdown && trimmed.starts_with('#') { 1 } else { 2 };
        }
        let Some(section) = self.sections.last_mut() else { return 1 };
        let fence = ["```", "~~~"].into_iter().find(|fence| trimmed.starts_with(fence));
        if let Some(fence) = fence.filter(|_| is_markdown) {
            let tag = trimmed.trim_start_matches(['`', '~']).trim().to_lowercase();
            section.code.push((tag, String::new()));
            self.state = State::Fenced(fence.to_owned());
        } else if let Some(tag) = directive(trimmed).filter(|_| !is_markdown) {
            section.code.push((tag.to_owned(), String::new()));
            self.state = State::Indented;
        } else if !(trimmed.starts_with(['|', '<', '!']) || trimmed.starts_with(".. ")) {
            section.named.extend(quoted(trimmed));
            section.prose.push(trimmed.to_owned());
            if !is_markdown && trimmed.ends_with("::") {
                section.code.push((String::new(), String::new()));
                self.state = State::Indented;
            }
        }
        1
    }

    fn take_code(&mut self, line: &str) {
        if let Some((_, code)) = self.sections.last_mut().and_then(|last| last.code.last_mut())
            && !(code.is_empty() && (line.trim().is_empty() || line.trim().starts_with(':')))
        {
            code.push_str(line);
            code.push('\n');
        }
    }

    fn open(&mut self, level: usize, heading: &str) {
        self.levels.retain(|(around, _)| *around < level);
        // What stands in braces behind a heading is its anchor.
        let shown = heading.split(" {").next().unwrap_or(heading).trim_end_matches('#');
        self.levels.push((level, super::prose::plain(shown)));
        let around = self.levels.len().saturating_sub(MAX_TRAIL);
        let trail = self.levels[around..].iter().map(|(_, heading)| heading.clone());
        self.sections.push(Section { trail: trail.collect(), ..Section::default() });
    }
}

/// The level and text of the heading that a line and the one below it make.
fn heading<'a>(line: &'a str, below: &str, is_markdown: bool) -> Option<(usize, &'a str)> {
    let marks = line.len() - line.trim_start_matches('#').len();
    if is_markdown && (1..=6).contains(&marks) {
        return line[marks..].strip_prefix(' ').map(|text| (marks, text.trim()));
    }
    let below = below.trim_end();
    let rule = below.chars().next().filter(|letter| RULES.contains(letter))?;
    let is_rule = below.len() >= 3 && below.chars().all(|letter| letter == rule);
    let is_long = below.chars().count() * 2 >= line.chars().count();
    let is_text = line.starts_with(char::is_alphanumeric) || line.starts_with('`');
    let level = RULES.iter().position(|letter| *letter == rule)? + 1;
    let is_heading = is_rule && is_long && is_text && (!is_markdown || level <= 2);
    is_heading.then_some((level, line))
}

/// The language of the block of code that a line of reStructuredText opens.
fn directive(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(".. ")?;
    let (name, language) = rest.split_once("::")?;
    matches!(name, "code-block" | "code" | "sourcecode").then(|| language.trim())
}

/// What stands between back quotes, one or two on each side.
fn quoted(line: &str) -> Vec<String> {
    let parts = line.split('`').enumerate();
    let inside = parts.filter(|(at, _)| at % 2 == 1).map(|(_, part)| part);
    let doubled = line.split("``").skip(1).step_by(2);
    let is_name = |part: &&str| !part.is_empty() && !part.contains(char::is_whitespace);
    inside.chain(doubled).filter(is_name).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{Section, sections};

    #[test]
    fn markdown_falls_into_headings_prose_code_and_names() {
        let text = "intro\n# Guide\n## Opening files\nCall `open()` or\n[read](x).\n\n\
                    ```rust\n# no heading\nopen();\n```\n## Next #\n";
        let found = sections(text, "markdown");
        assert_eq!(found.len(), 3);
        let opening = Section {
            trail: vec!["Guide".to_owned(), "Opening files".to_owned()],
            prose: vec!["Call `open()` or".to_owned(), "[read](x).".to_owned(), String::new()],
            code: vec![("rust".to_owned(), "# no heading\nopen();\n".to_owned())],
            named: vec!["open()".to_owned()],
        };
        assert_eq!(found[1], opening);
        assert_eq!(found[2].trail, ["Guide", "Next"]);
    }

    #[test]
    fn restructured_text_is_read_by_its_rules_and_indentation() {
        let text = "Closing\n=======\nUse ``shut`` like this::\n\n    shut()\n\nOr not.\n\n\
                    .. code-block:: python\n    :linenos:\n\n    shut(all)\n\nDoors\n-----\n";
        let found = sections(text, "text");
        assert_eq!(found.len(), 2);
        let code: Vec<&str> = found[0].code.iter().map(|(_, code)| code.trim()).collect();
        assert_eq!(code, ["shut()", "shut(all)"]);
        assert_eq!(found[0].code[1].0, "python");
        assert_eq!(found[0].named, ["shut"]);
        assert_eq!(found[1].trail, ["Closing", "Doors"]);
    }
}
