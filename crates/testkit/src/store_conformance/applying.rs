//! `apply`: new events count once, and an event that cannot be applied fails alone.

use std::sync::Arc;

use scoreline_core::event::{Event, RejectCode};
use scoreline_core::rank::{Standing, Update, Version};
use scoreline_core::store::{
    Batch, DeadFilter, EventFilter, QuarantineEntry, QuarantineFilter, StoreError,
};
use scoreline_core::time::{Clock, Timestamp};

use super::Database;
use super::world::World;
use crate::game::{
    self, DAY_MS, ENDED, assorted, at, event, played, player, restamped, with_timed_id,
};

pub async fn an_event_counts_once_however_often_it_comes(database: &dyn Database) {
    let mut world = World::new(database).await;
    let (first, second) = (played("ann", 1, 0, 5), played("ann", 2, 1, 7));
    world.apply(&[first.clone(), first.clone(), second.clone(), first.clone()]).await;
    world.apply(&[second.clone(), first.clone()]).await;
    let games = world.board("games").await;
    assert_eq!(world.ranking(games).await, [("ann".to_owned(), 2)]);
    let totals = world.store.totals().await.expect("answers");
    assert_eq!((totals.applied, totals.duplicates), (2, 4));
    world.apply(&[]).await;
    world.check().await;
}

pub async fn an_event_that_is_stamped_anew_is_the_same_event(database: &dyn Database) {
    let mut world = World::new(database).await;
    let timed = with_timed_id(&played("ann", 2, 0, 7), 0);
    for first in [played("ann", 1, 0, 5), timed] {
        world.apply(std::slice::from_ref(&first)).await;
        // Within one batch, and over days and months.
        world.apply(&[restamped(&first, 1, 1), restamped(&first, -1, 0)]).await;
        for days in [1, 20, 400] {
            let again = restamped(&first, days * DAY_MS, days * DAY_MS + 7);
            assert_eq!(world.apply(&[again]).await.duplicates, 1);
        }
    }
    assert_eq!(world.known.len(), 2);
    world.check().await;
}

pub async fn the_same_id_of_another_player_is_another_event(database: &dyn Database) {
    let mut world = World::new(database).await;
    let timed = |player: &str| with_timed_id(&played(player, 2, 0, 7), 0);
    world
        .apply(&[played("ann", 1, 0, 5), played("bob", 1, 0, 5), timed("ann"), timed("bob")])
        .await;
    assert_eq!(world.apply(&[played("çelik", 1, 0, 9)]).await.applied, 1);
    assert_eq!(world.known.len(), 5);
    world.check().await;
}

async fn in_quarantine(world: &World<'_>) -> Vec<QuarantineEntry> {
    let all = world.store.quarantine(QuarantineFilter::default(), None, 100).await;
    all.expect("answers").rows
}

