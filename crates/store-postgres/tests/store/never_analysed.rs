//! What the store asks stays cheap on a database that the planner knows nothing of: one that has grown
//! faster than anybody analysed it, or was just moved here from SQLite.
//!
//! The server tells of every statement how many pages it touched. Statements are used on an almost
//! empty database first, so that the plans kept for them are made there, and measured by the same
//! connections when it holds 100,000 players.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use scoreline_core::analytics::{By, CounterQuery, Day, DayRange, MeasureName};
use scoreline_core::audit::{Act, Actor, AuditFilter};
use scoreline_core::ban::Ban;
use scoreline_core::event::RejectCode;
use scoreline_core::fold::{ANALYTICS, COARSE_GRAIN_MS, ProjectionKind};
use scoreline_core::game::Definition;
use scoreline_core::id::PlayerId;
use scoreline_core::review::{ReviewFilter, ReviewNo};
use scoreline_core::store::{
    Batch, DeadFilter, DeadNo, EventFilter, QuarantineFilter, QuarantineNo, ScanPosition, Text,
};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::tournament::HandPrize;
use scoreline_testkit::game::{at, cup, definition, event, played, player, rejected};
use scoreline_testkit::postgres::Server;
use scoreline_testkit::store_conformance::world::World;
use uuid::Uuid;

use crate::support::{Schema, server_with};

/// Players of whom one call asks.
const PLAYERS: u32 = 20;
/// Pages that a statement may touch: some for each player and each of a dozen boards. A walk over one
/// of the large tables touches more than a thousand.
const PAGES_MAX: u64 = 800;
/// How often everything is used before the database grows: PostgreSQL keeps a plan whatever the values
/// are from the sixth time on.
const USED_BEFORE: u128 = 7;

/// Gives the boards that are asked 100,000 players, who have statistics, names and stored events. Nothing is analysed.
const GROW: &str = "
    INSERT INTO board_entries
    SELECT p.slot, b.period, 'player ' || n, n, n, 1, n, NULL, 0, 0, 0, 0
    FROM projections p
    JOIN (SELECT slot, min(period) AS period FROM board_entries GROUP BY slot) b USING (slot),
        generate_series(1, 100000) AS n
    WHERE p.name IN ('best', 'latest', 'total', 'cup')
    ON CONFLICT DO NOTHING;
    INSERT INTO player_statistics
    SELECT 'player ' || n, s.slots, array_fill(n::int8, ARRAY[cardinality(s.slots)])
    FROM (SELECT array_agg(slot ORDER BY slot) AS slots FROM projections WHERE kind = 'statistic') AS s,
        generate_series(1, 100000) AS n
    ON CONFLICT DO NOTHING;
    INSERT INTO players (player_id, nickname, nickname_at, nickname_skeleton)
    SELECT 'player ' || n, 'name ' || n, n, 'name' || n FROM generate_series(1, 100000) AS n
    ON CONFLICT DO NOTHING;
    INSERT INTO player_analytics
    SELECT p.slot, 'player ' || n, 2147483647, '' FROM projections AS p, generate_series(1, 100000) AS n
    WHERE p.kind = 'analytics'
    ON CONFLICT DO NOTHING;
    INSERT INTO events (key_time, player_id, event_id, event_time, event_type, received_at, content, payload,
        applied_at)
    SELECT e.key_time, 'player ' || n, gen_random_uuid(), n, 'ended', n, n, e.payload, n
    FROM (SELECT key_time, payload FROM events LIMIT 1) AS e, generate_series(1, 100000) AS n;
    INSERT INTO event_keys SELECT player_id, event_id, key_time FROM events ON CONFLICT DO NOTHING;
    INSERT INTO reviews (player_id, event_id, event_time, event_type, received_at, content, payload, rule, reason,
        held_at, accepted)
    SELECT 'player ' || n, gen_random_uuid(), n, 'raced', n, n, '{}', 'interval', '', n, false
    FROM generate_series(1, 100000) AS n;
    INSERT INTO prizes (prize_id, tournament_id, player_id, rank, coins, gems, awarded_at)
    SELECT gen_random_uuid(), 'cup', 'player ' || n, n, 1, 1, n FROM generate_series(1, 100000) AS n";

