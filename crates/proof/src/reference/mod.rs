//! What must come out: worked out from what was sent, by other means than the server's.
//!
//! The server folds events into changes, merges them with rows and keeps counters of analytics by what
//! changes. Here every event is taken in by itself, one after the other, and analytics are sets of
//! players by day that are counted when somebody asks. Both read the definition by core, and the periods
//! of boards by its calendar; nothing else is shared.

pub(crate) mod days;
mod measure;
pub(crate) mod table;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use scoreline_core::game::{Operator, Period};
use scoreline_core::time::Timestamp;
use uuid::Uuid;

use crate::players::session::Told;
use crate::players::values::Value;
use crate::shape::{BoardShape, Shape};
use days::Days;
use table::{Score, Table};

/// Events older than this count as of their receipt.
const AGE_MAX_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// So do those that are further ahead.
const AHEAD_MAX_MS: i64 = 5 * 60 * 1_000;
/// A device's clock that is ahead by more than this is corrected, where the request says when it was sent.
const SKEW_TOLERATED_MS: i64 = 60 * 1_000;

/// A tournament as the reference knows it.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    /// Its id.
    pub id: Arc<str>,
    /// Its board, in the shape.
    pub board: usize,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
}

/// When something was received.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Receipt {
    /// The receipt; the last moment that it can have been, where that is not known.
    pub at: Timestamp,
    /// The first moment that it can have been.
    pub earliest: Timestamp,
    /// When the device says that it sent the request.
    pub sent_ms: Option<i64>,
}

/// What some of the players must have.
pub(crate) struct Ledger {
    shape: Arc<Shape>,
    /// Where each player's numbers are.
    places: FxHashMap<u32, u32>,
    pub players: Vec<PlayerNumbers>,
    statistics: Vec<i64>,
    boards: FxHashMap<(usize, Timestamp), Table>,
    /// The period of each board that was looked up last: finding one takes longer than taking an event in.
    periods: FxHashMap<usize, Period>,
    tournaments: FxHashMap<Arc<str>, Table>,
    pub days: Days,
    /// Events that count, by type.
    pub counted: Vec<u64>,
    /// Events of which nobody can tell from outside on which day they count.
    pub unsure_days: u64,
}

/// What is known of a player beside statistics and boards.
#[derive(Debug, Clone)]
pub(crate) struct PlayerNumbers {
    pub player: u32,
    pub first_seen_ms: i64,
    pub last_seen_ms: i64,
    pub is_named: bool,
    /// Whether nobody can tell from outside when exactly some event counts.
    pub is_unsure: bool,
}

impl Ledger {
    /// Nothing was sent.
    pub fn new(shape: Arc<Shape>) -> Self {
        let days = Days::new(shape.definition.analytics.zone.clone());
        let counted = vec![0; shape.types.len()];
        Self {
            shape,
            places: FxHashMap::default(),
            players: Vec::new(),
            statistics: Vec::new(),
            boards: FxHashMap::default(),
            periods: FxHashMap::default(),
            tournaments: FxHashMap::default(),
            days,
            counted,
            unsure_days: 0,
        }
    }

    /// Takes an event in that was accepted for the first time.
    pub fn take(&mut self, player: u32, event: &Told, receipt: Receipt, windows: &[Window]) {
        let counted_ms = self::counted_ms(event.stated_ms, receipt);
        let or_ms = self::counted_ms(event.stated_ms, Receipt { at: receipt.earliest, ..receipt });
        if or_ms != counted_ms {
            self.unsure_days += u64::from(self.days.day(or_ms) != self.days.day(counted_ms));
        }
        self.counted[event.event] += 1;
        self.days.note(counted_ms, player);
        let place = self.place(player);
        let numbers = &mut self.players[place];
        numbers.first_seen_ms = numbers.first_seen_ms.min(counted_ms);
        numbers.last_seen_ms = numbers.last_seen_ms.max(counted_ms);
        numbers.is_unsure |= or_ms != counted_ms;
        let shape = Arc::clone(&self.shape);
        let each = shape.statistics.len();
        let own = &mut self.statistics[place * each..(place + 1) * each];
        for (statistic, value) in shape.statistics.iter().zip(own) {
            let measure = &statistic.measure;
            if measure.event != event.event {
                continue;
            }
            let Some(worth) = measure::worth(measure, &event.values) else { continue };
            *value = match measure.operator {
                Operator::Best => (*value).max(worth),
                _ if *value == i64::MIN => worth,
                _ => *value + worth,
            };
        }
        for (no, board) in shape.boards.iter().enumerate() {
            if board.measure.event == event.event {
                let when = (counted_ms, counted_ms == or_ms, receipt);
                self.take_for_board(player, (no, board), event, when, windows);
            }
        }
    }

