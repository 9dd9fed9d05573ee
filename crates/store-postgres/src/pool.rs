//! The connections: bounded, checked before use, and replaced when the server went away.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime,
};
use scoreline_core::slowness::Slowness;
use scoreline_core::store::schema::Migration;
use scoreline_core::store::{CrashHook, CrashPoint, PoolFigures, Result, StoreError};
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::ear::Ear;
use crate::error::{is_crowded, no_connection};
use crate::room::Room;
use crate::session::{Connection, Dialect, Session, Tx, View};
use crate::settings::Settings;

/// How long a new connection may take, all attempts together.
const CREATE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection that rested may take to show that it still works.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a connection rests before it must show that it still works. A server that closes a
/// connection says so; this is for networks that drop connections silently.
const RESTED: Duration = Duration::from_secs(20);

/// The numbers of the advisory locks of one namespace: [`Locks::NUMBERS`] in a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Locks(i64);

impl Locks {
    /// How many numbers each namespace has.
    const NUMBERS: i64 = 64;

    fn new(schema: &str) -> Self {
        let hash = fnv(format!("scoreline locks of {schema}").bytes());
        Self(hash - hash.rem_euclid(Self::NUMBERS))
    }

    /// Shared by transactions that apply by the plan, exclusive to one that changes it.
    pub fn plan(self) -> i64 {
        self.0
    }

    /// Exclusive to the node that brings the schema up to date.
    pub fn schema(self) -> i64 {
        self.0 + 1
    }

    /// Exclusive to the transaction that removes raw events.
    pub fn retention(self) -> i64 {
        self.0 + 2
    }

    /// Exclusive to the transaction that sweeps dropped slots.
    pub fn sweep(self) -> i64 {
        self.0 + 3
    }

    /// Exclusive to the transaction that writes the first shard; the locks of the other shards
    /// follow.
    pub fn shards(self) -> i64 {
        self.0 + 16
    }
}

/// FNV-1a, which is the same everywhere and for ever.
fn fnv(bytes: impl Iterator<Item = u8>) -> i64 {
    bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
        .cast_signed()
}

/// A database and the connections to it.
pub(crate) struct Database {
    pool: Pool,
    room: Room,
    /// How long a caller waits for a connection.
    wait: Duration,
    dialect: Arc<Dialect>,
    statement_timeout: Duration,
    runtime: Handle,
    days: RangeInclusive<i64>,
    crash: CrashHook,
    pub locks: Locks,
    /// Hears and tells of commits.
    pub ear: Arc<Ear>,
    /// The migrations that this program knows.
    pub migrations: Vec<Migration>,
    slowness: Mutex<Slowness>,
}

impl Database {
    /// Prepares connections; none is made yet. They live on the runtime of the caller.
    pub fn new(settings: &Settings) -> Result<Self> {
        let schema = settings.schema()?;
        let (config, trust) = settings.connection()?;
        let connector = trust.connector()?;
        let keeps_statements = !settings.is_pooled()?;
        let dialect = Arc::new(Dialect { schema: schema.clone(), keeps_statements });
        let (runtime, listening) = (Handle::current(), Arc::clone(&dialect));
        let ear = Ear::new(config.clone(), connector.clone(), listening, runtime.clone());
        let connections = settings.connections_max()?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config, connector, recycling))
            .max_size(connections)
            .wait_timeout(Some(settings.wait))
            .create_timeout(Some(CREATE_TIMEOUT))
            .recycle_timeout(Some(CHECK_TIMEOUT))
            .runtime(Runtime::Tokio1)
            .pre_recycle(Hook::async_fn(|client, metrics| {
                let rested = metrics.last_used() >= RESTED;
                Box::pin(async move {
                    if rested {
                        client.batch_execute("").await.map_err(HookError::Backend)?;
                    }
                    Ok(())
                })
            }))
            .build()
            .map_err(|error| StoreError::Failed(Box::new(error)))?;
        Ok(Self {
            pool,
            room: Room::new(connections),
            wait: settings.wait,
            locks: Locks::new(&schema),
            dialect,
            ear: Arc::new(ear),
            statement_timeout: settings.statement_timeout,
            days: -settings.days_behind..=settings.days_ahead,
            runtime,
            crash: settings.crash.clone(),
            migrations: settings.migrations.clone(),
            slowness: Mutex::default(),
        })
    }

    /// Does work on the runtime of the connections. Once begun it is finished, even if the caller
    /// stops waiting.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let outcome = self.runtime.spawn(work).await;
        let outcome = outcome.unwrap_or_else(|error| Err(StoreError::Failed(Box::new(error))));
        if matches!(outcome, Err(StoreError::Unreachable(_))) {
            // What broke this connection broke the idle ones too: they are dropped, so that no
            // other caller finds out by an error.
            self.pool.retain(|_, _| false);
        }
        outcome
    }

    /// A connection for single statements.
    pub async fn session(&self) -> Result<Session> {
        let until = Instant::now() + self.wait;
        loop {
            let place = self.room.place(until).await?;
            match self.pool.get().await {
                Ok(client) => {
                    let connection = Connection::new(client, place);
                    return Ok(Session::new(
                        connection,
                        Arc::clone(&self.dialect),
                        self.statement_timeout,
                    ));
                }
                Err(PoolError::Backend(error)) if is_crowded(&error) && Instant::now() < until => {
                    self.room.shrink(place, until).await;
                }
                Err(error) => return Err(no_connection(error)),
            }
        }
    }

    /// A transaction.
    pub async fn begin(&self, view: View) -> Result<Tx> {
        let session = self.session().await?;
        Tx::begin(session, view, self.statement_timeout, self.runtime.clone()).await
    }

    /// A transaction whose statements take as long as they take.
    pub async fn begin_long(&self, view: View) -> Result<Tx> {
        let session = self.session().await?;
        Tx::begin(session, view, Duration::ZERO, self.runtime.clone()).await
    }

    /// The schema that everything lies in.
    pub fn schema(&self) -> &str {
        &self.dialect.schema
    }

    /// The days to make, counted from today.
    pub fn days(&self) -> RangeInclusive<i64> {
        self.days.clone()
    }

    /// The runtime that the connections live on.
    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Fails here if a test lets the store die at this point.
    pub fn pass(&self, point: CrashPoint) -> Result<()> {
        self.crash.pass(point)
    }

    /// Notes how long a trivial question took, the wait for a connection included.
    pub fn note_answer(&self, took: Duration) {
        self.slowness().note(took, Instant::now().into_std());
    }

    fn slowness(&self) -> MutexGuard<'_, Slowness> {
        self.slowness.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How busy the connections are.
    pub fn figures(&self) -> PoolFigures {
        let status = self.pool.status();
        let (allowed, wanted) = self.room.allowed();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        PoolFigures {
            total: number(status.size),
            idle: number(status.available.min(status.size)),
            waiting: number(self.room.waiting()),
            max: number(allowed),
            wanted: number(wanted),
            load_percent: self.slowness().percent(Instant::now().into_std()),
        }
    }

    /// Lets go of all connections.
    pub fn close(&self) {
        self.pool.close();
    }
}
