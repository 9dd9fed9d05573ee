//! A month of 20,000 players, delivered late, twice and in another order to SQLite and to PostgreSQL, against
//! SQL over the raw events in `DuckDB`: another program, which knows nothing of how Scoreline counts.
//!
//! The program is `python3` with the package `duckdb`, or what `SCORELINE_TEST_PYTHON` names;
//! `scripts/test` installs it into a folder that goes away.

mod compare;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use scoreline_core::audit::{Act, Actor};
use scoreline_core::event::Event;
use scoreline_core::event::body::Body;
use scoreline_core::event::validate::Validator;
use scoreline_core::fold::Plan;
use scoreline_core::game::{Definition, SAMPLE};
use scoreline_core::id::PlayerId;
use scoreline_core::store::{Batch, Store};
use scoreline_core::time::Timestamp;
use scoreline_core::void::{Meant, Voiding};
use scoreline_store_postgres::{PostgresStore, Settings};
use scoreline_store_sqlite::{Access, SqliteStore};
use scoreline_testkit::postgres::Server;
use scoreline_traffic::past::{Past, PastSession};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::compare::agree;

const ZONE: &str = "America/Sao_Paulo";
const SEED: u64 = 20_261_130;
const PLAYERS: usize = 20_000;
const EVENTS_OF_A_BATCH: usize = 4_000;
const HOUR_MS: i64 = 60 * 60 * 1000;

/// The sample game in a zone whose days are not those of UTC.
fn definition() -> Arc<Definition> {
    let text = SAMPLE.replacen("zone = \"UTC\"", &format!("zone = \"{ZONE}\""), 1);
    Arc::new(Definition::parse(&text).expect("the sample in another zone"))
}

/// When each session arrives: most at once, some late by up to three days, and some a second time. What
/// arrives together is shuffled.
fn delivered(sessions: Vec<PastSession>, rng: &mut StdRng) -> Vec<(Timestamp, PastSession)> {
    let mut deliveries = Vec::new();
    for mut session in sessions {
        if rng.random_bool(0.2) {
            session.events.shuffle(rng);
        }
        let late_ms = if rng.random_bool(0.25) { rng.random_range(0..72 * HOUR_MS) } else { 0 };
        let arrival = session.at.plus_ms(1_000 + late_ms);
        if rng.random_bool(0.1) {
            let again = arrival.plus_ms(rng.random_range(0..48 * HOUR_MS));
            deliveries.push((again, session.clone()));
        }
        deliveries.push((arrival, session));
    }
    deliveries.sort_by_key(|(at, session)| (*at, session.player_id.clone()));
    deliveries
}

fn validated(definition: &Definition, at: Timestamp, session: &PastSession) -> Vec<Event> {
    let text = format!("[{}]", session.events.join(","));
    let body = Body::parse(text.as_bytes(), 500).expect("a list of events");
    let mut validator = Validator::new(definition, at, None, None);
    let check =
        |(index, item)| validator.check_item(index, item).expect("simulated events are valid");
    body.events.iter().enumerate().map(check).collect()
}

/// What devices sent in a month, as it arrived.
struct Month {
    /// Events that are applied together, and when.
    batches: Vec<(Timestamp, Vec<Event>)>,
    /// Players whose events are voided.
    voided: BTreeSet<String>,
    /// Players whose events are voided and then count again.
    counting_again: BTreeSet<String>,
}

impl Month {
    /// Simulates it, and writes what was sent to a file, without the players who are voided afterwards.
    fn new(definition: &Definition, raw: &Path) -> Self {
        let until = Timestamp::parse("2026-11-24T02:00:00Z").expect("a time");
        let past = Past { seed: SEED, players: PLAYERS, days: 30, until };
        let mut rng = StdRng::seed_from_u64(SEED);
        let deliveries = delivered(past.sessions(), &mut rng);
        let players: BTreeSet<&str> = deliveries.iter().map(|(_, one)| &*one.player_id).collect();
        let some = |first| players.iter().skip(first).step_by(97).map(|id| (*id).to_owned());
        let (voided, counting_again): (BTreeSet<String>, BTreeSet<String>) =
            (some(0).collect(), some(1).collect());
        let mut lines = std::io::BufWriter::new(File::create(raw).expect("a file"));
        let (mut batches, mut events) = (Vec::new(), Vec::new());
        for (at, session) in &deliveries {
            let counting = session.events.iter().filter(|_| !voided.contains(&*session.player_id));
            for event in counting {
                writeln!(lines, "{event}").expect("is written");
            }
            events.extend(validated(definition, *at, session));
            if events.len() >= EVENTS_OF_A_BATCH {
                batches.push((*at, std::mem::take(&mut events)));
            }
        }
        let last = deliveries.last().expect("somebody played").0;
        batches.push((last, events));
        lines.flush().expect("is written");
        Self { batches, voided, counting_again }
    }

