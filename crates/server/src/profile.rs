//! What the settings choose: where events are stored, and where they wait.
//!
//! Embedded: SQLite. With `DATABASE_URL`: PostgreSQL, which several nodes may share. With `REDIS_URL`
//! too: the queue.

use std::num::NonZeroU32;
use std::sync::Arc;

use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::id::DatabaseId;
use scoreline_core::limits::RESERVE_BYTES;
use scoreline_core::nodes::Nodes;
use scoreline_core::plural::counted;
use scoreline_core::queue::QueueSettings;
use scoreline_core::reload::Change;
use scoreline_core::store::schema::Migration;
use scoreline_core::store::{Store, StoreError};
use scoreline_core::time::Clock;
use scoreline_queue_redis::{RedisOptions, RedisQueue};
use scoreline_store_postgres::{Examination, PendingMigration, PostgresStore, Settings};
use scoreline_store_sqlite::{Access, Options, SqliteStore};
use scoreline_workers::preview_definition;
use scoreline_workers::queued::QueueSetup;

use crate::config::{self, Config, PostgresConfig, RedisConfig};
use crate::data_dir::DataDir;
use crate::error::ServerError;

/// Transactions that apply events directly to PostgreSQL at once: more do not make it faster, and
/// their batches get smaller.
const POSTGRES_TRANSACTIONS: NonZeroU32 = NonZeroU32::new(4).expect("four is not zero");

/// The parts that a server or a tool works with.
pub(crate) struct Profile {
    pub store: Arc<dyn Store>,
    /// How many transactions that apply events the store takes at once.
    pub transactions: NonZeroU32,
    pub queue: Option<QueueSetup>,
    /// The nodes that share the database; `None` where only one node is possible.
    pub nodes: Option<Arc<dyn Nodes>>,
}

impl Profile {
    /// Opens everything, and brings the schema of the database up to date: by these migrations, if
    /// they are not those of this version.
    pub async fn open(
        config: &Config,
        migrations: Option<Vec<Migration>>,
    ) -> Result<Self, ServerError> {
        match &config.profile {
            config::Profile::Embedded => Self::embedded(config),
            config::Profile::Postgres(postgres) => {
                Self::shared(config, postgres, None, migrations).await
            }
            config::Profile::PostgresAndRedis(postgres, redis) => {
                Self::shared(config, postgres, Some(redis), migrations).await
            }
        }
    }

    fn embedded(config: &Config) -> Result<Self, ServerError> {
        let path = DataDir::database(&config.data_dir);
        let options = Options { reserve_bytes: Some(RESERVE_BYTES), ..Options::default() };
        let store = SqliteStore::open_with(&path, Access::ReadWrite, options);
        Ok(Self {
            store: Arc::new(store.map_err(|error| failed(config, error))?),
            transactions: NonZeroU32::MIN,
            queue: None,
            nodes: None,
        })
    }

    async fn shared(
        config: &Config,
        postgres: &PostgresConfig,
        redis: Option<&RedisConfig>,
        migrations: Option<Vec<Migration>>,
    ) -> Result<Self, ServerError> {
        let mut settings = settings(config, postgres);
        settings.migrations = migrations.unwrap_or(settings.migrations);
        let store = PostgresStore::open(&settings).await;
        let store = Arc::new(store.map_err(|error| failed(config, error))?);
        let identity = store.identity().await.map_err(|error| failed(config, error))?;
        let queue = redis.map(|redis| queue(config, redis, identity)).transpose()?;
        Ok(Self {
            store: Arc::clone(&store) as Arc<dyn Store>,
            transactions: POSTGRES_TRANSACTIONS,
            queue,
            nodes: Some(store),
        })
    }
}

fn queue(
    config: &Config,
    redis: &RedisConfig,
    database: DatabaseId,
) -> Result<QueueSetup, ServerError> {
    let options = RedisOptions {
        namespace: config.namespace.clone(),
        root_certificate: redis.root_certificate.clone(),
        settings: QueueSettings { lease: redis.lease, ..QueueSettings::of(database) },
        ..RedisOptions::new(&redis.url, database)
    };
    let queue = RedisQueue::connect(options)?;
    Ok(QueueSetup {
        queue: Arc::new(queue),
        workers: redis.workers,
        accepted: redis.accepts.clone(),
    })
}

/// The queue of the settings as a node of `database` has it, for tools; `None` where there is none.
pub fn shared_queue(
    config: &Config,
    database: DatabaseId,
) -> Result<Option<QueueSetup>, ServerError> {
    config.profile.redis().map(|redis| queue(config, redis, database)).transpose()
}

/// How the PostgreSQL of the settings is set up; `None` where there is none.
pub async fn examine_postgres(config: &Config) -> Result<Option<Examination>, ServerError> {
    let Some(postgres) = config.profile.postgres() else { return Ok(None) };
    let examined = PostgresStore::examine(&settings(config, postgres)).await;
    examined.map(Some).map_err(|error| failed(config, error))
}

