//! The time that an event's key carries.
//!
//! Stores keep events near others of about the same time, so that a new one touches what is in
//! memory anyway. The event's own time cannot say where, as a repetition may state another. The id
//! can: ids of the versions 1, 6 and 7 hold when they were made, and so do those that are derived
//! here. Others hold none; their events lie where they were received, and so do those whose ids are of a
//! clock that runs ahead: a store that keeps days apart makes a day before anything lies in it.

use uuid::Uuid;

use crate::limits::{KEY_AHEAD_MAX_MS, KEY_FAR_AHEAD_MS};
use crate::time::Timestamp;

/// The version of derived ids: [`Uuid`] calls it custom.
const DERIVED_VERSION: usize = 8;
/// Bytes at the start of derived ids and of those of version 7 that hold milliseconds since 1970.
const MS_BYTES: usize = 6;
/// From the start of the calendar, in 1582, to 1970, in steps of 100 ns.
const TICKS_BEFORE_1970: i64 = 0x01B2_1DD2_1381_4000;
const TICKS_PER_MS: i64 = 10_000;

/// The time within an id; `None` if it holds none. A function of the id alone.
pub fn time_of(id: Uuid) -> Option<Timestamp> {
    match id.get_version_num() {
        1 | 6 => {
            let (ticks, _) = id.get_timestamp()?.to_gregorian();
            let ticks = i64::try_from(ticks).ok()? - TICKS_BEFORE_1970;
            Timestamp::from_ms(ticks.div_euclid(TICKS_PER_MS))
        }
        7 | DERIVED_VERSION => {
            let mut ms = [0; size_of::<i64>()];
            ms[size_of::<i64>() - MS_BYTES..].copy_from_slice(&id.as_bytes()[..MS_BYTES]);
            Timestamp::from_ms(i64::from_be_bytes(ms))
        }
        _ => None,
    }
}

/// Whether an id is of the kind that is derived from what an event says.
pub(super) fn is_derived(id: Uuid) -> bool {
    id.get_version_num() == DERIVED_VERSION
}

/// Where a store keeps an event that it was given at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// By which time: that of its id, or else its receipt.
    pub key_time: Timestamp,
    /// Whether a table of keys leads there, because the id alone does not say so at every time.
    pub is_noted: bool,
}

/// Where an event of this id lies.
///
/// Whether an id's time lies ahead depends on when it is asked. Two attempts that are at work at the same
/// time differ by less than there is between the two limits, so each of them finds the other: far ahead
/// and a little ahead by the table of keys, a little ahead and not ahead by the place itself.
pub fn place(id: Uuid, received_at: Timestamp, applied_at: Timestamp) -> Place {
    match time_of(id) {
        None => Place { key_time: received_at, is_noted: true },
        Some(time) => {
            let ahead_ms = time.ms_since(applied_at);
            let key_time = if ahead_ms > KEY_FAR_AHEAD_MS { received_at } else { time };
            Place { key_time, is_noted: ahead_ms > KEY_AHEAD_MAX_MS }
        }
    }
}

/// An id of these bytes that carries a time. One that an id cannot carry, before 1970, becomes its
/// start.
pub(super) fn with_time(mut bytes: [u8; 16], time: Option<Timestamp>) -> Uuid {
    let ms = time.map_or(0, Timestamp::as_ms).max(0);
    bytes[..MS_BYTES].copy_from_slice(&ms.to_be_bytes()[size_of::<i64>() - MS_BYTES..]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str) -> Option<String> {
        time_of(Uuid::try_parse(id).expect("a UUID")).map(|time| time.to_string())
    }

    #[test]
    fn ids_that_hold_a_time_tell_it_and_others_none() {
        // The examples of RFC 9562, appendices A and B.
        let example = Some("2022-02-22T19:22:22.000Z".to_owned());
        assert_eq!(of("C232AB00-9414-11EC-B3C8-9F6BDECED846"), example);
        assert_eq!(of("1EC9414C-232A-6B00-B3C8-9F6BDECED846"), example);
        assert_eq!(of("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), example);
        for id in [
            "919108f7-52d1-4320-9bac-f847db4148a8",
            "5df41881-3aed-3515-88a7-2f4a814cf09e",
            "2ed6657d-e927-568b-95e1-2665a8aea6a2",
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            // Of version 7, but after the year 9999.
            "ffffffff-ffff-7fff-bfff-ffffffffffff",
        ] {
            assert_eq!(of(id), None, "{id}");
        }
        assert_eq!(
            of("00000000-0000-1000-8000-000000000000"),
            Some("1582-10-15T00:00:00.000Z".into())
        );
    }

    #[test]
    fn an_event_of_a_clock_that_runs_ahead_lies_where_it_was_received() {
        let at = |ms| Timestamp::from_stored_ms(1_795_428_000_000 + ms);
        let (received, applied) = (at(-2_000), at(0));
        let lies = |id| {
            let Place { key_time, is_noted } = place(id, received, applied);
            (key_time, is_noted)
        };
        for (ms, key_time, is_noted) in [
            (-90_000, at(-90_000), false),
            (KEY_AHEAD_MAX_MS, at(KEY_AHEAD_MAX_MS), false),
            (KEY_AHEAD_MAX_MS + 1, at(KEY_AHEAD_MAX_MS + 1), true),
            (KEY_FAR_AHEAD_MS, at(KEY_FAR_AHEAD_MS), true),
            (KEY_FAR_AHEAD_MS + 1, received, true),
        ] {
            assert_eq!(
                lies(with_time([7; 16], Some(at(ms)))),
                (key_time, is_noted),
                "{ms} ms ahead"
            );
        }
        assert_eq!(lies(Uuid::from_u128(4)), (received, true), "its id holds no time");
        assert_eq!(lies(with_time([7; 16], Some(Timestamp::MAX))), (received, true));
    }

    #[test]
    fn what_is_derived_carries_its_time() {
        let time = Timestamp::parse("2026-11-29T10:00:00.123Z");
        let id = with_time([0xab; 16], time);
        assert_eq!((id.get_version_num(), time_of(id)), (DERIVED_VERSION, time));
        assert_eq!(time_of(with_time([7; 16], Some(Timestamp::MAX))), Some(Timestamp::MAX));
        for none in [None, Some(Timestamp::MIN)] {
            assert_eq!(time_of(with_time([7; 16], none)), Some(Timestamp::EPOCH));
        }
    }
}
