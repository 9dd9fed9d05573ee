//! The `OpenAPI` document as a judge: whether an answer is one that it describes.
//!
//! It knows the part of JSON Schema that our document uses, and is stricter in one point: an object
//! may have no field that the document does not name. So a field that is added to an answer without
//! being described fails a test.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The methods that a path may have in a document.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// A document to judge by.
pub struct Contract {
    document: Value,
}

/// An answer to be judged.
pub struct Answered<'a> {
    /// Such as `GET`.
    pub method: &'a str,
    /// The path without parameters.
    pub path: &'a str,
    /// The status.
    pub status: u16,
    /// The content type, empty if there is none.
    pub content_type: &'a str,
    /// The body after decompression.
    pub body: &'a [u8],
}

impl Contract {
    /// Reads a document.
    pub fn read(document: &str) -> Self {
        Self { document: serde_json::from_str(document).expect("the document is JSON") }
    }

    /// The document.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// All operations: method in capitals, path, and what the document says of them.
    pub fn operations(&self) -> Vec<(String, &str, &Value)> {
        let paths = self.document["paths"].as_object().expect("a document has paths");
        let mut found = Vec::new();
        for (path, item) in paths {
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    found.push((method.to_uppercase(), path.as_str(), operation));
                }
            }
        }
        found
    }

    /// What the document says of a method at a path that was asked for.
    pub fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let paths = self.document["paths"].as_object().expect("a document has paths");
        // As in the router, a literal segment of a path wins over a parameter.
        let fits = |template: &str| {
            let (mut parts, mut asked) = (template.split('/'), path.split('/'));
            loop {
                match (parts.next(), asked.next()) {
                    (None, None) => return true,
                    (Some(part), Some(word)) if part.starts_with('{') || part == word => {}
                    _ => return false,
                }
            }
        };
        let mut fitting: Vec<&String> = paths.keys().filter(|template| fits(template)).collect();
        fitting.sort_by_key(|template| template.matches('{').count());
        paths[*fitting.first()?].get(method.to_lowercase())
    }

    /// Whether the document describes this answer; if not, why not.
    pub fn judge(&self, answered: &Answered<'_>) -> Result<(), String> {
        let Answered { method, path, status, content_type, body } = *answered;
        let Some(operation) = self.operation(method, path) else {
            let is_refused = status == 404 && contains(body, b"/problems/endpoint-not-found");
            return if is_refused {
                Ok(())
            } else {
                Err("the document has no such endpoint".into())
            };
        };
        let described = &operation["responses"][status.to_string()];
        if described.is_null() {
            return Err(format!("the document has no status {status} for it"));
        }
        let described = self.resolved(described)?;
        let Some(content) = described["content"].as_object() else {
            let is_empty = body.is_empty();
            return if is_empty { Ok(()) } else { Err("the document says it has no body".into()) };
        };
        let Some(media) = content.get(content_type) else {
            return Err(format!("the document has no content type {content_type:?} for it"));
        };
        if !content_type.ends_with("json") {
            return Ok(());
        }
        let value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        self.fits(&media["schema"], &value, "$")
    }

    /// The example of a content, its own or its schema's; null if there is none.
    pub fn example<'a>(&'a self, content: &'a Value) -> &'a Value {
        match &content["example"] {
            Value::Null => {
                self.resolved(&content["schema"]).map_or(&Value::Null, |it| &it["example"])
            }
            example => example,
        }
    }

    /// Whether a value is what a schema describes; if not, where and why not.
    pub fn fits(&self, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
        let schema = self.resolved(schema)?;
        if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
            return self.fits_one(choices, value, place);
        }
        if let Some(kinds) = schema.get("type") {
            let kinds: Vec<&str> = match kinds {
                Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
                kind => kind.as_str().into_iter().collect(),
            };
            if !kinds.iter().any(|kind| is_of(kind, value)) {
                return Err(format!("{place} must be {}, but is {value}", kinds.join(" or ")));
            }
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            return Err(format!("{place} is none of those allowed, but {value}"));
        }
        match value {
            Value::Object(fields) => self.fits_object(schema, fields, place),
            Value::Array(items) => items.iter().enumerate().try_for_each(|(at, item)| {
                self.fits(&schema["items"], item, &format!("{place}[{at}]"))
            }),
            _ => fits_limits(schema, value, place),
        }
    }

    fn fits_one(&self, choices: &[Value], value: &Value, place: &str) -> Result<(), String> {
        let mut reasons = String::new();
        for choice in choices {
            match self.fits(choice, value, place) {
                Ok(()) => return Ok(()),
                Err(reason) => write!(reasons, "; {reason}").expect("memory suffices"),
            }
        }
        Err(format!("{place} fits none of its forms{reasons}"))
    }

    fn fits_object(
        &self,
        schema: &Value,
        fields: &Map<String, Value>,
        place: &str,
    ) -> Result<(), String> {
        let mut object = ObjectForm::default();
        self.gather(schema, &mut object)?;
        for name in &object.required {
            if !fields.contains_key(*name) {
                return Err(format!("{place} lacks {name}"));
            }
        }
        for (name, value) in fields {
            let place = format!("{place}.{name}");
            match (object.fields.get(name.as_str()), object.others) {
                (Some(schema), _) => self.fits(schema, value, &place)?,
                (None, Some(others)) => self.fits(others, value, &place)?,
                (None, None) if object.is_free() => {}
                (None, None) => return Err(format!("{place} is not described")),
            }
        }
        Ok(())
    }

    /// The fields of an object whose description is spread over several schemas.
    fn gather<'a>(&'a self, schema: &'a Value, object: &mut ObjectForm<'a>) -> Result<(), String> {
        let schema = self.resolved(schema)?;
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.gather(part, object)?;
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            object.fields.extend(properties.iter().map(|(name, schema)| (name.as_str(), schema)));
        }
        let required = schema.get("required").and_then(Value::as_array);
        object.required.extend(required.into_iter().flatten().filter_map(Value::as_str));
        object.others = object.others.or(schema.get("additionalProperties"));
        Ok(())
    }

    /// What a reference leads to; anything else is what it is.
    pub fn resolved<'a>(&'a self, described: &'a Value) -> Result<&'a Value, String> {
        let Some(reference) = described.get("$ref").and_then(Value::as_str) else {
            return Ok(described);
        };
        let pointer = reference.strip_prefix('#').unwrap_or(reference);
        let found = self.document.pointer(pointer);
        self.resolved(found.ok_or_else(|| format!("{reference} leads nowhere"))?)
    }
}