pub async fn what_says_something_else_under_a_taken_id_is_neither_counted_nor_thrown_away(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    let timed = |score| with_timed_id(&played("ann", 2, 0, score), 0);
    let untimed = |score| played("ann", 1, 0, score);
    let (firsts, others) = ([untimed(5), timed(5)], [untimed(900), timed(900)]);
    world.apply(&firsts).await;
    let batch = [others[0].clone(), firsts[1].clone(), others[1].clone()];
    for new in [2, 0] {
        let applied = world.apply(&batch).await;
        assert_eq!((applied.applied, applied.duplicates, applied.quarantined), (0, 1, new));
        assert_eq!(applied.conflicting, [0, 2]);
    }
    let entries = in_quarantine(&world).await;
    assert_eq!(entries.len(), 2, "sent again, they are the same entries");
    for (entry, other) in entries.iter().zip(&others) {
        let rejected = &entry.rejected;
        assert_eq!((rejected.code, entry.times_seen), (RejectCode::ConflictingId, 2));
        assert_eq!(rejected.player, Some(player("ann")));
        assert_eq!(rejected.event_id, Some(other.id.to_string()));
        assert!(rejected.raw.contains(r#""score":900"#), "{}", rejected.raw);
    }
    let best = world.board("best").await;
    assert_eq!(world.ranking(best).await, [("ann".to_owned(), 5)]);
    assert_eq!(world.store.totals().await.expect("answers").quarantined, 2);
    world.check().await;
}

pub async fn of_different_events_under_one_id_in_a_batch_the_first_counts(database: &dyn Database) {
    let mut world = World::new(database).await;
    let games = [10, 20, 10, 30].map(|score| played("ann", 1, 0, score));
    let applied = world.apply(&games).await;
    assert_eq!((applied.applied, applied.duplicates), (1, 1));
    assert_eq!(applied.conflicting, [1, 3]);
    assert_eq!(in_quarantine(&world).await.len(), 2);
    let best = world.board("best").await;
    assert_eq!(world.ranking(best).await, [("ann".to_owned(), 10)]);
    world.check().await;
}

pub async fn the_dead_hold_their_ids_too(database: &dyn Database) {
    let mut world = World::new(database).await;
    let other = played("ann", 1, 0, 5);
    // Within one batch the dead one came first; later it is there already.
    for _ in 0..2 {
        let applied = world
            .store
            .apply(
                world.plan().await,
                Batch { events: vec![endless_time(1), other.clone()], ..Batch::default() },
                world.clock.advance(10),
            )
            .await
            .expect("applies");
        assert_eq!((applied.applied, applied.dead.len()), (0, 1));
        assert_eq!(applied.conflicting, [1]);
    }
    let given_up = Batch {
        dead: vec![(other.clone(), "its worker died three times".to_owned())],
        ..Batch::default()
    };
    let applied = world.store.apply(world.plan().await, given_up, world.clock.advance(10)).await;
    assert_eq!(applied.expect("applies").dead, [], "it is in quarantine already");
    let dead = world.store.dead(DeadFilter::default(), None, 10).await.expect("answers").rows;
    assert_eq!(dead.iter().map(|one| &one.event).collect::<Vec<_>>(), [&endless_time(1)]);
    assert_eq!(dead[0].attempts, 2);
    assert_eq!(in_quarantine(&world).await.len(), 1);
    world.check().await;

    world.adopt(game::without_boards(game::definition(), &["fastest"])).await;
    world.apply(&[endless_time(1)]).await;
    assert_eq!(world.apply(&[other]).await.conflicting, [0], "and it keeps its id");
    assert_eq!(world.store.totals().await.expect("answers").dead, 0);
    world.check().await;
}

pub async fn any_split_and_order_gives_the_same_state(database: &dyn Database) {
    let mut world = World::new(database).await;
    let events = assorted(600, 1);
    for chunk in events.chunks(37) {
        world.apply(chunk).await;
    }
    let mut again = events;
    again.reverse();
    for chunk in again.chunks(101) {
        let applied = world.apply(chunk).await;
        assert_eq!(applied.applied, 0, "all of them are known");
    }
    world.check().await;
    for seed in 2..12 {
        world.apply(&assorted(120, seed)).await;
    }
    world.check().await;
}

pub async fn what_is_told_of_a_batch_is_as_after_the_commit(database: &dyn Database) {
    let mut world = World::new(database).await;
    let better = played("ann", 1, 100, 9);
    let worse = played("ann", 2, 50, 5);
    world.apply(std::slice::from_ref(&better)).await;
    let board = world.board("best").await;
    let applied = world.apply(&[worse.clone(), worse.clone()]).await;
    // The worse one changes the entry too, though not the standing.
    let on_best: Vec<_> = applied.updates().filter(|update| update.board == board).collect();
    let [Update { entry, .. }] = on_best[..] else { panic!("one entry: {on_best:?}") };
    assert_eq!(entry.standing, Standing { points: 9, reached_at: at(100) });
    assert_eq!(entry.version(), Version(2));
    for update in applied.updates() {
        let players = vec![update.player.clone()];
        let entries = world.store.entries(update.board, players).await.expect("answers");
        assert_eq!(entries, [Some(update.entry)], "what is told is what is stored");
    }
    let paused = world.apply(&[event("ann", 3, 0, "paused", "{}")]).await;
    assert_eq!(paused.told, None, "no board counts it");
}

pub async fn what_an_event_says_comes_back_as_it_was(database: &dyn Database) {
    let mut world = World::new(database).await;
    let longest = "\u{1f680}".repeat(255);
    let payload = r#"{"text":"\u0000 \"quoted\" 'ö' \ud800","number":1e400,"nested":{"a":[null]}}"#;
    let early =
        game::with_absurd_time(event(&longest, 1, 5, "unheard_of", payload), Timestamp::MIN);
    let late = game::with_absurd_time(event("' OR 1=1 --", u128::MAX, 6, "", "{}"), Timestamp::MAX);
    world.apply(&[late.clone(), early.clone()]).await;
    let mut stored: Vec<Event> =
        world.scan(&EventFilter::default(), 10).await.into_iter().map(|(event, _)| event).collect();
    stored.sort_by_key(|event| event.id);
    assert_eq!(stored, [early, late]);
    world.check().await;
}

pub async fn the_time_of_application_never_runs_backwards(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[played("ann", 1, 0, 5)]).await;
    let latest = world.clock.now();
    let plan = world.plan().await;
    let batch = Batch { events: vec![played("ann", 2, 1, 5)], ..Batch::default() };
    world.store.apply(plan, batch, at(0)).await.expect("applies");
    let stored = world.scan(&EventFilter::default(), 10).await;
    assert_eq!(stored.iter().map(|(_, at)| *at).collect::<Vec<_>>(), [latest, latest]);
    let reopened = database.open().await;
    let batch = Batch { events: vec![played("ann", 3, 2, 5)], ..Batch::default() };
    let plan = world.plan().await;
    reopened.apply(plan, batch, at(0)).await.expect("applies");
    let stored = world.scan(&EventFilter::default(), 10).await;
    assert_eq!(stored[2].1, latest, "another process knows it too");
}

pub async fn an_outdated_plan_writes_nothing(database: &dyn Database) {
    let mut world = World::new(database).await;
    let outdated = world.plan().await;
    world.adopt(game::with_board(game::definition(), "more", "coins", 1)).await;
    let batch = Batch {
        events: vec![played("ann", 1, 0, 5)],
        rejected: vec![game::rejected(None, 1, 0, RejectCode::WrongType)],
        ..Batch::default()
    };
    let refused = world.store.apply(outdated, batch, world.clock.now()).await;
    assert!(matches!(refused, Err(StoreError::StalePlan)), "{refused:?}");
    let totals = world.store.totals().await.expect("answers");
    assert_eq!(totals, scoreline_core::store::Totals::default());
    world.check().await;
}

pub async fn events_applied_at_once_by_many_count_once(database: &dyn Database) {
    let mut world = World::new(database).await;
    let events = assorted(400, 3);
    let plan = world.plan().await;
    let now = world.clock.now();
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let (store, plan) = (Arc::clone(&world.store), Arc::clone(&plan));
            // Every event is in the batches of four tasks, each time in other company.
            let mut mine: Vec<Event> = events.iter().skip(task % 2).step_by(2).cloned().collect();
            mine.rotate_left(5 * task);
            tokio::spawn(async move {
                let mut applied = 0;
                for chunk in mine.chunks(7 + task) {
                    let batch = Batch { events: chunk.to_vec(), ..Batch::default() };
                    let plan = Arc::clone(&plan);
                    applied += store.apply(plan, batch, now).await.expect("applies").applied;
                }
                applied
            })
        })
        .collect();
    let mut applied = 0;
    for task in tasks {
        applied += task.await.expect("does not panic");
    }
    // Which of two events with one key came first is up to the tasks: the store tells.
    world.learn(&events).await;
    assert_eq!(applied, world.known.len());
    assert!(applied > 100, "the tasks had much to do");
    world.check().await;
}

