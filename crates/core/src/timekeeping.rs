//! Which time counts: what the clock says, until it jumps.
//!
//! Tournaments end, events are stamped and old data is removed by the clock. One that is suddenly a year
//! ahead would do all of that at once, and for good. So the clock is held against how long the machine
//! has run, which nobody sets. Where the two part, time goes on from before the jump, and is not
//! trusted until the jump has proved itself. [`Timekeeping`] decides; it is told what clocks say, and
//! the workers carry out. docs/operations.md says what an operator sees and can do.

use std::fmt;
use std::time::Duration;

use crate::limits::{
    CLOCK_DOWNTIME_MAX_MS, CLOCK_PROOF_JUMP_MAX_MS, CLOCK_PROOF_MS, CLOCK_STEP_TOLERATED_MS,
    CLOCK_VOUCHED_MS,
};
use crate::time::Timestamp;

/// What the clocks say at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The clock that stamps: the database's where nodes may share it, otherwise the machine's.
    pub told: Timestamp,
    /// Another clock, which only bears witness: the machine's, where the database's stamps.
    pub witness: Option<Timestamp>,
    /// How long the machine has run, its sleep included.
    pub uptime: Duration,
}

/// What is kept in the store, so that a restart and other nodes know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockNote {
    /// How many jumps were accepted. Who knows of fewer follows.
    pub epoch: i64,
    /// The latest time in use.
    pub last_at: Timestamp,
    /// How far the clock was ahead of the time in use (behind if negative), while it was in doubt.
    pub offset_ms: Option<i64>,
}

impl ClockNote {
    /// Why a server doubts a clock that says this, or would if it started now; `None` if it does not.
    pub fn doubts(&self, told: Timestamp) -> Option<String> {
        let cure =
            "set it right, or run 'scoreline clock --trust' while a server runs if it is right";
        if let Some(offset_ms) = self.offset_ms {
            let off = far_off(offset_ms);
            return Some(format!(
                "the clock jumped and is not trusted: it was {off} the time that counts; {cure}"
            ));
        }
        if is_plausible(told, self.last_at) {
            return None;
        }
        let (off, last_at) = (far_off(told.ms_since(self.last_at)), self.last_at);
        Some(format!(
            "it says {told}, {off} the last time that the database knows, {last_at}; {cure}"
        ))
    }
}

/// How far off a clock is, in words.
fn far_off(offset_ms: i64) -> String {
    let seconds = offset_ms.unsigned_abs().div_euclid(1_000);
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
    let ahead = if offset_ms > 0 { "ahead of" } else { "behind" };
    format!("{hours} h {minutes} min {ahead}")
}

/// A jump that has not proved itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// When it was noticed, by the time in use.
    pub since: Timestamp,
    /// What the clock says.
    pub told: Timestamp,
    /// How far that is ahead of the time in use; behind if negative.
    pub offset_ms: i64,
    /// Whether it was noticed at a start, by what the store kept.
    pub at_start: bool,
    /// In how many milliseconds the jump proves itself by holding; `None` where only an operator, or
    /// another clock, can tell.
    pub proved_in_ms: Option<i64>,
}

/// What an operator should know: how far off, and the way out.
impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { since, told, offset_ms, at_start, proved_in_ms } = self;
        let off = far_off(*offset_ms);
        let noticed = if *at_start { "when the server started" } else { "while the server ran" };
        write!(
            f,
            "the clock says {told}, {off} the time that counts; it jumped \
             {noticed}, at {since}. Set it right, or run 'scoreline clock --trust' if it is right"
        )?;
        match proved_in_ms {
            Some(ms) => {
                write!(f, "; if it holds, it is trusted in {} min", ms.div_euclid(60_000) + 1)
            }
            None => Ok(()),
        }
    }
}

/// The time in use, and whether it is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The time that counts.
    pub time: Timestamp,
    /// Why it is not trusted, if it is not.
    pub doubt: Option<Doubt>,
    /// What has just changed, for the log.
    pub turn: Option<Turn>,
}

/// A change in whether time is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The clock jumped.
    Doubted,
    /// The clock is back where it should be.
    CameBack,
    /// The jump has proved itself.
    Accepted(Proof),
}

/// What proved a jump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It was small and has held.
    Held,
    /// A clock that did not jump says the same.
    Witness,
    /// Another node did not see it, or has accepted it.
    Node,
    /// What the clock was corrected to fits what the store kept.
    Fits,
    /// An operator says so.
    Operator,
}

