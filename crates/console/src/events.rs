//! Events in short: what one says, in a line, without knowing its type.

use scoreline_core::game::Definition;
use serde_json::{Map, Value};

/// Fields that are told of an event.
const FIELDS_TOLD: usize = 4;
/// Characters of a value that are told.
const VALUE_CHARS: usize = 40;
/// Characters of an event's own text that are shown.
const TEXT_CHARS: usize = 4_000;

/// The first fields of an event in the order in which its type declares them; of a type that is not known,
/// in the order in which they came. Not inert yet.
pub(crate) fn in_short(definition: &Definition, event_type: &str, payload: &str) -> String {
    let Ok(fields) = serde_json::from_str::<Map<String, Value>>(payload) else {
        // Of a long text there is only the beginning.
        let is_cut = payload.starts_with('{');
        return payload.chars().take(if is_cut { FIELDS_TOLD * VALUE_CHARS } else { 0 }).collect();
    };
    let declared = definition.events.get(event_type).map(|event| &event.fields);
    let told: Vec<String> = match declared.filter(|declared| !declared.is_empty()) {
        Some(declared) => declared
            .iter()
            .filter_map(|field| Some(told(&field.name, fields.get(&*field.name)?)))
            .take(FIELDS_TOLD)
            .collect(),
        None => fields.iter().map(|(name, value)| told(name, value)).take(FIELDS_TOLD).collect(),
    };
    told.join(" · ")
}

fn told(name: &str, value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut short: String = text.chars().take(VALUE_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{name} {short}")
}

/// The beginning of an event's own text.
pub(crate) fn beginning(text: &str) -> String {
    text.chars().take(TEXT_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_told_by_its_first_declared_fields() {
        let definition = Definition::sample();
        let payload =
            r#"{"max_combo":3,"score":18240,"game_mode":"endless","duration_seconds":214}"#;
        let short = in_short(&definition, "game_ended", payload);
        assert!(short.contains("game_mode endless") && short.contains("score 18240"), "{short}");
        let unknown = in_short(&definition, "boss_defeated", r#"{"boss":"kraken","seconds":74.5}"#);
        assert_eq!(unknown, "boss kraken · seconds 74.5");
        assert_eq!(in_short(&definition, "x", "no JSON"), "");
    }

    #[test]
    fn long_values_are_cut() {
        let payload = format!(r#"{{"a":"{}"}}"#, "x".repeat(1_000));
        assert_eq!(
            in_short(&Definition::sample(), "x", &payload).chars().count(),
            2 + VALUE_CHARS + 1
        );
    }
}
