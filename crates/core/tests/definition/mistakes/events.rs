//! Mistakes in event types, their fields and the rules between fields.

use super::{mistakes, one, with};

#[test]
fn a_field_must_make_sense_in_itself() {
    let field = |declaration: &str| {
        let all = mistakes(&with("win = { type = \"boolean\" }", &format!("win = {declaration}")));
        assert!(all.iter().all(|one| one.starts_with("line 13: events.game_ended.fields.win")));
        let lead = "line 13: events.game_ended.fields.win";
        all.iter().map(|one| one.trim_start_matches(lead).to_owned()).collect::<Vec<_>>()
    };
    let cases = [
        (
            "{ type = \"integer\", min = 2, max = 1 }",
            ".min: the least (2) is more than the most (1)",
        ),
        (
            "{ type = \"string\", min_length = 5000 }",
            ".min_length: a string has at most 4096 characters without max_length (add max_length)",
        ),
        (
            "{ type = \"string\", length = 2, max_length = 3 }",
            ".length: says both ends; leave out min_length and max_length, or this",
        ),
        (
            "{ type = \"string\", min = 3 }",
            ".min: only fits a field of type integer or number, but this one is a string",
        ),
        (
            "{ type = \"integer\", max_length = 3 }",
            ".max_length: only fits a field of type string or array, but this one is an integer",
        ),
        (
            "{ type = \"uuid\", one_of = [\"x\"] }",
            ".one_of: only fits a field of type string, integer, number or boolean, but this one \
             is a uuid",
        ),
        (
            "{ type = \"string\", items = \"any\" }",
            ".items: only a field of type \"array\" has items",
        ),
        (
            "{ type = \"array\", items = \"array\" }",
            ".items: an array in an array is not looked into (write items = \"any\")",
        ),
        (
            "{ type = \"integer\", required = true, default = 1 }",
            ".default: a field with a default is never missing, so it cannot be required (leave \
             out one of the two)",
        ),
        (
            "{ type = \"integer\", max = 3, default = 4 }",
            ".default: no event may have it: it must be at most 3, but is 4",
        ),
        ("{ type = \"integer\", default = \"4\" }", ".default: must be an integer, like the field"),
        (
            "{ type = \"array\", items = \"integer\", default = [1, \"2\"] }",
            ".default: must be an array, like the field",
        ),
        (
            "{ type = \"string\", one_of = [\"a\", \"b\"], default = \"c\" }",
            ".default: no event may have it: it must be one of \"a\", \"b\", but is \"c\"",
        ),
        (
            "{ type = \"uuid\", default = \"x\" }",
            ".default: no event may have it: it must be a UUID, but is \"x\"",
        ),
        (
            "{ type = \"any\", default = [\"a\\u0000\"] }",
            ".default: must not contain NUL characters, nor numbers that are infinite or too large",
        ),
        ("{ type = \"string\", one_of = [] }", ".one_of: must have 1 to 1000 values"),
        (
            "{ type = \"string\", one_of = [\"a\", \"a\"] }",
            ".one_of[1]: stands in the list more than once",
        ),
        (
            "{ type = \"string\", length = 2, one_of = [\"ab\", \"abc\"] }",
            ".one_of[1]: no event may have it: it must have exactly 2 characters, but has 3",
        ),
        (
            "{ type = \"integer\", max = 9007199254740992 }",
            ".max: must be a whole number from -9007199254740991 to 9007199254740991, but is \
             9007199254740992",
        ),
        (
            "{ type = \"string\", max_length = -1 }",
            ".max_length: must be a whole number from 0 to 262144, but is -1",
        ),
    ];
    for (declaration, expected) in cases {
        assert_eq!(field(declaration), [expected], "{declaration}");
    }
}

#[test]
fn what_identifies_an_event_cannot_be_declared_and_a_common_field_is_a_string() {
    let own = "win = { type = \"boolean\" }";
    let stricter = format!("{own}\ncountry = {{ type = \"string\", required = true, length = 2 }}");
    assert_eq!(mistakes(&with(own, &stricter)), [""; 0]);
    one(
        own,
        "win = { type = \"boolean\" }\nlocale = { type = \"integer\" }",
        "line 14: events.game_ended.fields.locale: every event has this field as a string",
    );
    for name in ["event_type", "user_id", "timestamp", "event_id"] {
        one(
            own,
            &format!("{own}\n{name} = {{ type = \"string\" }}"),
            &format!(
                "line 14: events.game_ended.fields.{name}: every event has this field; a type \
                 cannot declare it"
            ),
        );
    }
}

