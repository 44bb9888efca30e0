//! What a tool answered, as text for a model.

use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};

/// The text of an answer; as an error if the tool says that it failed.
pub(super) fn text(result: &CallToolResult) -> Result<String, String> {
    let mut parts: Vec<String> = result.content.iter().map(part).collect();
    // Servers that answer in structures should say the same in words; not all do.
    if let (true, Some(structure)) = (parts.is_empty(), &result.structured_content) {
        parts.push(structure.to_string());
    }
    let text = match parts.is_empty() {
        true => "(the tool answered nothing)".to_owned(),
        false => parts.join("\n"),
    };
    if result.is_error == Some(true) { Err(text) } else { Ok(text) }
}

fn part(content: &ContentBlock) -> String {
    match content {
        ContentBlock::Text(text) => text.text.clone(),
        ContentBlock::Image(image) => left_out("an image", &image.mime_type, image.data.len()),
        ContentBlock::Audio(audio) => left_out("a sound", &audio.mime_type, audio.data.len()),
        ContentBlock::Resource(resource) => match &resource.resource {
            ResourceContents::TextResourceContents { uri, text, .. } => format!("[{uri}]\n{text}"),
            ResourceContents::BlobResourceContents { uri, blob, .. } => {
                left_out("a file", uri, blob.len())
            }
            _ => UNKNOWN.to_owned(),
        },
        ContentBlock::ResourceLink(link) => format!("[a link to {}: {}]", link.name, link.uri),
        _ => UNKNOWN.to_owned(),
    }
}

/// The package keeps room for kinds that later versions of the protocol add.
const UNKNOWN: &str = "[a part of a kind that is not known is left out]";

/// Bytes come in Base64, four letters for three.
fn left_out(what: &str, kind: &str, letters: usize) -> String {
    format!("[{what} ({kind}, about {} bytes) is left out]", letters / 4 * 3)
}

#[cfg(test)]
mod tests {
    use rmcp::model::{CallToolResult, ContentBlock};
    use serde_json::json;

    use super::text;

    #[test]
    fn what_is_no_text_is_named() {
        let content = vec![ContentBlock::text("a"), ContentBlock::image("AAAA", "image/png")];
        let said = text(&CallToolResult::success(content));
        assert_eq!(said.unwrap(), "a\n[an image (image/png, about 3 bytes) is left out]");
        let failed = text(&CallToolResult::error(vec![ContentBlock::text("no")]));
        assert_eq!(failed.unwrap_err(), "no");
        let mut empty = CallToolResult::success(Vec::new());
        assert_eq!(text(&empty).unwrap(), "(the tool answered nothing)");
        empty.structured_content = Some(json!({ "a": 1 }));
        assert_eq!(text(&empty).unwrap(), "{\"a\":1}");
    }
}
