//! Events whose ids are of days to come: they lie where they were received, so that the day is made empty,
//! and are the same events when their time has come.

use scoreline_core::event::Event;
use scoreline_core::limits::{KEY_AHEAD_MAX_MS, KEY_FAR_AHEAD_MS};
use scoreline_core::time::Clock;
use scoreline_testkit::game::{self, DAY_MS, played, restamped, with_timed_id};
use scoreline_testkit::store_conformance::Database;
use scoreline_testkit::store_conformance::world::World;

use crate::support::{Schema, server_with};

/// Those that no day was made for.
const WITHOUT_DAY: &str = "SELECT count(*) FROM events_absurd";
const KEYS: &str = "SELECT count(*) FROM event_keys";

/// How many events are planted.
const PLANTED: i64 = 600;

/// What the database's clock is ahead of the first moment of the tests' game, in milliseconds.
fn now_ms(schema: &Schema) -> i64 {
    let now = schema.run("SELECT (extract(epoch FROM now()) * 1000)::bigint");
    now.trim().parse::<i64>().expect("a number") - game::monday().as_ms()
}

#[tokio::test]
async fn events_planted_ahead_wait_in_no_default_partition_and_are_known_when_their_time_has_come()
{
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    let now_ms = now_ms(&schema);
    world.clock.set(game::at(now_ms));
    let planted: Vec<Event> = (0..PLANTED)
        .map(|n| {
            let event = played("mallory", n.unsigned_abs().into(), now_ms - 1, n);
            let ahead_ms =
                [KEY_AHEAD_MAX_MS + 60_000, KEY_FAR_AHEAD_MS + 60_000, 2 * DAY_MS, 9 * DAY_MS];
            with_timed_id(&event, now_ms + ahead_ms[usize::try_from(n % 4).expect("small")])
        })
        .collect();
    assert_eq!(world.apply(&planted).await.applied, planted.len());
    let of_today = with_timed_id(&played("ann", 7, now_ms, 3), now_ms);
    world.apply(std::slice::from_ref(&of_today)).await;
    assert_eq!(schema.run(WITHOUT_DAY).trim(), "0");
    assert_eq!(schema.run(KEYS).trim(), PLANTED.to_string(), "an ordinary event needs no key");

    // Nobody needs to be held up to make the days that they name.
    let writer = schema.hold("LOCK TABLE events_absurd_past IN ROW EXCLUSIVE MODE");
    let mut more = Schema::beside(&schema);
    more.settings.days_ahead = 10;
    world.store = more.open().await;
    drop(writer);
    assert_eq!(schema.run(WITHOUT_DAY).trim(), "0");
    world.check().await;

    for later_ms in [6 * 60_000, 20 * 60_000, 3 * DAY_MS, 10 * DAY_MS] {
        world.clock.set(game::at(now_ms + later_ms));
        let again: Vec<Event> =
            planted.iter().map(|event| restamped(event, now_ms - 1, now_ms + later_ms)).collect();
        let applied = world.apply(&again).await;
        assert_eq!(applied.duplicates, planted.len(), "the same events, {later_ms} ms later");
        let other = played("mallory", 1, now_ms, 77);
        let other = restamped(&other, now_ms, now_ms + later_ms);
        let other = with_timed_id(&other, now_ms + KEY_FAR_AHEAD_MS + 60_000);
        assert_eq!(world.apply(&[other]).await.conflicting, [0], "its id is taken");
    }
    world.check().await;

    let plan = world.plan().await;
    let end = game::at(now_ms + 100 * DAY_MS);
    let step = world.store.remove_events(plan, end, 10_000).await.expect("removes");
    assert_eq!(step.events, world.known.len() as u64);
    assert_eq!(schema.run(KEYS).trim(), "0", "their keys are free again");
    world.removed = world.known.keys().cloned().collect();
    world.check().await;
    assert!(world.clock.now() > game::at(now_ms));
}

/// What PostgreSQL says when it need not look whether a partition of all else holds rows of one that is made.
const NOT_LOOKED_THROUGH: &str =
    "partition constraint for default partition \"events_absurd\" is implied";

#[tokio::test]
async fn a_day_ahead_is_made_without_looking_through_events_that_have_no_day_while_all_wait() {
    let server = server_with(&[("log_min_messages", "debug1")]);
    let schema = Schema::on(server.database());
    let mut world = World::new(&schema).await;
    let now_ms = now_ms(&schema);
    world.clock.set(game::at(now_ms));
    let of_last_year = with_timed_id(&played("mallory", 1, now_ms, 3), now_ms - 300 * DAY_MS);
    world.apply(std::slice::from_ref(&of_last_year)).await;
    assert_eq!(schema.run(WITHOUT_DAY).trim(), "1", "anybody's ids may be this old");
    let proved = || server.log().matches(NOT_LOOKED_THROUGH).count();
    let before = proved();
    let mut more = Schema::beside(&schema);
    more.settings.days_ahead = 10;
    world.store = more.open().await;
    assert_eq!(proved() - before, 9, "the days that were missing");
    let kept_out = "SELECT count(*) FROM pg_constraint
         WHERE conrelid = 'events_absurd'::regclass AND contype = 'c'";
    assert_eq!(schema.run(kept_out).trim(), "0", "what comes late finds its place again");
    world.check().await;

    // Neither a node that died when it had begun is a hindrance, nor one that does the same.
    schema.run(
        "DO $$ BEGIN EXECUTE format(
             'ALTER TABLE events_absurd ADD CONSTRAINT without_%s CHECK (key_time > 1) NOT VALID',
             to_char((now() + interval '11 days') AT TIME ZONE 'UTC', 'YYYYMMDD'));
         END $$",
    );
    let mut one = Schema::beside(&schema);
    one.settings.days_ahead = 12;
    let mut other = Schema::beside(&schema);
    other.settings.days_ahead = 12;
    let (first, _second) = tokio::join!(one.open(), other.open());
    world.store = first;
    assert_eq!(schema.run(kept_out).trim(), "0");
    world.check().await;
}

#[tokio::test]
async fn two_attempts_of_which_one_lies_ahead_are_one_event() {
    let schema = Schema::new();
    let mut world = World::new(&schema).await;
    let now_ms = now_ms(&schema);
    // At the turn of each limit, a node whose clock is a little behind has it first, or second.
    for (n, ahead_ms) in [(1_u128, KEY_AHEAD_MAX_MS), (2, KEY_FAR_AHEAD_MS)] {
        for (id, first_ms, second_ms) in [(10_u128, -30_000, 30_000), (20, 30_000, -30_000)] {
            let event = played("ann", n + id, now_ms, 5);
            let event = with_timed_id(&event, now_ms + ahead_ms);
            for at_ms in [first_ms, second_ms] {
                world.clock.set(game::at(now_ms + at_ms));
                let attempt = restamped(&event, now_ms, now_ms + at_ms);
                world.apply(&[attempt]).await;
            }
        }
    }
    assert_eq!(world.known.len(), 4, "each counts once");
}
