//! The sample is what docs/game-definition.md and the first run promise.

use scoreline_core::game::Class::{Bulk, Critical, Normal};
use scoreline_core::game::{
    Class, Definition, Field, FieldKind, Literal, Operator, Order, PrizeTier, SAMPLE, UnknownFields,
};
use scoreline_core::limits::BOARD_SUMS_MAX;
use scoreline_core::time::Timestamp;

/// Every event type of the sample game, its class, and its fields: `!` is required, `0..10` a
/// range, `a|b` the only values, `= []` a default.
const EVENTS: [(&str, Class, &[&str]); 28] = [
    (
        "app_installed",
        Bulk,
        &[
            "device_model: string!",
            "os_version: string!",
            "country: string! length 2",
            "timezone: string",
            "install_source: string!",
        ],
    ),
    (
        "app_launched",
        Bulk,
        &["session_number: integer! 1..", "time_since_last_session: integer! 0.."],
    ),
    ("user_registered", Bulk, &["registration_method: string! device_id|anonymous"]),
    ("settings_changed", Bulk, &["setting_name: string!", "old_value: any", "new_value: any!"]),
    ("app_uninstalled", Bulk, &["last_seen_at: timestamp!"]),
    (
        "game_started",
        Bulk,
        &[
            "game_mode: string! endless|story",
            "selected_jet: string!",
            "selected_skin: string",
            "hearts_remaining: integer! 0..10",
            "powerups_active: array of string = []",
        ],
    ),
    (
        "game_ended",
        Critical,
        &[
            "game_mode: string! endless|story",
            "score: integer! 0..10000000",
            "duration_seconds: integer! 0..86400",
            "obstacles_dodged: integer! 0..",
            "coins_collected: integer! 0..1000000",
            "gems_collected: integer! 0..100000",
            "hearts_remaining: integer! 0..10",
            "cause_of_death: string!",
            "max_combo: integer! 0..",
            "powerups_used: array of string = []",
        ],
    ),
    (
        "game_paused",
        Bulk,
        &[
            "game_mode: string! endless|story",
            "score_at_pause: integer! 0..",
            "time_played_seconds: integer! 0..",
        ],
    ),
    (
        "game_resumed",
        Bulk,
        &["game_mode: string! endless|story", "pause_duration_seconds: integer! 0.."],
    ),
    (
        "continue_used",
        Bulk,
        &[
            "game_mode: string! endless|story",
            "score_at_death: integer! 0..",
            "continue_type: string! ad_watch|gem_purchase|coin_purchase",
            "cost_coins: integer! 0..",
            "cost_gems: integer! 0..",
            "lives_restored: integer! 1..",
            "continues_used_this_run: integer! 1..",
        ],
    ),
    (
        "level_started",
        Bulk,
        &[
            "level_id: integer! 1..",
            "zone_id: integer! 1..",
            "level_name: string!",
            "difficulty: string!",
            "objective_type: string!",
            "attempt_number: integer! 1..",
            "hearts_remaining: integer! 0..10",
            "is_first_attempt: boolean!",
        ],
    ),
    (
        "level_completed",
        Normal,
        &[
            "level_id: integer! 1..",
            "zone_id: integer! 1..",
            "score: integer! 0..10000000",
            "stars: integer! 0..3",
            "time_seconds: integer! 0..86400",
            "hearts_remaining: integer! 0..10",
            "first_attempt: boolean!",
        ],
    ),
    (
        "level_failed",
        Bulk,
        &[
            "level_id: integer! 1..",
            "zone_id: integer! 1..",
            "level_name: string!",
            "score: integer! 0..10000000",
            "objective_target: integer! 0..",
            "objective_type: string!",
            "cause_of_death: string!",
            "time_survived_seconds: integer! 0..86400",
            "hearts_remaining: integer! 0..10",
            "continues_used: integer! 0..",
        ],
    ),
    (
        "currency_earned",
        Normal,
        &[
            "currency_type: string! coins|gems",
            "amount: integer! 1..",
            "source: string!",
            "source_id: string!",
            "balance_before: integer! 0..",
            "balance_after: integer! 0..",
        ],
    ),
    (
        "currency_spent",
        Normal,
        &[
            "currency_type: string! coins|gems",
            "amount: integer! 1..",
            "spent_on: string!",
            "item_id: string!",
            "balance_before: integer! 0..",
            "balance_after: integer! 0..",
        ],
    ),
    (
        "purchase_initiated",
        Bulk,
        &[
            "product_id: string!",
            "product_type: string! consumable|non_consumable|subscription",
            "price_usd: number! 0..",
            "currency_code: string! length 3",
        ],
    ),
    (
        "purchase_completed",
        Bulk,
        &[
            "product_id: string!",
            "product_type: string! consumable|non_consumable|subscription",
            "price_usd: number! 0..",
            "currency_code: string! length 3",
            "transaction_id: string!",
            "gems_granted: integer 0..",
            "coins_granted: integer 0..",
        ],
    ),
    (
        "skin_unlocked",
        Bulk,
        &[
            "skin_id: string!",
            "skin_name: string!",
            "unlock_method: string! purchase|reward|achievement",
            "cost_coins: integer 0..",
            "cost_gems: integer 0..",
        ],
    ),
    (
        "skin_equipped",
        Bulk,
        &["skin_id: string!", "skin_name: string!", "previous_skin_id: string"],
    ),
    (
        "achievement_unlocked",
        Bulk,
        &[
            "achievement_id: string!",
            "achievement_name: string!",
            "achievement_tier: string!",
            "achievement_category: string!",
            "reward_coins: integer! 0..",
            "reward_gems: integer! 0..",
        ],
    ),
    (
        "mission_completed",
        Bulk,
        &[
            "mission_id: string!",
            "mission_type: string!",
            "mission_difficulty: string!",
            "reward_coins: integer! 0..",
            "completion_time_seconds: integer! 0..",
        ],
    ),
    (
        "daily_streak_claimed",
        Bulk,
        &[
            "streak_day: integer! 1..7",
            "coins_reward: integer! 0..",
            "gems_reward: integer 0..",
            "streak_reset: boolean",
        ],
    ),
    (
        "level_unlocked",
        Bulk,
        &[
            "level_id: integer! 1..",
            "zone_id: integer! 1..",
            "level_name: string!",
            "unlock_method: string! progression|purchase",
        ],
    ),
    (
        "leaderboard_viewed",
        Bulk,
        &["leaderboard_type: string! global|tournament|friends", "user_rank: integer 0.."],
    ),
    ("tournament_entered", Bulk, &["tournament_id: string!", "tournament_name: string!"]),
    (
        "ad_watched",
        Bulk,
        &[
            "ad_type: string! rewarded|interstitial|banner",
            "ad_placement: string!",
            "reward_type: string",
            "reward_amount: integer 0..",
        ],
    ),
    (
        "share_clicked",
        Bulk,
        &[
            "platform: string",
            "share_type: string! score|achievement|invite",
            "score_shared: integer 0..",
        ],
    ),
    (
        "notification_received",
        Bulk,
        &["notification_type: string!", "notification_title: string", "opened: boolean!"],
    ),
];

