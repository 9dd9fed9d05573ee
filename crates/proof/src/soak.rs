//! A soak: players in real time, while one thing after the other breaks, and the comparison in the end.
//!
//! Clients, the server and its databases speak through cables that can be cut. The server reads its clock
//! from a file that follows the real one, so that the clock can jump. What breaks next is drawn from the
//! seed; every kind comes once before one comes again.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use scoreline_bench::Profile;
use scoreline_core::game::Definition;
use scoreline_core::time::Clock;
use scoreline_server::{DataDir, SystemClock};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::cable::{Cable, Way};
use crate::chance::Chance;
use crate::error::{Error, Result};
use crate::players::world::{HOUR_MS, MINUTE_MS};
use crate::report::Report;
use crate::run::{Options, Simulation, Tell};
use crate::stand::{Stand, StandOptions, own_megabytes};
use crate::time_source::ClockFile;

/// The players are in their peak hour when it begins.
const INTO_THE_DAY_MS: i64 = 20 * HOUR_MS + 2 * MINUTE_MS;
/// Players of a day for each event a second in the peak hour: a fifth of 20 events in 3,600 seconds.
const PLAYERS_PER_RATE: f64 = 900.0;
/// How long a fault lasts at most.
const FAULT_MAX: Duration = Duration::from_secs(6);
/// How often the server's clock is set.
const CLOCK_EVERY: Duration = Duration::from_millis(50);
/// How far it jumps.
const JUMP_MS: i64 = HOUR_MS;
/// How a database stutters: it stands still for the first and works for the second.
const STUTTER: (Duration, Duration) = (Duration::from_millis(300), Duration::from_millis(100));

/// What is played, and what breaks.
#[derive(Debug, Clone)]
pub struct SoakOptions {
    /// The program that serves.
    pub program: PathBuf,
    /// What the server is made of.
    pub profile: Profile,
    /// A game definition file; the sample otherwise.
    pub game: Option<PathBuf>,
    /// How long.
    pub length: Duration,
    /// One fault in each such time.
    pub every: Duration,
    /// Events a second, about.
    pub events_per_second: f64,
    /// What decides who plays and what breaks.
    pub seed: u64,
    /// Connections of the players.
    pub connections: usize,
}

/// Something that breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    ServerKilled,
    ServerStands,
    ServerRestarted,
    ClientsCut,
    ClockJumps,
    DiskFull,
    DatabaseKilled,
    DatabaseCut,
    DatabaseSilent,
    DatabaseStutters,
    QueueKilled,
    QueueCut,
    QueueSilent,
}

impl Fault {
    const ALONE: [Self; 5] = [
        Self::ServerKilled,
        Self::ServerStands,
        Self::ServerRestarted,
        Self::ClientsCut,
        Self::ClockJumps,
    ];
    const OF_DATABASE: [Self; 4] =
        [Self::DatabaseKilled, Self::DatabaseCut, Self::DatabaseSilent, Self::DatabaseStutters];
    const OF_QUEUE: [Self; 3] = [Self::QueueKilled, Self::QueueCut, Self::QueueSilent];

    fn of(profile: Profile) -> Vec<Self> {
        let mut faults = Self::ALONE.to_vec();
        if profile == Profile::Embedded {
            faults.push(Self::DiskFull);
        } else {
            faults.extend(Self::OF_DATABASE);
        }
        if profile == Profile::Queue {
            faults.extend(Self::OF_QUEUE);
        }
        faults
    }

    fn words(self) -> &'static str {
        match self {
            Self::ServerKilled => "the server is killed and started again",
            Self::ServerStands => "the server stands still",
            Self::ServerRestarted => "the server is stopped in order and started again",
            Self::ClientsCut => "clients are cut off",
            Self::ClockJumps => "the clock jumps an hour ahead, and back",
            Self::DiskFull => "the disk is full",
            Self::DatabaseKilled => "PostgreSQL is killed and started again",
            Self::DatabaseCut => "PostgreSQL is cut off",
            Self::DatabaseSilent => "nothing gets through to PostgreSQL",
            Self::DatabaseStutters => "PostgreSQL stutters, as on a slow disk",
            Self::QueueKilled => "Redis is killed and started again",
            Self::QueueCut => "Redis is cut off",
            Self::QueueSilent => "nothing gets through to Redis",
        }
    }
}

