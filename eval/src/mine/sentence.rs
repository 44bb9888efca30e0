//! The first sentence of a doc comment, worded as somebody would ask for the function.

const MIN_WORDS: usize = 5;
const MAX_WORDS: usize = 40;
/// What comments are drawn with.
const MARKERS: &[char] = &['/', '*', '!', '#', '-', ';', '%', '|', '"', '\'', '='];
/// Markup around prose that is no part of it.
const TAGS: &[&str] = &["<summary>", "</summary>", "<para>", "</para>", "<p>", "</p>"];
/// Starts of lines that end the prose.
const STOPS: &[&str] = &["@", ":", "\\", "```", "<", ">", "Args:", "Arguments:", "Returns:"];
/// Signs of code, markup or an address; no question holds them.
const NO_PROSE: &[char] = &['{', '}', ';', '=', '<', '>', '[', ']', '\\'];
/// Full stops that end no sentence.
const ABBREVIATIONS: &[&str] = &["e.g", "i.e", "etc", "vs", "cf"];

/// The question that `doc` answers for the function called `name`, if it makes a fair one.
pub(crate) fn first(doc: &str, name: &str) -> Option<String> {
    let prose = untag(&first_paragraph(doc)).replace('`', "");
    let sentence = sentence(&prose);
    // In some languages a comment starts with the name, which nobody asks by.
    let mut words: Vec<&str> = sentence.split_whitespace().collect();
    if words.first().is_some_and(|word| bare(word) == name) {
        words.remove(0);
    }
    let is_long_enough = (MIN_WORDS..=MAX_WORDS).contains(&words.len());
    let query = words.join(" ");
    let is_prose = !query.contains(NO_PROSE) && !query.contains("://");
    (is_long_enough && is_prose && !tells_name(&words, name)).then_some(query)
}

fn first_paragraph(doc: &str) -> String {
    let mut paragraph: Vec<&str> = Vec::new();
    for line in doc.lines().map(without_markers) {
        let line = without_tags(line);
        let is_stop = line.is_empty() || STOPS.iter().any(|stop| line.starts_with(stop));
        match (is_stop, paragraph.is_empty()) {
            (false, _) => paragraph.push(line),
            (true, true) if line.is_empty() => {}
            (true, _) => break,
        }
    }
    paragraph.join(" ")
}

fn without_markers(line: &str) -> &str {
    let line = line.trim();
    let line = line.strip_prefix("@doc").unwrap_or(line).trim_start();
    // The prefix of a raw or formatted string.
    let text = line.trim_start_matches(['r', 'R', 'u', 'f', 'b', '~', 's', 'S']);
    let line = if text.starts_with(['"', '\'']) { text } else { line };
    line.trim_matches(MARKERS).trim().trim_matches(MARKERS).trim()
}

fn without_tags(line: &str) -> &str {
    let mut line = line;
    for tag in TAGS {
        line = line.strip_prefix(tag).unwrap_or(line);
        line = line.strip_suffix(tag).unwrap_or(line);
    }
    line.trim()
}

/// Replaces `{@link Name}` by its text.
fn untag(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once("{@") {
        let Some((inside, after)) = tag.split_once('}') else { break };
        plain += before;
        plain += inside.split_once(' ').map_or("", |(_, shown)| shown);
        rest = after;
    }
    plain + rest
}

fn sentence(prose: &str) -> &str {
    let ends = prose.match_indices(". ").map(|(at, _)| at);
    let is_end = |at: &usize| {
        let before = &prose[..*at];
        !ABBREVIATIONS.iter().any(|word| before.ends_with(word))
    };
    let end = ends.into_iter().find(is_end).unwrap_or(prose.len());
    prose[..end].trim_end_matches(['.', ':', ',', '!'])
}

/// Whether the words hold the name. A name that is one plain word is a word of the language, and
/// a question may use it.
fn tells_name(words: &[&str], name: &str) -> bool {
    let is_plain = name.chars().all(|letter| letter.is_lowercase());
    !is_plain && words.iter().any(|word| bare(word) == name)
}

fn bare(word: &str) -> &str {
    word.trim_matches(|letter: char| !letter.is_alphanumeric() && letter != '_')
}

#[cfg(test)]
mod tests {
    use super::first;

    #[track_caller]
    fn check(doc: &str, expected: Option<&str>) {
        assert_eq!(first(doc, "parseHead").as_deref(), expected);
    }

    #[test]
    fn markers_of_every_style_fall_away() {
        let expected = Some("Reads the head of a file");
        check("/// Reads the head of\n/// a file. And more.", expected);
        check("/**\n * Reads the head of a file.\n * @param x the file\n */", expected);
        check("r\"\"\"Reads the head of a file.\n\n    More.\n    \"\"\"", expected);
        check("# Reads the head of a file", expected);
        check("--- Reads the head of a file", expected);
        check("@doc \"\"\"\nReads the head of a file.\n\"\"\"", expected);
        check("/* Reads the head of a file */", expected);
        check("/// <summary>\n/// Reads the head of a file.\n/// </summary>", expected);
    }

    #[test]
    fn a_leading_name_is_dropped_and_a_name_inside_disqualifies() {
        check("// parseHead reads the head of files.", Some("reads the head of files"));
        check("// Works as parseHead does for many files.", None);
        let plain = first("/// Open a file and read it.", "open");
        assert_eq!(plain.as_deref(), Some("Open a file and read it"));
    }

    #[test]
    fn short_sentences_code_and_addresses_make_no_question() {
        check("/// Reads the head.", None);
        check("/// let head = read(file) for the first time", None);
        check("/// See https://example.org/head for all of the rules", None);
        check("/// @param x the file that is to be read", None);
    }

    #[test]
    fn an_abbreviation_ends_no_sentence() {
        check(
            "/// Reads a part, e.g. the head of it. More.",
            Some("Reads a part, e.g. the head of it"),
        );
    }

    #[test]
    fn inline_tags_and_back_ticks_leave_their_text() {
        check(
            "/** Reads the {@link Head} of a `File` object. */",
            Some("Reads the Head of a File object"),
        );
    }
}
