//! A server of its own to play against, with throw-away databases. Everything ends with its value.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use scoreline_bench::{Measured, Profile, forget_settings, servers};
use scoreline_core::time::Timestamp;
use scoreline_server::DataDir;
use scoreline_throwaway::Postgres;
use scoreline_traffic::client::Target;
use tempfile::TempDir;

use crate::cable::Cable;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::time_source::ClockFile;

/// The database of a stand that has PostgreSQL.
const DATABASE: &str = "simulated";
/// What operators show; the server listens on loopback and ends soon.
const TOKEN: &str = "the-token-of-a-throw-away-server";

/// How often it is looked whether somebody wants an end.
const LOOK_EVERY: Duration = Duration::from_millis(100);

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
    /// Ways that can be cut, where there are any.
    pub(crate) cables: Option<Cables>,
    clock: Option<ClockFile>,
    /// What starts the server.
    program: PathBuf,
    folder: TempDir,
}

/// The ways between clients, the server and its databases.
pub(crate) struct Cables {
    pub clients: Cable,
    pub database: Option<Cable>,
    pub queue: Option<Cable>,
}

impl Stand {
    /// Starts everything.
    pub async fn start(options: StandOptions) -> Result<Self> {
        let mut stand = Self::prepare(options)?;
        stand.run_server().await?;
        Ok(stand)
    }

    /// Starts everything, with ways between all parts that can be cut.
    pub(crate) async fn start_with_cables(options: StandOptions) -> Result<Self> {
        let mut stand = Self::prepare(options)?;
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let mut cables =
            Cables { clients: Cable::to(local(1)).await?, database: None, queue: None };
        if let Some(postgres) = &stand.postgres {
            cables.database = Some(Cable::to(local(postgres.port())).await?);
        }
        if let Some(redis) = &stand.redis {
            cables.queue = Some(Cable::to(local(redis.port())).await?);
        }
        stand.cables = Some(cables);
        stand.run_server().await?;
        Ok(stand)
    }

    fn prepare(options: StandOptions) -> Result<Self> {
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
        let program = heedless_of_limits(&options.program, folder.path())?;
        let (server, cables) = (None, None);
        Ok(Self { options, postgres, redis, server, cables, clock, program, folder })
    }

    /// Starts the server, on what it had stored if it ran before.
    pub(crate) async fn run_server(&mut self) -> Result<()> {
        let settings = self.settings();
        let settings: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (*name, &**value)).collect();
        let data = self.data();
        let server = Measured::start(&self.program, "serve", &data, &settings).await?;
        if let Some(cables) = &self.cables {
            let address = DataDir::running(&data).map(|server| server.address);
            let gone = || Error::Late("the server is gone right after its start".to_owned());
            cables.clients.lead_to(address.ok_or_else(gone)?);
        }
        self.server = Some(server);
        Ok(())
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        // The same after every start, so that who has it once can go on.
        let mut settings = vec![("SCORELINE_ADMIN_TOKEN", TOKEN.to_owned())];
        let text = |path: &Path| path.display().to_string();
        let cables = self.cables.as_ref();
        if let Some(postgres) = &self.postgres {
            let cable = cables.and_then(|cables| cables.database.as_ref());
            settings
                .push(("DATABASE_URL", through(postgres.url(DATABASE), postgres.port(), cable)));
        }
        if let Some(redis) = &self.redis {
            let cable = cables.and_then(|cables| cables.queue.as_ref());
            settings.push(("REDIS_URL", through(redis.url(), redis.port(), cable)));
        }
        if let Some(game) = &self.options.game {
            settings.push(("SCORELINE_GAME", text(game)));
        }
        if self.options.virtual_start.is_some() {
            settings.push(("SCORELINE_VIRTUAL_CLOCK", text(&self.folder.path().join("clock"))));
        }
        settings
    }

    /// Where the server has its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where to play: nobody else does. The clock goes along, once.
    pub fn place(&mut self, start: Timestamp) -> Result<Place> {
        let server =
            self.server.as_ref().ok_or_else(|| Error::Late("no server runs".to_owned()))?;
        let (mut target, mut operator) = (server.target.clone(), server.operator()?);
        if let Some(cables) = &self.cables {
            let address = cables.clients.address().to_string();
            (target, operator) = (Target::parse(&address)?, operator.at(&address)?);
        }
        Ok(Place {
            target,
            operator: Some(operator),
            clock: self.clock.take(),
            start,
            is_alone: true,
            cup_length_ms: None,
        })
    }

    /// The clock of the server, once.
    pub(crate) fn take_clock(&mut self) -> Option<ClockFile> {
        self.clock.take()
    }

    /// Megabytes that the server had at most.
    pub fn server_megabytes(&self) -> Option<f64> {
        peak_megabytes(&self.server.as_ref()?.pid().to_string())
    }

    /// Whether `scoreline verify` finds nothing; `None` if `stop` was said meanwhile: of millions of events it
    /// takes minutes.
    pub async fn verify(&self, stop: &AtomicBool) -> Result<Option<bool>> {
        let mut verify = tokio::process::Command::new(&self.options.program);
        forget_settings(verify.as_std_mut());
        verify.arg("verify").arg("--data-dir").arg(self.data()).envs(self.settings());
        verify.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Whoever stopped the play wants to know of what was played.
        let was_stopped = stop.load(Ordering::Relaxed);
        let is_stopped = || stop.load(Ordering::Relaxed) && !was_stopped;
        let failed = || Error::system("scoreline verify");
        let mut verify = verify.kill_on_drop(true).spawn().map_err(failed())?;
        let status = loop {
            tokio::select! {
                status = verify.wait() => break status.map_err(failed())?,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if is_stopped() {
                return Ok(None);
            }
        };
        match status.code() {
            // Ctrl-C in a terminal reaches both.
            _ if is_stopped() => Ok(None),
            Some(0) => Ok(Some(true)),
            Some(1) => Ok(Some(false)),
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

/// A program that is the given one, and does not end where its files may not grow: writing fails there, as on a full
/// disk.
fn heedless_of_limits(program: &Path, folder: &Path) -> Result<PathBuf> {
    let failed = || Error::system("a script that starts the server");
    let quoted = program.display().to_string().replace('\'', r"'\''");
    let script = folder.join("serve");
    let text = format!("#!/bin/sh\ntrap '' XFSZ\nexec '{quoted}' \"$@\"\n");
    std::fs::write(&script, text).map_err(failed())?;
    std::fs::set_permissions(&script, Permissions::from_mode(0o700)).map_err(failed())?;
    Ok(script)
}

/// An address with the port of a cable in place of its own.
fn through(url: String, port: u16, cable: Option<&Cable>) -> String {
    let Some(cable) = cable else { return url };
    url.replace(&format!(":{port}"), &format!(":{}", cable.address().port()))
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
