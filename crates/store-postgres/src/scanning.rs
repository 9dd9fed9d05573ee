//! Reading stored events in the order in which they were applied.

use scoreline_core::id::PlayerId;
use scoreline_core::store::values::limit;
use scoreline_core::store::{EventFilter, Portion, Result, ScanPosition, StoredEvent};

use crate::rows;
use crate::scanned::After;
use crate::session::{Session, sql};
use crate::value::{Param, values};
use crate::voided;

/// Stored events in the order in which they were applied.
pub(crate) async fn scan(
    session: &Session,
    filter: &EventFilter,
    after: Option<&ScanPosition>,
    rows: usize,
) -> Result<Portion<StoredEvent>> {
    let After { applied_at, id, player: after_player } = After::new(after)?;
    let (from, until, event_type) = filter.times_and_type();
    let most = limit(rows);
    let found = if let Some(player) = filter.player.as_ref().map(PlayerId::as_str) {
        let values = values![applied_at, id, after_player, from, until, event_type, most, player];
        stored(session, sql!("event/scan_player"), values).await
    } else {
        let values = values![applied_at, id, after_player, from, until, event_type, most];
        stored(session, sql!("event/scan"), values).await
    };
    Ok(found?.of_at_most(rows))
}

/// The events that a statement answers, as far as their bytes allow, each with when it did not count.
pub(crate) async fn stored(
    session: &Session,
    sql: &str,
    values: &[Param<'_>],
) -> Result<Portion<StoredEvent>> {
    let bytes = |stored: &StoredEvent| stored.event.payload.len();
    let mut stored = session.portion(sql, values, rows::stored_event, bytes).await?;
    voided::attach(session, &mut stored.rows).await?;
    Ok(stored)
}
