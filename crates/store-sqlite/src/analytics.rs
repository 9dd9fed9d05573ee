//! Exact analytics: players' parts, merged by core, and the counters.
//!
//! As in `changes.rs`, tables are named without a schema.

use async_trait::async_trait;
use rusqlite::{CachedStatement, Connection, params};
use scoreline_core::analytics::{
    CounterKey, CounterQuery, CounterRow, Part, PartRows, merge_players,
};
use scoreline_core::fold::{AnalyticsChange, AnalyticsRewrite};
use scoreline_core::id::{PlayerId, Slot};
use scoreline_core::store::{AnalyticsStore, Result, StoreError};

use crate::error::translate;
use crate::numbers::PlayerNumbers;
use crate::statement::{execute, list, sql, view};
use crate::store::SqliteStore;

/// The statements that write analytics, ready for one transaction.
pub(crate) struct AnalyticsWriter<'c> {
    connection: &'c Connection,
    parts: CachedStatement<'c>,
    keep: CachedStatement<'c>,
    count: CachedStatement<'c>,
}

impl<'c> AnalyticsWriter<'c> {
    pub fn new(connection: &'c Connection) -> Result<Self> {
        let prepare = |sql| connection.prepare_cached(sql).map_err(translate);
        Ok(Self {
            connection,
            parts: prepare(sql!("analytics/parts_from"))?,
            keep: prepare(sql!("analytics/keep"))?,
            count: prepare(sql!("analytics/count"))?,
        })
    }

    /// Merges what changed into what is kept, and counts the difference.
    pub fn write(
        &mut self,
        numbers: &mut PlayerNumbers<'c>,
        change: &AnalyticsChange,
    ) -> Result<()> {
        let slot = change.slot;
        let mut parts = SlotParts { slot, writer: self, numbers, read: Read::default() };
        let counts = merge_players(change, &mut parts)?;
        for (key, more) in counts {
            self.count(slot, &key, more)?;
        }
        Ok(())
    }

    /// Puts parts of a player in place of what is kept, and counts the difference.
    pub fn rewrite(&mut self, player: &PlayerId, rewrite: &AnalyticsRewrite) -> Result<()> {
        let slot = rewrite.slot;
        let player_no = PlayerNumbers::new(self.connection)?.of(player)?;
        for (part, bytes) in &rewrite.parts {
            let key = params![slot.0, player_no, part.number()];
            match bytes {
                Some(bytes) => {
                    let values = params![slot.0, player_no, part.number(), bytes];
                    self.keep.execute(values).map_err(translate)?;
                }
                None => drop(execute(self.connection, sql!("analytics/remove"), key)?),
            }
        }
        rewrite.counts.iter().try_for_each(|(key, more)| self.count(slot, key, *more))
    }

    fn count(&mut self, slot: Slot, key: &CounterKey, more: i64) -> Result<()> {
        let values = params![
            slot.0,
            key.measure.as_str(),
            key.by.as_str(),
            key.day.0,
            key.value_text(),
            key.item.to_string(),
            more,
        ];
        self.count.execute(values).map_err(translate)?;
        Ok(())
    }
}

/// The parts of one slot.
struct SlotParts<'w, 'c> {
    slot: Slot,
    writer: &'w mut AnalyticsWriter<'c>,
    numbers: &'w mut PlayerNumbers<'c>,
    read: Read,
}

/// The parts of a player from one on, those that were asked for taken out.
#[derive(Default)]
struct Read {
    player_no: i64,
    from: i64,
    rows: Vec<(i64, Vec<u8>)>,
}

impl PartRows for SlotParts<'_, '_> {
    type Error = StoreError;

    fn kept(&mut self, player: &PlayerId, part: Part) -> Result<Option<Vec<u8>>> {
        let Some(player_no) = self.numbers.find(player)? else { return Ok(None) };
        let part = part.number();
        if self.read.player_no != player_no || part < self.read.from {
            let rows = if self.numbers.is_unused(player_no) {
                Vec::new()
            } else {
                let values = params![self.slot.0, player_no, part];
                let rows =
                    self.writer.parts.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)));
                rows.and_then(Iterator::collect).map_err(translate)?
            };
            self.read = Read { player_no, from: part, rows };
        }
        let place = self.read.rows.iter().position(|(known, _)| *known == part);
        Ok(place.map(|place| self.read.rows.swap_remove(place).1))
    }

    fn keep(&mut self, player: &PlayerId, part: Part, bytes: Vec<u8>) -> Result<()> {
        let values = params![self.slot.0, self.numbers.of(player)?, part.number(), bytes];
        self.writer.keep.execute(values).map_err(translate)?;
        Ok(())
    }
}

#[async_trait]
impl AnalyticsStore for SqliteStore {
    async fn counters(
        &self,
        slot: Slot,
        queries: Vec<CounterQuery>,
    ) -> Result<Vec<Vec<CounterRow>>> {
        self.read(move |connection| {
            let tx = view(connection)?;
            queries.iter().map(|query| counters(&tx, slot, query)).collect()
        })
        .await
    }
}

fn counters(tx: &Connection, slot: Slot, query: &CounterQuery) -> Result<Vec<CounterRow>> {
    let values = params![
        slot.0,
        query.measure.as_str(),
        query.by.as_str(),
        query.days.from.0,
        query.days.until.0,
        query.value.as_deref(),
    ];
    list(tx, sql!("analytics/counters"), values)
}
