//! What several nodes on one database agree on: who they are, whose turn it is, and what time it is.
//!
//! A single node on a database of its own needs none of this. Nothing here is needed for events to
//! count exactly once: that the transaction sees to. It is needed so that no tournament closes over
//! a request that another node is still working on, and so that jobs are done by one node at a time.

use std::fmt;

use async_trait::async_trait;
use uuid::Uuid;

use crate::store::Result;
use crate::time::Timestamp;

/// How long after its last report a node counts as running: 15 seconds. Longer than a request may
/// take from its stamp to the queue or the database, so that a node that fell silent has nothing
/// left on its way.
pub const NODE_SILENT_MS: i64 = 15_000;
/// The pause between two reports of a node: half a second, by which a tournament may close later.
pub const NODE_REPORT_MS: u64 = 500;

/// One process, from its start to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub Uuid);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a node says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeReport {
    /// Which node.
    pub node: NodeId,
    /// Everything it received before this is settled, or durably in the queue.
    pub watermark: Timestamp,
    /// What it runs, such as `0.1.0`.
    pub version: String,
    /// Where it listens, for people.
    pub address: String,
}

/// A node as the others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its last report.
    pub report: NodeReport,
    /// When that was, by the database's clock.
    pub reported_at: Timestamp,
}

/// The nodes of one database.
#[async_trait]
pub trait Nodes: Send + Sync + 'static {
    /// The time by the database's clock, which all nodes stamp by.
    async fn time(&self) -> Result<Timestamp>;

    /// Takes in what a node says of itself.
    async fn report(&self, report: NodeReport) -> Result<()>;

    /// Forgets a node that stops and has nothing on its way, or one that fell and has left nothing
    /// behind that is not put in order.
    async fn leave(&self, node: NodeId) -> Result<()>;

    /// The nodes that reported within [`NODE_SILENT_MS`], by the database's clock.
    async fn running(&self) -> Result<Vec<Node>>;

    /// The nodes that fell silent longer ago than that, without saying goodbye.
    async fn fallen(&self) -> Result<Vec<Node>>;

    /// Takes a turn, or keeps it, for `for_ms` milliseconds by the database's clock. Answers whether
    /// this node has it. A node that stops or dies loses it when the time is over.
    async fn take_turn(&self, name: &str, node: NodeId, for_ms: i64) -> Result<bool>;

    /// Gives a turn back, if this node has it.
    async fn end_turn(&self, name: &str, node: NodeId) -> Result<()>;

    /// The secret of this name that all nodes share: the one proposed first.
    async fn secret(&self, name: &str, proposed: &str) -> Result<String>;
}
