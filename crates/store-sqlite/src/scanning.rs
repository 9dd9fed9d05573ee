//! Reading stored events in the order in which they were applied.

use rusqlite::{Connection, Params, params};
use scoreline_core::event::Event;
use scoreline_core::store::rows::{Columns, Stored};
use scoreline_core::store::{EventFilter, Portion, Result, ScanPosition, StoreError, StoredEvent};
use scoreline_core::time::Timestamp;
use scoreline_core::void::Voids;

use crate::statement::{first, limit, only, portion, sql};
use crate::voided;

/// Stored events in the order in which they were applied.
pub(crate) fn scan(
    connection: &Connection,
    filter: &EventFilter,
    after: Option<&ScanPosition>,
    rows: usize,
) -> Result<Portion<StoredEvent>> {
    let after = after.map_or(Ok(i64::MIN), event_no)?;
    let ((from, until, event_type), most) = (filter.times_and_type(), limit(rows));
    let found = if let Some(player) = &filter.player {
        let values = params![after, from, until, event_type, most, player.as_str()];
        stored(connection, sql!("event/scan_player"), values)
    } else {
        let values = params![after, from, until, event_type, most];
        stored(connection, sql!("event/scan"), values)
    };
    Ok(found?.of_at_most(rows))
}

/// An event, followed by when it was applied and its number.
struct Numbered(StoredEvent);

impl Stored for Numbered {
    const WIDTH: usize = Event::WIDTH + 2;

    fn read<R: Columns>(row: &R, first: usize) -> std::result::Result<Self, R::Error> {
        let (event, applied_at, no): (Event, Timestamp, i64) = Stored::read(row, first)?;
        let position = ScanPosition::from_bytes(&no.to_be_bytes());
        Ok(Self(StoredEvent { event, applied_at, position, voids: Voids::default() }))
    }
}

/// The events that a statement answers, as far as their bytes allow, each with when it did not count.
pub(crate) fn stored(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Portion<StoredEvent>> {
    let bytes = |Numbered(stored): &Numbered| stored.event.payload.len();
    let mut stored = portion(connection, sql, params, bytes)?.map(|Numbered(stored)| stored);
    voided::attach(connection, &mut stored.rows)?;
    Ok(stored)
}

/// The number of the event that a scan has come to.
pub(crate) fn event_no(position: &ScanPosition) -> Result<i64> {
    let bytes = position.as_bytes().try_into().map_err(|_| StoreError::ForeignPosition)?;
    Ok(i64::from_be_bytes(bytes))
}

/// The number of the first event that was applied at `time` or later; one more than the last number
/// if there is none. Found by halving, because times of application ascend with the numbers.
pub(crate) fn first_applied_from(connection: &Connection, time: Timestamp) -> Result<i64> {
    let last: Option<i64> = only(connection, sql!("event/last"), ())?;
    let Some(last) = last else { return Ok(1) };
    // Numbers begin with 1. Everything below `low` was applied before, everything from `high` on
    // was not.
    let (mut low, mut high) = (1, last + 1);
    while low < high {
        let middle = i64::midpoint(low, high);
        let found: Option<(i64, Timestamp)> =
            first(connection, sql!("event/first_from"), [middle])?;
        match found {
            Some((no, applied_at)) if applied_at < time => low = no + 1,
            _ => high = middle,
        }
    }
    Ok(high)
}
