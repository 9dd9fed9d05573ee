//! A store in memory, as small as one can be: each event key once, and the fold of those.

use std::collections::BTreeSet;

use scoreline_core::event::Event;
use scoreline_core::fold::{Changes, Layer, Plan, State};
use scoreline_core::id::{EventKey, Slot};
use scoreline_core::time::Timestamp;

/// Stored events, in the order in which they were applied, with the time of that, and what was
/// derived from them.
#[derive(Default)]
pub struct Store {
    pub events: Vec<(Event, Timestamp)>,
    pub derived: State,
    keys: BTreeSet<EventKey>,
}

impl Store {
    /// One transaction: the new events of a batch are stored and folded. With `crash` it ends
    /// before the commit.
    pub fn apply(&mut self, plan: &Plan, batch: &[Event], now: Timestamp, crash: bool) {
        let mut keys = self.keys.clone();
        let new: Vec<&Event> = batch.iter().filter(|event| keys.insert(event.key())).collect();
        let changes =
            plan.fold(new.iter().map(|event| (*event, now)), Layer::Live).expect("no overflow");
        if crash {
            return;
        }
        self.derived.absorb(&changes).expect("no overflow");
        self.events.extend(new.into_iter().map(|event| (event.clone(), now)));
        self.keys = keys;
    }

    /// One step of filling a slot: the next events after the `passed` ones. Answers how many are
    /// passed then, or `None` if nothing is left.
    pub fn fill_step(
        &mut self,
        plan: &Plan,
        slot: Slot,
        passed: usize,
        events: usize,
    ) -> Option<usize> {
        let step = &self.events[passed..self.events.len().min(passed + events)];
        if step.is_empty() {
            return None;
        }
        let changes = fold(plan, step, Layer::Fill(slot));
        let passed = passed + step.len();
        self.derived.absorb(&changes).expect("no overflow");
        Some(passed)
    }

    /// All stored events, folded again.
    pub fn recompute(&self, plan: &Plan) -> State {
        state_of(&fold(plan, &self.events, Layer::Recompute))
    }
}

pub fn fold<'e>(
    plan: &Plan,
    events: impl IntoIterator<Item = &'e (Event, Timestamp)>,
    layer: Layer,
) -> Changes {
    let events = events.into_iter().map(|(event, applied_at)| (event, *applied_at));
    plan.fold(events, layer).expect("no overflow")
}

pub fn state_of(changes: &Changes) -> State {
    let mut state = State::default();
    state.absorb(changes).expect("no overflow");
    state
}

/// The rows of `from` as if they lay in `to`; other rows are left out.
pub fn moved(state: &State, from: Slot, to: Slot) -> State {
    State {
        boards: state
            .boards
            .iter()
            .filter(|((board, _), _)| board.slot == from)
            .map(|((board, player), change)| {
                let mut board = *board;
                board.slot = to;
                ((board, player.clone()), *change)
            })
            .collect(),
        statistics: state
            .statistics
            .iter()
            .filter(|((_, slot), _)| *slot == from)
            .map(|((player, _), value)| ((player.clone(), to), *value))
            .collect(),
        parts: state
            .parts
            .iter()
            .filter(|((slot, ..), _)| *slot == from)
            .map(|((_, player, part), bytes)| ((to, player.clone(), *part), bytes.clone()))
            .collect(),
        counters: state
            .counters
            .iter()
            .filter(|((slot, _), _)| *slot == from)
            .map(|((_, key), count)| ((to, key.clone()), *count))
            .collect(),
        figures: state
            .figures
            .iter()
            .filter(|(key, _)| key.slot == from)
            .map(|(key, figure)| {
                let mut key = key.clone();
                key.slot = to;
                (key, figure.clone())
            })
            .collect(),
    }
}
