//! A simulation: days of players, played against a server, and compared in the end.
//!
//! On a server with a virtual clock, time goes in steps: all that is due within a step is sent at its end,
//! while the clock stands, so that the receipt of every event is known exactly. In real time receipts lie
//! between two answers, and what nobody can tell from outside is left out of the comparison.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hdrhistogram::Histogram;
use rustc_hash::FxHashMap;
use scoreline_core::game::Definition;
use scoreline_core::time::{Clock, Timestamp};
use scoreline_server::SystemClock;
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::api::Api;
use crate::check::{self, Truth};
use crate::cups::Cups;
use crate::error::{Error, Result};
use crate::findings::Findings;
use crate::place::Place;
use crate::players::world::{DAY_MS, Delivery, World};
use crate::report::{Live, Report, Sent};
use crate::shape::Shape;
use crate::worker::{Game, Moment, Outgoing, Worker};

/// How far virtual time goes at once.
const STEP_MS: i64 = 10 * 60 * 1_000;
/// How far real time goes at once.
const REAL_STEP: Duration = Duration::from_millis(250);
/// Into how many parts the players are divided when they are compared.
const LEDGERS_MAX: usize = 64;
/// How long the server may take to apply what it has accepted.
const SETTLE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What is simulated.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many players come on a day.
    pub daily_players: u32,
    /// How many days.
    pub days: u16,
    /// The same seed plays the same days.
    pub seed: u64,
    /// Over how many connections.
    pub connections: usize,
}

/// Told how far the simulation has come.
pub type Tell = Arc<dyn Fn(&Live) + Send + Sync>;

/// A simulation under way.
pub struct Simulation {
    options: Options,
    place: Place,
    game: Arc<Game>,
    workers: Vec<Arc<AsyncMutex<Worker>>>,
    /// What will be sent, by the step in which it is due.
    outgoing: BTreeMap<i64, Vec<Delivery>>,
    /// The days that were planned.
    planned: u16,
    /// What was sent before this, was not: the simulation began in the middle of a day.
    joined_ms: i64,
    cups: Cups,
    findings: Findings,
    begun: Instant,
    tell: Tell,
    stop: Arc<AtomicBool>,
}

impl Simulation {
    /// Players of a game who are about to come. Once `stop` is true, the simulation ends after the step
    /// it is at.
    pub fn new(
        definition: Definition,
        options: Options,
        place: Place,
        (tell, stop): (Tell, Arc<AtomicBool>),
    ) -> Self {
        let shape = Arc::new(Shape::of(Arc::new(definition)));
        let world = Arc::new(World::new(options.seed, place.start, options.daily_players));
        let connections = options.connections.max(1);
        let game = Arc::new(Game::new(shape, world, connections.min(LEDGERS_MAX)));
        let worker = |_| Arc::new(AsyncMutex::new(Worker::new(Arc::clone(&game), &place.target)));
        let workers = (0..connections).map(worker).collect();
        let cups = Cups::new(Arc::clone(&game.shape), &place);
        Self {
            options,
            place,
            game,
            workers,
            outgoing: BTreeMap::new(),
            planned: 0,
            joined_ms: 0,
            cups,
            findings: Findings::default(),
            begun: Instant::now(),
            tell,
            stop,
        }
    }

    /// Plays all days in virtual time, and compares.
    pub async fn play(mut self) -> Result<Report> {
        let all_ms = i64::from(self.options.days) * DAY_MS;
        let mut at_ms = 0;
        // One step more closes what ends with the last day.
        while at_ms <= all_ms && !self.is_stopped() {
            at_ms += STEP_MS;
            let now = self.place.start.plus_ms(at_ms);
            if let Some(clock) = &mut self.place.clock {
                clock.set(now)?;
            }
            let truth = self.truth();
            let windows = self.cups.at(now, &truth, &mut self.findings).await?;
            let deliveries = if at_ms <= all_ms { self.due(at_ms) } else { Vec::new() };
            let moment = Moment { known: Some(now), now, is_shared: true, windows };
            self.deliver(deliveries, &moment).await?;
            // Ten minutes of virtual time are an instant of the queue's: what is sent again later must not
            // overtake what still waits.
            self.settle().await?;
            self.show(at_ms.min(all_ms), all_ms);
        }
        self.finish(at_ms.min(all_ms)).await
    }

    /// Plays in real time for so long, and compares.
    pub async fn play_in_real_time(mut self, length: Duration) -> Result<Report> {
        let all_ms = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        let begun_ms = self.join_in();
        let mut played_ms = 0;
        while played_ms < all_ms && !self.is_stopped() {
            played_ms = self.step_in_real_time().await? - begun_ms;
            self.show(played_ms.min(all_ms), all_ms);
        }
        self.finish(played_ms).await
    }

