//! The tournaments that the series of a definition call for: the present one and the next, always
//! ahead of time.

use std::sync::Arc;

use super::NewTournament;
use crate::fold::Plan;
use crate::game::{Definition, Period, TournamentSeries};
use crate::time::Timestamp;

/// The tournament of a series that runs at `now`, and the one after it, as the definition would
/// create them now.
pub fn due(
    series: &TournamentSeries,
    definition: &Definition,
    now: Timestamp,
) -> Vec<NewTournament> {
    let Some(board) = definition.boards.get(&series.board) else { return Vec::new() };
    let board = Arc::new(board.without_resets());
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
        board: Arc::clone(&board),
        starts_at: start,
        ends_at: end,
        prizes: series.prizes.clone(),
    };
    periods.into_iter().map(tournament).collect()
}

/// The tournaments that should exist at `now` and are not in `plan`.
pub fn missing(plan: &Plan, now: Timestamp) -> Vec<NewTournament> {
    let known = |new: &NewTournament| {
        plan.tournaments.iter().any(|one| one.id == new.id && one.starts_at == new.starts_at)
    };
    let mut due = all_due(&plan.definition, now);
    due.retain(|new| !known(new));
    due
}

/// The tournaments of series that have not begun and that the definition no longer foresees. They
/// are not cancelled automatically: the id of a cancelled tournament is never used again, and the
/// file may be corrected a minute later.
pub fn unforeseen(plan: &Plan, now: Timestamp) -> Vec<Arc<str>> {
    let due = all_due(&plan.definition, now);
    let upcoming =
        plan.tournaments.iter().filter(|one| one.series.is_some() && one.starts_at > now);
    let unforeseen = upcoming
        .filter(|one| !due.iter().any(|new| new.id == one.id && new.ends_at == one.ends_at));
    unforeseen.map(|one| Arc::clone(&one.id)).collect()
}

fn all_due(definition: &Definition, now: Timestamp) -> Vec<NewTournament> {
    let series = definition.tournaments.values();
    series.flat_map(|series| due(series, definition, now)).collect()
}
