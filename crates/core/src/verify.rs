//! What verification compares, and how a difference is worded. Pure.
//!
//! A store folds the raw events again, finds rows that differ in SQL, and hands over what it found;
//! which projections are compared and what a difference is called is said here, for all stores.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::fold::{
    FINE_GRAIN_MS, Figure, FigureKey, Plan, PlayerStatistics, Projection, ProjectionKind,
};
use crate::id::{PlayerId, Slot};
use crate::store::{Difference, VerifyReport};

/// Counts as they are kept, and as they can be counted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recount {
    /// The name of the count.
    pub name: &'static str,
    /// As it is kept.
    pub kept: i64,
    /// As it can be counted again.
    pub counted: i64,
}

/// A prize of a player: as it was awarded, or as the standings say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Won {
    /// The winner.
    pub player: PlayerId,
    /// With which rank.
    pub rank: u64,
    /// Coins won.
    pub coins: i64,
    /// Gems won.
    pub gems: i64,
}

/// What was found so far.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// The most differences to list.
    list: usize,
    report: VerifyReport,
}

impl Findings {
    /// A report that is still empty and will list the first `list` differences.
    pub fn new(list: usize) -> Self {
        Self { list, ..Self::default() }
    }

    /// The projections of a plan that are compared, by their live slots. Those that do not hold all
    /// of history are reported; cancelled tournaments are passed over.
    pub fn choose<'p>(&mut self, plan: &'p Plan) -> BTreeMap<Slot, &'p Projection> {
        let mut compared = BTreeMap::new();
        for projection in &plan.projections {
            if projection.complete && plan.can_recompute(projection) {
                compared.insert(projection.slot, projection);
            }
        }
        let named = plan.incomplete().into_iter();
        let named = named.map(|(kind, name)| format!("{} {name}", kind.as_str()));
        self.report.incomplete.extend(named);
        compared
    }

    /// Sets the number of raw events that were folded.
    pub fn note_events(&mut self, events: u64) {
        self.report.events = events;
    }

    /// Adds to the number of derived rows that were compared.
    pub fn note_rows(&mut self, rows: u64) {
        self.report.rows += rows;
    }

    /// A row of a projection differs. A side without the row is empty.
    pub fn note_row(
        &mut self,
        projection: &Projection,
        key: String,
        stored: String,
        recomputed: String,
    ) {
        let what = match projection.kind {
            ProjectionKind::Figures => projection.name.to_string(),
            kind => format!("{} {}", kind.as_str(), projection.name),
        };
        self.note(Difference { what, key, stored, recomputed });
    }

    /// Compares the two sides of a player's statistics, as far as they are `compared`.
    pub fn compare_statistics(
        &mut self,
        compared: &BTreeMap<Slot, &Projection>,
        player: &PlayerId,
        stored: &PlayerStatistics,
        recomputed: &PlayerStatistics,
    ) {
        let mut sides: BTreeMap<Slot, [Option<i64>; 2]> = BTreeMap::new();
        for (side, statistics) in [stored, recomputed].into_iter().enumerate() {
            for (slot, amount) in statistics.iter() {
                sides.entry(slot).or_default()[side] = Some(amount);
            }
        }
        for (slot, [stored, recomputed]) in sides {
            if let Some(projection) = compared.get(&slot)
                && stored != recomputed
            {
                let text = |amount: Option<i64>| amount.map_or_else(String::new, |n| n.to_string());
                self.note_row(projection, player.to_string(), text(stored), text(recomputed));
            }
        }
    }

    /// Compares the two sides of a figure.
    pub fn compare_figure(
        &mut self,
        projection: &Projection,
        key: &FigureKey,
        stored: Option<&Figure>,
        recomputed: Option<&Figure>,
    ) {
        if stored == recomputed {
            return;
        }
        let grain = if key.grain_ms == FINE_GRAIN_MS { "5 minutes" } else { "hour" };
        let key = format!("{grain} from {}, {:?}", key.start, key.event_type);
        let text = |figure: Option<&Figure>| figure.map_or_else(String::new, figure_text);
        self.note_row(projection, key, text(stored), text(recomputed));
    }

    /// Compares the counts that are kept as they change with a new count.
    pub fn compare_counts(&mut self, counts: &[Recount]) {
        for Recount { name, kept, counted } in counts {
            self.compare("totals", name, kept, counted);
        }
    }

    /// The prizes of a closed tournament must be those that its standings give.
    pub fn compare_prizes(
        &mut self,
        tournament: &str,
        kept: impl IntoIterator<Item = Won>,
        due: impl IntoIterator<Item = Won>,
    ) {
        let mut sides: BTreeMap<PlayerId, [String; 2]> = BTreeMap::new();
        let of_side = |side: usize| move |won: Won| (side, won);
        let all = kept.into_iter().map(of_side(0)).chain(due.into_iter().map(of_side(1)));
        for (side, Won { player, rank, coins, gems }) in all {
            let prize = format!("rank {rank}: {coins} coins, {gems} gems");
            sides.entry(player).or_default()[side] = prize;
        }
        self.note_rows(sides.len() as u64);
        for (player, [kept, due]) in sides {
            self.compare(&format!("prizes of {tournament}"), player.as_str(), &kept, &due);
        }
    }

    /// The report.
    pub fn report(self) -> VerifyReport {
        self.report
    }

    fn compare<T: PartialEq + Display>(&mut self, what: &str, key: &str, stored: &T, other: &T) {
        if stored != other {
            let (stored, recomputed) = (stored.to_string(), other.to_string());
            let (what, key) = (what.to_owned(), key.to_owned());
            self.note(Difference { what, key, stored, recomputed });
        }
    }

    fn note(&mut self, difference: Difference) {
        self.report.differing += 1;
        if self.report.differences.len() < self.list {
            self.report.differences.push(difference);
        }
    }
}