    /// When the last of it arrived.
    fn until(&self) -> Timestamp {
        self.batches.last().expect("a batch").0
    }

    /// Tells all of it to a store. Answers by which plan.
    async fn tell(&self, store: &dyn Store, definition: &Arc<Definition>) -> Arc<Plan> {
        let plan =
            store.adopt(Arc::clone(definition), Timestamp::EPOCH).await.expect("adopts").plan;
        for (at, events) in &self.batches {
            let batch = Batch { events: events.clone(), ..Batch::default() };
            let applied = store.apply(Arc::clone(&plan), batch, *at).await.expect("applies");
            assert!(applied.dead.is_empty() && applied.conflicting.is_empty(), "{applied:?}");
        }
        for id in self.voided.iter().chain(&self.counting_again) {
            void(store, &plan, id, true, self.until()).await;
        }
        for id in &self.counting_again {
            void(store, &plan, id, false, self.until()).await;
        }
        plan
    }

    /// Whether a store that was told all of it says of it what the oracle says, and agrees with itself.
    async fn is_counted(&self, store: &dyn Store, plan: Arc<Plan>, told: &Value) {
        agree(store, &plan, self.until(), told).await;
        let report = store.verify(plan, 10, Arc::new(|_| ())).await.expect("verifies");
        assert_eq!((report.differing, report.differences), (0, vec![]), "verify agrees, too");
        let counting = told["events"].as_u64().expect("a number");
        assert!(report.events > counting, "{} of {counting}", report.events);
    }
}

/// Voids all events of a player, or takes that back.
async fn void(store: &dyn Store, plan: &Arc<Plan>, id: &str, void: bool, at: Timestamp) {
    let meant = Meant::Fitting { event_type: None, from: None, until: None };
    let by = Actor { name: "a test".to_owned(), key: None, address: None };
    let (what, target) = ("voidEvents".to_owned(), id.to_owned());
    let act = Act { by, what, target, note: None, at };
    let player = PlayerId::new(id).expect("an id");
    let voiding = Voiding { meant, void, dry_run: false };
    let done = store.void(Arc::clone(plan), player, voiding, act).await.expect("voids");
    assert!(done.changed > 0, "{id} did something");
}

/// What `DuckDB` says of the raw events.
fn oracle(raw: &Path) -> Value {
    let python = std::env::var("SCORELINE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/figures.py");
    let asked = Command::new(&python).arg(script).arg(raw).arg(ZONE).output();
    let asked = asked.unwrap_or_else(|error| panic!("{python}: {error}"));
    let errors = String::from_utf8_lossy(&asked.stderr);
    assert!(
        asked.status.success(),
        "{python} with the package duckdb is needed: scripts/test installs it, SCORELINE_TEST_PYTHON \
         names another python\n{errors}"
    );
    serde_json::from_slice(&asked.stdout).expect("JSON")
}

/// A task of its own, so that both stores work at once.
fn told(
    store: impl Store,
    month: &Arc<Month>,
    definition: &Arc<Definition>,
    figures: &Arc<Value>,
) -> JoinHandle<()> {
    let (month, definition) = (Arc::clone(month), Arc::clone(definition));
    let figures = Arc::clone(figures);
    tokio::spawn(async move {
        let plan = month.tell(&store, &definition).await;
        month.is_counted(&store, plan, &figures).await;
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_of_late_doubled_reordered_and_voided_events_is_what_sql_over_the_raw_ones_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let raw = folder.path().join("events.jsonl");
    let definition = definition();
    let month = Arc::new(Month::new(&definition, &raw));
    assert!(month.voided.len() > 100, "{}", month.voided.len());
    let figures = Arc::new(oracle(&raw));
    let sqlite = SqliteStore::open(&folder.path().join("scoreline.db"), Access::ReadWrite);
    let sqlite = told(sqlite.expect("opens"), &month, &definition, &figures);
    let database = Server::shared().database();
    let postgres = PostgresStore::open(&Settings::new(&database.url())).await.expect("opens");
    let postgres = told(postgres, &month, &definition, &figures);
    sqlite.await.expect("SQLite agrees");
    postgres.await.expect("PostgreSQL agrees");
}
