//! The profiles that nodes can share: PostgreSQL, and PostgreSQL with the Redis queue.
//!
//! Both servers are the measurement's own and go away with it, so that every run starts from the
//! same state and nobody's database is touched. How much was applied is what the database says, not
//! what was answered.

pub mod ceilings;
mod costs;
pub mod database;
mod queue;
pub mod servers;

use std::time::{Duration, Instant};

use scoreline_traffic::bench::{Bench, RANK_READS_AT_MOST};
use scoreline_traffic::report::{Bound, Phase, Table, rate};

use crate::error::Result;
use crate::forgetful;
use crate::measured::Measured;
use crate::measurement::{END_TO_END, Measurement, NOTHING_STORED, ms};
use ceilings::Source;
use database::Database;
use scoreline_throwaway::Postgres;
use servers::Redis;

/// The part of COPY that must be reached without a queue.
const WANTED_OF_COPY: f64 = 0.40;
/// The part of the rate without a queue that must be reached with one.
const WANTED_OF_DIRECT: f64 = 0.65;
/// The name of the phase without a queue, where there is one.
const DIRECT: &str = "end to end without the queue";
/// The part of that rate that must be left with many events stored.
const WANTED_FILLED: f64 = 0.85;
/// The part of the embedded profile's rank reads, as many as it answers, that a node must answer.
const WANTED_OF_EMBEDDED: f64 = 0.5;
/// The name of the phase in which an embedded server answers them.
const EMBEDDED_READS: &str = "rank reads of an embedded server, as many as it answers";
/// Seconds that a node may take to start with all players on its boards, and its megabytes then.
const START_S_MAX: f64 = 10.0;
const NODE_MB_MAX: f64 = 200.0;
/// Rank reads a second, and events beside them. Their rows are read from the database one by one.
const READS_PER_SECOND: f64 = 2_000.0;

/// The measurement of a profile, with its servers.
struct Shared<'m> {
    measurement: &'m mut Measurement,
    postgres: Postgres,
    redis: Option<Redis>,
    databases: u32,
    costs: Table,
    /// Events applied a second with an empty store.
    with_empty_store: f64,
}

/// Measures PostgreSQL, with the queue or without.
pub async fn measure(measurement: &mut Measurement, with_queue: bool) -> Result<()> {
    let postgres = servers::postgres()?;
    let version = postgres.ask("postgres", "SHOW server_version")?;
    measurement.set("PostgreSQL", version.trim().to_owned());
    let redis = if with_queue { Some(Redis::start()?) } else { None };
    if let Some(redis) = &redis {
        measurement.set("Redis, appendfsync always", redis.version()?);
    }
    let costs = costs::table();
    let mut shared =
        Shared { measurement, postgres, redis, databases: 0, costs, with_empty_store: 0.0 };
    shared.ceilings().await?;
    shared.empty_store().await?;
    if with_queue {
        shared.freshness().await?;
    }
    if shared.measurement.stored > 0 {
        shared.filled_store().await?;
    }
    let costs = std::mem::take(&mut shared.costs);
    shared.measurement.report.tables.push(costs);
    Ok(())
}

