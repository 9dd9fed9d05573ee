//! Whether Redis is there, and what is owed to it.
//!
//! While it is away every question fails at once, so that readers can ask the store instead, and a
//! task of its own looks for it. A board whose updates or whose end Redis did not take is outdated
//! there: it is remembered, and forgotten in Redis before anything else is asked of it. Until then
//! this node is behind, and says so to the others.
//!
//! On a cluster nothing fails at once, as other nodes than the one that is away have their boards:
//! there each command finds out for itself, within its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use redis::{Cmd, ErrorKind, RedisError, RedisResult, Value};
use rustc_hash::FxHashSet;
use scoreline_core::id::BoardKey;
use scoreline_core::rank::RankError;
use scoreline_redis_link::{Link, Server, Source};

use super::keys::Keys;
use super::scripts;

/// How long Redis may take for an answer.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(400);
/// Between two looks for a Redis that is away.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Redis, as one node sees it.
pub struct Reach {
    pub keys: Keys,
    link: Link,
    is_cluster: bool,
    is_away: AtomicBool,
    outdated: Mutex<FxHashSet<BoardKey>>,
}

impl Reach {
    /// Looks for Redis, but for no longer than a connection and an answer may take.
    pub async fn new(server: Server, keys: Keys) -> Arc<Self> {
        let is_cluster = server.is_cluster();
        let link = Link::new(Arc::new(server), RESPONSE_TIMEOUT);
        let (is_away, outdated) = (AtomicBool::new(false), Mutex::default());
        let reach = Arc::new(Self { keys, link, is_cluster, is_away, outdated });
        if let Err(error) = reach.ping().await {
            reach.failed(error);
        }
        reach
    }

    /// Runs a script on a board.
    pub async fn run(
        self: &Arc<Self>,
        board: BoardKey,
        script: &Source,
        arguments: impl Fn(&mut Cmd),
    ) -> Result<Value, RankError> {
        self.ready().await?;
        self.run_as_it_is(board, script, arguments).await.map_err(|error| self.failed(error))
    }

    /// Sends a command that is no script.
    pub async fn send(self: &Arc<Self>, cmd: &Cmd) -> Result<Value, RankError> {
        self.ready().await?;
        self.link.send(cmd).await.map_err(|error| self.failed(error))
    }

    /// Remembers that what Redis holds of a board is outdated.
    pub fn is_outdated(&self, board: BoardKey) {
        self.outdated.lock().insert(board);
    }

    /// Whether Redis holds something outdated that it could not be told to forget.
    pub fn is_behind(&self) -> bool {
        !self.outdated.lock().is_empty()
    }

    async fn ready(self: &Arc<Self>) -> Result<(), RankError> {
        if self.is_away.load(Ordering::Acquire) {
            let away = std::io::Error::from(std::io::ErrorKind::NotConnected);
            return Err(RankError::Unreachable(Box::new(away)));
        }
        self.forget_outdated().await.map_err(|error| self.failed(error))
    }

    async fn forget_outdated(&self) -> RedisResult<()> {
        loop {
            let Some(board) = self.outdated.lock().iter().next().copied() else { return Ok(()) };
            self.run_as_it_is(board, &scripts::UNLOAD, |_| {}).await?;
            self.outdated.lock().remove(&board);
        }
    }

    async fn run_as_it_is(
        &self,
        board: BoardKey,
        script: &Source,
        arguments: impl Fn(&mut Cmd),
    ) -> RedisResult<Value> {
        script.run(&self.link, &self.keys.of(board), arguments).await
    }

    async fn ping(&self) -> RedisResult<()> {
        self.link.send(&redis::cmd("PING")).await.map(drop)
    }

    /// What an error means, and the search if Redis is away.
    fn failed(self: &Arc<Self>, error: RedisError) -> RankError {
        if !self.is_cluster && is_away(&error) && !self.is_away.swap(true, Ordering::AcqRel) {
            tracing::warn!(ranks.error = %error, "the ranks in Redis cannot be reached");
            let reach = Arc::downgrade(self);
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(LOOK_EVERY).await;
                    let Some(reach) = reach.upgrade() else { return };
                    if reach.ping().await.is_ok() && reach.forget_outdated().await.is_ok() {
                        reach.is_away.store(false, Ordering::Release);
                        tracing::info!("the ranks in Redis can be reached again");
                        return;
                    }
                }
            });
        }
        RankError::Unreachable(Box::new(error))
    }
}

/// Whether the next command would most likely fail as well.
fn is_away(error: &RedisError) -> bool {
    let is_code = matches!(error.code(), Some("LOADING" | "MASTERDOWN" | "BUSY"));
    is_code || error.kind() == ErrorKind::Io || error.is_unrecoverable_error()
}
