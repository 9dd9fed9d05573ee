//! Rows of tournaments and prizes.

use std::sync::Arc;

use super::{Columns, Stored};
use crate::game::Board;
use crate::id::{PlayerId, ProjectionNo, Slot};
use crate::rank::Standing;
use crate::tournament::{Prize, PrizeStatistics, Tournament, Win};
use crate::verify::Won;

/// The columns of the queries about tournaments.
impl Stored for Tournament {
    const WIDTH: usize = 13;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let damaged = |column, error: String| row.damaged(column, error);
        let board = Board::from_text(row.text(first + 3)?);
        let prizes = serde_json::from_str(row.text(first + 6)?);
        Ok(Self {
            id: row.shared_text(first)?,
            series: row.maybe_text(first + 1)?.map(Arc::from),
            name: row.text(first + 2)?.to_owned(),
            board: Arc::new(board.map_err(|error| damaged(first + 3, error.to_string()))?),
            starts_at: row.time(first + 4)?,
            ends_at: row.time(first + 5)?,
            prizes: prizes.map_err(|error| damaged(first + 6, error.to_string()))?,
            projection: ProjectionNo(row.integer(first + 7)?),
            slot: Slot(row.integer(first + 8)?),
            cancelled_at: row.maybe_time(first + 9)?,
            sealed_at: row.maybe_time(first + 10)?,
            closed_at: row.maybe_time(first + 11)?,
            participants: row.maybe_integer(first + 12)?.map(i64::unsigned_abs),
        })
    }
}

/// The columns of the queries about prizes.
impl Stored for Prize {
    const WIDTH: usize = 10;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let rank = row.maybe_integer(first + 4)?.map(i64::unsigned_abs);
        let win = |rank| {
            let tournament_name = row.text(first + 2)?.to_owned();
            Ok(Win { tournament_id: row.shared_text(first + 1)?, tournament_name, rank })
        };
        Ok(Self {
            id: row.uuid(first)?,
            won: rank.map(win).transpose()?,
            player: row.player(first + 3)?,
            coins: row.integer(first + 5)?,
            gems: row.integer(first + 6)?,
            awarded_at: row.time(first + 7)?,
            claimed_at: row.maybe_time(first + 8)?,
            revoked_at: row.maybe_time(first + 9)?,
        })
    }
}

/// The columns of `prize/statistics`.
impl Stored for PrizeStatistics {
    const WIDTH: usize = 8;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            total_prizes: row.count(first)?,
            claimed_prizes: row.count(first + 1)?,
            total_coins: row.integer(first + 2)?,
            total_gems: row.integer(first + 3)?,
            claimed_coins: row.integer(first + 4)?,
            claimed_gems: row.integer(first + 5)?,
            best_rank: row.maybe_integer(first + 6)?.map(i64::unsigned_abs),
            tournaments_won: row.count(first + 7)?,
        })
    }
}

/// The columns of `prize/kept`.
impl Stored for Won {
    const WIDTH: usize = 6;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (player, rank, coins, gems): (PlayerId, u64, i64, i64) = Stored::read(row, first)?;
        let stands = row.maybe_integer(first + 4)?.is_some();
        let standing = stands.then(|| Standing::read(row, first + 4)).transpose()?;
        Ok(Self { player, rank, coins, gems, standing })
    }
}
