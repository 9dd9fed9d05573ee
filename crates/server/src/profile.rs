//! What the settings choose: where events are stored and wait, and where ranks are.
//!
//! Embedded: SQLite and ranks in memory. With `DATABASE_URL`: PostgreSQL, which several nodes may
//! share. With `REDIS_URL` too: the queue and ranks that all nodes see.

use std::num::NonZeroU32;
use std::sync::Arc;

use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::nodes::Nodes;
use scoreline_core::rank::RankIndex;
use scoreline_core::store::{Store, StoreError};
use scoreline_ranking::MemoryRanks;
use scoreline_store_sqlite::{Access, SqliteStore};
use scoreline_workers::queued::QueueSetup;

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::server::ServerError;

/// The parts that a server or a tool works with.
pub(crate) struct Profile {
    pub store: Arc<dyn Store>,
    /// How many transactions that apply events the store takes at once.
    pub transactions: NonZeroU32,
    pub index: Arc<dyn RankIndex>,
    /// Whether all nodes see the same ranks.
    pub ranks_are_shared: bool,
    pub queue: Option<QueueSetup>,
    /// The nodes that share the database; `None` where there can be but one.
    pub nodes: Option<Arc<dyn Nodes>>,
}

impl Profile {
    /// Opens everything, and brings the schema of the database up to date.
    pub async fn open(config: &Config) -> Result<Self, ServerError> {
        let path = DataDir::database(&config.data_dir);
        let store = SqliteStore::open(&path, Access::ReadWrite);
        Ok(Self {
            store: Arc::new(store.map_err(|reason| failed(config, reason))?),
            transactions: NonZeroU32::MIN,
            index: Arc::new(MemoryRanks::new()),
            ranks_are_shared: false,
            queue: None,
            nodes: None,
        })
    }
}

/// Opens the database of the settings for reading, beside a server if one runs, with the plan in
/// force there.
pub async fn inspect(config: &Config) -> Result<(Arc<dyn Store>, Arc<Plan>), ServerError> {
    let store = present(config).await.map_err(|reason| failed(config, reason))?;
    let plan = plan_in_force(&*store).await.map_err(|reason| failed(config, reason))?;
    Ok((store, plan))
}

async fn present(config: &Config) -> Result<Arc<dyn Store>, StoreError> {
    let path = DataDir::database(&config.data_dir);
    if !path.exists() {
        let reason = "there is no database here yet; start the server once".to_owned();
        return Err(StoreError::Unusable(reason));
    }
    Ok(Arc::new(SqliteStore::open(&path, Access::ReadOnly)?))
}

async fn plan_in_force(store: &dyn Store) -> Result<Arc<Plan>, StoreError> {
    let text = store
        .definition()
        .await?
        .ok_or_else(|| StoreError::NotFound("a game definition in the database".to_owned()))?;
    let definition = Definition::parse(&text).map_err(|mistakes| {
        let reason =
            format!("the definition in force is not valid for this version: {}", mistakes[0]);
        StoreError::Unusable(reason)
    })?;
    store.plan(Arc::new(definition)).await
}

/// Says which database it is about, without its password.
fn failed(config: &Config, reason: StoreError) -> ServerError {
    let database = DataDir::database(&config.data_dir).display().to_string();
    ServerError::Store { database, reason }
}
