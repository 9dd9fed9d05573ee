//! Whether an event is new, a repetition, or another event under an id that is taken.
//!
//! The first event of a key keeps it. What comes later under the same key is a duplicate if it says
//! the same; the times it states do not matter, and of its receipts the first one counts. If it says something else, it may be a game that
//! was really played, whose client gives ids out twice: it does not count, and it is not thrown
//! away either, but kept in quarantine.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::{ContentHash, Event, RejectCode, Rejected};
use crate::id::EventKey;
use crate::time::Timestamp;

/// What the sender of a conflicting event is told.
pub const CONFLICT: &str =
    "event_id must be the event's own, but another event of this player has it";

/// What an event turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// Its key is free.
    New,
    /// It was here before.
    Duplicate,
    /// It was here before, and this copy of it was received earlier: the earlier receipt counts.
    Earlier,
    /// Its key belongs to an event that says something else.
    Conflicting,
}

/// What is kept of the event that holds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept<'k> {
    /// Its type.
    pub event_type: &'k str,
    /// What it said, as its client wrote it.
    pub content: ContentHash,
    /// Its payload. Not looked at where the content is the same.
    pub payload: &'k str,
    /// When it was received.
    pub received_at: Timestamp,
}

/// What is kept of the event that holds a key, out of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEvent {
    /// Its type.
    pub event_type: String,
    /// What it said, as its client wrote it.
    pub content: ContentHash,
    /// Its payload; anything where the content is that of the event it is compared with.
    pub payload: String,
    /// When it was received.
    pub received_at: Timestamp,
}

impl KeptEvent {
    /// For comparison.
    pub fn as_kept(&self) -> Kept<'_> {
        let Self { event_type, content, payload, received_at } = self;
        Kept { event_type, content: *content, payload, received_at: *received_at }
    }
}

impl From<&Event> for KeptEvent {
    fn from(event: &Event) -> Self {
        let Event { event_type, content, payload, received_at, .. } = event;
        let (event_type, payload) = (event_type.to_string(), payload.to_string());
        Self { event_type, content: *content, payload, received_at: *received_at }
    }
}

impl<'k> From<&'k Event> for Kept<'k> {
    fn from(event: &'k Event) -> Self {
        let Event { event_type, content, payload, received_at, .. } = event;
        Self { event_type, content: *content, payload, received_at: *received_at }
    }
}

/// What an event is beside the one that holds its key, if there is one.
///
/// Two events say the same if their clients wrote the same, or if the same was made of it: an
/// export writes what was made, and its import is still the same event.
pub fn recognise(event: &Event, kept: Option<Kept<'_>>) -> Recognised {
    let Some(kept) = kept else { return Recognised::New };
    // What the client wrote has the type in it. What the definition calls that may have changed meanwhile.
    let says_the_same = kept.content == event.content
        || (*kept.event_type == *event.event_type && *kept.payload == *event.payload);
    match says_the_same {
        true if event.received_at < kept.received_at => Recognised::Earlier,
        true => Recognised::Duplicate,
        false => Recognised::Conflicting,
    }
}

impl Recognised {
    /// Whether it was here before.
    pub fn is_repetition(self) -> bool {
        matches!(self, Self::Duplicate | Self::Earlier)
    }
}

/// What an event is beside the dead one of its key, and as what it counts then, if not as what it is: what
/// died was received all the same, so of the two receipts the first one counts.
pub fn beside_dead(event: &Event, dead: &Event) -> (Recognised, Option<Event>) {
    let recognised = recognise(event, Some(dead.into()));
    let is_later = recognised == Recognised::Duplicate && dead.received_at < event.received_at;
    (recognised, is_later.then(|| event.as_of(dead)))
}

/// Events beside the dead ones of their keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BesideDead(BTreeMap<usize, OneBesideDead>);

#[derive(Debug, Clone, PartialEq)]
struct OneBesideDead {
    recognised: Recognised,
    /// As what the event counts, if not as what it is.
    counting: Option<Event>,
    dead: Event,
}

impl BesideDead {
    /// Those of the events that have dead ones of their keys, which come with the events' places.
    pub fn of(events: &[&Event], dead: impl IntoIterator<Item = (usize, Event)>) -> Self {
        let beside = |(place, dead): (usize, Event)| {
            let (recognised, counting) = beside_dead(events[place], &dead);
            (place, OneBesideDead { recognised, counting, dead })
        };
        Self(dead.into_iter().map(beside).collect())
    }

    /// What the event of this place is beside the dead one of its key, if there is one.
    pub fn recognised(&self, place: usize) -> Recognised {
        self.0.get(&place).map_or(Recognised::New, |one| one.recognised)
    }

