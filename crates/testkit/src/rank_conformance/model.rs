//! A board as a plain list, and a seeded walk that keeps an index beside it: a store commits, what
//! was committed is published in any order and sometimes again, and the board is loaded in between.

use std::collections::BTreeMap;

use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{
    Place, PlayerStanding, RankError, RankIndex, Standing, Update, Version,
};

use super::{player, standing};

/// Players of the walk.
const PLAYERS: u64 = 400;
/// The most changes of one commit.
const BATCH_MAX: u64 = 300;

type Entries = BTreeMap<PlayerId, (Version, Standing)>;

/// What an index must answer.
pub struct Model {
    board: BoardKey,
    random: u64,
    /// What the store holds.
    committed: Entries,
    /// What is committed and not published.
    unpublished: Vec<Update>,
    /// What the index holds, if the board is loaded.
    loaded: Option<Entries>,
    /// What the store held when it was read for a load that is not done, with what was published
    /// since its announcement as far as that is newer.
    being_loaded: Option<Load>,
}

struct Load {
    read: Vec<PlayerStanding>,
    leads_to: Entries,
}

impl Model {
    pub fn new(seed: u64, board: BoardKey) -> Self {
        Self {
            board,
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            committed: Entries::new(),
            unpublished: Vec::new(),
            loaded: None,
            being_loaded: None,
        }
    }

    /// One change or one question.
    pub async fn step(&mut self, index: &dyn RankIndex) {
        match self.pick(20) {
            0 => self.announce(index).await,
            1 | 2 => self.load(index).await,
            3 if self.pick(4) == 0 => {
                index.unload(self.board).await.expect("forgotten");
                self.being_loaded = None;
                self.loaded = None;
            }
            4..=8 => self.commit(),
            9..=13 => self.publish(index).await,
            _ => self.ask(index).await,
        }
    }

    /// Makes sure that the board is loaded and that all is published.
    pub async fn come_to_rest(&mut self, index: &dyn RankIndex) {
        if self.loaded.is_none() {
            self.announce(index).await;
            self.load(index).await;
        }
        while !self.unpublished.is_empty() {
            self.publish(index).await;
        }
    }

    /// What the store holds.
    pub fn stored(&self) -> BTreeMap<String, Standing> {
        self.committed.iter().map(|(player, (_, at))| (player.to_string(), *at)).collect()
    }

    async fn announce(&mut self, index: &dyn RankIndex) {
        index.begin_load(self.board).await.expect("announced");
        let read = self.committed.iter().map(|(player, (version, standing))| PlayerStanding {
            player: player.clone(),
            standing: *standing,
            version: *version,
        });
        // What was kept for an earlier announcement is committed, so that it is among what is read.
        self.being_loaded = Some(Load { read: read.collect(), leads_to: self.committed.clone() });
    }

    async fn load(&mut self, index: &dyn RankIndex) {
        let load = self.being_loaded.take();
        let announced = load.is_some();
        let (read, leads_to) = load.map(|load| (load.read, load.leads_to)).unzip();
        match index.load(self.board, read.unwrap_or_default()).await {
            Ok(()) => assert!(announced, "a load that was not announced"),
            Err(RankError::NotLoaded) => assert!(!announced, "an announced load was refused"),
            Err(error) => panic!("{error}"),
        }
        self.loaded = leads_to.or_else(|| self.loaded.take());
    }

    fn commit(&mut self) {
        for _ in 0..self.pick(BATCH_MAX) {
            let (player, standing) = (self.any_player(), self.any_standing());
            let events = i64::try_from(1 + self.pick(3)).expect("small");
            let before = self.committed.get(&player).map_or(0, |(version, _)| version.0);
            let version = Version(before + events);
            self.committed.insert(player.clone(), (version, standing));
            self.unpublished.push(Update { board: self.board, player, standing, version });
        }
    }

    /// Publishes some of what is committed, in any order, and keeps a few to publish again.
    async fn publish(&mut self, index: &dyn RankIndex) {
        let mut updates = Vec::new();
        for _ in 0..self.unpublished.len().min(self.pick_size(BATCH_MAX) + 1) {
            let place = self.pick_size(self.unpublished.len() as u64);
            if self.pick(8) == 0 {
                updates.push(self.unpublished[place].clone());
            } else {
                updates.push(self.unpublished.swap_remove(place));
            }
        }
        index.set(&updates).await.expect("taken over");
        let being_loaded = self.being_loaded.as_mut().map(|load| &mut load.leads_to);
        for entries in self.loaded.iter_mut().chain(being_loaded) {
            for Update { player, standing, version, .. } in &updates {
                let held = entries.entry(player.clone()).or_insert((*version, *standing));
                if held.0 < *version {
                    *held = (*version, *standing);
                }
            }
        }
    }

    async fn ask(&mut self, index: &dyn RankIndex) {
        let Some(places) = self.loaded.as_ref().map(places) else {
            let answer = index.len(self.board).await;
            assert!(matches!(answer, Err(RankError::NotLoaded)), "{answer:?}");
            return;
        };
        assert_eq!(index.len(self.board).await.expect("loaded"), places.len() as u64);
        let (offset, limit) = (self.pick(PLAYERS), self.pick_size(PLAYERS));
        let range = index.range(self.board, offset, limit).await.expect("loaded");
        let from = usize::try_from(offset).expect("small").min(places.len());
        assert_eq!(range, places[from..(from + limit).min(places.len())]);
        for _ in 0..8 {
            let player = self.any_player();
            let expected = places.iter().position(|place| place.player == player);
            let asked = std::slice::from_ref(&player);
            let found = index.places(self.board, asked).await.expect("loaded");
            assert_eq!(found, [expected.map(|place| places[place].clone())]);
            let neighbours = self.pick_size(9);
            let around = index.around(self.board, &player, neighbours).await.expect("loaded");
            let expected = expected.map_or(&[][..], |place| {
                let end = (place + neighbours + 1).min(places.len());
                &places[place.saturating_sub(neighbours)..end]
            });
            assert_eq!(around, expected);
        }
    }

    fn any_player(&mut self) -> PlayerId {
        let number = self.pick(PLAYERS);
        if number.is_multiple_of(2) {
            player(&format!("p{number}"))
        } else {
            player(&format!("{number:08x}-0000-7000-8000-000000000000"))
        }
    }

    fn any_standing(&mut self) -> Standing {
        let points = i64::try_from(self.pick(60)).expect("small") - 20;
        standing(points, i64::try_from(self.pick(3)).expect("small"))
    }

    fn pick_size(&mut self, below: u64) -> usize {
        usize::try_from(self.pick(below)).expect("small")
    }

    /// A number below `below`, the next of the seed's sequence.
    fn pick(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % below
    }
}

/// Entries in the order of ranks.
fn places(entries: &Entries) -> Vec<Place> {
    let mut sorted: Vec<(&PlayerId, Standing)> =
        entries.iter().map(|(player, (_, standing))| (player, *standing)).collect();
    sorted.sort_by(|(a, a_at), (b, b_at)| {
        (b_at.points, a_at.reached_at, a).cmp(&(a_at.points, b_at.reached_at, b))
    });
    (1..)
        .zip(sorted)
        .map(|(rank, (player, standing))| Place { rank, player: player.clone(), standing })
        .collect()
}
