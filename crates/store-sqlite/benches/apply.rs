//! What a stored and applied event costs, as ratios to SQLite's bare insert of the same rows in the
//! same run. `cargo bench -p scoreline-store-sqlite -- [seconds [events stored before]]`, or `-- seconds analytics`
//! for what analytics cost and nothing else.
//!
//! The rows are sessions of the sample game: 20 events of one player in a request, as many requests
//! in a transaction as group commit would find waiting.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, params};
use scoreline_core::event::Event;
use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::store::{Batch, EventStore, ProjectionStore};
use scoreline_core::time::Timestamp;
use scoreline_store_sqlite::{Access, SqliteStore};
use scoreline_testkit::sessions::{Batches, REQUEST_EVENTS};
use tokio::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Batches of this many events.
fn batches(events: u64) -> Batches {
    Batches::new(Timestamp::parse("2026-11-23T10:00:00Z").expect("a time"), events)
}

/// What applying cost.
#[derive(Clone, Copy, Default)]
struct Cost {
    events: usize,
    wall: Duration,
    /// Processor time and bytes written, as far as the system tells them.
    cpu_s: f64,
    written: f64,
}

/// What this process has used so far: seconds of processor time, bytes written.
fn used() -> (f64, f64) {
    let field = |text: &str, n: usize| {
        text.split_whitespace().nth(n).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0)
    };
    // User and system time in hundredths of a second, after the name, which may hold spaces.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    ((field(after_name, 11) + field(after_name, 12)) / 100.0, field(&io, 3))
}

/// Calls `apply` with batches for as long as `length` says.
fn measure(length: Duration, batches: &mut Batches, mut apply: impl FnMut(Vec<Event>)) -> Cost {
    let mut cost = Cost::default();
    while cost.wall < length {
        // Many at once: processor time is told in hundredths of a second.
        let prepared: Vec<_> = (0..10).map(|_| batches.make()).collect();
        let (start, before) = (Instant::now(), used());
        for batch in prepared {
            cost.events += batch.len();
            apply(batch);
        }
        let after = used();
        cost.wall += start.elapsed();
        cost.cpu_s += after.0 - before.0;
        cost.written += after.1 - before.1;
    }
    cost
}

/// How the key of a bare row begins.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    TimeFirst,
    IdFirst,
}

/// Rows of raw events into a table without any index beside its key, as durable as the store's.
fn bare_insert(path: &Path, key: Key) -> impl FnMut(Vec<Event>) + use<> {
    let mut connection = Connection::open(path).expect("opens");
    let key = if key == Key::TimeFirst { "event_time, event_id" } else { "event_id, event_time" };
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;
             PRAGMA cache_size = -24576;
             CREATE TABLE events (
                 event_time INTEGER NOT NULL, event_id BLOB NOT NULL, player_id TEXT NOT NULL,
                 event_type TEXT NOT NULL, received_at INTEGER NOT NULL, counted_at INTEGER,
                 applied_at INTEGER NOT NULL, payload TEXT NOT NULL, PRIMARY KEY ({key})
             ) STRICT, WITHOUT ROWID;"
        ))
        .expect("makes a table");
    move |events| {
        let tx = connection.transaction().expect("begins");
        {
            let mut insert = tx
                .prepare_cached("INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING")
                .expect("prepares");
            for event in &events {
                insert
                    .execute(params![
                        event.time.as_ms(),
                        event.id.as_bytes(),
                        event.player.as_str(),
                        &*event.event_type,
                        event.received_at.as_ms(),
                        None::<i64>,
                        event.received_at.as_ms(),
                        &*event.payload,
                    ])
                    .expect("inserts");
            }
        }
        tx.commit().expect("commits");
    }
}

/// A store with a plan, and a runtime to ask it from.
struct Bench {
    store: SqliteStore,
    plan: Arc<Plan>,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn open(path: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let store = SqliteStore::open(path, Access::ReadWrite).expect("opens");
        let adopted =
            runtime.block_on(store.adopt(Arc::new(Definition::sample()), Timestamp::EPOCH));
        let plan = adopted.expect("adopts").plan;
        Self { store, plan, runtime }
    }

