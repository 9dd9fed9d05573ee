//! Nodes that share everything but the time: the clock of one server stands for the database's.
//!
//! A database's clock cannot be turned, and one server alone needs no other to agree with.

use std::sync::Arc;

use async_trait::async_trait;
use scoreline_core::nodes::{Node, NodeId, NodeReport, Nodes};
use scoreline_core::store::Result;
use scoreline_core::time::{Clock, Timestamp};
use scoreline_server::{Config, Patience, Server, Substitutes};

/// Starts a server that goes by `clock` even where nodes share the clock of their database.
pub async fn start(config: &Config, clock: Arc<dyn Clock>, patience: Option<Patience>) -> Server {
    let own = Arc::clone(&clock);
    let by_own_clock = |nodes| Arc::new(OwnClock { nodes, clock: own }) as Arc<dyn Nodes>;
    let substitutes =
        Substitutes { nodes: Some(Box::new(by_own_clock)), patience, ..Substitutes::default() };
    Server::start_with(config, clock, substitutes).await.expect("the server starts")
}

/// Nodes as the database knows them, and a clock that is not the database's.
struct OwnClock {
    nodes: Arc<dyn Nodes>,
    clock: Arc<dyn Clock>,
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
