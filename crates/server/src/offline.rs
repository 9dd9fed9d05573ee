//! The parts without a server: for tools that change data.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::intake::Intake;
use scoreline_core::operations::Operations;
use scoreline_core::time::Clock;
use scoreline_workers::{Setup, Workers, start};

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::error::ServerError;
use crate::profile::Profile;

/// How long the workers may take to come to rest.
const REST_TIMEOUT: Duration = Duration::from_secs(60);

/// Everything but the HTTP API, in the hands of a tool.
pub struct Offline {
    workers: Workers,
    _data_dir: Option<DataDir>,
}

impl Offline {
    /// Takes the data of the settings; a data directory only if no server holds it.
    pub async fn hold(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, ServerError> {
        // Without a data directory of its own to protect, a tool may work beside servers.
        let data_dir = match config.profile.postgres() {
            Some(_) => None,
            None => Some(DataDir::hold(&config.data_dir)?),
        };
        let profile = Profile::open(config, None).await?;
        let workers = start(Setup {
            store: profile.store,
            clock,
            definition_file: config.game.clone(),
            replace_game: config.replace_game,
            retention_days: config.retention_days,
            set_aside_max: config.set_aside_max,
            transactions: profile.transactions,
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
