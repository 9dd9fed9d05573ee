//! Names, keys and values that are not what they should be, in any section.

use super::{mistakes, one};

#[test]
fn unknown_names_are_told_with_the_nearest_one() {
    one(
        "score = \"score\"",
        "score = \"scoer\"",
        "line 20: leaderboards.global.score: game_ended has no field \"scoer\" (did you mean \
         \"score\"?)",
    );
    one(
        "times = \"seconds\"",
        "times = \"secs\"",
        "line 40: plausibility[0].times: game_ended has no field \"secs\"",
    );
    one(
        "[statistics.played]\nevent = \"game_ended\"",
        "[statistics.played]\nevent = \"game_end\"",
        "line 34: statistics.played.event: there is no event type \"game_end\" (did you mean \
         \"game_ended\"?)",
    );
    one(
        "leaderboard = \"global\"\nschedule",
        "leaderboard = \"golbal\"\nschedule",
        "line 23: tournaments.weekly.leaderboard: there is no leaderboard \"golbal\" (did you \
         mean \"global\"?)",
    );
    one(
        "main_leaderboard = \"global\"",
        "main_leaderboard = \"Global\"",
        "line 5: game.main_leaderboard: there is no leaderboard \"Global\" (did you mean \
         \"global\"?)",
    );
    one(
        "main_leaderboard = \"global\"",
        "old_events = \"keep\"",
        "line 5: game.old_events: \"keep\" is no word for what becomes of old events: write \"reject\" or \"count\"",
    );
    one(
        "operator = \"best\"",
        "operator = \"bset\"",
        "line 19: leaderboards.global.operator: \"bset\" is no operator: write \"best\", \
         \"latest\", \"sum\" or \"count\" (did you mean \"best\"?)",
    );
    one(
        "class = \"critical\"",
        "class = \"urgent\"",
        "line 7: events.game_ended.class: \"urgent\" is no class: write \"critical\", \"normal\" \
         or \"bulk\"",
    );
    one(
        "win = { type = \"boolean\" }",
        "win = { type = \"bool\" }",
        "line 13: events.game_ended.fields.win.type: \"bool\" is no field type: write \"string\", \
         \"integer\", \"number\", \"boolean\", \"timestamp\", \"uuid\", \"array\", \"object\" or \
         \"any\"",
    );
    one(
        "zone = \"UTC\"",
        "zone = \"Europe/Berln\"",
        "line 24: tournaments.weekly.schedule.zone: \"Europe/Berln\" is no time zone; write an \
         IANA name such as \"UTC\" or \"Europe/Berlin\" (did you mean \"Europe/Berlin\"?)",
    );
}

#[test]
fn unknown_keys_are_told_with_those_that_exist() {
    one(
        "title = \"Global\"",
        "titel = \"Global\"",
        "line 16: leaderboards.global.titel: there is no such key here: there is title, event, \
         where, operator, score, scale, order, reset and beside (did you mean \"title\"?)",
    );
    one(
        "[statistics.played]",
        "[statistic.played]",
        "line 33: statistic: there is no such key here: there is game, nicknames, common, events, \
         plausibility, suspicion, statistics, leaderboards, tournaments, tickets, funnels, revenue and economy (did you mean \"statistics\"?)",
    );
    one(
        "zone = \"UTC\"",
        "timezone = \"UTC\"",
        "line 24: tournaments.weekly.schedule.timezone: there is no such key here: there is cron \
         and zone",
    );
    one(
        "seconds = { type = \"number\", min = 0 }",
        "seconds = { type = \"number\", minimum = 0 }",
        "line 12: events.game_ended.fields.seconds.minimum: there is no such key here: there is \
         type, items, required, nullable, min, max, length, min_length, max_length, one_of, \
         default and strict",
    );
}

