//! Comparing the boards in memory with the store: what drifted apart, player by player.
//!
//! Both change while they are compared, and memory is always a moment behind the store. So whoever
//! differs is looked at again, and only what stays different while the store stays the same counts.

use std::collections::BTreeMap;
use std::time::Duration;

use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Comparison, Difference, Row};

use crate::board::NotLoaded;
use crate::ranks::{Ranks, RanksError};

/// How many players are compared at a time.
const STEP: usize = 1_024;
/// How often a difference is looked at before it counts.
const LOOKS: usize = 5;
/// Between two looks: what was committed just before the first is heard by the second.
const PAUSE: Duration = Duration::from_millis(100);

/// Compares a board with the store, and lists at most `list` differences. `None` if the board is not
/// held, so that nothing can differ.
pub async fn compare(
    ranks: &Ranks,
    board: BoardKey,
    list: usize,
) -> Result<Option<Comparison>, RanksError> {
    let mut comparison = Comparison { board, compared: 0, differing: 0, listed: Vec::new() };
    let both = Both { ranks, board };
    let outcome = async {
        both.compare_stored(&mut comparison, list).await?;
        both.compare_held(&mut comparison, list).await
    };
    match outcome.await {
        Ok(()) => Ok(Some(comparison)),
        Err(RanksError::NotLoaded(NotLoaded)) => Ok(None),
        Err(error) => Err(error),
    }
}

struct Both<'a> {
    ranks: &'a Ranks,
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
            let page = self.ranks.store.board_page(self.board, after, STEP).await?;
            let players: Vec<PlayerId> = page.iter().map(|one| one.player.clone()).collect();
            comparison.compared += page.len() as u64;
            after = players.last().cloned();
            let count = players.len();
            comparison.note(self.differing(players).await?, list);
            if count < STEP {
                return Ok(());
            }
        }
    }

    /// Looks for those who are only in memory. Their places move while they are read, so that one
    /// may be missed or met twice if the board is busy; whoever stays is found by the next comparison.
    async fn compare_held(
        &self,
        comparison: &mut Comparison,
        list: usize,
    ) -> Result<(), RanksError> {
        let mut offset = 0;
        loop {
            let page = self.ranks.boards.range(self.board, offset, STEP)?;
            let count = page.len();
            let players: Vec<PlayerId> = page.into_iter().map(|place| place.player).collect();
            let stored = self.stored(&players).await?;
            let unknown = players.into_iter().zip(stored).filter(|(_, stored)| stored.is_none());
            let unknown = unknown.map(|(player, _)| player).collect();
            comparison.note(self.differing(unknown).await?, list);
            offset += count as u64;
            if count < STEP {
                return Ok(());
            }
        }
    }

    /// The differences of these players that last.
    async fn differing(&self, mut players: Vec<PlayerId>) -> Result<Vec<Difference>, RanksError> {
        let mut before: BTreeMap<PlayerId, Difference> = BTreeMap::new();
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            // The store first: what it holds by now, memory may hold by then.
            let stored = self.stored(&players).await?;
            let held = self.held(&players)?;
            let found: BTreeMap<PlayerId, Difference> = players
                .into_iter()
                .zip(stored.into_iter().zip(held))
                .filter(|(_, (stored, held))| stored != held)
                .map(|(player, (stored, held))| {
                    (player.clone(), Difference { player, stored, held })
                })
                .collect();
            if found.is_empty() {
                return Ok(Vec::new());
            }
            players = found.keys().cloned().collect();
            if look + 1 < LOOKS {
                before = found;
                continue;
            }
            // A player of whom the store tells something new each time is only a moment behind.
            let unchanged = |one: &Difference| {
                before.get(&one.player).is_some_and(|before| before.stored == one.stored)
            };
            return Ok(found.into_values().filter(unchanged).collect());
        }
        Ok(Vec::new())
    }

    async fn stored(&self, players: &[PlayerId]) -> Result<Vec<Option<Row>>, RanksError> {
        if players.is_empty() {
            return Ok(Vec::new());
        }
        let entries = self.ranks.store.entries(self.board, players.to_vec()).await?;
        let names = self.ranks.store.nicknames(players.to_vec()).await?;
        let rows = entries.into_iter().zip(names);
        Ok(rows.map(|(entry, nickname)| Some(Row { entry: entry?, nickname })).collect())
    }

    fn held(&self, players: &[PlayerId]) -> Result<Vec<Option<Row>>, NotLoaded> {
        self.ranks.boards.rows(self.board, players)
    }
}
