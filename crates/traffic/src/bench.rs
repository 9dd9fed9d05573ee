//! The measurements of the performance targets, against a server that runs already.
//!
//! Each phase can be run alone; [`Bench::run`] runs all of them. Who calls prepares the data, and
//! adds phases of its own (bare inserts, a store that does nothing) to the report to compare with.

use std::sync::Arc;
use std::time::Duration;

use scoreline_core::time::Clock;

use crate::client::{ClientError, Target};
use crate::load::{DRAIN, Load, Pace, SystemClock};
use crate::report::{Bound, Phase, Report};
use crate::workload::{Ingest, RankReads, Workload};

/// The name of [`Bench::acknowledgement`] in the report.
pub const ACKNOWLEDGEMENT: &str = "acknowledgement";
/// The name of [`Bench::saturation`] in the report.
pub const SATURATION: &str = "saturation";
/// The name of the reads of [`Bench::rank_reads`] in the report.
pub const RANK_READS: &str = "rank reads";
/// The name of the events of [`Bench::rank_reads`] in the report.
pub const EVENTS_BESIDE: &str = "events beside rank reads";

/// How much is asked of the server. The defaults are the targets of the design.
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
    /// The targets of the design, for a server with a million players.
    pub fn new(target: Target) -> Self {
        let run = SystemClock.now().as_ms();
        Self {
            target,
            players: 1_000_000,
            events_per_request: 20,
            acknowledgement_events_per_second: 1_000.0,
            saturation_connections: 64,
            reads_per_second: 20_000.0,
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

    /// All phases one after the other, with the goals that they are measured by.
    pub async fn run(&self) -> Result<Report, ClientError> {
        let mut report = Report { started_at: SystemClock.now().to_string(), ..Report::default() };
        report.phases.push(self.acknowledgement().await?);
        report.phases.push(self.saturation().await?);
        let (reads, events) = self.rank_reads().await?;
        report.phases.extend([reads, events]);
        expect_targets(&mut report);
        Ok(report)
    }

    /// How long an ordinary stream of events waits for its acknowledgements.
    pub async fn acknowledgement(&self) -> Result<Phase, ClientError> {
        let per_second = self.options.acknowledgement_events_per_second;
        self.events(ACKNOWLEDGEMENT, per_second).await
    }

    /// As many events as the server takes.
    pub async fn saturation(&self) -> Result<Phase, ClientError> {
        let connections = self.options.saturation_connections;
        let load = Load { connections, ..self.load(SATURATION, Pace::Closed) };
        load.run(Arc::clone(&self.ingest) as Arc<dyn Workload>).await
    }

    /// Rank reads, and events that change ranks meanwhile.
    pub async fn rank_reads(&self) -> Result<(Phase, Phase), ClientError> {
        let pace = Pace::Open { per_second: self.options.reads_per_second };
        let reads = self.load(RANK_READS, pace).run(Arc::clone(&self.reads) as Arc<dyn Workload>);
        let events = self.events(EVENTS_BESIDE, self.options.events_beside_reads_per_second);
        tokio::try_join!(reads, events)
    }

    async fn events(&self, name: &str, events_per_second: f64) -> Result<Phase, ClientError> {
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

/// Notes the targets of the design for those phases that the report has.
pub fn expect_targets(report: &mut Report) {
    let ms = |us: u64| us as f64 / 1_000.0;
    let found = |name: &str| report.phase(name).cloned();
    let phases = [ACKNOWLEDGEMENT, SATURATION, RANK_READS].map(found);
    let [acknowledgement, saturation, reads] = phases;
    if let Some(phase) = acknowledgement {
        report.expect("acknowledgement p99 in ms", ms(phase.p99_us), Bound::AtMost(25.0));
    }
    if let Some(phase) = saturation {
        report.expect("events a second", phase.events_per_second, Bound::AtLeast(80_000.0));
    }
    if let Some(phase) = reads {
        // The schedule asks for exactly this many; what is short of it by less than a hundredth is
        // the end of the last second.
        report.expect("rank reads a second", phase.per_second, Bound::AtLeast(19_800.0));
        report.expect("rank read p99 in ms", ms(phase.p99_us), Bound::AtMost(5.0));
    }
}
