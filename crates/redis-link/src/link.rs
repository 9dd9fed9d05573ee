//! The connection to the server, made when it is needed and again when it broke.
//!
//! Nothing here waits for a server that is away: a command that finds no connection tries to make
//! one, and the commands that come meanwhile share the outcome. So a server that is back is used by
//! the very next command, and one that is not fails each command within a bounded time. A command
//! that met a broken connection is sent once more: all commands of Scoreline may be repeated.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use redis::{Cmd, RedisError, RedisResult, Value};
use tokio::time::Instant;

use crate::server::{Connection, Server, To};

/// One connection for many tasks.
pub struct Link {
    server: Arc<Server>,
    response_timeout: Duration,
    current: Mutex<Current>,
    /// Held while a connection is made; the last attempt that failed, and when it ended.
    connecting: tokio::sync::Mutex<Option<(Instant, RedisError)>>,
}

/// The connection in use, if there is one. Each has a number, so that nobody discards a newer one.
#[derive(Default)]
struct Current {
    number: u64,
    connection: Option<Connection>,
}

impl Link {
    /// A way to `server`, not yet connected. Answers may take `response_timeout`.
    pub fn new(server: Arc<Server>, response_timeout: Duration) -> Self {
        let (current, connecting) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { server, response_timeout, current, connecting }
    }

    /// Sends a command and returns the server's answer.
    pub async fn send(&self, cmd: &Cmd) -> RedisResult<Value> {
        self.send_to(To::OneThatHasIt, cmd).await
    }

    /// Sends a command to every server that takes writes, and returns the list of their answers.
    pub async fn send_to_each(&self, cmd: &Cmd) -> RedisResult<Value> {
        self.send_to(To::EachPrimary, cmd).await
    }

    async fn send_to(&self, to: To, cmd: &Cmd) -> RedisResult<Value> {
        match self.try_send(to, cmd).await {
            Err(error) if error.is_connection_dropped() => self.try_send(to, cmd).await,
            outcome => outcome,
        }
    }

    async fn try_send(&self, to: To, cmd: &Cmd) -> RedisResult<Value> {
        let (number, mut connection) = self.connection().await?;
        // The client of a cluster asks several nodes and may take as long for each of them.
        let longest = self.response_timeout * 2;
        let sent = tokio::time::timeout(longest, connection.send(to, cmd)).await;
        let outcome = sent
            .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
            .and_then(Value::extract_error);
        if let Err(error) = &outcome
            && (error.is_io_error() || error.is_unrecoverable_error())
        {
            self.discard(number);
        }
        outcome
    }

    async fn connection(&self) -> RedisResult<(u64, Connection)> {
        let came = Instant::now();
        if let Some(current) = self.current() {
            return Ok(current);
        }
        let mut failed = self.connecting.lock().await;
        if let Some(current) = self.current() {
            return Ok(current);
        }
        if let Some((at, error)) = &*failed
            && *at >= came
        {
            return Err(error.clone());
        }
        match self.server.connect(self.response_timeout).await {
            Ok(connection) => {
                let mut current = self.current.lock();
                current.number += 1;
                current.connection = Some(connection.clone());
                Ok((current.number, connection))
            }
            Err(error) => {
                *failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    fn current(&self) -> Option<(u64, Connection)> {
        let current = self.current.lock();
        Some((current.number, current.connection.clone()?))
    }

    fn discard(&self, number: u64) {
        let mut current = self.current.lock();
        if current.number == number {
            current.connection = None;
        }
    }
}
