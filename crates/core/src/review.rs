//! Events that count only once an operator accepts them.
//!
//! Such an event is *held*: stored like any other, and voided from the moment at which it was applied, so that
//! the fold, retention, rebuilds and verification pass over it as they pass over what an operator voided. Beside
//! it stands an entry of the review list with the rule that it broke. Who accepts it ends the void, and it
//! counts as if it had never been held; who refuses it leaves the void. Whether an event is held is decided
//! once, by the transaction that stores it: a repetition is a duplicate and asks no rule.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::event::Event;
use crate::id::PlayerId;
use crate::limits::{REVIEW_REASON_BYTES_MAX, REVIEWS_WAITING_MAX};
use crate::time::Timestamp;

/// Milliseconds of an hour.
const HOUR_MS: f64 = 3_600_000.0;

/// The number of an entry. Later ones have greater numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReviewNo(pub i64);

/// An event that broke a rule, as the transaction that stores it writes it down.
#[derive(Debug, Clone, PartialEq)]
pub struct Held<'e> {
    /// The event.
    pub event: &'e Event,
    /// The rule that it broke.
    pub rule: &'static str,
    /// How, in a sentence.
    pub reason: String,
    /// Whether it is refused at once.
    pub is_refused: bool,
}

/// What was decided about an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// When.
    pub at: Timestamp,
    /// Whether it counts.
    pub accepted: bool,
    /// Why, if somebody said so. None if the rule decided.
    pub note: Option<String>,
}

/// An entry of the review list.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Its number.
    pub no: ReviewNo,
    /// The event.
    pub event: Event,
    /// The rule that it broke.
    pub rule: String,
    /// How.
    pub reason: String,
    /// Since when it is held: when it was applied.
    pub held_at: Timestamp,
    /// What was decided; `None` while it waits.
    pub decided: Option<Decided>,
}

/// Where entries stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// They wait.
    #[default]
    Waiting,
    /// They were accepted.
    Accepted,
    /// They were refused.
    Refused,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Accepted, Self::Refused];

    /// Its name in addresses and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

impl Review {
    /// Where it stands.
    pub fn standing(&self) -> Standing {
        match &self.decided {
            None => Standing::Waiting,
            Some(decided) if decided.accepted => Standing::Accepted,
            Some(_) => Standing::Refused,
        }
    }
}

/// Which entries to list. Absent conditions hold for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewFilter {
    /// Where they stand.
    pub standing: Standing,
    /// Of this player.
    pub player: Option<PlayerId>,
    /// That broke this rule.
    pub rule: Option<String>,
    /// That were held before this time.
    pub held_before: Option<Timestamp>,
}

impl ReviewFilter {
    /// Whether it says anything but where entries stand.
    pub fn is_narrow(&self) -> bool {
        self.player.is_some() || self.rule.is_some() || self.held_before.is_some()
    }
}

/// Entries by the players whose they are, in the order of these.
pub type ByPlayer = BTreeMap<PlayerId, Vec<ReviewNo>>;

/// Which of the entries that wait longest are to be refused, as nobody has decided: those that were held before a time,
/// and as many as there are too many. `oldest` are in their order, `waiting` is how many there are in all.
pub fn overdue(oldest: &[Review], waiting: u64, before: Timestamp) -> ByPlayer {
    let too_many = usize::try_from(waiting.saturating_sub(REVIEWS_WAITING_MAX));
    let too_many = too_many.unwrap_or(usize::MAX);
    let is_overdue = |(place, one): &(usize, &Review)| *place < too_many || one.held_at < before;
    let mut all = ByPlayer::new();
    for (_, one) in oldest.iter().enumerate().filter(is_overdue) {
        all.entry(one.event.player.clone()).or_default().push(one.no);
    }
    all
}

/// An entry, as far as an act on its player must know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub no: ReviewNo,
    /// The id of its event.
    pub event: Uuid,
    /// Where it stands.
    pub standing: Standing,
}

impl Listed {
    /// Whether nobody has decided yet.
    pub fn waits(&self) -> bool {
        self.standing == Standing::Waiting
    }

    /// Whether it was accepted.
    pub fn is_accepted(&self) -> bool {
        self.standing == Standing::Accepted
    }
}

/// What is to become of entries of one player.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deciding {
    /// Which.
    pub entries: Vec<ReviewNo>,
    /// Whether they are to count.
    pub accept: bool,
}

/// How many wait for somebody's decision, and since when the first of them does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// How many.
    pub entries: u64,
    /// When the first of them began to wait.
    pub since: Option<Timestamp>,
}

impl Waiting {
    /// Hours since the first of them began to wait; 0 if none does.
    pub fn age_hours(&self, now: Timestamp) -> f64 {
        let age_ms = self.since.map_or(0, |since| now.ms_since(since).max(0));
        age_ms as f64 / HOUR_MS
    }
}

/// A reason as it is kept: not longer than it may be.
pub fn shortened(mut reason: String) -> String {
    let mut end = REVIEW_REASON_BYTES_MAX.min(reason.len());
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.truncate(end);
    reason
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::ContentHash;
    use crate::id::EventKey;

    fn event(no: i64) -> Event {
        let at = Timestamp::EPOCH.plus_ms(no);
        let id = Uuid::from_u128(no.unsigned_abs().into());
        let key = EventKey { player: PlayerId::from_stored("ann"), id };
        Event::from_stored(key, at, "ended".into(), at, at, ContentHash(no), "{}".into())
    }

    #[test]
    fn what_waits_too_long_is_overdue_and_of_too_many_the_oldest() {
        let held = |no: i64| Review {
            no: ReviewNo(no),
            event: event(no),
            rule: "clock".to_owned(),
            reason: String::new(),
            held_at: Timestamp::EPOCH.plus_ms(no),
            decided: None,
        };
        let oldest: Vec<Review> = (1..=4).map(held).collect();
        let overdue = |waiting, ms| -> Vec<i64> {
            let all = overdue(&oldest, waiting, Timestamp::EPOCH.plus_ms(ms));
            all.into_values().flatten().map(|no| no.0).collect()
        };
        assert!(overdue(4, 0).is_empty());
        assert_eq!(overdue(4, 3), [1, 2]);
        assert!(overdue(REVIEWS_WAITING_MAX, 0).is_empty());
        assert_eq!(overdue(REVIEWS_WAITING_MAX + 3, 2), [1, 2, 3]);
    }

    #[test]
    fn the_age_of_what_waits_is_that_of_the_first_and_never_negative() {
        let now = Timestamp::EPOCH.plus_ms(5_400_000);
        let age = |since| Waiting { entries: 1, since }.age_hours(now);
        let ages = [None, Some(Timestamp::EPOCH), Some(now.plus_ms(1))].map(age);
        for (age, hours) in ages.into_iter().zip([0.0, 1.5, 0.0]) {
            assert!((age - hours).abs() < 1e-9, "{age} is not {hours}");
        }
    }

    #[test]
    fn a_reason_is_cut_between_characters() {
        let long = "é".repeat(REVIEW_REASON_BYTES_MAX);
        let kept = shortened(format!("a{long}"));
        assert!(kept.len() <= REVIEW_REASON_BYTES_MAX && kept.len() > REVIEW_REASON_BYTES_MAX - 2);
        assert_eq!(shortened("short".to_owned()), "short");
    }
}
