//! What only the queue has: workers that drain it, its memory, and nodes that see each other's
//! scores.

use std::time::{Duration, Instant};

use scoreline_traffic::bench::Bench;
use scoreline_traffic::client::Connection;
use scoreline_traffic::freshness::{self, Route};
use scoreline_traffic::report::{Bound, Table, rate};

use super::Shared;
use super::database::Database;
use crate::error::{Error, Result};
use crate::measured::Measured;
use crate::measurement::{END_TO_END, ms};

/// Numbers of workers that are compared.
const WORKERS: [u32; 4] = [1, 2, 4, 10];
/// Events that wait when the workers begin.
const WAITING_EVENTS: u64 = 200_000;
/// Nodes among which freshness is measured.
const NODES: usize = 3;
/// Events a second that they take meanwhile, all together.
const EVENTS_BESIDE_PROBES: f64 = 5_000.0;

impl Shared<'_> {
    /// The same with a Redis that syncs once a second, for comparison.
    pub async fn other_sync(&mut self, node: &Measured, database: &Database) -> Result<()> {
        self.redis().set_sync("everysec")?;
        self.saturate(node, database, &format!("{END_TO_END}, appendfsync everysec")).await?;
        self.redis().set_sync("always")
    }

    /// How fast what waits is taken in and applied, by the number of workers.
    pub async fn workers(&mut self, database: &Database) -> Result<()> {
        (self.measurement.say)(format_args!("Workers"));
        let columns = ["put into the queue, events/s", "drained, events/s"];
        let mut drained = Table::new("workers", &columns);
        let mut memory = Table::new("in the memory of Redis, bytes", &["each"]);
        for workers in WORKERS {
            let number = workers.to_string();
            let node = self.node(database, "workers", &[("SCORELINE_WORKERS", &*number)]).await?;
            operate(&node, "/api/admin/queue/pause").await?;
            let before = database.applied().await?;
            let empty = self.redis().memory_bytes()?;
            let burst = self.bench(&node).burst("put into the queue", WAITING_EVENTS).await?;
            let full = self.redis().memory_bytes()?;
            let begun = Instant::now();
            operate(&node, "/api/admin/queue/resume").await?;
            let (after, last) = database.wait_for(before + burst.accepted).await?;
            let seconds = last.duration_since(begun).as_secs_f64();
            let per_second = rate(after - before, seconds);
            (self.measurement.say)(format_args!("  {workers} workers: {per_second:.0} events/s"));
            drained.add(&number, &[burst.events_per_second, per_second]);
            self.none_missing(&format!("{workers} workers"), burst.accepted, after - before);
            if workers == WORKERS[0] {
                let waiting = full.saturating_sub(empty) as f64;
                memory.add("an event that waits", &[waiting / burst.accepted.max(1) as f64]);
            }
            node.stop().await?;
        }
        self.measurement.report.tables.extend([drained, memory]);
        Ok(())
    }

    /// How long after its acknowledgement on one node a score is seen on another, while all of them
    /// take events.
    pub async fn freshness(&mut self) -> Result<()> {
        (self.measurement.say)(format_args!("{NODES} nodes"));
        let database = self.fresh().await?;
        let mut nodes = Vec::new();
        for n in 0..NODES {
            nodes.push(self.node(&database, &format!("node-{n}"), &[]).await?);
        }
        let length = self.measurement.options.duration;
        let warm_up = self.measurement.options.warm_up;
        let mut loads = tokio::task::JoinSet::new();
        for (n, node) in nodes.iter().enumerate() {
            let bench: Bench = self.exact_bench(node, warm_up + length);
            let per_second = EVENTS_BESIDE_PROBES / NODES as f64;
            let name = format!("events on node {} of {NODES}", n + 1);
            loads.spawn(async move { bench.events(&name, per_second).await });
        }
        tokio::time::sleep(warm_up).await;
        let routes: [Route; NODES] = std::array::from_fn(|n| Route {
            write: nodes[n].target.clone(),
            read: nodes[(n + 1) % NODES].target.clone(),
        });
        let (rank, top) = freshness::probe(&routes, length).await?;
        let mut sent = rank.requests - rank.errors;
        while let Some(load) = loads.join_next().await {
            sent += {
                let load = load.map_err(Error::unexpected("a load"))??;
                self.measurement.note(load).accepted
            };
        }
        let (applied, _) = database.wait_for(sent).await?;
        self.none_missing("three nodes", sent, applied);
        for phase in [rank, top] {
            let phase = self.measurement.note(phase);
            let name = format!("{}: p99 in ms, over {NODES} nodes", phase.name);
            self.measurement.report.expect(&name, ms(phase.p99_us), Bound::AtMost(1_000.0));
        }
        for node in nodes {
            node.stop().await?;
        }
        Ok(())
    }
}

/// Sends a node a request that only operators may send.
async fn operate(node: &Measured, path: &str) -> Result<()> {
    let mut connection = Connection::new(node.operator()?);
    let begun = Instant::now();
    loop {
        let answer = connection.post_json(path, &serde_json::json!({})).await?;
        if answer.is_success() {
            return Ok(());
        }
        // A node that has just started may not be sure of its queue yet.
        if begun.elapsed() > Duration::from_secs(10) {
            let said = String::from_utf8_lossy(&answer.body);
            return Err(Error::Measured(format!("refuses {path}: {said}")));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
