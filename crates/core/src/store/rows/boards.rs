//! Rows of boards, and the names and bans of players.

use super::{Columns, Stored};
use crate::ban::{Ban, PlayerBan};
use crate::fold::{BoardChange, PlayerRow};
use crate::game::Operator;
use crate::id::{BoardKey, Slot};
use crate::rank::{Entry, PlayerEntry, PlayerName, Standing, Update, Version};
use crate::verify::BoardRow;
use crate::void::Span;

/// A board: its slot and its period.
impl Stored for BoardKey {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self { slot: Slot(row.integer(first)?), period: row.time(first + 1)? })
    }
}

/// Points, and when they were reached.
impl Stored for Standing {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self { points: row.integer(first)?, reached_at: row.time(first + 1)? })
    }
}

/// `points, reached_at, attempts, last_at`, the sums, `taken_back`.
impl Stored for Entry {
    const WIDTH: usize = 9;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (standing, attempts, last_at, sums) = Stored::read(row, first)?;
        let taken_back = row.integer(first + 8)?;
        Ok(Self { standing, attempts, last_at, sums, taken_back })
    }
}

/// The player, followed by the entry.
impl Stored for PlayerEntry {
    const WIDTH: usize = 10;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (player, entry) = Stored::read(row, first)?;
        Ok(Self { player, entry })
    }
}

/// The board, followed by the player and the entry.
impl Stored for Update {
    const WIDTH: usize = 12;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (board, player, entry) = Stored::read(row, first)?;
        Ok(Self { board, player, entry })
    }
}

/// The player, the nickname and its version.
impl Stored for PlayerName {
    const WIDTH: usize = 3;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (player, nickname, version) = Stored::read(row, first)?;
        Ok(Self { player, nickname, version })
    }
}

/// The board, `points, reached_at, attempts, last_at`, the sums, `taken_back`, `last_id` and `beyond`. The
/// operator is that of the board, which the row does not say.
impl Stored for (BoardKey, PlayerRow) {
    const WIDTH: usize = 13;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (board, Entry { standing, attempts, last_at, sums, taken_back }) =
            (BoardKey::read(row, first)?, Entry::read(row, first + 2)?);
        let held = BoardChange {
            operator: Operator::Sum,
            points: standing.points.into(),
            reached_at: standing.reached_at,
            attempts,
            last_at,
            last_id: row.maybe_uuid(first + 11)?,
            sums: sums.map(i128::from),
        };
        let held = match row.maybe_text(first + 12)? {
            None => held,
            Some(text) => held
                .with_beyond(text)
                .ok_or_else(|| row.damaged(first + 12, format!("{text:?} are no sums")))?,
        };
        Ok((board, PlayerRow { held, taken_back }))
    }
}

/// `shadow, until` of a ban that is in force.
impl Stored for Ban {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self { shadow: row.truth(first)?, until: row.maybe_time(first + 1)? })
    }
}

/// The player, whether they are banned, `shadow`, `until` and the version.
impl Stored for PlayerBan {
    const WIDTH: usize = 5;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let ban = Ban::read(row, first + 2)?;
        Ok(Self {
            player: row.player(first)?,
            ban: row.truth(first + 1)?.then_some(ban),
            version: Version(row.integer(first + 4)?),
        })
    }
}

/// From when to when an event did not count.
impl Stored for Span {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self { from: row.time(first)?, until: row.maybe_time(first + 1)? })
    }
}

/// The entry and the id of the last event that counted; nothing where its columns are empty.
impl Stored for Option<BoardRow> {
    const WIDTH: usize = 10;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        if row.maybe_integer(first)?.is_none() {
            return Ok(None);
        }
        Ok(Some(BoardRow { entry: Entry::read(row, first)?, last_id: row.maybe_uuid(first + 9)? }))
    }
}
