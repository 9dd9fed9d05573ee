//! Events that were set aside: in quarantine or among the dead. In groups for operators, and within their
//! bounds, whatever is sent.

use async_trait::async_trait;

use super::asking::{self, AskStore, Question};
use super::orders::{Order, Statement};
use super::values::Values;
use super::{Counts, Result};
use crate::event::{Event, Rejected};
use crate::limits::{
    DEAD_OF_PLAYER_ALARMING_MAX, ROOM_STEP_EVENTS, SET_ASIDE_DAYS, SET_ASIDE_ENTRY_BYTES,
    SET_ASIDE_MIB_MAX, SET_ASIDE_TRIMMED_PERCENT,
};
use crate::time::Timestamp;

/// Events that were set aside for the same reason and are of the same type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAsideGroup {
    /// The code of quarantined events, the reason of dead ones.
    pub reason: String,
    /// Their type; empty for those without one.
    pub event_type: String,
    /// How many.
    pub events: u64,
    /// Of how many different players.
    pub players: u64,
    /// When the last of them was received, or died.
    pub last_at: Timestamp,
}

/// Where events are set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetAside {
    /// Those that the definition does not allow.
    Quarantine,
    /// Those that could not be applied.
    Dead,
}

impl SetAside {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Quarantine, Self::Dead];

    /// Its name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quarantine => "quarantine",
            Self::Dead => "dead",
        }
    }
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Events.
    pub events: u64,
    /// Bytes that they take, as they are counted.
    pub bytes: u64,
}

impl Size {
    /// Of what went: the bytes of each, and whether it waited.
    pub fn of(gone: &[(u64, bool)]) -> Self {
        Self { events: gone.len() as u64, bytes: gone.iter().map(|(bytes, _)| bytes).sum() }
    }
}

impl Counts {
    /// Without what went: the bytes of each, and whether it waited.
    pub fn without(place: SetAside, gone: &[(u64, bool)]) -> Self {
        Self::given_up(place, gone.iter().filter(|(_, waited)| *waited).count() as u64)
    }

    /// Without this many that waited.
    pub fn given_up(place: SetAside, waited: u64) -> Self {
        let fewer = -waited.cast_signed();
        match place {
            SetAside::Quarantine => Self { quarantined: fewer, ..Self::default() },
            SetAside::Dead => Self { dead: fewer, ..Self::default() },
        }
    }
}

/// What is set aside in one place, and what of it is to go first where room is needed: what was given up
/// before what waits; of that, the kind that takes most. So a flood of one kind costs no other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Measured {
    /// All together.
    pub size: Size,
    /// How many of the dead wait, of each player at most [`DEAD_OF_PLAYER_ALARMING_MAX`].
    pub alarming: u64,
    /// The kind whose oldest go first; `None` where there is nothing.
    pub first_to_go: Option<SetAsideKind>,
}

/// Entries of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAsideKind {
    /// The code of quarantined events, the type of dead ones.
    pub name: String,
    /// Whether an operator gave them up.
    pub given_up: bool,
}

/// What to let go of, the oldest first. Absent conditions hold for all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LetGo {
    /// Of this kind.
    pub kind: Option<String>,
    /// Those that were given up, or those that wait.
    pub given_up: Option<bool>,
    /// Received, or died, before this time.
    pub before: Option<Timestamp>,
    /// No more than makes this many bytes free.
    pub bytes: Option<u64>,
}

/// How much may be set aside, in quarantine and among the dead each, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetAsideMax {
    /// Bytes.
    pub bytes: u64,
    /// Days since the receipt of quarantined events, and since the death of others.
    pub days: u32,
}

impl Default for SetAsideMax {
    fn default() -> Self {
        Self { bytes: u64::from(SET_ASIDE_MIB_MAX) << 20, days: SET_ASIDE_DAYS }
    }
}

impl SetAsideMax {
    /// What is to go next of what is measured, if it is too much.
    pub fn excess(&self, measured: &Measured) -> Option<LetGo> {
        if measured.size.bytes <= self.bytes {
            return None;
        }
        let kept = self.bytes / 100 * SET_ASIDE_TRIMMED_PERCENT;
        let kind = measured.first_to_go.clone()?;
        Some(LetGo {
            kind: Some(kind.name),
            given_up: Some(kind.given_up),
            before: None,
            bytes: Some(measured.size.bytes - kept),
        })
    }
}

/// What is set aside in one place, as far as a node knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SetAsideUse {
    /// What is there.
    pub size: Size,
    /// How many of the dead wait, of each player at most [`DEAD_OF_PLAYER_ALARMING_MAX`].
    pub alarming: u64,
    /// Events that this node let go of since it started, because they were too many or too old.
    pub let_go: u64,
}

/// What is set aside, and how much may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SetAsideFigures {
    /// In quarantine.
    pub quarantine: SetAsideUse,
    /// Among the dead.
    pub dead: SetAsideUse,
    /// How much either may be.
    pub max: SetAsideMax,
}

