//! How a submission is packed.

use std::sync::Arc;

use scoreline_core::game::{Class, Definition};
use scoreline_core::intake::Submission;
use scoreline_core::limits::QUEUE_PARCEL_BYTES_MAX;
use scoreline_core::queue::{Parcel, parcels};

use crate::codec::{event, rejected};

fn sample() -> Arc<Definition> {
    Arc::new(Definition::sample())
}

#[test]
fn a_submission_becomes_one_parcel_a_class_the_least_urgent_first() {
    let events = vec![
        event("ann", "game_ended", 3),
        event("ann", "a_type_that_left", 1),
        event("ann", "game_ended", 2),
        event("ann", "level_completed", 9),
    ];
    let submission = Submission { events: events.clone(), rejected: vec![rejected(4)] };
    let packed = parcels(submission, &sample());
    let classes: Vec<Class> = packed.iter().map(|(class, _)| *class).collect();
    assert_eq!(classes, [Class::Bulk, Class::Normal, Class::Critical]);
    let unpacked: Vec<Submission> =
        packed.iter().map(|(_, parcel)| parcel.unpack().expect("readable")).collect();
    assert_eq!(unpacked[0].events, [events[1].clone()]);
    assert_eq!(unpacked[0].rejected, [rejected(4)], "what is rejected delays nothing urgent");
    assert_eq!(unpacked[2].events, [events[0].clone(), events[2].clone()]);
    assert!(unpacked[1].rejected.is_empty() && unpacked[2].rejected.is_empty());
    assert_eq!(packed[0].1.events(), 2);
    assert_eq!(packed[2].1.received_at(), events[2].received_at, "the oldest receipt");
}

#[test]
fn large_events_travel_in_several_parcels_in_their_order() {
    let large = |n: usize, bytes: usize| {
        let mut event = event("ann", "game_ended", i64::try_from(n).expect("small"));
        event.payload = format!(r#"{{"n":{n},"padding":"{}"}}"#, "p".repeat(bytes)).into();
        event
    };
    let third = QUEUE_PARCEL_BYTES_MAX / 3;
    let events = vec![
        large(1, third),
        large(2, third),
        large(3, third),
        large(4, 2 * QUEUE_PARCEL_BYTES_MAX),
        large(5, 10),
    ];
    let submission = Submission { events: events.clone(), rejected: vec![rejected(4)] };
    let packed = parcels(submission, &sample());
    assert!(packed.iter().all(|(class, _)| *class == Class::Critical));
    assert_eq!(packed.iter().map(|(_, parcel)| parcel.events()).collect::<Vec<_>>(), [3, 1, 1, 1]);
    let unpacked: Vec<Submission> =
        packed.iter().map(|(_, parcel)| parcel.unpack().expect("readable")).collect();
    assert_eq!(unpacked.iter().flat_map(|part| part.events.clone()).collect::<Vec<_>>(), events);
    assert_eq!(unpacked[0].rejected, [rejected(4)], "told once");
    assert!(unpacked[1..].iter().all(|part| part.rejected.is_empty()));
}

#[test]
fn rejected_events_ride_along_or_travel_as_bulk() {
    let alone = Submission { events: Vec::new(), rejected: vec![rejected(1), rejected(2)] };
    let packed = parcels(alone, &sample());
    assert_eq!(packed.len(), 1);
    assert_eq!((packed[0].0, packed[0].1.events()), (Class::Bulk, 2));

    let urgent =
        Submission { events: vec![event("ann", "game_ended", 3)], rejected: vec![rejected(1)] };
    let packed = parcels(urgent, &sample());
    assert_eq!(packed.len(), 1, "no parcel of its own");
    assert_eq!((packed[0].0, packed[0].1.events()), (Class::Critical, 2));
    assert_eq!(packed[0].1.received_at(), rejected(1).received_at);
}

#[test]
fn nothing_becomes_no_parcel() {
    assert!(Parcel::pack(&Submission::default()).is_none());
    assert!(parcels(Submission::default(), &sample()).is_empty());
}
