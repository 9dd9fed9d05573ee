//! `scoreline bench`: measures this machine, with servers and data of its own.
//!
//! Everything that is compared is measured in one run: the server as it is, the same server with a
//! store that does nothing, and the bare insert of the same events into the same database. What all
//! profiles share is here; what each measures is in `embedded` and `shared`.

mod bare;
mod embedded;
pub mod indexes;
mod measured;
mod processor_time;
mod shared;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::ArgMatches;
use scoreline_core::time::Clock;
use scoreline_server::SystemClock;
use scoreline_traffic::bench::{Bench, BenchOptions};
use scoreline_traffic::client::Target;
use scoreline_traffic::report::{Phase, Report};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::EXIT_FOUND;
use crate::output::{note, say};
use measured::Measured;

const NOTHING_STORED: &str = "a store that does nothing";
const END_TO_END: &str = "end to end, empty store";

/// What is measured, and where.
struct Measurement {
    options: BenchOptions,
    stored: u64,
    report: Report,
    folder: Folder,
}

/// A folder that goes away with its value.
struct Folder(PathBuf);

impl Folder {
    fn make() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("scoreline-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed here is left to the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub async fn run(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    tokio::select! {
        measured = measure(matches) => measured,
        // Whatever was started ends with the future, and its files go.
        () = interrupted() => anyhow::bail!("the measurement was interrupted"),
    }
}

async fn interrupted() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

async fn measure(matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let number = |name: &str| *matches.get_one::<u64>(name).expect("it has a default");
    let profile: &String = matches.get_one("profile").expect("it has a default");
    let mut options = BenchOptions::new(Target::parse("127.0.0.1:1")?);
    options.players = number("players");
    options.duration = Duration::from_secs(number("seconds"));
    let report = Report { started_at: SystemClock.now().to_string(), ..Report::default() };
    let folder = Folder::make()?;
    let mut measurement = Measurement { options, stored: number("stored"), report, folder };
    measurement.note_setting(profile);
    match profile.as_str() {
        "embedded" => measurement.embedded().await?,
        "postgres" => shared::measure(&mut measurement, false).await?,
        "queue" => shared::measure(&mut measurement, true).await?,
        other => unreachable!("clap knows no profile {other}"),
    }
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
    fn note_setting(&mut self, profile: &str) {
        self.set("profile", profile.to_owned());
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let setting = [
            ("cores, generator included", cores as u64),
            ("players", self.options.players),
            ("events stored in the filled store", self.stored),
            ("seconds of each phase", self.options.duration.as_secs()),
        ];
        for (name, value) in setting {
            self.set(name, value.to_string());
        }
    }

    /// Notes under which circumstances is measured.
    fn set(&mut self, name: &str, value: String) {
        self.report.setting.insert(name.to_owned(), value);
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
}