    /// The event of this place as it counts.
    pub fn counting<'e>(&'e self, place: usize, event: &'e Event) -> &'e Event {
        self.0.get(&place).and_then(|one| one.counting.as_ref()).unwrap_or(event)
    }

    /// The dead events whose keys other events have.
    pub fn conflicting(&self) -> impl Iterator<Item = &Event> {
        let all = self.0.values().filter(|one| one.recognised == Recognised::Conflicting);
        all.map(|one| &one.dead)
    }

    /// Whether no event has a dead one of its key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What each event of a batch is, in its order, where `kept` holds the keys that were taken before.
/// The first event of a free key takes it.
pub fn recognise_all<'e, S: BuildHasher>(
    events: impl IntoIterator<Item = &'e Event>,
    kept: &HashMap<EventKey, Kept<'e>, S>,
) -> Vec<Recognised> {
    let mut taken: FxHashMap<EventKey, Kept<'e>> = FxHashMap::default();
    let one = |event: &'e Event| {
        let key = event.key();
        if let Some(kept) = kept.get(&key) {
            return recognise(event, Some(*kept));
        }
        let before = taken.get(&key).copied();
        taken.entry(key).or_insert_with(|| event.into());
        recognise(event, before)
    };
    events.into_iter().map(one).collect()
}

/// What becomes of an event that could not be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Burial {
    /// It is put among the dead.
    Dies,
    /// It was applied before all the same.
    CameAgain,
    /// It goes to quarantine: its key belongs to another event.
    Conflicts,
}

/// What becomes of an event that could not be applied, by what it is beside the stored events and
/// beside the dead.
pub fn burial(stored: Recognised, dead: Recognised) -> Burial {
    match (stored, dead) {
        (Recognised::Duplicate | Recognised::Earlier, _) => Burial::CameAgain,
        (Recognised::Conflicting, _) | (_, Recognised::Conflicting) => Burial::Conflicts,
        (Recognised::New, Recognised::New | Recognised::Duplicate | Recognised::Earlier) => {
            Burial::Dies
        }
    }
}