    fn apply(&self, events: Vec<Event>) {
        let now = events.last().expect("an event").received_at;
        let sent = events.len();
        let batch = Batch { events, ..Batch::default() };
        let applied = self.runtime.block_on(self.store.apply(Arc::clone(&self.plan), batch, now));
        assert_eq!(applied.expect("applies").applied, sent, "all of them are new");
    }
}

/// What analytics cost: two stores take the same batches in turns, one of them without analytics, so that
/// whatever else happens on the machine happens to both. Answers the costs with them and without.
fn in_turns(length: Duration, paths: [&Path; 2]) -> [Cost; 2] {
    let mut stores = paths.map(Bench::open);
    stores[1].plan = Arc::new(stores[1].plan.without_analytics());
    let mut costs = [Cost::default(); 2];
    let mut batches = [batches(2_000), batches(2_000)];
    // Longer than the others, as a few stalls of the disk are as much as what is looked for. Who begins takes turns
    // as well: one's writes reach the disk while the other one works.
    let mut order = [0, 1];
    while costs[0].wall < 2 * length {
        for one in order {
            // A turn takes ten batches.
            let turn = measure(Duration::from_nanos(1), &mut batches[one], |batch| {
                stores[one].apply(batch);
            });
            let cost = &mut costs[one];
            cost.events += turn.events;
            cost.wall += turn.wall;
            cost.cpu_s += turn.cpu_s;
            cost.written += turn.written;
        }
        order.reverse();
    }
    costs
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u64>().ok());
    let length = Duration::from_secs(numbers.next().unwrap_or(5));
    let stored = numbers.next().unwrap_or(0);
    let only_analytics = std::env::args().any(|argument| argument == "analytics");
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);

    let mut report = format!(
        "{:<50} {:>10} {:>8} {:>8} {:>9} {:>6}\n",
        "", "events/s", "µs each", "µs CPU", "bytes", "ratio"
    );
    let mut bare = None;
    let mut line = |what: &str, cost: Cost| {
        let events = cost.events as f64;
        let rate = events / cost.wall.as_secs_f64();
        let first = *bare.get_or_insert(rate);
        writeln!(
            report,
            "{what:<50} {rate:>10.0} {:>8.2} {:>8.2} {:>9.0} {:>5.0}%",
            1e6 / rate,
            1e6 * cost.cpu_s / events,
            cost.written / events,
            100.0 * rate / first
        )
        .expect("a text grows");
    };
    if !only_analytics {
        line(
            "bare insert, time first",
            measure(length, &mut batches(2_000), bare_insert(&path("bare-time"), Key::TimeFirst)),
        );
        line(
            "bare insert, id first",
            measure(length, &mut batches(2_000), bare_insert(&path("bare-id"), Key::IdFirst)),
        );
        for events in [200, 2_000, 8_000] {
            let bench = Bench::open(&path(&format!("store-{events}")));
            let cost = measure(length, &mut batches(events), |batch| bench.apply(batch));
            line(&format!("store and apply, {events} a transaction"), cost);
        }
    }
    let [with, without] = in_turns(length, [&path("with"), &path("without")]);
    line("in turns: with analytics", with);
    line("in turns: without analytics", without);
    if stored > 0 {
        let bench = Bench::open(&path("filled"));
        let mut batches = batches(8_000);
        while batches.next_request * REQUEST_EVENTS < stored {
            bench.apply(batches.make());
        }
        batches.requests = 2_000 / REQUEST_EVENTS;
        let cost = measure(length, &mut batches, |batch| bench.apply(batch));
        line(&format!("the same, 2000, with {stored} events stored"), cost);
    }
    let each = |cost: Cost| {
        (cost.cpu_s / cost.events as f64, cost.wall.as_secs_f64() / cost.events as f64)
    };
    let (cpu, wall) = (each(without).0 / each(with).0, each(without).1 / each(with).1);
    println!(
        "\n{report}\nwith analytics by without, in turns: {wall:.2} (of processor time {cpu:.2})"
    );
}
