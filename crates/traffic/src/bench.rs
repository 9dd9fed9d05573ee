//! The measurements of the performance targets, against a server that runs already.
//!
//! Each phase is run alone, on whatever server the caller prepared: an empty one, a filled one, one
//! that stores nothing.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::time::Clock;

use crate::client::{ClientError, Target};
use crate::load::{DRAIN, Load, Pace, SystemClock};
use crate::players::scatter;
use crate::report::Phase;
use crate::workload::{FirstGames, Ingest, RankReads, Workload};

/// The name of [`Bench::acknowledgement`] in the report.
pub const ACKNOWLEDGEMENT: &str = "acknowledgement";
/// The name of the reads of [`Bench::rank_reads`] in the report.
pub const RANK_READS: &str = "rank reads";
/// The name of [`Bench::rank_reads_at_most`] in the report.
pub const RANK_READS_AT_MOST: &str = "rank reads, as many as it answers";
/// The name of the events of [`Bench::rank_reads`] in the report.
pub const EVENTS_BESIDE: &str = "events beside rank reads";

/// Events in a request while a store is filled.
const FILL_EVENTS: usize = 500;
/// Connections that fill a store.
const FILL_CONNECTIONS: usize = 8;
/// How long filling may take.
const FILL_DURATION_MAX: Duration = Duration::from_secs(3_600);

/// How much load the server is given. The defaults are the performance targets.
#[derive(Debug, Clone)]
pub struct BenchOptions {
    /// The server.
    pub target: Target,
    /// Players that take part: the first of [`crate::players::player_id`].
    pub players: u64,
    /// Events in a request.
    pub events_per_request: usize,
    /// Events a second while acknowledgements are measured.
    pub acknowledgement_events_per_second: f64,
    /// Connections at saturation.
    pub saturation_connections: usize,
    /// Rank reads a second.
    pub reads_per_second: f64,
    /// Events a second beside them.
    pub events_beside_reads_per_second: f64,
    /// Connections of an open loop.
    pub connections: usize,
    /// How long each phase runs before it is measured.
    pub warm_up: Duration,
    /// How long each phase is measured.
    pub duration: Duration,
    /// Sets the events of this run apart from those of any other on the same store.
    pub run: u64,
}

impl BenchOptions {
    /// The performance targets, for a server with a million players.
    pub fn new(target: Target) -> Self {
        let run = SystemClock.now().as_ms();
        Self {
            target,
            players: 1_000_000,
            events_per_request: 20,
            acknowledgement_events_per_second: 1_000.0,
            saturation_connections: 256,
            // One hundredth above the target, because the last second of a schedule is not whole.
            reads_per_second: 20_200.0,
            events_beside_reads_per_second: 2_000.0,
            connections: 64,
            warm_up: Duration::from_secs(2),
            duration: Duration::from_secs(10),
            run: run.unsigned_abs(),
        }
    }
}

/// Measurements of one server.
pub struct Bench {
    options: BenchOptions,
    ingest: Arc<Ingest>,
    reads: Arc<RankReads>,
}

impl Bench {
    /// Prepares the requests.
    pub fn new(options: BenchOptions) -> Self {
        let ingest = Ingest::new(options.events_per_request, options.players, options.run);
        let reads = RankReads::new(options.players);
        Self { options, ingest: Arc::new(ingest), reads: Arc::new(reads) }
    }

    /// How long an ordinary stream of events waits for its acknowledgements.
    pub async fn acknowledgement(&self) -> Result<Phase, ClientError> {
        let per_second = self.options.acknowledgement_events_per_second;
        self.events(ACKNOWLEDGEMENT, per_second).await
    }

    /// As many events as the server takes.
    pub async fn saturation(&self, name: &str) -> Result<Phase, ClientError> {
        let connections = self.options.saturation_connections;
        let load = Load { connections, ..self.load(name, Pace::Closed) };
        load.run(Arc::clone(&self.ingest) as Arc<dyn Workload>).await
    }

    /// Sends this many events as fast as the server takes them, without a warm-up.
    pub async fn burst(&self, name: &str, events: u64) -> Result<Phase, ClientError> {
        let requests = events.div_ceil(self.options.events_per_request.max(1) as u64);
        let load = Load {
            connections: self.options.saturation_connections,
            warm_up: Duration::ZERO,
            duration: FILL_DURATION_MAX,
            requests_max: Some(requests),
            ..self.load(name, Pace::Closed)
        };
        load.run(Arc::clone(&self.ingest) as Arc<dyn Workload>).await
    }

    /// Puts every player on the board, by one game each.
    pub async fn place_players(&self) -> Result<Phase, ClientError> {
        let games = FirstGames::new(self.options.players);
        let requests = games.requests();
        self.fill("placing players", requests, Arc::new(games)).await
    }

    /// Stores this many more events.
    pub async fn store(&self, events: u64) -> Result<Phase, ClientError> {
        let ingest = Ingest::new(FILL_EVENTS, self.options.players, scatter(self.options.run));
        let requests = events.div_ceil(FILL_EVENTS as u64);
        self.fill("storing events", requests, Arc::new(ingest)).await
    }

    /// Stores this many more events, as many of one player as of another.
    pub async fn store_in_turn(&self, events: u64) -> Result<Phase, ClientError> {
        let ingest = Ingest::new(FILL_EVENTS, self.options.players, scatter(self.options.run));
        let requests = events.div_ceil(FILL_EVENTS as u64);
        self.fill("storing events", requests, Arc::new(ingest.in_turn())).await
    }

    async fn fill(
        &self,
        name: &str,
        requests: u64,
        workload: Arc<dyn Workload>,
    ) -> Result<Phase, ClientError> {
        let load = Load {
            connections: FILL_CONNECTIONS,
            warm_up: Duration::ZERO,
            duration: FILL_DURATION_MAX,
            requests_max: Some(requests),
            ..self.load(name, Pace::Closed)
        };
        load.run(workload).await
    }

    /// Rank reads, and events that change ranks meanwhile.
    pub async fn rank_reads(&self) -> Result<(Phase, Phase), ClientError> {
        let pace = Pace::Open { per_second: self.options.reads_per_second };
        let reads = self.load(RANK_READS, pace).run(Arc::clone(&self.reads) as Arc<dyn Workload>);
        let events = self.events(EVENTS_BESIDE, self.options.events_beside_reads_per_second);
        tokio::try_join!(reads, events)
    }

    /// As many rank reads as the server answers, with nothing else to do: what is left above the
    /// schedule of [`Bench::rank_reads`].
    pub async fn rank_reads_at_most(&self) -> Result<Phase, ClientError> {
        let load = self.load(RANK_READS_AT_MOST, Pace::Closed);
        load.run(Arc::clone(&self.reads) as Arc<dyn Workload>).await
    }

    /// Sends this many events a second, whatever the server does.
    pub async fn events(&self, name: &str, events_per_second: f64) -> Result<Phase, ClientError> {
        let per_second = events_per_second / self.options.events_per_request.max(1) as f64;
        let load = self.load(name, Pace::Open { per_second });
        load.run(Arc::clone(&self.ingest) as Arc<dyn Workload>).await
    }

    fn load(&self, name: &str, pace: Pace) -> Load {
        Load {
            name: name.to_owned(),
            target: self.options.target.clone(),
            pace,
            connections: self.options.connections,
            warm_up: self.options.warm_up,
            duration: self.options.duration,
            drain: DRAIN,
            requests_max: None,
            clock: Arc::new(SystemClock),
        }
    }
}
