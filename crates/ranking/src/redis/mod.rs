//! Ranks in Redis: the [`RankIndex`] that all nodes share.
//!
//! A board is a sorted set and a hash (`scripts/prelude.lua` tells how, `entry` how places are
//! written); what is written are absolute standings with their versions, so any node may write in
//! any order. A load fills a generation of keys of its own, beside the one that is read, and takes
//! its place in one step. Every node loads for itself: two that load a board at once, one that dies
//! meanwhile and one that gives up harm nobody, and what they leave goes by itself after a while.
//!
//! Nothing here is the truth, and nothing here waits for a Redis that is away (`reach`).
//!
//! With a million players, in multiples of a PING on the same machine (61 µs; `benches/redis.rs`): a
//! rank 1.4, fifteen places anywhere 1.4, a player with five neighbours on each side 1.4, the ranks of
//! a hundred players 16, an update of two thousand players 600. A player takes 279 bytes of Redis,
//! and a load reads in 110,000 a second.

mod entry;
mod keys;
mod options;
mod reach;
mod scripts;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{join_all, try_join_all};
use hashbrown::HashMap;
use parking_lot::Mutex;
use redis::{ErrorKind, FromRedisValue, RedisError, Value};
use rustc_hash::FxBuildHasher;
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Place, PlayerStanding, RankError, RankIndex, Update};
use scoreline_redis_link::{Server, is_namespace};

use keys::Keys;
pub use options::RedisOptions;
use reach::Reach;

/// Updates, standings or players that one run of a script is given, so that it holds up nobody.
const STEP: usize = 256;
/// Places that one run of a script reads.
const READ_STEP: usize = 4_096;
/// How long a load stands without a part. A node that died meanwhile leaves it until then.
const LOAD_STANDS: Duration = Duration::from_secs(300);

/// Ranks of any number of boards in Redis, or in a cluster. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct RedisRanks {
    reach: Arc<Reach>,
    /// The loads that this node has announced.
    loads: Arc<Mutex<HashMap<BoardKey, Load, FxBuildHasher>>>,
}

#[derive(Clone)]
struct Load {
    generation: String,
    /// The run of the server in which it was announced: no other has all updates since.
    run: String,
    /// Whether a part brought anybody: then the generation cannot be empty in the end.
    has_players: bool,
}

impl RedisRanks {
    /// A way to the ranks. Redis need not be there: until it is, everything fails with
    /// [`RankError::Unreachable`], at once. Fails with it if the address or the namespace is malformed.
    /// Must be called within a tokio runtime.
    pub async fn connect(options: RedisOptions) -> Result<Self, RankError> {
        let RedisOptions { url, namespace, root_certificate } = options;
        if !is_namespace(&namespace) {
            return Err(RankError::Unreachable(
                "the namespace of the ranks may have letters, digits, '-', '_', '.' and ':'".into(),
            ));
        }
        let server = Server::parse(&url, root_certificate.as_deref());
        let server = server.map_err(|error| RankError::Unreachable(Box::new(error)))?;
        let reach = Reach::new(server, Keys::new(namespace)).await;
        Ok(Self { reach, loads: Arc::default() })
    }

    fn load_of(&self, board: BoardKey) -> Result<Load, RankError> {
        self.loads.lock().get(&board).cloned().ok_or(RankError::NotLoaded)
    }

