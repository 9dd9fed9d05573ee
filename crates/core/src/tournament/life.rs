//! The life of a tournament as decisions: what creating, cancelling, ending, sealing and closing
//! one would write, or why the step does not fit its state.
//!
//! A store reads the tournament, asks here within its transaction, and writes the answer. Each step
//! may be repeated: what was done already answers that there is nothing to do.

use crate::error::ErrorKind;
use crate::game::PrizeTier;
use crate::id::PlayerId;
use crate::prize::prize_for;
use crate::rank::Standing;
use crate::time::Timestamp;
use crate::tournament::{NewTournament, Prize, Tournament, Win};

/// Why a step does not fit the tournament's state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It was sealed: its standings are final.
    #[error("tournament {0} is over")]
    Over(String),
    /// It was cancelled.
    #[error("tournament {0} was cancelled")]
    Cancelled(String),
    /// It has not begun, or has ended.
    #[error("tournament {0} is not running")]
    NotRunning(String),
    /// It can be closed once it is sealed.
    #[error("tournament {0} is not sealed")]
    NotSealed(String),
}

impl Unfit {
    /// What kind of trouble it is: the request is right, the state is another.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Conflict
    }
}

/// A step that may have been done before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<T> {
    /// Write this.
    Do(T),
    /// It was done already; nothing changes.
    Done,
}

/// What changes the life of a tournament that is not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// Nobody wins a prize.
    Cancel,
    /// It ends now instead of later.
    End,
    /// Nothing that is applied from now on counts.
    Seal,
}

/// What a store has seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The last receipt of all events.
    pub last_receipt: Option<Timestamp>,
    /// The last time of application given out.
    pub last_applied: Timestamp,
}

/// What is left to do to close a tournament.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Award the prizes and mark it closed.
    Award,
    /// Nothing: the tournament is closed already.
    Closed {
        /// How many took part, if that was noted.
        participants: Option<u64>,
    },
}

impl NewTournament {
    /// Whether its board holds everything it counts from the first moment on, so that nothing has to
    /// be filled in from history: nothing was received yet that it would count.
    pub fn is_complete(&self, last_receipt: Option<Timestamp>) -> bool {
        last_receipt.is_none_or(|last| last < self.starts_at)
    }
}

impl Tournament {
    /// The time that a transition at `now` writes.
    pub fn transition(
        &self,
        transition: Transition,
        now: Timestamp,
        seen: Seen,
    ) -> Result<Step<Timestamp>, Unfit> {
        match transition {
            Transition::Cancel => self.cancel(now),
            Transition::End => self.end(now, seen.last_receipt).map(Step::Do),
            Transition::Seal => self.seal(now, seen.last_applied),
        }
    }

    /// Cancels it as of `now`.
    fn cancel(&self, now: Timestamp) -> Result<Step<Timestamp>, Unfit> {
        if self.cancelled_at.is_some() {
            return Ok(Step::Done);
        }
        if self.sealed_at.is_some() {
            return Err(Unfit::Over(self.id.to_string()));
        }
        Ok(Step::Do(now))
    }

    /// The new end of a tournament that an operator ends at `now`. Events received so far keep
    /// counting, so the end lies right after `last_receipt` where the clock is behind it.
    fn end(&self, now: Timestamp, last_receipt: Option<Timestamp>) -> Result<Timestamp, Unfit> {
        let is_running = self.starts_at <= now && now < self.ends_at;
        if !is_running || self.cancelled_at.is_some() || self.sealed_at.is_some() {
            return Err(Unfit::NotRunning(self.id.to_string()));
        }
        let after_last = last_receipt.map_or(now, |last| last.plus_ms(1));
        Ok(now.max(after_last).min(self.ends_at))
    }

