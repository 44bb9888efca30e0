//! The words that some models want in front of a question or a passage.
//!
//! A model that was trained with them answers clearly worse without them, and neither ONNX files
//! nor the servers add them. The texts are the ones that each model's own card prescribes.

/// What stands in front of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prompts {
    pub(crate) query: &'static str,
    pub(crate) passage: &'static str,
}

/// The prompts of the model called `name`, with or without the organisation in front.
pub(crate) fn of(name: &str) -> Prompts {
    let name = name.to_ascii_lowercase();
    let name = name.rsplit('/').next().unwrap_or_default();
    let is_like = |parts: &[&str]| parts.iter().all(|part| name.contains(part));
    let row = TABLE.iter().find(|(parts, ..)| is_like(parts));
    row.map_or_else(Prompts::default, |(_, query, passage)| Prompts { query, passage })
}

const RETRIEVE: &str = "Represent this sentence for searching relevant passages: ";

/// Parts of the name, the query's prompt, the passage's. The first row that fits counts.
const TABLE: &[(&[&str], &str, &str)] = &[
    (&["nomic-embed-code"], "Represent this query for searching relevant code: ", ""),
    (&["nomic-embed"], "search_query: ", "search_document: "),
    (&["modernbert-embed"], "search_query: ", "search_document: "),
    (&["e5-", "instruct"], "Instruct: Retrieve code that answers the question\nQuery: ", ""),
    (&["e5-"], "query: ", "passage: "),
    (&["bge-", "-en"], RETRIEVE, ""),
    (&["bge-", "-zh"], "为这个句子生成表示以用于检索相关文章：", ""),
    (&["mxbai-embed"], RETRIEVE, ""),
    (&["arctic-embed2"], "query: ", ""),
    (&["arctic-embed", "v2"], "query: ", ""),
    (&["arctic-embed"], RETRIEVE, ""),
    (&["embeddinggemma"], "task: code retrieval | query: ", "title: none | text: "),
    (&["qwen3-embedding"], "Instruct: Retrieve code that answers the question\nQuery:", ""),
];

#[cfg(test)]
mod tests {
    use super::{Prompts, of};

    #[track_caller]
    fn check(name: &str, query: &'static str, passage: &'static str) {
        assert_eq!(of(name), Prompts { query, passage });
    }

    #[test]
    fn models_are_known_by_name() {
        check("nomic-embed-text", "search_query: ", "search_document: ");
        check("nomic-ai/nomic-embed-text-v1.5", "search_query: ", "search_document: ");
        check("intfloat/multilingual-e5-small", "query: ", "passage: ");
        check("snowflake-arctic-embed2", "query: ", "");
        let retrieve = "Represent this sentence for searching relevant passages: ";
        check("BAAI/bge-small-en-v1.5", retrieve, "");
        check("Snowflake/snowflake-arctic-embed-m", retrieve, "");
    }

    #[test]
    fn other_models_want_none() {
        check("bge-m3", "", "");
        check("all-MiniLM-L6-v2", "", "");
        check("text-embedding-3-small", "", "");
        check("voyage-code-3", "", "");
        check("", "", "");
    }
}
