//! One measurement: what it is about, what has been found so far, and a folder for what it needs.

use std::path::PathBuf;
use std::time::Duration;

use scoreline_core::time::Clock;
use scoreline_server::SystemClock;
use scoreline_traffic::bench::{Bench, BenchOptions};
use scoreline_traffic::client::Target;
use scoreline_traffic::report::{Phase, Report};
use tempfile::TempDir;

use crate::error::{Error, Result};
use crate::measured::Measured;

/// The name of the phase in which nothing is stored.
pub const NOTHING_STORED: &str = "a store that does nothing";
/// The name of the phase in which the whole server works on an empty store.
pub const END_TO_END: &str = "end to end, empty store";

/// What a server is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// SQLite, everything in one process.
    Embedded,
    /// PostgreSQL.
    Postgres,
    /// PostgreSQL, and a queue on Redis before it.
    Queue,
}

impl Profile {
    /// The name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Postgres => "postgres",
            Self::Queue => "queue",
        }
    }
}

/// What is to be measured.
pub struct Options {
    /// The program whose servers are measured: one that knows the commands `serve` and
    /// [`crate::forgetful::COMMAND`].
    pub program: PathBuf,
    /// What its servers are made of.
    pub profile: Profile,
    /// Players on the board.
    pub players: u64,
    /// Events stored before the measurements of a filled store; 0 leaves those out.
    pub stored: u64,
    /// How long each phase is measured.
    pub duration: Duration,
    /// Told what is being measured.
    pub note: crate::Note,
}

/// A measurement under way.
pub(crate) struct Measurement {
    pub program: PathBuf,
    pub options: BenchOptions,
    pub stored: u64,
    pub report: Report,
    pub folder: TempDir,
    pub say: crate::Note,
}

/// An empty folder that goes away with its value.
pub(crate) fn folder() -> Result<TempDir> {
    TempDir::with_prefix("scoreline-bench-").map_err(Error::system("a temporary folder"))
}

/// Microseconds as milliseconds.
pub(crate) fn ms(us: u64) -> f64 {
    us as f64 / 1_000.0
}

impl Measurement {
    pub fn begin(wanted: Options) -> Result<Self> {
        let mut options = BenchOptions::new(Target::parse("127.0.0.1:1")?);
        (options.players, options.duration) = (wanted.players, wanted.duration);
        let report = Report { started_at: SystemClock.now().to_string(), ..Report::default() };
        let mut measurement = Self {
            program: wanted.program,
            options,
            stored: wanted.stored,
            report,
            folder: folder()?,
            say: wanted.note,
        };
        measurement.set("profile", wanted.profile.as_str().to_owned());
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let setting = [
            ("cores, generator included", cores as u64),
            ("players", wanted.players),
            ("events stored in the filled store", wanted.stored),
            ("seconds of each phase", wanted.duration.as_secs()),
        ];
        for (name, value) in setting {
            measurement.set(name, value.to_string());
        }
        Ok(measurement)
    }

    /// Notes the circumstances of the measurement.
    pub fn set(&mut self, name: &str, value: String) {
        self.report.setting.insert(name.to_owned(), value);
    }

    /// Reports the result of a phase, and notes it.
    pub fn note(&mut self, phase: Phase) -> Phase {
        (self.say)(format_args!("  {}", phase.summary()));
        self.report.phases.push(phase.clone());
        phase
    }

    /// Starts a server by a command, with its data in a folder of this name and these variables of the
    /// environment.
    pub async fn serve(
        &self,
        command: &str,
        folder: &str,
        settings: &[(&str, &str)],
    ) -> Result<Measured> {
        Measured::start(&self.program, command, &self.folder.path().join(folder), settings).await
    }

    /// The load for a server.
    pub fn bench(&self, measured: &Measured) -> Bench {
        let mut options = self.options.clone();
        options.target = measured.target.clone();
        Bench::new(options)
    }
}
