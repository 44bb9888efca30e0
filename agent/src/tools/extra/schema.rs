//! Arguments against the JSON Schema that a tool declares for them.

use boon::{Compiler, Draft, Schemas, SchemeUrlLoader};
use serde_json::Value;

/// Where the one schema is said to lie; nothing is ever loaded from there.
const PLACE: &str = "flux:///schema";

/// The schema, if it is one and describes an object.
pub(super) fn checked(schema: &Value) -> Result<(), String> {
    let is_object = schema.get("type").and_then(Value::as_str) == Some("object");
    if !is_object {
        return Err("its schema has no type = \"object\"".to_owned());
    }
    // Services refuse properties that are none, which boon leaves unsaid.
    let has_properties = schema.get("properties").is_none_or(Value::is_object);
    if !has_properties {
        return Err("the properties of its schema are no table".to_owned());
    }
    compiled(schema).map(|_| ())
}

/// Whether `arguments` fit.
pub(super) fn fits(schema: &Value, arguments: &Value) -> Result<(), String> {
    let (schemas, index) = compiled(schema)?;
    schemas.validate(arguments, index).map_err(|error| {
        let text = error.to_string();
        // The first line names the schema, of which there is only one.
        let lines = text.lines().skip(1).map(str::trim);
        format!("wrong arguments: {}", lines.collect::<Vec<_>>().join("; "))
    })
}

fn compiled(schema: &Value) -> Result<(Schemas, boon::SchemaIndex), String> {
    let wrong = |error: boon::CompileError| format!("its schema is none: {error:#}");
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V2020_12);
    // Without a scheme it loads nothing: a schema must not make us read files.
    compiler.use_loader(Box::new(SchemeUrlLoader::new()));
    compiler.add_resource(PLACE, schema.clone()).map_err(wrong)?;
    let index = compiler.compile(PLACE, &mut schemas).map_err(wrong)?;
    Ok((schemas, index))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{checked, fits};

    #[track_caller]
    fn refused(arguments: Value, expected: &str) {
        let schema = json!({
            "type": "object",
            "properties": { "name": { "type": "string", "pattern": "^[a-z]+$" }, "count": { "type": "integer", "minimum": 1 } },
            "required": ["name"],
            "additionalProperties": false,
        });
        checked(&schema).unwrap();
        let said = fits(&schema, &arguments).err().unwrap_or_default();
        assert!(said.contains(expected) && said.is_empty() == expected.is_empty(), "{said}");
    }

    #[test]
    fn what_does_not_fit_is_said_with_its_place() {
        refused(json!({ "name": "a", "count": 2 }), "");
        refused(json!({ "count": 2 }), "missing properties 'name'");
        refused(json!({ "name": 3 }), "at '/name'");
        refused(json!({ "name": "A" }), "pattern");
        refused(json!({ "name": "a", "count": 0 }), "at '/count'");
        refused(json!({ "name": "a", "more": 0 }), "additionalProperties 'more'");
    }

    #[test]
    fn a_schema_that_is_none_or_loads_others_is_refused() {
        for schema in [
            json!({ "type": "string" }),
            json!({ "type": "object", "properties": [] }),
            json!({ "type": "object", "required": "name" }),
            json!({ "type": "object", "properties": { "a": { "$ref": "file:///etc/passwd" } } }),
        ] {
            assert!(checked(&schema).is_err(), "{schema}");
        }
    }
}
