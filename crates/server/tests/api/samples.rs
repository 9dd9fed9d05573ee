//! An event of every type of the sample game, made of what the definition says of its fields.

use scoreline_core::game::{Definition, EventType, Field, FieldKind, Literal};
use serde_json::{Value, json};

use crate::story::fresh_event_id;
use crate::test_app::TestApp;

/// One event of each type, with every field that its type has.
pub fn one_of_each(app: &TestApp) -> Vec<Value> {
    Definition::sample().events.values().map(|event_type| sample(app, event_type)).collect()
}

fn sample(app: &TestApp, event_type: &EventType) -> Value {
    let mut event = json!({
        "event_type": &*event_type.name, "user_id": "ann", "event_id": fresh_event_id(),
        "timestamp": app.now().to_string(), "app_version": "1.0.0", "platform": "ios",
    });
    for field in &event_type.fields {
        event[&*field.name] = value(app, field);
    }
    // The one plausibility rule of the sample is about these two.
    if event["score"].is_number() && event["duration_seconds"].is_number() {
        event["duration_seconds"] = json!(1);
    }
    event
}

fn value(app: &TestApp, field: &Field) -> Value {
    match field.one_of.first() {
        Some(Literal::Text(text)) => return json!(&**text),
        Some(Literal::Integer(number)) => return json!(number),
        Some(Literal::Boolean(truth)) => return json!(truth),
        None => {}
    }
    let least = field.min.unwrap_or(1.0);
    match field.kind {
        FieldKind::String => json!("x".repeat(field.min_length.unwrap_or(1))),
        FieldKind::Integer | FieldKind::Number => json!(least),
        FieldKind::Boolean => json!(true),
        FieldKind::Timestamp => json!(app.now().to_string()),
        FieldKind::Uuid => json!(fresh_event_id()),
        FieldKind::Array(_) => json!([]),
        FieldKind::Object => json!({}),
        FieldKind::Any => json!("x"),
    }
}
