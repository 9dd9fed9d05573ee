//! A PostgreSQL and a Redis of the measurement's own, out of the programs that are installed.
//!
//! They listen on free ports of 127.0.0.1, ask for a password made up for them, and keep their files
//! in the folder of the measurement. They are set as docs/deployment.md advises, so that what they
//! acknowledge is as durable as it has to be.

use std::fmt::Write as _;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use redis::aio::MultiplexedConnection;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use super::database::Database;

/// How long a server may take to start or to stop.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How often it is looked whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// The account that PostgreSQL runs as where this program runs as root, which it refuses.
const ACCOUNT: &str = "postgres";
/// Where packages put the programs of each version of PostgreSQL.
const VERSIONS: [&str; 2] = ["/usr/lib/postgresql", "/usr/pgsql"];

/// A server process, ended with this value.
struct Process {
    child: Child,
    name: &'static str,
    /// The signal that ends it at once.
    signal: &'static str,
}

impl Process {
    /// Starts one whose words go to a file.
    fn start(
        mut command: Command,
        name: &'static str,
        signal: &'static str,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let log = File::create(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        Ok(Self { child, name, signal })
    }

    /// Waits a moment for it to be ready. Fails if it ended, or if this takes too long.
    async fn wait(&mut self, since: Instant, log: &Path) -> anyhow::Result<()> {
        let name = self.name;
        let words = || std::fs::read_to_string(log).unwrap_or_default();
        if let Some(status) = self.child.try_wait()? {
            bail!("{name} ended: {status}\n{}", words());
        }
        if since.elapsed() > TIMEOUT {
            bail!("{name} did not start within {TIMEOUT:?}\n{}", words());
        }
        tokio::time::sleep(LOOK_EVERY).await;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-s", self.signal, &pid]).status();
        if told.is_ok_and(|status| status.success()) {
            let begun = Instant::now();
            while begun.elapsed() < TIMEOUT {
                match self.child.try_wait() {
                    Ok(None) => std::thread::sleep(LOOK_EVERY),
                    _ => return,
                }
            }
        }
        // What has ended already needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running PostgreSQL.
pub struct Postgres {
    process: Process,
    address: String,
    /// Makes and drops databases.
    admin: Client,
    /// What it says it is.
    pub version: String,
}

impl Postgres {
    /// Makes a cluster in `folder` and starts it.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let programs = programs()?;
        let (data, log) = (folder.join("data"), folder.join("log"));
        std::fs::create_dir_all(folder)?;
        let password = Uuid::new_v4().simple().to_string();
        let password_file = folder.join("password");
        std::fs::write(&password_file, &password)?;
        own(folder)?;
        let mut initdb = as_account(&programs.join("initdb"));
        initdb
            .args(["-U", "bench", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"])
            .arg("--pwfile")
            .arg(&password_file)
            .arg("-D")
            .arg(&data);
        succeed(&mut initdb, "initdb")?;
        let port = free_port()?;
        std::fs::write(data.join("postgresql.auto.conf"), settings(port, folder))?;
        let mut command = as_account(&programs.join("postgres"));
        command.arg("-D").arg(&data);
        let begun = Instant::now();
        let mut process = Process::start(command, "PostgreSQL", "QUIT", &log)?;
        let address = format!("postgres://bench:{password}@127.0.0.1:{port}");
        let admin = loop {
            match connect(&format!("{address}/postgres")).await {
                Ok(client) => break client,
                Err(_) => process.wait(begun, &log).await?,
            }
        };
        // PostgreSQL 14, and one that was built without it, refuse that; then it stays as it was.
        if admin.batch_execute("ALTER SYSTEM SET wal_compression = 'lz4'").await.is_ok() {
            admin.batch_execute("SELECT pg_reload_conf()").await?;
        }
        let version = admin.query_one("SHOW server_version", &[]).await?.get(0);
        Ok(Self { process, address, admin, version })
    }

    /// Its first process.
    pub fn pid(&self) -> u32 {
        self.process.child.id()
    }

    /// Makes an empty database.
    pub async fn database(&self, name: &str) -> anyhow::Result<Database> {
        self.admin.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        let url = format!("{}/{name}", self.address);
        let client = connect(&url).await?;
        Ok(Database::new(url, client))
    }

    /// Removes a database that nobody uses any more.
    pub async fn drop_database(&self, name: &str) -> anyhow::Result<()> {
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        Ok(self.admin.batch_execute(&sql).await?)
    }
}

/// A connection to PostgreSQL on this machine.
pub async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // It ends with the client.
    tokio::spawn(connection);
    Ok(client)
}

fn settings(port: u16, folder: &Path) -> String {
    let mut lines = format!(
        "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{}'\n\
         max_connections = 200\nmax_wal_size = '8GB'\ncheckpoint_timeout = '15min'\n\
         wal_compression = 'on'\n",
        folder.display()
    );
    if let Some(kib) = memory_kib() {
        writeln!(lines, "shared_buffers = '{}MB'", kib / 1_024 / 4).expect("a text grows");
    }
    lines
}

/// The memory of this machine.
fn memory_kib() -> Option<u64> {
    let memory = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The folder with the programs of PostgreSQL: the one in `PATH`, or the newest that is installed.
fn programs() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).find(|folder| folder.join("initdb").exists());
    let newest = || {
        let installed = VERSIONS.iter().flat_map(std::fs::read_dir).flatten().flatten();
        let versions = installed.filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let programs = entry.path().join("bin");
            programs.join("initdb").exists().then_some((version, programs))
        });
        versions.max().map(|(_, programs)| programs)
    };
    in_path.or_else(newest).context(
        "the programs of PostgreSQL (initdb, postgres) are not installed; \
         this measurement starts a server of its own and needs them in PATH",
    )
}

