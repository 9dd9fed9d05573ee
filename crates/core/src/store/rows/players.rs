//! Rows of players.

use super::{Columns, Stored};
use crate::erasure::{Erasure, ErasureRequest, ErasureState, Tombstone};
use crate::session::{Binding, Revocations};

/// `secret_hash, sessions_revoked`.
impl Stored for Binding {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self { hash: row.own_text(first)?, revocations: row.integer(first + 1)? })
    }
}

/// `player_id, sessions_revoked`.
impl Stored for Revocations {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self { player: row.player(first)?, count: row.integer(first + 1)? })
    }
}

/// `job_id, player_id`.
impl Stored for Erasure {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self { job: row.uuid(first)?, player: row.player(first + 1)? })
    }
}

/// `player_id, message, asked_at`.
impl Stored for ErasureRequest {
    const WIDTH: usize = 3;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let (player, message) = (row.player(first)?, row.own_text(first + 1)?);
        Ok(Self { player, message, asked_at: row.time(first + 2)? })
    }
}

/// `requested_at, finished_at, events, removed, receipt`.
impl Stored for ErasureState {
    const WIDTH: usize = 5;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            requested_at: row.time(first)?,
            finished_at: row.maybe_time(first + 1)?,
            events: row.count(first + 2)?,
            removed: row.count(first + 3)?,
            receipt: row.own_text(first + 4)?,
        })
    }
}

/// `tombstone`.
impl Stored for Tombstone {
    const WIDTH: usize = 1;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        row.uuid(first).map(Self)
    }
}
