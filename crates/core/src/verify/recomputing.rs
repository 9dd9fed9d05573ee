//! Folding all raw events again, portion by portion.

use crate::limits::{RECOMPUTED_AT_ONCE, RECOMPUTED_BYTES};
use crate::store::{Progress, ScanPosition, StoredEvent};

/// How far the fold of all raw events has come.
pub struct Recomputing<'p> {
    progress: &'p (dyn Fn(Progress) + Send + Sync),
    total: u64,
    done: u64,
    after: Option<ScanPosition>,
    gathered: Vec<StoredEvent>,
    bytes: usize,
    is_over: bool,
}

impl<'p> Recomputing<'p> {
    /// At the beginning of about `total` events.
    pub fn new(total: u64, progress: &'p (dyn Fn(Progress) + Send + Sync)) -> Self {
        let (gathered, after) = (Vec::new(), None);
        Self { progress, total, done: 0, after, gathered, bytes: 0, is_over: false }
    }

    /// After which position the next portion begins, unless there is none.
    pub fn next(&self) -> Option<Option<&ScanPosition>> {
        (!self.is_over).then_some(self.after.as_ref())
    }

    /// Takes the next portion, which is empty at the end. Answers the events that are to be folded now: many portions
    /// at once, because every fold writes what is counted over all players.
    pub fn take(&mut self, portion: Vec<StoredEvent>) -> Vec<StoredEvent> {
        self.is_over = portion.is_empty();
        self.after = portion.last().map(|last| last.position.clone());
        self.bytes += portion.iter().map(|one| one.event.payload.len()).sum::<usize>();
        self.gathered.extend(portion);
        let is_full = self.gathered.len() >= RECOMPUTED_AT_ONCE || self.bytes >= RECOMPUTED_BYTES;
        if !is_full && !self.is_over {
            return Vec::new();
        }
        self.bytes = 0;
        std::mem::take(&mut self.gathered)
    }

    /// So many events were folded.
    pub fn pass(&mut self, events: usize) {
        self.done += events as u64;
        let total = if self.is_over { self.done } else { self.total.max(self.done) };
        (self.progress)(Progress { done: self.done, total, finished: self.is_over });
    }

    /// How many events were folded.
    pub fn events(&self) -> u64 {
        self.done
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use uuid::Uuid;

    use super::*;
    use crate::event::{ContentHash, Event};
    use crate::id::{EventKey, PlayerId};
    use crate::time::Timestamp;
    use crate::void::Voids;

    fn stored(payload: Box<str>) -> StoredEvent {
        let event = Event::from_stored(
            EventKey { player: PlayerId::from_stored("ann"), id: Uuid::nil() },
            Timestamp::EPOCH,
            Arc::from("session_started"),
            Timestamp::EPOCH,
            Timestamp::EPOCH,
            ContentHash(0),
            payload,
        );
        let position = ScanPosition::from_bytes(b"here");
        StoredEvent { event, applied_at: Timestamp::EPOCH, position, voids: Voids::default() }
    }

    #[test]
    fn history_is_told_to_be_folded_to_its_end() {
        let told = Mutex::new(Vec::new());
        let progress = |progress: Progress| told.lock().expect("no other thread").push(progress);
        let mut fold = Recomputing::new(1, &progress);
        let one = stored(Box::from("{}"));
        assert_eq!(fold.next(), Some(None), "from the beginning");
        assert!(fold.take(vec![one.clone(), one.clone()]).is_empty(), "there may be more");
        assert_eq!(fold.next(), Some(Some(&one.position)));
        let folded = fold.take(Vec::new());
        fold.pass(folded.len());
        assert_eq!(fold.next(), None, "there is nothing left");
        assert_eq!((folded.len(), fold.events()), (2, 2));
        let done = Progress { done: 2, total: 2, finished: true };
        assert_eq!(*told.lock().expect("no other thread"), [done]);
    }

    #[test]
    fn what_is_folded_at_once_has_a_limit_in_events_and_one_in_bytes() {
        let mut fold = Recomputing::new(0, &|_| ());
        let many = vec![stored(Box::from("{}")); RECOMPUTED_AT_ONCE - 1];
        assert!(fold.take(many).is_empty());
        assert_eq!(fold.take(vec![stored(Box::from("{}"))]).len(), RECOMPUTED_AT_ONCE);
        assert!(fold.take(vec![stored(Box::from("{}"))]).is_empty());
        let large = " ".repeat(RECOMPUTED_BYTES - 2).into_boxed_str();
        assert_eq!(fold.take(vec![stored(large)]).len(), 2);
        assert!(fold.take(vec![stored(Box::from("{}"))]).is_empty(), "it is counted anew");
    }
}
