//! A server of its own to play against, with throw-away databases. Everything ends with its value.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use scoreline_bench::{Measured, Profile, servers};
use scoreline_core::time::Timestamp;
use scoreline_server::config::SETTINGS;
use scoreline_throwaway::Postgres;
use tempfile::TempDir;

use crate::error::{Error, Result};
use crate::place::Place;
use crate::time_source::ClockFile;

/// The database of a stand that has PostgreSQL.
const DATABASE: &str = "simulated";

/// What the server is made of.
#[derive(Debug, Clone)]
pub struct StandOptions {
    /// The program that serves.
    pub program: PathBuf,
    /// Where it stores and queues.
    pub profile: Profile,
    /// A game definition; the sample otherwise.
    pub game: Option<PathBuf>,
    /// The time at which its clock stands at first; `None` is a server in real time.
    pub virtual_start: Option<Timestamp>,
}

/// A server with what it needs.
pub struct Stand {
    pub(crate) options: StandOptions,
    pub(crate) postgres: Option<Postgres>,
    pub(crate) redis: Option<servers::Redis>,
    pub(crate) server: Option<Measured>,
    clock: Option<ClockFile>,
    folder: TempDir,
}

impl Stand {
    /// Starts everything.
    pub async fn start(options: StandOptions) -> Result<Self> {
        let folder = TempDir::with_prefix("scoreline-stand-");
        let folder = folder.map_err(Error::system("a temporary folder"))?;
        let with_postgres = options.profile != Profile::Embedded;
        let postgres = if with_postgres { Some(servers::postgres()?) } else { None };
        if let Some(postgres) = &postgres {
            postgres.ask("postgres", &format!("CREATE DATABASE {DATABASE}"))?;
        }
        let with_redis = options.profile == Profile::Queue;
        let redis = if with_redis { Some(servers::Redis::start()?) } else { None };
        let clock = options
            .virtual_start
            .map(|time| ClockFile::create(&folder.path().join("clock"), time))
            .transpose()?;
        let mut stand = Self { options, postgres, redis, server: None, clock, folder };
        stand.run_server(&[]).await?;
        Ok(stand)
    }

    /// Starts the server, on what it had stored if it ran before, with some settings beside its own.
    pub(crate) async fn run_server(&mut self, more: &[(&str, &str)]) -> Result<()> {
        let mut settings = self.settings();
        settings.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let settings: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (*name, &**value)).collect();
        let data = self.data();
        self.server =
            Some(Measured::start(&self.options.program, "serve", &data, &settings).await?);
        Ok(())
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = Vec::new();
        let text = |path: &Path| path.display().to_string();
        if let Some(postgres) = &self.postgres {
            settings.push(("DATABASE_URL", postgres.url(DATABASE)));
        }
        if let Some(redis) = &self.redis {
            settings.push(("REDIS_URL", redis.url()));
        }
        if let Some(game) = &self.options.game {
            settings.push(("SCORELINE_GAME", text(game)));
        }
        if self.options.virtual_start.is_some() {
            settings.push(("SCORELINE_VIRTUAL_CLOCK", text(&self.folder.path().join("clock"))));
        }
        settings
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where to play: nobody else does. The clock goes along, once.
    pub fn place(&mut self, start: Timestamp) -> Result<Place> {
        let server =
            self.server.as_ref().ok_or_else(|| Error::Late("no server runs".to_owned()))?;
        Ok(Place {
            target: server.target.clone(),
            operator: Some(server.operator()?),
            clock: self.clock.take(),
            start,
            is_alone: true,
            cup_length_ms: None,
        })
    }

    /// Megabytes that the server had at most.
    pub fn server_megabytes(&self) -> Option<f64> {
        peak_megabytes(&self.server.as_ref()?.pid().to_string())
    }

    /// Whether `scoreline verify` finds nothing.
    pub async fn verify(&self) -> Result<bool> {
        let mut verify = tokio::process::Command::new(&self.options.program);
        for setting in SETTINGS {
            verify.env_remove(setting.env);
        }
        verify.arg("verify").arg("--data-dir").arg(self.data()).envs(self.settings());
        verify.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = verify.status().await.map_err(Error::system("scoreline verify"))?;
        match status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(Error::Late(format!("scoreline verify ended with {status}"))),
        }
    }

    /// Ends the server in order.
    pub async fn stop(mut self) -> Result<()> {
        match self.server.take() {
            Some(server) => Ok(server.stop().await?),
            None => Ok(()),
        }
    }
}

/// Megabytes that this program had at most.
pub fn own_megabytes() -> Option<f64> {
    peak_megabytes("self")
}

/// Megabytes that a process had at most; `None` where the system does not tell.
fn peak_megabytes(pid: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1_024.0 / 1e6)
}
