//! A board as a plain list, and a seeded walk that keeps boards in memory beside it: a store commits, what
//! was committed is published in any order and sometimes again, and the board is loaded in between.

use std::collections::BTreeMap;

use scoreline_core::ban::{Ban, PlayerBan};
use scoreline_core::id::{BoardKey, PlayerId};
use scoreline_core::rank::{Entry, Place, PlayerEntry, Standing, Update, Version};
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
    /// The last ban of each player, and what was not told of yet.
    bans: BTreeMap<PlayerId, PlayerBan>,
    untold: Vec<PlayerBan>,
    /// What was told of bans.
    heard: BTreeMap<PlayerId, PlayerBan>,
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
            bans: BTreeMap::new(),
            untold: Vec::new(),
            heard: BTreeMap::new(),
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
            4 => self.ban(),
            5 => self.tell_bans(boards).await,
            6..=8 => self.commit(),
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
        while !self.untold.is_empty() {
            self.tell_bans(boards).await;
        }
    }

    /// Bans some players, or lifts their bans.
    fn ban(&mut self) {
        for _ in 0..self.pick(9) {
            let player = self.any_player();
            let version = self.bans.get(&player).map_or(0, |known| known.version.0) + 1;
            let ban = Ban { shadow: self.pick(2) == 0, until: None };
            let ban = (self.pick(3) > 0).then_some(ban);
            let ban = PlayerBan { player: player.clone(), ban, version: Version(version) };
            self.bans.insert(player, ban.clone());
            self.untold.push(ban);
        }
    }

    /// Tells of some bans, in any order, and of some again later.
    async fn tell_bans(&mut self, boards: &Boards) {
        let mut told = Vec::new();
        for _ in 0..self.untold.len().min(self.pick_size(9) + 1) {
            let place = self.pick_size(self.untold.len() as u64);
            if self.pick(8) == 0 {
                told.push(self.untold[place].clone());
            } else {
                told.push(self.untold.swap_remove(place));
            }
        }
        boards.set_bans(&told).await;
        for ban in told {
            let held = self.heard.entry(ban.player.clone()).or_insert_with(|| ban.clone());
            if held.version < ban.version {
                *held = ban;
            }
        }
    }

    /// What the store holds.
    pub fn stored(&self) -> BTreeMap<String, Standing> {
        let is_ranked = |(player, entry): &(&PlayerId, &Entry)| {
            !entry.is_empty() && self.bans.get(*player).is_none_or(|known| known.ban.is_none())
        };
        let ranked = self.committed.iter().filter(is_ranked);
        ranked.map(|(player, one)| (player.to_string(), one.standing)).collect()
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
            let before = self.committed.get(&player).copied();
            let (attempts, taken_back) =
                before.map_or((0, 0), |entry| (entry.attempts, entry.taken_back));
            let entry = if attempts > 0 && self.pick(9) == 0 {
                // An act takes some of the events away, or all.
                let left = attempts / 2;
                let taken_back = attempts + taken_back + 1 - left;
                Entry { attempts: left, taken_back, ..entry(attempts, standing) }
            } else {
                let attempts = attempts + events;
                Entry { taken_back, ..entry(attempts, standing) }
            };
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
        let Some(places) = self.loaded.as_ref().map(|held| places(held, &self.heard)) else {
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
            self.ask_shadow(boards, &places, &player);
            let neighbours = self.pick_size(9);
            let around = boards.around(self.board, &player, neighbours).expect("loaded");
            let expected = expected.map_or(&[][..], |place| {
                let end = (place + neighbours + 1).min(places.len());
                &places[place.saturating_sub(neighbours)..end]
            });
            assert_eq!(around, expected);
        }
    }

    /// A player who is banned in the shadow has the place that they would have.
    fn ask_shadow(&self, boards: &Boards, places: &[Place], player: &PlayerId) {
        let found = boards.shadow_place(self.board, player).expect("loaded");
        let entry = self.loaded.as_ref().and_then(|held| held.get(player));
        let entry = entry.filter(|entry| !entry.is_empty());
        let ban = self.heard.get(player).and_then(|known| known.ban);
        let expected = entry.filter(|_| ban.is_some_and(|ban| ban.shadow)).map(|entry| {
            let order =
                |player: &PlayerId, at: Standing| (-at.points, at.reached_at, player.clone());
            let own = order(player, entry.standing);
            let is_before = |place: &&Place| order(&place.player, place.entry.standing) < own;
            places.iter().filter(is_before).count() as u64 + 1
        });
        assert_eq!(found.map(|place| place.rank), expected, "{player}");
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
fn places(entries: &Entries, bans: &BTreeMap<PlayerId, PlayerBan>) -> Vec<Place> {
    let is_ranked = |(player, entry): &(&PlayerId, &Entry)| {
        !entry.is_empty() && bans.get(*player).is_none_or(|known| known.ban.is_none())
    };
    let mut sorted: Vec<(&PlayerId, &Entry)> = entries.iter().filter(is_ranked).collect();
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
