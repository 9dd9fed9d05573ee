//! A worker: a connection, over which it sends what whichever player is next has to tell.
//!
//! All that a player sends in a step is sent by one worker, one after the other, and no step begins before the
//! one before has ended: what is sent again comes after what it repeats.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hdrhistogram::Histogram;
use parking_lot::Mutex;
use scoreline_core::time::Timestamp;
use scoreline_traffic::client::Target;
use tokio::time::Instant;

use crate::api::{Api, EventsAnswer};
use crate::chance::Chance;
use crate::check::nickname;
use crate::error::Result;
use crate::findings::Findings;
use crate::players::device::{Device, Envelope};
use crate::players::session::{Told, body, told};
use crate::players::world::{Delivery, World};
use crate::reference::{Ledger, Receipt, Window};
use crate::shape::Shape;

const ANSWERS: &str = "answers to events, with how many were accepted and which rejected why";
/// How many players choose a name.
const NAMED: f64 = 0.3;
/// How far a clock that is read from a file may be behind.
const CLOCK_LAG_MS: i64 = 500;
/// Latencies that are told apart, in microseconds: up to ten minutes.
const LATENCY_US_MAX: u64 = 600_000_000;

/// What all workers count.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub requests: AtomicU64,
    pub events: AtomicU64,
    pub repeated: AtomicU64,
    pub late: AtomicU64,
    pub rejected: AtomicU64,
    pub names: AtomicU64,
}

/// What all workers of a run share.
pub(crate) struct Game {
    pub shape: Arc<Shape>,
    pub world: Arc<World>,
    pub counters: Counters,
    /// What must come out for the players, each ledger for some of them.
    pub ledgers: Arc<Vec<Arc<Mutex<Ledger>>>>,
}

impl Game {
    /// A game of which nothing was sent, with this many ledgers.
    pub fn new(shape: Arc<Shape>, world: Arc<World>, ledgers: usize) -> Self {
        let ledger = |_| Arc::new(Mutex::new(Ledger::new(Arc::clone(&shape))));
        let ledgers = Arc::new((0..ledgers).map(ledger).collect());
        Self { shape, world, counters: Counters::default(), ledgers }
    }

    fn ledger(&self, player: u32) -> &Mutex<Ledger> {
        &self.ledgers[player as usize % self.ledgers.len()]
    }
}

/// What is to be sent within a step, a list a player. Whoever has sent one takes the next, so that nobody
/// rests while others have much to do.
pub(crate) type Outgoing = Mutex<VecDeque<Vec<Delivery>>>;

/// The moment at which deliveries are made.
#[derive(Clone)]
pub(crate) struct Moment {
    /// The time; `None` is the real one, which nobody knows exactly at the other end.
    pub known: Option<Timestamp>,
    /// The time by the clock of whoever simulates.
    pub now: Timestamp,
    /// Whether the server goes by that clock too, but for a moment.
    pub is_shared: bool,
    /// The tournaments that events may fall into.
    pub windows: Arc<Vec<Window>>,
}

/// A connection.
pub(crate) struct Worker {
    game: Arc<Game>,
    api: Api,
    pub findings: Findings,
    pub latencies: Histogram<u64>,
    /// What the server said last of its own time.
    heard: Timestamp,
}

impl Worker {
    pub fn new(game: Arc<Game>, target: &Target) -> Self {
        let latencies = Histogram::new_with_bounds(1, LATENCY_US_MAX, 3);
        Self {
            game,
            api: Api::new(target),
            findings: Findings::default(),
            latencies: latencies.expect("constant bounds"),
            heard: Timestamp::EPOCH,
        }
    }

    /// Makes deliveries, one after the other, until none is left.
    pub async fn deliver(&mut self, outgoing: &Outgoing, moment: &Moment) -> Result<()> {
        loop {
            // The lock is held for this look only.
            let Some(of_player) = outgoing.lock().pop_front() else { return Ok(()) };
            for delivery in of_player {
                self.deliver_one(delivery, moment).await?;
            }
        }
    }

