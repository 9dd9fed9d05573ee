//! The short numbers by which events name their players.

use std::collections::{HashMap, HashSet};

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
    /// The one asked for last, who is mostly asked for next.
    last: Option<(PlayerId, i64)>,
    /// Those given out in this transaction that nobody has asked about.
    new: HashSet<i64>,
}

impl<'t> PlayerNumbers<'t> {
    pub fn new(tx: &'t Connection) -> Result<Self> {
        let prepare = |sql| tx.prepare_cached(sql).map_err(translate);
        Ok(Self {
            find: prepare(sql!("player/number"))?,
            add: prepare(sql!("player/add_number"))?,
            known: HashMap::new(),
            last: None,
            new: HashSet::new(),
        })
    }

    /// The number of a player, if they have one.
    pub fn find(&mut self, player: &PlayerId) -> Result<Option<i64>> {
        if let Some((_, no)) = self.last.as_ref().filter(|(last, _)| last == player) {
            return Ok(Some(*no));
        }
        let known = self.known.get(player).copied();
        let no = if let Some(no) = known {
            no
        } else {
            let asked = self.find.query_row([player.as_str()], |row| row.get(0)).optional();
            let Some(no) = asked.map_err(translate)? else { return Ok(None) };
            self.known.insert(player.clone(), no);
            no
        };
        self.last = Some((player.clone(), no));
        Ok(Some(no))
    }

    /// The number of a player, who has one from now on.
    pub fn of(&mut self, player: &PlayerId) -> Result<i64> {
        if let Some(no) = self.find(player)? {
            return Ok(no);
        }
        // What an INSERT would answer, SQLite keeps in a temporary table first.
        let no = self.add.insert([player.as_str()]).map_err(translate)?;
        self.known.insert(player.clone(), no);
        self.new.insert(no);
        Ok(no)
    }

    /// Whether a number was given out in this transaction, so that nothing can be kept under it. Only the first to
    /// ask is told so, who may keep something next.
    pub fn is_unused(&mut self, no: i64) -> bool {
        self.new.remove(&no)
    }

    /// Forgets all numbers, as part of the transaction was taken back.
    pub fn forget(&mut self) {
        self.known.clear();
        self.last = None;
        self.new.clear();
    }
}
