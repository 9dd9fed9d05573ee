//! The embedded profile: SQLite, everything in one process.

use scoreline_server::DataDir;
use scoreline_traffic::report::{Bound, Report};
use scoreline_traffic::workload::Ingest;

use crate::bare::{self, BARE};
use crate::error::{Error, Result};
use crate::forgetful;
use crate::measurement::{END_TO_END, Measurement, NOTHING_STORED, ms};

/// The folder of the store that is filled.
const FILLED: &str = "filled";

/// The part of the bare insert that the whole server must reach.
const WANTED_OF_BARE: f64 = 0.33;
/// The part of its rate with an empty store that must be left with many events stored.
const WANTED_FILLED: f64 = 0.85;
/// Bytes on disk that a stored event may take, with all that is derived from it.
const EVENT_BYTES_MAX: f64 = 220.0;
/// The part of the scheduled rank reads that must be answered.
const WANTED_OF_SCHEDULE: f64 = 0.99;

/// Measures the embedded profile.
pub async fn measure(measurement: &mut Measurement) -> Result<()> {
    measurement.ceilings().await?;
    measurement.empty_store().await?;
    if measurement.stored > 0 {
        measurement.filled_store().await?;
    }
    Ok(())
}

impl Measurement {
    async fn ceilings(&mut self) -> Result<()> {
        (self.say)(format_args!("The ceilings: bare inserts, and a store that does nothing"));
        let workload = Ingest::new(self.options.events_per_request, self.options.players, 1);
        let bare = bare::insert(self.folder.path(), &workload, self.options.duration)?;
        self.note(bare);
        let measured = self.serve(forgetful::COMMAND, "nothing", &[]).await?;
        let nothing = self.bench(&measured).saturation(NOTHING_STORED).await?;
        self.note(nothing);
        Ok(())
    }

    async fn empty_store(&mut self) -> Result<()> {
        (self.say)(format_args!("An empty store"));
        let measured = self.serve("serve", "empty", &[]).await?;
        let bench = self.bench(&measured);
        let acknowledgement = self.note(bench.acknowledgement().await?);
        let saturation = self.note(bench.saturation(END_TO_END).await?);
        let p99 = ms(acknowledgement.p99_us);
        self.report.expect("acknowledgement p99 in ms", p99, Bound::AtMost(25.0));
        let rate = saturation.events_per_second;
        let of = |report: &Report, ceiling: &str| {
            report.phase(ceiling).map_or(0.0, |phase| phase.events_per_second)
        };
        let (bare, nothing) = (of(&self.report, BARE), of(&self.report, NOTHING_STORED));
        self.report.expect_ratio(&format!("{END_TO_END} by {BARE}"), rate, bare, WANTED_OF_BARE);
        self.report.compare(&format!("{END_TO_END} by {NOTHING_STORED}"), rate, nothing);
        Ok(())
    }

    async fn filled_store(&mut self) -> Result<()> {
        let (players, stored) = (self.options.players, self.stored);
        (self.say)(format_args!("A store with {players} players and {stored} events"));
        let measured = self.serve("serve", FILLED, &[]).await?;
        let bench = self.bench(&measured);
        let placing = bench.place_players().await?;
        self.note(placing);
        let storing = bench.store(stored.saturating_sub(players)).await?;
        let storing = self.note(storing);
        // The log is merged into the file when the server ends.
        measured.stop().await?;
        self.expect_event_bytes(players + storing.accepted)?;
        let measured = self.serve("serve", FILLED, &[]).await?;
        let bench = self.bench(&measured);
        let name = format!("end to end, {stored} events stored");
        let rate = self.note(bench.saturation(&name).await?).events_per_second;
        measured.stop().await?;
        let empty = self.report.phase(END_TO_END).map_or(0.0, |phase| phase.events_per_second);
        let by_empty = format!("{name} by {END_TO_END}");
        self.report.expect_ratio(&by_empty, rate, empty, WANTED_FILLED);
        self.started_again().await
    }

    /// What an event takes on the disk, measured once everything is in one file.
    fn expect_event_bytes(&mut self, events: u64) -> Result<()> {
        let file = DataDir::database(&self.folder.path().join(FILLED));
        let file =
            std::fs::metadata(file).map_err(Error::system("the file of the filled store"))?;
        let bytes = file.len() as f64 / events.max(1) as f64;
        self.report.expect("bytes on disk, an event", bytes, Bound::AtMost(EVENT_BYTES_MAX));
        Ok(())
    }

    /// Starts with all players on the board, then reads ranks while events come in.
    async fn started_again(&mut self) -> Result<()> {
        let measured = self.serve("serve", FILLED, &[]).await?;
        let start_s = measured.start.as_secs_f64();
        let players = self.options.players;
        self.report.expect(
            &format!("seconds to start, {players} players"),
            start_s,
            Bound::AtMost(3.0),
        );
        if let Some(resident) = measured.resident_mb() {
            self.report.expect("megabytes after that start", resident, Bound::AtMost(150.0));
        }
        let bench = self.bench(&measured);
        let (reads, events) = bench.rank_reads().await?;
        self.note(events);
        let reads = self.note(reads);
        let (answered, scheduled) = (reads.per_second, self.options.reads_per_second);
        let name = "rank reads by those of the schedule";
        self.report.expect_ratio(name, answered, scheduled, WANTED_OF_SCHEDULE);
        self.report.expect("rank read p99 in ms", ms(reads.p99_us), Bound::AtMost(5.0));
        if let Some(resident) = measured.resident_mb() {
            self.report.expect("megabytes under that load", resident, Bound::AtMost(150.0));
        }
        // This phase is the last, because the promise about memory does not cover its load.
        let at_most = bench.rank_reads_at_most().await?;
        let at_most = self.note(at_most).per_second;
        self.report.compare("rank reads by as many as it answers", reads.per_second, at_most);
        measured.stop().await
    }
}