fn is_root() -> bool {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
    }
    #[cfg(not(target_os = "linux"))]
    false
}

/// A program of PostgreSQL, under an account that it accepts.
fn as_account(program: &Path) -> Command {
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

/// Gives a folder to the account that PostgreSQL runs as.
fn own(folder: &Path) -> anyhow::Result<()> {
    if is_root() {
        let mut chown = Command::new("chown");
        succeed(chown.args(["-R", &format!("{ACCOUNT}:")]).arg(folder), "chown")?;
    }
    Ok(())
}

fn succeed(command: &mut Command, name: &str) -> anyhow::Result<()> {
    let Output { status, stderr, .. } =
        command.stdin(Stdio::null()).output().with_context(|| format!("{name} cannot be run"))?;
    if !status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&stderr));
    }
    Ok(())
}

/// A port that nobody listens on at the moment.
fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A running Redis.
pub struct Redis {
    process: Process,
    connection: MultiplexedConnection,
    /// Where it is reached, with its password.
    pub url: String,
    /// What it says it is.
    pub version: String,
}

impl Redis {
    /// Starts an empty one in `folder` that writes everything to disk before it answers.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let (port, password) = (free_port()?, Uuid::new_v4().simple().to_string());
        let (file, log) = (folder.join("redis.conf"), folder.join("log"));
        let lines = format!(
            "bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {}\nappendonly yes\n\
             appendfsync always\nauto-aof-rewrite-min-size 4gb\nsave \"\"\nmaxmemory-policy noeviction\n",
            folder.display()
        );
        std::fs::write(&file, lines)?;
        let mut command = Command::new("redis-server");
        command.arg(&file);
        let begun = Instant::now();
        let mut process = Process::start(command, "redis-server", "KILL", &log)
            .context("this measurement starts a Redis of its own and needs redis-server in PATH")?;
        let url = format!("redis://:{password}@127.0.0.1:{port}");
        let client = redis::Client::open(&*url)?;
        let connection = loop {
            match client.get_multiplexed_async_connection().await {
                Ok(connection) => break connection,
                Err(_) => process.wait(begun, &log).await?,
            }
        };
        let mut redis = Self { process, connection, url, version: String::new() };
        redis.version = redis.field("server", "redis_version").await?;
        Ok(redis)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.child.id()
    }

    /// Forgets everything.
    pub async fn empty(&mut self) -> anyhow::Result<()> {
        Ok(redis::cmd("FLUSHALL").arg("SYNC").exec_async(&mut self.connection).await?)
    }

    /// Sets when what was written is synced: `always` or `everysec`.
    pub async fn set_sync(&mut self, when: &str) -> anyhow::Result<()> {
        let mut set = redis::cmd("CONFIG");
        set.arg("SET").arg("appendfsync").arg(when);
        Ok(set.exec_async(&mut self.connection).await?)
    }

    /// Bytes of memory that it uses.
    pub async fn memory_bytes(&mut self) -> anyhow::Result<u64> {
        Ok(self.field("memory", "used_memory").await?.parse()?)
    }

    async fn field(&mut self, section: &str, name: &str) -> anyhow::Result<String> {
        let mut info = redis::cmd("INFO");
        let text: String = info.arg(section).query_async(&mut self.connection).await?;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        Ok(value.with_context(|| format!("Redis does not tell its {name}"))?.trim().to_owned())
    }
}
