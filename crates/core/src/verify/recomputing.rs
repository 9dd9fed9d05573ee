//! Folding all raw events again, portion by portion.

use crate::store::{Progress, ScanPosition, StoredEvent};

/// How far the fold of all raw events has come.
pub struct Recomputing<'p> {
    progress: &'p (dyn Fn(Progress) + Send + Sync),
    total: u64,
    done: u64,
    after: Option<ScanPosition>,
}

impl<'p> Recomputing<'p> {
    /// At the beginning of about `total` events.
    pub fn new(total: u64, progress: &'p (dyn Fn(Progress) + Send + Sync)) -> Self {
        Self { progress, total, done: 0, after: None }
    }

    /// Where the next portion begins.
    pub fn after(&self) -> Option<&ScanPosition> {
        self.after.as_ref()
    }

    /// These were folded. Answers whether there may be more.
    pub fn pass(&mut self, portion: &[StoredEvent]) -> bool {
        self.done += portion.len() as u64;
        let last = portion.last();
        self.after = last.map(|last| last.position.clone());
        let total = self.total.max(self.done);
        (self.progress)(match last {
            Some(_) => Progress { done: self.done, total, finished: false },
            None => Progress { done: self.done, total: self.done, finished: true },
        });
        last.is_some()
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

    #[test]
    fn history_is_told_to_be_folded_to_its_end() {
        let told = Mutex::new(Vec::new());
        let progress = |progress: Progress| told.lock().expect("no other thread").push(progress);
        let mut fold = Recomputing::new(1, &progress);
        let event = Event::from_stored(
            EventKey { player: PlayerId::from_stored("ann"), id: Uuid::nil() },
            Timestamp::EPOCH,
            Arc::from("session_started"),
            Timestamp::EPOCH,
            Timestamp::EPOCH,
            ContentHash(0),
            Box::from("{}"),
        );
        let position = ScanPosition::from_bytes(b"here");
        let (applied_at, voids) = (Timestamp::EPOCH, Voids::default());
        let one = StoredEvent { event, applied_at, position, voids };
        assert!(fold.pass(&[one.clone(), one.clone()]));
        assert_eq!(fold.after(), Some(&one.position));
        assert!(!fold.pass(&[]), "there is nothing left");
        assert_eq!(fold.events(), 2);
        let step = |finished| Progress { done: 2, total: 2, finished };
        assert_eq!(*told.lock().expect("no other thread"), [step(false), step(true)]);
    }
}
