//! One connection beside the pool that hears when other nodes commit, and tells them when this one did.
//!
//! The change feed is read on it, so that a node whose pool is busy still hears. What is announced says
//! only that there is something; the feed says what. An announcement within a transaction would make
//! commits wait for each other, so it follows the COMMIT, and not more often than every few milliseconds.
//! One that is lost costs a second: then everybody looks anyway. Behind a pooler nothing can be heard,
//! and everybody looks more often.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::poll_fn;
use scoreline_core::limits::{FEED_GAP_MS, FEED_POLL_MS, FEED_POLL_POOLED_MS, FEED_RING_MS};
use scoreline_core::store::{Result, StoreError};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Config, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::translate;
use crate::session::Dialect;

/// How long an answer may take before the connection is given up: a network that forgets says nothing.
const ANSWER_LONGEST: Duration = Duration::from_secs(5);

/// The connection of one store.
pub(crate) struct Ear {
    config: Config,
    connector: MakeRustlsConnect,
    dialect: Arc<Dialect>,
    runtime: Handle,
    /// What is open; `None` at first and after a failure.
    client: Mutex<Option<Arc<Client>>>,
    /// Counts announcements.
    rung: Arc<watch::Sender<u64>>,
    /// Wakes whoever announces.
    committed: Notify,
}

impl Ear {
    /// Nothing is opened yet.
    pub fn new(
        config: Config,
        connector: MakeRustlsConnect,
        dialect: Arc<Dialect>,
        runtime: Handle,
    ) -> Self {
        let (client, committed) = (Mutex::default(), Notify::new());
        let rung = Arc::new(watch::Sender::new(0));
        Self { config, connector, dialect, runtime, client, rung, committed }
    }

    /// The rows of an answer.
    pub async fn ask(&self, sql: &str, values: &[(&(dyn ToSql + Sync), Type)]) -> Result<Vec<Row>> {
        let client = self.client().await?;
        let text = self.dialect.text(sql);
        let answer = timeout(ANSWER_LONGEST, client.query_typed(&text, values)).await;
        if let Ok(answer) = answer {
            return answer.map_err(translate);
        }
        self.hang_up().await;
        Err(StoreError::Unreachable("it does not answer".to_owned()))
    }

    /// Something was committed here.
    pub fn note_commit(&self) {
        self.committed.notify_one();
    }

    /// Tells the others of commits for as long as the store is open.
    pub async fn announce(self: Arc<Self>) {
        let announcement = format!("NOTIFY {}", self.channel());
        loop {
            self.committed.notified().await;
            // Whoever does not hear of it looks within a second.
            if let Ok(client) = self.client().await
                && timeout(ANSWER_LONGEST, client.batch_execute(&announcement)).await.is_err()
            {
                self.hang_up().await;
            }
            tokio::time::sleep(Duration::from_millis(FEED_RING_MS)).await;
        }
    }

    /// How many announcements were heard.
    pub fn rung(&self) -> u64 {
        *self.rung.borrow()
    }

    /// Answers when the number of announcements that were heard is no longer `rung`, at the latest when
    /// it is time to look anyway.
    pub async fn listen(&self, rung: Option<u64>) {
        if !self.dialect.keeps_statements {
            return tokio::time::sleep(Duration::from_millis(FEED_POLL_POOLED_MS)).await;
        }
        let mut rings = self.rung.subscribe();
        let heard = rings.wait_for(|now| Some(*now) != rung);
        let _ = timeout(Duration::from_millis(FEED_POLL_MS), heard).await;
        // One look for all that is announced meanwhile.
        tokio::time::sleep(Duration::from_millis(FEED_GAP_MS)).await;
    }

    /// Closes the connection. The next who needs it opens another.
    async fn hang_up(&self) {
        *self.client.lock().await = None;
    }

    fn channel(&self) -> String {
        format!("{}_changes", self.dialect.schema)
    }

    /// The connection, which is opened if need be.
    async fn client(&self) -> Result<Arc<Client>> {
        let mut open = self.client.lock().await;
        if let Some(client) = open.as_ref().filter(|client| !client.is_closed()) {
            return Ok(Arc::clone(client));
        }
        let (client, mut connection) =
            self.config.connect(self.connector.clone()).await.map_err(translate)?;
        let rung = Arc::clone(&self.rung);
        self.runtime.spawn(async move {
            let mut messages = poll_fn(move |context| connection.poll_message(context));
            while let Some(Ok(message)) = messages.next().await {
                if let AsyncMessage::Notification(_) = message {
                    rung.send_modify(|count| *count += 1);
                }
            }
        });
        if self.dialect.keeps_statements {
            client.batch_execute(&format!("LISTEN {}", self.channel())).await.map_err(translate)?;
        }
        let client = Arc::new(client);
        *open = Some(Arc::clone(&client));
        Ok(client)
    }
}
