//! A throw-away Redis.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use tempfile::TempDir;

use crate::{Error, Keeper, LOOK_EVERY, Result, START_MAX, free_port, succeed};

/// The settings of a server that loses nothing when it is killed. With `appendfsync everysec` it puts
/// writes off, for up to two seconds, while the disk is slow, and answers nevertheless.
pub const DURABLE: [&str; 6] = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];

/// How a server is set up.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Settings as arguments, such as `--save`.
    pub arguments: Vec<String>,
    /// The password that it asks for, if it does.
    pub password: Option<String>,
    /// Whether it speaks nothing but TLS, by the files `server.pem`, `server.key` and `authority.pem`
    /// that are put into its folder before it is started.
    pub tls: bool,
}

/// A server that ends with its value, or with the process that started it.
pub struct Redis {
    folder: PathBuf,
    port: u16,
    password: Option<String>,
    tls: bool,
    keeper: Keeper,
}

impl Redis {
    /// Makes a server and starts it.
    pub fn start(options: &Options) -> Result<Self> {
        let server = Self::prepare(options)?;
        server.run()?;
        Ok(server)
    }

    /// Makes a server without starting it.
    pub fn prepare(options: &Options) -> Result<Self> {
        let folder = TempDir::with_prefix("scoreline-redis-").map_err(Error::system("a folder"));
        let folder = folder?.keep();
        let port = free_port()?;
        let mut redis = Command::new("redis-server");
        redis.arg("redis.conf").args(&options.arguments);
        let keeper = Keeper::of(&redis, &folder, "KILL")?;
        let written = std::fs::write(folder.join("redis.conf"), settings(port, options));
        written.map_err(Error::system("redis.conf"))?;
        let password = options.password.clone();
        Ok(Self { folder, port, password, tls: options.tls, keeper })
    }

    /// Starts the server, after [`Redis::prepare`] or [`Redis::kill`], with what it had written, and
    /// waits until it answers.
    pub fn run(&self) -> Result<()> {
        self.keeper.start()?;
        let begun = Instant::now();
        while !self.ask(&["PING"]).is_ok_and(|answer| answer.trim() == "PONG") {
            if self.keeper.has_ended() || begun.elapsed() > START_MAX {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                return Err(Error::NotStarted { server: "redis-server", log });
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Ends it without warning.
    pub fn kill(&self) -> Result<()> {
        self.keeper.end("KILL")
    }

    /// Sends it a signal that does not end it, such as `STOP` and `CONT`.
    pub fn signal(&self, name: &str) -> Result<()> {
        self.keeper.signal(name)
    }

    /// Runs a command and answers what it printed, one element of the answer a line.
    pub fn ask(&self, words: &[&str]) -> Result<String> {
        let mut cli = Command::new("redis-cli");
        cli.args(["-e", "-p", &self.port.to_string()]).current_dir(&self.folder);
        if let Some(password) = &self.password {
            cli.env("REDISCLI_AUTH", password);
        }
        if self.tls {
            cli.args(["-h", "localhost", "--tls", "--cacert", "authority.pem"]);
        }
        succeed(cli.args(words))
    }

    /// Its address, in the form of `REDIS_URL`.
    pub fn url(&self) -> String {
        // The name in its certificate, where it has one.
        let (scheme, host) =
            if self.tls { ("rediss", "localhost") } else { ("redis", "127.0.0.1") };
        let user = self.password.as_ref().map(|word| format!(":{word}@")).unwrap_or_default();
        format!("{scheme}://{user}{host}:{}", self.port)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process, if it runs.
    pub fn pid(&self) -> Option<u32> {
        self.keeper.pid()
    }

    /// What it keeps.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// What is not said in arguments, where everybody on the machine would see it.
fn settings(port: u16, options: &Options) -> String {
    let listens = if options.tls {
        format!(
            "port 0\ntls-port {port}\ntls-auth-clients no\ntls-cert-file server.pem\n\
             tls-key-file server.key\ntls-ca-cert-file authority.pem\n"
        )
    } else {
        format!("port {port}\n")
    };
    let password = options.password.as_ref();
    let asks = password.map(|password| format!("requirepass {password}\n")).unwrap_or_default();
    format!("bind 127.0.0.1\n{listens}{asks}")
}
