//! A store under test beside what it should hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use scoreline_core::analytics::{
    By, CounterQuery, CounterRow, Day, DayRange, Dimension, MeasureName,
};
use scoreline_core::event::Event;
use scoreline_core::event::recognise::{Recognised, recognise};
use scoreline_core::fold::{
    COARSE_GRAIN_MS, FINE_GRAIN_MS, Figure, FigureKey, Layer, Plan, Projection, ProjectionKind,
    State,
};
use scoreline_core::game::Definition;
use scoreline_core::id::{BoardKey, EventKey, PlayerId, ProjectionNo, Slot};
use scoreline_core::limits::SCAN_EVENTS;
use scoreline_core::rank::{Entry, PlayerEntry};
use scoreline_core::store::{Admitted, Adopted, Applied, Batch, EventFilter, Store, VerifyReport};
use scoreline_core::time::{Clock, Timestamp};
use scoreline_core::tournament::Tournament;
use scoreline_core::void::Voids;

use super::Database;
use crate::clock::ManualClock;
use crate::game;

/// Entries of a page: few, so that a board has several.
const ENTRIES_PAGE: usize = 5;
/// How far the clock moves with every batch.
const STEP_MS: i64 = 10;

/// A store and everything that was ever applied to it.
pub struct World<'d> {
    pub database: &'d dyn Database,
    pub store: Arc<dyn Store>,
    pub definition: Arc<Definition>,
    pub clock: ManualClock,
    /// Every event that counts, with the time it was applied.
    pub known: BTreeMap<EventKey, (Event, Timestamp)>,
    /// When events did not count.
    pub voids: BTreeMap<EventKey, Voids>,
    /// Who players have become that were moved.
    pub moved: BTreeMap<PlayerId, PlayerId>,
    /// How many stored events left, as another player had them as well or their player was erased.
    pub left: u64,
    /// Those of whom nothing is taken in any more.
    pub erased: BTreeSet<PlayerId>,
    /// Whether events count at another time than when they were applied.
    pub is_recounted: bool,
    /// The keys of those that retention has removed.
    pub removed: BTreeSet<EventKey>,
    /// From when on fine and coarse figures are kept.
    pub figures_from: (Timestamp, Timestamp),
}

impl<'d> World<'d> {
    /// A store on a new database that has adopted [`game::definition`].
    pub async fn new(database: &'d dyn Database) -> Self {
        let mut world = Self {
            database,
            store: database.open().await,
            definition: Arc::new(game::definition()),
            clock: ManualClock::new(game::at(10 * game::DAY_MS)),
            known: BTreeMap::new(),
            voids: BTreeMap::new(),
            moved: BTreeMap::new(),
            left: 0,
            erased: BTreeSet::new(),
            is_recounted: false,
            removed: BTreeSet::new(),
            figures_from: (Timestamp::MIN, Timestamp::MIN),
        };
        world.adopt(game::definition()).await;
        world
    }

    pub async fn adopt(&mut self, definition: Definition) -> Adopted {
        self.definition = Arc::new(definition);
        let now = self.clock.now();
        self.store.adopt(Arc::clone(&self.definition), now).await.expect("adopts")
    }

    pub async fn plan(&self) -> Arc<Plan> {
        self.store.plan(Arc::clone(&self.definition)).await.expect("plans")
    }

    /// Applies events and checks that the answer tells the new from the known.
    pub async fn apply(&mut self, events: &[Event]) -> Applied {
        self.apply_batch(Batch { events: events.to_vec(), ..Batch::default() }).await
    }

