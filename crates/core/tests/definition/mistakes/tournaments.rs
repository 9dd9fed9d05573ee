//! Mistakes in tournaments: schedules, ids and prizes.

use super::{mistakes, one, with};

#[test]
fn prizes_must_not_overlap_and_must_win_something() {
    let cases = [
        (
            "ranks = \"2-5\"",
            "ranks = \"1-5\"",
            "line 31: tournaments.weekly.prizes[1].ranks: overlap with the ranks 1st",
        ),
        (
            "coins = 10\n",
            "coins = 10\ncoin = 1\n",
            "line 30: tournaments.weekly.prizes[0].coin: there is no such key here: there are \
             ranks, first_rank, last_rank, coins, gems (did you mean \"coins\"?)",
        ),
        (
            "ranks = \"2-5\"",
            "ranks = \"5-2\"",
            "line 31: tournaments.weekly.prizes[1].ranks: the first rank is after the last (write \"2-5\")",
        ),
        (
            "ranks = \"2-5\"",
            "ranks = \"0-5\"",
            "line 31: tournaments.weekly.prizes[1].ranks: ranks go from 1 to 10000",
        ),
        (
            "ranks = 1\n",
            "ranks = 0\n",
            "line 28: tournaments.weekly.prizes[0].ranks: must be a whole number from 1 to 10000, but is 0",
        ),
        (
            "ranks = \"2-5\"",
            "ranks = \"2-10001\"",
            "line 31: tournaments.weekly.prizes[1].ranks: ranks go from 1 to 10000",
        ),
        (
            "ranks = \"2-5\"",
            "ranks = \"top 5\"",
            "line 31: tournaments.weekly.prizes[1].ranks: must be a rank such as 1 or a range such as \"4-10\"",
        ),
        (
            "ranks = \"2-5\"",
            "ranks = [2, 5]",
            "line 31: tournaments.weekly.prizes[1].ranks: must be a rank such as 1 or a range such as \"4-10\"",
        ),
        (
            "gems = 1\n",
            "\n",
            "line 30: tournaments.weekly.prizes[1]: wins nothing (add coins or gems)",
        ),
        (
            "gems = 1\n",
            "gems = -1\n",
            "line 32: tournaments.weekly.prizes[1].gems: must be a whole number from 0 to 1000000000, but is -1",
        ),
    ];
    for (line, replacement, expected) in cases {
        one(line, replacement, expected);
    }
}

#[test]
fn a_schedule_must_happen() {
    let cron = "cron = \"0 0 * * 1\"";
    one(
        cron,
        "cron = \"0 0 30 2 *\"",
        "line 24: tournaments.weekly.schedule.cron: \"0 0 30 2 *\" never happens",
    );
    one(
        cron,
        "cron = \"weekly\"",
        "line 24: tournaments.weekly.schedule.cron: \"weekly\" is not a cron pattern of five \
         fields (minute hour day month weekday): it does not have five fields",
    );
    one(
        "operator = \"best\"",
        "operator = \"best\"\nreset = \"weekly\"",
        "line 20: leaderboards.global.reset: must be \"never\" or a table such as \
         { cron = \"0 0 * * 1\", zone = \"UTC\" }",
    );
}

#[test]
fn a_wrong_pattern_does_not_hide_a_wrong_zone() {
    let text = with(
        "schedule = { cron = \"0 0 * * 1\", zone = \"UTC\" }",
        "schedule = { cron = \"weekly\", zone = \"Europe/Berln\" }",
    );
    let found = mistakes(&text);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("schedule.cron: \"weekly\" is not a cron pattern"), "{found:?}");
    assert!(found[1].contains("did you mean \"Europe/Berlin\"?"), "{found:?}");
}

#[test]
fn no_two_tournaments_may_have_the_same_id() {
    let id = "id = \"weekly_{week_year}_w{week}\"";
    let place = "line 25: tournaments.weekly.id";
    let cases = [
        (
            "id = \"weekly_{weak}\"",
            ": there is no placeholder \"weak\": there are {year}, {month}, {day}, {hour}, \
             {minute}, {week}, {week_year} (did you mean \"week\"?)",
        ),
        ("id = \"weekly_{week\"", ": has a brace that belongs to no placeholder such as {week}"),
        (
            "id = \"week {week_year}\"",
            ": may contain letters (a to z), digits, \"_\", \"-\" and placeholders only",
        ),
        (
            "id = \"weekly_{week}\"",
            ": the same id would come again every year (add {year}, or {week_year} beside {week})",
        ),
        (
            "id = \"weekly_{year}\"",
            ": the tournaments that start at 2023-01-02T00:00:00.000Z and 2023-01-09T00:00:00.000Z \
             would both be \"weekly_2023\" (add {month}, {day}, {hour} or {minute})",
        ),
        (
            "id = \"weekly_{year}_w{week}\"",
            ": the tournaments that start at 2024-01-01T00:00:00.000Z and 2024-12-30T00:00:00.000Z \
             would both be \"weekly_2024_w01\" (write {week_year} beside {week}: it is the year \
             that the week belongs to)",
        ),
    ];
    for (replacement, expected) in cases {
        one(id, replacement, &format!("{place}{expected}"));
    }
    let too_long = format!("id = \"{}{{year}}\"", "a".repeat(96));
    one(id, &too_long, &format!("{place}: must give at most 100 characters"));
}

#[test]
fn an_hour_that_comes_twice_is_noticed() {
    let hourly = with("id = \"weekly_{week_year}_w{week}\"", "id = \"h_{year}{month}{day}{hour}\"")
        .replace("cron = \"0 0 * * 1\"", "cron = \"0 * * * *\"");
    assert_eq!(mistakes(&hourly), [""; 0]);
    let in_berlin = hourly.replace("zone = \"UTC\"", "zone = \"Europe/Berlin\"");
    let expected = "line 25: tournaments.weekly.id: the tournaments that start at \
                    2023-10-29T00:00:00.000Z and 2023-10-29T01:00:00.000Z would both be \
                    \"h_2023102902\" (use the zone \"UTC\", in which no hour comes twice)";
    assert_eq!(mistakes(&in_berlin), [expected]);
}

#[test]
fn two_series_may_not_share_their_ids() {
    let other = "[tournaments.other]\nleaderboard = \"global\"\nschedule = { cron = \"0 0 * * 1\" }\n\
                 id = \"weekly_{week_year}_w{week}\"\nname = \"Other\"\nprizes = []\n[statistics.played]";
    let found = mistakes(&with("[statistics.played]", other));
    let expected = "line 36: tournaments.other.id: tournaments of weekly would be called the same: \
                    \"weekly_2022_w52\" (add a word of its own)";
    assert_eq!(found, [expected]);
}

#[test]
fn a_series_without_prizes_says_so() {
    let prizes = "[[tournaments.weekly.prizes]]\nranks = 1\ncoins = 10\n\
                  [[tournaments.weekly.prizes]]\nranks = \"2-5\"\ngems = 1\n";
    let missing = "line 22: tournaments.weekly: prizes is missing (write prizes = [] where \
                   nothing is to be won)";
    one(prizes, "", missing);
    assert_eq!(mistakes(&with(prizes, "prizes = []\n")), [""; 0]);
}
