//! Rows of events: those that count, the dead, and those in quarantine.

use std::sync::Arc;

use super::{Columns, Stored};
use crate::event::recognise::KeptEvent;
use crate::event::{ContentHash, Event, RejectCode, Rejected};
use crate::id::{EventKey, PlayerId};
use crate::store::{
    DeadEvent, DeadNo, Measured, QuarantineEntry, QuarantineNo, SetAsideGroup, SetAsideKind, Size,
};

/// The key of an event: its player and its id.
impl Stored for EventKey {
    const WIDTH: usize = 2;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self { player: row.player(first)?, id: row.uuid(first + 1)? })
    }
}

/// `event_type, content, payload, received_at`.
impl Stored for KeptEvent {
    const WIDTH: usize = 4;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            event_type: row.text(first)?.to_owned(),
            content: ContentHash(row.integer(first + 1)?),
            payload: row.text(first + 2)?.to_owned(),
            received_at: row.time(first + 3)?,
        })
    }
}

/// `event_time, event_id, player_id, event_type, received_at, counted_at, content, payload`.
impl Stored for Event {
    const WIDTH: usize = 8;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let time = row.time(first)?;
        Ok(Self::from_stored(
            EventKey { player: row.player(first + 2)?, id: row.uuid(first + 1)? },
            time,
            row.shared_text(first + 3)?,
            row.time(first + 4)?,
            row.maybe_time(first + 5)?.unwrap_or(time),
            ContentHash(row.integer(first + 6)?),
            Box::from(row.text(first + 7)?),
        ))
    }
}

/// An event, followed by why and how often it failed, when, who gave it up, its number, and who sent it.
impl Stored for DeadEvent {
    const WIDTH: usize = 15;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            event: Event {
                sent_by: row.maybe_text(first + 14)?.map(Arc::from),
                ..Event::read(row, first)?
            },
            reason: row.text(first + 8)?.to_owned(),
            attempts: row.small_count(first + 9)?,
            died_at: row.time(first + 10)?,
            discarded: row.note(first + 11)?,
            no: DeadNo(row.integer(first + 13)?),
        })
    }
}

/// The columns of `quarantine/groups` and of `dead/groups`.
impl Stored for SetAsideGroup {
    const WIDTH: usize = 5;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        Ok(Self {
            reason: row.text(first)?.to_owned(),
            event_type: row.text(first + 1)?.to_owned(),
            events: row.count(first + 2)?,
            players: row.count(first + 3)?,
            last_at: row.time(first + 4)?,
        })
    }
}

/// The columns of `quarantine/measure` and `dead/measure`: the kind that is to go first, whether it was given
/// up, all events and bytes, and how many are alarming.
impl Stored for Measured {
    const WIDTH: usize = 5;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let name = row.text(first)?.to_owned();
        let given_up = row.truth(first + 1)?;
        Ok(Self {
            size: Size { events: row.count(first + 2)?, bytes: row.count(first + 3)? },
            alarming: row.count(first + 4)?,
            first_to_go: Some(SetAsideKind { name, given_up }),
        })
    }
}

/// The columns of `quarantine/page`.
impl Stored for QuarantineEntry {
    const WIDTH: usize = 17;

    fn read<R: Columns>(row: &R, first: usize) -> Result<Self, R::Error> {
        let code = row.text(first + 6)?;
        let code = RejectCode::ALL
            .into_iter()
            .find(|known| known.as_str() == code)
            .ok_or_else(|| row.damaged(first + 6, format!("{code:?} is no reject code")))?;
        let rejected = Rejected {
            digest: row.uuid(first + 1)?,
            index: usize::try_from(row.count(first + 2)?).unwrap_or(usize::MAX),
            event_type: row.own_text(first + 3)?,
            player: row.maybe_text(first + 4)?.map(PlayerId::from_stored),
            event_id: row.own_text(first + 5)?,
            code,
            field: row.own_text(first + 7)?,
            message: row.text(first + 8)?.to_owned(),
            received_at: row.time(first + 9)?,
            sent_at: row.maybe_time(first + 10)?,
            occurrence: row.small_count(first + 11)?,
            raw: Box::from(row.text(first + 12)?),
            sent_by: row.maybe_text(first + 16)?.map(Arc::from),
        };
        Ok(Self {
            no: QuarantineNo(row.integer(first)?),
            rejected,
            times_seen: row.count(first + 13)?,
            discarded: row.note(first + 14)?,
        })
    }
}
