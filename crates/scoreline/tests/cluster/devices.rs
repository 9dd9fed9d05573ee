//! Devices that send events all the while, and remember what they were told.
//!
//! A device sends a batch until it is acknowledged: what was refused or never answered is sent again,
//! the same events, to the next node. So every batch is acknowledged in the end, and the ledger says
//! what must be found afterwards.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Builder;

use crate::node::{Node, agent, wait_for};

/// How many devices send at once.
const SENDERS: u64 = 4;
/// How many players they have in all. With few, transactions would wait for each other's rows.
const PLAYERS: u32 = 2_000;
/// How many events a batch has.
pub const BATCH: usize = 50;
/// How long a device waits before it sends a batch again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);
/// For how long a device tries to be rid of a batch. It is told to come again where everybody wants the same rows, and who
/// of those that come gets them is chance.
const TRIED_FOR: Duration = Duration::from_secs(180);

/// The seed of this run; `SCORELINE_TEST_SEED` repeats one.
#[expect(clippy::disallowed_methods, reason = "a run that names no seed takes any, and says which")]
pub fn seed() -> u64 {
    let named = std::env::var("SCORELINE_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = named.unwrap_or_else(rand::random);
    println!("seed {seed} (repeat with SCORELINE_TEST_SEED={seed})");
    seed
}

/// Of which class the events of a batch are.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Critical,
    Normal,
    Bulk,
}

/// What a device was told of a batch.
#[derive(Debug, PartialEq)]
pub enum Answer {
    Acknowledged,
    /// 503, to be sent again after this many seconds.
    Refused(u64),
    /// The connection was refused or broke.
    CutOff,
}

/// A batch of one player, with events of the given kinds in turn.
pub fn batch(player: &str, kinds: &[Kind], random: &mut impl Rng) -> Value {
    let events: Vec<Value> =
        kinds.iter().cycle().take(BATCH).map(|kind| event(player, *kind, random)).collect();
    json!({ "events": events })
}

fn event(player: &str, kind: Kind, random: &mut impl Rng) -> Value {
    let since = std::time::UNIX_EPOCH.elapsed().expect("after 1970");
    let now_ms = u64::try_from(since.as_millis()).expect("64 bits");
    let score = random.random_range(0..100_000);
    let mut event = match kind {
        Kind::Critical => json!({
            "event_type": "game_ended", "game_mode": "endless",
            "score": score, "duration_seconds": score / 20 + 1,
            "obstacles_dodged": 1, "coins_collected": 1, "gems_collected": 0,
            "hearts_remaining": 0, "cause_of_death": "missile", "max_combo": 1,
        }),
        Kind::Normal => json!({
            "event_type": "level_completed", "level_id": 1, "zone_id": 1, "score": 10, "stars": 3,
            "time_seconds": 10, "hearts_remaining": 1, "first_attempt": true,
        }),
        Kind::Bulk => json!({
            "event_type": "game_started", "game_mode": "endless", "selected_jet": "classic",
            "hearts_remaining": 3,
        }),
    };
    event["event_id"] = json!(Builder::from_random_bytes(random.random()).into_uuid());
    for (field, value) in [("user_id", player), ("app_version", "1.0.0"), ("platform", "ios")] {
        event[field] = json!(value);
    }
    event["timestamp"] = json!(now_ms);
    event
}

/// What devices were told.
#[derive(Default)]
pub struct Ledger {
    acknowledged: AtomicU64,
    refused: AtomicU64,
    cut_off: AtomicU64,
    by_player: Mutex<BTreeMap<String, u64>>,
    /// How long the slowest answer took, of whatever kind.
    slowest: Mutex<Duration>,
    /// A device heard what it never should.
    is_broken: AtomicBool,
}

impl Ledger {
    /// Events that were acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Batches that were refused, each time counted.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Batches that were not answered, each time counted.
    pub fn cut_off(&self) -> u64 {
        self.cut_off.load(Ordering::Relaxed)
    }

    /// How long the slowest answer took so far.
    pub fn slowest(&self) -> Duration {
        *self.slowest.lock().expect("no sender panicked")
    }

    /// Acknowledged events of every player.
    pub fn by_player(&self) -> BTreeMap<String, u64> {
        self.by_player.lock().expect("no sender panicked").clone()
    }

    /// Waits until this many further events are acknowledged.
    pub fn wait_for_more(&self, events: u64) {
        let most = self.acknowledged() + events;
        wait_for(&format!("{events} more events"), || {
            assert!(!self.is_broken.load(Ordering::Relaxed), "a device has given up");
            (self.acknowledged() >= most).then_some(())
        });
    }

