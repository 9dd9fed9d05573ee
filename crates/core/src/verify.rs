//! What verification compares, and how a difference is worded. Pure.
//!
//! A store folds the raw events again, finds rows that differ in SQL, and hands over what it found;
//! which projections are compared and what a difference is called is said here, for all stores.

mod recomputing;

use std::collections::BTreeMap;
use std::fmt::Display;

use uuid::Uuid;

use crate::fold::{FINE_GRAIN_MS, Figure, FigureKey, Plan, PlayerStatistics, Projection};
use crate::id::{BoardKey, PlayerId, Slot};
use crate::rank::{Entry, Standing};
use crate::store::{Difference, VerifyReport};
use crate::time::Timestamp;
use crate::tournament::{Ranking, Tournament, winners};

pub use recomputing::Recomputing;

/// What is kept on a board of one player.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoardRow {
    /// The entry.
    pub entry: Entry,
    /// The id of the last event that counted, on boards for which it decides.
    pub last_id: Option<Uuid>,
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
    /// Where the winner stands on the tournament's board, if they are there.
    pub standing: Option<Standing>,
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

    /// Adds to the number of derived rows that were compared.
    pub fn note_rows(&mut self, rows: u64) {
        self.report.rows += rows;
    }

    /// Compares the two sides of a row of a board. A side without the row is empty.
    pub fn compare_board(
        &mut self,
        compared: &BTreeMap<Slot, &Projection>,
        board: BoardKey,
        player: &PlayerId,
        stored: Option<BoardRow>,
        recomputed: Option<BoardRow>,
    ) {
        let (stored, recomputed) = (stored.and_then(counted), recomputed.and_then(counted));
        let Some(projection) = compared.get(&board.slot).filter(|_| stored != recomputed) else {
            return;
        };
        let key = match board.period {
            Timestamp::EPOCH => player.to_string(),
            period => format!("{player}, period from {period}"),
        };
        let text =
            |row: Option<BoardRow>| row.map_or_else(String::new, |row| row_text(&row, projection));
        self.note_row(projection, key, text(stored), text(recomputed));
    }

    /// A part of a player's state or a counter of analytics differs.
    pub fn note_analytics(
        &mut self,
        compared: &BTreeMap<Slot, &Projection>,
        (slot, key, stored, recomputed): (Slot, String, String, String),
    ) {
        if let Some(projection) = compared.get(&slot) {
            self.note_row(projection, key, stored, recomputed);
        }
    }

    /// Compares the two sides of a player's statistics, as far as they are `compared`.
    pub fn compare_statistics(
        &mut self,
        compared: &BTreeMap<Slot, &Projection>,
        player: &PlayerId,
        stored: &PlayerStatistics,
        recomputed: &PlayerStatistics,
    ) {
        let mut sides: BTreeMap<Slot, [Option<i128>; 2]> = BTreeMap::new();
        for (side, statistics) in [stored, recomputed].into_iter().enumerate() {
            for (slot, amount) in statistics.totals() {
                sides.entry(slot).or_default()[side] = Some(amount);
            }
        }
        for (slot, [stored, recomputed]) in sides {
            if let Some(projection) = compared.get(&slot)
                && stored != recomputed
            {
                let text =
                    |amount: Option<i128>| amount.map_or_else(String::new, |n| n.to_string());
                self.note_row(projection, player.to_string(), text(stored), text(recomputed));
            }
        }
    }

    /// Compares the two sides of a figure.
    pub fn compare_figure(
        &mut self,
        compared: &BTreeMap<Slot, &Projection>,
        key: &FigureKey,
        stored: Option<&Figure>,
        recomputed: Option<&Figure>,
    ) {
        let Some(projection) = compared.get(&key.slot).filter(|_| stored != recomputed) else {
            return;
        };
        let grain = if key.grain_ms == FINE_GRAIN_MS { "5 minutes" } else { "hour" };
        let key = format!("{grain} from {}, {:?}", key.start, key.event_type);
        let text = |figure: Option<&Figure>| figure.map_or_else(String::new, figure_text);
        let (stored, mut recomputed) = (text(stored), text(recomputed));
        if stored == recomputed {
            // As many players, and others: sketches are not for people to compare.
            recomputed.push_str(", but the sketch of the players differs");
        }
        self.note_row(projection, key, stored, recomputed);
    }

    /// Compares the counts that are kept as they change with a new count: first the raw events, of
    /// which `events` were folded; then the dead, the quarantined and those in review, as kept and as counted
    /// again.
    pub fn compare_counts(&mut self, events: u64, counts: [i64; 7]) {
        let [applied, dead, quarantined, dead_again, quarantined_again, reviews, reviews_again] =
            counts;
        self.report.events = events;
        self.compare("totals", "applied", &applied, &events.cast_signed());
        self.compare("totals", "dead", &dead, &dead_again);
        self.compare("totals", "quarantined", &quarantined, &quarantined_again);
        self.compare("totals", "in review", &reviews, &reviews_again);
    }

    /// The prizes of a closed tournament must be those that its standings give. Of players who stand exactly
    /// alike, who was ranked first depended on their ids, which may have changed since.
    pub fn compare_prizes(&mut self, tournament: &Tournament, ranking: &Ranking, kept: Vec<Won>) {
        let won = winners(&tournament.prizes, &ranking.best);
        let due: Vec<Won> = won
            .map(|(rank, player, tier)| {
                let place = usize::try_from(rank).map_or(0, |rank| rank - 1);
                let standing = ranking.standings.get(place).copied();
                let stands_alike = |one: &&Won| one.rank == rank && one.standing == standing;
                let player = kept.iter().find(stands_alike).map_or(player, |one| &one.player);
                let (player, coins, gems) = (player.clone(), tier.coins, tier.gems);
                Won { player, rank, coins, gems, standing }
            })
            .collect();
        let mut sides: BTreeMap<PlayerId, [String; 2]> = BTreeMap::new();
        let of_side = |side: usize| move |won: Won| (side, won);
        let all = kept.into_iter().map(of_side(0)).chain(due.into_iter().map(of_side(1)));
        for (side, Won { player, rank, coins, gems, .. }) in all {
            let prize = format!("rank {rank}: {coins} coins, {gems} gems");
            sides.entry(player).or_default()[side] = prize;
        }
        self.note_rows(sides.len() as u64);
        let what = format!("prizes of {}", tournament.id);
        for (player, [kept, due]) in sides {
            self.compare(&what, player.as_str(), &kept, &due);
        }
    }

    /// The report.
    pub fn report(self) -> VerifyReport {
        self.report
    }

    /// A row of a projection differs. A side without the row is empty.
    fn note_row(
        &mut self,
        projection: &Projection,
        key: String,
        stored: String,
        recomputed: String,
    ) {
        let what = projection.title().into_owned();
        self.note(Difference { what, key, stored, recomputed });
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

/// What a row says that follows from the events: nothing if acts of operators took all of them away.
fn counted(row: BoardRow) -> Option<BoardRow> {
    let entry = Entry { taken_back: 0, ..row.entry };
    (entry.attempts > 0).then_some(BoardRow { entry, ..row })
}

fn row_text(row: &BoardRow, projection: &Projection) -> String {
    let BoardRow { entry: Entry { standing, attempts, last_at, sums, .. }, last_id } = row;
    let score = match projection.board() {
        Some(board) => board.order.score(standing.points),
        None => standing.points,
    };
    let sums = sums.map(|sum| sum.to_string()).join(", ");
    let last_id = last_id.map_or_else(String::new, |id| format!(" ({id})"));
    let reached_at = standing.reached_at;
    format!(
        "{score} reached {reached_at}, {attempts} attempts, last {last_at}{last_id}, sums {sums}"
    )
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
    use crate::fold::{Meaning, ProjectionKind, Sketch, WantedProjection};
    use crate::game::{Definition, Order, PrizeTier};
    use crate::id::ProjectionNo;
    use crate::limits::BOARD_SUMS_MAX;
    use crate::rank::Standing;

    fn projection(kind: ProjectionKind, name: &str) -> Projection {
        let meaning = Meaning::BuiltIn;
        let wanted = WantedProjection { kind, name: Arc::from(name), meaning };
        wanted.made(ProjectionNo(1), Slot(1), true)
    }

    fn standing(points: i64) -> Standing {
        Standing { points, reached_at: Timestamp::EPOCH }
    }

    fn won(player: &str, rank: u64, coins: i64, points: i64) -> Won {
        let (player, standing) = (PlayerId::from_stored(player), Some(standing(points)));
        Won { player, rank, coins, gems: 0, standing }
    }

    fn told(findings: Findings) -> Vec<[String; 4]> {
        let differences = findings.report().differences.into_iter();
        differences.map(|one| [one.what, one.key, one.stored, one.recomputed]).collect()
    }

    /// A row of a board on which `points` were reached at once.
    fn row(points: i64) -> BoardRow {
        let (reached_at, last_at) = (Timestamp::EPOCH, Timestamp::EPOCH);
        let standing = Standing { points, reached_at };
        let entry =
            Entry { standing, attempts: 1, last_at, sums: [0; BOARD_SUMS_MAX], taken_back: 0 };
        BoardRow { entry, last_id: None }
    }

    #[test]
    fn all_differences_are_counted_and_the_first_are_listed() {
        let mut findings = Findings::new(2);
        let board = projection(ProjectionKind::Board, "global");
        let compared = [(Slot(1), &board)].into();
        let key = BoardKey { slot: Slot(1), period: Timestamp::EPOCH };
        for n in 0..5 {
            let player = PlayerId::from_stored(&n.to_string());
            findings.compare_board(&compared, key, &player, Some(row(n)), None);
            let mut taken_back = row(n);
            taken_back.entry.taken_back = 3;
            findings.compare_board(&compared, key, &player, Some(taken_back), Some(row(n)));
            taken_back.entry.attempts = 0;
            findings.compare_board(&compared, key, &player, Some(taken_back), None);
        }
        let report = findings.report();
        assert_eq!((report.differing, report.differences.len()), (5, 2));
        assert_eq!(report.differences[1].what, "board global");
        assert_eq!(report.differences[1].key, "1");
        assert_eq!(report.differences[1].recomputed, "");
    }

    #[test]
    fn a_row_is_told_by_its_score_and_its_period() {
        let mut board = Definition::sample().boards[0].without_resets();
        board.order = Order::Ascending;
        let meaning = Meaning::Board(Arc::new(board));
        let wanted = WantedProjection { kind: ProjectionKind::Board, name: "fast".into(), meaning };
        let fast = wanted.made(ProjectionNo(1), Slot(1), true);
        let period = Timestamp::parse("2026-11-23T00:00:00Z").expect("a time");
        let key = BoardKey { slot: Slot(1), period };
        let mut findings = Findings::new(9);
        let ann = PlayerId::from_stored("ann");
        let sides = (Some(row(-30)), Some(BoardRow { last_id: Some(Uuid::nil()), ..row(-20) }));
        findings.compare_board(&[(Slot(1), &fast)].into(), key, &ann, sides.0, sides.1);
        let [[what, key, stored, recomputed]] = &told(findings)[..] else { panic!("one") };
        assert_eq!(
            (what.as_str(), key.starts_with("ann, period from 2026-11-23")),
            ("board fast", true)
        );
        assert!(stored.starts_with("30 reached 1970-01-01"), "{stored}");
        assert!(
            recomputed.starts_with("20 reached") && recomputed.contains("(00000000-"),
            "{recomputed}"
        );
    }

    #[test]
    fn a_count_differs_if_counting_again_gives_another_number() {
        let mut findings = Findings::new(9);
        findings.compare_counts(7, [7, 1, 0, 0, 0, 2, 2]);
        assert_eq!(findings.clone().report().events, 7);
        assert_eq!(told(findings), [["totals", "dead", "1", "0"].map(str::to_owned)]);
    }

    #[test]
    fn a_prize_differs_if_it_is_missing_or_too_much_or_of_another_rank() {
        let mut findings = Findings::new(9);
        let tier = |rank, coins| PrizeTier { first_rank: rank, last_rank: rank, coins, gems: 0 };
        let tournament = Tournament {
            id: Arc::from("cup"),
            series: None,
            name: "Cup".to_owned(),
            board: Arc::new(Definition::sample().boards[0].without_resets()),
            starts_at: Timestamp::EPOCH,
            ends_at: Timestamp::EPOCH.plus_ms(1),
            prizes: vec![tier(1, 50), tier(2, 20), tier(3, 10)],
            projection: ProjectionNo(1),
            slot: Slot(1),
            cancelled_at: None,
            sealed_at: None,
            closed_at: None,
            participants: None,
        };
        let ranking = |best: [(&str, i64); 3]| {
            let best = best.map(|(id, points)| (PlayerId::from_stored(id), standing(points)));
            Ranking::of(best.to_vec(), 3, Vec::new())
        };
        let alike = ranking([("ann", 9), ("bob", 7), ("dan", 7)]);
        let paid = vec![won("ann", 1, 50, 9), won("dan", 2, 20, 7), won("eve", 3, 10, 7)];
        findings.compare_prizes(&tournament, &alike, paid);
        assert_eq!(findings.clone().report().differing, 0, "any of those who stand alike");
        let ranking = ranking([("ann", 9), ("dan", 7), ("bob", 5)]);
        let kept = vec![won("ann", 1, 50, 9), won("bob", 2, 20, 5), won("eve", 3, 5, 1)];
        let mut findings = Findings::new(9);
        findings.compare_prizes(&tournament, &ranking, kept);
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
        let compared = [(Slot(1), &figures)].into();
        findings.compare_figure(&compared, &key, Some(&figure(2)), Some(&figure(2)));
        findings.compare_figure(&compared, &key, Some(&figure(3)), None);
        let told = told(findings);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0][0], "figures");
        assert!(told[0][1].starts_with("5 minutes from 2026-11-23T10:00:00"), "{}", told[0][1]);
        assert!(told[0][2].starts_with("3 events, 9 ms, "), "{}", told[0][2]);
        assert_eq!(told[0][3], "");
    }
}
