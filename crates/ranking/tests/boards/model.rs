//! A board as a plain list, and a seeded walk that keeps boards in memory beside it: a store commits, what
//! was committed is published in any order and sometimes again, and the board is loaded in between.

use std::collections::BTreeMap;

use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Entry, Place, PlayerEntry, Standing, Update};
use scoreline_ranking::{Boards, NotLoaded};

use super::{entry, player, standing};

/// Players of the walk.
const PLAYERS: u64 = 400;
/// The most changes of one commit.
const BATCH_MAX: u64 = 300;

type Entries = BTreeMap<PlayerId, Entry>;

/// What the boards must answer.
pub struct Model {
    board: BoardKey,
    random: u64,
    /// What the store holds.
    committed: Entries,
    /// What is committed and not published.
    unpublished: Vec<Update>,
    /// What the memory holds, if the board is loaded.
    loaded: Option<Entries>,
    /// What the store held when it was read for a load that is not done, with what was published
    /// since its announcement as far as that is newer.
    being_loaded: Option<Load>,
}

struct Load {
    read: Vec<PlayerEntry>,
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
    pub async fn step(&mut self, boards: &Boards) {
        match self.pick(20) {
            0 => self.announce(boards),
            1 | 2 => self.load(boards).await,
            3 if self.pick(4) == 0 => {
                boards.unload(self.board).await;
                self.being_loaded = None;
                self.loaded = None;
            }
            4..=8 => self.commit(),
            9..=13 => self.publish(boards).await,
            _ => self.ask(boards),
        }
    }

    /// Makes sure that the board is loaded and that all is published.
    pub async fn come_to_rest(&mut self, boards: &Boards) {
        if self.loaded.is_none() {
            self.announce(boards);
            self.load(boards).await;
        }
        while !self.unpublished.is_empty() {
            self.publish(boards).await;
        }
    }

    /// What the store holds.
    pub fn stored(&self) -> BTreeMap<String, Standing> {
        self.committed.iter().map(|(player, one)| (player.to_string(), one.standing)).collect()
    }

    fn announce(&mut self, boards: &Boards) {
        boards.begin_load(self.board);
        let read = self
            .committed
            .iter()
            .map(|(player, entry)| PlayerEntry { player: player.clone(), entry: *entry });
        // What was kept for an earlier announcement is committed, so that it is among what is read.
        self.being_loaded = Some(Load { read: read.collect(), leads_to: self.committed.clone() });
    }

    async fn load(&mut self, boards: &Boards) {
        let load = self.being_loaded.take();
        let announced = load.is_some();
        let (read, leads_to) = load.map(|load| (load.read, load.leads_to)).unzip();
        match boards.load(self.board, read.unwrap_or_default()).await {
            Ok(()) => assert!(announced, "a load that was not announced"),
            Err(NotLoaded) => assert!(!announced, "an announced load was refused"),
        }
        self.loaded = leads_to.or_else(|| self.loaded.take());
    }

    fn commit(&mut self) {
        for _ in 0..self.pick(BATCH_MAX) {
            let (player, standing) = (self.any_player(), self.any_standing());
            let events = i64::try_from(1 + self.pick(3)).expect("small");
            let before = self.committed.get(&player).map_or(0, |entry| entry.attempts);
            let entry = entry(before + events, standing);
            self.committed.insert(player.clone(), entry);
            self.unpublished.push(Update { board: self.board, player, entry });
        }
    }

    /// Publishes some of what is committed, in any order, and keeps a few to publish again.
    async fn publish(&mut self, boards: &Boards) {
        let mut updates = Vec::new();
        for _ in 0..self.unpublished.len().min(self.pick_size(BATCH_MAX) + 1) {
            let place = self.pick_size(self.unpublished.len() as u64);
            if self.pick(8) == 0 {
                updates.push(self.unpublished[place].clone());
            } else {
                updates.push(self.unpublished.swap_remove(place));
            }
        }
        boards.set(&updates).await;
        let being_loaded = self.being_loaded.as_mut().map(|load| &mut load.leads_to);
        for entries in self.loaded.iter_mut().chain(being_loaded) {
            for Update { player, entry, .. } in &updates {
                let held = entries.entry(player.clone()).or_insert(*entry);
                if held.version() < entry.version() {
                    *held = *entry;
                }
            }
        }
    }

    fn ask(&mut self, boards: &Boards) {
        let Some(places) = self.loaded.as_ref().map(places) else {
            let answer = boards.len(self.board);
            assert_eq!(answer, Err(NotLoaded));
            return;
        };
        assert_eq!(boards.len(self.board).expect("loaded"), places.len() as u64);
        let (offset, limit) = (self.pick(PLAYERS), self.pick_size(PLAYERS));
        let range = boards.range(self.board, offset, limit).expect("loaded");
        let from = usize::try_from(offset).expect("small").min(places.len());
        assert_eq!(range, places[from..(from + limit).min(places.len())]);
        for _ in 0..8 {
            let player = self.any_player();
            let expected = places.iter().position(|place| place.player == player);
            let asked = std::slice::from_ref(&player);
            let found = boards.places(self.board, asked).expect("loaded");
            assert_eq!(found, [expected.map(|place| places[place].clone())]);
            let neighbours = self.pick_size(9);
            let around = boards.around(self.board, &player, neighbours).expect("loaded");
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
    let mut sorted: Vec<(&PlayerId, &Entry)> = entries.iter().collect();
    sorted.sort_by(|(a, a_at), (b, b_at)| {
        let (a_at, b_at) = (a_at.standing, b_at.standing);
        (b_at.points, a_at.reached_at, a).cmp(&(a_at.points, b_at.reached_at, b))
    });
    (1..)
        .zip(sorted)
        .map(|(rank, (player, entry))| Place {
            rank,
            player: player.clone(),
            nickname: None,
            entry: *entry,
        })
        .collect()
}
