//! The encoding of parcels: everything comes back, and no bytes do any harm.

use std::sync::Arc;

use proptest::prelude::*;
use scoreline_core::event::{ContentHash, Event, RejectCode, Rejected};
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::intake::Submission;
use scoreline_core::queue::Parcel;
use scoreline_core::queue::codec::{CodecError, unreadable};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

/// An event of some content that was received at `ms`.
pub fn event(player: &str, event_type: &str, ms: i64) -> Event {
    let player = PlayerId::new(player).expect("an id");
    let time = Timestamp::from_stored_ms(ms - 40);
    Event::from_stored(
        EventKey { player, id: Uuid::from_u128(77) },
        time,
        Arc::from(event_type),
        Timestamp::from_stored_ms(ms),
        time,
        ContentHash(-5),
        Box::from(r#"{"score":5}"#),
    )
}

/// A rejected event that was received at `ms`.
pub fn rejected(ms: i64) -> Rejected {
    Rejected {
        index: 3,
        event_type: None,
        player: Some(PlayerId::new("ann").expect("an id")),
        event_id: Some(String::new()),
        code: RejectCode::MissingField,
        field: Some("score".to_owned()),
        message: "score is missing".to_owned(),
        received_at: Timestamp::from_stored_ms(ms),
        sent_at: None,
        occurrence: 1,
        digest: Uuid::from_u128(9),
        raw: Box::from("{}"),
        sent_by: Some(Arc::from("player:ann")),
    }
}

fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        Just(Timestamp::MIN),
        Just(Timestamp::MAX),
        (1_700_000_000_000_i64..1_900_000_000_000).prop_map(Timestamp::from_stored_ms),
        (Timestamp::MIN.as_ms()..=Timestamp::MAX.as_ms()).prop_map(Timestamp::from_stored_ms),
    ]
}

fn sender() -> impl Strategy<Value = Option<Arc<str>>> {
    prop::option::of(prop::sample::select(&["player:ann", "key:server key"]).prop_map(Arc::from))
}

fn player() -> impl Strategy<Value = PlayerId> {
    prop_oneof![Just("ann".to_owned()), "[^\0]{1,40}"]
        .prop_map(|id| PlayerId::new(&id).expect("an id"))
}

prop_compose! {
    fn any_event()(
        player in player(),
        event_type in prop_oneof![Just("game_ended".to_owned()), ".{0,20}"],
        times in prop::array::uniform3(time()),
        (id, content) in any::<(u128, i64)>(),
        payload in ".{0,200}",
        sent_by in sender(),
    ) -> Event {
        let [time, received_at, counted_at] = times;
        let (key, content) = (EventKey { player, id: Uuid::from_u128(id) }, ContentHash(content));
        let (event_type, payload) = (Arc::from(event_type), payload.into_boxed_str());
        let event =
            Event::from_stored(key, time, event_type, received_at, counted_at, content, payload);
        let mut event = event;
        event.sent_by = sent_by;
        event
    }
}

prop_compose! {
    fn any_rejected()(
        (index, occurrence, digest) in any::<(usize, u32, u128)>(),
        texts in prop::array::uniform3(prop::option::of(".{0,20}")),
        player in prop::option::of(player()),
        code in prop::sample::select(RejectCode::ALL.as_slice()),
        (message, raw) in (".{0,80}", ".{0,200}"),
        (received_at, sent_at) in (time(), prop::option::of(time())),
        sent_by in sender(),
    ) -> Rejected {
        let [event_type, event_id, field] = texts;
        let (digest, raw) = (Uuid::from_u128(digest), raw.into_boxed_str());
        Rejected {
            index, event_type, player, event_id, code, field, message, received_at, sent_at,
            occurrence, digest, raw, sent_by,
        }
    }
}

prop_compose! {
    fn any_submission()(
        events in prop::collection::vec(any_event(), 0..12),
        rejected in prop::collection::vec(any_rejected(), 0..4),
    ) -> Submission {
        Submission { events, rejected }
    }
}

fn unpack(bytes: &[u8]) -> Result<Submission, CodecError> {
    Parcel::from_stored(Arc::from(bytes), 1, Timestamp::EPOCH).unpack()
}

