//! One run: nodes are started, devices play while things go wrong, then everything comes to rest and is checked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use scoreline_core::time::Clock;
use scoreline_testkit::memory_nodes::MemoryNodes;
use scoreline_testkit::memory_queue::{Fault, MemoryBroker};
use tokio::sync::Notify;

use crate::check::complaints;
use crate::database::Database;
use crate::devices::{SENT_WITHIN, Stage};
use crate::sabotage::Sabotage;
use crate::scenario;
use crate::shared::Shared;
use crate::world::{MachineClock, World};

/// How long things go wrong.
const ROUGH: Duration = Duration::from_secs(17);
/// How long everything may take to come to rest: nodes that died are missed after 15 s, and leases run out.
const REST_WITHIN: Duration = Duration::from_secs(120);
/// Between two looks whether everything is at rest.
const LOOK: Duration = Duration::from_millis(500);

/// How a run went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its seed.
    pub seed: u64,
    /// What is wrong; nothing in a run that went well.
    pub complaints: Vec<String>,
    /// A hash of all that happened: two runs of a seed have the same.
    pub record: u64,
    /// Steps on record.
    pub steps: u64,
    /// Different events that were sent.
    pub events: usize,
    /// Copies of them that nodes received.
    pub copies: usize,
    /// Nodes that there were.
    pub nodes: u64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, events, copies, nodes, steps, .. } = self;
        write!(f, "seed {seed}: {events} events in {copies} copies, {nodes} nodes, {steps} steps")?;
        for complaint in &self.complaints {
            write!(f, "\n  {complaint}")?;
        }
        Ok(())
    }
}

/// How a run is played.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct How {
    /// Whether all that happens is printed.
    pub is_told: bool,
    /// What is done wrongly on purpose.
    pub sabotage: Option<Sabotage>,
}

/// Plays the run of a seed.
pub fn run(seed: u64, how: How) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O needs nothing that could be missing");
    runtime.block_on(play(seed, how))
}

async fn play(seed: u64, How { is_told, sabotage }: How) -> Outcome {
    let world = Arc::new(World::new(seed, is_told, sabotage));
    let definition = scenario::definition();
    let mut database = Database::new(sabotage);
    database.adopt(&definition).expect("nothing is there yet");
    for tournament in scenario::tournaments(&definition) {
        database.create_tournament(&tournament);
    }
    let time = MachineClock { world: Arc::clone(&world), ahead_ms: 0 };
    let shared = Arc::new(Shared {
        world: Arc::clone(&world),
        database: Mutex::new(database),
        told: Notify::new(),
        broker: MemoryBroker::new(),
        registry: MemoryNodes::new(Arc::new(time) as Arc<dyn Clock>),
        nodes: Mutex::new(0),
    });
    let stage = Arc::new(Stage {
        world: Arc::clone(&world),
        definition,
        nodes: Mutex::default(),
        ledger: Mutex::default(),
    });
    let (nodes, devices) = world.draw(|random| (random.between(2, 3), random.between(4, 6)));
    for place in 0..nodes {
        let place = usize::try_from(place).expect("a few");
        stage.nodes.lock().push(None);
        tokio::spawn(keep_node(Arc::clone(&shared), Arc::clone(&stage), place));
    }
    world.set_rough(true);
    tokio::spawn(break_queue(Arc::clone(&shared)));
    let playing: Vec<_> =
        (0..devices).map(|device| tokio::spawn(Arc::clone(&stage).play(device))).collect();
    tokio::time::sleep(ROUGH).await;
    world.set_rough(false);
    shared.broker.set_fault(None);
    let mut wrong = Vec::new();
    for device in playing {
        match tokio::time::timeout(SENT_WITHIN, device).await {
            Ok(Ok(())) => {}
            Ok(Err(panicked)) => wrong.push(format!("a device panicked: {panicked}")),
            Err(_) => wrong.push("a device gets no answer".to_owned()),
        }
    }
    if wrong.is_empty() {
        wrong = rest(&shared, &stage).await;
    }
    let (record, steps) = world.record();
    let ledger = stage.ledger.lock();
    Outcome {
        seed,
        complaints: wrong,
        record,
        steps,
        events: ledger.len(),
        copies: ledger.values().map(|sent| sent.receipts.len()).sum(),
        nodes: *shared.nodes.lock(),
    }
}

/// Waits until everything is as it must be. Answers what is not.
async fn rest(shared: &Arc<Shared>, stage: &Stage) -> Vec<String> {
    let latest = shared.world.elapsed() + REST_WITHIN;
    loop {
        let found = complaints(shared, stage).await;
        if found.is_empty() || shared.world.elapsed() > latest {
            return found;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Keeps a node at its place: one that died is followed by another.
async fn keep_node(shared: Arc<Shared>, stage: Arc<Stage>, place: usize) {
    let world = Arc::clone(&shared.world);
    loop {
        if let Some(running) = shared.start_node().await {
            let running = Arc::new(running);
            stage.nodes.lock()[place] = Some(Arc::clone(&running));
            let age = world.draw(|random| random.ms(2_000, 40_000));
            let died = tokio::time::timeout(age, running.line.life.over()).await.is_ok();
            if !died && !world.is_rough() {
                running.line.life.over().await;
            } else if !died {
                let node = running.line.node;
                if world.draw(|random| random.chance(500)) {
                    world.note(format_args!("node {node} is killed"));
                    running.line.life.end();
                } else {
                    world.note(format_args!("node {node} is stopped"));
                    stage.nodes.lock()[place] = None;
                    running.workers.shutdown(Duration::from_secs(10)).await;
                    running.line.life.end();
                }
            }
            stage.nodes.lock()[place] = None;
        }
        tokio::time::sleep(world.draw(|random| random.ms(100, 3_000))).await;
    }
}

/// Takes the queue away now and then.
async fn break_queue(shared: Arc<Shared>) {
    let world = &shared.world;
    loop {
        tokio::time::sleep(world.draw(|random| random.ms(1_000, 20_000))).await;
        if !world.is_rough() {
            return;
        }
        let fault = world.draw(|random| *random.one_of(&[Fault::Unreachable, Fault::NotDurable]));
        world.note(format_args!("the queue breaks: {fault:?}"));
        shared.broker.set_fault(Some(fault));
        tokio::time::sleep(world.draw(|random| random.ms(100, 3_000))).await;
        world.note(format_args!("the queue is mended"));
        shared.broker.set_fault(None);
    }
}
