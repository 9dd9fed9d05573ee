//! The entries of one board in one period, or of one tournament.

use rustc_hash::FxHashMap;
use scoreline_core::game::Operator;

/// What a player has on a board.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub player: u32,
    /// The score as points: more is better.
    pub points: i64,
    /// When the points were reached, by receipt.
    pub reached_ms: i64,
    /// The time of the last event that counted.
    pub last_ms: i64,
    /// How many counted.
    pub attempts: u32,
    /// The id of the event whose value stands, where the last one counts.
    last_id: u128,
    /// Whether nobody can tell from outside if an event fell into this period.
    pub unsure: bool,
}

/// An event that counts.
pub(super) struct Score {
    pub player: u32,
    pub points: i64,
    pub received_ms: i64,
    pub counted_ms: i64,
    pub id: u128,
    pub unsure: bool,
}

/// The entries, by player.
pub(crate) struct Table {
    operator: Operator,
    sums_each: usize,
    places: FxHashMap<u32, u32>,
    entries: Vec<Entry>,
    sums: Vec<i64>,
}

impl Table {
    pub fn new(operator: Operator, sums_each: usize) -> Self {
        let places = FxHashMap::default();
        Self { operator, sums_each, places, entries: Vec::new(), sums: Vec::new() }
    }

    /// All entries with their sums.
    pub fn entries(&self) -> impl Iterator<Item = (&Entry, &[i64])> {
        let each = self.sums_each;
        let sums = move |place: usize| &self.sums[place * each..(place + 1) * each];
        self.entries.iter().enumerate().map(move |(place, entry)| (entry, sums(place)))
    }

    /// Takes an event in.
    pub(super) fn take(&mut self, score: &Score, beside: impl Iterator<Item = i64>) {
        let place = if let Some(place) = self.places.get(&score.player) {
            *place as usize
        } else {
            let place = self.entries.len();
            let no = u32::try_from(place).expect("there are fewer players than that");
            self.places.insert(score.player, no);
            self.entries.push(Entry {
                player: score.player,
                points: if self.operator == Operator::Best { i64::MIN } else { 0 },
                reached_ms: score.received_ms,
                last_ms: i64::MIN,
                attempts: 0,
                last_id: 0,
                unsure: false,
            });
            self.sums.resize(self.sums.len() + self.sums_each, 0);
            place
        };
        let entry = &mut self.entries[place];
        let is_later = (score.counted_ms, score.id) > (entry.last_ms, entry.last_id);
        match self.operator {
            Operator::Sum | Operator::Count => {
                entry.points += score.points;
                entry.reached_ms = entry.reached_ms.max(score.received_ms);
            }
            Operator::Best if score.points > entry.points => {
                (entry.points, entry.reached_ms) = (score.points, score.received_ms);
            }
            Operator::Best if score.points == entry.points => {
                entry.reached_ms = entry.reached_ms.min(score.received_ms);
            }
            Operator::Latest if is_later => {
                (entry.points, entry.reached_ms) = (score.points, score.received_ms);
                entry.last_id = score.id;
            }
            Operator::Best | Operator::Latest => {}
        }
        entry.last_ms = entry.last_ms.max(score.counted_ms);
        entry.attempts += 1;
        entry.unsure |= score.unsure;
        let sums = &mut self.sums[place * self.sums_each..(place + 1) * self.sums_each];
        sums.iter_mut().zip(beside).for_each(|(sum, more)| *sum += more);
    }
}
