//! What `DATABASE_URL` says, as platforms and other programs' drivers write it.
//!
//! Scoreline reads the parameters about encryption and about the pool itself, passes over those
//! that steer other drivers only, hands on what its own driver knows, and names any other.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use scoreline_core::store::{Result, StoreError};
use tokio_postgres::config::SslMode;

use crate::tls::Trust;

/// The fewest connections with which a store makes progress while one of them is at long work.
const CONNECTIONS_MIN: usize = 4;

/// Parameters that the driver knows.
const DRIVER: [&str; 18] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
    "load_balance_hosts",
    "sslnegotiation",
];

/// Parameters of other drivers without a meaning here: Scoreline has its own schema, its own
/// timeouts, and knows by itself which statements to keep.
const PASSED_OVER: [&str; 14] = [
    "schema",
    "currentSchema",
    "search_path",
    "pool_timeout",
    "pool_mode",
    "socket_timeout",
    "statement_cache_size",
    "prepared_statements",
    "prepareThreshold",
    "max_idle_connection_lifetime",
    "max_connection_lifetime",
    "uselibpqcompat",
    "supa",
    "sslcompression",
];

/// A database's address, read.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Address {
    /// What the driver reads.
    pub url: String,
    /// Whether a pooler hands out connections by transaction.
    pub is_pooled: bool,
    /// Connections at most.
    pub connections_max: Option<usize>,
    ssl_mode: Option<String>,
    authorities: Option<String>,
}

impl Address {
    /// Reads an address. Fails by naming the parameter that is unknown or has a wrong value.
    pub fn read(url: &str) -> Result<Self> {
        let Some((place, query)) = url.split_once('?') else {
            return Ok(Self { url: url.to_owned(), ..Self::default() });
        };
        let mut address = Self::default();
        let mut rest: Vec<&str> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if DRIVER.contains(&name) {
                rest.push(pair);
            } else if !PASSED_OVER.contains(&name) {
                let decoded = percent_decode_str(value).decode_utf8();
                let value = decoded.map_err(|_| wrong(name, "is not text"))?;
                address.take(name, &value)?;
            }
        }
        let separator = if rest.is_empty() { "" } else { "?" };
        address.url = format!("{place}{separator}{}", rest.join("&"));
        Ok(address)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "sslmode" => self.ssl_mode = Some(value.to_owned()),
            "sslrootcert" => self.authorities = Some(value.to_owned()),
            // `sslmode` says more: beside it, this counts for nothing.
            "ssl" if self.ssl_mode.is_some() => {}
            "ssl" => {
                let mode = match value {
                    "false" | "0" => "disable",
                    "" | "true" | "1" | "no-verify" => "require",
                    _ => return Err(wrong(name, "must be true, false or no-verify")),
                };
                self.ssl_mode = Some(mode.to_owned());
            }
            "sslaccept" => match value {
                "accept_invalid_certs" => self.ssl_mode = Some("require".to_owned()),
                "strict" => self.ssl_mode = Some("verify-full".to_owned()),
                _ => return Err(wrong(name, "must be strict or accept_invalid_certs")),
            },
            "pgbouncer" => match value {
                "true" | "1" => self.is_pooled = true,
                "false" | "0" => {}
                _ => return Err(wrong(name, "must be true or false")),
            },
            "connection_limit" => match value.parse() {
                Ok(most) if most >= CONNECTIONS_MIN => self.connections_max = Some(most),
                _ => {
                    let reason = format!("must be a whole number from {CONNECTIONS_MIN} on");
                    return Err(wrong(name, &reason));
                }
            },
            "sslcert" | "sslkey" | "sslidentity" | "sslpassword" => {
                let reason = "asks for a certificate of the client, which is not supported; \
                              use a password";
                return Err(wrong(name, reason));
            }
            _ => return Err(wrong(name, "is unknown; take it out")),
        }
        Ok(())
    }

    /// Whether connections are encrypted.
    pub fn mode(&self) -> SslMode {
        match self.ssl_mode.as_deref() {
            Some("disable") => SslMode::Disable,
            None | Some("allow" | "prefer") => SslMode::Prefer,
            Some(_) => SslMode::Require,
        }
    }

    /// Whom to trust, with the meanings that `libpq` gives these words.
    pub fn trust(&self) -> Result<Trust> {
        let authorities = self.authorities.as_deref().filter(|named| *named != "system");
        let authorities = authorities.map(PathBuf::from);
        match self.ssl_mode.as_deref() {
            Some("verify-full") => Ok(Trust::Host(authorities)),
            Some("verify-ca") => Ok(Trust::Authority(authorities)),
            Some("require") if authorities.is_some() => Ok(Trust::Authority(authorities)),
            None | Some("disable" | "allow" | "prefer" | "require" | "no-verify") => {
                Ok(Trust::Anybody)
            }
            Some(other) => Err(StoreError::Unusable(format!(
                "sslmode={other} is unknown; it may be disable, allow, prefer, require, \
                 no-verify, verify-ca or verify-full"
            ))),
        }
    }
}

