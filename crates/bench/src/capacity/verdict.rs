//! What a ramp means: for how many daily players a machine suffices, what ends first, and what more would
//! cost. Pure: figures in, words out.

use serde::Serialize;

/// Events that a player sends in a day.
pub const EVENTS_PER_PLAYER_DAY: f64 = 20.0;
/// Events a second at the peak, for each daily player: those of games of this kind.
pub const PEAK_PER_PLAYER: f64 = 0.01;
/// Players that boards hold, for each daily player: those who have ever played.
pub const PLAYERS_EVER: f64 = 10.0;
/// How much more than the peak a machine should take, so that a bad evening is none.
pub const HEADROOM: f64 = 2.0;
/// The sizes that are told.
pub const DAILY_PLAYERS: [u64; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
/// A resource counts as used up from this part on.
const USED_UP: f64 = 0.85;

/// What was measured at one load.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Step {
    /// Events a second that were offered.
    pub offered: f64,
    /// Events a second that were accepted.
    pub accepted: f64,
    /// Half of the answers came within this.
    pub p50_ms: f64,
    /// 99 of 100.
    pub p99_ms: f64,
    /// From the answer until the player's rank shows the score: 99 of 100.
    pub freshness_ms: f64,
    /// The most events that waited.
    pub backlog: f64,
    /// Requests without an answer of success.
    pub errors: u64,
    /// Parts of all processors that were used, by who used them.
    pub processors: Vec<(String, f64)>,
    /// The part of its time in which the intake or the workers worked.
    pub busy: f64,
    /// Megabytes of memory, by who had them.
    pub memory_mb: Vec<(String, f64)>,
    /// Bytes on disk at its end.
    pub disk_bytes: f64,
    /// Which bound broke, if one did.
    pub broke: Option<String>,
}

/// The bounds of a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounds {
    /// Answers: p99 in milliseconds.
    pub p99_ms: f64,
    /// Freshness: p99 in milliseconds.
    pub freshness_ms: f64,
    /// Seconds of work that may wait.
    pub backlog_s: f64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { p99_ms: 100.0, freshness_ms: 1_000.0, backlog_s: 1.0 }
    }
}

impl Bounds {
    /// Which of them a step breaks, in words.
    pub fn broken_by(&self, step: &Step) -> Option<String> {
        let bounds = [
            (step.errors as f64, 0.0, "requests without success"),
            (step.p99_ms, self.p99_ms, "answers, p99 in ms"),
            (step.freshness_ms, self.freshness_ms, "freshness, p99 in ms"),
            (step.backlog, self.backlog_s * step.offered, "events that wait"),
        ];
        let broken = bounds.into_iter().find(|(found, bound, _)| found > bound);
        broken.map(|(found, bound, what)| format!("{what}: {found:.0}, bound {bound:.0}"))
    }
}

/// What an event and a player take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Costs {
    /// Bytes on disk of an event, with everything that is made of it.
    pub disk_bytes_per_event: f64,
    /// Bytes of the write-ahead log of an event; `None` where the log is cut back by itself.
    pub log_bytes_per_event: Option<f64>,
    /// Bytes of memory of a server that has just started.
    pub memory_bytes: f64,
    /// Bytes of memory of a player on the boards.
    pub memory_bytes_per_player: f64,
}

/// What a number of daily players means.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rung {
    /// How many.
    pub daily_players: u64,
    /// Events a second at the peak.
    pub peak: f64,
    /// How often that fits into what was reached.
    pub fits: f64,
    /// Gigabytes on disk that a day adds.
    pub disk_gb_a_day: f64,
    /// Gigabytes of the write-ahead log of a day.
    pub log_gb_a_day: Option<f64>,
    /// Gigabytes of memory of a server with all players who have ever played.
    pub memory_gb: f64,
    /// What is to be done.
    pub word: String,
}