fn kind(kind: &FieldKind) -> String {
    match kind {
        FieldKind::String => "string".to_owned(),
        FieldKind::Integer => "integer".to_owned(),
        FieldKind::Number => "number".to_owned(),
        FieldKind::Boolean => "boolean".to_owned(),
        FieldKind::Timestamp => "timestamp".to_owned(),
        FieldKind::Uuid => "uuid".to_owned(),
        FieldKind::Object => "object".to_owned(),
        FieldKind::Any => "any".to_owned(),
        FieldKind::Array(items) => format!("array of {}", self::kind(items)),
    }
}

fn described(field: &Field) -> String {
    let required = if field.required { "!" } else { "" };
    let mut parts = vec![format!("{}: {}{required}", field.name, kind(&field.kind))];
    if field.nullable {
        parts.push("nullable".to_owned());
    }
    let end = |end: Option<f64>| end.map_or(String::new(), |end| end.to_string());
    if field.min.is_some() || field.max.is_some() {
        parts.push(format!("{}..{}", end(field.min), end(field.max)));
    }
    match (field.min_length, field.max_length) {
        (None, None) => {}
        (Some(least), Some(most)) if least == most => parts.push(format!("length {least}")),
        (least, most) => parts.push(format!("length {least:?} to {most:?}")),
    }
    if !field.one_of.is_empty() {
        let choices: Vec<String> = field
            .one_of
            .iter()
            .map(|choice| match choice {
                Literal::Text(text) => text.to_string(),
                other => format!("{other:?}"),
            })
            .collect();
        parts.push(choices.join("|"));
    }
    if let Some(default) = &field.default {
        parts.push(format!("= {default}"));
    }
    parts.join(" ")
}

