//! A throw-away Redis as tests want it, and clusters of them.
//!
//! It ends with its value, and also with the process of the test: see [`scoreline_throwaway`].

mod cluster;

use std::path::Path;
use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, TlsCertificates};
use scoreline_throwaway::Redis;
use scoreline_throwaway::redis::Options;
use tempfile::TempDir;

use crate::certificates;
pub use cluster::{RedisCluster, SLOTS};
pub use scoreline_throwaway::redis::DURABLE;

/// The password of servers that ask for one.
pub const PASSWORD: &str = "swordfish";

/// A running server.
pub struct RedisServer {
    server: Arc<Redis>,
    /// The certificate that its own is signed with, if it speaks TLS.
    root_certificate: Option<Vec<u8>>,
}

impl RedisServer {
    /// A durable server.
    pub async fn start() -> Self {
        Self::start_with(&DURABLE).await
    }

    /// A server with these settings.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(ToString::to_string).collect();
        let server = Redis::prepare(&Options { arguments, ..Options::default() });
        let mut server = Self { server: server.expect("a Redis").into(), root_certificate: None };
        server.run().await;
        server
    }

    /// A durable server that asks for a password and speaks nothing but TLS.
    pub async fn start_guarded() -> Self {
        let arguments = DURABLE.map(str::to_owned).to_vec();
        let options = Options { arguments, password: Some(PASSWORD.to_owned()), tls: true };
        let server = Redis::prepare(&options).expect("a Redis");
        certificates::certify(server.folder());
        let root = std::fs::read(server.folder().join("authority.pem")).expect("it is written");
        let mut server = Self { server: server.into(), root_certificate: Some(root) };
        server.run().await;
        server
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The certificate that its own is signed with, if it speaks TLS.
    pub fn root_certificate(&self) -> Option<Vec<u8>> {
        self.root_certificate.clone()
    }

    /// Starts it, after it was killed, with what it had written.
    pub async fn run(&mut self) {
        let server = Arc::clone(&self.server);
        let started = tokio::task::spawn_blocking(move || server.run()).await;
        started.expect("it does not panic").expect("it starts");
    }

    /// Ends it without warning.
    pub fn kill(&mut self) {
        self.server.kill().expect("it ends");
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        self.server.signal(name).expect("the signal arrives");
    }

    /// Copies what it has written so far.
    pub fn copy(&self) -> TempDir {
        let copy = TempDir::new().expect("a folder");
        copy_files(self.server.folder(), copy.path());
        copy
    }

    /// Gives it, while it is not running, what was copied.
    pub fn put_back(&self, copy: &TempDir) {
        copy_files(copy.path(), self.server.folder());
    }

    /// A connection of the test's own.
    pub async fn connection(&self) -> MultiplexedConnection {
        let client = match self.root_certificate.clone() {
            None => redis::Client::open(self.url()),
            root_cert => {
                let certificates = TlsCertificates { client_tls: None, root_cert };
                redis::Client::build_with_tls(self.url(), certificates)
            }
        };
        let client = client.expect("an address");
        client.get_multiplexed_async_connection().await.expect("connects")
    }

    /// Asks it something.
    pub async fn ask<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut connection = self.connection().await;
        command(words).query_async(&mut connection).await.expect("answers")
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
