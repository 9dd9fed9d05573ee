//! Operating figures and totals, as they are kept.

use async_trait::async_trait;
use scoreline_core::fold::{Figure, FigureKey};
use scoreline_core::id::Slot;
use scoreline_core::store::{FigureRow, FigureStore, Result};
use scoreline_core::time::Timestamp;

use crate::rows;
use crate::session::{Session, sql};
use crate::store::PostgresStore;
use crate::value::values;

#[async_trait]
impl FigureStore for PostgresStore {
    async fn figures(&self, slot: Slot, grain_ms: i64, from: Timestamp) -> Result<Vec<FigureRow>> {
        self.read(move |session| async move {
            let range = (from.floor_to(grain_ms), Timestamp::MAX);
            let figures = read(&session, slot, grain_ms, range).await?;
            let row = |(FigureKey { start, event_type, .. }, figure)| FigureRow {
                start,
                event_type,
                figure,
            };
            Ok(figures.into_iter().map(row).collect())
        })
        .await
    }
}

/// The figures of a slot and a grain that start in a range, by start and type, each added up over
/// its shards.
pub(crate) async fn read(
    session: &Session,
    slot: Slot,
    grain_ms: i64,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<(FigureKey, Figure)>> {
    let values = values![slot.0, grain_ms, from.as_ms(), until.as_ms()];
    let shards = session.list(sql!("figure/list"), values, rows::read).await?;
    let mut figures: Vec<(FigureKey, Figure)> = Vec::new();
    for (key, figure) in shards {
        match figures.last_mut() {
            Some((known, together)) if *known == key => together.merge(&figure),
            _ => figures.push((key, figure)),
        }
    }
    Ok(figures)
}