/// A rule over several events, that a second of them breaks.
const RULES: &str = r#"
[game]
name = "Rules"
[events.raced.fields]
score = { type = "integer" }
[leaderboards.races]
event = "raced"
operator = "best"
score = "score"
[[suspicion]]
event = "raced"
rule = "interval"
least_seconds = 5
"#;

/// A server that analyses nothing by itself, and logs the plan of every statement with its pages.
fn telling() -> &'static Server {
    server_with(&[
        ("autovacuum", "off"),
        ("session_preload_libraries", "auto_explain"),
        ("auto_explain.log_min_duration", "0"),
        ("auto_explain.log_analyze", "on"),
        ("auto_explain.log_buffers", "on"),
        ("auto_explain.log_timing", "off"),
        ("auto_explain.log_format", "json"),
    ])
}

/// The statements in a log with the pages that each of them touched.
fn touched(log: &str) -> Vec<(u64, &str)> {
    let pages = |entry: &str, what: &str| -> u64 {
        let (_, rest) = entry.split_once(what).expect("pages are told");
        let digits = rest.trim_start().split(|c: char| !c.is_ascii_digit()).next();
        digits.unwrap_or_default().parse().expect("a number")
    };
    let entries = log.split("  plan:\n").skip(1);
    entries
        // The first figures are those of the whole statement; parts of it follow.
        .map(|entry| {
            let hit = pages(entry, "\"Shared Hit Blocks\":");
            (hit + pages(entry, "\"Shared Read Blocks\":"), entry)
        })
        .collect()
}

/// What is done once in a while, on as much as there is or on a single row, or while nobody serves.
const RARELY: [&str; 14] = [
    "access_key",
    "clock",
    "erasure",
    "joining",
    "moving",
    "node",
    "partition",
    "projection",
    "retention",
    "schema",
    "sign_out",
    "slot",
    "verify",
    "void",
];
/// As [`RARELY`], of concerns that are asked all the time.
const RARELY_OF: [&str; 50] = [
    "analytics/parts_of",
    "analytics/remove",
    "board/count",
    "board/entries_of",
    "board/put",
    "dead/bring_forward",
    "dead/discard",
    "dead/let_go",
    "event/bring_forward",
    "event/free_key",
    "event/last_receipt",
    "event/remove",
    "feed/forget_foreign",
    "feed/prune",
    "player/block_name",
    "player/drop_blocked",
    "player/forget_unused",
    "player/lock_name",
    "player/renew",
    "player/renew_blocked",
    "player/revocations",
    "player/revoke_sessions",
    "player/unbind",
    "player/unblock_name",
    "prize/kept",
    "quarantine/discard",
    "quarantine/let_go",
    "review/decide",
    "review/forget",
    "review/go_with",
    "review/remove",
    "state/acts",
    "state/bump",
    "state/define",
    "state/identity",
    "state/lock_acts",
    "state/lock_exclusive",
    "state/next_slot",
    "state/renew_identity",
    "state/share_plan",
    "state/sizes",
    "state/take_slot",
    "statistic/put",
    "statistic/remove",
    "ticket/forget",
    "tournament/cancel",
    "tournament/close",
    "tournament/end",
    "tournament/passed_over",
    "tournament/seal",
];

/// The statements that nodes use all the time, each with its last line as a log has it.
fn asked_all_the_time() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
    let named = |path: &Path| path.file_stem().expect("a name").display().to_string();
    let entries =
        |path: &Path| fs::read_dir(path).expect("reads").map(|one| one.expect("an entry").path());
    let concerns = entries(&folder).filter(|concern| !RARELY.contains(&&*named(concern)));
    let files = concerns.flat_map(|concern| entries(&concern).collect::<Vec<_>>());
    files
        .map(|file| {
            let name = format!("{}/{}", named(file.parent().expect("a concern")), named(&file));
            let text = fs::read_to_string(&file).expect("reads");
            let last = text.trim_end().lines().last().unwrap_or_default();
            (name, last.trim().replace('"', "\\\""))
        })
        .filter(|(name, _)| !RARELY_OF.contains(&&**name))
        .collect()
}

/// Asks and does what nodes ask and do all the time, once. `round` makes ids that are new.
async fn use_all(world: &World<'_>, round: u128) {
    let names: Vec<PlayerId> = (1..=PLAYERS).map(|n| player(&format!("player {n}"))).collect();
    write_all(world, round, &names).await;
    ask_of_players(world, &names).await;
    ask_of_the_rest(world, round, &names[6]).await;
}

