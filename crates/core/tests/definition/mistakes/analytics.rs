//! Mistakes in what analytics count.

use super::{mistakes, one};

/// Sections without mistakes, to follow the small definition.
const SECTIONS: &str = r#"
[funnels.start]
steps = [
    { event = "game_ended" },
    { event = "game_ended", where = { win = true } },
]
[funnels.levels]
event = "game_ended"
level = "score"
levels = 10
[revenue]
currency = "USD"
purchases = [{ event = "game_ended", amount = "seconds" }]
[economy]
sources = [{ event = "game_ended", amount = "score", currency = "coins", by = "mode" }]
sinks = [{ event = "game_ended", amount = "score", currency_field = "mode" }]
"#;

fn with_sections(from: &str, to: &str) -> Vec<String> {
    assert!(SECTIONS.contains(from), "{from}");
    mistakes(&format!("{}{}", super::SMALL, SECTIONS.replacen(from, to, 1)))
}

#[test]
fn sections_of_analytics_are_read() {
    assert_eq!(with_sections("10", "10"), Vec::<String>::new());
    assert_eq!(with_sections("[funnels.start]", "[funnels.begin]"), Vec::<String>::new());
}

#[test]
fn days_need_a_zone_that_exists() {
    one(
        "name = \"Small\"",
        "name = \"Small\"\nzone = \"Europe/Berlim\"",
        "line 3: game.zone: is no time zone; write an IANA name such as \"UTC\" or \
         \"Europe/Berlin\" (did you mean \"Europe/Berlin\"?)",
    );
    one(
        "name = \"Small\"",
        "name = \"Small\"\nzone = 1",
        "line 3: game.zone: must be a text in quotes, but is 1",
    );
}

#[test]
fn every_mistake_of_analytics_is_told_with_its_place() {
    for (from, to, expected) in [
        (
            "{ event = \"game_ended\" },",
            "",
            "line 43: funnels.start.steps: must have 2 to 500 steps",
        ),
        (
            "{ event = \"game_ended\" },",
            "{ event = \"game_endet\" },",
            "line 44: funnels.start.steps[0].event: there is no event type \"game_endet\" (did you \
             mean \"game_ended\"?)",
        ),
        (
            "win = true",
            "won = true",
            "line 45: funnels.start.steps[1].where.won: game_ended has no field \"won\" (did \
             you mean \"win\"?)",
        ),
        (
            "level = \"score\"",
            "level = \"mode\"",
            "line 49: funnels.levels.level: must be an integer field, but mode is a string",
        ),
        (
            "levels = 10",
            "levels = 1",
            "line 50: funnels.levels.levels: must be a whole number from 2 to 500, but is 1",
        ),
        (
            "level = \"score\"\n",
            "",
            "line 47: funnels.levels: level is missing (write level = \"level_id\")",
        ),
        (
            "currency = \"USD\"",
            "currency = \"\"",
            "line 52: revenue.currency: must be 1 to 32 characters in one line",
        ),
        (
            "amount = \"seconds\"",
            "amount = \"mode\"",
            "line 53: revenue.purchases[0].amount: must be an integer or number field, but mode is \
             a string",
        ),
        (
            "amount = \"score\", currency = \"coins\"",
            "amount = \"seconds\", currency = \"coins\"",
            "line 55: economy.sources[0].amount: must be an integer field, but seconds is a number",
        ),
        (
            "by = \"mode\"",
            "by = \"win\"",
            "line 55: economy.sources[0].by: must be a string field, but win is a boolean",
        ),
        (
            "currency_field = \"mode\"",
            "currency = \"gems\", currency_field = \"mode\"",
            "line 56: economy.sinks[0].currency_field: the currency is named already; leave one of \
             the two out",
        ),
        (
            ", currency_field = \"mode\"",
            "",
            "line 56: economy.sinks[0]: the currency is missing (write currency = \"coins\", or \
             currency_field = and the name of the field that says which)",
        ),
        (
            "sinks = [{",
            "sinks = []\nmore = [{",
            "line 56: economy.sinks: must have 1 to 50 entries",
        ),
    ] {
        let found = with_sections(from, to);
        assert!(found.contains(&expected.to_owned()), "{found:#?} lacks {expected}");
    }
}

#[test]
fn what_analytics_read_decides() {
    use scoreline_core::game::Definition;
    let text = format!("{}{SECTIONS}", super::SMALL);
    let definition = Definition::parse(&text).expect("no mistakes");
    let decides =
        |name: &str| definition.events["game_ended"].field(name).expect("a field").decides;
    assert!(decides("seconds") && decides("win"));
    assert!(!decides("tags"));
}
