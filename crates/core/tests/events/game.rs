//! A small game whose events have a field of every kind, and events of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use scoreline_core::event::validate::Validator;
use scoreline_core::event::{Event, Rejected};
use scoreline_core::game::{
    Class, Definition, EventType, Field, FieldKind, Game, Literal, PlausibilityRule, UnknownFields,
};
use scoreline_core::time::Timestamp;
use serde_json::value::RawValue;

/// When the server receives what these tests send.
pub const RECEIVED: &str = "2026-11-23T10:00:00.000Z";

pub fn received_at() -> Timestamp {
    at(RECEIVED)
}

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn field(name: &str, kind: FieldKind) -> Field {
    Field {
        name: Arc::from(name),
        kind,
        required: false,
        nullable: false,
        min: None,
        max: None,
        min_length: None,
        max_length: None,
        one_of: Vec::new(),
        default: None,
    }
}

fn texts(all: &[&str]) -> Vec<Literal> {
    all.iter().map(|text| Literal::Text(Arc::from(*text))).collect()
}

fn game_ended() -> EventType {
    let strings = FieldKind::Array(Box::new(FieldKind::String));
    EventType {
        name: Arc::from("game_ended"),
        class: Class::Critical,
        fields: vec![
            Field {
                required: true,
                one_of: texts(&["endless", "story"]),
                ..field("game_mode", FieldKind::String)
            },
            Field { required: true, min: Some(0.0), ..field("score", FieldKind::Integer) },
            Field { min: Some(0.0), max: Some(1.0), ..field("accuracy", FieldKind::Number) },
            Field { required: true, min: Some(0.0), ..field("duration", FieldKind::Integer) },
            Field {
                one_of: [1, 2, 3].map(Literal::Integer).to_vec(),
                ..field("stars", FieldKind::Integer)
            },
            field("first_win", FieldKind::Boolean),
            field("ended_at", FieldKind::Timestamp),
            field("match_id", FieldKind::Uuid),
            Field { nullable: true, max_length: Some(10), ..field("note", FieldKind::String) },
            Field { min_length: Some(1), ..field("story", FieldKind::String) },
            Field { default: Some("[]".into()), max_length: Some(3), ..field("powerups", strings) },
            field(
                "grid",
                FieldKind::Array(Box::new(FieldKind::Array(Box::new(FieldKind::Integer)))),
            ),
            field("device", FieldKind::Object),
            field("anything", FieldKind::Any),
        ],
        unknown_fields: UnknownFields::Keep,
        plausibility: vec![PlausibilityRule {
            field: Arc::from("score"),
            factor: 20.0,
            of: Arc::from("duration"),
        }],
    }
}

fn installed() -> EventType {
    EventType {
        name: Arc::from("installed"),
        class: Class::Bulk,
        fields: vec![
            Field {
                required: true,
                min_length: Some(2),
                max_length: Some(2),
                ..field("country", FieldKind::String)
            },
            Field { default: Some("3".into()), ..field("lives", FieldKind::Integer) },
            Field { required: true, ..field("setting", FieldKind::Any) },
        ],
        unknown_fields: UnknownFields::Reject,
        plausibility: Vec::new(),
    }
}

pub fn definition() -> Definition {
    Definition {
        game: Game {
            name: "Test flight".into(),
            default_nickname: "Pilot".into(),
            platforms: BTreeSet::from(["ios".into(), "android".into()]),
            main_board: Arc::from("none"),
        },
        events: [game_ended(), installed()]
            .into_iter()
            .map(|event| (Arc::clone(&event.name), event))
            .collect(),
        boards: [].into_iter().collect(),
        tournaments: [].into_iter().collect(),
        statistics: [].into_iter().collect(),
        source: Arc::from(""),
    }
}

/// The fields of a valid event: names, and values as JSON text.
pub const VALID: &[(&str, &str)] = &[
    ("event_type", r#""game_ended""#),
    ("user_id", r#""device-1""#),
    ("timestamp", r#""2026-11-23T09:59:58.500Z""#),
    ("app_version", r#""1.4.2""#),
    ("platform", r#""ios""#),
    ("game_mode", r#""endless""#),
    ("score", "900"),
    ("duration", "60"),
];

pub const VALID_INSTALLED: &[(&str, &str)] = &[
    ("event_type", r#""installed""#),
    ("user_id", r#""device-1""#),
    ("timestamp", r#""2026-11-23T09:59:58.500Z""#),
    ("app_version", r#""1.4.2""#),
    ("platform", r#""ios""#),
    ("country", r#""DE""#),
    ("setting", "1"),
];

/// An object of these fields.
pub fn object(fields: &[(&str, &str)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// `base` with some fields replaced or added; an empty value takes a field away.
pub fn with(base: &[(&str, &str)], changes: &[(&str, &str)]) -> String {
    let mut fields = base.to_vec();
    for (name, value) in changes {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some(known) => known.1 = value,
            None => fields.push((name, value)),
        }
    }
    fields.retain(|(_, value)| !value.is_empty());
    object(&fields)
}

pub fn raw(json: &str) -> &RawValue {
    serde_json::from_str(json).expect("JSON")
}

/// Checks one event on its own.
pub fn check(json: &str) -> Result<Event, Box<Rejected>> {
    let definition = definition();
    Validator::new(&definition, received_at(), None, None).check(0, raw(json))
}

/// The payload of an event that must be accepted.
pub fn payload(json: &str) -> serde_json::Value {
    let event = check(json).unwrap_or_else(|rejected| panic!("{}: {json}", rejected.message));
    serde_json::from_str(&event.payload).expect("a payload is JSON")
}
