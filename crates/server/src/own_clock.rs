//! Nodes that share everything but the time: the clock of one server stands for the database's.
//!
//! Only tests want this. A database's clock cannot be turned, and one server alone needs no other to
//! agree with.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::nodes::{Node, NodeId, NodeReport, Nodes};
use scoreline_core::store::Result;
use scoreline_core::time::{Clock, Timestamp};

/// Nodes as the database knows them, and a clock that is not the database's.
pub(crate) struct OwnClock {
    nodes: Arc<dyn Nodes>,
    clock: Arc<dyn Clock>,
}

impl OwnClock {
    /// These nodes by this clock.
    pub fn of(nodes: Arc<dyn Nodes>, clock: Arc<dyn Clock>) -> Arc<dyn Nodes> {
        Arc::new(Self { nodes, clock })
    }
}

#[async_trait]
impl Nodes for OwnClock {
    async fn time(&self) -> Result<Timestamp> {
        Ok(self.clock.now())
    }

    async fn report(&self, report: NodeReport) -> Result<()> {
        self.nodes.report(report).await
    }

    async fn leave(&self, node: NodeId) -> Result<()> {
        self.nodes.leave(node).await
    }

    async fn running(&self) -> Result<Vec<Node>> {
        self.nodes.running().await
    }

    async fn fallen(&self) -> Result<Vec<Node>> {
        self.nodes.fallen().await
    }

    async fn take_turn(&self, name: &str, node: NodeId, for_ms: i64) -> Result<bool> {
        self.nodes.take_turn(name, node, for_ms).await
    }

    async fn end_turn(&self, name: &str, node: NodeId) -> Result<()> {
        self.nodes.end_turn(name, node).await
    }

    async fn secret(&self, name: &str, proposed: &str) -> Result<String> {
        self.nodes.secret(name, proposed).await
    }
}