    pub async fn apply_batch(&mut self, batch: Batch) -> Applied {
        let now = self.clock.advance(STEP_MS);
        let events = self.followed(&batch);
        let plan = self.plan().await;
        let applied = self.store.apply(Arc::clone(&plan), batch, now).await.expect("applies");
        let dead: BTreeSet<&EventKey> = applied.dead.iter().map(|(key, _)| key).collect();
        let (mut new, mut conflicting) = (0, Vec::new());
        for (place, event) in events.iter().enumerate() {
            let key = event.key();
            if dead.contains(&key) {
                continue;
            }
            let known = self.known.get(&key).map(|(first, _)| first.into());
            match recognise(event, known) {
                Recognised::Earlier => {
                    let (known, applied_at) = self.known.get_mut(&key).expect("it is known");
                    if plan.may_receive(known, *applied_at, event.received_at) {
                        let before = std::mem::replace(known, known.as_of(event));
                        self.is_recounted |= before.counted_at != known.counted_at;
                    }
                }
                Recognised::New => {
                    self.known.insert(key, (event.clone(), now));
                    new += 1;
                }
                Recognised::Duplicate => {}
                Recognised::Conflicting => conflicting.push(place),
            }
        }
        assert_eq!(applied.applied, new, "new events are applied");
        assert_eq!(applied.conflicting, conflicting, "what says something else is told");
        assert_eq!(
            applied.duplicates,
            events.len() - new - applied.dead.len() - conflicting.len(),
            "the rest is known"
        );
        applied
    }

    /// The events of a batch as of those who their players became.
    fn followed(&self, batch: &Batch) -> Vec<Event> {
        let mut admitted = Admitted::all(batch);
        admitted.follow(&self.moved);
        admitted.events.clone()
    }

    /// Learns from the store when events were applied whose answers are unknown: `sent` are those
    /// that must be there by now.
    pub async fn learn(&mut self, sent: &[Event]) {
        let sent = self.followed(&Batch { events: sent.to_vec(), ..Batch::default() });
        for (event, applied_at) in self.scan(&EventFilter::default(), SCAN_EVENTS).await {
            if self.erased.contains(&event.player) {
                continue;
            }
            let known = self.known.get(&event.key()).map(|(known, _)| known);
            let copies = || sent.iter().chain(known).filter(|one| one.key() == event.key());
            // What one of them said, as of the receipt of one of them.
            let is_one = |one: &Event| copies().any(|copy| one.as_of(copy) == event);
            assert!(copies().any(is_one), "{event:?}");
            // As which of them it counted first, nobody knows.
            self.is_recounted |= copies().any(|one| one.counted_at != event.counted_at);
            let kept = self.known.entry(event.key()).or_insert((event.clone(), applied_at));
            kept.0 = event;
        }
        for event in sent.iter().filter(|event| !self.erased.contains(&event.player)) {
            assert!(self.known.contains_key(&event.key()), "{event:?} was lost");
        }
    }

    pub async fn projection(&self, kind: ProjectionKind, name: &str) -> Projection {
        self.plan().await.projection(kind, name).expect("a projection").clone()
    }

    pub async fn board(&self, name: &str) -> BoardKey {
        let slot = self.projection(ProjectionKind::Board, name).await.slot;
        BoardKey { slot, period: Timestamp::EPOCH }
    }

    pub async fn tournament_board(&self, id: &str) -> BoardKey {
        let found = self.store.tournament(Arc::from(id)).await.expect("answers");
        BoardKey { slot: found.expect("a tournament").slot, period: Timestamp::EPOCH }
    }

    /// All entries of a board, read in small pages.
    pub async fn entries(&self, board: BoardKey) -> Vec<PlayerEntry> {
        let mut all: Vec<PlayerEntry> = Vec::new();
        loop {
            let after = all.last().map(|last| last.player.clone());
            let page = self.store.board_page(board, after, ENTRIES_PAGE).await.expect("answers");
            let is_last = page.len() < ENTRIES_PAGE;
            // Who has an entry that counts nothing any more has no place.
            all.extend(page);
            if is_last {
                assert!(all.is_sorted_by(|a, b| a.player < b.player), "in the order of the ids");
                all.retain(|one| !one.entry.is_empty());
                return all;
            }
        }
    }

    /// The players of a board with their points, best first as ranks have it.
    pub async fn ranking(&self, board: BoardKey) -> Vec<(String, i64)> {
        let mut entries = self.entries(board).await;
        entries.sort_by(|a, b| {
            let (a_at, b_at) = (a.entry.standing, b.entry.standing);
            (b_at.points, a_at.reached_at, &a.player).cmp(&(
                a_at.points,
                b_at.reached_at,
                &b.player,
            ))
        });
        let row = |one: PlayerEntry| (one.player.to_string(), one.entry.standing.points);
        entries.into_iter().map(row).collect()
    }

