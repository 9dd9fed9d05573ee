//! Which periods a board has.
//!
//! The store knows them, and every page of a board that resets tells them. So they are remembered for a moment, and
//! for as long as the database is away.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use scoreline_core::id::{BoardKey, Slot};
use scoreline_core::limits::BOARD_PERIODS_LISTED_MAX;
use scoreline_core::store::BoardStore;
use scoreline_core::time::Timestamp;
use scoreline_ranking::Ranks;

use super::PAGE_KEPT;
use crate::database::Database;
use crate::problem::Problem;

/// How long a page waits for the database to tell them: what was known before is as good.
const ASKED_LONGEST: Duration = Duration::from_millis(250);
/// Boards whose periods are remembered.
const BOARDS_MAX: u64 = 1_000;

/// The periods of boards, the latest first.
type Known = Cache<Slot, Arc<[Timestamp]>>;

/// Knows which periods boards have.
pub(super) struct Periods {
    store: Arc<dyn BoardStore>,
    ranks: Arc<Ranks>,
    database: Arc<Database>,
    /// As they were a moment ago.
    fresh: Known,
    /// As the database last told them.
    heard: Known,
}

impl Periods {
    pub fn new(store: Arc<dyn BoardStore>, ranks: Arc<Ranks>, database: Arc<Database>) -> Self {
        let fresh = Cache::builder().max_capacity(BOARDS_MAX).time_to_live(PAGE_KEPT).build();
        let heard = Cache::builder().max_capacity(BOARDS_MAX).build();
        Self { store, ranks, database, fresh, heard }
    }

    /// The periods of a board that have entries, the latest first.
    pub async fn of(&self, slot: Slot) -> Result<Arc<[Timestamp]>, Problem> {
        if let Some(periods) = self.fresh.get(&slot) {
            return Ok(periods);
        }
        let question = self.store.periods(slot, BOARD_PERIODS_LISTED_MAX);
        let asked = tokio::time::timeout(ASKED_LONGEST, self.database.ask(question)).await;
        let Some(periods) = asked.unwrap_or(Ok(None))? else {
            return Ok(self.known(slot));
        };
        let periods: Arc<[Timestamp]> = periods.into();
        self.fresh.insert(slot, Arc::clone(&periods));
        self.heard.insert(slot, Arc::clone(&periods));
        Ok(periods)
    }

    /// Those that the database told last, and those that this node holds: one may have begun since.
    fn known(&self, slot: Slot) -> Arc<[Timestamp]> {
        let held = self.ranks.boards().loaded();
        let of_board = held.into_iter().filter_map(|(BoardKey { slot: of, period }, entries)| {
            (of == slot && entries > 0).then_some(period)
        });
        let mut periods: Vec<Timestamp> = of_board.collect();
        periods.extend(self.heard.get(&slot).iter().flat_map(|heard| heard.iter()));
        periods.sort_unstable_by(|a, b| b.cmp(a));
        periods.dedup();
        periods.into()
    }
}