/// A game whose time is beyond what a board of milliseconds can hold.
fn endless_time(id: u128) -> Event {
    event("ann", id, 0, ENDED, r#"{"mode":"endless","score":1,"seconds":9e15,"coins":1}"#)
}

pub async fn an_event_that_cannot_be_counted_dies_alone(database: &dyn Database) {
    let mut world = World::new(database).await;
    let mut events: Vec<Event> = (100..150).map(|id| played("bob", id, 4, 5)).collect();
    events.insert(20, endless_time(1));
    events.push(played("bob", 77, 3, 4));
    let applied = world.apply(&events).await;
    let dead: Vec<_> = applied.dead.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!((dead, applied.died), (vec![endless_time(1).key()], vec![20]));
    world.check().await;

    let applied = world.apply(&[endless_time(1), played("bob", 78, 4, 4)]).await;
    assert_eq!((applied.applied, applied.dead.len()), (1, 1));
    let dead = world.store.dead(DeadFilter::default(), None, 10).await.expect("answers");
    let [dead] = &dead.rows[..] else { panic!("one is dead: {dead:?}") };
    assert_eq!((&dead.event, dead.attempts), (&endless_time(1), 2));
    assert_eq!((dead.died_at, &dead.discarded), (world.clock.now(), &None));
    assert!(dead.reason.contains("too large"), "{}", dead.reason);
    assert_eq!(world.store.totals().await.expect("answers").dead, 1);
    // It dies as somebody else's, and whoever sent it learns where it stood.
    world.move_to("ann", "cem").await;
    let applied = world.apply(&[played("bob", 79, 4, 4), endless_time(2), endless_time(2)]).await;
    assert_eq!((applied.dead[0].0.player.as_str(), applied.died), ("cem", vec![1]));
}

pub async fn an_event_given_up_elsewhere_is_dead_unless_it_is_stored(database: &dyn Database) {
    let mut world = World::new(database).await;
    let (stored, given_up) = (played("ann", 1, 7, 1), played("bob", 2, 9, 2));
    world.apply(std::slice::from_ref(&stored)).await;
    let reason = || "its worker died three times".to_owned();
    let dead = vec![(stored, reason()), (given_up.clone(), reason())];
    let batch = Batch { dead, ..Batch::default() };
    let applied = world.store.apply(world.plan().await, batch, world.clock.advance(10)).await;
    let applied = applied.expect("applies");
    assert_eq!((applied.applied, applied.duplicates), (0, 1));
    assert_eq!(applied.dead, [(given_up.key(), reason())]);
    let dead = world.store.dead(DeadFilter::default(), None, 10).await.expect("answers");
    assert_eq!(dead.rows.iter().map(|one| &one.event).collect::<Vec<_>>(), [&given_up]);
    world.check().await;

    world.apply(&[given_up]).await;
    assert_eq!(world.store.totals().await.expect("answers").dead, 0, "it came alive");
    world.check().await;
}

pub async fn an_event_both_stored_and_dead_leaves_the_dead_when_it_comes_again(
    database: &dyn Database,
) {
    let mut world = World::new(database).await;
    let reason = || "its worker died three times".to_owned();
    for (n, comes_again) in [(1, true), (3, false)] {
        let (stored, given_up) = (played("ann", n, 7, 1), played("bob", n + 1, 9, 2));
        world.apply(std::slice::from_ref(&stored)).await;
        let batch = Batch { dead: vec![(given_up, reason())], ..Batch::default() };
        let applied = world.store.apply(world.plan().await, batch, world.clock.advance(10)).await;
        assert_eq!(applied.expect("applies").dead.len(), 1);
        // As if the transaction that put it among the dead could not see the one that stored it.
        database.tamper("UPDATE dead_events SET player_id = 'ann'").await;
        for column in ["event_id", "content"] {
            let last = format!("SELECT {column} FROM events ORDER BY applied_at DESC LIMIT 1");
            database.tamper(&format!("UPDATE dead_events SET {column} = ({last})")).await;
        }
        let dead = world.store.dead(DeadFilter::default(), None, 10).await.expect("answers");
        assert_eq!(dead.rows[0].event.key(), stored.key(), "it is both");

        let again = if comes_again {
            Batch { events: vec![stored], ..Batch::default() }
        } else {
            Batch { dead: vec![(stored, reason())], ..Batch::default() }
        };
        let applied = world.store.apply(world.plan().await, again, world.clock.advance(10)).await;
        let applied = applied.expect("applies");
        assert_eq!((applied.applied, applied.duplicates, applied.dead.len()), (0, 1, 0));
        let dead = world.store.dead(DeadFilter::default(), None, 10).await.expect("answers");
        assert_eq!(dead.rows, []);
        assert_eq!(world.store.totals().await.expect("answers").dead, 0);
        world.check().await;
    }
}

pub async fn a_dead_event_comes_alive_when_the_definition_allows(database: &dyn Database) {
    let mut world = World::new(database).await;
    world.apply(&[endless_time(1), endless_time(2)]).await;
    assert_eq!(world.store.totals().await.expect("answers").dead, 2);
    world.adopt(game::without_boards(game::definition(), &["fastest"])).await;
    let applied = world.apply(&[endless_time(1)]).await;
    assert_eq!((applied.applied, applied.dead.len()), (1, 0));
    let dead = world.store.dead(DeadFilter::default(), None, 10).await.expect("answers");
    assert_eq!(dead.rows.len(), 1, "the other waits");
    assert_eq!(world.store.totals().await.expect("answers").dead, 1);
    world.apply(&[endless_time(2), endless_time(1)]).await;
    assert_eq!(world.store.totals().await.expect("answers").dead, 0);
    world.check().await;
}

pub async fn dead_events_are_listed_in_pages_and_given_up(database: &dyn Database) {
    let mut world = World::new(database).await;
    let mut events: Vec<Event> = (1..=5).map(endless_time).collect();
    let payload = r#"{"mode":"endless","seconds":9e15}"#;
    events.push(event("bob", 9, 4 * DAY_MS, ENDED, payload));
    world.apply(&events).await;

    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = world.store.dead(DeadFilter::default(), after, 2).await.expect("answers");
        pages.extend(page.rows.into_iter().map(|dead| dead.event));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, events, "in the order in which they died, each once");

    let of_ann = EventFilter { player: Some(player("ann")), ..EventFilter::default() };
    let of_ann = DeadFilter { event: of_ann, ..DeadFilter::default() };
    let until = EventFilter { until: Some(at(1)), ..EventFilter::default() };
    let of_reason = |reason: &str| DeadFilter { reason: Some(reason.into()), ..Default::default() };
    for (filter, expected) in [
        (of_ann.clone(), 5),
        (DeadFilter { event: until, ..DeadFilter::default() }, 5),
        (of_reason("too large"), 6),
        (of_reason("100%"), 0),
        (DeadFilter { discarded: true, ..DeadFilter::default() }, 0),
    ] {
        let found = world.store.dead(filter.clone(), None, 10).await.expect("answers");
        assert_eq!(found.rows.len(), expected, "{filter:?}");
        let counted = world.store.count_dead(filter.clone()).await.expect("answers");
        assert_eq!(counted, expected as u64, "{filter:?}");
    }
    let groups = world.store.dead_groups(10).await.expect("answers");
    assert_eq!(groups.iter().map(|group| group.events).sum::<u64>(), 6);
    assert!(groups.iter().all(|group| group.event_type == ENDED), "{groups:?}");
    let newest = world.store.newest_dead().await.expect("answers").expect("there are some");
    let only = DeadFilter { only: Some(newest), ..DeadFilter::default() };
    assert_eq!(world.store.count_dead(only).await.expect("answers"), 1);

    let note = "cheated".to_owned();
    let given_up = world.store.discard_dead(of_ann.clone(), note.clone(), at(7), usize::MAX).await;
    assert_eq!(given_up.expect("answers"), 5);
    let again = world.store.discard_dead(of_ann, "again".into(), at(8), usize::MAX).await;
    assert_eq!(again.expect("answers"), 0);
    let discarded = DeadFilter { discarded: true, ..DeadFilter::default() };
    let found = world.store.dead(discarded, None, 10).await.expect("answers");
    assert_eq!(found.rows.len(), 5);
    assert!(found.rows.iter().all(|dead| dead.discarded == Some((at(7), note.clone()))));
    assert_eq!(world.store.totals().await.expect("answers").dead, 1);
    world.check().await;
}

pub async fn two_stores_on_one_database_agree(database: &dyn Database) {
    let mut world = World::new(database).await;
    let other = database.open().await;
    let events = assorted(200, 5);
    let plan = world.plan().await;
    let now = world.clock.now();
    let [here, there] = [Arc::clone(&world.store), other].map(|store| {
        let (plan, events) = (Arc::clone(&plan), events.clone());
        tokio::spawn(async move {
            for chunk in events.chunks(11) {
                let batch = Batch { events: chunk.to_vec(), ..Batch::default() };
                store.apply(Arc::clone(&plan), batch, now).await.expect("applies");
            }
        })
    });
    here.await.expect("does not panic");
    there.await.expect("does not panic");
    world.learn(&events).await;
    world.check().await;
}
