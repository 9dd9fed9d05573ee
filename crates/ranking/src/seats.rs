//! All entries of a board: those that are ranked, and those that are set aside.
//!
//! Set aside are players who are banned, and entries that count no event any more. They are kept, so
//! that a ban that is lifted ranks its player at once, so that the player of a shadow ban can be shown
//! a place, and so that what comes after an entry that was emptied is known to be newer.

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use scoreline_core::fold::BoardChange;
use scoreline_core::rank::{Entry, OwnPlace, Place};

use crate::block::Ranked;
use crate::order::{Order, place};
use crate::players::{PlayerNo, Players};

/// The entries of a board.
#[derive(Default)]
pub struct Seats {
    /// Those that are ranked.
    pub order: Order,
    aside: HashMap<PlayerNo, Entry, FxBuildHasher>,
}

impl Seats {
    /// The entries of an order, those that count nothing any more set aside. Whoever is banned is still
    /// among the others: see [`Seats::set_aside_banned`].
    pub fn of(order: Order) -> Self {
        let mut seats = Self { order, aside: HashMap::default() };
        let emptied = seats.order.emptied();
        seats.set_aside(emptied);
        seats
    }

    /// How many players are ranked.
    pub fn len(&self) -> u64 {
        self.order.len()
    }

    /// Whether a player has an entry, ranked or not.
    pub fn contains(&self, player: PlayerNo) -> bool {
        self.order.contains(player) || self.aside.contains_key(&player)
    }

    /// Gives a player this entry and no other, unless they have a newer one. Answers whether they had
    /// none.
    pub fn set(&mut self, ranked: Ranked, players: &Players) -> bool {
        let Ranked { player, entry } = ranked;
        let is_aside = !is_ranked(&ranked, players);
        if let Some(known) = self.aside.get_mut(&player) {
            if entry.version() <= known.version() {
                return false;
            }
            if is_aside {
                *known = entry;
            } else {
                self.aside.remove(&player);
                self.order.set(ranked, players);
            }
            return false;
        }
        if !is_aside {
            return self.order.set(ranked, players);
        }
        let known = self.order.get(player);
        if known.is_some_and(|known| entry.version() <= known.entry.version()) {
            return false;
        }
        self.order.remove(player);
        self.aside.insert(player, entry);
        known.is_none()
    }

    /// Ranks a player or sets them aside, as their ban has it by now.
    pub fn reseat(&mut self, player: PlayerNo, players: &Players) {
        if let Some(entry) = self.aside.get(&player).copied() {
            let ranked = Ranked { player, entry };
            if is_ranked(&ranked, players) {
                self.aside.remove(&player);
                self.order.set(ranked, players);
            }
        } else if players.bans().of(player).is_some()
            && let Some(ranked) = self.order.remove(player)
        {
            self.aside.insert(player, ranked.entry);
        }
    }

    /// Sets everybody aside who is banned by now.
    pub fn set_aside_banned(&mut self, players: &Players) {
        self.set_aside(players.bans().banned());
    }

    fn set_aside(&mut self, all: impl IntoIterator<Item = PlayerNo>) {
        for player in all {
            if let Some(ranked) = self.order.remove(player) {
                self.aside.insert(player, ranked.entry);
            }
        }
    }

    /// A player's entry, ranked or set aside, unless it counts nothing any more.
    pub fn entry(&self, player: PlayerNo) -> Option<Entry> {
        let aside = || self.aside.get(&player).copied();
        let entry = self.order.get(player).map(|ranked| ranked.entry).or_else(aside);
        entry.filter(|entry| !entry.is_empty())
    }

    /// The place that a player is shown who is banned and is not to notice.
    pub fn shadow_place(&self, player: PlayerNo, players: &Players) -> Option<Place> {
        players.bans().of(player).filter(|ban| ban.shadow)?;
        let entry = *self.aside.get(&player).filter(|entry| !entry.is_empty())?;
        let ranked = Ranked { player, entry };
        Some(place(self.order.rank_of(&ranked, players), ranked, players))
    }

    /// The place among the others that a player is shown of whose events more counts in their own eyes than in
    /// those of others; `None` for who is banned and is to notice.
    pub fn own_place(
        &self,
        player: PlayerNo,
        more: &BoardChange,
        players: &Players,
    ) -> Option<OwnPlace> {
        if players.bans().of(player).is_some_and(|ban| !ban.shadow) {
            return None;
        }
        let entry = more.onto(self.entry(player))?;
        let ranked = Ranked { player, entry };
        let rank = self.order.rank_beside_others(&ranked, players);
        let ranked_at = self.order.find(player).map(|(rank, _)| rank);
        Some(OwnPlace { place: place(rank, ranked, players), ranked_at })
    }

    /// Everybody who has an entry, ranked or not, the ranked ones first and in their order.
    pub fn players(&self) -> impl Iterator<Item = PlayerNo> {
        self.order.players().chain(self.aside.keys().copied())
    }

    /// Bytes allocated.
    pub fn heap_bytes(&self) -> usize {
        self.order.heap_bytes() + self.aside.allocation_size()
    }
}

fn is_ranked(Ranked { player, entry }: &Ranked, players: &Players) -> bool {
    !entry.is_empty() && players.bans().of(*player).is_none()
}
