//! A clock for simulations, which another program of this machine sets: a file holds the time.
//!
//! Uptime comes from there too. Where the two move together, it is a clock that runs fast to the guard
//! against clocks that jump; where only the time moves, it is one that jumps. What takes real time, such as the wait for a database, goes by the real clock. A
//! server takes such a clock only on loopback; see the setting `virtual_clock`.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use scoreline_core::nodes::{Node, NodeId, NodeReport, Nodes};
use scoreline_core::store::Result as StoreResult;
use scoreline_core::time::{Clock, Timestamp};

use crate::clock::SystemClock;
use crate::config::Config;
use crate::error::ServerError;

/// Digits of a time in the file.
const DIGITS: usize = 15;
/// Bytes of the file: time, uptime, and both again, with a blank or the end of the line behind each.
const BYTES: usize = 4 * (DIGITS + 1);

/// What the file holds: milliseconds since 1970 and since the machine was started, both twice, so that a
/// reader who comes while it is written sees that, and reads again.
pub fn virtual_clock_text(time: Timestamp, uptime: Duration) -> String {
    let (ms, up) = (time.as_ms().max(0), uptime.as_millis());
    format!("{ms:0DIGITS$} {up:0DIGITS$} {ms:0DIGITS$} {up:0DIGITS$}\n")
}

/// The time as a file tells it.
#[derive(Debug)]
pub struct VirtualClock {
    file: File,
    /// What it told last, which stays while the file cannot be read.
    last: Mutex<(Duration, Timestamp)>,
}

impl VirtualClock {
    /// The clock of a file that exists and holds a time.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let told = read(&file)?.ok_or_else(|| {
            let reason = "it does not hold time and uptime in milliseconds, twice";
            io::Error::new(io::ErrorKind::InvalidData, reason)
        })?;
        Ok(Self { file, last: Mutex::new(told) })
    }
}

/// Uptime and time in the file; `None` while it is being written.
fn read(file: &File) -> io::Result<Option<(Duration, Timestamp)>> {
    let mut bytes = [0; BYTES];
    read_start(file, &mut bytes)?;
    let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(None) };
    let (first, second) = text.split_at(text.len() / 2);
    if first.trim_end() != second.trim_end() {
        return Ok(None);
    }
    let mut numbers = first.split_whitespace().map(|number| number.parse::<u64>().ok());
    let mut next = || numbers.next().flatten();
    let (time, uptime) = (next(), next());
    let time = time.and_then(|ms| Timestamp::from_ms(i64::try_from(ms).ok()?));
    Ok(uptime.map(Duration::from_millis).zip(time))
}

#[cfg(unix)]
fn read_start(file: &File, bytes: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, 0)
}

#[cfg(not(unix))]
fn read_start(mut file: &File, bytes: &mut [u8]) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(bytes)
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.moment().1
    }

    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }

    fn uptime(&self) -> Duration {
        self.moment().0
    }

    fn moment(&self) -> (Duration, Timestamp) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // Being written, or away: the next look tells.
        if let Ok(Some(told)) = read(&self.file) {
            *last = told;
        }
        *last
    }
}

/// The clock that the settings choose.
pub fn clock_of(config: &Config) -> Result<Arc<dyn Clock>, ServerError> {
    let Some(path) = &config.virtual_clock else { return Ok(Arc::new(SystemClock)) };
    let clock = VirtualClock::open(path);
    let clock = clock.map_err(|reason| ServerError::Clock { path: path.clone(), reason })?;
    tracing::warn!(clock.file = %path.display(), "the time is that of a simulation");
    Ok(Arc::new(clock))
}

/// The nodes of a database that go by a simulation's time instead of the database's.
pub(crate) struct SimulatedTime {
    pub nodes: Arc<dyn Nodes>,
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Nodes for SimulatedTime {
    async fn time(&self) -> StoreResult<Timestamp> {
        Ok(self.clock.now())
    }

    async fn report(&self, report: NodeReport) -> StoreResult<()> {
        self.nodes.report(report).await
    }

    async fn leave(&self, node: NodeId) -> StoreResult<()> {
        self.nodes.leave(node).await
    }

    async fn running(&self) -> StoreResult<Vec<Node>> {
        self.nodes.running().await
    }

    async fn fallen(&self) -> StoreResult<Vec<Node>> {
        self.nodes.fallen().await
    }

    async fn take_turn(&self, name: &str, node: NodeId, for_ms: i64) -> StoreResult<bool> {
        self.nodes.take_turn(name, node, for_ms).await
    }

    async fn end_turn(&self, name: &str, node: NodeId) -> StoreResult<()> {
        self.nodes.end_turn(name, node).await
    }

    async fn secret(&self, name: &str, proposed: &str) -> StoreResult<String> {
        self.nodes.secret(name, proposed).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    #[test]
    fn time_and_uptime_are_what_the_file_says() {
        let path = std::env::temp_dir().join(format!("scoreline-clock-{}", std::process::id()));
        let start = at("2026-11-22T00:00:00Z");
        std::fs::write(&path, virtual_clock_text(start, Duration::ZERO)).expect("written");
        let clock = VirtualClock::open(&path).expect("a clock");
        assert_eq!(clock.moment(), (Duration::ZERO, start));
        let later = (Duration::from_millis(86_400_007), at("2026-11-23T00:00:00.007Z"));
        let text = virtual_clock_text(later.1, later.0);
        std::fs::write(&path, &text).expect("written");
        assert_eq!(clock.moment(), later);
        // Half of it is written: the last whole moment stays.
        let half = text.replacen('7', "8", 1);
        std::fs::write(&path, half).expect("written");
        assert_eq!(clock.now(), later.1);
        std::fs::remove_file(&path).expect("removed");
    }

    #[test]
    fn a_file_without_a_time_is_no_clock() {
        let path = std::env::temp_dir().join(format!("scoreline-no-clock-{}", std::process::id()));
        std::fs::write(
            &path,
            "half past three, or so it seems to me, who am a file that is not a clock",
        )
        .expect("written");
        let refused = VirtualClock::open(&path).expect_err("no time").kind();
        assert_eq!(refused, io::ErrorKind::InvalidData);
        std::fs::remove_file(&path).expect("removed");
    }
}