    /// Begins in the middle of the day: what was due before is left out.
    pub(crate) fn join_in(&mut self) -> i64 {
        let at_ms = SystemClock.now().ms_since(self.place.start);
        self.joined_ms = at_ms;
        at_ms
    }

    /// Sends what has become due meanwhile. Answers how far the day has come.
    pub(crate) async fn step_in_real_time(&mut self) -> Result<i64> {
        tokio::time::sleep(REAL_STEP).await;
        let now = SystemClock.now();
        let at_ms = now.ms_since(self.place.start);
        let truth = self.truth();
        let windows = self.cups.at(now, &truth, &mut self.findings).await?;
        let deliveries = self.due(at_ms);
        let is_shared = self.place.is_alone;
        self.deliver(deliveries, &Moment { known: None, now, is_shared, windows }).await?;
        Ok(at_ms)
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// What is due until then, and was not before.
    fn due(&mut self, until_ms: i64) -> Vec<Delivery> {
        while i64::from(self.planned) * DAY_MS < until_ms {
            let deliveries = self.game.world.day(self.planned).into_iter();
            // Nothing is a repetition of what was never sent.
            for delivery in deliveries.filter(|one| one.first_ms >= self.joined_ms) {
                let step = delivery.due_ms.div_euclid(STEP_MS);
                self.outgoing.entry(step).or_default().push(delivery);
            }
            self.planned += 1;
        }
        let mut due = Vec::new();
        while let Some(mut step) = self.outgoing.first_entry() {
            if *step.key() * STEP_MS >= until_ms {
                break;
            }
            let waiting = std::mem::take(step.get_mut());
            let (now, later) =
                waiting.into_iter().partition(|one: &Delivery| one.due_ms < until_ms);
            due.append(&mut { now });
            if Vec::is_empty(&later) {
                step.remove();
            } else {
                step.insert(later);
                break;
            }
        }
        // What a player sends again comes after what it repeats.
        due.sort_unstable();
        due
    }

    async fn deliver(&self, deliveries: Vec<Delivery>, moment: &Moment) -> Result<()> {
        let lists = by_player(deliveries);
        let wanted = lists.len();
        let outgoing = Arc::new(Outgoing::new(lists));
        let mut under_way = JoinSet::new();
        for worker in self.workers.iter().take(wanted) {
            let (worker, outgoing) = (Arc::clone(worker), Arc::clone(&outgoing));
            let moment = moment.clone();
            under_way.spawn(async move { worker.lock().await.deliver(&outgoing, &moment).await });
        }
        while let Some(done) = under_way.join_next().await {
            done.map_err(|error| Error::Late(format!("a worker fell over: {error}")))??;
        }
        Ok(())
    }

    fn truth(&self) -> Truth {
        Truth {
            shape: Arc::clone(&self.game.shape),
            world: Arc::clone(&self.game.world),
            ledgers: Arc::clone(&self.game.ledgers),
            target: self.place.target.clone(),
            is_exact: self.place.clock.is_some() && self.place.is_alone,
            is_alone: self.place.is_alone,
        }
    }

    fn show(&self, done_ms: i64, all_ms: i64) {
        let counters = &self.game.counters;
        let seconds = self.begun.elapsed().as_secs_f64();
        let events = counters.events.load(Ordering::Relaxed);
        (self.tell)(&Live {
            done_ms,
            all_ms,
            time: self.place.start.plus_ms(done_ms),
            events,
            events_per_second: events as f64 / seconds.max(0.001),
            differences: self.findings.differences(),
        });
    }

    /// Waits until everything is applied, compares, and reports.
    pub(crate) async fn finish(mut self, played_ms: i64) -> Result<Report> {
        let played = self.begun.elapsed();
        self.settle().await?;
        let begun = Instant::now();
        let truth = self.truth();
        let compared = self.compare(&truth, self.cups.prizes()).await?;
        let mut latencies = Histogram::<u64>::new(3).expect("constant bounds");
        for worker in &self.workers {
            let worker = worker.lock().await;
            latencies.add(&worker.latencies).expect("the same bounds or wider");
            self.findings.join(worker.findings.clone());
        }
        self.findings.join(compared);
        let players = truth.ledgers.iter().map(|ledger| ledger.lock().players.len() as u64).sum();
        let counters = &self.game.counters;
        let load = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let (tournaments, claims) = self.cups.counts();
        let sent = Sent {
            players,
            requests: load(&counters.requests),
            events: load(&counters.events),
            repeated: load(&counters.repeated),
            late: load(&counters.late),
            rejected: load(&counters.rejected),
            names: load(&counters.names),
            tournaments,
            claims,
        };
        Ok(Report {
            seed: self.options.seed,
            daily_players: self.options.daily_players,
            played_days: played_ms as f64 / DAY_MS as f64,
            is_exact: truth.is_exact,
            sent,
            seconds: played.as_secs_f64(),
            seconds_of_checks: begun.elapsed().as_secs_f64(),
            p50_ms: latencies.value_at_quantile(0.5) as f64 / 1_000.0,
            p99_ms: latencies.value_at_quantile(0.99) as f64 / 1_000.0,
            findings: self.findings,
            ..Report::default()
        })
    }

    /// Compares everything. What does not fit at once on a server whose boards follow its database is
    /// compared again, for a while.
    async fn compare(&self, truth: &Truth, prizes: check::players::Prizes) -> Result<Findings> {
        let prizes = Arc::new(prizes);
        let begun = Instant::now();
        loop {
            let mut findings = Findings::default();
            check::boards::check(truth, &mut findings).await?;
            if findings.differences() > 0 && begun.elapsed() < Duration::from_secs(5) {
                tokio::time::sleep(LOOK_EVERY).await;
                continue;
            }
            check::players::check(truth, Arc::clone(&prizes), &mut findings).await?;
            if self.place.is_alone {
                check::analytics::check(truth, &mut findings).await?;
            }
            return Ok(findings);
        }
    }

    /// Waits until nothing waits any more.
    async fn settle(&self) -> Result<()> {
        let mut api = Api::new(&self.place.target);
        let begun = Instant::now();
        loop {
            let figures = api.waiting().await?;
            let queue = figures.queue;
            let left = figures.summary.pending + queue.waiting + queue.active + queue.delayed;
            if left == 0 || !self.place.is_alone {
                return Ok(());
            }
            if begun.elapsed() > SETTLE {
                return Err(Error::Late(format!("{left} events still wait after {SETTLE:?}")));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Deliveries that stand in the order of their times, a list a player, in the order of the first of each.
fn by_player(deliveries: Vec<Delivery>) -> VecDeque<Vec<Delivery>> {
    let mut places: FxHashMap<u32, usize> = FxHashMap::default();
    let mut lists: VecDeque<Vec<Delivery>> = VecDeque::new();
    for delivery in deliveries {
        let place = *places.entry(delivery.session.player).or_insert(lists.len());
        match lists.get_mut(place) {
            Some(list) => list.push(delivery),
            None => lists.push_back(vec![delivery]),
        }
    }
    lists
}

/// When to begin, so that `days` have just passed and a week ends with the last of them: a Monday at
/// midnight, UTC, is where most weekly tournaments end.
pub fn start_of_days(now: Timestamp, days: u16) -> Timestamp {
    /// The first Monday after 1970 began.
    const MONDAY_MS: i64 = 4 * DAY_MS;
    let monday = now.plus_ms(-MONDAY_MS - DAY_MS).floor_to(7 * DAY_MS).plus_ms(MONDAY_MS);
    monday.plus_ms(-i64::from(days) * DAY_MS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_a_player_sends_stays_together_and_in_order() {
        let world = World::new(5, Timestamp::EPOCH, 300);
        let mut deliveries = world.day(0);
        deliveries.sort_unstable();
        let lists = by_player(deliveries.clone());
        assert!(lists.iter().any(|list| list.len() > 2), "some send often");
        let mut players = BTreeSet::new();
        for list in &lists {
            assert!(players.insert(list[0].session.player), "a player has one list");
            assert!(list.iter().all(|one| one.session.player == list[0].session.player));
            assert!(list.is_sorted());
        }
        let mut all: Vec<Delivery> = lists.into_iter().flatten().collect();
        all.sort_unstable();
        assert_eq!(all, deliveries);
    }

    #[test]
    fn days_end_on_the_last_monday_but_today() {
        let at = |text: &str| Timestamp::parse(text).expect("a time");
        let start = |now: &str, days| start_of_days(at(now), days);
        assert_eq!(start("2026-11-30T19:00:00Z", 1), at("2026-11-22T00:00:00Z"));
        assert_eq!(start("2026-12-02T00:00:00Z", 1), at("2026-11-29T00:00:00Z"));
        assert_eq!(start("2026-12-02T00:00:00Z", 7), at("2026-11-23T00:00:00Z"));
    }
}
