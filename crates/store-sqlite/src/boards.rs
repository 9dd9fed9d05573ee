//! Board entries, for answers and for the rank index.

use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::rank::{Contender, PlayerStanding};
use scoreline_core::store::{BoardStore, Entry, Result};
use scoreline_core::time::Timestamp;

use crate::error::translate;
use crate::rows;
use crate::statement::{limit, list, only, sql};
use crate::store::SqliteStore;

#[async_trait]
impl BoardStore for SqliteStore {
    async fn entries(&self, board: BoardKey, players: Vec<PlayerId>) -> Result<Vec<Option<Entry>>> {
        self.glance(players.len(), move |connection| {
            let mut query = connection.prepare_cached(sql!("board/entry")).map_err(translate)?;
            let mut find = |player: &PlayerId| {
                let key = params![board.slot.0, board.period.as_ms(), player.as_str()];
                query.query_row(key, rows::read).optional().map_err(translate)
            };
            players.iter().map(&mut find).collect()
        })
        .await
    }

    async fn standings(
        &self,
        board: BoardKey,
        after: Option<PlayerId>,
        rows: usize,
    ) -> Result<Vec<PlayerStanding>> {
        self.read(move |connection| {
            // No id is empty, so the empty text stands before all of them.
            let after = after.as_ref().map_or("", PlayerId::as_str);
            let values = params![board.slot.0, board.period.as_ms(), after, limit(rows)];
            list(connection, sql!("board/standings"), values, rows::read)
        })
        .await
    }

    async fn periods(&self, slot: Slot, rows: usize) -> Result<Vec<Timestamp>> {
        self.read(move |connection| {
            let mut query =
                connection.prepare_cached(sql!("board/period_before")).map_err(translate)?;
            let mut found: Vec<Timestamp> = Vec::new();
            while found.len() < rows {
                let before = found.last().map_or(i64::MAX, |period| period.as_ms());
                let period =
                    query.query_row(params![slot.0, before], rows::read).map_err(translate)?;
                let Some(period) = period else { break };
                found.push(period);
            }
            Ok(found)
        })
        .await
    }

    async fn steps(&self, board: BoardKey, every: usize) -> Result<Vec<Contender>> {
        self.read(move |connection| {
            let values = params![board.slot.0, board.period.as_ms(), limit(every)];
            list(connection, sql!("board/steps"), values, rows::read)
        })
        .await
    }

    async fn range(
        &self,
        board: BoardKey,
        from: Option<Contender>,
        skipped: u64,
        rows: usize,
    ) -> Result<Vec<Contender>> {
        self.read(move |connection| {
            let (points, reached_at, player) = seat(from.as_ref());
            let skipped = i64::try_from(skipped).unwrap_or(i64::MAX);
            let (slot, period) = (board.slot.0, board.period.as_ms());
            let values = params![slot, period, points, reached_at, player, limit(rows), skipped];
            list(connection, sql!("board/range"), values, rows::read)
        })
        .await
    }

    async fn range_before(
        &self,
        board: BoardKey,
        before: Contender,
        rows: usize,
    ) -> Result<Vec<Contender>> {
        self.read(move |connection| {
            let (points, reached_at, player) = seat(Some(&before));
            let (slot, period) = (board.slot.0, board.period.as_ms());
            let values = params![slot, period, points, reached_at, player, limit(rows)];
            list(connection, sql!("board/range_before"), values, rows::read)
        })
        .await
    }

    async fn count_between(
        &self,
        board: BoardKey,
        spans: Vec<(Option<Contender>, Contender)>,
    ) -> Result<Vec<u64>> {
        self.read(move |connection| {
            let (slot, period) = (board.slot.0, board.period.as_ms());
            let count = |(from, before): &(Option<Contender>, Contender)| {
                let (from, to) = (seat(from.as_ref()), seat(Some(before)));
                let values = params![slot, period, from.0, from.1, from.2, to.0, to.1, to.2];
                only(connection, sql!("board/count_between"), values, rows::read)
            };
            spans.iter().map(count).collect()
        })
        .await
    }
}

/// Where a contender stands, as SQL compares it; above everybody, if there is none.
fn seat(contender: Option<&Contender>) -> (i64, i64, &str) {
    contender.map_or((i64::MAX, i64::MIN, ""), |Contender { standing, player }| {
        (standing.points, standing.reached_at.as_ms(), player.as_str())
    })
}
