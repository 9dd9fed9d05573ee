//! Throw-away PostgreSQL servers as tests want them, with a database for each test.
//!
//! A server ends with its value, and also with the process of the test: see
//! [`scoreline_throwaway`]. Text sorts as in English, not by bytes, so that a query that needs the
//! order of bytes must say so.

mod line;
mod pooler;

pub use line::{LastMessage, Line};
pub use pooler::Pooler;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use scoreline_throwaway::account::own;
use scoreline_throwaway::postgres::{Options, Postgres};

/// The role of tests: no superuser, because a managed database gives none.
const ROLE: &str = "game";
/// How text sorts.
const ENGLISH: [&str; 3] = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"];
/// Who may connect where connections are encrypted.
const ONLY_ENCRYPTED: &str = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";

/// What a test may change about a server.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// Encrypted connections, with a certificate for `localhost` of an authority made for this
    /// server. Unencrypted ones are refused then.
    pub tls: bool,
    /// Lines of the configuration, such as `("max_connections", "10")`.
    pub settings: Vec<(&'static str, String)>,
}

/// A server that ends with its value, or with the test process.
pub struct Server {
    postgres: Postgres,
    tls: bool,
    databases: AtomicU32,
}

/// A database of its own for one test. It vanishes with its value.
pub struct TestDatabase<'s> {
    server: &'s Server,
    name: String,
}

impl Server {
    /// The server that all tests of a process share, started by the first who asks.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// The same for tests that cut connections and kill processes, but never the power: it does not wait for
    /// the disk, because what a killed process has written stays.
    pub fn shared_unsynced() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        let unsynced = ["fsync", "full_page_writes"].map(|name| (name, "off".to_owned()));
        let options = ServerOptions { settings: unsynced.to_vec(), ..ServerOptions::default() };
        SHARED.get_or_init(|| Self::start_with(&options))
    }

    /// Starts a server for one test.
    pub fn start() -> Self {
        Self::start_with(&ServerOptions::default())
    }

    /// Starts a server with what a test wants different.
    pub fn start_with(options: &ServerOptions) -> Self {
        let mut settings = vec![("max_connections", "300".to_owned())];
        if options.tls {
            // Seen from the folder of the data.
            for (name, file) in [("ssl_cert_file", "server.pem"), ("ssl_key_file", "server.key")] {
                settings.push((name, format!("../{file}")));
            }
            settings.push(("ssl", "on".to_owned()));
        }
        settings.extend(options.settings.iter().cloned());
        let postgres = Postgres::prepare(&Options {
            initdb: ENGLISH.to_vec(),
            settings,
            access: options.tls.then_some(ONLY_ENCRYPTED),
            ..Options::default()
        });
        let postgres = postgres.expect("PostgreSQL is installed; scripts/test installs it");
        if options.tls {
            crate::certificates::certify(postgres.folder());
            for file in ["server.pem", "server.key"] {
                own(&postgres.folder().join(file)).expect("changes the owner");
            }
        }
        let server = Self { postgres, tls: options.tls, databases: AtomicU32::new(0) };
        server.restart();
        server.run("postgres", &format!("CREATE ROLE {ROLE} LOGIN CREATEDB"));
        server
    }

    /// Makes an empty database.
    pub fn database(&self) -> TestDatabase<'_> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run("postgres", &format!("CREATE DATABASE {name} OWNER {ROLE}"));
        TestDatabase { server: self, name }
    }

    /// Ends all connections and shuts down in order.
    pub fn stop(&self) {
        self.postgres.stop().expect("it stops");
    }

    /// Lets the server die at once, without writing anything more.
    pub fn kill(&self) {
        self.postgres.kill().expect("it dies");
    }

    /// Lets every process of the server stand still, as on a machine that hangs: connections stay and
    /// nothing is answered.
    pub fn freeze(&self) {
        // The first process is stopped before the others are listed, so that none is added.
        self.signal_first("STOP");
        self.signal_others("STOP");
    }

    /// Lets a server go on that stands still.
    pub fn thaw(&self) {
        self.signal_others("CONT");
        self.signal_first("CONT");
    }

    fn signal_first(&self, signal: &str) {
        let pid = self.postgres.pid().expect("it runs");
        let killed = Command::new("kill").args(["-s", signal, &pid.to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()), "{signal} of {pid}");
    }

    /// Signals what the first process has started, of which some may just be ending by themselves.
    fn signal_others(&self, signal: &str) {
        let pid = self.postgres.pid().expect("it runs");
        let others = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let others = others.expect("the system lists them");
        let killed =
            Command::new("kill").args(["-s", signal]).args(others.split_whitespace()).output();
        killed.expect("kill is there");
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.postgres.folder().join("log")).expect("reads the log")
    }

    /// Starts the server again, after [`Server::stop`] or [`Server::kill`], and waits until it
    /// takes connections.
    pub fn restart(&self) {
        self.postgres.run().expect("it starts");
    }

    /// Runs statements as a superuser, without a store knowing, and answers the rows.
    pub fn run(&self, database: &str, sql: &str) -> String {
        self.postgres.ask(database, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Where the server listens.
    pub fn port(&self) -> u16 {
        self.postgres.port()
    }

    /// The certificate of the authority that the server's own is of, where it has one.
    pub fn authority(&self) -> PathBuf {
        self.postgres.folder().join("authority.pem")
    }
}

impl TestDatabase<'_> {
    /// Where to connect, in the form of `DATABASE_URL`.
    pub fn url(&self) -> String {
        let (port, name) = (self.server.port(), &self.name);
        if self.server.tls {
            let authority = self.server.authority();
            return format!(
                "postgres://{ROLE}@localhost:{port}/{name}?sslmode=verify-full&sslrootcert={}",
                authority.display()
            );
        }
        format!("postgres://{ROLE}@127.0.0.1:{port}/{name}")
    }

    /// The same through another port of this machine, such as that of a [`Line`] or a [`Pooler`].
    pub fn url_at(&self, port: u16) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{port}/{}?sslmode=disable", self.name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server it lies on.
    pub fn server(&self) -> &Server {
        self.server
    }

    /// Runs statements without a store knowing, and answers the rows.
    pub fn run(&self, sql: &str) -> String {
        self.server.run(&self.name, sql)
    }

    /// Runs statements in a transaction that stays open, with its locks, until the answer is
    /// dropped.
    pub fn hold(&self, sql: &str) -> Held {
        Held::begin(self, sql)
    }
}

/// An open transaction. Dropping it takes everything back, unless it was committed.
pub struct Held(Child);

impl Held {
    fn begin(database: &TestDatabase<'_>, sql: &str) -> Self {
        use std::io::{BufRead as _, BufReader, Write as _};
        let mut psql = database.server.postgres.psql(&database.name);
        let mut child =
            psql.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts psql");
        let input = child.stdin.as_mut().expect("a pipe");
        writeln!(input, "BEGIN; {sql};\n\\echo held").expect("writes");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let held = output.lines().any(|line| line.expect("a line") == "held");
        assert!(held, "the statements failed");
        Self(child)
    }

    /// Makes durable what was done.
    pub fn commit(mut self) {
        use std::io::Write as _;
        let input = self.0.stdin.as_mut().expect("a pipe");
        writeln!(input, "COMMIT;").expect("writes");
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // The locks are free when the process is gone.
        let _ = self.0.wait();
    }
}

impl Drop for TestDatabase<'_> {
    fn drop(&mut self) {
        // The server may be down, or going away with its folder.
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _ = self.server.postgres.psql("postgres").args(["-c", &sql]).output();
    }
}
