//! How much processor time processes have used, as far as the system tells.

use std::time::Duration;

/// The unit of times in `/proc`: a hundredth of a second on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// One process by itself.
pub fn of(pid: u32) -> Option<Duration> {
    Some(TICK * u32::try_from(Times::of(pid)?.own).ok()?)
}

/// A process with all it has started, those that ended included.
pub fn of_family(pid: u32) -> Option<Duration> {
    let head = Times::of(pid)?;
    let children: u64 = std::fs::read_dir("/proc")
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(Times::of)
        .filter(|times| times.parent == pid)
        .map(|times| times.own)
        .sum();
    Some(TICK * u32::try_from(head.own + head.ended_children + children).ok()?)
}

/// All that the machine's processors have worked, the system included.
pub fn of_machine() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let numbers = stat.lines().next()?.strip_prefix("cpu")?.split_whitespace();
    let ticks: Vec<u64> = numbers.filter_map(|number| number.parse().ok()).collect();
    // User, nice and system; then idle and waiting, which are no work; then interrupts.
    let work = [0, 1, 2, 5, 6].iter().map(|place| ticks.get(*place));
    let work: Option<u64> = work.map(Option::<&u64>::copied).sum();
    Some(TICK * u32::try_from(work?).ok()?)
}

/// This program.
pub fn own() -> Option<Duration> {
    of(std::process::id())
}

/// The times of a process, in ticks.
struct Times {
    parent: u32,
    own: u64,
    ended_children: u64,
}

impl Times {
    fn of(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // After the name, which may hold anything.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |place: usize| fields.get(place)?.parse::<u64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: ticks(11)? + ticks(12)?,
            ended_children: ticks(13)? + ticks(14)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_uses_time() {
        let Some(before) = own() else { return };
        let begun = std::time::Instant::now();
        let mut n = 0_u64;
        while own().expect("it was told before") == before {
            assert!(begun.elapsed() < Duration::from_secs(20), "no time passes");
            n = std::hint::black_box(n.wrapping_add(1));
        }
    }

    #[test]
    fn a_process_that_does_not_exist_has_none() {
        assert_eq!(of(u32::MAX), None);
    }
}
