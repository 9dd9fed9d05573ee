//! Operating figures and totals, as they are kept.

use async_trait::async_trait;
use scoreline_core::fold::{Figure, FigureKey};
use scoreline_core::id::Slot;
use scoreline_core::store::{FigureRow, FigureStore, Result, Totals};
use scoreline_core::time::Timestamp;
use tokio_postgres::Row;

use crate::session::{Session, sql};
use crate::store::PostgresStore;
use crate::value::values;
use crate::{rows, state};

#[async_trait]
impl FigureStore for PostgresStore {
    async fn figures(&self, slot: Slot, grain_ms: i64, from: Timestamp) -> Result<Vec<FigureRow>> {
        self.read(move |session| async move {
            let range = (from.floor_to(grain_ms), Timestamp::MAX);
            let figures = read(&session, slot, grain_ms, range).await?;
            let row = |(key, figure): (FigureKey, Figure)| FigureRow {
                start: key.start,
                event_type: key.event_type,
                figure,
            };
            Ok(figures.into_iter().map(row).collect())
        })
        .await
    }

    async fn totals(&self) -> Result<Totals> {
        self.read(|session| async move { state::totals(&session).await }).await
    }
}

/// The figures of a slot and a grain that start in a range, by start and type: each what its
/// shards are together.
pub(crate) async fn read(
    session: &Session,
    slot: Slot,
    grain_ms: i64,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<(FigureKey, Figure)>> {
    let values = values![slot.0, grain_ms, from.as_ms(), until.as_ms()];
    let shards = session.list(sql!("figure/list"), values, |row| figure(row, slot)).await?;
    let mut figures: Vec<(FigureKey, Figure)> = Vec::new();
    for (key, figure) in shards {
        match figures.last_mut() {
            Some((known, together)) if *known == key => together.merge(&figure),
            _ => figures.push((key, figure)),
        }
    }
    Ok(figures)
}

/// One shard of a figure.
fn figure(row: &Row, slot: Slot) -> Result<(FigureKey, Figure)> {
    let key = FigureKey {
        slot,
        grain_ms: rows::get(row, 0)?,
        start: rows::time(row, 1)?,
        event_type: rows::text(row, 2)?,
    };
    let figure = Figure {
        events: rows::get(row, 3)?,
        processing_ms: rows::get(row, 4)?,
        first_at: rows::time(row, 5)?,
        last_at: rows::time(row, 6)?,
        players: rows::sketch(row, 7)?.unwrap_or_default(),
    };
    Ok((key, figure))
}
