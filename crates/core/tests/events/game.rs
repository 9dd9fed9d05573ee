//! A small game whose events have a field of every kind, and events of it.

use scoreline_core::event::validate::Validator;
use scoreline_core::event::{Event, Flaw, Rejected};
use scoreline_core::game::{Definition, FieldKind};
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

const GAME: &str = r#"
[game]
name = "Test flight"
default_nickname = "Pilot"

[events.game_ended]
class = "critical"
[events.game_ended.fields]
game_mode = { type = "string", required = true, one_of = ["endless", "story"] }
score = { type = "integer", required = true, min = 0 }
accuracy = { type = "number", min = 0, max = 1 }
duration = { type = "integer", required = true, min = 0 }
stars = { type = "integer", one_of = [1, 2, 3] }
first_win = { type = "boolean" }
ended_at = { type = "timestamp" }
match_id = { type = "uuid" }
note = { type = "string", nullable = true, max_length = 10 }
story = { type = "string", min_length = 1 }
powerups = { type = "array", items = "string", default = [], max_length = 3 }
grid = { type = "array" }
device = { type = "object" }
anything = { type = "any" }

[events.installed]
unknown_fields = "reject"
[events.installed.fields]
country = { type = "string", required = true, length = 2 }
lives = { type = "integer", default = 3 }
setting = { type = "any", required = true }

[leaderboards.none]
event = "installed"
operator = "count"

[[plausibility]]
event = "game_ended"
field = "score"
at_most = 20
times = "duration"
"#;

fn read(text: &str) -> Definition {
    let mut definition = Definition::parse(text).expect("a definition without mistakes");
    // A list of lists of whole numbers, which no file can define.
    let fields = &mut definition.events["game_ended"].fields;
    let grid = fields.iter_mut().find(|field| &*field.name == "grid").expect("declared");
    let whole_numbers = FieldKind::Array(Box::new(FieldKind::Integer));
    grid.kind = FieldKind::Array(Box::new(whole_numbers));
    definition
}

/// The same game, for which events count however old they are.
pub fn counting_old() -> Definition {
    let game = GAME.replacen("name =", "old_events = \"count\"\nname =", 1);
    Definition::parse(&game).expect("the definition of the tests is valid")
}

pub fn definition() -> Definition {
    read(GAME)
}

/// The same game, strict with every field.
pub fn strict_definition() -> Definition {
    let strict = GAME
        .replace("class = \"critical\"", "class = \"critical\"\nstrict = true")
        .replace("unknown_fields = \"reject\"", "unknown_fields = \"reject\"\nstrict = true");
    read(&strict)
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

/// Checks one event on its own, by rules that are strict with every field.
pub fn check_strictly(json: &str) -> Result<Event, Box<Rejected>> {
    let definition = strict_definition();
    Validator::new(&definition, received_at(), None, None).check(0, raw(json))
}

/// An event that counts, and its flaws.
pub fn check_flawed(json: &str) -> (Event, Vec<Flaw>) {
    let definition = definition();
    let mut validator = Validator::new(&definition, received_at(), None, None);
    let event = validator.check(0, raw(json));
    let event = event.unwrap_or_else(|rejected| panic!("{}: {json}", rejected.message));
    (event, validator.into_told().flaws)
}

/// The payload of an event that must be accepted.
pub fn payload(json: &str) -> serde_json::Value {
    let event = check(json).unwrap_or_else(|rejected| panic!("{}: {json}", rejected.message));
    serde_json::from_str(&event.payload).expect("a payload is JSON")
}
