//! The review list: events that count only once an operator accepts them. They come in through
//! [`super::EventStore::apply`], which holds what breaks a rule, and are decided by [`super::ActStore::decide`].

use async_trait::async_trait;

use super::asking::{self, AskStore, Question};
use super::values::{from_player, limit, until, values};
use super::{Page, Result};
use crate::event::Event;
use crate::id::PlayerId;
use crate::limits::REVIEWS_SHOWN_MAX;
use crate::review::{Review, ReviewFilter, ReviewNo, Standing};
use crate::time::Timestamp;

/// The review list.
#[async_trait]
pub trait ReviewStore: AskStore {
    /// Entries that fit, after `after`, at most `rows` and [`crate::limits::PAGE_BYTES_MAX`]: those that wait, the
    /// oldest first; those that are decided, the newest first.
    async fn reviews(
        &self,
        filter: ReviewFilter,
        after: Option<ReviewNo>,
        rows: usize,
    ) -> Result<Page<Review, ReviewNo>> {
        let ReviewFilter { standing, player, rule, held_before } = &filter;
        let (player, rule, before) = (player.as_ref(), rule.as_deref(), until(*held_before));
        let cursor = |review: &Review| review.no;
        let waits = *standing == Standing::Waiting;
        let from = after.map_or(if waits { 0 } else { i64::MAX }, |after| after.0);
        if waits {
            let values = values![from, player, rule, limit(rows), before];
            return asking::page(self, Question::Reviews, values, rows, cursor).await;
        }
        let accepted = *standing == Standing::Accepted;
        let values = values![from, player, rule, limit(rows), before, accepted];
        asking::page(self, Question::DecidedReviews, values, rows, cursor).await
    }

    /// Whose these entries are, as far as they exist.
    async fn reviewed(&self, entries: &[ReviewNo]) -> Result<Vec<(ReviewNo, PlayerId)>> {
        let numbers: Vec<i64> = entries.iter().map(|no| no.0).collect();
        asking::list(self, Question::Reviewed, values![numbers]).await
    }

    /// The events of a player that wait, each with when it was applied, the oldest first, at most
    /// [`REVIEWS_SHOWN_MAX`].
    async fn waiting_of(&self, player: PlayerId) -> Result<Vec<(Event, Timestamp)>> {
        asking::list(self, Question::WaitingOf, values![&player, limit(REVIEWS_SHOWN_MAX)]).await
    }

    /// Players of whom something waits, in the order of their ids, after `after`, at most `rows`.
    async fn players_in_review(
        &self,
        after: Option<PlayerId>,
        rows: usize,
    ) -> Result<Vec<PlayerId>> {
        let values = values![from_player(after.as_ref()), limit(rows)];
        asking::list(self, Question::PlayersInReview, values).await
    }
}
