//! Requests to be erased of those who could not prove to be the player, until an operator decides.

use async_trait::async_trait;

use super::Result;
use super::asking::{self, AskStore, Question};
use super::orders::{Order, Statement};
use super::values::{limit, values};
use crate::audit::Act;
use crate::erasure::ErasureRequest;
use crate::id::PlayerId;
use crate::limits::ERASURE_REQUESTS_MAX;

/// Requests that wait, each player's once and the first one. What becomes of one goes into the log of acts.
#[async_trait]
pub trait ErasureRequestStore: AskStore {
    /// Keeps a request, unless there is one for this player or about [`ERASURE_REQUESTS_MAX`] wait. Answers whether one for
    /// this player waits now.
    async fn ask_for_erasure(&self, request: ErasureRequest) -> Result<bool> {
        let ErasureRequest { player, message, asked_at } = &request;
        let values = values![player, message.clone(), *asked_at, limit(ERASURE_REQUESTS_MAX)];
        let order = Order::new(Statement::AskForErasure, values);
        self.order(vec![order.into_owned()]).await?;
        asking::only(self, Question::IsErasureAsked, values![player]).await
    }

    /// All that wait, the oldest first.
    async fn erasure_requests(&self) -> Result<Vec<ErasureRequest>> {
        let values = values![limit(ERASURE_REQUESTS_MAX)];
        asking::list(self, Question::ErasureRequests, values).await
    }

    /// Takes a request off the list without erasing anybody. Answers whether there was one.
    async fn dismiss_erasure_request(&self, player: PlayerId, act: Act) -> Result<bool> {
        if !asking::only(self, Question::IsErasureAsked, values![&player]).await? {
            return Ok(false);
        }
        let audited = act.changed(None, None);
        let forget = Order::new(Statement::ForgetErasureRequest, values![&player]);
        let note = Order::new(Statement::NoteAct, audited.noting());
        self.order(vec![forget.into_owned(), note.into_owned()]).await?;
        Ok(true)
    }
}