/// What each number of daily players means on a machine that takes this many events a second.
pub fn rungs(reached: f64, costs: &Costs) -> Vec<Rung> {
    let rung = |players: u64| {
        let daily = players as f64;
        let peak = daily * PEAK_PER_PLAYER;
        let fits = reached / peak;
        let events = daily * EVENTS_PER_PLAYER_DAY;
        let gb = |bytes: f64| bytes / 1e9;
        let word = match fits {
            _ if fits >= HEADROOM => format!("this machine, {fits:.1} times over"),
            _ if fits >= 1.0 => "this machine without headroom: take more cores".to_owned(),
            _ => format!("about {:.0} times this machine", (HEADROOM / fits).ceil()),
        };
        let of_players = costs.memory_bytes_per_player * daily * PLAYERS_EVER;
        Rung {
            daily_players: players,
            peak,
            fits,
            disk_gb_a_day: gb(events * costs.disk_bytes_per_event),
            log_gb_a_day: costs.log_bytes_per_event.map(|bytes| gb(events * bytes)),
            memory_gb: gb(costs.memory_bytes + of_players),
            word,
        }
    };
    DAILY_PLAYERS.map(rung).to_vec()
}

/// Which resource ended first, in words: what was used at the greatest load.
pub fn ends_first(step: &Step) -> String {
    let used: f64 = step.processors.iter().map(|(_, part)| part).sum();
    let most = step.processors.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    match most {
        Some((who, part)) if used >= USED_UP => format!(
            "the processors: {:.0} % of all of them are used, most by {who} ({:.0} %)",
            100.0 * used,
            100.0 * part
        ),
        _ if step.busy >= USED_UP => format!(
            "what writes: intake or workers are busy {:.0} % of their time while processors have room; \
             a faster disk, or more workers",
            100.0 * step.busy
        ),
        _ => "none of those that are measured: processors and writers have room, so waiting for the disk \
              or the network is likely"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rungs_say_what_fits_and_what_more_costs() {
        let costs = Costs {
            disk_bytes_per_event: 200.0,
            log_bytes_per_event: Some(1_000.0),
            memory_bytes: 50e6,
            memory_bytes_per_player: 100.0,
        };
        let rungs = rungs(15_000.0, &costs);
        let words: Vec<&str> = rungs.iter().map(|rung| &*rung.word).collect();
        assert_eq!(
            words,
            [
                "this machine, 1500.0 times over",
                "this machine, 150.0 times over",
                "this machine, 15.0 times over",
                "this machine without headroom: take more cores",
                "about 14 times this machine",
            ]
        );
        let million = &rungs[3];
        assert!((million.disk_gb_a_day - 4.0).abs() < 1e-9);
        assert_eq!(million.log_gb_a_day, Some(20.0));
        assert!((million.memory_gb - 1.05).abs() < 1e-9);
    }

    #[test]
    fn a_step_breaks_the_bound_that_it_breaks_and_no_other() {
        let fine = Step {
            offered: 1_000.0,
            p99_ms: 20.0,
            freshness_ms: 300.0,
            backlog: 500.0,
            ..Step::default()
        };
        let bounds = Bounds::default();
        assert_eq!(bounds.broken_by(&fine), None);
        let broken = |step| bounds.broken_by(&step).unwrap_or_default();
        assert!(broken(Step { p99_ms: 101.0, ..fine.clone() }).starts_with("answers"));
        assert!(broken(Step { freshness_ms: 1_001.0, ..fine.clone() }).starts_with("freshness"));
        assert!(broken(Step { backlog: 1_001.0, ..fine.clone() }).starts_with("events that wait"));
        assert!(broken(Step { errors: 1, ..fine }).starts_with("requests"));
    }

    #[test]
    fn the_resource_that_ends_first_is_the_one_that_is_used_up() {
        let step = |processors: &[(&str, f64)], busy| Step {
            processors: processors.iter().map(|(who, part)| ((*who).to_owned(), *part)).collect(),
            busy,
            ..Step::default()
        };
        assert!(
            ends_first(&step(&[("server", 0.3), ("PostgreSQL", 0.6)], 0.9)).contains("PostgreSQL")
        );
        assert!(ends_first(&step(&[("server", 0.3)], 0.95)).starts_with("what writes"));
        assert!(ends_first(&step(&[("server", 0.3)], 0.5)).starts_with("none"));
    }
}
