//! One board: its order, and the updates that come while it is being read from the store.

use parking_lot::RwLock;
use scoreline_core::rank::{PlayerStanding, RankError, Update};

use crate::STEP;
use crate::block::{Ranked, ShortVersion};
use crate::order::Order;
use crate::players::{PlayerNo, Players};

/// Updates that are kept for an announced load. Beyond them the announcement is dropped, so that
/// one whose load never comes does not fill the memory; a load that was so slow begins again.
const KEPT_UPDATES_MAX: usize = 1 << 20;

/// A board that is loaded, announced, or both: a board that is loaded anew is read until then.
#[derive(Default)]
pub struct Board {
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    order: Option<Order>,
    announced: Option<Announced>,
    /// How many loads were announced so far.
    announcements: u64,
}

/// A load that is to come.
struct Announced {
    /// Which one it is.
    no: u64,
    /// The updates since.
    kept: Vec<Update>,
}

impl State {
    /// The updates kept since an announcement, if it still stands.
    fn kept(&self, announcement: u64) -> Option<&[Update]> {
        self.announced
            .as_ref()
            .filter(|announced| announced.no == announcement)
            .map(|announced| &*announced.kept)
    }

    fn keep(&mut self, updates: &[Update]) {
        let Some(announced) = &mut self.announced else { return };
        if announced.kept.len() + updates.len() > KEPT_UPDATES_MAX {
            self.announced = None;
        } else {
            announced.kept.extend_from_slice(updates);
        }
    }
}

impl Board {
    /// Keeps updates from now on, or goes on keeping them.
    pub fn announce(&self) {
        let mut state = self.state.write();
        if state.announced.is_none() {
            state.announcements += 1;
            state.announced = Some(Announced { no: state.announcements, kept: Vec::new() });
        }
    }

    /// Reads the board.
    pub fn read<T>(&self, read: impl FnOnce(&Order) -> T) -> Result<T, RankError> {
        self.state.read().order.as_ref().map(read).ok_or(RankError::NotLoaded)
    }

    /// Takes over a few updates, all of this board.
    pub fn apply(&self, updates: &[Update], players: &RwLock<Players>) {
        let mut state = self.state.write();
        state.keep(updates);
        if let Some(order) = &mut state.order {
            take_over(order, updates, players);
        }
    }

    /// Builds the order from the standings and the updates kept, and puts it in place. Fails if no
    /// load is announced: updates may have been missed.
    pub fn load(
        &self,
        standings: Vec<PlayerStanding>,
        players: &RwLock<Players>,
    ) -> Result<(), RankError> {
        let announced = self.state.read().announced.as_ref().map(|announced| announced.no);
        let announcement = announced.ok_or(RankError::NotLoaded)?;
        let mut order = build(standings, players);
        let mut passed = 0;
        // What was kept meanwhile is taken over without holding up anybody, until the rest is small
        // enough to be done under the lock.
        while let Some(late) = self.kept_since(announcement, passed) {
            late.chunks(STEP).for_each(|step| take_over(&mut order, step, players));
            passed += late.len();
            if late.len() <= STEP {
                break;
            }
        }
        let retired = {
            let mut state = self.state.write();
            if let Some(kept) = state.kept(announcement) {
                take_over(&mut order, &kept[passed..], players);
                state.announced = None;
                Ok(state.order.replace(order))
            } else {
                Err(order)
            }
        };
        match retired {
            Ok(replaced) => {
                if let Some(order) = replaced {
                    release_all(order, players);
                }
                Ok(())
            }
            Err(order) => {
                release_all(order, players);
                Err(RankError::NotLoaded)
            }
        }
    }

    /// Makes it a board that is neither loaded nor announced.
    pub fn clear(&self, players: &RwLock<Players>) {
        let order = {
            let mut state = self.state.write();
            state.announced = None;
            state.order.take()
        };
        if let Some(order) = order {
            release_all(order, players);
        }
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        let state = self.state.read();
        let kept = state.announced.as_ref().map_or(0, |announced| announced.kept.capacity());
        kept * size_of::<Update>() + state.order.as_ref().map_or(0, Order::heap_bytes)
    }

    fn kept_since(&self, announcement: u64, passed: usize) -> Option<Vec<Update>> {
        self.state.read().kept(announcement).map(|kept| kept[passed..].to_vec())
    }
}

/// Sorts once, then names and appends in steps, so that other boards can go on in between.
fn build(mut standings: Vec<PlayerStanding>, players: &RwLock<Players>) -> Order {
    standings.sort_unstable_by(|a, b| {
        let (a_at, b_at) = (a.standing, b.standing);
        b_at.points
            .cmp(&a_at.points)
            .then(a_at.reached_at.cmp(&b_at.reached_at))
            .then_with(|| a.player.cmp(&b.player))
    });
    let mut order = Order::with_capacity(standings.len());
    let mut standings = standings.into_iter();
    while standings.len() > 0 {
        let mut players = players.write();
        for PlayerStanding { player, standing, version } in standings.by_ref().take(STEP) {
            let player = players.hold(player.as_str());
            let version = ShortVersion::of(version);
            if !order.push_last(Ranked { player, standing, version }) {
                players.release(player);
            }
        }
    }
    order.finish();
    order
}

/// Takes over a few updates. An order has one hold on each of its players.
fn take_over(order: &mut Order, updates: &[Update], players: &RwLock<Players>) {
    let (numbers, mut surplus) = hold_newcomers(order, updates, players);
    let known = players.read();
    for (update, player) in updates.iter().zip(numbers) {
        let version = ShortVersion::of(update.version);
        if order.set(Ranked { player, standing: update.standing, version }, &known) {
            let hold = surplus.iter().position(|held| *held == player);
            surplus.swap_remove(hold.expect("who is not in the order was held for it"));
        }
    }
    drop(known);
    if !surplus.is_empty() {
        let mut players = players.write();
        for player in surplus {
            players.release(player);
        }
    }
}

/// The numbers of the players, and a hold for each update of one who is not in the order yet. Most
/// batches bring nobody new, and then nobody who reads names is held up.
fn hold_newcomers(
    order: &Order,
    updates: &[Update],
    players: &RwLock<Players>,
) -> (Vec<PlayerNo>, Vec<PlayerNo>) {
    let present: Vec<Option<PlayerNo>> = {
        let players = players.read();
        let number = |update: &Update| {
            players.find(update.player.as_str()).filter(|player| order.contains(*player))
        };
        updates.iter().map(number).collect()
    };
    if let Some(numbers) = present.iter().copied().collect() {
        return (numbers, Vec::new());
    }
    let mut held = Vec::new();
    let mut players = players.write();
    let number = |(update, present): (&Update, Option<PlayerNo>)| {
        present.unwrap_or_else(|| {
            let player = players.hold(update.player.as_str());
            held.push(player);
            player
        })
    };
    let numbers = updates.iter().zip(present).map(number).collect();
    (numbers, held)
}

/// Lets go of all players of an order, in steps.
fn release_all(order: Order, players: &RwLock<Players>) {
    let mut all = order.into_players();
    loop {
        let mut players = players.write();
        let mut step = all.by_ref().take(STEP).peekable();
        if step.peek().is_none() {
            return;
        }
        for player in step {
            players.release(player);
        }
    }
}
