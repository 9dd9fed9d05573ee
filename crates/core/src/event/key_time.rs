//! The time that an event's key carries.
//!
//! Stores keep events near others of about the same time, so that a new one touches what is in
//! memory anyway. The event's own time cannot say where, as a repetition may state another. The id
//! can: ids of the versions 1, 6 and 7 hold when they were made, and so do those that are derived
//! here. Others hold none; their events lie where they were received.

use uuid::Uuid;

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

/// By which time a store keeps an event: that of its id, or else its receipt.
pub fn key_time(id: Uuid, received_at: Timestamp) -> Timestamp {
    time_of(id).unwrap_or(received_at)
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
