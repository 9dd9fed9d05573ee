//! The server as clients know it, on a real database and a real port, with a clock turned by hand.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use scoreline_core::time::{Clock, Timestamp};
use scoreline_server::{Config, Patience, Server};
use scoreline_testkit::clock::ManualClock;
use scoreline_testkit::postgres::{Server as Postgres, TestDatabase};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::client::{Answer, Request};
use crate::own_clock;

pub const ADMIN_TOKEN: &str = "the-admin-token-of-the-tests";
/// How long anything may take before a test gives up.
const DEADLINE: Duration = Duration::from_secs(30);

/// Connections of each server to PostgreSQL.
const CONNECTIONS: &str = "8";

/// A database for one test, if servers do not store in their folders.
fn database() -> Option<TestDatabase<'static>> {
    crate::ON_POSTGRES.then(|| Postgres::shared_unsynced().database())
}

pub const SECOND_MS: i64 = 1_000;
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;

pub fn hours(count: i64) -> i64 {
    count * HOUR_MS
}

pub fn days(count: i64) -> i64 {
    hours(24 * count)
}

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

/// Waits until `look` finds something, however often it has to look. What it finds instead is told
/// when the time is up.
pub async fn eventually<T, E: Debug>(what: &str, mut look: impl AsyncFnMut() -> Result<T, E>) -> T {
    let start = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(instead) if start.elapsed() > DEADLINE => {
                panic!("{what} did not happen within {DEADLINE:?}, but {instead:?}")
            }
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

/// A server that is about to start.
pub struct Setup {
    settings: BTreeMap<String, String>,
    alerts: String,
    game: Option<String>,
    now: Timestamp,
    patience: Option<Patience>,
}

impl Setup {
    /// A setting by its name in `scoreline.toml`.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Leaves it to the server to make one.
    pub fn without_admin_token(mut self) -> Self {
        self.settings.remove("admin_token");
        self
    }

    /// A game definition of its own instead of the sample.
    pub fn game(mut self, definition: impl Into<String>) -> Self {
        self.game = Some(definition.into());
        self
    }

    /// A table of `scoreline.toml` about alerts.
    pub fn alerts(mut self, table: &str) -> Self {
        table.clone_into(&mut self.alerts);
        self
    }

    /// How long clients may take.
    pub fn patience(mut self, patience: Patience) -> Self {
        self.patience = Some(patience);
        self
    }

    pub fn now(mut self, now: &str) -> Self {
        self.now = at(now);
        self
    }

    pub async fn start(mut self) -> TestApp {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = database();
        if let Some(database) = &database {
            self.settings.insert("database_url".to_owned(), database.url());
            self.settings.insert("database_connections".to_owned(), CONNECTIONS.to_owned());
        }
        let path = |name: &str| folder.path().join(name);
        let text = |path: PathBuf| path.to_str().expect("a plain path").to_owned();
        if let Some(game) = &self.game {
            std::fs::write(path("game.toml"), game).expect("the definition is written");
            self.settings.insert("game".to_owned(), text(path("game.toml")));
        }
        self.settings.insert("data_dir".to_owned(), text(path("data")));
        std::fs::write(path("scoreline.toml"), &self.alerts).expect("the settings are written");
        let config = Config::read(&self.settings, &BTreeMap::new(), &path("scoreline.toml"), true)
            .expect("the settings are valid");
        let clock = Arc::new(ManualClock::new(self.now));
        let own = Arc::clone(&clock) as Arc<dyn Clock>;
        let server = own_clock::start(&config, own, self.patience).await;
        TestApp { server, clock, folder, config, database }
    }
}

/// A running server, seen from outside.
pub struct TestApp {
    server: Server,
    clock: Arc<ManualClock>,
    folder: TempDir,
    config: Config,
    /// Where it stores, if that is not in its folder. The server goes before it does.
    database: Option<TestDatabase<'static>>,
}

impl TestApp {
    /// The sample game on a Monday morning, ten hours into its week.
    pub async fn start() -> Self {
        Self::with().start().await
    }

    /// Lets the database refuse purchases: those that come are accepted, and die.
    pub fn refuse_purchases(&self) {
        self.on_database(
            "ALTER TABLE scoreline.events ADD CONSTRAINT refused \
             CHECK (event_type <> 'purchase_completed') NOT VALID",
            "CREATE TRIGGER refused BEFORE INSERT ON events \
             WHEN 'purchase_completed' = \
             (SELECT event_type FROM payload_shapes WHERE shape_no = NEW.shape_no) \
             BEGIN SELECT RAISE(ABORT, 'purchases are refused'); END",
        );
    }

    /// Lets the database take them again.
    pub fn take_purchases(&self) {
        self.on_database(
            "ALTER TABLE scoreline.events DROP CONSTRAINT refused",
            "DROP TRIGGER refused",
        );
    }

    fn on_database(&self, postgres: &str, sqlite: &str) {
        if let Some(database) = &self.database {
            database.run(postgres);
            return;
        }
        let path = self.folder.path().join("data/scoreline.db");
        let connection = rusqlite::Connection::open(path).expect("the database opens");
        connection.busy_timeout(DEADLINE).expect("it may wait");
        connection.execute_batch(sqlite).expect("the statement runs");
    }

    /// The same, to be changed before it starts.
    pub fn with() -> Setup {
        let settings = [("port", "0"), ("admin_token", ADMIN_TOKEN)];
        let settings =
            settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let now = at("2026-11-23T10:00:00Z");
        Setup { settings, alerts: String::new(), game: None, now, patience: None }
    }

    /// The same data under another process.
    pub async fn restart(self) -> Self {
        let Self { server, clock, folder, config, database } = self;
        assert!(server.shutdown().await, "everything came to rest");
        let server = own_clock::start(&config, Arc::clone(&clock) as Arc<dyn Clock>, None).await;
        Self { server, clock, folder, config, database }
    }

    /// What can be seen of the server from inside.
    pub fn server(&self) -> &Server {
        &self.server
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Turns the clock forward (back if negative).
    pub fn advance(&self, ms: i64) {
        self.clock.advance(ms);
    }

    /// Sets the clock off by `ms`, while no time goes by.
    pub fn jump(&self, ms: i64) {
        self.clock.jump(ms);
    }

    pub fn set_now(&self, text: &str) {
        self.clock.set(at(text));
    }

    /// Puts another definition into the file; nothing happens before a reload.
    pub fn write_game(&self, definition: &str) {
        let path = self.folder.path().join("game.toml");
        std::fs::write(path, definition).expect("the definition is written");
    }

    /// A secret that was made at first start, where the server keeps it.
    pub fn secret(&self, name: &str) -> String {
        let secret = match &self.database {
            Some(database) => {
                database.run(&format!("SELECT secret FROM scoreline.secrets WHERE name = '{name}'"))
            }
            None => std::fs::read_to_string(self.data_file(name)).expect("it is there"),
        };
        secret.trim().to_owned()
    }

    /// A file of the data directory.
    pub fn data_file(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    pub async fn send(&self, request: Request) -> Answer {
        request.send(self.server.address()).await
    }

    /// Asks without any token; the answer must be 200.
    #[track_caller]
    pub fn get(&self, path: &str) -> impl Future<Output = Value> + use<> {
        let place = std::panic::Location::caller();
        let request = Request::get(path).send(self.server.address());
        let path = path.to_owned();
        async move { expect_200(&request.await, &path, place) }
    }

    /// Asks with the admin token; the answer must be 200.
    #[track_caller]
    pub fn operator_get(&self, path: &str) -> impl Future<Output = Value> + use<> {
        let place = std::panic::Location::caller();
        let request = Request::get(path).bearer(ADMIN_TOKEN).send(self.server.address());
        let path = path.to_owned();
        async move { expect_200(&request.await, &path, place) }
    }

    /// Posts with the admin token.
    pub async fn operate(&self, path: &str, body: &Value) -> Answer {
        self.send(Request::post(path).bearer(ADMIN_TOKEN).json(body)).await
    }

    /// Posts without any token.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Request::post(path).json(body)).await
    }

    /// Posts events whose acknowledgement must be a 200.
    #[track_caller]
    pub fn post_events(&self, body: &Value) -> impl Future<Output = Value> + use<> {
        let place = std::panic::Location::caller();
        let request = Request::post("/api/events").json(body).send(self.server.address());
        async move { expect_200(&request.await, "/api/events", place) }
    }

    /// Posts one event that must be rejected, and answers why.
    #[track_caller]
    pub fn post_rejected(&self, event: &Value) -> impl Future<Output = Value> + use<> {
        let posted = self.post_events(event);
        async move {
            let answer = posted.await;
            assert_eq!((&answer["count"], &answer["accepted"]), (&json!(1), &json!(0)), "{answer}");
            answer["rejected"][0].clone()
        }
    }
}

#[track_caller]
fn expect_200(answer: &Answer, path: &str, place: &std::panic::Location<'_>) -> Value {
    assert_eq!(answer.status, 200, "{path} at {place}: {}", answer.text());
    answer.json()
}