fn wrong(name: &str, reason: &str) -> StoreError {
    StoreError::Unusable(format!("{name} in its address {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encryption(query: &str) -> (SslMode, Result<Trust>) {
        let address = Address::read(&format!("postgres://u@h/d{query}")).expect("reads");
        assert_eq!(address.url, "postgres://u@h/d");
        (address.mode(), address.trust())
    }

    #[test]
    fn encryption_means_what_it_means_to_other_programs() {
        let file = || Some(PathBuf::from("/a b/ca.pem"));
        for (query, mode, trust) in [
            ("", SslMode::Prefer, Trust::Anybody),
            ("?sslmode=disable", SslMode::Disable, Trust::Anybody),
            ("?sslmode=disable&ssl=true", SslMode::Disable, Trust::Anybody),
            ("?ssl=true&sslmode=disable", SslMode::Disable, Trust::Anybody),
            ("?ssl=true", SslMode::Require, Trust::Anybody),
            ("?ssl=false", SslMode::Disable, Trust::Anybody),
            ("?sslmode=allow", SslMode::Prefer, Trust::Anybody),
            ("?sslmode=require", SslMode::Require, Trust::Anybody),
            ("?sslmode=no-verify&sslrootcert=/ca", SslMode::Require, Trust::Anybody),
            (
                "?sslmode=require&sslrootcert=/a%20b/ca.pem",
                SslMode::Require,
                Trust::Authority(file()),
            ),
            ("?sslmode=verify-ca", SslMode::Require, Trust::Authority(None)),
            ("?sslaccept=strict", SslMode::Require, Trust::Host(None)),
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
    fn words_of_the_driver_stay_in_the_address() {
        let url = "postgres://u@h/d?connect_timeout=3&sslmode=require&target_session_attrs=any";
        let address = Address::read(url).expect("reads");
        assert_eq!(address.url, "postgres://u@h/d?connect_timeout=3&target_session_attrs=any");
    }

    #[test]
    fn words_of_other_drivers_are_understood_or_passed_over() {
        let url = "postgres://u@h/d?schema=public&pgbouncer=true&connection_limit=5&pool_timeout=9";
        let address = Address::read(url).expect("reads");
        assert_eq!(
            address,
            Address {
                url: "postgres://u@h/d".to_owned(),
                is_pooled: true,
                connections_max: Some(5),
                ..Address::default()
            }
        );
    }

    #[test]
    fn a_word_that_is_unknown_or_has_a_wrong_value_is_named() {
        for (query, name) in [
            ("sslmod=require", "sslmod"),
            ("schema=public&Secret_word=x", "Secret_word"),
            ("connection_limit=1", "connection_limit"),
            ("connection_limit=many", "connection_limit"),
            ("pgbouncer=maybe", "pgbouncer"),
            ("ssl=maybe", "ssl"),
            ("sslcert=/client.pem", "sslcert"),
        ] {
            let error = Address::read(&format!("postgres://u:secret@h/d?{query}"));
            let error = error.expect_err("refused").to_string();
            assert!(error.contains(&format!("{name} in its address")), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
