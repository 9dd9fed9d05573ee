//! What the domain's types are as values of statements.
//!
//! The counterpart of [`super::rows`]: the statements of all stores take the same values in the same
//! order, so which they are is said once; a store says how a value is bound. What is written by the
//! thousand in a transaction (events, board entries) a store binds itself, in the way that is fastest
//! there.

use std::borrow::Cow;

use uuid::Uuid;

use super::{Counts, DeadFilter, EventFilter, LetGo, QuarantineFilter, Question, Text};
use crate::audit::{Act, AuditFilter, AuditNo, Audited};
use crate::ban::Ban;
use crate::event::Event;
use crate::fold::{BoardChange, PlayerRow, WantedProjection};
use crate::id::{BoardKey, PlayerId};
use crate::key::Key;
use crate::limits::{
    DISCARD_STEP_BYTES, KEYS_MAX, RECENT_LOOKED_THROUGH, ROOM_STEP_EVENTS, SET_ASIDE_GROUPED_MAX,
};
use crate::time::Timestamp;

/// A value of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'v> {
    /// A number or a time, or the lack of one.
    Integer(Option<i64>),
    /// A truth.
    Truth(bool),
    /// A text, or the lack of one.
    Text(Option<Cow<'v, str>>),
    /// A UUID, or the lack of one.
    Id(Option<Uuid>),
    /// Numbers: a list where the database has lists, else as JSON.
    Numbers(Vec<i64>),
}

impl Value<'_> {
    /// The value without what it borrows.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Integer(number) => Value::Integer(number),
            Self::Truth(truth) => Value::Truth(truth),
            Self::Text(text) => Value::Text(text.map(|text| Cow::Owned(text.into_owned()))),
            Self::Id(id) => Value::Id(id),
            Self::Numbers(numbers) => Value::Numbers(numbers),
        }
    }
}

/// The values of a statement, in its order.
pub type Values<'v> = Vec<Value<'v>>;

/// Implements the way into a [`Value`].
macro_rules! into_value {
    ($($from:ty => |$value:ident| $into:expr;)*) => {
        $(impl<'v> From<$from> for Value<'v> {
            fn from($value: $from) -> Self {
                $into
            }
        })*
    };
}

into_value! {
    i64 => |number| Self::Integer(Some(number));
    Option<i64> => |number| Self::Integer(number);
    u64 => |count| Self::Integer(Some(count.cast_signed()));
    Timestamp => |time| Self::Integer(Some(time.as_ms()));
    Option<Timestamp> => |time| Self::Integer(time.map(Timestamp::as_ms));
    bool => |truth| Self::Truth(truth);
    &'v str => |text| Self::Text(Some(text.into()));
    &'v String => |text| Self::Text(Some(text.into()));
    String => |text| Self::Text(Some(text.into()));
    Option<String> => |text| Self::Text(text.map(Cow::Owned));
    Option<&'v str> => |text| Self::Text(text.map(Cow::Borrowed));
    &'v Option<String> => |text| text.as_deref().into();
    &'v PlayerId => |player| player.as_str().into();
    Option<&'v PlayerId> => |player| player.map(PlayerId::as_str).into();
    Uuid => |id| Self::Id(Some(id));
    Option<Uuid> => |id| Self::Id(id);
    Vec<i64> => |numbers| Self::Numbers(numbers);
}

/// The values of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::store::values::Value::from($value)),*] as $crate::store::values::Values<'_>
    };
}
pub(crate) use values;

/// Values without what they borrow.
pub(crate) fn owned(values: Values<'_>) -> Values<'static> {
    values.into_iter().map(Value::into_owned).collect()
}

/// A number of rows as statements take it.
pub fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// The values of `quarantine/groups`.
pub fn quarantine_groups(discarded: bool, groups: usize) -> Values<'static> {
    values![discarded, SET_ASIDE_GROUPED_MAX, limit(groups)]
}

/// The values of `dead/groups`.
pub fn dead_groups(groups: usize) -> Values<'static> {
    values![SET_ASIDE_GROUPED_MAX, limit(groups)]
}

/// After which player a page begins. No id is empty, so the empty text stands before all of them.
pub(super) fn from_player(after: Option<&PlayerId>) -> &str {
    after.map_or("", PlayerId::as_str)
}

