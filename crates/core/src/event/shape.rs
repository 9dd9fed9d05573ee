//! A payload in two parts: the names of its fields, which many events have in common, and its values.
//!
//! A store that keeps the names once for all events of one shape has less to write. Both parts are lists in
//! JSON, so that whoever asks the database can read them.

use super::{FLAWS_KEY, TYPE_KEY, json_text};
use crate::game::EventType;

/// A payload in two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The names of its fields, a list.
    pub names: String,
    /// Their values in the same order, a list.
    pub values: String,
}

/// Takes a payload apart; `None` if the parts would not give it back byte for byte, as is true of what is not a
/// compact object.
pub fn apart(payload: &str) -> Option<Parts> {
    let (mut names, mut values) = (String::from("["), String::with_capacity(payload.len()));
    values.push('[');
    let mut rest = payload.strip_prefix('{')?;
    for (name, value) in json_text::fields(payload) {
        if names.len() > 1 {
            rest = rest.strip_prefix(',')?;
            names.push(',');
            values.push(',');
        }
        rest = rest.strip_prefix(name)?.strip_prefix(':')?.strip_prefix(value)?;
        names.push_str(name);
        values.push_str(value);
    }
    names.push(']');
    values.push(']');
    (rest == "}").then_some(Parts { names, values })
}

/// Whether a list of names holds only names of fields that the type declares, or that Scoreline adds. Others are
/// whatever a device made up, perhaps about its player: they belong to the event alone.
pub fn is_declared(names: &str, event_type: &EventType) -> bool {
    let is_field =
        |name: &str| [TYPE_KEY, FLAWS_KEY].contains(&name) || event_type.field(name).is_some();
    // A name that no text can hold is nobody's field either.
    json_text::items(names).all(|name| json_text::string(name).is_some_and(|name| is_field(&name)))
}

/// The payload of these parts.
pub fn together(names: &str, values: &str) -> String {
    let mut payload = String::with_capacity(names.len() + values.len());
    payload.push('{');
    for (name, value) in json_text::items(names).zip(json_text::items(values)) {
        if payload.len() > 1 {
            payload.push(',');
        }
        payload.push_str(name);
        payload.push(':');
        payload.push_str(value);
    }
    payload.push('}');
    payload
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;

    #[test]
    fn a_payload_is_the_names_of_its_fields_and_its_values() {
        let payload = r#"{"score":10,"note":"a \"b\", c: {","list":[1,{"x":2}],"none":null}"#;
        let parts = apart(payload).expect("an object");
        assert_eq!(parts.names, r#"["score","note","list","none"]"#);
        assert_eq!(parts.values, r#"[10,"a \"b\", c: {",[1,{"x":2}],null]"#);
        assert_eq!(together(&parts.names, &parts.values), payload);
        let nothing = apart("{}").expect("an object");
        assert_eq!(together(&nothing.names, &nothing.values), "{}");
    }

    #[test]
    fn names_that_no_type_declares_are_told_from_those_of_fields() {
        let game = r#"
            [game]
            name = "A"
            [events.run.fields]
            score = { type = "integer" }
            [leaderboards.runs]
            event = "run"
            operator = "best"
            score = "score"
        "#;
        let game = crate::game::Definition::parse(game).expect("no mistakes");
        let run = game.event_type("run").expect("declared");
        assert!(is_declared(r#"["platform","score","$flaws"]"#, run));
        assert!(is_declared("[]", run));
        for other in ["ann@example.com", r"\ud800 ann", ""] {
            assert!(!is_declared(&format!(r#"["score","{other}"]"#), run), "{other}");
        }
    }

    #[test]
    fn what_the_parts_would_not_give_back_stays_whole() {
        for other in ["", "[]", "[1,2]", "7", r#""{""#, r#"{"a": 1}"#, r#"{"a":1} "#, r#"{"a""#] {
            assert_eq!(apart(other), None, "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_taken_apart_comes_together_again(
            fields in prop::collection::vec((".{0,6}", ".{0,9}", any::<i64>()), 0..6),
        ) {
            let mut object = Map::new();
            for (name, text, number) in fields {
                object.insert(name.clone(), Value::from(text));
                object.insert(format!("{name}#"), Value::from(vec![number, 1]));
            }
            let payload = Value::Object(object).to_string();
            let parts = apart(&payload).expect("a compact object");
            prop_assert_eq!(together(&parts.names, &parts.values), payload);
            let (names, values): (Vec<String>, Vec<Value>) = (
                serde_json::from_str(&parts.names).expect("a list"),
                serde_json::from_str(&parts.values).expect("a list"),
            );
            prop_assert_eq!(names.len(), values.len());
        }

        #[test]
        fn no_text_at_all_comes_back_as_another(text in ".{0,40}|\\{.{0,40}\\}") {
            if let Some(parts) = apart(&text) {
                prop_assert_eq!(together(&parts.names, &parts.values), text);
            }
        }
    }
}
