//! A store in memory, as small as one can be: each event key once, and the fold of those.

use std::collections::{BTreeMap, BTreeSet};

use scoreline_core::event::Event;
use scoreline_core::fold::{Changes, Filling, Layer, Plan, State};
use scoreline_core::id::{EventKey, Slot};
use scoreline_core::time::Timestamp;

/// Stored events with the time each was applied, and what was derived from them.
#[derive(Default)]
pub struct Store {
    pub events: BTreeMap<EventKey, (Event, Timestamp)>,
    pub derived: State,
}

impl Store {
    /// One transaction: the new events of a batch are stored and folded. With `crash` it ends
    /// before the commit.
    pub fn apply(&mut self, plan: &Plan, batch: &[Event], now: Timestamp, crash: bool) {
        let mut keys = BTreeSet::new();
        let new: Vec<&Event> = batch
            .iter()
            .filter(|event| !self.events.contains_key(&event.key) && keys.insert(event.key))
            .collect();
        let changes =
            plan.fold(new.iter().map(|event| (*event, now)), Layer::Live).expect("no overflow");
        if crash {
            return;
        }
        self.derived.absorb(&changes).expect("no overflow");
        self.events.extend(new.into_iter().map(|event| (event.key, (event.clone(), now))));
    }

    /// One step of filling a slot: the next events after those it has passed. Answers how far it
    /// has come, or `None` if nothing is left.
    pub fn fill_step(&mut self, plan: &Plan, filling: Filling, events: usize) -> Option<Filling> {
        let step: Vec<&(Event, Timestamp)> = self
            .events
            .iter()
            .filter(|(key, _)| filling.passed.is_none_or(|passed| **key > passed))
            .map(|(_, stored)| stored)
            .take(events)
            .collect();
        let passed = step.last()?.0.key;
        let changes = fold(plan, step.iter().copied(), Layer::Fill(filling.slot));
        self.derived.absorb(&changes).expect("no overflow");
        Some(Filling { passed: Some(passed), ..filling })
    }

    /// All stored events, folded again.
    pub fn recompute(&self, plan: &Plan) -> State {
        state_of(&fold(plan, self.events.values(), Layer::Recompute))
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
