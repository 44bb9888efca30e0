//! How a pack looks as text. The text of a repository is fenced so that its content cannot end
//! the fence, and names and paths are brought to one line.

use super::layout::one_line;
use super::{BlockKind, Link, Pack, PackBlock, PackFile, Reason};
use flux_core::Tier;

/// Makes text of packs.
pub trait PackFormat: Sync {
    /// The text of a pack, from its first to its last character.
    fn render(&self, pack: &Pack) -> String;
}

/// Headings and fenced blocks.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

/// Elements with text in CDATA sections.
#[derive(Clone, Copy, Debug)]
pub struct Xml;

impl PackFormat for Markdown {
    fn render(&self, pack: &Pack) -> String {
        let mut out = format!("# Context: {}\n", one_line(&pack.task));
        write_line(&mut out, &[&head(pack)]);
        for note in &pack.origin.notes {
            write_line(&mut out, &["Note: ", &one_line(note)]);
        }
        for file in &pack.files {
            write_line(&mut out, &["\n## ", &title(file)]);
            for block in &file.blocks {
                markdown_block(&mut out, file, block);
            }
        }
        if !pack.left_out.is_empty() {
            write_line(&mut out, &["\n## Left out (", &left_out_head(pack), ")"]);
            for left in &pack.left_out {
                write_line(&mut out, &["- ", &left_out(left)]);
            }
        }
        out
    }
}

fn markdown_block(out: &mut String, file: &PackFile, block: &PackBlock) {
    let fence = fence(&block.text);
    let reasons = reasons(block);
    write_line(out, &[&place(block), ": ", &reasons]);
    write_line(out, &[&fence, language(file)]);
    write_line(out, &[&block.text]);
    write_line(out, &[&fence]);
}

/// The language for a fence; none for plain text.
fn language(file: &PackFile) -> &str {
    if file.language == "text" { "" } else { &file.language }
}

/// Backticks enough that no run of them in `text` is as long.
fn fence(text: &str) -> String {
    let (mut longest, mut run) = (0, 0);
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(3.max(longest + 1))
}

fn write_line(out: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| out.push_str(part));
    out.push('\n');
}

/// Revision, freshness and size.
fn head(pack: &Pack) -> String {
    let revision = pack.origin.revision.as_deref().unwrap_or("none");
    let revision = revision.get(..12).unwrap_or(revision);
    let about = if pack.is_exact { "" } else { "about " };
    format!(
        "Revision {revision}, index {}. {about}{} of {} tokens ({}).",
        one_line(&pack.origin.freshness),
        pack.tokens,
        pack.budget,
        one_line(&pack.counter)
    )
}

/// The path and class of a file.
fn title(file: &PackFile) -> String {
    let class: Vec<&str> = file.class.names().collect();
    let path = one_line(file.path.as_str());
    if class.is_empty() { path } else { format!("{path} ({})", class.join(", ")) }
}

fn place(block: &PackBlock) -> String {
    let lines = block.lines;
    let lines = match lines.start == lines.end {
        true => lines.start.to_string(),
        false => format!("{}-{}", lines.start, lines.end),
    };
    match block.kind {
        BlockKind::Body => lines,
        BlockKind::Outline => format!("{lines} outline"),
    }
}

/// The reasons of a block in words.
pub fn reasons(block: &PackBlock) -> String {
    let reasons: Vec<String> = block.reasons.iter().map(reason).collect();
    one_line(&reasons.join("; "))
}

fn reason(reason: &Reason) -> String {
    let link = match &reason.link {
        Link::Found(rank) => format!("found #{rank}"),
        Link::SameFile => "same file".to_owned(),
        Link::Edge { role, other, tier: Tier::Exact } => format!("{} {other}", role.as_str()),
        Link::Edge { role, other, tier } => {
            format!("{} {other} ({})", role.as_str(), tier.as_str())
        }
    };
    if reason.symbol.is_empty() { link } else { format!("{}, {link}", reason.symbol) }
}

fn left_out_head(pack: &Pack) -> String {
    let (count, tokens) = pack.left_out_total;
    format!("{count} pieces, about {tokens} tokens")
}

fn left_out(left: &super::LeftOut) -> String {
    let (path, lines) = (one_line(left.path.as_str()), left.lines);
    let symbol = one_line(&left.symbol);
    let space = if symbol.is_empty() { "" } else { " " };
    format!("{path}:{}-{}{space}{symbol}, {} tokens", lines.start, lines.end, left.tokens)
}

impl PackFormat for Xml {
    fn render(&self, pack: &Pack) -> String {
        let mut out = format!("<context task=\"{}\">\n", attribute(&pack.task));
        write_line(&mut out, &["<about>", &attribute(&head(pack)), "</about>"]);
        for note in &pack.origin.notes {
            write_line(&mut out, &["<note>", &attribute(note), "</note>"]);
        }
        for file in &pack.files {
            xml_file(&mut out, file);
        }
        if !pack.left_out.is_empty() {
            write_line(&mut out, &["<left_out about=\"", &left_out_head(pack), "\">"]);
            for left in &pack.left_out {
                write_line(&mut out, &[&attribute(&left_out(left))]);
            }
            out.push_str("</left_out>\n");
        }
        out.push_str("</context>\n");
        out
    }
}

fn xml_file(out: &mut String, file: &PackFile) {
    let class: Vec<&str> = file.class.names().collect();
    let path = attribute(file.path.as_str());
    let class =
        if class.is_empty() { String::new() } else { format!(" class=\"{}\"", class.join(" ")) };
    write_line(out, &["<file path=\"", &path, "\" language=\"", &file.language, "\"", &class, ">"]);
    for block in &file.blocks {
        let (at, why) = (place(block), attribute(&reasons(block)));
        write_line(out, &["<lines at=\"", &at, "\" why=\"", &why, "\"><![CDATA["]);
        write_line(out, &[&character_data(&block.text)]);
        write_line(out, &["]]></lines>"]);
    }
    out.push_str("</file>\n");
}

/// Text within a CDATA section: its end is split over two, and what XML has no place for is
/// replaced.
fn character_data(text: &str) -> String {
    let is_illegal = |letter: char| matches!(letter, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    let text = if text.contains(is_illegal) {
        text.replace(is_illegal, "\u{fffd}")
    } else {
        text.to_owned()
    };
    text.replace("]]>", "]]]]><![CDATA[>")
}

fn attribute(text: &str) -> String {
    let text = character_data(&one_line(text).replace("]]>", "]] >"));
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{attribute, character_data, fence};

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(fence("a"), "```");
        assert_eq!(fence("a ```` b"), "`````");
    }

    #[test]
    fn xml_text_cannot_end_its_section() {
        assert_eq!(character_data("a]]>b\u{1}"), "a]]]]><![CDATA[>b\u{fffd}");
        assert_eq!(attribute("a\"<b>\n&"), "a&quot;&lt;b&gt; &amp;");
    }
}
