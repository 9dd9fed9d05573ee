//! How the database is reached: its address, the schema in it, how many connections, how long to
//! wait.

use std::net::IpAddr;
use std::time::Duration;

use scoreline_core::store::schema::Migration;
use scoreline_core::store::{CrashHook, Result, StoreError};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config};

use crate::address::Address;
use crate::error::translate;
use crate::migrations::MIGRATIONS;
use crate::tls::Trust;

/// How long a new connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection is silent before the other side is asked whether it is still there.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(15);
/// How long what was sent may stay without a sign of receipt.
const UNANSWERED_MAX: Duration = Duration::from_secs(15);
/// Characters of a namespace.
const NAMESPACE_CHARS_MAX: usize = 40;

/// How to reach and use a database.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `postgres://user:password@host/database`. `sslmode` may be disable, allow, prefer (the
    /// default), require, no-verify, verify-ca or verify-full; `sslrootcert` names a file of
    /// authorities, or `system`. `pgbouncer` and `connection_limit` count like [`Self::pooler`] and
    /// [`Self::connections`].
    pub url: String,
    /// The schema that everything lies in: letters, digits and _, 40 at most.
    pub namespace: String,
    /// Connections at most.
    pub connections: usize,
    /// Whether a pooler hands out connections by transaction, such as PgBouncer does. Nothing is
    /// kept on a connection between two transactions then.
    pub pooler: bool,
    /// How long a caller waits for a connection.
    pub wait: Duration,
    /// How long one statement may take.
    pub statement_timeout: Duration,
    /// Days before today that have a partition of their own from the start; older events share one.
    pub days_behind: i64,
    /// Days that are made ahead.
    pub days_ahead: i64,
    /// Where tests let the store die.
    pub crash: CrashHook,
    /// The migrations that the program knows, by number from 1.
    pub migrations: Vec<Migration>,
}

impl Settings {
    /// The database at `url`, used as is usual.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            namespace: "scoreline".to_owned(),
            connections: 50,
            pooler: false,
            wait: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            days_behind: 31,
            days_ahead: 7,
            crash: CrashHook::default(),
            migrations: MIGRATIONS.to_vec(),
        }
    }

    /// The namespace, if it can be the name of a schema.
    pub(crate) fn schema(&self) -> Result<String> {
        let of_names = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_';
        let begins = self.namespace.starts_with(|one: char| one.is_ascii_lowercase());
        let fits = self.namespace.len() <= NAMESPACE_CHARS_MAX;
        // Names with this beginning belong to PostgreSQL.
        let is_foreign = self.namespace.starts_with("pg_");
        if begins && fits && !is_foreign && self.namespace.chars().all(of_names) {
            return Ok(self.namespace.clone());
        }
        Err(StoreError::Unusable(format!(
            "{:?} cannot be the name of a schema: it takes lower-case letters, digits and _, \
             a letter first, {NAMESPACE_CHARS_MAX} at most",
            self.namespace
        )))
    }

    /// What a connection is made of.
    pub(crate) fn connection(&self) -> Result<(Config, Trust)> {
        let address = Address::read(&self.url)?;
        let mut config: Config = address.url.parse().map_err(|error: tokio_postgres::Error| {
            // The error names the part that is wrong, not the password.
            StoreError::Unusable(format!("its address cannot be read: {error}"))
        })?;
        let trust = address.trust()?;
        config
            .ssl_mode(address.mode())
            .application_name("scoreline")
            .connect_timeout(CONNECT_TIMEOUT)
            .keepalives_idle(KEEPALIVE_AFTER)
            .tcp_user_timeout(UNANSWERED_MAX);
        if !self.is_pooled()? {
            let timeout_ms = self.statement_timeout.as_millis();
            let timeout = format!("-c statement_timeout={timeout_ms}");
            // Some platforms find the database by what stands here.
            let options = config.get_options().map(|named| format!("{named} {timeout}"));
            config.options(options.unwrap_or(timeout));
        }
        Ok((config, trust))
    }

    /// What others can do to a connection on its way, if they can do anything.
    pub fn exposure(&self) -> Result<Option<&'static str>> {
        let (config, trust) = self.connection()?;
        let is_local = |host: &Host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => {
                name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
            }
        };
        if config.get_hosts().iter().all(is_local) {
            return Ok(None);
        }
        Ok(match (config.get_ssl_mode(), trust) {
            (SslMode::Require, Trust::Authority(_) | Trust::Host(_)) => None,
            (SslMode::Require, Trust::Anybody) => Some(
                "connections are encrypted, but nobody proves that the server is the right one: write \
                 sslmode=verify-full into DATABASE_URL, and sslrootcert where its authority is not public",
            ),
            (SslMode::Disable, _) => Some(
                "connections are not encrypted: write sslmode=verify-full into DATABASE_URL unless the \
                 network between is yours alone",
            ),
            _ => Some(
                "connections are encrypted only if the server offers it, and nobody proves that it is the \
                 right one: write sslmode=verify-full into DATABASE_URL",
            ),
        })
    }

    /// Whether a pooler hands out connections by transaction, by the setting or by the address.
    pub(crate) fn is_pooled(&self) -> Result<bool> {
        Ok(self.pooler || Address::read(&self.url)?.is_pooled)
    }

    /// Connections at most, by the setting and by the address.
    pub(crate) fn connections_max(&self) -> Result<usize> {
        let named = Address::read(&self.url)?.connections_max;
        Ok(named.map_or(self.connections, |most| most.min(self.connections)))
    }
}

/// A connection of the kind that the store uses, for tools that look at the database beside it.
pub async fn connect(settings: &Settings) -> Result<Client> {
    let (config, trust) = settings.connection()?;
    let (client, connection) = config.connect(trust.connector()?).await.map_err(translate)?;
    // It ends with the client.
    tokio::spawn(connection);
    Ok(client)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_a_plain_name() {
        let schema = |namespace: &str| {
            Settings { namespace: namespace.to_owned(), ..Settings::new("") }.schema().is_ok()
        };
        assert!(schema("scoreline") && schema("game_2"));
        for wrong in ["", "2nd", "Game", "a-b", "a\"b", "pg_game", "a".repeat(41).as_str()] {
            assert!(!schema(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_way_that_others_can_listen_on_or_take_over_is_told() {
        let exposure = |url: &str| Settings::new(url).exposure().expect("it can be read");
        for safe in [
            "postgres://user@localhost/db",
            "postgres://user@127.0.0.1:6000/db?sslmode=disable",
            "postgres://user@%2Fvar%2Frun/db",
            "postgres://user@db.example/db?sslmode=verify-full",
            "postgres://user@db.example/db?sslmode=verify-ca&sslrootcert=system",
        ] {
            assert_eq!(exposure(safe), None, "{safe}");
        }
        for (url, words) in [
            ("postgres://user@db.example/db", "only if the server offers it"),
            ("postgres://user@db.example/db?sslmode=disable", "are not encrypted"),
            ("postgres://user@10.0.0.7/db?sslmode=require", "nobody proves"),
            ("postgres://user@localhost,db.example/db?sslmode=no-verify", "nobody proves"),
        ] {
            let told = exposure(url).expect("others can listen");
            assert!(told.contains(words) && told.contains("verify-full"), "{url}: {told}");
        }
    }

    #[test]
    fn a_wrong_address_is_told_without_its_password() {
        let settings = Settings::new("postgres://user:secret@host:port/db");
        let error = settings.connection().expect_err("the port is no number").to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
