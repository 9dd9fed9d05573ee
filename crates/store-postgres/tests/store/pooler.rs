//! Through PgBouncer, which gives each transaction whatever connection is free.

use std::sync::Arc;

use scoreline_core::store::{Batch, EventFilter, MaintenanceStore as _, StoreError};
use scoreline_store_postgres::PostgresStore;
use scoreline_testkit::game::{assorted, at, played};
use scoreline_testkit::postgres::{Pooler, Server};
use scoreline_testkit::store_conformance::Database;
use scoreline_testkit::store_conformance::world::World;

use crate::support::Schema;

scoreline_testkit::store_conformance! { @tests Schema::pooled();
    applying: [
        an_event_counts_once_however_often_it_comes,
        what_is_told_of_a_batch_is_as_after_the_commit,
        what_an_event_says_comes_back_as_it_was,
        the_time_of_application_never_runs_backwards,
        an_outdated_plan_writes_nothing,
        events_applied_at_once_by_many_count_once,
        an_event_that_cannot_be_counted_dies_alone,
        a_dead_event_comes_alive_when_the_definition_allows,
        two_stores_on_one_database_agree,
    ],
    listing: [
        recent_events_come_newest_first,
        scanning_in_pages_visits_every_event_once,
    ],
    set_aside: [
        the_oldest_of_a_kind_go_until_there_is_room,
        the_dead_of_one_player_count_only_so_far,
    ],
    sums: [
        sums_beyond_64_bits_come_back_whatever_the_order,
    ],
    quarantine: [
        a_resend_is_the_same_entry_seen_once_more,
        entries_are_listed_by_what_is_asked_and_in_pages,
    ],
    projections: [
        a_board_added_later_is_incomplete_until_it_is_filled,
        a_retired_board_comes_back_incomplete_and_is_filled_anew,
    ],
    filling: [
        events_that_arrive_while_a_board_is_filled_count_once,
        all_projections_can_be_filled_at_the_same_time,
        what_nobody_refers_to_any_more_is_swept,
    ],
    retention: [
        removed_events_still_count,
        events_are_removed_in_steps,
    ],
    tournaments: [
        a_tournament_counts_what_was_received_in_its_window,
        after_the_seal_nothing_changes_the_board,
        closing_at_once_from_many_sides_awards_once,
        the_first_claim_of_the_owner_wins,
    ],
    players: [
        entries_come_in_the_order_asked,
    ],
    feed: [
        whoever_follows_holds_what_is_stored,
        every_commit_is_heard_once,
    ],
    maintenance: [
        verification_finds_what_was_changed_behind_its_back,
        a_store_in_order_answers_and_tells_its_sizes,
    ],
}

fn is_named(outcome: Result<(), StoreError>) {
    match outcome {
        Err(StoreError::Unusable(reason)) => {
            assert!(reason.contains("SCORELINE_DATABASE_POOLER=transaction"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_pooler_that_nobody_was_told_of_is_named() {
    let mut schema = Schema::pooled();
    schema.settings.pooler = false;
    is_named(PostgresStore::open(&schema.settings).await.map(|_| ()));
}

#[tokio::test]
async fn a_pooler_that_nobody_was_told_of_is_named_when_a_statement_is_not_there() {
    // It takes what it does not understand, and after each transaction gives a connection that has
    // prepared nothing.
    let forgetful = "ignore_startup_parameters = options\nserver_reset_query_always = 1";
    let pooler = Pooler::start(Server::shared_unsynced(), forgetful);
    let mut schema = Schema::behind(&pooler);
    schema.settings.pooler = false;
    let using = async {
        let store = PostgresStore::open(&schema.settings).await?;
        store.ping().await?;
        store.ping().await
    };
    is_named(using.await);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_with_and_without_a_pooler_share_a_database() {
    let pooled = Schema::pooled();
    let direct = Schema::direct_beside(&pooled);
    let mut world = World::new(&pooled).await;
    let other = direct.open().await;
    let plan = world.plan().await;
    let events = assorted(200, 3);
    let applying: Vec<_> = events
        .chunks(20)
        .enumerate()
        .map(|(n, events)| {
            let store = if n % 2 == 0 { Arc::clone(&world.store) } else { Arc::clone(&other) };
            let (plan, events) = (Arc::clone(&plan), events.to_vec());
            let batch = Batch { events, ..Batch::default() };
            tokio::spawn(async move { store.apply(plan, batch, at(0)).await.map(|_| ()) })
        })
        .collect();
    for applied in applying {
        applied.await.expect("does not panic").expect("applies");
    }
    let mut distinct = std::collections::BTreeSet::new();
    let first: Vec<_> = events.into_iter().filter(|event| distinct.insert(event.key())).collect();
    let stored = world.scan(&EventFilter::default(), 100).await;
    assert_eq!(stored.len(), first.len(), "each counts once");
    assert_eq!(world.verify().await.differences, vec![]);
    world.store = other;
    assert_eq!(world.verify().await.differences, vec![]);
    let more = played("zoe", 1, 0, 5);
    let batch = Batch { events: vec![more], ..Batch::default() };
    let applied = world.store.apply(plan, batch, at(0)).await;
    assert_eq!(applied.expect("applies").applied, 1);
}