    /// Fills a projection from history, `events` at a step.
    pub async fn fill(&self, projection: ProjectionNo, events: usize) {
        self.store.start_fill(projection).await.expect("starts");
        loop {
            let step = self.store.fill_step(self.plan().await, projection, events).await;
            if step.expect("fills").finished {
                return;
            }
        }
    }

    /// All stored events, in pages.
    pub async fn scan(&self, filter: &EventFilter, page: usize) -> Vec<(Event, Timestamp)> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let rows = self.store.scan(filter.clone(), after, page).await.expect("scans");
            let Some(last) = rows.last() else { return all };
            after = Some(last.position.clone());
            all.extend(rows.into_iter().map(|stored| (stored.event, stored.applied_at)));
        }
    }

    pub async fn verify(&self) -> VerifyReport {
        let plan = self.plan().await;
        self.store.verify(plan, 10, Arc::new(|_| ())).await.expect("verifies")
    }

    /// Compares everything that the store holds with the fold of what was applied, and lets the
    /// store verify itself.
    pub async fn check(&self) {
        let mut stored = self.scan(&EventFilter::default(), SCAN_EVENTS).await;
        stored.sort_by_key(|(event, _)| event.key());
        let kept = self.known.iter().filter(|(key, _)| !self.removed.contains(key));
        assert_eq!(stored, kept.map(|(_, stored)| stored.clone()).collect::<Vec<_>>());
        let totals = self.store.totals().await.expect("answers");
        assert_eq!(totals.applied, self.known.len() as u64 + self.left, "every event counts once");

        let plan = self.plan().await;
        let all = self.known.iter().map(|(key, (event, applied_at))| {
            (event, *applied_at, self.voids.get(key).unwrap_or(Voids::NONE))
        });
        let changes = plan.fold_counting(all, Layer::Recompute).expect("folds");
        let mut state = State::default();
        state.absorb(&changes).expect("fits");
        let complete = plan.projections.iter().filter(|projection| projection.complete);
        for projection in complete.clone() {
            match projection.kind {
                ProjectionKind::Board => self.check_board(&state, projection.slot).await,
                ProjectionKind::Tournament => {
                    let closed = |one: &Tournament| one.closed_at.is_some();
                    let mut of_name =
                        plan.tournaments.iter().filter(|one| one.id == projection.name);
                    // What is paid stays as it was before players were moved: verification knows.
                    let is_frozen = !self.moved.is_empty() && of_name.any(closed);
                    if plan.can_recompute(projection) && !is_frozen {
                        self.check_board(&state, projection.slot).await;
                    }
                }
                // What was counted of players who were erased stays: verification knows.
                ProjectionKind::Figures | ProjectionKind::Analytics if !self.erased.is_empty() => {}
                ProjectionKind::Figures => self.check_figures(&state, projection.slot).await,
                ProjectionKind::Analytics => self.check_analytics(&state, projection.slot).await,
                ProjectionKind::Statistic => {}
            }
        }
        let statistics = complete.filter(|one| one.kind == ProjectionKind::Statistic);
        self.check_statistics(&state, statistics.map(|one| one.slot).collect()).await;

        let report = self.verify().await;
        assert_eq!((report.differing, report.differences), (0, vec![]), "verify finds the same");
        assert_eq!(report.events, stored.len() as u64);
    }

    async fn check_board(&self, state: &State, slot: Slot) {
        let mut periods: BTreeMap<Timestamp, BTreeMap<PlayerId, _>> = BTreeMap::new();
        for ((board, player), change) in state.boards.iter().filter(|row| row.0.0.slot == slot) {
            periods.entry(board.period).or_default().insert(player.clone(), *change);
        }
        let found = self.store.periods(slot, 1_000).await.expect("answers");
        for period in &found {
            let is_empty = self.entries(BoardKey { slot, period: *period }).await.is_empty();
            assert_eq!(is_empty, !periods.contains_key(period), "{period}");
        }
        assert!(found.is_sorted_by(|a, b| a > b), "the latest first");
        assert!(periods.keys().all(|period| found.contains(period)), "periods");
        for (period, expected) in periods {
            let board = BoardKey { slot, period };
            let page = self.entries(board).await;
            let players: Vec<_> = expected.keys().cloned().collect();
            let found: Vec<_> = page.iter().map(|one| one.player.clone()).collect();
            assert_eq!(found, players, "who is on {board:?}");
            let entries = self.store.entries(board, players).await.expect("answers");
            for ((entry, one), (player, change)) in entries.into_iter().zip(page).zip(expected) {
                assert_eq!(entry, Some(one.entry), "{player} is found as they are listed");
                let Entry { standing, attempts, last_at, sums, .. } = one.entry;
                assert_eq!(
                    (standing.points, standing.reached_at, attempts),
                    (change.shown_points(), change.reached_at, change.attempts),
                    "{player} in {board:?}"
                );
                assert_eq!((last_at, sums), (change.last_at, change.shown_sums()), "{player}");
            }
        }
    }

    /// Every counter is what it should be, and there is no other.
    async fn check_analytics(&self, state: &State, slot: Slot) {
        let days = DayRange { from: Day(i32::MIN), until: Day(i32::MAX) };
        let of_dimensions = Dimension::ALL.map(By::Dimension);
        let splits = [By::All, By::Currency, By::Funnel].into_iter().chain(of_dimensions);
        let queries: Vec<CounterQuery> = splits
            .flat_map(|by| MeasureName::ALL.map(|measure| (measure, by)))
            .map(|(measure, by)| CounterQuery { measure, by, value: None, days })
            .collect();
        let answers = self.store.counters(slot, queries.clone()).await.expect("answers");
        let mut found = BTreeMap::new();
        for (query, rows) in queries.iter().zip(answers) {
            for CounterRow { value, day, item, count } in rows {
                found.insert((query.measure, query.by, value, day, item), count);
            }
        }
        let counters = state.counters.iter().filter(|((of, _), _)| *of == slot);
        let expected: BTreeMap<_, _> = counters
            .map(|((_, key), count)| {
                let (value, item) = (Arc::from(key.value_text()), Arc::from(key.item.to_string()));
                ((key.measure, key.by, value, key.day, item), *count)
            })
            .collect();
        assert_eq!(found, expected, "counters of analytics");
    }

    async fn check_statistics(&self, state: &State, slots: BTreeSet<Slot>) {
        let players: BTreeSet<_> = self.known.values().map(|(event, _)| &event.player).collect();
        for player in players {
            let profile = self.store.profile(player.clone()).await.expect("answers");
            let found: BTreeMap<_, _> =
                profile.map(|known| known.statistics).into_iter().flatten().collect();
            for slot in &slots {
                let expected = state.statistics.get(&(player.clone(), *slot));
                let most = i128::from(i64::MAX);
                let shown = expected.map(|total| (*total).clamp(-most, most));
                let found = found.get(slot).copied().map(i128::from);
                assert_eq!(found, shown, "{player} in {slot:?}");
            }
        }
    }

    async fn check_figures(&self, state: &State, slot: Slot) {
        let grains = [(FINE_GRAIN_MS, self.figures_from.0), (COARSE_GRAIN_MS, self.figures_from.1)];
        for (grain_ms, from) in grains {
            let rows = self.store.figures(slot, grain_ms, Timestamp::MIN).await.expect("answers");
            let found: Vec<_> = rows
                .into_iter()
                .map(|row| {
                    let (start, event_type) = (row.start, row.event_type);
                    (FigureKey { slot, grain_ms, start, event_type }, row.figure)
                })
                .collect();
            // Sketches hold players who were moved under both ids, and the times of what they had twice, and all that
            // counts at another time since: verification knows.
            let is_exact = self.moved.is_empty() && !self.is_recounted;
            let counts = |(key, figure): &(FigureKey, Figure)| {
                (figure.events != 0 || is_exact)
                    .then(|| (key.clone(), figure.events, figure.processing_ms))
            };
            let expected: Vec<_> = state
                .figures
                .iter()
                .filter(|(key, _)| {
                    (key.slot, key.grain_ms) == (slot, grain_ms) && key.start >= from
                })
                .map(|(key, figure)| (key.clone(), figure.clone()))
                .collect();
            let of =
                |all: &[(FigureKey, Figure)]| all.iter().filter_map(counts).collect::<Vec<_>>();
            assert_eq!(of(&found), of(&expected), "figures of {grain_ms} ms");
            assert!(found == expected || !is_exact, "sketches of {grain_ms} ms");
        }
    }
}