    /// Takes over the updates of one board, step by step.
    async fn set_on(&self, board: BoardKey, updates: &[&Update]) -> Result<(), RankError> {
        for step in updates.chunks(STEP) {
            let outcome = self.reach.run(board, &scripts::SET, |cmd| {
                for update in step {
                    cmd.arg(update.player.as_str());
                    cmd.arg(entry::of_update(update.standing, update.version));
                }
            });
            if let Err(error) = outcome.await {
                self.reach.is_outdated(board);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Makes the set of boards name a board, or no longer.
    async fn note(&self, verb: &str, board: BoardKey) -> Result<(), RankError> {
        let mut cmd = redis::cmd(verb);
        cmd.arg(self.reach.keys.boards()).arg(keys::name(board));
        self.reach.send(&cmd).await.map(drop)
    }

    async fn places_of(
        &self,
        board: BoardKey,
        players: &[PlayerId],
    ) -> Result<Vec<Option<Place>>, RankError> {
        let found = self.reach.run(board, &scripts::PLACES, |cmd| {
            for player in players {
                cmd.arg(player.as_str());
            }
        });
        let found = found.await?;
        let found: Vec<(Option<u64>, Option<Vec<u8>>)> = answer(found)?;
        let place = |(player, (at, entry)): (&PlayerId, (Option<u64>, Option<Vec<u8>>))| {
            let (Some(at), Some(entry)) = (at, entry) else { return Ok(None) };
            let standing = entry::standing(&entry).ok_or_else(unexpected)?;
            Ok(Some(Place { rank: at + 1, player: player.clone(), standing }))
        };
        players.iter().zip(found).map(place).collect()
    }
}

#[async_trait]
impl RankIndex for RedisRanks {
    async fn begin_load(&self, board: BoardKey) -> Result<(), RankError> {
        // Named first: a board that is loaded and not named would never be forgotten.
        self.note("SADD", board).await?;
        let generation = self.reach.keys.new_generation(board);
        let begin = self.reach.run(board, &scripts::BEGIN, |cmd| {
            cmd.arg(&generation).arg(stands_ms());
        });
        let run = answer(begin.await?)?;
        let load = Load { generation: generation.clone(), run, has_players: false };
        let Some(before) = self.loads.lock().insert(board, load) else { return Ok(()) };
        let mut cursor = b"0".to_vec();
        loop {
            let carried = self.reach.run(board, &scripts::CARRY, |cmd| {
                cmd.arg(&generation).arg(&before.generation).arg(&cursor).arg(STEP);
            });
            cursor = answer(carried.await?)?;
            if cursor == b"0" {
                return Ok(());
            }
        }
    }

    async fn load_part(&self, board: BoardKey, part: Vec<PlayerStanding>) -> Result<(), RankError> {
        let Load { generation, .. } = self.load_of(board)?;
        let mut steps = part.chunks(STEP);
        let mut step = steps.next().unwrap_or_default();
        loop {
            let taken = self.reach.run(board, &scripts::PART, |cmd| {
                cmd.arg(&generation).arg(stands_ms());
                for one in step {
                    cmd.arg(one.player.as_str()).arg(entry::of_part(one.standing, one.version));
                }
            });
            if !answer::<bool>(taken.await?)? {
                return Err(RankError::NotLoaded);
            }
            let Some(next) = steps.next() else { break };
            step = next;
        }
        if let Some(load) = self.loads.lock().get_mut(&board)
            && load.generation == generation
        {
            load.has_players |= !part.is_empty();
        }
        Ok(())
    }

    async fn finish_load(&self, board: BoardKey) -> Result<(), RankError> {
        let Load { generation, run, has_players } = self.load_of(board)?;
        let finish = self.reach.run(board, &scripts::FINISH, |cmd| {
            cmd.arg(&generation).arg(u8::from(has_players)).arg(&run);
        });
        let is_finished = answer::<bool>(finish.await?)?;
        self.loads.lock().remove(&board);
        if !is_finished {
            return Err(RankError::NotLoaded);
        }
        // Named again: another node may have forgotten the board meanwhile.
        self.note("SADD", board).await
    }

    async fn unload(&self, board: BoardKey) -> Result<(), RankError> {
        self.loads.lock().remove(&board);
        if let Err(error) = self.reach.run(board, &scripts::UNLOAD, |_| {}).await {
            self.reach.is_outdated(board);
            return Err(error);
        }
        self.note("SREM", board).await?;
        match self.len(board).await {
            // Another node loaded it in between.
            Ok(_) => self.note("SADD", board).await,
            Err(RankError::NotLoaded) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn loaded(&self) -> Result<Vec<(BoardKey, u64)>, RankError> {
        let mut cmd = redis::cmd("SMEMBERS");
        cmd.arg(self.reach.keys.boards());
        let names: Vec<String> = answer(self.reach.send(&cmd).await?)?;
        let boards: Vec<BoardKey> = names.iter().filter_map(|name| keys::board(name)).collect();
        let counts = join_all(boards.iter().map(|board| self.len(*board))).await;
        let mut loaded = Vec::new();
        for (board, count) in boards.into_iter().zip(counts) {
            match count {
                Ok(count) => loaded.push((board, count)),
                Err(RankError::NotLoaded) => {}
                Err(error) => return Err(error),
            }
        }
        loaded.sort_unstable();
        Ok(loaded)
    }

    async fn set(&self, updates: &[Update]) -> Result<(), RankError> {
        let mut by_board: HashMap<BoardKey, Vec<&Update>, FxBuildHasher> = HashMap::default();
        for update in updates {
            by_board.entry(update.board).or_default().push(update);
        }
        // All of them, whatever becomes of one: a board that fails must not cost others theirs.
        let boards = by_board.iter().map(|(board, updates)| self.set_on(*board, updates));
        join_all(boards).await.into_iter().collect()
    }

    async fn places(
        &self,
        board: BoardKey,
        players: &[PlayerId],
    ) -> Result<Vec<Option<Place>>, RankError> {
        if players.is_empty() {
            return self.len(board).await.map(|_| Vec::new());
        }
        // All steps are on their way at once.
        let steps = players.chunks(STEP).map(|step| self.places_of(board, step));
        Ok(try_join_all(steps).await?.concat())
    }

    /// As [`RankIndex::range`]. What is longer than a few thousand places is read in several steps,
    /// between which others may change the board.
    async fn range(
        &self,
        board: BoardKey,
        offset: u64,
        limit: usize,
    ) -> Result<Vec<Place>, RankError> {
        let mut places: Vec<Place> = Vec::new();
        loop {
            let step = READ_STEP.min(limit - places.len());
            // A sorted set holds fewer than 2^63 members.
            let first = i64::try_from(offset)
                .unwrap_or(i64::MAX)
                .saturating_add_unsigned(places.len() as u64);
            let last = first.saturating_add_unsigned(step as u64).saturating_sub(1);
            let found = self.reach.run(board, &scripts::RANGE, |cmd| {
                // Of nothing, the end before the beginning: -1 would be the last place.
                let (first, last) = if step == 0 { (1, 0) } else { (first, last) };
                cmd.arg(first).arg(last);
            });
            let found: Vec<Vec<u8>> = answer(found.await?)?;
            let count = found.len();
            let rank = first.unsigned_abs() + 1;
            places.extend(ranked(rank, &found)?);
            if count < step || places.len() == limit {
                return Ok(places);
            }
        }
    }

    /// As [`RankIndex::around`], with at most a few thousand neighbours on each side.
    async fn around(
        &self,
        board: BoardKey,
        player: &PlayerId,
        neighbours: usize,
    ) -> Result<Vec<Place>, RankError> {
        let found = self.reach.run(board, &scripts::AROUND, |cmd| {
            cmd.arg(player.as_str()).arg(neighbours.min(READ_STEP));
        });
        match found.await? {
            Value::Array(nobody) if nobody.is_empty() => Ok(Vec::new()),
            found => {
                let (first, members): (u64, Vec<Vec<u8>>) = answer(found)?;
                ranked(first + 1, &members)
            }
        }
    }

    async fn len(&self, board: BoardKey) -> Result<u64, RankError> {
        answer(self.reach.run(board, &scripts::LEN, |_| {}).await?)
    }

    fn is_behind(&self) -> bool {
        self.reach.is_behind()
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// Members as places, the first of them at `rank`.
fn ranked(rank: u64, members: &[Vec<u8>]) -> Result<Vec<Place>, RankError> {
    let place = |(rank, member): (u64, &Vec<u8>)| {
        let (player, standing) = entry::member(member).ok_or_else(unexpected)?;
        Ok(Place { rank, player, standing })
    };
    (rank..).zip(members).map(place).collect()
}

/// What a script answers; nil, if the board is not loaded.
fn answer<T: FromRedisValue>(value: Value) -> Result<T, RankError> {
    if value == Value::Nil {
        return Err(RankError::NotLoaded);
    }
    T::from_redis_value(value).map_err(|error| RankError::Unreachable(Box::new(error)))
}

/// An answer that no script of ours gives.
fn unexpected() -> RankError {
    let error = RedisError::from((ErrorKind::UnexpectedReturnType, "this is no entry of a board"));
    RankError::Unreachable(Box::new(error))
}

fn stands_ms() -> u64 {
    LOAD_STANDS.as_secs() * 1000
}
