//! One board: its order, and the updates that come while it is being read from the store.

use parking_lot::RwLock;
use scoreline_core::rank::{PlayerEntry, Update};

use crate::block::Ranked;
use crate::merge::{Merge, Part};
use crate::order::Order;
use crate::players::{PlayerNo, Players};
use crate::seats::Seats;

/// Updates that are taken over, or players that are named or forgotten, under one lock.
pub const STEP: usize = 256;
/// Updates that are kept for an announced load. Beyond them the announcement is dropped, so that
/// one whose load never comes does not fill the memory; a load that was so slow begins again.
const KEPT_UPDATES_MAX: usize = 1 << 20;

/// The board was never loaded, or is forgotten: load it from the store and ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this board is not loaded")]
pub struct NotLoaded;

/// A board that is loaded, announced, or both: a board that is loaded anew is read until then.
#[derive(Default)]
pub struct Board {
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    /// The entries that are ranked, and those that are not, if the board is loaded.
    order: Option<Seats>,
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
    /// What was read of the board so far. There is one hold on each player in it.
    parts: Parts,
}

/// Entries in parts, each as long as it came.
type Parts = Vec<Part>;

impl State {
    /// The updates kept since an announcement, if it still stands.
    fn kept(&self, announcement: u64) -> Option<&[Update]> {
        self.announced
            .as_ref()
            .filter(|announced| announced.no == announcement)
            .map(|announced| &*announced.kept)
    }

    /// Keeps updates for the load that is announced. Answers the parts of one that has become too
    /// slow, for their players to be let go.
    fn keep(&mut self, updates: &[&Update]) -> Parts {
        let Some(announced) = &mut self.announced else { return Parts::new() };
        if announced.kept.len() + updates.len() > KEPT_UPDATES_MAX {
            return self.announced.take().map(|announced| announced.parts).unwrap_or_default();
        }
        announced.kept.extend(updates.iter().map(|update| (*update).clone()));
        Parts::new()
    }
}

impl Board {
    /// Keeps updates from now on, or goes on keeping them.
    pub fn announce(&self, players: &RwLock<Players>) {
        let given_up = {
            let mut state = self.state.write();
            if let Some(announced) = &mut state.announced {
                std::mem::take(&mut announced.parts)
            } else {
                state.announcements += 1;
                let (no, kept, parts) = (state.announcements, Vec::new(), Parts::new());
                state.announced = Some(Announced { no, kept, parts });
                Parts::new()
            }
        };
        release_parts(&given_up, players);
    }

    /// Reads the board.
    pub fn read<T>(&self, read: impl FnOnce(&Seats) -> T) -> Result<T, NotLoaded> {
        self.state.read().order.as_ref().map(read).ok_or(NotLoaded)
    }

    /// Ranks players or sets them aside, as their bans have it by now.
    pub fn reseat(&self, changed: &[PlayerNo], players: &RwLock<Players>) {
        let mut state = self.state.write();
        let Some(seats) = &mut state.order else { return };
        let players = players.read();
        for player in changed {
            seats.reseat(*player, &players);
        }
    }

    /// Takes over a few updates, all of this board.
    pub fn apply(&self, updates: &[&Update], players: &RwLock<Players>) {
        let given_up = {
            let mut state = self.state.write();
            let given_up = state.keep(updates);
            if let Some(seats) = &mut state.order {
                take_over(seats, updates, players);
            }
            given_up
        };
        release_parts(&given_up, players);
    }

    /// Takes in a part of what the store holds. Fails if no load is announced: updates may have
    /// been missed.
    pub fn load_part(
        &self,
        part: &[PlayerEntry],
        players: &RwLock<Players>,
    ) -> Result<(), NotLoaded> {
        let announcement = self.announcement()?;
        let part = Part::new(named(part, players));
        let refused = {
            let mut state = self.state.write();
            match &mut state.announced {
                Some(announced) if announced.no == announcement => {
                    announced.parts.push(part);
                    None
                }
                _ => Some(part),
            }
        };
        let Some(part) = refused else { return Ok(()) };
        release_parts(&[part], players);
        Err(NotLoaded)
    }

    /// Builds the order from the parts and the updates kept, and puts it in place. Fails if no load
    /// is announced.
    pub fn finish_load(&self, players: &RwLock<Players>) -> Result<(), NotLoaded> {
        let announcement = self.announcement()?;
        let parts = match &mut self.state.write().announced {
            Some(announced) if announced.no == announcement => std::mem::take(&mut announced.parts),
            _ => return Err(NotLoaded),
        };
        let mut order = Seats::of(build(parts, players));
        let mut passed = 0;
        // What was kept meanwhile is taken over without holding up anybody, until the rest is small
        // enough to be done under the lock.
        while let Some(late) = self.kept_since(announcement, passed) {
            let step =
                |step: &[Update]| take_over(&mut order, &step.iter().collect::<Vec<_>>(), players);
            late.chunks(STEP).for_each(step);
            passed += late.len();
            if late.len() <= STEP {
                break;
            }
        }
        let retired = {
            let mut state = self.state.write();
            if let Some(kept) = state.kept(announcement) {
                take_over(&mut order, &kept[passed..].iter().collect::<Vec<_>>(), players);
                // Whoever is banned later finds the board in its place.
                order.set_aside_banned(&players.read());
                state.announced = None;
                Ok(state.order.replace(order))
            } else {
                Err(order)
            }
        };
        match retired {
            Ok(replaced) => {
                if let Some(order) = replaced {
                    release_all(order.players(), players);
                }
                Ok(())
            }
            Err(order) => {
                release_all(order.players(), players);
                Err(NotLoaded)
            }
        }
    }

