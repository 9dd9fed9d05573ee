//! Creates the tournaments of every series: the present one and the next, always ahead of time.

use std::sync::Arc;

use scoreline_core::fold::Plan;
use scoreline_core::game::{Definition, Period, TournamentSeries};
use scoreline_core::store::Store;
use scoreline_core::time::Timestamp;
use scoreline_core::tournament::NewTournament;

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

/// The tournaments that should exist at `now` and are not in `plan`.
fn missing(plan: &Plan, now: Timestamp) -> Vec<NewTournament> {
    let known = |new: &NewTournament| {
        plan.tournaments.iter().any(|one| one.id == new.id && one.starts_at == new.starts_at)
    };
    let series = plan.definition.tournaments.values();
    let mut due: Vec<_> = series.flat_map(|series| due(series, &plan.definition, now)).collect();
    due.retain(|new| !known(new));
    due
}

/// The tournaments of series that have not begun and that the definition no longer foresees. They
/// are not called off by themselves: an id that was called off is never used again, and the file
/// may be put right in a minute.
pub(crate) fn unforeseen(plan: &Plan, now: Timestamp) -> Vec<Arc<str>> {
    let series = plan.definition.tournaments.values();
    let due: Vec<_> = series.flat_map(|series| due(series, &plan.definition, now)).collect();
    let upcoming =
        plan.tournaments.iter().filter(|one| one.series.is_some() && one.starts_at > now);
    let unforeseen = upcoming
        .filter(|one| !due.iter().any(|new| new.id == one.id && new.ends_at == one.ends_at));
    unforeseen.map(|one| Arc::clone(&one.id)).collect()
}

/// The tournament of a series that runs at `now`, and the one after it.
fn due(series: &TournamentSeries, definition: &Definition, now: Timestamp) -> Vec<NewTournament> {
    let Some(board) = definition.boards.get(&series.board) else { return Vec::new() };
    let present = series.schedule.period_at(now);
    let mut periods = vec![present];
    if present.end < Timestamp::MAX {
        periods.push(series.schedule.period_at(present.end));
    }
    // A schedule that has not begun yet, or has happened for the last time, has no such tournament.
    periods.retain(|period| period.start > Timestamp::MIN && period.end < Timestamp::MAX);
    let tournament = |Period { start, end }| NewTournament {
        id: Arc::from(series.id_at(start)),
        series: Some(Arc::clone(&series.name)),
        name: series.name_at(start),
        board: Arc::clone(&series.board),
        fingerprint: board.tournament_fingerprint(),
        starts_at: start,
        ends_at: end,
        prizes: series.prizes.clone(),
    };
    periods.into_iter().map(tournament).collect()
}