async fn write_all(world: &World<'_>, round: u128, names: &[PlayerId]) {
    let (store, now) = (&world.store, world.clock.now());
    let ids = (1..).map(|n: u128| round * 1_000 + n);
    let events: Vec<_> =
        names.iter().zip(ids).map(|(name, id)| played(name.as_str(), id, 5, 3)).collect();
    let mut repeated = events[0].clone();
    repeated.received_at = now;
    // Two of them are one too many for the rule of the game.
    let raced = [996, 997].map(|n| event("player 7", round * 1_000 + n, 5, "raced", "{}"));
    let batch = Batch {
        events: events.iter().cloned().chain([repeated]).chain(raced.clone()).collect(),
        dead: vec![(played("player 7", round * 1_000 + 999, 5, 3), "a reason".to_owned())],
        rejected: vec![rejected(Some("player 7"), round, 5, RejectCode::OutOfRange)],
        ..Batch::default()
    };
    let plan = world.plan().await;
    store.apply(Arc::clone(&plan), batch.clone(), now).await.expect("applies");
    // The dead one can be applied now, somebody is new, some were received earlier than it seemed, of which one is
    // in the review list, and quarantine is looked through again.
    let mut earlier = [events[1].clone(), raced[0].clone(), raced[1].clone()];
    for copy in &mut earlier {
        copy.received_at = at(4);
    }
    let waiting = store.quarantine(QuarantineFilter::default(), None, 1).await.expect("answers");
    let entry = waiting.rows.first().expect("one waits");
    let again = Batch {
        events: [
            batch.dead[0].0.clone(),
            played(&format!("new {round}"), round * 1_000 + 998, 5, 3),
        ]
        .into_iter()
        .chain(earlier)
        .collect(),
        rejected_again: vec![(entry.no, entry.rejected.clone())],
        leaves_quarantine: vec![entry.no],
        ..Batch::default()
    };
    store.apply(plan, again, now).await.expect("applies");
    let ann = names[6].clone();
    let act = |what: &str| Act {
        by: Actor { name: "a test".to_owned(), key: None, address: None },
        what: what.to_owned(),
        target: ann.to_string(),
        note: None,
        at: now,
    };
    let ban = Ban { shadow: false, until: None };
    store.ban(ann.clone(), Some(ban), act("banPlayer")).await.expect("bans");
    store.ban(ann.clone(), None, act("unbanPlayer")).await.expect("lifts");
    let gift = HandPrize::new(None, ann.clone(), [5, 0], &round.to_string()).expect("a prize");
    let id = gift.id;
    store.award_prize(gift, act("awardPrize")).await.expect("awards");
    store.revoke_prize(id, act("revokePrize")).await.expect("revokes");
    store.set_nickname(ann.clone(), format!("name {round}"), now).await.expect("names");
    store.bind_secret(ann, "hash".to_owned(), now).await.expect("binds");
}

async fn ask_of_players(world: &World<'_>, names: &[PlayerId]) {
    let (store, now, ann) = (&world.store, world.clock.now(), names[6].clone());
    for name in ["best", "latest", "total"] {
        let board = world.board(name).await;
        store.entries(board, names.to_vec()).await.expect("answers");
        store.entries(board, Vec::new()).await.expect("answers");
        store.board_page(board, Some(ann.clone()), 20).await.expect("answers");
        store.periods(board.slot, 10).await.expect("answers");
    }
    store.nicknames(names.to_vec()).await.expect("answers");
    store.names(Some(ann.clone()), 20).await.expect("answers");
    store.profile(ann.clone()).await.expect("answers");
    // Half of all begin so.
    store.called_like("name".to_owned(), 20).await.expect("answers");
    store.bearers("name 7".to_owned(), 20).await.expect("answers");
    let analytics = world.projection(ProjectionKind::Analytics, ANALYTICS).await.slot;
    store.known_like(analytics, player("player"), 20).await.expect("answers");
    store.ban_of(ann.clone()).await.expect("answers");
    store.bans(Some(ann.clone()), 20).await.expect("answers");
    store.bans_over(now).await.expect("answers");
}

