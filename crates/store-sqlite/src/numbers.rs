//! The short numbers by which events name their players.

use std::collections::HashMap;

use rusqlite::{CachedStatement, Connection, OptionalExtension};
use scoreline_core::id::PlayerId;
use scoreline_core::store::Result;

use crate::error::translate;
use crate::statement::sql;

/// The numbers of the players of one transaction, each looked up once. What was given out in a
/// transaction that is taken back was never given out.
pub(crate) struct PlayerNumbers<'t> {
    find: CachedStatement<'t>,
    add: CachedStatement<'t>,
    known: HashMap<PlayerId, i64>,
}

impl<'t> PlayerNumbers<'t> {
    pub fn new(tx: &'t Connection) -> Result<Self> {
        let prepare = |sql| tx.prepare_cached(sql).map_err(translate);
        Ok(Self {
            find: prepare(sql!("player/number"))?,
            add: prepare(sql!("player/add_number"))?,
            known: HashMap::new(),
        })
    }

    /// The number of a player, if they have one.
    pub fn find(&mut self, player: &PlayerId) -> Result<Option<i64>> {
        if let Some(no) = self.known.get(player) {
            return Ok(Some(*no));
        }
        let found = self.find.query_row([player.as_str()], |row| row.get(0)).optional();
        let found = found.map_err(translate)?;
        if let Some(no) = found {
            self.known.insert(player.clone(), no);
        }
        Ok(found)
    }

    /// The number of a player, who has one from now on.
    pub fn of(&mut self, player: &PlayerId) -> Result<i64> {
        if let Some(no) = self.find(player)? {
            return Ok(no);
        }
        // What an INSERT would answer, SQLite keeps in a temporary table first.
        let no = self.add.insert([player.as_str()]).map_err(translate)?;
        self.known.insert(player.clone(), no);
        Ok(no)
    }

    /// Forgets all numbers, as part of the transaction was taken back.
    pub fn forget(&mut self) {
        self.known.clear();
    }
}
