//! A data directory without a server: for tools that look at it, or change it while none runs.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::intake::Intake;
use scoreline_core::operations::Operations;
use scoreline_core::store::{ProjectionStore, StoreError};
use scoreline_core::time::Clock;
use scoreline_ranking::MemoryRanks;
use scoreline_store_sqlite::{Access, SqliteStore, stored_definition};
use scoreline_workers::{Setup, Workers, start};

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::server::ServerError;

/// How long the workers may take to come to rest.
const REST_TIMEOUT: Duration = Duration::from_secs(60);

/// A data directory held by a tool, with everything but the HTTP API.
pub struct Offline {
    workers: Workers,
    _data_dir: DataDir,
}

impl Offline {
    /// Takes a data directory that no server holds.
    pub async fn hold(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, ServerError> {
        let data_dir = DataDir::hold(&config.data_dir)?;
        let path = DataDir::database(&config.data_dir);
        let store = SqliteStore::open(&path, Access::ReadWrite)
            .map_err(|source| ServerError::Store { path, source })?;
        let workers = start(Setup {
            store: Arc::new(store),
            index: Arc::new(MemoryRanks::new()),
            clock,
            definition_file: config.game.clone(),
            retention_days: config.retention_days,
            transactions: NonZeroU32::MIN,
            queue: None,
            nodes: None,
            jobs: false,
        })
        .await?;
        Ok(Self { workers, _data_dir: data_dir })
    }

    /// Where events go.
    pub fn intake(&self) -> Arc<dyn Intake> {
        self.workers.intake()
    }

    /// What operators can do.
    pub fn operations(&self) -> Arc<dyn Operations> {
        self.workers.operations()
    }

    /// Finishes what is under way and closes the database.
    pub async fn close(self) {
        self.workers.shutdown(REST_TIMEOUT).await;
    }
}

/// Opens the database of a data directory for reading, beside a server if one runs, with the plan
/// in force there.
pub async fn inspect(data_dir: &Path) -> Result<(SqliteStore, Arc<Plan>), ServerError> {
    let path = DataDir::database(data_dir);
    let failed = |source| ServerError::Store { path: path.clone(), source };
    if !path.exists() {
        let reason = "there is no database here yet; start the server once".to_owned();
        return Err(failed(StoreError::Unusable(reason)));
    }
    let store = SqliteStore::open(&path, Access::ReadOnly).map_err(failed)?;
    let text = stored_definition(&path).map_err(failed)?;
    let definition = Definition::parse(&text).map_err(|mistakes| {
        let reason =
            format!("the definition in force is not valid for this version: {}", mistakes[0]);
        failed(StoreError::Unusable(reason))
    })?;
    let plan = store.plan(Arc::new(definition)).await.map_err(failed)?;
    Ok((store, plan))
}