/// How PostgreSQL is reached.
pub(crate) fn settings(config: &Config, postgres: &PostgresConfig) -> Settings {
    Settings {
        namespace: config.namespace.clone(),
        connections: postgres.connections as usize,
        pooler: postgres.by_transaction,
        ..Settings::new(&postgres.url)
    }
}

/// What others can do to the connections to PostgreSQL on their way, if they can do anything.
pub fn exposure(config: &Config) -> Option<&'static str> {
    settings(config, config.profile.postgres()?).exposure().ok().flatten()
}

/// Opens the database of the settings for reading, beside a server if one runs, with the plan in
/// force there.
pub async fn inspect(config: &Config) -> Result<(Arc<dyn Store>, Arc<Plan>), ServerError> {
    let store = present(config).await.map_err(|error| failed(config, error))?;
    let plan = plan_in_force(&*store).await.map_err(|error| failed(config, error))?;
    Ok((store, plan))
}

/// What putting the definition file of the settings in force would change; the database is only
/// read.
pub async fn preview_reload(
    config: &Config,
    clock: &dyn Clock,
) -> Result<Vec<Change>, ServerError> {
    let (store, plan) = inspect(config).await?;
    let changes = preview_definition(&*store, &plan, config.game.as_deref(), clock.now());
    Ok(changes.await?)
}

async fn present(config: &Config) -> Result<Arc<dyn Store>, StoreError> {
    if let Some(postgres) = config.profile.postgres() {
        return Ok(Arc::new(present_postgres(config, postgres).await?));
    }
    let path = DataDir::database(&config.data_dir);
    if !path.exists() {
        let reason = "there is no database here yet; start the server once".to_owned();
        return Err(StoreError::Unusable(reason));
    }
    Ok(Arc::new(SqliteStore::open(&path, Access::ReadOnly)?))
}

async fn present_postgres(
    config: &Config,
    postgres: &PostgresConfig,
) -> Result<PostgresStore, StoreError> {
    let settings = settings(config, postgres);
    let pending = PostgresStore::pending_migrations(&settings).await?;
    if !pending.is_empty() {
        return Err(StoreError::Unusable(format!(
            "its schema misses {}; start the server once, or run 'scoreline migrate'",
            counted(pending.len(), "migration")
        )));
    }
    PostgresStore::open(&settings).await
}

/// The identity of the PostgreSQL of the settings, which must be there already; `None` where there is
/// none.
pub async fn database_identity(config: &Config) -> Result<Option<DatabaseId>, ServerError> {
    let Some(postgres) = config.profile.postgres() else { return Ok(None) };
    let asked = async { present_postgres(config, postgres).await?.identity().await };
    asked.await.map(Some).map_err(|error| failed(config, error))
}

/// Gives the PostgreSQL of the settings a new identity, unless nodes run on it; `None` where there is
/// none.
pub async fn renew_identity(config: &Config) -> Result<Option<DatabaseId>, ServerError> {
    let Some(postgres) = config.profile.postgres() else { return Ok(None) };
    let renewed = async { present_postgres(config, postgres).await?.renew_identity().await };
    renewed.await.map(Some).map_err(|error| failed(config, error))
}

async fn plan_in_force(store: &dyn Store) -> Result<Arc<Plan>, StoreError> {
    let text = store.definition().await?.ok_or_else(|| {
        let reason = "it holds no game definition yet: no server has started on it".to_owned();
        StoreError::Unusable(reason)
    })?;
    let definition = Definition::parse(&text).map_err(|mistakes| {
        let reason =
            format!("the definition in force is not valid for this version: {}", mistakes[0]);
        StoreError::Unusable(reason)
    })?;
    store.plan(Arc::new(definition)).await
}

/// What would run to bring the schema of the configured PostgreSQL up to date. Changes nothing.
pub async fn pending_migrations(config: &Config) -> Result<Vec<PendingMigration>, ServerError> {
    let Some(postgres) = config.profile.postgres() else { return Ok(Vec::new()) };
    let pending = PostgresStore::pending_migrations(&settings(config, postgres)).await;
    pending.map_err(|error| failed(config, error))
}

/// Brings the schema of the configured database up to date, as a start would.
pub async fn migrate(config: &Config) -> Result<(), ServerError> {
    Profile::open(config, None).await.map(drop)
}

/// Adds to an error the address of the database, without its password.
pub(crate) fn failed(config: &Config, reason: StoreError) -> ServerError {
    let database = match config.profile.postgres() {
        Some(_) => format!("PostgreSQL, schema {}", config.namespace),
        None => DataDir::database(&config.data_dir).display().to_string(),
    };
    ServerError::Store { database, reason }
}
