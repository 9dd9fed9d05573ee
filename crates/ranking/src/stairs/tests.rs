use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::atomic::AtomicUsize;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use proptest::prelude::*;

use super::*;
use scoreline_core::id::Slot;
use scoreline_core::limits::BOARD_SUMS_MAX;
use scoreline_core::rank::{PlayerStanding, Standing, Update};
use scoreline_core::store::Result;

const BOARD: BoardKey = BoardKey { slot: Slot(1), period: Timestamp::EPOCH };

/// A store with one board, and how often its stairs were read.
#[derive(Default)]
struct OneBoard {
    contenders: Mutex<BTreeSet<Contender>>,
    readings: AtomicUsize,
    /// Held while the stairs must not be read to their end.
    gate: tokio::sync::Mutex<()>,
}

#[async_trait]
impl BoardStore for OneBoard {
    async fn entries(&self, _: BoardKey, players: Vec<PlayerId>) -> Result<Vec<Option<Entry>>> {
        let held = self.contenders.lock();
        let entry = |player: PlayerId| {
            let standing = held.iter().find(|one| one.player == player)?.standing;
            let (attempts, last_at) = (1, standing.reached_at);
            let sums = [0; BOARD_SUMS_MAX];
            Some(Entry { player, standing, attempts, last_at, sums, nickname: None })
        };
        Ok(players.into_iter().map(entry).collect())
    }

    async fn standings(
        &self,
        _: BoardKey,
        _: Option<PlayerId>,
        _: usize,
    ) -> Result<Vec<PlayerStanding>> {
        unreachable!("nothing is loaded")
    }

    async fn periods(&self, _: Slot, _: usize) -> Result<Vec<Timestamp>> {
        unreachable!("nobody asks for periods")
    }

    async fn steps(&self, _: BoardKey, every: usize) -> Result<Vec<Contender>> {
        self.readings.fetch_add(1, Ordering::Relaxed);
        let _open = self.gate.lock().await;
        Ok(self.contenders.lock().iter().step_by(every).cloned().collect())
    }

    async fn range(
        &self,
        _: BoardKey,
        from: Option<Contender>,
        skipped: u64,
        limit: usize,
    ) -> Result<Vec<Contender>> {
        let held = self.contenders.lock();
        let below = held.iter().filter(|one| from.as_ref().is_none_or(|from| *one >= from));
        let skipped = usize::try_from(skipped).expect("a small board");
        Ok(below.skip(skipped).take(limit).cloned().collect())
    }

    async fn range_before(
        &self,
        _: BoardKey,
        before: Contender,
        limit: usize,
    ) -> Result<Vec<Contender>> {
        Ok(self.contenders.lock().range(..before).rev().take(limit).cloned().collect())
    }

    async fn count_between(
        &self,
        _: BoardKey,
        spans: Vec<(Option<Contender>, Contender)>,
    ) -> Result<Vec<u64>> {
        let held = self.contenders.lock();
        let count = |(from, before): (Option<Contender>, Contender)| {
            let above = held.range(..before);
            above.filter(|one| from.as_ref().is_none_or(|from| *one >= from)).count() as u64
        };
        Ok(spans.into_iter().map(count).collect())
    }
}

/// An index with the same board.
struct Index(Vec<Contender>);

#[async_trait]
impl RankIndex for Index {
    async fn begin_load(&self, _: BoardKey) -> std::result::Result<(), RankError> {
        unreachable!("nothing is loaded")
    }

    async fn load_part(
        &self,
        _: BoardKey,
        _: Vec<PlayerStanding>,
    ) -> std::result::Result<(), RankError> {
        unreachable!("nothing is loaded")
    }

    async fn finish_load(&self, _: BoardKey) -> std::result::Result<(), RankError> {
        unreachable!("nothing is loaded")
    }

    async fn unload(&self, _: BoardKey) -> std::result::Result<(), RankError> {
        unreachable!("nothing is unloaded")
    }

    async fn loaded(&self) -> std::result::Result<Vec<(BoardKey, u64)>, RankError> {
        unreachable!("nobody asks what is loaded")
    }

    async fn set(&self, _: &[Update]) -> std::result::Result<(), RankError> {
        unreachable!("nothing is written")
    }

    async fn places(
        &self,
        _: BoardKey,
        _: &[PlayerId],
    ) -> std::result::Result<Vec<Option<Place>>, RankError> {
        unreachable!("nobody asks for a rank")
    }

    async fn range(
        &self,
        _: BoardKey,
        offset: u64,
        limit: usize,
    ) -> std::result::Result<Vec<Place>, RankError> {
        let skipped = usize::try_from(offset).expect("a small board");
        let found = self.0.iter().skip(skipped).take(limit).cloned().collect();
        Ok(ranked(offset + 1, found))
    }

