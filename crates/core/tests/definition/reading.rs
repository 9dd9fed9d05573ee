//! Every key is read into what it means.

use std::sync::Arc;

use scoreline_core::game::{
    Condition, Definition, Field, FieldKind, Filter, FilterTest, Literal, Operator, Order,
    PrizeTier, UnknownFields,
};

/// A definition of everything that the sample does not need.
const ALL_KEYS: &str = r#"
[events.raced]
unknown_fields = "reject"
class = "normal"
[events.raced.fields]
track = { type = "string", min_length = 1, max_length = 30, nullable = true }
code = { type = "string", length = 3, one_of = ["abc", "def"], default = "abc" }
laps = { type = "integer", min = 1, max = 0x64, one_of = [1, 3, 5], default = 3 }
seconds = { type = "number", required = true, min = 0.5, max = 1e6 }
grip = { type = "number", default = 1 }
clean = { type = "boolean", default = false }
ended_at = { type = "timestamp", default = 2026-11-23T10:00:00Z }
car = { type = "uuid", default = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11" }
gears = { type = "array", items = "integer", min_length = 1, default = [1, 2] }
anything = { type = "array" }
setup = { type = "object", default = { wing = 3, tyres = ["soft"] } }
extra = { type = "any", nullable = true }
country = { type = "string", required = true, length = 2 }

[events.left]

[leaderboards.fastest]
event = "raced"
operator = "best"
score = "seconds"
scale = 1000
order = "ascending"
where = { laps = [1, 3], clean = true, platform = "web", seconds = { at_least = 1, at_most = 2.5 } }
reset = "never"
beside = { laps = "laps", all_laps = "laps" }

[leaderboards.leavers]
title = "Who left most often"
event = "left"
operator = "count"
reset = { cron = "0 4 1 * *", zone = "Europe/Berlin" }

[tournaments.night]
leaderboard = "fastest"
schedule = { cron = "0 22 * * *" }
id = "night_{year}{month}{day}"
name = "Night of {day}.{month}."
prizes = [{ ranks = "1 - 3", gems = 5 }, { ranks = "10", coins = 1 }]

[statistics.last_code]
event = "raced"
operator = "best"
field = "laps"

[game]
name = "Races"
platforms = ["web"]
main_leaderboard = "leavers"
"#;

fn parsed() -> Definition {
    Definition::parse(ALL_KEYS).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

fn field(name: &str) -> Field {
    let definition = parsed();
    let fields = &definition.events["raced"].fields;
    fields.iter().find(|field| *field.name == *name).expect(name).clone()
}

#[test]
fn sections_may_stand_in_any_order() {
    let definition = parsed();
    assert_eq!(definition.game.name, "Races");
    assert_eq!(&*definition.game.main_board, "leavers");
    assert_eq!(definition.game.default_nickname, "Player");
    assert_eq!(definition.events["raced"].unknown_fields, UnknownFields::Reject);
    assert_eq!(definition.events["left"].fields, []);
}

#[test]
fn a_field_has_the_limits_that_are_written() {
    let track = field("track");
    assert_eq!((track.min_length, track.max_length), (Some(1), Some(30)));
    assert!(track.nullable && !track.required);
    let code = field("code");
    assert_eq!((code.min_length, code.max_length), (Some(3), Some(3)));
    assert_eq!(code.one_of, ["abc", "def"].map(|text| Literal::Text(Arc::from(text))));
    let laps = field("laps");
    assert_eq!((laps.min, laps.max), (Some(1.0), Some(100.0)));
    assert_eq!(laps.one_of, [1, 3, 5].map(Literal::Integer));
    let seconds = field("seconds");
    assert_eq!((seconds.min, seconds.max, seconds.required), (Some(0.5), Some(1e6), true));
}

#[test]
fn a_field_holds_what_its_type_says() {
    let kinds = [
        ("track", FieldKind::String),
        ("laps", FieldKind::Integer),
        ("seconds", FieldKind::Number),
        ("clean", FieldKind::Boolean),
        ("ended_at", FieldKind::Timestamp),
        ("car", FieldKind::Uuid),
        ("gears", FieldKind::Array(Box::new(FieldKind::Integer))),
        ("anything", FieldKind::Array(Box::new(FieldKind::Any))),
        ("setup", FieldKind::Object),
        ("extra", FieldKind::Any),
    ];
    for (name, kind) in kinds {
        assert_eq!(field(name).kind, kind, "{name}");
    }
}

#[test]
fn a_default_is_what_an_event_would_hold() {
    let defaults = [
        ("code", r#""abc""#),
        ("laps", "3"),
        ("grip", "1"),
        ("clean", "false"),
        ("ended_at", r#""2026-11-23T10:00:00.000Z""#),
        ("car", r#""a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11""#),
        ("gears", "[1,2]"),
        ("setup", r#"{"wing":3,"tyres":["soft"]}"#),
    ];
    for (name, default) in defaults {
        assert_eq!(field(name).default.as_deref(), Some(default), "{name}");
    }
    assert_eq!(field("track").default, None);
}

#[test]
fn a_board_measures_what_is_written() {
    let definition = parsed();
    let fastest = &definition.boards["fastest"];
    assert_eq!(fastest.title, "fastest");
    assert_eq!(fastest.order, Order::Ascending);
    assert_eq!(fastest.reset, None);
    assert_eq!(fastest.measure.operator, Operator::Best);
    assert_eq!(fastest.measure.field.as_deref(), Some("seconds"));
    assert_eq!(fastest.measure.scale, 1000);
    let sums: Vec<(&str, &str)> =
        fastest.beside.iter().map(|sum| (&*sum.name, &*sum.field)).collect();
    assert_eq!(sums, [("laps", "laps"), ("all_laps", "laps")]);
    let test = |field: &str, condition| FilterTest { field: Arc::from(field), condition };
    let expected = Filter {
        tests: vec![
            test("laps", Condition::OneOf(vec![Literal::Integer(1), Literal::Integer(3)])),
            test("clean", Condition::OneOf(vec![Literal::Boolean(true)])),
            test("platform", Condition::OneOf(vec![Literal::Text(Arc::from("web"))])),
            test("seconds", Condition::Between { at_least: Some(1.0), at_most: Some(2.5) }),
        ],
    };
    assert_eq!(fastest.measure.filter, expected);
    let leavers = &definition.boards["leavers"];
    assert_eq!(
        (leavers.title.as_str(), leavers.measure.field.clone()),
        ("Who left most often", None)
    );
    let reset = leavers.reset.as_ref().expect("a schedule").to_string();
    assert_eq!(reset, "\"0 4 1 * *\" in Europe/Berlin");
}

#[test]
fn prizes_may_leave_ranks_out() {
    let definition = parsed();
    let night = &definition.tournaments["night"];
    let lines: Vec<String> = night.prizes.iter().map(PrizeTier::line).collect();
    assert_eq!(lines, ["1st-3rd: 5 gems", "10th: 1 coins"]);
    assert_eq!(night.schedule.to_string(), "\"0 22 * * *\" in UTC");
}

#[test]
fn types_stay_in_the_order_of_their_headers() {
    let text = r#"
        game = { name = "Order" }
        leaderboards.all = { event = "c", operator = "count" }
        [events.c.fields]
        z = { type = "any" }
        a = { type = "any" }
        [events.b]
        [events.a]
        [events.c]
        class = "critical"
    "#;
    let definition = Definition::parse(text).expect("a definition");
    let names: Vec<&str> = definition.events.keys().map(|name| &**name).collect();
    assert_eq!(names, ["b", "a", "c"]);
    let fields: Vec<&str> =
        definition.events["c"].fields.iter().map(|field| &*field.name).collect();
    assert_eq!(fields, ["z", "a"]);
}
