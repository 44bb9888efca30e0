//! What stands directly above a definition: its attributes and its doc comment.

use flux_core::ByteSpan;

use super::walk::Lead;

/// What leads a definition.
pub(super) struct Leading {
    /// Start of the first attribute, or of the definition.
    pub(super) start: u32,
    /// The doc comment, empty if there is none.
    pub(super) doc: ByteSpan,
}

/// Looks upwards from `start`. Comments that are no docs are passed over, an empty line or code
/// ends the search.
pub(super) fn leading(source: &str, leads: &[Lead], start: u32, prefixes: &[String]) -> Leading {
    let mut leading = Leading { start, doc: ByteSpan::new(start, start) };
    let mut below = start;
    let above = leads.partition_point(|lead| lead.start < start);
    for lead in leads[..above].iter().rev() {
        if lead.end > below {
            // Inside an attribute that was taken already, or around the definition.
            continue;
        }
        let text = ByteSpan::new(lead.start, lead.end).of(source).trim_end();
        let gap = ByteSpan::new(lead.start + text.len() as u32, below).of(source);
        let line_feeds = gap.bytes().filter(|byte| *byte == b'\n').count();
        let is_near = gap.bytes().all(|byte| byte.is_ascii_whitespace())
            && (line_feeds <= 1 || lead.is_attribute);
        if !is_near {
            break;
        }
        if lead.is_attribute {
            leading.start = lead.start;
        } else if !starts_its_line(source, lead.start) {
            break;
        } else if is_doc(text, prefixes) {
            let end = if leading.doc.is_empty() {
                lead.start + text.len() as u32
            } else {
                leading.doc.end
            };
            leading.doc = ByteSpan::new(lead.start, end);
        }
        below = lead.start;
    }
    leading
}

fn is_doc(text: &str, prefixes: &[String]) -> bool {
    prefixes.is_empty() || prefixes.iter().any(|prefix| text.starts_with(&**prefix))
}

fn starts_its_line(source: &str, start: u32) -> bool {
    let before = source.as_bytes().get(..start as usize).unwrap_or_default();
    let code = before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    code.is_none_or(|byte| *byte == b'\n')
}