async fn ask_of_the_rest(world: &World<'_>, round: u128, ann: &PlayerId) {
    let (store, now, ann) = (&world.store, world.clock.now(), ann.clone());
    let of_ann = EventFilter { player: Some(ann.clone()), ..EventFilter::default() };
    for filter in [EventFilter::default(), of_ann] {
        store.recent(filter.clone(), 20, Text::Nothing).await.expect("answers");
        let mut after: Option<ScanPosition> = None;
        for _ in 0..2 {
            let page = store.scan(filter.clone(), after, 10).await.expect("answers");
            after = page.last().map(|last| last.position.clone());
        }
    }
    store.dead(DeadFilter::default(), Some(DeadNo(1)), 20).await.expect("answers");
    let after = Some(QuarantineNo(1));
    store.quarantine(QuarantineFilter::default(), after, 20).await.expect("answers");
    store.reviews(ReviewFilter::default(), None, 20).await.expect("answers");
    store.reviewed(&[ReviewNo(1)]).await.expect("answers");
    store.waiting_of(ann.clone()).await.expect("answers");
    store.players_in_review(Some(ann.clone()), 20).await.expect("answers");
    store.newest_dead().await.expect("answers");
    store.count_dead(DeadFilter::default()).await.expect("answers");
    store.dead_groups(20).await.expect("answers");
    store.newest_quarantined().await.expect("answers");
    store.count_quarantined(QuarantineFilter::default()).await.expect("answers");
    store.quarantine_groups(false, 20).await.expect("answers");
    let analytics = world.projection(ProjectionKind::Analytics, ANALYTICS).await.slot;
    let days = DayRange { from: Day(0), until: Day(30_000) };
    let active = CounterQuery { measure: MeasureName::Active, by: By::All, value: None, days };
    store.counters(analytics, vec![active]).await.expect("answers");
    let figures = world.projection(ProjectionKind::Figures, "figures").await.slot;
    store.figures(figures, COARSE_GRAIN_MS, Timestamp::EPOCH).await.expect("answers");
    store.totals().await.expect("answers");
    store.plan_version().await.expect("answers");
    store.tournaments(0, 20).await.expect("answers");
    store.tournament(Arc::from("cup")).await.expect("answers");
    store.open_tournaments().await.expect("answers");
    store.prizes_of(Arc::from("cup"), 0, 20).await.expect("answers");
    store.pending_prizes(ann.clone()).await.expect("answers");
    store.prize_history(ann.clone(), 20, false).await.expect("answers");
    store.prize_statistics(ann.clone()).await.expect("answers");
    store.claim_prize(Uuid::from_u128(round), ann, now).await.expect("answers");
    let position = store.position().await.expect("answers");
    store.changes_after(&position).await.expect("answers");
    store.keys().await.expect("answers");
    store.audit(AuditFilter::default(), None, 20).await.expect("answers");
    store.ping().await.expect("answers");
}

#[tokio::test]
async fn every_statement_on_a_database_that_was_never_analysed_and_has_grown_touches_few_pages() {
    let server = telling();
    let mut schema = Schema::on(server.database());
    // So few that the statements meet the plans that were made before.
    schema.settings.connections = 1;
    let mut world = World::new(&schema).await;
    let rules = Definition::parse(RULES).expect("no mistakes");
    world.adopt(Definition { events: rules.events, ..definition() }).await;
    let cup = cup("cup", "best", 0, 1_000_000_000_000);
    world.store.create_tournament(cup).await.expect("creates");
    for round in 1..=USED_BEFORE {
        use_all(&world, round).await;
    }
    schema.run(GROW);
    let before = server.log().len();
    for round in USED_BEFORE + 1..USED_BEFORE + 3 {
        use_all(&world, round).await;
    }
    let log = server.log();
    let statements = touched(&log[before..]);
    assert!(statements.len() > 100, "{} statements", statements.len());
    let analysed = "SELECT count(*) FROM pg_stats WHERE schemaname = current_schema()";
    assert_eq!(schema.run(analysed).trim(), "0", "the planner knows nothing");
    let unused: Vec<String> = asked_all_the_time()
        .into_iter()
        .filter(|(_, text)| !log[before..].contains(text))
        .map(|(name, _)| name)
        .collect();
    assert!(unused.is_empty(), "not measured: {unused:?}");
    let dear: Vec<_> = statements.iter().filter(|(pages, _)| *pages > PAGES_MAX).collect();
    assert!(dear.is_empty(), "{dear:#?}");
}
