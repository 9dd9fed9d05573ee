//! Keeps the ranks of what is current in memory, and lets go of what nobody asks for.
//!
//! A board that is not loaded is read from the store when somebody asks for it; with a million
//! players that takes a second, or ten into Redis. So the boards of now are loaded ahead, also a little before a
//! period or a tournament begins. Previous periods leave when nobody has asked for them for a
//! while.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use scoreline_core::id::BoardKey;
use scoreline_core::limits::BOARD_IDLE_MS;
use scoreline_core::time::Timestamp;

use super::due::Due;
use super::{SECOND_MS, Scheduler};
use crate::engine::Engine;
use crate::jobs::JobError;

/// How often it is looked at what is current, beside every change of the plan.
const LOOK_MS: i64 = 10 * SECOND_MS;

/// What is remembered from one look at the boards to the next.
#[derive(Debug)]
pub(super) struct Keeper {
    look: Due,
    plan_version: Option<i64>,
    /// When boards that are not current were last asked for.
    last_asked: FxHashMap<BoardKey, Timestamp>,
}

impl Default for Keeper {
    fn default() -> Self {
        Self { look: Due::every(LOOK_MS), plan_version: None, last_asked: FxHashMap::default() }
    }
}

impl Keeper {
    fn is_due(&mut self, plan_version: i64, now: Timestamp) -> bool {
        // Both are asked, so that both remember.
        let changed = self.plan_version.replace(plan_version) != Some(plan_version);
        self.look.take(now) || changed
    }

    /// The loaded boards that are not current and that nobody has asked for in a while.
    fn idle(
        &mut self,
        loaded: impl IntoIterator<Item = BoardKey>,
        current: &BTreeSet<BoardKey>,
        asked: impl Fn(&BoardKey) -> bool,
        now: Timestamp,
    ) -> Vec<BoardKey> {
        let mut known = std::mem::take(&mut self.last_asked);
        let mut idle = Vec::new();
        for board in loaded.into_iter().filter(|board| !current.contains(board)) {
            let last = known.remove(&board).filter(|_| !asked(&board)).unwrap_or(now);
            if now.ms_since(last) >= BOARD_IDLE_MS {
                idle.push(board);
            } else {
                self.last_asked.insert(board, last);
            }
        }
        idle
    }
}

impl Scheduler {
    pub(super) async fn keep_ranks(&self, now: Timestamp) -> Result<(), JobError> {
        let plan = self.engine.plans.current();
        let mut keeper = self.keeper.lock().await;
        if !keeper.is_due(plan.version, now) {
            return Ok(());
        }
        let outcome = load_current_boards(&self.engine, now).await;
        if outcome.is_err() {
            keeper.plan_version = None;
        }
        let ranks = &self.engine.ranks;
        let asked = ranks.take_asked();
        let loaded = ranks.index().loaded().await?;
        let current = plan.current_boards(now);
        let loaded = loaded.into_iter().map(|(board, _)| board);
        for board in keeper.idle(loaded, &current, |board| asked.contains(board), now) {
            ranks.index().unload(board).await?;
            tracing::debug!(ranks.slot = board.slot.0, "an idle board was unloaded");
        }
        outcome
    }
}

/// Loads every current board that is not loaded. One that fails does not hold up the others.
async fn load_current_boards(engine: &Engine, now: Timestamp) -> Result<(), JobError> {
    let ranks = &engine.ranks;
    let mut missing = engine.plans.current().current_boards(now);
    for (board, _) in ranks.index().loaded().await? {
        missing.remove(&board);
    }
    let mut outcome = Ok(());
    // One after another: the memory that loading takes is then that of one board.
    for board in missing {
        outcome = outcome.and(ranks.ensure(board).await);
    }
    Ok(outcome?)
}

#[cfg(test)]
mod tests {
    use scoreline_core::id::Slot;

    use super::super::MINUTE_MS;
    use super::*;

    fn board(slot: i64) -> BoardKey {
        BoardKey { slot: Slot(slot), period: Timestamp::EPOCH }
    }

    #[test]
    fn a_board_that_is_over_is_idle_once_nobody_asked_for_a_while_and_a_current_one_never() {
        let mut keeper = Keeper::default();
        let current = BTreeSet::from([board(1)]);
        let at = |minutes: i64| Timestamp::EPOCH.plus_ms(minutes * MINUTE_MS);
        let loaded = [board(1), board(2)];
        let nobody = |_: &BoardKey| false;
        assert_eq!(keeper.idle(loaded, &current, nobody, at(0)), []);
        assert_eq!(keeper.idle(loaded, &current, nobody, at(14)), []);
        assert_eq!(keeper.idle(loaded, &current, |asked| *asked == board(2), at(14)), []);
        assert_eq!(keeper.idle(loaded, &current, nobody, at(28)), []);
        assert_eq!(keeper.idle(loaded, &current, nobody, at(29)), [board(2)]);
        assert!(keeper.last_asked.is_empty(), "nothing is remembered of what is unloaded");
    }

    #[test]
    fn the_boards_are_looked_at_after_every_change_of_the_plan_and_now_and_then() {
        let mut keeper = Keeper::default();
        let at = |ms: i64| Timestamp::EPOCH.plus_ms(ms);
        let answers: Vec<bool> = [(1, 0), (1, 500), (2, 600), (2, 700), (2, LOOK_MS)]
            .map(|(version, ms)| keeper.is_due(version, at(ms)))
            .into();
        assert_eq!(answers, [true, false, true, false, true]);
    }
}
