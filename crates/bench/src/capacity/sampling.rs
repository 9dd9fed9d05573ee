//! Looks at a server and its databases while they are under load: what waits, what is used.

use std::path::{Path, PathBuf};
use std::time::Duration;

use scoreline_traffic::client::{Connection, Target};
use serde_json::Value;
use tokio::time::Instant;

use crate::processor_time;

/// Whatever else the machine does.
const OTHERS: &str = "other programs";
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The processes of a run, each with the name that it has in the report.
pub(super) struct Processes(pub Vec<(&'static str, u32)>);

/// What was seen during a step.
#[derive(Default)]
pub(super) struct Seen {
    /// The most events that waited.
    pub backlog: f64,
    /// The greatest part of its time in which the server worked.
    pub busy: f64,
}

/// Looks until `length` is over.
pub(super) async fn watch(target: Target, length: Duration) -> Seen {
    let mut connection = Connection::new(target);
    let (begun, mut seen) = (Instant::now(), Seen::default());
    while begun.elapsed() < length {
        tokio::time::sleep(LOOK_EVERY).await;
        // A server that is too busy to say is found out by the bounds.
        let Ok(answer) = connection.get("/api/events/stats?timeframe=1h").await else { continue };
        let Ok(told) = answer.json::<Value>() else { continue };
        let number = |name: &str| told["queue"][name].as_f64().unwrap_or(0.0);
        let waiting = number("waiting") + number("active") + number("delayed");
        seen.backlog = seen.backlog.max(waiting);
        seen.busy = seen.busy.max(number("current_load_percent") / 100.0);
    }
    seen
}

impl Processes {
    /// Processor time of each so far, with that of this program and of all others.
    pub fn times(&self) -> Vec<(&'static str, Duration)> {
        let of =
            |(name, pid): &(&'static str, u32)| Some((*name, processor_time::of_family(*pid)?));
        let mut times: Vec<_> = self.0.iter().filter_map(of).collect();
        times.extend(processor_time::own().map(|time| ("load generator", time)));
        let known = times.iter().map(|(_, time)| *time).sum();
        times.extend(processor_time::of_machine().map(|all| (OTHERS, all.saturating_sub(known))));
        times
    }

    /// Megabytes of memory of each.
    pub fn memory_mb(&self) -> Vec<(String, f64)> {
        let of = |(name, pid): &(&'static str, u32)| {
            let parts = std::iter::once(*pid).chain(children(*pid));
            ((*name).to_owned(), parts.map(own_memory_mb).sum())
        };
        self.0.iter().map(of).collect()
    }
}

/// The parts of all processors that were used between two looks that lie `seconds` apart.
pub(super) fn parts(
    before: &[(&'static str, Duration)],
    after: &[(&'static str, Duration)],
    seconds: f64,
    cores: usize,
) -> Vec<(String, f64)> {
    let used = before.iter().zip(after).map(|((name, before), (_, after))| {
        let used = after.saturating_sub(*before).as_secs_f64();
        ((*name).to_owned(), used / (seconds * cores as f64))
    });
    used.collect()
}

fn children(pid: u32) -> Vec<u32> {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let told = std::fs::read_to_string(path).unwrap_or_default();
    told.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Memory that belongs to a process alone: what its family shares would be counted often.
fn own_memory_mb(pid: u32) -> f64 {
    let told = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let mut pages = told.split_whitespace().skip(1).filter_map(|number| number.parse::<f64>().ok());
    let (resident, shared) = (pages.next().unwrap_or(0.0), pages.next().unwrap_or(0.0));
    (resident - shared).max(0.0) * 4_096.0 / 1e6
}

/// Bytes of all files in these folders.
pub(super) fn bytes_in(folders: &[PathBuf]) -> f64 {
    folders.iter().map(|folder| bytes_of(folder)).sum()
}

fn bytes_of(path: &Path) -> f64 {
    let Ok(told) = std::fs::symlink_metadata(path) else { return 0.0 };
    if !told.is_dir() {
        return told.len() as f64;
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| bytes_of(&entry.path())).sum()
}