#[test]
fn values_of_another_type_are_told_what_they_must_be() {
    let cases = [
        ("name = \"Small\"", "name = 3", "line 2: game.name: must be a text in quotes, but is 3"),
        (
            "platforms = [\"ios\", \"android\"]",
            "platforms = \"ios\"",
            "line 4: game.platforms: must be a list such as [\"ios\", \"android\"], but is the \
             text \"ios\"",
        ),
        (
            "win = { type = \"boolean\" }",
            "win = \"boolean\"",
            "line 13: events.game_ended.fields.win: must be a table such as { type = \"integer\", \
             required = true, min = 0 }, but is the text \"boolean\"",
        ),
        (
            "score = { type = \"integer\", required = true, min = 0, max = 1000 }",
            "score = { type = \"integer\", required = \"yes\", min = 0, max = 1000 }",
            "line 11: events.game_ended.fields.score.required: must be true or false, without \
             quotes, but is the text \"yes\"",
        ),
        (
            "score = { type = \"integer\", required = true, min = 0, max = 1000 }",
            "score = { type = \"integer\", required = true, min = 0.5, max = 1000 }",
            "line 11: events.game_ended.fields.score.min: must be a whole number, but is 0.5",
        ),
        (
            "at_most = 20",
            "at_most = nan",
            "line 39: plausibility[0].at_most: must be a finite number",
        ),
        (
            "coins = 10",
            "coins = 99999999999999999999",
            "line 29: tournaments.weekly.prizes[0].coins: must be a whole number from 0 to 1000000000, but is 99999999999999999999",
        ),
        (
            "[[plausibility]]",
            "[plausibility]",
            "line 36: plausibility: must be a list of tables, such as [[plausibility]], but is a \
             table",
        ),
    ];
    for (line, replacement, expected) in cases {
        one(line, replacement, expected);
    }
}

#[test]
fn what_is_missing_is_told_with_an_example() {
    one(
        "cron = \"0 0 * * 1\", ",
        "",
        "line 24: tournaments.weekly.schedule: cron is missing (write cron = \"0 0 * * 1\")",
    );
    one(
        "win = { type = \"boolean\" }",
        "win = { required = true }",
        "line 13: events.game_ended.fields.win: type is missing (write type = \"integer\")",
    );
    one(
        "score = \"score\"\n",
        "",
        "line 15: leaderboards.global: score is missing (write score = and the name of a field of \
         game_ended)",
    );
    let expected = [
        "line 1: there is no [events] (add it, such as [events.game_ended])",
        "line 1: there is no [game] (add it, such as [game] with a name)",
        "line 1: there is no [leaderboards] (add it, such as [leaderboards.global])",
    ];
    assert_eq!(mistakes(""), expected);
    let empty = "[events]\n[leaderboards]\n[game]\nname = \"x\"";
    let expected = "line 3: game: a game needs at least one leaderboard (add one, such as \
                    [leaderboards.global])";
    assert_eq!(mistakes(empty), [expected]);
}

#[test]
fn what_players_see_is_one_line_and_a_nickname_is_a_nickname() {
    let expected = "line 2: game.name: must be 1 to 100 characters in one line";
    for name in ["\"\"", "\"  \"", "\"a\\nb\"", &format!("\"{}\"", "a".repeat(101))] {
        one("name = \"Small\"", &format!("name = {name}"), expected);
    }
    one(
        "name = \"Small\"",
        "name = \"a\\u0000\"",
        "line 2: game.name: must not contain the NUL character",
    );
    one(
        "default_nickname = \"Pilot\"",
        "default_nickname = \"Al\"",
        "line 3: game.default_nickname: Nickname must be 3-20 characters",
    );
    one(
        "default_nickname = \"Pilot\"",
        "default_nickname = \"Pi_lot\"",
        "line 3: game.default_nickname: Nickname can only contain letters, numbers, and spaces",
    );
    one(
        "platforms = [\"ios\", \"android\"]",
        "platforms = [\"ios\", \"ios\"]",
        "line 4: game.platforms[1]: stands in the list more than once",
    );
    one(
        "platforms = [\"ios\", \"android\"]",
        "platforms = []",
        "line 4: game.platforms: must have 1 to 50 platforms",
    );
}