fn figure_text(figure: &Figure) -> String {
    let Figure { events, processing_ms, first_at, last_at, players } = figure;
    let players = players.len();
    format!("{events} events, {processing_ms} ms, {first_at} to {last_at}, {players} players")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fold::{Meaning, Sketch, WantedProjection};
    use crate::id::ProjectionNo;
    use crate::time::Timestamp;

    fn projection(kind: ProjectionKind, name: &str) -> Projection {
        let meaning = Meaning::BuiltIn;
        let wanted = WantedProjection { kind, name: Arc::from(name), meaning };
        wanted.made(ProjectionNo(1), Slot(1), true)
    }

    fn won(player: &str, rank: u64, coins: i64) -> Won {
        Won { player: PlayerId::from_stored(player), rank, coins, gems: 0 }
    }

    fn told(findings: Findings) -> Vec<[String; 4]> {
        let differences = findings.report().differences.into_iter();
        differences.map(|one| [one.what, one.key, one.stored, one.recomputed]).collect()
    }

    #[test]
    fn all_differences_are_counted_and_the_first_are_listed() {
        let mut findings = Findings::new(2);
        let board = projection(ProjectionKind::Board, "global");
        for n in 0..5 {
            findings.note_row(&board, n.to_string(), "1".to_owned(), String::new());
        }
        let report = findings.report();
        assert_eq!((report.differing, report.differences.len()), (5, 2));
        assert_eq!(report.differences[1].what, "board global");
        assert_eq!(report.differences[1].key, "1");
    }

    #[test]
    fn a_count_differs_if_counting_again_gives_another_number() {
        let mut findings = Findings::new(9);
        findings.compare_counts(&[
            Recount { name: "applied", kept: 7, counted: 7 },
            Recount { name: "dead", kept: 1, counted: 0 },
        ]);
        assert_eq!(told(findings), [["totals", "dead", "1", "0"].map(str::to_owned)]);
    }

    #[test]
    fn a_prize_differs_if_it_is_missing_or_too_much_or_of_another_rank() {
        let mut findings = Findings::new(9);
        let kept = [won("ann", 1, 50), won("bob", 2, 20), won("eve", 3, 5)];
        let due = [won("ann", 1, 50), won("bob", 3, 10), won("dan", 2, 20)];
        findings.compare_prizes("cup", kept, due);
        assert_eq!(findings.clone().report().rows, 4);
        let prize = |rank, coins| format!("rank {rank}: {coins} coins, 0 gems");
        let row = |player: &str, kept: String, due: String| {
            ["prizes of cup".to_owned(), player.to_owned(), kept, due]
        };
        assert_eq!(
            told(findings),
            [
                row("bob", prize(2, 20), prize(3, 10)),
                row("dan", String::new(), prize(2, 20)),
                row("eve", prize(3, 5), String::new()),
            ]
        );
    }

    #[test]
    fn a_statistic_differs_in_what_is_compared() {
        let mut findings = Findings::new(9);
        let coins = projection(ProjectionKind::Statistic, "coins");
        let compared = [(Slot(1), &coins), (Slot(2), &coins), (Slot(3), &coins)].into();
        let of = |amounts: &[(i64, i64)]| -> PlayerStatistics {
            amounts.iter().map(|(slot, amount)| (Slot(*slot), *amount)).collect()
        };
        let (stored, recomputed) = (of(&[(1, 5), (2, 7), (9, 1)]), of(&[(1, 5), (3, 8), (9, 2)]));
        let ann = PlayerId::from_stored("ann");
        findings.compare_statistics(&compared, &ann, &stored, &recomputed);
        let row = |stored: &str, recomputed: &str| {
            ["statistic coins", "ann", stored, recomputed].map(str::to_owned)
        };
        assert_eq!(told(findings), [row("7", ""), row("", "8")], "slot 9 is not compared");
    }

    #[test]
    fn a_figure_is_told_by_its_grain_and_what_it_says() {
        let start = Timestamp::parse("2026-11-23T10:00:00Z").expect("a time");
        let figure = |events| Figure {
            events,
            processing_ms: 9,
            first_at: start,
            last_at: start.plus_ms(5),
            players: Sketch::default(),
        };
        let key = FigureKey {
            slot: Slot(1),
            grain_ms: FINE_GRAIN_MS,
            start,
            event_type: Arc::from("game_ended"),
        };
        let mut findings = Findings::new(9);
        let figures = projection(ProjectionKind::Figures, "figures");
        findings.compare_figure(&figures, &key, Some(&figure(2)), Some(&figure(2)));
        findings.compare_figure(&figures, &key, Some(&figure(3)), None);
        let told = told(findings);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0][0], "figures");
        assert!(told[0][1].starts_with("5 minutes from 2026-11-23T10:00:00"), "{}", told[0][1]);
        assert!(told[0][2].starts_with("3 events, 9 ms, "), "{}", told[0][2]);
        assert_eq!(told[0][3], "");
    }
}
