//! The ceilings that a server is compared with: the same events put into the same table by COPY,
//! folded in memory, and applied by the store with nothing around it.

use std::fmt::Write as _;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::SinkExt;
use scoreline_core::event::Event;
use scoreline_core::event::body::Body;
use scoreline_core::event::key_time::place;
use scoreline_core::event::validate::Validator;
use scoreline_core::fold::{Layer, Plan};
use scoreline_core::game::Definition;
use scoreline_core::limits::{APPLY_EVENTS_MAX, BATCH_EVENTS_MAX, QUEUE_CLAIM_EVENTS_MAX};
use scoreline_core::store::{Batch, Store};
use scoreline_core::time::Clock;
use scoreline_server::SystemClock;
use scoreline_traffic::report::{Phase, Table};
use scoreline_traffic::workload::{Ingest, Request, Workload};
use tokio_postgres::Client;

use super::database::{Database, connect, settings_of};
use crate::error::{Error, Result};

/// The name of the phase that copies.
pub const COPY: &str = "COPY into the same table";
/// The name of the phase that folds.
pub const FOLD: &str = "the fold alone";
/// The name of the phase that applies.
pub const APPLY: &str = "the store alone";

/// Connections that write at once.
const CONNECTIONS: usize = 4;
/// Events that are made ready before time is taken: making them costs the same processors.
const ROUND_EVENTS: usize = 64_000;
/// Batches that are folded in turns.
const FOLDED_BATCHES: usize = 32;
/// Events of a transaction in the table of batch sizes.
const BATCHES: [usize; 6] = [20, 100, 500, 1_000, 2_000, APPLY_EVENTS_MAX];

/// Makes events, one request after the other.
pub struct Source {
    workload: Ingest,
    definition: Definition,
    requests: u64,
}

impl Source {
    /// Events in requests of `events_per_request`, by this many players.
    pub fn new(events_per_request: usize, players: u64, run: u64) -> Self {
        let workload = Ingest::new(events_per_request, players, run);
        Self { workload, definition: Definition::sample(), requests: 0 }
    }

    /// The next events, `count` or a few more.
    pub fn events(&mut self, count: usize) -> Result<Vec<Event>> {
        let mut events = Vec::with_capacity(count);
        while events.len() < count {
            let now = SystemClock.now();
            let Request::Post { body, .. } = self.workload.request(self.requests, now) else {
                continue;
            };
            self.requests += 1;
            let body =
                Body::parse(&body, BATCH_EVENTS_MAX).map_err(Error::unexpected("a request"))?;
            let mut validator = Validator::new(&self.definition, now, body.sent_at, None);
            for (index, item) in body.events.iter().enumerate() {
                let event = validator.check_item(index, item);
                events.push(event.map_err(|rejected| Error::Unexpected(rejected.message))?);
            }
        }
        Ok(events)
    }
}

/// The store of a database that a server has prepared, and the plan in force there.
pub async fn open(database: &Database) -> Result<(Arc<dyn Store>, Arc<Plan>)> {
    let config = settings_of(&database.url)?;
    Ok(scoreline_server::inspect(&config).await?)
}

/// Folds batches as large as a worker's, on one thread.
pub fn fold(source: &mut Source, plan: &Plan, length: Duration) -> Result<Phase> {
    let mut batches = Vec::new();
    for _ in 0..FOLDED_BATCHES {
        batches.push(source.events(QUEUE_CLAIM_EVENTS_MAX)?);
    }
    let now = SystemClock.now();
    let (begun, mut events) = (Instant::now(), 0);
    for batch in batches.iter().cycle() {
        let changes = plan.fold(batch.iter().map(|event| (event, now)), Layer::Live);
        let changes = changes.map_err(Error::unexpected("the fold"))?;
        std::hint::black_box(changes);
        events += batch.len() as u64;
        if begun.elapsed() >= length {
            break;
        }
    }
    Ok(Phase::of_events(FOLD, events, begun.elapsed().as_secs_f64()))
}

/// How many events a second the store applies by the size of batches, one and several at once.
pub async fn batch_sizes(
    source: &mut Source,
    (store, plan): (&Arc<dyn Store>, &Arc<Plan>),
    length: Duration,
) -> Result<(Phase, Table)> {
    let several = format!("{CONNECTIONS} transactions at once, events/s");
    let mut table = Table::new("events of a batch", &["one transaction, events/s", &several]);
    let mut best = Phase::of_events(APPLY, 0, 0.0);
    for size in BATCHES {
        let mut rates = Vec::new();
        for at_once in [1, CONNECTIONS] {
            let phase = apply(source, (store, plan), size, at_once, length).await?;
            rates.push(phase.events_per_second);
            if phase.events_per_second > best.events_per_second {
                best = phase;
            }
        }
        table.add(&size.to_string(), &rates);
    }
    Ok((best, table))
}

