//! Creates the tournaments of every series: the present one and the next, always ahead of time.

use std::sync::Arc;

use scoreline_core::store::Store;
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::missing;

use crate::jobs::JobError;
use crate::plan::PlanHandle;

/// Creates the tournaments that should exist at `now` and do not. Creating one twice changes
/// nothing, so it does not matter how often or where this is called.
pub(crate) async fn create_missing(
    store: &dyn Store,
    plans: &PlanHandle,
    now: Timestamp,
) -> Result<(), JobError> {
    let plan = plans.current();
    let mut clashes = Vec::new();
    let mut created = false;
    for new in missing(&plan, now) {
        let (id, starts_at) = (Arc::clone(&new.id), new.starts_at);
        let (name, ends_at) = (new.name.clone(), new.ends_at);
        if store.create_tournament(new).await? {
            created = true;
            tracing::info!(
                tournament.id = %id,
                tournament.name = %name,
                tournament.starts_at = %starts_at,
                tournament.ends_at = %ends_at,
                "a tournament was created"
            );
            continue;
        }
        // It exists, though the plan does not show it: cancelled, or made by another process.
        let known = store.tournament(Arc::clone(&id)).await?;
        if known.is_some_and(|known| known.starts_at != starts_at) {
            clashes.push(id);
        }
    }
    if created {
        plans.follow().await?;
    }
    if clashes.is_empty() {
        return Ok(());
    }
    Err(JobError::TournamentIdsTaken(clashes))
}