    /// The time of its seal: later than `last_applied`, the last time of application given out, so
    /// that everything applied before counts. Nothing may be applied before that time from then on.
    fn seal(&self, now: Timestamp, last_applied: Timestamp) -> Result<Step<Timestamp>, Unfit> {
        if self.sealed_at.is_some() {
            return Ok(Step::Done);
        }
        if self.cancelled_at.is_some() {
            return Err(Unfit::Cancelled(self.id.to_string()));
        }
        Ok(Step::Do(now.max(last_applied).plus_ms(1)))
    }

    /// Whether it can be closed: conflict unless it is sealed.
    pub fn close(&self) -> Result<Closing, Unfit> {
        if self.closed_at.is_some() {
            return Ok(Closing::Closed { participants: self.participants });
        }
        if self.sealed_at.is_none() {
            return Err(Unfit::NotSealed(self.id.to_string()));
        }
        Ok(Closing::Award)
    }

    /// The time of its closing: later than that of every act before, and not later than that of any act
    /// that comes. It is to be put on record as a time of application.
    pub fn closing_time(now: Timestamp, last_stamp: Timestamp) -> Timestamp {
        now.max(last_stamp.plus_ms(1))
    }

    /// The prizes of the `best` players of its board, given in the order of their ranks. Awarding
    /// again gives the same prizes with the same ids.
    pub fn awards(&self, best: &[PlayerId], now: Timestamp) -> Vec<Prize> {
        let won = winners(&self.prizes, best);
        let prize = |(rank, player, tier): (u64, &PlayerId, &PrizeTier)| Prize {
            id: Prize::id_of(&self.id, player),
            won: Some(Win {
                tournament_id: self.id.clone(),
                tournament_name: self.name.clone(),
                rank,
            }),
            player: player.clone(),
            coins: tier.coins,
            gems: tier.gems,
            awarded_at: now,
            claimed_at: None,
            revoked_at: None,
        };
        won.map(prize).collect()
    }

    /// How many of the best of its board have to be read to award its prizes, where these players are among them and
    /// passed over.
    pub fn ranks_read(&self, passed_over: &[PlayerId]) -> i64 {
        let winning = self.prizes.iter().map(|tier| tier.last_rank).max().unwrap_or(0);
        winning.saturating_add(passed_over.len() as u64).cast_signed()
    }
}

/// The final ranking of a tournament.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    /// The best, as many as win a prize, in the order of their ranks.
    pub best: Vec<PlayerId>,
    /// Where each of them stands.
    pub standings: Vec<Standing>,
    /// How many took part.
    pub participants: u64,
    /// Who was passed over, because they were banned when it was closed.
    pub passed_over: Vec<PlayerId>,
}

impl Ranking {
    /// Ranks a board with `entries` entries. `best` are its first players: as many as win prizes, and as many
    /// more as are passed over.
    pub fn of(best: Vec<(PlayerId, Standing)>, entries: u64, passed_over: Vec<PlayerId>) -> Self {
        let is_ranked = |one: &(PlayerId, Standing)| !passed_over.contains(&one.0);
        let (best, standings) = best.into_iter().filter(is_ranked).unzip();
        let participants = entries.saturating_sub(passed_over.len() as u64);
        Self { best, standings, participants, passed_over }
    }
}