    /// Sends a batch once, and notes the answer.
    pub fn send(&self, agent: &ureq::Agent, address: &str, batch: &Value) -> Answer {
        let begin = Instant::now();
        let sent = agent.post(format!("http://{address}/api/events")).send_json(batch);
        let answer = sent.ok().and_then(|mut response| {
            let status = response.status().as_u16();
            let retry_after = response.headers().get("retry-after").cloned();
            let retry_after = retry_after.and_then(|text| text.to_str().ok()?.parse().ok());
            Some((status, retry_after, response.body_mut().read_json::<Value>().ok()?))
        });
        if answer.is_some() {
            let mut slowest = self.slowest.lock().expect("no sender panicked");
            *slowest = begin.elapsed().max(*slowest);
        }
        match answer {
            Some((200, _, body)) => {
                assert_eq!(body["accepted"], BATCH, "{body}");
                let player = batch["events"][0]["user_id"].as_str().expect("a player");
                let mut players = self.by_player.lock().expect("no sender panicked");
                *players.entry(player.to_owned()).or_default() += BATCH as u64;
                drop(players);
                self.acknowledged.fetch_add(BATCH as u64, Ordering::Relaxed);
                Answer::Acknowledged
            }
            Some((503, Some(retry_after_s @ 1..), _)) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                Answer::Refused(retry_after_s)
            }
            Some((status, retry_after, body)) => {
                panic!("a device was answered {status}, Retry-After {retry_after:?}: {body}")
            }
            None => {
                self.cut_off.fetch_add(1, Ordering::Relaxed);
                Answer::CutOff
            }
        }
    }
}

/// Devices at work.
pub struct Devices {
    pub ledger: Arc<Ledger>,
    stop: Arc<Stop>,
    senders: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Stop {
    told: Mutex<bool>,
    changed: Condvar,
}

impl Devices {
    /// Begins to send this many events a second to all nodes in turn.
    pub fn start(nodes: &[Node], events_per_second: u64, seed: u64) -> Self {
        Self::start_with_players(nodes, events_per_second, PLAYERS, seed)
    }

    /// The same with this many players in all.
    pub fn start_with_players(
        nodes: &[Node],
        events_per_second: u64,
        players: u32,
        seed: u64,
    ) -> Self {
        let addresses: Arc<[String]> = nodes.iter().map(|node| node.address.clone()).collect();
        let (ledger, stop) = (Arc::<Ledger>::default(), Arc::<Stop>::default());
        let pause = Duration::from_secs(SENDERS * BATCH as u64)
            / u32::try_from(events_per_second).expect("a modest rate");
        let senders = (0..SENDERS)
            .map(|number| {
                let sender = Sender {
                    addresses: Arc::clone(&addresses),
                    ledger: Arc::clone(&ledger),
                    stop: Arc::clone(&stop),
                    random: StdRng::seed_from_u64(seed ^ number),
                    number,
                    players,
                };
                std::thread::spawn(move || sender.run(pause))
            })
            .collect();
        Self { ledger, stop, senders }
    }

    /// Sends what was begun to its end, and answers what devices were told.
    pub fn finish(mut self) -> Arc<Ledger> {
        self.stop.tell();
        for sender in self.senders.drain(..) {
            sender.join().expect("a device never hears what it should not");
        }
        Arc::clone(&self.ledger)
    }
}

impl Drop for Devices {
    fn drop(&mut self) {
        self.stop.tell();
    }
}

impl Stop {
    fn tell(&self) {
        if let Ok(mut told) = self.told.lock() {
            *told = true;
        }
        self.changed.notify_all();
    }

    /// Waits until it is told or a time has come; answers whether it was told.
    fn wait_until(&self, time: Instant) -> bool {
        let told = self.told.lock().expect("nobody panics with it");
        let pause = time.saturating_duration_since(Instant::now());
        let waited = self.changed.wait_timeout_while(told, pause, |told| !*told);
        *waited.expect("nobody panics with it").0
    }
}

struct Sender {
    addresses: Arc<[String]>,
    ledger: Arc<Ledger>,
    stop: Arc<Stop>,
    random: StdRng,
    number: u64,
    players: u32,
}

impl Drop for Sender {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.ledger.is_broken.store(true, Ordering::Relaxed);
        }
    }
}

impl Sender {
    fn run(mut self, pause: Duration) {
        let agent = agent();
        let mut node = usize::try_from(self.number).expect("a small number");
        let mut due = Instant::now();
        while !self.stop.wait_until(due) {
            due += pause;
            let player = format!("player-{}", self.random.random_range(0..self.players));
            let kinds = [Kind::Critical, Kind::Bulk, Kind::Normal, Kind::Bulk];
            let batch = batch(&player, &kinds, &mut self.random);
            let begin = Instant::now();
            loop {
                node = (node + 1) % self.addresses.len();
                if self.ledger.send(&agent, &self.addresses[node], &batch) == Answer::Acknowledged {
                    break;
                }
                assert!(begin.elapsed() < TRIED_FOR, "a batch was not taken within {TRIED_FOR:?}");
                std::thread::park_timeout(AGAIN_AFTER);
            }
        }
    }
}
