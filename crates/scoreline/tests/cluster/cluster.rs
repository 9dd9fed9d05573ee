//! Nodes on one PostgreSQL and one Redis, and whether everything is counted.

use std::collections::BTreeMap;
use std::time::Duration;

use scoreline_testkit::postgres::TestDatabase;
use scoreline_testkit::redis::RedisServer;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::devices::Ledger;
use crate::node::{Node, Surroundings, wait_for};

/// The classes of the queue, as they are called.
pub const CLASSES: [&str; 3] = ["critical", "normal", "bulk"];

/// A Redis that loses nothing when it is killed.
pub struct Redis {
    server: RedisServer,
    runtime: Runtime,
}

impl Redis {
    /// Starts one.
    pub fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let server = runtime.block_on(RedisServer::start());
        Self { server, runtime }
    }

    /// Ends it without warning.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Sends it a signal, such as `STOP`.
    pub fn signal(&self, name: &str) {
        self.server.signal(name);
    }

    /// Starts it with what it had written when it was killed.
    pub fn restart(&mut self) {
        self.runtime.block_on(self.server.run());
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Asks it something.
    pub fn ask<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        self.runtime.block_on(self.server.ask(words))
    }

    /// What the queue counts under this name, all classes together.
    pub fn count(&self, counter: &str) -> u64 {
        let of_class = |class: &&str| {
            let key = format!("{{scoreline:queue:{class}}}:counts");
            self.ask::<Option<i64>>(&["HGET", &key, counter]).unwrap_or(0)
        };
        CLASSES.iter().map(of_class).map(|count| u64::try_from(count).unwrap_or(0)).sum()
    }

    /// Events in the queue, waiting or at work.
    pub fn open_events(&self) -> u64 {
        ["waiting_events", "active_events", "delayed_events"]
            .map(|name| self.count(name))
            .iter()
            .sum()
    }
}

/// Everything that runs together.
pub struct Cluster<'s> {
    pub nodes: Vec<Node>,
    pub redis: Redis,
    pub database: TestDatabase<'s>,
}

impl<'s> Cluster<'s> {
    /// Starts this many nodes on a database and a Redis of their own.
    pub fn start(database: TestDatabase<'s>, nodes: usize) -> Self {
        Self::start_with(database, nodes, |_| {})
    }

    /// Starts nodes that are set up in another way.
    pub fn start_with(
        database: TestDatabase<'s>,
        nodes: usize,
        change: impl FnOnce(&mut Surroundings),
    ) -> Self {
        let redis = Redis::start();
        let mut surroundings = Surroundings {
            database_url: database.url(),
            redis_url: redis.server.url(),
            settings: Vec::new(),
        };
        change(&mut surroundings);
        let nodes: Vec<Node> = (0..nodes).map(|_| Node::start(&surroundings)).collect();
        let cluster = Self { nodes, redis, database };
        cluster.wait_for_mode("redis");
        cluster
    }

    /// Waits until all nodes take events in one way: `redis` or `direct`.
    pub fn wait_for_mode(&self, mode: &str) {
        for node in &self.nodes {
            wait_for(&format!("mode {mode}"), || {
                (node.health()["services"]["queue"]["mode"] == mode).then_some(())
            });
        }
    }

    /// Waits until a node says this of itself.
    pub fn wait_for_health(&self, what: &str, holds: impl Fn(&Value) -> bool) {
        for node in &self.nodes {
            wait_for(what, || holds(&node.health()).then_some(()));
        }
    }

    /// Holds the events of all classes back in the queue, or no longer.
    pub fn set_paused(&self, paused: bool) {
        let path = if paused { "/api/admin/queue/pause" } else { "/api/admin/queue/resume" };
        let (status, answer) = self.nodes[0].post(path, &json!({}));
        assert_eq!(status, 200, "{answer}");
    }

    /// Events in the database.
    pub fn stored(&self) -> u64 {
        let counted = self.database.run("SELECT count(*) FROM scoreline.events");
        counted.trim().parse().expect("a number")
    }

    /// Waits until every acknowledged event is stored and the queue is empty; answers how long that
    /// took.
    pub fn drain(&self, ledger: &Ledger) -> Duration {
        let begin = Instant::now();
        let acknowledged = ledger.acknowledged();
        wait_for("everything acknowledged to be stored", || {
            (self.redis.open_events() == 0 && self.stored() >= acknowledged).then_some(())
        });
        begin.elapsed()
    }

    /// Every acknowledged event is counted once, none is dead, no attempt was burned, and what players
    /// see is what the raw events say.
    pub fn check(&self, ledger: &Ledger) {
        self.check_counts(ledger);
        self.check_what_is_stored();
    }

    /// Every acknowledged event is counted once, and the queue has lost nothing.
    pub fn check_counts(&self, ledger: &Ledger) {
        self.drain(ledger);
        assert_eq!(self.stored_by_player(), ledger.by_player());
        assert_eq!(self.redis.count("losses"), 0, "the queue has lost nothing");
    }

    /// What is stored is right, whatever was lost.
    pub fn check_what_is_stored(&self) {
        let told = self.database.run(
            "SELECT sum(applied) - sum(removed) || ' ' || sum(dead) || ' ' || sum(quarantined) \
             FROM scoreline.store_counts",
        );
        assert_eq!(told.trim(), format!("{} 0 0", self.stored()), "applied, dead, quarantined");
        for node in &self.nodes {
            let log = node.log();
            assert!(!log.contains("could not be applied and are tried again"), "{log}");
        }
        let (succeeded, printed) = self.nodes[0].run(&["verify"]);
        assert!(succeeded && printed.contains("no difference"), "{printed}");
    }

    fn stored_by_player(&self) -> BTreeMap<String, u64> {
        let rows = self
            .database
            .run("SELECT player_id || ' ' || count(*) FROM scoreline.events GROUP BY player_id");
        let row = |line: &str| {
            let (player, count) = line.split_once(' ').expect("two columns");
            (player.to_owned(), count.parse().expect("a number"))
        };
        rows.lines().map(row).collect()
    }
}
