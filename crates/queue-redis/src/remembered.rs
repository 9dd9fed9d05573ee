//! What a node remembers of a class, so that it notices when the class has lost it. Pure.

use scoreline_core::queue::loss::{Losses, Sight};
use uuid::Uuid;

use crate::answer::Seen;

/// What this node saw last of a class.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Remembered {
    /// How often the class was found to have lost data. Leases of earlier generations are void,
    /// because their ids may be used again.
    pub generation: u32,
    /// `None` before the first contact.
    pub sight: Option<Sight>,
    /// What the class lost so far.
    pub losses: Losses,
    /// Events that were settled as applied or known.
    pub completed: u64,
    /// Events that were settled as dead.
    pub failed: u64,
    /// Whether an operator has paused it.
    pub paused: bool,
}

/// What a class is found to be when it is not as remembered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// Its present epoch.
    pub epoch: Uuid,
    /// Its present state.
    pub seen: Seen,
    /// What it lost so far.
    pub losses: Losses,
}

impl Remembered {
    /// Whether nothing was learnt since `other` was copied from this.
    pub fn is_as(&self, other: &Self) -> bool {
        let epoch = |remembered: &Self| remembered.sight.map(|sight| sight.epoch);
        self.generation == other.generation && epoch(self) == epoch(other)
    }

    /// The losses that the class should know of, if it is as `found` now; `None` if it lost nothing.
    pub fn losses_until(&self, found: Option<&Sight>) -> Option<Losses> {
        let lost = self.sight?.lost_until(found)?;
        Some(self.losses.and(lost))
    }

    /// Takes in what a script answered that was sent in this generation. Answers may come in any
    /// order; the one that saw more was given later.
    pub fn saw(&mut self, generation: u32, seen: &Seen) {
        let Some(sight) = &mut self.sight else { return };
        if generation != self.generation || seen.pushed < sight.pushed {
            return;
        }
        sight.pushed = seen.pushed;
        sight.unclaimed = seen.waiting + seen.delayed;
        self.completed = self.completed.max(seen.completed);
        self.failed = self.failed.max(seen.failed);
        self.paused = seen.paused;
    }

    /// Takes in the present state of a class. `lost` tells whether the class lost data.
    pub fn found(&mut self, found: &Found, lost: bool) {
        let Found { epoch, seen, losses } = *found;
        self.generation += u32::from(lost);
        self.sight =
            Some(Sight { epoch, pushed: seen.pushed, unclaimed: seen.waiting + seen.delayed });
        self.losses = losses;
        self.completed = seen.completed;
        self.failed = seen.failed;
        self.paused = seen.paused;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Uuid = Uuid::from_u128(1);
    const NEW: Uuid = Uuid::from_u128(2);

    fn seen(pushed: u64, waiting: u64) -> Seen {
        Seen { pushed, waiting, ..Seen::default() }
    }

    fn known(pushed: u64, waiting: u64) -> Remembered {
        let mut remembered = Remembered::default();
        let seen = seen(pushed, waiting);
        remembered.found(&Found { epoch: OLD, seen, losses: Losses::default() }, false);
        remembered
    }

    #[test]
    fn the_first_contact_is_no_loss() {
        let found = Sight { epoch: OLD, pushed: 9, unclaimed: 9 };
        assert_eq!(Remembered::default().losses_until(Some(&found)), None);
        assert_eq!(Remembered::default().losses_until(None), None);
        assert_eq!(known(9, 9).generation, 0);
    }

    #[test]
    fn answers_that_overtook_each_other_do_not_turn_time_back() {
        let mut remembered = known(100, 0);
        remembered.saw(0, &seen(120, 20));
        remembered.saw(0, &seen(110, 10));
        let sight = remembered.sight.expect("known");
        assert_eq!((sight.pushed, sight.unclaimed), (120, 20));
    }

    #[test]
    fn an_answer_from_before_a_loss_is_not_taken_for_the_present() {
        let mut remembered = known(100, 40);
        assert_eq!(remembered.losses_until(None), Some(Losses { times: 1, events: 40 }));
        let losses = Losses { times: 1, events: 40 };
        remembered.found(&Found { epoch: NEW, seen: seen(0, 0), losses }, true);
        remembered.saw(0, &seen(101, 41));
        let present = Sight { epoch: NEW, pushed: 3, unclaimed: 3 };
        assert_eq!(remembered.losses_until(Some(&present)), None, "that would be a second loss");
    }
}
