//! The PostgreSQL and the Redis of a measurement, set as docs/deployment.md advises, so that what they
//! acknowledge is as durable as it has to be.

use scoreline_throwaway::redis::{DURABLE, Options as RedisOptions};
use scoreline_throwaway::{Postgres, postgres};
use uuid::Uuid;

use super::database::Database;
use crate::error::{Error, Result};
use crate::measurement::Profile;

/// Starts a PostgreSQL that has a quarter of the memory of this machine for its pages.
pub fn postgres() -> Result<Postgres> {
    let mut settings = vec![
        ("max_connections", "200".to_owned()),
        ("max_wal_size", "8GB".to_owned()),
        ("checkpoint_timeout", "15min".to_owned()),
        ("wal_compression", "on".to_owned()),
    ];
    if let Some(kib) = memory_kib() {
        settings.push(("shared_buffers", format!("{}MB", kib / 1_024 / 4)));
    }
    let initdb = vec!["--locale=C"];
    let options = postgres::Options { password: true, initdb, settings, access: None };
    let server = Postgres::start(&options)?;
    // PostgreSQL 14, and builds without that compression, refuse the setting and keep their own.
    if server.ask("postgres", "ALTER SYSTEM SET wal_compression = 'lz4'").is_ok() {
        server.ask("postgres", "SELECT pg_reload_conf()")?;
    }
    Ok(server)
}

/// The PostgreSQL of a profile that has one.
pub(crate) fn of_profile(profile: Profile) -> Result<Option<Postgres>> {
    match profile {
        Profile::Embedded => Ok(None),
        Profile::Postgres | Profile::Queue => postgres().map(Some),
    }
}

/// Makes an empty database.
pub async fn database(server: &Postgres, name: &str) -> Result<Database> {
    server.ask("postgres", &format!("CREATE DATABASE {name}"))?;
    Database::open(server.url(name)).await
}

/// The memory of this machine.
fn memory_kib() -> Option<u64> {
    let memory = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A Redis that writes everything to disk before it answers.
pub struct Redis(scoreline_throwaway::Redis);

impl Redis {
    /// Starts an empty one.
    pub fn start() -> Result<Self> {
        let more = ["--auto-aof-rewrite-min-size", "4gb", "--maxmemory-policy", "noeviction"];
        let options = RedisOptions {
            arguments: DURABLE.iter().chain(&more).map(ToString::to_string).collect(),
            password: Some(Uuid::new_v4().simple().to_string()),
            tls: false,
        };
        Ok(Self(scoreline_throwaway::Redis::start(&options)?))
    }

    /// Where it is reached, with its password.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// Its process.
    pub fn pid(&self) -> Option<u32> {
        self.0.pid()
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.0.port()
    }

    /// Ends it without warning.
    pub fn kill(&self) -> Result<()> {
        Ok(self.0.kill()?)
    }

    /// Starts it again, with what it had written.
    pub fn run(&self) -> Result<()> {
        Ok(self.0.run()?)
    }

    /// What it says it is.
    pub fn version(&self) -> Result<String> {
        self.field("server", "redis_version")
    }

    /// Deletes all of its data.
    pub fn empty(&self) -> Result<()> {
        self.0.ask(&["FLUSHALL", "SYNC"])?;
        Ok(())
    }

    /// Sets when what was written is synced: `always` or `everysec`.
    pub fn set_sync(&self, when: &str) -> Result<()> {
        self.0.ask(&["CONFIG", "SET", "appendfsync", when])?;
        Ok(())
    }

    /// Bytes of memory that it uses.
    pub fn memory_bytes(&self) -> Result<u64> {
        let told = self.field("memory", "used_memory")?;
        told.parse().map_err(Error::unexpected("the memory of Redis"))
    }

    fn field(&self, section: &str, name: &str) -> Result<String> {
        let told = self.0.ask(&["INFO", section])?;
        let mut fields = told.lines().filter_map(|line| line.trim().split_once(':'));
        let found = fields.find(|(field, _)| *field == name).map(|(_, value)| value.to_owned());
        found.ok_or_else(|| Error::Unexpected(format!("Redis does not tell its {name}")))
    }
}