impl Proof {
    /// As logs write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "it has held",
            Self::Witness => "another clock says the same",
            Self::Node => "another node trusts it",
            Self::Fits => "it fits what the database kept",
            Self::Operator => "an operator says so",
        }
    }
}

/// What an unproved jump is remembered by.
#[derive(Debug, Clone, Copy)]
struct Suspicion {
    since: Timestamp,
    began_ms: i64,
    offset_ms: i64,
    steady_since_ms: i64,
    at_start: bool,
}

/// The clock that bears witness: what it said last, and since when it has not jumped.
#[derive(Debug, Clone, Copy)]
struct Witness {
    time: Timestamp,
    at_ms: i64,
    steady_since_ms: i64,
}

/// Decides which time counts.
#[derive(Debug, Default)]
pub struct Timekeeping {
    /// False until the store was asked: before that, any time is as good as another.
    watches: bool,
    /// The time in use at the last reading, and how long the machine had run then.
    last: Option<(Timestamp, i64)>,
    witness: Option<Witness>,
    suspicion: Option<Suspicion>,
    epoch: i64,
}

fn is_near(offset_ms: i64) -> bool {
    offset_ms.abs() <= CLOCK_STEP_TOLERATED_MS
}

fn ms_of(uptime: Duration) -> i64 {
    i64::try_from(uptime.as_millis()).unwrap_or(i64::MAX)
}

/// Whether a clock may say this at a start, where the store last knew that: later by no more than a
/// game is ever down.
fn is_plausible(told: Timestamp, last_at: Timestamp) -> bool {
    (-CLOCK_STEP_TOLERATED_MS..=CLOCK_DOWNTIME_MAX_MS).contains(&told.ms_since(last_at))
}

impl Timekeeping {
    /// Begins to watch the clock. What the store kept tells whether it jumped meanwhile.
    pub fn begin(&mut self, note: Option<ClockNote>, reading: Reading) -> Told {
        self.watches = true;
        let now_ms = ms_of(reading.uptime);
        let Some(note) = note else { return self.read(reading) };
        self.epoch = note.epoch;
        let time = time_at_start(note, reading.told);
        self.last = Some((time, now_ms));
        if time == reading.told {
            return self.read(reading);
        }
        self.suspect(time, reading, true);
        let told = self.read(reading);
        Told { turn: told.doubt.map(|_| Turn::Doubted), ..told }
    }

    /// The time that counts at this reading.
    pub fn read(&mut self, reading: Reading) -> Told {
        let now_ms = ms_of(reading.uptime);
        let witness = self.hear_witness(reading, now_ms);
        let Some((last, last_ms)) = self.last.filter(|_| self.watches) else {
            return self.follow(reading, None);
        };
        let expected = last.plus_ms((now_ms - last_ms).max(0));
        let offset_ms = reading.told.ms_since(expected);
        let agrees = witness.is_some_and(|one| is_near(reading.told.ms_since(one.time)));
        let Some(mut suspicion) = self.suspicion else {
            if is_near(offset_ms) {
                return self.follow(reading, None);
            }
            if agrees && witness.is_some_and(|one| now_ms - one.steady_since_ms >= CLOCK_PROOF_MS) {
                return self.accept(reading, Proof::Witness);
            }
            self.suspect(expected, reading, false);
            return self.hold(expected, now_ms, reading, Some(Turn::Doubted));
        };
        if is_near(offset_ms) {
            self.suspicion = None;
            return self.follow(reading, Some(Turn::CameBack));
        }
        // A clock that was steady for long before the jump, and did not jump itself.
        let is_proof = |one: Witness| suspicion.began_ms - one.steady_since_ms >= CLOCK_PROOF_MS;
        if agrees && witness.is_some_and(is_proof) {
            return self.accept(reading, Proof::Witness);
        }
        if !is_near(offset_ms - suspicion.offset_ms) {
            // Corrected, while the time in use lacks only the time that the server was down.
            if suspicion.at_start && is_plausible(reading.told, expected) {
                return self.accept(reading, Proof::Fits);
            }
            suspicion.steady_since_ms = now_ms;
        }
        suspicion.offset_ms = offset_ms;
        self.suspicion = Some(suspicion);
        let told = self.hold(expected, now_ms, reading, None);
        match told.doubt.and_then(|doubt| doubt.proved_in_ms) {
            Some(0) => self.accept(reading, Proof::Held),
            _ => told,
        }
    }

