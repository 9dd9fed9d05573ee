//! Rows of figures, of a player's statistics, and of what is kept of the store as a whole.

use super::{Columns, Stored};
use crate::fold::{Figure, FigureKey, FiguresFrom, PlayerStatistics, Sketch};
use crate::id::Slot;
use crate::naming::BlockedName;
use crate::review::Waiting;
use crate::store::{Begun, FigureRow, Totals};
use crate::timekeeping::ClockNote;

/// The key of a figure: its slot, its grain, its start and the event type.
impl Stored for FigureKey {
    const WIDTH: usize = 4;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            slot: Slot(row.integer(first)?),
            grain_ms: row.integer(first + 1)?,
            start: row.time(first + 2)?,
            event_type: row.shared_text(first + 3)?,
        })
    }
}

/// Counts, times and the sketch of players, which may be missing.
impl Stored for Figure {
    const WIDTH: usize = 5;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let players = row.maybe_bytes(first + 4)?.map_or(Ok(Sketch::default()), Sketch::from_bytes);
        Ok(Self {
            events: row.integer(first)?,
            processing_ms: row.integer(first + 1)?,
            first_at: row.time(first + 2)?,
            last_at: row.time(first + 3)?,
            players: players.map_err(|error| row.damaged(first + 4, error.to_string()))?,
        })
    }
}

/// Where the fine ones begin, and where the coarse ones do.
impl Stored for FiguresFrom {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (fine, coarse) = Stored::read(row, first)?;
        Ok(Self { fine, coarse })
    }
}

/// The key of a figure, followed by the figure.
impl Stored for FigureRow {
    const WIDTH: usize = 9;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (FigureKey { start, event_type, .. }, figure) = Stored::read(row, first)?;
        Ok(Self { start, event_type, figure })
    }
}

/// What is counted as it changes. None of it is below 0, whatever a repair left behind.
impl Stored for Totals {
    const WIDTH: usize = 4 + 2 * Waiting::WIDTH;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let counts: [i64; 4] = Stored::read(row, first)?;
        let [applied, duplicates, dead, quarantined] =
            counts.map(|count| count.max(0).unsigned_abs());
        let in_review = Waiting::read(row, first + 4)?;
        let erasures_asked = Waiting::read(row, first + 4 + Waiting::WIDTH)?;
        Ok(Self { applied, duplicates, dead, quarantined, in_review, erasures_asked })
    }
}

/// A figure; nothing where its columns are empty.
impl Stored for Option<Figure> {
    const WIDTH: usize = Figure::WIDTH;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        row.maybe_integer(first)?.map(|_| Figure::read(row, first)).transpose()
    }
}

/// The slots, and the amounts in the same order.
impl Stored for PlayerStatistics {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (slots, amounts) = (row.integers(first)?, row.integers(first + 1)?);
        Ok(slots.into_iter().map(Slot).zip(amounts).collect())
    }
}

/// The columns of `state/begin`.
impl Stored for Begun {
    const WIDTH: usize = 6;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (plan_version, last_stamp, some_are_dead, some_are_voided) = Stored::read(row, first)?;
        Ok(Self {
            plan_version,
            last_stamp,
            some_are_dead,
            some_are_voided,
            erasure_key: row.own_text(first + 4)?,
            some_are_moved: row.truth(first + 5)?,
        })
    }
}

/// The columns of the queries about blocked names.
impl Stored for BlockedName {
    const WIDTH: usize = 4;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            skeleton: row.text(first)?.to_owned(),
            nickname: row.text(first + 1)?.to_owned(),
            blocked_at: row.time(first + 2)?,
            note: row.own_text(first + 3)?,
        })
    }
}

/// The columns of the note about the clock.
impl Stored for ClockNote {
    const WIDTH: usize = 3;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            epoch: row.integer(first)?,
            last_at: row.time(first + 1)?,
            offset_ms: row.maybe_integer(first + 2)?,
        })
    }
}
