//! Noticing that a queue has lost what it held, and how much that was.
//!
//! A queue carries an epoch (a random name, given when it was first used) and counters that only
//! rise. Each node remembers what it saw last. A queue without that epoch is another one: its data
//! was deleted, or replaced by an empty server. A queue of the same epoch whose counters ran backwards
//! went back in time: a replica took over that had not heard of everything. Pure.

use std::time::{Duration, Instant};

use uuid::Uuid;

/// How long a loss is news: a day, so that whoever is on duty next hears of it too.
const NEWS_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// What one node saw of one class of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// The epoch of the queue.
    pub epoch: Uuid,
    /// Events ever pushed.
    pub pushed: u64,
    /// Events in the queue that nobody held: waiting and delayed ones. Leased ones are safe in the
    /// memory of workers.
    pub unclaimed: u64,
}

/// What a queue lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Losses {
    /// How often.
    pub times: u64,
    /// About how many events; no queue can tell exactly what it has lost.
    pub events: u64,
}

impl Losses {
    /// These losses and another one of about `events`.
    pub fn and(self, events: u64) -> Self {
        Self { times: self.times + 1, events: self.events + events }
    }

    /// The greater numbers of both. Every node that remembers more than the queue tells it so, and
    /// what several of them noticed counts once.
    pub fn max(self, other: Self) -> Self {
        Self { times: self.times.max(other.times), events: self.events.max(other.events) }
    }
}

impl Sight {
    /// About how many events were lost between this sight and a later one; `None` if nothing was.
    /// `found` is `None` if the queue has no epoch.
    pub fn lost_until(&self, found: Option<&Self>) -> Option<u64> {
        match found {
            Some(found) if found.epoch == self.epoch => {
                let missing = self.pushed.saturating_sub(found.pushed);
                (missing > 0).then_some(missing)
            }
            _ => Some(self.unclaimed),
        }
    }
}

/// Which losses are news. A queue counts its losses for as long as it lives; operators want to hear
/// of each for a day.
#[derive(Debug, Default)]
pub struct LossNews {
    /// All losses, once any look at the queue has told them.
    all: Option<Losses>,
    /// Those of them that are no news any more.
    known: Losses,
    /// When the last one was noticed.
    noticed_at: Option<Instant>,
}

impl LossNews {
    /// Takes in the losses that the queue counts now. Answers whether there is a new one; what it
    /// counted before the first look is not.
    pub fn look(&mut self, losses: Losses, now: Instant) -> bool {
        let before = self.all.replace(losses);
        let Some(before) = before else {
            self.known = losses;
            return false;
        };
        let is_news = losses.times > before.times;
        if is_news {
            self.noticed_at = Some(now);
        } else if self.noticed_at.is_some_and(|at| now.duration_since(at) >= NEWS_FOR) {
            self.known = losses;
            self.noticed_at = None;
        }
        is_news
    }

    /// The losses that are news.
    pub fn news(&self) -> Losses {
        let Losses { times, events } = self.all.unwrap_or_default();
        Losses {
            times: times.saturating_sub(self.known.times),
            events: events.saturating_sub(self.known.events),
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "any moment will do to count from")]
mod tests {
    use super::*;

    const EPOCH: Uuid = Uuid::from_u128(1);

    fn sight(epoch: Uuid, pushed: u64, unclaimed: u64) -> Sight {
        Sight { epoch, pushed, unclaimed }
    }

    #[test]
    fn a_queue_that_went_on_lost_nothing() {
        let seen = sight(EPOCH, 100, 7);
        assert_eq!(seen.lost_until(Some(&sight(EPOCH, 100, 7))), None);
        assert_eq!(seen.lost_until(Some(&sight(EPOCH, 250, 0))), None);
    }

    #[test]
    fn a_queue_that_is_empty_or_another_lost_what_nobody_held() {
        let seen = sight(EPOCH, 100, 7);
        assert_eq!(seen.lost_until(None), Some(7));
        assert_eq!(seen.lost_until(Some(&sight(Uuid::from_u128(2), 900, 3))), Some(7));
        assert_eq!(sight(EPOCH, 100, 0).lost_until(None), Some(0), "lost, but nothing was in it");
    }

    #[test]
    fn a_loss_that_several_nodes_noticed_counts_once() {
        let before = Losses { times: 1, events: 50 };
        let (one, other) = (before.and(7), before.and(9));
        assert_eq!(one.max(other).max(one), Losses { times: 2, events: 59 });
    }

    #[test]
    fn a_queue_that_went_back_in_time_lost_what_was_pushed_since() {
        assert_eq!(sight(EPOCH, 100, 7).lost_until(Some(&sight(EPOCH, 88, 2))), Some(12));
    }
    #[test]
    fn a_loss_is_news_for_a_day_and_old_ones_are_none() {
        let start = Instant::now();
        let mut news = LossNews::default();
        let old = Losses { times: 2, events: 50 };
        assert!(!news.look(old, start), "whoever noticed it has said it");
        assert_eq!(news.news(), Losses::default());
        assert!(news.look(old.and(7), start));
        assert!(!news.look(old.and(7), start + Duration::from_secs(1)));
        assert!(news.look(old.and(7).and(0), start + Duration::from_secs(2)));
        assert_eq!(news.news(), Losses { times: 2, events: 7 });
        let almost = start + NEWS_FOR + Duration::from_secs(1);
        assert!(!news.look(old.and(7).and(0), almost));
        assert_eq!(news.news(), Losses { times: 2, events: 7 });
        assert!(!news.look(old.and(7).and(0), almost + Duration::from_secs(1)));
        assert_eq!(news.news(), Losses::default());
    }
}
