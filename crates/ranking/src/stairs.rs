//! Ranks out of the store, for as long as the index is out of reach or lacks the board.
//!
//! The store keeps boards in order, but it has to count to tell a rank: a quarter of a second for
//! one in the middle of a million. So every thousandth place of a board is remembered, its *stairs*.
//! A rank is that of the last step above the player and how many stand between, which the store
//! counts in a moment. When stairs are some seconds old, one of those who ask reads them anew; the
//! others go on with the old ones meanwhile.
//!
//! Under write load the database looks at every row once more to read stairs, which takes a second or
//! two for a million players. So that nobody waits for that when the index goes away, stairs are also
//! taken out of the index now and then, which is nothing to it, and read once by a node that starts
//! while the index is away.
//!
//! What stands between is as it is now, what lies above the step as it was when the stairs were read:
//! an answer is as old as its stairs. The first thousand are always counted from the top.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::limits::{
    RANK_STAIRS_BOARDS_MAX, RANK_STAIRS_KEPT_MS, RANK_STAIRS_PREPARED_MS, RANK_STEP_PLACES,
};
use scoreline_core::rank::{Contender, Place, RankError, RankIndex};
use scoreline_core::store::{BoardStore, Entry, StoreError};
use scoreline_core::time::{Clock, Timestamp};

/// Stairs that take long to read are kept longer: reading them takes one part in ten of the time.
const READING_SHARE: i64 = 10;

/// An answer about ranks, with how old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aged<T> {
    /// The answer.
    pub answer: T,
    /// Milliseconds since it was right, at most; 0 from the index.
    pub age_ms: i64,
}

/// Ranks as the store tells them. Only used while the index does not: it costs nothing otherwise.
pub struct StoreRanks {
    store: Arc<dyn BoardStore>,
    clock: Arc<dyn Clock>,
    boards: Mutex<FxHashMap<BoardKey, Arc<Remembered>>>,
}

/// What is remembered of a board.
#[derive(Default)]
struct Remembered {
    asked_at_ms: AtomicI64,
    stairs: Mutex<Option<Arc<Stairs>>>,
    /// Held while the stairs are read, so that a crowd reads them once.
    reading: tokio::sync::Mutex<()>,
}

impl Remembered {
    fn stairs(&self) -> Option<Arc<Stairs>> {
        self.stairs.lock().clone()
    }
}

/// Every so many places of a board, from the first on.
struct Stairs {
    steps: Vec<Contender>,
    players: u64,
    /// Before they were read: they are no older than that.
    read_at: Timestamp,
    /// How long they are good.
    good_ms: i64,
    /// How long they may be used while others are read.
    usable_ms: i64,
}

/// What a contender's rank is counted from.
struct Flight {
    /// The step to count from; the top of the board if there is none.
    from: Option<Contender>,
    /// How many stand above that.
    above: u64,
    /// The last rank above the next step.
    last_rank: u64,
}

impl Stairs {
    async fn read(
        store: &dyn BoardStore,
        clock: &dyn Clock,
        board: BoardKey,
    ) -> Result<Self, StoreError> {
        let read_at = clock.now();
        let steps = store.steps(board, RANK_STEP_PLACES).await?;
        let players = match steps.last() {
            None => 0,
            Some(last) => {
                let flights = (steps.len() - 1) * RANK_STEP_PLACES;
                let rest = store.range(board, Some(last.clone()), 0, RANK_STEP_PLACES).await?;
                (flights + rest.len()) as u64
            }
        };
        let took_ms = clock.now().ms_since(read_at);
        let good_ms = took_ms.saturating_mul(READING_SHARE).max(RANK_STAIRS_KEPT_MS);
        Ok(Self { steps, players, read_at, good_ms, usable_ms: 2 * good_ms })
    }