/// Plays, breaks things, and compares.
pub async fn soak(
    definition: Definition,
    options: SoakOptions,
    (tell, stop): (Tell, Arc<AtomicBool>),
) -> Result<Report> {
    let now = SystemClock.now();
    let mut stand = Stand::start_with_cables(StandOptions {
        program: options.program.clone(),
        profile: options.profile,
        game: options.game.clone(),
        virtual_start: Some(now),
    })
    .await?;
    let clock = stand.take_clock().ok_or_else(|| Error::Late("there is no clock".to_owned()))?;
    let ahead_ms = Arc::new(AtomicI64::new(0));
    let turning = EndsWithIt(tokio::spawn(turn(clock, Arc::clone(&ahead_ms))));
    let mut place = stand.place(now.plus_ms(-INTO_THE_DAY_MS))?;
    // Several end while it lasts.
    let cup_ms = i64::try_from(options.length.as_millis()).unwrap_or(i64::MAX) / 5;
    place.cup_length_ms = Some(cup_ms.clamp(10_000, 10 * MINUTE_MS));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate")]
    let daily_players = (options.events_per_second * PLAYERS_PER_RATE).max(1.0) as u32;
    let players =
        Options { daily_players, days: 1, seed: options.seed, connections: options.connections };
    let simulation = Simulation::new(definition, players, place, (tell, Arc::clone(&stop)));
    let playing = simulation.play_in_real_time(options.length);
    let breaking = break_things(&mut stand, &options, &ahead_ms, &stop);
    let (report, faults) = tokio::join!(playing, breaking);
    let mut report = report?;
    report.faults = faults?;
    report.verified = stand.verify(&stop).await?;
    report.server_megabytes = stand.server_megabytes();
    report.own_megabytes = own_megabytes();
    stand.stop().await?;
    drop(turning);
    Ok(report)
}

/// A task that ends with its value.
struct EndsWithIt(JoinHandle<()>);

impl Drop for EndsWithIt {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Turns the server's clock with the real one, and ahead of it where that is wanted.
async fn turn(mut clock: ClockFile, ahead_ms: Arc<AtomicI64>) {
    let begun = Instant::now();
    let mut every = tokio::time::interval(CLOCK_EVERY);
    loop {
        every.tick().await;
        let now = SystemClock.now().plus_ms(ahead_ms.load(Ordering::Relaxed));
        // A clock that cannot be set stands still, which the comparison would show.
        let _ = clock.jump(now, begun.elapsed());
    }
}

/// Breaks one thing after the other and mends it, and leaves time at the end for everything to be well.
async fn break_things(
    stand: &mut Stand,
    options: &SoakOptions,
    ahead_ms: &AtomicI64,
    stop: &AtomicBool,
) -> Result<Vec<String>> {
    let begun = Instant::now();
    let mut chance = Chance::of(options.seed, &[9]);
    let (mut left, mut told) = (Vec::new(), Vec::new());
    let mut next = options.every / 2;
    while next + options.every <= options.length && !stop.load(Ordering::Relaxed) {
        tokio::time::sleep_until(begun + next).await;
        if left.is_empty() {
            left = Fault::of(options.profile);
        }
        let fault = left.swap_remove(chance.place(left.len()));
        let lasts = (options.every / 4).min(FAULT_MAX);
        fault.strike(stand, lasts, ahead_ms).await?;
        told.push(format!("after {:>4} s: {}", next.as_secs(), fault.words()));
        next += options.every;
    }
    Ok(told)
}

impl Fault {
    /// Breaks it for so long, and mends it.
    async fn strike(self, stand: &mut Stand, lasts: Duration, ahead_ms: &AtomicI64) -> Result<()> {
        match self {
            Self::ServerKilled | Self::ServerRestarted => {
                if let Some(server) = stand.server.take() {
                    if self == Self::ServerKilled {
                        server.kill();
                    } else {
                        server.stop().await?;
                    }
                }
                tokio::time::sleep(lasts / 2).await;
                stand.run_server().await
            }
            Self::ServerStands => {
                let Some(pid) = stand.server.as_ref().map(scoreline_bench::Measured::pid) else {
                    return Ok(());
                };
                signal("STOP", &[pid])?;
                tokio::time::sleep(lasts).await;
                signal("CONT", &[pid])
            }
            Self::ClockJumps => {
                ahead_ms.store(JUMP_MS, Ordering::Relaxed);
                tokio::time::sleep(lasts).await;
                ahead_ms.store(0, Ordering::Relaxed);
                Ok(())
            }
            Self::DiskFull => {
                let Some(pid) = stand.server.as_ref().map(scoreline_bench::Measured::pid) else {
                    return Ok(());
                };
                let log = DataDir::database(&stand.data()).with_extension("db-wal");
                let bytes = std::fs::metadata(log).map_or(1, |log| log.len().max(1));
                limit_files(pid, &bytes.to_string())?;
                tokio::time::sleep(lasts).await;
                limit_files(pid, "unlimited")
            }
            Self::ClientsCut => {
                cut(Self::cable(stand, |all| Some(&all.clients)), Way::Closed, lasts).await
            }
            Self::DatabaseCut => {
                cut(Self::cable(stand, |all| all.database.as_ref()), Way::Closed, lasts).await
            }
            Self::DatabaseSilent => {
                cut(Self::cable(stand, |all| all.database.as_ref()), Way::Silent, lasts).await
            }
            Self::QueueCut => {
                cut(Self::cable(stand, |all| all.queue.as_ref()), Way::Closed, lasts).await
            }
            Self::QueueSilent => {
                cut(Self::cable(stand, |all| all.queue.as_ref()), Way::Silent, lasts).await
            }
            Self::DatabaseKilled => {
                let Some(postgres) = &stand.postgres else { return Ok(()) };
                postgres.kill()?;
                tokio::time::sleep(lasts / 2).await;
                Ok(postgres.run()?)
            }
            Self::QueueKilled => {
                let Some(redis) = &stand.redis else { return Ok(()) };
                redis.kill()?;
                tokio::time::sleep(lasts / 2).await;
                Ok(redis.run()?)
            }
            Self::DatabaseStutters => {
                let Some(pid) =
                    stand.postgres.as_ref().and_then(scoreline_throwaway::Postgres::pid)
                else {
                    return Ok(());
                };
                stutter(pid, lasts).await
            }
        }
    }

