//! Ends tournaments: seals those whose last event is in, then closes them with their prizes.
//!
//! Sealing waits for the watermark: a request received before the end may still be on its way, and
//! its score counts. Each step is one transaction that the store remembers, and doing it again
//! changes nothing, so a crash between two steps is made good by the next tick.

use std::sync::Arc;

use scoreline_core::operations::{RebuildScope, RebuildStatus};
use scoreline_core::rebuild::unfilled_tournaments;
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Tournament;

use super::{MINUTE_MS, Scheduler};
use crate::jobs::JobError;

/// How long after its end a tournament may wait for requests on their way before that shows as a
/// failing job: far longer than any request may last.
const WAIT_MAX_MS: i64 = 5 * MINUTE_MS;

impl Scheduler {
    /// Closes the tournaments that are over at `now`. One that cannot be closed yet does not hold
    /// up the others.
    ///
    /// `epoch` is that of `now`: nothing is sealed once the time is in doubt, or another one.
    pub(super) async fn close_tournaments(
        &self,
        now: Timestamp,
        epoch: i64,
    ) -> Result<(), JobError> {
        let mut outcome = Ok(());
        for tournament in self.engine.store.open_tournaments().await? {
            if tournament.ends_at <= now {
                outcome = outcome.and(self.close(&tournament, now, epoch).await);
            }
        }
        outcome
    }

    async fn close(
        &self,
        tournament: &Tournament,
        now: Timestamp,
        epoch: i64,
    ) -> Result<(), JobError> {
        let engine = &self.engine;
        let id = &tournament.id;
        if tournament.sealed_at.is_none() {
            let watermark = self.settled_until().await?;
            if engine.time.trusted() != Some(epoch) {
                return Ok(());
            }
            if watermark < tournament.ends_at {
                return still_waiting(tournament, watermark, now);
            }
            // The present, not the time of the tick: events were applied since.
            let sealed_at = engine.clock.now().max(now);
            engine.store.seal_tournament(Arc::clone(id), sealed_at).await?;
            tracing::info!(
                tournament.id = %id,
                tournament.ends_at = %tournament.ends_at,
                "a tournament was sealed"
            );
        }
        let plan = engine.plans.follow().await?;
        // Prizes for half of the events would be wrong for good; it closes once it is filled.
        if unfilled_tournaments(&plan).any(|projection| projection.name == *id) {
            return Ok(());
        }
        let award = engine.store.close_tournament(Arc::clone(id), now).await?;
        tracing::info!(
            tournament.id = %id,
            tournament.participants = award.participants,
            tournament.prizes = award.prizes,
            "a tournament was closed"
        );
        engine.plans.follow().await?;
        Ok(())
    }

    /// Nothing received before this is still waiting anywhere.
    async fn settled_until(&self) -> Result<Timestamp, JobError> {
        let intakes = match &self.engine.membership {
            Some(membership) => membership.watermark().await?,
            None => self.intake.watermark(),
        };
        // Asked last: what the intakes have let go of by now is in the queue or settled.
        let waiting = match &self.engine.queue {
            // A mistake on purpose: what waits in the queue is forgotten.
            Some(_) if cfg!(feature = "planted-bug") => None,
            Some(queue) => queue.watermark().await?,
            None => None,
        };
        Ok(waiting.map_or(intakes, |oldest| oldest.min(intakes)))
    }

    /// Fills the boards of open tournaments that do not hold their history: of one created while
    /// its time was running.
    pub(super) async fn fill_tournaments(&self, now: Timestamp) -> Result<(), JobError> {
        let engine = &self.engine;
        let plan = engine.plans.current();
        let names: Vec<String> =
            unfilled_tournaments(&plan).map(|projection| projection.name.to_string()).collect();
        if names.is_empty() {
            return Ok(());
        }
        match engine.rebuilder.status() {
            RebuildStatus::Running { .. } => return Ok(()),
            // One that failed a moment ago would fail again.
            RebuildStatus::Failed { reason, .. } if !self.fill_again.lock().take(now) => {
                return Err(JobError::TournamentsUnfilled { tournaments: names, reason });
            }
            _ => {}
        }
        tracing::info!(tournament.ids = ?names, "boards of tournaments are filled from history");
        Ok(engine.rebuilder.start(RebuildScope::Named(names)).await?)
    }
}

fn still_waiting(
    tournament: &Tournament,
    watermark: Timestamp,
    now: Timestamp,
) -> Result<(), JobError> {
    if now.ms_since(tournament.ends_at) < WAIT_MAX_MS {
        return Ok(());
    }
    Err(JobError::TournamentUnsettled {
        tournament: Arc::clone(&tournament.id),
        ended_at: tournament.ends_at,
        unsettled: watermark,
    })
}
