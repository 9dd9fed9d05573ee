//! This node among those that share its database: what it tells them, and what it must know of them.
//!
//! Every node reports how far everything it received is settled. A tournament closes when all nodes
//! that run have passed its end. Jobs that one node should do at a time are done by the one whose
//! turn it is; they are safe to be done twice, so nothing depends on that turn being exclusive.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use scoreline_core::intake::Intake;
use scoreline_core::nodes::{NODE_REPORT_MS, NODE_SILENT_MS, Node, NodeId, NodeReport, Nodes};
use scoreline_core::store::StoreError;
use scoreline_core::time::{Clock, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::timekeeper::Timekeeper;

/// The turn of the node that does the jobs.
const JOBS_TURN: &str = "jobs";
/// What is needed to be one of several nodes.
pub struct NodesSetup {
    /// The nodes.
    pub nodes: Arc<dyn Nodes>,
    /// Who this node is; the watermark does not matter.
    pub me: NodeReport,
}

/// This node, as one of several.
pub struct Membership {
    nodes: Arc<dyn Nodes>,
    clock: Arc<Timekeeper>,
    intake: Arc<dyn Intake>,
    me: NodeReport,
    others: Mutex<Vec<Node>>,
    has_turn: AtomicBool,
    /// When the others could last not be heard.
    unheard: Mutex<Option<Instant>>,
}

impl Membership {
    /// The node that `setup` describes; what it says of its watermark is replaced by what `intake`
    /// says.
    pub fn new(setup: NodesSetup, clock: Arc<Timekeeper>, intake: Arc<dyn Intake>) -> Arc<Self> {
        let NodesSetup { nodes, me } = setup;
        let (others, unheard) = (Mutex::default(), Mutex::default());
        let has_turn = AtomicBool::new(false);
        Arc::new(Self { nodes, clock, intake, me, others, has_turn, unheard })
    }

    /// Reports to the others until stopped. While the database is away, nothing is to be reported
    /// to, and nothing closes.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut every = tokio::time::interval(Duration::from_millis(NODE_REPORT_MS));
        loop {
            tokio::select! {
                biased;
                _ = every.tick() => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = self.report().await {
                *self.unheard.lock() = Some(self.clock.monotonic());
                tracing::debug!(store.error = %error, "this node could not report to the others");
            }
        }
    }

    /// Tells the others how far this node is, and hears who they are.
    pub async fn report(&self) -> Result<(), StoreError> {
        self.clock.ask().await?;
        let watermark = self.intake.watermark();
        self.nodes.report(NodeReport { watermark, ..self.me.clone() }).await?;
        self.hear().await.map(drop)
    }

    /// The other nodes that fell. Nobody can tell for a while after the database was away for
    /// everybody.
    async fn fallen(&self) -> Result<Vec<Node>, StoreError> {
        let silent = Duration::from_millis(NODE_SILENT_MS.unsigned_abs());
        let now = self.clock.monotonic();
        if self.unheard.lock().is_some_and(|at| now - at < silent) {
            return Ok(Vec::new());
        }
        let me = self.me.node;
        let mut fallen = self.nodes.fallen().await?;
        fallen.retain(|node| node.report.node != me);
        Ok(fallen)
    }

    /// Forgets the nodes that fell. What they committed, the change feed tells.
    pub async fn bury_fallen(&self) -> Result<(), StoreError> {
        for node in self.fallen().await? {
            tracing::info!(
                node.id = %node.report.node,
                node.address = node.report.address,
                "a node fell"
            );
            self.nodes.leave(node.report.node).await?;
        }
        Ok(())
    }

    /// Whether the jobs are this node's to do. One that cannot be asked does none.
    pub async fn takes_turn(&self) -> bool {
        let taken = self.nodes.take_turn(JOBS_TURN, self.me.node, NODE_SILENT_MS).await;
        let has_turn = taken.unwrap_or(false);
        if self.has_turn.swap(has_turn, Ordering::Relaxed) != has_turn {
            tracing::info!(node.has_turn = has_turn, "the turn to do the jobs has changed");
        }
        has_turn
    }

    /// Everything received before this is settled or in the queue, on every node that runs.
    pub async fn watermark(&self) -> Result<Timestamp, StoreError> {
        // This node's own first: a request that arrives later is stamped later.
        let own = self.intake.watermark();
        let others = self.hear().await?;
        // If the database's clock has just jumped, nodes that run look as if they had fallen silent.
        self.clock.ask().await?;
        Ok(others.iter().map(|node| node.report.watermark).fold(own, Timestamp::min))
    }

    /// The other nodes, as this one last heard of them.
    pub fn others(&self) -> Vec<Node> {
        self.others.lock().clone()
    }

    /// Says goodbye, when nothing is on its way here any more.
    pub async fn leave(&self) {
        let me = self.me.node;
        let outcome = match self.nodes.end_turn(JOBS_TURN, me).await {
            Ok(()) => self.nodes.leave(me).await,
            failed => failed,
        };
        if let Err(error) = outcome {
            // The others notice by its silence.
            tracing::debug!(store.error = %error, "this node could not say goodbye to the others");
        }
    }

    async fn hear(&self) -> Result<Vec<Node>, StoreError> {
        let me: NodeId = self.me.node;
        let mut others = self.nodes.running().await?;
        others.retain(|node| node.report.node != me);
        self.others.lock().clone_from(&others);
        Ok(others)
    }
}
