//! A node's way to what all nodes agree on, and its life from start to death.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use scoreline_core::limits::RETENTION_DAYS;
use scoreline_core::nodes::{Node, NodeId, NodeReport, Nodes};
use scoreline_core::queue::QueueSettings;
use scoreline_core::store::{Result, SetAsideMax, Store};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_testkit::memory_nodes::MemoryNodes;
use scoreline_testkit::queue_conformance::world::DATABASE;
use scoreline_workers::queued::QueueSetup;
use scoreline_workers::{NodesSetup, Setup, Workers, start};
use uuid::Uuid;

use crate::line::{Life, Line, Weight};
use crate::queue::DistantQueue;
use crate::shared::Shared;
use crate::store::DistantStore;
use crate::world::MachineClock;

/// Shorter than in production, so that a run is short.
const LEASE: Duration = Duration::from_secs(6);
/// Workers of the queue on each node.
const WORKERS: u32 = 2;
/// The most by which the clock of a machine is wrong.
const CLOCK_WRONG_MS: u64 = 400;
/// Between two attempts to start.
const START_AGAIN: Duration = Duration::from_millis(500);

/// A node that runs.
pub struct Running {
    pub workers: Workers,
    pub line: Line,
}

/// A node's way to the others.
pub struct DistantNodes {
    line: Line,
    inner: Arc<MemoryNodes>,
}

impl Shared {
    /// Starts a node, again and again until it runs. `None` if it died on the way.
    pub async fn start_node(self: &Arc<Self>) -> Option<Running> {
        let node = {
            let mut nodes = self.nodes.lock();
            *nodes += 1;
            *nodes
        };
        let line = Line { world: Arc::clone(&self.world), life: Arc::new(Life::default()), node };
        self.world.note(format_args!("node {node} starts"));
        loop {
            let started = tokio::select! {
                biased;
                started = start(self.setup(&line)) => started,
                () = line.life.over() => return None,
            };
            match started {
                Ok(workers) => return Some(Running { workers, line }),
                Err(error) => {
                    self.world.note(format_args!("node {node} does not start: {error}"));
                    tokio::time::sleep(START_AGAIN).await;
                }
            }
        }
    }

    fn setup(self: &Arc<Self>, line: &Line) -> Setup {
        let wrong_ms =
            i64::try_from(self.world.draw(|random| random.between(0, 2 * CLOCK_WRONG_MS)));
        let ahead_ms = wrong_ms.expect("small") - CLOCK_WRONG_MS.cast_signed();
        let queue =
            self.broker.connect(QueueSettings { lease: LEASE, ..QueueSettings::of(DATABASE) });
        Setup {
            store: Arc::new(DistantStore { line: line.clone(), shared: Arc::clone(self) })
                as Arc<dyn Store>,
            clock: Arc::new(MachineClock { world: Arc::clone(&self.world), ahead_ms })
                as Arc<dyn Clock>,
            definition_file: None,
            replace_game: false,
            retention_days: RETENTION_DAYS,
            set_aside_max: SetAsideMax::default(),
            // More than one: the loop that commits is a task then, and no thread of its own.
            transactions: NonZeroU32::new(3).expect("not 0"),
            queue: Some(QueueSetup {
                queue: Arc::new(DistantQueue { line: line.clone(), inner: queue }),
                workers: WORKERS,
                accepted: Vec::new(),
            }),
            nodes: Some(NodesSetup {
                nodes: Arc::new(DistantNodes {
                    line: line.clone(),
                    inner: Arc::clone(&self.registry),
                }),
                me: NodeReport {
                    node: NodeId(Uuid::from_u128(line.node.into())),
                    watermark: Timestamp::EPOCH,
                    version: "simulated".to_owned(),
                    address: format!("node {}", line.node),
                },
            }),
            jobs: true,
        }
    }
}

impl DistantNodes {
    async fn ask<T>(
        &self,
        step: &str,
        weight: Weight,
        work: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        self.line.ask(step, weight, || crate::queue::at_once(work)).await
    }
}

#[async_trait]
impl Nodes for DistantNodes {
    async fn time(&self) -> Result<Timestamp> {
        self.ask("time", Weight::Read, self.inner.time()).await
    }

    async fn report(&self, report: NodeReport) -> Result<()> {
        self.ask("report", Weight::Read, self.inner.report(report)).await
    }

    async fn leave(&self, node: NodeId) -> Result<()> {
        self.ask("leave", Weight::Write, self.inner.leave(node)).await
    }

    async fn running(&self) -> Result<Vec<Node>> {
        self.ask("running", Weight::Read, self.inner.running()).await
    }

    async fn fallen(&self) -> Result<Vec<Node>> {
        self.ask("fallen", Weight::Read, self.inner.fallen()).await
    }

    async fn take_turn(&self, name: &str, node: NodeId, for_ms: i64) -> Result<bool> {
        self.ask("take turn", Weight::Read, self.inner.take_turn(name, node, for_ms)).await
    }

    async fn end_turn(&self, name: &str, node: NodeId) -> Result<()> {
        self.ask("end turn", Weight::Write, self.inner.end_turn(name, node)).await
    }

    async fn secret(&self, name: &str, proposed: &str) -> Result<String> {
        self.ask("secret", Weight::Write, self.inner.secret(name, proposed)).await
    }
}
