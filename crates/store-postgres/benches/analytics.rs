//! What exact analytics cost on a PostgreSQL that is started for it: two stores take the same batches in turns, one of them
//! without analytics. `cargo bench -p scoreline-store-postgres -- [seconds [events a transaction]]`.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scoreline_core::fold::Plan;
use scoreline_core::game::Definition;
use scoreline_core::store::{Batch, EventStore, ProjectionStore};
use scoreline_core::time::Timestamp;
use scoreline_store_postgres::{PostgresStore, Settings};
use scoreline_testkit::postgres::{Server, TestDatabase};
use scoreline_testkit::sessions::Batches;
use tokio::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Batches of one turn.
const TURN: usize = 10;

/// A store with a plan, and what it has taken so far.
struct Bench {
    store: PostgresStore,
    _database: TestDatabase<'static>,
    plan: Arc<Plan>,
    batches: Batches,
    events: usize,
    wall: Duration,
}

impl Bench {
    async fn open(server: &'static Server, start: Timestamp, events: u64) -> Self {
        let database = server.database();
        let store = PostgresStore::open(&Settings::new(&database.url())).await.expect("opens");
        let adopted = store.adopt(Arc::new(Definition::sample()), Timestamp::EPOCH).await;
        let plan = adopted.expect("adopts").plan;
        let batches = Batches::new(start, events);
        Self { store, _database: database, plan, batches, events: 0, wall: Duration::ZERO }
    }

    async fn turn(&mut self) {
        let prepared: Vec<_> = (0..TURN).map(|_| self.batches.make()).collect();
        let begun = Instant::now();
        for events in prepared {
            let (now, sent) = (events.last().expect("an event").received_at, events.len());
            let batch = Batch { events, ..Batch::default() };
            let applied = self.store.apply(Arc::clone(&self.plan), batch, now).await;
            assert_eq!(applied.expect("applies").applied, sent, "all of them are new");
            self.events += sent;
        }
        self.wall += begun.elapsed();
    }

    fn rate(&self) -> f64 {
        self.events as f64 / self.wall.as_secs_f64()
    }
}

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<u64>().ok());
    let length = Duration::from_secs(numbers.next().unwrap_or(10));
    let events = numbers.next().unwrap_or(2_000);
    #[expect(clippy::disallowed_methods, reason = "partitions are made for the days around today")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_millis();
    let start = Timestamp::EPOCH.plus_ms(i64::try_from(now).expect("a time"));
    let server = Server::shared();
    let mut with = Bench::open(server, start, events).await;
    let mut without = Bench::open(server, start, events).await;
    without.plan = Arc::new(without.plan.without_analytics());
    // Who begins takes turns as well: one's writes reach the disk while the other one works.
    while with.wall < length {
        with.turn().await;
        without.turn().await;
        without.turn().await;
        with.turn().await;
    }
    println!(
        "with analytics {:.0} events/s, without {:.0}, {events} a transaction: {:.2}",
        with.rate(),
        without.rate(),
        with.rate() / without.rate()
    );
}
