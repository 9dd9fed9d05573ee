//! A month of 20,000 players, delivered late, twice and in another order, against SQL over the raw events
//! in `DuckDB`: another program, which knows nothing of how Scoreline counts.
//!
//! The program is `python3` with the package `duckdb`, or what `SCORELINE_TEST_PYTHON` names;
//! `scripts/test` installs it into a folder that goes away.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use scoreline_core::analytics::figures;
use scoreline_core::analytics::{By, Day, DayRange, Dimension};
use scoreline_core::audit::{Act, Actor};
use scoreline_core::event::Event;
use scoreline_core::event::body::Body;
use scoreline_core::event::validate::Validator;
use scoreline_core::fold::{ANALYTICS, Plan, ProjectionKind};
use scoreline_core::game::{Definition, SAMPLE};
use scoreline_core::id::PlayerId;
use scoreline_core::store::{
    ActStore, AnalyticsStore, Batch, EventStore, ProjectionStore, VerifyStore,
};
use scoreline_core::time::Timestamp;
use scoreline_core::void::{Meant, Voiding};
use scoreline_store_sqlite::{Access, SqliteStore};
use scoreline_traffic::past::{Past, PastSession};
use serde_json::Value;

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

/// What was told to the store.
struct Told {
    /// When the last of it arrived.
    until: Timestamp,
    /// Players whose events are voided.
    voided: BTreeSet<String>,
}

/// Applies everything, and writes what was sent to a file, without the players who are voided afterwards.
async fn tell(store: &SqliteStore, plan: &Arc<Plan>, raw: &Path) -> Told {
    let until = Timestamp::parse("2026-11-24T02:00:00Z").expect("a time");
    let past = Past { seed: SEED, players: PLAYERS, days: 30, until };
    let mut rng = StdRng::seed_from_u64(SEED);
    let deliveries = delivered(past.sessions(), &mut rng);
    let players: BTreeSet<&str> = deliveries.iter().map(|(_, one)| &*one.player_id).collect();
    let some = |first| players.iter().skip(first).step_by(97).map(|id| (*id).to_owned());
    let (voided, again): (BTreeSet<String>, BTreeSet<String>) =
        (some(0).collect(), some(1).collect());
    let mut lines = std::io::BufWriter::new(File::create(raw).expect("a file"));
    let mut events = Vec::new();
    let mut now = until;
    for (at, session) in &deliveries {
        let counting = session.events.iter().filter(|_| !voided.contains(&*session.player_id));
        for event in counting {
            writeln!(lines, "{event}").expect("is written");
        }
        events.extend(validated(&plan.definition, *at, session));
        now = *at;
        if events.len() >= EVENTS_OF_A_BATCH {
            apply(store, plan, &mut events, now).await;
        }
    }
    apply(store, plan, &mut events, now).await;
    lines.flush().expect("is written");
    for id in voided.iter().chain(&again) {
        void(store, plan, id, true, now).await;
    }
    for id in &again {
        void(store, plan, id, false, now).await;
    }
    Told { until: now, voided }
}

/// Voids all events of a player, or takes that back.
async fn void(store: &SqliteStore, plan: &Arc<Plan>, id: &str, void: bool, at: Timestamp) {
    let meant = Meant::Fitting { event_type: None, from: None, until: None };
    let by = Actor { name: "a test".to_owned(), key: None, address: None };
    let (what, target) = ("voidEvents".to_owned(), id.to_owned());
    let act = Act { by, what, target, note: None, at };
    let player = PlayerId::new(id).expect("an id");
    let voiding = Voiding { meant, void, dry_run: false };
    let done = store.void(Arc::clone(plan), player, voiding, act).await.expect("voids");
    assert!(done.changed > 0, "{id} did something");
}