/// Which fields of an object are described.
#[derive(Default)]
struct ObjectForm<'a> {
    fields: BTreeMap<&'a str, &'a Value>,
    required: Vec<&'a str>,
    others: Option<&'a Value>,
}

impl ObjectForm<'_> {
    /// No fields are described: any field may be there.
    fn is_free(&self) -> bool {
        self.fields.is_empty() && self.required.is_empty()
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

/// Checks the limits of numbers and texts, and the form of times.
fn fits_limits(schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    let (size, least, most) = match value {
        Value::Number(number) => (number.as_f64(), limit("minimum"), limit("maximum")),
        Value::String(text) => {
            let length = text.chars().count() as f64;
            (Some(length), limit("minLength"), limit("maxLength"))
        }
        _ => (None, None, None),
    };
    let fits = size.is_none_or(|size| {
        least.is_none_or(|least| size >= least) && most.is_none_or(|most| size <= most)
    });
    if !fits {
        return Err(format!("{place} is beyond its limits: {value}"));
    }
    let is_time = schema.get("format").and_then(Value::as_str) == Some("date-time");
    match value.as_str() {
        // RFC 3339, UTC, with milliseconds: 2026-11-23T10:00:00.000Z
        Some(text)
            if is_time && !(text.ends_with('Z') && text.as_bytes()[text.len() - 5] == b'.') =>
        {
            Err(format!("{place} is no time with milliseconds: {text}"))
        }
        _ => Ok(()),
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