fn is_damaged(bytes: &[u8]) -> bool {
    matches!(unpack(bytes), Err(CodecError::Damaged(_)))
}

proptest! {
    #[test]
    fn what_is_packed_comes_out_as_it_was(submission in any_submission()) {
        let Some(parcel) = Parcel::pack(&submission) else {
            prop_assert!(submission.events.is_empty() && submission.rejected.is_empty());
            return Ok(());
        };
        let unpacked = parcel.unpack().expect("readable");
        prop_assert_eq!(&unpacked.events, &submission.events);
        prop_assert_eq!(&unpacked.rejected, &submission.rejected);
        let receipts = submission.events.iter().map(|event| event.received_at);
        let receipts = receipts.chain(submission.rejected.iter().map(|one| one.received_at));
        prop_assert_eq!(Some(parcel.received_at()), receipts.min());
    }

    #[test]
    fn a_part_of_a_parcel_is_damaged(submission in any_submission(), cut in any::<prop::sample::Index>()) {
        prop_assume!(Parcel::pack(&submission).is_some());
        let parcel = Parcel::pack(&submission).expect("not empty");
        let encoded = parcel.encoded();
        let part = &encoded[..cut.index(encoded.len())];
        prop_assert!(is_damaged(part));
        let longer = [encoded, &[0]].concat();
        prop_assert!(is_damaged(&longer));
    }

    #[test]
    fn changed_bytes_never_hurt(
        submission in any_submission(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        prop_assume!(Parcel::pack(&submission).is_some());
        let mut bytes = Parcel::pack(&submission).expect("not empty").encoded().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        // Either answer is right; a panic or a huge allocation is not.
        let _ = unpack(&bytes);
    }

    #[test]
    fn any_bytes_never_hurt(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut first_version = bytes.clone();
        first_version.insert(0, 1);
        let _ = unpack(&first_version);
        let _ = unpack(&bytes);
    }
}

#[test]
fn a_batch_of_one_player_is_hardly_longer_than_its_payloads() {
    let events =
        vec![event("6f1c2a52-0000-4000-8000-00000000beef", "game_ended", 1_795_428_000_000); 20];
    let payloads: usize = events.iter().map(|event| event.payload.len()).sum();
    let parcel = Parcel::pack(&Submission { events, rejected: Vec::new() }).expect("events");
    let overhead = parcel.encoded().len() - payloads;
    assert!(overhead < 20 * 38 + 80, "{overhead} bytes beside the payloads");
}

#[test]
fn a_newer_version_is_told_from_damage() {
    assert_eq!(unpack(&[2, 9, 9]).expect_err("not readable"), CodecError::Newer { version: 2 });
    assert_eq!(unpack(&[255]).expect_err("not readable"), CodecError::Newer { version: 255 });
    assert!(is_damaged(&[0]) && is_damaged(&[]));
    let message = CodecError::Newer { version: 2 }.to_string();
    assert!(message.contains("version 2") && message.contains("up to version 1"), "{message}");
}

#[test]
fn a_count_that_promises_too_much_is_refused_before_memory_is_reserved() {
    // Version 1, receipt 0, then 2^63 texts.
    let bytes = [1, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1];
    let error = unpack(&bytes).expect_err("not readable");
    assert!(error.to_string().contains("not as much as announced"), "{error}");
}

#[test]
fn damaged_bytes_are_kept_for_quarantine_as_they_are() {
    let parcel = Parcel::from_stored(Arc::from([1, 0xab].as_slice()), 4, Timestamp::MAX);
    let error = parcel.unpack().expect_err("not readable");
    let kept = unreadable(&parcel, &error);
    assert_eq!(&*kept.raw, "\"01ab\"");
    assert_eq!(kept.received_at, Timestamp::MAX);
    assert!(kept.message.contains("2 bytes") && kept.message.contains("damaged at 2"));
    assert_eq!(kept, unreadable(&parcel, &error), "seen again, it is the same one");
    let other = Parcel::from_stored(Arc::from([1, 0xac].as_slice()), 4, Timestamp::MAX);
    assert_ne!(kept.digest, unreadable(&other, &error).digest);
}