/// How a conflicting event is kept in quarantine. Sent again it is the same entry.
pub fn conflicting(event: &Event) -> Rejected {
    let mut hash = Sha256::new_with_prefix("conflicting");
    hash.update(event.id.as_bytes());
    hash.update(event.content.0.to_le_bytes());
    hash.update(event.player.as_str());
    hash.update(event.sent_by.as_deref().unwrap_or_default());
    let mut digest = [0; 16];
    digest.copy_from_slice(&hash.finalize()[..16]);
    Rejected {
        index: 0,
        event_type: Some(event.event_type.to_string()),
        player: Some(event.player.clone()),
        event_id: Some(event.id.to_string()),
        code: RejectCode::ConflictingId,
        field: Some("event_id".to_owned()),
        message: CONFLICT.to_owned(),
        received_at: event.received_at,
        sent_at: None,
        occurrence: 0,
        digest: uuid::Builder::from_custom_bytes(digest).into_uuid(),
        raw: event.as_sent().into_boxed_str(),
        sent_by: event.sent_by.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use uuid::Uuid;

    use crate::id::PlayerId;

    fn event(player: &str, id: u128, content: i64, payload: &str, ms: i64) -> Event {
        let time = Timestamp::from_stored_ms(ms);
        let player = PlayerId::new(player).expect("an id");
        Event::from_stored(
            EventKey { player, id: Uuid::from_u128(id) },
            time,
            Arc::from("ended"),
            time,
            time,
            ContentHash(content),
            Box::from(payload),
        )
    }

    fn any_event() -> impl Strategy<Value = Event> {
        let player = prop::sample::select(&["a", "b"][..]);
        (player, 0..3_u128, 0..3_i64, 0..1_000_i64).prop_map(|(player, id, content, ms)| {
            event(player, id, content, &format!("{{\"score\":{content}}}"), ms)
        })
    }

    #[test]
    fn a_repetition_says_the_same_in_one_form_or_the_other() {
        let first = event("a", 1, 5, "{}", 0);
        let is = |event: &Event| recognise(event, Some((&first).into()));
        assert_eq!(recognise(&first, None), Recognised::New);
        assert_eq!(is(&event("a", 1, 5, "{}", 99)), Recognised::Duplicate, "stamped anew");
        assert_eq!(is(&event("a", 1, 5, "{}", -1)), Recognised::Earlier, "overtaken on its way");
        assert_eq!(
            is(&event("a", 1, 5, "{\"lives\":3}", 0)),
            Recognised::Duplicate,
            "a new default"
        );
        assert_eq!(is(&event("a", 1, 6, "{}", 0)), Recognised::Duplicate, "exported and imported");
        assert_eq!(is(&event("a", 1, 6, "{\"lives\":3}", 0)), Recognised::Conflicting);
        let of_type = |content| {
            let mut event = event("a", 1, content, "{}", 0);
            event.event_type = Arc::from("paused");
            event
        };
        assert_eq!(is(&of_type(6)), Recognised::Conflicting);
        assert_eq!(is(&of_type(5)), Recognised::Duplicate, "declared in another way since");
    }

    #[test]
    fn what_died_counts_as_of_its_receipt_and_an_absurd_time_follows_the_receipt() {
        let at = Timestamp::from_stored_ms;
        let copy = |time, received_at, counted_at| Event {
            received_at: at(received_at),
            counted_at: at(counted_at),
            ..event("a", 1, 5, "{}", time)
        };
        let as_of = |event: Event, other: Event| {
            let Event { time, received_at, counted_at, .. } = event.as_of(&other);
            [time, received_at, counted_at].map(Timestamp::as_ms)
        };
        assert_eq!(as_of(copy(7, 99, 7), copy(7, 50, 7)), [7, 50, 7]);
        assert_eq!(as_of(copy(7, 99, 99), copy(7, 50, 50)), [7, 50, 50], "absurd");
        assert_eq!(as_of(copy(77, 99, 77), copy(77, 50, 50)), [77, 50, 50], "absurd by then");
        assert_eq!(as_of(copy(7, 99, 99), copy(8, 50, 8)), [7, 50, 50], "stamped anew");
        assert_eq!(as_of(copy(7, 99, 9), copy(8, 50, 8)), [7, 50, 9], "corrected");
        let beside = |event: &Event, dead: &Event| beside_dead(event, dead);
        let (early, late) = (copy(7, 50, 7), copy(7, 99, 7));
        assert_eq!(beside(&late, &early), (Recognised::Duplicate, Some(late.as_of(&early))));
        assert_eq!(beside(&early, &late), (Recognised::Earlier, None));
        let other = Event { content: ContentHash(6), payload: Box::from("[]"), ..early };
        assert_eq!(beside(&late, &other), (Recognised::Conflicting, None));
    }

    #[test]
    fn a_conflicting_event_is_one_entry_however_often_and_with_whatever_time_it_comes() {
        let entry = conflicting(&event("a", 1, 6, "{\"lives\":3}", 7));
        assert_eq!(entry.code, RejectCode::ConflictingId);
        let sent = r#"{"event_type":"ended","user_id":"a","timestamp":7,"event_id":"00000000-0000-0000-0000-000000000001","lives":3}"#;
        assert_eq!(&*entry.raw, sent);
        let digest = |player, id, content| conflicting(&event(player, id, content, "{}", 8)).digest;
        assert_eq!(entry.digest, digest("a", 1, 6));
        for other in [digest("b", 1, 6), digest("a", 2, 6), digest("a", 1, 7)] {
            assert_ne!(entry.digest, other);
        }
    }

    proptest! {
        /// However events are spread over batches, the first of each key is new, and each other is
        /// what it is beside the first.
        #[test]
        fn any_split_of_events_is_recognised_alike(
            events in prop::collection::vec(any_event(), 0..40),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        ) {
            let whole = recognise_all(&events, &HashMap::new());
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(events.len() + 1)).collect();
            cuts.extend([0, events.len()]);
            cuts.sort_unstable();
            let mut stored: Vec<Event> = Vec::new();
            let mut parts = Vec::new();
            for window in cuts.windows(2) {
                let batch = &events[window[0]..window[1]];
                let kept: HashMap<_, _> =
                    stored.iter().map(|event| (event.key(), event.into())).collect();
                let found = recognise_all(batch, &kept);
                let new = batch.iter().zip(&found).filter(|(_, is)| **is == Recognised::New);
                stored.extend(new.map(|(event, _)| event.clone()));
                parts.extend(found);
            }
            prop_assert_eq!(&parts, &whole);
            let keys: std::collections::BTreeSet<_> = events.iter().map(Event::key).collect();
            prop_assert_eq!(stored.len(), keys.len());
            for (event, is) in events.iter().zip(whole) {
                let first = stored.iter().find(|first| first.key() == event.key()).expect("stored");
                let same = first.content == event.content;
                prop_assert_eq!(is == Recognised::Conflicting, !same);
            }
        }
    }
}
