//! What all nodes of a run share: the other side of their lines.

use std::sync::Arc;

use parking_lot::Mutex;
use scoreline_testkit::memory_nodes::MemoryNodes;
use scoreline_testkit::memory_queue::MemoryBroker;
use tokio::sync::Notify;

use crate::database::Database;
use crate::world::World;

/// What nodes share.
pub struct Shared {
    pub world: Arc<World>,
    pub database: Mutex<Database>,
    /// Something was told.
    pub told: Notify,
    pub broker: MemoryBroker,
    pub registry: Arc<MemoryNodes>,
    /// How many nodes there have been.
    pub nodes: Mutex<u64>,
}
