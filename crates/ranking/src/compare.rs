//! Comparing a rank index with the store: what drifted apart, player by player.
//!
//! Both change while they are compared, and an index is always a moment behind the store. So whoever
//! differs is looked at again, and only what stays different while the store stays the same counts.
//! A board that differs is repaired by unloading it: it is read from the store when somebody asks.

use std::collections::BTreeMap;

use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{RankError, RankIndex, Standing};
use scoreline_core::store::BoardStore;

use crate::ranks::RanksError;

/// How many players are compared at a time.
const STEP: usize = 1_024;
/// How often a difference is looked at before it counts.
const LOOKS: usize = 5;

/// What a board was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The board.
    pub board: BoardKey,
    /// How many players of the store were compared.
    pub compared: u64,
    /// How many players differ.
    pub differing: u64,
    /// The first of them.
    pub listed: Vec<Difference>,
}

/// A player whom the index has otherwise than the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The player.
    pub player: PlayerId,
    /// As the store has them; `None` if they are not on the board there.
    pub stored: Option<Standing>,
    /// As the index has them; `None` if they are not on the board there.
    pub indexed: Option<Standing>,
}

/// Compares a board with the store, and lists at most `list` differences. `None` if the index does
/// not hold the board, so that nothing can differ.
pub async fn compare(
    index: &dyn RankIndex,
    store: &dyn BoardStore,
    board: BoardKey,
    list: usize,
) -> Result<Option<Comparison>, RanksError> {
    let mut comparison = Comparison { board, compared: 0, differing: 0, listed: Vec::new() };
    let both = Both { index, store, board };
    let outcome = async {
        both.compare_stored(&mut comparison, list).await?;
        both.compare_indexed(&mut comparison, list).await
    };
    match outcome.await {
        Ok(()) => Ok(Some(comparison)),
        Err(RanksError::Index(RankError::NotLoaded)) => Ok(None),
        Err(error) => Err(error),
    }
}

struct Both<'a> {
    index: &'a dyn RankIndex,
    store: &'a dyn BoardStore,
    board: BoardKey,
}

impl Both<'_> {
    /// Compares everybody in the store.
    async fn compare_stored(
        &self,
        comparison: &mut Comparison,
        list: usize,
    ) -> Result<(), RanksError> {
        let mut after = None;
        loop {
            let page = self.store.standings(self.board, after, STEP).await?;
            let players: Vec<PlayerId> = page.iter().map(|one| one.player.clone()).collect();
            let stored = page.iter().map(|one| Some(one.standing)).collect();
            comparison.note(self.differing(players, stored).await?, list);
            comparison.compared += page.len() as u64;
            after = page.last().map(|last| last.player.clone());
            if page.len() < STEP {
                return Ok(());
            }
        }
    }

    /// Looks for those whom only the index has. Their places move while they are read, so that one
    /// may be missed or met twice if the board is busy; whoever stays is found by the next comparison.
    async fn compare_indexed(
        &self,
        comparison: &mut Comparison,
        list: usize,
    ) -> Result<(), RanksError> {
        let mut offset = 0;
        loop {
            let page = self.index.range(self.board, offset, STEP).await?;
            let count = page.len();
            let players: Vec<PlayerId> = page.into_iter().map(|place| place.player).collect();
            let stored = self.stored(&players).await?;
            let (players, stored) =
                players.into_iter().zip(stored).filter(|(_, stored)| stored.is_none()).unzip();
            comparison.note(self.differing(players, stored).await?, list);
            offset += count as u64;
            if count < STEP {
                return Ok(());
            }
        }
    }

    /// The differences of these players that last. `stored` is what the store had of each.
    async fn differing(
        &self,
        mut players: Vec<PlayerId>,
        mut stored: Vec<Option<Standing>>,
    ) -> Result<Vec<Difference>, RanksError> {
        let mut lasting = BTreeMap::new();
        for _ in 0..LOOKS {
            let places = self.index.places(self.board, &players).await?;
            let differences = players.iter().zip(&stored).zip(places);
            lasting = differences
                .map(|((player, stored), place)| Difference {
                    player: player.clone(),
                    stored: *stored,
                    indexed: place.map(|place| place.standing),
                })
                .filter(|difference| difference.stored != difference.indexed)
                .map(|difference| (difference.player.clone(), difference))
                .collect();
            if lasting.is_empty() {
                return Ok(Vec::new());
            }
            players = lasting.keys().cloned().collect();
            stored = self.stored(&players).await?;
        }
        let unchanged = players.iter().zip(stored).filter_map(|(player, stored)| {
            lasting.remove(player).filter(|difference| difference.stored == stored)
        });
        Ok(unchanged.collect())
    }

    async fn stored(&self, players: &[PlayerId]) -> Result<Vec<Option<Standing>>, RanksError> {
        if players.is_empty() {
            return Ok(Vec::new());
        }
        let entries = self.store.entries(self.board, players.to_vec()).await?;
        Ok(entries.into_iter().map(|entry| entry.map(|entry| entry.standing)).collect())
    }
}

impl Comparison {
    fn note(&mut self, differences: Vec<Difference>, list: usize) {
        self.differing += differences.len() as u64;
        let room = list.saturating_sub(self.listed.len());
        self.listed.extend(differences.into_iter().take(room));
    }
}
