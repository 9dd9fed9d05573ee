//! Nodes in memory: the second implementation of [`scoreline_core::nodes::Nodes`], by a clock that
//! tests turn by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use scoreline_core::nodes::{NODE_SILENT_MS, Node, NodeId, NodeReport, Nodes};
use scoreline_core::store::{Result, StoreError};
use scoreline_core::time::{Clock, Timestamp};

/// Some nodes, and whose turn it is.
pub struct MemoryNodes {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    away: bool,
    nodes: BTreeMap<NodeId, Node>,
    turns: BTreeMap<String, (NodeId, Timestamp)>,
    secrets: BTreeMap<String, String>,
}

impl MemoryNodes {
    /// Nodes that go by `clock`, none so far.
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { clock, state: Mutex::default() })
    }

    /// Makes the database unreachable, or reachable again.
    pub fn set_away(&self, away: bool) {
        self.state.lock().away = away;
    }

    fn with<T>(&self, work: impl FnOnce(&mut State, Timestamp) -> T) -> Result<T> {
        let mut state = self.state.lock();
        if state.away {
            return Err(StoreError::Unreachable("a test took it away".to_owned()));
        }
        Ok(work(&mut state, self.clock.now()))
    }
}

#[async_trait]
impl Nodes for MemoryNodes {
    async fn time(&self) -> Result<Timestamp> {
        self.with(|_, now| now)
    }

    async fn report(&self, report: NodeReport) -> Result<()> {
        self.with(|state, now| {
            state.nodes.insert(report.node, Node { report, reported_at: now });
        })
    }

    async fn leave(&self, node: NodeId) -> Result<()> {
        self.with(|state, _| {
            state.nodes.remove(&node);
        })
    }

    async fn running(&self) -> Result<Vec<Node>> {
        self.with(|state, now| {
            let runs = |node: &&Node| now.ms_since(node.reported_at) < NODE_SILENT_MS;
            state.nodes.values().filter(runs).cloned().collect()
        })
    }

    async fn fallen(&self) -> Result<Vec<Node>> {
        self.with(|state, now| {
            let fell = |node: &&Node| now.ms_since(node.reported_at) >= NODE_SILENT_MS;
            state.nodes.values().filter(fell).cloned().collect()
        })
    }

    async fn take_turn(&self, name: &str, node: NodeId, for_ms: i64) -> Result<bool> {
        self.with(|state, now| {
            let taken =
                state.turns.get(name).is_some_and(|(by, until)| *by != node && now < *until);
            if !taken {
                state.turns.insert(name.to_owned(), (node, now.plus_ms(for_ms)));
            }
            !taken
        })
    }

    async fn end_turn(&self, name: &str, node: NodeId) -> Result<()> {
        self.with(|state, _| {
            if state.turns.get(name).is_some_and(|(by, _)| *by == node) {
                state.turns.remove(name);
            }
        })
    }

    async fn secret(&self, name: &str, proposed: &str) -> Result<String> {
        self.with(|state, _| {
            state.secrets.entry(name.to_owned()).or_insert_with(|| proposed.to_owned()).clone()
        })
    }
}
