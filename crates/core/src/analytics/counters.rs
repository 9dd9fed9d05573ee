//! What operators read: counters, each the sum over players of one part of *g*.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Day, DayRange, Dimension};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MeasureName {
    /// Players who were active on the day.
    Active,
    /// Players whose first day it is.
    New,
    /// How many more players than the day before were active in the 7 days that end with the day.
    Week,
    /// How many more players than the day before were active in the 30 days that end with the day.
    Month,
    /// Of the players whose first day it is, those who were active `item` days later.
    Returned,
    /// Sessions.
    Sessions,
    /// Milliseconds of all sessions together.
    SessionMs,
    /// Sessions whose length is of the class `item`.
    SessionLength,
    /// Players who paid on the day.
    Payers,
    /// Players who paid for the first time ever.
    FirstPurchases,
    /// Purchases.
    Purchases,
    /// Money, in the smallest unit of the definition.
    Revenue,
    /// Of a currency, what players earned from the source `item`.
    Earned,
    /// Of a currency, what players spent on the sink `item`.
    Spent,
    /// Of the players whose first step fell on the day, those who reached the step `item`.
    Funnel,
    /// Of those, how long they took from the step before: a step and a class of lengths.
    FunnelTime,
}

impl MeasureName {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Active,
        Self::New,
        Self::Week,
        Self::Month,
        Self::Returned,
        Self::Sessions,
        Self::SessionMs,
        Self::SessionLength,
        Self::Payers,
        Self::FirstPurchases,
        Self::Purchases,
        Self::Revenue,
        Self::Earned,
        Self::Spent,
        Self::Funnel,
        Self::FunnelTime,
    ];

    /// As stores write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::New => "new",
            Self::Week => "week",
            Self::Month => "month",
            Self::Returned => "returned",
            Self::Sessions => "sessions",
            Self::SessionMs => "session_ms",
            Self::SessionLength => "session_length",
            Self::Payers => "payers",
            Self::FirstPurchases => "first_purchases",
            Self::Purchases => "purchases",
            Self::Revenue => "revenue",
            Self::Earned => "earned",
            Self::Spent => "spent",
            Self::Funnel => "funnel",
            Self::FunnelTime => "funnel_time",
        }
    }
}

/// What a counter is split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum By {
    /// Nothing: all players.
    All,
    /// The value of a dimension.
    Dimension(Dimension),
    /// A currency of the game.
    Currency,
    /// A funnel.
    Funnel,
}

impl By {
    /// As stores write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Dimension(dimension) => dimension.as_str(),
            Self::Currency => "currency",
            Self::Funnel => "funnel",
        }
    }
}

/// What is told apart within a measure.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// Nothing.
    None,
    /// A number: days after the first, a step, a class of lengths.
    Number(u32),
    /// A step and a class of lengths.
    Pair(u32, u32),
    /// A source or a sink.
    Text(Arc<str>),
}

/// As stores write it.
impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Number(number) => write!(f, "{number}"),
            Self::Pair(one, other) => write!(f, "{one}:{other}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Which counter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CounterKey {
    /// What is counted.
    pub measure: MeasureName,
    /// What it is split by.
    pub by: By,
    /// The value of that: a version, a currency, a funnel. `None` with [`By::All`].
    pub value: Option<Arc<str>>,
    /// Of which day.
    pub day: Day,
    /// What is told apart within it.
    pub item: Item,
}

impl CounterKey {
    /// The value as stores write it.
    pub fn value_text(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }
}

/// Counts by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters(FxHashMap<CounterKey, i64>);

impl Counters {
    /// Counts more.
    pub fn add(&mut self, key: CounterKey, more: i64) {
        if more == 0 {
            return;
        }
        // It would take nine million events of the greatest amount on one day to come to the end of this.
        let count = self.0.entry(key).or_default();
        *count = count.saturating_add(more);
    }

    /// Counts all of these.
    pub fn add_all(&mut self, more: impl IntoIterator<Item = (CounterKey, i64)>) {
        for (key, more) in more {
            self.add(key, more);
        }
    }

    /// Counts all that others have counted.
    pub fn absorb(&mut self, other: Self) {
        self.add_all(other.0);
    }

    /// Those that are not 0, in the order of keys.
    pub fn into_sorted(self) -> Vec<(CounterKey, i64)> {
        let mut all: Vec<_> = self.0.into_iter().filter(|(_, count)| *count != 0).collect();
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        all
    }
}

/// Which counters are read: of one measure and one split, over some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterQuery {
    /// What is counted.
    pub measure: MeasureName,
    /// What it is split by.
    pub by: By,
    /// The value of that; any value if none is named.
    pub value: Option<Arc<str>>,
    /// Over which days.
    pub days: DayRange,
}

/// One counter that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterRow {
    /// The value of what it is split by; empty if by nothing.
    pub value: Arc<str>,
    /// Of which day.
    pub day: Day,
    /// What is told apart within it, as it is stored.
    pub item: Arc<str>,
    /// The count.
    pub count: i64,
}

impl CounterRow {
    /// The item as a number; `None` of any other.
    pub fn number(&self) -> Option<u32> {
        self.item.parse().ok()
    }

    /// The item as a pair of numbers; `None` of any other.
    pub fn pair(&self) -> Option<(u32, u32)> {
        let (one, other) = self.item.split_once(':')?;
        Some((one.parse().ok()?, other.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cancels_out_is_not_written() {
        let key = |day| CounterKey {
            measure: MeasureName::Active,
            by: By::All,
            value: None,
            day: Day(day),
            item: Item::None,
        };
        let mut counters = Counters::default();
        counters.add_all([(key(2), 1), (key(1), 1), (key(2), -1), (key(3), 2)]);
        assert_eq!(counters.into_sorted(), [(key(1), 1), (key(3), 2)]);
    }

    #[test]
    fn items_are_read_as_they_are_written() {
        let row = |item: Item| CounterRow {
            value: Arc::from(""),
            day: Day(0),
            item: Arc::from(item.to_string()),
            count: 1,
        };
        assert_eq!(row(Item::Number(30)).number(), Some(30));
        assert_eq!(row(Item::Pair(2, 17)).pair(), Some((2, 17)));
        assert_eq!(row(Item::Text(Arc::from("shop"))).number(), None);
        assert_eq!(row(Item::None).pair(), None);
    }
}
