//! Decides about events that wait for review.

use scoreline_core::audit::Act;
use scoreline_core::limits::REVIEWS_DECIDED_MAX;
use scoreline_core::operations::{OperationError, ReviewOrder};
use scoreline_core::review::ByPlayer;

use super::Operator;

impl Operator {
    pub(super) async fn settle_reviews(
        &self,
        order: ReviewOrder,
        act: Act,
    ) -> Result<u64, OperationError> {
        let meant = self.reviews_meant(&order).await?;
        let total = self.engine.decide_all(meant, order.accept, &act).await?;
        if total > 0 {
            tracing::info!(
                review.entries = total,
                review.accepted = order.accept,
                "an operator decided about events in review"
            );
        }
        Ok(total)
    }

    /// Whose entries are meant.
    async fn reviews_meant(&self, order: &ReviewOrder) -> Result<ByPlayer, OperationError> {
        let store = &self.engine.store;
        let mut meant = ByPlayer::new();
        for (no, player) in store.reviewed(&order.entries).await? {
            meant.entry(player).or_default().push(no);
        }
        if !order.fitting.is_narrow() {
            return Ok(meant);
        }
        let (mut after, mut left) = (None, REVIEWS_DECIDED_MAX);
        loop {
            let page = store.reviews(order.fitting.clone(), after, left).await?;
            left = left.saturating_sub(page.rows.len());
            for one in page.rows {
                meant.entry(one.event.player).or_default().push(one.no);
            }
            after = page.next.filter(|_| left > 0);
            if after.is_none() {
                return Ok(meant);
            }
        }
    }
}