    async fn around(
        &self,
        _: BoardKey,
        _: &PlayerId,
        _: usize,
    ) -> std::result::Result<Vec<Place>, RankError> {
        unreachable!("nobody asks for neighbours")
    }

    async fn len(&self, _: BoardKey) -> std::result::Result<u64, RankError> {
        Ok(self.0.len() as u64)
    }
}

/// A clock that is moved by hand.
#[derive(Default)]
struct ByHand(AtomicI64);

impl Clock for ByHand {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH.plus_ms(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> std::time::Instant {
        unreachable!("nothing is measured")
    }
}

struct World {
    store: Arc<OneBoard>,
    clock: Arc<ByHand>,
    ranks: StoreRanks,
}

impl World {
    fn new(contenders: impl IntoIterator<Item = Contender>) -> Self {
        let (store, clock) = (Arc::new(OneBoard::default()), Arc::new(ByHand::default()));
        store.contenders.lock().extend(contenders);
        let ranks = StoreRanks::new(
            Arc::clone(&store) as Arc<dyn BoardStore>,
            Arc::clone(&clock) as Arc<dyn Clock>,
        );
        Self { store, clock, ranks }
    }

    fn pass_ms(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::Relaxed);
    }

    fn readings(&self) -> usize {
        self.store.readings.load(Ordering::Relaxed)
    }

    fn rank(&self, player: &PlayerId) -> Aged<u64> {
        let Aged { answer, age_ms } = done(self.ranks.places(BOARD, std::slice::from_ref(player)));
        Aged { answer: answer[0].as_ref().expect("on the board").rank, age_ms }
    }

    fn len(&self) -> Aged<u64> {
        done(self.ranks.len(BOARD))
    }
}

fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// What a future answers that has nothing to wait for.
fn done<T>(future: impl Future<Output = Result<T>>) -> T {
    match poll(future) {
        Poll::Ready(answer) => answer.expect("the store answers"),
        Poll::Pending => panic!("nothing is to be waited for"),
    }
}

fn player(n: usize) -> PlayerId {
    PlayerId::new(&format!("p{n:05}")).expect("a player id")
}

fn contender(n: usize, points: i64, reached_ms: i64) -> Contender {
    let reached_at = Timestamp::EPOCH.plus_ms(reached_ms);
    Contender { standing: Standing { points, reached_at }, player: player(n) }
}

