//! Devices: they send events to some node, hear an answer or none, and send again; some though they were
//! answered, some after events were counted under a later copy.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use scoreline_core::event::validate::Validator;
use scoreline_core::game::Definition;
use scoreline_core::id::{EventKey, PlayerId};
use scoreline_core::intake::{IntakeError, Submission};
use scoreline_core::time::Timestamp;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::nodes::Running;
use crate::random::Random;
use crate::world::World;

/// Until when events happen, in milliseconds of a run.
const PLAYED_MS: u64 = 15_000;
/// Players, of whom some have two devices.
const PLAYERS: u64 = 4;
/// Requests of a device.
const REQUESTS_MAX: u64 = 4;
/// Events of a request.
const EVENTS_MAX: u64 = 3;
/// Scores are few, so that many are equal and the time decides.
const SCORES: u64 = 4;
/// In how many of a thousand cases a request that was answered is sent again all the same.
const AGAIN_OF_THOUSAND: u64 = 300;
/// In how many of a thousand cases an answer does not reach its device, while things go wrong.
const UNHEARD_OF_THOUSAND: u64 = 150;

/// What was sent of an event.
#[derive(Debug, Default)]
pub struct Sent {
    /// Its type.
    pub event_type: &'static str,
    /// Its score, or how far it was.
    pub value: i64,
    /// The receipts of all copies.
    pub receipts: Vec<Timestamp>,
    /// The receipts of those that were answered to be kept.
    pub promised: Vec<Timestamp>,
}

/// What devices need.
pub struct Stage {
    pub world: Arc<World>,
    pub definition: Arc<Definition>,
    /// The nodes that run, by their places.
    pub nodes: Mutex<Vec<Option<Arc<Running>>>>,
    /// All that was sent.
    pub ledger: Mutex<BTreeMap<EventKey, Sent>>,
}

/// Events that are sent together.
#[derive(Clone)]
struct Request {
    device: u64,
    keys: Vec<EventKey>,
    events: Arc<[Box<RawValue>]>,
}

impl Stage {
    /// Plays a device to its end: everything it has sent was answered.
    pub async fn play(self: Arc<Self>, device: u64) {
        let player = PlayerId::from_stored(&format!("player {}", device % PLAYERS));
        let (requests, ahead_ms) = self.world.draw(|random| {
            let ahead_ms = *random.one_of(&[0, 0, 0, 0, -90_000, 40_000, 7_200_000, -86_400_000]);
            (random.between(1, REQUESTS_MAX), ahead_ms)
        });
        let mut sending = Vec::new();
        for _ in 0..requests {
            let own = Arc::clone(&self);
            let player = player.clone();
            sending.push(tokio::spawn(async move {
                tokio::time::sleep(own.world.draw(|random| random.ms(0, PLAYED_MS))).await;
                let request = own.request(device, &player, ahead_ms);
                own.send(request).await;
            }));
        }
        for one in sending {
            one.await.expect("a device does not panic");
        }
    }

    fn request(&self, device: u64, player: &PlayerId, ahead_ms: i64) -> Request {
        let count = self.world.draw(|random| random.between(1, EVENTS_MAX));
        let (mut keys, mut events) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let (id, is_run, value) = self.world.draw(|random| {
                let id = uuid(random);
                (id, random.chance(700), i64::try_from(random.below(SCORES)).expect("small"))
            });
            let (event_type, field) = if is_run { ("run", "score") } else { ("walk", "meters") };
            let at = self.world.now().plus_ms(ahead_ms);
            let event: Value = json!({
                "event_type": event_type, "user_id": player.as_str(), "timestamp": at.to_string(),
                "event_id": id, "app_version": "1.0", "platform": "ios", field: value,
            });
            let key = EventKey { player: player.clone(), id };
            let sent = Sent { event_type, value, ..Sent::default() };
            self.ledger.lock().insert(key.clone(), sent);
            keys.push(key);
            events.push(to_raw_value(&event).expect("JSON"));
        }
        Request { device, keys, events: events.into() }
    }

    async fn send(self: &Arc<Self>, request: Request) {
        loop {
            let heard = self.attempt(&request).await;
            let (again, pause) = self.world.draw(|random| {
                (
                    random.chance(AGAIN_OF_THOUSAND),
                    random.ms(100, if heard { 6_000 } else { 2_500 }),
                )
            });
            if heard && !again {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends a request once. Answers whether the device heard that it is kept.
    async fn attempt(self: &Arc<Self>, request: &Request) -> bool {
        let (place, there, patience) =
            self.world.draw(|random| (random.next(), random.ms(0, 30), random.ms(1_000, 5_000)));
        tokio::time::sleep(there).await;
        let node = {
            let nodes = self.nodes.lock();
            let running: Vec<_> = nodes.iter().flatten().collect();
            if running.is_empty() {
                return false;
            }
            let place = usize::try_from(place % running.len() as u64).expect("small");
            Arc::clone(running[place])
        };
        let (answer, answered) = oneshot::channel();
        // The node goes on with it whether or not the device still waits.
        let (own, request) = (Arc::clone(self), request.clone());
        tokio::spawn(async move {
            let outcome = own.receive(&node, &request).await;
            // Whoever has lost patience does not hear it.
            let _ = answer.send(outcome.is_ok());
        });
        let heard = tokio::time::timeout(patience, answered).await;
        let is_unheard =
            self.world.is_rough() && self.world.draw(|random| random.chance(UNHEARD_OF_THOUSAND));
        matches!(heard, Ok(Ok(true))) && !is_unheard
    }

    /// What a node does with a request.
    async fn receive(&self, node: &Running, request: &Request) -> Result<(), IntakeError> {
        node.line.life.beat().await;
        let intake = node.workers.intake();
        let arrival = intake.arrive();
        let received_at = arrival.received_at();
        let mut submission = Submission::default();
        let mut validator = Validator::new(&self.definition, received_at, None, None);
        for (index, raw) in request.events.iter().enumerate() {
            match validator.check(index, raw) {
                Ok(event) => submission.events.push(event),
                Err(rejected) => panic!("what devices send is allowed: {}", rejected.message),
            }
        }
        self.record(request, |sent| sent.receipts.push(received_at));
        let (device, number) = (request.device, node.line.node);
        self.world.note(format_args!("node {number} receives of device {device} at {received_at}"));
        let outcome = intake.submit(arrival, submission).await;
        node.line.life.beat().await;
        let word = if outcome.is_ok() { "promises" } else { "refuses" };
        self.world.note(format_args!("node {number} {word} device {device}"));
        if outcome.is_ok() {
            self.record(request, |sent| sent.promised.push(received_at));
        }
        outcome.map(drop)
    }

    fn record(&self, request: &Request, note: impl Fn(&mut Sent)) {
        let mut ledger = self.ledger.lock();
        for key in &request.keys {
            note(ledger.get_mut(key).expect("it was put there when it happened"));
        }
    }
}

/// An id of version 4.
fn uuid(random: &mut Random) -> Uuid {
    let bits = u128::from(random.next()) << 64 | u128::from(random.next());
    uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
}

/// How long devices send at the most, once nothing goes wrong any more.
pub const SENT_WITHIN: Duration = Duration::from_secs(120);