    /// The stairs of a board as the index has them; `None` if so many move meanwhile that what was
    /// read does not fit together.
    async fn of_index(
        index: &dyn RankIndex,
        clock: &dyn Clock,
        board: BoardKey,
    ) -> Result<Option<Self>, RankError> {
        let read_at = clock.now();
        let players = index.len(board).await?;
        let mut steps: Vec<Contender> = Vec::new();
        for offset in (0..players).step_by(RANK_STEP_PLACES) {
            let Some(place) = index.range(board, offset, 1).await?.pop() else { return Ok(None) };
            let step = Contender { standing: place.standing, player: place.player };
            if steps.last().is_some_and(|above| *above >= step) {
                return Ok(None);
            }
            steps.push(step);
        }
        let (good_ms, usable_ms) = (RANK_STAIRS_KEPT_MS, 2 * RANK_STAIRS_PREPARED_MS);
        Ok(Some(Self { steps, players, read_at, good_ms, usable_ms }))
    }

    fn age_ms(&self, now: Timestamp) -> i64 {
        now.ms_since(self.read_at).max(0)
    }

    /// Where the `n`-th step stands.
    fn step(&self, n: usize) -> (Option<Contender>, u64) {
        if n == 0 {
            // Who came to the top meanwhile stands above the first step.
            return (None, 0);
        }
        (self.steps.get(n).cloned(), (n * RANK_STEP_PLACES) as u64)
    }

    fn flight(&self, contender: &Contender) -> Flight {
        let above = self.steps.partition_point(|step| step <= contender).saturating_sub(1);
        let next = above + 1;
        let last_rank =
            if next < self.steps.len() { (next * RANK_STEP_PLACES) as u64 } else { u64::MAX };
        let (from, above) = self.step(above);
        Flight { from, above, last_rank }
    }

    /// The step to read from for the place after `offset` others, and how many to leave out.
    fn seek(&self, offset: u64) -> (Option<Contender>, u64) {
        let step = usize::try_from(offset).unwrap_or(usize::MAX) / RANK_STEP_PLACES;
        let (from, above) = self.step(step.min(self.steps.len().saturating_sub(1)));
        (from, offset - above)
    }
}

