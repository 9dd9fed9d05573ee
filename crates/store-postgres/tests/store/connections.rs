//! Connections: bounded, and found again after the server was away.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::error::ErrorKind;
use scoreline_core::store::{Batch, Store, StoreError};
use scoreline_core::time::Clock;
use scoreline_store_postgres::{PostgresStore, Settings};
use scoreline_testkit::game::{assorted, played, player};
use scoreline_testkit::postgres::{Server, ServerOptions};
use scoreline_testkit::store_conformance::world::World;
use tokio::time::Instant;

use crate::support::Schema;

/// Asks something of a store from ten sides at once, so that many connections are open.
async fn crowd(store: &Arc<dyn Store>) -> Vec<Result<(), StoreError>> {
    crowd_of(10, store).await
}

async fn crowd_of(count: usize, store: &Arc<dyn Store>) -> Vec<Result<(), StoreError>> {
    let asking: Vec<_> = (0..count)
        .map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move { store.profile(player("ann")).await.map(|_| ()) })
        })
        .collect();
    let mut answers = Vec::new();
    for asked in asking {
        answers.push(asked.await.expect("does not panic"));
    }
    answers
}

/// A server of its own, which lives as long as the process: its stores may outlive a test.
fn server() -> &'static Server {
    Box::leak(Box::new(Server::start()))
}

#[tokio::test]
async fn a_restart_of_the_server_is_survived() {
    let server = server();
    let schema = Schema::on(server.database());
    let mut world = World::new(&schema).await;
    world.apply(&assorted(100, 1)).await;
    for stop in [Server::stop, Server::kill] {
        assert!(crowd(&world.store).await.iter().all(Result::is_ok));
        let before = world.store.pool();
        assert!(before.total > 1, "{before:?}");
        stop(server);
        for answer in crowd(&world.store).await {
            let error = answer.expect_err("nobody is there");
            assert!(matches!(error, StoreError::Unreachable(_)), "{error:?}");
            assert_eq!(error.kind(), ErrorKind::Busy);
        }
        assert!(world.store.ping().await.is_err());
        server.restart();
        assert!(crowd(&world.store).await.iter().all(Result::is_ok), "all are found again");
        world.store.ping().await.expect("answers");
        world.apply(&assorted(50, 2)).await;
        world.check().await;
    }
}

#[tokio::test]
async fn connections_that_were_cut_while_they_rested_trouble_one_caller_at_most() {
    let schema = Schema::new();
    let world = World::new(&schema).await;
    assert!(crowd(&world.store).await.iter().all(Result::is_ok));
    schema.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    let mut troubled = 0;
    for _ in 0..10 {
        troubled += usize::from(world.store.profile(player("ann")).await.is_err());
    }
    assert!(troubled <= 1, "{troubled} of ten");
}

#[tokio::test]
async fn a_caller_waits_for_a_connection_no_longer_than_told() {
    let mut schema = Schema::new();
    schema.settings.connections = 1;
    schema.settings.wait = Duration::from_millis(200);
    let world = World::new(&schema).await;
    let held = schema.hold("LOCK TABLE players");
    let store = Arc::clone(&world.store);
    let waiting =
        tokio::spawn(
            async move { store.set_nickname(player("ann"), "Ann".into(), store_now()).await },
        );
    while world.store.pool().idle > 0 {
        tokio::task::yield_now().await;
    }
    let started = Instant::now();
    let refused = world.store.plan_version().await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    assert!(started.elapsed() < Duration::from_secs(3));
    let pool = world.store.pool();
    assert_eq!((pool.total, pool.idle, pool.max), (1, 0, 1), "{pool:?}");
    drop(held);
    waiting.await.expect("does not panic").expect("sets");
    assert_eq!(world.store.pool().idle, 1);
}

#[tokio::test]
async fn where_the_server_gives_fewer_connections_than_wanted_callers_wait_for_those_there_are() {
    let settings = [("max_connections", "8"), ("max_wal_senders", "0")];
    let settings = settings.map(|(name, value)| (name, value.to_owned())).to_vec();
    let options = ServerOptions { settings, ..ServerOptions::default() };
    let server: &'static Server = Box::leak(Box::new(Server::start_with(&options)));
    let mut schema = Schema::on(server.database());
    schema.settings.connections = 20;
    let world = World::new(&schema).await;
    let answers = crowd_of(100, &world.store).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let pool = world.store.pool();
    assert!(pool.total <= 8 && pool.max < 20 && pool.max >= pool.total, "{pool:?}");
    assert_eq!(pool.wanted, 20);
    let shortage = pool.shortage().expect("there are fewer");
    assert!(shortage.contains(&format!("{} of the 20", pool.max)), "{shortage}");
}

fn store_now() -> scoreline_core::time::Timestamp {
    scoreline_testkit::game::at(0)
}

#[tokio::test]
async fn a_statement_takes_no_longer_than_told() {
    for pooler in [false, true] {
        let mut schema = Schema::new();
        schema.settings.statement_timeout = Duration::from_millis(300);
        schema.settings.pooler = pooler;
        let world = World::new(&schema).await;
        let held = schema.hold("LOCK TABLE events");
        let batch = Batch { events: vec![played("ann", 1, 0, 5)], ..Batch::default() };
        let plan = world.plan().await;
        let refused = world.store.apply(Arc::clone(&plan), batch.clone(), world.clock.now()).await;
        assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
        drop(held);
        let applied = world.store.apply(plan, batch, world.clock.now()).await;
        assert_eq!(applied.expect("applies").applied, 1);
    }
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_not_in_order() {
    let schema = Schema::new();
    let world = World::new(&schema).await;
    world.store.ping().await.expect("answers");
    schema.run("ALTER DATABASE %db% SET default_transaction_read_only = on");
    let store = PostgresStore::open(&schema.settings).await.expect("all is there already");
    let refused = scoreline_core::store::MaintenanceStore::ping(&store).await;
    assert!(matches!(refused, Err(StoreError::Unreachable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told() {
    let settings = Settings::new("postgres://game@127.0.0.1:1/nowhere");
    match PostgresStore::open(&settings).await.map(|_| ()) {
        Err(error @ StoreError::Unreachable(_)) => {
            assert!(error.to_string().contains("refused"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_store_can_be_used_from_a_runtime_without_input_and_output() {
    let schema = Schema::new();
    let world = World::new(&schema).await;
    let store = Arc::clone(&world.store);
    let plan = world.plan().await;
    let elsewhere = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let batch = Batch { events: vec![played("ann", 1, 0, 5)], ..Batch::default() };
            store.apply(plan, batch, scoreline_testkit::game::at(0)).await
        })
    });
    while !elsewhere.is_finished() {
        tokio::task::yield_now().await;
    }
    let applied = elsewhere.join().expect("does not panic").expect("applies");
    assert_eq!(applied.applied, 1);
}