impl LetGo {
    /// The values of `quarantine/let_go` and `dead/let_go`.
    pub fn values(&self) -> Values<'_> {
        let given_up = self.given_up.map(i64::from);
        let bytes = self.bytes.map_or(i64::MAX, u64::cast_signed);
        let before = until(self.before);
        values![&self.kind, given_up, before, bytes, limit(ROOM_STEP_EVENTS)]
    }
}

/// The bound of a range of times that may be open, as a value of a comparison.
fn from(bound: Option<Timestamp>) -> i64 {
    bound.map_or(i64::MIN, Timestamp::as_ms)
}

/// The upper bound of a range of times, itself excluded, as a value of a comparison.
pub(super) fn until(bound: Option<Timestamp>) -> i64 {
    bound.map_or(i64::MAX, Timestamp::as_ms)
}

impl PlayerRow {
    /// The values of `board/put`.
    pub fn put<'v>(&self, board: BoardKey, player: &'v PlayerId) -> Values<'v> {
        let BoardChange { reached_at, attempts, last_at, last_id, .. } = self.held;
        let points = self.held.shown_points();
        let [sum_0, sum_1, sum_2, sum_3] = self.held.shown_sums();
        let mut values = values![board.slot.0, board.period, player, points, reached_at, attempts];
        values.extend(values![last_at, last_id, sum_0, sum_1, sum_2, sum_3, self.taken_back]);
        values.push(self.held.beyond().into());
        values
    }
}

impl EventFilter {
    /// From when, until when, and of which type.
    pub fn times_and_type(&self) -> (i64, i64, Option<&str>) {
        (from(self.from), until(self.until), self.event_type.as_deref())
    }

    /// What asks for the newest events that fit, and its values.
    pub fn recent(&self, rows: usize, text: Text) -> (Question, Values<'_>) {
        let (from, until, event_type) = self.times_and_type();
        let mut values = values![from, until, event_type, limit(rows)];
        let question = if let Some(player) = &self.player {
            values.push(player.into());
            Question::RecentOfPlayer
        } else {
            values.push(limit(RECENT_LOOKED_THROUGH).into());
            Question::Recent
        };
        values.push(text.chars().into());
        (question, values)
    }
}

/// Which of the entries that are set aside are meant.
pub trait SetAsideFilter {
    /// The conditions that the place has of its own.
    fn conditions(&self) -> Values<'_>;

    /// The only entry that is meant, if it is one.
    fn only(&self) -> Option<i64>;

    /// Whether those are meant that were given up, instead of those that wait.
    fn discarded(&self) -> bool;

    /// The values of `…/page`, behind the entry `after`. Without `text`, texts are read whole.
    fn page(&self, after: Option<i64>, rows: usize, text: Option<Text>) -> Values<'_> {
        let mut values = self.with(values![after.unwrap_or(0), self.discarded(), limit(rows)]);
        values.push(text.map(Text::chars).into());
        values
    }

    /// The values of `…/count`.
    fn counting(&self) -> Values<'_> {
        self.with(values![self.discarded()])
    }

    /// The values of `…/discard`.
    fn giving_up<'v>(&'v self, note: &'v str, now: Timestamp, rows: usize) -> Values<'v> {
        let mut values = self.with(values![now, note]);
        values.extend(values![limit(rows), DISCARD_STEP_BYTES]);
        values
    }

    /// The conditions, what a statement wants beside them, and the only entry that is meant.
    fn with<'v>(&'v self, more: Values<'v>) -> Values<'v> {
        self.conditions().into_iter().chain(more).chain(values![self.only()]).collect()
    }
}

impl SetAsideFilter for DeadFilter {
    fn conditions(&self) -> Values<'_> {
        let EventFilter { event_type, player, from: first, until: end } = &self.event;
        values![from(*first), until(*end), event_type, player.as_ref(), &self.reason]
    }

    fn only(&self) -> Option<i64> {
        self.only.map(|only| only.0)
    }

    fn discarded(&self) -> bool {
        self.discarded
    }
}

