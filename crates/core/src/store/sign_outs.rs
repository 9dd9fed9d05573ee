//! Sessions of operators that were ended before their time.

use async_trait::async_trait;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::orders::{Order, Statement};
use super::values::values;
use crate::time::Timestamp;

/// Ended sessions. A session is worth nothing once it was ended, on any node and after any restart.
#[async_trait]
pub trait SignOutStore: AskStore {
    /// Ends the session of this name, which would be over at `expires_at` by itself, and forgets those that
    /// are over at `now` by themselves.
    async fn end_session(
        &self,
        session: String,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        let forget = Order::new(Statement::ForgetEndedSessions, values![now]);
        let end = Order::new(Statement::EndSession, values![session, expires_at]);
        self.order(vec![forget, end]).await
    }

    /// Whether the session of this name was ended.
    async fn is_session_ended(&self, session: String) -> Result<bool> {
        asking::only(self, Question::IsSessionEnded, values![session]).await
    }
}
