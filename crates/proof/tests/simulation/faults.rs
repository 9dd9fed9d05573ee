//! Servers that do not what they must: triggers in their database see to that, behind their back. Each is
//! found, and found where it is wrong.

use std::time::Duration;

use rusqlite::Connection;
use scoreline_core::game::Definition;
use scoreline_proof::Report;
use scoreline_server::Substitutes;

use crate::site::{Site, options};

/// Plays a day on a server whose database does this behind its back.
async fn played_with(trigger: &str) -> Report {
    let definition = Definition::sample();
    let site = Site::start(&definition, "2026-11-22T00:00:00Z", Substitutes::default()).await;
    let database = Connection::open(site.database()).expect("a database");
    database.busy_timeout(Duration::from_secs(30)).expect("it waits");
    database.execute_batch(trigger).expect("a trigger");
    site.play(definition, options(60, 1)).await
}

fn differing(report: &Report) -> Vec<&str> {
    let kinds = report.findings.kinds.iter().filter(|(_, kind)| kind.differences > 0);
    kinds.map(|(name, _)| &**name).collect()
}

fn is_found(report: &Report, beginning: &str) {
    assert!(!report.is_clean());
    let found = differing(report);
    assert!(found.iter().any(|kind| kind.starts_with(beginning)), "{found:?}");
    assert!(report.to_text().contains("things differ"), "{}", report.to_text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_loses_an_event_in_two_hundred_is_found() {
    let report = played_with(
        "CREATE TRIGGER lose BEFORE INSERT ON events WHEN abs(NEW.content) % 200 = 0
         BEGIN SELECT RAISE(IGNORE); END",
    )
    .await;
    is_found(&report, "types of events");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_counts_twice_is_found() {
    let report = played_with(
        "CREATE TRIGGER double AFTER INSERT ON player_state WHEN NEW.slot = 0 AND NEW.player_no % 10 = 0
         BEGIN
           UPDATE player_state
           SET amounts = json_set(amounts, '$[2]', json_extract(amounts, '$[2]') + 1)
           WHERE player_no = NEW.player_no AND slot = 0 AND json_array_length(amounts) > 2;
         END",
    )
    .await;
    is_found(&report, "players, with all statistics");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_pays_a_coin_too_much_is_found() {
    let report = played_with(
        "CREATE TRIGGER pay AFTER INSERT ON prizes WHEN NEW.rank = 2
         BEGIN UPDATE prizes SET coins = coins + 1 WHERE prize_id = NEW.prize_id; END",
    )
    .await;
    is_found(&report, "players' prizes");
}
