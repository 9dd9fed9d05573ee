//! Throw-away PostgreSQL servers.
//!
//! A server runs out of a temporary folder, on a free port of 127.0.0.1, as an unprivileged user. A
//! keeper process holds the other end of a pipe to the test process: when that is gone, however it
//! died, the keeper stops the server and removes the folder. Commits are as durable as a server's
//! usually are. Text sorts as in English, not by bytes, so that whoever needs bytes must ask for it.

mod line;
mod pooler;

pub use line::{LastMessage, Line};
pub use pooler::Pooler;

use std::fmt::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

/// The account that the server runs as where tests run as root; Debian's package makes it.
const ACCOUNT: &str = "postgres";
/// The role of tests: no superuser, because a managed database gives none.
const ROLE: &str = "game";
/// The role that makes databases.
const SUPERUSER: &str = "keeper";

/// What the keeper does: wait until nobody holds the pipe, then clean up. Signals for the group of
/// the test process are not for it.
const KEEPER: &str = r#"trap "" INT TERM HUP
cat >/dev/null
"$@" -m immediate stop >/dev/null 2>&1
rm -rf "$FOLDER""#;

/// What a test may want different about a server.
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
    folder: PathBuf,
    port: u16,
    tls: bool,
    databases: AtomicU32,
    keeper: Child,
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

    /// Starts a server for one test.
    pub fn start() -> Self {
        Self::start_with(&ServerOptions::default())
    }

    /// Starts a server with what a test wants different.
    pub fn start_with(options: &ServerOptions) -> Self {
        let folder = TempDir::with_prefix("scoreline-postgres-").expect("a folder").keep();
        own(&folder);
        let server = Self {
            port: free_port(),
            tls: options.tls,
            databases: AtomicU32::new(0),
            keeper: keep(&folder),
            folder,
        };
        let data = server.data().display().to_string();
        let init = ["-D", &data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-sync"];
        let sorted = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"];
        must_succeed(as_account("initdb").args(init).args(sorted));
        server.configure(options);
        server.restart();
        server.run("postgres", &format!("CREATE ROLE {ROLE} LOGIN CREATEDB"));
        server
    }

    fn configure(&self, options: &ServerOptions) {
        let mut lines = format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{}'\n\
             max_connections = 300\n",
            self.port,
            self.folder.display(),
        );
        if options.tls {
            crate::certificates::certify(&self.folder);
            for file in ["server.pem", "server.key"] {
                own(&self.folder.join(file));
            }
            writeln!(
                lines,
                "ssl = on\nssl_cert_file = '{0}/server.pem'\nssl_key_file = '{0}/server.key'",
                self.folder.display()
            )
            .expect("a text grows");
            let only_encrypted = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
            std::fs::write(self.data().join("pg_hba.conf"), only_encrypted).expect("writes");
        }
        for (name, value) in &options.settings {
            writeln!(lines, "{name} = '{value}'").expect("a text grows");
        }
        std::fs::write(self.data().join("postgresql.auto.conf"), lines).expect("writes");
    }

    /// Makes an empty database.
    pub fn database(&self) -> TestDatabase<'_> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run("postgres", &format!("CREATE DATABASE {name} OWNER {ROLE}"));
        TestDatabase { server: self, name }
    }

    /// Ends all connections and shuts down in order.
    pub fn stop(&self) {
        must_succeed(self.control("stop").args(["-m", "fast"]));
    }

    /// Lets the server die at once, without writing anything more.
    pub fn kill(&self) {
        must_succeed(self.control("stop").args(["-m", "immediate"]));
    }

    /// Starts the server again, after [`Server::stop`] or [`Server::kill`], and waits until it
    /// takes connections.
    pub fn restart(&self) {
        let log = self.folder.join("log");
        must_succeed(self.control("start").arg("-l").arg(log));
    }

    /// Runs statements as a superuser, without a store knowing, and answers the rows.
    pub fn run(&self, database: &str, sql: &str) -> String {
        let output = must_succeed(self.psql(database).args(["-c", sql]));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn psql(&self, database: &str) -> Command {
        let mut command = Command::new(programs().join("psql"));
        command
            .args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-U", SUPERUSER, "-d", database])
            .args(["-p", &self.port.to_string(), "-h"])
            .arg(&self.folder);
        command
    }

    /// Where the server listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate of the authority that the server's own is of, where it has one.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn control(&self, action: &str) -> Command {
        let mut command = as_account("pg_ctl");
        command.arg(action).args(["-w", "-s", "-t", "30", "-D"]).arg(self.data());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // The folder is gone when the keeper is.
        let _ = self.keeper.wait();
    }
}

impl TestDatabase<'_> {
    /// Where to connect, in the form of `DATABASE_URL`.
    pub fn url(&self) -> String {
        let (port, name) = (self.server.port, &self.name);
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
        let mut psql = database.server.psql(&database.name);
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
        let _ = self.server.psql("postgres").args(["-c", &sql]).output();
    }
}

/// The folder with the server's programs: the newest that Debian has installed, or the one that
/// `SCORELINE_TEST_POSTGRES` names.
fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        if let Some(named) = std::env::var_os("SCORELINE_TEST_POSTGRES") {
            return PathBuf::from(named);
        }
        let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        installed
            .filter_map(|entry| {
                let version: u32 = entry.file_name().to_str()?.parse().ok()?;
                let programs = entry.path().join("bin");
                programs.join("initdb").exists().then_some((version, programs))
            })
            .max()
            .expect("PostgreSQL is not installed; scripts/test installs it")
            .1
    })
}

/// One of the server's programs, or the one at a path, under an account that it accepts.
fn as_account(program: &str) -> Command {
    let program = programs().join(program);
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args([&format!("--reuid={ACCOUNT}"), &format!("--regid={ACCOUNT}"), "--init-groups"])
        .arg(program)
        .current_dir("/");
    command
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Gives a file to the account that the server runs as.
fn own(path: &Path) {
    if is_root() {
        let ids = must_succeed(Command::new("getent").args(["passwd", ACCOUNT]));
        let line = String::from_utf8_lossy(&ids.stdout).into_owned();
        let id = |n| line.trim().split(':').nth(n).and_then(|field| field.parse::<u32>().ok());
        chown(path, id(2), id(3)).expect("changes the owner");
    }
}

fn keep(folder: &Path) -> Child {
    let stop = as_account("pg_ctl");
    Command::new("sh")
        .args(["-c", KEEPER, "keeper"])
        .arg(stop.get_program())
        .args(stop.get_args())
        .args(["-w", "-s", "-D"])
        .arg(folder.join("data"))
        .env("FOLDER", folder)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts a shell")
}

fn must_succeed(command: &mut Command) -> Output {
    // A server must not hold the pipes of whoever started it open.
    let is_start = command.get_args().any(|argument| argument == "start");
    let output = if is_start {
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().expect("runs");
        Output { status, stdout: Vec::new(), stderr: Vec::new() }
    } else {
        command.stdin(Stdio::null()).output().expect("runs")
    };
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// A port that nobody listens on at the moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    listener.local_addr().expect("is bound").port()
}