impl SetAsideFilter for QuarantineFilter {
    fn conditions(&self) -> Values<'_> {
        let Self { event_type, code, player, from: first, until: end, .. } = self;
        values![event_type, code, player.as_ref(), from(*first), until(*end)]
    }

    fn only(&self) -> Option<i64> {
        self.only.map(|only| only.0)
    }

    fn discarded(&self) -> bool {
        self.discarded
    }
}

impl Event {
    /// What is stored as its counted time: nothing where it is its own.
    pub fn stored_counted_at(&self) -> Option<i64> {
        self.has_wrong_clock().then(|| self.counted_at.as_ms())
    }

    /// The values of `dead/put`.
    pub fn dying<'v>(&'v self, reason: &'v str, died_at: Timestamp) -> Values<'v> {
        values![
            &self.player,
            self.id,
            self.time,
            &*self.event_type,
            self.received_at,
            self.stored_counted_at(),
            self.content.0,
            &*self.payload,
            reason,
            died_at,
            self.dead_bytes(reason),
            self.sent_by.as_deref(),
        ]
    }
}

impl WantedProjection {
    /// The values of `projection/create`.
    pub fn creation(&self, complete: bool, pending: bool) -> Values<'_> {
        let (fingerprint, text) = (self.meaning.fingerprint(), self.meaning.to_text());
        values![self.kind.as_str(), &*self.name, fingerprint, text, complete, pending]
    }
}

impl Counts {
    /// The values of `state/count`.
    pub fn addition(self, applied_at: Timestamp) -> Values<'static> {
        let Self { applied, duplicates, dead, quarantined, in_review, removed, last_receipt } =
            self;
        let mut added = values![applied_at, applied, duplicates, dead, quarantined, removed];
        added.extend(values![last_receipt, in_review]);
        added
    }
}

impl Ban {
    /// The values of `ban/put`, for a ban or the lack of one.
    pub fn put(ban: Option<Self>, player: &PlayerId) -> Values<'_> {
        let shadow = ban.is_some_and(|ban| ban.shadow);
        values![player, ban.is_some(), shadow, ban.and_then(|ban| ban.until)]
    }
}

impl Key {
    /// The values of `access_key/create`.
    pub fn creation(&self) -> Values<'_> {
        let Self { id, name, hash, scopes, created_at, expires_at, .. } = self;
        values![*id, name, hash, scopes.to_string(), *created_at, *expires_at, limit(KEYS_MAX)]
    }
}

impl AuditFilter {
    /// The values of `audit/page`.
    pub fn page(&self, before: Option<AuditNo>, rows: usize) -> Values<'_> {
        let Self { from: first, until: end, who, what, target } = self;
        let before = before.map_or(i64::MAX, |before| before.0);
        values![before, from(*first), until(*end), who, what, target, limit(rows)]
    }
}

impl Audited {
    /// The values of `audit/note`.
    pub fn noting(&self) -> Values<'_> {
        let Self { act: Act { by, what, target, note, at }, before, after } = self;
        let address = by.address.map(|address| address.to_string());
        values![*at, &by.name, by.key, address, what, target, note, before, after]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_filter_leaves_open_holds_for_all() {
        let all = DeadFilter::default();
        let open = all.page(None, 7, Some(Text::Nothing));
        let bounds = values![i64::MIN, i64::MAX, None::<&str>, None::<&str>, None::<&str>];
        assert_eq!(open[..5], bounds);
        assert_eq!(open[5..], values![0_i64, false, 7_i64, None::<i64>, 0_i64]);
        let ann = PlayerId::from_stored("ann");
        let filter = QuarantineFilter {
            player: Some(ann.clone()),
            until: Some(Timestamp::EPOCH),
            discarded: true,
            ..QuarantineFilter::default()
        };
        let page = filter.page(Some(5), usize::MAX, None);
        assert_eq!(page[2..5], values![&ann, i64::MIN, Timestamp::EPOCH]);
        assert_eq!(page[5..], values![5_i64, true, i64::MAX, None::<i64>, None::<i64>]);
        let given_up = filter.giving_up("no use", Timestamp::EPOCH, 9);
        assert_eq!(given_up[5..], values![0_i64, "no use", None::<i64>, 9_i64, DISCARD_STEP_BYTES]);
    }
}