#[test]
fn names_must_fit_into_addresses() {
    let rule = "must be 1 to 100 letters (a to z), digits, \"_\" and \"-\"";
    one(
        "[statistics.played]",
        "[statistics.\"games played\"]",
        &format!("line 33: statistics.\"games played\": the name of a statistic {rule}"),
    );
    one(
        "win = ",
        "\"\" = ",
        &format!("line 13: events.game_ended.fields.\"\": the name of a field {rule}"),
    );
    let long = "a".repeat(101);
    let text = with("[tournaments.weekly]", &format!("[tournaments.{long}]"))
        .replace("[[tournaments.weekly.prizes]]", &format!("[[tournaments.{long}.prizes]]"));
    let found = mistakes(&text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with(&format!("the name of a tournament {rule}")), "{found:?}");
    for reserved in ["first_seen", "last_seen"] {
        one(
            "[statistics.played]",
            &format!("[statistics.{reserved}]"),
            &format!(
                "line 33: statistics.{reserved}: every player has this statistic; choose another \
                 name"
            ),
        );
    }
    one(
        "beside = { points",
        "beside = { rank",
        "line 21: leaderboards.global.beside.rank: every row of a leaderboard has this already; \
         choose another name",
    );
}

#[test]
fn a_rule_compares_two_numbers_of_one_event() {
    one(
        "times = \"seconds\"",
        "times = \"mode\"",
        "line 40: plausibility[0].times: must be an integer or number field, but mode is a string",
    );
    one(
        "times = \"seconds\"",
        "times = \"score\"",
        "line 40: plausibility[0].times: must be another field than the one that is limited",
    );
    one(
        "at_most = 20",
        "at_most = -1",
        "line 39: plausibility[0].at_most: must not be negative, but is -1",
    );
}

#[test]
fn mistakes_in_what_all_events_have_in_common_are_told() {
    let game = "[game]\nname = \"Small\"";
    for (common, told) in [
        (
            "country = 7",
            "common.country: must be a table such as { required = false, max_length = 40 }, but is 7",
        ),
        (
            "locale = { max_length = 5, min_length = 9 }",
            "common.locale.min_length: the least (9) is more than the most (5)",
        ),
        (
            "country = { max_length = 1 }",
            "common.country: the least length (2) is more than the most (1)",
        ),
        (
            "platform = { one_of = [\"ios\"] }",
            "common.platform.one_of: the platforms of a game stand in [game] (write platforms = [...] in [game])",
        ),
        (
            "score = {}",
            "common.score: there is no such key here: there is platform, app_version, session_id, locale, country and campaign_id",
        ),
    ] {
        let changed = with(game, &format!("[common]\n{common}\n{game}"));
        let all = mistakes(&changed);
        assert!(all.len() == 1 && all[0].ends_with(told), "{all:?}");
    }
}

#[test]
fn a_country_that_no_event_can_have_is_a_mistake() {
    let own = "where = { mode = \"endless\" }";
    let changed = with(own, "where = { country = \"Germany\" }");
    let all = mistakes(&changed);
    let told = "where.country: no event may have it: it must have exactly 2 characters, but has 7";
    assert!(all.len() == 1 && all[0].ends_with(told), "{all:?}");
    for right in ["country = \"de\"", "platform = \"iOS\""] {
        assert_eq!(mistakes(&with(own, &format!("where = {{ {right} }}"))), [""; 0]);
    }
}

#[test]
fn mistakes_in_what_players_may_be_called_are_told() {
    let game = "[game]\nname = \"Small\"";
    for (nicknames, told) in [
        ("min_length = 0", "nicknames.min_length: must be a whole number from 1 to 64, but is 0"),
        ("min_length = 30", "nicknames.min_length: the least (30) is more than the most (20)"),
        ("reserved = [\"\"]", "nicknames.reserved[0]: must be 1 to 100 characters in one line"),
    ] {
        let all = mistakes(&with(game, &format!("[nicknames]\n{nicknames}\n{game}")));
        assert!(all.iter().any(|one| one.ends_with(told)), "{all:?}");
    }
}

#[test]
fn a_pattern_of_event_types_has_its_star_at_the_end_and_says_how_they_begin() {
    let name = |name: &str| {
        let all = mistakes(&with(
            "[events.game_ended]",
            &format!("[events.\"{name}\"]\n[events.game_ended]"),
        ));
        all.first().map(|one| one.splitn(3, ": ").last().expect("a place").to_owned())
    };
    assert_eq!(name("conversion_*"), None);
    let form = "the name of an event type must be 1 to 100 letters (a to z), digits, \"_\" and \"-\"; a \"*\" may stand at its end";
    for bad in ["conversion_*_x", "*_x", "conversion_**", "conversion *"] {
        assert_eq!(name(bad).as_deref(), Some(form), "{bad}");
    }
    assert!(name("*").is_some_and(|one| one.starts_with("would take every event")));
    let many: Vec<String> = (0..101).map(|n| format!("[events.\"type{n}_*\"]\n")).collect();
    let many = many.concat();
    let all = mistakes(&with("[events.game_ended]", &format!("{many}[events.game_ended]")));
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].ends_with("there must be at most 100 patterns"), "{all:?}");
}

#[test]
fn what_only_a_pattern_takes_cannot_be_measured_by_its_own_name() {
    let all =
        mistakes(
            &with("[events.game_ended]", "[events.\"conversion_*\"]\n[events.game_ended]")
                .replacen("event = \"game_ended\"", "event = \"conversion_x\"", 1),
        );
    assert!(
        all[0].contains("there is no event type \"conversion_x\", only one that takes it"),
        "{all:?}"
    );
    assert!(all[0].contains("write \"conversion_*\""), "{all:?}");
}
