//! Statistics of players, one row a player.
//!
//! Hardly an event changes one statistic alone, so all of a player lie in one row, as two lists that
//! belong together: slots and amounts. SQL cannot merge such lists, so a row is locked, read, merged
//! and written back.

use std::collections::{BTreeMap, BTreeSet};

use scoreline_core::fold::{PlayerStatistics, StatisticChange};
use scoreline_core::id::{PlayerId, Slot};
use scoreline_core::store::Result;
use scoreline_core::store::values::limit;

use crate::rows;
use crate::session::{Session, sql, together};
use crate::value::values;

/// A change of one statistic of one player.
type Change = (PlayerId, Slot, StatisticChange);

/// The rows that there are of some players, by their places from 1.
pub(crate) type Locked = BTreeMap<u64, PlayerStatistics>;

/// Writes changes, given in the order of players. `known` are the rows of these players.
pub(crate) async fn write(session: &Session, changes: &[Change], mut known: Locked) -> Result<()> {
    let mut waiting = by_player(changes);
    while !waiting.is_empty() {
        let (mut replaced, mut new) = (Columns::default(), Columns::default());
        for (place, changes) in (1..).zip(&waiting) {
            let stored = known.remove(&place);
            let is_new = stored.is_none();
            let mut statistics = stored.unwrap_or_default();
            if is_new {
                statistics.merge(changes)?;
                new.push(&changes[0].0, &statistics);
            } else if statistics.merge(changes)? {
                replaced.push(&changes[0].0, &statistics);
            }
        }
        let (_, added) = together(
            replaced.write(session, sql!("statistic/replace")),
            new.write(session, sql!("statistic/insert")),
        )
        .await?;
        // Rows that another transaction inserted in between are read again.
        let missed: BTreeSet<&str> =
            new.players.into_iter().filter(|player| !added.contains(*player)).collect();
        waiting.retain(|changes| missed.contains(changes[0].0.as_str()));
        known = lock_rows(session, &waiting).await?;
    }
    Ok(())
}

fn by_player(changes: &[Change]) -> Vec<&[Change]> {
    changes.chunk_by(|a, b| a.0 == b.0).collect()
}

/// Locks the rows of the players of these changes, in their order.
pub(crate) async fn lock(session: &Session, changes: &[Change]) -> Result<Locked> {
    lock_rows(session, &by_player(changes)).await
}

async fn lock_rows(session: &Session, of: &[&[Change]]) -> Result<Locked> {
    if of.is_empty() {
        return Ok(Locked::new());
    }
    let players: Vec<&str> = of.iter().map(|changes| changes[0].0.as_str()).collect();
    let known = session.list(sql!("statistic/lock"), values![players], rows::read).await?;
    Ok(known.into_iter().collect())
}

/// Rows, a list a column. PostgreSQL has no lists of lists of different lengths, so the lists of
/// all rows are joined, and each row says how much of them is its own.
#[derive(Default)]
struct Columns<'c> {
    players: Vec<&'c str>,
    firsts: Vec<i64>,
    lasts: Vec<i64>,
    slots: Vec<i64>,
    amounts: Vec<i64>,
}

impl<'c> Columns<'c> {
    fn push(&mut self, player: &'c PlayerId, statistics: &PlayerStatistics) {
        self.players.push(player.as_str());
        self.firsts.push(limit(self.slots.len() + 1));
        self.slots.extend(statistics.iter().map(|(slot, _)| slot.0));
        self.amounts.extend(statistics.iter().map(|(_, amount)| amount));
        self.lasts.push(limit(self.slots.len()));
    }

    /// Answers the players whose rows were written.
    async fn write(&self, session: &Session, sql: &str) -> Result<BTreeSet<String>> {
        if self.players.is_empty() {
            return Ok(BTreeSet::new());
        }
        let Self { players, firsts, lasts, slots, amounts } = self;
        let values = values![*players, *firsts, *lasts, *slots, *amounts];
        let written = session.list(sql, values, rows::read).await?;
        Ok(written.into_iter().collect())
    }
}
