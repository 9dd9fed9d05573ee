//! Which boards are current: those that players look at, or will within a moment.

use std::collections::BTreeSet;

use super::{Plan, Projection, ProjectionKind};
use crate::id::BoardKey;
use crate::limits::{BOARD_AHEAD_MS, CLOSED_HELD_MS};
use crate::time::Timestamp;

impl Plan {
    /// The boards that are current at `now`: the present period of every board that is shown or will
    /// be, and every tournament that has begun and is not closed. Periods and tournaments count
    /// [`BOARD_AHEAD_MS`] before they begin, so that they are loaded by then.
    pub fn current_boards(&self, now: Timestamp) -> BTreeSet<BoardKey> {
        let soon = now.plus_ms(BOARD_AHEAD_MS);
        let mut current = BTreeSet::new();
        for projection in &self.projections {
            let periods = match projection.kind {
                ProjectionKind::Board => periods(projection, [now, soon]),
                ProjectionKind::Tournament if self.is_open(&projection.name, soon) => {
                    vec![Timestamp::EPOCH]
                }
                ProjectionKind::Tournament
                | ProjectionKind::Statistic
                | ProjectionKind::Figures
                | ProjectionKind::Analytics => Vec::new(),
            };
            let slot = projection.slot;
            current.extend(periods.into_iter().map(|period| BoardKey { slot, period }));
        }
        current
    }

    /// Whether a tournament has begun by `at` and was not closed long before.
    fn is_open(&self, tournament: &str, at: Timestamp) -> bool {
        let is_over = |closed_at: Timestamp| at.ms_since(closed_at) >= CLOSED_HELD_MS;
        self.tournaments.iter().any(|one| {
            *one.id == *tournament && one.starts_at <= at && !one.closed_at.is_some_and(is_over)
        })
    }
}

/// The periods of a board that run at these times.
fn periods(projection: &Projection, times: [Timestamp; 2]) -> Vec<Timestamp> {
    let reset = projection.board().and_then(|board| board.reset.as_ref());
    match reset {
        Some(reset) => times.map(|at| reset.period_at(at).start).to_vec(),
        None => vec![Timestamp::EPOCH],
    }
}