async fn apply(store: &SqliteStore, plan: &Arc<Plan>, events: &mut Vec<Event>, now: Timestamp) {
    let batch = Batch { events: std::mem::take(events), ..Batch::default() };
    let applied = store.apply(Arc::clone(plan), batch, now).await.expect("applies");
    assert!(applied.dead.is_empty() && applied.conflicting.is_empty(), "{applied:?}");
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

/// Rows as the oracle writes them: a text a row, fields apart by a blank.
fn rows(told: &Value, name: &str) -> Vec<String> {
    let rows = told[name].as_array().unwrap_or_else(|| panic!("{name} is told"));
    let row = |row: &Value| {
        let fields = row.as_array().expect("a row").iter();
        let text = |field: &Value| field.as_str().map_or_else(|| field.to_string(), str::to_owned);
        fields.map(text).collect::<Vec<_>>().join(" ")
    };
    rows.iter().map(row).collect()
}

fn lines<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> Vec<String> {
    rows.into_iter().map(|fields| fields.join(" ")).collect()
}

fn same(name: &str, told: &Value, found: &[String]) {
    let expected = rows(told, name);
    let mut report = String::new();
    for (expected, found) in expected.iter().zip(found).filter(|(a, b)| a != b).take(5) {
        let _ = writeln!(report, "expected {expected}, found {found}");
    }
    assert!(expected == found, "{name}: {} rows, {} found\n{report}", expected.len(), found.len());
    assert!(expected.len() > 5, "{name} tells too little: {expected:?}");
}

#[tokio::test]
async fn a_month_of_late_doubled_reordered_and_voided_events_is_what_sql_over_the_raw_ones_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("scoreline.db"), Access::ReadWrite);
    let store = store.expect("opens");
    let plan = store.adopt(definition(), Timestamp::EPOCH).await.expect("adopts").plan;
    let raw = folder.path().join("events.jsonl");
    let Told { until, voided } = tell(&store, &plan, &raw).await;
    let told = oracle(&raw);

    let days = DayRange {
        from: Day::parse("2026-10-24").expect("a day"),
        until: plan.definition.analytics.calendar().day(until),
    };
    let projection = plan.shown(ProjectionKind::Analytics, ANALYTICS).expect("analytics");
    let ask = async |queries| store.counters(projection.slot, queries).await.expect("answers");

    let (active, _) =
        figures::active(By::All, days, &ask(figures::active_queries(By::All, days)).await);
    let there = || active.iter().filter(|one| one.dau > 0);
    same("dau", &told, &lines(there().map(|one| [one.day.to_string(), one.dau.to_string()])));
    same("wau", &told, &lines(there().map(|one| [one.day.to_string(), one.wau.to_string()])));
    same("mau", &told, &lines(there().map(|one| [one.day.to_string(), one.mau.to_string()])));
    let new = there().filter(|one| one.new > 0);
    same("new", &told, &lines(new.map(|one| [one.day.to_string(), one.new.to_string()])));

    let cohorts =
        figures::retention(days, days.until, &ask(figures::retention_queries(days)).await);
    let returned = cohorts.iter().flat_map(|cohort| {
        let returned = cohort.returned.iter().filter(|(_, count)| **count > 0);
        returned
            .map(|(after, count)| [cohort.day.to_string(), after.to_string(), count.to_string()])
    });
    same("returned", &told, &lines(returned));

    for (name, dimension) in
        [("platforms", Dimension::Platform), ("countries_wau", Dimension::Country)]
    {
        let by = By::Dimension(dimension);
        let (mut split, _) =
            figures::active(by, days, &ask(figures::active_queries(by, days)).await);
        split.sort_by(|a, b| (&a.value, a.day).cmp(&(&b.value, b.day)));
        let count = |one: &figures::ActiveDay| if name == "platforms" { one.dau } else { one.wau };
        let last = active.iter().rev().find(|one| one.dau > 0).expect("some played").day;
        let there = split.iter().filter(|one| count(one) > 0 && one.day <= last);
        same(
            name,
            &told,
            &lines(
                there.map(|one| {
                    [one.value.to_string(), one.day.to_string(), count(one).to_string()]
                }),
            ),
        );
    }
    check_sessions(&told, &ask(figures::sessions_queries(By::All, days)).await, days);
    check_money(&told, &ask(figures::revenue_queries(By::All, days)).await, days);

    let coins: Arc<str> = Arc::from("coins");
    let economy = figures::economy(days, &ask(figures::economy_queries(&coins, days)).await);
    let flows = economy.iter().flat_map(|one| {
        let named = |kind: &'static str| {
            move |(name, amount): (&Arc<str>, &i64)| {
                [one.day.to_string(), kind.to_owned(), name.to_string(), amount.to_string()]
            }
        };
        let earned = one.by_source.iter().map(named("currency_earned"));
        earned.chain(one.by_sink.iter().map(named("currency_spent")))
    });
    same("economy", &told, &lines(flows));

    let levels = plan.definition.analytics.funnels.iter().find(|one| &*one.name == "levels");
    let levels = levels.expect("the sample game has levels");
    let steps = figures::funnel(levels, &ask(figures::funnel_queries(&levels.name, days)).await);
    let reached = steps.iter().filter(|step| step.players > 0);
    same(
        "levels",
        &told,
        &lines(reached.map(|step| [step.number.to_string(), step.players.to_string()])),
    );

    let report = store.verify(plan, 10, Arc::new(|_| ())).await.expect("verifies");
    assert_eq!((report.differing, report.differences), (0, vec![]), "verify agrees, too");
    let counting = told["events"].as_u64().expect("a number");
    assert!(voided.len() > 100 && report.events > counting, "{} of {counting}", report.events);
}

/// Counts and sums are exact; medians are as near as they promise.
fn check_sessions(
    told: &Value,
    answers: &[Vec<scoreline_core::analytics::CounterRow>],
    days: DayRange,
) {
    let (found, _) = figures::sessions(By::All, days, answers);
    let found: BTreeMap<String, _> = found.iter().map(|one| (one.day.to_string(), one)).collect();
    let rows = told["sessions"].as_array().expect("rows");
    assert!(rows.len() > 25, "{} days", rows.len());
    for row in rows {
        let day = row[0].as_str().expect("a day");
        let one = found[day];
        assert_eq!(Some(one.sessions), row[1].as_i64(), "sessions on {day}");
        let sum_ms = row[2].as_f64().expect("a sum");
        assert!((one.length_seconds.sum - sum_ms / 1_000.0).abs() < 0.001, "{day}");
        for (about, exact) in [(one.length_seconds.p50, &row[3]), (one.length_seconds.p90, &row[4])]
        {
            let exact = exact.as_f64().expect("a length") / 1_000.0;
            let off = (about.expect("there are sessions") - exact).abs();
            assert!(off <= (exact * 0.032).max(1.0), "{day}: {about:?} for {exact}");
        }
    }
    assert_eq!(found.values().filter(|one| one.sessions > 0).count(), rows.len());
}

fn check_money(
    told: &Value,
    answers: &[Vec<scoreline_core::analytics::CounterRow>],
    days: DayRange,
) {
    // In cents: a scale of 1 leaves them as they are.
    let (found, _) = figures::revenue(By::All, days, 1, answers);
    let paid = found.iter().filter(|one| one.purchases > 0);
    let rows = paid.map(|one| {
        let cents = format!("{:.0}", one.revenue);
        [one.day.to_string(), cents, one.purchases.to_string(), one.payers.to_string()]
    });
    same("revenue", told, &lines(rows));
    let first = found.iter().filter(|one| one.first_purchases > 0);
    same(
        "first_purchases",
        told,
        &lines(first.map(|one| [one.day.to_string(), one.first_purchases.to_string()])),
    );
}
