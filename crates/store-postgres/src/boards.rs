//! Board entries, for answers and for the rank index.

use std::collections::HashMap;

use async_trait::async_trait;
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::rank::{Contender, PlayerStanding};
use scoreline_core::store::{BoardStore, Entry, Result};
use scoreline_core::time::Timestamp;

use crate::rows::{self, limit};
use crate::session::sql;
use crate::store::PostgresStore;
use crate::value::values;

/// More than any board has.
const MANY: i64 = i64::MAX / 2;

#[async_trait]
impl BoardStore for PostgresStore {
    async fn entries(&self, board: BoardKey, players: Vec<PlayerId>) -> Result<Vec<Option<Entry>>> {
        self.read(move |session| async move {
            let ids: Vec<&str> = players.iter().map(PlayerId::as_str).collect();
            let values = values![board.slot.0, board.period.as_ms(), ids];
            let found: Vec<Entry> = session.list(sql!("board/entries"), values, rows::read).await?;
            let found: HashMap<&PlayerId, &Entry> =
                found.iter().map(|entry| (&entry.player, entry)).collect();
            Ok(players.iter().map(|player| found.get(player).map(|one| (*one).clone())).collect())
        })
        .await
    }

    async fn standings(
        &self,
        board: BoardKey,
        after: Option<PlayerId>,
        rows: usize,
    ) -> Result<Vec<PlayerStanding>> {
        self.read(move |session| async move {
            // No id is empty, so the empty text stands before all of them.
            let after = after.as_ref().map_or("", PlayerId::as_str);
            let values = values![board.slot.0, board.period.as_ms(), after, limit(rows)];
            session.list(sql!("board/standings"), values, rows::read).await
        })
        .await
    }

    async fn periods(&self, slot: Slot, rows: usize) -> Result<Vec<Timestamp>> {
        self.read(move |session| async move {
            let mut found: Vec<Timestamp> = Vec::new();
            while found.len() < rows {
                let before = found.last().map_or(i64::MAX, |period| period.as_ms());
                let values = values![slot.0, before];
                let period = session.only(sql!("board/period_before"), values, rows::read).await?;
                let Some(period) = period else { break };
                found.push(period);
            }
            Ok(found)
        })
        .await
    }

    async fn steps(&self, board: BoardKey, every: usize) -> Result<Vec<Contender>> {
        self.read(move |session| async move {
            let values = values![board.slot.0, board.period.as_ms(), limit(every)];
            session.list(sql!("board/steps"), values, rows::read).await
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
        self.read(move |session| async move {
            let (points, reached_at, player) = seat(from.as_ref());
            // Their sum must be a number too. No board has so many.
            let skipped = i64::try_from(skipped).unwrap_or(MANY).min(MANY);
            let (slot, period, rows) = (board.slot.0, board.period.as_ms(), limit(rows).min(MANY));
            let values = values![slot, period, points, reached_at, player, rows, skipped];
            session.list(sql!("board/range"), values, rows::read).await
        })
        .await
    }

    async fn range_before(
        &self,
        board: BoardKey,
        before: Contender,
        rows: usize,
    ) -> Result<Vec<Contender>> {
        self.read(move |session| async move {
            let (points, reached_at, player) = seat(Some(&before));
            let (slot, period) = (board.slot.0, board.period.as_ms());
            let values = values![slot, period, points, reached_at, player, limit(rows)];
            session.list(sql!("board/range_before"), values, rows::read).await
        })
        .await
    }

    async fn count_between(
        &self,
        board: BoardKey,
        spans: Vec<(Option<Contender>, Contender)>,
    ) -> Result<Vec<u64>> {
        self.read(move |session| async move {
            let from = spans.iter().map(|(from, _)| seat(from.as_ref()));
            let (from_points, (from_reached, from_players)) = columns(from);
            let before = spans.iter().map(|(_, before)| seat(Some(before)));
            let (points, (reached, players)) = columns(before);
            let values = values![
                board.slot.0,
                board.period.as_ms(),
                from_points,
                from_reached,
                from_players,
                points,
                reached,
                players,
            ];
            session.list(sql!("board/count_between"), values, rows::read).await
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

fn columns<'c>(
    seats: impl Iterator<Item = (i64, i64, &'c str)>,
) -> (Vec<i64>, (Vec<i64>, Vec<&'c str>)) {
    seats.map(|(points, reached_at, player)| (points, (reached_at, player))).unzip()
}
