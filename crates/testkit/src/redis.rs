//! A throw-away Redis on a free port, in a temporary folder, and clusters of them.
//!
//! Needs `redis-server` and `setpriv`. Nothing of it is left when it is dropped, nor when the process
//! of the test is killed.

mod cluster;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{Cmd, TlsCertificates};
use tempfile::TempDir;

use crate::certificates;
pub use cluster::{RedisCluster, SLOTS};

/// The settings of a server that loses nothing when it is killed. With `appendfsync everysec` it puts
/// writes off, for up to two seconds, while the disk is slow, and answers nevertheless.
pub const DURABLE: [&str; 6] = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
/// The password of servers that ask for one.
pub const PASSWORD: &str = "swordfish";
/// How long a server may take to answer.
const START_LONGEST: Duration = Duration::from_secs(30);

/// A running server. It ends with the test, and also with the process of the test.
pub struct RedisServer {
    folder: TempDir,
    port: u16,
    arguments: Vec<String>,
    /// The password, if it asks for one.
    password: Option<&'static str>,
    /// The certificate that its own is signed with, if it speaks TLS.
    root_certificate: Option<Vec<u8>>,
    running: Option<Running>,
}

/// The thread that started a server must live as long as it: the kernel ends it with the thread.
struct Running {
    pid: u32,
    stop: Option<mpsc::Sender<()>>,
    keeper: Option<JoinHandle<()>>,
}

impl RedisServer {
    /// A durable server.
    pub async fn start() -> Self {
        Self::start_with(&DURABLE).await
    }

    /// A server with these settings.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let mut server = Self::new(arguments);
        server.run().await;
        server
    }

    /// A durable server that asks for a password and speaks nothing but TLS.
    pub async fn start_guarded() -> Self {
        let mut server = Self::new(&DURABLE);
        server.password = Some(PASSWORD);
        certificates::certify(server.folder.path());
        let root = std::fs::read(server.folder.path().join("authority.pem"));
        server.root_certificate = Some(root.expect("it is written"));
        for (name, value) in [
            ("--requirepass", PASSWORD),
            ("--tls-auth-clients", "no"),
            ("--tls-cert-file", "server.pem"),
            ("--tls-key-file", "server.key"),
            ("--tls-ca-cert-file", "authority.pem"),
        ] {
            server.arguments.extend([name.to_owned(), value.to_owned()]);
        }
        server.run().await;
        server
    }

    fn new(arguments: &[&str]) -> Self {
        Self {
            folder: TempDir::new().expect("a folder"),
            port: free_port(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            password: None,
            root_certificate: None,
            running: None,
        }
    }

    /// Its address.
    pub fn url(&self) -> String {
        let (scheme, host) = match self.root_certificate {
            // The name in its certificate.
            Some(_) => ("rediss", "localhost"),
            None => ("redis", "127.0.0.1"),
        };
        let user = self.password.map(|password| format!(":{password}@")).unwrap_or_default();
        format!("{scheme}://{user}{host}:{}", self.port)
    }

    /// The certificate that its own is signed with, if it speaks TLS.
    pub fn root_certificate(&self) -> Option<Vec<u8>> {
        self.root_certificate.clone()
    }

    /// Starts it, after it was killed with what it had written.
    pub async fn run(&mut self) {
        let mut command = Command::new("setpriv");
        let port = &*self.port.to_string();
        command
            .args(["--pdeathsig", "KILL", "redis-server", "--bind", "127.0.0.1"])
            .args(match self.root_certificate {
                Some(_) => ["--port", "0", "--tls-port", port],
                None => ["--port", port, "--tls-port", "0"],
            })
            .current_dir(self.folder.path())
            .args(&self.arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.running = Some(Running::keep(command));
        let deadline = Instant::now() + START_LONGEST;
        while self.try_ping().await.is_err() {
            assert!(Instant::now() < deadline, "the server does not answer");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Ends it without warning.
    pub fn kill(&mut self) {
        drop(self.running.take());
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let pid = self.running.as_ref().expect("it runs").pid.to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().expect("kill is there");
        assert!(sent.success(), "the signal {name} arrives");
    }

    /// Copies what it has written so far.
    pub fn copy(&self) -> TempDir {
        let copy = TempDir::new().expect("a folder");
        copy_files(self.folder.path(), copy.path());
        copy
    }

    /// Gives it, while it is not running, what was copied.
    pub fn put_back(&self, copy: &TempDir) {
        copy_files(copy.path(), self.folder.path());
    }

    /// A connection of the test's own.
    pub async fn connection(&self) -> MultiplexedConnection {
        self.try_connection().await.expect("connects")
    }

    /// Asks it something.
    pub async fn ask<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut connection = self.connection().await;
        command(words).query_async(&mut connection).await.expect("answers")
    }

    async fn try_connection(&self) -> redis::RedisResult<MultiplexedConnection> {
        let client = match self.root_certificate.clone() {
            None => redis::Client::open(self.url())?,
            root_cert => {
                let certificates = TlsCertificates { client_tls: None, root_cert };
                redis::Client::build_with_tls(self.url(), certificates)?
            }
        };
        client.get_multiplexed_async_connection().await
    }

    async fn try_ping(&self) -> redis::RedisResult<()> {
        redis::cmd("PING").exec_async(&mut self.try_connection().await?).await
    }
}

/// A command of these words.
fn command(words: &[&str]) -> Cmd {
    let mut cmd = Cmd::new();
    for word in words {
        cmd.arg(word);
    }
    cmd
}

impl Running {
    fn keep(mut command: Command) -> Self {
        let (stop, stopped) = mpsc::channel();
        let (started, starting) = mpsc::channel();
        let keeper = std::thread::spawn(move || {
            let mut child: Child = command.spawn().expect("redis-server is installed");
            started.send(child.id()).expect("somebody waits for it");
            // Ends when the other side is dropped.
            let _ = stopped.recv();
            child.kill().expect("it can be ended");
            child.wait().expect("it ends");
        });
        let pid = starting.recv().expect("it starts");
        Self { pid, stop: Some(stop), keeper: Some(keeper) }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }
}

/// Copies all files of a folder and of those in it over those of another.
fn copy_files(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("readable");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("readable").is_dir() {
            std::fs::create_dir_all(&target).expect("a folder");
            copy_files(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// A port that nobody listens to at the moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}