    /// Takes in what the store keeps now: what another node has accepted, this one accepts too, and
    /// what another node trusts is no jump.
    pub fn heed(&mut self, note: ClockNote, reading: Reading) -> Told {
        let is_new = note.epoch > self.epoch;
        self.epoch = self.epoch.max(note.epoch);
        let lag_ms = reading.told.ms_since(note.last_at);
        let vouched = note.offset_ms.is_none()
            && (-CLOCK_STEP_TOLERATED_MS..=CLOCK_VOUCHED_MS).contains(&lag_ms);
        if self.suspicion.is_some() && (is_new || vouched) {
            return self.follow_proved(reading, Proof::Node);
        }
        self.read(reading)
    }

    /// An operator says that the clock is right. `None` where nobody doubts it.
    pub fn trust(&mut self, reading: Reading) -> Option<Told> {
        self.read(reading).doubt?;
        Some(self.accept(reading, Proof::Operator))
    }

    /// What the store is to keep.
    pub fn note(&mut self, reading: Reading) -> ClockNote {
        let told = self.read(reading);
        let offset_ms = told.doubt.map(|doubt| doubt.offset_ms);
        ClockNote { epoch: self.epoch, last_at: told.time, offset_ms }
    }

    /// How many jumps were accepted: times before and after one do not compare.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    fn suspect(&mut self, time: Timestamp, reading: Reading, at_start: bool) {
        let now_ms = ms_of(reading.uptime);
        self.suspicion = Some(Suspicion {
            since: time,
            began_ms: now_ms,
            offset_ms: reading.told.ms_since(time),
            steady_since_ms: now_ms,
            at_start,
        });
    }

    fn follow(&mut self, reading: Reading, turn: Option<Turn>) -> Told {
        self.last = Some((reading.told, ms_of(reading.uptime)));
        Told { time: reading.told, doubt: None, turn }
    }

    fn follow_proved(&mut self, reading: Reading, proof: Proof) -> Told {
        self.suspicion = None;
        self.follow(reading, Some(Turn::Accepted(proof)))
    }

    fn accept(&mut self, reading: Reading, proof: Proof) -> Told {
        self.epoch += 1;
        self.follow_proved(reading, proof)
    }

    fn hold(&mut self, time: Timestamp, now_ms: i64, reading: Reading, turn: Option<Turn>) -> Told {
        self.last = Some((time, now_ms));
        let suspicion = self.suspicion.expect("time is held only while a jump is suspected");
        // A witness that did not jump and says otherwise is believed rather than time.
        let contradicted = self.witness.is_some_and(|one| {
            now_ms - one.steady_since_ms >= CLOCK_PROOF_MS && is_near(one.time.ms_since(time))
        });
        let holds = suspicion.offset_ms.abs() <= CLOCK_PROOF_JUMP_MAX_MS && !contradicted;
        let left_ms = (CLOCK_PROOF_MS - (now_ms - suspicion.steady_since_ms)).max(0);
        let doubt = Doubt {
            since: suspicion.since,
            told: reading.told,
            offset_ms: suspicion.offset_ms,
            at_start: suspicion.at_start,
            proved_in_ms: holds.then_some(left_ms),
        };
        Told { time, doubt: Some(doubt), turn }
    }

    fn hear_witness(&mut self, reading: Reading, now_ms: i64) -> Option<Witness> {
        let time = reading.witness?;
        let steady_since_ms = match self.witness {
            Some(before) if is_near(time.ms_since(before.time.plus_ms(now_ms - before.at_ms))) => {
                before.steady_since_ms
            }
            _ => now_ms,
        };
        self.witness = Some(Witness { time, at_ms: now_ms, steady_since_ms });
        self.witness
    }
}

/// Which time a start goes by: what the clock says, or what the store kept where that does not fit.
fn time_at_start(note: ClockNote, told: Timestamp) -> Timestamp {
    // A clock that was in doubt may be as wrong as it was, or put right meanwhile: what lies nearer to
    // what was kept is the likelier.
    let as_it_was = note.offset_ms.map(|offset_ms| told.plus_ms(-offset_ms));
    let candidates = [Some(told), as_it_was].into_iter().flatten();
    let fitting = candidates.filter(|time| is_plausible(*time, note.last_at));
    fitting.min_by_key(|time| time.ms_since(note.last_at).abs()).unwrap_or(note.last_at)
}

#[cfg(test)]
mod tests;
