//! Rows of players.

use super::{Columns, Stored};
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