/// So many players, the first of them the best.
fn line(players: usize) -> Vec<Contender> {
    (0..players).map(|n| contender(n, -i64::try_from(n).expect("few"), 0)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Few points and times, so that most are tied.
    #[test]
    fn everybody_stands_where_they_are_counted_to_stand(
        standings in prop::collection::vec((0..4_i64, 0..3_i64), 0..3_500),
        asked in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
        neighbours in 0..20_usize,
    ) {
        let contenders: BTreeSet<Contender> = standings
            .iter()
            .enumerate()
            .map(|(n, (points, reached_ms))| contender(n, *points, *reached_ms))
            .collect();
        let world = World::new(contenders.clone());
        let all: Vec<Place> = ranked(1, contenders.into_iter().collect());
        prop_assert_eq!(world.len().answer, all.len() as u64);
        for asked in asked {
            let offset = asked.index(all.len() + 100);
            let expected = &all[offset.min(all.len())..(offset + 20).min(all.len())];
            let range = done(world.ranks.range(BOARD, offset as u64, 20));
            prop_assert_eq!(range.answer, expected);
            if all.is_empty() {
                continue;
            }
            let at = asked.index(all.len());
            let players = [player(99_999), all[at].player.clone()];
            let places = done(world.ranks.places(BOARD, &players)).answer;
            prop_assert_eq!(places, [None, Some(all[at].clone())]);
            let expected =
                &all[at.saturating_sub(neighbours)..(at + neighbours + 1).min(all.len())];
            let around = done(world.ranks.around(BOARD, &all[at].player, neighbours));
            prop_assert_eq!(around.answer, expected);
        }
        prop_assert_eq!(world.readings(), 1, "the stairs were read once");
    }
}

#[test]
fn an_answer_says_how_old_it_is_and_is_never_older_than_twice_as_long_as_stairs_are_kept() {
    let world = World::new(line(2_500));
    assert_eq!(world.rank(&player(2_400)), Aged { answer: 2_401, age_ms: 0 });
    world.store.contenders.lock().extend((0..10).map(|n| contender(9_000 + n, 50, 0)));
    world.pass_ms(RANK_STAIRS_KEPT_MS - 1);
    let old = Aged { answer: 2_401, age_ms: RANK_STAIRS_KEPT_MS - 1 };
    assert_eq!(world.rank(&player(2_400)), old);
    assert_eq!(world.len(), Aged { answer: 2_500, ..old });
    let top = done(world.ranks.range(BOARD, 0, 1)).answer;
    assert_eq!(top[0].player, player(9_000), "the top is as it is now");
    assert_eq!(world.rank(&player(0)).answer, 11, "and ranks near it agree");
    world.pass_ms(1);
    assert_eq!(world.rank(&player(2_400)), Aged { answer: 2_411, age_ms: 0 });
    assert_eq!(world.len().answer, 2_510);
    assert_eq!(world.readings(), 2);
}

#[test]
fn who_came_into_a_flight_pushes_nobody_below_the_next_step() {
    let world = World::new(line(2_500));
    assert_eq!(world.rank(&player(999)).answer, 1_000);
    world.store.contenders.lock().extend((0..10).map(|n| contender(9_000 + n, -500, 0)));
    assert_eq!(world.rank(&player(988)).answer, 999);
    assert_eq!(world.rank(&player(999)).answer, 1_000);
    assert_eq!(world.rank(&player(1_000)).answer, 1_001);
}

#[test]
fn while_one_reads_the_stairs_anew_the_others_go_on_with_the_old_ones() {
    let world = World::new(line(10));
    assert_eq!(world.len().answer, 10);
    world.pass_ms(RANK_STAIRS_KEPT_MS);
    let gate = world.store.gate.try_lock().expect("nobody reads");
    let mut reader = pin!(world.ranks.len(BOARD));
    let mut context = Context::from_waker(Waker::noop());
    assert!(reader.as_mut().poll(&mut context).is_pending());
    assert_eq!(world.len(), Aged { answer: 10, age_ms: RANK_STAIRS_KEPT_MS });
    world.pass_ms(RANK_STAIRS_KEPT_MS);
    assert!(poll(world.ranks.len(BOARD)).is_pending(), "these are too old for anybody");
    drop(gate);
    assert!(reader.as_mut().poll(&mut context).is_ready());
    assert_eq!(world.len().age_ms, RANK_STAIRS_KEPT_MS, "counted from when the reading began");
    assert_eq!(world.readings(), 2);
}

#[test]
fn when_the_index_goes_away_nobody_waits_for_stairs_that_were_taken_out_of_it() {
    let world = World::new(line(2_500));
    let index = Index(line(2_500));
    assert!(poll(world.ranks.prepare(&index, BOARD)).is_ready());
    world.pass_ms(RANK_STAIRS_PREPARED_MS);
    world.store.contenders.lock().insert(contender(9_000, 50, 0));
    let gate = world.store.gate.try_lock().expect("nobody reads");
    let mut reader = pin!(world.ranks.len(BOARD));
    let mut context = Context::from_waker(Waker::noop());
    assert!(reader.as_mut().poll(&mut context).is_pending(), "one reads them anew");
    let old = Aged { answer: 2_401, age_ms: RANK_STAIRS_PREPARED_MS };
    assert_eq!(world.rank(&player(2_400)), old);
    drop(gate);
    assert!(reader.as_mut().poll(&mut context).is_ready());
    assert_eq!(world.rank(&player(2_400)), Aged { answer: 2_402, age_ms: 0 });
    assert_eq!(world.readings(), 1);
}

#[test]
fn stairs_that_do_not_fit_together_are_not_taken() {
    let world = World::new(line(2_500));
    let mut moved = line(2_500);
    moved.swap(0, 1_000);
    assert!(poll(world.ranks.prepare(&Index(moved), BOARD)).is_ready());
    assert_eq!(world.rank(&player(2_400)).answer, 2_401);
    assert_eq!(world.readings(), 1, "they were read from the store");
}

#[test]
fn a_reader_that_goes_away_leaves_the_stairs_to_the_next() {
    let world = World::new(line(10));
    let gate = world.store.gate.try_lock().expect("nobody reads");
    assert!(poll(world.ranks.len(BOARD)).is_pending());
    drop(gate);
    assert_eq!(world.len().answer, 10);
}

#[test]
fn only_so_many_boards_are_remembered() {
    let world = World::new(line(10));
    for slot in 0..2 * RANK_STAIRS_BOARDS_MAX {
        let slot = Slot(i64::try_from(slot).expect("few"));
        done(world.ranks.len(BoardKey { slot, ..BOARD }));
        world.pass_ms(1);
    }
    assert_eq!(world.ranks.boards.lock().len(), RANK_STAIRS_BOARDS_MAX);
    let last = Slot(i64::try_from(2 * RANK_STAIRS_BOARDS_MAX - 1).expect("few"));
    assert!(world.ranks.boards.lock().contains_key(&BoardKey { slot: last, ..BOARD }));
}