    fn take_for_board(
        &mut self,
        player: u32,
        (no, board): (usize, &BoardShape),
        event: &Told,
        (counted_ms, is_sure, receipt): (i64, bool, Receipt),
        windows: &[Window],
    ) {
        let Some(worth) = measure::worth(&board.measure, &event.values) else { return };
        let score = |unsure: bool| Score {
            player,
            points: board.order.points(worth),
            received_ms: receipt.at.as_ms(),
            counted_ms,
            id: event.id.unwrap_or(Uuid::nil()).as_u128(),
            // Which one is the last may depend on when exactly it counts.
            unsure: unsure || !is_sure && board.measure.operator == Operator::Latest,
        };
        let sums = || {
            board.beside.iter().map(|(_, field)| match &event.values[*field] {
                Some(Value::Integer(number)) => *number,
                _ => 0,
            })
        };
        let empty = || Table::new(board.measure.operator, board.beside.len());
        let period = self.period((no, board), receipt.at);
        let unsure = period != self.period((no, board), receipt.earliest);
        let table = self.boards.entry((no, period)).or_insert_with(empty);
        table.take(&score(unsure), sums());
        for window in windows.iter().filter(|window| window.board == no) {
            let inside = |at: Timestamp| window.starts_at <= at && at < window.ends_at;
            let (last, first) = (inside(receipt.at), inside(receipt.earliest));
            if last || first {
                let table = self.tournaments.entry(Arc::clone(&window.id)).or_insert_with(empty);
                table.take(&score(last != first), sums());
            }
        }
    }

    /// When the period of a board began; the start of 1970 where it never resets.
    fn period(&mut self, (no, board): (usize, &BoardShape), at: Timestamp) -> Timestamp {
        let Some(reset) = &board.reset else { return Timestamp::EPOCH };
        if let Some(known) = self.periods.get(&no).filter(|known| known.contains(at)) {
            return known.start;
        }
        let period = reset.period_at(at);
        self.periods.insert(no, period);
        period.start
    }

    /// Notes that a player has chosen a name.
    pub fn name(&mut self, player: u32) {
        let place = self.place(player);
        self.players[place].is_named = true;
    }

    /// The statistics of the player at this place, in the order of the definition.
    pub fn statistics(&self, place: usize) -> impl Iterator<Item = (&str, i64)> {
        let each = self.shape.statistics.len();
        let own = &self.statistics[place * each..(place + 1) * each];
        let names = self.shape.statistics.iter().map(|one| &*one.name);
        names.zip(own.iter().map(|value| if *value == i64::MIN { 0 } else { *value }))
    }

    /// The entries of a board, by period.
    pub fn board(&self, no: usize) -> impl Iterator<Item = (Timestamp, &Table)> {
        let own = self.boards.iter().filter(move |((board, _), _)| *board == no);
        own.map(|((_, period), table)| (*period, table))
    }

    /// The entries of a tournament.
    pub fn tournament(&self, id: &str) -> Option<&Table> {
        self.tournaments.get(id)
    }

    fn place(&mut self, player: u32) -> usize {
        if let Some(place) = self.places.get(&player) {
            return *place as usize;
        }
        let place = self.players.len();
        self.places.insert(player, u32::try_from(place).expect("there are fewer players"));
        let (first_seen_ms, last_seen_ms) = (i64::MAX, i64::MIN);
        self.players.push(PlayerNumbers {
            player,
            first_seen_ms,
            last_seen_ms,
            is_named: false,
            is_unsure: false,
        });
        self.statistics.extend(self.shape.statistics.iter().map(|_| i64::MIN));
        place
    }
}

/// As of when an event counts.
fn counted_ms(stated_ms: Option<i64>, receipt: Receipt) -> i64 {
    let received_ms = receipt.at.as_ms();
    let Some(stated_ms) = stated_ms else { return received_ms };
    let ahead_ms = receipt.sent_ms.map_or(0, |sent_ms| sent_ms - received_ms);
    let corrected = if ahead_ms > SKEW_TOLERATED_MS { stated_ms - ahead_ms } else { stated_ms };
    let is_believed =
        corrected >= received_ms - AGE_MAX_MS && corrected <= received_ms + AHEAD_MAX_MS;
    if is_believed { corrected } else { received_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_ahead_is_corrected_and_an_absurd_one_is_not_believed() {
        let at = Timestamp::parse("2026-11-22T12:00:00Z").expect("a time");
        let hour = 3_600_000;
        let counted = |stated: i64, sent: Option<i64>| {
            let sent_ms = sent.map(|ms| at.as_ms() + ms);
            let receipt = Receipt { at, earliest: at, sent_ms };
            counted_ms(Some(at.as_ms() + stated), receipt) - at.as_ms()
        };
        assert_eq!(counted(-1_000, Some(0)), -1_000);
        assert_eq!(counted(3 * hour - 1_000, Some(3 * hour)), -1_000);
        assert_eq!(counted(3 * hour, None), 0, "nobody says how far it is ahead");
        assert_eq!(counted(-3 * hour, Some(-3 * hour)), -3 * hour, "it may have waited");
        assert_eq!(counted(-31 * 24 * hour, None), 0);
        assert_eq!(counted(59_000, Some(60_000)), 59_000);
    }
}