impl Shared<'_> {
    /// An empty database, and an empty Redis.
    async fn fresh(&mut self) -> Result<Database> {
        if self.databases > 0 {
            let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name());
            self.postgres.ask("postgres", &sql)?;
        }
        self.databases += 1;
        if let Some(redis) = &self.redis {
            redis.empty()?;
        }
        servers::database(&self.postgres, &self.name()).await
    }

    /// The Redis of a measurement that has one.
    fn redis(&self) -> &Redis {
        self.redis.as_ref().expect("only the queue is asked about it")
    }

    fn name(&self) -> String {
        format!("bench_{}", self.databases)
    }

    /// A node on a database, with these settings beside.
    async fn node(
        &self,
        database: &Database,
        folder: &str,
        settings: &[(&str, &str)],
    ) -> Result<Measured> {
        let mut all = vec![("DATABASE_URL", &*database.url)];
        let url = self.redis.as_ref().map(Redis::url);
        if let Some(url) = &url {
            // One phase shows what a Redis that syncs only once a second would gain.
            all.extend([("REDIS_URL", &**url), ("SCORELINE_QUEUE_ACCEPTS", "unsynced")]);
        }
        all.extend(settings);
        self.measurement.serve("serve", folder, &all).await
    }

    /// The load for a node, of events that were never sent before.
    fn bench(&mut self, node: &Measured) -> Bench {
        self.measurement.options.run += 1;
        self.measurement.bench(node)
    }

    /// The same load without a warm-up, so that every event is counted.
    fn exact_bench(&mut self, node: &Measured, duration: Duration) -> Bench {
        self.measurement.options.run += 1;
        let mut options = self.measurement.options.clone();
        options.target = node.target.clone();
        (options.warm_up, options.duration) = (Duration::ZERO, duration);
        Bench::new(options)
    }

    fn source(&mut self) -> Source {
        self.measurement.options.run += 1;
        let options = &self.measurement.options;
        Source::new(options.events_per_request, options.players, options.run)
    }

    async fn ceilings(&mut self) -> Result<()> {
        (self.measurement.say)(format_args!(
            "The ceilings: COPY, the fold, the store alone, and a store that does nothing"
        ));
        let length = self.measurement.options.duration;
        let mut source = self.source();
        let database = self.prepared().await?;
        let (store, plan) = ceilings::open(&database).await?;
        let fold = ceilings::fold(&mut source, &plan, length / 2)?;
        self.measurement.note(fold);
        let (best, table) = ceilings::batch_sizes(&mut source, (&store, &plan), length / 2).await?;
        self.measurement.note(best);
        self.measurement.report.tables.push(table);
        drop(store);
        let database = self.prepared().await?;
        let copied = ceilings::copy(&mut source, &database, length).await?;
        self.measurement.note(copied);
        let node = self.measurement.serve(forgetful::COMMAND, "nothing", &[]).await?;
        let nothing = self.bench(&node).saturation(NOTHING_STORED).await?;
        self.measurement.note(nothing);
        Ok(())
    }

    /// An empty database that a server has seen.
    async fn prepared(&mut self) -> Result<Database> {
        let database = self.fresh().await?;
        self.node(&database, "prepared", &[]).await?.stop().await?;
        Ok(database)
    }

    async fn empty_store(&mut self) -> Result<()> {
        (self.measurement.say)(format_args!("An empty store"));
        let database = self.fresh().await?;
        let node = self.node(&database, "empty", &[]).await?;
        let acknowledgement = self.bench(&node).acknowledgement().await?;
        let acknowledgement = self.measurement.note(acknowledgement);
        let report = &mut self.measurement.report;
        let p99 = ms(acknowledgement.p99_us);
        report.expect("acknowledgement p99 in ms", p99, Bound::AtMost(25.0));
        let rate = self.saturate(&node, &database, END_TO_END).await?;
        self.with_empty_store = rate;
        let report = &mut self.measurement.report;
        for ceiling in [ceilings::COPY, ceilings::FOLD, ceilings::APPLY, NOTHING_STORED] {
            let of = report.phase(ceiling).map_or(0.0, |phase| phase.events_per_second);
            let name = format!("{END_TO_END} by {ceiling}");
            if ceiling == ceilings::COPY && self.redis.is_none() {
                report.expect_ratio(&name, rate, of, WANTED_OF_COPY);
            } else {
                report.compare(&name, rate, of);
            }
        }
        if self.redis.is_some() {
            self.other_sync(&node, &database).await?;
        }
        node.stop().await?;
        if self.redis.is_some() {
            self.workers(&database).await?;
            self.without_queue(rate).await?;
        }
        Ok(())
    }

    /// The same load on a node that has no queue, with which one that has is compared.
    async fn without_queue(&mut self, queued: f64) -> Result<()> {
        let database = self.fresh().await?;
        let settings = [("DATABASE_URL", &*database.url)];
        let node = self.measurement.serve("serve", "direct", &settings).await?;
        let direct = self.saturate(&node, &database, DIRECT).await?;
        let name = format!("{END_TO_END} by {DIRECT}");
        self.measurement.report.expect_ratio(&name, queued, direct, WANTED_OF_DIRECT);
        node.stop().await
    }

    /// Sends as many events as the node takes. Answers how many were applied a second, from the
    /// first request until the database had the last of them.
    async fn saturate(&mut self, node: &Measured, database: &Database, name: &str) -> Result<f64> {
        self.warm_up(node, database).await?;
        let before = database.applied().await?;
        let used = self.used(node, database).await?;
        let bench = self.exact_bench(node, self.measurement.options.duration);
        let begun = Instant::now();
        let acknowledged = bench.saturation(name).await?;
        let acknowledged = self.measurement.note(acknowledged);
        let (after, last) = database.wait_for(before + acknowledged.accepted).await?;
        let used_then = self.used(node, database).await?;
        let applied = after - before;
        self.note_costs(name, applied, &used, &used_then);
        let seconds = last.duration_since(begun).as_secs_f64().max(acknowledged.seconds);
        if self.redis.is_some() {
            self.measurement.note(Phase::of_events(&format!("{name}: applied"), applied, seconds));
        }
        self.none_missing(name, acknowledged.accepted, applied);
        Ok(rate(applied, seconds))
    }

    /// Checks that the database has exactly the events that were acknowledged.
    fn none_missing(&mut self, name: &str, acknowledged: u64, applied: u64) {
        self.measurement.report.expect(
            &format!("events lost or doubled, {name}"),
            acknowledged.abs_diff(applied) as f64,
            Bound::AtMost(0.0),
        );
    }

    /// Sends load that is not counted, and waits until all of it is applied.
    async fn warm_up(&mut self, node: &Measured, database: &Database) -> Result<()> {
        let before = database.applied().await?;
        let bench = self.exact_bench(node, self.measurement.options.warm_up);
        let warm_up = bench.saturation("warm-up").await?;
        database.wait_for(before + warm_up.accepted).await?;
        Ok(())
    }

    async fn filled_store(&mut self) -> Result<()> {
        let (players, stored) = (self.measurement.options.players, self.measurement.stored);
        (self.measurement.say)(format_args!("A store with {players} players and {stored} events"));
        let database = self.fresh().await?;
        let node = self.node(&database, "filled", &[]).await?;
        let bytes = (database.event_bytes().await?, database.bytes().await?);
        let begun = Instant::now();
        let bench = self.bench(&node);
        let placing = bench.place_players().await?;
        let placing = self.measurement.note(placing);
        let storing = bench.store(stored.saturating_sub(players)).await?;
        let storing = self.measurement.note(storing);
        let sent = placing.accepted + storing.accepted;
        let (applied, last) = database.wait_for(sent).await?;
        self.none_missing("filling", sent, applied);
        let seconds = last.duration_since(begun).as_secs_f64();
        self.measurement.note(Phase::of_events("filling: applied", applied, seconds));
        self.note_bytes(&database, bytes, applied).await?;
        database.settle().await?;

        let name = format!("end to end, {stored} events stored");
        let filled = self.saturate(&node, &database, &name).await?;
        let by_empty = format!("{name} by {END_TO_END}");
        let empty = self.with_empty_store;
        self.measurement.report.expect_ratio(&by_empty, filled, empty, WANTED_FILLED);
        let bench = self.exact_reads(&node);
        let (reads, events) = bench.rank_reads().await?;
        let at_most = bench.rank_reads_at_most().await?;
        let answered = at_most.per_second;
        for phase in [events, reads, at_most] {
            self.measurement.note(phase);
        }
        node.stop().await?;
        self.started_again(&database).await?;
        self.embedded_reads(answered).await
    }

    /// Starts with all players on the boards.
    async fn started_again(&mut self, database: &Database) -> Result<()> {
        let node = self.node(database, "again", &[]).await?;
        let players = self.measurement.options.players;
        let report = &mut self.measurement.report;
        let name = format!("seconds to start, {players} players");
        report.expect(&name, node.start.as_secs_f64(), Bound::AtMost(START_S_MAX));
        if let Some(resident) = node.resident_mb() {
            let name = "megabytes of a node after that start";
            report.expect(name, resident, Bound::AtMost(NODE_MB_MAX));
        }
        node.stop().await
    }

    /// The same reads of an embedded server with as many players, with which a node is compared.
    async fn embedded_reads(&mut self, answered: f64) -> Result<()> {
        let server = self.measurement.serve("serve", "embedded", &[]).await?;
        let bench = self.bench(&server);
        bench.place_players().await?;
        let reads = Phase { name: EMBEDDED_READS.to_owned(), ..bench.rank_reads_at_most().await? };
        let reads = self.measurement.note(reads);
        let name = format!("{RANK_READS_AT_MOST} by {EMBEDDED_READS}");
        let report = &mut self.measurement.report;
        report.expect_ratio(&name, answered, reads.per_second, WANTED_OF_EMBEDDED);
        server.stop().await
    }

    fn exact_reads(&mut self, node: &Measured) -> Bench {
        self.measurement.options.run += 1;
        let mut options = self.measurement.options.clone();
        options.target = node.target.clone();
        options.reads_per_second = READS_PER_SECOND;
        Bench::new(options)
    }

    /// Notes what the database takes on disk.
    async fn note_bytes(
        &mut self,
        database: &Database,
        (events_before, all_before): (u64, u64),
        events: u64,
    ) -> Result<()> {
        let of_events = database.event_bytes().await?.saturating_sub(events_before);
        let all = database.bytes().await?.saturating_sub(all_before);
        let players = self.measurement.options.players;
        let mut table = Table::new("on disk, bytes", &["each"]);
        table.add("a raw event with its indexes", &[of_events as f64 / events.max(1) as f64]);
        let derived = all.saturating_sub(of_events) as f64;
        table.add("what is derived, by player", &[derived / players.max(1) as f64]);
        self.measurement.report.tables.push(table);
        Ok(())
    }
}
