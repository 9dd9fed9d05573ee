//! A board as a plain list, and a seeded walk that keeps an index beside it.

use std::collections::BTreeMap;

use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Place, RankError, RankIndex, Standing, Update};

use super::{player, standing};

/// Players of the walk.
const PLAYERS: u64 = 400;
/// The most updates of one batch.
const BATCH_MAX: u64 = 300;

/// What an index must answer.
pub struct Model {
    board: BoardKey,
    random: u64,
    /// What the store would hold.
    stored: BTreeMap<PlayerId, Standing>,
    /// What the store held when it was read for a load that is not done.
    being_loaded: Option<Vec<(PlayerId, Standing)>>,
    loaded: bool,
}

impl Model {
    pub fn new(seed: u64, board: BoardKey) -> Self {
        let random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Self { board, random, stored: BTreeMap::new(), being_loaded: None, loaded: false }
    }

    /// One change or one question.
    pub async fn step(&mut self, index: &dyn RankIndex) {
        match self.pick(20) {
            0 => {
                index.begin_load(self.board).await.expect("announced");
                self.being_loaded = Some(self.standings());
            }
            1 | 2 => self.load(index).await,
            3 if self.pick(4) == 0 => {
                index.unload(self.board).await.expect("forgotten");
                self.being_loaded = None;
                self.loaded = false;
            }
            4..=12 => self.set(index).await,
            _ => self.ask(index).await,
        }
    }

    async fn load(&mut self, index: &dyn RankIndex) {
        let standings = self.being_loaded.take();
        let announced = standings.is_some();
        match index.load(self.board, standings.unwrap_or_default()).await {
            Ok(()) => assert!(announced, "a load that was not announced"),
            Err(RankError::NotLoaded) => assert!(!announced, "an announced load was refused"),
            Err(error) => panic!("{error}"),
        }
        self.loaded |= announced;
    }

    async fn set(&mut self, index: &dyn RankIndex) {
        let count = self.pick(BATCH_MAX);
        let updates: Vec<Update> = (0..count)
            .map(|_| {
                let player = self.any_player();
                let standing = (self.pick(4) > 0).then(|| self.any_standing());
                match standing {
                    Some(standing) => self.stored.insert(player.clone(), standing),
                    None => self.stored.remove(&player),
                };
                Update { board: self.board, player, standing }
            })
            .collect();
        index.set(&updates).await.expect("taken over");
    }

    async fn ask(&mut self, index: &dyn RankIndex) {
        if !self.loaded {
            let answer = index.len(self.board).await;
            assert!(matches!(answer, Err(RankError::NotLoaded)), "{answer:?}");
            return;
        }
        let places = self.places();
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

    fn standings(&self) -> Vec<(PlayerId, Standing)> {
        self.stored.iter().map(|(player, standing)| (player.clone(), *standing)).collect()
    }

    fn places(&self) -> Vec<Place> {
        let mut sorted = self.standings();
        sorted.sort_by(|(a, a_at), (b, b_at)| {
            (b_at.points, a_at.reached_at, a).cmp(&(a_at.points, b_at.reached_at, b))
        });
        (1..)
            .zip(sorted)
            .map(|(rank, (player, standing))| Place { rank, player, standing })
            .collect()
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