impl StoreRanks {
    pub fn new(store: Arc<dyn BoardStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, boards: Mutex::default() }
    }

    /// Remembers the stairs of a board as the index has them.
    pub async fn prepare(&self, index: &dyn RankIndex, board: BoardKey) -> Result<(), RankError> {
        if let Some(stairs) = Stairs::of_index(index, &*self.clock, board).await? {
            let remembered = self.remembered(board, self.clock.now());
            *remembered.stairs.lock() = Some(Arc::new(stairs));
        }
        Ok(())
    }

    /// Remembers the stairs of a board as the store has them, if none are remembered.
    pub async fn prepare_from_store(&self, board: BoardKey) -> Result<(), StoreError> {
        if self.remembered(board, self.clock.now()).stairs().is_none() {
            self.stairs(board).await?;
        }
        Ok(())
    }

    pub async fn places(
        &self,
        board: BoardKey,
        players: &[PlayerId],
    ) -> Result<Aged<Vec<Option<Place>>>, StoreError> {
        let stairs = self.stairs(board).await?;
        let entries = self.store.entries(board, players.to_vec()).await?;
        let contenders: Vec<Option<Contender>> =
            entries.into_iter().map(|entry| entry.map(contender)).collect();
        let (mut flights, mut spans) = (Vec::new(), Vec::new());
        for contender in contenders.iter().flatten() {
            let flight = stairs.flight(contender);
            spans.push((flight.from.clone(), contender.clone()));
            flights.push(flight);
        }
        let counts = self.store.count_between(board, spans).await?;
        let mut ranks = flights
            .iter()
            .zip(counts)
            // Who came into the flight meanwhile must not push others below the next step.
            .map(|(flight, count)| (flight.above + count + 1).min(flight.last_rank));
        let mut place =
            |Contender { standing, player }| Some(Place { rank: ranks.next()?, player, standing });
        let places = contenders.into_iter().map(|one| one.and_then(&mut place)).collect();
        Ok(self.aged(&stairs, places))
    }

    pub async fn range(
        &self,
        board: BoardKey,
        offset: u64,
        limit: usize,
    ) -> Result<Aged<Vec<Place>>, StoreError> {
        let stairs = self.stairs(board).await?;
        let (from, skipped) = stairs.seek(offset);
        let contenders = self.store.range(board, from, skipped, limit).await?;
        Ok(self.aged(&stairs, ranked(offset.saturating_add(1), contenders)))
    }

    pub async fn around(
        &self,
        board: BoardKey,
        player: &PlayerId,
        neighbours: usize,
    ) -> Result<Aged<Vec<Place>>, StoreError> {
        let Aged { mut answer, age_ms } = self.places(board, std::slice::from_ref(player)).await?;
        let Some(place) = answer.pop().flatten() else {
            return Ok(Aged { answer: Vec::new(), age_ms });
        };
        let own = Contender { standing: place.standing, player: place.player };
        let mut above = self.store.range_before(board, own.clone(), neighbours).await?;
        above.reverse();
        let rank = if above.len() < neighbours {
            // Nobody else is above them.
            above.len() as u64 + 1
        } else {
            place.rank.max(above.len() as u64 + 1)
        };
        let first = rank - above.len() as u64;
        let from = self.store.range(board, Some(own), 0, neighbours.saturating_add(1)).await?;
        above.extend(from);
        Ok(Aged { answer: ranked(first, above), age_ms })
    }

    pub async fn len(&self, board: BoardKey) -> Result<Aged<u64>, StoreError> {
        let stairs = self.stairs(board).await?;
        Ok(self.aged(&stairs, stairs.players))
    }

    fn aged<T>(&self, stairs: &Stairs, answer: T) -> Aged<T> {
        Aged { answer, age_ms: stairs.age_ms(self.clock.now()) }
    }

    /// The stairs of a board: those at hand while they are good, or new ones.
    async fn stairs(&self, board: BoardKey) -> Result<Arc<Stairs>, StoreError> {
        let now = self.clock.now();
        let remembered = self.remembered(board, now);
        let known = remembered.stairs().filter(|stairs| stairs.age_ms(now) < stairs.usable_ms);
        let is_good = |stairs: &Arc<Stairs>| stairs.age_ms(now) < stairs.good_ms;
        let _guard = match known {
            Some(stairs) if is_good(&stairs) => return Ok(stairs),
            Some(stairs) => match remembered.reading.try_lock() {
                Ok(guard) => guard,
                Err(_) => return Ok(stairs),
            },
            None => remembered.reading.lock().await,
        };
        // Whoever held the lock before may have read them.
        if let Some(stairs) = remembered.stairs().filter(is_good) {
            return Ok(stairs);
        }
        let stairs = Arc::new(Stairs::read(&*self.store, &*self.clock, board).await?);
        *remembered.stairs.lock() = Some(Arc::clone(&stairs));
        Ok(stairs)
    }

    fn remembered(&self, board: BoardKey, now: Timestamp) -> Arc<Remembered> {
        let mut boards = self.boards.lock();
        if boards.len() >= RANK_STAIRS_BOARDS_MAX && !boards.contains_key(&board) {
            let asked_at = |one: &Remembered| one.asked_at_ms.load(Ordering::Relaxed);
            let longest = boards.iter().min_by_key(|(_, one)| asked_at(one)).map(|(key, _)| *key);
            longest.map(|board| boards.remove(&board));
        }
        let remembered = boards.entry(board).or_default();
        remembered.asked_at_ms.store(now.as_ms(), Ordering::Relaxed);
        Arc::clone(remembered)
    }
}

fn contender(entry: Entry) -> Contender {
    Contender { standing: entry.standing, player: entry.player }
}

/// Contenders at their places, the first of them at `rank`.
fn ranked(rank: u64, contenders: Vec<Contender>) -> Vec<Place> {
    let place = |(rank, Contender { standing, player })| Place { rank, player, standing };
    (rank..).zip(contenders).map(place).collect()
}

#[cfg(test)]
mod tests;
