//! The JSON of requests and answers.

use serde_json::{Map, Value, json};

use super::HttpSettings;
use super::dialect::{Purpose, Reply};

/// The body that asks for the vectors of `texts`.
pub(super) fn request(settings: &HttpSettings, texts: &[String], purpose: Purpose) -> Value {
    let shape = settings.dialect.shape();
    let mut body = Map::new();
    if shape.has_model {
        body.insert("model".to_owned(), json!(settings.model));
    }
    body.insert(shape.texts.to_owned(), json!(texts));
    if let Some(dimensions) = settings.dimensions {
        body.insert(shape.dimensions.to_owned(), json!(dimensions));
    }
    if let Some(field) = shape.truncate {
        body.insert(field.to_owned(), json!(true));
    }
    if let Some(field) = shape.purpose {
        let purpose = match purpose {
            Purpose::Query => "query",
            Purpose::Passage => "document",
        };
        body.insert(field.to_owned(), json!(purpose));
    }
    Value::Object(body)
}

/// The vectors in an answer, in the order of the texts; what is wrong with the answer otherwise.
pub(super) fn vectors(reply: Reply, body: &[u8], texts: usize) -> Result<Vec<Vec<f32>>, String> {
    let answer: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let vectors = match reply {
        Reply::Data => ordered(list(&answer["data"], "`data`")?)?,
        Reply::Embeddings => list(&answer["embeddings"], "`embeddings`")?.iter().collect(),
        Reply::Bare => list(&answer, "the answer")?.iter().collect(),
    };
    if vectors.len() != texts {
        return Err(format!("{} vectors for {texts} texts", vectors.len()));
    }
    vectors.into_iter().map(vector).collect()
}

/// What a server says about a failure, on one line.
pub(super) fn complaint(body: &[u8]) -> String {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let places =
        [&answer["error"]["message"], &answer["error"], &answer["message"], &answer["detail"]];
    let said = places.iter().find_map(|place| place.as_str());
    let text = said.map_or_else(|| String::from_utf8_lossy(body).into_owned(), str::to_owned);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.floor_char_boundary(300);
    line[..end].to_owned()
}

/// The string at `field` of a JSON object.
pub(super) fn string(body: &[u8], field: &str) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    answer[field].as_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

fn ordered(data: &[Value]) -> Result<Vec<&Value>, String> {
    let mut vectors = vec![None; data.len()];
    for (place, item) in data.iter().enumerate() {
        // Some servers leave the index out; all that do answer in order.
        let index = item["index"].as_u64().map_or(place, |index| index as usize);
        let slot = vectors.get_mut(index).ok_or(format!("index {index} of {}", data.len()))?;
        *slot = Some(&item["embedding"]);
    }
    let whole: Option<Vec<&Value>> = vectors.into_iter().collect();
    whole.ok_or_else(|| "two vectors for one text".to_owned())
}

fn list<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], String> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| format!("{name} is not a list"))
}

fn vector(value: &Value) -> Result<Vec<f32>, String> {
    let numbers = list(value, "a vector")?.iter().map(|number| number.as_f64().map(|it| it as f32));
    let vector: Option<Vec<f32>> = numbers.collect();
    vector.filter(|it| !it.is_empty()).ok_or_else(|| "a vector is not made of numbers".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::dialect::Reply;
    use super::{complaint, string, vectors};

    #[track_caller]
    fn reads(reply: Reply, body: &str, expected: &[&[f32]]) {
        assert_eq!(vectors(reply, body.as_bytes(), expected.len()).unwrap(), expected);
    }

    #[track_caller]
    fn refuses(reply: Reply, body: &str, expected: &str) {
        assert_eq!(vectors(reply, body.as_bytes(), 2).unwrap_err(), expected);
    }

    #[test]
    fn each_shape_is_read() {
        reads(Reply::Data, r#"{"data":[{"index":0,"embedding":[1,2.5]}]}"#, &[&[1.0, 2.5]]);
        reads(Reply::Embeddings, r#"{"embeddings":[[1e-3],[2]]}"#, &[&[0.001], &[2.0]]);
        reads(Reply::Bare, "[[1],[2]]", &[&[1.0], &[2.0]]);
    }

    #[test]
    fn vectors_are_put_in_order() {
        let body = r#"{"data":[{"index":1,"embedding":[1]},{"index":0,"embedding":[0]}]}"#;
        reads(Reply::Data, body, &[&[0.0], &[1.0]]);
        reads(Reply::Data, r#"{"data":[{"embedding":[0]},{"embedding":[1]}]}"#, &[&[0.0], &[1.0]]);
    }

    #[test]
    fn nonsense_is_refused() {
        refuses(Reply::Data, r#"{"data":7}"#, "`data` is not a list");
        refuses(Reply::Data, "{}", "`data` is not a list");
        refuses(Reply::Bare, "[[1]]", "1 vectors for 2 texts");
        refuses(Reply::Bare, "[[1],[null]]", "a vector is not made of numbers");
        refuses(Reply::Bare, "[[1],[]]", "a vector is not made of numbers");
        refuses(Reply::Bare, r#"[[1],"x"]"#, "a vector is not a list");
        refuses(Reply::Bare, "[[1],", "EOF while parsing a value at line 1 column 5");
        let twice = r#"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[0]}]}"#;
        refuses(Reply::Data, twice, "two vectors for one text");
        let far = r#"{"data":[{"index":9,"embedding":[1]},{"index":0,"embedding":[0]}]}"#;
        refuses(Reply::Data, far, "index 9 of 2");
    }

    #[test]
    fn complaints_are_found_wherever_they_stand() {
        assert_eq!(complaint(br#"{"error":{"message":"bad\n key"}}"#), "bad key");
        assert_eq!(complaint(br#"{"error":"no such model"}"#), "no such model");
        assert_eq!(complaint(br#"{"detail":"too long"}"#), "too long");
        assert_eq!(complaint(b"<html> oops\n</html>"), "<html> oops </html>");
        assert_eq!(complaint("é".repeat(400).as_bytes()).len(), 300);
    }

    #[test]
    fn a_name_is_a_string() {
        assert_eq!(string(br#"{"model_id":"a/b"}"#, "model_id").as_deref(), Some("a/b"));
        assert_eq!(string(br#"{"model_id":7}"#, "model_id"), None);
        assert_eq!(string(b"x", "model_id"), None);
    }
}