    fn cable(
        stand: &Stand,
        which: impl Fn(&crate::stand::Cables) -> Option<&Cable>,
    ) -> Option<&Cable> {
        stand.cables.as_ref().and_then(which)
    }
}

async fn cut(cable: Option<&Cable>, way: Way, lasts: Duration) -> Result<()> {
    let Some(cable) = cable else { return Ok(()) };
    cable.set(way);
    tokio::time::sleep(lasts).await;
    cable.set(Way::Open);
    Ok(())
}

/// Limits the size of every file that a process writes to. Writing beyond it fails, as it does on a full disk.
fn limit_files(pid: u32, bytes: &str) -> Result<()> {
    let mut limit = Command::new("prlimit");
    limit.args([format!("--pid={pid}"), format!("--fsize={bytes}:")]);
    limit.status().map(drop).map_err(Error::system("prlimit"))
}

/// Lets a process and its children stand still and go on, again and again.
async fn stutter(pid: u32, lasts: Duration) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < lasts {
        let family = family(pid);
        signal("STOP", &family)?;
        tokio::time::sleep(STUTTER.0).await;
        signal("CONT", &family)?;
        tokio::time::sleep(STUTTER.1).await;
    }
    Ok(())
}

fn family(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let told = std::fs::read_to_string(path).unwrap_or_default();
    let children = told.split_whitespace().filter_map(|pid| pid.parse().ok());
    std::iter::once(pid).chain(children).collect()
}

/// Signals processes. One that has ended meanwhile is none any more.
fn signal(name: &str, pids: &[u32]) -> Result<()> {
    let mut kill = Command::new("kill");
    kill.args(["-s", name]).args(pids.iter().map(ToString::to_string));
    kill.stderr(std::process::Stdio::null());
    kill.status().map(drop).map_err(Error::system("kill"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_fault_has_words_of_its_own_and_embedded_has_no_database_to_cut() {
        let (with_all, embedded) = (Fault::of(Profile::Queue), Fault::of(Profile::Embedded));
        assert_eq!((with_all.len(), embedded.len()), (12, 6));
        let words: std::collections::BTreeSet<&str> =
            with_all.iter().chain(&embedded).map(|fault| fault.words()).collect();
        assert_eq!(words.len(), 13);
    }
}
