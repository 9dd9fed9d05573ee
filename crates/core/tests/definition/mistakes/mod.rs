//! Every mistake is told with its line, its place, a reason, and what to write instead.

mod analytics;
mod events;
mod measures;
mod suspicion;
mod tournaments;
mod values;

use scoreline_core::game::Definition;

/// A definition without mistakes, to make some in it.
const SMALL: &str = r#"[game]
name = "Small"
default_nickname = "Pilot"
platforms = ["ios", "android"]
main_leaderboard = "global"
[events.game_ended]
class = "critical"
unknown_fields = "keep"
[events.game_ended.fields]
mode = { type = "string", required = true, one_of = ["endless", "story"] }
score = { type = "integer", required = true, min = 0, max = 1000 }
seconds = { type = "number", min = 0 }
win = { type = "boolean" }
tags = { type = "array", items = "string", default = [] }
[leaderboards.global]
title = "Global"
event = "game_ended"
where = { mode = "endless" }
operator = "best"
score = "score"
beside = { points = "score" }
[tournaments.weekly]
leaderboard = "global"
schedule = { cron = "0 0 * * 1", zone = "UTC" }
id = "weekly_{week_year}_w{week}"
name = "Week {week}"
[[tournaments.weekly.prizes]]
ranks = 1
coins = 10
[[tournaments.weekly.prizes]]
ranks = "2-5"
gems = 1
[statistics.played]
event = "game_ended"
operator = "count"
[[plausibility]]
event = "game_ended"
field = "score"
at_most = 20
times = "seconds"
"#;

fn mistakes(text: &str) -> Vec<String> {
    match Definition::parse(text) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.iter().map(ToString::to_string).collect(),
    }
}

/// The small definition with one line replaced by others.
fn with(line: &str, replacement: &str) -> String {
    assert_eq!(SMALL.matches(line).count(), 1, "{line} stands in the definition once");
    SMALL.replace(line, replacement)
}

/// Makes sure that a replacement makes exactly this mistake.
fn one(line: &str, replacement: &str, expected: &str) {
    assert_eq!(mistakes(&with(line, replacement)), [expected], "{replacement}");
}

#[test]
fn the_small_definition_has_none() {
    assert_eq!(mistakes(SMALL), [""; 0]);
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_their_lines() {
    let text = SMALL
        .replace("name = \"Small\"", "nmae = \"Small\"")
        .replace("class = \"critical\"", "class = \"high\"")
        .replace("min = 0, max = 1000", "min = 9, max = 1")
        .replace("where = { mode = \"endless\" }", "where = { mode = \"x\", level = 2 }")
        .replace("operator = \"count\"", "operator = \"average\"")
        .replace("coins = 10", "coin = 10");
    let lines: Vec<usize> = Definition::parse(&text)
        .expect_err("mistakes")
        .iter()
        .map(|mistake| mistake.line)
        .collect();
    // The name is missing and another key unknown; coins are missing and another key unknown.
    assert_eq!(lines, [1, 2, 7, 11, 18, 18, 27, 29, 35]);
}

#[test]
fn who_refers_to_something_faulty_is_not_blamed() {
    one(
        "score = { type = \"integer\", required = true, min = 0, max = 1000 }",
        "score = { type = \"int\" }",
        "line 11: events.game_ended.fields.score.type: \"int\" is no field type: write \"string\", \
         \"integer\", \"number\", \"boolean\", \"timestamp\", \"uuid\", \"array\", \"object\" or \
         \"any\"",
    );
    let found = mistakes(&with("operator = \"best\"", "operator = \"worst\""));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn broken_toml_is_told_with_its_line_beside_other_mistakes() {
    let text = SMALL
        .replace("title = \"Global\"", "title = \"Global")
        .replace("class = \"critical\"", "class = \"high\"");
    let found = Definition::parse(&text).expect_err("mistakes");
    let places: Vec<(usize, &str)> =
        found.iter().map(|mistake| (mistake.line, mistake.path.as_str())).collect();
    assert_eq!(places, [(7, "events.game_ended.class"), (16, "")]);
    let twice = with("name = \"Small\"", "name = \"Small\"\nname = \"Other\"");
    assert_eq!(mistakes(&twice), ["line 3: the key name is there twice"]);
    let nothing_is_missing_where_it_cannot_be_seen = "[game\nname = \"x\"\n";
    let expected = ["line 1: unclosed table, expected `]`"];
    assert_eq!(mistakes(nothing_is_missing_where_it_cannot_be_seen), expected);
}

#[test]
fn too_much_of_anything_is_a_mistake() {
    let large = "#".repeat(1024 * 1024 + 1);
    let found = mistakes(&large);
    assert_eq!(found, ["line 1: the file must have at most 1048576 bytes, but has 1048577"]);

    let many: Vec<String> = (0..1_001).map(|n| format!("[events.e{n}]")).collect();
    let found = mistakes(&format!("{SMALL}{}", many.join("\n")));
    assert_eq!(found, ["line 6: events: there must be at most 1000 event types, but are 1002"]);

    let fields: Vec<String> = (0..257).map(|n| format!("f{n} = {{ type = \"any\" }}")).collect();
    let found = mistakes(&format!("{SMALL}[events.wide.fields]\n{}", fields.join("\n")));
    let expected = "line 41: events.wide.fields: there must be at most 256 fields, but are 257";
    assert_eq!(found, [expected]);
}

#[test]
fn a_file_of_garbage_is_not_told_line_by_line_for_ever() {
    let found = mistakes(&"= garbage\n".repeat(50_000));
    assert_eq!(found.len(), 1_001);
    let last = &found[1_000];
    assert_eq!(last, "line 50000: there are more mistakes than the 1000 listed here");
}