fn sample() -> Definition {
    Definition::parse(SAMPLE).unwrap_or_else(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

#[test]
fn the_28_event_types_are_exactly_those_of_the_game() {
    let sample = sample();
    let names: Vec<&str> = sample.events.keys().map(|name| &**name).collect();
    let expected: Vec<&str> = EVENTS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, expected);
    for (name, class, fields) in EVENTS {
        let event = &sample.events[name];
        assert_eq!(event.class, class, "{name}");
        assert_eq!(event.unknown_fields, UnknownFields::Keep, "{name}");
        let found: Vec<String> = event.fields.iter().map(described).collect();
        assert_eq!(found, fields, "{name}");
    }
}

#[test]
fn a_score_is_at_most_twenty_points_a_second() {
    let sample = sample();
    for event in sample.events.values() {
        let rules: Vec<_> =
            event.plausibility.iter().map(|rule| (&*rule.field, rule.factor, &*rule.of)).collect();
        let expected: &[_] =
            if &*event.name == "game_ended" { &[("score", 20.0, "duration_seconds")] } else { &[] };
        assert_eq!(rules, expected, "{}", event.name);
    }
}

#[test]
fn the_boards_are_the_best_flight_ever_that_of_the_week_and_coins() {
    let sample = sample();
    assert_eq!(&*sample.game.main_board, "global");
    assert_eq!(sample.game.default_nickname, "Pilot");
    assert_eq!(sample.game.platforms.iter().collect::<Vec<_>>(), ["android", "ios"]);
    let boards: Vec<(&str, String)> =
        sample.boards.values().map(|board| (&*board.name, board.fingerprint())).collect();
    let flight = "best(game_ended.score) where game_mode in [\"endless\"] descending beside \
                  [\"duration_seconds\"]";
    let expected = [
        ("global", flight.to_owned()),
        ("weekly", format!("{flight} reset \"0 0 * * 1\" in UTC")),
        (
            "coins",
            "sum(currency_earned.amount) where currency_type in [\"coins\"] descending \
             beside []"
                .to_owned(),
        ),
    ];
    assert_eq!(boards, expected);
    let global = &sample.boards["global"];
    assert_eq!(global.order, Order::Descending);
    assert_eq!(&*global.beside[0].name, "total_playtime_seconds");
    assert!(sample.boards.values().all(|board| board.beside.len() <= BOARD_SUMS_MAX));
}

#[test]
fn the_weekly_tournament_runs_from_monday_to_monday_with_prizes_for_fifty() {
    let sample = sample();
    let weekly = &sample.tournaments["weekly"];
    assert_eq!(sample.tournaments.len(), 1);
    assert_eq!(&*weekly.board, "global");
    let week = weekly.schedule.period_at(Timestamp::parse("2027-01-01").expect("a time"));
    assert_eq!(week.start.to_string(), "2026-12-28T00:00:00.000Z");
    assert_eq!(week.end.to_string(), "2027-01-04T00:00:00.000Z");
    assert_eq!(weekly.id_at(week.start), "weekly_2026_w53");
    assert_eq!(weekly.name_at(week.end), "Weekly Tournament 2027 week 01");
    let lines: Vec<String> = weekly.prizes.iter().map(PrizeTier::line).collect();
    let expected = [
        "1st: 5000 coins + 250 gems",
        "2nd: 3000 coins + 150 gems",
        "3rd: 2000 coins + 100 gems",
        "4th-10th: 1000 coins + 50 gems",
        "11th-50th: 500 coins + 25 gems",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn the_statistics_count_add_up_and_keep_the_best() {
    let sample = sample();
    let measures: Vec<(&str, String)> = sample
        .statistics
        .values()
        .map(|statistic| (&*statistic.name, statistic.measure.to_string()))
        .collect();
    let endless = "game_mode in [\"endless\"]";
    let coins = "currency_type in [\"coins\"]";
    let expected = [
        ("games_played", "count(game_ended)".to_owned()),
        ("best_score", format!("best(game_ended.score) where {endless}")),
        ("total_score", "sum(game_ended.score)".to_owned()),
        ("total_playtime_seconds", "sum(game_ended.duration_seconds)".to_owned()),
        ("coins_collected", "sum(game_ended.coins_collected)".to_owned()),
        ("gems_collected", "sum(game_ended.gems_collected)".to_owned()),
        ("levels_completed", "count(level_completed)".to_owned()),
        (
            "perfect_levels",
            "count(level_completed) where first_attempt in [true] and stars from 3.0".to_owned(),
        ),
        ("stars_earned", "sum(level_completed.stars)".to_owned()),
        ("coins_earned", format!("sum(currency_earned.amount) where {coins}")),
        ("coins_spent", format!("sum(currency_spent.amount) where {coins}")),
        ("purchases", "count(purchase_completed)".to_owned()),
        ("revenue_cents", "sum(purchase_completed.price_usd * 100)".to_owned()),
        (
            "ads_watched",
            "count(ad_watched) where ad_type in [\"interstitial\", \"rewarded\"]".to_owned(),
        ),
    ];
    assert_eq!(measures, expected);
    let latest = |one: &scoreline_core::game::Statistic| one.measure.operator == Operator::Latest;
    assert!(!sample.statistics.values().any(latest));
}

#[test]
fn the_sample_is_kept_as_it_was_written() {
    assert_eq!(&*sample().source, SAMPLE);
    assert_eq!(Definition::sample().events.len(), 28);
}