    async fn deliver_one(&mut self, delivery: Delivery, moment: &Moment) -> Result<()> {
        let game = Arc::clone(&self.game);
        let Game { shape, world, counters, .. } = &*game;
        let player = delivery.session.player;
        let device = Device::of(world.seed, player, world.start);
        let events = told(shape, world, &device, delivery.session, delivery.began_ms);
        let body = body(&events, &device, moment.now);
        let begun = Instant::now();
        let answer = self.api.send(body).await?;
        let took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(LATENCY_US_MAX);
        self.latencies.record(took_us.clamp(1, LATENCY_US_MAX)).expect("within the bounds");
        counters.requests.fetch_add(1, Ordering::Relaxed);
        counters.events.fetch_add(events.len() as u64, Ordering::Relaxed);
        compare(&answer, &events, &mut self.findings);
        let receipt = self.receipt(&answer, &device, moment);
        if delivery.repetition > 0 {
            counters.repeated.fetch_add(events.len() as u64, Ordering::Relaxed);
            return Ok(());
        }
        let late_ms = delivery.due_ms - delivery.began_ms;
        if late_ms > crate::players::world::HOUR_MS {
            counters.late.fetch_add(events.len() as u64, Ordering::Relaxed);
        }
        {
            let mut ledger = game.ledger(player).lock();
            for event in &events {
                if event.rejected.is_some() {
                    counters.rejected.fetch_add(1, Ordering::Relaxed);
                } else {
                    ledger.take(player, event, receipt, &moment.windows);
                }
            }
        }
        if delivery.session.nth == 0 {
            self.choose_name(player, delivery.session.day).await?;
        }
        Ok(())
    }

    /// When the events were received: at the time that is known, or between two answers of the server.
    fn receipt(&mut self, answer: &EventsAnswer, device: &Device, moment: &Moment) -> Receipt {
        let told = Timestamp::parse(&answer.timestamp).unwrap_or(moment.now);
        let before = std::mem::replace(&mut self.heard, told);
        let (at, earliest) = match moment.known {
            Some(at) => (at, at),
            None if moment.is_shared => (told, before.max(moment.now.plus_ms(-CLOCK_LAG_MS))),
            None => (told, before),
        };
        let sends_time = device.envelope == Envelope::Batch;
        let sent_ms = sends_time.then(|| device.clock(moment.now.as_ms()));
        Receipt { at, earliest, sent_ms }
    }

    /// Some players choose a name on the first day on which they are seen to.
    async fn choose_name(&mut self, player: u32, day: u16) -> Result<()> {
        let Game { shape, world, counters, .. } = &*self.game;
        let mut chance = Chance::of(world.seed, &[7, u64::from(player)]);
        if !chance.hits(NAMED) || day % 3 != u16::try_from(chance.below(3)).unwrap_or(0) {
            return Ok(());
        }
        let id = world.player_id(player).to_string();
        if self.api.name(&id, &nickname(player, shape)).await? {
            counters.names.fetch_add(1, Ordering::Relaxed);
            self.game.ledger(player).lock().name(player);
        }
        Ok(())
    }
}

/// Compares what the server says of a body with what is to become of its events.
fn compare(answer: &EventsAnswer, events: &[Told], findings: &mut Findings) {
    let is: Vec<(usize, &str)> =
        answer.rejected.iter().map(|one| (one.index, &*one.code)).collect();
    let rejected = events.iter().enumerate();
    let must_be: Vec<(usize, &str)> =
        rejected.filter_map(|(place, one)| Some((place, one.rejected?))).collect();
    let accepted = events.len() - must_be.len();
    let first = || events.first().map(|one| one.json.clone()).unwrap_or_default();
    findings.same(ANSWERS, first, ((answer.accepted, is), (accepted, must_be)));
}