/// What the `best` players, given in the order of their ranks, win. Ranks between tiers win
/// nothing.
pub fn winners<'r>(
    tiers: &'r [PrizeTier],
    best: &'r [PlayerId],
) -> impl Iterator<Item = (u64, &'r PlayerId, &'r PrizeTier)> {
    let ranked = (1_u64..).zip(best);
    ranked.filter_map(|(rank, player)| Some((rank, player, prize_for(tiers, rank)?)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::sample::{at, cup};
    use super::*;

    fn sealed() -> Tournament {
        Tournament { sealed_at: Some(at(210)), ..cup() }
    }

    fn cancelled() -> Tournament {
        Tournament { cancelled_at: Some(at(120)), ..cup() }
    }

    #[test]
    fn one_that_nothing_was_received_for_is_complete_when_it_is_created() {
        let new = NewTournament {
            id: Arc::from("cup"),
            series: None,
            name: "Cup".to_owned(),
            board: cup().board,
            starts_at: at(100),
            ends_at: at(200),
            prizes: Vec::new(),
        };
        let complete = [None, Some(at(99)), Some(at(100))].map(|last| new.is_complete(last));
        assert_eq!(complete, [true, true, false]);
    }

    #[test]
    fn only_what_is_not_sealed_can_be_called_off() {
        assert_eq!(cup().cancel(at(50)), Ok(Step::Do(at(50))));
        assert_eq!(cup().cancel(at(500)), Ok(Step::Do(at(500))), "over, but not sealed");
        assert_eq!(cancelled().cancel(at(130)), Ok(Step::Done));
        assert_eq!(sealed().cancel(at(220)), Err(Unfit::Over("cup".to_owned())));
    }

    #[test]
    fn only_what_runs_can_be_ended_and_what_was_received_keeps_counting() {
        assert_eq!(cup().end(at(150), None), Ok(at(150)));
        assert_eq!(cup().end(at(150), Some(at(140))), Ok(at(150)));
        assert_eq!(cup().end(at(150), Some(at(160))), Ok(at(161)), "the clock is behind");
        assert_eq!(cup().end(at(150), Some(at(900))), Ok(at(200)), "never later than promised");
        let not_running = Err(Unfit::NotRunning("cup".to_owned()));
        for (tournament, now) in [(cup(), 99), (cup(), 200), (cancelled(), 150), (sealed(), 150)] {
            assert_eq!(tournament.end(at(now), None), not_running);
        }
    }

    #[test]
    fn a_seal_is_later_than_everything_applied_before() {
        assert_eq!(cup().seal(at(205), at(203)), Ok(Step::Do(at(206))));
        assert_eq!(cup().seal(at(205), at(300)), Ok(Step::Do(at(301))), "the clock went back");
        assert_eq!(sealed().seal(at(900), at(900)), Ok(Step::Done), "the first seal stays");
        assert_eq!(cancelled().seal(at(900), at(0)), Err(Unfit::Cancelled("cup".to_owned())));
    }

    #[test]
    fn closing_follows_sealing_and_is_done_once() {
        assert_eq!(cup().close(), Err(Unfit::NotSealed("cup".to_owned())));
        assert_eq!(cancelled().close(), Err(Unfit::NotSealed("cup".to_owned())));
        assert_eq!(sealed().close(), Ok(Closing::Award));
        let closed = Tournament { closed_at: Some(at(220)), participants: Some(7), ..sealed() };
        assert_eq!(closed.close(), Ok(Closing::Closed { participants: Some(7) }));
    }

    #[test]
    fn prizes_go_to_the_ranks_that_win_one_with_ids_that_stay() {
        let best = ["ann", "bob", "eve"].map(|name| PlayerId::new(name).expect("an id"));
        let prizes = sealed().awards(&best, at(220));
        let rank = |one: &Prize| one.won.as_ref().map_or(0, |won| won.rank);
        let won: Vec<_> =
            prizes.iter().map(|one| (rank(one), one.player.as_str(), one.coins)).collect();
        assert_eq!(won, [(1, "ann", 100), (3, "eve", 10)]);
        assert!(prizes.iter().all(|one| one.awarded_at == at(220) && one.claimed_at.is_none()));
        let again = sealed().awards(&best, at(300));
        let ids = |prizes: &[Prize]| prizes.iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(&prizes), ids(&again));
        assert_eq!(sealed().ranks_read(&[]), 4);
        assert_eq!(sealed().ranks_read(&[PlayerId::from_stored("cheat")]), 5);
        assert_eq!(Tournament { prizes: Vec::new(), ..sealed() }.ranks_read(&[]), 0);
    }

    #[test]
    fn every_conflict_says_what_is_in_the_way() {
        let unfit = cup().close().expect_err("not sealed");
        assert_eq!(unfit.kind(), ErrorKind::Conflict);
        assert_eq!(unfit.to_string(), "tournament cup is not sealed");
    }
}
