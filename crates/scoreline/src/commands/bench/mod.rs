//! `scoreline bench`: measures this machine, with servers and data of its own.
//!
//! Everything that is compared is measured in one run: the server as it is, the same server with a
//! store that does nothing, and SQLite's bare insert of the same events.

mod bare;
pub mod indexes;
mod measured;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::ArgMatches;
use scoreline_core::time::Clock;
use scoreline_server::SystemClock;
use scoreline_traffic::bench::{Bench, BenchOptions};
use scoreline_traffic::client::Target;
use scoreline_traffic::report::{Bound, Phase, Report};
use scoreline_traffic::workload::Ingest;

use crate::cli::{EXIT_FOUND, SERVE_FORGETFUL};
use crate::output::{note, say};
use measured::Measured;

const NOTHING_STORED: &str = "a store that does nothing";
const END_TO_END: &str = "end to end, empty store";

/// What is measured, and where.
struct Measurement {
    folder: PathBuf,
    options: BenchOptions,
    stored: u64,
    report: Report,
}

/// The folder of a measurement goes away with it.
impl Drop for Measurement {
    fn drop(&mut self) {
        // What cannot be removed here is left to the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub async fn run(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let number = |name: &str| *matches.get_one::<u64>(name).expect("it has a default");
    let folder = std::env::temp_dir().join(format!("scoreline-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut options = BenchOptions::new(Target::parse("127.0.0.1:1")?);
    options.players = number("players");
    options.duration = Duration::from_secs(number("seconds"));
    let report = Report { started_at: SystemClock.now().to_string(), ..Report::default() };
    let mut measurement = Measurement { folder, options, stored: number("stored"), report };
    measurement.note_setting();
    measurement.ceilings().await?;
    measurement.empty_store().await?;
    measurement.filled_store().await?;
    let report = &measurement.report;
    let text = report.to_markdown();
    say!("{text}")?;
    write(matches, "json", &report.to_json())?;
    write(matches, "report", &text)?;
    Ok(if report.all_met() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FOUND) })
}

fn write(matches: &ArgMatches, name: &str, text: &str) -> anyhow::Result<()> {
    let Some(path) = matches.get_one::<PathBuf>(name) else { return Ok(()) };
    let path: &Path = path;
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

impl Measurement {
    fn note_setting(&mut self) {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let setting = [
            ("cores, generator included", cores as u64),
            ("players", self.options.players),
            ("events stored in the filled store", self.stored),
            ("seconds of each phase", self.options.duration.as_secs()),
        ];
        for (name, value) in setting {
            self.report.setting.insert(name.to_owned(), value.to_string());
        }
    }

    /// Says what is being measured, and notes what came of it.
    fn note(&mut self, phase: Phase) -> Phase {
        note!("  {}", phase.summary());
        self.report.phases.push(phase.clone());
        phase
    }

    fn bench(&self, measured: &Measured) -> Bench {
        let mut options = self.options.clone();
        options.target = measured.target.clone();
        Bench::new(options)
    }

    async fn ceilings(&mut self) -> anyhow::Result<()> {
        note!("The ceilings: bare inserts, and a store that does nothing");
        let workload = Ingest::new(self.options.events_per_request, self.options.players, 1);
        let bare = bare::insert(&self.folder, &workload, self.options.duration)?;
        self.note(bare);
        let measured = Measured::start(SERVE_FORGETFUL, &self.folder.join("nothing")).await?;
        let nothing = self.bench(&measured).saturation(NOTHING_STORED).await?;
        self.note(nothing);
        Ok(())
    }

    async fn empty_store(&mut self) -> anyhow::Result<()> {
        note!("An empty store");
        let measured = Measured::start("serve", &self.folder.join("empty")).await?;
        let bench = self.bench(&measured);
        let acknowledgement = self.note(bench.acknowledgement().await?);
        let saturation = self.note(bench.saturation(END_TO_END).await?);
        let p99 = ms(acknowledgement.p99_us);
        self.report.expect("acknowledgement p99 in ms", p99, Bound::AtMost(25.0));
        let rate = saturation.events_per_second;
        self.report.expect("events a second, end to end", rate, Bound::AtLeast(80_000.0));
        for ceiling in ["bare insert into SQLite", NOTHING_STORED] {
            let of = self.report.phase(ceiling).map_or(0.0, |phase| phase.events_per_second);
            self.report.compare(&format!("{END_TO_END} by {ceiling}"), rate, of);
        }
        Ok(())
    }

    async fn filled_store(&mut self) -> anyhow::Result<()> {
        let folder = self.folder.join("filled");
        let (players, stored) = (self.options.players, self.stored);
        note!("A store with {players} players and {stored} events");
        let measured = Measured::start("serve", &folder).await?;
        let bench = self.bench(&measured);
        let placing = bench.place_players().await?;
        self.note(placing);
        let storing = bench.store(stored.saturating_sub(players)).await?;
        self.note(storing);
        let name = format!("end to end, {stored} events stored");
        let rate = self.note(bench.saturation(&name).await?).events_per_second;
        measured.stop().await?;
        self.report.expect(
            &format!("events a second, {stored} stored"),
            rate,
            Bound::AtLeast(60_000.0),
        );
        let empty = self.report.phase(END_TO_END).map_or(0.0, |phase| phase.events_per_second);
        self.report.compare(&format!("{name} by {END_TO_END}"), rate, empty);
        self.started_again(&folder).await
    }

    /// A start with everybody on the board, then ranks read while events come in.
    async fn started_again(&mut self, folder: &Path) -> anyhow::Result<()> {
        let measured = Measured::start("serve", folder).await?;
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
        // The schedule asks for exactly 20,000; what is short of it by less than a hundredth is the
        // end of the last second.
        self.report.expect("rank reads a second", reads.per_second, Bound::AtLeast(19_800.0));
        self.report.expect("rank read p99 in ms", ms(reads.p99_us), Bound::AtMost(5.0));
        if let Some(resident) = measured.resident_mb() {
            self.report.expect("megabytes under that load", resident, Bound::AtMost(150.0));
        }
        // Last, because it is no load that the memory is promised under.
        let at_most = bench.rank_reads_at_most().await?;
        let at_most = self.note(at_most).per_second;
        self.report.compare("rank reads by as many as it answers", reads.per_second, at_most);
        measured.stop().await
    }
}
