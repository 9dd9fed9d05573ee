//! A throw-away Redis on a free port, in a temporary folder.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use redis::Cmd;
use redis::aio::MultiplexedConnection;
use tempfile::TempDir;

/// How long a server may take to answer.
const START_LONGEST: Duration = Duration::from_secs(30);

/// A running server. It ends with the test, and also with the process of the test.
pub struct RedisServer {
    folder: TempDir,
    port: u16,
    arguments: Vec<String>,
    running: Option<Running>,
}

/// The thread that started a server must live as long as it: the kernel ends it with the thread.
struct Running {
    stop: Option<mpsc::Sender<()>>,
    keeper: Option<JoinHandle<()>>,
}

impl RedisServer {
    /// A durable server.
    pub async fn start() -> Self {
        Self::start_with(&["--appendonly", "yes", "--save", ""]).await
    }

    /// A server with these settings.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let port = free_port();
        let arguments = arguments.iter().map(ToString::to_string).collect();
        let mut server = Self { folder, port, arguments, running: None };
        server.run().await;
        server
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it, after it was killed with what it had written.
    pub async fn run(&mut self) {
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "redis-server", "--bind", "127.0.0.1"])
            .args(["--port", &self.port.to_string()])
            .arg("--dir")
            .arg(self.folder.path())
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
        redis::Client::open(self.url())?.get_multiplexed_async_connection().await
    }

    async fn try_ping(&self) -> redis::RedisResult<()> {
        redis::cmd("PING").exec_async(&mut self.try_connection().await?).await
    }
}

/// A command of these words.
pub fn command(words: &[&str]) -> Cmd {
    let mut cmd = Cmd::new();
    for word in words {
        cmd.arg(word);
    }
    cmd
}

impl Running {
    fn keep(mut command: Command) -> Self {
        let (stop, stopped) = mpsc::channel();
        let keeper = std::thread::spawn(move || {
            let mut child: Child = command.spawn().expect("redis-server is installed");
            // Ends when the other side is dropped.
            let _ = stopped.recv();
            child.kill().expect("it can be ended");
            child.wait().expect("it ends");
        });
        Self { stop: Some(stop), keeper: Some(keeper) }
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

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}
