//! Rows of the review list.

use super::{Columns, Stored};
use crate::event::Event;
use crate::review::{Decided, Listed, Review, ReviewNo, Standing, Waiting};

impl Stored for ReviewNo {
    const WIDTH: usize = 1;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        row.integer(first).map(Self)
    }
}

/// An event, followed by `rule, reason, held_at, decided_at, accepted, note, review_no`.
impl Stored for Review {
    const WIDTH: usize = 15;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (accepted, note) = (row.truth(first + 12)?, row.own_text(first + 13)?);
        let decided = row.maybe_time(first + 11)?.map(|at| Decided { at, accepted, note });
        Ok(Self {
            event: Event::read(row, first)?,
            rule: row.text(first + 8)?.to_owned(),
            reason: row.text(first + 9)?.to_owned(),
            held_at: row.time(first + 10)?,
            decided,
            no: ReviewNo(row.integer(first + 14)?),
        })
    }
}

/// `review_no, event_id`, whether it waits, and whether it was accepted.
impl Stored for Listed {
    const WIDTH: usize = 4;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (no, event, waits, accepted) = Stored::read(row, first)?;
        let standing = match (waits, accepted) {
            (true, _) => Standing::Waiting,
            (false, true) => Standing::Accepted,
            (false, false) => Standing::Refused,
        };
        Ok(Self { no, event, standing })
    }
}

/// How many wait, and since when the first does.
impl Stored for Waiting {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (waiting, since): (i64, _) = Stored::read(row, first)?;
        Ok(Self { entries: waiting.max(0).unsigned_abs(), since })
    }
}