async fn apply(
    source: &mut Source,
    (store, plan): (&Arc<dyn Store>, &Arc<Plan>),
    size: usize,
    at_once: usize,
    length: Duration,
) -> Result<Phase> {
    let (mut events, mut spent) = (0, Duration::ZERO);
    while spent < length {
        let mut lanes: Vec<Vec<Batch>> = vec![Vec::new(); at_once];
        let of_lane = (ROUND_EVENTS / at_once / size).max(1);
        for lane in &mut lanes {
            for _ in 0..of_lane {
                let events = source.events(size)?;
                lane.push(Batch { events, ..Batch::default() });
            }
        }
        // Small batches take long, so fewer events are applied in them.
        let until = Instant::now() + length.saturating_sub(spent);
        let begun = Instant::now();
        let mut applying = tokio::task::JoinSet::new();
        for lane in lanes {
            let (store, plan) = (Arc::clone(store), Arc::clone(plan));
            applying.spawn(async move {
                let mut applied = 0;
                for batch in lane {
                    let answer = store.apply(Arc::clone(&plan), batch, SystemClock.now()).await?;
                    applied += answer.applied as u64;
                    if Instant::now() >= until {
                        break;
                    }
                }
                Ok::<u64, Error>(applied)
            });
        }
        while let Some(applied) = applying.join_next().await {
            events += applied.map_err(Error::unexpected("a task that applies"))??;
        }
        spent += begun.elapsed();
    }
    Ok(Phase::of_events(APPLY, events, spent.as_secs_f64()))
}

/// Copies events into the table of raw events and does nothing else, as durably as Scoreline does.
pub async fn copy(source: &mut Source, database: &Database, length: Duration) -> Result<Phase> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Arc::new(connect(&database.url).await?));
    }
    let (mut events, mut spent) = (0, Duration::ZERO);
    while spent < length {
        let mut lanes = Vec::new();
        let of_lane = ROUND_EVENTS / CONNECTIONS / QUEUE_CLAIM_EVENTS_MAX;
        for client in &clients {
            let mut lane = Vec::new();
            for _ in 0..of_lane {
                lane.push(rows(&source.events(QUEUE_CLAIM_EVENTS_MAX)?));
            }
            lanes.push((Arc::clone(client), lane));
        }
        let begun = Instant::now();
        let mut copying = tokio::task::JoinSet::new();
        for (client, lane) in lanes {
            copying.spawn(copy_all(client, lane));
        }
        while let Some(copied) = copying.join_next().await {
            events += copied.map_err(Error::unexpected("a task that copies"))??;
        }
        spent += begun.elapsed();
    }
    Ok(Phase::of_events(COPY, events, spent.as_secs_f64()))
}

async fn copy_all(client: Arc<Client>, batches: Vec<Vec<u8>>) -> Result<u64> {
    const COPY: &str = "COPY scoreline.events (key_time, event_time, event_id, player_id, \
                        event_type, received_at, applied_at, content, payload) FROM STDIN";
    let mut copied = 0;
    for rows in batches {
        let sink = client.copy_in(COPY).await?;
        let mut sink = pin!(sink);
        sink.send(std::io::Cursor::new(rows)).await?;
        copied += sink.finish().await?;
    }
    Ok(copied)
}

/// Events in the text format of COPY.
fn rows(events: &[Event]) -> Vec<u8> {
    let mut text = String::new();
    for event in events {
        let (time, received) = (event.time.as_ms(), event.received_at.as_ms());
        let (id, player, kind) = (event.id, event.player.as_str(), &event.event_type);
        let (key_time, content) =
            (place(id, event.received_at, event.received_at).key_time.as_ms(), event.content.0);
        write!(
            text,
            "{key_time}\t{time}\t{id}\t{player}\t{kind}\t{received}\t{received}\t{content}\t"
        )
        .expect("a text grows");
        // Payloads are JSON: they hold neither tabs nor line breaks, but backslashes.
        text.push_str(&event.payload.replace('\\', "\\\\"));
        text.push('\n');
    }
    text.into_bytes()
}
