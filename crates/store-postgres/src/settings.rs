//! How the database is reached: its address, the schema in it, how many connections, how long to
//! wait.

use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use scoreline_core::store::schema::Migration;
use scoreline_core::store::{CrashHook, Result, StoreError};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config};

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
    /// `postgres://user:password@host/database`. `sslmode` may be disable, prefer (the default),
    /// require, verify-ca or verify-full; `sslrootcert` names a file of authorities, or `system`.
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
        let (address, encryption) = split(&self.url)?;
        let mut config: Config = address.parse().map_err(|error: tokio_postgres::Error| {
            // The error names the part that is wrong, not the password.
            StoreError::Unusable(format!("its address cannot be read: {error}"))
        })?;
        let trust = encryption.trust()?;
        config
            .ssl_mode(encryption.mode())
            .application_name("scoreline")
            .connect_timeout(CONNECT_TIMEOUT)
            .keepalives_idle(KEEPALIVE_AFTER)
            .tcp_user_timeout(UNANSWERED_MAX);
        if !self.pooler {
            let timeout_ms = self.statement_timeout.as_millis();
            config.options(format!("-c statement_timeout={timeout_ms}"));
        }
        Ok((config, trust))
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

/// What an address says about encryption.
#[derive(Debug, Default, PartialEq)]
struct Encryption {
    mode: Option<String>,
    authorities: Option<String>,
}

impl Encryption {
    fn mode(&self) -> SslMode {
        match self.mode.as_deref() {
            Some("disable") => SslMode::Disable,
            None | Some("prefer") => SslMode::Prefer,
            Some(_) => SslMode::Require,
        }
    }

    /// Whom to trust, with the meanings that `libpq` gives these words.
    fn trust(&self) -> Result<Trust> {
        let authorities = self.authorities.as_deref().filter(|named| *named != "system");
        let authorities = authorities.map(PathBuf::from);
        match self.mode.as_deref() {
            Some("verify-full") => Ok(Trust::Host(authorities)),
            Some("verify-ca") => Ok(Trust::Authority(authorities)),
            Some("require") if authorities.is_some() => Ok(Trust::Authority(authorities)),
            None | Some("disable" | "prefer" | "require") => Ok(Trust::Anybody),
            Some(other) => Err(StoreError::Unusable(format!(
                "sslmode={other} is unknown; it may be disable, prefer, require, verify-ca or \
                 verify-full"
            ))),
        }
    }
}

/// Takes what is said about encryption out of an address.
fn split(url: &str) -> Result<(String, Encryption)> {
    let Some((address, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), Encryption::default()));
    };
    let mut encryption = Encryption::default();
    let mut rest: Vec<&str> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = || {
            let decoded = percent_decode_str(value).decode_utf8();
            decoded
                .map(String::from)
                .map_err(|_| StoreError::Unusable(format!("{name} in its address is not text")))
        };
        match name {
            "sslmode" => encryption.mode = Some(value()?),
            "sslrootcert" => encryption.authorities = Some(value()?),
            _ => rest.push(pair),
        }
    }
    let separator = if rest.is_empty() { "" } else { "?" };
    Ok((format!("{address}{separator}{}", rest.join("&")), encryption))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encryption(query: &str) -> (SslMode, Result<Trust>) {
        let (address, encryption) = split(&format!("postgres://u@h/d{query}")).expect("reads");
        assert_eq!(address, "postgres://u@h/d");
        (encryption.mode(), encryption.trust())
    }

    #[test]
    fn encryption_means_what_it_means_to_other_programs() {
        let file = || Some(PathBuf::from("/a b/ca.pem"));
        for (query, mode, trust) in [
            ("", SslMode::Prefer, Trust::Anybody),
            ("?sslmode=disable", SslMode::Disable, Trust::Anybody),
            ("?sslmode=require", SslMode::Require, Trust::Anybody),
            (
                "?sslmode=require&sslrootcert=/a%20b/ca.pem",
                SslMode::Require,
                Trust::Authority(file()),
            ),
            ("?sslmode=verify-ca", SslMode::Require, Trust::Authority(None)),
            ("?sslrootcert=system&sslmode=verify-full", SslMode::Require, Trust::Host(None)),
            (
                "?sslrootcert=/a%20b/ca.pem&sslmode=verify-full",
                SslMode::Require,
                Trust::Host(file()),
            ),
        ] {
            let (found_mode, found_trust) = encryption(query);
            assert_eq!((found_mode, found_trust.expect("is known")), (mode, trust), "{query}");
        }
        assert!(encryption("?sslmode=verify").1.is_err());
    }

    #[test]
    fn other_words_of_an_address_stay_in_it() {
        let url = "postgres://u@h/d?connect_timeout=3&sslmode=require&target_session_attrs=any";
        let (address, _) = split(url).expect("reads");
        assert_eq!(address, "postgres://u@h/d?connect_timeout=3&target_session_attrs=any");
    }

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
    fn a_wrong_address_is_told_without_its_password() {
        let settings = Settings::new("postgres://user:secret@host:port/db");
        let error = settings.connection().expect_err("the port is no number").to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
