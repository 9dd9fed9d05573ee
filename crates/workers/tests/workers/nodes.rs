//! Several nodes on one database.

use std::sync::Arc;

use scoreline_core::nodes::{NODE_SILENT_MS, NodeReport, Nodes};
use scoreline_core::store::{ProjectionStore, TournamentStore};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_testkit::clock::ManualClock;
use scoreline_testkit::memory_nodes::MemoryNodes;
use scoreline_workers::timekeeper::Timekeeper;

use crate::support::{GAME, HOUR_MS, SECOND_MS, Shared, World, at, node_report};

async fn shared() -> (World, Arc<MemoryNodes>) {
    let mut made = None;
    let world = World::with(GAME, |clock| {
        let nodes = MemoryNodes::new(Arc::clone(clock) as Arc<dyn Clock>);
        made = Some(Arc::clone(&nodes));
        Shared { broker: None, nodes: Some(nodes) }
    })
    .await;
    (world, made.expect("it was made"))
}

async fn reports(nodes: &MemoryNodes, no: u128, watermark: Timestamp) {
    let report = NodeReport { watermark, ..node_report(no) };
    nodes.report(report).await.expect("it is taken in");
}

#[tokio::test]
async fn a_tournament_waits_for_every_node_that_runs_and_for_none_that_fell_silent() {
    let (world, nodes) = shared().await;
    let cup = world.store.open_tournaments().await.expect("tournaments").remove(0);
    world.send(&[world.run("ada", 10)]).await.expect("accepted");
    world.clock.set(cup.ends_at.plus_ms(SECOND_MS));
    reports(&nodes, 2, cup.ends_at.plus_ms(-1)).await;
    world.tick().await;
    assert_eq!(world.tournament(&cup.id).await.sealed_at, None, "another node has a request");

    reports(&nodes, 2, cup.ends_at).await;
    reports(&nodes, 3, cup.ends_at.plus_ms(-1)).await;
    world.tick().await;
    assert_eq!(world.tournament(&cup.id).await.sealed_at, None, "a third one has");

    world.clock.advance(NODE_SILENT_MS - 1);
    reports(&nodes, 2, world.clock.now()).await;
    world.tick().await;
    assert_eq!(world.tournament(&cup.id).await.sealed_at, None, "it may still be there");
    world.clock.advance(1);
    world.tick().await;
    assert!(world.tournament(&cup.id).await.closed_at.is_some(), "it is gone");
}

#[tokio::test]
async fn without_knowing_the_others_nothing_closes() {
    let (world, nodes) = shared().await;
    let cup = world.store.open_tournaments().await.expect("tournaments").remove(0);
    world.clock.set(cup.ends_at);
    nodes.set_away(true);
    world.tick().await;
    assert_eq!(world.tournament(&cup.id).await.sealed_at, None);
    nodes.set_away(false);
    world.tick().await;
    assert!(world.tournament(&cup.id).await.closed_at.is_some());
}

#[tokio::test]
async fn jobs_are_done_by_the_node_whose_turn_it_is_and_by_another_when_that_is_gone() {
    let (world, nodes) = shared().await;
    let cup = world.store.open_tournaments().await.expect("tournaments").remove(0);
    let other = node_report(2).node;
    world.clock.advance(NODE_SILENT_MS);
    assert!(nodes.take_turn("jobs", other, HOUR_MS).await.expect("answers"), "nobody kept it");
    world.clock.set(cup.ends_at);
    world.tick().await;
    assert_eq!(world.tournament(&cup.id).await.closed_at, None, "it is the other's turn");
    nodes.end_turn("jobs", other).await.expect("it stops");
    world.tick().await;
    assert!(world.tournament(&cup.id).await.closed_at.is_some());
}

#[tokio::test]
async fn a_definition_that_another_node_put_in_force_holds_here_too() {
    let (world, _) = shared().await;
    let more = format!("{GAME}\n[events.dance]\nclass = \"bulk\"\n");
    let definition = scoreline_core::game::Definition::parse(&more).expect("a definition");
    let now = world.clock.now();
    world.store.adopt(Arc::new(definition), now).await.expect("another node adopts it");
    assert!(!world.operations().definition().events.contains_key("dance"));
    world.tick().await;
    assert!(world.operations().definition().events.contains_key("dance"));
    world.send(&[world.run("ada", 10)]).await.expect("accepted under the new plan");
    world.verify().await;
}

#[tokio::test]
async fn receipts_go_by_the_databases_clock() {
    let system = Arc::new(ManualClock::new(at("2026-11-23T10:00:00Z")));
    let database = Arc::new(ManualClock::new(at("2026-11-23T10:07:30Z")));
    let nodes = MemoryNodes::new(Arc::clone(&database) as Arc<dyn Clock>);
    let shared = Arc::clone(&nodes) as Arc<dyn Nodes>;
    let clock = Timekeeper::new(Arc::clone(&system) as Arc<dyn Clock>, Some(shared));
    assert_eq!(clock.now(), system.now());
    clock.ask().await.expect("it can be asked");
    assert!((clock.now().ms_since(database.now())).abs() <= 5, "{}", clock.now());
    system.advance(1_000);
    assert!((clock.now().ms_since(database.now()) - 1_000).abs() <= 5);
    nodes.set_away(true);
    clock.ask().await.expect_err("it cannot be asked");
    assert!((clock.now().ms_since(database.now()) - 1_000).abs() <= 5, "it goes on as it was");
}

#[tokio::test]
async fn a_node_that_fell_is_forgotten() {
    let (world, nodes) = shared().await;
    reports(&nodes, 2, world.clock.now()).await;
    world.clock.advance(NODE_SILENT_MS);
    world.tick().await;
    let fallen = nodes.fallen().await.expect("answers");
    assert!(fallen.iter().all(|node| node.report.node != node_report(2).node), "{fallen:?}");
}