impl SetAsideFigures {
    /// Which share of its room the fuller one takes, in percent.
    pub fn percent(&self) -> f64 {
        let bytes = self.quarantine.size.bytes.max(self.dead.size.bytes);
        bytes as f64 * 100.0 / self.max.bytes.max(1) as f64
    }
}

/// Keeps what is set aside within its bounds.
#[async_trait]
pub trait SetAsideStore: AskStore {
    /// How much there is, and what is to go first. It looks at every entry, so it is asked seldom.
    async fn measure_set_aside(&self, place: SetAside) -> Result<Measured> {
        let measured = asking::first(self, place.measure(), place.measuring()).await?;
        Ok(measured.unwrap_or_default())
    }

    /// Gives up entries in one short step, those that the `values` of `…/discard` mean. Answers how many.
    async fn give_up(&self, place: SetAside, values: Values<'static>) -> Result<u64>;

    /// Removes entries for good, the oldest first, at most [`crate::limits::ROOM_STEP_EVENTS`]. Answers
    /// how many went.
    async fn let_go(&self, place: SetAside, which: LetGo) -> Result<Size>;
}

/// Gives up entries, at most `limit`, in steps: `values` is told how many a step takes at most. Answers how
/// many were given up.
pub(super) async fn give_up_in_steps(
    store: &(impl SetAsideStore + ?Sized),
    place: SetAside,
    limit: usize,
    values: impl Fn(usize) -> Values<'static> + Send,
) -> Result<u64> {
    let mut all = 0;
    loop {
        let left = limit.saturating_sub(usize::try_from(all).unwrap_or(usize::MAX));
        if left == 0 {
            return Ok(all);
        }
        match store.give_up(place, values(left.min(ROOM_STEP_EVENTS))).await? {
            0 => return Ok(all),
            given_up => all += given_up,
        }
    }
}

impl SetAside {
    fn measure(self) -> Question {
        match self {
            Self::Quarantine => Question::QuarantineMeasure,
            Self::Dead => Question::DeadMeasure,
        }
    }

    /// What removes entries, and answers of each its bytes and whether it waited.
    pub fn let_go(self) -> Question {
        match self {
            Self::Quarantine => Question::QuarantineLetGo,
            Self::Dead => Question::DeadLetGo,
        }
    }

    /// What gives entries up.
    pub fn give_up(self, values: Values<'static>) -> Order<'static> {
        let statement = match self {
            Self::Quarantine => Statement::GiveUpQuarantined,
            Self::Dead => Statement::GiveUpDead,
        };
        Order::new(statement, values)
    }

    /// The values of `quarantine/measure` or `dead/measure`.
    pub fn measuring(self) -> Values<'static> {
        match self {
            Self::Quarantine => Vec::new(),
            Self::Dead => vec![DEAD_OF_PLAYER_ALARMING_MAX.into()],
        }
    }
}

impl Rejected {
    /// Bytes that it is counted with in quarantine.
    pub fn kept_bytes(&self) -> u64 {
        let Self { event_type, player, event_id, field, message, raw, sent_by, .. } = self;
        let texts = [event_type, event_id, field].into_iter().flatten().map(String::len);
        let player = player.as_ref().map_or(0, |player| player.as_str().len());
        let sender = sent_by.as_ref().map_or(0, |by| by.len());
        let bytes = texts.sum::<usize>() + player + sender + message.len() + raw.len();
        (bytes + SET_ASIDE_ENTRY_BYTES) as u64
    }
}

impl Event {
    /// Bytes that it is counted with among the dead.
    pub fn dead_bytes(&self, reason: &str) -> u64 {
        let texts = [self.player.as_str(), &self.event_type, &self.payload, reason];
        let sender = self.sent_by.as_ref().map_or(0, |by| by.len());
        (texts.map(str::len).iter().sum::<usize>() + sender + SET_ASIDE_ENTRY_BYTES) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_within_its_bounds_stays_and_else_the_first_to_go_makes_room() {
        let max = SetAsideMax { bytes: 1_000, days: 1 };
        let kind = SetAsideKind { name: "wrong_type".to_owned(), given_up: false };
        let measured = |bytes| Measured {
            size: Size { events: 9, bytes },
            alarming: 0,
            first_to_go: Some(kind.clone()),
        };
        assert_eq!(max.excess(&measured(1_000)), None);
        let goes = max.excess(&measured(1_001)).expect("it is too much");
        assert_eq!((goes.bytes, goes.kind.as_deref()), (Some(101), Some("wrong_type")));
        assert_eq!(goes.given_up, Some(false));
        let figures = SetAsideFigures {
            dead: SetAsideUse { size: Size { events: 1, bytes: 250 }, ..SetAsideUse::default() },
            max,
            ..SetAsideFigures::default()
        };
        assert!((figures.percent() - 25.0).abs() < 0.001);
    }
}
