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
        let allowed = if lead.is_attribute { usize::MAX } else { 1 };
        if !is_near(source, lead.start + text.len() as u32, below, allowed) {
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

/// Whether only white space lies between, with at most `allowed` line feeds. Reads from below,
/// because the next comment above may be the length of the file away.
fn is_near(source: &str, from: u32, to: u32, allowed: usize) -> bool {
    let mut line_feeds = 0;
    let gap = source.as_bytes().get(from as usize..to as usize).unwrap_or_default();
    gap.iter().rev().all(|byte| {
        line_feeds += usize::from(*byte == b'\n');
        byte.is_ascii_whitespace() && line_feeds <= allowed
    })
}

fn is_doc(text: &str, prefixes: &[String]) -> bool {
    prefixes.is_empty() || prefixes.iter().any(|prefix| text.starts_with(&**prefix))
}

fn starts_its_line(source: &str, start: u32) -> bool {
    let before = source.as_bytes().get(..start as usize).unwrap_or_default();
    let code = before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    code.is_none_or(|byte| *byte == b'\n')
}
