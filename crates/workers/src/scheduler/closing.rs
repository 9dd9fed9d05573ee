//! Ends tournaments: seals those whose last event is in, then closes them with their prizes.
//!
//! Sealing waits for the watermark: a request received before the end may still be on its way, and
//! its score counts. Each step is one transaction that the store remembers, and doing it again
//! changes nothing, so a crash between two steps is made good by the next tick.

use std::sync::Arc;

use scoreline_core::fold::{Plan, Projection, ProjectionKind};
use scoreline_core::operations::{Operations, RebuildScope, RebuildStatus};
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::Tournament;

use super::{MINUTE_MS, Scheduler};
use crate::jobs::JobError;
use crate::operator::{can_be_filled, is_incomplete};

/// How long after its end a tournament may wait for requests on their way before that shows as a
/// failing job: far longer than any request may last.
const WAIT_MAX_MS: i64 = 5 * MINUTE_MS;

impl Scheduler {
    /// Closes the tournaments that are over at `now`. One that cannot be closed yet does not hold
    /// up the others.
    pub(super) async fn close_tournaments(&self, now: Timestamp) -> Result<(), JobError> {
        let mut outcome = Ok(());
        for tournament in self.operator.store.open_tournaments().await? {
            if tournament.ends_at <= now {
                outcome = outcome.and(self.close(&tournament, now).await);
            }
        }
        outcome
    }

    async fn close(&self, tournament: &Tournament, now: Timestamp) -> Result<(), JobError> {
        let operator = &self.operator;
        let id = &tournament.id;
        if tournament.sealed_at.is_none() {
            let watermark = self.settled.until().await?;
            if watermark < tournament.ends_at {
                return still_waiting(tournament, watermark, now);
            }
            // The present, not the time of the tick: events were applied since.
            let sealed_at = operator.clock.now().max(now);
            operator.store.seal_tournament(Arc::clone(id), sealed_at).await?;
            tracing::info!(
                tournament.id = %id,
                tournament.ends_at = %tournament.ends_at,
                "a tournament was sealed"
            );
        }
        let plan = operator.plans.follow().await?;
        // Prizes for half of the events would be wrong for good; it closes once it is filled.
        if unfilled(&plan).any(|projection| projection.name == *id) {
            return Ok(());
        }
        let award = operator.store.close_tournament(Arc::clone(id), now).await?;
        tracing::info!(
            tournament.id = %id,
            tournament.participants = award.participants,
            tournament.prizes = award.prizes,
            "a tournament was closed"
        );
        operator.plans.follow().await?;
        Ok(())
    }

    /// Fills the boards of open tournaments that do not hold their history: of one created while
    /// its time was running, or whose board got another meaning.
    pub(super) async fn fill_tournaments(&self, now: Timestamp) -> Result<(), JobError> {
        let operator = &self.operator;
        let plan = operator.plans.current();
        let names: Vec<String> =
            unfilled(&plan).map(|projection| projection.name.to_string()).collect();
        if names.is_empty() {
            return Ok(());
        }
        match operator.rebuild_status() {
            RebuildStatus::Running { .. } => return Ok(()),
            // One that failed a moment ago would fail again.
            RebuildStatus::Failed { reason, .. } if !self.fill_again.lock().take(now) => {
                return Err(JobError::NeedsHelp(format!(
                    "the boards of tournaments {names:?} cannot be filled: {reason}"
                )));
            }
            _ => {}
        }
        tracing::info!(tournament.ids = ?names, "boards of tournaments are filled from history");
        Ok(operator.rebuild(RebuildScope::Named(names)).await?)
    }
}

/// The boards of tournaments that are not closed, do not hold their history, and can be filled.
fn unfilled(plan: &Plan) -> impl Iterator<Item = &Projection> {
    let open = |projection: &Projection| {
        plan.tournaments.iter().any(|one| *one.id == *projection.name && one.closed_at.is_none())
    };
    plan.projections.iter().filter(move |projection| {
        projection.kind == ProjectionKind::Tournament
            && is_incomplete(projection)
            && open(projection)
            && can_be_filled(plan, projection)
    })
}

fn still_waiting(
    tournament: &Tournament,
    watermark: Timestamp,
    now: Timestamp,
) -> Result<(), JobError> {
    if now.ms_since(tournament.ends_at) < WAIT_MAX_MS {
        return Ok(());
    }
    Err(JobError::NeedsHelp(format!(
        "tournament {} ended at {}, but a request received at {watermark} is still on its way",
        tournament.id, tournament.ends_at
    )))
}
