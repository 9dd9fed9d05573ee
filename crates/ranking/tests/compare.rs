//! An index that drifted away from the store is found out.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use scoreline_core::id::{BoardKey, PlayerId, Slot};
use scoreline_core::limits::BOARD_SUMS_MAX;
use scoreline_core::rank::{Contender, PlayerStanding, RankIndex, Standing, Update, Version};
use scoreline_core::store::{BoardStore, Entry, Result};
use scoreline_core::time::Timestamp;
use scoreline_ranking::{Difference, MemoryRanks, compare};

const BOARD: BoardKey = BoardKey { slot: Slot(1), period: Timestamp::EPOCH };
const PLAYERS: u64 = 3_000;

/// A store that holds one board.
#[derive(Default)]
struct ListedBoard {
    standings: Mutex<BTreeMap<PlayerId, (Standing, Version)>>,
    /// Publishes a commit when entries are asked for, as a writer that is a moment behind.
    late: Mutex<Option<(MemoryRanks, Update)>>,
}

impl ListedBoard {
    fn set(&self, player: PlayerId, points: i64, version: i64) -> Update {
        let (standing, version) = (standing(points), Version(version));
        self.standings.lock().expect("sound").insert(player.clone(), (standing, version));
        Update { board: BOARD, player, standing, version }
    }
}

#[async_trait]
impl BoardStore for ListedBoard {
    async fn entries(&self, _: BoardKey, players: Vec<PlayerId>) -> Result<Vec<Option<Entry>>> {
        let late = self.late.lock().expect("sound").take();
        if let Some((index, update)) = late {
            index.set(&[update]).await.expect("taken over");
        }
        let held = self.standings.lock().expect("sound");
        let entry = |player: PlayerId| {
            let (standing, version) = *held.get(&player)?;
            let (attempts, last_at) = (version.0, standing.reached_at);
            let sums = [0; BOARD_SUMS_MAX];
            Some(Entry { player, standing, attempts, last_at, sums, nickname: None })
        };
        Ok(players.into_iter().map(entry).collect())
    }

    async fn standings(
        &self,
        _: BoardKey,
        after: Option<PlayerId>,
        limit: usize,
    ) -> Result<Vec<PlayerStanding>> {
        let held = self.standings.lock().expect("sound");
        let later = held.iter().filter(|(player, _)| after.as_ref().is_none_or(|at| *player > at));
        let one = |(player, (standing, version)): (&PlayerId, &(Standing, Version))| {
            PlayerStanding { player: player.clone(), standing: *standing, version: *version }
        };
        Ok(later.take(limit).map(one).collect())
    }

    async fn periods(&self, _: Slot, _: usize) -> Result<Vec<Timestamp>> {
        Ok(vec![BOARD.period])
    }

    async fn steps(&self, _: BoardKey, _: usize) -> Result<Vec<Contender>> {
        unreachable!("a comparison asks for no ranks")
    }

    async fn range(
        &self,
        _: BoardKey,
        _: Option<Contender>,
        _: u64,
        _: usize,
    ) -> Result<Vec<Contender>> {
        unreachable!("a comparison asks for no ranks")
    }

    async fn range_before(&self, _: BoardKey, _: Contender, _: usize) -> Result<Vec<Contender>> {
        unreachable!("a comparison asks for no ranks")
    }

    async fn count_between(
        &self,
        _: BoardKey,
        _: Vec<(Option<Contender>, Contender)>,
    ) -> Result<Vec<u64>> {
        unreachable!("a comparison asks for no ranks")
    }
}

fn player(n: u64) -> PlayerId {
    PlayerId::new(&format!("p{n:05}")).expect("a player id")
}

fn standing(points: i64) -> Standing {
    Standing { points, reached_at: Timestamp::EPOCH }
}

/// A store and an index that agree.
async fn agreeing() -> (ListedBoard, MemoryRanks) {
    let (store, index) = (ListedBoard::default(), MemoryRanks::new());
    for n in 0..PLAYERS {
        store.set(player(n), i64::try_from(n % 100).expect("small"), 1);
    }
    index.begin_load(BOARD).await.expect("announced");
    let standings = store.standings(BOARD, None, usize::MAX).await.expect("read");
    index.load(BOARD, standings).await.expect("loaded");
    (store, index)
}

#[tokio::test]
async fn an_index_that_agrees_with_the_store_shows_no_difference() {
    let (store, index) = agreeing().await;
    let found = compare(&index, &store, BOARD, 10).await.expect("compared").expect("loaded");
    assert_eq!((found.compared, found.differing), (PLAYERS, 0));
    assert_eq!(found.listed, []);
}

#[tokio::test]
async fn a_board_that_is_not_loaded_cannot_differ() {
    let store = ListedBoard::default();
    store.set(player(1), 1, 1);
    let found = compare(&MemoryRanks::new(), &store, BOARD, 10).await.expect("compared");
    assert_eq!(found, None);
}

#[tokio::test]
async fn who_is_missing_outdated_or_too_many_is_listed_and_counted() {
    let (store, index) = agreeing().await;
    store.set(player(4), 1_000, 2);
    store.set(player(9_000), 7, 1);
    let gone = store.standings.lock().expect("sound").remove(&player(8));
    assert!(gone.is_some());
    let found = compare(&index, &store, BOARD, 10).await.expect("compared").expect("loaded");
    let difference = |n, stored: Option<i64>, indexed: Option<i64>| Difference {
        player: player(n),
        stored: stored.map(standing),
        indexed: indexed.map(standing),
    };
    let expected = [
        difference(4, Some(1_000), Some(4)),
        difference(9_000, Some(7), None),
        difference(8, None, Some(8)),
    ];
    assert_eq!(found.listed, expected);
    let short = compare(&index, &store, BOARD, 1).await.expect("compared").expect("loaded");
    assert_eq!((short.differing, short.listed.len()), (3, 1));
}

#[tokio::test]
async fn what_is_committed_and_about_to_be_published_is_no_difference() {
    let (store, index) = agreeing().await;
    let update = store.set(player(4), 1_000, 2);
    *store.late.lock().expect("sound") = Some((index.clone(), update));
    let found = compare(&index, &store, BOARD, 10).await.expect("compared").expect("loaded");
    assert_eq!(found.differing, 0);
    assert!(store.late.lock().expect("sound").is_none(), "it was looked at again");
}
