//! Exact analytics: what a player's state is, how states merge, and what the counters are made of.
//!
//! A player's state is a lattice: merging is commutative, associative and repeatable, so that order,
//! repetition and lateness of events change nothing. It lies in small parts: one [`PlayerDay`] for each
//! day on which the player was active, with the sessions of that day, and one [`PlayerLife`] with what
//! reaches over days. What an operator reads are sums over players of a function *g* of those parts.
//! When a part changes, `g(new) − g(old)` is added to the counters in the same transaction
//! ([`PlayerDay::difference`], [`PlayerLife::difference`]); that telescopes, so the counters are Σ g.
//! What is a plain sum of events (money, currencies) is counted without a state.
//!
//! Nothing here knows SQL; stores keep the bytes of parts and the counters, and call [`merge_day`] and
//! [`merge_life`].

mod codec;
mod context;
mod counters;
mod day;
mod days;
pub mod figures;
mod lengths;
mod life;
mod meaning;
mod merging;
mod player_day;
mod shown;

pub use codec::StateError;
pub(crate) use context::value;
pub use context::{Context, Dimension};
pub use counters::{By, CounterKey, CounterQuery, CounterRow, Counters, Item, MeasureName};
pub use day::{Calendar, Day, DayRange};
pub use days::Days;
pub use lengths::{COARSE, FINE, Lengths};
pub use life::{PlayerLife, RETENTION_DAYS_AFTER};
pub use meaning::{Analytics, Currency, Direction, Flow, Funnel, FunnelSteps, Purchases, Step};
pub use merging::{
    Merged, Part, PartRows, PlayerChange, PlayerParts, merge_day, merge_life, merge_players,
    replace_part,
};
pub use player_day::{PlayerDay, session_key};
pub use shown::shown;