    /// Drops the announcement of a load.
    pub fn abandon(&self, players: &RwLock<Players>) {
        let announced = self.state.write().announced.take();
        if let Some(announced) = announced {
            release_parts(&announced.parts, players);
        }
    }

    /// Makes it a board that is neither loaded nor announced.
    pub fn clear(&self, players: &RwLock<Players>) {
        let (order, announced) = {
            let mut state = self.state.write();
            (state.order.take(), state.announced.take())
        };
        if let Some(order) = order {
            release_all(order.players(), players);
        }
        if let Some(announced) = announced {
            release_parts(&announced.parts, players);
        }
    }

    fn announcement(&self) -> Result<u64, NotLoaded> {
        let state = self.state.read();
        state.announced.as_ref().map(|announced| announced.no).ok_or(NotLoaded)
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        let state = self.state.read();
        let kept = state.announced.as_ref().map_or(0, |announced| announced.kept.capacity());
        kept * size_of::<Update>() + state.order.as_ref().map_or(0, Seats::heap_bytes)
    }

    fn kept_since(&self, announcement: u64, passed: usize) -> Option<Vec<Update>> {
        self.state.read().kept(announcement).map(|kept| kept[passed..].to_vec())
    }
}

/// Standings as entries, with a hold on each player, in steps so that others can go on in between.
fn named(part: &[PlayerEntry], players: &RwLock<Players>) -> Vec<Ranked> {
    let mut ranked = Vec::with_capacity(part.len());
    for step in part.chunks(STEP) {
        let mut players = players.write();
        ranked.extend(
            step.iter()
                .map(|one| Ranked { player: players.hold(one.player.as_str()), entry: one.entry }),
        );
    }
    ranked
}

/// Takes the best of all parts, one after another. The order keeps one hold on each player.
fn build(parts: Parts, players: &RwLock<Players>) -> Order {
    let all = || parts.iter().flat_map(Part::players).copied();
    let mut order = Order::with_capacity(all().count(), all().max());
    let mut merge = Merge::new(parts);
    let (mut tied, mut twice) = (Vec::new(), Vec::new());
    while merge.next_tied(&mut tied) {
        if tied.len() > 1 {
            // Only they are told apart by their ids, which lie behind a lock.
            let players = players.read();
            tied.sort_unstable_by(|a, b| players.compare(a.player, b.player));
        }
        let known = tied.iter().filter(|entry| !order.push_last(**entry));
        twice.extend(known.map(|entry| entry.player));
    }
    order.finish();
    release_all(twice, players);
    order
}

/// Takes over a few updates. A board has one hold on each of its players.
fn take_over(seats: &mut Seats, updates: &[&Update], players: &RwLock<Players>) {
    let (numbers, mut surplus) = hold_newcomers(seats, updates, players);
    let known = players.read();
    for (update, player) in updates.iter().zip(numbers) {
        if seats.set(Ranked { player, entry: update.entry }, &known) {
            let hold = surplus.iter().position(|held| *held == player);
            surplus.swap_remove(hold.expect("who is not on the board was held for it"));
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

/// The numbers of the players, and a hold for each update of one who is not on the board yet. Most
/// batches bring nobody new, and then nobody who reads names is held up.
fn hold_newcomers(
    seats: &Seats,
    updates: &[&Update],
    players: &RwLock<Players>,
) -> (Vec<PlayerNo>, Vec<PlayerNo>) {
    let present: Vec<Option<PlayerNo>> = {
        let players = players.read();
        let number = |update: &&Update| {
            players.find(update.player.as_str()).filter(|player| seats.contains(*player))
        };
        updates.iter().map(number).collect()
    };
    if let Some(numbers) = present.iter().copied().collect() {
        return (numbers, Vec::new());
    }
    let mut held = Vec::new();
    let mut players = players.write();
    let number = |(update, present): (&&Update, Option<PlayerNo>)| {
        present.unwrap_or_else(|| {
            let player = players.hold(update.player.as_str());
            held.push(player);
            player
        })
    };
    let numbers = updates.iter().zip(present).map(number).collect();
    (numbers, held)
}

/// Lets go of players, in steps.
fn release_all(all: impl IntoIterator<Item = PlayerNo>, players: &RwLock<Players>) {
    let mut all = all.into_iter();
    loop {
        let mut step = all.by_ref().take(STEP).peekable();
        if step.peek().is_none() {
            return;
        }
        let mut players = players.write();
        for player in step {
            players.release(player);
        }
    }
}

fn release_parts(parts: &[Part], players: &RwLock<Players>) {
    release_all(parts.iter().flat_map(Part::players).copied(), players);
}
